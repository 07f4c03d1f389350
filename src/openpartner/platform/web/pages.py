"""Pages: what the frame around a page needs to know, and ``Templates``, which renders one."""

from collections.abc import Iterable, Mapping, Sequence
from contextvars import ContextVar
from dataclasses import dataclass
from datetime import UTC, date, datetime
from decimal import Decimal
from http import HTTPStatus
from pathlib import Path
from typing import Any, Literal
from urllib.parse import quote

import msgspec
from jinja2 import ChoiceLoader, Environment, FileSystemLoader, PrefixLoader, StrictUndefined
from markupsafe import Markup, escape

from openpartner.platform import countries
from openpartner.platform.actor import RoleNeeded
from openpartner.platform.errors import DomainError
from openpartner.platform.money import Money
from openpartner.platform.permissions import ROLE_INFO
from openpartner.platform.web import formats
from openpartner.platform.web.assets import ASSETS
from openpartner.platform.web.forms import CSRF_FIELD, Form
from openpartner.platform.web.tables import Action, Badge, Choice, Confirm, Empty, Link, Noted

PACKAGE = Path(__file__).parents[2]

PERMISSIONS_POLICY = "camera=(), geolocation=(), microphone=(), payment=(), usb=()"


def content_security_policy(form_targets: Iterable[str] = ()) -> str:
    """The policy of every page: nothing inline, nothing from elsewhere.

    form_targets: origins a form may lead to through a redirect (a consent page ends at the app's address).
    """
    forms = " ".join(["'self'", *form_targets])
    return (
        "default-src 'self'; script-src 'self'; style-src 'self'; img-src 'self' data:; object-src 'none'; "
        f"base-uri 'none'; frame-ancestors 'none'; form-action {forms}"
    )


def security_headers(form_targets: Iterable[str] = ()) -> dict[str, str]:
    """The headers every page is sent with."""
    return {
        "Content-Security-Policy": content_security_policy(form_targets),
        "X-Content-Type-Options": "nosniff",
        "Referrer-Policy": "same-origin",
        "Cross-Origin-Opener-Policy": "same-origin",
        "Permissions-Policy": PERMISSIONS_POLICY,
        "Cache-Control": "no-store",
    }


class NavItem(msgspec.Struct, frozen=True, kw_only=True):
    """One entry of the left navigation. Give only what exists and the actor may use."""

    key: str
    title: str
    href: str
    icon: str = ""
    current: bool = False
    count: int = 0
    children: tuple["NavItem", ...] = ()

    @property
    def holds_current(self) -> bool:
        """Whether this or something under it is the page shown."""
        return self.current or any(child.holds_current for child in self.children)


class TenantChoice(msgspec.Struct, frozen=True, kw_only=True):
    """A tenant the person may switch to."""

    key: str
    name: str
    detail: str = ""
    current: bool = False


class Account(msgspec.Struct, frozen=True, kw_only=True):
    """Who is signed in. Switching and signing out post to the two addresses (``tenant`` holds the key)."""

    name: str
    email: str = ""
    tenant_name: str = ""
    tenants: tuple[TenantChoice, ...] = ()
    profile_href: str = "/account/profile"
    switch_action: str = "/account/tenant"
    sign_out_action: str = "/sign-out"


class Message(msgspec.Struct, frozen=True, kw_only=True):
    """A message bar."""

    text: str
    tone: Literal["info", "success", "warning", "error"] = "info"
    title: str = ""
    action: Action | None = None
    dismissible: bool = True


class Crumb(msgspec.Struct, frozen=True):
    """A step of the way to this page; the last one is the page itself and has no address."""

    title: str
    href: str = ""


class Sandbox(msgspec.Struct, frozen=True, kw_only=True):
    """The ribbon of a world whose clock can be moved."""

    clock: datetime
    ticking: bool = False
    controls_href: str = "/_sandbox"
    advance_action: str = ""


