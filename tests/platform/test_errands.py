"""Errands leave the database alone while they are away, come back at least once, and keep the order of time."""

import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import select, update

from openpartner.app import Worker
from openpartner.platform import due
from openpartner.platform.clock import system_now
from openpartner.platform.due import DueWork
from openpartner.platform.errands import Aside, Errand
from openpartner.platform.work import UnitOfWork
from openpartner.platform.world import World
from tests.support.lab import START, Lab

MINUTE = timedelta(minutes=1)


@dataclass
class Post:
    """A stand-in for another machine. ``answers``: when it wants to be called again; None ends it."""

    lab: Lab
    calls: list[tuple[str, datetime]] = field(default_factory=list)
    answers: list[timedelta | None] = field(default_factory=list)
    while_away: Callable[[], None] = lambda: None

    def prepare(self, uow: UnitOfWork, args: dict[str, Any]) -> str | None:
        return args["name"] or None

    def perform(self, world: World, plan: str) -> str:
        self.while_away()
        return plan.upper()

    def record(self, uow: UnitOfWork, plan: str, outcome: str) -> datetime | None:
        self.calls.append((outcome, uow.now))
        pause = self.answers.pop(0) if self.answers else None
        return None if pause is None else uow.now + pause


@pytest.fixture
def post(lab: Lab) -> Iterator[Post]:
    made = Post(lab)
    jobs = dict(lab.world.jobs)
    lab.world.jobs = {**jobs, "test.post": Errand(made.prepare, made.perform, made.record)}
    yield made
    lab.world.jobs = jobs


def schedule(lab: Lab, name: str, after: timedelta = timedelta(), key: str | None = None) -> None:
    with lab.begin() as uow:
        uow.schedule(uow.now + after, "test.post", {"name": name}, key=key)


def waiting(lab: Lab) -> list[DueWork]:
    with lab.read() as uow:
        return list(uow.db.scalars(select(DueWork).where(DueWork.job == "test.post")))


def test_an_errand_is_planned_done_and_recorded_at_its_instant(lab: Lab, post: Post) -> None:
    schedule(lab, "a", MINUTE)
    lab.advance(2 * MINUTE)
    assert post.calls == [("A", START + MINUTE)]
    assert waiting(lab) == []


def test_an_errand_with_nothing_to_do_goes(lab: Lab, post: Post) -> None:
    schedule(lab, "")
    assert lab.advance(MINUTE) == 1
    assert (post.calls, waiting(lab)) == ([], [])


def test_what_is_recorded_says_when_it_comes_again(lab: Lab, post: Post) -> None:
    post.answers = [MINUTE, 10 * MINUTE, None]
    schedule(lab, "a", key="k")
    lab.advance(5 * MINUTE)
    assert [row.due_at for row in waiting(lab)] == [START + 11 * MINUTE]
    lab.advance(timedelta(hours=1))
    assert [at - START for _, at in post.calls] == [timedelta(), MINUTE, 11 * MINUTE]


def test_others_write_while_it_is_away(lab: Lab, post: Post) -> None:
    def write() -> None:
        with lab.begin() as uow:
            uow.mail("a@example.com", "s", "t", topic="t")

    post.while_away = write
    schedule(lab, "a")
    lab.advance(MINUTE)
    assert len(lab.mails("a@example.com")) == 1


def test_one_that_raises_is_put_off_and_free_again(lab: Lab, post: Post) -> None:
    def fail() -> None:
        raise OSError("the line is cut")

    post.while_away = fail
    schedule(lab, "a")
    lab.advance(timedelta(seconds=1))
    (row,) = waiting(lab)
    assert (row.attempts, row.leased_until, row.due_at) == (1, None, START + MINUTE)
    assert row.last_error == "OSError('the line is cut')"
    post.while_away = lambda: None
    lab.advance(2 * MINUTE)
    assert post.calls == [("A", START + MINUTE)]


def test_a_leased_one_is_passed_by_until_its_lease_is_out(lab: Lab, post: Post) -> None:
    schedule(lab, "a")
    lease(lab, system_now() + timedelta(hours=1))
    assert due.run_due(lab.world, lab.now) == 0
    lease(lab, system_now() - timedelta(seconds=1))  # its worker died
    assert due.run_due(lab.world, lab.now) == 1
    assert post.calls == [("A", START)]


def lease(lab: Lab, until: datetime) -> None:
    with lab.begin() as uow:
        uow.db.execute(update(DueWork).where(DueWork.job == "test.post").values(leased_until=until))


def test_who_comes_back_after_the_lease_leaves_it_to_the_other(lab: Lab, post: Post) -> None:
    post.while_away = lambda: lease(lab, system_now() + timedelta(hours=1))
    schedule(lab, "a")
    due.run_due(lab.world, lab.now)
    assert post.calls == []
    assert len(waiting(lab)) == 1


def test_moving_the_clock_waits_for_what_is_under_way(lab: Lab, post: Post) -> None:
    """Else a retry at the first minute would happen after the second hour."""
    post.answers = [MINUTE, None]
    schedule(lab, "first")
    schedule(lab, "second", timedelta(hours=2))
    away, may_return = threading.Event(), threading.Event()

    def hold() -> None:
        away.set()
        assert may_return.wait(30)

    post.while_away = hold
    aside = Aside(1, lambda: None)
    assert due.run_due(lab.world, lab.now, aside=aside) == 1
    assert away.wait(30)
    mover = threading.Thread(target=lab.advance, args=(timedelta(hours=3),))
    mover.start()
    mover.join(0.3)
    assert (mover.is_alive(), post.calls) == (True, [])
    may_return.set()
    mover.join(30)
    aside.close()
    assert post.calls == [("FIRST", START), ("FIRST", START + MINUTE), ("SECOND", START + timedelta(hours=2))]


def test_where_no_thread_is_free_other_work_is_done(lab: Lab, post: Post) -> None:
    done: list[str] = []
    lab.world.jobs = {**lab.world.jobs, "test.note": lambda _uow, args: done.append(args["name"])}
    schedule(lab, "a")
    with lab.begin() as uow:
        uow.schedule(uow.now, "test.note", {"name": "n"})
    aside = Aside(1, lambda: None)
    assert aside.takes()
    assert due.run_due(lab.world, lab.now, aside=aside) == 1
    assert (done, post.calls) == (["n"], [])
    aside.give_back()
    assert due.run_due(lab.world, lab.now, aside=aside) == 1
    aside.close()
    assert post.calls == [("A", START)]


def test_a_worker_is_woken_by_an_errand_that_comes_back(lab: Lab, post: Post) -> None:
    post.answers = [timedelta(), timedelta(), timedelta(), None]
    schedule(lab, "a")
    fourth = threading.Event()
    post.while_away = lambda: fourth.set() if len(post.calls) == 3 else None
    worker = Worker(lab.world)
    thread = threading.Thread(target=worker.run)
    thread.start()
    assert fourth.wait(3)  # four naps would take longer
    worker.stop()
    thread.join(30)
    assert [name for name, _ in post.calls] == ["A"] * 4
