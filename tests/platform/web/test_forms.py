"""Binding of what was sent, tokens against cross-site requests, and redirects that stay here."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import StrEnum
from typing import Annotated
from uuid import UUID

import msgspec
import pytest
from msgspec import Meta

from openpartner.platform.errors import Conflict, InvalidFields
from openpartner.platform.web.forms import Form, bind, blank_form, local_path, make_csrf, verify_csrf


class Term(StrEnum):
    """A choice."""

    MONTH = "P1M"
    YEAR = "P1Y"


class Order(msgspec.Struct, kw_only=True):
    """A form with every kind of field."""

    company_name: Annotated[str, Meta(title="Company name", min_length=2, max_length=10)]
    domain: Annotated[str, Meta(pattern="^[a-z]+$", description="Use small letters only.")] = "contoso"
    seats: Annotated[int, Meta(ge=1, le=100)] = 1
    price: Decimal | None = None
    agreed_on: date | None = None
    term: Term = Term.YEAR
    reseller_id: UUID | None = None
    tags: list[str] = []
    auto_renew: bool = False
    admin_password: str = ""


def test_a_whole_form_becomes_its_typed_value() -> None:
    form = bind(
        Order,
        [
            ("company_name", "  Contoso  "),
            ("seats", "25"),
            ("price", "12.50"),
            ("agreed_on", "2026-03-31"),
            ("term", "P1M"),
            ("reseller_id", "0b6f2a54-7a5e-4a0f-9d51-6f5b5d3a1c11"),
            ("tags", "a"),
            ("tags", "b"),
            ("auto_renew", "on"),
            ("admin_password", " with blanks "),
            ("csrf_token", "x"),
        ],
    )

    assert form.is_valid
    assert form.value == Order(
        company_name="Contoso",
        seats=25,
        price=Decimal("12.50"),
        agreed_on=date(2026, 3, 31),
        term=Term.MONTH,
        reseller_id=UUID("0b6f2a54-7a5e-4a0f-9d51-6f5b5d3a1c11"),
        tags=["a", "b"],
        auto_renew=True,
        admin_password=" with blanks ",
    )


def test_blank_fields_take_their_defaults() -> None:
    form = bind(Order, {"company_name": ["Contoso"], "seats": [""], "price": [" "], "term": [""]})

    assert form.value == Order(company_name="Contoso")


@pytest.mark.parametrize(
    ("name", "text", "problem"),
    [
        ("company_name", "", "Enter company name."),
        ("company_name", "x", "Company name needs at least 2 characters."),
        ("company_name", "Contoso Limited", "Company name can have at most 10 characters; this has 15."),
        ("domain", "Con toso", "Use small letters only."),
        ("seats", "0", "Seats must be at least 1."),
        ("seats", "101", "Seats must be at most 100."),
        ("seats", "many", "Seats must be a whole number."),
        ("seats", "1.5", "Seats must be a whole number."),
        ("price", "cheap", "Price must be a number."),
        ("price", "NaN", "Price must be a number."),
        ("agreed_on", "31.3.2026", "Agreed on must be a date, such as 2026-03-31."),
        ("term", "P3Y", "Choose term from the list."),
        ("reseller_id", "7", "Reseller id must be an identifier, such as 0b6f2a54-7a5e-4a0f-9d51-6f5b5d3a1c11."),
    ],
)
def test_a_problem_stands_beside_its_field_and_keeps_what_was_typed(name: str, text: str, problem: str) -> None:
    form = bind(Order, {"company_name": ["Contoso"], name: [text]})

    assert form.errors == {name: problem}
    assert form.text(name) == text
    assert not form.is_valid
    with pytest.raises(ValueError, match="no value"):
        _ = form.value


def test_not_a_number_is_no_price() -> None:
    assert bind(Order, {"company_name": ["Contoso"], "price": ["Infinity"]}).errors == {
        "price": "Price must be a number."
    }


@dataclass
class Period:
    """A dataclass whose members must fit together."""

    begins_on: date
    ends_on: date

    def __post_init__(self) -> None:
        if self.ends_on < self.begins_on:
            raise ValueError("The end must not come before the beginning.")


def test_members_that_do_not_fit_together_are_a_problem_of_the_whole_form() -> None:
    form = bind(Period, {"begins_on": ["2026-02-01"], "ends_on": ["2026-01-01"]})

    assert form.errors == {"": "The end must not come before the beginning."}


def test_what_a_use_case_refuses_goes_where_it_belongs() -> None:
    form = bind(Order, {"company_name": ["Contoso"]})
    form.refuse_because(InvalidFields({"company_name": "This name is taken.", "elsewhere": "Unknown place."}))
    assert form.errors == {"company_name": "This name is taken.", "": "Unknown place."}

    other = bind(Order, {"company_name": ["Contoso"]})
    other.refuse_because(Conflict("The customer is under review."))
    assert other.errors == {"": "The customer is under review."}


def test_of_several_forms_only_the_one_that_was_sent_shows_what_was_typed() -> None:
    sent: Form[object] = Form({"form": ["suspend"], "reason": ["Fraud"]})
    sent.refuse("reason", "Say more.")

    suspend, decide = sent.part("suspend"), sent.part("decide", {"reason": "None yet"})

    assert (suspend.text("reason"), suspend.error("reason"), suspend.id("reason")) == (
        "Fraud",
        "Say more.",
        "suspend-reason",
    )
    assert (decide.text("reason"), decide.errors, decide.id("reason")) == ("None yet", {}, "decide-reason")
    assert sent.id("reason") == "reason"


def test_a_blank_form_is_filled_from_a_value() -> None:
    form = blank_form(Order(company_name="Contoso", price=Decimal("1E+1"), auto_renew=True, tags=["a", "b"]))

    assert form.text("price") == "10"
    assert form.text("auto_renew") == "on"
    assert form.texts("tags") == ["a", "b"]
    assert form.text("agreed_on") == ""
    assert form.text("term") == "P1Y"
    assert not form.is_valid


def test_a_token_holds_for_its_session_and_secret_only() -> None:
    token = make_csrf(b"secret", "session", b"nonce-of-16-byte")

    assert verify_csrf(b"secret", "session", token)
    assert not verify_csrf(b"secret", "another", token)
    assert not verify_csrf(b"other", "session", token)
    assert not verify_csrf(b"secret", "session", token[:-1] + ("0" if token[-1] != "0" else "1"))
    assert not verify_csrf(b"secret", "session", "")
    assert not verify_csrf(b"secret", "session", "ä\ud800.ü")
    assert make_csrf(b"secret", "session", b"another-16-bytes") != token


@pytest.mark.parametrize(
    ("target", "path"),
    [
        ("/customers?q=a#b", "/customers?q=a#b"),
        ("https://elsewhere.example/", "/home"),
        ("//elsewhere.example", "/home"),
        ("/\\elsewhere.example", "/home"),
        ("/a\\b", "/home"),
        ("\\\\elsewhere.example", "/home"),
        ("/\t/elsewhere.example", "/home"),
        ("/a\nSet-Cookie: x", "/home"),
        ("/a\x7f", "/home"),
        ("javascript:alert(1)", "/home"),
        ("customers", "/home"),
        ("", "/home"),
        (None, "/home"),
    ],
)
def test_a_redirect_stays_here(target: str | None, path: str) -> None:
    assert local_path(target, "/home") == path
