"""The directory's use cases and the provider's.

Permissions: whether a partner may touch a tenant, and which of its roles may, is the rule of the slice that calls
(partner, customers, relationships); these functions keep what the directory itself demands, whoever calls.
"""

from openpartner.identity.models import TenantState
from openpartner.identity.service.access import close_delegated_access, open_delegated_access
from openpartner.identity.service.applications import (
    NewSecret,
    add_application_certificate,
    add_application_secret,
    add_federated_credential,
    delete_application,
    ensure_service_principal,
    grant_admin_consent,
    grant_user_consent,
    install_well_known_applications,
    register_application,
    remove_application_credential,
    remove_service_principal,
    revoke_consent,
    update_application,
)
from openpartner.identity.service.groups import (
    add_group_member,
    assign_directory_role,
    create_group,
    delete_group,
    remove_directory_role,
    remove_group_member,
)
from openpartner.identity.service.signing import open_identity, rotate_signing_keys
from openpartner.identity.service.tenants import (
    add_domain,
    create_tenant,
    is_domain_taken,
    set_default_domain,
    set_tenant_state,
    verify_domain,
)
from openpartner.identity.service.users import (
    NewUser,
    block_user,
    change_own_password,
    create_guest,
    create_user,
    delete_user,
    end_session,
    list_sessions,
    reset_password,
    restore_user,
    revoke_sessions,
    unblock_user,
    update_user,
)

__all__ = [
    "NewSecret",
    "NewUser",
    "TenantState",
    "add_application_certificate",
    "add_application_secret",
    "add_domain",
    "add_federated_credential",
    "add_group_member",
    "assign_directory_role",
    "block_user",
    "change_own_password",
    "close_delegated_access",
    "create_group",
    "create_guest",
    "create_tenant",
    "create_user",
    "delete_application",
    "delete_group",
    "delete_user",
    "end_session",
    "ensure_service_principal",
    "grant_admin_consent",
    "grant_user_consent",
    "install_well_known_applications",
    "is_domain_taken",
    "list_sessions",
    "open_delegated_access",
    "open_identity",
    "register_application",
    "remove_application_credential",
    "remove_directory_role",
    "remove_group_member",
    "remove_service_principal",
    "reset_password",
    "restore_user",
    "revoke_consent",
    "revoke_sessions",
    "rotate_signing_keys",
    "set_default_domain",
    "set_tenant_state",
    "unblock_user",
    "update_application",
    "update_user",
    "verify_domain",
]
