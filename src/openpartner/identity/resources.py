"""What every world's directory knows from the start: the vendor's resources, their permissions, and public clients.

Source: identity §10; marketplace-fulfilment and marketplace-publishing name the last two resources. The ids of their
scopes are ours, since no public document gives any.
"""

from dataclasses import dataclass
from uuid import UUID

GRAPH = UUID("00000003-0000-0000-c000-000000000000")
LEGACY_GRAPH = UUID("00000002-0000-0000-c000-000000000000")
PARTNER_CENTER = UUID("fa3d9a0c-3fb0-42cc-9193-47c7ecd2edbd")
MARKETPLACE = UUID("20e940b3-4c77-4b0b-9a53-9e16a1b010a7")
PUBLISHING = UUID("4990cffe-04e8-4e8b-808a-1175604b879f")
GDAP_FIRST_PARTY = UUID("2832473f-ec63-45fb-976f-5d45a7d4bb91")
GDAP_OFFLINE_PROCESSOR = UUID("a3475900-ccec-4a69-98f5-a65cd5dc5306")
GDAP_MIGRATE = UUID("b39d63e7-7fa3-4b2b-94ea-ee256fdb8c2f")
AZURE_CLI = UUID("04b07795-8ddb-461a-bbee-02f9e1bf7b46")
GRAPH_COMMAND_LINE = UUID("14d82eec-204b-4c2f-b7e8-296a70dab67e")
GDAP_BULK_TOOL = UUID("faa49500-c38b-4b63-9a77-33fe5492bb26")

GRAPH_URI = "https://graph.microsoft.com"
LEGACY_GRAPH_URI = "https://graph.windows.net"
PARTNER_CENTER_URI = "https://api.partnercenter.microsoft.com"
PUBLISHING_URIS = ("https://api.partner.microsoft.com", "https://cloudpartner.azure.com")

OIDC_SCOPES = frozenset({"openid", "profile", "email", "offline_access"})
"""Scopes about the sign-in itself; they name no resource."""

USER_IMPERSONATION = "user_impersonation"

GLOBAL_ADMINISTRATOR = UUID("62e90394-69f5-4237-9190-012177145e10")
USER_ADMINISTRATOR = UUID("fe930be7-5e62-47db-91af-98c3a49a38b1")
BILLING_ADMINISTRATOR = UUID("b0f54661-2d74-4c50-afa3-1ec803f12efe")
HELPDESK_ADMINISTRATOR = UUID("729827e3-9c14-49f7-bb1b-9608f156bbb8")
APPLICATION_ADMINISTRATOR = UUID("9b895d92-2cd3-44c7-9d02-a6ac2d5ea5c3")
CLOUD_APPLICATION_ADMINISTRATOR = UUID("158c047a-c907-4556-b7ef-446551a6b5f7")
PRIVILEGED_ROLE_ADMINISTRATOR = UUID("e8611ab8-c189-46e8-94e1-60213ab1f814")
SECURITY_ADMINISTRATOR = UUID("194ae4cb-b126-40b2-bd5b-6091b380977d")
EXCHANGE_ADMINISTRATOR = UUID("29232cdf-9323-42fd-ade2-1d097af3e4de")
SHAREPOINT_ADMINISTRATOR = UUID("f28a1f50-f6e7-4571-818b-6a12f2af6b6c")
CONDITIONAL_ACCESS_ADMINISTRATOR = UUID("b1be1c3e-b65d-4f19-8427-f6fa0d97feb9")
AUTHENTICATION_ADMINISTRATOR = UUID("c4e39bd9-1100-46d3-8c65-fb160da0071f")
PRIVILEGED_AUTHENTICATION_ADMINISTRATOR = UUID("7be44c8a-adaf-4e2a-84d6-ab2649e08a13")

