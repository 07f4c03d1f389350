"""The organization and its domains as Graph shows and takes them. Source: graph-conventions §16."""

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID, uuid5

from msgspec import UNSET, UnsetType
from sqlalchemy import literal, select

from openpartner.identity.models import Domain, Tenant
from openpartner.platform.graph.bodies import Change
from openpartner.platform.graph.edm import (
    Kind,
    Property,
    Resource,
    boolean,
    declare,
    fixed,
    guid,
    instant,
    text,
)
from openpartner.platform.work import UnitOfWork

_RECORDS = UUID("c2a9a1de-7a34-4c0e-8c53-5a2f1be1d0aa")
SERVICES = ("Email", "OfficeCommunicationsOnline")
"""What a verified name can be used for here."""

DOMAIN = Resource(
    name="domain",
    entity_set="domains",
    key=Domain.name,
    properties=declare(
        fixed("authenticationType", "Managed"),
        fixed("availabilityStatus", None),
        text("id", Domain.name, is_nullable=False),
        Property(name="isAdminManaged", kind=Kind.BOOLEAN, column=literal(value=True)),
        boolean("isDefault", Domain.is_default),
        boolean("isInitial", Domain.is_initial),
        Property(name="isRoot", kind=Kind.BOOLEAN, column=literal(value=True)),
        boolean("isVerified", Domain.is_verified),
        fixed("manufacturer", None),
        fixed("model", None),
        fixed("passwordNotificationWindowInDays", 14, Kind.INTEGER),
        fixed("passwordValidityPeriodInDays", 2147483647, Kind.INTEGER),
        fixed("state", None, Kind.COMPLEX, type_name="domainState"),
        Property(
            name="supportedServices",
            column=Domain.is_verified,
            wire=lambda verified: list(SERVICES) if verified else [],
            is_collection=True,
        ),
    ),
    most=999,
)


class DomainChange(Change, kw_only=True):
    """What a domain takes. ``id`` is its name, and counts only when it is made."""

    id: str | UnsetType = UNSET
    is_default: bool | UnsetType = UNSET


def verification_records(domain: Domain) -> list[dict[str, Any]]:
    """What the owner publishes to prove that the name is its own: one of the two is enough."""
    common = {"isOptional": False, "label": domain.name, "supportedService": None, "ttl": 3600}
    mail = f"{domain.verification_text.removeprefix('MS=')}.msv1.invalid"
    return [
        {
            "@odata.type": "#microsoft.graph.domainDnsTxtRecord",
            "id": f"{domain.name}/TXT",
            **common,
            "recordType": "Txt",
            "text": domain.verification_text,
        },
        {
            "@odata.type": "#microsoft.graph.domainDnsMxRecord",
            "id": f"{domain.name}/MX",
            **common,
            "recordType": "Mx",
            "mailExchange": mail,
            "preference": 32767,
        },
    ]


def service_records(domain: Domain) -> list[dict[str, Any]]:
    """What the owner of a verified name publishes for mail and calls: where tools of the field look for it."""
    if not domain.is_verified:
        return []
    name, dashed = domain.name, domain.name.replace(".", "-")
    mail, calls = SERVICES
    return [
        _record(name, "Mx", mail, mailExchange=f"{dashed}.mail.protection.outlook.com", preference=0),
        _record(name, "Txt", mail, text="v=spf1 include:spf.protection.outlook.com -all"),
        _record(f"autodiscover.{name}", "CName", mail, canonicalName="autodiscover.outlook.com"),
        _record(f"sip.{name}", "CName", calls, canonicalName="sipdir.online.lync.com"),
        _record(f"lyncdiscover.{name}", "CName", calls, canonicalName="webdir.online.lync.com"),
        _record(f"_sip._tls.{name}", "Srv", calls, **_service("_sip", "_tls", "sipdir.online.lync.com", 443)),
        _record(
            f"_sipfederationtls._tcp.{name}",
            "Srv",
            calls,
            **_service("_sipfederationtls", "_tcp", "sipfed.online.lync.com", 5061),
        ),
    ]


def _record(label: str, kind: str, for_service: str, **more: Any) -> dict[str, Any]:
    return {
        "@odata.type": f"#microsoft.graph.domainDns{kind}Record",
        "id": str(uuid5(_RECORDS, f"{label}/{kind}/{for_service}")),
        "isOptional": False,
        "label": label,
        "recordType": kind,
        "supportedService": for_service,
        "ttl": 3600,
        **more,
    }


