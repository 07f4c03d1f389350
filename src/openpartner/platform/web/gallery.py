"""The style gallery: every part of the portal with made-up data.

``python -m openpartner.platform.web.gallery [PORT]`` serves it.

The browser tests look at these pages; page authors copy from ``templates/gallery``.
"""

import sys
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Annotated, Literal
from urllib.parse import parse_qsl, urlsplit

import msgspec
from msgspec import Meta

from openpartner.platform.money import Money
from openpartner.platform.web.assets import ASSETS, PREFIX
from openpartner.platform.web.forms import bind, blank_form
from openpartner.platform.web.pages import (
    Account,
    Crumb,
    DirectoryRoleWanted,
    Message,
    NavItem,
    PermissionNeeded,
    Sandbox,
    Shell,
    Templates,
    TenantChoice,
    problem_of,
    security_headers,
)
from openpartner.platform.web.tables import (
    Action,
    Badge,
    Choice,
    Column,
    Empty,
    Filter,
    ListRequest,
    Noted,
    Table,
    read_list_request,
)

NOW = datetime(2026, 3, 31, 16, 5, tzinfo=UTC)

WORKSPACES = (
    ("home", "Home", "home", ()),
    (
        "customers",
        "Customers",
        "people",
        ("Customer list", "Relationship requests", "Granular administration", "Renewals"),
    ),
    ("orders", "Orders & subscriptions", "cart", ()),
    ("billing", "Billing", "receipt", ()),
    ("pricing", "Pricing", "tag", ()),
    ("marketplace", "Marketplace", "building_shop", ()),
    ("incentives", "Incentives", "reward", ()),
    ("earnings", "Earnings", "wallet", ()),
    ("benefits", "Benefits", "gift", ()),
    ("membership", "Membership", "premium", ()),
    ("referrals", "Referrals", "handshake", ()),
    ("insights", "Insights", "data_trending", ()),
    ("support", "Support", "person_support", ()),
    ("account", "Account settings", "settings", ()),
    ("security", "Security", "shield", ()),
    ("activity", "Activity log", "history", ()),
)


@dataclass(frozen=True)
class Customer:
    """A made-up row."""

    name: str
    domain: str
    relationship: str
    status: Badge
    seats: int
    monthly: Money
    renews_on: date | None


class NewCustomer(msgspec.Struct, kw_only=True):
    """A made-up form."""

    company_name: Annotated[str, Meta(title="Company legal name", max_length=50)]
    domain: Annotated[
        str, Meta(title="Primary domain", pattern="^[a-z0-9]+$", description="Use small letters and digits only.")
    ]
    country: Annotated[Literal["DE", "NO", "US"], Meta(title="Country or region")]
    qualification: Literal["none", "education", "government"] = "none"
    seats: Annotated[int, Meta(title="Seats", ge=1, le=10000)]
    budget: Decimal | None = None
    agreed_on: Annotated[date, Meta(title="The date of the customer agreement")]
    term: Literal["P1M", "P1Y", "P3Y"] = "P1Y"
    notify: list[str] = []
    auto_renew: bool = False
    accepted: bool = False


NAMES = (
    ("Adventure Works", "adventureworks"),
    ("Alpine Ski House", "alpineskihouse"),
    ("Bellows College", "bellowscollege"),
    ("City Power & Light", "citypower"),
    ("Coho Vineyard & Winery Distribution Europe", "cohovineyard"),
    ("Contoso Pharmaceuticals", "contosopharma"),
    ("Fabrikam Residences", "fabrikam"),
    ("First Up Consultants", "firstup"),
    ("Fourth Coffee", "fourthcoffee"),
    ("Graphic Design Institute", "graphicdesign"),
    ("Humongous Insurance", "humongous"),
    ("Lamna Healthcare Company", "lamnahealthcare"),
)
STATUSES = (
    Badge("Active", "success"),
    Badge("Active", "success"),
    Badge("Under review", "info"),
    Badge("Expiring", "warning"),
    Badge("Suspended", "danger"),
)

CUSTOMERS = tuple(
    Customer(
        name,
        f"{domain}.example",
        ("Reseller", "Reseller and GDAP", "Indirect")[i % 3],
        STATUSES[i % 5],
        7 + i * i * 13,
        Money(123450 + i * 98765, "USD"),
        None if i == 4 else date(2026, 4, 2) + timedelta(days=i * 17),
    )
    for i, (name, domain) in enumerate(NAMES)
)

