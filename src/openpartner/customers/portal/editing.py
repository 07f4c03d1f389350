"""Forms of a customer's account: billing profile and registration number, agreement, qualification."""

from datetime import UTC, datetime, time
from typing import Any
from uuid import UUID

from litestar import Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath

from openpartner.customers import queries, service
from openpartner.customers.portal.shared import (
    FRAME,
    QUALIFICATION_WORDS,
    address_choices,
    address_fields,
    read_address,
)
from openpartner.customers.rules import (
    SETTABLE,
    Acceptance,
    AgreementContact,
    AgreementType,
    EducationSegment,
    QualificationRequest,
    qualification_named,
)
from openpartner.customers.service import BillingDetails
from openpartner.customers.service.agreements import templates
from openpartner.platform import countries
from openpartner.platform.errors import InvalidFields
from openpartner.platform.http.etags import profile_etag
from openpartner.platform.web.attempts import attempt, posted
from openpartner.platform.web.forms import Form, blank_form
from openpartner.platform.web.page import Page, Posted
from openpartner.platform.web.tables import Choice
from openpartner.platform.work import UnitOfWork

SEGMENT_WORDS = {EducationSegment.K12: "Primary and secondary school", EducationSegment.HIGHER_EDUCATION: "University"}


# Billing profile


@get("/customers/{customer_id:uuid}/edit", include_in_schema=False, sync_to_thread=True)
def edit_account(customer_id: FromPath[UUID], page: NamedDependency[Page]) -> Response[str]:
    """The billing profile as it stands."""
    with page.begin.read() as uow:
        customer = queries.one_customer(uow, customer_id)
        billing = queries.billing_profile(uow, customer)
        present = {
            "company_name": billing.company_name,
            "email": billing.email,
            "culture": billing.culture,
            "language": billing.language,
            "registration_number": customer.registration_number,
            "etag": profile_etag(billing.id, billing.version),
            **address_fields(billing.default_address),
        }
        return _edit_page(page, uow, customer_id, blank_form(present))


@post("/customers/{customer_id:uuid}/edit", include_in_schema=False, sync_to_thread=True)
def save_account(customer_id: FromPath[UUID], page: NamedDependency[Page]) -> Response[Any]:
    """Replace the billing profile, if nobody else has in the meantime."""
    form = posted(page.form)
    if attempt(page, form, lambda uow: _save(uow, customer_id, page.form)):
        return page.redirect(f"/customers/{customer_id}", note="The account was changed.")
    with page.begin.read() as uow:
        return _edit_page(page, uow, customer_id, form, status=422)


def _save(uow: UnitOfWork, customer_id: UUID, form: Posted) -> bool:
    country = queries.one_customer(uow, customer_id).country
    service.update_registration_number(uow, customer_id, form.get("registration_number"))
    wanted = BillingDetails(
        company_name=form.get("company_name"),
        email=form.get("email"),
        culture=form.get("culture"),
        language=form.get("language"),
        address=read_address(form, country),
    )
    service.replace_billing_profile(uow, customer_id, wanted, etag=form.get("etag") or None)
    return True


def _edit_page(page: Page, uow: UnitOfWork, customer_id: UUID, form: Form[Any], status: int = 200) -> Response[str]:
    frame = FRAME.context(uow, customer_id, "")
    return page.render(
        uow,
        "customers/edit.html",
        status=status,
        f=form,
        **frame,
        **address_choices(countries.rules_of(frame["customer"].country)),
    )


# Agreement


@get("/customers/{customer_id:uuid}/agreement", include_in_schema=False, sync_to_thread=True)
def agreement_form(customer_id: FromPath[UUID], page: NamedDependency[Page]) -> Response[str]:
    """Who at the customer accepted, and when."""
    with page.begin.read() as uow:
        customer = queries.one_customer(uow, customer_id)
        billing = queries.billing_profile(uow, customer)
        present = {
            "first_name": billing.first_name,
            "last_name": billing.last_name,
            "email": billing.email,
            "agreed_on": uow.now.date(),
        }
        return _agreement_page(page, uow, customer_id, blank_form(present))


