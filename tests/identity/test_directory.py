"""Use cases of the directory: tenants, users, groups, roles, applications, consent, delegated access."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest

from openpartner.identity import keys, passwords, queries, resources, rules, service
from openpartner.identity.models import Application, ApplicationSecret, SignInSession, Tenant, User, UserType
from openpartner.identity.protocol import Platform, RedirectUriRefused, SignInAudience
from openpartner.identity.service.applications import Access
from openpartner.platform.actor import TenantKind
from openpartner.platform.errors import Conflict, Invalid, NotFound
from openpartner.platform.rsa_keys import seeded_private_key
from openpartner.platform.work import UnitOfWork
from tests.support.lab import START, Lab

PASSWORD = "Correct-Horse-7"


def contoso(uow: UnitOfWork, name: str = "contoso", kind: TenantKind = TenantKind.PARTNER) -> Tenant:
    return service.create_tenant(uow, kind=kind, name=name.title(), country="us", domain=f"{name}.onmicrosoft.com")


def ana(uow: UnitOfWork, tenant: Tenant, local: str = "ana") -> User:
    upn = f"{local}@{tenant.default_domain}"
    return service.create_user(uow, tenant.id, upn=upn, display_name=local.title(), password=PASSWORD).user


def test_a_tenant_begins_with_its_domain_and_the_vendors_applications(lab: Lab) -> None:
    with lab.begin() as uow:
        tenant = contoso(uow)
        found = queries.tenant_by_domain_or_id(uow, "CONTOSO.onmicrosoft.com")
        assert found is tenant
        assert queries.tenant_by_domain_or_id(uow, str(tenant.id)) is tenant
        assert queries.tenant_by_domain_or_id(uow, "nobody.com") is None
        assert service.is_domain_taken(uow, "Contoso.onmicrosoft.com")
        assert {p.app_id for p in queries.service_principals_of(uow, tenant.id)} == {
            resources.GRAPH,
            resources.LEGACY_GRAPH,
            resources.PARTNER_CENTER,
            resources.MARKETPLACE,
            resources.PUBLISHING,
            resources.AZURE_CLI,
            resources.GRAPH_COMMAND_LINE,
            resources.GDAP_BULK_TOOL,
        }
    assert lab.kinds()[-2:] == ["TenantCreated", "DomainAdded"]
    assert lab.events("TenantCreated")[0]["partnerId"] == str(tenant.id)


def test_a_domain_belongs_to_one_tenant_and_counts_once_verified(lab: Lab) -> None:
    with lab.begin() as uow:
        tenant, other = contoso(uow), contoso(uow, "fabrikam")
        service.add_domain(uow, tenant.id, "Contoso.com")
        assert queries.tenant_by_domain_or_id(uow, "contoso.com") is None
        with pytest.raises(rules.DomainTaken):
            service.add_domain(uow, other.id, "contoso.com")
        with pytest.raises(rules.UpnInvalid):
            service.create_user(uow, tenant.id, upn="ana@contoso.com", display_name="Ana")
        with pytest.raises(Conflict):
            service.set_default_domain(uow, tenant.id, "contoso.com")
        service.verify_domain(uow, tenant.id, "contoso.com")
        service.set_default_domain(uow, tenant.id, "contoso.com")
        assert queries.tenant_by_domain_or_id(uow, "contoso.com") is tenant
        assert [(d.name, d.is_default) for d in queries.domains_of(uow, tenant.id)] == [
            ("contoso.com", True),
            ("contoso.onmicrosoft.com", False),
        ]


def test_a_user_is_created_with_a_temporary_password_stored_as_argon2_only(lab: Lab) -> None:
    with lab.begin() as uow:
        tenant = contoso(uow)
        made = service.create_user(uow, tenant.id, upn="Ana@contoso.onmicrosoft.com", display_name="Ana Lima")
        user = made.user
        assert user.password_hash is not None
        assert user.password_hash.startswith("$argon2id$")
        assert passwords.fits(user.password_hash, made.password)
        assert not passwords.fits(user.password_hash, made.password + "x")
        assert (user.force_change, user.user_type, user.home_tenant_id) == (True, UserType.MEMBER, tenant.id)
        assert queries.user_by_upn(uow, "ANA@CONTOSO.onmicrosoft.com") is user
        with pytest.raises(rules.UpnTaken):
            service.create_user(uow, tenant.id, upn="ana@contoso.onmicrosoft.com", display_name="Twin")
    event = lab.events("UserCreated")[0]
    assert event["after"] == {"displayName": "Ana Lima", "userPrincipalName": "Ana@contoso.onmicrosoft.com"}
    assert made.password not in str(lab.events())


def test_an_update_tells_only_what_changed(lab: Lab) -> None:
    with lab.begin() as uow:
        user = ana(uow, contoso(uow))
        service.update_user(uow, user.id, display_name="Ana Lima", usage_location="de")
        service.update_user(uow, user.id, display_name="Ana Lima")
        with pytest.raises(Invalid):
            service.update_user(uow, user.id, password_hash="x")
    (event,) = lab.events("UserUpdated")
    assert event["before"] == {"displayName": "Ana", "usageLocation": ""}
    assert event["after"] == {"displayName": "Ana Lima", "usageLocation": "DE"}


def test_a_deleted_user_frees_the_name_and_can_come_back_for_30_days(lab: Lab) -> None:
    with lab.begin() as uow:
        tenant = contoso(uow)
        user = ana(uow, tenant)
        service.delete_user(uow, user.id)
        assert queries.user_by_upn(uow, user.upn) is None
        assert [u.id for u in queries.users_of(uow, tenant.id, deleted=True)] == [user.id]
        twin = ana(uow, tenant)
        with pytest.raises(rules.UpnTaken):
            service.restore_user(uow, user.id)
        service.delete_user(uow, twin.id)
        assert service.restore_user(uow, user.id).upn_key == "ana@contoso.onmicrosoft.com"
    lab.set_clock(START + timedelta(days=30, seconds=1))
    with lab.begin() as uow, pytest.raises(NotFound):
        service.restore_user(uow, twin.id)


TAKING: list[tuple[str, Callable[[UnitOfWork, UUID, UUID, UUID], Any]]] = [
    ("delete", lambda uow, _tenant, _group, user: service.delete_user(uow, user)),
    ("block", lambda uow, _tenant, _group, user: service.block_user(uow, user)),
    (
        "remove role",
        lambda uow, tenant, group, _user: service.remove_directory_role(
            uow, tenant, resources.GLOBAL_ADMINISTRATOR, group
        ),
    ),
    ("leave group", lambda uow, _tenant, group, user: service.remove_group_member(uow, group, user)),
]


@pytest.mark.parametrize(("_case", "take"), TAKING)
def test_the_last_global_administrator_stays(
    lab: Lab, _case: str, take: Callable[[UnitOfWork, UUID, UUID, UUID], Any]
) -> None:
    with lab.begin() as uow:
        tenant = contoso(uow)
        user = ana(uow, tenant)
        admins = service.create_group(uow, tenant.id, "Admins", is_assignable_to_role=True)
        service.add_group_member(uow, admins.id, user.id)
        service.assign_directory_role(uow, tenant.id, resources.GLOBAL_ADMINISTRATOR, admins.id)
        ids = (tenant.id, admins.id, user.id)
    before = lab.events()
    with pytest.raises(rules.LastGlobalAdministrator), lab.begin() as uow:
        take(uow, *ids)
    assert lab.events() == before
    with lab.begin() as uow:
        second = ana(uow, queries.tenant_by_id(uow, ids[0]), "bea")
        service.assign_directory_role(uow, ids[0], resources.GLOBAL_ADMINISTRATOR, second.id)
        take(uow, *ids)


def test_groups_nest_and_never_contain_themselves(lab: Lab) -> None:
    with lab.begin() as uow:
        tenant = contoso(uow)
        user = ana(uow, tenant)
        agents, team, inner = (service.create_group(uow, tenant.id, n) for n in ("AdminAgents", "Team", "Inner"))
        service.add_group_member(uow, agents.id, team.id)
        service.add_group_member(uow, team.id, inner.id)
        service.add_group_member(uow, inner.id, user.id)
        service.add_group_member(uow, inner.id, user.id)
        assert [g.display_name for g in queries.groups_of(uow, user.id)] == ["AdminAgents", "Inner", "Team"]
        assert [m.member_id for m in queries.members_of_group(uow, agents.id)] == [team.id]
        assert [u.id for u in queries.users_in_group(uow, agents.id)] == [user.id]
        for above, below in ((inner, agents), (team, team)):
            with pytest.raises(rules.MembershipLoop):
                service.add_group_member(uow, above.id, below.id)
        stranger = ana(uow, contoso(uow, "fabrikam"))
        with pytest.raises(NotFound):
            service.add_group_member(uow, team.id, stranger.id)
    assert len(lab.events("GroupMemberAdded")) == 3


def test_a_deleted_group_takes_along_what_was_held_through_it(lab: Lab) -> None:
    with lab.begin() as uow:
        tenant = contoso(uow)
        service.assign_directory_role(uow, tenant.id, resources.GLOBAL_ADMINISTRATOR, ana(uow, tenant).id)
        outer, inner = (service.create_group(uow, tenant.id, name) for name in ("Outer", "Inner"))
        henry = ana(uow, tenant, "henry")
        service.add_group_member(uow, outer.id, inner.id)
        service.add_group_member(uow, inner.id, henry.id)
        service.assign_directory_role(uow, tenant.id, resources.USER_ADMINISTRATOR, outer.id)

        service.delete_group(uow, inner.id)

        assert list(queries.groups_of(uow, henry.id)) == []
        assert queries.directory_roles_of(uow, henry.id) == frozenset()
        assert list(queries.members_of_group(uow, outer.id)) == []
        with pytest.raises(NotFound):
            queries.group_by_id(uow, inner.id)
        with pytest.raises(NotFound):
            service.delete_group(uow, inner.id)
        key, tenant_id = inner.id, tenant.id
    fact = lab.events("GroupDeleted")[-1]
    assert (fact["resourceId"], fact["partnerId"], fact["operationType"], fact["before"]) == (
        str(key),
        str(tenant_id),
        "delete_group",
        {"displayName": "Inner"},
    )


def test_a_partners_agent_groups_cannot_be_deleted(lab: Lab) -> None:
    with lab.begin() as uow:
        partner, customer = contoso(uow), contoso(uow, "fabrikam", TenantKind.CUSTOMER)
        theirs = service.create_group(uow, customer.id, "AdminAgents")
        protected = service.create_group(uow, partner.id, "AdminAgents")
        with pytest.raises(rules.GroupProtected):
            service.delete_group(uow, protected.id)
        service.delete_group(uow, theirs.id)
        assert queries.group_by_id(uow, protected.id) is protected


def test_the_last_global_administrator_cannot_go_with_a_group(lab: Lab) -> None:
    with lab.begin() as uow:
        tenant = contoso(uow)
        group = service.create_group(uow, tenant.id, "Administrators")
        service.add_group_member(uow, group.id, ana(uow, tenant).id)
        service.assign_directory_role(uow, tenant.id, resources.GLOBAL_ADMINISTRATOR, group.id)
    with pytest.raises(rules.LastGlobalAdministrator), lab.begin() as uow:
        service.delete_group(uow, group.id)
    with lab.read() as uow:
        assert queries.group_by_id(uow, group.id).deleted_at is None


def test_an_application_can_be_taken_out_of_a_tenant(lab: Lab) -> None:
    with lab.begin() as uow:
        tenant = contoso(uow)
        service.ensure_service_principal(uow, tenant.id, resources.GDAP_OFFLINE_PROCESSOR)
        service.remove_service_principal(uow, tenant.id, resources.GDAP_OFFLINE_PROCESSOR)
        assert queries.service_principal(uow, tenant.id, resources.GDAP_OFFLINE_PROCESSOR) is None
        service.remove_service_principal(uow, tenant.id, resources.GDAP_OFFLINE_PROCESSOR)
    assert len(lab.events("ServicePrincipalRemoved")) == 1


def test_a_role_held_through_groups_counts(lab: Lab) -> None:
    with lab.begin() as uow:
        tenant = contoso(uow)
        user = ana(uow, tenant)
        outer, inner = (service.create_group(uow, tenant.id, name) for name in ("Outer", "Inner"))
        service.add_group_member(uow, outer.id, inner.id)
        service.add_group_member(uow, inner.id, user.id)
        service.assign_directory_role(uow, tenant.id, resources.USER_ADMINISTRATOR, outer.id)
        service.assign_directory_role(uow, tenant.id, resources.BILLING_ADMINISTRATOR, user.id)
        service.assign_directory_role(uow, tenant.id, resources.BILLING_ADMINISTRATOR, user.id)
        assert queries.directory_roles_of(uow, user.id) == {
            resources.USER_ADMINISTRATOR,
            resources.BILLING_ADMINISTRATOR,
        }
        service.remove_group_member(uow, outer.id, inner.id)
        assert queries.directory_roles_of(uow, user.id, tenant.id) == {resources.BILLING_ADMINISTRATOR}


def session_of(uow: UnitOfWork, user: User) -> SignInSession:
    session = SignInSession(
        id=uow.ids.uuid(),
        browser_hash="b",
        user_id=user.id,
        amr=["pwd"],
        auth_time=uow.now,
        ip_address="10.0.0.1",
        user_agent="test",
        created_at=uow.now,
        seen_at=uow.now,
        expires_at=uow.now + timedelta(hours=24),
    )
    uow.db.add(session)
    uow.db.flush()
    return session


def test_sessions_are_listed_ended_and_revoked(lab: Lab) -> None:
    with lab.begin() as uow:
        user = ana(uow, contoso(uow))
        first, second, third = (session_of(uow, user) for _ in range(3))
        service.end_session(uow, user.id, first.id)
        assert {s.id for s in service.list_sessions(uow, user.id)} == {second.id, third.id}
        with pytest.raises(NotFound):
            service.end_session(uow, user.id, first.id)
        stranger = ana(uow, contoso(uow, "fabrikam"))
        with pytest.raises(NotFound):
            service.end_session(uow, stranger.id, second.id)
        service.revoke_sessions(uow, user.id)
        assert service.list_sessions(uow, user.id) == []
    assert lab.kinds()[-3:] == ["DomainAdded", "UserCreated", "SessionsRevoked"]


def test_a_password_reset_gives_a_temporary_one_and_ends_sessions(lab: Lab) -> None:
    with lab.begin() as uow:
        user = ana(uow, contoso(uow))
        session_of(uow, user)
        password = service.reset_password(uow, user.id)
        assert passwords.fits(user.password_hash, password)
        assert user.force_change is True
        assert service.list_sessions(uow, user.id) == []
        with pytest.raises(rules.PasswordRefused):
            service.change_own_password(uow, user.id, "wrong", "Another-Horse-8")
        with pytest.raises(rules.PasswordRefused):
            service.change_own_password(uow, user.id, password, password)
        service.change_own_password(uow, user.id, password, "Another-Horse-8")
        assert (user.force_change, user.failed_attempts) == (False, 0)
        assert passwords.fits(user.password_hash, "Another-Horse-8")


def test_a_secret_is_shown_once_and_stored_as_a_hash(lab: Lab) -> None:
    with lab.begin() as uow:
        tenant = contoso(uow)
        app = service.register_application(uow, tenant.id, display_name="Sync")
        made = service.add_application_secret(uow, app, display_name="first")
        row = uow.db.get_one(ApplicationSecret, made.key_id)
        assert (made.hint, row.hint) == (made.secret[:3], made.secret[:3])
        assert len(row.secret_hash) == 64
        assert made.secret not in row.secret_hash
        assert made.ends_at == START + timedelta(days=180)
        for days in (0, 732):
            with pytest.raises(Invalid):
                service.add_application_secret(uow, app, ends_at=START + timedelta(days=days))
        service.remove_application_credential(uow, app, made.key_id)
        assert queries.secrets_of(uow, app.id) == []
    assert made.secret not in str(lab.events())


def test_a_certificate_is_added_once(lab: Lab) -> None:
    pem = keys.self_signed(seeded_private_key("client"), "app", START)
    with lab.begin() as uow:
        app = service.register_application(uow, contoso(uow).id, display_name="Sync")
        row = service.add_application_certificate(uow, app, pem)
        assert (row.x5t, row.x5t_s256) == (keys.thumbprint(pem), keys.thumbprint_s256(pem))
        with pytest.raises(Conflict):
            service.add_application_certificate(uow, app, pem)


def test_a_registration_refuses_bad_addresses_and_taken_uris(lab: Lab) -> None:
    with lab.begin() as uow:
        tenant = contoso(uow)
        with pytest.raises(RedirectUriRefused):
            service.register_application(
                uow, tenant.id, display_name="X", redirect_uris=[(Platform.WEB, "http://evil.com")]
            )
        first = service.register_application(uow, tenant.id, display_name="A", identifier_uris=["api://a"])
        assert queries.resource_named(uow, "API://a/") is first
        with pytest.raises(Conflict):
            service.register_application(uow, tenant.id, display_name="B", identifier_uris=["api://A"])
        with pytest.raises(Invalid):
            service.register_application(
                uow,
                tenant.id,
                display_name="C",
                required_access=[Access(resource=resources.GRAPH, scopes=["No.Such"])],
            )


def consenting(uow: UnitOfWork, audience: SignInAudience) -> tuple[Application, Tenant]:
    app = service.register_application(
        uow,
        contoso(uow).id,
        display_name="Sync",
        audience=audience,
        required_access=[
            Access(resource=resources.GRAPH, scopes=["User.Read"], roles=["User.Read.All"]),
            Access(resource=resources.PARTNER_CENTER, scopes=["user_impersonation"]),
        ],
    )
    return app, contoso(uow, "fabrikam", TenantKind.CUSTOMER)


def test_admin_consent_makes_the_principal_the_grants_and_the_roles(lab: Lab) -> None:
    with lab.begin() as uow:
        app, customer = consenting(uow, SignInAudience.MULTIPLE_ORGANIZATIONS)
        for _ in range(2):
            principal = service.grant_admin_consent(uow, customer.id, app.app_id)
        graph = queries.service_principal(uow, customer.id, resources.GRAPH)
        center = queries.service_principal(uow, customer.id, resources.PARTNER_CENTER)
        assert graph is not None
        assert center is not None
        assert queries.granted_scopes(uow, principal.id, graph.id, None) == {"User.Read"}
        assert queries.granted_scopes(uow, principal.id, center.id, None) == {"user_impersonation"}
        resource = queries.application_by_app_id(uow, resources.GRAPH)
        assert resource is not None
        granted = queries.app_roles_of(uow, [principal.id], graph.id)
        assert queries.role_values(resource, granted) == ("User.Read.All",)
        assert len(queries.grants_of(uow, principal.id)) == 2
        service.revoke_consent(uow, customer.id, app.app_id)
        assert queries.granted_scopes(uow, principal.id, graph.id, None) == frozenset()
        assert queries.app_roles_of(uow, [principal.id], graph.id) == frozenset()


def test_a_single_tenant_application_cannot_be_consented_elsewhere(lab: Lab) -> None:
    with lab.begin() as uow:
        app, customer = consenting(uow, SignInAudience.MY_ORGANIZATION)
        with pytest.raises(Conflict):
            service.grant_admin_consent(uow, customer.id, app.app_id)
        assert queries.service_principal(uow, customer.id, app.app_id) is None


def test_a_user_may_not_consent_to_an_administrators_permission(lab: Lab) -> None:
    with lab.begin() as uow:
        app, customer = consenting(uow, SignInAudience.MULTIPLE_ORGANIZATIONS)
        user = ana(uow, customer)
        with pytest.raises(Invalid):
            service.grant_user_consent(
                uow, customer.id, app.app_id, user.id, resource_app_id=resources.GRAPH, scopes=["Directory.Read.All"]
            )
        service.grant_user_consent(
            uow, customer.id, app.app_id, user.id, resource_app_id=resources.GRAPH, scopes=["user.read"]
        )
        principal = queries.service_principal(uow, customer.id, app.app_id)
        graph = queries.service_principal(uow, customer.id, resources.GRAPH)
        assert principal is not None
        assert graph is not None
        assert queries.granted_scopes(uow, principal.id, graph.id, user.id) == {"User.Read"}
        assert queries.granted_scopes(uow, principal.id, graph.id, None) == frozenset()


def test_delegated_access_lasts_until_its_instant_and_gdap_outranks_dap(lab: Lab) -> None:
    until = START + timedelta(days=2)
    gdap, dap = UUID(int=51), UUID(int=52)
    with lab.begin() as uow:
        partner, customer = contoso(uow), contoso(uow, "fabrikam", TenantKind.CUSTOMER)
        user = ana(uow, partner)
        agents, nested = (service.create_group(uow, partner.id, n) for n in ("AdminAgents", "Nested"))
        service.add_group_member(uow, agents.id, nested.id)
        service.add_group_member(uow, nested.id, user.id)
        assert queries.effective_roles(uow, user.id, customer.id) is None
        service.open_delegated_access(
            uow,
            source_id=dap,
            kind="dap",
            customer_tenant_id=customer.id,
            group_id=agents.id,
            roles=[resources.GLOBAL_ADMINISTRATOR],
            until_at=None,
        )
        service.open_delegated_access(
            uow,
            source_id=gdap,
            kind="gdap",
            customer_tenant_id=customer.id,
            group_id=agents.id,
            roles=[resources.USER_ADMINISTRATOR, resources.BILLING_ADMINISTRATOR],
            until_at=until,
        )
        ids = (user.id, customer.id)
    for at, kind in ((until - timedelta(microseconds=1), "gdap"), (until, "dap")):
        lab.set_clock(at)
        with lab.read() as uow:
            access = queries.effective_roles(uow, *ids)
            assert access is not None
            assert access.kind == kind
    with lab.begin() as uow:
        service.close_delegated_access(uow, dap)
        assert queries.effective_roles(uow, *ids) is None
    assert [lab.kinds().count(kind) for kind in ("DelegatedAccessOpened", "DelegatedAccessClosed")] == [2, 1]


def test_a_guest_is_made_once_and_has_no_password(lab: Lab) -> None:
    with lab.begin() as uow:
        home = ana(uow, contoso(uow))
        other = contoso(uow, "fabrikam")
        guest = service.create_guest(uow, other.id, home.id)
        assert service.create_guest(uow, other.id, home.id) is guest
        assert guest.upn == "ana_contoso.onmicrosoft.com#EXT#@fabrikam.onmicrosoft.com"
        assert (guest.user_type, guest.password_hash, guest.home_user_id) == (UserType.GUEST, None, home.id)
        with pytest.raises(NotFound):
            service.reset_password(uow, guest.id)
        with pytest.raises(Conflict):
            service.create_guest(uow, home.tenant_id, home.id)


def test_two_keys_are_published_and_rotate_with_overlap(lab: Lab) -> None:
    with lab.begin() as uow:
        service.open_identity(uow)
        begins = queries.signing_key(uow.db, uow.now).active_from
    lab.set_clock(begins)
    with lab.begin() as uow:
        service.open_identity(uow)
        first = queries.signing_key(uow.db, uow.now).kid
        published = list(queries.published_keys(uow.db, uow.now))
        assert (len(published), published[0]) == (2, first)
    lab.advance(rules.KEY_ACTIVE)
    with lab.read() as uow:
        assert queries.signing_key(uow.db, uow.now).kid == published[1]
        assert list(queries.published_keys(uow.db, uow.now))[:2] == published
        assert len(queries.published_keys(uow.db, uow.now)) == 3
    lab.advance(rules.KEY_OVERLAP)
    with lab.read() as uow:
        assert first not in queries.published_keys(uow.db, uow.now)
        assert len(queries.published_keys(uow.db, uow.now)) == 2
    assert lab.events("SigningKeyCreated")[-1]["after"] == {"activeFrom": "2026-04-09T09:00:00+00:00"}
