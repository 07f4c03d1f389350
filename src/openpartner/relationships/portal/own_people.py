"""Who of a partner can act in a customer at this instant: by person, by role and by group."""

from collections import Counter
from collections.abc import Sequence
from typing import Any
from uuid import UUID

from litestar import Response, get
from litestar.di import NamedDependency
from litestar.params import FromPath
from litestar.response import Stream

from openpartner.platform.directory_role_words import ALLOWS
from openpartner.platform.directory_roles import DIRECTORY_ROLES
from openpartner.platform.http.answers import make_token, read_token
from openpartner.platform.web.exports import export_chunks, export_headers
from openpartner.platform.web.page import Page
from openpartner.platform.web.tables import Choice, Column, Empty, Filter, ListRequest, Noted, Table, read_list_request
from openpartner.relationships.portal.granular_shared import role_names
from openpartner.relationships.portal.own_granular import some_roles
from openpartner.relationships.portal.own_partner import ONE, frame
from openpartner.relationships.queries import tracing
from openpartner.relationships.queries.tracing import Reach

PAGE = 50

COLUMNS: tuple[Column[Reach], ...] = (
    Column("person", "Person", lambda reach: Noted(reach.user.display_name, reach.user.upn)),
    Column(
        "roles",
        "Roles in your organization",
        lambda reach: some_roles(reach.roles),
        export=lambda reach: role_names(reach.roles),
    ),
    Column("groups", "Through the group", lambda reach: ", ".join(sorted(reach.groups))),
    Column("relationships", "Because you approved", lambda reach: ", ".join(sorted(reach.relationships))),
    Column("upn", "Sign-in name", lambda reach: reach.user.upn, optional=True),
    Column("every", "Every role", lambda reach: role_names(reach.roles), optional=True),
)


def _filters(people: Sequence[Reach]) -> tuple[Filter, ...]:
    groups = sorted({group for each in people for group in each.groups})
    roles = {role for each in people for role in each.roles}
    named = sorted((DIRECTORY_ROLES[role].name, str(role)) for role in roles)
    return (
        Filter("role", "Role", tuple(Choice(key, name) for name, key in named)),
        Filter("group", "Group", tuple(Choice(group, group) for group in groups)),
    )


def _asked(people: Sequence[Reach], asked: ListRequest) -> list[Reach]:
    needle, role, group = asked.search.casefold(), asked.filters.get("role", ""), asked.filters.get("group", "")
    return [
        each
        for each in people
        if needle in f"{each.user.display_name} {each.user.upn}".casefold()
        and (not role or UUID(role) in each.roles)
        and (not group or group in each.groups)
    ]


def _by_role(people: Sequence[Reach]) -> list[tuple[str, str, int]]:
    """Each role that somebody holds, what it allows, and how many hold it."""
    held = Counter(role for each in people for role in each.roles)
    return [(DIRECTORY_ROLES[role].name, ALLOWS[role], held[role]) for role in DIRECTORY_ROLES if role in held]


@get(ONE + "/people", include_in_schema=False, sync_to_thread=True)
def people(partner_id: FromPath[UUID], page: NamedDependency[Page]) -> Response[Any]:
    """Everybody of the partner who can act here now, by the check that every call makes."""
    with page.begin.read() as uow:
        around = frame(page, uow, partner_id, "people")
        every = tracing.partners_people(uow, partner_id)
        filters = _filters(every)
        path = f"{around['root']}/people"
        asked = read_list_request(path, page.request.query_params.multi_items(), columns=COLUMNS, filters=filters)
        rows = _asked(every, asked)
        if asked.export:
            chunks = list(export_chunks(asked.export, COLUMNS, rows, title="Who can act now", created_at=uow.now))
            return Stream(chunks, headers=export_headers(asked.export, "Who can act now", uow.now))
        first = read_token(asked.after, int) if asked.after else 0
        table = Table(
            "people",
            "Who can act now",
            COLUMNS,
            rows[first : first + PAGE],
            asked,
            Empty(
                "Nobody of this partner can act here now",
                "It takes roles that you approved, given to a group of the partner, and somebody in that group.",
                icon="shield_checkmark",
            ),
            total=len(rows),
            next_key=make_token(first + PAGE) if len(rows) > first + PAGE else "",
            search_label="Search by person",
            filters=filters if every else (),
        )
        return page.render(uow, "relationships/own_people.html", **around, people=table, by_role=_by_role(every))


ROUTES: list[Any] = [people]
