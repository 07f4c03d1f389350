"""The use cases of customers: create, edit, qualify, confirm the agreement, review, end, destroy; and their users."""

from openpartner.customers.service.acceptance import (
    begin_reseller_relationship,
    checked_details,
    known_details,
    registration_number_of,
    set_reseller,
)
from openpartner.customers.service.agreements import confirm_customer_agreement, sign_customer_agreement
from openpartner.customers.service.creation import AssociatedPartnerUnknown, CreatedCustomer, create_customer
from openpartner.customers.service.directory import add_verified_domain, set_own_default_domain
from openpartner.customers.service.profiles import (
    BillingDetails,
    replace_billing_profile,
    replace_own_billing_profile,
    update_registration_number,
)
from openpartner.customers.service.qualifications import (
    decide_qualification,
    issue_validation_code,
    request_qualification,
)
from openpartner.customers.service.relationships import (
    close_older_access,
    close_reseller_relationship,
    delete_customer,
    end_reseller_relationship,
    remove_delegated_access,
)
from openpartner.customers.service.reviews import decide_customer_review
from openpartner.customers.service.sessions import end_customer_session, sign_out_customer_user
from openpartner.customers.service.users import (
    CreatedCustomerUser,
    NewCustomerUser,
    UserChanges,
    add_role_member,
    block_customer_user,
    change_customer_user,
    create_customer_user,
    delete_customer_user,
    remove_role_member,
    reset_customer_user_password,
    restore_customer_user,
    unblock_customer_user,
)

__all__ = [
    "AssociatedPartnerUnknown",
    "BillingDetails",
    "CreatedCustomer",
    "CreatedCustomerUser",
    "NewCustomerUser",
    "UserChanges",
    "add_role_member",
    "add_verified_domain",
    "begin_reseller_relationship",
    "block_customer_user",
    "change_customer_user",
    "checked_details",
    "close_older_access",
    "close_reseller_relationship",
    "confirm_customer_agreement",
    "create_customer",
    "create_customer_user",
    "decide_customer_review",
    "decide_qualification",
    "delete_customer",
    "delete_customer_user",
    "end_customer_session",
    "end_reseller_relationship",
    "issue_validation_code",
    "known_details",
    "registration_number_of",
    "remove_delegated_access",
    "remove_role_member",
    "replace_billing_profile",
    "replace_own_billing_profile",
    "request_qualification",
    "reset_customer_user_password",
    "restore_customer_user",
    "set_own_default_domain",
    "set_reseller",
    "sign_customer_agreement",
    "sign_out_customer_user",
    "unblock_customer_user",
    "update_registration_number",
]
