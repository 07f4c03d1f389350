"""What every use case of a granular relationship does: see who acts, move the state, say so, wind its clockwork."""

from datetime import datetime
from typing import Any, TypedDict
from uuid import UUID

from sqlalchemy.orm.attributes import flag_modified

from openpartner.platform.actor import ActorKind, TenantKind
from openpartner.platform.durations import add
from openpartner.platform.work import UnitOfWork
from openpartner.relationships.models.granular import AdminRelationship
from openpartner.relationships.rules.granular import Action, Kind, Side, Status, after
from openpartner.relationships.rules.granular_clock import next_due

PASS_TIME = "relationships.pass_time"  # noqa: S105 - the name of a job
PASS_ASSIGNMENT = "relationships.pass_assignment"  # noqa: S105 - the name of a job
PASS_OPERATION = "relationships.pass_operation"  # noqa: S105 - the name of a job
PASS_REQUEST = "relationships.pass_request"  # noqa: S105 - the name of a job


class Scope(TypedDict):
    """The members of every fact about a relationship."""

    partner_id: UUID
    customer_id: UUID | None
    relationship_id: str
    display_name: str
    indirect_provider_id: UUID | None


def scope(relationship: AdminRelationship) -> Scope:
    """What a fact says about which relationship it is."""
    return Scope(
        partner_id=relationship.partner_id,
        customer_id=relationship.customer_id,
        relationship_id=relationship.id,
        display_name=relationship.display_name,
        indirect_provider_id=relationship.indirect_provider_id,
    )


def side_of(uow: UnitOfWork, relationship: AdminRelationship) -> Side:
    """On which side of a relationship the actor stands. It sees the relationship already."""
    if uow.actor.kind is ActorKind.SYSTEM:
        return Side.SYSTEM
    if uow.actor.tenant_kind is TenantKind.CUSTOMER:
        return Side.CUSTOMER
    is_resellers = relationship.kind is Kind.RESELLER and uow.actor.tenant_id == relationship.partner_id
    return Side.RESELLER if is_resellers else Side.PARTNER


def move(uow: UnitOfWork, relationship: AdminRelationship, action: Action, side: Side) -> Status | None:
    """Take an action; gives the state before. The only place that assigns the status.

    Where an action ends the relationship altogether the caller removes it. Raises StatusForbids, NotYours.
    """
    before = relationship.status
    target = after(before, action, side)
    if target is not None and target is not before:
        relationship.status, relationship.status_at = target, uow.now
    touch(uow, relationship)
    return before


def touch(uow: UnitOfWork, row: Any) -> None:
    """Note a change: a new version, even when only the roles changed, or twice within one instant."""
    row.modified_at = uow.now
    flag_modified(row, "modified_at")


def status_change(before: Status | None, relationship: AdminRelationship) -> dict[str, dict[str, Any]]:
    """``before`` and ``after`` of a fact about a change of state."""
    return {
        "before": {"status": None if before is None else before.value},
        "after": {"status": relationship.status.value},
    }


def spread_at(uow: UnitOfWork) -> datetime:
    """When a change that is made now has spread."""
    return add(uow.now, uow.world.settings.gdap_propagation)


def wind(uow: UnitOfWork, relationship: AdminRelationship) -> None:
    """Put down what time does next to a relationship, instead of what was put down before."""
    key = f"{PASS_TIME}/{relationship.id}"
    due = next_due(relationship.times, uow.now, uow.world.settings.gdap_propagation)
    if due is None:
        uow.unschedule(key)
        return
    arguments: dict[str, Any] = {"relationship_id": relationship.id}
    if due.action is None:
        arguments["remind"] = due.before.days
    uow.schedule(max(due.at, uow.now), PASS_TIME, arguments, key=key)
