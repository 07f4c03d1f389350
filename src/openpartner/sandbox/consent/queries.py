"""Reads of the consent simulator: what waits in the world, what could be ended, the policies and the decisions.

A sandbox holds nothing real: these reads see every tenant.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from uuid import UUID

import msgspec
from sqlalchemy import ColumnElement, and_, or_, select, tuple_

from openpartner.platform.errors import NotFound
from openpartner.platform.work import UnitOfWork
from openpartner.sandbox.consent.models import ConsentDecision, ConsentPolicy
from openpartner.sandbox.consent.rules import Answer, DecisionState, Matter
from openpartner.sandbox.consent.running import RUNNING
from openpartner.sandbox.consent.sources import WAITING, Criteria, Source, Subject

# What waits and what runs


class Position(msgspec.Struct, frozen=True, array_like=True):
    """The key of a subject in its list. rank: of its source."""

    since_at: datetime
    rank: int
    id: str


@dataclass(frozen=True)
class SubjectPage:
    """Some consecutive subjects, and where the next page begins, if there is one."""

    subjects: Sequence[Subject]
    after: Position | None


def page_of_waiting(uow: UnitOfWork, criteria: Criteria, size: int, *, after: Position | None = None) -> SubjectPage:
    """What waits for somebody's consent, the longest first, each with the decision that is planned for it."""
    page = _page(uow, WAITING, criteria, size, after)
    return replace(page, subjects=_with_decisions(uow, page.subjects))


def page_of_running(uow: UnitOfWork, criteria: Criteria, size: int, *, after: Position | None = None) -> SubjectPage:
    """What was consented to and runs: whoever consented can end it. The oldest first."""
    return _page(uow, RUNNING, criteria, size, after)


def every_waiting(uow: UnitOfWork, criteria: Criteria | None = None) -> list[Subject]:
    """All of it: for policies that begin to hold."""
    return _read(uow, WAITING, criteria or Criteria(), None, 1_000_000)


def _page(
    uow: UnitOfWork, sources: Sequence[Source], criteria: Criteria, size: int, after: Position | None
) -> SubjectPage:
    found = _read(uow, sources, criteria, after, size + 1)
    shown = found[:size]
    last = shown[-1] if len(found) > size else None
    return SubjectPage(shown, None if last is None else Position(last.since_at, last.rank, last.id))


def _read(
    uow: UnitOfWork, sources: Sequence[Source], criteria: Criteria, after: Position | None, size: int
) -> list[Subject]:
    found: list[Subject] = []
    for source in sources:
        if criteria.matter not in {None, *source.matters}:
            continue
        statement = source.select(uow, criteria)
        if after is not None:
            since = source.since
            if source.rank == after.rank:
                here = tuple_(since, source.key) > tuple_(after.since_at, source.read_key(after.id))
            else:
                here = since > after.since_at if source.rank < after.rank else since >= after.since_at
            statement = statement.where(here)
        rows = uow.db.execute(statement.order_by(source.since, source.key).limit(size)).all()
        found += source.subjects(uow, rows)
    found.sort(key=lambda subject: (subject.since_at, subject.rank, subject.id))
    return found[:size]


def waiting_subject(uow: UnitOfWork, subject_id: str) -> Subject:
    """What waits under this id. Raises NotFound."""
    return _one(uow, WAITING, subject_id, "What waits for consent")


def running_subject(uow: UnitOfWork, subject_id: str) -> Subject:
    """What runs under this id. Raises NotFound."""
    return _one(uow, RUNNING, subject_id, "What could be ended")


def _one(uow: UnitOfWork, sources: Sequence[Source], subject_id: str, what: str) -> Subject:
    text = subject_id.strip().lower()
    for source in sources:
        key = source.read_key(text)
        if key is None:
            continue
        rows = uow.db.execute(source.select(uow, Criteria()).where(source.key == key)).all()
        found = source.subjects(uow, rows)
        if found:
            return _with_decisions(uow, found)[0]
    raise NotFound(what, subject_id)


# Decisions


def _with_decisions(uow: UnitOfWork, subjects: Sequence[Subject]) -> list[Subject]:
    """Each with what is planned for it, or with the decision to ignore it."""
    standing = {decision.subject_id: decision for decision in _standing(uow, [each.id for each in subjects])}
    return [replace(subject, decision=standing.get(subject.id)) for subject in subjects]


def _standing(uow: UnitOfWork, subject_ids: Iterable[str]) -> Sequence[ConsentDecision]:
    row = ConsentDecision
    return uow.db.scalars(
        select(row).where(row.subject_id.in_(list(subject_ids)), _holds()).order_by(row.made_at, row.id)
    ).all()


def standing_decisions(uow: UnitOfWork, subject_id: str) -> Sequence[ConsentDecision]:
    """What is planned for one subject, and whether it is ignored."""
    return _standing(uow, [subject_id])


def _holds() -> ColumnElement[bool]:
    row = ConsentDecision
    ignored = and_(row.answer == Answer.IGNORE, row.state == DecisionState.DONE)
    return or_(row.state == DecisionState.PLANNED, ignored)


def planned_by_policies(uow: UnitOfWork) -> Sequence[ConsentDecision]:
    """Everything that stands because of a policy, in the order in which it was decided."""
    row = ConsentDecision
    return uow.db.scalars(select(row).where(row.policy_id.is_not(None), _holds()).order_by(row.made_at, row.id)).all()


def left_alone(uow: UnitOfWork) -> frozenset[str]:
    """The subjects that somebody, and no policy, said to ignore."""
    row = ConsentDecision
    return frozenset(uow.db.scalars(select(row.subject_id).where(row.policy_id.is_(None), _holds())))


class DecisionPosition(msgspec.Struct, frozen=True, array_like=True):
    """The key of a decision in its list."""

    made_at: datetime
    id: UUID


def page_of_decisions(
    uow: UnitOfWork,
    size: int,
    *,
    state: DecisionState | None = None,
    matter: Matter | None = None,
    text: str = "",
    after: DecisionPosition | None = None,
) -> Sequence[ConsentDecision]:
    """Decisions, the latest first. text: a part of a title or a name."""
    row = ConsentDecision
    statement = select(row)
    if state is not None:
        statement = statement.where(row.state == state)
    if matter is not None:
        statement = statement.where(row.matter == matter)
    if text:
        named = (part.icontains(text, autoescape=True) for part in (row.title, row.asker_name, row.customer_name))
        statement = statement.where(or_(*named))
    if after is not None:
        statement = statement.where(tuple_(row.made_at, row.id) < tuple_(after.made_at, after.id))
    return uow.db.scalars(statement.order_by(row.made_at.desc(), row.id.desc()).limit(size)).all()


# Policies


def policies(uow: UnitOfWork) -> Sequence[ConsentPolicy]:
    """The standing policies in their order."""
    return uow.db.scalars(select(ConsentPolicy).order_by(ConsentPolicy.position, ConsentPolicy.id)).all()


def one_policy(uow: UnitOfWork, policy_id: UUID) -> ConsentPolicy:
    """One of them. Raises NotFound."""
    found = uow.db.get(ConsentPolicy, policy_id)
    if found is None:
        raise NotFound("Policy", policy_id)
    return found
