"""Conditions in SQL. Texts are compared without the case of ASCII letters, alike on both databases."""

import json
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from sqlalchemy import ColumnElement, Text, and_, false, func, literal, not_, or_, true, type_coerce

from openpartner.platform.graph.conditions import Operand
from openpartner.platform.graph.edm import Expression, Kind, Many, Property
from openpartner.platform.graph.errors import UnsupportedQuery


def escaped(value: str) -> str:
    """For LIKE with a backslash as its escape."""
    return value.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")


def _column(target: Property) -> Any:
    expression: Expression | None = target.compared if target.compared is not None else target.column
    if expression is None:
        raise UnsupportedQuery(
            f"Unsupported or invalid query filter clause specified for property '{target.name}'.", target=target.name
        )
    return expression


def _is_null(target: Property) -> ColumnElement[bool]:
    column = _column(target)
    return or_(column.is_(None), column == "") if target.kind is Kind.TEXT else column.is_(None)


_ORDERINGS: Mapping[str, Callable[[Any, Any], ColumnElement[bool]]] = {
    "eq": lambda column, value: column == value,
    "gt": lambda column, value: column > value,
    "ge": lambda column, value: column >= value,
    "lt": lambda column, value: column < value,
    "le": lambda column, value: column <= value,
}


class SqlAlgebra:
    """Conditions over a resource's rows."""

    def compare(self, operand: Operand, operator: str, value: Any) -> ColumnElement[bool]:
        target = operand.property
        if operator == "ne":
            return self.negated(self.compare(operand, "eq", value))
        if target.test is not None:
            return (
                or_(*(target.test("eq", each) for each in value)) if operator == "in" else target.test(operator, value)
            )
        if operator == "in":
            return self._within(target, value)
        if value is None:
            return _is_null(target)
        if target.kind is Kind.TEXT:
            return self._text(target, operator, str(value))
        column = _column(target)
        return _ORDERINGS[operator](column, value)

    @staticmethod
    def _text(target: Property, operator: str, value: str) -> ColumnElement[bool]:
        if "\0" in value:  # no stored text has one, and PostgreSQL takes none
            return false()
        column = _column(target)
        folded = column if target.compared is not None else func.lower(column)
        wanted = literal(value.lower()) if target.compared is not None else func.lower(literal(value))
        if operator == "eq" and not value:
            return _is_null(target)
        if operator in _ORDERINGS:
            return _ORDERINGS[operator](folded, wanted)
        text = escaped(value)
        pattern = {"startswith": f"{text}%", "endswith": f"%{text}", "contains": f"%{text}%"}[operator]
        like: ColumnElement[bool] = folded.like(func.lower(literal(pattern)), escape="\\")
        return like

    def _within(self, target: Property, values: Sequence[Any]) -> ColumnElement[bool]:
        if target.kind is Kind.TEXT or None in values:
            operand = Operand(target, (target.name,))
            return or_(false(), *(self.compare(operand, "eq", each) for each in values))
        within: ColumnElement[bool] = _column(target).in_(values)
        return within

    def count(self, operand: Operand, operator: str, value: int) -> ColumnElement[bool]:
        many = _many(operand)
        if many.count is None:
            raise UnsupportedQuery(f"'{operand.property.name}' cannot be counted in $filter.")
        counted = Property(name="$count", kind=Kind.LONG, column=many.count)
        return self.compare(Operand(counted, ()), operator, value)

    def constant(self, value: bool) -> ColumnElement[bool]:
        return true() if value else false()

    def both(self, parts: Sequence[ColumnElement[bool]]) -> ColumnElement[bool]:
        return and_(true(), *parts)

    def either(self, parts: Sequence[ColumnElement[bool]]) -> ColumnElement[bool]:
        return or_(false(), *parts)

    def negated(self, part: ColumnElement[bool]) -> ColumnElement[bool]:
        """Not, where a comparison with null counts as false: OData knows no third value."""
        return not_(func.coalesce(part, false()))

    def any_of(self, collection: Operand, part: ColumnElement[bool] | None) -> ColumnElement[bool]:
        return _many(collection).exists(true() if part is None else part)


def _many(operand: Operand) -> Many:
    if operand.property.many is None:
        raise UnsupportedQuery(f"'{operand.property.name}' is no collection that can be asked.")
    return operand.property.many


def text_list(column: Any) -> Many:
    """How a list of texts, stored as JSON text (``db.Json``), is asked: eq, startswith and ``any()``."""
    from_json = func.lower(func.coalesce(type_coerce(column, Text()), "[]"))

    def test(operator: str, value: Any) -> ColumnElement[bool]:
        if operator not in {"eq", "startswith"}:
            raise UnsupportedQuery(f"The elements of this collection cannot be compared with '{operator}'.")
        return or_(
            *(from_json.like(func.lower(literal(pattern)), escape="\\") for pattern in _patterns(operator, value))
        )

    return Many(elements={"": Property(name="", test=test)}, exists=lambda part: and_(from_json != "[]", part))


def texts(name: str, column: Any, **more: Any) -> Property:
    """A list of texts, stored as JSON text (``db.Json``)."""
    return Property(name=name, column=column, is_collection=True, many=text_list(column), **more)


def _patterns(operator: str, value: Any) -> tuple[str, str]:
    """An element stands behind ``[`` or a comma, and a quote inside a text is written with a backslash before it."""
    text = escaped(json.dumps("" if value is None else str(value), ensure_ascii=False))
    element = text if operator == "eq" else text[:-1]
    return f"[{element}%", f"%,{element}%"