@post("/customers/{customer_id:uuid}/agreement", include_in_schema=False, sync_to_thread=True)
def confirm_agreement(customer_id: FromPath[UUID], page: NamedDependency[Page]) -> Response[Any]:
    """Record that the customer accepted."""
    form = posted(page.form)
    if attempt(page, form, lambda uow: _confirm(uow, customer_id, page.form)):
        return page.redirect(f"/customers/{customer_id}", note="The acceptance was recorded.")
    with page.begin.read() as uow:
        return _agreement_page(page, uow, customer_id, form, status=422)


def _confirm(uow: UnitOfWork, customer_id: UUID, form: Posted) -> bool:
    try:
        agreed_on = datetime.combine(datetime.fromisoformat(form.get("agreed_on")).date(), time(), tzinfo=UTC)
    except ValueError as error:
        raise InvalidFields(
            {"agreed_on": "Give the day on which the customer accepted, such as 2026-03-31."}
        ) from error
    contact = AgreementContact(
        form.get("first_name"), form.get("last_name"), form.get("email"), form.get("phone_number")
    )
    service.confirm_customer_agreement(
        uow, customer_id, Acceptance(AgreementType.CUSTOMER, form.get("template"), contact, agreed_on)
    )
    return True


def _agreement_page(
    page: Page, uow: UnitOfWork, customer_id: UUID, form: Form[Any], status: int = 200
) -> Response[str]:
    frame = FRAME.context(uow, customer_id, "")
    return page.render(
        uow,
        "customers/agreement.html",
        status=status,
        f=form,
        template_id=newest_template(uow),
        today=uow.now.date().isoformat(),
        **frame,
    )


def newest_template(uow: UnitOfWork) -> str:
    """The template of the customer agreement that a signer is shown; empty while none is published."""
    return next((key for key, kind in templates(uow).items() if kind is AgreementType.CUSTOMER), "")


# Qualification


@get("/customers/{customer_id:uuid}/qualification", include_in_schema=False, sync_to_thread=True)
def qualification_form(customer_id: FromPath[UUID], page: NamedDependency[Page]) -> Response[str]:
    """Which qualification to ask for."""
    with page.begin.read() as uow:
        return _qualification_page(page, uow, customer_id, blank_form())


@post("/customers/{customer_id:uuid}/qualification", include_in_schema=False, sync_to_thread=True)
def ask_for_qualification(customer_id: FromPath[UUID], page: NamedDependency[Page]) -> Response[Any]:
    """Ask for it; vetting begins where its kind is vetted."""
    form = posted(page.form)
    if attempt(page, form, lambda uow: _ask(uow, customer_id, page.form)):
        return page.redirect(f"/customers/{customer_id}", note="The qualification was asked for.")
    with page.begin.read() as uow:
        return _qualification_page(page, uow, customer_id, form, status=422)


def _ask(uow: UnitOfWork, customer_id: UUID, form: Posted) -> bool:
    kind = qualification_named(form.get("qualification"))
    if kind is None:
        raise InvalidFields({"qualification": "Choose a qualification."})
    request = QualificationRequest(kind, form.get("segment"), form.get("code"), form.get("website"))
    service.request_qualification(uow, customer_id, request)
    return True


def _qualification_page(
    page: Page, uow: UnitOfWork, customer_id: UUID, form: Form[Any], status: int = 200
) -> Response[str]:
    return page.render(
        uow,
        "customers/qualification.html",
        status=status,
        f=form,
        kinds=[Choice(kind.value, QUALIFICATION_WORDS[kind.value]) for kind in sorted(SETTABLE)],
        segments=[Choice(segment.value, words) for segment, words in SEGMENT_WORDS.items()],
        **FRAME.context(uow, customer_id, ""),
    )


ROUTES: list[Any] = [
    edit_account,
    save_account,
    agreement_form,
    confirm_agreement,
    qualification_form,
    ask_for_qualification,
]
