"""What a granular relationship may say: its name, duration, roles, automatic extension; and who may change what when.

Source: gdap §2.1, §5, §7, §8, §15.
"""

import re
from collections.abc import Iterable
from datetime import timedelta
from typing import Final
from uuid import UUID

import msgspec

from openpartner.platform.directory_roles import DIRECTORY_ROLES, GLOBAL_ADMINISTRATOR
from openpartner.relationships.rules.granular import EXTENSION, Action, Refused, Status, StatusForbids

LONGEST_NAME: Final = 50
SHORTEST_DURATION: Final = timedelta(days=1)
LONGEST_DURATION: Final = timedelta(days=730)
DEFAULT_DURATION: Final = "P730D"
NEVER: Final = "PT0S"
"""Automatic extension switched off."""
EXTENDS: Final = "P180D"
"""Automatic extension switched on."""

ASSIGNABLE_ROLES: Final = frozenset(DIRECTORY_ROLES)
"""The built-in roles a customer can be asked for. Source: gdap §15."""

_ISO: Final = re.compile(
    r"P(?:(?P<years>\d{1,4})Y)?(?:(?P<months>\d{1,4})M)?(?:(?P<weeks>\d{1,4})W)?(?:(?P<days>\d{1,5})D)?"
    r"(?:T(?:(?P<hours>\d{1,5})H)?(?:(?P<minutes>\d{1,6})M)?(?:(?P<seconds>\d{1,8})(?:\.0{1,7})?S)?)?"
)
_PYTHON: Final = re.compile(
    r"(?:(?P<days>\d{1,5}) days?, )?(?P<hours>\d{1,2}):(?P<minutes>\d{2}):(?P<seconds>\d{2})(?:\.0{1,6})?"
)
_UNITS: Final = {
    "years": timedelta(days=365),
    "months": timedelta(days=30),
    "weeks": timedelta(days=7),
    "days": timedelta(days=1),
    "hours": timedelta(hours=1),
    "minutes": timedelta(minutes=1),
    "seconds": timedelta(seconds=1),
}
"""A year counts 365 days and a month 30, so that P2Y is the longest duration there is. Source: gdap §7."""


class NameRefused(Refused):
    """Source: gdap §8, name too long or missing."""

    def __init__(self, name: str) -> None:
        super().__init__(
            f"displayName must have 1 to {LONGEST_NAME} characters; this one has {len(name)}. Choose another name.",
            length=len(name),
        )


class NameTaken(Refused):
    """Source: gdap §8: a duplicate is 409, unique over all relationships the partner still keeps."""

    status = 409
    code = "conflict"

    def __init__(self, name: str) -> None:
        super().__init__(
            f"You have a relationship with the name '{name}' already, perhaps an ended one. Choose another name.",
            display_name=name,
        )


class DurationRefused(Refused):
    """Source: gdap §8, duration out of range or unparsable."""

    def __init__(self, text: str) -> None:
        super().__init__(
            f"'{text}' is not a duration of 1 to {LONGEST_DURATION.days} days. Write whole days, for example P730D.",
            duration=text,
        )


class AutoExtendRefused(Refused):
    """Source: gdap §7, autoExtendDuration."""

    def __init__(self, text: str) -> None:
        super().__init__(
            f"'{text}' is not a value of autoExtendDuration. Write {EXTENDS} to extend automatically or {NEVER} "
            "not to.",
            auto_extend_duration=text,
        )


class RolesMissing(Refused):
    """Source: gdap §8, empty roles."""

    def __init__(self) -> None:
        super().__init__("accessDetails.unifiedRoles must name at least one role.")


class RoleUnknown(Refused):
    """Source: gdap §8, role not built-in or unknown."""

    def __init__(self, role: object) -> None:
        super().__init__(
            f"'{role}' is not the template id of a built-in role that can be delegated. Custom roles cannot be.",
            role=str(role),
        )


class GlobalAdministratorExtends(Refused):
    """Source: gdap §5: Global Administrator excludes automatic extension."""

    def __init__(self) -> None:
        super().__init__(
            "A relationship with Global Administrator cannot be extended automatically. "
            "Remove that role first, wait for the operation to succeed, then switch the extension on."
        )


class UpdateRefused(Refused):
    """Source: gdap §5: what may change while a relationship is active."""

    def __init__(self, members: Iterable[str]) -> None:
        named = ", ".join(sorted(members))
        super().__init__(
            f"{named} cannot be changed in an active relationship: only autoExtendDuration can, and accessDetails by "
            "leaving out Global Administrator. Ask the customer for a new relationship.",
            members=named,
        )


class EtagMissing(Refused):
    """Source: gdap §5: If-Match is required."""

    def __init__(self) -> None:
        super().__init__("Send the header If-Match with the @odata.etag of what you read, or *.")


def _length(text: str) -> timedelta | None:
    found = _ISO.fullmatch(text.strip().upper()) or _PYTHON.fullmatch(text.strip())
    if found is None or not any(value is not None for value in found.groups()):
        return None
    return sum((_UNITS[unit] * int(value) for unit, value in found.groupdict().items() if value), timedelta())


class Duration(msgspec.Struct, frozen=True):
    """How long a relationship lasts. text: as it is answered, which is as it was given in ISO 8601."""

    text: str
    days: int

    @property
    def length(self) -> timedelta:
        return timedelta(days=self.days)


