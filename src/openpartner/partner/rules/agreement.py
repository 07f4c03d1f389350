"""The partner agreement: which version is in force, and whether it is accepted in time.

Source: account-and-security §3.
"""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from openpartner.partner.rules.programs import ProgramState
from openpartner.platform import permissions
from openpartner.platform.errors import Conflict


class AgreementState(StrEnum):
    """not_published: there is nothing to accept yet, so nothing waits for it."""

    NOT_PUBLISHED = "not_published"
    NOT_ACCEPTED = "not_accepted"
    ACCEPTED = "accepted"
    REACCEPT_DUE = "reaccept_due"
    LAPSED = "lapsed"


@dataclass(frozen=True)
class PublishedVersion:
    """rank: the higher is the newer. accept_by: who has not accepted by then may not transact; None: no hurry."""

    rank: int
    effective_at: datetime
    accept_by: datetime | None = None


class NotTheCurrentVersion(Conflict):
    """Another version is in force."""

    def __init__(self) -> None:
        super().__init__("This version of the agreement is not in force; reload the page and read the one that is.")


class NotYetQualified(Conflict):
    """Source: account-and-security §3: verification, then qualified, then the agreement, then active."""

    def __init__(self) -> None:
        super().__init__("The partner agreement is accepted once the company is verified and the programme qualified.")


MAY_SIGN = permissions.PARTNER_AGREEMENT_SIGN.write
"""What the signer must be allowed: only Global admins are."""

_MAY_ACCEPT = frozenset({ProgramState.QUALIFIED, ProgramState.ACTIVE, ProgramState.SUSPENDED})


def current_version(versions: Iterable[PublishedVersion], at: datetime) -> PublishedVersion | None:
    """The newest version in force at ``at``."""
    in_force = [version for version in versions if version.effective_at <= at]
    return max(in_force, key=lambda version: version.rank, default=None)


def agreement_state(versions: Collection[PublishedVersion], accepted_rank: int | None, at: datetime) -> AgreementState:
    """Where the agreement of one region stands; ``accepted_rank`` is of the newest version accepted."""
    current = current_version(versions, at)
    if current is None:
        return AgreementState.NOT_PUBLISHED
    if accepted_rank is None:
        return AgreementState.NOT_ACCEPTED
    missing = [version for version in versions if version.rank > accepted_rank and version.effective_at <= at]
    if any(version.accept_by is not None and version.accept_by <= at for version in missing):
        return AgreementState.LAPSED
    return AgreementState.REACCEPT_DUE if missing else AgreementState.ACCEPTED


def check_acceptance(rank: int, versions: Iterable[PublishedVersion], program: ProgramState, at: datetime) -> None:
    """Whether the version of ``rank`` may be accepted now. Raises NotTheCurrentVersion, NotYetQualified."""
    current = current_version(versions, at)
    if current is None or current.rank != rank:
        raise NotTheCurrentVersion
    if program not in _MAY_ACCEPT:
        raise NotYetQualified
