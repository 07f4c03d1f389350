"""Which refusals stand in the form, and which are pages of their own; neither leaves anything behind."""

from types import SimpleNamespace
from typing import cast

import pytest
from sqlalchemy import func, select

from openpartner.platform.actor import RoleNeeded, UserNeeded
from openpartner.platform.directory_access import DirectoryAction, DirectoryRoleNeeded
from openpartner.platform.errors import Conflict, DomainError, InvalidFields, PreconditionFailed
from openpartner.platform.mail import MailMessage
from openpartner.platform.permissions import PROMOTIONS
from openpartner.platform.web.attempts import attempt, posted
from openpartner.platform.web.forms import CSRF_FIELD
from openpartner.platform.web.page import Page, Posted
from openpartner.platform.work import UnitOfWork
from tests.support.lab import Lab

SENT = Posted({"name": ["Contoso"], CSRF_FIELD: ["token"]})


def page_of(lab: Lab) -> Page:
    """All of a page that is asked here: how a unit of work begins."""
    return cast("Page", SimpleNamespace(begin=lab.begin))


def messages(lab: Lab) -> int | None:
    with lab.read() as uow:
        return uow.db.scalar(select(func.count()).select_from(MailMessage))


class UseCase:
    """Writes a message, and then refuses what it is told to."""

    def __init__(self, refusal: DomainError | None) -> None:
        self.refusal = refusal

    def __call__(self, uow: UnitOfWork) -> str:
        """Return "done" unless it refuses."""
        uow.mail("ann@contoso.example", "Hello", "…", topic="test")
        if self.refusal is not None:
            raise self.refusal
        return "done"


def test_what_is_sent_is_shown_again_without_its_token() -> None:
    assert posted(SENT).given == {"name": ["Contoso"]}


def test_what_is_done_is_given_back(lab: Lab) -> None:
    form = posted(SENT)
    assert attempt(page_of(lab), form, UseCase(None)) == "done"
    assert (form.errors, messages(lab)) == ({}, 1)


@pytest.mark.parametrize(
    ("refusal", "errors"),
    [
        (Conflict("It is taken."), {"": "It is taken."}),
        (InvalidFields({"name": "This name is taken."}), {"name": "This name is taken."}),
        (PreconditionFailed(), {"": PreconditionFailed().message}),
    ],
)
def test_a_refusal_stands_in_the_form(lab: Lab, refusal: DomainError, errors: dict[str, str]) -> None:
    form = posted(SENT)
    assert attempt(page_of(lab), form, UseCase(refusal)) is None
    assert (form.errors, messages(lab)) == (errors, 0)


@pytest.mark.parametrize(
    "refusal",
    [RoleNeeded(PROMOTIONS.read), UserNeeded(), DirectoryRoleNeeded(DirectoryAction.USERS_READ), PreconditionFailed()],
    ids=lambda refusal: type(refusal).__name__,
)
def test_who_may_not_ask_and_what_the_caller_explains_is_raised(lab: Lab, refusal: DomainError) -> None:
    form = posted(SENT)
    with pytest.raises(type(refusal)):
        attempt(page_of(lab), form, UseCase(refusal), passes=(PreconditionFailed,))
    assert (form.errors, messages(lab)) == ({}, 0)
