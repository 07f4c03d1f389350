"""The one matrix of functions and roles, a file for each part of the portal."""

from collections.abc import Mapping
from types import MappingProxyType

from openpartner.platform.permissions.functions import Function
from openpartner.platform.permissions.matrix import (
    account,
    customer,
    customers,
    marketplace,
    operator,
    orders,
    programmes,
)

_PARTS = (account, customers, orders, programmes, marketplace, operator, customer)

MATRIX: tuple[Function, ...] = tuple(row for part in _PARTS for row in vars(part).values() if isinstance(row, Function))
"""Every row of the files beside this one, in its order: a row cannot be defined and forgotten here."""

FUNCTION_OF_KEY: Mapping[str, Function] = MappingProxyType({row.key: row for row in MATRIX})