ADMINISTRATORS = frozenset(
    {
        GLOBAL_ADMINISTRATOR,
        USER_ADMINISTRATOR,
        BILLING_ADMINISTRATOR,
        HELPDESK_ADMINISTRATOR,
        APPLICATION_ADMINISTRATOR,
        CLOUD_APPLICATION_ADMINISTRATOR,
        PRIVILEGED_ROLE_ADMINISTRATOR,
        SECURITY_ADMINISTRATOR,
        EXCHANGE_ADMINISTRATOR,
        SHAREPOINT_ADMINISTRATOR,
        CONDITIONAL_ACCESS_ADMINISTRATOR,
        AUTHENTICATION_ADMINISTRATOR,
        PRIVILEGED_AUTHENTICATION_ADMINISTRATOR,
    }
)
"""The roles whose holders the security defaults always ask for a second factor."""

CONSENT_ADMINISTRATORS = frozenset(
    {GLOBAL_ADMINISTRATOR, APPLICATION_ADMINISTRATOR, CLOUD_APPLICATION_ADMINISTRATOR, PRIVILEGED_ROLE_ADMINISTRATOR}
)
"""Who may consent for the tenant to delegated permissions. Source: identity §7."""

APPLICATION_PERMISSION_ADMINISTRATORS = frozenset({GLOBAL_ADMINISTRATOR, PRIVILEGED_ROLE_ADMINISTRATOR})
"""Who may consent for the tenant to application permissions on Graph: only these two."""

WIDS_MEMBER = UUID("b79fbf4d-3ef9-4689-8143-76b194e85509")
WIDS_GUEST = UUID("13bd1c72-6f4a-4dcf-985f-18d3b80f208a")
WIDS_GDAP = UUID("08372b87-7d02-482a-9e02-fb03ea5fe193")
"""Markers in ``wids`` that are no role: ordinary member, guest, delegated administrator. Source: identity §5.3."""


@dataclass(frozen=True, slots=True)
class DelegatedPermission:
    """A scope: what a client may do as the signed-in user. ``admin``: only an administrator may consent to it."""

    id: UUID
    value: str
    admin: bool
    text: str


@dataclass(frozen=True, slots=True)
class ApplicationPermission:
    """An app role: what a client may do as itself. An administrator always consents."""

    id: UUID
    value: str
    text: str


@dataclass(frozen=True, slots=True)
class WellKnownApplication:
    """One of the vendor's own applications.

    redirect_uris: (platform, address) pairs of a public client. preauthorized: needs nobody's consent.
    """

    app_id: UUID
    name: str
    identifier_uris: tuple[str, ...] = ()
    scopes: tuple[DelegatedPermission, ...] = ()
    roles: tuple[ApplicationPermission, ...] = ()
    redirect_uris: tuple[tuple[str, str], ...] = ()


_USERS_MAY_CONSENT = frozenset({"User.Read", "Mail.Send"})

