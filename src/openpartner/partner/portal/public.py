"""Pages that need no sign-in: enrolment, the link of the verification mail, the text of an agreement."""

from functools import cache
from http import HTTPStatus
from typing import Annotated, Any
from uuid import UUID

from litestar import Request, Response, get, post
from litestar.di import NamedDependency
from litestar.enums import RequestEncodingType
from litestar.params import Body, FromPath, FromQuery

from openpartner.partner import agreement_files, queries, rules, service
from openpartner.partner.portal.shared import KIND_HINTS, KIND_TITLES, country_choices, read_address
from openpartner.partner.rules import PartnerKind
from openpartner.platform.actor import NOBODY, SYSTEM
from openpartner.platform.errors import DomainError, Invalid, NotFound
from openpartner.platform.web import pages
from openpartner.platform.web.forms import Form, blank_form
from openpartner.platform.web.page import Posted, html
from openpartner.platform.web.pages import Templates
from openpartner.platform.web.tables import Choice
from openpartner.platform.work import UnitOfWork
from openpartner.platform.world import World, world_secret

AnyRequest = Request[Any, Any, Any]
INITIAL_DOMAIN = "onmicrosoft.com"


@cache
def _templates() -> Templates:
    return Templates()


def _show(request: AnyRequest, uow: UnitOfWork, template: str, status: int = 200, **context: Any) -> Response[str]:
    shell = pages.Shell(now=uow.now, path=request.scope["path"], theme=request.cookies.get("theme", "system"))
    return html(_templates().render(template, shell, **context), status)


# --- enrolment ----------------------------------------------------------------------------------------------------


def _enrol_form(request: AnyRequest, world: World, form: Form[Any], status: int = 200) -> Response[str]:
    with world.begin.read(NOBODY) as uow:
        return _show(
            request,
            uow,
            "partner/enrol.html",
            status,
            f=form,
            wide=True,
            countries=country_choices(),
            kinds=[Choice(kind.value, KIND_TITLES[kind], KIND_HINTS[kind]) for kind in PartnerKind],
        )


@get("/enrol", include_in_schema=False, sync_to_thread=True, opt={"public": True})
def enrolment(request: AnyRequest, world: NamedDependency[World]) -> Response[str]:
    """The form by which a company becomes a partner."""
    return _enrol_form(request, world, blank_form({"kind": PartnerKind.INDIRECT_RESELLER.value}))


@post("/enrol", include_in_schema=False, sync_to_thread=True, status_code=200, opt={"public": True})
def enrol(
    request: AnyRequest,
    world: NamedDependency[World],
    data: Annotated[dict[str, Any], Body(media_type=RequestEncodingType.URL_ENCODED)],
) -> Response[str]:
    """Enrol a company; the first administrator's password is shown once, here."""
    pairs = {
        name: [str(each) for each in value] if isinstance(value, list) else [str(value)] for name, value in data.items()
    }
    sent, form = Posted(pairs), Form[Any](pairs)
    try:
        with world.begin(NOBODY) as uow:
            enrolled = service.enrol_partner(uow, _enrolment(sent), domain=_domain(sent), admin=_admin(sent))
            return _show(request, uow, "partner/enrolled.html", enrolled=enrolled)
    except DomainError as refusal:
        form.refuse_because(refusal)
    return _enrol_form(request, world, form, HTTPStatus.UNPROCESSABLE_ENTITY)


def _enrolment(sent: Posted) -> rules.Enrolment:
    if sent.get("kind") not in set(PartnerKind):
        raise Invalid("Choose how your company takes part.")
    first, last = sent.get("first_name"), sent.get("last_name")
    return rules.Enrolment(
        company_name=sent.get("company_name"),
        address=read_address(sent, "address"),
        contact_name=f"{first} {last}".strip(),
        contact_email=sent.get("contact_email"),
        kind=PartnerKind(sent.get("kind")),
        registration_number=sent.get("registration_number"),
    )


