"""``/v1/profiles``, agreement metadata, documents and status, and the partner's own roles."""

from typing import Annotated, Any
from uuid import UUID

from litestar import Request, Response, get, put
from litestar.di import NamedDependency
from litestar.params import FromPath, HeaderParameter, JSONBody, QueryParameter

from openpartner.identity import queries as directory
from openpartner.partner import agreement_files, profiles, queries, service, wire
from openpartner.partner.profiles import ProfileKind
from openpartner.platform import permissions
from openpartner.platform.errors import Invalid, NotFound
from openpartner.platform.http.answers import Collection, collection, reply
from openpartner.platform.http.etags import check_etag, profile_etag
from openpartner.platform.work import Begin, UnitOfWork
from openpartner.platform.world import world_secret

AnyRequest = Request[Any, Any, Any]
IfMatch = Annotated[str | None, HeaderParameter(name="If-Match")]


def _origin(uow: UnitOfWork, request: AnyRequest) -> str:
    return uow.world.settings.base_url.rstrip("/") or str(request.base_url).rstrip("/")


# --- profiles -----------------------------------------------------------------------------------------------------


def _legal(uow: UnitOfWork, kind: ProfileKind) -> wire.LegalBusinessProfile:
    uow.actor.require(service.READ_PERMISSION[kind])
    account = queries.own_account(uow)
    profile = queries.profile(uow, account.tenant_id, kind)
    if not isinstance(profile, profiles.LegalBusinessProfile):
        raise NotFound("Legal business profile")
    return wire.LegalBusinessProfile.of(account, profile)


@get(
    "/v1/profiles/legalbusiness",
    sync_to_thread=True,
    opt={"operation": "GET /v1/profiles/legalbusiness", "permission": permissions.LEGAL_PROFILE.read},
)
def get_legal_business_profile(
    begin: NamedDependency[Begin],
    vetting_version: Annotated[str, QueryParameter(name="vettingversion")] = "Current",
) -> wire.LegalBusinessProfile:
    """The legal business profile as it is, or as it was last verified (``LastFinalized``)."""
    kinds = {
        "current": ProfileKind.LEGAL_BUSINESS,
        "none": ProfileKind.LEGAL_BUSINESS,
        "lastfinalized": ProfileKind.LEGAL_BUSINESS_FINALIZED,
        "last_finalized": ProfileKind.LEGAL_BUSINESS_FINALIZED,
    }
    kind = kinds.get(vetting_version.lower())
    if kind is None:
        raise Invalid("vettingVersion is Current or LastFinalized.")
    with begin.read() as uow:
        return _legal(uow, kind)


@put(
    "/v1/profiles/legalbusiness",
    sync_to_thread=True,
    opt={"operation": "PUT /v1/profiles/legalbusiness", "permission": permissions.LEGAL_PROFILE.write},
)
def put_legal_business_profile(
    data: JSONBody[wire.LegalBusinessProfileIn], begin: NamedDependency[Begin]
) -> Response[wire.LegalBusinessProfile]:
    """Replace it; a change of name, address or contact is verified anew."""
    with begin() as uow:
        uow.actor.require_user()
        service.replace_profile(uow, data.read())
        return reply(uow, _legal(uow, ProfileKind.LEGAL_BUSINESS))


def _organization(uow: UnitOfWork) -> wire.OrganizationProfile:
    uow.actor.require(service.READ_PERMISSION[ProfileKind.ORGANIZATION])
    account = queries.own_account(uow)
    tenant = directory.tenant_by_id(uow, account.tenant_id)
    profile = queries.profile(uow, account.tenant_id, ProfileKind.ORGANIZATION)
    if not isinstance(profile, profiles.OrganizationProfile):
        raise NotFound("Organization profile")
    return wire.OrganizationProfile.of(account, tenant.default_domain, profile)


@get(
    "/v1/profiles/organization",
    sync_to_thread=True,
    opt={"operation": "GET /v1/profiles/organization", "permission": permissions.PARTNER_CENTER_HOME.read},
)
def get_organization_profile(begin: NamedDependency[Begin]) -> wire.OrganizationProfile:
    """The organization profile: what clients read right after sign-in."""
    with begin.read() as uow:
        uow.actor.require_user()
        return _organization(uow)


@put(
    "/v1/profiles/organization",
    sync_to_thread=True,
    opt={"operation": "PUT /v1/profiles/organization", "permission": permissions.LEGAL_PROFILE.write},
)
def put_organization_profile(
    data: JSONBody[wire.OrganizationProfileIn], begin: NamedDependency[Begin]
) -> Response[wire.OrganizationProfile]:
    """Replace it."""
    with begin() as uow:
        uow.actor.require_user()
        service.replace_profile(uow, data.read())
        return reply(uow, _organization(uow))


