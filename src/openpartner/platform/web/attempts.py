"""A posted form, tried: what a use case refuses stands in the form again; who may not ask at all gets another page."""

from collections.abc import Callable
from typing import Any, TypeVar

from openpartner.platform.actor import RoleNeeded, UserNeeded
from openpartner.platform.directory_access import DirectoryRoleNeeded
from openpartner.platform.errors import DomainError
from openpartner.platform.web.forms import CSRF_FIELD, Form
from openpartner.platform.web.page import Page, Posted
from openpartner.platform.work import UnitOfWork

T = TypeVar("T")


def posted(form: Posted) -> Form[Any]:
    """What was sent, to be shown again."""
    return Form({name: values for name, values in form.pairs.items() if name != CSRF_FIELD})


def attempt(
    page: Page,
    form: Form[Any],
    action: Callable[[UnitOfWork], T],
    *,
    passes: tuple[type[DomainError], ...] = (),
) -> T | None:
    """Do a use case in a unit of its own; None when it refused, and why stands in the form.

    Raises what is a page of its own, a missing role or user, and ``passes``, which the caller explains.
    """
    try:
        with page.begin() as uow:
            return action(uow)
    except DomainError as refusal:
        if isinstance(refusal, (RoleNeeded, UserNeeded, DirectoryRoleNeeded, *passes)):
            raise
        form.refuse_because(refusal)
        return None