COLUMNS = (
    Column[Customer](
        "name",
        "Company name",
        lambda c: Noted(c.name, c.domain),
        href=lambda _: "/detail",
        sortable=True,
        export=lambda c: c.name,
    ),
    Column[Customer]("domain", "Primary domain", lambda c: c.domain, sortable=True, optional=True),
    Column[Customer]("relationship", "Relationship", lambda c: c.relationship),
    Column[Customer]("status", "Status", lambda c: c.status),
    Column[Customer]("seats", "Seats", lambda c: c.seats, numeric=True, sortable=True),
    Column[Customer]("monthly", "Monthly", lambda c: c.monthly, numeric=True, sortable=True),
    Column[Customer]("renews", "Next renewal", lambda c: c.renews_on, sortable=True),
)
FILTERS = (
    Filter(
        "relationship",
        "Relationship",
        (Choice("reseller", "Reseller"), Choice("gdap", "Reseller and GDAP"), Choice("indirect", "Indirect")),
    ),
    Filter(
        "status",
        "Status",
        (Choice("active", "Active"), Choice("review", "Under review"), Choice("suspended", "Suspended")),
    ),
)
NO_ORDERS = Empty(
    "No orders yet",
    "Orders you place for customers appear here with their status. Choose a customer to place the first one.",
    Action("Choose a customer", href="/list", primary=True),
    "cart",
)


def shell(path: str = "/list", *, theme: str = "light", locale: str = "en-US") -> Shell:
    """A made-up frame."""
    return Shell(
        now=NOW,
        path=path,
        theme=theme,
        locale=locale,
        csrf_token="made-up",  # noqa: S106 - no session stands behind it
        version="0.1.0",
        notifications=4,
        nav=tuple(
            NavItem(
                key=key,
                title=title,
                icon=icon,
                href=f"/{key}",
                count=3 if key == "home" else 0,
                current=key == "customers" and not children,
                children=tuple(
                    NavItem(key=child, title=child, href="/list", current=i == 0) for i, child in enumerate(children)
                ),
            )
            for key, title, icon, children in WORKSPACES
        ),
        account=Account(
            name="Ingrid Berg",
            email="ingrid.berg@fabrikam.example",
            tenant_name="Fabrikam Nordic AS",
            tenants=(
                TenantChoice(key="1", name="Fabrikam Nordic AS", detail="Partner", current=True),
                TenantChoice(key="2", name="Fabrikam Publishing", detail="Publisher"),
            ),
        ),
        sandbox=Sandbox(clock=NOW, advance_action="/_sandbox/clock"),
        footer_links=(Crumb("Privacy", "/privacy"), Crumb("Terms", "/terms"), Crumb("Accessibility", "/accessibility")),
    )


def _table(request: ListRequest) -> Table[Customer]:
    needle = request.search.lower()
    found = [c for c in CUSTOMERS if needle in c.name.lower() or needle in c.domain]
    if request.sort == "name":
        found.sort(key=lambda c: c.name, reverse=request.descending)
    return Table(
        "customers",
        "Customers",
        COLUMNS,
        found,
        request,
        Empty(
            "No customers yet",
            "Add a customer, or ask an existing company for a reseller relationship.",
            Action("Add customer", href="/form", primary=True),
            "people",
        ),
        total=len(found),
        next_key="k12" if not needle else "",
        search_label="Search by company or domain",
        filters=FILTERS,
        row_key=lambda c: c.domain,
        bulk=(
            Action("Turn on auto-renew", post="/bulk/renew", icon="arrow_sync"),
            Action("Export users", post="/bulk/users"),
        ),
        row_actions=lambda _: (
            Action("Add subscription", href="/form", icon="add"),
            Action("View orders", href="/list", icon="receipt"),
        ),
    )


