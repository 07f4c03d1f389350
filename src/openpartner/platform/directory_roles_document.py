"""docs/directory-roles.md, written from the table of directory roles and actions.

``python -m openpartner.platform.directory_roles_document > docs/directory-roles.md``.
"""

import sys
from collections.abc import Iterator

from openpartner.platform.directory_actions import ACTION_TITLES, DirectoryAction
from openpartner.platform.directory_functions import READS, WRITES, Needed
from openpartner.platform.directory_role_words import ALLOWS
from openpartner.platform.directory_roles import DIRECTORY_ROLES
from openpartner.platform.directory_table import (
    ACTIONS_BY_PERMISSION,
    ACTIONS_BY_ROLE,
    MEMBER_ACTIONS,
    OVER_SOMEBODY,
    REACH,
    ROLES_BY_ACTION,
)
from openpartner.platform.markdown import table

INTRODUCTION = """\
# Directory roles

Written from `openpartner/platform/directory_table.py`; change it there and run
`python -m openpartner.platform.directory_roles_document > docs/directory-roles.md`.

A user may do in a tenant what any of the directory roles it holds there permits, be they its own or delegated by a
granular relationship. An application may do what its granted permissions say, and never profits from delegation."""

FEW = 12
"""An action that more roles permit is told by their number; the second table then has them."""


def render() -> str:
    """The whole document, ending with a line feed."""
    return "\n".join([INTRODUCTION, *_actions(), *_reach(), *_permissions(), *_functions(), *_roles()]) + "\n"


def _actions() -> Iterator[str]:
    yield from ("", "## Who may do what, the least privileged role first", "")
    yield from table(
        ["action", "key", "roles", "every member"],
        (
            [ACTION_TITLES[each], f"`{each}`", _permitting(each), "yes" if each in MEMBER_ACTIONS else ""]
            for each in DirectoryAction
        ),
    )


def _permitting(action: DirectoryAction) -> str:
    names = [DIRECTORY_ROLES[role].name for role in ROLES_BY_ACTION[action]]
    if len(names) <= FEW:
        return ", ".join(names)
    return f"{', '.join(names[:3])} and {len(names) - 3} more"


def _reach() -> Iterator[str]:
    yield from ("", "## Over whom", "")
    over = ", ".join(f"`{each}`" for each in DirectoryAction if each in OVER_SOMEBODY)
    yield f"For {over} it matters who it is done to. A role that is not named here reaches everybody."
    yield ""
    yield from table(
        ["role", "reaches users without a role, and holders of"],
        (
            [DIRECTORY_ROLES[role].name, ", ".join(sorted(DIRECTORY_ROLES[each].name for each in reached)) or "no role"]
            for role, reached in REACH.items()
        ),
    )


def _permissions() -> Iterator[str]:
    yield from ("", "## What an application's permission lets it do", "")
    yield from table(
        ["permission", "actions"],
        (
            [f"`{name}`", ", ".join(f"`{each}`" for each in DirectoryAction if each in actions)]
            for name, actions in ACTIONS_BY_PERMISSION.items()
        ),
    )


def _functions() -> Iterator[str]:
    yield from ("", "## What an application needs for a customer's own functions", "")
    yield "On `/v1` and the pages, in the customer's tenant: all of the actions named; to change needs to see too."
    yield ""
    yield from table(
        ["function", "to see", "to change"],
        ([function.title, _needed(READS[function]), _needed(WRITES[function])] for function in READS),
    )


def _needed(needed: Needed) -> str:
    if needed is None:
        return "a person"
    return ", ".join(f"`{each}`" for each in needed) or "nothing more"


def _roles() -> Iterator[str]:
    yield from ("", "## The roles", "")
    yield from table(
        ["role", "template id", "privileged", "in plain words", "actions"],
        (
            [
                role.name,
                f"`{key}`",
                "yes" if role.privileged else "",
                ALLOWS[key],
                ", ".join(f"`{each}`" for each in DirectoryAction if each in ACTIONS_BY_ROLE[key]) or "none here",
            ]
            for key, role in DIRECTORY_ROLES.items()
        ),
    )


if __name__ == "__main__":
    sys.stdout.write(render())
