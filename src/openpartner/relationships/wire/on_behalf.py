"""Administering on behalf: consents, services. Source: partner-center-resources §2, ApplicationConsent; §18."""

from uuid import UUID

import msgspec

from openpartner.identity.service.applications import Access
from openpartner.platform.http.answers import Attributes, Link, Wire, link


class GrantIn(msgspec.Struct, rename="camel"):
    """Scopes of one application, in one text with commas."""

    enterprise_application_id: UUID
    scope: str = ""


class ConsentIn(msgspec.Struct, rename="camel"):
    application_id: UUID
    display_name: str = ""
    application_grants: list[GrantIn] = msgspec.field(default_factory=list)

    def read(self) -> list[Access]:
        """What the use case takes."""
        return [
            Access(
                resource=grant.enterprise_application_id,
                scopes=[part.strip() for part in grant.scope.split(",") if part.strip()],
            )
            for grant in self.application_grants
        ]


class GrantOut(Wire, kw_only=True):
    enterprise_application_id: str
    scope: str


class ConsentOut(Wire, kw_only=True):
    application_id: str
    display_name: str | None = None
    application_grants: list[GrantOut]
    attributes: Attributes

    @classmethod
    def of(cls, given: ConsentIn) -> "ConsentOut":
        return cls(
            application_id=str(given.application_id),
            display_name=given.display_name or None,
            application_grants=[
                GrantOut(enterprise_application_id=str(each.enterprise_application_id), scope=each.scope)
                for each in given.application_grants
            ],
            attributes=Attributes(object_type="ApplicationConsent"),
        )


class ManagedService(Wire, kw_only=True):
    """A service that the caller's roles open for the customer."""

    id: str
    name: str
    group_name: str
    links: dict[str, Link]
    attributes: Attributes

    @classmethod
    def of(cls, key: str, name: str, admin_uri: str) -> "ManagedService":
        return cls(
            id=key,
            name=name,
            group_name=name,
            links={"adminService": link(admin_uri)},
            attributes=Attributes(object_type="ManagedService"),
        )
