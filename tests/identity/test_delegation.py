"""What delegated administration gives a partner's user at this instant, and the reason when it gives nothing."""

from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

import pytest

from openpartner.identity import queries, service
from openpartner.identity.models import Group, GroupMember, PrincipalKind, Tenant, TenantState, User, UserType
from openpartner.identity.queries import AccessGap
from openpartner.platform.actor import SYSTEM, Actor, ActorKind, TenantKind
from openpartner.platform.directory_access import DirectoryAction, DirectoryRoleNeeded
from openpartner.platform.directory_roles import DIRECTORY_ROLES
from openpartner.platform.permissions import Role
from tests.support.lab import START, Lab

ID = {role.name: role.template_id for role in DIRECTORY_ROLES.values()}
READERS, LICENSES, GLOBAL = ID["Directory Readers"], ID["License Administrator"], ID["Global Administrator"]
DAY = timedelta(days=1)


@dataclass
class Two:
    """A partner whose Ana is in AdminAgents, and a customer."""

    lab: Lab
    partner: UUID
    customer: UUID
    ana: Actor

    @property
    def ana_id(self) -> UUID:
        assert self.ana.principal_id is not None
        return self.ana.principal_id

    def give(self, *names: str, kind: str = "gdap", days: int | None = 30, group: str = "AdminAgents") -> UUID:
        until = None if days is None else self.lab.now + timedelta(days=days)
        return self.lab.give_delegated_access(
            self.partner, self.customer, *names, kind=kind, until_at=until, group=group
        )

    def roles(self) -> frozenset[UUID]:
        with self.lab.read(self.ana) as uow:
            return queries.delegated_roles_in(uow, self.ana_id, self.partner, self.customer)

    def gap(self) -> AccessGap:
        with self.lab.read(self.ana) as uow:
            return queries.access_gap(uow, self.ana_id, self.partner, self.customer)[0]

    def group(self, name: str, *members: UUID) -> UUID:
        with self.lab.begin() as uow:
            group_id = service.create_group(uow, self.partner, name).id
            for member in members:
                service.add_group_member(uow, group_id, member)
            return group_id

    def leave(self, name: str) -> None:
        with self.lab.begin() as uow:
            group = uow.db.query(Group).filter_by(tenant_id=self.partner, display_name=name).one()
            service.remove_group_member(uow, group.id, self.ana_id)


@pytest.fixture
def two(lab: Lab) -> Two:
    partner = lab.partner()
    customer = lab.tenant(TenantKind.CUSTOMER, "Fabrikam")
    return Two(lab, partner.id, customer.id, lab.user(partner, Role.ADMIN_AGENT))


def test_nothing_is_given_without_a_relationship(two: Two) -> None:
    assert (two.roles(), two.gap()) == (frozenset(), AccessGap.NO_RELATIONSHIP)


def test_the_roles_of_all_assignments_add_up(two: Two) -> None:
    two.give("Directory Readers")
    two.give("License Administrator")

    assert two.roles() == {READERS, LICENSES}


@pytest.mark.parametrize(
    ("_case", "gdap", "dap", "roles"),
    [
        ("DAP only", False, True, {GLOBAL}),
        ("DAP and GDAP: GDAP alone counts", True, True, {READERS}),
        ("GDAP only", True, False, {READERS}),
        ("neither", False, False, set()),
    ],
)
def test_gdap_comes_before_dap(two: Two, _case: str, gdap: bool, dap: bool, roles: set[UUID]) -> None:
    if dap:
        two.give("Global Administrator", kind="dap", days=None)
    if gdap:
        two.give("Directory Readers")

    assert two.roles() == roles


def test_gdap_of_a_group_one_is_not_in_leaves_dap_as_it_is(two: Two) -> None:
    two.group("Technicians")
    two.give("Global Administrator", kind="dap", days=None)
    two.give("Directory Readers", group="Technicians")

    assert two.roles() == {GLOBAL}


