"""What a customer's decision would change for a partner's people: found out by doing it and taking it back."""

from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from uuid import UUID

from openpartner.identity.models import User
from openpartner.platform.work import Begin, UnitOfWork
from openpartner.relationships.queries.granular import one_relationship
from openpartner.relationships.queries.tracing import partners_people
from openpartner.relationships.service.granular_consent import set_service_provider_constraints
from openpartner.relationships.service.granular_ending import terminate_admin_relationship


@dataclass(frozen=True)
class PersonChange:
    """One of the partner's people. loses, gains: role template ids; keeps_some: whether any role is left."""

    name: str
    user_name: str
    loses: frozenset[UUID]
    gains: frozenset[UUID]
    keeps_some: bool


class _TakenBack(Exception):
    """Ends the unit without a trace of it."""


def preview_ending(begin: Begin, relationship_id: str) -> list[PersonChange]:
    """Who of the partner would lose which roles if the customer ended the relationship now.

    Raises what ``terminate_admin_relationship`` raises; nothing of it remains.
    """

    def end(uow: UnitOfWork) -> None:
        terminate_admin_relationship(uow, relationship_id)

    with begin.read() as uow:
        partner_id = one_relationship(uow, relationship_id).partner_id
    return _preview(begin, partner_id, end)


def preview_constraints(begin: Begin, partner_id: UUID, allowed: frozenset[UUID]) -> list[PersonChange]:
    """Who of the partner would lose or regain which roles if the customer allowed only these.

    Raises what ``set_service_provider_constraints`` raises; nothing of it remains.
    """
    return _preview(begin, partner_id, lambda uow: set_service_provider_constraints(uow, partner_id, allowed))


def _preview(begin: Begin, partner_id: UUID, change: Callable[[UnitOfWork], None]) -> list[PersonChange]:
    found: list[PersonChange] = []
    with suppress(_TakenBack), begin() as uow:
        before = _roles_of_people(uow, partner_id)
        change(uow)
        uow.db.flush()
        after = _roles_of_people(uow, partner_id)
        found = _differences(before, after)
        raise _TakenBack
    return found


def _roles_of_people(uow: UnitOfWork, partner_id: UUID) -> dict[UUID, tuple[User, frozenset[UUID]]]:
    return {reach.user.id: (reach.user, reach.roles) for reach in partners_people(uow, partner_id)}


def _differences(
    before: dict[UUID, tuple[User, frozenset[UUID]]], after: dict[UUID, tuple[User, frozenset[UUID]]]
) -> list[PersonChange]:
    changes = []
    for key, (user, _) in {**before, **after}.items():
        held = before[key][1] if key in before else frozenset()
        kept = after[key][1] if key in after else frozenset()
        if held != kept:
            changes.append(PersonChange(user.display_name, user.upn, held - kept, kept - held, bool(kept)))
    return sorted(changes, key=lambda change: (change.name.casefold(), change.user_name))
