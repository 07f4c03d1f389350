"""The programme operator."""

from functools import partial

from openpartner.platform.permissions.functions import Workspace, function_row

_operator = partial(function_row, Workspace.OPERATOR, source="DESIGN, who acts")

OPERATOR_ACCOUNTS = _operator(
    "operator_accounts", "Partner accounts: verify, qualify, suspend", manage="OPA OPV", view="OPC OPS OPB"
)
OPERATOR_CUSTOMERS = _operator(
    "operator_customers", "Customer vetting and fraud events", manage="OPA OPV", view="OPS OPB"
)
OPERATOR_MEMBERSHIP = _operator(
    "operator_membership", "Designations, specialisations, benefits: decide", manage="OPA OPV", view="OPS"
)
OPERATOR_CATALOGUE = _operator(
    "operator_catalogue", "Catalogue, prices, promotions: publish", manage="OPA OPC", view="OPV OPS OPB"
)
OPERATOR_CERTIFICATION = _operator(
    "operator_certification", "Marketplace offers: certify", manage="OPA OPC", view="OPS"
)
OPERATOR_TICKETS = _operator("operator_tickets", "Support requests: answer", manage="OPA OPS", view="OPV OPC OPB")
OPERATOR_BILLING_RUNS = _operator(
    "operator_billing_runs", "Billing runs, payments received, credits, credit limits", manage="OPA OPB", view="OPS"
)
OPERATOR_INCENTIVES = _operator("operator_incentives", "Incentive programs and payouts", manage="OPA OPB", view="OPS")
OPERATOR_ANNOUNCEMENTS = _operator(
    "operator_announcements", "Announcements and service health", manage="OPA OPS OPC", view="OPV OPB"
)
OPERATOR_USERS = _operator("operator_users", "Operator users and their roles", manage="OPA", view="OPV OPC OPS OPB")
OPERATOR_SETTINGS = _operator("operator_settings", "Installation: settings, jobs, delivery, health", manage="OPA")
OPERATOR_ACTIVITY_LOG = _operator(
    "operator_activity_log", "Activity log of the whole installation", view="OPA OPV OPS OPB"
)
SANDBOX_CONTROLS = _operator(
    "sandbox_controls", "Sandbox: clock, snapshots, faults, mail box, consent", manage="OPA", source="DESIGN, surfaces"
)