# (value, application id, delegated id, sentence)
_GRAPH_PERMISSIONS = (
    (
        "DelegatedAdminRelationship.Read.All",
        "f6e9e124-4586-492f-adc0-c6f96e4823fd",
        "0c0064ea-477b-4130-82a5-4c2cc4ff68aa",
        "Read delegated admin relationships with customers",
    ),
    (
        "DelegatedAdminRelationship.ReadWrite.All",
        "cc13eba4-8cd8-44c6-b4d4-f93237adce58",
        "885f682f-a990-4bad-a642-36736a74b0c7",
        "Manage delegated admin relationships with customers",
    ),
    (
        "PartnerBilling.Read.All",
        "7c3e1994-38ff-4412-a99b-9369f6bb7706",
        "8804798e-5934-4e30-8ce3-ef88257cecd4",
        "Read the partner's billing data",
    ),
    (
        "PartnerSecurity.Read.All",
        "21ffa320-2e7f-47d3-a466-7ff04d2dd68d",
        "5567b981-0bf1-4796-9038-0648b46e116d",
        "Read security alerts and the security score of the partner",
    ),
    (
        "PartnerSecurity.ReadWrite.All",
        "04a2c935-5b4b-474a-be42-11f53111f271",
        "0cd2c1f6-94a1-4075-ab8c-0b1aff2e1ad5",
        "Read and update security alerts of the partner",
    ),
    ("User.Read", "", "e1fe6dd8-ba31-4d61-89e7-88639da4683d", "Sign you in and read your profile"),
    (
        "User.Read.All",
        "df021288-bdef-4463-88db-98f22de89214",
        "a154be20-db9c-4678-8ab7-66f6cc099a59",
        "Read all users' full profiles",
    ),
    (
        "User.ReadWrite.All",
        "741f803b-c850-494e-b5df-cde7c675a1ca",
        "204e0828-b5ca-4ad8-b9f3-f32a958e7cc4",
        "Read and write all users' full profiles",
    ),
    (
        "Directory.Read.All",
        "7ab1d382-f21e-4acd-a863-ba3e13f7da61",
        "06da0dbc-49e2-44d2-8312-53f166ab848a",
        "Read directory data",
    ),
    (
        "Directory.ReadWrite.All",
        "19dbc75e-c2e2-444c-a770-ec69d8559fc7",
        "c5366453-9fb0-48a5-a156-24f0c49a4b84",
        "Read and write directory data",
    ),
    (
        "Group.Read.All",
        "5b567255-7703-4780-807c-7be8301ae99b",
        "5f8c59db-677d-491f-a6b8-5f174b11ec1d",
        "Read all groups",
    ),
    (
        "Group.ReadWrite.All",
        "62a82d76-70ea-41e2-9197-370581804d09",
        "4e46008b-f24c-477d-8fff-7bb4ec7aafe0",
        "Read and write all groups",
    ),
    (
        "GroupMember.ReadWrite.All",
        "dbaae8cf-10b5-4b86-a4a1-f871c94c6695",
        "f81125ac-d3b7-4573-a3b2-7099cc39df9e",
        "Read and write the members of groups",
    ),
    (
        "GroupMember.Read.All",
        "98830695-27a2-44f7-8c18-0c3ebc9698f6",
        "bc024368-1153-4739-b217-4326f2e966d0",
        "Read the members of groups",
    ),
    ("Group.Create", "bf7b1a76-6e77-406b-b258-bf5c7720e98f", "", "Create groups"),
    (
        "User.RevokeSessions.All",
        "77f3a031-c388-4f99-b373-dc68676a979e",
        "fc30e98b-8810-4501-81f5-c20a3196387b",
        "Sign users out everywhere",
    ),
    (
        "Organization.ReadWrite.All",
        "292d869f-3427-49a8-9dab-8c70152b74e9",
        "46ca0847-7e6b-426e-9775-ea810a948356",
        "Read and write the organisation's information",
    ),
    (
        "Directory.AccessAsUser.All",
        "",
        "0e263e50-5827-48a4-b97c-d940288653c7",
        "Access the directory as the signed-in user",
    ),
    (
        "RoleManagement.Read.Directory",
        "483bed4a-2ad3-4361-a73b-c83ccdbdc53c",
        "741c54c3-0c1e-44a1-818b-3f97ab4e8c83",
        "Read directory roles and their assignments",
    ),
    (
        "RoleManagement.ReadWrite.Directory",
        "9e3f62cf-ca93-4989-b6ce-bf83c28f9fe8",
        "d01b97e9-cbc0-49fe-810a-750afd5527a3",
        "Read and write directory roles and their assignments",
    ),
    (
        "Organization.Read.All",
        "498476ce-e0fe-48b0-b801-37ba7e2685c6",
        "4908d5b9-3fb2-4b1e-9336-1888b7937185",
        "Read the organisation's information",
    ),
    (
        "Domain.Read.All",
        "dbb9058a-0e50-45d7-ae91-66909b5d4664",
        "2f9ee017-59c1-4f1d-9472-bd5529a7b311",
        "Read domains",
    ),
    (
        "Domain.ReadWrite.All",
        "7e05723c-0bb0-42da-be95-ae9f08a6e53c",
        "0b5d694c-a244-4bde-86e6-eb5cd07730fe",
        "Read and write domains",
    ),
    (
        "Application.Read.All",
        "9a5d68dd-52b0-4cc2-bd40-abcf44ac3a30",
        "c79f8feb-a9db-4090-85f9-90d820caa0eb",
        "Read applications",
    ),
    (
        "Application.ReadWrite.All",
        "1bfefb4e-e0b5-418b-a88f-73c46d2cc8e9",
        "bdfbf15f-ee85-4955-8675-146e8e5296b5",
        "Read and write applications",
    ),
    (
        "AppRoleAssignment.ReadWrite.All",
        "06b708a9-e830-4db3-a914-8e69da51d44f",
        "84bccea3-f856-4a8a-967b-dbe0a3d53a64",
        "Manage application permissions and app role assignments",
    ),
    (
        "DelegatedPermissionGrant.ReadWrite.All",
        "8e8e4742-1d95-4f68-9d56-6ee75648c72a",
        "41ce6ca6-6826-4807-84f1-1c82854f7ee5",
        "Manage delegated permission grants",
    ),
    (
        "LicenseAssignment.Read.All",
        "e2f98668-2877-4f38-a2f4-8202e0717aa1",
        "f395577a-0960-456b-979f-7228de0c5996",
        "Read licence assignments",
    ),
    (
        "LicenseAssignment.ReadWrite.All",
        "5facf0c1-8979-4e95-abcf-ff3d079771c0",
        "f55016cc-149c-447e-8f21-7cf3ec1d6350",
        "Manage licence assignments",
    ),
    (
        "CrossTenantInformation.ReadBasic.All",
        "cac88765-0581-4025-9725-5ebc13f729ee",
        "81594d25-e88e-49cf-ac8c-fecbff49f994",
        "Read basic information about other tenants",
    ),
    (
        "Policy.Read.All",
        "246dd0d5-5bd0-4def-940b-0421030a5b68",
        "572fea84-0151-49b2-9301-11cb16974376",
        "Read the organisation's policies",
    ),
    (
        "Policy.ReadWrite.CrossTenantAccess",
        "338163d7-f101-4c92-94ba-ca46fe52447c",
        "014b43d0-6ed4-4fc6-84dc-4b6f7bae7d85",
        "Read and write the organisation's cross-tenant access policies",
    ),
    (
        "AuditLog.Read.All",
        "b0afded3-3588-46d8-8b3d-9842eff778da",
        "e4c9e354-4dc5-45b8-9e7c-e1393b0b1a20",
        "Read the audit and sign-in logs",
    ),
    (
        "User.Invite.All",
        "09850681-111b-4a89-9bed-3f2cae46d706",
        "63dd7cd9-b489-4adf-a28c-ac38b9a0f962",
        "Invite guests to the organisation",
    ),
    (
        "Mail.Send",
        "b633e1c5-b582-4048-a93e-9f11b44c7e96",
        "e383f46e-2787-4529-855e-0e479a3ffac0",
        "Send mail",
    ),
)