def render(  # noqa: C901, PLR0911 - one return a page
    templates: Templates, path: str, query: list[tuple[str, str]], *, theme: str = "light", locale: str = "en-US"
) -> str | None:
    """One page of the gallery; None for an unknown path."""
    frame = shell(path, theme=theme, locale=locale)
    asked = read_list_request("/list", query, columns=COLUMNS, filters=FILTERS, sort="name")
    months = ("Oct", "Nov", "Dec", "Jan", "Feb", "Mar")
    licences = [Money(m, "USD") for m in (812000, 812000, 846500, 901200, 901200, 934800)]
    usage = [Money(m, "USD") for m in (120300, 133110, 98020, 141200, 152090, 171444)]
    match path:
        case "/list":
            crumbs = (Crumb("Home", "/list"), Crumb("Customers"))
            message = Message(
                tone="warning",
                title="3 customers are under review.",
                text="They cannot buy until verified.",
                action=Action("Review", href="/list"),
            )
            return templates.render(
                "gallery/list.html",
                msgspec.structs.replace(frame, messages=(message,)),
                customers=_table(asked),
                renewing=Money(4218000, "USD"),
                crumbs=crumbs,
            )
        case "/detail":
            subscriptions = replace(
                _table(asked),
                key="subscriptions",
                title="Subscriptions",
                rows=CUSTOMERS[:4],
                row_key=None,
                bulk=(),
                row_actions=None,
            )
            return templates.render(
                "gallery/detail.html",
                msgspec.structs.replace(frame, messages=(Message(tone="success", text="Auto-renew was turned on."),)),
                crumbs=(Crumb("Home", "/list"), Crumb("Customers", "/list"), Crumb("Alpine Ski House")),
                subscriptions=subscriptions,
                months=months,
                licences=licences,
                usage=usage,
                spending_rows=list(zip(months, licences, usage, strict=True)),
                details=[
                    ("Primary domain", "alpineskihouse.example"),
                    ("Relationship", "Reseller and GDAP"),
                    ("Status", Badge("Active", "success")),
                    ("Customer since", date(2024, 5, 3)),
                    ("Monthly charges", Money(1106244, "USD")),
                    ("Credit", Money(-2999, "USD")),
                    ("Last order", NOW - timedelta(hours=30)),
                    ("VAT number", None),
                ],
                activity=[
                    {
                        "title": "Seats raised from 18 to 25",
                        "at": NOW - timedelta(hours=2),
                        "by": "Ingrid Berg",
                        "text": "Microsoft 365 E3, prorated for 12 days",
                        "icon": "arrow_trending",
                        "tone": "brand",
                    },
                    {
                        "title": "Order placed",
                        "at": NOW - timedelta(days=1, hours=6),
                        "by": "Ingrid Berg",
                        "text": "",
                        "icon": "cart",
                        "tone": "success",
                    },
                    {
                        "title": "Access request expired",
                        "at": NOW - timedelta(days=9),
                        "by": "",
                        "text": "Nobody at the customer answered within 90 days.",
                        "icon": "clock",
                        "tone": "warning",
                    },
                ],
            )
        case "/form" | "/form-refused":
            form = blank_form(
                {"qualification": "none", "term": "P1Y", "country": "NO", "auto_renew": True, "seats": 25}
            )
            if path == "/form-refused":
                form = bind(
                    NewCustomer,
                    [
                        ("company_name", "Alpine Ski House"),
                        ("domain", "Alpine House"),
                        ("country", "NO"),
                        ("seats", "0"),
                        ("term", "P1Y"),
                        ("qualification", "none"),
                    ],
                )
            return templates.render(
                "gallery/form.html",
                frame,
                f=form,
                crumbs=(Crumb("Customers", "/list"), Crumb("Add customer")),
                countries=[Choice("DE", "Germany"), Choice("NO", "Norway"), Choice("US", "United States")],
                cities=[Choice("Bergen", ""), Choice("Oslo", ""), Choice("Trondheim", "")],
                qualifications=[
                    Choice("none", "None", "A commercial customer"),
                    Choice("education", "Education", "Schools and universities"),
                    Choice("government", "Government", "Community cloud only"),
                ],
                terms=[
                    Choice("P1M", "Monthly", "20 % more, can end any month"),
                    Choice("P1Y", "One year"),
                    Choice("P3Y", "Three years", "Price is fixed for the whole term"),
                ],
                notify=[Choice("billing", "Billing contact"), Choice("technical", "Technical contact")],
            )
        case "/empty":
            bare = ListRequest("/empty")
            orders = Table(
                "orders",
                "Orders",
                COLUMNS,
                (),
                bare,
                NO_ORDERS,
                search_label="Search orders",
                filters=FILTERS,
                exports=False,
            )
            filtered = replace(
                orders,
                key="filtered",
                title="Filtered orders",
                request=ListRequest("/empty", search="zzz", filters={"status": "active"}),
            )
            return templates.render(
                "gallery/empty.html",
                frame,
                orders=orders,
                filtered=filtered,
                credit=Money(-129900, "EUR"),
                price=Decimal("0.000125"),
                soon=NOW + timedelta(days=3, hours=1),
            )
        case "/progress":
            return templates.render("gallery/progress.html", frame, done=int(dict(query).get("done", "0")))
        case "/sign-in":
            return templates.render(
                "gallery/sign_in.html", msgspec.structs.replace(frame, account=None, nav=()), f=blank_form()
            )
        case "/consent":
            return templates.render(
                "gallery/consent.html",
                msgspec.structs.replace(frame, account=None, nav=()),
                asker="Inventory Sync",
                asker_detail="Northwind Tools · verified publisher",
                tenant_name="Fabrikam Nordic AS",
                heading="Permissions requested",
            )
        case "/permission":
            return templates.permission_needed(
                frame,
                PermissionNeeded(
                    "Billing",
                    ["Billing admin", "Admin agent", "Global admin"],
                    [("Kari Lund", "kari.lund@fabrikam.example")],
                    "/access-requests",
                ),
            )
        case "/directory-role":
            return templates.directory_role_needed(
                frame,
                DirectoryRoleWanted(
                    "Assign and remove licences",
                    "Your roles in the customer's tenant do not include this.",
                    [
                        (
                            "License Administrator",
                            "Assigns and removes licences and sets the country where users work.",
                        ),
                        ("User Administrator", "Creates, changes, blocks and deletes users."),
                    ],
                ),
            )
        case "/403" | "/404" | "/409" | "/500":
            return templates.problem(frame, problem_of(int(path[1:]), reference="7f3c2a10"))
    return None