class Shell(msgspec.Struct, frozen=True, kw_only=True):
    """What the frame around a page shows. Made once a request by the portal.

    now: of the unit of work, aware. theme: ``light``, ``dark`` or ``system`` (the cookie of that name).
    trail: the way here by the navigation, for pages that give no ``crumbs``.
    account: None on pages for who is not signed in. path: of this request, for coming back.
    """

    now: datetime
    path: str = "/"
    product: str = "OpenPartner"
    locale: str = formats.DEFAULT_LOCALE
    time_zone: str = "UTC"
    theme: str = "system"
    csrf_token: str = ""
    nav: tuple[NavItem, ...] = ()
    trail: tuple[Crumb, ...] = ()
    account: Account | None = None
    messages: tuple[Message, ...] = ()
    notifications: int = 0
    sandbox: Sandbox | None = None
    home_href: str = "/"
    search_href: str = "/search"
    notifications_href: str = "/home/notifications"
    settings_href: str = "/account"
    help_href: str = "/support"
    version: str = ""
    footer_links: tuple[Crumb, ...] = ()


@dataclass(frozen=True)
class Problem:
    """What an error page says: what happened, in the person's words, and what to do next."""

    status: int
    title: str
    text: str
    reference: str = ""
    action: Action | None = None


@dataclass(frozen=True)
class PermissionNeeded:
    """Why a page stays closed, or an action is refused.

    page: its title; empty for an action. roles: those that allow it. grantors: who can give one (name, mail address).
    ask_action: takes the request, for one of the roles in ``askable`` where there are some.
    asked_at, asked_for: the request that is still open, and the role it asks for.
    """

    page: str
    roles: Sequence[str]
    grantors: Sequence[tuple[str, str]] = ()
    ask_action: str = ""
    askable: Sequence[Choice] = ()
    asked_at: datetime | None = None
    asked_for: str = ""


@dataclass(frozen=True)
class DirectoryRoleWanted:
    """Why a directory stays closed.

    doing: the action. why: what is missing. roles: name and plain words of those that would do, the smallest first.
    """

    doing: str
    why: str
    roles: Sequence[tuple[str, str]]


PROBLEMS: Mapping[int, tuple[str, str]] = {
    400: ("That cannot be done", "Check what you entered and try again."),
    401: ("Sign in to continue", "Your session has ended. Nothing was changed."),
    403: (
        "You do not have access",
        "Your account does not allow this. An administrator of your company can change that.",
    ),
    404: (
        "Nothing found here",
        "The address may be mistyped, the item may be gone, or it belongs to an account you are not signed in to.",
    ),
    405: ("That cannot be done", "This page does not take that kind of request. Go back and use its buttons."),
    409: (
        "Somebody was faster",
        "This changed while you were looking at it, so your change was not made. Reload to see how it stands.",
    ),
    412: (
        "Somebody was faster",
        "This changed while you were looking at it, so your change was not made. Reload to see how it stands.",
    ),
    413: ("That is too large", "Send a smaller file, or split it."),
    422: ("That cannot be done", "Check what you entered and try again."),
    429: ("Too many requests", "Wait a moment, then try again."),
    500: (
        "Something went wrong on our side",
        "It is not your doing, and nothing was half done. Try again; if it stays, give support the reference below.",
    ),
    503: ("Back in a moment", "The service is being started or is very busy. Try again shortly."),
}


def problem_of(status: int, error: DomainError | None = None, *, reference: str = "", home_href: str = "/") -> Problem:
    """The error page of a status; a domain error says its own sentence."""
    title, text = PROBLEMS.get(status, PROBLEMS[500 if status >= HTTPStatus.INTERNAL_SERVER_ERROR else 400])
    return Problem(
        status, title, error.message if error else text, reference, Action("Go to Home", href=home_href, icon="home")
    )


def permission_needed(
    page: str, error: RoleNeeded, *, grantors: Sequence[tuple[str, str]] = (), ask_action: str = ""
) -> PermissionNeeded:
    """The page for a ``RoleNeeded``."""
    return PermissionNeeded(page, [ROLE_INFO[role].title for role in error.roles], grantors, ask_action)


NOTHING = "\N{EN DASH}"
"""What stands where there is no value."""

_shell: ContextVar[Shell] = ContextVar("shell")
# Macros see no context of the page that imports them; filters and globals find the shell of the page here.


