"""The states of a delivery and the pauses between its tries.

Source: partner-center-webhooks: ten tries, then no further ones. How long the pauses are no page says (docs/decisions).
"""

from datetime import datetime, timedelta
from enum import StrEnum

TRIES = 10
PAUSES = (
    timedelta(seconds=30),
    timedelta(minutes=1),
    timedelta(minutes=2),
    timedelta(minutes=5),
    timedelta(minutes=10),
    timedelta(minutes=30),
    timedelta(hours=1),
    timedelta(hours=2),
    timedelta(hours=4),
)
"""After the first, second … ninth try."""

KEPT_FOR = timedelta(days=30)
TESTS_KEPT_FOR = timedelta(days=7)
"""Of a test event, all that is known of it. Source: partner-center-webhooks."""


class State(StrEnum):
    """WAITING for its turn or its next try; DELIVERED; PARKED after the last try."""

    WAITING = "waiting"
    DELIVERED = "delivered"
    PARKED = "parked"


class Origin(StrEnum):
    """Why a delivery exists: a fact, a test that was asked for, a person who fired it, or one sent again."""

    FACT = "fact"
    TEST = "test"
    FIRED = "fired"
    REPEATED = "repeated"


def is_taken(status: int | None) -> bool:
    """Whether a receiver that answers so has it. None: nothing came back."""
    return status is not None and 200 <= status < 300


def after_try(tries: int, *, is_taken: bool, most: int = TRIES) -> State:
    """The state after a try, the ``tries``-th."""
    if is_taken:
        return State.DELIVERED
    return State.PARKED if tries >= most else State.WAITING


def next_try_at(tries: int, at: datetime) -> datetime:
    """When to try again after the ``tries``-th try failed at ``at``."""
    return at + PAUSES[min(tries, len(PAUSES)) - 1]


TEST_STATUS = {State.WAITING: "pending", State.DELIVERED: "completed", State.PARKED: "failed"}
"""The words of a test's status. Only ``completed`` is documented; the others are ours."""