PATHS = (
    "/list",
    "/detail",
    "/form",
    "/form-refused",
    "/empty",
    "/progress",
    "/sign-in",
    "/consent",
    "/permission",
    "/directory-role",
    "/403",
    "/404",
    "/409",
    "/500",
)


class Gallery(BaseHTTPRequestHandler):
    """Answers the gallery's pages and the built assets, with the headers real pages have."""

    templates = Templates(reload=True)

    def do_GET(self) -> None:
        """Answer a page, an asset, or 404. ``?theme=`` and ``?locale=`` choose how it looks."""
        address = urlsplit(self.path)
        pairs = parse_qsl(address.query)
        asked = dict(pairs)
        if address.path.startswith(f"{PREFIX}/"):
            file = ASSETS.files.get(address.path.removeprefix(f"{PREFIX}/"))
            if file is None:
                return self._answer(404, "text/plain", b"", {})
            return self._answer(200, file.media_type, file.content, {})
        path = "/list" if address.path == "/" else address.path
        page = render(
            self.templates, path, pairs, theme=asked.get("theme", "system"), locale=asked.get("locale", "en-US")
        )
        if page is None:
            return self._answer(404, "text/plain", b"Nothing here.", {})
        return self._answer(200, "text/html; charset=utf-8", page.encode(), security_headers())

    def _answer(self, status: int, media_type: str, content: bytes, headers: dict[str, str]) -> None:
        self.send_response(status)
        for name, value in {"Content-Type": media_type, "Content-Length": str(len(content)), **headers}.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the parameter's name is http.server's
        """Say nothing: the pages are looked at, not the requests."""


def gallery_server(port: int = 0) -> ThreadingHTTPServer:
    """A server on the loopback; port 0 takes a free one."""
    return ThreadingHTTPServer(("127.0.0.1", port), Gallery)


if __name__ == "__main__":
    with gallery_server(int(sys.argv[1]) if len(sys.argv) > 1 else 8090) as server:
        sys.stdout.write(f"The gallery is at http://127.0.0.1:{server.server_address[1]}{PATHS[0]}\n")
        server.serve_forever()