def _domain(sent: Posted) -> str:
    prefix = sent.get("domain").lower()
    if not prefix:
        raise Invalid("Choose the name of your tenant, such as contoso.")
    return f"{prefix}.{INITIAL_DOMAIN}"


def _admin(sent: Posted) -> service.FirstAdmin:
    return service.FirstAdmin(sent.get("first_name"), sent.get("last_name"))


# --- the link of the verification mail ----------------------------------------------------------------------------


@get("/verify-email", include_in_schema=False, sync_to_thread=True, opt={"public": True})
def verify_email(request: AnyRequest, world: NamedDependency[World], token: FromQuery[str] = "") -> Response[str]:
    """What the mail leads to. It only asks: programs that look at links before their reader does change nothing."""
    with world.begin.read(NOBODY) as uow:
        return _show(request, uow, "partner/verify_email.html", token=token, account=None, problem="")


@post("/verify-email", include_in_schema=False, sync_to_thread=True, status_code=200, opt={"public": True})
def prove_email(
    request: AnyRequest,
    world: NamedDependency[World],
    data: Annotated[dict[str, str], Body(media_type=RequestEncodingType.URL_ENCODED)],
) -> Response[str]:
    """The reader says so: the mailbox is proved."""
    token = data.get("token", "")
    try:
        with world.begin(SYSTEM) as uow:
            account = service.confirm_email_link(uow, token)
            return _show(request, uow, "partner/verify_email.html", token="", account=account, problem="")
    except DomainError as refusal:
        problem = refusal.message
    with world.begin.read(NOBODY) as uow:
        status = HTTPStatus.BAD_REQUEST
        return _show(request, uow, "partner/verify_email.html", status, token="", account=None, problem=problem)


# --- agreements ---------------------------------------------------------------------------------------------------


@get("/agreements/{template_id:uuid}", include_in_schema=False, sync_to_thread=True, opt={"public": True})
def agreement(request: AnyRequest, world: NamedDependency[World], template_id: FromPath[UUID]) -> Response[str]:
    """The text of a published agreement: what ``agreementLink`` leads to."""
    with world.begin.read(NOBODY) as uow:
        return _text(request, uow, template_id)


def _text(request: AnyRequest, uow: UnitOfWork, template_id: UUID) -> Response[str]:
    version = queries.agreement_version(uow, template_id)
    if version.effective_at > uow.now:
        raise NotFound("Agreement template", template_id)
    text = agreement_files.paragraphs(version.text)
    return _show(request, uow, "partner/agreement_text.html", version=version, paragraphs=text, wide=True)


@get("/agreements/{template_id:uuid}/preview", include_in_schema=False, sync_to_thread=True, opt={"public": True})
def agreement_preview(
    request: AnyRequest,
    world: NamedDependency[World],
    template_id: FromPath[UUID],
    expires: FromQuery[int] = 0,
    seal: FromQuery[str] = "",
) -> Response[str]:
    """The text behind a link that ends after five minutes."""
    with world.begin.read(NOBODY) as uow:
        agreement_files.check_link(world_secret(world), template_id, expires, seal, uow.now)
        return _text(request, uow, template_id)


@get("/agreements/{template_id:uuid}/document", include_in_schema=False, sync_to_thread=True, opt={"public": True})
def agreement_document(
    world: NamedDependency[World], template_id: FromPath[UUID], expires: FromQuery[int] = 0, seal: FromQuery[str] = ""
) -> Response[bytes]:
    """The Word file behind a link that ends after five minutes."""
    with world.begin.read(NOBODY) as uow:
        agreement_files.check_link(world_secret(world), template_id, expires, seal, uow.now)
        version = queries.agreement_version(uow, template_id)
        return Response(
            agreement_files.word_file(version.title, version.version, version.text),
            media_type=agreement_files.WORD_TYPE,
            headers={"Content-Disposition": f'attachment; filename="agreement-{version.id}.docx"'},
        )


ROUTES: list[Any] = [
    enrolment,
    enrol,
    verify_email,
    prove_email,
    agreement,
    agreement_preview,
    agreement_document,
]
