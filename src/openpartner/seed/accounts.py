"""The operator, the partners and their people, through the use cases by which they would come about."""

from dataclasses import dataclass
from datetime import timedelta
from typing import NamedTuple
from uuid import UUID

import pyotp

from openpartner.catalogue.seed_catalogue import seed_catalogue
from openpartner.identity import service as identity
from openpartner.identity.models import Tenant, User
from openpartner.identity.protocol import Platform, SignInAudience
from openpartner.identity.resources import GDAP_FIRST_PARTY, GRAPH, PARTNER_CENTER
from openpartner.identity.service.applications import Access
from openpartner.identity.service.signing_in import set_authenticator
from openpartner.partner import queries
from openpartner.partner import service as partner
from openpartner.partner.rules import Enrolment, PartnerKind
from openpartner.platform.actor import SYSTEM, Actor, ActorKind, TenantKind
from openpartner.platform.permissions import ROLE_INFO, Role, RoleStore
from openpartner.platform.work import UnitOfWork
from openpartner.platform.world import World
from openpartner.portal.service import ensure_portal_application
from openpartner.sandbox.models import SeededApp, SeededUser
from openpartner.seed import cast
from openpartner.seed.cast import PASSWORD, Company, Person

AGREEMENTS = (
    ("MicrosoftPartnerAgreement", "9.0", "Partner agreement"),
    ("PublisherAgreement", "8.0", "Publisher agreement"),
    ("MicrosoftCustomerAgreement", "2025-11", "Customer agreement"),
)
AGREEMENT_TEXT = (
    "{title}, version {version}.\n\n"
    "1. This text stands in for the agreement of your programme. An operator publishes the real one.\n"
    "2. Accepting it is recorded with who, when and for which region.\n"
)
TWO_YEARS = timedelta(days=730)
APP_ROLES = (
    "Directory.Read.All",
    "User.Read.All",
    "DelegatedAdminRelationship.ReadWrite.All",
    "CrossTenantInformation.ReadBasic.All",
)
APP_SCOPES = (
    "User.Read",
    "Directory.ReadWrite.All",
    "Group.ReadWrite.All",
    "DelegatedAdminRelationship.ReadWrite.All",
    "CrossTenantInformation.ReadBasic.All",
    "Policy.Read.All",
)


class Seeded(NamedTuple):
    """A partner that was seeded, with its administrator as an actor."""

    tenant_id: UUID
    admin: Actor


@dataclass
class Register:
    """Keeps what the sandbox shows, in the order it was made."""

    position: int = 0

    def user(self, uow: UnitOfWork, user: User, secret: str | None, password: str = PASSWORD) -> None:
        """How to sign in as a user."""
        self.position += 1
        uow.db.add(
            SeededUser(
                user_id=user.id,
                position=self.position,
                tenant_id=user.tenant_id,
                upn=user.upn,
                password=password,
                totp_secret=secret,
            )
        )

    def app(self, uow: UnitOfWork, tenant_id: UUID, client_id: UUID, secret: str, name: str) -> None:
        """How to ask tokens as an app."""
        self.position += 1
        uow.db.add(
            SeededApp(client_id=client_id, position=self.position, tenant_id=tenant_id, client_secret=secret, name=name)
        )


def authenticator(uow: UnitOfWork, user_id: UUID) -> str:
    """Give a user an authenticator whose secret is known; gives the secret, base32."""
    secret = uow.ids.pick("ABCDEFGHIJKLMNOPQRSTUVWXYZ234567", 32)
    pyotp.TOTP(secret)  # refuses what is not base32
    set_authenticator(uow, user_id, secret)
    return secret


def seed_operator(world: World, register: Register) -> UUID:
    """The operator's directory, its people, the portal's registration, the agreements and the catalogue."""
    with world.begin(SYSTEM) as uow:
        tenant = identity.create_tenant(
            uow,
            kind=TenantKind.OPERATOR,
            name=cast.OPERATOR_NAME,
            country="US",
            domain=cast.OPERATOR_DOMAIN,
        )
        ensure_portal_application(uow, tenant.id)
        for person in cast.OPERATOR_PEOPLE:
            _add_person(uow, register, tenant, person)
        for agreement_type, version, title in AGREEMENTS:
            text = AGREEMENT_TEXT.format(title=title, version=version)
            partner.publish_agreement_version(uow, partner.NewVersion(agreement_type, version, title, text))
        seed_catalogue(uow)
        return tenant.id


