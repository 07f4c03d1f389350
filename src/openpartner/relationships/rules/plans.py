"""Bulk plans: one template of a relationship for many customers. States, names, and what a template may say.

Source: gdap §8 and §12 (the vendor's bulk tool); the plan itself is ours (docs/decisions/0017).
"""

from collections.abc import Mapping
from enum import StrEnum
from types import MappingProxyType
from typing import Final
from uuid import UUID

import msgspec

from openpartner.platform.errors import DomainError, Invalid
from openpartner.relationships.rules.granular_terms import LONGEST_NAME, WantedTerms

MOST_CUSTOMERS: Final = 20_000
LONGEST_PREFIX: Final = LONGEST_NAME - 9
"""A relationship's name ends with a hyphen and eight characters of the customer's id, so that it is unique."""


class PlanState(StrEnum):
    """Where a plan stands."""

    DRAFT = "draft"
    REHEARSING = "rehearsing"
    RUNNING = "running"
    PAUSED = "paused"
    DONE = "done"


class PlanAction(StrEnum):
    """What moves a plan."""

    REHEARSE = "rehearse"
    APPLY = "apply"
    PAUSE = "pause"
    FINISH = "finish"
    DELETE = "delete"


#: Every transition of a plan; None: it is gone. FINISH is the worker's, the others are the partner's.
PLAN_TRANSITIONS: Final[Mapping[tuple[PlanState, PlanAction], PlanState | None]] = MappingProxyType(
    {
        (PlanState.DRAFT, PlanAction.REHEARSE): PlanState.REHEARSING,
        (PlanState.DRAFT, PlanAction.APPLY): PlanState.RUNNING,
        (PlanState.DRAFT, PlanAction.DELETE): None,
        (PlanState.REHEARSING, PlanAction.PAUSE): PlanState.DRAFT,
        (PlanState.REHEARSING, PlanAction.FINISH): PlanState.DRAFT,
        (PlanState.RUNNING, PlanAction.PAUSE): PlanState.PAUSED,
        (PlanState.RUNNING, PlanAction.FINISH): PlanState.DONE,
        (PlanState.PAUSED, PlanAction.APPLY): PlanState.RUNNING,
    }
)


class RowState(StrEnum):
    """What became of one customer of a plan."""

    WAITING = "waiting"
    REQUESTED = "requested"
    ASSIGNED = "assigned"
    REFUSED = "refused"


class PlanForbids(Invalid):
    """No transition leads from the present state of the plan."""

    def __init__(self, state: PlanState, action: PlanAction) -> None:
        able = " or ".join(source.value for source, given in PLAN_TRANSITIONS if given is action)
        super().__init__(f"A plan that is {state.value} takes no {action.value}; it must be {able}.")


class NoCustomers(Invalid):
    """A plan without anybody in it."""

    def __init__(self) -> None:
        super().__init__("The plan has no customer. Choose some, or list their domains or Microsoft IDs.")


class TooManyCustomers(Invalid):
    """A plan that is longer than one."""

    def __init__(self, count: int) -> None:
        super().__init__(f"A plan takes at most {MOST_CUSTOMERS} customers; this one has {count}. Split it.")


class PrefixRefused(Invalid):
    """The beginning of the relationships' names."""

    def __init__(self, prefix: str) -> None:
        super().__init__(
            f"The name must have 1 to {LONGEST_PREFIX} characters; this one has {len(prefix)}. The customer's mark is "
            "added to it."
        )


class CustomerUnknownToPlan(DomainError):
    """What was listed names no customer of the partner."""

    def __init__(self, entry: str) -> None:
        super().__init__(f"'{entry}' is neither a domain nor a Microsoft ID of a customer of yours.")


class Template(msgspec.Struct, frozen=True, kw_only=True):
    """What every customer of a plan is asked for. groups: get all the roles once the customer has approved."""

    prefix: str
    duration: str
    auto_extend_duration: str
    roles: list[UUID]
    groups: list[UUID] = []

    def terms(self, customer_id: UUID) -> WantedTerms:
        """The request for one customer."""
        return WantedTerms(
            display_name=f"{self.prefix}-{customer_id.hex[:8]}",
            duration=self.duration,
            roles=frozenset(self.roles),
            customer_id=customer_id,
            auto_extend_duration=self.auto_extend_duration,
        )


def check_template(template: Template) -> None:
    """Refuse what every customer would be refused for.

    Raises PrefixRefused, DurationRefused, AutoExtendRefused, RolesMissing, RoleUnknown, GlobalAdministratorExtends.
    """
    if not 1 <= len(template.prefix) <= LONGEST_PREFIX:
        raise PrefixRefused(template.prefix)
    template.terms(UUID(int=0)).read()


def after_plan(state: PlanState, action: PlanAction) -> PlanState | None:
    """The state an action leads to; None when the plan is then gone. Raises PlanForbids."""
    if (state, action) not in PLAN_TRANSITIONS:
        raise PlanForbids(state, action)
    return PLAN_TRANSITIONS[state, action]


def plan_actions(state: PlanState) -> list[PlanAction]:
    """What the partner may do next: the buttons."""
    return [action for source, action in PLAN_TRANSITIONS if source is state and action is not PlanAction.FINISH]
