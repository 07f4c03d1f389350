"""The words, ids and periods of audit records."""

from datetime import datetime, timedelta
from typing import Any

from openpartner.platform.errors import Invalid

_RESOURCES = """
customer customer_user order subscription license third_party_add_on mpn_association transfer application
application_credential partner_user partner_relationship referral software_key software_download_link
spending_limit invoice agreement partner_customer_relationship self_serve_policy granular_admin_relationship
granular_admin_access_assignment partner_customer_dap credit customer_directory_role software_page device policy
overage new_commerce_migration azure_entitlement indirect_provider_indirect_reseller_dap
"""

_OPERATIONS = """
update_customer_qualification update_subscription upgrade_subscription convert_trial_subscription add_customer
update_customer_billing_profile update_customer_partner_contract_company_name update_customer_spending_budget
delete_customer remove_partner_customer_relationship create_order update_order create_customer_user
delete_customer_user update_customer_user update_customer_user_licenses reset_customer_user_password
update_customer_user_principal_name restore_customer_user create_mpn_association update_mpn_association
update_sfb_customer_user_licenses update_transfer create_partner_relationship register_application
unregister_application add_application_credential remove_application_credential create_partner_user
update_partner_user remove_partner_user create_referral update_referral get_software_key
get_software_download_link increase_spending_limit ready_invoice create_agreement extend_relationship
create_transfer create_self_serve_policy update_self_serve_policy delete_self_serve_policy
remove_partner_relationship delete_tip_customer create_related_referral update_related_referral
granular_admin_relationship_approved granular_admin_relationship_activated
granular_admin_relationship_termination_requested granular_admin_relationship_terminated
granular_admin_relationship_expired granular_admin_access_assignment_created
granular_admin_access_assignment_updated granular_admin_access_assignment_deleted
dap_admin_relationship_approved dap_admin_relationship_terminated create_credit update_credit cancel_credit
add_user_member remove_user_member granular_admin_access_assignment_activated software_attestation
granular_admin_relationship_cleaned_up update_company_info policy_created policy_updated policy_deleted
device_updated devices_update_attempted device_deleted devices_upload_to_new_batch_attempted
devices_upload_to_existing_batch_attempted manage_overage dap_admin_relationship_terminated_by_microsoft
azure_fraud_event_detected create_new_commerce_migration
"""

RESOURCE_TYPES = frozenset(_RESOURCES.split())
"""The resource types that clients know. Source: partner-center-resources §19, ResourceType."""

OPERATION_TYPES = frozenset(_OPERATIONS.split())
"""The operation types that clients know. Source: partner-center-resources §19, OperationType."""

UNDEFINED = "undefined"

TELL_WHOSE = frozenset({"granular_admin_relationship", "granular_admin_access_assignment"})
"""Resources whose records say which one it is and whose customer's, whatever changed."""

_OF_CUSTOMERS = """
customer agreement partner_customer_relationship partner_customer_dap indirect_provider_indirect_reseller_dap
granular_admin_relationship granular_admin_access_assignment delegated_access service_provider_constraints
tenant domain user customer_user customer_directory_role group application application_credential
order subscription license azure_entitlement
"""

SHOWN_TO_CUSTOMERS = frozenset(_OF_CUSTOMERS.split())
"""What a customer's own log shows of its tenant: not what a partner prepares for it (carts), nor what it says of it."""

LONGEST_PERIOD = timedelta(days=90)
DEFAULT_PERIOD = timedelta(days=30)


def resource_word(own: str) -> str:
    """The word clients know for a resource type: theirs are closed lists, and a reader fails on a new member."""
    return own if own in RESOURCE_TYPES else UNDEFINED


def operation_word(own: str) -> str:
    """The word clients know for an operation."""
    return own if own in OPERATION_TYPES else UNDEFINED


def period(start_at: datetime | None, end_at: datetime | None, now: datetime) -> tuple[datetime, datetime]:
    """The first and the last instant of a question. An end that is missing is now, a start 30 days before the end.

    Raises Invalid when the end lies before the start or more than 90 days after it.
    Source: account-and-security §9
    """
    end = end_at or now
    start = start_at or end - DEFAULT_PERIOD
    if end < start:
        raise Invalid("endDate lies before startDate. Swap them.", code=3000)
    if end - start > LONGEST_PERIOD + timedelta(days=1):
        raise Invalid(
            f"A question covers at most {LONGEST_PERIOD.days} days. Give an endDate nearer to startDate.", code=3000
        )
    return start, end


def period_of_days(first: str, last: str, now: datetime) -> tuple[datetime, datetime]:
    """The same for the days of a form, both whole; without them the last month. Raises Invalid."""
    start, end = _day(first, "From"), _day(last, "To")
    whole = None if end is None else end.replace(tzinfo=now.tzinfo) + timedelta(days=1, microseconds=-1)
    return period(None if start is None else start.replace(tzinfo=now.tzinfo), whole, now)


def _day(text: str, name: str) -> datetime | None:
    if not text:
        return None
    try:
        return datetime.fromisoformat(text)
    except ValueError as error:
        raise Invalid(f"{name} is a day such as 2026-12-31.") from error


def operation_title(own: str) -> str:
    """``create_partner_user`` as it is shown."""
    return own.replace("_", " ").capitalize()


def pascal(value: Any) -> Any:
    """A JSON value with member names in PascalCase: how audit records show resources."""
    if isinstance(value, dict):
        return {name[:1].upper() + name[1:]: pascal(inner) for name, inner in value.items()}
    if isinstance(value, list):
        return [pascal(inner) for inner in value]
    return value
