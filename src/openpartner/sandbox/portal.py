"""The sandbox's control page: move the clock, keep and put back the world, read the mail, see who is who."""

import re
from datetime import UTC, datetime
from typing import Any

import pyotp
from litestar import Response, get, post
from litestar.di import NamedDependency

from openpartner.platform import due, durations, mail
from openpartner.platform.actor import SYSTEM, TenantKind
from openpartner.platform.clock import ClockMode
from openpartner.platform.errors import Invalid
from openpartner.platform.permissions import ROLE_INFO, Role
from openpartner.platform.web.formats import datetime_text, locale_of, plural_form
from openpartner.platform.web.forms import local_path
from openpartner.platform.web.page import NavItem, Page
from openpartner.platform.web.tables import Column, Empty, ListRequest, Noted, Table
from openpartner.sandbox import queries, snapshots
from openpartner.sandbox.catcher import portal as catcher
from openpartner.sandbox.consent import portal as consent
from openpartner.sandbox.queries import UserLine

NAVIGATION = (
    NavItem("sandbox", "Sandbox", "/sandbox", "timer", 9000, sides=frozenset(TenantKind)),
    NavItem("sandbox_mail", "Mail box", "/sandbox/mail", "mail", 9001, sides=frozenset(TenantKind), parent="sandbox"),
    *consent.NAVIGATION,
    *catcher.NAVIGATION,
)

MOVES = (("PT1H", "1 hour"), ("P1D", "1 day"), ("P7D", "7 days"), ("P1M", "1 month"), ("P1Y", "1 year"))


def _roles(line: UserLine) -> str:
    """The roles that say something, by their titles."""
    titles = [ROLE_INFO[Role(key)].title for key in line.roles if ROLE_INFO[Role(key)].assigned_by]
    return ", ".join(titles) or "No role"


def _people(at: datetime) -> tuple[Column[UserLine], ...]:
    def code(line: UserLine) -> str:
        return pyotp.TOTP(line.totp_secret).at(at) if line.totp_secret else ""

    return (
        Column("upn", "Sign in as", lambda line: Noted(line.upn, _roles(line))),
        Column("password", "Password", lambda line: line.password),
        Column("code", "Code now", code),
    )


@get("/sandbox", include_in_schema=False, sync_to_thread=True)
def controls(page: NamedDependency[Page]) -> Response[str]:
    """The clock, the snapshots, the people."""
    world = page.portal.world
    with page.begin.read() as uow:
        view = queries.show_world(uow, world.settings.base_url, None)
        embedded = world.database.is_sqlite
        return page.render(
            uow,
            "sandbox/controls.html",
            moves=MOVES,
            next_due_at=due.next_due_at(uow.db),
            ticking=due.sandbox_clock(world).state(uow.db) is ClockMode.TICKING,
            snapshots=snapshots.present(world) if embedded else None,
            apps=view.apps,
            users=Table(
                key="users",
                title="People you can sign in as",
                columns=_people(uow.now),
                rows=view.users,
                request=ListRequest(path="/sandbox"),
                exports=False,
                empty=Empty("Nobody was seeded", "This world began without demo data."),
            ),
        )


@post("/sandbox/clock/advance", include_in_schema=False, sync_to_thread=True)
def advance(page: NamedDependency[Page]) -> Response[bytes]:
    """Move the clock forward, doing what falls due."""
    world, back = page.portal.world, local_path(page.form.get("back"), "/sandbox")
    with page.begin.read() as uow:
        before, to = uow.now, durations.add(uow.now, page.form.get("period"))
        shown = datetime_text(to, locale_of(uow.actor.locale), UTC)
    done = due.advance(world, to)
    with world.begin(SYSTEM) as uow:
        page.portal.prolong_session(uow, page.session.id, to - before)
    pieces = f"{done} {plural_form(done, 'task')} fell due and {plural_form(done, 'was', 'were')} done."
    return page.redirect(back, note=f"It is now {shown}. {pieces if done else 'Nothing fell due.'}")


@post("/sandbox/clock/mode", include_in_schema=False, sync_to_thread=True)
def change_mode(page: NamedDependency[Page]) -> Response[bytes]:
    """Freeze the clock or let it tick."""
    try:
        mode = ClockMode(page.form.get("mode"))
    except ValueError:
        raise Invalid("The clock is either ticking or frozen.") from None
    due.set_mode(page.portal.world, mode)
    words = "stands still" if mode is ClockMode.FROZEN else "is ticking"
    return page.redirect("/sandbox", note=f"The clock {words}.")


@post("/sandbox/snapshots", include_in_schema=False, sync_to_thread=True)
def take(page: NamedDependency[Page]) -> Response[bytes]:
    """Keep the world under a name."""
    kept = snapshots.take(page.portal.world, page.form.get("name").lower())
    return page.redirect("/sandbox", note=f"The world is kept as {kept.name}.")


@post("/sandbox/snapshots/restore", include_in_schema=False, sync_to_thread=True)
def restore(page: NamedDependency[Page]) -> Response[bytes]:
    """Put the world back. Who signed in since then must sign in again."""
    kept = snapshots.restore(page.portal.world, page.form.get("name"))
    return page.redirect("/sandbox", note=f"The world is as it was at {kept.shown_at:%d %B %Y, %H:%M} UTC.")


@get("/sandbox/mail", include_in_schema=False, sync_to_thread=True)
def mail_box(page: NamedDependency[Page]) -> Response[str]:
    """What would have been sent."""
    with page.begin.read() as uow:
        return page.render(
            uow, "sandbox/mail.html", letters=[(each, _paragraphs(each.text)) for each in mail.newest(uow.db)]
        )


_ADDRESS = re.compile(r"(https?://\S+)")


def _paragraphs(text: str) -> list[list[tuple[str, bool]]]:
    """The lines of a letter, each as pieces of text; true marks an address to be opened."""
    return [
        [(piece, bool(_ADDRESS.fullmatch(piece))) for piece in _ADDRESS.split(line) if piece]
        for line in text.splitlines()
    ]


ROUTES: list[Any] = [controls, advance, change_mode, take, restore, mail_box, *consent.ROUTES, *catcher.ROUTES]
