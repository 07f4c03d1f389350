"""The JSON of ``/_sandbox/consent``."""

from datetime import datetime
from uuid import UUID

import msgspec

from openpartner.sandbox.consent.models import ConsentDecision, ConsentPolicy
from openpartner.sandbox.consent.rules import AT_ONCE, Answer, DecisionState, Matter, Policy
from openpartner.sandbox.consent.sources import Subject


class _Wire(msgspec.Struct, rename="camel", kw_only=True):
    pass


class Party(_Wire):
    """A tenant by id and name."""

    id: UUID
    name: str


class DecisionView(_Wire):
    """A decision that was planned or taken. kind: of what it is about. policy: which planned it; null for a call."""

    id: UUID
    kind: Matter
    subject: str
    title: str
    asker: str
    decider: str
    answer: Answer
    state: DecisionState
    reason: str
    policy: UUID | None
    made_at: datetime
    due_at: datetime | None
    taken_at: datetime | None
    admin: str
    problem: str

    @classmethod
    def of(cls, row: ConsentDecision) -> "DecisionView":
        """A row of the list of decisions."""
        return cls(
            id=row.id,
            kind=row.matter,
            subject=row.subject_id,
            title=row.title,
            asker=row.asker_name,
            decider=row.customer_name,
            answer=row.answer,
            state=row.state,
            reason=row.reason,
            policy=row.policy_id,
            made_at=row.made_at,
            due_at=row.due_at,
            taken_at=row.taken_at,
            admin=row.admin,
            problem=row.problem,
        )


class SubjectView(_Wire):
    """Something that waits for consent, or runs by it. decider: null where the request names nobody that is known.

    page: where the one who decides would do it in the portal. decision: what is planned, or that it is ignored.
    """

    id: str
    kind: Matter
    title: str
    asker: Party
    provider: Party | None
    decider: Party | None
    recipient: str
    since: datetime
    until: datetime | None
    page: str
    decision: DecisionView | None

    @classmethod
    def of(cls, subject: Subject, page: str) -> "SubjectView":
        """A row of the list of what waits."""
        return cls(
            id=subject.id,
            kind=subject.matter,
            title=subject.title,
            asker=Party(id=subject.asker_id, name=subject.asker_name),
            provider=None if subject.provider_id is None else Party(id=subject.provider_id, name=subject.provider_name),
            decider=None if subject.decider_id is None else Party(id=subject.decider_id, name=subject.decider_name),
            recipient=subject.recipient,
            since=subject.since_at,
            until=subject.until_at,
            page=page,
            decision=None if subject.decision is None else DecisionView.of(subject.decision),
        )


class Subjects(_Wire):
    """A page of them. next: the ``after`` of the following page."""

    items: list[SubjectView]
    next: str | None = None


class Decisions(_Wire):
    """A page of decisions, the latest first."""

    items: list[DecisionView]
    next: str | None = None


class PolicyIn(_Wire, forbid_unknown_fields=True):
    """A policy as it shall be.

    partner, customer: tenant id or domain; left out for any. position: its place, from 0; left out for the last.
    """

    answer: Answer
    kind: Matter | None = None
    partner: str = ""
    customer: str = ""
    after: str = AT_ONCE
    one_in: int = 1
    reason: str = ""
    position: int | None = None

    def policy(self, partner_id: UUID | None, customer_id: UUID | None) -> Policy:
        """With the tenants it names."""
        return Policy(self.answer, self.kind, partner_id, customer_id, self.after, self.one_in, self.reason)


class PolicyView(_Wire):
    """A standing policy."""

    id: UUID
    position: int
    answer: Answer
    kind: Matter | None
    partner: Party | None
    customer: Party | None
    after: str
    one_in: int
    reason: str

    @classmethod
    def of(cls, row: ConsentPolicy, names: dict[UUID, str]) -> "PolicyView":
        """One of the list; ``names`` of tenants."""

        def party(tenant_id: UUID | None) -> Party | None:
            return None if tenant_id is None else Party(id=tenant_id, name=names.get(tenant_id, ""))

        return cls(
            id=row.id,
            position=row.position,
            answer=row.answer,
            kind=row.matter,
            partner=party(row.partner_id),
            customer=party(row.customer_id),
            after=row.after,
            one_in=row.one_in,
            reason=row.reason,
        )


class Policies(_Wire):
    """All of them, in their order."""

    items: list[PolicyView]


class Place(_Wire, forbid_unknown_fields=True):
    """Where a policy shall stand, from 0."""

    position: int
