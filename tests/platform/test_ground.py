"""The unit of work keeps all or nothing, the log is a chain, time does what falls due in order."""

from collections.abc import Sequence
from datetime import timedelta
from typing import Any, ClassVar

import pytest
from sqlalchemy import delete, select, text, update

from openpartner.platform import events
from openpartner.platform.errors import Invalid
from openpartner.platform.events import Event, LogEntry, Written
from openpartner.platform.identifiers import SeededIdentifiers
from openpartner.platform.work import IdentifierPosition, UnitOfWork
from tests.support.lab import START, Lab


class ThingHappened(Event, frozen=True, kw_only=True):
    resource_type: ClassVar[str] = "thing"
    operation_type: ClassVar[str] = "happen_thing"
    number: int


def _announce(lab: Lab, number: int) -> None:
    with lab.begin() as uow:
        uow.emit(ThingHappened(partner_id=None, number=number))


def test_a_fact_is_in_the_log_with_who_what_and_when(lab: Lab) -> None:
    _announce(lab, 7)
    (entry,) = lab.events()
    assert entry["seq"] == lab.opened_with + 1
    assert entry["kind"] == "ThingHappened"
    assert entry["data"] == {"number": 7}
    assert entry["at"] == "2026-01-15T09:00:00Z"
    assert entry["actor"]["name"] == "OpenPartner"


def test_a_unit_that_fails_leaves_no_trace(lab: Lab) -> None:
    def fail() -> None:
        with lab.begin() as uow:
            uow.emit(ThingHappened(partner_id=None, number=1))
            raise Invalid("no")

    with pytest.raises(Invalid):
        fail()
    assert lab.events() == []
    with lab.begin() as uow:
        again = uow.ids.uuid()
    with lab.begin() as uow:
        assert uow.ids.uuid() != again


def test_reactions_run_in_the_same_transaction(lab: Lab) -> None:
    seen: list[int] = []

    def react(uow: UnitOfWork, fact: ThingHappened) -> None:
        seen.append(fact.number)
        if fact.number == 13:
            raise Invalid("unlucky")

    lab.world.reactions.on(ThingHappened, react)
    _announce(lab, 1)
    with pytest.raises(Invalid):
        _announce(lab, 13)
    assert seen == [1, 13]
    assert [entry["data"]["number"] for entry in lab.events()] == [1]


def test_readers_see_what_a_unit_has_written_before_it_commits(lab: Lab) -> None:
    seen: list[list[tuple[int, str]]] = []

    def read(uow: UnitOfWork, written: Sequence[Written]) -> None:
        assert uow.db.get(LogEntry, written[0].seq) is not None
        seen.append([(entry.seq - lab.opened_with, entry.noted.fact.kind()) for entry in written])
        if len(written) == 3:
            raise Invalid("three are too many")

    lab.world.reactions.on_written(read)
    with lab.begin() as uow:
        uow.emit(ThingHappened(partner_id=None, number=1))
        uow.emit(ThingHappened(partner_id=None, number=2))
    with lab.begin():
        pass
    with pytest.raises(Invalid), lab.begin() as uow:
        for number in range(3):
            uow.emit(ThingHappened(partner_id=None, number=number))
    assert seen[0] == [(1, "ThingHappened"), (2, "ThingHappened")]
    assert len(seen) == 2
    assert len(lab.events()) == 2


def test_the_chain_verifies_and_finds_what_was_changed(lab: Lab) -> None:
    for number in range(5):
        _announce(lab, number)
    with lab.read() as uow:
        assert events.verify(uow.db, batch=2).broken is None
        assert events.verify(uow.db, batch=2).entries == lab.opened_with + 5
    with lab.begin() as uow:
        third = lab.opened_with + 3
        body = uow.db.get_one(LogEntry, third).body.replace('"number":2', '"number":9')
        uow.db.execute(update(LogEntry).where(LogEntry.seq == third).values(body=body))
    with lab.read() as uow:
        report = events.verify(uow.db)
    assert report.broken is not None
    assert report.broken.seq == lab.opened_with + 3