_GRAPH_SIGN_IN_SCOPES = (
    ("openid", "37f7f235-527c-4136-accd-4a02d197296e", "Sign you in"),
    ("profile", "14dad69e-099b-42c9-810b-d002981feec1", "See your basic profile"),
    ("email", "64a6cdd6-aab1-4aaf-94b8-3cc8405e90d0", "See your mail address"),
    ("offline_access", "7427e0e9-2fba-42fe-b0c0-848c9e6a8182", "Keep the access you gave it"),
)


def _graph() -> WellKnownApplication:
    scopes = [
        DelegatedPermission(UUID(delegated), value, value not in _USERS_MAY_CONSENT, text)
        for value, _, delegated, text in _GRAPH_PERMISSIONS
        if delegated
    ]
    scopes += [DelegatedPermission(UUID(key), value, False, text) for value, key, text in _GRAPH_SIGN_IN_SCOPES]
    roles = [ApplicationPermission(UUID(key), value, text) for value, key, _, text in _GRAPH_PERMISSIONS if key]
    return WellKnownApplication(GRAPH, "Microsoft Graph", (GRAPH_URI,), tuple(scopes), tuple(roles))


_NATIVE = (
    ("publicClient", "http://localhost"),
    ("publicClient", "https://login.microsoftonline.com/common/oauth2/nativeclient"),
    ("publicClient", "urn:ietf:wg:oauth:2.0:oob"),
)

