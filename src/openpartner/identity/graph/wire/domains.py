"""The organization and its domains as Graph shows and takes them. Source: graph-conventions §16."""

from collections.abc import Mapping, Sequence
from typing import Any

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
        fixed("onPremisesLastSyncDateTime", None, Kind.INSTANT),
        fixed("onPremisesSyncEnabled", None, Kind.BOOLEAN),
        fixed("tenantType", "AAD"),
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
