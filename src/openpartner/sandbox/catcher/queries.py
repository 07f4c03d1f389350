"""Reads of catchers and of what they caught, newest first."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import func, or_, select

from openpartner.platform.errors import NotFound
from openpartner.platform.work import UnitOfWork
from openpartner.sandbox.catcher.models import Catch, Catcher
from openpartner.webhooks.service import Verdict


def find_catcher(uow: UnitOfWork, name: str) -> Catcher | None:
    """The catcher of a name, if it was ever called or told anything."""
    return uow.db.get(Catcher, name.lower())


def one_catcher(uow: UnitOfWork, name: str) -> Catcher:
    """The same. Raises NotFound."""
    found = find_catcher(uow, name)
    if found is None:
        raise NotFound("Catcher", name)
    return found


def catchers(uow: UnitOfWork) -> list[tuple[Catcher, int]]:
    """Every catcher by name, with how much it holds."""
    count = select(func.count()).where(Catch.catcher == Catcher.name).scalar_subquery()
    return [(row[0], row[1]) for row in uow.db.execute(select(Catcher, count).order_by(Catcher.name))]


@dataclass(frozen=True)
class Sought:
    """Which messages. words: a part of the event's name, of the body or of the message's id.

    is_true: both signatures hold, or not. is_taken: what was answered. after: only older ones than this number.
    """

    words: str = ""
    is_true: bool | None = None
    is_taken: bool | None = None
    after: int | None = None


def catches(uow: UnitOfWork, name: str, sought: Sought, limit: int) -> Sequence[Catch]:
    """At most ``limit`` messages of a catcher, newest first."""
    statement = select(Catch).where(Catch.catcher == name.lower()).order_by(Catch.number.desc()).limit(limit)
    if sought.words:
        held = (Catch.event_name, Catch.body, Catch.message_id)
        words = sought.words.lower()
        statement = statement.where(or_(*(func.lower(each).contains(words, autoescape=True) for each in held)))
    if sought.is_true is not None:
        both = (Catch.by_secret == Verdict.HOLDS) & (Catch.by_certificate == Verdict.HOLDS)
        statement = statement.where(both if sought.is_true else ~both)
    if sought.is_taken is not None:
        taken = Catch.answered < 300
        statement = statement.where(taken if sought.is_taken else ~taken)
    if sought.after is not None:
        statement = statement.where(Catch.number < sought.after)
    return uow.db.scalars(statement).all()


def one_catch(uow: UnitOfWork, name: str, which: str) -> Catch:
    """A message by its number, or the ``latest``. Raises NotFound."""
    statement = select(Catch).where(Catch.catcher == name.lower())
    if which == "latest":
        statement = statement.order_by(Catch.number.desc()).limit(1)
    elif which.isdecimal() and len(which) < 19:
        statement = statement.where(Catch.number == int(which))
    else:
        raise NotFound("Caught message", which)
    found = uow.db.scalar(statement)
    if found is None:
        raise NotFound("Caught message", which)
    return found