def test_the_chain_finds_a_removed_tail(lab: Lab) -> None:
    for number in range(3):
        _announce(lab, number)
    with lab.begin() as uow:
        uow.db.execute(delete(LogEntry).where(LogEntry.seq == lab.opened_with + 3))
    with lab.read() as uow:
        report = events.verify(uow.db)
    assert report.broken is not None
    last = lab.opened_with + 3
    assert report.broken.reason == f"the head names entry {last}, the log ends at {last - 1}"


def test_moving_the_clock_does_what_falls_due_in_order_each_at_its_instant(lab: Lab) -> None:
    done: list[tuple[str, Any]] = []

    def job(uow: UnitOfWork, args: dict[str, Any]) -> None:
        done.append((args["name"], uow.now - START))
        if args["name"] == "first":
            uow.schedule(uow.now + timedelta(days=1), "test.job", {"name": "between"})

    lab.world.jobs["test.job"] = job  # type: ignore[index]
    try:
        with lab.begin() as uow:
            uow.schedule(START + timedelta(days=3), "test.job", {"name": "last"})
            uow.schedule(START + timedelta(days=1), "test.job", {"name": "first"}, key="one")
            uow.schedule(START + timedelta(days=9), "test.job", {"name": "not yet"})
        lab.advance(timedelta(days=5))
    finally:
        del lab.world.jobs["test.job"]  # type: ignore[attr-defined]
    assert done == [("first", timedelta(days=1)), ("between", timedelta(days=2)), ("last", timedelta(days=3))]
    assert lab.now == START + timedelta(days=5)


def test_a_piece_of_work_that_fails_is_tried_again_and_loses_nothing(lab: Lab) -> None:
    tries: list[timedelta] = []

    def job(uow: UnitOfWork, args: dict[str, Any]) -> None:
        tries.append(uow.now - START)
        uow.emit(ThingHappened(partner_id=None, number=len(tries)))
        if len(tries) < 3:
            raise ValueError("not today")

    lab.world.jobs["test.job"] = job  # type: ignore[index]
    try:
        with lab.begin() as uow:
            uow.schedule(START, "test.job", {}, key="once")
        lab.advance(timedelta(hours=1))
    finally:
        del lab.world.jobs["test.job"]  # type: ignore[attr-defined]
    assert tries == [timedelta(), timedelta(minutes=1), timedelta(minutes=3)]
    assert [entry["data"]["number"] for entry in lab.events()] == [3]


def test_the_clock_does_not_go_back(lab: Lab) -> None:
    with pytest.raises(Invalid, match="only moves forward"):
        lab.advance(-timedelta(seconds=1))


def test_the_clock_does_not_leap_a_century(lab: Lab) -> None:
    with pytest.raises(Invalid, match="ten years at a time"):
        lab.advance(timedelta(days=36_500))
    assert lab.now == START


def test_a_reading_unit_cannot_write(lab: Lab) -> None:
    with pytest.raises(Exception, match=r"read.?only"), lab.read() as uow:
        uow.db.execute(text("DELETE FROM world_clock"))


def test_identifiers_are_a_function_of_the_seed_and_the_script(lab: Lab) -> None:
    with lab.read() as uow:
        used = uow.db.scalar(select(IdentifierPosition.position)) or 0
    positions = iter(range(used + 1, used + 9))
    stream = SeededIdentifiers("test", lambda: next(positions))
    with lab.begin() as uow:
        assert [uow.ids.uuid() for _ in range(2)] == [stream.uuid() for _ in range(2)]
    with lab.begin() as uow:
        assert uow.ids.uuid() == stream.uuid()


def test_a_known_seed_gives_known_identifiers() -> None:
    positions = iter(range(1, 9))
    stream = SeededIdentifiers("test", lambda: next(positions))
    assert str(stream.uuid()) == "1dfadf40-39a3-4801-85bd-a6843395d1b7"
    assert str(stream.uuid()) == "4823105c-e683-4b35-a659-83ed8c72b100"
