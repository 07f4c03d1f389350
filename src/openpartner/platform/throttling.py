"""How many requests an application may send on the Graph surface in a tenant. Source: graph-conventions §11.

A bucket each, which fills evenly. Each process counts for itself, by the machine's clock: clients sleep by theirs.
"""

import math
import threading
from collections import OrderedDict
from collections.abc import Callable
from typing import NamedTuple
from uuid import UUID

import msgspec
from sqlalchemy import select
from sqlalchemy.orm import Mapped, Session, mapped_column

from openpartner.platform.clock import monotonic
from openpartner.platform.db import Base
from openpartner.platform.errors import Invalid, TooManyRequests

FRESH = 1.0
"""Seconds after which a process looks again whether a sandbox's limit was changed."""

MOST = 10_000
"""Buckets that are remembered; the one that was asked least lately goes first."""

Holder = tuple[UUID, UUID]
"""Tenant and application."""


class Limit(msgspec.Struct, frozen=True):
    """``requests`` in ``seconds``."""

    requests: int
    seconds: int

    def check(self) -> "Limit":
        """Itself. Raises Invalid."""
        if not (1 <= self.requests <= 1_000_000 and 1 <= self.seconds <= 86_400):
            raise Invalid("A limit is 1 to 1000000 requests in 1 to 86400 seconds.")
        return self


def read_limit(text: str) -> Limit | None:
    """A limit as the settings write it, ``600/60``: 600 requests in 60 seconds; None for no text. Raises Invalid."""
    if not text.strip():
        return None
    requests, _, seconds = text.partition("/")
    try:
        return Limit(int(requests), int(seconds)).check()
    except ValueError as error:
        raise Invalid(f"'{text}' is no limit. Write requests and seconds, such as 600/60.") from error


class Bucket(NamedTuple):
    """How many requests may still come, and since when it fills."""

    left: float
    at: float


def drawn(bucket: Bucket | None, limit: Limit, at: float) -> tuple[Bucket, int]:
    """A bucket after one request, and for how many whole seconds to wait; 0: the request may pass.

    at: seconds of a clock that only moves forward. A request that has to wait takes nothing.
    """
    rate = limit.requests / limit.seconds
    left = limit.requests if bucket is None else min(limit.requests, bucket.left + (at - bucket.at) * rate)
    if left >= 1:
        return Bucket(left - 1, at), 0
    return Bucket(left, at), max(1, math.ceil((1 - left) / rate))


class SandboxLimit(Base):
    """The limit that somebody rehearses: one row, or none."""

    __tablename__ = "sandbox_limit"

    id: Mapped[int] = mapped_column(primary_key=True)
    requests: Mapped[int]
    seconds: Mapped[int]


def rehearsed(db: Session) -> Limit | None:
    """The sandbox's own limit."""
    row = db.execute(select(SandboxLimit.requests, SandboxLimit.seconds)).one_or_none()
    return None if row is None else Limit(row.requests, row.seconds)


def rehearse(db: Session, limit: Limit | None) -> None:
    """Set the sandbox's own limit, or take it away."""
    row = db.get(SandboxLimit, 1)
    if row is not None:
        db.delete(row)
        db.flush()
    if limit is not None:
        db.add(SandboxLimit(id=1, requests=limit.requests, seconds=limit.seconds))
        db.flush()


class Throttle:
    """The buckets of a process. limit: of the settings. now: seconds of a clock that only moves forward."""

    def __init__(self, limit: Limit | None, *, is_sandbox: bool, now: Callable[[], float] = monotonic) -> None:
        self._limit = limit
        self._present = limit
        self._is_sandbox = is_sandbox
        self._now = now
        self._looked_at = -math.inf
        self._buckets: OrderedDict[Holder, Bucket] = OrderedDict()
        self._lock = threading.Lock()

    @property
    def is_stale(self) -> bool:
        """Whether a sandbox's limit has to be read again."""
        return self._is_sandbox and self._now() - self._looked_at > FRESH

    def look(self, db: Session) -> None:
        """Take the sandbox's limit over; a changed one begins with full buckets."""
        found = rehearsed(db) or self._limit
        with self._lock:
            if found != self._present:
                self._buckets.clear()
            self._present, self._looked_at = found, self._now()

    def forget(self) -> None:
        """Look again at the next request."""
        self._looked_at = -math.inf

    def pass_one(self, holder: Holder) -> None:
        """Let a request pass. Raises TooManyRequests."""
        if self._present is None:
            return
        with self._lock:
            bucket, wait = drawn(self._buckets.pop(holder, None), self._present, self._now())
            self._buckets[holder] = bucket
            while len(self._buckets) > MOST:
                self._buckets.popitem(last=False)
        if wait:
            raise TooManyRequests(
                f"The application sends too many requests in this tenant. Wait {wait} seconds, as Retry-After says.",
                retry_after=wait,
            )
