"""What a partner has of the programme: membership, referrals, incentives, insights, support."""

from functools import partial

from openpartner.platform.permissions.functions import Workspace, function_row

_membership = partial(function_row, Workspace.MEMBERSHIP)
_referrals = partial(function_row, Workspace.REFERRALS)
_incentives = partial(function_row, Workspace.INCENTIVES)
_insights = partial(function_row, Workspace.INSIGHTS)
_support = partial(function_row, Workspace.SUPPORT)

# Membership and benefits

DESIGNATIONS = _membership(
    "designations",
    "Designations, capability score",
    manage="GA PA",
    view="ERV",
    source="P; partner-capability-score; score-simulator",
)
MEMBERSHIP_OFFERS_BUY = _membership(
    "membership_offers_buy", "Membership offers: buy", manage="GA PA", source="P; mpn-get-action-pack"
)
MEMBERSHIP_OFFERS_RENEW = _membership(
    "membership_offers_renew",
    "Membership offers: renew, refund",
    manage="PA",
    view="ACC",
    source="renew-mpn-offers; mpn-refund-request",
)
MEMBERSHIP_ORDERS = _membership(
    "membership_orders",
    "Membership order history and invoices",
    manage="PA",
    view="GA UM BA AA",
    source="P; mpn-view-print-maps-invoice",
)
BENEFITS = _membership(
    "benefits", "Benefits: use and manage", manage="GA PA", source="P; manage-your-partner-network-benefits"
)
BENEFITS_TECHNICAL_SUPPORT = _membership(
    "benefits_technical_support",
    "Benefits: technical support contracts",
    manage="GA AA PA",
    source="mpn-benefits-technical-support",
)
SPECIALISATIONS = _membership(
    "specialisations",
    "Specialisations, Azure expert MSP",
    manage="GA PA",
    view="ACC BPA",
    source="specializations; azure-expert-msp",
)
SKILLS_REPORT = _membership(
    "skills_report", "Skills and learning report; export", manage="PA", view="GA ERV RV", source="P; ms-learn-analytics"
)
CONTRIBUTION_INDICATORS = _membership(
    "contribution_indicators", "Contribution indicators, voucher tool", manage="PA", source="P"
)
MARKETPLACE_REWARDS = _membership(
    "marketplace_rewards", "Marketplace rewards", manage="GA AA PA", source="marketplace-rewards"
)
USERS_ROLES_VIEW = _membership("users_roles_view", "View other users' roles (no change)", view="PA", source="P")

# Referrals and co-sell

DEALS_ALL = _referrals("deals_all", "All leads and deals", manage="RA", source="P")
DEALS_OF_OWN_TEAM = _referrals(
    "deals_of_own_team", "Deals of own team only; create for own locations", manage="RA RU", source="P"
)
DEALS_TEAM_AND_REGISTRATION = _referrals(
    "deals_team_and_registration",
    "Assign team, register won deals",
    manage="RA",
    view="RU",
    source="P (RU only as team member)",
)
BUSINESS_PROFILES = _referrals(
    "business_profiles", "Business profiles", manage="BPA RA", source="P; create-a-marketing-profile"
)
LEADS = _referrals("leads", "Leads", manage="BPA RA", view="SA", source="manage-leads; P")
CO_SELL_SOLUTIONS = _referrals("co_sell_solutions", "Co-sell solutions", manage="CO", source="P; co-sell-configure")
CRM_CONNECTORS = _referrals(
    "crm_connectors", "CRM connectors", manage="RA", source="connector-dynamics; connector-salesforce"
)
REFERRAL_INSIGHTS = _referrals(
    "referral_insights", "Referral insights", manage="RA", source="referral-insights-summary"
)

# Incentives and payouts

INCENTIVES_ENROL = _incentives(
    "incentives_enrol", "Enrol, edit programs, dispute payments", manage="IA", source="P; incentives-enroll"
)
INCENTIVES_CLAIMS = _incentives(
    "incentives_claims", "Programs, claims", manage="GA IA IU", source="P; create-incentives-claims (GA)"
)
INCENTIVES_EARNINGS = _incentives(
    "incentives_earnings", "Rebate and co-op earnings", manage="IA", view="IU", source="P"
)
BANK_AND_TAX_DETAILS = _incentives("bank_and_tax_details", "Bank and tax details", manage="GA ACC IA", source="P")
CUSTOMER_ASSOCIATIONS = _incentives(
    "customer_associations",
    "Customer associations (partner of record)",
    manage="GA BA IA",
    view="IU",
    source="incentives-manage-customer-associations",
)
PAYMENTS = _incentives(
    "payments", "Payments, transaction history, export", view="GA ACC IA IU", source="payments; transaction-history"
)

# Insights

REPORTS_ALL = _insights(
    "reports_all",
    "All reports incl. revenue and personal data",
    view="GA AA PA ERV",
    source="P; insights-roles (PA gets ERV for the whole organisation automatically)",
)
REPORTS_WITHOUT_REVENUE = _insights(
    "reports_without_revenue", "Reports without revenue and personal data", view="GA AA PA ERV RV", source="P"
)
REPORT_DOWNLOADS = _insights(
    "report_downloads", "Downloads hub, sales advisor", view="ERV RV", source="downloads-hub; sales-advisor-overview"
)

# Help and support

TICKETS = _support(
    "tickets", "Own partner tickets: create, view", manage="GA UM BA AA SA HA ACC PA BPA RA RU IA IU ERV RV", source="P"
)
TICKETS_ALL = _support("tickets_all", "All partner service requests", manage="PA", source="P")
ESCALATIONS = _support("escalations", "Escalate", manage="GA AA SA HA", source="escalating-to-microsoft")
