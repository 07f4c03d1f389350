"""Which built-in role permits which action in a directory, over whom, and which permission of an application does.

Source: the published roles with their permissions (entra-docs, role-based-access-control, January 2026; the role
definitions as Graph answers them) and gdap §12. docs/directory-roles.md shows the table, docs/decisions/0015 says what
the sources leave open.
"""

from collections.abc import Mapping
from types import MappingProxyType
from uuid import UUID

from openpartner.platform.directory_actions import DirectoryAction
from openpartner.platform.directory_roles import DIRECTORY_ROLES

_BY_NAME = {role.name: role.template_id for role in DIRECTORY_ROLES.values()}

GLOBAL_ADMINISTRATOR = _BY_NAME["Global Administrator"]
GLOBAL_READER = _BY_NAME["Global Reader"]
DIRECTORY_READERS = _BY_NAME["Directory Readers"]

_READS_DIRECTORY = (
    DirectoryAction.USERS_READ,
    DirectoryAction.GROUPS_READ,
    DirectoryAction.ROLES_READ,
    DirectoryAction.LICENCES_READ,
    DirectoryAction.DOMAINS_READ,
    DirectoryAction.ORGANIZATION_READ,
    DirectoryAction.APPLICATIONS_READ,
    DirectoryAction.CONTRACTS_READ,
    DirectoryAction.DEVICES_READ,
    DirectoryAction.SUBSCRIPTIONS_READ,
)
"""What Directory Readers may: every built-in role inherits it, but for those below.

Source: ``inheritsPermissionsFrom`` of the published role definitions.
"""

_INHERIT_NOTHING = {
    "Agent ID Developer": (DirectoryAction.APPLICATIONS_READ,),
    "Dynamics 365 Business Central Administrator": (
        DirectoryAction.USERS_READ,
        DirectoryAction.LICENCES_READ,
        DirectoryAction.DOMAINS_READ,
        DirectoryAction.ORGANIZATION_READ,
        DirectoryAction.SUBSCRIPTIONS_READ,
    ),
    "Guest Inviter": (DirectoryAction.USERS_READ,),
    "Microsoft 365 Migration Administrator": (),
    "Microsoft 365 Support Engineer": (),
    "Organizational Messages Writer": (),
    "Places Administrator": (),
    "Usage Summary Reports Reader": (),
    "User Experience Success Manager": (),
}
"""The roles that do not inherit, with what they may read by themselves."""

_TABLE = """
users_create                  | User Administrator; Directory Writers
users_update                  | User Administrator; Directory Writers; Intune Administrator
                              ; Authentication Administrator; Privileged Authentication Administrator
users_update_sensitive        | User Administrator; Directory Writers; Authentication Administrator
                              ; Privileged Authentication Administrator
users_delete                  | User Administrator; Authentication Administrator
                              ; Privileged Authentication Administrator
admins_update_sensitive       | Privileged Authentication Administrator
usage_location_set            | License Administrator; User Administrator
passwords_reset               | Password Administrator; Helpdesk Administrator; User Administrator
                              ; Authentication Administrator; Privileged Authentication Administrator
admin_passwords_reset         | Privileged Authentication Administrator
sessions_revoke               | Helpdesk Administrator; User Administrator; Directory Writers
                              ; Authentication Administrator; Privileged Authentication Administrator
authentication_methods_manage | Authentication Administrator; Privileged Authentication Administrator
guests_invite                 | Guest Inviter; User Administrator; Directory Writers
groups_write                  | Groups Administrator; User Administrator; Directory Writers; Intune Administrator
                              ; Knowledge Manager; Knowledge Administrator; Windows 365 Administrator
groups_delete                 | Groups Administrator; User Administrator; Intune Administrator; Knowledge Manager
                              ; Knowledge Administrator; Windows 365 Administrator
group_members_write           | Groups Administrator; User Administrator; Directory Writers
                              ; Identity Governance Administrator; Intune Administrator; Knowledge Manager
                              ; Knowledge Administrator; Windows 365 Administrator
role_groups_write             | Privileged Role Administrator
roles_assign                  | Privileged Role Administrator
licences_assign               | License Administrator; User Administrator; Directory Writers
domains_write                 | Domain Name Administrator
organization_update           | Billing Administrator
company_details_read          | Directory Readers; Global Reader
applications_create           | Application Developer; Cloud Application Administrator; Application Administrator
                              ; Hybrid Identity Administrator
applications_write            | Cloud Application Administrator; Application Administrator
                              ; Hybrid Identity Administrator
application_credentials_write | Cloud Application Administrator; Application Administrator
consent_grant                 | Cloud Application Administrator; Application Administrator
                              ; Privileged Role Administrator
app_roles_assign              | Cloud Application Administrator; Application Administrator
                              ; Privileged Role Administrator
consent_grant_graph_roles     | Privileged Role Administrator
devices_write                 | Cloud Device Administrator; Intune Administrator; Windows 365 Administrator
billing_read                  | Global Reader; Billing Administrator
billing_manage                | Billing Administrator
support_requests_read         | =support
support_requests_write        | =support
service_health_read           | =health
audit_read                    | Reports Reader; Security Reader; Global Reader; Security Operator
                              ; Security Administrator; Cloud Device Administrator
                              ; Global Secure Access Administrator; Agent ID Administrator
                              ; Cloud Application Administrator; Application Administrator
                              ; Hybrid Identity Administrator
cross_tenant_policy_read      | Global Reader; Global Secure Access Administrator; Teams Administrator
                              ; Security Administrator
cross_tenant_policy_write     | Security Administrator
"""
"""Roles by action, the one that gives least besides first. Global Administrator may everything and stands last."""

