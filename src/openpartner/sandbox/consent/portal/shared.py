"""What the pages of the consent simulator share: where they lie, and words for what is answered."""

from openpartner.platform.errors import Invalid
from openpartner.platform.web.pages import Crumb
from openpartner.platform.web.tables import Choice, Filter
from openpartner.sandbox.consent.rules import MATTER_WORDS, Answer, DecisionState

ROOT = "/sandbox/consent"
PAGE = 50
EVERY = 100_000
KINDS = Filter("kind", "Kind", tuple(Choice(matter.value, words) for matter, words in MATTER_WORDS.items()))
STATES = Filter("state", "State", tuple(Choice(state.value, state.value.capitalize()) for state in DecisionState))
AFTERS = (("PT0S", "At once"), ("P1D", "1 day"), ("P2D", "2 days"), ("P7D", "7 days"), ("P30D", "30 days"))
ANSWER_WORDS = {
    Answer.APPROVE: "Approve",
    Answer.REFUSE: "Refuse",
    Answer.IGNORE: "Leave unanswered",
    Answer.END: "End",
}
DONE_WORDS = {
    Answer.APPROVE: "approved",
    Answer.REFUSE: "refused",
    Answer.IGNORE: "left unanswered",
    Answer.END: "ended",
}


def tabs_of(current: str) -> list[tuple[str, str, bool]]:
    """The four pages, the present one marked."""
    links = (
        ("Waiting", ROOT),
        ("Can be ended", f"{ROOT}/running"),
        ("Policies", f"{ROOT}/policies"),
        ("Decisions", f"{ROOT}/decisions"),
    )
    return [(title, path, path == current) for title, path in links]


def crumbs_to(*more: str) -> list[Crumb]:
    """The way to a page of the simulator."""
    return [Crumb("Home", "/"), Crumb("Sandbox", "/sandbox"), Crumb("Consent", ROOT), *(Crumb(each) for each in more)]


def read_answer(text: str) -> Answer:
    """The answer a button sends. Raises Invalid."""
    try:
        return Answer(text)
    except ValueError:
        raise Invalid("There is no such button on this page.") from None
