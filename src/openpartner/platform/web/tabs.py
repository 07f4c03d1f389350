"""Tabs that one slice adds to another's page: the owner of the page draws the frame, the contributor fills the tab."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from openpartner.platform.permissions import Permission
from openpartner.platform.web.page import Page
from openpartner.platform.work import UnitOfWork


@dataclass(frozen=True)
class Tab:
    """One tab, shown at ``<page>/<key>`` to who may ``permission``.

    template: a part that is included; it is given what ``context`` reads for the entity with this id, in the page's
    own unit. order: between 0 (the owner's first tab) and 100.
    """

    key: str
    title: str
    order: int
    permission: Permission
    template: str
    context: Callable[[Page, UnitOfWork, UUID], Mapping[str, Any]]
