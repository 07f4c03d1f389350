"""The smallest set of roles for some tasks."""

import pytest

from openpartner.platform.directory_access import DirectoryAction as Do
from openpartner.platform.directory_access import actions_of
from openpartner.platform.directory_roles import DIRECTORY_ROLES
from openpartner.relationships.rules import least_privilege
from openpartner.relationships.rules.granular_terms import ASSIGNABLE_ROLES

TASKS = [
    ("reading alone", [Do.USERS_READ, Do.GROUPS_READ], ["Directory Readers"]),
    ("a ticket", [Do.SUPPORT_REQUESTS_WRITE], ["Service Support Administrator"]),
    ("users", [Do.USERS_CREATE, Do.USERS_DELETE, Do.USERS_READ], ["User Administrator"]),
    ("a password of a user", [Do.PASSWORDS_RESET], ["Password Administrator"]),
    ("a password of an administrator", [Do.ADMIN_PASSWORDS_RESET], ["Privileged Authentication Administrator"]),
    (
        "licences and a ticket",
        [Do.LICENCES_ASSIGN, Do.SUPPORT_REQUESTS_WRITE],
        ["Service Support Administrator", "License Administrator"],
    ),
    ("users cover licences", [Do.USERS_CREATE, Do.LICENCES_ASSIGN], ["User Administrator"]),
    ("roles", [Do.ROLES_ASSIGN], ["Privileged Role Administrator"]),
    ("groups", [Do.GROUPS_WRITE, Do.GROUPS_DELETE, Do.GROUP_MEMBERS_WRITE], ["Groups Administrator"]),
    ("nothing", [], []),
]


@pytest.mark.parametrize(("_case", "tasks", "names"), TASKS)
def test_the_smallest_roles_for_some_tasks(_case: str, tasks: list[Do], names: list[str]) -> None:
    advised = least_privilege.smallest_roles(tasks)

    assert sorted(DIRECTORY_ROLES[each.role].name for each in advised) == sorted(names)


@pytest.mark.parametrize("task", list(Do))
def test_every_task_has_a_role_that_a_customer_can_be_asked_for(task: Do) -> None:
    [advice] = least_privilege.smallest_roles([task])

    assert advice.role in ASSIGNABLE_ROLES
    assert advice.tasks == (task,)


def test_every_task_stands_in_one_group() -> None:
    listed = [task for tasks in least_privilege.TASK_GROUPS.values() for task in tasks]

    assert len(listed) == len(set(listed))
    assert set(Do) - set(listed) == {Do.CONTRACTS_READ}  # of the partner's own tenant: no customer grants it


def test_no_role_is_left_that_the_others_make_needless() -> None:
    every = [task for tasks in least_privilege.TASK_GROUPS.values() for task in tasks]
    advised = [each.role for each in least_privilege.smallest_roles(every)]

    assert set(every) <= actions_of(advised)
    for role in advised:
        assert not set(every) <= actions_of(set(advised) - {role})


def test_what_goes_beyond_the_tasks() -> None:
    [advice] = least_privilege.smallest_roles([Do.PASSWORDS_RESET])

    assert Do.PASSWORDS_RESET not in least_privilege.beyond([advice.role], [Do.PASSWORDS_RESET])
    assert Do.USERS_READ in least_privilege.beyond([advice.role], [Do.PASSWORDS_RESET])
