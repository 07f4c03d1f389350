"""What a row of the matrix is: a function, the access a role has to it, and the permissions that come of it."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum
from types import MappingProxyType

from openpartner.platform.permissions.roles import ROLE_OF_CODE, Role


class Access(Enum):
    """What a cell of the matrix gives. MANAGE includes VIEW."""

    NONE = ""
    VIEW = "V"
    MANAGE = "M"

    def covers(self, wanted: "Access") -> bool:
        return _STRENGTH[self] >= _STRENGTH[wanted]


_STRENGTH = {Access.NONE: 0, Access.VIEW: 1, Access.MANAGE: 2}


@dataclass(frozen=True)
class Permission:
    """To see (VIEW) or to see and change (MANAGE) what one function covers."""

    function_key: str
    access: Access

    def __str__(self) -> str:
        return f"{self.function_key}:{'write' if self.access is Access.MANAGE else 'read'}"


class Workspace(Enum):
    """Where the portal shows a function; the order is that of the matrix."""

    HOME = "Home"
    ACCOUNT_SETTINGS = "Account settings"
    CUSTOMERS = "Customers and relationships"
    ORDERS = "Pricing, orders, subscriptions"
    BILLING = "Billing"
    MEMBERSHIP = "Membership and benefits"
    REFERRALS = "Referrals and co-sell"
    INCENTIVES = "Incentives and payouts"
    INSIGHTS = "Insights"
    SUPPORT = "Help and support"
    MARKETPLACE = "Marketplace"
    OPERATOR = "Programme operation"
    CUSTOMER = "Customer administration"


@dataclass(frozen=True)
class Function:
    """One row of the matrix. ``source`` names the pages of the public documentation that the cells come from."""

    key: str
    title: str
    workspace: Workspace
    cells: Mapping[Role, Access]
    source: str

    @property
    def read(self) -> Permission:
        return Permission(self.key, Access.VIEW)

    @property
    def write(self) -> Permission:
        return Permission(self.key, Access.MANAGE)

    def access_of(self, role: Role) -> Access:
        return self.cells.get(role, Access.NONE)

    def __hash__(self) -> int:
        return hash(self.key)


def function_row(
    workspace: Workspace, key: str, title: str, *, manage: str = "", view: str = "", source: str
) -> Function:
    """One row; ``manage`` and ``view`` name roles by their codes, parted by spaces."""
    cells = {ROLE_OF_CODE[code]: Access.VIEW for code in view.split()}
    cells |= {ROLE_OF_CODE[code]: Access.MANAGE for code in manage.split()}
    return Function(key, title, workspace, MappingProxyType(cells), source)
