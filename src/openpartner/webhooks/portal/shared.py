"""What the pages of webhooks share: addresses, words and tones."""

from collections.abc import Mapping
from types import MappingProxyType

from openpartner.platform.web.pages import Crumb
from openpartner.platform.web.tables import Badge, Choice, Tone
from openpartner.webhooks.rules.deliveries import Origin, State
from openpartner.webhooks.rules.vendor_events import VENDOR_EVENTS, Topic, VendorEvent, is_announced

ROOT = "/account/webhooks"
REGISTRATION = f"{ROOT}/registration"
DELIVERIES = f"{ROOT}/deliveries"
FIRE = f"{ROOT}/fire"
VERIFY = f"{ROOT}/verify"
CATCHER = "/_sandbox/catcher/hooks"
"""Where a sandbox catches what is sent, for who has no receiver at hand."""

STATE_WORDS: Mapping[State, str] = MappingProxyType(
    {State.WAITING: "Waiting", State.DELIVERED: "Delivered", State.PARKED: "Not delivered"}
)
_TONES: Mapping[State, Tone] = MappingProxyType(
    {State.WAITING: "info", State.DELIVERED: "success", State.PARKED: "danger"}
)
ORIGIN_WORDS: Mapping[Origin, str] = MappingProxyType(
    {
        Origin.FACT: "It happened",
        Origin.TEST: "A test",
        Origin.FIRED: "Fired by hand",
        Origin.REPEATED: "Sent again",
    }
)
EVENT_CHOICES = tuple(Choice(event.name, event.name) for event in VENDOR_EVENTS)


def state_badge(state: State, tries: int) -> Badge:
    """The state as a chip; one that was tried in vain says so."""
    if state is State.WAITING and tries:
        return Badge("Trying again", "warning")
    return Badge(STATE_WORDS[state], _TONES[state])


def tabs(current: str) -> list[tuple[str, str, bool]]:
    """The pages beside each other."""
    pages = (("Overview", ROOT), ("Deliveries", DELIVERIES), ("Fire an event", FIRE), ("Verify", VERIFY))
    return [(title, href, href == current) for title, href in pages]


def crumbs(*further: Crumb) -> list[Crumb]:
    """The way here."""
    return [Crumb("Home", "/"), Crumb("Account settings", "/account"), Crumb("Webhooks", ROOT), *further]


def choices_by_topic() -> list[tuple[str, list[Choice]]]:
    """Every event with what it means, grouped; one that nothing here announces says so."""
    return [(topic.value, [_choice(event) for event in VENDOR_EVENTS if event.topic is topic]) for topic in Topic]


def _choice(event: VendorEvent) -> Choice:
    note = "" if is_announced(event) else " Nothing here announces it yet; it can be fired by hand."
    return Choice(event.name, event.name, f"{event.meaning}{note}")


def events_by_topic(names: list[str]) -> list[tuple[str, str]]:
    """Chosen events for a list of properties: the topic and its names."""
    chosen = set(names)
    rows = [
        (topic.value, ", ".join(event.name for event in VENDOR_EVENTS if event.topic is topic and event.name in chosen))
        for topic in Topic
    ]
    return [(topic, found) for topic, found in rows if found]
