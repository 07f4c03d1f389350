"""Work that falls due: rows claimed in due order, each done in a transaction of its own at its own instant.

Moving the sandbox's clock runs the same work as the worker, so a year in one jump equals a year lived day by day.
"""

import time
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta
from functools import partial
from typing import TYPE_CHECKING, Any, NamedTuple

import structlog
from sqlalchemy import ColumnElement, Index, String, delete, func, insert, or_, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from openpartner.platform.actor import SYSTEM
from openpartner.platform.clock import ClockMode, SandboxClock, system_now
from openpartner.platform.db import Base, BigId, Json
from openpartner.platform.errands import Aside, Errand
from openpartner.platform.errors import Invalid

if TYPE_CHECKING:
    from openpartner.platform.work import UnitOfWork
    from openpartner.platform.world import World

Job = Callable[["UnitOfWork", dict[str, Any]], None] | Errand[Any, Any]
"""Does one piece of due work in the given unit, ``uow.now`` being the instant it was due; or an errand."""

Jobs = Mapping[str, Job]

A_DAY = timedelta(days=1)
FIRST_RETRY = timedelta(minutes=1)
LONGEST_RETRY = timedelta(hours=6)
LONGEST_MOVE = timedelta(days=3_660)
LOOK_AGAIN = 0.05
"""Seconds between two looks at an errand that another worker has under way."""
LAST_ATTEMPT = 20
"""After that many failures the row stays, parked, for an operator to look at."""


class DueWork(Base):
    """One piece of work and the instant it falls due. ``dedup_key`` keeps it from being scheduled twice.

    leased_until: by the machine's clock; till then a worker has the errand under way.
    """

    __tablename__ = "due_work"
    __table_args__ = (
        Index("ix_due_work_due", "parked", "due_at", "id"),
        Index("ix_due_work_leased_until", "leased_until"),
    )

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    due_at: Mapped[datetime]
    job: Mapped[str] = mapped_column(String(80))
    args: Mapped[dict[str, Any]] = mapped_column(Json())
    dedup_key: Mapped[str | None] = mapped_column(String(200), unique=True)
    attempts: Mapped[int] = mapped_column(default=0)
    parked: Mapped[bool] = mapped_column(default=False)
    last_error: Mapped[str | None]
    leased_until: Mapped[datetime | None]


def schedule(db: Session, due_at: datetime, job: str, args: dict[str, Any], key: str | None) -> None:
    """Add a piece of work; a row with the same key is moved to the new instant instead."""
    present = db.scalar(select(DueWork).where(DueWork.dedup_key == key)) if key is not None else None
    if present is None:
        db.add(DueWork(due_at=due_at, job=job, args=args, dedup_key=key, attempts=0, parked=False))
        return
    present.due_at, present.job, present.args = due_at, job, args
    present.attempts, present.parked, present.last_error = 0, False, None


class NewWork(NamedTuple):
    """A piece of work under a key that cannot be there yet, as what it names was made in the same unit."""

    due_at: datetime
    job: str
    args: dict[str, Any]
    key: str


def add_new(db: Session, works: Sequence[NewWork]) -> None:
    """Add pieces without looking for their keys, in one statement."""
    rows = [
        {"due_at": due_at, "job": job, "args": args, "dedup_key": key, "attempts": 0, "parked": False}
        for due_at, job, args, key in works
    ]
    db.execute(insert(DueWork.__table__), rows)  # type: ignore[arg-type]


def schedule_unless_there(db: Session, due_at: datetime, job: str, args: dict[str, Any], key: str) -> None:
    """Add a piece of work unless one with this key waits already; that one is neither moved nor locked."""
    if db.scalar(select(DueWork.id).where(DueWork.dedup_key == key)) is None:
        db.add(DueWork(due_at=due_at, job=job, args=args, dedup_key=key, attempts=0, parked=False))


def unschedule(db: Session, key: str) -> None:
    """Forget the work with this key, if there is any."""
    db.execute(delete(DueWork).where(DueWork.dedup_key == key))


