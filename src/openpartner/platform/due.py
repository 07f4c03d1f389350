"""Work that falls due: rows claimed in due order, each done in a transaction of its own at its own instant.

Moving the sandbox's clock runs the same work as the worker, so a year in one jump equals a year lived day by day.
"""

from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

import structlog
from sqlalchemy import Index, String, delete, func, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from openpartner.platform.actor import SYSTEM
from openpartner.platform.clock import ClockMode, SandboxClock
from openpartner.platform.db import Base, BigId, Json
from openpartner.platform.errors import Invalid

if TYPE_CHECKING:
    from openpartner.platform.work import UnitOfWork
    from openpartner.platform.world import World

Job = Callable[["UnitOfWork", dict[str, Any]], None]
"""Does one piece of due work in the given unit; ``uow.now`` is the instant it was due."""

Jobs = Mapping[str, Job]

FIRST_RETRY = timedelta(minutes=1)
LONGEST_RETRY = timedelta(hours=6)
LONGEST_MOVE = timedelta(days=3_660)
LAST_ATTEMPT = 20
"""After that many failures the row stays, parked, for an operator to look at."""


class DueWork(Base):
    """One piece of work and the instant it falls due. ``dedup_key`` keeps it from being scheduled twice."""

    __tablename__ = "due_work"
    __table_args__ = (Index("ix_due_work_due", "parked", "due_at", "id"),)

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    due_at: Mapped[datetime]
    job: Mapped[str] = mapped_column(String(80))
    args: Mapped[dict[str, Any]] = mapped_column(Json())
    dedup_key: Mapped[str | None] = mapped_column(String(200), unique=True)
    attempts: Mapped[int] = mapped_column(default=0)
    parked: Mapped[bool] = mapped_column(default=False)
    last_error: Mapped[str | None]


def schedule(db: Session, due_at: datetime, job: str, args: dict[str, Any], key: str | None) -> None:
    """Add a piece of work; a row with the same key is moved to the new instant instead."""
    present = db.scalar(select(DueWork).where(DueWork.dedup_key == key)) if key is not None else None
    if present is None:
        db.add(DueWork(due_at=due_at, job=job, args=args, dedup_key=key, attempts=0, parked=False))
        return
    present.due_at, present.job, present.args = due_at, job, args
    present.attempts, present.parked, present.last_error = 0, False, None


def unschedule(db: Session, key: str) -> None:
    """Forget the work with this key, if there is any."""
    db.execute(delete(DueWork).where(DueWork.dedup_key == key))


def next_due_at(db: Session) -> datetime | None:
    """When the earliest piece falls due."""
    return db.scalar(select(func.min(DueWork.due_at)).where(DueWork.parked.is_(False)))


def run_due(world: "World", until: datetime, *, limit: int | None = None) -> int:
    """Do what is due up to and including ``until``, in order of (due instant, id). Returns how many pieces were done.

    A piece that fails is rolled back whole and tried again later, each time after twice the wait.
    """
    done = 0
    while limit is None or done < limit:
        with world.begin.read(SYSTEM) as uow:
            soonest = next_due_at(uow.db)
        if soonest is None or soonest > until:
            return done
        outcome = _run_next(world, until)
        if outcome is None:
            return done
        done += outcome
    return done


def _run_next(world: "World", until: datetime) -> int | None:
    claimed: tuple[int, datetime] | None = None
    try:
        with world.begin(SYSTEM) as uow:
            row = uow.db.scalar(
                select(DueWork)
                .where(DueWork.parked.is_(False), DueWork.due_at <= until)
                .order_by(DueWork.due_at, DueWork.id)
                .limit(1)
                .with_for_update(skip_locked=True)
            )
            if row is None:
                return None
            claimed = (row.id, row.due_at)
            uow.now = row.due_at
            job, args = row.job, row.args
            uow.db.delete(row)
            uow.db.flush()
            world.jobs[job](uow, args)
    except Exception as error:
        if claimed is None:
            raise
        structlog.get_logger().warning("due_work_failed", work_id=claimed[0], error=repr(error))
        _put_off(world, claimed[0], error)
        return 0
    return 1


def _put_off(world: "World", work_id: int, error: Exception) -> None:
    with world.begin(SYSTEM) as uow:
        row = uow.db.get(DueWork, work_id)
        if row is None:
            return
        row.attempts += 1
        row.last_error = repr(error)[:2000]
        row.parked = row.attempts >= LAST_ATTEMPT
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
    done = run_due(world, to)
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
