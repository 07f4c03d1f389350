"""How a catcher is named and how it may answer."""

import re
from dataclasses import dataclass
from http import HTTPStatus

from openpartner.platform.errors import Invalid

KEPT = 200
"""How many messages a catcher keeps; the oldest go first."""
LARGEST = 262_144
LONGEST_DELAY = 60_000
MOST_TIMES = 1_000
NAME = re.compile(r"[a-z0-9][a-z0-9._-]{0,63}")


@dataclass(frozen=True)
class Answer:
    """What a catcher answers. times: how often before it takes everything again; None: until it is told otherwise.

    delay: milliseconds before the answer. retry_after: seconds, as the header of that name.
    """

    status: int = HTTPStatus.OK
    times: int | None = None
    delay: int = 0
    retry_after: int | None = None


TAKES = Answer()


def checked_name(text: str) -> str:
    """A catcher's name in lower case. Raises Invalid."""
    name = text.strip().lower()
    if not NAME.fullmatch(name):
        raise Invalid("Name a catcher with up to 64 letters, digits, dots, hyphens and underscores.")
    return name


def checked_answer(answer: Answer) -> Answer:
    """An answer that can be given. Raises Invalid."""
    if not 200 <= answer.status <= 599:
        raise Invalid("status is a number from 200 to 599.")
    if not 0 <= answer.delay <= LONGEST_DELAY:
        raise Invalid(f"delay is a number of milliseconds from 0 to {LONGEST_DELAY}.")
    if answer.times is not None and not 1 <= answer.times <= MOST_TIMES:
        raise Invalid(f"times is a number from 1 to {MOST_TIMES}; leave it out for as long as nothing else is said.")
    if answer.retry_after is not None and answer.retry_after < 0:
        raise Invalid("retryAfter is a number of seconds.")
    return answer


def after_one(answer: Answer) -> Answer:
    """How it answers next, once it has answered so."""
    if answer.times is None:
        return answer
    return TAKES if answer.times == 1 else Answer(answer.status, answer.times - 1, answer.delay, answer.retry_after)
