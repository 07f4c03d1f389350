"""``openpartner consent``: what waits for somebody's consent, the answer as whoever is asked, and standing policies."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated
from uuid import UUID

import msgspec
import typer

from openpartner.cli.common import HERE, Data, console
from openpartner.cli.opening import opened
from openpartner.platform.actor import SYSTEM
from openpartner.platform.errors import Invalid
from openpartner.platform.work import UnitOfWork
from openpartner.sandbox.consent import queries, service, wire
from openpartner.sandbox.consent.api import add_policy, policies_view, tenant_named
from openpartner.sandbox.consent.asking import Consent, answer_request
from openpartner.sandbox.consent.pages import page_of
from openpartner.sandbox.consent.rules import MATTER_WORDS, Answer, Matter
from openpartner.sandbox.consent.sources import Criteria, Subject

app = typer.Typer(no_args_is_help=True, help="Answer requests for consent in a sandbox, by call or by policy.")
policy_app = typer.Typer(no_args_is_help=True, help="Standing policies: the first that fits a request decides.")
app.add_typer(policy_app, name="policy")

LISTED = 500

Id = Annotated[str, typer.Argument(help="The ID from the list, or the link as the partner sent it.")]
As = Annotated[
    str, typer.Option("--as", help="Who decides: tenant ID or domain. Needed where the request names nobody.")
]
Admin = Annotated[str, typer.Option("--admin", help="Which administrator decides; the first when left out.")]
Kind = Annotated[Matter | None, typer.Option("--kind", help="Only requests of this kind.")]
Json = Annotated[bool, typer.Option("--json", help="For scripts.")]


@contextmanager
def _unit(data: Path) -> Iterator[UnitOfWork]:
    """A unit of a sandbox's world that may write."""
    with opened(data) as world:
        if not world.settings.is_sandbox:
            raise Invalid("Only a sandbox answers in somebody else's name.")
        with world.begin(SYSTEM) as uow:
            yield uow


@app.command("list")
def list_(
    kind: Kind = None,
    running: Annotated[bool, typer.Option("--running", help="What can be ended, instead of what waits.")] = False,
    partner: Annotated[str, typer.Option("--partner", help="Asked by: tenant ID or domain.")] = "",
    customer: Annotated[str, typer.Option("--customer", help="Decided by: tenant ID or domain.")] = "",
    as_json: Json = False,
    data: Data = HERE,
) -> None:
    """What waits for somebody's consent, the longest first."""
    with _unit(data) as uow:
        criteria = Criteria(matter=kind, partner_id=tenant_named(uow, partner), decider_id=tenant_named(uow, customer))
        found = (queries.page_of_running if running else queries.page_of_waiting)(uow, criteria, LISTED).subjects
        if as_json:
            views = [wire.SubjectView.of(each, page_of(each, runs=running)) for each in found]
            typer.echo(msgspec.json.format(msgspec.json.encode(views), indent=2))
            return
        for each in found:
            console.print(_lines(each), highlight=False, markup=False, soft_wrap=True)


def _lines(subject: Subject) -> str:
    """What a person needs to answer it, on lines of its own: an id is too long for a column of a table."""
    decides = subject.decider_name or subject.recipient or "whoever opens the link"
    lines = [
        f"{subject.title} ({MATTER_WORDS[subject.matter].lower()})",
        f"  {subject.asker_name}, answered by {decides}, since {subject.since_at:%Y-%m-%d %H:%M}",
    ]
    if subject.decision is not None:
        due_at = subject.decision.due_at
        when = "" if due_at is None else f" on {due_at:%Y-%m-%d %H:%M}"
        lines.append(f"  A policy or a call said: {subject.decision.answer.value}{when}")
    return "\n".join([*lines, f"  {subject.id}"])


def _answer(data: Path, asked: Consent) -> None:
    with _unit(data) as uow:
        view = answer_request(uow, asked)
    by = f" by {view.admin}" if view.admin else ""
    console.print(f"{MATTER_WORDS[view.kind]}: {view.state}{by}", highlight=False)


def _named(what: str) -> dict[str, str]:
    """A link or an id."""
    return {"link": what} if "/" in what else {"id": what}


