"""The sign-in log as Graph shows it: attempts as the directory recorded them. Source: graph-endpoints, area audit.

The later version says more of a sign-in: from which tenant, with how many factors, by which program.
"""

from collections.abc import Mapping
from dataclasses import replace
from types import MappingProxyType
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, case, false, func, or_

from openpartner.identity.models import Application, SignInLog, User
from openpartner.identity.resources import WELL_KNOWN, WellKnownApplication
from openpartner.platform.graph.edm import (
    Kind,
    Many,
    Property,
    Resource,
    boolean,
    declare,
    fixed,
    guid,
    instant,
    integer,
    nested,
    text,
)
from openpartner.platform.graph.errors import UnsupportedQuery
from openpartner.platform.graph.pages import Source

SIGN_INS = SignInLog.__table__.outerjoin(User.__table__, User.id == SignInLog.user_id).outerjoin(
    Application.__table__, Application.app_id == SignInLog.app_id
)
_KNOWN: Mapping[str, WellKnownApplication] = MappingProxyType(
    {uri.lower(): known for known in WELL_KNOWN for uri in known.identifier_uris}
)


def _resource(asked: str) -> WellKnownApplication | None:
    """The resource that a scope or an address names."""
    first = asked.partition(" ")[0].lower()
    return next((known for uri, known in _KNOWN.items() if first == uri or first.startswith(f"{uri}/")), None)


def _resource_name(asked: str) -> str | None:
    known = _resource(asked)
    return known.name if known else None


def _resource_id(asked: str) -> UUID | None:
    known = _resource(asked)
    return known.app_id if known else None


_UNKNOWN_DEVICE = {
    "deviceId": None,
    "displayName": None,
    "operatingSystem": None,
    "browser": None,
    "isCompliant": False,
    "isManaged": False,
    "trustType": None,
}
"""Of the device nothing is recorded but the program, which the later version shows as ``userAgent``."""

_UNKNOWN_PLACE = {"city": None, "state": None, "countryOrRegion": None, "geoCoordinates": None}

SIGN_IN = Resource(
    name="signIn",
    entity_set="auditLogs/signIns",
    source=SIGN_INS,
    key=SignInLog.id,
    order=("createdDateTime desc",),
    properties=declare(
        guid("id", SignInLog.id, is_nullable=False),
        instant("createdDateTime", SignInLog.at, is_nullable=False),
        text("userDisplayName", func.coalesce(User.display_name, "")),
        text("userPrincipalName", func.coalesce(User.upn, SignInLog.upn_key)),
        guid("userId", SignInLog.user_id),
        guid("appId", SignInLog.app_id),
        text("appDisplayName", Application.display_name),
        text("ipAddress", SignInLog.ip_address),
        text("clientAppUsed", case((SignInLog.is_interactive, "Browser"), else_="Mobile Apps and Desktop clients")),
        text("correlationId", SignInLog.correlation_id),
        fixed("conditionalAccessStatus", "notApplied"),
        boolean("isInteractive", SignInLog.is_interactive),
        fixed("riskDetail", "none"),
        fixed("riskLevelAggregated", "none"),
        fixed("riskLevelDuringSignIn", "none"),
        fixed("riskState", "none"),
        Property(name="riskEventTypes", wire=lambda _: [], is_collection=True, is_filterable=False),
        Property(name="riskEventTypes_v2", wire=lambda _: [], is_collection=True, is_filterable=False),
        Property(name="resourceDisplayName", column=SignInLog.resource, wire=_resource_name, is_filterable=False),
        Property(name="resourceId", column=SignInLog.resource, wire=_resource_id, is_filterable=False),
        nested(
            "status",
            "signInStatus",
            integer("errorCode", SignInLog.error_code),
            text("failureReason", SignInLog.failure_reason, wire=lambda reason: reason or "Other."),
            fixed("additionalDetails", None),
        ),
        fixed("deviceDetail", _UNKNOWN_DEVICE, Kind.COMPLEX, type_name="deviceDetail"),
        fixed("location", _UNKNOWN_PLACE, Kind.COMPLEX, type_name="signInLocation"),
        Property(name="appliedConditionalAccessPolicies", wire=lambda _: [], is_collection=True, is_filterable=False),
    ),
    top=1000,
    most=1000,
)


def _second_factor(amr: Any) -> str:
    return "multiFactorAuthentication" if "mfa" in (amr or ()) else "singleFactorAuthentication"


def _of_type(operator: str, value: Any) -> ColumnElement[bool]:
    if operator != "eq":
        raise UnsupportedQuery("The kinds of a sign-in can be compared with 'eq' only.")
    wanted = {"interactiveUser": SignInLog.is_interactive.is_(True), "nonInteractiveUser": ~SignInLog.is_interactive}
    return wanted.get(str(value), false())


SIGN_IN_LATER = replace(
    SIGN_IN,
    properties={
        **SIGN_IN.properties,
        **declare(
            text("authenticationRequirement", SignInLog.amr, wire=_second_factor, is_filterable=False),
            text("crossTenantAccessType", SignInLog.cross_tenant),
            guid("homeTenantId", SignInLog.home_tenant_id),
            guid("resourceTenantId", SignInLog.tenant_id),
            Property(
                name="signInEventTypes",
                column=SignInLog.is_interactive,
                wire=lambda interactive: ["interactiveUser" if interactive else "nonInteractiveUser"],
                is_collection=True,
                many=Many(elements={"": Property(name="", test=_of_type)}, exists=lambda part: part),
            ),
            text("userAgent", SignInLog.user_agent),
            text("userType", User.user_type, is_filterable=False),
        ),
    },
)
"""The same under ``/beta``."""


def sign_ins_of(tenant_id: UUID, resource: Resource, asked_filter: str, *where: ColumnElement[bool]) -> Source:
    """Sign-ins to a tenant, and of its people to others. Only those by a person, unless the question names kinds."""
    whose = or_(SignInLog.tenant_id == tenant_id, SignInLog.home_tenant_id == tenant_id)
    names_kinds = any(word in asked_filter.lower() for word in ("signineventtypes", "isinteractive"))
    return Source(resource, (whose, *(() if names_kinds else (SignInLog.is_interactive,)), *where))
