"""What one slice adds to another's page: a tab, or a column of a list. The page's owner draws the frame around it."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import Select

from openpartner.platform.permissions import Permission
from openpartner.platform.web.page import Page
from openpartner.platform.web.tables import Action, Choice
from openpartner.platform.work import UnitOfWork


@dataclass(frozen=True)
class Tab:
    """One tab, shown at ``<page>/<key>`` to who may ``permission``.

    template: a part that is included; it is given what ``context`` reads for the entity with this id, in the page's
    own unit. order: between 0 (the owner's first tab) and 100. action: a button of the frame, above all tabs, for who
    may press it.
    """

    key: str
    title: str
    order: int
    permission: Permission
    template: str
    context: Callable[[Page, UnitOfWork, UUID], Mapping[str, Any]]
    action: Callable[[UnitOfWork, UUID], Action | None] = lambda _uow, _id: None


@dataclass(frozen=True)
class Facet:
    """What one slice knows of the rows of another's list: a column with its filter, and the page behind a row.

    choices: what the filter offers for a tenant. having: the ids of the rows that a value of it lets through.
    of: what the column shows, by the ids of the rows on the page. href: where a row's own page of it lies.
    """

    key: str
    title: str
    choices: Callable[[UnitOfWork, UUID], Sequence[Choice]]
    having: Callable[[UUID, str], Select[UUID]]
    of: Callable[[UnitOfWork, UUID, Sequence[UUID]], Mapping[UUID, str]]
    href: Callable[[UnitOfWork, UUID, UUID], str]
