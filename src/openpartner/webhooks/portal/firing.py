"""The firing page: any documented event, to any address that may be called, with a body of one's own; and what was
fired before, to be sent again or begun from.
"""

from dataclasses import replace
from http import HTTPStatus
from typing import Annotated, Any
from uuid import UUID

import msgspec
from litestar import Response, get, post
from litestar.di import NamedDependency
from msgspec import Meta

from openpartner.platform.actor import RoleNeeded, UserNeeded
from openpartner.platform.errors import DomainError
from openpartner.platform.outgoing.rules import AddressRefused
from openpartner.platform.permissions import WEBHOOKS
from openpartner.platform.web.forms import Form, blank_form
from openpartner.platform.web.page import Page
from openpartner.platform.web.pages import Crumb
from openpartner.platform.web.tables import Action, Empty, ListRequest, Table
from openpartner.platform.work import UnitOfWork
from openpartner.webhooks import queries, service
from openpartner.webhooks.portal.deliveries import COLUMNS, row_actions
from openpartner.webhooks.portal.shared import CATCHER, DELIVERIES, FIRE, choices_by_topic, crumbs, tabs
from openpartner.webhooks.queries import Line, Wanted
from openpartner.webhooks.rules.bodies import indented, sample_body
from openpartner.webhooks.rules.deliveries import Origin
from openpartner.webhooks.rules.vendor_events import EVENT_OF_NAME, VENDOR_EVENTS

LATEST = 10
_SHOWN = ("event", "at", "state", "answer")
_SAMPLE = {
    "customer": "11111111-1111-1111-1111-111111111111",
    "resource": "22222222-2222-2222-2222-222222222222",
    "relationship": "33333333-3333-3333-3333-333333333333-44444444-4444-4444-4444-444444444444",
}
"""Ids that nothing has: whoever wants real ones writes them in."""


class FiredFields(msgspec.Struct, kw_only=True):
    """What the form holds."""

    event_name: Annotated[str, Meta(title="Event")]
    url: Annotated[str, Meta(title="Address", max_length=2_000)]
    body: Annotated[str, Meta(title="Body")]


def _origin(page: Page, uow: UnitOfWork) -> str:
    """What this server is called in what is fired: as in the deliveries of the registration, else as asked."""
    registration = queries.find_registration(uow)
    return page.portal.origin_of(page.request) if registration is None else registration.origin


def _example(page: Page, uow: UnitOfWork, name: str) -> str:
    event = EVENT_OF_NAME.get(name.lower(), VENDOR_EVENTS[0])
    return sample_body(event, _origin(page, uow), uow.now, _SAMPLE)


def _begun(page: Page, uow: UnitOfWork) -> Form[Any]:
    """The first showing: an event with its example, or what was fired before."""
    asked = page.request.query_params
    if "from" in asked:
        before = queries.one_delivery(uow, _uuid(str(asked["from"])))
        url = queries.attempted_url(uow, before)
        return blank_form({"event_name": before.event_name, "url": url, "body": indented(before.body)})
    name = str(asked.get("event_name", ""))
    event = EVENT_OF_NAME.get(name.lower(), VENDOR_EVENTS[0])
    return blank_form({"event_name": event.name, "url": _url(page, uow), "body": _example(page, uow, event.name)})


def _url(page: Page, uow: UnitOfWork) -> str:
    """Where most would send it: to the registered address, else to this sandbox's own catcher."""
    registration = queries.find_registration(uow)
    if registration is not None:
        return registration.url
    return f"{page.portal.origin_of(page.request)}{CATCHER}" if page.portal.world.settings.is_sandbox else ""


def _uuid(text: str) -> UUID:
    try:
        return UUID(text)
    except ValueError:
        return UUID(int=0)


def _history(uow: UnitOfWork) -> Table[Line]:
    """What was fired of late."""
    return Table(
        "fired",
        "Fired before",
        tuple(replace(column, sortable=False) for column in COLUMNS if column.key in _SHOWN),
        queries.deliveries(uow, Wanted(why=Origin.FIRED.value), LATEST).rows,
        ListRequest(path=FIRE),
        Empty("Nothing was fired yet", "What you fire stands here for thirty days.", icon="send"),
        row_actions=lambda line: [
            Action("Begin from this", href=f"{FIRE}?from={line.id}", icon="copy"),
            *row_actions(uow, line),
        ],
    )


def _show(page: Page, form: Form[Any] | None, *, status: int = HTTPStatus.OK, example: bool = False) -> Response[str]:
    with page.begin.read() as uow:
        uow.actor.require(WEBHOOKS.write)
        shown = form or _begun(page, uow)
        if example:
            name = shown.text("event_name")
            shown = blank_form({"event_name": name, "url": shown.text("url"), "body": _example(page, uow, name)})
        return page.render(
            uow,
            "webhooks/fire.html",
            status=status,
            f=shown,
            topics=choices_by_topic(),
            here=FIRE,
            history=_history(uow),
            all_href=f"{DELIVERIES}?why={Origin.FIRED}",
            is_sandbox=page.portal.world.settings.is_sandbox,
            tabs=tabs(FIRE),
            crumbs=crumbs(Crumb("Fire an event")),
        )


@get(FIRE, include_in_schema=False, sync_to_thread=True)
def show_fire(page: NamedDependency[Page]) -> Response[str]:
    """The form, and what was fired before."""
    return _show(page, None)


@post(FIRE, include_in_schema=False, sync_to_thread=True)
def fire_event(page: NamedDependency[Page]) -> Response[Any]:
    """Send it, once, and go where the answer comes in."""
    form = page.bind(FiredFields)
    if page.form.get("step") == "example":
        return _show(page, form, example=True)
    if form.is_valid:
        try:
            service.check_webhook_address(page.begin, form.value.url)
            with page.begin() as uow:
                fields = form.value
                fired = service.Fired(fields.event_name, fields.url, fields.body, _origin(page, uow))
                delivery = service.fire_webhook_event(uow, fired)
                return page.redirect(f"{DELIVERIES}/{delivery.id}", note="It is on its way.")
        except (RoleNeeded, UserNeeded):
            raise
        except AddressRefused as refusal:
            form.refuse("url", refusal.message)
        except DomainError as refusal:
            form.refuse_because(refusal)
    return _show(page, form, status=HTTPStatus.UNPROCESSABLE_ENTITY)


ROUTES: list[Any] = [show_fire, fire_event]
