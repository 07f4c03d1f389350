"""What the pages of granular administration share: words and tones for states, columns, forms that refuse."""

from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from types import MappingProxyType
from typing import TypeVar
from uuid import UUID

from sqlalchemy import select

from openpartner.identity.models import Group
from openpartner.platform.directory_role_words import ALLOWS
from openpartner.platform.directory_roles import DIRECTORY_ROLES, GLOBAL_ADMINISTRATOR
from openpartner.platform.web.tables import Badge, Choice, Tone
from openpartner.platform.work import UnitOfWork
from openpartner.relationships.rules.assignments import AssignmentStatus
from openpartner.relationships.rules.granular import LABELS, Status
from openpartner.relationships.rules.granular_terms import ASSIGNABLE_ROLES

T = TypeVar("T")

SOON = timedelta(days=30)
ROOT = "/granular-administration"

_TONES: Mapping[Status, Tone] = MappingProxyType(
    {
        Status.CREATED: "neutral",
        Status.APPROVAL_PENDING: "info",
        Status.APPROVED: "info",
        Status.ACTIVATING: "info",
        Status.ACTIVE: "success",
        Status.EXPIRING: "warning",
        Status.EXPIRED: "neutral",
        Status.TERMINATION_REQUESTED: "warning",
        Status.TERMINATING: "warning",
        Status.TERMINATED: "danger",
    }
)
_ASSIGNMENT_WORDS: Mapping[AssignmentStatus, tuple[str, Tone]] = MappingProxyType(
    {
        AssignmentStatus.PENDING: ("Pending", "info"),
        AssignmentStatus.ACTIVE: ("Active", "success"),
        AssignmentStatus.DELETING: ("Being removed", "warning"),
        AssignmentStatus.DELETED: ("Removed", "neutral"),
        AssignmentStatus.ERROR: ("Error", "danger"),
    }
)


def status_badge(status: Status, *, end_at: datetime | None, now: datetime, extends: bool) -> Badge:
    """The state as a chip; one that ends within 30 days and is not extended says so. Source: gdap §3, labels."""
    if status is Status.ACTIVE and not extends and end_at is not None and end_at <= now + SOON:
        return Badge("Expiring soon", "warning")
    return Badge(LABELS[status], _TONES[status])


def assignment_badge(status: AssignmentStatus) -> Badge:
    """The state of an assignment as a chip."""
    return Badge(*_ASSIGNMENT_WORDS[status])


def extension_words(*, extends: bool) -> str:
    """Automatic extension as the lists name it. Source: portal-workspaces §2.4."""
    return "6 months" if extends else "No"


def role_names(roles: Iterable[UUID]) -> str:
    """The names of roles, for a cell or a file."""
    return ", ".join(sorted(DIRECTORY_ROLES[role].name for role in roles))


def role_choices(roles: Iterable[UUID] = ASSIGNABLE_ROLES) -> list[Choice]:
    """Roles to choose from, by name; the second line says what each allows, and that a privileged one is one."""
    known = [role for key, role in DIRECTORY_ROLES.items() if key in set(roles)]
    return [Choice(str(role.template_id), role.name, _hint(role.template_id)) for role in known]


def _hint(role: UUID) -> str:
    mark = "Privileged. " if DIRECTORY_ROLES[role].privileged else ""
    never = " Excludes automatic extension." if role == GLOBAL_ADMINISTRATOR else ""
    return f"{mark}{ALLOWS[role]}{never}"


def role_rows(roles: Iterable[UUID]) -> list[tuple[str, Badge | str, str]]:
    """Roles for a table: the name, whether it is privileged, what it allows."""
    known = [role for key, role in DIRECTORY_ROLES.items() if key in set(roles)]
    return [
        (role.name, Badge("Privileged", "warning") if role.privileged else "", ALLOWS[role.template_id])
        for role in known
    ]


def read_ids(texts: Iterable[str]) -> frozenset[UUID]:
    """The identifiers among what a form sent; anything else is left out."""
    found = set()
    for text in texts:
        try:
            found.add(UUID(text))
        except ValueError:
            continue
    return frozenset(found)


def security_groups(uow: UnitOfWork) -> list[Group]:
    """The actor's tenant's security groups by name: what roles can be given to."""
    return list(
        uow.db.scalars(
            select(Group)
            .where(Group.tenant_id == uow.actor.tenant, Group.deleted_at.is_(None), Group.security_enabled.is_(True))
            .order_by(Group.display_name, Group.id)
        )
    )
