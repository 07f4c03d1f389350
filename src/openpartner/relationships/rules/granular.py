"""The states of a granular delegated admin relationship, and who moves it from one to another.

Source: gdap §3; where the sources are silent, docs/decisions/0014.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from http import HTTPStatus
from types import MappingProxyType
from typing import Final

from openpartner.platform.errors import DomainError


class Status(StrEnum):
    """The wire's ``status``. Source: gdap §2.6."""

    ACTIVATING = "activating"
    ACTIVE = "active"
    APPROVAL_PENDING = "approvalPending"
    APPROVED = "approved"
    CREATED = "created"
    EXPIRED = "expired"
    EXPIRING = "expiring"
    TERMINATED = "terminated"
    TERMINATING = "terminating"
    TERMINATION_REQUESTED = "terminationRequested"


class Kind(StrEnum):
    """What a relationship is. A reseller's was asked for by its indirect provider, and the reseller reviews it."""

    GRANULAR = "granular"
    RESELLER = "reseller"


class Side(StrEnum):
    """Who acts on a relationship. For a reseller's relationship PARTNER is the indirect provider that made it."""

    PARTNER = "partner"
    RESELLER = "reseller"
    CUSTOMER = "customer"
    SYSTEM = "system"


class Action(StrEnum):
    """What moves a relationship. The first four are the wire's words for a request."""

    LOCK_FOR_APPROVAL = "lockForApproval"
    APPROVE = "approve"
    REJECT = "reject"
    TERMINATE = "terminate"
    CREATE = "create"
    UPDATE = "update"
    DELETE = "delete"
    REVIEW = "review"
    PROVISION = "provision"
    ACTIVATE = "activate"
    EXTEND = "extend"
    EXPIRE = "expire"
    CLEAN_UP = "cleanUp"
    FINISH = "finish"
    LAPSE = "lapse"
    FORGET = "forget"


PENDING_FOR: Final = timedelta(days=90)
"""How long a customer has to answer. Source: gdap §7."""

KEPT_MONTHS: Final = 12
"""How long a relationship that ended is kept. Source: gdap §7."""

EXTENSION: Final = timedelta(days=180)
"""What automatic extension adds, again and again. Source: gdap §3."""

LAST_DAY: Final = timedelta(days=1)
"""Automatic extension comes when the last day is reached, so there is never an instant without access."""

REMINDERS: Final = (timedelta(days=30), timedelta(days=7), timedelta(days=1))
"""When both sides are reminded of an end that nothing extends. Source: gdap §11."""


@dataclass(frozen=True)
class Transition:
    """Where an action leads (None: the relationship is gone) and who may take it. when: what the system waits for."""

    target: Status | None
    who: frozenset[Side]
    when: str = ""


_PARTNER: Final = frozenset({Side.PARTNER})
_CUSTOMER: Final = frozenset({Side.CUSTOMER})
_RESELLER: Final = frozenset({Side.RESELLER})
_ANY_PARTY: Final = frozenset({Side.PARTNER, Side.RESELLER, Side.CUSTOMER})
_SYSTEM: Final = frozenset({Side.SYSTEM})

#: Every transition there is. Nothing starts from anywhere: each source stands here.
TRANSITIONS: Final[Mapping[tuple[Status, Action], Transition]] = MappingProxyType(
    {
        (Status.CREATED, Action.UPDATE): Transition(Status.CREATED, _PARTNER),
        (Status.CREATED, Action.DELETE): Transition(None, _PARTNER),
        (Status.CREATED, Action.LOCK_FOR_APPROVAL): Transition(Status.APPROVAL_PENDING, _PARTNER),
        (Status.APPROVAL_PENDING, Action.REVIEW): Transition(Status.APPROVAL_PENDING, _RESELLER),
        (Status.APPROVAL_PENDING, Action.APPROVE): Transition(Status.APPROVED, _CUSTOMER),
        (Status.APPROVAL_PENDING, Action.REJECT): Transition(Status.TERMINATED, _CUSTOMER | _RESELLER),
        (Status.APPROVAL_PENDING, Action.TERMINATE): Transition(Status.TERMINATION_REQUESTED, _PARTNER),
        (Status.APPROVAL_PENDING, Action.LAPSE): Transition(None, _SYSTEM, f"after {PENDING_FOR.days} days"),
        (Status.APPROVED, Action.PROVISION): Transition(Status.ACTIVATING, _SYSTEM, "at once"),
        (Status.ACTIVATING, Action.ACTIVATE): Transition(Status.ACTIVE, _SYSTEM, "when it has spread"),
        (Status.ACTIVE, Action.UPDATE): Transition(Status.ACTIVE, _PARTNER | _RESELLER),
        (Status.ACTIVE, Action.EXTEND): Transition(
            Status.ACTIVE, _SYSTEM, "when the last day is reached, with automatic extension"
        ),
        (Status.ACTIVE, Action.EXPIRE): Transition(Status.EXPIRING, _SYSTEM, "at the end, without automatic extension"),
        (Status.ACTIVE, Action.TERMINATE): Transition(Status.TERMINATION_REQUESTED, _ANY_PARTY),
        (Status.EXPIRING, Action.FINISH): Transition(Status.EXPIRED, _SYSTEM, "when it has spread"),
        (Status.TERMINATION_REQUESTED, Action.CLEAN_UP): Transition(Status.TERMINATING, _SYSTEM, "at once"),
        (Status.TERMINATING, Action.FINISH): Transition(Status.TERMINATED, _SYSTEM, "when it has spread"),
        (Status.EXPIRED, Action.FORGET): Transition(None, _SYSTEM, f"after {KEPT_MONTHS} months"),
        (Status.TERMINATED, Action.FORGET): Transition(None, _SYSTEM, f"after {KEPT_MONTHS} months"),
    }
)

