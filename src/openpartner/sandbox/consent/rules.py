"""What waits for consent, how it can be answered, and which standing policy answers what."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from types import MappingProxyType
from uuid import UUID

from openpartner.platform import durations
from openpartner.platform.errors import Conflict, Invalid, InvalidFields


class Matter(StrEnum):
    """What somebody is asked to consent to.

    GRANULAR: an admin relationship, by its customer. REVIEW: one asked for by a provider, by the reseller it is for.
    RESELLER, COMBINED: a reseller alone, or with its provider, by a customer. PARTNERSHIP: a provider, by a reseller.
    """

    GRANULAR = "granular"
    REVIEW = "review"
    RESELLER = "reseller"
    COMBINED = "combined"
    PARTNERSHIP = "partnership"


class Answer(StrEnum):
    """What is done about it. END: take back what was consented to before."""

    APPROVE = "approve"
    REFUSE = "refuse"
    IGNORE = "ignore"
    END = "end"


class DecisionState(StrEnum):
    """Where a decision stands: it is going to be taken, was taken, could not be, or was overtaken by something else."""

    PLANNED = "planned"
    DONE = "done"
    FAILED = "failed"
    DROPPED = "dropped"


POLICY_ANSWERS = frozenset({Answer.APPROVE, Answer.REFUSE, Answer.IGNORE})
AT_ONCE = "PT0S"
MOST_IN = 1_000
LONGEST_REASON = 400

MATTER_WORDS: Mapping[Matter, str] = MappingProxyType(
    {
        Matter.GRANULAR: "Admin relationship",
        Matter.REVIEW: "Admin relationship, for a reseller's review",
        Matter.RESELLER: "Reseller relationship",
        Matter.COMBINED: "Reseller and provider together",
        Matter.PARTNERSHIP: "Partnership of provider and reseller",
    }
)


class NothingWaits(Conflict):
    """It was answered, withdrawn or lapsed before."""

    def __init__(self, subject: object) -> None:
        super().__init__(f"{subject} waits for nobody's consent any more. List what waits: GET /_sandbox/consent.")


class DeciderNeeded(Invalid):
    """The request names nobody, so the caller says who answers."""

    def __init__(self) -> None:
        super().__init__("This request names nobody. Say who answers: the tenant id or domain as customer.")


class NotThatAnswer(Invalid):
    """What waits is approved, refused or ignored; what runs is ended."""

    def __init__(self, answer: Answer) -> None:
        super().__init__(f"It cannot be answered with {answer} as it stands: end what runs, answer what waits.")


@dataclass(frozen=True)
class Policy:
    """A standing wish: what fits it is answered so.

    matter, partner_id, customer_id: which requests it is for; None is any. partner_id fits whoever asks or stands
    behind. after: how long after it began to wait, an ISO duration. one_in: only one of so many, by chance.
    """

    answer: Answer
    matter: Matter | None = None
    partner_id: UUID | None = None
    customer_id: UUID | None = None
    after: str = AT_ONCE
    one_in: int = 1
    reason: str = ""


@dataclass(frozen=True)
class Request:
    """What waits, as far as policies look at it. customer_id: who decides, where that is known."""

    matter: Matter
    partner_ids: frozenset[UUID]
    customer_id: UUID | None


def checked(policy: Policy) -> Policy:
    """The policy as it is kept. Raises InvalidFields."""
    problems: dict[str, str] = {}
    if policy.answer not in POLICY_ANSWERS:
        problems["answer"] = "A policy approves, refuses or ignores."
    try:
        durations.add(datetime(2026, 1, 1, tzinfo=UTC), policy.after)
    except Invalid as refusal:
        problems["after"] = refusal.message
    if not 1 <= policy.one_in <= MOST_IN:
        problems["one_in"] = f"One in 1 to {MOST_IN}: 1 means all of them."
    if len(policy.reason) > LONGEST_REASON:
        problems["reason"] = f"Give the reason in {LONGEST_REASON} characters at most."
    if problems:
        raise InvalidFields(problems)
    return policy


def fits(policy: Policy, request: Request) -> bool:
    """Whether the policy is for such a request, chance aside."""
    return (
        policy.matter in {None, request.matter}
        and (policy.partner_id is None or policy.partner_id in request.partner_ids)
        and policy.customer_id in {None, request.customer_id}
    )


def choose(policies: Iterable[Policy], request: Request, below: Callable[[int], int]) -> int | None:
    """The place of the first policy that fits and that chance lets through; None when none does.

    below: an integer from 0 up to its argument. It is asked only where a policy says so.
    """
    for place, policy in enumerate(policies):
        if fits(policy, request) and (policy.one_in == 1 or below(policy.one_in) == 0):
            return place
    return None
