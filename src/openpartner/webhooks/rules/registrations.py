"""What a registration may ask for, and how often a test may be asked for.

Source: partner-center-webhooks; partner-center-conventions §13, §17.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta

from openpartner.platform.errors import Conflict, Invalid, NotFound, TooManyRequests
from openpartner.webhooks.rules.vendor_events import EVENT_OF_NAME, TEST_CREATED

TESTS_A_MINUTE = 2
A_MINUTE = timedelta(minutes=1)
SECRET_OVERLAP = timedelta(days=1)
"""How long the secret before signs too, so that a receiver can take the new one in its own time."""

LONGEST_URL = 2_000


class RegistrationThere(Conflict):
    """A tenant has one registration."""

    def __init__(self) -> None:
        super().__init__("This account has a webhook registration. Use PUT to change it.")


class RegistrationAbsent(NotFound):
    """There is nothing to read, change or test."""

    def __init__(self) -> None:
        super().__init__("Webhook registration")
        self.message = "This account has no webhook registration. Use POST to make one."
        self.args = (self.message,)


class TestNotWanted(Invalid):
    """A test needs a registration that asks for the event."""

    __test__ = False  # pytest would take it for a test

    def __init__(self) -> None:
        super().__init__(f"The registration does not ask for {TEST_CREATED}. Add it to webhookEvents first.")


def chosen_events(names: Sequence[str]) -> list[str]:
    """The events by their own spelling, each once, in the order of the vendor's list. Raises Invalid."""
    unknown = [name for name in names if name.lower() not in EVENT_OF_NAME]
    if unknown:
        raise Invalid(
            f"These are no events: {', '.join(unknown)}. GET /webhooks/v1/registration/events lists them.",
            unknown=unknown,
        )
    wanted = {name.lower() for name in names}
    return [event.name for key, event in EVENT_OF_NAME.items() if key in wanted]


def check_test_rate(latest: Sequence[datetime], now: datetime) -> None:
    """Whether one more test may be asked for. latest: when the latest were, newest first. Raises TooManyRequests."""
    recent = [at for at in latest if at > now - A_MINUTE]
    if len(recent) < TESTS_A_MINUTE:
        return
    wait = recent[TESTS_A_MINUTE - 1] + A_MINUTE - now
    seconds = -(-wait // timedelta(seconds=1))
    raise TooManyRequests(
        f"Test events can be asked for {TESTS_A_MINUTE} times a minute. Try again in {seconds} seconds.",
        retry_after=seconds,
    )
