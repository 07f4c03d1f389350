"""Access assignments and the operations that change them. Source: gdap §4, §6, §8, §16."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any
from uuid import UUID

import msgspec
import pytest

from openpartner.identity import service as identity
from openpartner.identity.models import Group
from openpartner.platform.errors import DomainError, PreconditionFailed
from openpartner.platform.graph.answers import weak_etag
from openpartner.platform.permissions import Role
from openpartner.relationships import queries, service
from openpartner.relationships.queries import AssignmentUnknown
from openpartner.relationships.rules.assignments import (
    AlreadyDeleted,
    AssignmentForbids,
    GroupAssigned,
    GroupUnknown,
    NoSecurityGroup,
    RelationshipNotActive,
    RoleOutside,
)
from openpartner.relationships.rules.granular_terms import RolesMissing
from openpartner.relationships.service.assignments import AssignmentChange, GroupsElsewhere
from tests.support.granting import HELPDESK, LICENSES, READERS, USERS, Grants


def refused(grants: Grants, kind: type[DomainError], act: Callable[[], Any]) -> DomainError:
    """``act`` is refused so, and nothing changed and nothing was said."""

    def attempt() -> DomainError:
        with pytest.raises(kind) as error:
            act()
        return error.value

    answer: DomainError = grants.lab.nothing_changed(attempt)
    return answer


def change(grants: Grants, key: str, assignment: UUID, *roles: UUID, etag: str | None = None) -> AssignmentChange:
    with grants.lab.begin(grants.agent) as uow:
        return service.update_access_assignment(uow, key, assignment, frozenset(roles), etag=etag)


def delete(grants: Grants, key: str, assignment: UUID, etag: str | None = None) -> None:
    with grants.lab.begin(grants.agent) as uow:
        service.delete_access_assignment(uow, key, assignment, etag=etag)


def etag_of(grants: Grants, assignment: UUID) -> str:
    row = grants.assignment(assignment)
    return weak_etag(row.id, row.version)


def listed(grants: Grants, key: str) -> list[tuple[str, str]]:
    with grants.lab.read(grants.agent) as uow:
        relationship = queries.one_relationship(uow, key)
        return [(row.group_name, row.status.value) for row in queries.assignments_of(uow, relationship)]


def test_a_group_gets_roles_and_its_members_with_it(grants: Grants) -> None:
    key = grants.active()
    assignment = grants.assign(key, HELPDESK, READERS)
    row = grants.assignment(assignment)
    assert (row.status, row.group_id, row.customer_id) == ("pending", grants.group, grants.customer.id)
    assert grants.access() == frozenset()
    created = grants.lab.events("AccessAssignmentCreated")[-1]
    assert (created["resourceType"], created["operationType"]) == (
        "granular_admin_access_assignment",
        "granular_admin_access_assignment_created",
    )
    assert created["after"] == {
        "status": "pending",
        "group": "Helpdesk team",
        "roles": [str(each) for each in sorted({HELPDESK, READERS})],
    }
    grants.settle()
    assert (grants.assignment(assignment).status, grants.access()) == ("active", {HELPDESK, READERS})
    # Nested groups count, outsiders do not
    _, nested = grants.new_group("Night shift", "nadia")
    assert grants.access(nested) == frozenset()
    with grants.lab.begin() as uow:
        night = uow.db.query(Group).filter_by(display_name="Night shift").one()
        identity.add_group_member(uow, grants.group, night.id)
    assert grants.access(nested) == {HELPDESK, READERS}
    assert grants.worker.principal_id is not None
    with grants.lab.begin() as uow:
        identity.remove_group_member(uow, grants.group, grants.worker.principal_id)
    assert grants.access() == frozenset()


def test_roles_of_several_relationships_add_up(grants: Grants) -> None:
    first, second = grants.active("First"), grants.active("Second", roles=frozenset({LICENSES}))
    grants.assign(first, HELPDESK)
    grants.assign(second, LICENSES)
    grants.settle()
    assert grants.access() == {HELPDESK, LICENSES}
    grants.terminate(second)
    assert grants.access() == {HELPDESK}


@pytest.mark.parametrize(
    ("roles", "refusal"), [((), RolesMissing), ((LICENSES,), RoleOutside), ((HELPDESK, LICENSES), RoleOutside)]
)
def test_roles_that_a_group_cannot_get(grants: Grants, roles: tuple[UUID, ...], refusal: type[DomainError]) -> None:
    key = grants.active()

    def assign() -> None:
        with grants.lab.begin(grants.agent) as uow:
            service.create_access_assignment(uow, key, grants.group, frozenset(roles))

    answer = refused(grants, refusal, assign)
    assert (answer.status, answer.code) == (400, "badRequest")
    assert listed(grants, key) == []


def test_groups_that_cannot_get_roles(grants: Grants) -> None:
    key = grants.active()
    with grants.lab.begin() as uow:
        theirs = identity.create_group(uow, grants.customer.id, "Theirs").id
        distribution = identity.create_group(uow, grants.partner.id, "Everybody")
        distribution.security_enabled = False
        everybody = distribution.id
    for unknown in (UUID(int=5), theirs):
        answer = refused(grants, GroupUnknown, lambda unknown=unknown: grants.assign(key, group=unknown))  # type: ignore[misc]
        assert (answer.status, answer.code) == (400, "badRequest")
        assert "access container does not exist" in answer.message
    assert refused(grants, NoSecurityGroup, lambda: grants.assign(key, group=everybody)).status == 400
    grants.assign(key)
    answer = refused(grants, GroupAssigned, lambda: grants.assign(key, USERS))
    assert (answer.status, answer.code) == (409, "conflict")
    assert listed(grants, key) == [("Helpdesk team", "pending")]


@pytest.mark.parametrize("state", ["created", "approvalPending", "approved", "terminated"])
def test_groups_are_assigned_only_while_it_is_active(grants: Grants, state: str) -> None:
    key = grants.create()
    if state != "created":
        grants.lock(key)
    if state == "approved":
        grants.approve(key)
    if state == "terminated":
        grants.terminate(key)
        grants.settle()
    assert grants.status(key) == state
    answer = refused(grants, RelationshipNotActive, lambda: grants.assign(key))
    assert (answer.status, answer.code) == (400, "badRequest")


@pytest.mark.parametrize(
    ("role", "may"),
    [
        (Role.ADMIN_AGENT, True),
        (Role.GLOBAL_ADMIN, True),
        (Role.USER_ADMIN, True),
        (Role.SALES_AGENT, False),
        (Role.HELPDESK_AGENT, False),
    ],
)
def test_who_assigns_groups(grants: Grants, role: Role, may: bool) -> None:
    key = grants.active()
    who = grants.lab.user(grants.partner, role)

    def assign() -> UUID:
        with grants.lab.begin(who) as uow:
            return service.create_access_assignment(uow, key, grants.group, frozenset({HELPDESK})).id

    if may:
        assert grants.assignment(assign()).status == "pending"
    else:
        assert refused(grants, DomainError, assign).status == 403


def test_other_roles_come_by_an_operation(grants: Grants) -> None:
    key = grants.active()
    assignment = grants.assign(key, HELPDESK)
    grants.settle()
    etag = etag_of(grants, assignment)

    changed = change(grants, key, assignment, USERS, READERS, etag=etag)
    operation = changed.operation
    assert operation is not None
    assert (operation.operation_type, operation.status) == ("delegatedAdminAccessAssignmentUpdate", "notStarted")
    assert operation.roles == sorted({USERS, READERS})
    assert (etag_of(grants, assignment), grants.access()) == (etag, {HELPDESK})

    grants.settle()
    assert grants.operation(operation.id).status == "succeeded"
    assert grants.access() == {USERS, READERS}
    assert etag_of(grants, assignment) != etag
    fact = grants.lab.events("AccessAssignmentUpdated")[-1]
    assert (fact["operationType"], fact["before"], fact["after"]) == (
        "granular_admin_access_assignment_updated",
        {"roles": [str(HELPDESK)]},
        {"roles": [str(each) for each in sorted({USERS, READERS})]},
    )
    answer = refused(grants, PreconditionFailed, lambda: change(grants, key, assignment, HELPDESK, etag=etag))
    assert (answer.status, answer.code) == (412, "preconditionFailed")


def test_the_same_roles_change_nothing(grants: Grants) -> None:
    key = grants.active()
    assignment = grants.assign(key, HELPDESK, USERS)
    grants.settle()
    same = grants.lab.nothing_changed(lambda: change(grants, key, assignment, USERS, HELPDESK))
    assert same.operation is None
    for roles, refusal in (((), RolesMissing), ((LICENSES,), RoleOutside)):
        refused(grants, refusal, lambda roles=roles: change(grants, key, assignment, *roles))  # type: ignore[misc]


def test_only_an_active_assignment_changes(grants: Grants) -> None:
    key = grants.active()
    assignment = grants.assign(key)
    assert refused(grants, AssignmentForbids, lambda: change(grants, key, assignment, USERS)).status == 400
    refused(grants, AssignmentUnknown, lambda: change(grants, key, UUID(int=3), USERS))
    second = grants.active("Second")
    refused(grants, AssignmentUnknown, lambda: change(grants, second, assignment, USERS))
    grants.settle()
    grants.terminate(key)
    refused(grants, RelationshipNotActive, lambda: change(grants, key, assignment, USERS))


def test_a_removed_assignment_stays_listed_and_the_group_may_come_again(grants: Grants) -> None:
    key = grants.active()
    assignment = grants.assign(key)
    grants.settle()
    refused(grants, PreconditionFailed, lambda: delete(grants, key, assignment, 'W/"stale"'))
    delete(grants, key, assignment, etag_of(grants, assignment))
    assert (grants.assignment(assignment).status, grants.access()) == ("deleting", frozenset())
    refused(grants, GroupAssigned, lambda: grants.assign(key))
    answer = refused(grants, AlreadyDeleted, lambda: delete(grants, key, assignment, 'W/"stale"'))
    assert (answer.status, answer.code) == (409, "conflict")
    grants.settle()
    assert listed(grants, key) == [("Helpdesk team", "deleted")]
    refused(grants, AlreadyDeleted, lambda: delete(grants, key, assignment))
    again = grants.assign(key, USERS)
    assert again != assignment
    grants.settle()
    assert grants.access() == {USERS}
    assert sorted(listed(grants, key)) == [("Helpdesk team", "active"), ("Helpdesk team", "deleted")]
    assert [fact["operationType"] for fact in grants.lab.events("AccessAssignmentDeleted")] == [
        "granular_admin_access_assignment_deleted"
    ]


def test_a_deleted_group_ends_what_it_held(grants: Grants) -> None:
    first, second = grants.active("First"), grants.active("Second")
    one, two = grants.assign(first), grants.assign(second, USERS)
    grants.settle()
    pending = change(grants, first, one, USERS).operation
    assert pending is not None
    with grants.lab.begin(grants.agent) as uow:
        identity.delete_group(uow, grants.group)
    assert grants.access() == frozenset()
    assert [grants.assignment(each).status for each in (one, two)] == ["deleting", "deleting"]
    operation = grants.operation(pending.id)
    assert (operation.status, operation.problem) == ("failed", "The access assignment was removed meanwhile.")
    fact = grants.lab.events("AccessAssignmentDeletionRequested")[-1]
    assert fact["data"]["reason"] == "The security group was deleted."
    grants.settle()
    assert [grants.assignment(each).status for each in (one, two)] == ["deleted", "deleted"]
    assert grants.operation(pending.id).status == "failed"
    refused(grants, GroupUnknown, lambda: grants.assign(first))


@pytest.fixture
def slow(grants: Grants) -> Grants:
    """A world in which a change takes five minutes to spread."""
    world = grants.lab.world
    object.__setattr__(world, "settings", msgspec.structs.replace(world.settings, gdap_propagation="PT5M"))
    return grants


MINUTES = timedelta(minutes=5)


def test_an_operation_runs_before_it_succeeds(slow: Grants) -> None:
    key = slow.active()
    slow.lab.advance(MINUTES)
    assignment = slow.assign(key)
    slow.lab.advance(MINUTES)
    operation = change(slow, key, assignment, USERS).operation
    assert operation is not None
    slow.settle()
    assert (slow.operation(operation.id).status, slow.access()) == ("running", {HELPDESK})
    slow.lab.advance(MINUTES)
    assert (slow.operation(operation.id).status, slow.access()) == ("succeeded", {USERS})


def test_an_operation_fails_when_the_assignment_goes_meanwhile(slow: Grants) -> None:
    key = slow.active()
    slow.lab.advance(MINUTES)
    assignment = slow.assign(key)
    slow.lab.advance(MINUTES)
    operation = change(slow, key, assignment, USERS).operation
    assert operation is not None
    slow.settle()
    delete(slow, key, assignment)
    slow.lab.advance(MINUTES)
    assert slow.operation(operation.id).status == "failed"
    assert slow.lab.events("RelationshipOperationFailed")[-1]["data"]["problem"] == (
        "The access assignment was removed meanwhile."
    )


def test_an_assignment_can_be_removed_before_it_comes_into_force(slow: Grants) -> None:
    key = slow.active()
    slow.lab.advance(MINUTES)
    assignment = slow.assign(key)
    delete(slow, key, assignment)
    slow.lab.advance(MINUTES)
    assert (slow.assignment(assignment).status, slow.access()) == ("deleted", frozenset())
    assert slow.lab.events("DelegatedAccessOpened") == []


def test_a_pending_assignment_ends_with_its_relationship(slow: Grants) -> None:
    key = slow.active()
    slow.lab.advance(MINUTES)
    assignment = slow.assign(key)
    slow.terminate(key)
    slow.lab.advance(MINUTES)
    assert (slow.status(key), slow.assignment(assignment).status) == ("terminated", "deleted")
    assert slow.lab.events("DelegatedAccessOpened") == []


def test_a_providers_relationship_takes_the_resellers_groups_only(grants: Grants) -> None:
    key = grants.active()
    other = grants.lab.user(grants.lab.partner("Fabrikam"), Role.ADMIN_AGENT)
    with grants.lab.begin() as uow:
        row = queries.one_relationship(uow, key)
        row.indirect_provider_id = other.tenant_id

    def assign() -> None:
        with grants.lab.begin(other) as uow:
            service.create_access_assignment(uow, key, grants.group, frozenset({HELPDESK}))

    assert refused(grants, GroupsElsewhere, assign).status == 403
