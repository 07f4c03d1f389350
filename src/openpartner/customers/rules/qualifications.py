"""The special qualifications of a customer: asked for, vetted, and needed in some segments.

Source: commerce-rules §3; partner-center-resources §2.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType

from openpartner.platform.errors import Conflict, Forbidden, Invalid


class Qualification(StrEnum):
    """The special qualifications of a customer; the words of the wire."""

    NONE = "None"
    EDUCATION = "Education"
    NONPROFIT = "Nonprofit"
    GOVERNMENT_COMMUNITY_CLOUD = "GovernmentCommunityCloud"
    STATE_OWNED_ENTITY = "StateOwnedEntity"


class EducationSegment(StrEnum):
    K12 = "K12"
    HIGHER_EDUCATION = "HigherEducation"


class Vetting(StrEnum):
    """Where the vetting of a qualification stands; kinds that are not vetted have none."""

    IN_REVIEW = "InReview"
    APPROVED = "Approved"
    DENIED = "Denied"


VETTED = frozenset({Qualification.EDUCATION, Qualification.GOVERNMENT_COMMUNITY_CLOUD})
SETTABLE = VETTED | {Qualification.STATE_OWNED_ENTITY}

TOGETHER = frozenset(
    {
        frozenset({Qualification.EDUCATION, Qualification.STATE_OWNED_ENTITY}),
        frozenset({Qualification.GOVERNMENT_COMMUNITY_CLOUD, Qualification.STATE_OWNED_ENTITY}),
    }
)
"""Which two a customer may hold at once."""

QUALIFICATION_OF_SEGMENT: Mapping[str, Qualification] = MappingProxyType(
    {
        "education": Qualification.EDUCATION,
        "government": Qualification.GOVERNMENT_COMMUNITY_CLOUD,
        "nonprofit": Qualification.NONPROFIT,
    }
)
"""What a customer must hold to buy in a segment; every other segment is open."""

Held = Mapping[Qualification, Vetting | None]
"""The qualifications of a customer, each with its vetting."""


@dataclass(frozen=True)
class QualificationRequest:
    """segment, code: empty when not given."""

    qualification: Qualification
    segment: str = ""
    code: str = ""
    website: str = ""


class QualificationNotSettable(Invalid):
    """Source: commerce-rules §3."""

    def __init__(self, qualification: Qualification) -> None:
        super().__init__(
            f"The qualification {qualification} cannot be set; use {', '.join(sorted(SETTABLE))}.",
            qualification=str(qualification),
        )


class SegmentNeeded(Invalid):
    """Source: partner-center-resources §2, CustomerQualificationRequest."""

    def __init__(self) -> None:
        super().__init__(f"The qualification Education needs an educationSegment: {' or '.join(EducationSegment)}.")


class ValidationCodeRefused(Invalid):
    """Source: commerce-rules §3: the code must be the partner's and have creations left."""

    def __init__(self, code: str) -> None:
        super().__init__(
            f"The validation code {code!r} is not yours or is used up; list your validation codes."
            if code
            else "The qualification GovernmentCommunityCloud needs a validation code.",
            validation_code=code,
        )


class QualificationHeld(Conflict):
    """The customer has it already, or it is in review."""

    def __init__(self, qualification: Qualification, vetting: Vetting | None) -> None:
        super().__init__(f"The customer's qualification {qualification} is {vetting or 'set'} already.")


class QualificationsExclusive(Conflict):
    """Source: commerce-rules §3: only Education or GovernmentCommunityCloud with StateOwnedEntity."""

    def __init__(self, qualification: Qualification, other: Qualification) -> None:
        super().__init__(f"A customer cannot be qualified for {qualification} and {other} at once.")


class DenialNeedsReason(Invalid):
    """A partner must be told why. Source: partner-center-resources §2, vettingReason."""

    def __init__(self) -> None:
        super().__init__("Say why the qualification is denied; the partner reads it.")


class NotInReview(Conflict):
    """The vetting was decided already, or never began."""

    def __init__(self, vetting: Vetting | None) -> None:
        super().__init__(f"A qualification whose vetting is {vetting or 'not needed'} cannot be decided.")


class SegmentNotAllowed(Forbidden):
    """Source: partner-center-conventions §19, 400030."""

    code = 400030

    def __init__(self, segment: str) -> None:
        super().__init__(f"The customer is not qualified for the segment {segment}; request the qualification first.")


def qualification_named(text: str) -> Qualification | None:
    """``GovernmentCommunityCloud`` and ``government_community_cloud`` alike; None when there is none of that name."""
    plain = text.replace("_", "").casefold()
    return next((known for known in Qualification if known.casefold() == plain), None)


def requested_vetting(
    request: QualificationRequest, held: Held, *, creations_left: int, needs_segment: bool = True
) -> Vetting | None:
    """Where the vetting of a requested qualification begins; None when it counts at once.

    creations_left: of the partner's code that the request names; 0 when it has no such code.
    needs_segment: the older call, with one value, has none.
    Raises QualificationNotSettable, SegmentNeeded, ValidationCodeRefused, QualificationHeld, QualificationsExclusive.
    """
    wanted = request.qualification
    if wanted not in SETTABLE:
        raise QualificationNotSettable(wanted)
    segments = {segment.casefold() for segment in EducationSegment} | (set() if needs_segment else {""})
    if wanted is Qualification.EDUCATION and request.segment.casefold() not in segments:
        raise SegmentNeeded
    if wanted is Qualification.GOVERNMENT_COMMUNITY_CLOUD and (not request.code or creations_left < 1):
        raise ValidationCodeRefused(request.code)
    present = {kind: vetting for kind, vetting in held.items() if vetting is not Vetting.DENIED}
    if wanted in present:
        raise QualificationHeld(wanted, present[wanted])
    for other in present:
        if other is not Qualification.NONE and frozenset({wanted, other}) not in TOGETHER:
            raise QualificationsExclusive(wanted, other)
    return Vetting.IN_REVIEW if wanted in VETTED else None


def decided(vetting: Vetting | None, *, approve: bool, reason: str = "") -> Vetting:
    """The operator's decision; raises NotInReview, DenialNeedsReason."""
    if vetting is not Vetting.IN_REVIEW:
        raise NotInReview(vetting)
    if not approve and not reason.strip():
        raise DenialNeedsReason
    return Vetting.APPROVED if approve else Vetting.DENIED


def qualified_for(held: Held) -> frozenset[Qualification]:
    """What counts at present: approved, or of a kind that is not vetted."""
    return frozenset(kind for kind, vetting in held.items() if vetting in {None, Vetting.APPROVED})


def single_qualification(held: Held) -> Qualification:
    """The one value of the older call: the first that counts, a vetted one before others."""
    counting = qualified_for(held)
    order = (
        Qualification.EDUCATION,
        Qualification.GOVERNMENT_COMMUNITY_CLOUD,
        Qualification.NONPROFIT,
        Qualification.STATE_OWNED_ENTITY,
    )
    return next((kind for kind in order if kind in counting), Qualification.NONE)


def check_segment(segment: str, held: Held) -> None:
    """Whether the customer may buy in ``segment``; raises SegmentNotAllowed."""
    needed = QUALIFICATION_OF_SEGMENT.get(segment.casefold())
    if needed is not None and needed not in qualified_for(held):
        raise SegmentNotAllowed(segment)
