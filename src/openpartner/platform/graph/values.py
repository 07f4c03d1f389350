"""Conditions over plain values: for resources that are computed, and short. The same meaning as in SQL."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from openpartner.platform.graph.conditions import Operand
from openpartner.platform.graph.edm import Kind

Values = Mapping[str, Any]
Condition = Callable[[Values, Any], bool]
"""Of an object's values and, inside ``any``, the element's."""


def value_at(holder: Any, path: Sequence[str]) -> Any:
    """What a path leads to; None where it ends early."""
    for name in path:
        holder = holder.get(name) if isinstance(holder, Mapping) else None
    return holder


def _folded(value: Any, kind: Kind) -> Any:
    if kind is Kind.TEXT and value is not None:
        text = str(value)
        return "".join(char.lower() if char.isascii() else char for char in text) or None
    return value


def _holds(operator: str, actual: Any, wanted: Any) -> bool:
    if operator == "eq" or actual is None or wanted is None:
        return bool(operator == "eq" and actual == wanted)
    tests: dict[str, Callable[[], Any]] = {
        "gt": lambda: actual > wanted,
        "ge": lambda: actual >= wanted,
        "lt": lambda: actual < wanted,
        "le": lambda: actual <= wanted,
        "startswith": lambda: actual.startswith(wanted),
        "endswith": lambda: actual.endswith(wanted),
        "contains": lambda: wanted in actual,
    }
    return bool(tests[operator]())


class ValueAlgebra:
    """Conditions over an object's values, as the slice gives them: guids and instants are not yet text."""

    def compare(self, operand: Operand, operator: str, value: Any) -> Condition:
        kind = operand.property.kind
        if operator == "in":
            return self.either([self.compare(operand, "eq", each) for each in value])
        if operator == "ne":
            return self.negated(self.compare(operand, "eq", value))
        wanted = _folded(value, kind)

        def holds(row: Values, element: Any) -> bool:
            holder = row if operand.element_of is None else element
            return _holds(operator, _folded(value_at(holder, operand.path), kind), wanted)

        return holds

    def count(self, operand: Operand, operator: str, value: int) -> Condition:
        def holds(row: Values, element: Any) -> bool:  # noqa: ARG001 - the shape of a condition
            size = len(value_at(row, operand.path) or ())
            return size != value if operator == "ne" else _holds(operator, size, value)

        return holds

    def constant(self, value: bool) -> Condition:
        return lambda _row, _element: value

    def both(self, parts: Sequence[Condition]) -> Condition:
        return lambda row, element: all(part(row, element) for part in parts)

    def either(self, parts: Sequence[Condition]) -> Condition:
        return lambda row, element: any(part(row, element) for part in parts)

    def negated(self, part: Condition) -> Condition:
        return lambda row, element: not part(row, element)

    def any_of(self, collection: Operand, part: Condition | None) -> Condition:
        def holds(row: Values, element: Any) -> bool:  # noqa: ARG001 - the shape of a condition
            found = value_at(row, collection.path) or ()
            return bool(found) if part is None else any(part(row, each) for each in found)

        return holds
