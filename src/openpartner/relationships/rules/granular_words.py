"""Enumerations that have grown: which word a client of an old SDK is told. Source: gdap §2.6; graph-conventions §12."""

from enum import StrEnum
from typing import Final

from openpartner.relationships.rules.operations import OperationType
from openpartner.relationships.rules.requests import RequestAction

UNKNOWN_FUTURE_VALUE: Final = "unknownFutureValue"

BEHIND_THE_SENTINEL: Final[frozenset[StrEnum]] = frozenset({RequestAction.REJECT, OperationType.RELATIONSHIP_UPDATE})
"""Told only to who sends ``Prefer: include-unknown-enum-members``."""


def wire_word(member: StrEnum, *, include_unknown: bool) -> str:
    """The word for a member of an enumeration. include_unknown: the client knows the members that came later."""
    if member in BEHIND_THE_SENTINEL and not include_unknown:
        return UNKNOWN_FUTURE_VALUE
    return member.value
