"""What a slice brings to the home page: things that wait for the person, and numbers worth a look."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from openpartner.platform.work import UnitOfWork


class Urgency(StrEnum):
    """How pressing an item is. Source: portal-workspaces §1: mandatory ones cannot be put aside."""

    MANDATORY = "mandatory"
    RECOMMENDED = "recommended"
    NOTICE = "notice"


@dataclass(frozen=True)
class ActionItem:
    """Something that waits. ``href`` is where it is done, ``action`` the button's words, ``due_at`` when it must be."""

    title: str
    text: str
    workspace: str
    urgency: Urgency
    href: str = ""
    action: str = ""
    due_at: datetime | None = None


@dataclass(frozen=True)
class Figure:
    """A number worth a look, with the page behind it."""

    title: str
    value: int
    href: str
    note: str = ""


ActionSource = Callable[[UnitOfWork], Sequence[ActionItem]]
FigureSource = Callable[[UnitOfWork], Sequence[Figure]]
