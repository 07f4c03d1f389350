"""What pages show of values, of the frame, and of refusals; and that nothing inline gets into them."""

import json
import re
from collections.abc import Callable
from datetime import date, timedelta
from decimal import Decimal
from html import unescape
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import msgspec
import pytest
from jinja2 import UndefinedError
from markupsafe import Markup

from openpartner.platform.actor import RoleNeeded
from openpartner.platform.errors import Conflict
from openpartner.platform.money import Money
from openpartner.platform.permissions import CREDIT_LIMIT, ROLE_INFO
from openpartner.platform.web import gallery, pages
from openpartner.platform.web.page import trail_of
from openpartner.platform.web.pages import NavItem
from openpartner.platform.web.tables import Action, Badge, Confirm, Link, Noted

ROOT = Path(pages.__file__).parents[4]
SHELL = gallery.shell()
Show = Callable[..., str]


@pytest.fixture
def show(tmp_path: Path) -> Show:
    """Renders a snippet as the template of a slice."""
    templates = pages.Templates(reload=True, folders={"slice": tmp_path})

    def render(source: str, shell: pages.Shell = SHELL, **context: Any) -> str:
        (tmp_path / "snippet.html").write_text(source)
        return templates.render("slice/snippet.html", shell, **context)

    return render


@pytest.mark.parametrize(
    ("value", "markup"),
    [
        (None, '<span class="subtle">\N{EN DASH}</span>'),
        ("", '<span class="subtle">\N{EN DASH}</span>'),
        ("<b>", "&lt;b&gt;"),
        (Markup("<b>x</b>"), "<b>x</b>"),
        (True, "Yes"),
        (1204, '<span class="money">1,204</span>'),
        (Decimal("0.5"), '<span class="money">0.5</span>'),
        (Money(123450, "USD"), '<span class="money">$1,234.50</span>'),
        (Money(-5, "USD"), '<span class="money money--credit">-$0.05</span>'),
        (date(2026, 3, 31), '<time datetime="2026-03-31">Mar\xa031,\xa02026</time>'),
        (Badge("A & B", "warning"), '<span class="badge badge--warning">A &amp; B</span>'),
        (Link("<Orders>", '/o?"'), '<a href="/o?&#34;">&lt;Orders&gt;</a>'),
        (Noted("Contoso", "<x>"), '<span>Contoso<span class="table__note">&lt;x&gt;</span></span>'),
    ],
)
def test_each_kind_of_value_is_shown_its_own_way_and_escaped(show: Show, value: object, markup: str) -> None:
    assert show("{{ value|shown }}", value=value) == markup


def test_instants_carry_their_machine_readable_form(show: Show) -> None:
    exact = "Mar\xa031,\xa02026, 2:05:00\N{NARROW NO-BREAK SPACE}PM\xa0UTC"
    assert show("{{ at|relative }}", at=gallery.NOW - timedelta(hours=2)) == (
        f'<time datetime="2026-03-31T14:05:00Z" title="{exact}">2 hours ago</time>'
    )


def test_what_a_locale_words_is_marked_with_its_language(show: Show) -> None:
    german = gallery.shell(locale="de-DE")

    assert (
        show("{{ at|date }}", german, at=date(2026, 3, 31)) == '<time datetime="2026-03-31" lang="de">31.03.2026</time>'
    )
    assert (
        show("{{ total|money }}", german, total=Money(123450, "EUR"))
        == '<span class="money">1.234,50\N{NO-BREAK SPACE}€</span>'
    )


def test_a_name_the_page_does_not_give_is_refused(show: Show) -> None:
    with pytest.raises(UndefinedError, match="'missing' is undefined"):
        show("{{ missing }}")


def test_a_shell_is_there_only_while_its_page_is_rendered(show: Show) -> None:
    show("")

    with pytest.raises(LookupError):
        pages.show_date(date(2026, 3, 31))


def test_chart_data_cannot_leave_its_script_element(show: Show) -> None:
    text = show(
        '{{ chart_data("bar", names, {"Spend": amounts}, currency="USD") }}',
        names=["</script>&"],
        amounts=[Money(150, "USD")],
    )

    assert "<" not in text
    assert json.loads(text) == {
        "kind": "bar",
        "locale": "en-US",
        "currency": "USD",
        "stacked": False,
        "categories": ["</script>&"],
        "series": [{"name": "Spend", "values": [1.5]}],
    }


UI = '{% import "ui/parts.html" as ui %}'


def test_a_posting_button_carries_the_token_and_its_fields(show: Show) -> None:
    html = show(UI + "{{ ui.button(act) }}", act=Action("Remove", post="/x", fields={"id": '"7"'}))

    assert '<form class="button-form" method="post" action="/x">' in html
    assert '<input type="hidden" name="csrf_token" value="made-up">' in html
    assert '<input type="hidden" name="id" value="&#34;7&#34;">' in html


def test_a_confirmed_button_opens_a_dialog_that_posts(show: Show) -> None:
    act = Action(
        "Suspend", post="/s/1", confirm=Confirm("Suspend it?", "18 users lose access.", "Suspend now", danger=True)
    )
    html = show(UI + "{{ ui.button(act) }}", act=act)

    opener = re.search(r'<button type="button" class="button" command="show-modal" commandfor="([^"]+)">', html)
    assert opener is not None
    assert f'<dialog class="dialog" id="{opener[1]}"' in html
    assert html.count("<form") == 1
    assert '<button class="button button--danger">Suspend now</button>' in html


