"""What the pages of this slice share: the frame of a customer, forms that refuse, words and tones for states."""

from collections.abc import Mapping, Sequence
from typing import Any, TypeVar
from uuid import UUID

from openpartner.customers import queries
from openpartner.customers.models import Customer
from openpartner.customers.rules import AcceptanceMethod, Review, Vetting
from openpartner.partner import queries as partners
from openpartner.platform import countries, permissions
from openpartner.platform.addresses import Address
from openpartner.platform.countries import CountryRules
from openpartner.platform.permissions import Permission
from openpartner.platform.web.page import Posted
from openpartner.platform.web.pages import Crumb
from openpartner.platform.web.tables import Badge, Choice, Tone
from openpartner.platform.web.tabs import Tab
from openpartner.platform.work import UnitOfWork

T = TypeVar("T")

REVIEW_WORDS: Mapping[Review | None, tuple[str, Tone]] = {
    None: ("Not reviewed", "neutral"),
    Review.UNKNOWN: ("Unknown", "neutral"),
    Review.NOT_READY: ("Not ready", "neutral"),
    Review.UNDER_REVIEW: ("Under review", "info"),
    Review.ALLOWED: ("Verified", "success"),
    Review.NOT_ALLOWED: ("Rejected", "danger"),
}

VETTING_WORDS: Mapping[Vetting | None, tuple[str, Tone]] = {
    None: ("Set", "success"),
    Vetting.IN_REVIEW: ("In review", "info"),
    Vetting.APPROVED: ("Approved", "success"),
    Vetting.DENIED: ("Denied", "danger"),
}

METHOD_WORDS: Mapping[AcceptanceMethod, str] = {
    AcceptanceMethod.ATTESTED: "Confirmed by the partner",
    AcceptanceMethod.DIRECT: "By the customer",
}

QUALIFICATION_WORDS: Mapping[str, str] = {
    "None": "None",
    "Education": "Education",
    "Nonprofit": "Nonprofit",
    "GovernmentCommunityCloud": "Government community cloud",
    "StateOwnedEntity": "State-owned entity",
}

ADDRESS_FIELDS = (
    "address_line1",
    "address_line2",
    "city",
    "state",
    "postal_code",
    "first_name",
    "last_name",
    "phone_number",
)


def review_badge(review: Review | None) -> Badge:
    """The account review as a chip."""
    return Badge(*REVIEW_WORDS[review])


def vetting_badge(vetting: Vetting | None) -> Badge:
    """A qualification's vetting as a chip."""
    return Badge(*VETTING_WORDS[vetting])


def read_address(form: Posted, country: str) -> Address:
    """The address of a form."""
    return Address(country=country, **{name: form.get(name) for name in ADDRESS_FIELDS})


def address_fields(address: Address) -> dict[str, str]:
    """An address as a form's texts."""
    return {name: getattr(address, name) for name in ADDRESS_FIELDS}


def country_choices() -> list[Choice]:
    """Every country in which a customer may be, by name."""
    named = sorted((countries.name_of(code), code) for code in countries.MARKETS)
    return [Choice(code, name) for name, code in named]


def address_choices(rules: CountryRules) -> dict[str, Any]:
    """What a form offers for an address of a country."""
    return {
        "country_rules": rules,
        "country_name": countries.name_of(rules.iso2_code),
        "states": [Choice(state.code, state.name) for state in countries.states_of(rules.iso2_code)],
        "cultures": [Choice(culture, countries.language_name(culture)) for culture in rules.supported_cultures],
        "languages": [Choice(code[:2], countries.language_name(code)) for code in rules.supported_languages],
    }


def partner_name(uow: UnitOfWork, tenant_id: UUID | None) -> str:
    """The name of a partner's account."""
    account = partners.account_of(uow, tenant_id) if tenant_id else None
    return account.name if account else ""


ACCOUNT_TAB = ("Account", "", 0, permissions.CUSTOMERS.read)
USERS_TAB = ("Users", "users", 40, permissions.CUSTOMER_USERS.read)


class Frame:
    """The header and the tabs of a customer's pages. ``tabs``: what other slices bring; set once, by ``routes``."""

    tabs: Sequence[Tab] = ()

    def links(self, uow: UnitOfWork, customer: Customer, current: str) -> list[tuple[str, str, bool]]:
        """The tabs the actor may open: title, address, whether it is the present one."""
        own: list[tuple[str, str, int, Permission]] = [ACCOUNT_TAB, USERS_TAB]
        brought = [(tab.title, tab.key, tab.order, tab.permission) for tab in self.tabs]
        root = f"/customers/{customer.tenant_id}"
        return [
            (title, f"{root}/{key}".rstrip("/"), key == current)
            for title, key, _, permission in sorted([*own, *brought], key=lambda tab: tab[2])
            if uow.actor.may(permission)
        ]

    def context(self, uow: UnitOfWork, customer_id: UUID, current: str) -> dict[str, Any]:
        """What ``customers/frame.html`` needs. Raises CustomerUnknown, RelationshipNeeded."""
        uow.actor.require(permissions.CUSTOMERS.read)
        customer = queries.one_customer(uow, customer_id)
        return {
            "customer": customer,
            "root": f"/customers/{customer.tenant_id}",
            "review": review_badge(customer.review),
            "tabs": self.links(uow, customer, current),
            "frame_actions": [found for tab in self.tabs if (found := tab.action(uow, customer_id)) is not None],
            "crumbs": [
                Crumb("Home", "/"),
                Crumb("Customers", "/customers"),
                Crumb(customer.company_name, f"/customers/{customer.tenant_id}"),
            ],
        }


FRAME = Frame()
