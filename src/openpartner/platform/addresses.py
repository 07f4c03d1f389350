"""Whether an address can be stored, and what the offline check says of it. Both read the rules of its country.

Source: commerce-rules §3; partner-center-resources §1 and §24; docs/spec/customers.md.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from enum import StrEnum

from openpartner.platform import countries


@dataclass(frozen=True)
class Address:
    """A postal address with the person there. ``region`` takes the place of ``state`` in company profiles."""

    country: str = ""
    address_line1: str = ""
    address_line2: str = ""
    address_line3: str = ""
    city: str = ""
    region: str = ""
    state: str = ""
    postal_code: str = ""
    first_name: str = ""
    middle_name: str = ""
    last_name: str = ""
    phone_number: str = ""


LENGTHS: Mapping[str, int] = {
    "address_line1": 200,
    "address_line2": 200,
    "address_line3": 200,
    "city": 100,
    "region": 100,
    "state": 100,
    "postal_code": 20,
    "first_name": 50,
    "middle_name": 50,
    "last_name": 50,
    "phone_number": 30,
}
"""The most characters of each member. The pages allow two for a state, yet longer names occur."""


def problems_of(address: Address, *, person: bool = False) -> dict[str, str]:
    """What keeps ``address`` from being stored: each member with one sentence; empty when nothing does.

    person: the first and last name are needed too, as when a customer is created.
    """
    return dict(reversed(list(_problems(address, person=person))))


def normalised(address: Address) -> Address:
    """The address as it is stored: without needless blanks, the country in capitals, a state by its code.

    A postal code that only lacks its blank or hyphen, or has small letters, is brought to its usual form.
    """
    tidy = replace(address, **{name: _tidy(getattr(address, name)) for name in (*LENGTHS, "country")})
    country = tidy.country.upper()
    if country not in countries.CULTURES:
        return replace(tidy, country=country)
    return replace(
        tidy,
        country=country,
        state=countries.state_code(country, tidy.state) or tidy.state,
        postal_code=_usual_postal_code(country, tidy.postal_code),
    )


class CheckStatus(StrEnum):
    """How far the check could follow the address. Only the two verified ones are to be taken without asking."""

    VERIFIED_SHIPPABLE = "VerifiedShippable"
    VERIFIED = "Verified"
    INTERACTION_REQUIRED = "InteractionRequired"
    STREET_PARTIAL = "StreetPartial"
    PREMISES_PARTIAL = "PremisesPartial"
    MULTIPLE = "Multiple"
    NONE = "None"
    NOT_VALIDATED = "NotValidated"


@dataclass(frozen=True)
class AddressCheck:
    """``suggestions``: one for the first three statuses, up to three for the next three, none for the last two."""

    status: CheckStatus
    suggestions: tuple[Address, ...] = ()
    message: str = ""


MOST_SUGGESTIONS = 3

_POST_BOX = re.compile(
    r"\b(p\.?\s*o\.?\s*box|post\s*box|postfach|casilla|apartado|caixa postal|bo[iî]te postale)\b", re.IGNORECASE
)
_NUMBER = re.compile(r"\d")
_WORD = re.compile(r"[^\W\d_]{2,}")


def check(address: Address) -> AddressCheck:
    """The offline check, by what is known of the country; no street is looked up.

    In this order: nothing known of the country, NotValidated; a member missing or wrong, None; the postal code
    lies in other states than the one given, Multiple with those states; no street name in line 1, StreetPartial;
    no number in lines 1 and 2, PremisesPartial; a state or postal code had to be rewritten, InteractionRequired;
    a post box, Verified; otherwise VerifiedShippable.
    """
    suggestion = normalised(address)
    country = suggestion.country
    if country in countries.CULTURES and not _is_known(country):
        return AddressCheck(
            CheckStatus.NOT_VALIDATED, (), f"Addresses in {countries.name_of(country)} are not checked."
        )
    problems = problems_of(suggestion)
    if problems:
        return AddressCheck(CheckStatus.NONE, (), " ".join(problems.values()))
    elsewhere = _in_the_state_of_the_postal_code(suggestion)
    first_lines = f"{suggestion.address_line1} {suggestion.address_line2}"
    doubts = (
        (
            bool(elsewhere),
            CheckStatus.MULTIPLE,
            f"{suggestion.postal_code} is not a postal code of {suggestion.state}.",
        ),
        (not _WORD.search(suggestion.address_line1), CheckStatus.STREET_PARTIAL, "Line 1 names no street."),
        (not _NUMBER.search(first_lines), CheckStatus.PREMISES_PARTIAL, "The address has no house number."),
        (_is_rewritten(address, suggestion), CheckStatus.INTERACTION_REQUIRED, "Confirm the suggested address."),
        (is_post_box(suggestion), CheckStatus.VERIFIED, "Nothing can be shipped to a post box."),
        (True, CheckStatus.VERIFIED_SHIPPABLE, ""),
    )
    status, message = next((status, message) for applies, status, message in doubts if applies)
    return AddressCheck(status, elsewhere or (suggestion,), message)


def is_post_box(address: Address) -> bool:
    """Whether the address is a box at a post office: nothing can be shipped to it, and no company is there."""
    return _POST_BOX.search(f"{address.address_line1} {address.address_line2}") is not None


def _problems(address: Address, *, person: bool) -> Iterator[tuple[str, str]]:
    """Least important first: the dictionary made of it backwards keeps the first thing to say of each member."""
    for name, most in LENGTHS.items():
        if len(getattr(address, name)) > most:
            yield name, f"{_words(name)} may have at most {most} characters."
    country = address.country.upper()
    if country not in countries.CULTURES:
        yield "country", "The country must be the two letters of ISO 3166 of a country in which you may sell."
        return
    rules = countries.rules_of(country)
    if address.postal_code and not _fits(rules.postal_code_regex, address.postal_code):
        yield "postal_code", f"The postal code does not match {rules.postal_code_regex}."
    if address.state and rules.supported_states and not countries.state_code(country, address.state):
        yield "state", f"The state must be one of {', '.join(rules.supported_states)}."
    needed = {
        "address_line1": True,
        "city": rules.is_city_required,
        "state": rules.is_state_required and not address.region,
        "postal_code": rules.is_postal_code_required,
        "first_name": person,
        "last_name": person,
    }
    for name, is_needed in needed.items():
        if is_needed and not getattr(address, name).strip():
            yield name, f"{_words(name)} is needed in {countries.name_of(country)}."


def _words(name: str) -> str:
    return re.sub(r"(\d)", r" \1", name).replace("_", " ").capitalize()


def _tidy(text: str) -> str:
    return re.sub(r"\s+", " ", text).strip()


def _fits(pattern: str, postal_code: str) -> bool:
    return not pattern or re.match(pattern, postal_code.strip(), re.IGNORECASE) is not None


def _usual_postal_code(country: str, postal_code: str) -> str:
    """``postal_code`` in capitals, with the blank or hyphen that the country's codes have."""
    pattern = countries.rules_of(country).postal_code_regex
    capitals = postal_code.upper()
    if not pattern or not capitals:
        return capitals
    bare = re.sub(r"[\s-]", "", capitals)
    usual = [f"{bare[:place]}{mark}{bare[place:]}" for mark, place in _MARKS.get(country, ())]
    return next((form for form in (*usual, capitals, bare) if re.match(pattern, form)), capitals)


