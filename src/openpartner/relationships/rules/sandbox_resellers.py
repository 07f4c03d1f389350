"""Indirect resellers that a sandbox's provider makes and gives back. Source: partner-center-conventions §18, §19."""

from collections.abc import Mapping
from http import HTTPStatus

from openpartner.platform.errors import Conflict, Forbidden, InvalidFields, Unauthenticated

SANDBOX_RESELLERS = 5
"""How many of them a provider has at a time. Source: partner-center-conventions §18."""


class NotSandboxProvider(Unauthenticated):
    """Source: partner-center-conventions §19, 6002."""

    status = HTTPStatus.UNAUTHORIZED
    code = 6002

    def __init__(self) -> None:
        super().__init__("Only an indirect provider of a sandbox makes resellers. Use a token of one.")


class SandboxResellersFull(Forbidden):
    """Source: partner-center-conventions §19, 6004."""

    code = 6004

    def __init__(self) -> None:
        super().__init__(f"A provider has {SANDBOX_RESELLERS} sandbox resellers at most. Delete one first.")


class SandboxResellerBusy(Forbidden):
    """Source: partner-center-conventions §19, 6003."""

    code = 6003

    def __init__(self, customers: int) -> None:
        super().__init__(
            f"The reseller still has {customers} customers of yours. Suspend their subscriptions, delete them, "
            "then delete the reseller.",
            customers=customers,
        )


class ResellerDomainTaken(Conflict):
    """Source: partner-center-conventions §19, 1003."""

    code = 1003

    def __init__(self, domain: str) -> None:
        super().__init__(f"A tenant with the domain {domain} exists. Choose another domainPrefix.", domain=domain)


def check_given(members: Mapping[str, str]) -> None:
    """Every member is needed. Raises InvalidFields. Source: partner-center-resources §2, SandboxIndirectReseller."""
    missing = {name: f"{name} is needed." for name, value in members.items() if not value.strip()}
    if missing:
        raise InvalidFields(missing)
