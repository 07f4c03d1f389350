"""``/_sandbox/consent``: what waits for consent, the answer in one call, and standing policies, for scripts."""

from typing import Annotated, Any
from uuid import UUID

from litestar import delete, get, patch, post, put
from litestar.di import NamedDependency
from litestar.params import FromPath, FromQuery, JSONBody, QueryParameter

from openpartner.identity import queries as directory
from openpartner.platform.actor import SYSTEM
from openpartner.platform.errors import NotFound
from openpartner.platform.http.answers import make_token, read_token
from openpartner.platform.work import UnitOfWork
from openpartner.platform.world import World
from openpartner.relationships.queries.granular import tenant_names
from openpartner.sandbox.consent import queries, service, wire
from openpartner.sandbox.consent.asking import Consent, ConsentView, answer_request
from openpartner.sandbox.consent.pages import page_of
from openpartner.sandbox.consent.queries import DecisionPosition, Position
from openpartner.sandbox.consent.rules import DecisionState, Matter
from openpartner.sandbox.consent.sources import Criteria

LARGEST_PAGE = 500
USUAL_PAGE = 100


def tenant_named(uow: UnitOfWork, text: str) -> UUID | None:
    """The tenant with this id or domain; None for no text. Raises NotFound."""
    if not text.strip():
        return None
    found = directory.tenant_by_domain_or_id(uow, text.strip())
    if found is None:
        raise NotFound("The tenant", text)
    return found.id


def _size(size: int) -> int:
    return max(1, min(size, LARGEST_PAGE))


@get("/_sandbox/consent", sync_to_thread=True)
def list_consent(
    world: NamedDependency[World],
    *,
    kind: FromQuery[Matter | None] = None,
    running: FromQuery[bool] = False,
    customer: FromQuery[str] = "",
    partner: FromQuery[str] = "",
    q: FromQuery[str] = "",
    size: FromQuery[int] = USUAL_PAGE,
    after: FromQuery[str] = "",
) -> wire.Subjects:
    """What waits for somebody's consent, the longest first. running: instead what was consented to and can be ended."""
    with world.begin.read(SYSTEM) as uow:
        criteria = Criteria(
            matter=kind, text=q, partner_id=tenant_named(uow, partner), decider_id=tenant_named(uow, customer)
        )
        read = queries.page_of_running if running else queries.page_of_waiting
        page = read(uow, criteria, _size(size), after=read_token(after, Position) if after else None)
        return wire.Subjects(
            items=[wire.SubjectView.of(subject, page_of(subject, runs=running)) for subject in page.subjects],
            next=make_token(page.after) if page.after is not None else None,
        )


@post("/_sandbox/consent", status_code=200, sync_to_thread=True)
def answer(data: JSONBody[Consent], world: NamedDependency[World]) -> ConsentView:
    """Approve, refuse, ignore or end, in the name of who decides."""
    with world.begin(SYSTEM) as uow:
        return answer_request(uow, data)


@get("/_sandbox/consent/decisions", sync_to_thread=True)
def list_decisions(
    world: NamedDependency[World],
    *,
    kind: FromQuery[Matter | None] = None,
    in_state: Annotated[DecisionState | None, QueryParameter(name="state")] = None,
    q: FromQuery[str] = "",
    size: FromQuery[int] = USUAL_PAGE,
    after: FromQuery[str] = "",
) -> wire.Decisions:
    """What was decided, by call or by policy, and what came of it, the latest first."""
    with world.begin.read(SYSTEM) as uow:
        position = read_token(after, DecisionPosition) if after else None
        wanted = _size(size)
        found = queries.page_of_decisions(uow, wanted + 1, state=in_state, matter=kind, text=q, after=position)
        shown = found[:wanted]
        more = len(found) > wanted
        return wire.Decisions(
            items=[wire.DecisionView.of(row) for row in shown],
            next=make_token(DecisionPosition(shown[-1].made_at, shown[-1].id)) if more else None,
        )


# Policies


def policies_view(uow: UnitOfWork) -> wire.Policies:
    """All policies with the names of the tenants they are for."""
    kept = queries.policies(uow)
    names = tenant_names(uow, [key for row in kept for key in (row.partner_id, row.customer_id) if key is not None])
    return wire.Policies(items=[wire.PolicyView.of(row, names) for row in kept])


def add_policy(uow: UnitOfWork, wanted: wire.PolicyIn) -> None:
    """Keep a policy as it was sent. Raises NotFound, InvalidFields."""
    policy = wanted.policy(tenant_named(uow, wanted.partner), tenant_named(uow, wanted.customer))
    service.add_policy(uow, policy, wanted.position)


@get("/_sandbox/consent/policies", sync_to_thread=True)
def list_policies(world: NamedDependency[World]) -> wire.Policies:
    """The standing policies in their order."""
    with world.begin.read(SYSTEM) as uow:
        return policies_view(uow)


@post("/_sandbox/consent/policies", sync_to_thread=True)
def create_policy(data: JSONBody[wire.PolicyIn], world: NamedDependency[World]) -> wire.Policies:
    """Keep one more; what waits is decided anew."""
    with world.begin(SYSTEM) as uow:
        add_policy(uow, data)
        return policies_view(uow)


@put("/_sandbox/consent/policies", sync_to_thread=True)
def replace_policies(data: JSONBody[list[wire.PolicyIn]], world: NamedDependency[World]) -> wire.Policies:
    """These and no others, in this order."""
    with world.begin(SYSTEM) as uow:
        wanted = [each.policy(tenant_named(uow, each.partner), tenant_named(uow, each.customer)) for each in data]
        service.replace_policies(uow, wanted)
        return policies_view(uow)


@patch("/_sandbox/consent/policies/{policy_id:uuid}", sync_to_thread=True)
def move_policy(policy_id: FromPath[UUID], data: JSONBody[wire.Place], world: NamedDependency[World]) -> wire.Policies:
    """Ask it earlier or later."""
    with world.begin(SYSTEM) as uow:
        service.move_policy(uow, policy_id, data.position)
        return policies_view(uow)


@delete("/_sandbox/consent/policies/{policy_id:uuid}", sync_to_thread=True)
def remove_policy(policy_id: FromPath[UUID], world: NamedDependency[World]) -> None:
    """Keep it no longer."""
    with world.begin(SYSTEM) as uow:
        service.remove_policy(uow, policy_id)


ROUTES: list[Any] = [
    list_consent,
    answer,
    list_decisions,
    list_policies,
    create_policy,
    replace_policies,
    move_policy,
    remove_policy,
]
