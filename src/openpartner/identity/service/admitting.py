"""Whose sign-in a page of the provider is about: the account that fits the wish, or the step that is missing."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

from openpartner.identity import protocol, queries, rules
from openpartner.identity.claims import Holder
from openpartner.identity.errors import OAuthError
from openpartner.identity.models import Application, SignInSession, Tenant, User
from openpartner.identity.protocol import Platform
from openpartner.identity.rules import Situation, Step
from openpartner.identity.service import tenancy
from openpartner.identity.service.exchange import Exchange
from openpartner.identity.service.issuing import text_hash
from openpartner.identity.service.signing_in import has_second_factor, home_user
from openpartner.platform.work import UnitOfWork


@dataclass(frozen=True, slots=True, kw_only=True)
class Wish:
    """How a request wants the account proved. account: the session chosen among several."""

    prompt: str = ""
    login_hint: str = ""
    max_age: timedelta | None = None
    forces_mfa: bool = False
    account: UUID | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Admitted:
    """A signed-in account, proved as wished, and who it is in the tenant."""

    session: SignInSession
    user: User
    tenant: Tenant
    holder: Holder


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """One permission of a consent page."""

    resource: str
    value: str
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Show:
    """A page is needed. Its members are what that page names; those it does not need are empty."""

    step: Step
    application: Application | None = None
    redirect_uri: str = ""
    login_hint: str = ""
    sessions: Sequence[tuple[SignInSession, User]] = ()
    session: SignInSession | None = None
    user: User | None = None
    tenant: Tenant | None = None
    asked: Sequence[Asked] = ()
    may_consent_for_all: bool = False
    must_consent_for_all: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Send:
    """The browser goes back to the client. refusal: rendered into ``error`` fields by the route, which has the ids."""

    redirect_uri: str
    mode: str
    fields: Sequence[tuple[str, str]] = ()
    refusal: OAuthError | None = None
    state: str | None = None


def _candidates(uow: UnitOfWork, browser: str | None, wish: Wish) -> list[tuple[SignInSession, User]]:
    if not browser:
        return []
    found = [(s, queries.user_by_id(uow, s.user_id)) for s in queries.live_sessions(uow, text_hash(browser))]
    if wish.account is not None:
        return [pair for pair in found if pair[0].id == wish.account]
    if wish.login_hint:
        hinted = home_user(uow, wish.login_hint)
        return [pair for pair in found if hinted is not None and pair[1].id == hinted.id]
    return found


def admit(
    uow: UnitOfWork, exchange: Exchange, application: Application, wish: Wish, browser: str | None
) -> Admitted | Show:
    """The account that fits the wish, or the page that is needed first.

    Raises OAuthError: no such tenant, application not usable there, or a user who cannot enter it (50020).
    """
    tenancy.check_audience(application, tenancy.named_tenant(uow, exchange.tenant))
    found = _candidates(uow, browser, wish)
    if len(found) != 1:
        step = rules.next_step(Situation(prompt=wish.prompt, accounts=len(found)))
        return Show(step=step, application=application, login_hint=wish.login_hint, sessions=found)
    session, user = found[0]
    tenant = tenancy.tenant_for(uow, exchange.tenant, application, user.tenant_id)
    holder = tenancy.holder_in(uow, user, tenant, application)
    needed = rules.mfa_needed(
        forced=wish.forces_mfa,
        security_defaults=tenant.security_defaults,
        roles=holder.roles,
        delegated=bool(holder.delegation),
    )
    step = rules.next_step(
        Situation(
            prompt="" if wish.prompt in {"consent", "admin_consent"} else wish.prompt,
            accounts=1,
            age=uow.now - session.auth_time,
            max_age=wish.max_age,
            must_change_password=user.force_change,
            mfa_needed=needed,
            mfa_done=rules.MFA in session.amr,
            mfa_registered=has_second_factor(uow, user),
            asked_to_stay=session.asked_to_stay,
        )
    )
    if step is Step.ANSWER:
        return Admitted(session=session, user=user, tenant=tenant, holder=holder)
    return Show(
        step=step,
        application=application,
        login_hint=wish.login_hint or (user.upn if step is Step.SIGN_IN else ""),
        sessions=found,
        session=session,
        user=user,
        tenant=tenant,
    )


def check_client(uow: UnitOfWork, exchange: Exchange, params: Mapping[str, str]) -> tuple[Application, Platform]:
    """The client and its registered redirect address. What is wrong here is told on a page, never by a redirect.

    Raises OAuthError 900144, 700016, 50011.
    """
    application = tenancy.find_client(uow, params.get("client_id", ""), exchange.tenant)
    redirect_uri = params.get("redirect_uri", "")
    if not redirect_uri:
        raise OAuthError(900144, parameter="redirect_uri")
    platform = protocol.match_redirect_uri(redirect_uri, queries.redirect_uris(uow, application.id))
    if platform is None:
        raise OAuthError(50011, redirect_uri=redirect_uri, client_id=application.app_id)
    return application, platform
