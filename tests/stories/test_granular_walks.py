"""Random walks of partner, customer, operator and time over granular relationships.

Invariants, after every step: no state is reached but by the table of transitions; a partner's user has exactly the
roles that an active, consented relationship, an active assignment and the membership in its group give, and none
without the customer's consent; at the end of each walk the log's chain holds and has a fact for every state there is.
"""

import random
import shutil
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from uuid import UUID

import pytest
from sqlalchemy import delete, select

from openpartner.app import open_world
from openpartner.identity import queries as directory
from openpartner.identity import service as identity
from openpartner.identity.models import GroupMember, Tenant, User
from openpartner.platform import due, events
from openpartner.platform.actor import Actor
from openpartner.platform.due import DueWork
from openpartner.platform.errors import DomainError
from openpartner.platform.work import UnitOfWork
from openpartner.relationships import service
from openpartner.relationships.models.assignments import AccessAssignment, AccessAssignmentRole
from openpartner.relationships.models.granular import (
    AdminRelationship,
    AdminRelationshipRole,
    ServiceProviderConstraint,
)
from openpartner.relationships.queries import roles_of
from openpartner.relationships.rules.assignments import AssignmentStatus
from openpartner.relationships.rules.granular import TRANSITIONS, Status
from openpartner.relationships.rules.granular_terms import WantedTerms
from openpartner.relationships.rules.requests import RequestAction
from tests.support.client import EventLoop
from tests.support.granting import GLOBAL, HELPDESK, READERS, USERS, Grants
from tests.support.lab import Lab
from tests.support.worlds import settings_of

STEPS = 40
ROLES = (GLOBAL, HELPDESK, READERS, USERS)
STATES = {(source, step.target) for (source, _), step in TRANSITIONS.items()}


@dataclass
class Cast:
    """The people of a walk, as they were when the world was made."""

    partner: Tenant
    agent: Actor
    admins: list[tuple[Tenant, Actor]]
    groups: list[UUID]
    workers: list[Actor]


@dataclass
class Stage:
    """One world with its cast; ``put_back`` makes it as it was at first, far quicker than opening another."""

    lab: Lab
    cast: Cast
    file: Path
    kept: Path

    def put_back(self) -> None:
        """Copy the kept pages over the world's, under the database's own locks."""
        with closing(sqlite3.connect(self.kept)) as first, closing(sqlite3.connect(self.file)) as world:
            first.backup(world)


@pytest.fixture(scope="module")
def stage(
    empty_sqlite: Path, event_loop_thread: EventLoop, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Stage]:
    """A world with a partner, two groups and two customers."""
    folder = tmp_path_factory.mktemp("walks")
    shutil.copy(empty_sqlite, folder / "world.sqlite3")
    world = open_world(settings_of(folder))
    grants = Grants(Lab(world, event_loop_thread))
    second = grants.new_customer("Bellows College")
    group, worker = grants.new_group("Second line", "expert")
    people = Cast(
        grants.partner,
        grants.agent,
        [(grants.customer, grants.admin), second],
        [grants.group, group],
        [grants.worker, worker],
    )
    with grants.lab.begin() as uow:  # what every day does for the directory has no part in this, and costs most of it
        uow.db.execute(delete(DueWork).where(DueWork.job.not_like("relationships.%")))
    with closing(sqlite3.connect(folder / "world.sqlite3")) as here, closing(sqlite3.connect(folder / "kept")) as kept:
        here.backup(kept)
    yield Stage(grants.lab, people, folder / "world.sqlite3", folder / "kept")
    world.close()