_MARKS: Mapping[str, tuple[tuple[str, int], ...]] = {
    "US": (("-", 5),),
    "CA": ((" ", 3),),
    "GB": ((" ", -3),),
    "IE": ((" ", 3),),
    "BR": (("-", 5),),
    "JP": (("-", 3),),
    "NL": ((" ", 4),),
    "PL": (("-", 2),),
    "PT": (("-", 4),),
    "SE": ((" ", 3),),
}
"""The mark inside a postal code and its place; where there are several forms, the marked one is tried first."""


def _is_known(country: str) -> bool:
    rules = countries.rules_of(country)
    return bool(rules.postal_code_regex or rules.supported_states)


def _in_the_state_of_the_postal_code(address: Address) -> tuple[Address, ...]:
    """The address with each state that its postal code may lie in; empty when the state given is one of them."""
    states = countries.postal_code_states(address.country, address.postal_code)
    if not states or address.state in states:
        return ()
    return tuple(replace(address, state=state) for state in states[:MOST_SUGGESTIONS])


def _is_rewritten(given: Address, suggestion: Address) -> bool:
    """Whether the suggestion differs in more than blanks and the case of letters."""
    changed = ((given.state, suggestion.state), (given.postal_code, suggestion.postal_code))
    return any(_tidy(before).casefold() != after.casefold() for before, after in changed)
