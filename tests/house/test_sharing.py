"""What is costly is made once: its tests are one worker's."""

from tests.support.sharing import GROUPS, group_of


def test_tests_of_one_group_go_to_one_worker() -> None:
    pages = "tests/portal/test_every_page.py::test_every_page[admin@contoso.example]"
    pictures = "tests/portal/test_screenshots.py::test_a_page[home-light]"

    assert group_of(pages) == group_of(pictures) == "demo world"
    assert group_of("tests/portal/test_rules.py::test_rule[1]") == "tests/portal/test_rules.py::test_rule[1]"
    assert set(GROUPS.values()) == {"demo world", "clients", "programs"}