@dataclass
class Walk:
    """One walk: a world, a source of chance, and what was consented to."""

    lab: Lab
    cast: Cast
    chance: random.Random
    consented: set[str] = field(default_factory=set)
    done: int = 0
    held: int = 0

    def _relationship(self, likely: Status | None = None) -> str:
        """Any relationship; three times in four one in the state in which the action is likely to be taken."""
        statement = select(AdminRelationship.id).order_by(AdminRelationship.id)
        if likely is not None and self.chance.random() < 0.75:
            statement = statement.where(AdminRelationship.status == likely)
        with self.lab.read() as uow:
            keys = list(uow.db.scalars(statement))
        return self.chance.choice(keys) if keys else "none"

    def _assignment(self) -> tuple[str, UUID]:
        with self.lab.read() as uow:
            columns = (AccessAssignment.relationship_id, AccessAssignment.id)
            keys = uow.db.execute(select(*columns).order_by(AccessAssignment.id)).all()
        if not keys:
            return "none", UUID(int=0)
        relationship_id, assignment_id = self.chance.choice(keys)
        return relationship_id, assignment_id

    def _roles(self) -> frozenset[UUID]:
        return frozenset(self.chance.sample(ROLES, self.chance.randint(1, len(ROLES))))

    # What may happen

    def draw_up(self, uow: UnitOfWork) -> None:
        customer = self.chance.choice([None, *(tenant.id for tenant, _ in self.cast.admins)])
        wanted = WantedTerms(
            display_name=f"R{self.chance.randrange(12)}",
            duration=f"P{self.chance.choice([1, 20, 90, 400, 730])}D",
            roles=self._roles(),
            customer_id=customer,
            auto_extend_duration=self.chance.choice(["P180D", "PT0S"]),
        )
        service.create_admin_relationship(uow, wanted)

    def order(self, uow: UnitOfWork) -> None:
        action = self.chance.choice([RequestAction.LOCK_FOR_APPROVAL] * 3 + [RequestAction.TERMINATE])
        service.request_transition(uow, self._relationship(Status.CREATED), action)

    def approve(self, uow: UnitOfWork) -> None:
        key = self._relationship(Status.APPROVAL_PENDING)
        service.approve_admin_relationship(uow, key)
        self.consented.add(key)

    def reject(self, uow: UnitOfWork) -> None:
        service.reject_admin_relationship(uow, self._relationship())

    def end(self, uow: UnitOfWork) -> None:
        service.terminate_admin_relationship(uow, self._relationship())

    def constrain(self, uow: UnitOfWork) -> None:
        allowed = self.chance.choice([frozenset(), self._roles()])
        service.set_service_provider_constraints(uow, self.cast.partner.id, allowed)

    def assign(self, uow: UnitOfWork) -> None:
        key, group = self._relationship(Status.ACTIVE), self.chance.choice(self.cast.groups)
        approved = roles_of(uow, key)
        service.create_access_assignment(uow, key, group, approved or self._roles())

    def reassign(self, uow: UnitOfWork) -> None:
        key, assignment = self._assignment()
        service.update_access_assignment(uow, key, assignment, self._roles())

    def unassign(self, uow: UnitOfWork) -> None:
        service.delete_access_assignment(uow, *self._assignment())

    def extend(self, uow: UnitOfWork) -> None:
        service.set_auto_extend(uow, self._relationship(Status.ACTIVE), on=self.chance.random() < 0.5)

    def drop_global(self, uow: UnitOfWork) -> None:
        service.drop_global_administrator(uow, self._relationship(Status.ACTIVE))

    def delete_draft(self, uow: UnitOfWork) -> None:
        service.delete_admin_relationship(uow, self._relationship())

    def join(self, uow: UnitOfWork) -> None:
        identity.add_group_member(uow, self.chance.choice(self.cast.groups), self._worker())

    def leave(self, uow: UnitOfWork) -> None:
        identity.remove_group_member(uow, self.chance.choice(self.cast.groups), self._worker())

    def block(self, uow: UnitOfWork) -> None:
        change = self.chance.choice([identity.block_user, identity.unblock_user])
        change(uow, self._worker())

    def _worker(self) -> UUID:
        found = self.chance.choice(self.cast.workers).principal_id
        assert found is not None
        return found

    def begin(self) -> None:
        """Some requests that wait and some approved: what a walk goes on from."""
        for deed in (self.draw_up, self.order) * 5:
            self._try(deed, self.cast.agent)
        for _, admin in self.cast.admins * 3:
            self._try(self.approve, admin)
        for _ in range(4):
            self._try(self.assign, self.cast.agent)

    def step(self) -> None:
        """One action of somebody, or time."""
        if self.chance.random() < 0.15:
            self.lab.advance(timedelta(hours=self.chance.choice([1, 1, 24, 24, 24 * 8, 24 * 40, 24 * 200, 24 * 400])))
            return
        by_partner = [
            self.draw_up,
            self.draw_up,
            self.order,
            self.order,
            self.assign,
            self.assign,
            self.reassign,
            self.unassign,
        ]
        by_partner += [self.extend, self.drop_global, self.delete_draft]
        by_customer = [self.approve, self.approve, self.approve, self.reject, self.end, self.constrain]
        by_operator = [self.join, self.leave, self.block]
        side = self.chance.choices([by_partner, by_customer, by_operator], [6, 4, 1])[0]
        customer = self.chance.choice(self.cast.admins)[1]
        actor = self.cast.agent if side is by_partner else customer
        self._try(self.chance.choice(side), None if side is by_operator else actor)

    def _try(self, deed: Callable[[UnitOfWork], None], actor: Actor | None) -> None:
        """A refusal is an answer like another; it must leave nothing."""
        before = self.consented.copy()
        try:
            with self.lab.begin(actor) if actor is not None else self.lab.begin() as uow:
                deed(uow)
        except DomainError:
            self.consented = before
        else:
            self.done += 1
        if self.chance.random() < 0.8:
            due.run_due(self.lab.world, self.lab.now)  # what was ordered spreads, mostly before somebody acts again

    # What must hold

    def check_access(self) -> None:
        """Everybody has exactly what the tables of relationships say, asked of the check that every call makes."""
        with self.lab.read() as uow:
            for worker in self.cast.workers:
                assert worker.principal_id is not None
                for customer, _ in self.cast.admins:
                    found = directory.effective_roles(uow, worker.principal_id, customer.id)
                    given = frozenset[UUID]() if found is None else found.roles
                    self.held += bool(given)
                    assert given == self._expected(uow, worker.principal_id, customer.id)

    def _expected(self, uow: UnitOfWork, user_id: UUID, customer_id: UUID) -> frozenset[UUID]:
        user = uow.db.get_one(User, user_id)
        if not user.account_enabled:
            return frozenset()
        constraint = uow.db.get(ServiceProviderConstraint, (customer_id, self.cast.partner.id))
        mine = set(uow.db.scalars(select(GroupMember.group_id).where(GroupMember.member_id == user_id)))
        held: set[UUID] = set()
        living = uow.db.scalars(
            select(AdminRelationship).where(
                AdminRelationship.customer_id == customer_id, AdminRelationship.status == Status.ACTIVE
            )
        )
        for relationship in living.all():
            assert relationship.id in self.consented
            assert relationship.end_at is not None
            assert relationship.end_at > uow.now
            held |= self._given(uow, relationship, mine)
        return frozenset(held if constraint is None else held & set(constraint.allowed_roles))

    def _given(self, uow: UnitOfWork, relationship: AdminRelationship, groups: set[UUID]) -> set[UUID]:
        role = AdminRelationshipRole
        approved = set(uow.db.scalars(select(role.role_template_id).where(role.relationship_id == relationship.id)))
        active = uow.db.scalars(
            select(AccessAssignment).where(
                AccessAssignment.relationship_id == relationship.id,
                AccessAssignment.status == AssignmentStatus.ACTIVE,
                AccessAssignment.group_id.in_(groups),
            )
        ).all()
        of = AccessAssignmentRole
        return {
            given
            for assignment in active
            for given in uow.db.scalars(select(of.role_template_id).where(of.assignment_id == assignment.id))
        } & approved

    def check_log(self) -> None:
        """The chain holds; every change of state in it is one of the table's; every state is the last one told."""
        with self.lab.read() as uow:
            assert events.verify(uow.db).broken is None
            present = {row.id: row.status.value for row in uow.db.scalars(select(AdminRelationship))}
        last: dict[str, tuple[str | None, str]] = {}
        for body in self.lab.events():
            before, after = body["before"] or {}, body["after"] or {}
            if body["resourceType"] != "granular_admin_relationship" or "status" not in after:
                continue
            source = before.get("status")
            step = (source, after["status"])
            before_it = last.get(body["resourceId"])
            if source is not None and source != after["status"] and before_it != step:  # a refusal is told twice
                assert (Status(source), Status(after["status"])) in STATES, body
                assert before_it is None or before_it[1] == source, body
            last[body["resourceId"]] = step
        for key, status in present.items():
            assert last.get(key, (None, "created"))[1] == status


def walk(stage: Stage, seed: int) -> tuple[int, int]:
    """Walk once; gives how many actions were not refused, and how often somebody was found to have access."""
    stage.put_back()
    found = Walk(stage.lab, stage.cast, random.Random(seed))
    found.begin()
    for _ in range(STEPS):
        found.step()
        found.check_access()
    found.check_log()
    return found.done, found.held


def check(stage: Stage, seeds: range) -> None:
    walks = [walk(stage, seed) for seed in seeds]
    assert sum(done for done, _ in walks) > 6 * len(seeds)
    assert sum(held for _, held in walks) > len(seeds)  # else nothing was proved of access


def test_five_walks(stage: Stage) -> None:
    check(stage, range(5))


@pytest.mark.long
def test_a_thousand_walks(stage: Stage) -> None:
    check(stage, range(1_000, 2_000))
