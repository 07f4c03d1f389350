"""The clock. The only module that reads the time of day.

Production: the system's time. Sandbox: a row of the world says which instant it is, and whether it stands still or
ticks from there; moving it performs the work that falls due (``platform/due.py``).
"""

import time
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from typing import Protocol

from sqlalchemy import select, update
from sqlalchemy.orm import Mapped, Session, mapped_column

from openpartner.platform.db import Base, TextEnum


class ClockMode(StrEnum):
    """How the sandbox's clock behaves between moves."""

    TICKING = "ticking"
    FROZEN = "frozen"


class ClockState(Base):
    """One row: the world's instant ``shown_at``, true when the system's clock read ``set_at``."""

    __tablename__ = "world_clock"

    id: Mapped[int] = mapped_column(primary_key=True)
    mode: Mapped[ClockMode] = mapped_column(TextEnum(ClockMode))
    shown_at: Mapped[datetime]
    set_at: Mapped[datetime]


def system_now() -> datetime:
    """The machine's present instant, UTC."""
    return datetime.now(UTC)


def monotonic() -> float:
    """Seconds of a clock that only moves forward: for durations of real work, never for business."""
    return time.monotonic()


class Clock(Protocol):
    """What gives a unit of work its ``now``."""

    can_move: bool

    def now(self, db: Session) -> datetime:
        """The world's present instant, aware UTC."""
        ...


class SystemClock:
    """The production profile's clock."""

    can_move = False

    def now(self, db: Session) -> datetime:  # noqa: ARG002 - the sandbox's clock reads a row
        return system_now()


class SandboxClock:
    """A clock that can be read by many processes and moved by any of them."""

    can_move = True

    def now(self, db: Session) -> datetime:
        state = db.execute(select(ClockState.mode, ClockState.shown_at, ClockState.set_at)).one_or_none()
        if state is None:
            return system_now()
        shown_at: datetime = state.shown_at
        if state.mode is ClockMode.FROZEN:
            return shown_at
        passed: timedelta = system_now() - state.set_at
        return shown_at + max(passed, timedelta())

    def state(self, db: Session) -> ClockMode:
        """Frozen or ticking."""
        return db.scalar(select(ClockState.mode)) or ClockMode.TICKING

    def put(self, db: Session, shown_at: datetime, mode: ClockMode) -> None:
        """Show ``shown_at`` from now on. Performs no due work: that is ``due.advance``'s part."""
        values = {"mode": mode, "shown_at": shown_at, "set_at": system_now()}
        if not db.execute(update(ClockState).values(**values)).rowcount:  # type: ignore[attr-defined]
            db.add(ClockState(id=1, **values))
            db.flush()