FINAL: Final = frozenset({Status.EXPIRED, Status.TERMINATED})
"""Nothing restores them: a new relationship is needed."""

LIVING: Final = frozenset(Status) - FINAL - {Status.CREATED, Status.APPROVAL_PENDING}
"""The customer has consented, and it has not wholly ended: what keeps the partner's entry in the customer's tenant."""

LABELS: Final[Mapping[Status, str]] = MappingProxyType(
    {
        Status.CREATED: "Draft",
        Status.APPROVAL_PENDING: "Approval pending",
        Status.APPROVED: "Approved",
        Status.ACTIVATING: "Activating",
        Status.ACTIVE: "Active",
        Status.EXPIRING: "Expiring",
        Status.EXPIRED: "Expired",
        Status.TERMINATION_REQUESTED: "Termination requested",
        Status.TERMINATING: "Terminating",
        Status.TERMINATED: "Terminated",
    }
)
"""How the portal names a state. Source: gdap §3."""

_DONE_TO_IT: Final[Mapping[Action, str]] = MappingProxyType(
    {
        Action.LOCK_FOR_APPROVAL: "locked for approval",
        Action.APPROVE: "approved",
        Action.REVIEW: "reviewed",
        Action.REJECT: "rejected",
        Action.TERMINATE: "terminated",
        Action.UPDATE: "changed",
        Action.DELETE: "deleted",
    }
)


class Refused(DomainError):
    """A refusal of this part of the product; its code is Graph's word. Source: gdap §8."""

    status: int = HTTPStatus.BAD_REQUEST
    code: int | str = "badRequest"


class Denied(Refused):
    """The caller sees the relationship and may not do this. Source: gdap §8."""

    status = HTTPStatus.FORBIDDEN
    code = "accessDenied"


class StatusForbids(Refused):
    """No transition leads from the present state. Source: gdap §8, action illegal in the present state."""

    def __init__(self, status: Status, action: Action) -> None:
        able = " or ".join(sorted({LABELS[source].lower() for source, given in TRANSITIONS if given is action}))
        super().__init__(
            f"A relationship that is {LABELS[status].lower()} cannot be {_DONE_TO_IT.get(action, action)}; "
            f"it must be {able}.",
            status_now=status.value,
            action=action.value,
        )


class NotYours(Denied):
    """The action belongs to the other side. Source: gdap §3, requests."""

    def __init__(self, action: Action, who: frozenset[Side]) -> None:
        whose = " or ".join(_NAMES[side] for side in Side if side in who)
        super().__init__(f"Only {whose} can take the action {action.value} here.", action=action.value)


_NAMES: Final[Mapping[Side, str]] = MappingProxyType(
    {
        Side.PARTNER: "the partner that made the request",
        Side.RESELLER: "the indirect reseller it is for",
        Side.CUSTOMER: "a Global Administrator of the customer, in its admin center,",
        Side.SYSTEM: "the service itself",
    }
)


def allowed_actions(status: Status, side: Side) -> list[Action]:
    """What a side may do next. Buttons, the wire and the tests read this."""
    return [action for (source, action), step in TRANSITIONS.items() if source is status and side in step.who]


def after(status: Status, action: Action, side: Side) -> Status | None:
    """The state an action leads to; None when the relationship is then gone. Raises StatusForbids, NotYours."""
    step = TRANSITIONS.get((status, action))
    able = frozenset[Side]().union(*(each.who for (_, given), each in TRANSITIONS.items() if given is action))
    if side not in able:
        raise NotYours(action, able)
    if step is None:
        raise StatusForbids(status, action)
    if side not in step.who:
        raise NotYours(action, step.who)
    return step.target