def _billing(uow: UnitOfWork) -> wire.BillingProfile:
    uow.actor.require(service.READ_PERMISSION[ProfileKind.BILLING])
    account = queries.own_account(uow)
    row = queries.profile_row(uow, account.tenant_id, ProfileKind.BILLING)
    profile = queries.profile(uow, account.tenant_id, ProfileKind.BILLING)
    if not isinstance(profile, profiles.BillingProfile):
        raise NotFound("Billing profile")
    return wire.BillingProfile.of(account, row, profile, profiles.BILLING_DAY)


@get(
    "/v1/profiles/billing",
    sync_to_thread=True,
    opt={"operation": "GET /v1/profiles/billing", "permission": permissions.ORGANISATION_TAX.read},
)
def get_billing_profile(begin: NamedDependency[Begin]) -> wire.BillingProfile:
    """To whom the operator's invoices go."""
    with begin.read() as uow:
        uow.actor.require_user()
        return _billing(uow)


@put(
    "/v1/profiles/billing",
    sync_to_thread=True,
    opt={"operation": "PUT /v1/profiles/billing", "permission": permissions.ORGANISATION_TAX.write},
)
def put_billing_profile(
    data: JSONBody[wire.BillingProfileIn], begin: NamedDependency[Begin], etag: IfMatch = None
) -> Response[wire.BillingProfile]:
    """Replace it."""
    with begin() as uow:
        uow.actor.require_user()
        uow.actor.require(service.WRITE_PERMISSION[ProfileKind.BILLING])
        row = queries.profile_row(uow, uow.actor.tenant, ProfileKind.BILLING)
        check_etag(etag, profile_etag(row.tenant_id, row.version))
        service.replace_profile(uow, data.read())
        return reply(uow, _billing(uow))


@get(
    "/v1/profiles/mpn",
    sync_to_thread=True,
    opt={"operation": "GET /v1/profiles/mpn", "permission": permissions.PARTNER_CENTER_HOME.read},
)
def get_mpn_profile(
    begin: NamedDependency[Begin], mpn_id: Annotated[str, QueryParameter(name="mpnid")] = ""
) -> wire.MpnProfile:
    """Whose a Partner ID is; without one, the caller's own."""
    with begin.read() as uow:
        uow.actor.require_user()
        uow.actor.require(permissions.PARTNER_CENTER_HOME.read)
        if not mpn_id:
            account = queries.own_account(uow)
            return wire.MpnProfile.of(account.name, account.global_partner_id)
        named = queries.name_of_partner_id(uow, mpn_id.strip())
        if named is None:
            raise NotFound("MPN ID", mpn_id, code=800015)
        return wire.MpnProfile.of(named[0], mpn_id.strip())


def _support(uow: UnitOfWork) -> wire.SupportProfile:
    uow.actor.require(service.READ_PERMISSION[ProfileKind.SUPPORT])
    profile = queries.profile(uow, queries.own_account(uow).tenant_id, ProfileKind.SUPPORT)
    if not isinstance(profile, profiles.SupportProfile):
        raise NotFound("Support profile")
    return wire.SupportProfile.of(profile)


@get(
    "/v1/profiles/support",
    sync_to_thread=True,
    opt={"operation": "GET /v1/profiles/support", "permission": permissions.PARTNER_CENTER_HOME.read},
)
def get_support_profile(begin: NamedDependency[Begin]) -> wire.SupportProfile:
    """Where this partner's customers find help."""
    with begin.read() as uow:
        uow.actor.require_user()
        return _support(uow)


def _put_support(data: wire.SupportProfileIn, begin: Begin) -> Response[wire.SupportProfile]:
    with begin() as uow:
        uow.actor.require_user()
        service.replace_profile(uow, data.read())
        return reply(uow, _support(uow))


@put(
    "/v1/profiles/support",
    sync_to_thread=True,
    opt={"operation": "PUT /v1/profiles/support", "permission": permissions.LEGAL_PROFILE.write},
)
def put_support_profile(
    data: JSONBody[wire.SupportProfileIn], begin: NamedDependency[Begin]
) -> Response[wire.SupportProfile]:
    """Replace it."""
    return _put_support(data, begin)


@put(
    "/v1/profiles/supportprofile",
    sync_to_thread=True,
    opt={"operation": "PUT /v1/profiles/supportprofile", "permission": permissions.LEGAL_PROFILE.write},
)
def put_support_profile_as_documented(
    data: JSONBody[wire.SupportProfileIn], begin: NamedDependency[Begin]
) -> Response[wire.SupportProfile]:
    """The same, under the path that the pages print."""
    return _put_support(data, begin)


