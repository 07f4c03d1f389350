"""What was delivered and what was not: the list, and one delivery with every try."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from http import HTTPStatus
from itertools import pairwise
from typing import Any, NamedTuple
from uuid import UUID

from litestar import Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath
from litestar.response import Stream

from openpartner.platform.errors import DomainError, Invalid
from openpartner.platform.http.answers import make_token, read_token
from openpartner.platform.permissions import WEBHOOKS
from openpartner.platform.web.exports import export_chunks, export_headers
from openpartner.platform.web.formats import plural_form
from openpartner.platform.web.page import Page
from openpartner.platform.web.pages import Crumb
from openpartner.platform.web.tables import (
    Action,
    Badge,
    Choice,
    Column,
    Confirm,
    Empty,
    Filter,
    Link,
    ListRequest,
    Table,
    read_list_request,
)
from openpartner.platform.work import UnitOfWork
from openpartner.webhooks import queries, service
from openpartner.webhooks.letters import message_name
from openpartner.webhooks.models import WebhookAttempt, WebhookDelivery
from openpartner.webhooks.portal.shared import (
    DELIVERIES,
    EVENT_CHOICES,
    ORIGIN_WORDS,
    REGISTRATION,
    STATE_WORDS,
    crumbs,
    state_badge,
    tabs,
)
from openpartner.webhooks.queries import Line, Wanted
from openpartner.webhooks.rules.bodies import indented
from openpartner.webhooks.rules.deliveries import TRIES, Origin, State, is_taken

PAGE_SIZE = 50
MOST_AT_ONCE = 25
LIVE_FOR = timedelta(minutes=2)
"""How near the next try must be for the page to renew itself."""


def _answer(line: Line) -> str:
    """What came back from the last try, in a line."""
    if not line.tries:
        return ""
    return f"{line.last_status} {line.last_why}" if line.last_status is not None else line.last_why or ""


COLUMNS = (
    Column[Line]("event", "Event", lambda line: line.event_name, href=lambda line: f"{DELIVERIES}/{line.id}"),
    Column[Line]("at", "Made", lambda line: line.created_at, sortable=True),
    Column[Line]("customer", "Customer", lambda line: line.customer_name),
    Column[Line](
        "state",
        "State",
        lambda line: state_badge(line.state, line.tries),
        export=lambda line: STATE_WORDS[line.state],
    ),
    Column[Line]("tries", "Tries", lambda line: line.tries, numeric=True),
    Column[Line]("answer", "Last answer", _answer),
    Column[Line]("next", "Next try", lambda line: line.next_try_at),
    Column[Line]("why", "Why", lambda line: ORIGIN_WORDS[line.why], optional=True),
    Column[Line]("url", "Address", lambda line: line.url, optional=True),
    Column[Line]("ended", "Ended", lambda line: line.ended_at, optional=True),
    Column[Line]("by", "Caused by", lambda line: line.created_by, optional=True),
    Column[Line]("message", "Message ID", lambda line: message_name(line.message_id), optional=True),
    Column[Line]("id", "Delivery ID", lambda line: str(line.id), optional=True),
)
FILTERS = (
    Filter("from", "From"),
    Filter("to", "To"),
    Filter("event", "Event", EVENT_CHOICES),
    Filter("state", "State", tuple(Choice(state.value, words) for state, words in STATE_WORDS.items())),
    Filter("why", "Why", tuple(Choice(why.value, words) for why, words in ORIGIN_WORDS.items())),
)


def _day(text: str, name: str, uow: UnitOfWork) -> datetime | None:
    if not text:
        return None
    try:
        return datetime.fromisoformat(text).replace(tzinfo=uow.now.tzinfo)
    except ValueError as error:
        raise Invalid(f"{name} is a day such as 2026-12-31.") from error


def wanted_of(asked: ListRequest, uow: UnitOfWork) -> Wanted:
    """Which deliveries an address asks for; both days of the period are whole. Raises Invalid."""
    given = asked.filters
    end = _day(given.get("to", ""), "To", uow)
    return Wanted(
        state=given.get("state", ""),
        event_name=given.get("event", ""),
        why=given.get("why", ""),
        words=asked.search,
        start_at=_day(given.get("from", ""), "From", uow),
        end_at=None if end is None else end + timedelta(days=1, microseconds=-1),
        is_oldest_first=not asked.descending,
        after=read_token(asked.after, int) if asked.after else None,
        before=read_token(asked.before, int) if asked.before else None,
    )


def row_actions(uow: UnitOfWork, line: Line) -> list[Action]:
    """What can be done with one."""
    opened = Action("Open", href=f"{DELIVERIES}/{line.id}", icon="open")
    if line.state is State.WAITING or line.repeated_as is not None or not uow.actor.may(WEBHOOKS.write):
        return [opened]
    return [opened, repeat_action(line.id, line.state)]


def repeat_action(delivery_id: UUID, state: State) -> Action:
    """Send it again, after a question where the receiver has it already."""
    confirm = Confirm(
        "Send it again?",
        "Your receiver took this delivery. It gets the same message with the same webhook-id once more.",
        "Send again",
    )
    return Action(
        "Send again",
        post=f"{DELIVERIES}/{delivery_id}/repeat",
        icon="arrow_clockwise",
        confirm=confirm if state is State.DELIVERED else None,
    )


def _file(page: Page, asked: ListRequest) -> Iterator[bytes]:
    with page.begin.read() as uow:
        rows = queries.every_delivery(uow, wanted_of(asked, uow))
        kind = asked.export or "csv"
        yield from export_chunks(kind, COLUMNS, rows, title="Webhook deliveries", created_at=uow.now)


@get(DELIVERIES, include_in_schema=False, sync_to_thread=True)
def list_deliveries(page: NamedDependency[Page]) -> Response[Any]:
    """All of them, the newest first."""
    with page.begin.read() as uow:
        uow.actor.require(WEBHOOKS.read)
        pairs = page.request.query_params.multi_items()
        asked = read_list_request(DELIVERIES, pairs, columns=COLUMNS, filters=FILTERS, sort="-at")
        wanted = wanted_of(asked, uow)
        if asked.export:
            return Stream(_file(page, asked), headers=export_headers(asked.export, "Webhook deliveries", uow.now))
        found = queries.deliveries(uow, wanted, PAGE_SIZE)
        table = Table(
            "deliveries",
            "Deliveries",
            COLUMNS,
            found.rows,
            asked,
            _empty(uow),
            search_label="Search by event, customer, body or ID",
            filters=FILTERS,
            next_key=make_token(found.rows[-1].number) if found.rows and found.has_after else "",
            previous_key=make_token(found.rows[0].number) if found.rows and found.has_before else "",
            row_key=(lambda line: str(line.id)) if uow.actor.may(WEBHOOKS.write) else None,
            bulk=(Action("Send again", post=f"{DELIVERIES}/repeat", icon="arrow_clockwise"),)
            if uow.actor.may(WEBHOOKS.write)
            else (),
            row_actions=lambda line: row_actions(uow, line),
        )
        return page.render(
            uow,
            "webhooks/deliveries.html",
            deliveries=table,
            tabs=tabs(DELIVERIES),
            crumbs=crumbs(Crumb("Deliveries")),
        )


def _empty(uow: UnitOfWork) -> Empty:
    if queries.find_registration(uow) is None:
        ask = Action("Register an address", href=REGISTRATION, icon="add", primary=True)
        text = "Register an address of yours, choose the events, and each of them is delivered there."
        return Empty("Nothing is delivered yet", text, ask if uow.actor.may(WEBHOOKS.write) else None, "plug_connected")
    return Empty(
        "Nothing was delivered yet",
        "None of the events that the registration asks for has happened. Send a test to see that all is well.",
        Action("To the registration", href=REGISTRATION),
        "plug_connected",
    )


class Shown(NamedTuple):
    """A try as the page shows it."""

    number: int
    at: datetime
    badge: Badge
    answer: str
    took: str
    pause: str
    url: str
    sent: str
    answered: str
    answer_body: str


def _headers(lines: dict[str, str]) -> str:
    return "\n".join(f"{name}: {value}" for name, value in lines.items())


def _tries(tries: list[WebhookAttempt], delivery: WebhookDelivery) -> list[Shown]:
    """Each try, with how long after it the next one came or will come."""
    ends: list[datetime | None] = [later.at for _, later in pairwise(tries)]
    ends.append(delivery.next_try_at)
    return [_shown(each, following) for each, following in zip(tries, ends, strict=False)]


def _shown(each: WebhookAttempt, following: datetime | None) -> Shown:
    word = str(each.status) if each.status is not None else "No answer"
    return Shown(
        each.number,
        each.at,
        Badge(word, "success" if is_taken(each.status) else "danger"),
        each.why,
        f"{each.milliseconds} ms",
        "" if following is None else _duration(following - each.at),
        each.url,
        _headers(each.headers),
        _headers(each.answer_headers),
        each.answer_body,
    )


def _duration(by: timedelta) -> str:
    hours, seconds = divmod(int(by.total_seconds()), 3_600)
    parts = ((hours, "h"), (seconds // 60, "min"), (seconds % 60, "s"))
    return " ".join(f"{count} {unit}" for count, unit in parts if count) or "0 s"


def _facts(uow: UnitOfWork, delivery: WebhookDelivery, url: str) -> list[tuple[str, object]]:
    customer = None if delivery.customer_id is None else queries.name_of_tenant(uow, delivery.customer_id)
    most = 1 if delivery.url is not None else TRIES
    facts: list[tuple[str, object]] = [
        ("Why", ORIGIN_WORDS[delivery.why]),
        ("Caused by", delivery.created_by),
        ("Customer", Link(customer, f"/customers/{delivery.customer_id}") if customer else None),
        ("Address", url),
        ("Made", delivery.created_at),
        ("Tries", f"{delivery.tries} of {most}"),
    ]
    if delivery.next_try_at is not None:
        facts.append(("Next try", delivery.next_try_at))
    if delivery.ended_at is not None:
        facts.append(("Ended", delivery.ended_at))
    if delivery.record_id is not None:
        facts.append(("Activity log", Link("The entry", f"/activity-log/{delivery.record_id}")))
    if delivery.repeats is not None:
        facts.append(("Sends again", Link("The delivery before", f"{DELIVERIES}/{delivery.repeats}")))
    if delivery.repeated_as is not None:
        facts.append(("Sent again as", Link("The delivery after", f"{DELIVERIES}/{delivery.repeated_as}")))
    return facts


@get(f"{DELIVERIES}/{{delivery_id:uuid}}", include_in_schema=False, sync_to_thread=True)
def show_delivery(delivery_id: FromPath[UUID], page: NamedDependency[Page]) -> Response[str]:
    """One delivery: what was sent, and what came back each time. It renews itself while the next try is near."""
    with page.begin.read() as uow:
        delivery = queries.one_delivery(uow, delivery_id)
        tries = queries.tries_of(uow, delivery)
        is_live = delivery.next_try_at is not None and delivery.next_try_at <= uow.now + LIVE_FOR
        may_repeat = uow.actor.may(WEBHOOKS.write) and delivery.state is not State.WAITING
        return page.render(
            uow,
            "webhooks/delivery.html",
            delivery=delivery,
            here=f"{DELIVERIES}/{delivery.id}",
            state=state_badge(delivery.state, delivery.tries),
            actions=[repeat_action(delivery.id, delivery.state)] if may_repeat and delivery.repeated_as is None else [],
            body=indented(delivery.body),
            is_live=is_live,
            tries=_tries(tries, delivery),
            facts=_facts(uow, delivery, queries.attempted_url(uow, delivery)),
            message_id=message_name(delivery.message_id),
            is_fired=delivery.why is Origin.FIRED,
            crumbs=crumbs(Crumb("Deliveries", DELIVERIES), Crumb(delivery.event_name)),
        )


@post(f"{DELIVERIES}/{{delivery_id:uuid}}/repeat", include_in_schema=False, sync_to_thread=True)
def repeat_delivery(delivery_id: FromPath[UUID], page: NamedDependency[Page]) -> Response[bytes]:
    """Send it again and go to the delivery that does."""
    with page.begin() as uow:
        again = service.repeat_webhook_delivery(uow, delivery_id)
        return page.redirect(f"{DELIVERIES}/{again.id}", note="It is sent again, as the same message.")


@post(f"{DELIVERIES}/repeat", include_in_schema=False, sync_to_thread=True)
def repeat_selected(page: NamedDependency[Page]) -> Response[bytes]:
    """Send the selected ones again, each in a unit of its own: one that refuses keeps no other back."""
    selected = page.form.all("selected")
    if not selected:
        return page.redirect(DELIVERIES, note="Select at least one delivery first.", tone="warning")
    if len(selected) > MOST_AT_ONCE:
        note = f"At most {MOST_AT_ONCE} deliveries can be sent again at once; you selected {len(selected)}."
        return page.redirect(DELIVERIES, note=f"{note} Nothing was sent.", tone="warning")
    refused = [sentence for key in selected if (sentence := _refusal(page, key))]
    done = len(selected) - len(refused)
    note = f"{done} {plural_form(done, 'delivery is', 'deliveries are')} sent again." if done else ""
    tone = "warning" if refused else "success"
    return page.redirect(DELIVERIES, note=" ".join([note, *dict.fromkeys(refused)]).strip(), tone=tone)


def _refusal(page: Page, key: str) -> str:
    """Send one again; what stood in its way."""
    try:
        with page.begin() as uow:
            uow.actor.require(WEBHOOKS.write)
            service.repeat_webhook_delivery(uow, _uuid(key))
    except DomainError as refusal:
        if refusal.status == HTTPStatus.FORBIDDEN:
            raise
        return refusal.message
    return ""


def _uuid(text: str) -> UUID:
    try:
        return UUID(text)
    except ValueError:
        raise Invalid("Select deliveries of the list.") from None


ROUTES: list[Any] = [list_deliveries, show_delivery, repeat_delivery, repeat_selected]
