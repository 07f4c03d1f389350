"""Delegated administration in a seeded world: teams, default access, and relationships in every state."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import NamedTuple
from uuid import UUID

from openpartner.identity import queries as directory
from openpartner.identity import service as identity
from openpartner.platform.actor import Actor, ActorKind, TenantKind
from openpartner.platform.directory_roles import DIRECTORY_ROLES, GLOBAL_ADMINISTRATOR
from openpartner.platform.permissions import Role
from openpartner.platform.world import World
from openpartner.relationships import queries, service
from openpartner.relationships.rules.granular_terms import EXTENDS, NEVER, WantedTerms
from openpartner.relationships.rules.requests import RequestAction
from openpartner.seed.accounts import Seeded
from openpartner.seed.history import Buyer, Deed

_ROLE = {role.name: key for key, role in DIRECTORY_ROLES.items()}

ADMIN_AGENTS = "AdminAgents"
HELPDESK, LICENCES, IDENTITY, MESSAGING, SECURITY = (
    "GDAP Helpdesk",
    "GDAP Licence desk",
    "GDAP Identity engineers",
    "GDAP Messaging and collaboration",
    "GDAP Security operations",
)


class Team(NamedTuple):
    """A security group for a task: what it is for, the roles it takes, who of the partner is in it."""

    name: str
    purpose: str
    roles: tuple[str, ...]
    members: tuple[str, ...]


TEAMS = (
    Team(
        HELPDESK,
        "Answers the phone: tickets and passwords of ordinary users",
        ("Helpdesk Administrator", "Service Support Administrator", "Directory Readers"),
        ("henry", "alex", "helga"),
    ),
    Team(
        LICENCES,
        "Gives users licences and takes them back",
        ("License Administrator", "Directory Readers"),
        ("sally", "sven"),
    ),
    Team(
        IDENTITY,
        "Users, groups and sign-in",
        ("User Administrator", "Groups Administrator", "Authentication Administrator"),
        ("alex", "admin"),
    ),
    Team(
        MESSAGING,
        "Mail, files and meetings",
        ("Exchange Administrator", "SharePoint Administrator", "Teams Administrator"),
        ("alex",),
    ),
    Team(
        SECURITY,
        "Watches sign-ins and alerts",
        ("Security Reader", "Security Operator", "Global Reader"),
        ("admin", "henry"),
    ),
)
"""Members are aliases; a partner takes those it has."""


def seed_teams(world: World, seeded: Seeded) -> None:
    """The partner's security groups."""
    with world.begin(seeded.admin) as uow:
        domain = directory.tenant_by_id(uow, seeded.tenant_id).default_domain
        for team in TEAMS:
            members = [directory.user_by_upn(uow, f"{alias}@{domain}") for alias in team.members]
            found = [user for user in members if user is not None]
            if found:
                group = identity.create_group(uow, seeded.tenant_id, team.name, description=team.purpose)
                for user in found:
                    identity.add_group_member(uow, group.id, user.id)


@dataclass(frozen=True)
class Case:
    """A relationship of a customer: asked for so many days ago, answered ``answered`` days later.

    days: its duration. answer: approve, reject, or empty for none. ends: who ended it, so many days ago.
    """

    name: str
    teams: tuple[str, ...]
    asked_ago: int
    days: int
    answer: str = "approve"
    answered: int = 1
    extends: bool = False
    global_administrator: bool = False
    ends: str = ""
    ended_ago: int = 0
    locked: bool = True


CASES = (
    Case("Service desk", (HELPDESK, LICENCES), 140, 169),  # ends in 30 days
    Case("Mail migration", (MESSAGING, IDENTITY), 84, 90),  # in 7
    Case("Tenant review", (SECURITY,), 30, 30),  # tomorrow
    Case("Managed services", (HELPDESK, IDENTITY, MESSAGING), 150, 365, extends=True),
    Case("Emergency access", (IDENTITY,), 60, 180, global_administrator=True),
    Case("Security monitoring", (SECURITY,), 100, 730, extends=True),
    Case("Onboarding", (IDENTITY, LICENCES), 120, 60),  # expired
    Case("Teams rollout", (MESSAGING,), 95, 365, ends="partner", ended_ago=20),
    Case("Helpdesk trial", (HELPDESK,), 70, 365, ends="customer", ended_ago=12),
    Case("Full administration", (IDENTITY,), 40, 365, answer="reject", global_administrator=True),
    Case("Extended support", (HELPDESK, LICENCES), 5, 365, answer=""),  # waits
    Case("Identity clean-up", (IDENTITY,), 82, 180, answer=""),  # waits, nearly lapsed
    Case("Draft for the renewal", (HELPDESK, IDENTITY), 2, 730, answer="", locked=False),
)
"""Dealt to customers in turn, so that each state is there more than once."""

WAITING = Case("Security review", (SECURITY,), 2, 365, answer="")
"""What the customer whose administrator anybody may sign in as finds to decide."""


