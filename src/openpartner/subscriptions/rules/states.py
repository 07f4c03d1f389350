"""The states of a subscription and what moves it between them."""

from enum import StrEnum
from typing import Final

from openpartner.platform.errors import Invalid


class Status(StrEnum):
    """The wire's ``status``. Source: commerce-rules §10."""

    PENDING = "pending"
    ACTIVE = "active"
    SUSPENDED = "suspended"
    EXPIRED = "expired"
    DISABLED = "disabled"
    DELETED = "deleted"


class Action(StrEnum):
    """What moves a subscription from one state to another."""

    PROVISION = "provision"
    SUSPEND = "suspend"
    REACTIVATE = "reactivate"
    CANCEL = "cancel"
    RENEW = "renew"
    EXPIRE = "expire"
    DISABLE = "disable"
    DELETE = "delete"


#: Every transition there is. A suspended subscription whose term ends goes straight to disabled: of the two readings
#: in the sources the more detailed one. Source: commerce-rules §10.
TRANSITIONS: Final = {
    (Status.PENDING, Action.PROVISION): Status.ACTIVE,
    (Status.ACTIVE, Action.SUSPEND): Status.SUSPENDED,
    (Status.SUSPENDED, Action.REACTIVATE): Status.ACTIVE,
    (Status.ACTIVE, Action.CANCEL): Status.DELETED,
    (Status.SUSPENDED, Action.CANCEL): Status.DELETED,
    (Status.ACTIVE, Action.RENEW): Status.ACTIVE,
    (Status.ACTIVE, Action.EXPIRE): Status.EXPIRED,
    (Status.SUSPENDED, Action.DISABLE): Status.DISABLED,
    (Status.EXPIRED, Action.DISABLE): Status.DISABLED,
    (Status.DISABLED, Action.DELETE): Status.DELETED,
}

#: What a partner may ask for; the rest happens as time passes or as provisioning answers.
PARTNER_ACTIONS: Final = frozenset({Action.SUSPEND, Action.REACTIVATE, Action.CANCEL})

#: Suspension does not stop the bill in new commerce. Source: commerce-rules §1, §10.
BILLED: Final = frozenset({Status.ACTIVE, Status.SUSPENDED})


class StatusUnreachable(Invalid):
    """No transition leads there. Source: partner-center-conventions §19, 2011 and 800096."""

    def __init__(self, status: Status, wanted: Status) -> None:
        super().__init__(
            f"A subscription that is {status} cannot become {wanted}. Read its actions to see what it allows.",
            code=2011 if status is Status.DELETED else 800096,
            status_now=status.value,
            status_wanted=wanted.value,
        )


def allowed_actions(status: Status) -> list[Action]:
    """What may be done next, by anybody. The portal's buttons and the wire's ``actions`` both read this."""
    return [action for (source, action) in TRANSITIONS if source is status]


def partner_actions(status: Status) -> list[Action]:
    """Of the allowed actions those a partner may ask for."""
    return [action for action in allowed_actions(status) if action in PARTNER_ACTIONS]


def action_towards(wanted: Status, status: Status) -> Action:
    """The one action a partner takes to get from ``status`` to ``wanted``; raises StatusUnreachable."""
    for action in partner_actions(status):
        if TRANSITIONS[status, action] is wanted:
            return action
    raise StatusUnreachable(status, wanted)


def after(status: Status, action: Action) -> Status:
    """The state ``action`` leads to; raises StatusUnreachable when it does not start from ``status``."""
    wanted = TRANSITIONS.get((status, action))
    if wanted is None:
        target = next(target for (_, given), target in TRANSITIONS.items() if given is action)
        raise StatusUnreachable(status, target)
    return wanted
