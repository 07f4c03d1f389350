"""The registration: where deliveries go, which events, how they are signed; the secret, and a test of it all."""

from http import HTTPStatus
from typing import Annotated, Any, Literal

import msgspec
from litestar import Response, get, post
from litestar.di import NamedDependency
from msgspec import Meta

from openpartner.platform.actor import RoleNeeded, UserNeeded
from openpartner.platform.errors import DomainError, TooManyRequests
from openpartner.platform.outgoing.rules import AddressRefused
from openpartner.platform.permissions import WEBHOOKS
from openpartner.platform.web.forms import Form, blank_form
from openpartner.platform.web.page import Page
from openpartner.platform.web.pages import Crumb, Message
from openpartner.platform.web.tables import Action, Choice, Confirm
from openpartner.platform.work import UnitOfWork
from openpartner.webhooks import queries, service
from openpartner.webhooks.models import WebhookRegistration
from openpartner.webhooks.portal.shared import (
    CATCHER,
    DELIVERIES,
    REGISTRATION,
    ROOT,
    choices_by_topic,
    crumbs,
    events_by_topic,
    state_badge,
    tabs,
)
from openpartner.webhooks.queries import Wanted
from openpartner.webhooks.rules.registrations import SECRET_OVERLAP, TestNotWanted
from openpartner.webhooks.rules.vendor_events import TEST_CREATED, VENDOR_EVENTS

LATEST = 5
_HEADERS = (
    Choice("authorization", "Authorization", "As Authorization: Signature …: what receivers of the original expect."),
    Choice("own", "x-ms-signature", "In a header of its own, for receivers behind something that eats Authorization."),
)


class RegistrationFields(msgspec.Struct, kw_only=True):
    """What the form holds."""

    url: Annotated[str, Meta(title="Address", max_length=2_000)]
    events: list[str] = []
    header: Literal["authorization", "own"] = "authorization"


def _actions(uow: UnitOfWork, registration: WebhookRegistration | None) -> list[Action]:
    if not uow.actor.may(WEBHOOKS.write):
        return []
    if registration is None:
        return [Action("Register an address", href=REGISTRATION, icon="add", primary=True)]
    wants_tests = TEST_CREATED in registration.events
    return [
        Action(
            "Send a test",
            post=f"{ROOT}/tests",
            icon="send",
            primary=True,
            refused="" if wants_tests else TestNotWanted().message,
        ),
        Action("Change", href=REGISTRATION, icon="edit"),
        Action(
            "New secret",
            post=f"{ROOT}/secret",
            icon="key",
            confirm=Confirm(
                "Make a new secret?",
                "Deliveries are signed with the new one at once. For a day the present one signs them too, so that you "
                "can put the new one into your receiver without a gap.",
                "Make it",
            ),
        ),
    ]


def _facts(uow: UnitOfWork, registration: WebhookRegistration) -> list[tuple[str, object]]:
    facts: list[tuple[str, object]] = [
        ("Address", registration.url),
        ("Signature in", "x-ms-signature" if registration.in_own_header else "Authorization"),
        ("Subscriber ID", str(registration.subscriber_id)),
        ("Registered", registration.created_at),
        ("Changed", registration.modified_at),
    ]
    if registration.previous_until is not None and registration.previous_until > uow.now:
        facts.append(("The secret before signs until", registration.previous_until))
    return facts


@get(ROOT, include_in_schema=False, sync_to_thread=True)
def show_webhooks(page: NamedDependency[Page]) -> Response[str]:
    """The registration, how the receiver does, and the latest deliveries."""
    with page.begin.read() as uow:
        registration = queries.find_registration(uow)
        queue = queries.queue(uow)
        messages = []
        if queue is not None and queue.failing_since is not None:
            text = (
                f"Your receiver has taken nothing since {queue.failing_since:%d %B %Y, %H:%M} UTC. What waits stays in "
            )
            text += "order; after ten tries a delivery is put aside and the next one goes."
            show = Action("See the answers", href=f"{DELIVERIES}?state=waiting")
            messages = [Message(text=text, tone="warning", action=show, dismissible=False)]
        return page.render(
            uow,
            "webhooks/overview.html",
            messages=messages,
            registration=registration,
            actions=_actions(uow, registration),
            facts=[] if registration is None else _facts(uow, registration),
            events=[] if registration is None else events_by_topic(registration.events),
            queue=queue,
            waiting=queries.count_waiting(uow),
            parked=queries.count_parked(uow),
            latest=[(line, state_badge(line.state, line.tries)) for line in _latest(uow)],
            deliveries_href=DELIVERIES,
            total=len(VENDOR_EVENTS),
            tabs=tabs(ROOT),
            crumbs=[*crumbs()[:-1], Crumb("Webhooks")],
        )