# --- agreements ---------------------------------------------------------------------------------------------------


@get(
    "/v1/agreements",
    sync_to_thread=True,
    opt={"operation": "GET /v1/agreements", "permission": permissions.AGREEMENTS.read},
)
def list_agreement_metadata(
    request: AnyRequest,
    begin: NamedDependency[Begin],
    agreement_type: Annotated[str, QueryParameter(name="agreementtype")] = "MicrosoftCloudAgreement",
) -> Collection[wire.AgreementMetaData]:
    """The customer agreements in force, by template; without a type only the cloud agreement's."""
    wanted = {name.lower(): name for name in service.CUSTOMER_AGREEMENTS}
    if agreement_type != "*" and agreement_type.lower() not in wanted:
        raise Invalid(f"agreementType is * or one of {', '.join(service.CUSTOMER_AGREEMENTS)}.")
    types = set(wanted.values()) if agreement_type == "*" else {wanted[agreement_type.lower()]}
    with begin.read() as uow:
        uow.actor.require_user()
        uow.actor.require(permissions.AGREEMENTS.read)
        origin = _origin(uow, request)
        return collection(
            [
                wire.AgreementMetaData.of(version, origin)
                for version in queries.agreement_versions(uow)
                if version.agreement_type in types and version.effective_at <= uow.now
            ]
        )


@get(
    "/v1/agreementtemplates/{template_id:uuid}/document",
    sync_to_thread=True,
    opt={
        "operation": "GET /v1/agreementtemplates/{template-id}/document",
        "permission": permissions.AGREEMENTS.read,
    },
)
def get_agreement_document(
    request: AnyRequest,
    template_id: FromPath[UUID],
    begin: NamedDependency[Begin],
    language: Annotated[str, QueryParameter(name="language")] = "en-US",
    country: Annotated[str, QueryParameter(name="country")] = "US",
) -> wire.AgreementDocument:
    """Links to read and to keep an agreement's text; they end after five minutes."""
    with begin.read() as uow:
        uow.actor.require_user()
        uow.actor.require(permissions.AGREEMENTS.read)
        version = queries.agreement_version(uow, template_id)
        at = f"{_origin(uow, request)}/agreements/{version.id}"
        query = agreement_files.link_query(world_secret(uow.world), version.id, uow.now)
        return wire.AgreementDocument(
            display_uri=f"{at}/preview?{query}",
            download_uri=f"{at}/document?{query}",
            language=language,
            country=country.upper(),
        )


@get(
    "/v1/compliance/{program_name:str}/agreementstatus",
    sync_to_thread=True,
    opt={
        "operation": "GET /v1/compliance/{ProgramName}/agreementstatus",
        "permission": permissions.AGREEMENTS.read,
    },
)
def get_agreement_status(
    program_name: FromPath[str],
    begin: NamedDependency[Begin],
    mpn_id: Annotated[str, QueryParameter(name="mpnid")] = "",
    tenant_id: Annotated[UUID | None, QueryParameter(name="tenantid")] = None,
) -> wire.AgreementSignatureStatus:
    """Whether an indirect reseller has signed the partner agreement."""
    with begin.read() as uow:
        uow.actor.require_user()
        uow.actor.require(permissions.AGREEMENTS.read)
        if program_name.lower() != "csp":
            raise NotFound("Program", program_name)
        signed = service.has_signed_partner_agreement(uow, partner_id=mpn_id.strip(), tenant_id=tenant_id)
        return wire.AgreementSignatureStatus(is_agreement_signed=signed)


# --- roles --------------------------------------------------------------------------------------------------------


@get(
    "/v1/roles",
    sync_to_thread=True,
    opt={"operation": "GET /v1/roles", "permission": permissions.USERS_DIRECTORY_ROLES.read},
)
def list_partner_roles(begin: NamedDependency[Begin]) -> Collection[wire.DirectoryRole]:
    """The roles of the partner's own tenant: directory roles, and the agents' groups."""
    with begin.read() as uow:
        uow.actor.require_user()
        uow.actor.require(permissions.USERS_DIRECTORY_ROLES.read)
        named = ((name, directory.group_by_name(uow, uow.actor.tenant, name)) for name in queries.AGENT_GROUP_NAMES)
        return collection(wire.directory_roles([(name, group.id) for name, group in named if group is not None]))


ROUTES: list[Any] = [
    get_legal_business_profile,
    put_legal_business_profile,
    get_organization_profile,
    put_organization_profile,
    get_billing_profile,
    put_billing_profile,
    get_mpn_profile,
    get_support_profile,
    put_support_profile,
    put_support_profile_as_documented,
    list_agreement_metadata,
    get_agreement_document,
    get_agreement_status,
    list_partner_roles,
]
