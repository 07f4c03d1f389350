"""Where a customer's Global admin reads who asks to be its reseller, and accepts or refuses. Source: gdap §14.3."""

from typing import Any
from urllib.parse import quote

from litestar import Response, get, post
from litestar.di import NamedDependency

from openpartner.customers.rules import AgreementContact
from openpartner.customers.service import BillingDetails
from openpartner.platform import countries, permissions
from openpartner.platform.actor import RoleNeeded
from openpartner.platform.addresses import Address
from openpartner.platform.errors import DomainError, InvalidFields
from openpartner.platform.web.attempts import attempt, posted
from openpartner.platform.web.forms import Form, blank_form
from openpartner.platform.web.page import Page, Posted
from openpartner.platform.web.pages import Crumb
from openpartner.platform.web.tables import Action, Choice
from openpartner.platform.work import UnitOfWork
from openpartner.relationships import service
from openpartner.relationships.portal import words
from openpartner.relationships.portal.admin_center import APPROVAL_PATH, INVITATION_PATH
from openpartner.relationships.rules.reselling import AlreadyRelated, CustomerNeeded, ResellerLink, read_link
from openpartner.relationships.service import Offer

ADDRESS_FIELDS = ("address_line1", "address_line2", "city", "state", "postal_code", "phone_number")


def _link(page: Page) -> ResellerLink:
    return read_link({name.lower(): value for name, value in page.request.query_params.multi_items()})


@get(INVITATION_PATH, include_in_schema=False, sync_to_thread=True)
def show_invitation(page: NamedDependency[Page]) -> Response[str]:
    """Who asks for what; or why it cannot be accepted."""
    try:
        link = _link(page)
        with page.begin.read() as uow:
            offer = service.open_offer(uow, link)
            return _offer_page(page, uow, offer, blank_form(_present(offer)))
    except RoleNeeded:
        raise
    except DomainError as refusal:
        return _refused_page(page, refusal)


@post(INVITATION_PATH, include_in_schema=False, sync_to_thread=True)
def answer_invitation(page: NamedDependency[Page]) -> Response[Any]:
    """The answer. What is wrong with the company's details stands beside them; anything else is a page of its own."""
    link, form = _link(page), posted(page.form)
    if page.form.get("answer") == "refuse":
        if attempt(page, form, lambda uow: service.refuse_reseller_relationship(uow, link, page.form.get("reason"))):
            return page.redirect("/partners", note="You have refused the invitation. The partner was told.")
    else:
        accepted = attempt(page, form, lambda uow: _accept(uow, link, page.form))
        if accepted is not None:
            return page.redirect(accepted[0], note=accepted[1])
    with page.begin.read() as uow:
        try:
            offer = service.open_offer(uow, link)
        except RoleNeeded:
            raise
        except DomainError as refusal:
            return _refused_page(page, refusal)
        return _offer_page(page, uow, offer, form, status=422)


def _accept(uow: UnitOfWork, link: ResellerLink, form: Posted) -> tuple[str, str]:
    """Accept; gives where to go on, and what to say there."""
    offer = service.open_offer(uow, link)
    contact = None
    if offer.agreement is not None:
        if not form.flag("agreed"):
            raise InvalidFields({"agreed": "Accept the customer agreement, or refuse the invitation."})
        contact = AgreementContact(
            form.get("first_name"), form.get("last_name"), form.get("email"), form.get("phone_number")
        )
    customer = service.accept_reseller_relationship(
        uow,
        link,
        details=_details(form, offer),
        registration_number=form.get("registration_number"),
        contact=contact,
    )
    note = f"{offer.asker.name} is your reseller now."
    if offer.invitation is not None and offer.invitation.granular_id is not None:
        return f"{APPROVAL_PATH}/{offer.invitation.granular_id}", f"{note} It asks for administration too."
    return f"/partners/{customer.reseller_id or customer.partner_id}", note


def _details(form: Posted, offer: Offer) -> BillingDetails:
    country = offer.details.address.country
    first, last = form.get("first_name"), form.get("last_name")
    address = Address(country, first_name=first, last_name=last, **{name: form.get(name) for name in ADDRESS_FIELDS})
    return BillingDetails(
        company_name=form.get("company_name"),
        email=form.get("email"),
        culture=form.get("culture"),
        language=form.get("culture")[:2],
        address=address,
        first_name=first,
        last_name=last,
    )


def _present(offer: Offer) -> dict[str, str]:
    details = offer.details
    return {
        "company_name": details.company_name,
        "email": details.email,
        "culture": details.culture,
        "first_name": details.first_name or details.address.first_name,
        "last_name": details.last_name or details.address.last_name,
        "registration_number": offer.registration_number,
        **{name: getattr(details.address, name) for name in ADDRESS_FIELDS},
    }


def _offer_page(page: Page, uow: UnitOfWork, offer: Offer, form: Form[Any], status: int = 200) -> Response[str]:
    country = offer.details.address.country
    rules = countries.rules_of(country)
    asks = [(offer.asker, words.SELLER_MAY if offer.provider is None else words.RESELLER_MAY)]
    if offer.provider is not None:
        asks.append((offer.provider, words.SELLER_MAY))
    return page.render(
        uow,
        "relationships/consent.html",
        status=status,
        f=form,
        offer=offer,
        asks=[(company, words.company_rows(company), may) for company, may in asks],
        nobody_may=words.NOBODY_MAY,
        paragraphs=[] if offer.agreement is None else offer.agreement.text.split("\n\n"),
        here=f"{INVITATION_PATH}?{offer.link.query()}",
        country_rules=rules,
        country_name=countries.name_of(country),
        states=[Choice(state.code, state.name) for state in countries.states_of(country)],
        cultures=[Choice(culture, culture) for culture in rules.supported_cultures],
        may_decide=uow.actor.may(permissions.CUSTOMER_PARTNERS.write),
        knows_address=bool(offer.details.address.address_line1),
        crumbs=[Crumb("Home", "/"), Crumb("Partner relationships", "/partners"), Crumb("Invitation")],
    )


def _refused_page(page: Page, refusal: DomainError) -> Response[str]:
    """Why the link leads nowhere for this person, and what to do."""
    action = Action("Partner relationships", href="/partners")
    if isinstance(refusal, CustomerNeeded):
        back = f"{INVITATION_PATH}?{page.request.scope['query_string'].decode('latin-1')}"
        href = f"/signin?other=true&return_to={quote(back, safe='')}"
        action = Action("Sign in with another account", href=href, primary=True)
    elif isinstance(refusal, AlreadyRelated):
        action = Action("Partner relationships", href="/partners", primary=True)
    with page.begin.read() as uow:
        return page.render(
            uow,
            "relationships/consent_refused.html",
            status=int(refusal.status),
            heading="This invitation cannot be accepted",
            text=refusal.message,
            action_next=action,
            crumbs=[Crumb("Home", "/"), Crumb("Invitation")],
        )


ROUTES: list[Any] = [show_invitation, answer_invitation]