_BOTH = """
Service Support Administrator; Helpdesk Administrator; Billing Administrator; Groups Administrator
; User Administrator; Authentication Administrator; Agent ID Administrator; AI Administrator
; Application Administrator; Azure Information Protection Administrator; Cloud Application Administrator
; Compliance Administrator; Compliance Data Administrator; Dragon Administrator; Dynamics 365 Administrator
; Exchange Administrator; Exchange Backup Administrator; Fabric Administrator; Global Secure Access Administrator
; Hybrid Identity Administrator; Insights Administrator; Kaizala Administrator
; Microsoft 365 Backup Administrator; Microsoft Graph Data Connect Administrator; Office Apps Administrator
; Organizational Data Source Administrator; Power Platform Administrator
; Privileged Authentication Administrator; Search Administrator; Security Administrator
; SharePoint Administrator; SharePoint Advanced Management Administrator; SharePoint Backup Administrator
; SharePoint Embedded Administrator; Skype for Business Administrator; Teams Administrator
; Teams Communications Administrator; Teams Telephony Administrator; Viva Pulse Administrator
; Yammer Administrator
"""

_SHARED = {
    "=support": f"""{_BOTH}
; Domain Name Administrator; Edge Administrator; Insights Analyst; Intune Administrator; Knowledge Administrator
; Knowledge Manager; Microsoft 365 Migration Administrator; Microsoft Hardware Warranty Administrator
; Microsoft Hardware Warranty Specialist; Security Operator; Viva Glint Tenant Administrator
; Viva Goals Administrator; Windows 365 Administrator
""",
    "=health": f"""{_BOTH}
; Cloud Device Administrator; Dynamics 365 Business Central Administrator; Global Reader; License Administrator
; Security Reader; Teams Communications Support Engineer; Teams Communications Support Specialist
; User Experience Success Manager
""",
}
"""Support requests and service health are part of most administrators' roles."""


def _roles_named(text: str) -> list[UUID]:
    return [_BY_NAME[" ".join(name.split())] for name in text.split(";")]


def _rows(text: str) -> dict[DirectoryAction, list[UUID]]:
    rows: dict[DirectoryAction, str] = {}
    action = DirectoryAction.USERS_READ
    for line in text.strip().splitlines():
        key, bar, names = line.partition("|")
        if bar:
            action = DirectoryAction(key.strip())
            rows[action] = _SHARED.get(names.strip(), names)
        else:
            rows[action] += line
    return {each: _roles_named(names) for each, names in rows.items()}


def _reading_roles(action: DirectoryAction) -> list[UUID]:
    first = [DIRECTORY_READERS, GLOBAL_READER]
    others = [
        role.template_id
        for role in DIRECTORY_ROLES.values()
        if role.template_id not in {*first, GLOBAL_ADMINISTRATOR}
        and action in _INHERIT_NOTHING.get(role.name, _READS_DIRECTORY)
    ]
    return [*first, *others]


