"""docs/directory-roles.md is what people read; the table is what is enforced. They must not part."""

from pathlib import Path

from openpartner.platform.directory_roles_document import render

DOCUMENT = Path(__file__).parents[2] / "docs" / "directory-roles.md"


def test_the_document_of_directory_roles_is_current() -> None:
    assert DOCUMENT.read_text(encoding="utf-8") == render(), (
        "Run: python -m openpartner.platform.directory_roles_document > docs/directory-roles.md"
    )


def test_it_names_the_least_privileged_role_first() -> None:
    [line] = [line for line in render().splitlines() if "| `licences_assign` |" in line]

    assert line == (
        "| Assign and remove licences | `licences_assign` | License Administrator, User Administrator,"
        " Directory Writers, Global Administrator |  |"
    )
