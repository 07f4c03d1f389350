"""Errands: due work whose effect lies outside the database, such as a call of another machine.

A unit of work holds the embedded database's one write lock, so nothing may wait in it for somebody else. An errand is
planned in one unit, done in none, and recorded in another. Between the two its row is leased: other workers pass it by,
and when its worker dies the row is due again once the lease has run out. So an errand is done at least once.
"""

import threading
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any, Generic, TypeVar

if TYPE_CHECKING:
    from openpartner.platform.work import UnitOfWork
    from openpartner.platform.world import World

Plan = TypeVar("Plan")
Outcome = TypeVar("Outcome")


@dataclass(frozen=True)
class Errand(Generic[Plan, Outcome]):
    """The three parts of an errand.

    prepare: what there is to do, from the row's arguments; None when nothing is. perform: does it; what can go wrong
    outside is part of the outcome, not raised. record: writes down what came of it and gives the instant of the next
    time, or None. ``uow.now`` is the instant it was due, or the world's present where the worker comes late: pauses
    between two calls of somebody else must pass even when we were away. ``prepare`` and ``record`` announce nothing.
    lease: longer than ``perform`` can take.
    """

    prepare: "Callable[[UnitOfWork, dict[str, Any]], Plan | None]"
    perform: "Callable[[World, Plan], Outcome]"
    record: "Callable[[UnitOfWork, Plan, Outcome], datetime | None]"
    lease: timedelta = timedelta(minutes=2)


class Aside:
    """Threads for errands, so that a machine that does not answer holds up nobody else's work.

    on_done: called after each, whatever came of it.
    """

    def __init__(self, threads: int, on_done: Callable[[], None]) -> None:
        self._pool = ThreadPoolExecutor(threads, thread_name_prefix="errand")
        self._room = threading.Semaphore(threads)
        self._on_done = on_done

    def takes(self) -> bool:
        """Whether a thread is free; it is then kept for the next ``run`` or ``give_back``."""
        return self._room.acquire(blocking=False)

    def give_back(self) -> None:
        """The thread that ``takes`` kept is not needed."""
        self._room.release()

    def run(self, work: Callable[[], None]) -> None:
        """Do ``work`` on the thread that ``takes`` kept."""
        self._pool.submit(work).add_done_callback(self._finished)

    def _finished(self, _done: "Future[None]") -> None:
        self._room.release()
        self._on_done()

    def close(self) -> None:
        """Wait for those under way; each has its own limit of time."""
        self._pool.shutdown(wait=True)