def next_sweep(now: datetime, oldest: datetime | None, kept_for: timedelta) -> datetime:
    """When a daily sweep next finds something older than ``kept_for``; the days before it may be left out.

    oldest: the instant from which the age of what is kept counts, of the oldest; nothing to come is older than ``now``.
    """
    ripe_at = min(oldest or now, now) + kept_for
    return now + max(1, (ripe_at - now) // A_DAY + 1) * A_DAY


def next_due_at(db: Session) -> datetime | None:
    """When the earliest piece falls due."""
    return db.scalar(select(func.min(DueWork.due_at)).where(DueWork.parked.is_(False)))


def run_due(
    world: "World", until: datetime, *, limit: int | None = None, aside: Aside | None = None, in_order: bool = False
) -> int:
    """Do what is due up to and including ``until``, in order of (due instant, id). Returns how many pieces were done.

    A piece that fails is rolled back whole and tried again later, each time after twice the wait. aside: where errands
    are done; without it, here. in_order: wait for errands that other workers have under way before doing what is due
    after them.
    """
    done = 0
    while limit is None or done < limit:
        with world.begin.read(SYSTEM) as uow:
            soonest, under_way = _soonest(uow.db), _under_way(uow.db) if in_order else None
        if under_way is not None and under_way <= until and (soonest is None or under_way <= soonest):
            time.sleep(LOOK_AGAIN)
            continue
        if soonest is None or soonest > until:
            return done
        outcome = _run_next(world, until, aside)
        if outcome is None:
            return done
        done += outcome
    return done


def _is_free() -> ColumnElement[bool]:
    """Not leased; leases are measured by the machine's clock, for they guard against a worker's death."""
    return or_(DueWork.leased_until.is_(None), DueWork.leased_until <= system_now())


def _soonest(db: Session) -> datetime | None:
    return db.scalar(select(func.min(DueWork.due_at)).where(DueWork.parked.is_(False), _is_free()))


def _under_way(db: Session) -> datetime | None:
    return db.scalar(select(func.min(DueWork.due_at)).where(DueWork.leased_until > system_now()))


def _run_next(world: "World", until: datetime, aside: Aside | None) -> int | None:
    """Claim the next piece and do it. None: there is none that can be done now; 0: it failed."""
    has_room = aside is None or aside.takes()
    claimed: tuple[int, datetime] | None = None
    away: Callable[[], None] | None = None
    try:
        with world.begin(SYSTEM) as uow:
            row = _claim(uow.db, until, except_jobs=() if has_room else _errands(world))
            if row is not None:
                claimed = (row.id, row.due_at)
                away = _begin_piece(uow, row)
    except Exception as error:
        if claimed is None:
            raise
        _put_off(world, claimed[0], error)
        return 0
    finally:
        if aside is not None and has_room and away is None:
            aside.give_back()
    if away is not None:
        away() if aside is None else aside.run(away)
    return None if claimed is None else 1


def _errands(world: "World") -> list[str]:
    return [name for name, job in world.jobs.items() if isinstance(job, Errand)]


def _claim(db: Session, until: datetime, except_jobs: Sequence[str]) -> DueWork | None:
    return db.scalar(
        select(DueWork)
        .where(DueWork.parked.is_(False), DueWork.due_at <= until, _is_free(), DueWork.job.not_in(except_jobs))
        .order_by(DueWork.due_at, DueWork.id)
        .limit(1)
        .with_for_update(skip_locked=True)
    )


def _begin_piece(uow: "UnitOfWork", row: DueWork) -> Callable[[], None] | None:
    """Do a piece whole; or plan an errand, lease its row, and give back what is left to do outside of any unit."""
    job, args = uow.world.jobs[row.job], row.args
    if not isinstance(job, Errand):
        uow.now = row.due_at
        uow.db.delete(row)
        uow.db.flush()
        job(uow, args)
        return None
    uow.now = max(row.due_at, uow.now)
    plan = job.prepare(uow, args)
    if plan is None:
        uow.db.delete(row)
        return None
    row.leased_until = system_now() + job.lease
    return partial(_carry_out, uow.world, job, plan, row.id, row.leased_until)


def _carry_out(world: "World", errand: Errand[Any, Any], plan: Any, work_id: int, lease: datetime) -> None:
    try:
        outcome = errand.perform(world, plan)
        with world.begin(SYSTEM) as uow:
            row = uow.db.scalar(
                select(DueWork).where(DueWork.id == work_id, DueWork.leased_until == lease).with_for_update()
            )
            if row is None:
                return  # it took longer than its lease, and another worker has taken the errand over
            uow.now = max(row.due_at, uow.now)
            again_at = errand.record(uow, plan, outcome)
            if again_at is None:
                uow.db.delete(row)
            else:
                row.due_at, row.leased_until, row.attempts, row.last_error = again_at, None, 0, None
    except Exception as error:  # noqa: BLE001 - whatever it was, the row says so and comes again
        _put_off(world, work_id, error)


def _put_off(world: "World", work_id: int, error: Exception) -> None:
    structlog.get_logger().warning("due_work_failed", work_id=work_id, error=repr(error))
    with world.begin(SYSTEM) as uow:
        row = uow.db.get(DueWork, work_id)
        if row is None:
            return
        row.attempts += 1
        row.last_error = repr(error)[:2000]
        row.parked = row.attempts >= LAST_ATTEMPT
        row.leased_until = None
        row.due_at += min(FIRST_RETRY * 2 ** (row.attempts - 1), LONGEST_RETRY)


def advance(world: "World", to: datetime) -> int:
    """Move the sandbox's clock to ``to``, doing on the way all that falls due. Returns how many pieces were done.

    Raises Invalid when ``to`` lies before the present instant (to go back, restore a snapshot) or too far ahead.
    """
    clock = sandbox_clock(world)
    with world.begin.read(SYSTEM) as uow:
        present = uow.now
    if to < present:
        raise Invalid(f"The clock shows {present.isoformat()}; it only moves forward. Restore a snapshot to go back.")
    if to - present > LONGEST_MOVE:
        raise Invalid("Move the clock at most ten years at a time: every day of them is lived through.")
    done = run_due(world, to, in_order=True)
    with world.begin(SYSTEM) as uow:
        clock.put(uow.db, to, clock.state(uow.db))
    return done


def set_mode(world: "World", mode: ClockMode) -> None:
    """Freeze the clock where it stands, or let it tick from there."""
    clock = sandbox_clock(world)
    with world.begin(SYSTEM) as uow:
        clock.put(uow.db, uow.now, mode)


def sandbox_clock(world: "World") -> SandboxClock:
    """The world's clock as one that moves. Raises Invalid in the production profile."""
    if not isinstance(world.clock, SandboxClock):
        raise Invalid("The clock of a production world does not move.")
    return world.clock
