"""Groups as Graph shows and takes them. Source: graph-conventions §16, group."""

from typing import Any
from uuid import UUID

import msgspec
from msgspec import UNSET, UnsetType

from openpartner.identity.models import Group
from openpartner.platform.graph.bodies import Change
from openpartner.platform.graph.edm import Kind, Property, Resource, boolean, declare, fixed, guid, instant, text
from openpartner.platform.graph.sql import texts


def security_identifier(key: UUID) -> str:
    """``S-1-12-1-…``: the four little-endian words of the object id."""
    octets = key.bytes_le
    words = (str(int.from_bytes(octets[at : at + 4], "little")) for at in range(0, 16, 4))
    return f"S-1-12-1-{'-'.join(words)}"


GROUP = Resource(
    name="group",
    entity_set="groups",
    key=Group.id,
    order=("displayName",),
    properties=declare(
        guid("id", Group.id, is_nullable=False),
        instant("deletedDateTime", Group.deleted_at),
        fixed("classification", None),
        instant("createdDateTime", Group.created_at, is_nullable=False),
        text("description", Group.description),
        text("displayName", Group.display_name, is_nullable=False),
        fixed("expirationDateTime", None, Kind.INSTANT),
        texts("groupTypes", Group.group_types),
        boolean("isAssignableToRole", Group.is_assignable_to_role, wire=lambda value: value or None),
        text("mail", Group.mail),
        boolean("mailEnabled", Group.mail_enabled),
        text("mailNickname", Group.mail_nickname),
        fixed("membershipRule", None),
        fixed("membershipRuleProcessingState", None),
        fixed("onPremisesSyncEnabled", None, Kind.BOOLEAN),
        fixed("preferredLanguage", None),
        Property(
            name="proxyAddresses",
            column=Group.mail,
            wire=lambda mail: [f"SMTP:{mail}"] if mail else [],
            is_collection=True,
        ),
        instant("renewedDateTime", Group.renewed_at),
        Property(name="resourceProvisioningOptions", wire=lambda _: [], is_collection=True),
        boolean("securityEnabled", Group.security_enabled),
        Property(name="securityIdentifier", column=Group.id, wire=security_identifier, is_filterable=False),
        fixed("theme", None),
        text("uniqueName", Group.unique_name),
        text("visibility", Group.visibility),
    ),
    search=("displayName", "description"),
    is_directory=True,
)


class GroupChange(Change, kw_only=True):
    """What a group takes."""

    display_name: str | UnsetType | None = UNSET
    description: str | UnsetType | None = UNSET
    mail_nickname: str | UnsetType | None = UNSET
    mail_enabled: bool | UnsetType = UNSET
    security_enabled: bool | UnsetType = UNSET
    group_types: list[str] | UnsetType | None = UNSET
    is_assignable_to_role: bool | UnsetType | None = UNSET
    visibility: str | UnsetType | None = UNSET
    unique_name: str | UnsetType | None = UNSET
    members_bind: list[str] | UnsetType = msgspec.field(default=UNSET, name="members@odata.bind")
    owners_bind: list[str] | UnsetType = msgspec.field(default=UNSET, name="owners@odata.bind")

    def details(self) -> dict[str, Any]:
        """What is stored as it is given, by the columns' names; null clears."""
        names = ("display_name", "description", "mail_nickname", "visibility")
        given = self.given()
        return {name: given[name] or "" for name in names if name in given}