def duration(text: str) -> Duration:
    """A duration as clients write it: ISO 8601, or the text of a Python ``timedelta``, which is answered in ISO 8601.

    Raises DurationRefused.
    """
    length = _length(text)
    if length is None or not SHORTEST_DURATION <= length <= LONGEST_DURATION or length % SHORTEST_DURATION:
        raise DurationRefused(text)
    said = text.strip().upper()
    return Duration(said if said.startswith("P") else f"P{length.days}D", length.days)


def auto_extension(text: str | None) -> str:
    """``autoExtendDuration`` in one spelling: ``PT0S`` or ``P180D``. None is off. Raises AutoExtendRefused."""
    if text is None:
        return NEVER
    length = _length(text)
    if length not in {timedelta(), EXTENSION}:
        raise AutoExtendRefused(text)
    return EXTENDS if length else NEVER


def extends(auto_extend_duration: str) -> bool:
    """Whether a kept ``autoExtendDuration`` is on."""
    return auto_extend_duration == EXTENDS


def display_name(text: str) -> str:
    """A relationship's name, without blanks around it. Raises NameRefused."""
    name = text.strip()
    if not 1 <= len(name) <= LONGEST_NAME:
        raise NameRefused(name)
    return name


def name_key(name: str) -> str:
    """What makes two names the same: letters in any case."""
    return name.casefold()


def roles(wanted: Iterable[UUID]) -> frozenset[UUID]:
    """Roles to ask a customer for. Raises RolesMissing, RoleUnknown."""
    found = frozenset(wanted)
    if not found:
        raise RolesMissing
    unknown = sorted(found - ASSIGNABLE_ROLES)
    if unknown:
        raise RoleUnknown(unknown[0])
    return found


def check_extension(wanted: frozenset[UUID], auto_extend_duration: str) -> None:
    """Raises GlobalAdministratorExtends."""
    if GLOBAL_ADMINISTRATOR in wanted and extends(auto_extend_duration):
        raise GlobalAdministratorExtends


class Terms(msgspec.Struct, frozen=True, kw_only=True):
    """What a relationship says, checked. customer_id: None lets any customer approve it."""

    display_name: str
    customer_id: UUID | None
    duration: Duration
    auto_extend_duration: str
    roles: frozenset[UUID]


class WantedTerms(msgspec.Struct, frozen=True, kw_only=True):
    """What a partner asks for, as it wrote it."""

    display_name: str
    duration: str
    roles: frozenset[UUID]
    customer_id: UUID | None = None
    auto_extend_duration: str | None = None

    def read(self) -> Terms:
        """The terms, checked one by one and together.

        Raises NameRefused, DurationRefused, AutoExtendRefused, RolesMissing, RoleUnknown, GlobalAdministratorExtends.
        """
        terms = Terms(
            display_name=display_name(self.display_name),
            customer_id=self.customer_id,
            duration=duration(self.duration),
            auto_extend_duration=auto_extension(self.auto_extend_duration),
            roles=roles(self.roles),
        )
        check_extension(terms.roles, terms.auto_extend_duration)
        return terms


class TermsChange(msgspec.Struct, frozen=True, kw_only=True):
    """What a partner wants changed; UNSET stays."""

    display_name: str | msgspec.UnsetType = msgspec.UNSET
    customer_id: UUID | msgspec.UnsetType | None = msgspec.UNSET
    duration: str | msgspec.UnsetType = msgspec.UNSET
    auto_extend_duration: str | msgspec.UnsetType | None = msgspec.UNSET
    roles: frozenset[UUID] | msgspec.UnsetType = msgspec.UNSET


class Changed(msgspec.Struct, frozen=True):
    """The terms after a change. drops_global_administrator: the roles change by an operation, later."""

    terms: Terms
    drops_global_administrator: bool = False


WIRE_NAMES: Final = {
    "display_name": "displayName",
    "customer_id": "customer",
    "duration": "duration",
    "auto_extend_duration": "autoExtendDuration",
    "roles": "accessDetails",
}


def _merged(present: Terms, change: TermsChange) -> Terms:
    kept = msgspec.UNSET
    return WantedTerms(
        display_name=present.display_name if change.display_name is kept else change.display_name,
        customer_id=present.customer_id if change.customer_id is kept else change.customer_id,
        duration=present.duration.text if change.duration is kept else change.duration,
        auto_extend_duration=(
            present.auto_extend_duration if change.auto_extend_duration is kept else change.auto_extend_duration
        ),
        roles=present.roles if change.roles is kept else change.roles,
    ).read()


def changed(status: Status, present: Terms, change: TermsChange) -> Changed:
    """The terms after a change in a state. What is sent back as it was is no change.

    Raises StatusForbids, UpdateRefused, and what ``WantedTerms.read`` raises.
    """
    if status is Status.CREATED:
        return Changed(_merged(present, change))
    if status is not Status.ACTIVE:
        raise StatusForbids(status, Action.UPDATE)
    wanted = _merged(present, change)
    differing = {name for name in WIRE_NAMES if getattr(wanted, name) != getattr(present, name)}
    drops = wanted.roles == present.roles - {GLOBAL_ADMINISTRATOR} and "roles" in differing
    refused = differing - {"auto_extend_duration"} - ({"roles"} if drops else set())
    if refused:
        raise UpdateRefused(WIRE_NAMES[name] for name in refused)
    if drops:
        check_extension(present.roles, wanted.auto_extend_duration)
    return Changed(wanted, drops)