def _permitting() -> dict[DirectoryAction, tuple[UUID, ...]]:
    table = {action: _reading_roles(action) for action in _READS_DIRECTORY} | _rows(_TABLE)
    return {action: (*table[action], GLOBAL_ADMINISTRATOR) for action in DirectoryAction}


ROLES_BY_ACTION: Mapping[DirectoryAction, tuple[UUID, ...]] = MappingProxyType(_permitting())
"""The table: template ids by action, the least privileged first."""

ACTIONS_BY_ROLE: Mapping[UUID, frozenset[DirectoryAction]] = MappingProxyType(
    {role: frozenset(action for action, roles in ROLES_BY_ACTION.items() if role in roles) for role in DIRECTORY_ROLES}
)
"""The table read the other way; a role without an action administers a service that is not part of this product."""

MEMBER_ACTIONS = frozenset({*_READS_DIRECTORY, DirectoryAction.APPLICATIONS_CREATE, DirectoryAction.GUESTS_INVITE}) - {
    DirectoryAction.DEVICES_READ
}
"""What a member of a tenant may there without any role. Guests and delegated administrators have none of it.

Source: entra-docs, default user permissions.
"""

# Over whom


def _reach(text: str) -> dict[UUID, frozenset[UUID]]:
    rows = (line.split("|") for line in text.strip().splitlines())
    return {
        _BY_NAME[name.strip()]: frozenset(_roles_named(targets) if targets.strip() else ()) for name, targets in rows
    }


REACH = _reach("""
Directory Writers            |
Password Administrator       | Directory Readers; Guest Inviter; Password Administrator
Helpdesk Administrator       | Directory Readers; Guest Inviter; Password Administrator; Helpdesk Administrator; Message Center Reader; Reports Reader; User Experience Success Manager; Usage Summary Reports Reader
Authentication Administrator | Directory Readers; Guest Inviter; Password Administrator; Authentication Administrator; Message Center Reader; Reports Reader; User Experience Success Manager; Usage Summary Reports Reader
User Administrator           | Directory Readers; Guest Inviter; Password Administrator; Helpdesk Administrator; Message Center Reader; Reports Reader; User Experience Success Manager; Usage Summary Reports Reader; Groups Administrator; User Administrator
""")  # noqa: E501 - one row a role, as in the source
"""Whose password a role may reset and whom it may rename, block or delete: users without a role, and these holders.

A role that is not named here reaches everybody. Source: entra-docs, who can reset passwords, who can perform
sensitive actions.
"""

OVER_SOMEBODY = frozenset(
    {
        DirectoryAction.USERS_UPDATE_SENSITIVE,
        DirectoryAction.USERS_DELETE,
        DirectoryAction.PASSWORDS_RESET,
        DirectoryAction.SESSIONS_REVOKE,
        DirectoryAction.AUTHENTICATION_METHODS_MANAGE,
    }
)
"""The actions for which it matters whom they are done to."""

# Applications