WELL_KNOWN: tuple[WellKnownApplication, ...] = (
    _graph(),
    WellKnownApplication(
        LEGACY_GRAPH,
        "Windows Azure Active Directory",
        (LEGACY_GRAPH_URI,),
        (
            DelegatedPermission(
                UUID("a42657d6-7f20-40e3-b6f0-cee03008a62a"),
                "Directory.AccessAsUser.All",
                True,
                "Access the directory as you",
            ),
            DelegatedPermission(
                UUID("311a71cc-e848-46a1-bdf8-97ff7156d8e6"), "User.Read", False, "Sign you in and read your profile"
            ),
        ),
        (
            ApplicationPermission(
                UUID("5778995a-e1bf-45b8-affa-663a9f3f4d04"), "Directory.Read.All", "Read directory data"
            ),
            ApplicationPermission(
                UUID("78c8a3c8-a07e-4b9e-af1b-b5ccab50a175"), "Directory.ReadWrite.All", "Read and write directory data"
            ),
        ),
    ),
    WellKnownApplication(
        PARTNER_CENTER,
        "Microsoft Partner Center",
        (PARTNER_CENTER_URI,),
        (
            DelegatedPermission(
                UUID("1cebfa2a-fb4d-419e-b5f9-839b4383e05a"), USER_IMPERSONATION, False, "Use Partner Center as you"
            ),
        ),
    ),
    WellKnownApplication(
        MARKETPLACE,
        "Marketplace fulfilment and metering",
        scopes=(
            DelegatedPermission(
                UUID("69a8d4d4-0b57-4c4e-8d9a-0c1f1a5a1d20"), USER_IMPERSONATION, False, "Use the marketplace as you"
            ),
        ),
    ),
    WellKnownApplication(
        PUBLISHING,
        "Partner Center publishing",
        PUBLISHING_URIS,
        (
            DelegatedPermission(
                UUID("2f6e9fd0-6b0e-4b1c-8f0b-6f5d5b2c7a11"), USER_IMPERSONATION, False, "Publish offers as you"
            ),
        ),
    ),
    WellKnownApplication(GDAP_FIRST_PARTY, "Partner customer delegated administration"),
    WellKnownApplication(GDAP_OFFLINE_PROCESSOR, "Partner customer delegated admin offline processor"),
    WellKnownApplication(GDAP_MIGRATE, "Partner Center Delegated Admin Migrate"),
    WellKnownApplication(AZURE_CLI, "Azure CLI", redirect_uris=_NATIVE),
    WellKnownApplication(GRAPH_COMMAND_LINE, "Graph command line tools", redirect_uris=_NATIVE),
    WellKnownApplication(GDAP_BULK_TOOL, "GDAP bulk migration tool", redirect_uris=_NATIVE),
)

PREAUTHORIZED_CLIENTS = frozenset({AZURE_CLI, GRAPH_COMMAND_LINE, GDAP_BULK_TOOL})
"""The vendor's public clients: in every tenant from the start, for delegated permissions without an own consent."""
