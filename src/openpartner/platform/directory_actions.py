"""What can be done in a directory, each action by its name."""

from collections.abc import Mapping
from enum import StrEnum
from types import MappingProxyType


class DirectoryAction(StrEnum):
    """Something that can be done in a tenant; the value is its key in facts and documents."""

    USERS_READ = "users_read"
    USERS_CREATE = "users_create"
    USERS_UPDATE = "users_update"
    USERS_UPDATE_SENSITIVE = "users_update_sensitive"
    USERS_DELETE = "users_delete"
    ADMINS_UPDATE_SENSITIVE = "admins_update_sensitive"
    USAGE_LOCATION_SET = "usage_location_set"
    PASSWORDS_RESET = "passwords_reset"
    ADMIN_PASSWORDS_RESET = "admin_passwords_reset"
    SESSIONS_REVOKE = "sessions_revoke"
    AUTHENTICATION_METHODS_MANAGE = "authentication_methods_manage"
    GUESTS_INVITE = "guests_invite"
    GROUPS_READ = "groups_read"
    GROUPS_WRITE = "groups_write"
    GROUPS_DELETE = "groups_delete"
    GROUP_MEMBERS_WRITE = "group_members_write"
    ROLE_GROUPS_WRITE = "role_groups_write"
    ROLES_READ = "roles_read"
    ROLES_ASSIGN = "roles_assign"
    LICENCES_READ = "licences_read"
    LICENCES_ASSIGN = "licences_assign"
    DOMAINS_READ = "domains_read"
    DOMAINS_WRITE = "domains_write"
    ORGANIZATION_READ = "organization_read"
    ORGANIZATION_UPDATE = "organization_update"
    COMPANY_DETAILS_READ = "company_details_read"
    APPLICATIONS_READ = "applications_read"
    APPLICATIONS_CREATE = "applications_create"
    APPLICATIONS_WRITE = "applications_write"
    APPLICATION_CREDENTIALS_WRITE = "application_credentials_write"
    CONSENT_GRANT = "consent_grant"
    APP_ROLES_ASSIGN = "app_roles_assign"
    CONSENT_GRANT_GRAPH_ROLES = "consent_grant_graph_roles"
    CONTRACTS_READ = "contracts_read"
    DEVICES_READ = "devices_read"
    DEVICES_WRITE = "devices_write"
    SUBSCRIPTIONS_READ = "subscriptions_read"
    BILLING_READ = "billing_read"
    BILLING_MANAGE = "billing_manage"
    SUPPORT_REQUESTS_READ = "support_requests_read"
    SUPPORT_REQUESTS_WRITE = "support_requests_write"
    SERVICE_HEALTH_READ = "service_health_read"
    AUDIT_READ = "audit_read"
    CROSS_TENANT_POLICY_READ = "cross_tenant_policy_read"
    CROSS_TENANT_POLICY_WRITE = "cross_tenant_policy_write"


ACTION_TITLES: Mapping[DirectoryAction, str] = MappingProxyType(
    {
        DirectoryAction.USERS_READ: "Read users",
        DirectoryAction.USERS_CREATE: "Create users",
        DirectoryAction.USERS_UPDATE: "Change names and other details of users",
        DirectoryAction.USERS_UPDATE_SENSITIVE: "Change user names, block and unblock users",
        DirectoryAction.USERS_DELETE: "Delete and restore users",
        DirectoryAction.ADMINS_UPDATE_SENSITIVE: "Rename, block, delete and restore administrators",
        DirectoryAction.USAGE_LOCATION_SET: "Set the usage location of users",
        DirectoryAction.PASSWORDS_RESET: "Reset passwords of users",
        DirectoryAction.ADMIN_PASSWORDS_RESET: "Reset passwords of administrators",
        DirectoryAction.SESSIONS_REVOKE: "Sign users out everywhere",
        DirectoryAction.AUTHENTICATION_METHODS_MANAGE: "Manage the authentication methods of users",
        DirectoryAction.GUESTS_INVITE: "Invite guests",
        DirectoryAction.GROUPS_READ: "Read groups and their members",
        DirectoryAction.GROUPS_WRITE: "Create and change security groups",
        DirectoryAction.GROUPS_DELETE: "Delete security groups",
        DirectoryAction.GROUP_MEMBERS_WRITE: "Add and remove members of groups",
        DirectoryAction.ROLE_GROUPS_WRITE: "Create and change groups that can hold roles",
        DirectoryAction.ROLES_READ: "Read directory roles and who holds them",
        DirectoryAction.ROLES_ASSIGN: "Give and take directory roles",
        DirectoryAction.LICENCES_READ: "Read licences",
        DirectoryAction.LICENCES_ASSIGN: "Assign and remove licences",
        DirectoryAction.DOMAINS_READ: "Read domains",
        DirectoryAction.DOMAINS_WRITE: "Add, verify, change and remove domains",
        DirectoryAction.ORGANIZATION_READ: "Read the organization",
        DirectoryAction.ORGANIZATION_UPDATE: "Change the organization",
        DirectoryAction.COMPANY_DETAILS_READ: "See the company details of the customer's account",
        DirectoryAction.APPLICATIONS_READ: "Read applications and service principals",
        DirectoryAction.APPLICATIONS_CREATE: "Register applications",
        DirectoryAction.APPLICATIONS_WRITE: "Change and delete applications and service principals",
        DirectoryAction.APPLICATION_CREDENTIALS_WRITE: "Add and remove secrets and certificates of applications",
        DirectoryAction.CONSENT_GRANT: "Consent to permissions of applications for everybody",
        DirectoryAction.APP_ROLES_ASSIGN: "Give and take application permissions and app roles",
        DirectoryAction.CONSENT_GRANT_GRAPH_ROLES: "Consent to application permissions of Microsoft Graph",
        DirectoryAction.CONTRACTS_READ: "Read the contracts with partners",
        DirectoryAction.DEVICES_READ: "Read devices",
        DirectoryAction.DEVICES_WRITE: "Change, disable and delete devices",
        DirectoryAction.SUBSCRIPTIONS_READ: "Read subscriptions",
        DirectoryAction.BILLING_READ: "Read billing accounts, invoices and purchases",
        DirectoryAction.BILLING_MANAGE: "Buy, manage subscriptions and change billing details",
        DirectoryAction.SUPPORT_REQUESTS_READ: "Read support requests",
        DirectoryAction.SUPPORT_REQUESTS_WRITE: "Open and manage support requests",
        DirectoryAction.SERVICE_HEALTH_READ: "Read service health",
        DirectoryAction.AUDIT_READ: "Read sign-in and audit logs",
        DirectoryAction.CROSS_TENANT_POLICY_READ: "Read the cross-tenant access policy",
        DirectoryAction.CROSS_TENANT_POLICY_WRITE: "Change the cross-tenant access policy",
    }
)
"""Each action as pages and refusals name it."""
