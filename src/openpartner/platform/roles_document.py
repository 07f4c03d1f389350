"""docs/roles.md, written from the matrix: ``python -m openpartner.platform.roles_document > docs/roles.md``."""

import sys
from collections.abc import Iterator, Sequence

from openpartner.platform.markdown import table
from openpartner.platform.permissions import MATRIX, ROLE_INFO, Function, Role, Workspace

INTRODUCTION = """\
# Roles

Written from `openpartner/platform/permissions/`; change it there and run
`python -m openpartner.platform.roles_document > docs/roles.md`.

A user may do what any of his roles gives. **M**: may see and change. **V**: may only see. Empty: refused."""


def render() -> str:
    """The whole document, ending with a line feed."""
    return "\n".join([INTRODUCTION, *_roles(), *_workspaces()]) + "\n"


def _roles() -> Iterator[str]:
    yield from ("", "## The roles", "")
    yield from table(
        ["code", "role", "key", "kept in", "given and taken by", "for locations", "guests"],
        (
            [
                info.code,
                info.title,
                f"`{role}`",
                f"{info.store.value} {info.kept_as and f'`{info.kept_as}`'}".strip(),
                ", ".join(ROLE_INFO[grantor].code for grantor in Role if grantor in info.assigned_by),
                "yes" if info.by_location else "",
                "yes" if info.guests else "",
            ]
            for role, info in ROLE_INFO.items()
        ),
    )


def _workspaces() -> Iterator[str]:
    for workspace in Workspace:
        rows = [row for row in MATRIX if row.workspace is workspace]
        yield from ("", f"## {workspace.value}", "")
        yield from _matrix(rows)


def _matrix(rows: Sequence[Function]) -> Iterator[str]:
    """Only the roles that have a cell here become columns: all of them would not fit a page."""
    roles = [role for role in Role if any(role in row.cells for row in rows)]
    return table(
        ["function", "key", *(ROLE_INFO[role].code for role in roles)],
        ([row.title, f"`{row.key}`", *(row.access_of(role).value for role in roles)] for row in rows),
    )


if __name__ == "__main__":
    sys.stdout.write(render())
