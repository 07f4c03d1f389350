"""The page of standing policies."""

from typing import Any
from uuid import UUID

from litestar import Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath

from openpartner.platform.actor import SYSTEM
from openpartner.platform.errors import DomainError, Invalid, InvalidFields
from openpartner.platform.web.forms import CSRF_FIELD, Form, blank_form
from openpartner.platform.web.page import Page
from openpartner.platform.web.tables import (
    Action,
    Choice,
)
from openpartner.platform.work import UnitOfWork
from openpartner.sandbox.consent import service, wire
from openpartner.sandbox.consent.api import add_policy, policies_view
from openpartner.sandbox.consent.portal.shared import AFTERS, ANSWER_WORDS, KINDS, ROOT, crumbs_to, read_answer, tabs_of
from openpartner.sandbox.consent.rules import MATTER_WORDS, Answer, Matter


@get(f"{ROOT}/policies", include_in_schema=False, sync_to_thread=True)
def policies(page: NamedDependency[Page]) -> Response[str]:
    """The standing policies in their order, and the form of one more."""
    with page.begin.read() as uow:
        return _policies_page(page, uow, blank_form({"answer": "approve", "after": "P2D", "one_in": "1"}))


def _policies_page(page: Page, uow: UnitOfWork, form: Form[Any], *, status: int = 200) -> Response[str]:
    kept = policies_view(uow).items
    return page.render(
        uow,
        "sandbox/consent_policies.html",
        status=status,
        f=form,
        policies=[(_sentence(each), _policy_actions(each, len(kept))) for each in kept],
        answers=[Choice(each.value, ANSWER_WORDS[each]) for each in (Answer.APPROVE, Answer.REFUSE, Answer.IGNORE)],
        kinds=KINDS.choices,
        afters=[Choice(value, words) for value, words in AFTERS],
        tabs=tabs_of(f"{ROOT}/policies"),
        crumbs=crumbs_to("Policies"),
    )


def _sentence(policy: wire.PolicyView) -> str:
    """A policy as it is read aloud."""
    what = ANSWER_WORDS[policy.answer]
    chance = "" if policy.one_in == 1 else f" one in {policy.one_in}"
    kind = "" if policy.kind is None else f" of the kind {MATTER_WORDS[policy.kind]}"
    asker = "" if policy.partner is None else f" from {policy.partner.name}"
    decider = "" if policy.customer is None else f" to {policy.customer.name}"
    when = dict(AFTERS).get(policy.after, policy.after).lower()
    later = "" if policy.answer is Answer.IGNORE else f", {when}" if policy.after == "PT0S" else f", after {when}"
    return f"{what}{chance or ' everything'}{kind}{asker}{decider}{later}"


def _policy_actions(policy: wire.PolicyView, count: int) -> list[Action]:
    here = f"{ROOT}/policies/{policy.id}"
    up, down = policy.position - 1, policy.position + 1
    return [
        *([Action("Move up", post=f"{here}/move", fields={"to": str(up)}, icon="arrow_sort_up")] if up >= 0 else []),
        *(
            [Action("Move down", post=f"{here}/move", fields={"to": str(down)}, icon="arrow_sort_down")]
            if down < count
            else []
        ),
        Action("Remove", post=f"{here}/remove", icon="delete"),
    ]


@post(f"{ROOT}/policies", include_in_schema=False, sync_to_thread=True)
def keep_policy(page: NamedDependency[Page]) -> Response[Any]:
    """Keep one more, behind the others."""
    sent = page.form
    form = Form[Any]({name: values for name, values in sent.pairs.items() if name != CSRF_FIELD})
    try:
        with page.portal.world.begin(SYSTEM) as uow:
            add_policy(uow, _wanted(page))
    except DomainError as refusal:
        form.refuse_because(refusal)
    else:
        return page.redirect(f"{ROOT}/policies", note="The policy holds from now on, for what waits already too.")
    with page.begin.read() as uow:
        return _policies_page(page, uow, form, status=422)


def _wanted(page: Page) -> wire.PolicyIn:
    sent = page.form
    if not sent.get("one_in", "1").isdecimal():
        raise InvalidFields({"one_in": "Write a number: 1 means all of them, 10 one in ten."})
    kind = sent.get("kind")
    return wire.PolicyIn(
        answer=read_answer(sent.get("answer")),
        kind=Matter(kind) if kind in set(Matter) else None,
        partner=sent.get("partner"),
        customer=sent.get("customer"),
        after=sent.get("after") or "PT0S",
        one_in=int(sent.get("one_in", "1")),
        reason=sent.get("reason"),
    )


@post(f"{ROOT}/policies/{{policy_id:uuid}}/move", include_in_schema=False, sync_to_thread=True)
def move_policy(policy_id: FromPath[UUID], page: NamedDependency[Page]) -> Response[bytes]:
    """Ask it earlier or later."""
    to = page.form.get("to")
    if not to.isdecimal():
        raise Invalid("Say where the policy shall stand: a number from 0.")
    with page.portal.world.begin(SYSTEM) as uow:
        service.move_policy(uow, policy_id, int(to))
    return page.redirect(f"{ROOT}/policies", note="The order was changed.")


@post(f"{ROOT}/policies/{{policy_id:uuid}}/remove", include_in_schema=False, sync_to_thread=True)
def remove_policy(policy_id: FromPath[UUID], page: NamedDependency[Page]) -> Response[bytes]:
    """Keep it no longer."""
    with page.portal.world.begin(SYSTEM) as uow:
        service.remove_policy(uow, policy_id)
    return page.redirect(f"{ROOT}/policies", note="The policy was removed, and what it had planned.")


ROUTES: list[Any] = [policies, keep_policy, move_policy, remove_policy]
