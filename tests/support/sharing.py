"""Which tests one worker does: those that share what takes long to make. The rest go wherever a worker is free.

``--dist loadgroup`` would do it by marks, but it writes the group into an attribute that pytest keeps no more.
"""

from collections.abc import Mapping

from xdist.scheduler import LoadScopeScheduling

GROUPS: Mapping[str, str] = {
    "tests/portal/test_every_page.py": "demo world",
    "tests/portal/test_screenshots.py": "demo world",
    "tests/clients/": "clients",
    "tests/programs/": "programs",
}
"""By the beginnings of addresses of tests."""


def group_of(nodeid: str) -> str:
    """The group of a test; its own address when it has none."""
    return next((group for beginning, group in GROUPS.items() if nodeid.startswith(beginning)), nodeid)


class ByGroup(LoadScopeScheduling):  # type: ignore[misc]  # the library says nothing of its types
    """A group goes to one worker as a whole, the largest first."""

    def _split_scope(self, nodeid: str) -> str:
        return group_of(nodeid)
