"""What time does to a granular relationship: it is set up, reminded of, extended, expires, ends, is forgotten."""

from collections.abc import Callable, Mapping
from datetime import timedelta
from types import MappingProxyType
from typing import Any, Final

from openpartner.platform.work import UnitOfWork
from openpartner.relationships.events.granular import (
    AdminRelationshipActivated,
    AdminRelationshipActivating,
    AdminRelationshipExpired,
    AdminRelationshipExpiring,
    AdminRelationshipExtended,
    AdminRelationshipTerminated,
    AdminRelationshipTerminating,
)
from openpartner.relationships.models.granular import AdminRelationship
from openpartner.relationships.rules.granular import EXTENSION, Action, Side, Status
from openpartner.relationships.rules.granular_clock import next_due
from openpartner.relationships.service.granular_access import cut_access, enter_customer_tenant, leave_customer_tenant
from openpartner.relationships.service.granular_ending import (
    finish_assignments,
    remove_assignments,
    remove_relationship,
)
from openpartner.relationships.service.granular_notices import remind, tell_expired, tell_terminated
from openpartner.relationships.service.granular_states import move, scope, status_change, wind

UNANSWERED = "unanswered"
ENDED_LONG_AGO = "ended a year ago"


def pass_time(uow: UnitOfWork, args: dict[str, Any]) -> None:
    """Due work: everything of one relationship that is due at this instant, one step after the other."""
    relationship = uow.db.get(AdminRelationship, args["relationship_id"], with_for_update=True)
    if relationship is None:
        return
    if "remind" in args:
        _remind(uow, relationship, timedelta(days=args["remind"]))
    while True:
        due = next_due(relationship.times, uow.now, uow.world.settings.gdap_propagation)
        if due is None or due.at > uow.now or due.action is None:
            break
        _STEPS[due.action](uow, relationship)
        if due.action in _LAST_STEPS:
            return
    wind(uow, relationship)


def _remind(uow: UnitOfWork, relationship: AdminRelationship, left: timedelta) -> None:
    still_so = relationship.status is Status.ACTIVE and not relationship.extends
    if still_so and relationship.end_at is not None and relationship.end_at - left == uow.now:
        remind(uow, relationship, left)


def _provision(uow: UnitOfWork, relationship: AdminRelationship) -> None:
    before = move(uow, relationship, Action.PROVISION, Side.SYSTEM)
    uow.db.flush()
    uow.emit(AdminRelationshipActivating(**scope(relationship), **status_change(before, relationship)))
    enter_customer_tenant(uow, relationship)


def _activate(uow: UnitOfWork, relationship: AdminRelationship) -> None:
    before = move(uow, relationship, Action.ACTIVATE, Side.SYSTEM)
    relationship.activated_at = uow.now
    relationship.end_at = uow.now + relationship.length.length
    uow.db.flush()
    uow.emit(AdminRelationshipActivated(**scope(relationship), **_ending_change(before, relationship)))


def _ending_change(before: Status | None, relationship: AdminRelationship) -> dict[str, dict[str, Any]]:
    change = status_change(before, relationship)
    change["after"]["endDateTime"] = None if relationship.end_at is None else relationship.end_at.isoformat()
    return change


def _extend(uow: UnitOfWork, relationship: AdminRelationship) -> None:
    end_at = relationship.end_at
    if end_at is None:
        raise ValueError(f"{relationship.id} is active and has no end.")
    move(uow, relationship, Action.EXTEND, Side.SYSTEM)
    relationship.end_at = end_at + EXTENSION
    uow.db.flush()
    uow.emit(
        AdminRelationshipExtended(
            **scope(relationship),
            before={"endDateTime": end_at.isoformat()},
            after={"endDateTime": relationship.end_at.isoformat()},
        )
    )


def _expire(uow: UnitOfWork, relationship: AdminRelationship) -> None:
    before = move(uow, relationship, Action.EXPIRE, Side.SYSTEM)
    uow.db.flush()
    cut_access(uow, relationship)
    uow.emit(AdminRelationshipExpiring(**scope(relationship), **status_change(before, relationship)))
    remove_assignments(uow, relationship)


def _clean_up(uow: UnitOfWork, relationship: AdminRelationship) -> None:
    before = move(uow, relationship, Action.CLEAN_UP, Side.SYSTEM)
    uow.db.flush()
    uow.emit(AdminRelationshipTerminating(**scope(relationship), **status_change(before, relationship)))
    remove_assignments(uow, relationship)


def _finish(uow: UnitOfWork, relationship: AdminRelationship) -> None:
    finish_assignments(uow, relationship)
    before = move(uow, relationship, Action.FINISH, Side.SYSTEM)
    uow.db.flush()
    leave_customer_tenant(uow, relationship)
    change = status_change(before, relationship)
    if relationship.status is Status.EXPIRED:
        uow.emit(AdminRelationshipExpired(**scope(relationship), **change))
        tell_expired(uow, relationship)
    else:
        uow.emit(AdminRelationshipTerminated(**scope(relationship), **change))
        tell_terminated(uow, relationship)


def _lapse(uow: UnitOfWork, relationship: AdminRelationship) -> None:
    move(uow, relationship, Action.LAPSE, Side.SYSTEM)
    remove_relationship(uow, relationship, UNANSWERED)


def _forget(uow: UnitOfWork, relationship: AdminRelationship) -> None:
    move(uow, relationship, Action.FORGET, Side.SYSTEM)
    remove_relationship(uow, relationship, ENDED_LONG_AGO)


_STEPS: Final[Mapping[Action, Callable[[UnitOfWork, AdminRelationship], None]]] = MappingProxyType(
    {
        Action.PROVISION: _provision,
        Action.ACTIVATE: _activate,
        Action.EXTEND: _extend,
        Action.EXPIRE: _expire,
        Action.CLEAN_UP: _clean_up,
        Action.FINISH: _finish,
        Action.LAPSE: _lapse,
        Action.FORGET: _forget,
    }
)
_LAST_STEPS: Final = frozenset({Action.LAPSE, Action.FORGET})
