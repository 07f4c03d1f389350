"""Addresses: what may be stored, what is stored, and what the offline check answers."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from openpartner.platform import addresses, countries
from openpartner.platform.addresses import Address, CheckStatus

REDMOND = Address(
    country="US",
    address_line1="1 Microsoft Way",
    city="Redmond",
    state="WA",
    postal_code="98052",
    first_name="Gena",
    last_name="Soto",
)


def test_a_good_address_has_no_problem() -> None:
    assert addresses.problems_of(REDMOND, person=True) == {}


@pytest.mark.parametrize(
    ("changed", "problems"),
    [
        (
            {"country": "CU"},
            {"country": "The country must be the two letters of ISO 3166 of a country in which you may sell."},
        ),
        ({"address_line1": "  "}, {"address_line1": "Address line 1 is needed in United States."}),
        ({"address_line1": "x" * 201}, {"address_line1": "Address line 1 may have at most 200 characters."}),
        ({"address_line2": "x" * 201}, {"address_line2": "Address line 2 may have at most 200 characters."}),
        ({"first_name": "x" * 51}, {"first_name": "First name may have at most 50 characters."}),
        (
            {"first_name": "", "last_name": ""},
            {
                "first_name": "First name is needed in United States.",
                "last_name": "Last name is needed in United States.",
            },
        ),
        ({"city": ""}, {"city": "City is needed in United States."}),
        ({"postal_code": ""}, {"postal_code": "Postal code is needed in United States."}),
        ({"postal_code": "9805"}, {"postal_code": r"The postal code does not match ^\d{5}(-\d{4})?$."}),
        ({"state": "", "region": ""}, {"state": "State is needed in United States."}),
        ({"state": "", "region": "WA"}, {}),
        ({"country": "GB", "state": "Wherever", "postal_code": "sw1a 1aa"}, {}),
    ],
)
def test_what_keeps_an_address_from_being_stored(changed: dict[str, str], problems: dict[str, str]) -> None:
    assert addresses.problems_of(replace(REDMOND, **changed), person=True) == problems


def test_a_person_is_needed_only_where_it_is_asked_for() -> None:
    assert addresses.problems_of(replace(REDMOND, first_name="", last_name="")) == {}


@pytest.mark.parametrize("state", ["BY", "Bavaria", "PR"])
def test_a_state_must_be_one_of_the_list_where_there_is_one(state: str) -> None:
    [problem] = addresses.problems_of(replace(REDMOND, state=state)).items()

    assert problem[0] == "state"
    assert problem[1].startswith("The state must be one of AK, AL, AR, ")


@pytest.mark.parametrize(
    ("country", "given", "stored"),
    [
        ("us", "980521234", "98052-1234"),
        ("US", " 98052 ", "98052"),
        ("GB", "sw1a1aa", "SW1A 1AA"),
        ("CA", "k1a0b1", "K1A 0B1"),
        ("PL", "00950", "00-950"),
        ("SE", "11122", "111 22"),
        ("DE", "10 115", "10115"),
        ("AQ", "x1", "X1"),
    ],
)
def test_a_postal_code_gets_its_usual_form(country: str, given: str, stored: str) -> None:
    assert addresses.normalised(Address(country=country, postal_code=given)).postal_code == stored


def test_normalising_tidies_and_shortens_the_state() -> None:
    untidy = replace(REDMOND, country="us", address_line1=" 1  Microsoft Way ", state="washington")

    assert addresses.normalised(untidy) == REDMOND


@pytest.mark.parametrize(
    ("changed", "status", "suggested", "message"),
    [
        ({}, CheckStatus.VERIFIED_SHIPPABLE, [{}], ""),
        ({"state": "wa"}, CheckStatus.VERIFIED_SHIPPABLE, [{}], ""),
        (
            {"address_line1": "P.O. Box 12"},
            CheckStatus.VERIFIED,
            [{"address_line1": "P.O. Box 12"}],
            "Nothing can be shipped to a post box.",
        ),
        ({"state": "Washington"}, CheckStatus.INTERACTION_REQUIRED, [{}], "Confirm the suggested address."),
        (
            {"postal_code": "980521234"},
            CheckStatus.INTERACTION_REQUIRED,
            [{"postal_code": "98052-1234"}],
            "Confirm the suggested address.",
        ),
        ({"address_line1": "12"}, CheckStatus.STREET_PARTIAL, [{"address_line1": "12"}], "Line 1 names no street."),
        (
            {"address_line1": "Microsoft Way"},
            CheckStatus.PREMISES_PARTIAL,
            [{"address_line1": "Microsoft Way"}],
            "The address has no house number.",
        ),
        ({"state": "CA"}, CheckStatus.MULTIPLE, [{}], "98052 is not a postal code of CA."),
        (
            {"country": "CA", "state": "BC", "postal_code": "K1A 0B1"},
            CheckStatus.MULTIPLE,
            [
                {"country": "CA", "state": "ON", "postal_code": "K1A 0B1"},
                {"country": "CA", "state": "QC", "postal_code": "K1A 0B1"},
            ],
            "K1A 0B1 is not a postal code of BC.",
        ),
        ({"city": ""}, CheckStatus.NONE, [], "City is needed in United States."),
        (
            {"country": "XX"},
            CheckStatus.NONE,
            [],
            "The country must be the two letters of ISO 3166 of a country in which you may sell.",
        ),
        ({"country": "AQ"}, CheckStatus.NOT_VALIDATED, [], "Addresses in Antarctica are not checked."),
    ],
)
def test_the_offline_check(
    changed: dict[str, str], status: CheckStatus, suggested: list[dict[str, str]], message: str
) -> None:
    answer = addresses.check(replace(REDMOND, **changed))

    assert answer.status is status
    assert answer.suggestions == tuple(replace(REDMOND, **suggestion) for suggestion in suggested)
    assert answer.message == message


ADDRESSES = st.builds(
    Address,
    country=st.sampled_from(countries.MARKETS) | st.text(max_size=2),
    address_line1=st.text(max_size=20),
    city=st.text(max_size=20),
    state=st.sampled_from(["", "WA", "washington", "Méx.", "Québec", "北京市"]) | st.text(max_size=5),
    postal_code=st.from_regex(r"[0-9A-Za-z]{0,6}[ -]?[0-9A-Za-z]{0,4}", fullmatch=True) | st.text(max_size=8),
)


@given(ADDRESSES)
def test_normalising_twice_changes_nothing_more(address: Address) -> None:
    once = addresses.normalised(address)

    assert addresses.normalised(once) == once


@given(ADDRESSES)
def test_how_many_suggestions_each_status_has(address: Address) -> None:
    answer = addresses.check(address)

    most = {CheckStatus.NONE: 0, CheckStatus.NOT_VALIDATED: 0, CheckStatus.MULTIPLE: 3}.get(answer.status, 1)
    assert min(most, 1) <= len(answer.suggestions) <= most
    assert all(addresses.problems_of(suggestion) == {} for suggestion in answer.suggestions)