def test_a_gdap_group_gives_access_without_agent_rights(two: Two) -> None:
    two.leave("AdminAgents")
    two.group("Technicians", two.ana_id)
    two.give("Global Administrator", kind="dap", days=None)
    two.give("Directory Readers", group="Technicians")

    assert two.roles() == {READERS}


def test_access_ends_at_its_instant_though_no_job_has_run(two: Two) -> None:
    two.give("Directory Readers", days=2)

    two.lab.set_clock(START + 2 * DAY - timedelta(microseconds=1))
    assert two.roles() == {READERS}
    two.lab.set_clock(START + 2 * DAY)
    assert (two.roles(), two.gap()) == (frozenset(), AccessGap.ENDED)


def test_after_gdap_has_ended_dap_counts_again(two: Two) -> None:
    two.give("Global Administrator", kind="dap", days=None)
    two.give("Directory Readers", days=2)

    two.lab.set_clock(START + 2 * DAY)
    assert two.roles() == {GLOBAL}


def test_a_closed_source_gives_nothing_more(two: Two) -> None:
    first = two.give("Directory Readers")
    two.give("License Administrator")

    two.lab.take_delegated_access(first)

    assert two.roles() == {LICENSES}


def test_who_leaves_the_group_loses_it(two: Two) -> None:
    two.give("Directory Readers")

    two.leave("AdminAgents")

    assert (two.roles(), two.gap()) == (frozenset(), AccessGap.NO_ASSIGNMENT)


def test_a_nested_group_counts_until_it_is_taken_out(two: Two) -> None:
    inner = two.group("Inner", two.ana_id)
    middle = two.group("Middle", inner)
    two.group("Outer", middle)
    two.give("Directory Readers", group="Outer")
    assert two.roles() == {READERS}

    with two.lab.begin() as uow:
        service.remove_group_member(uow, middle, inner)

    assert two.roles() == frozenset()


@pytest.mark.parametrize("name", ["Outer", "Middle", "Inner"])
def test_a_deleted_group_holds_nobody(two: Two, name: str) -> None:
    ids = {"Inner": two.group("Inner", two.ana_id)}
    ids["Middle"] = two.group("Middle", ids["Inner"])
    ids["Outer"] = two.group("Outer", ids["Middle"])
    two.give("Directory Readers", group="Outer")

    with two.lab.begin() as uow:
        uow.db.get_one(Group, ids[name]).deleted_at = uow.now

    assert two.roles() == frozenset()


def test_groups_that_hold_each_other_end_by_themselves(two: Two) -> None:
    inner = two.group("Inner", two.ana_id)
    outer = two.group("Outer", inner)
    with two.lab.begin() as uow:
        uow.db.add(GroupMember(group_id=inner, member_id=outer, member_kind=PrincipalKind.GROUP, added_at=uow.now))
    two.give("Directory Readers", group="Outer")

    assert two.roles() == {READERS}


@pytest.mark.parametrize("how", ["block", "delete"])
def test_a_blocked_or_deleted_user_has_nothing(two: Two, how: str) -> None:
    two.give("Directory Readers")

    with two.lab.begin() as uow:
        service.block_user(uow, two.ana_id) if how == "block" else service.delete_user(uow, two.ana_id)

    assert two.roles() == frozenset()


@pytest.mark.parametrize("state", [TenantState.BLOCKED, TenantState.DELETED])
@pytest.mark.parametrize("whose", ["partner", "customer"])
def test_a_blocked_tenant_gives_and_gets_nothing(two: Two, whose: str, state: TenantState) -> None:
    two.give("Directory Readers")

    with two.lab.begin() as uow:
        uow.db.get_one(Tenant, getattr(two, whose)).state = state

    assert (two.roles(), two.gap()) == (frozenset(), AccessGap.BLOCKED)


def test_a_guest_account_in_the_customers_tenant_stands_in_the_way(two: Two) -> None:
    two.give("Directory Readers")
    with two.lab.begin() as uow:
        guest = service.create_guest(uow, two.customer, two.ana_id).id
    assert (two.roles(), two.gap()) == (frozenset(), AccessGap.GUEST_ACCOUNT)

    with two.lab.begin() as uow:
        service.delete_user(uow, guest)

    assert two.roles() == {READERS}


