"""The demo world from its first day to today: who comes when, and what they do."""

from datetime import datetime, timedelta
from uuid import UUID

from openpartner.customers import service as customers
from openpartner.customers.rules import Acceptance, AgreementContact, AgreementType
from openpartner.identity import queries as directory
from openpartner.identity import service as identity
from openpartner.partner import queries as partner
from openpartner.platform import due
from openpartner.platform.actor import Actor
from openpartner.platform.world import World
from openpartner.relationships import service as relationships
from openpartner.relationships.rules.invitations import written
from openpartner.seed import cast
from openpartner.seed.accounts import Register, Seeded, add_app, authenticator, enrol, seed_operator
from openpartner.seed.cast import PASSWORD
from openpartner.seed.customers import SeededCustomer, direct_customers, provider_customers
from openpartner.seed.delegation import delegation_of, seed_teams
from openpartner.seed.history import Buyer, Deed, deeds_of

HISTORY = timedelta(days=365)
FIRST_CUSTOMER = timedelta(days=3)
BETWEEN_CUSTOMERS = timedelta(days=4)


def seed_world(world: World, today: datetime) -> None:
    """Live the year before ``today``, beginning where the clock stands. The clock is left at ``today``."""
    register = Register()
    seed_operator(world, register)
    direct = enrol(world, register, cast.DIRECT)
    provider = enrol(world, register, cast.PROVIDER)
    resellers = [enrol(world, register, company) for company in cast.RESELLERS]
    _become_partners(world, provider, resellers)
    publisher = enrol(world, register, cast.PUBLISHER)
    for seeded in (direct, provider, *resellers):
        seed_teams(world, seeded)
    begins = _now(world)
    wanted = [(direct, each) for each in direct_customers()] + [(provider, each) for each in provider_customers()]
    deeds: list[Deed] = []
    for number, (seller, customer) in enumerate(_alternating(wanted)):
        comes_at = begins + FIRST_CUSTOMER + number * BETWEEN_CUSTOMERS
        _live_until(world, deeds, comes_at)
        reseller = resellers[customer.reseller - 1] if customer.reseller else None
        customer_id = _add_customer(
            world, register, seller.admin, customer, reseller.tenant_id if reseller else None, shown=number < 2
        )
        buyer = Buyer(number, seller.admin, customer_id, customer.new.address.country)
        deeds.extend(deeds_of(world, buyer, comes_at))
        deeds.extend(delegation_of(world, buyer, reseller.admin if reseller else None, comes_at, today))
    _live_until(world, deeds, today - timedelta(days=2))
    enrol(world, register, cast.NEWCOMER, authorize=False)
    _live_until(world, deeds, today)
    for seeded, company in ((direct, cast.DIRECT), (provider, cast.PROVIDER), (publisher, cast.PUBLISHER)):
        add_app(world, register, seeded, f"{company.name} integration")


def _become_partners(world: World, provider: Seeded, resellers: list[Seeded]) -> None:
    """The provider invites its two resellers, and each accepts."""
    letter = written([each.admin.name for each in resellers], "Work with us", "Please accept our partnership.")
    with world.begin(provider.admin) as uow:
        origin = world.settings.base_url or "http://localhost"
        invitations = [each.id for each in relationships.invite_indirect_resellers(uow, letter, origin)]
    for reseller, invitation_id in zip(resellers, invitations, strict=True):
        with world.begin(reseller.admin) as uow:
            relationships.accept_partnership(uow, invitation_id)


def _live_until(world: World, deeds: list[Deed], until: datetime) -> None:
    """Do what the customers do up to an instant, and what falls due between, in order."""
    for deed in sorted((deed for deed in deeds if deed.at <= until), key=lambda deed: deed.at):
        due.advance(world, deed.at)
        deed.do()
        deeds.remove(deed)
    due.advance(world, until)


def _now(world: World) -> datetime:
    with world.begin.read() as uow:
        return uow.now


def _alternating(wanted: list[tuple[Seeded, SeededCustomer]]) -> list[tuple[Seeded, SeededCustomer]]:
    """The two sellers' customers in turn, so that both have a year behind them."""
    half = len(wanted) // 2
    return [wanted[number // 2 + half * (number % 2)] for number in range(2 * half)]


def _add_customer(
    world: World, register: Register, seller: Actor, customer: SeededCustomer, reseller: UUID | None, *, shown: bool
) -> UUID:
    """A customer with its agreement attested. shown: its administrator is among the users one can sign in as."""
    with world.begin(seller) as uow:
        created = customers.create_customer(uow, customer.new, reseller_id=reseller, gdap_by_default=True)
        customer_id = created.customer.tenant_id
        if shown:
            admin = directory.user_by_upn(uow, f"{created.user_name}@{created.customer.domain}")
            if admin is not None:
                identity.reset_password(uow, admin.id, PASSWORD, force_change=False)
                register.user(uow, admin, authenticator(uow, admin.id))
    with world.begin(seller) as uow:
        template = partner.agreement_versions(uow, AgreementType.CUSTOMER)[-1]
        address = customer.new.address
        contact = AgreementContact(address.first_name, address.last_name, customer.new.email, address.phone_number)
        acceptance = Acceptance(AgreementType.CUSTOMER, str(template.id), contact, uow.now)
        customers.confirm_customer_agreement(uow, customer_id, acceptance)
    return customer_id