def _locale() -> Any:
    return formats.locale_of(_shell.get().locale)


def _lang() -> Markup:
    """Marks what the locale words in another language than the page's."""
    language = _locale().language
    return Markup("") if language == formats.TEXT_LANGUAGE else Markup(' lang="{}"').format(language)


def show_money(value: Money | None) -> Markup:
    """An amount; negative ones with a true minus, marked as a credit."""
    if value is None:
        return escape(NOTHING)
    credit = " money--credit" if value.minor < 0 else ""
    return Markup('<span class="money{}">{}</span>').format(credit, formats.money_text(value, _locale()))


def show_date(value: date | None) -> Markup:
    """A day, with its machine-readable form."""
    if value is None:
        return escape(NOTHING)
    day = value.astimezone(UTC).date() if isinstance(value, datetime) else value
    return Markup('<time datetime="{}"{}>{}</time>').format(day.isoformat(), _lang(), formats.date_text(day, _locale()))


def show_month(value: date) -> str:
    """``|month``: a month of a year, ``March 2026``."""
    return formats.month_text(value, _locale())


def show_datetime(value: datetime | None) -> Markup:
    """An instant in the shell's zone, which is named."""
    if value is None:
        return escape(NOTHING)
    text = formats.datetime_text(value, _locale(), formats.zone_of(_shell.get().time_zone))
    return Markup('<time datetime="{}"{}>{}</time>').format(_iso(value), _lang(), text)


def show_relative(value: datetime | None) -> Markup:
    """How far from now, with the instant itself on hover."""
    if value is None:
        return escape(NOTHING)
    shell = _shell.get()
    exact = formats.datetime_text(value, _locale(), formats.zone_of(shell.time_zone), seconds=True)
    text = formats.relative_text(value, shell.now, _locale())
    return Markup('<time datetime="{}" title="{}"{}>{}</time>').format(_iso(value), exact, _lang(), text)


def show_number(value: float | Decimal | None) -> str:
    """A number grouped as the locale does."""
    return NOTHING if value is None else formats.number_text(value, _locale())


def show_percent(value: Decimal | float | None, digits: int = 0) -> str:
    """A share of one as a percentage."""
    return NOTHING if value is None else formats.percent_text(value, _locale(), digits)


def show_rate(value: Decimal | None, currency: str) -> Markup:
    """A unit rate with all its digits."""
    if value is None:
        return escape(NOTHING)
    return Markup('<span class="money">{}</span>').format(formats.rate_text(value, currency, _locale()))


def show_plural(count: int, one: str, many: str | None = None) -> str:
    """A count with its noun."""
    return formats.plural_text(count, one, many, _locale())


def show_badge(text: str, tone: str = "neutral") -> Markup:
    """A status chip."""
    return Markup('<span class="badge badge--{}">{}</span>').format(tone, text)


def show(value: object) -> Markup:  # noqa: C901, PLR0911 - one return a kind of value
    """Any value, as its kind is shown."""
    match value:
        case None | "":
            return Markup('<span class="subtle">{}</span>').format(NOTHING)
        case Markup():
            return value
        case bool():
            return escape("Yes" if value else "No")
        case Money():
            return show_money(value)
        case datetime():
            return show_datetime(value)
        case date():
            return show_date(value)
        case int() | float() | Decimal():
            return Markup('<span class="money">{}</span>').format(show_number(value))
        case Badge():
            return show_badge(value.text, value.tone)
        case Link():
            return Markup('<a href="{}">{}</a>').format(value.href, value.text)
        case Noted():
            return Markup('<span>{}<span class="table__note">{}</span></span>').format(show(value.value), value.note)
        case _:
            return escape(value)


def show_icon(name: str, size: str = "") -> Markup:
    """A Fluent icon, hidden from assistive technology: the text beside it, or the button's label, says it."""
    variant = f" icon--{size}" if size else ""
    return Markup('<svg class="icon{}" aria-hidden="true" focusable="false"><use href="{}"></use></svg>').format(
        variant, ASSETS.icon_url(name)
    )


