"""A partner, a customer and what the one asks of the other: what tests of granular relationships stand on."""

from collections.abc import Iterable
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from openpartner.identity import queries as directory
from openpartner.identity import service as identity
from openpartner.identity.models import Tenant
from openpartner.platform import due
from openpartner.platform.actor import Actor, TenantKind
from openpartner.platform.directory_roles import DIRECTORY_ROLES, GLOBAL_ADMINISTRATOR
from openpartner.platform.permissions import Role
from openpartner.relationships import queries, service
from openpartner.relationships.models.assignments import AccessAssignment
from openpartner.relationships.models.granular import AdminRelationship
from openpartner.relationships.models.operations import RelationshipOperation
from openpartner.relationships.models.requests import RelationshipRequest
from openpartner.relationships.rules.granular_terms import WantedTerms
from openpartner.relationships.rules.requests import RequestAction
from tests.support.lab import Lab

_BY_NAME = {role.name: key for key, role in DIRECTORY_ROLES.items()}


def role(name: str) -> UUID:
    """A role's template id."""
    return _BY_NAME[name]


HELPDESK = role("Helpdesk Administrator")
USERS = role("User Administrator")
LICENSES = role("License Administrator")
READERS = role("Directory Readers")
GLOBAL = GLOBAL_ADMINISTRATOR
ROLES = frozenset({HELPDESK, USERS, READERS})