@app.command()
def approve(what: Id, decider: As = "", admin: Admin = "", data: Data = HERE) -> None:
    """Consent, in the name of who is asked."""
    _answer(data, Consent(Answer.APPROVE, decider, admin=admin, **_named(what)))


@app.command()
def refuse(
    what: Id,
    decider: As = "",
    admin: Admin = "",
    reason: Annotated[str, typer.Option("--reason", help="The partner reads it.")] = "",
    data: Data = HERE,
) -> None:
    """Say no, in the name of who is asked."""
    _answer(data, Consent(Answer.REFUSE, decider, admin=admin, reason=reason, **_named(what)))


@app.command()
def ignore(what: Id, data: Data = HERE) -> None:
    """Leave it unanswered, whatever the policies say."""
    _answer(data, Consent(Answer.IGNORE, **_named(what)))


@app.command()
def end(what: Id, admin: Admin = "", data: Data = HERE) -> None:
    """Take back what was consented to, in the name of who consented."""
    _answer(data, Consent(Answer.END, admin=admin, **_named(what)))


# Policies


def _print_policies(uow: UnitOfWork, *, as_json: bool) -> None:
    kept = policies_view(uow)
    if as_json:
        typer.echo(msgspec.json.format(msgspec.json.encode(kept.items), indent=2))
        return
    for each in kept.items:
        console.print(_policy_lines(each), highlight=False, markup=False, soft_wrap=True)


def _policy_lines(policy: wire.PolicyView) -> str:
    """A policy as a sentence, and its id on a line of its own."""
    which = "everything" if policy.one_in == 1 else f"one in {policy.one_in}"
    kind = "" if policy.kind is None else f" of the kind {policy.kind.value}"
    asker = "" if policy.partner is None else f" from {policy.partner.name}"
    decider = "" if policy.customer is None else f" to {policy.customer.name}"
    return (
        f"{policy.position}. {policy.answer.value} {which}{kind}{asker}{decider}, after {policy.after}\n  {policy.id}"
    )


@policy_app.command("list")
def list_policies(as_json: Json = False, data: Data = HERE) -> None:
    """The policies in the order in which they are asked."""
    with _unit(data) as uow:
        _print_policies(uow, as_json=as_json)


@policy_app.command("add")
def add(
    answer: Annotated[Answer, typer.Argument(help="approve, refuse or ignore.")],
    after: Annotated[str, typer.Option("--after", help="How long after the request, such as P2D.")] = "PT0S",
    one_in: Annotated[int, typer.Option("--one-in", help="10 answers one in ten, by chance.")] = 1,
    kind: Kind = None,
    partner: Annotated[str, typer.Option("--partner", help="Only requests of this tenant.")] = "",
    customer: Annotated[str, typer.Option("--customer", help="Only requests to this tenant.")] = "",
    reason: Annotated[str, typer.Option("--reason", help="Of a refusal.")] = "",
    position: Annotated[
        int | None, typer.Option("--position", help="Its place, from 0; the last when left out.")
    ] = None,
    data: Data = HERE,
) -> None:
    """Keep one more; what waits is decided anew by all of them."""
    wanted = wire.PolicyIn(
        answer=answer,
        kind=kind,
        partner=partner,
        customer=customer,
        after=after,
        one_in=one_in,
        reason=reason,
        position=position,
    )
    with _unit(data) as uow:
        add_policy(uow, wanted)
        _print_policies(uow, as_json=False)


@policy_app.command()
def move(policy: UUID, position: int, data: Data = HERE) -> None:
    """Ask it earlier or later: its place, from 0."""
    with _unit(data) as uow:
        service.move_policy(uow, policy, position)
        _print_policies(uow, as_json=False)


@policy_app.command()
def remove(policy: UUID, data: Data = HERE) -> None:
    """Keep it no longer."""
    with _unit(data) as uow:
        service.remove_policy(uow, policy)
        _print_policies(uow, as_json=False)


@policy_app.command()
def clear(data: Data = HERE) -> None:
    """Keep none: every request waits for an answer."""
    with _unit(data) as uow:
        service.replace_policies(uow, [])
    console.print("No policy is left.")
