"""The use cases of the consent simulator: answer now, keep standing policies, and what falls due by them."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import delete

from openpartner.identity import queries as directory
from openpartner.identity.models import Tenant
from openpartner.platform import durations
from openpartner.platform.errors import DomainError, Invalid, NotFound
from openpartner.platform.work import UnitOfWork
from openpartner.sandbox.consent import queries, rules
from openpartner.sandbox.consent.deciding import carry_out, decider_of
from openpartner.sandbox.consent.events import ConsentPoliciesChanged
from openpartner.sandbox.consent.models import ConsentDecision, ConsentPolicy
from openpartner.sandbox.consent.rules import Answer, DecisionState, Policy
from openpartner.sandbox.consent.sources import Subject

DECIDE = "sandbox.decide_consent"
"""The job by which a planned decision is taken."""

LONGEST_PROBLEM = 600


def _only_in_sandbox(uow: UnitOfWork) -> None:
    if not uow.world.settings.is_sandbox:
        raise Invalid("Only a sandbox answers in somebody else's name.")


# One answer


@dataclass(frozen=True)
class Reply:
    """What is answered. decider: tenant id or domain, where the request names nobody. admin: in whose name."""

    answer: Answer
    decider: str = ""
    admin: str = ""
    reason: str = ""


def answer_request(uow: UnitOfWork, subject_id: str, reply: Reply) -> ConsentDecision:
    """Approve, refuse or ignore what waits, or end what runs, in the name of who decides about it.

    Raises NotFound, DeciderNeeded, NotThatAnswer, NoAdministrator, and whatever the use case refuses.
    """
    _only_in_sandbox(uow)
    ends = reply.answer is Answer.END
    subject = (queries.running_subject if ends else queries.waiting_subject)(uow, subject_id)
    return answer_subject(uow, subject, reply)


def answer_subject(uow: UnitOfWork, subject: Subject, reply: Reply) -> ConsentDecision:
    """The same for a subject that was read in this unit."""
    _forget_plans(uow, subject.id)
    if reply.answer is Answer.IGNORE:
        return _keep(uow, subject, reply.answer, None, state=DecisionState.DONE)
    tenant = decider_of(uow, subject, reply.decider)
    actor = carry_out(uow, subject, reply.answer, tenant, admin=reply.admin, reason=reply.reason)
    decision = _keep(uow, subject, reply.answer, tenant, state=DecisionState.DONE, reason=reply.reason)
    decision.taken_at, decision.admin = uow.now, actor.name
    return decision


def _keep(
    uow: UnitOfWork,
    subject: Subject,
    answer: Answer,
    tenant: Tenant | None,
    *,
    state: DecisionState,
    reason: str = "",
    policy_id: UUID | None = None,
) -> ConsentDecision:
    decision = ConsentDecision(
        id=uow.ids.uuid(),
        matter=subject.matter,
        subject_id=subject.id,
        title=subject.title,
        asker_name=subject.asker_name,
        customer_id=subject.decider_id if tenant is None else tenant.id,
        customer_name=subject.decider_name if tenant is None else tenant.name,
        answer=answer,
        reason=reason,
        policy_id=policy_id,
        state=state,
        made_at=uow.now,
    )
    uow.db.add(decision)
    uow.db.flush()
    return decision


def _forget_plans(uow: UnitOfWork, subject_id: str) -> None:
    """What was planned for it, or that it is ignored, holds no longer."""
    for decision in queries.standing_decisions(uow, subject_id):
        _forget(uow, decision)


def _forget(uow: UnitOfWork, decision: ConsentDecision) -> None:
    uow.unschedule(_key(decision.id))
    uow.db.delete(decision)
    uow.db.flush()


def _key(decision_id: UUID) -> str:
    return f"{DECIDE}/{decision_id}"


# Standing policies


def add_policy(uow: UnitOfWork, wanted: Policy, position: int | None = None) -> ConsentPolicy:
    """Keep a policy, at a place (from 0) among the others or behind them; what waits is decided anew by all of them.

    Raises InvalidFields, NotFound (an unknown tenant). Emits ConsentPoliciesChanged.
    """
    _only_in_sandbox(uow)
    kept = list(queries.policies(uow))
    before = _shown(kept)
    row = _row(uow, wanted)
    kept.insert(len(kept) if position is None else max(0, min(position, len(kept))), row)
    _in_order(uow, kept, before)
    return row


def remove_policy(uow: UnitOfWork, policy_id: UUID) -> None:
    """Keep it no longer; what waits is decided anew. Raises NotFound. Emits ConsentPoliciesChanged."""
    _only_in_sandbox(uow)
    gone = queries.one_policy(uow, policy_id)
    before = _shown(queries.policies(uow))
    uow.db.delete(gone)
    uow.db.flush()
    _in_order(uow, list(queries.policies(uow)), before)


def move_policy(uow: UnitOfWork, policy_id: UUID, position: int) -> ConsentPolicy:
    """Ask it earlier or later. Raises NotFound. Emits ConsentPoliciesChanged."""
    _only_in_sandbox(uow)
    moved = queries.one_policy(uow, policy_id)
    before = _shown(queries.policies(uow))
    kept = [each for each in queries.policies(uow) if each.id != policy_id]
    kept.insert(max(0, min(position, len(kept))), moved)
    _in_order(uow, kept, before)
    return moved


def replace_policies(uow: UnitOfWork, wanted: Sequence[Policy]) -> Sequence[ConsentPolicy]:
    """These and no others, in this order. Raises InvalidFields, NotFound. Emits ConsentPoliciesChanged."""
    _only_in_sandbox(uow)
    before = _shown(queries.policies(uow))
    uow.db.execute(delete(ConsentPolicy))
    kept = [_row(uow, policy) for policy in wanted]
    _in_order(uow, kept, before)
    return kept


def _row(uow: UnitOfWork, wanted: Policy) -> ConsentPolicy:
    policy = rules.checked(wanted)
    for tenant_id in (policy.partner_id, policy.customer_id):
        if tenant_id is not None:
            directory.tenant_by_id(uow, tenant_id)
    row = ConsentPolicy(
        id=uow.ids.uuid(),
        position=0,
        answer=policy.answer,
        matter=policy.matter,
        partner_id=policy.partner_id,
        customer_id=policy.customer_id,
        after=policy.after.strip().upper(),
        one_in=policy.one_in,
        reason=policy.reason.strip(),
        created_at=uow.now,
    )
    uow.db.add(row)
    return row


def _in_order(uow: UnitOfWork, kept: Sequence[ConsentPolicy], before: list[dict[str, Any]]) -> None:
    for position, policy in enumerate(kept):
        policy.position = position
    uow.db.flush()
    after = _shown(kept)
    if after != before:
        uow.emit(ConsentPoliciesChanged(partner_id=None, before={"policies": before}, after={"policies": after}))
    _plan_anew(uow)


def _shown(kept: Sequence[ConsentPolicy]) -> list[dict[str, Any]]:
    return [
        {
            "answer": each.answer.value,
            "kind": None if each.matter is None else each.matter.value,
            "partner": None if each.partner_id is None else str(each.partner_id),
            "customer": None if each.customer_id is None else str(each.customer_id),
            "after": each.after,
            "oneIn": each.one_in,
        }
        for each in kept
    ]


def _plan_anew(uow: UnitOfWork) -> None:
    """The policies hold for what waits already. What somebody said to ignore stays ignored."""
    for decision in queries.planned_by_policies(uow):
        _forget(uow, decision)
    if not queries.policies(uow):
        return
    alone = queries.left_alone(uow)
    for subject in queries.every_waiting(uow):
        if subject.id not in alone:
            plan(uow, subject)


def plan(uow: UnitOfWork, subject: Subject) -> ConsentDecision | None:
    """Let the policies decide about a request: now for later, or to leave it alone; None when none fits.

    What names nobody that could decide waits for a call.
    """
    if subject.decider_id is None:
        return None
    kept = queries.policies(uow)
    place = rules.choose([each.policy() for each in kept], subject.request, uow.ids.below)
    if place is None:
        return None
    policy = kept[place]
    if policy.answer is Answer.IGNORE:
        return _keep(uow, subject, policy.answer, None, state=DecisionState.DONE, policy_id=policy.id)
    decision = _keep(
        uow,
        subject,
        policy.answer,
        None,
        state=DecisionState.PLANNED,
        reason=policy.reason,
        policy_id=policy.id,
    )
    decision.due_at = max(uow.now, durations.add(subject.since_at, policy.after))
    uow.schedule(decision.due_at, DECIDE, {"decision_id": str(decision.id)}, key=_key(decision.id))
    return decision


def plan_for(uow: UnitOfWork, subject_id: str) -> None:
    """Something begins to wait. Nothing to do outside a sandbox, or for what waits for somebody else first."""
    if not uow.world.settings.is_sandbox or not queries.policies(uow):
        return
    plan(uow, queries.waiting_subject(uow, subject_id))


def take_planned(uow: UnitOfWork, args: dict[str, Any]) -> None:
    """Due work: the decision is taken, or it is written down why it could not be."""
    decision = uow.db.get(ConsentDecision, UUID(args["decision_id"]), with_for_update=True)
    if decision is None or decision.state is not DecisionState.PLANNED:
        return
    decision.taken_at = uow.now
    try:
        subject = queries.waiting_subject(uow, decision.subject_id)
    except NotFound:
        decision.state = DecisionState.DROPPED
        return
    if subject.matter is not decision.matter:
        decision.state = DecisionState.DROPPED
        return
    try:
        with uow.attempt():
            tenant = decider_of(uow, subject)
            decision.admin = carry_out(uow, subject, decision.answer, tenant, reason=decision.reason).name
            decision.state = DecisionState.DONE
    except DomainError as refusal:
        decision.state, decision.problem = DecisionState.FAILED, refusal.message[:LONGEST_PROBLEM]