def test_a_refused_button_does_nothing_and_says_why(show: Show) -> None:
    html = show(UI + "{{ ui.button(act) }}", act=Action("Delete", post="/x", refused="Cancel its subscriptions first."))

    assert "<form" not in html
    assert 'aria-disabled="true"' in html
    assert '<span class="visually-hidden">: Cancel its subscriptions first.</span>' in html


def test_a_problem_page_says_the_errors_own_sentence() -> None:
    templates = pages.Templates()
    problem = pages.problem_of(409, Conflict("The customer is under review."), reference="r-1")
    html = templates.problem(SHELL, problem)

    assert "<h1>Somebody was faster</h1>" in html
    assert "<p>The customer is under review.</p>" in html
    assert "Reference <code>r-1</code>" in html


@pytest.mark.parametrize(("status", "title"), [(418, "That cannot be done"), (502, "Something went wrong on our side")])
def test_a_status_without_words_takes_its_familys(status: int, title: str) -> None:
    assert pages.problem_of(status).title == title


def test_the_permission_page_names_roles_and_grantors() -> None:
    error = RoleNeeded(CREDIT_LIMIT.read)
    needed = pages.permission_needed(
        "Credit limit", error, grantors=[("Kari Lund", "kari@x.example")], ask_action="/ask"
    )
    html = pages.Templates().permission_needed(SHELL, needed)

    assert needed.roles == [ROLE_INFO[role].title for role in error.roles]
    assert "<h1>You need permission to open Credit limit</h1>" in html
    assert all(role in unescape(html) for role in needed.roles)
    assert '<a href="mailto:kari@x.example">kari@x.example</a>' in html
    assert 'action="/ask"' in html


def test_the_frame_shows_only_what_it_is_given() -> None:
    bare = msgspec.structs.replace(SHELL, account=None, nav=(), sandbox=None, messages=(), footer_links=())
    html = pages.Templates().render("base.html", bare)

    assert "Workspaces" not in html
    assert "Sign out" not in html
    assert "Sandbox" not in html
    assert 'data-theme="light"' in html
    assert (
        "data-theme"
        not in pages.Templates().render("base.html", msgspec.structs.replace(bare, theme="system")).split("<body")[0]
    )


def test_the_policy_lets_nothing_inline_run() -> None:
    assert pages.content_security_policy(["https://app.example"]) == (
        "default-src 'self'; script-src 'self'; style-src 'self'; img-src 'self' data:; object-src 'none'; "
        "base-uri 'none'; frame-ancestors 'none'; form-action 'self' https://app.example"
    )


class Inline(HTMLParser):
    """Notes whatever the policy would refuse, ids given twice, and what points at no id."""

    def __init__(self) -> None:
        super().__init__()
        self.refused: list[str] = []
        self.ids: list[str] = []
        self.pointed: set[str] = set()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        if tag == "style" or (tag == "script" and "src" not in given and given.get("type") != "application/json"):
            self.refused.append(tag)
        self.refused += [name for name in given if name == "style" or name.startswith(("on", "hx-on"))]
        for name in ("src", "href", "action"):
            if re.match(r"(https?:)?//|javascript:|data:", given.get(name) or ""):
                self.refused.append(str(given[name]))
        if given.get("id"):
            self.ids.append(str(given["id"]))
        for name in ("for", "aria-labelledby", "aria-describedby", "popovertarget", "commandfor", "list", "form"):
            self.pointed.update((given.get(name) or "").split())


@pytest.mark.parametrize("path", gallery.PATHS)
def test_a_page_has_nothing_inline_no_id_twice_and_points_only_at_what_is_there(path: str) -> None:
    html = gallery.render(pages.Templates(), path, [])
    assert html is not None
    found = Inline()
    found.feed(html)

    assert found.refused == []
    assert sorted(found.ids) == sorted(set(found.ids))
    assert found.pointed - set(found.ids) == set()


def test_every_icon_a_template_names_is_in_the_sprite() -> None:
    known = set((ROOT / "assets" / "icons.txt").read_text().split())
    named = {
        name
        for path in (ROOT / "src" / "openpartner").rglob("templates/**/*.html")
        for name in re.findall(r'\bicon(?:=|\()"([a-z_]+)"', path.read_text())
    }

    assert {name.removesuffix("_filled") for name in named} - known == set()


NAVIGATION = (
    NavItem(key="home", title="Home", href="/"),
    NavItem(
        key="account",
        title="Account settings",
        href="/account",
        children=(
            NavItem(key="users", title="User management", href="/account/users", current=True),
            NavItem(key="roles", title="Roles", href="/account/roles"),
        ),
    ),
)


@pytest.mark.parametrize(
    ("path", "trail"),
    [
        ("/", []),
        ("/account/users", [("Home", "/"), ("Account settings", "/account"), ("User management", "")]),
        (
            "/account/users/new",
            [("Home", "/"), ("Account settings", "/account"), ("User management", "/account/users")],
        ),
    ],
)
def test_the_way_to_a_page_follows_the_navigation(path: str, trail: list[tuple[str, str]]) -> None:
    assert [(crumb.title, crumb.href) for crumb in trail_of(NAVIGATION, path)] == trail


def test_the_way_to_a_page_outside_of_the_navigation_begins_at_home() -> None:
    assert [(crumb.title, crumb.href) for crumb in trail_of(NAVIGATION[:1], "/search")] == [("Home", "/")]
