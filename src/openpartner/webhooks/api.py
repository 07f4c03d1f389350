"""``/webhooks/v1``: the registration, the list of events, test events, and the certificates that sign.

Source: partner-center-endpoints, area webhooks; Webhooks swagger.
"""

from typing import Any
from urllib.parse import urlsplit
from uuid import UUID

from litestar import Request, Response, get, post, put
from litestar.di import NamedDependency
from litestar.params import FromPath, JSONBody

from openpartner.edge.hosts import is_vendor_host
from openpartner.platform.actor import SYSTEM
from openpartner.platform.errors import NotFound
from openpartner.platform.http.answers import reply
from openpartner.platform.permissions import WEBHOOKS
from openpartner.platform.work import Begin
from openpartner.platform.world import World
from openpartner.settings import Settings
from openpartner.webhooks import queries, service, wire
from openpartner.webhooks.rules.vendor_events import VENDOR_EVENTS

AnyRequest = Request[Any, Any, Any]
EXAMPLE = {"WebhookUrl": "https://hooks.example.com/partner-center", "WebhookEvents": ["test-created"]}


def called(request: AnyRequest, settings: Settings) -> str:
    """What this caller calls us, and what deliveries to it call us: the vendor's name, or our own."""
    asked = urlsplit(str(request.base_url))
    if asked.hostname is not None and is_vendor_host(asked.hostname):
        return f"https://{asked.hostname}"
    return (settings.base_url or f"{asked.scheme}://{asked.netloc}").rstrip("/")


@get(
    "/webhooks/v1/registration/events",
    sync_to_thread=True,
    opt={"operation": "GET /webhooks/v1/registration/events", "permission": WEBHOOKS.read},
)
def list_webhook_events(begin: NamedDependency[Begin]) -> list[str]:
    """The names that one may subscribe to, a bare array."""
    with begin.read() as uow:
        uow.actor.require(WEBHOOKS.read)
        return [event.name for event in VENDOR_EVENTS]


@get(
    "/webhooks/v1/registration",
    sync_to_thread=True,
    opt={"operation": "GET /webhooks/v1/registration", "permission": WEBHOOKS.read},
)
def get_registration(begin: NamedDependency[Begin]) -> wire.RegistrationOut:
    """The tenant's registration; 404 when there is none."""
    with begin.read() as uow:
        return wire.RegistrationOut.of(queries.registration(uow))


@post(
    "/webhooks/v1/registration",
    sync_to_thread=True,
    status_code=200,
    opt={"operation": "POST /webhooks/v1/registration", "permission": WEBHOOKS.write, "example": EXAMPLE},
)
def post_registration(
    request: AnyRequest,
    data: JSONBody[wire.RegistrationIn],
    begin: NamedDependency[Begin],
    world: NamedDependency[World],
) -> Response[wire.RegistrationOut]:
    """Register; 409 when the tenant has a registration."""
    service.check_webhook_address(begin, data.webhook_url)
    with begin() as uow:
        made = service.register_webhook(uow, data.read(called(request, world.settings)))
        return reply(uow, wire.RegistrationOut.of(made.registration))


@put(
    "/webhooks/v1/registration",
    sync_to_thread=True,
    opt={"operation": "PUT /webhooks/v1/registration", "permission": WEBHOOKS.write, "example": EXAMPLE},
)
def put_registration(
    request: AnyRequest,
    data: JSONBody[wire.RegistrationIn],
    begin: NamedDependency[Begin],
    world: NamedDependency[World],
) -> Response[wire.RegistrationOut]:
    """Replace the registration; 404 when there is none."""
    service.check_webhook_address(begin, data.webhook_url)
    with begin() as uow:
        changed = service.change_webhook_registration(uow, data.read(called(request, world.settings)))
        return reply(uow, wire.RegistrationOut.of(changed))


@post(
    "/webhooks/v1/registration/validationevents",
    sync_to_thread=True,
    status_code=200,
    opt={"operation": "POST /webhooks/v1/registration/validationEvents", "permission": WEBHOOKS.write},
)
def post_validation_event(begin: NamedDependency[Begin]) -> Response[wire.TestAsked]:
    """Ask for a test event; 429 for the third in a minute."""
    with begin() as uow:
        return reply(uow, wire.TestAsked(correlation_id=service.create_webhook_test(uow)))


@get(
    "/webhooks/v1/registration/validationevents/{correlation_id:uuid}",
    sync_to_thread=True,
    opt={
        "operation": [
            "GET /webhooks/v1/registration/validationEvents/{correlation-id}",
            "GET /webhooks/v1/registration/validationEvents/{correlationId}",
        ],
        "permission": WEBHOOKS.read,
    },
)
def get_validation_event(correlation_id: FromPath[UUID], begin: NamedDependency[Begin]) -> wire.ValidationEvent:
    """How far a test is, with every try; 404 once seven days have passed."""
    with begin.read() as uow:
        delivery = queries.test_delivery(uow, correlation_id)
        return wire.ValidationEvent.of(delivery, queries.attempted_url(uow, delivery), queries.tries_of(uow, delivery))


def _certificate(file_name: str, world: World) -> Response[bytes]:
    key_id, dot, ending = file_name.partition(".")
    if (dot, ending.lower()) != (".", "cer"):
        raise NotFound("Certificate", file_name)
    with world.begin.read(SYSTEM) as uow:
        certificate = service.certificate_of(uow, key_id.lower())
    return Response(
        certificate.der(world), media_type="application/pkix-cert", headers={"Cache-Control": "public, max-age=3600"}
    )


@get("/webhooks/v1/certificates/{file_name:str}", sync_to_thread=True, include_in_schema=False)
def get_certificate(file_name: FromPath[str], world: NamedDependency[World]) -> Response[bytes]:
    """The certificate of a key that signed deliveries, for everybody: X-MS-Certificate-Url leads here."""
    return _certificate(file_name, world)


@get("/cert/{file_name:str}", sync_to_thread=True, include_in_schema=False)
def get_certificate_at_its_usual_place(file_name: FromPath[str], world: NamedDependency[World]) -> Response[bytes]:
    """The same under the path that it has at the original's store."""
    return _certificate(file_name, world)


ROUTES: list[Any] = [
    list_webhook_events,
    get_registration,
    post_registration,
    put_registration,
    post_validation_event,
    get_validation_event,
    get_certificate,
    get_certificate_at_its_usual_place,
]