def test_a_guest_of_the_partner_gets_nothing(two: Two) -> None:
    two.give("Directory Readers")

    with two.lab.begin() as uow:
        uow.db.get_one(User, two.ana_id).user_type = UserType.GUEST

    assert (two.roles(), two.gap()) == (frozenset(), AccessGap.PARTNER_GUEST)


def test_another_partners_assignment_gives_nothing(two: Two) -> None:
    other = two.lab.partner("Other Partner")
    two.lab.give_delegated_access(other.id, two.customer, "Directory Readers")

    assert (two.roles(), two.gap()) == (frozenset(), AccessGap.NO_RELATIONSHIP)


# Asked by a use case


def test_a_partners_user_is_told_what_is_missing(two: Two) -> None:
    two.give("Directory Readers")

    with two.lab.read(two.ana) as uow:
        queries.require_in_directory(uow, two.customer, DirectoryAction.USERS_READ)
        assert queries.may_in_directory(uow, two.customer, DirectoryAction.USERS_READ)
        assert not queries.may_in_directory(uow, two.customer, DirectoryAction.LICENCES_ASSIGN)
        with pytest.raises(DirectoryRoleNeeded) as caught:
            queries.require_in_directory(uow, two.customer, DirectoryAction.LICENCES_ASSIGN)

    assert caught.value.facts["reason"] == "role"
    assert caught.value.message == (
        "Insufficient privileges to complete the operation. Your roles in the customer's tenant do not include this."
        " 'Assign and remove licences' needs one of these roles in the tenant: License Administrator, User"
        " Administrator, Directory Writers."
    )


def test_a_customers_own_administrator_acts_by_its_own_roles(two: Two) -> None:
    with two.lab.read() as uow:
        customer = uow.db.get_one(Tenant, two.customer)
    admin = two.lab.user(customer, Role.CUSTOMER_USER_ADMIN)

    with two.lab.read(admin) as uow:
        queries.require_in_directory(uow, two.customer, DirectoryAction.USERS_CREATE)
        with pytest.raises(DirectoryRoleNeeded):
            queries.require_in_directory(uow, two.customer, DirectoryAction.ROLES_ASSIGN)


def test_another_customers_administrator_has_nothing_here(two: Two) -> None:
    admin = two.lab.user(two.lab.tenant(TenantKind.CUSTOMER, "Wingtip"), Role.CUSTOMER_GLOBAL_ADMIN)

    with two.lab.read(admin) as uow, pytest.raises(DirectoryRoleNeeded):
        queries.require_in_directory(uow, two.customer, DirectoryAction.USERS_READ)


def test_a_partners_app_profits_from_nothing(two: Two) -> None:
    two.give("Global Administrator")
    with two.lab.begin() as uow:
        application = service.register_application(uow, two.partner, display_name="Tool")
        principal = queries.service_principal(uow, two.partner, application.app_id)
        assert principal is not None
        agents = queries.group_by_name(uow, two.partner, "AdminAgents")
        assert agents is not None
        service.add_group_member(uow, agents.id, principal.id)
        app = Actor(
            kind=ActorKind.APP,
            tenant_id=two.partner,
            tenant_kind=TenantKind.PARTNER,
            principal_id=principal.id,
            app_id=application.app_id,
            roles=frozenset({Role.ADMIN_AGENT}),
        )

    with two.lab.read(app) as uow, pytest.raises(DirectoryRoleNeeded) as caught:
        queries.require_in_directory(uow, two.customer, DirectoryAction.USERS_READ)

    assert "Applications get no delegated access" in caught.value.message


def test_the_system_itself_may(two: Two) -> None:
    with two.lab.read(SYSTEM) as uow:
        queries.require_in_directory(uow, two.customer, DirectoryAction.ROLES_ASSIGN)