def _latest(uow: UnitOfWork) -> list[queries.Line]:
    return queries.deliveries(uow, Wanted(), LATEST).rows


def _show_form(page: Page, form: Form[Any], *, status: int = HTTPStatus.OK) -> Response[str]:
    with page.begin.read() as uow:
        uow.actor.require(WEBHOOKS.write)
        registration = queries.find_registration(uow)
        if registration is not None and not form.given:
            header = "own" if registration.in_own_header else "authorization"
            form = blank_form({"url": registration.url, "events": registration.events, "header": header})
        return page.render(
            uow,
            "webhooks/registration.html",
            status=status,
            f=form if form.given else blank_form({"events": [TEST_CREATED], "header": "authorization"}),
            topics=choices_by_topic(),
            headers=_HEADERS,
            post=REGISTRATION,
            cancel=ROOT,
            is_new=registration is None,
            catcher=f"{page.portal.origin_of(page.request)}{CATCHER}" if page.portal.world.settings.is_sandbox else "",
            crumbs=crumbs(Crumb("Register" if registration is None else "Change")),
        )


@get(REGISTRATION, include_in_schema=False, sync_to_thread=True)
def edit_registration(page: NamedDependency[Page]) -> Response[str]:
    """The form."""
    return _show_form(page, blank_form())


@post(REGISTRATION, include_in_schema=False, sync_to_thread=True)
def save_registration(page: NamedDependency[Page]) -> Response[Any]:
    """Register, or change the registration. Who registers sees the secret, once."""
    form = page.bind(RegistrationFields)
    if form.is_valid:
        try:
            secret = _save(page, form.value)
        except (RoleNeeded, UserNeeded):
            raise
        except AddressRefused as refusal:
            form.refuse("url", refusal.message)
        except DomainError as refusal:
            form.refuse_because(refusal)
        else:
            if secret:
                return _show_secret(page, secret, is_first=True)
            return page.redirect(ROOT, note="The registration was changed. What waits goes to the address above.")
    return _show_form(page, form, status=HTTPStatus.UNPROCESSABLE_ENTITY)


def _save(page: Page, fields: RegistrationFields) -> str:
    """Gives the secret of a first registration, else nothing."""
    service.check_webhook_address(page.begin, fields.url)
    with page.begin() as uow:
        present = queries.find_registration(uow)
        wanted = service.Wanted(
            fields.url,
            fields.events,
            page.portal.origin_of(page.request) if present is None else present.origin,
            in_own_header=fields.header == "own",
            properties=None if present is None else present.properties,
        )
        if present is None:
            return service.register_webhook(uow, wanted).secret
        service.change_webhook_registration(uow, wanted)
        return ""


def _show_secret(page: Page, secret: str, *, is_first: bool) -> Response[str]:
    with page.begin.read() as uow:
        return page.render(
            uow,
            "webhooks/secret.html",
            secret=secret,
            is_first=is_first,
            root=ROOT,
            until=uow.now + SECRET_OVERLAP,
            crumbs=crumbs(Crumb("Secret")),
        )


@post(f"{ROOT}/secret", include_in_schema=False, sync_to_thread=True)
def make_secret(page: NamedDependency[Page]) -> Response[str]:
    """A new secret, shown once."""
    with page.begin() as uow:
        secret = service.rotate_webhook_secret(uow)
    return _show_secret(page, secret, is_first=False)


@post(f"{ROOT}/tests", include_in_schema=False, sync_to_thread=True)
def send_test(page: NamedDependency[Page]) -> Response[bytes]:
    """Ask for a test event and go where its result comes in."""
    try:
        with page.begin() as uow:
            test_id = service.create_webhook_test(uow)
    except TooManyRequests as refusal:
        return page.redirect(ROOT, note=refusal.message, tone="warning")
    with page.begin.read() as uow:
        delivery = queries.test_delivery(uow, test_id)
        return page.redirect(f"{DELIVERIES}/{delivery.id}", note="The test is on its way.")


ROUTES: list[Any] = [show_webhooks, edit_registration, save_registration, make_secret, send_test]