def delegation_of(
    world: World, buyer: Buyer, reseller: Actor | None, since: datetime, today: datetime
) -> Iterator[Deed]:
    """What a customer's default access and further relationship make to be done, from the day it came."""
    for seller in (buyer.seller, reseller):
        if seller is not None:
            yield Deed(
                since + timedelta(minutes=30),
                lambda seller=seller: assign_default(world, seller, buyer.customer_id),  # type: ignore[misc]
            )
    if buyer.number == 0:
        yield from _Play(world, buyer, WAITING).deeds(since, today)
    if buyer.number % 3 == 1:
        return  # two of three customers have one besides their default relationship
    case = CASES[(buyer.number - (buyer.number + 1) // 3) % len(CASES)]
    yield from _Play(world, buyer, case).deeds(since, today)


def assign_default(world: World, seller: Actor, customer_id: UUID) -> None:
    """Give a partner's admin agents every role of the relationship that came with a customer."""
    with world.begin(seller) as uow:
        agents = directory.group_by_name(uow, seller.tenant, ADMIN_AGENTS)
        for relationship in queries.relationships_with(uow, customer_id):
            if relationship.is_default and relationship.partner_id == seller.tenant_id and agents is not None:
                roles = queries.roles_of(uow, relationship.id)
                service.create_access_assignment(uow, relationship.id, agents.id, roles)


class _Play:
    """One case played out between a partner and its customer."""

    def __init__(self, world: World, buyer: Buyer, case: Case) -> None:
        self._world, self._buyer, self._case = world, buyer, case
        self._id = ""

    def deeds(self, since: datetime, today: datetime) -> Iterator[Deed]:
        """Its steps, never before the customer came."""
        case = self._case
        hours = timedelta(hours=1 + self._buyer.number % 7)
        asked_at = max(today - timedelta(days=case.asked_ago), since + timedelta(days=1)) + hours
        answered_at = min(asked_at + timedelta(days=case.answered), today - timedelta(hours=2))
        yield Deed(asked_at, self._ask)
        if case.answer:
            yield Deed(answered_at, self._approve if case.answer == "approve" else self._reject)
        if case.answer == "approve":
            yield Deed(answered_at + timedelta(hours=1), self._assign)
        if case.ends:
            ended_at = today - timedelta(days=case.ended_ago) + hours
            yield Deed(ended_at, self._take_back if case.ends == "customer" else self._give_up)

    def _ask(self) -> None:
        case, buyer = self._case, self._buyer
        roles = frozenset(_ROLE[name] for team in TEAMS if team.name in case.teams for name in team.roles)
        if case.global_administrator:
            roles |= {GLOBAL_ADMINISTRATOR}
        with self._world.begin(buyer.seller) as uow:
            customer = directory.tenant_by_id(uow, buyer.customer_id)
            wanted = WantedTerms(
                display_name=f"{case.name}, {customer.name}"[:50],
                duration=f"P{case.days}D",
                roles=roles,
                customer_id=customer.id,
                auto_extend_duration=EXTENDS if case.extends else NEVER,
            )
            self._id = service.create_admin_relationship(uow, wanted).id
        if case.locked:
            with self._world.begin(buyer.seller) as uow:
                service.request_transition(uow, self._id, RequestAction.LOCK_FOR_APPROVAL)

    def _assign(self) -> None:
        with self._world.begin(self._buyer.seller) as uow:
            for team in TEAMS:
                group = directory.group_by_name(uow, self._buyer.seller.tenant, team.name)
                if team.name in self._case.teams and group is not None:
                    roles = frozenset(_ROLE[name] for name in team.roles)
                    service.create_access_assignment(uow, self._id, group.id, roles)

    def _approve(self) -> None:
        self._as_customer(service.approve_admin_relationship)

    def _reject(self) -> None:
        why = "Global Administrator stays with our own people. Ask for less."
        self._as_customer(lambda uow, key: service.reject_admin_relationship(uow, key, why))

    def _take_back(self) -> None:
        self._as_customer(service.terminate_admin_relationship)

    def _give_up(self) -> None:
        with self._world.begin(self._buyer.seller) as uow:
            service.request_transition(uow, self._id, RequestAction.TERMINATE)

    def _as_customer(self, do: Callable[..., object]) -> None:
        with self._world.begin.read() as uow:
            admin = directory.holders_of_role(uow, self._buyer.customer_id, GLOBAL_ADMINISTRATOR)[0]
        actor = Actor(
            kind=ActorKind.USER,
            tenant_id=admin.tenant_id,
            tenant_kind=TenantKind.CUSTOMER,
            principal_id=admin.id,
            name=admin.upn,
            roles=frozenset({Role.CUSTOMER_GLOBAL_ADMIN, Role.CUSTOMER_USER}),
            mfa=True,
        )
        with self._world.begin(actor) as uow:
            do(uow, self._id)