def show_nav_icon(name: str, *, current: bool) -> Markup:
    """A navigation icon: filled where it is current, when there is a filled one."""
    return show_icon(f"{name}_filled" if current and f"{name}_filled" in ASSETS.icons else name)


def _iso(value: datetime) -> str:
    return value.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def csrf_field() -> Markup:
    """The hidden field every posting form carries. ``form.open`` and ``ui.button`` add it by themselves."""
    return Markup('<input type="hidden" name="{}" value="{}">').format(CSRF_FIELD, _shell.get().csrf_token)


def chart_data(
    kind: Literal["line", "bar", "pie"],
    categories: Sequence[str],
    series: Mapping[str, Sequence[float | Decimal | Money]],
    *,
    currency: str = "",
    stacked: bool = False,
) -> Markup:
    """The JSON a chart is drawn from, safe inside a ``script`` element of type ``application/json``."""
    data = {
        "kind": kind,
        "locale": _shell.get().locale,
        "currency": currency,
        "stacked": stacked,
        "categories": list(categories),
        "series": [{"name": name, "values": [_plain(v) for v in values]} for name, values in series.items()],
    }
    text = msgspec.json.encode(data).decode()
    return Markup(text.replace("<", "\\u003c").replace(">", "\\u003e").replace("&", "\\u0026"))  # noqa: S704 - escaped in place


def _plain(value: float | Decimal | Money) -> float:
    """A chart draws; it is the one place an amount becomes a float."""
    return float(value.amount if isinstance(value, Money) else value)


def template_folders(package: Path = PACKAGE) -> dict[str, Path]:
    """The ``templates`` folder of every slice, by the slice's name."""
    return {path.parent.name: path for path in sorted(package.glob("*/templates"))}


class Templates:
    """Renders pages. ``base.html`` is the platform's; ``customers/list.html`` is the slice's."""

    def __init__(self, *, reload: bool = False, folders: Mapping[str, Path] | None = None) -> None:
        found = template_folders() if folders is None else folders
        loaders = {name: FileSystemLoader(folder) for name, folder in found.items()}
        self.environment = Environment(
            loader=ChoiceLoader([FileSystemLoader(Path(__file__).parent / "templates"), PrefixLoader(loaders)]),
            autoescape=True,
            undefined=StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
            auto_reload=reload,
            cache_size=-1,
            extensions=["jinja2.ext.do", "jinja2.ext.loopcontrols"],
        )
        self.environment.filters |= {
            "money": show_money,
            "date": show_date,
            "datetime": show_datetime,
            "month": show_month,
            "relative": show_relative,
            "number": show_number,
            "percent": show_percent,
            "rate": show_rate,
            "plural": show_plural,
            "shown": show,
            "initials": formats.initials,
            "language": lambda tag: countries.language_name(tag) if tag else "",
            "country": lambda code: countries.name_of(code) if code else "",
            "path_segment": lambda text: quote(str(text), safe=""),
        }
        self.environment.globals |= {
            "icon": show_icon,
            "nav_icon": show_nav_icon,
            "asset": ASSETS.url,
            "csrf_field": csrf_field,
            "chart_data": chart_data,
            "badge": show_badge,
            "action": Action,
            "confirm": Confirm,
            "choice": Choice,
            "empty": Empty,
            "crumb": Crumb,
            "message": Message,
            "blank_form": Form({}),
        }

    def render(self, name: str, shell: Shell, **context: Any) -> str:
        """A whole page. A name the template uses and the context lacks raises UndefinedError."""
        token = _shell.set(shell)
        try:
            return self.environment.get_template(name).render(shell=shell, **context)
        finally:
            _shell.reset(token)

    def problem(self, shell: Shell, problem: Problem) -> str:
        """An error page."""
        return self.render("errors/problem.html", shell, problem=problem)

    def permission_needed(self, shell: Shell, needed: PermissionNeeded) -> str:
        """The page that says which role opens a page, and how to get it."""
        return self.render("errors/permission.html", shell, needed=needed)

    def directory_role_needed(self, shell: Shell, wanted: DirectoryRoleWanted) -> str:
        """The page that says which role in the tenant's directory would do, and what is missing."""
        return self.render("errors/directory_role.html", shell, wanted=wanted)
