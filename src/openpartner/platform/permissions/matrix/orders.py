"""Pricing, orders, subscriptions and billing of a partner."""

from functools import partial

from openpartner.platform.permissions.functions import Workspace, function_row

_orders = partial(function_row, Workspace.ORDERS)
_billing = partial(function_row, Workspace.BILLING)

# Pricing, orders, subscriptions

PRICES = _orders("prices", "Price lists and offers", view="GA UM BA AA SA PA", source="P; pricing-and-offers")
PROMOTIONS = _orders("promotions", "Promotions", view="GA BA AA SA PA", source="promotions; new-commerce-promotions")
ORDERS_PLACE = _orders(
    "orders_place", "Place orders (licence-based, new commerce)", manage="GA AA SA", source="new-commerce-license-based"
)
ORDERS_PLACE_LEGACY = _orders(
    "orders_place_legacy",
    "Place orders (older page, all agents)",
    manage="GA BA AA SA HA",
    source="create-a-new-subscription",
)
AZURE_PLAN_BUY = _orders(
    "azure_plan_buy", "Azure plan: buy", manage="GA UM AA SA", source="purchase-azure-plan; azure-plan-get-started"
)
AZURE_PLAN_MANAGE = _orders(
    "azure_plan_manage",
    "Azure plan: manage; transfers; spending budget",
    manage="AA",
    source="azure-plan-manage; transfer-azure-subscriptions-…; set-an-azure-spending-budget-…",
)
AZURE_SUBSCRIPTION_CANCEL = _orders(
    "azure_subscription_cancel",
    "Azure subscription: cancel; switch partner",
    manage="GA",
    source="P; switch-azure-subscriptions-…",
)
RESERVATIONS_BUY = _orders("reservations_buy", "Reservations: buy", manage="AA SA", source="azure-reservations-buying")
RESERVATIONS_MANAGE = _orders(
    "reservations_manage", "Reservations: manage", manage="GA UM AA SA HA", source="azure-reservations-manage"
)
SAVINGS_PLANS = _orders("savings_plans", "Savings plans", manage="GA UM AA HA", source="azure-savings-plan")
SUBSCRIPTIONS_MANAGE = _orders(
    "subscriptions_manage",
    "Subscriptions: quantity, suspend, auto-renew, cancel",
    manage="GA AA SA",
    view="BA HA",
    source="P; subscription-lifecycle; new-commerce-cancellation-policy",
)
NEW_COMMERCE_MIGRATION = _orders(
    "new_commerce_migration",
    "Migrate to new commerce",
    manage="GA AA SA",
    source="migrate-subscriptions-to-new-commerce",
)
TRIALS = _orders("trials", "Trials", manage="GA UM SA", source="offer-your-customers-trials-…")
SOFTWARE = _orders("software", "Software: buy, keys, cancel", manage="GA AA", source="csp-software-subscriptions")
SPECIAL_PRICING = _orders(
    "special_pricing",
    "Special pricing, education",
    manage="GA AA SA",
    source="get-special-pricing-for-offers; sell-to-education-customers",
)
MARKETPLACE_PRODUCTS_SELL = _orders(
    "marketplace_products_sell",
    "Marketplace products: sell",
    manage="GA AA SA",
    source="csp-commercial-marketplace-manage; sell-marketplace-products",
)
USAGE_ANALYSIS = _orders(
    "usage_analysis", "Azure usage, licence analysis", manage="GA UM AA SA", source="analyze-azure-usage; azure-usage"
)

# Billing

INVOICES = _billing(
    "invoices",
    "Invoices, statements",
    manage="GA BA AA",
    view="UM SA",
    source="P; billing; read-your-bill; understand-your-invoice",
)
RECONCILIATION = _billing(
    "reconciliation",
    "Reconciliation files (licence, one-time)",
    manage="GA BA AA",
    view="UM",
    source="license-based-recon-files; use-the-reconciliation-files",
)
DAILY_RATED_USAGE = _billing(
    "daily_rated_usage",
    "Daily rated usage files",
    manage="BA AA",
    view="GA SA HA",
    source="daily-rated-usage-recon-files",
)
CREDIT_REQUESTS = _billing("credit_requests", "Request a credit", manage="GA AA", source="request-credit")
CREDIT_LIMIT = _billing("credit_limit", "Credit limit", manage="BA", source="credit-limit-enforcement")
AZURE_CREDIT_BALANCE = _billing(
    "azure_credit_balance", "Azure credit balance", view="GA BA AA", source="azure-credit-offer-balance"
)
PARTNER_EARNED_CREDIT = _billing(
    "partner_earned_credit", "Partner earned credit", view="GA UM BA AA SA", source="partner-earned-credit"
)
NON_PAYMENT_AND_FRAUD = _billing(
    "non_payment_and_fraud", "Non-payment, fraud, misuse", manage="GA UM BA AA", source="non-payment-fraud-misuse"
)
CUSTOMER_BILLING_SUPPORT = _billing(
    "customer_billing_support",
    "Billing support for customers",
    manage="GA UM BA SA HA",
    source="P; provide-billing-support",
)
WITHHOLDING_TAX_CREDIT = _billing(
    "withholding_tax_credit", "Withholding-tax credit form", manage="BA ACC", source="withholding-tax-credit-form"
)
TAX_EXEMPTION = _billing(
    "tax_exemption",
    "Tax exemption, billing address",
    manage="GA",
    source="tax-and-tax-exemptions; update-address-and-tax-details",
)