@dataclass
class Grants:
    """The two sides, and shorthands for what they do. Every shorthand is a unit of work of its own."""

    lab: Lab
    partner: Tenant = field(init=False)
    agent: Actor = field(init=False)
    customer: Tenant = field(init=False)
    admin: Actor = field(init=False)
    group: UUID = field(init=False)
    worker: Actor = field(init=False)

    def __post_init__(self) -> None:
        self.partner = self.lab.partner()
        self.agent = self.lab.user(self.partner, Role.ADMIN_AGENT, name="agent")
        self.customer, self.admin = self.new_customer("Adventure Works")
        self.group, self.worker = self.new_group("Helpdesk team", "worker")

    @classmethod
    def between(cls, lab: Lab, partner: Tenant, agent: Actor, customer: Tenant) -> "Grants":
        """The same between tenants that are there already."""
        sides = object.__new__(cls)
        sides.lab, sides.partner, sides.agent, sides.customer = lab, partner, agent, customer
        sides.admin = lab.user(customer, Role.CUSTOMER_GLOBAL_ADMIN, name="admin")
        sides.group, sides.worker = sides.new_group("Helpdesk team", "worker")
        return sides

    def new_customer(self, name: str) -> tuple[Tenant, Actor]:
        """A customer's tenant and its Global Administrator."""
        tenant = self.lab.tenant(TenantKind.CUSTOMER, name)
        return tenant, self.lab.user(tenant, Role.CUSTOMER_GLOBAL_ADMIN, name="admin")

    def new_group(self, name: str, member: str) -> tuple[UUID, Actor]:
        """A security group of the partner with one member, who has no role of the partner's."""
        worker = self.lab.user(self.partner, name=member)
        with self.lab.begin() as uow:
            group = identity.create_group(uow, self.partner.id, name)
            assert worker.principal_id is not None
            identity.add_group_member(uow, group.id, worker.principal_id)
            return group.id, worker

    # The partner

    def create(self, name: str = "Support for Adventure Works", **terms: Any) -> str:
        """A draft; gives its id."""
        for_reseller = terms.pop("for_reseller", False)
        by = terms.pop("by", self.agent)
        wanted = WantedTerms(
            **{
                "display_name": name,
                "duration": "P730D",
                "roles": ROLES,
                "customer_id": self.customer.id,
                **terms,
            }
        )
        with self.lab.begin(by) as uow:
            return service.create_admin_relationship(uow, wanted, for_reseller=for_reseller).id

    def order(self, relationship_id: str, action: RequestAction, *, by: Actor | None = None) -> RelationshipRequest:
        """A request of the partner's."""
        with self.lab.begin(by or self.agent) as uow:
            return service.request_transition(uow, relationship_id, action)

    def lock(self, relationship_id: str) -> None:
        """Ask the customer."""
        self.order(relationship_id, RequestAction.LOCK_FOR_APPROVAL)

    def terminate(self, relationship_id: str, *, by: Actor | None = None) -> None:
        """The partner ends it."""
        self.order(relationship_id, RequestAction.TERMINATE, by=by)

    def assign(self, relationship_id: str, *roles: UUID, group: UUID | None = None) -> UUID:
        """Give the group roles; gives the assignment's id."""
        with self.lab.begin(self.agent) as uow:
            wanted = frozenset(roles or {HELPDESK})
            return service.create_access_assignment(uow, relationship_id, group or self.group, wanted).id

    # The customer

    def approve(self, relationship_id: str, *, by: Actor | None = None) -> None:
        """The customer consents."""
        with self.lab.begin(by or self.admin) as uow:
            service.approve_admin_relationship(uow, relationship_id)

    # Time

    def settle(self) -> int:
        """Do what is due now. Returns how many pieces were done."""
        return due.run_due(self.lab.world, self.lab.now)

    def active(self, name: str = "Support for Adventure Works", **terms: Any) -> str:
        """A relationship that is active; gives its id."""
        relationship_id = self.create(name, **terms)
        self.lock(relationship_id)
        self.approve(relationship_id)
        self.settle()
        return relationship_id

    def pending(self, name: str = "Support for Adventure Works", **terms: Any) -> str:
        """A relationship that waits for the customer; gives its id."""
        relationship_id = self.create(name, **terms)
        self.lock(relationship_id)
        self.settle()
        return relationship_id

    # What is there

    def row(self, relationship_id: str) -> AdminRelationship | None:
        """A relationship as it stands in the table."""
        with self.lab.read() as uow:
            return uow.db.get(AdminRelationship, relationship_id)

    def status(self, relationship_id: str) -> str:
        """Its state; ``gone`` when there is none."""
        row = self.row(relationship_id)
        return "gone" if row is None else row.status.value

    def assignment(self, assignment_id: UUID) -> AccessAssignment:
        """An assignment as it stands in the table."""
        with self.lab.read() as uow:
            return uow.db.get_one(AccessAssignment, assignment_id)

    def operation(self, operation_id: UUID) -> RelationshipOperation:
        """An operation as it stands in the table."""
        with self.lab.read() as uow:
            return uow.db.get_one(RelationshipOperation, operation_id)

    def requests(self, relationship_id: str) -> list[tuple[str, str, str]]:
        """Action, status and side of every request, the oldest first."""
        with self.lab.read() as uow:
            relationship = queries.one_relationship(uow, relationship_id)
            found = queries.requests_of(uow, relationship)
            return [(each.action.value, each.status.value, each.side.value) for each in found]

    def roles_of(self, relationship_id: str) -> frozenset[UUID]:
        """The relationship's roles."""
        with self.lab.read() as uow:
            return queries.roles_of(uow, relationship_id)

    def access(self, of: Actor | None = None, customer: Tenant | None = None) -> AbstractSet[UUID]:
        """What roles a partner's user has in the customer's tenant at this instant."""
        with self.lab.read() as uow:
            user = (of or self.worker).principal_id
            assert user is not None
            found = directory.effective_roles(uow, user, (customer or self.customer).id)
            return frozenset() if found is None else found.roles

    def subjects(self, recipients: Iterable[Actor] | None = None) -> list[tuple[str, str]]:
        """Recipient and subject of each mail, the oldest first."""
        wanted = None if recipients is None else {actor.name.lower() for actor in recipients}
        mails = sorted(self.lab.mails(), key=lambda mail: (mail.created_at, mail.recipient))
        return [(mail.recipient, mail.subject) for mail in mails if wanted is None or mail.recipient in wanted]