def _add_person(uow: UnitOfWork, register: Register, tenant: Tenant, person: Person) -> None:
    domain = tenant.default_domain
    created = identity.create_user(
        uow,
        tenant.id,
        upn=f"{person.alias}@{domain}",
        display_name=f"{person.first_name} {person.last_name}",
        given_name=person.first_name,
        surname=person.last_name,
        mail=f"{person.alias}@{domain.partition('.')[0]}.example",
        usage_location=tenant.country,
        password=PASSWORD,
        force_change=False,
    )
    for role in person.roles:
        partner.assign_role(uow, created.user.id, role, tenant_id=tenant.id)
    register.user(uow, created.user, authenticator(uow, created.user.id))


def enrol(world: World, register: Register, company: Company, *, authorize: bool = True) -> Seeded:
    """A partner from its enrolment to good standing, with its people; or left waiting for its verification."""
    first, *others = company.people
    with world.begin(SYSTEM) as uow:
        enrolled = partner.enrol_partner(
            uow,
            Enrolment(
                company_name=company.name,
                address=company.address,
                contact_name=f"{first.first_name} {first.last_name}",
                contact_email=f"{first.alias}@{company.domain.partition('.')[0]}.example",
                kind=company.kind,
            ),
            domain=company.domain,
            admin=partner.FirstAdmin(first.first_name, first.last_name, first.alias, PASSWORD),
        )
        tenant_id = enrolled.account.tenant_id
        admin_user = uow.db.get_one(User, enrolled.admin_id)
        register.user(uow, admin_user, authenticator(uow, admin_user.id))
        for role in first.roles:
            if ROLE_INFO[role].store not in {RoleStore.DIRECTORY_ROLE, RoleStore.SECURITY_GROUP}:
                partner.assign_role(uow, admin_user.id, role, tenant_id=tenant_id)
        for person in others:
            _add_person(uow, register, uow.db.get_one(Tenant, tenant_id), person)
        admin = Actor(
            kind=ActorKind.USER,
            tenant_id=tenant_id,
            tenant_kind=TenantKind.PARTNER,
            principal_id=admin_user.id,
            name=admin_user.upn,
            roles=frozenset({Role.GLOBAL_ADMIN, Role.ADMIN_AGENT, Role.DEFAULT_USER}),
            mfa=True,
        )
        if authorize:
            partner.authorize_account(uow, tenant_id)
    if authorize:
        _accept_agreement(world, company.kind, admin)
    return Seeded(tenant_id, admin)


def _accept_agreement(world: World, kind: PartnerKind, admin: Actor) -> None:
    wanted = "PublisherAgreement" if kind is PartnerKind.PUBLISHER else "MicrosoftPartnerAgreement"
    with world.begin(admin) as uow:
        newest = max(queries.agreement_versions(uow, wanted), key=lambda version: version.version_rank)
        partner.accept_partner_agreement(uow, newest.id)


def add_app(world: World, register: Register, seeded: Seeded, name: str) -> None:
    """An app of the partner's own for scripts (app-only and app+user), with consent. Its secret lasts two years."""
    with world.begin(SYSTEM) as uow:
        access = [
            Access(resource=PARTNER_CENTER, scopes=("user_impersonation",)),
            Access(resource=GRAPH, scopes=APP_SCOPES, roles=APP_ROLES),
        ]
        application = identity.register_application(
            uow,
            seeded.tenant_id,
            display_name=name,
            audience=SignInAudience.MULTIPLE_ORGANIZATIONS,
            redirect_uris=[(Platform.WEB, "http://localhost"), (Platform.PUBLIC_CLIENT, "http://localhost")],
            required_access=access,
            allow_public_client=True,
        )
        until = uow.now + TWO_YEARS
        secret = identity.add_application_secret(uow, application, display_name="seed", ends_at=until)
        identity.grant_admin_consent(uow, seeded.tenant_id, application.app_id)
        identity.ensure_service_principal(uow, seeded.tenant_id, GDAP_FIRST_PARTY)
        register.app(uow, seeded.tenant_id, application.app_id, secret.secret, name)
