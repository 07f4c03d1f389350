"""Rules of registrations as administrators write them: App ID URIs, exposed and required permissions.

Source: identity §10; entra-docs, restrictions on identifier URIs and application manifest.
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any
from urllib.parse import urlsplit
from uuid import UUID

from openpartner.platform.errors import Invalid

LONGEST_URI = 255
MEMBER_TYPES = ("Application", "User")
SCOPE_TYPES = ("Admin", "User")
ACCESS_TYPES = ("Role", "Scope")

Permissions = Sequence[Mapping[str, Any]]


class RegistrationRefused(Invalid):
    """A member of a registration breaks a rule; ``member`` is its name on the wire."""

    def __init__(self, member: str, reason: str) -> None:
        super().__init__(reason, member=member)
        self.member = member


class PermissionInUse(RegistrationRefused):
    """A permission that clients may be using is switched off first, then taken away."""

    def __init__(self, member: str, value: str) -> None:
        super().__init__(
            member,
            "Permission (scope or role) cannot be deleted or updated unless disabled first."
            f" Set isEnabled of '{value}' to false, then change it.",
        )


def check_identifier_uri(uri: str, app_id: UUID, tenant_id: UUID, domains: Iterable[str]) -> None:
    """Refuse an App ID URI that names neither the application, nor its tenant, nor a verified domain of it.

    domains: verified names, lower case. Raises RegistrationRefused.
    """
    try:
        parts = urlsplit(uri)
    except ValueError as error:
        raise RegistrationRefused("identifierUris", f"'{uri}' is no App ID URI. Write api://{app_id}.") from error
    host, path = (parts.hostname or "").lower(), parts.path.strip("/").lower()
    odd = any(char.isspace() or ord(char) < 33 for char in uri)
    if len(uri) > LONGEST_URI or parts.query or parts.fragment or odd:
        raise RegistrationRefused(
            "identifierUris", f"'{uri}' is no App ID URI: at most {LONGEST_URI} characters, no blank, '?' or '#'."
        )
    own = any(host == name or host.endswith(f".{name}") for name in domains)
    by_key = host in {str(app_id), str(tenant_id)} or path.rpartition("/")[2] in {str(app_id), str(tenant_id)}
    if (parts.scheme == "api" and (by_key or own)) or (parts.scheme == "https" and own):
        return
    raise RegistrationRefused(
        "identifierUris",
        "Values of identifierUris property must use a verified domain of the organization or its subdomain, or the"
        f" application's id: '{uri}'. Write api://{app_id}.",
    )


def _check_permissions(member: str, wanted: Permissions) -> None:
    ids, values = set[str](), set[str]()
    for each in wanted:
        key, value = str(each["id"]), str(each["value"] or "")
        if key in ids:
            raise RegistrationRefused(member, f"The id '{key}' is given twice. Each permission has one of its own.")
        if value in values:
            raise RegistrationRefused(member, f"The value '{value}' is given twice. Each permission has its own.")
        if any(char.isspace() for char in value) or len(value) > 120:
            raise RegistrationRefused(member, f"'{value}' cannot be a permission's value: no blanks, 120 characters.")
        ids.add(key)
        if value:
            values.add(value)


def check_scopes(member: str, wanted: Permissions) -> None:
    """Refuse exposed delegated permissions that contradict each other. Raises RegistrationRefused."""
    _check_permissions(member, wanted)
    for each in wanted:
        if each["type"] not in SCOPE_TYPES:
            raise RegistrationRefused(member, "The type of a scope is Admin or User.")
        if not each["value"]:
            raise RegistrationRefused(member, "A scope needs a value, the word that clients ask for.")


def check_app_roles(member: str, wanted: Permissions) -> None:
    """Refuse app roles that contradict each other. Raises RegistrationRefused."""
    _check_permissions(member, wanted)
    for each in wanted:
        kinds = each["allowedMemberTypes"]
        if not kinds or not set(kinds) <= set(MEMBER_TYPES):
            raise RegistrationRefused(member, "The allowedMemberTypes of a role are User, Application or both.")
        if not each["displayName"]:
            raise RegistrationRefused(member, "A role needs a displayName.")


def check_removed(member: str, present: Permissions, wanted: Permissions) -> None:
    """Refuse to take an enabled permission away. Raises PermissionInUse. Source: entra-docs, app roles: delete."""
    kept = {str(each["id"]) for each in wanted}
    for each in present:
        if each.get("isEnabled", True) and str(each["id"]) not in kept:
            raise PermissionInUse(member, str(each["value"]))


GROUP_CLAIMS = ("SecurityGroup", "ApplicationGroup", "DirectoryRole", "All")


def check_group_claims(member: str, text: str) -> None:
    """Refuse kinds of groups that tokens cannot carry; several are joined by commas. Raises RegistrationRefused."""
    if not {each.strip() for each in text.split(",") if each.strip()} <= set(GROUP_CLAIMS):
        raise RegistrationRefused(member, f"It is None or one of {', '.join(GROUP_CLAIMS)}.")


def check_required(member: str, wanted: Permissions) -> None:
    """Refuse required permissions that cannot be read. What they name need not be known. Raises RegistrationRefused."""
    resources = [str(each["resourceAppId"]) for each in wanted]
    if len(set(resources)) != len(resources):
        raise RegistrationRefused(member, "A resource is given twice. Put its permissions into one entry.")
    for each in wanted:
        for item in each["resourceAccess"]:
            if item["type"] not in ACCESS_TYPES:
                raise RegistrationRefused(member, "The type of a required permission is Scope or Role.")