_GRAPH = {
    "User.Read.All": (DirectoryAction.USERS_READ,),
    "User.ReadWrite.All": (
        DirectoryAction.USERS_READ,
        DirectoryAction.USERS_CREATE,
        DirectoryAction.USERS_UPDATE,
        DirectoryAction.USERS_UPDATE_SENSITIVE,
        DirectoryAction.USERS_DELETE,
        DirectoryAction.USAGE_LOCATION_SET,
        DirectoryAction.SESSIONS_REVOKE,
        DirectoryAction.LICENCES_ASSIGN,
        DirectoryAction.GUESTS_INVITE,
    ),
    "User.RevokeSessions.All": (DirectoryAction.SESSIONS_REVOKE,),
    "User.Invite.All": (DirectoryAction.GUESTS_INVITE,),
    "UserAuthenticationMethod.ReadWrite.All": (DirectoryAction.AUTHENTICATION_METHODS_MANAGE,),
    "GroupMember.Read.All": (DirectoryAction.GROUPS_READ,),
    "Group.Read.All": (DirectoryAction.GROUPS_READ,),
    "GroupMember.ReadWrite.All": (DirectoryAction.GROUPS_READ, DirectoryAction.GROUP_MEMBERS_WRITE),
    "Group.Create": (DirectoryAction.GROUPS_WRITE,),
    "Group.ReadWrite.All": (
        DirectoryAction.GROUPS_READ,
        DirectoryAction.GROUPS_WRITE,
        DirectoryAction.GROUPS_DELETE,
        DirectoryAction.GROUP_MEMBERS_WRITE,
    ),
    "RoleManagement.Read.Directory": (DirectoryAction.ROLES_READ,),
    "RoleManagement.ReadWrite.Directory": (
        DirectoryAction.ROLES_READ,
        DirectoryAction.ROLES_ASSIGN,
        DirectoryAction.ROLE_GROUPS_WRITE,
    ),
    "LicenseAssignment.Read.All": (DirectoryAction.LICENCES_READ, DirectoryAction.SUBSCRIPTIONS_READ),
    "LicenseAssignment.ReadWrite.All": (
        DirectoryAction.LICENCES_READ,
        DirectoryAction.LICENCES_ASSIGN,
        DirectoryAction.SUBSCRIPTIONS_READ,
    ),
    "Domain.Read.All": (DirectoryAction.DOMAINS_READ,),
    "Domain.ReadWrite.All": (DirectoryAction.DOMAINS_READ, DirectoryAction.DOMAINS_WRITE),
    "Organization.Read.All": (
        DirectoryAction.ORGANIZATION_READ,
        DirectoryAction.COMPANY_DETAILS_READ,
        DirectoryAction.LICENCES_READ,
        DirectoryAction.SUBSCRIPTIONS_READ,
    ),
    "Organization.ReadWrite.All": (
        DirectoryAction.ORGANIZATION_READ,
        DirectoryAction.COMPANY_DETAILS_READ,
        DirectoryAction.ORGANIZATION_UPDATE,
        DirectoryAction.LICENCES_READ,
        DirectoryAction.SUBSCRIPTIONS_READ,
    ),
    "Application.Read.All": (DirectoryAction.APPLICATIONS_READ,),
    "Application.ReadWrite.All": (
        DirectoryAction.APPLICATIONS_READ,
        DirectoryAction.APPLICATIONS_CREATE,
        DirectoryAction.APPLICATIONS_WRITE,
        DirectoryAction.APPLICATION_CREDENTIALS_WRITE,
    ),
    "DelegatedPermissionGrant.ReadWrite.All": (DirectoryAction.CONSENT_GRANT,),
    "AppRoleAssignment.ReadWrite.All": (DirectoryAction.APP_ROLES_ASSIGN, DirectoryAction.CONSENT_GRANT_GRAPH_ROLES),
    "Device.Read.All": (DirectoryAction.DEVICES_READ,),
    "Device.ReadWrite.All": (DirectoryAction.DEVICES_READ, DirectoryAction.DEVICES_WRITE),
    "AuditLog.Read.All": (DirectoryAction.AUDIT_READ,),
    "ServiceHealth.Read.All": (DirectoryAction.SERVICE_HEALTH_READ,),
    "Policy.Read.All": (DirectoryAction.CROSS_TENANT_POLICY_READ,),
    "Policy.ReadWrite.CrossTenantAccess": (DirectoryAction.CROSS_TENANT_POLICY_WRITE,),
    "Directory.Read.All": (*_READS_DIRECTORY, DirectoryAction.COMPANY_DETAILS_READ),
    "Directory.ReadWrite.All": (
        *_READS_DIRECTORY,
        DirectoryAction.COMPANY_DETAILS_READ,
        DirectoryAction.USERS_CREATE,
        DirectoryAction.USERS_UPDATE,
        DirectoryAction.USAGE_LOCATION_SET,
        DirectoryAction.LICENCES_ASSIGN,
        DirectoryAction.GUESTS_INVITE,
        DirectoryAction.GROUPS_WRITE,
        DirectoryAction.GROUP_MEMBERS_WRITE,
        DirectoryAction.ORGANIZATION_UPDATE,
    ),
}

ACTIONS_BY_PERMISSION: Mapping[str, frozenset[DirectoryAction]] = MappingProxyType(
    {name: frozenset(actions) for name, actions in _GRAPH.items()}
)
"""What a permission of Graph lets an application do on its own. Source: graph-endpoints, column permission."""