def _service(service: str, protocol: str, target: str, port: int) -> dict[str, Any]:
    return {
        "nameTarget": target,
        "port": port,
        "priority": 100,
        "protocol": protocol,
        "service": service,
        "weight": 1,
    }


def _verified(uow: UnitOfWork, keys: Sequence[Any]) -> Mapping[Any, list[dict[str, Any]]]:
    rows = uow.db.scalars(
        select(Domain).where(Domain.tenant_id.in_(keys), Domain.is_verified).order_by(Domain.created_at, Domain.name)
    )
    found: dict[Any, list[dict[str, Any]]] = {}
    for row in rows:
        found.setdefault(row.tenant_id, []).append(
            {
                "capabilities": ", ".join(SERVICES),
                "isDefault": row.is_default,
                "isInitial": row.is_initial,
                "name": row.name,
                "type": "Managed",
            }
        )
    return found


VERIFIED_DOMAIN = declare(text("capabilities"), boolean("isDefault"), boolean("isInitial"), text("name"), text("type"))


def _written_to(name: str) -> Property:
    """Addresses or numbers of people that the organization has told of something."""
    return Property(
        name=name,
        column=Tenant.details,
        wire=lambda details: details.get(name, []),
        is_collection=True,
        is_filterable=False,
    )


class PrivacyChange(Change, kw_only=True):
    """Whom to ask about privacy."""

    contact_email: str | UnsetType | None = UNSET
    statement_url: str | UnsetType | None = UNSET


class OrganizationChange(Change, kw_only=True):
    """What an organization takes."""

    marketing_notification_emails: list[str] | UnsetType | None = UNSET
    technical_notification_mails: list[str] | UnsetType | None = UNSET
    security_compliance_notification_mails: list[str] | UnsetType | None = UNSET
    security_compliance_notification_phones: list[str] | UnsetType | None = UNSET
    privacy_profile: PrivacyChange | UnsetType | None = UNSET

    def details(self) -> dict[str, Any]:
        """By the wire's names; None clears."""
        given = self.given()
        found: dict[str, Any] = {_camel(name): given[name] or None for name in _LISTS if name in given}
        if "privacy_profile" in given:
            said = given["privacy_profile"]
            found["privacyProfile"] = said and {_camel(name): value for name, value in said.given().items()}
        return found


_LISTS = (
    "marketing_notification_emails",
    "technical_notification_mails",
    "security_compliance_notification_mails",
    "security_compliance_notification_phones",
)


def _camel(name: str) -> str:
    head, *rest = name.split("_")
    return head + "".join(part.capitalize() for part in rest)


ORGANIZATION = Resource(
    name="organization",
    entity_set="organization",
    key=Tenant.id,
    properties=declare(
        guid("id", Tenant.id, is_nullable=False),
        fixed("deletedDateTime", None, Kind.INSTANT),
        text("countryLetterCode", Tenant.country),
        instant("createdDateTime", Tenant.created_at, is_nullable=False),
        text("defaultUsageLocation", Tenant.country),
        text("displayName", Tenant.name, is_nullable=False),
        Property(name="businessPhones", wire=lambda _: [], is_collection=True),
        fixed("city", None),
        fixed("country", None),
        _written_to("marketingNotificationEmails"),
        fixed("onPremisesLastSyncDateTime", None, Kind.INSTANT),
        fixed("onPremisesSyncEnabled", None, Kind.BOOLEAN),
        fixed("postalCode", None),
        fixed("preferredLanguage", None),
        Property(
            name="privacyProfile",
            kind=Kind.COMPLEX,
            type_name="privacyProfile",
            column=Tenant.details,
            wire=lambda details: details.get("privacyProfile"),
            members=declare(text("contactEmail"), text("statementUrl")),
            is_filterable=False,
        ),
        _written_to("securityComplianceNotificationMails"),
        _written_to("securityComplianceNotificationPhones"),
        fixed("state", None),
        fixed("street", None),
        _written_to("technicalNotificationMails"),
        fixed("tenantType", "AAD"),
        Property(name="assignedPlans", kind=Kind.COMPLEX, type_name="assignedPlan", is_collection=True),
        Property(name="provisionedPlans", kind=Kind.COMPLEX, type_name="provisionedPlan", is_collection=True),
        Property(
            name="verifiedDomains",
            kind=Kind.COMPLEX,
            type_name="verifiedDomain",
            members=VERIFIED_DOMAIN,
            load=_verified,
            is_collection=True,
        ),
    ),
)
