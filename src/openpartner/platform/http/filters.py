"""The JSON filter language of Partner Center lists: parsed, checked against what a list allows, and evaluated.

``{"Field": "CompanyName", "Value": "cont", "Operator": "starts_with"}``, or two of them joined:
``{"LeftFilter": {…}, "RightFilter": {…}, "Operator": "and"}``, to any depth up to DEEPEST.
Names are read whatever their case; operators also in Pascal case. A list's queries translate the tree to SQL;
``matches`` is the same meaning over plain values.
Source: partner-center-conventions §10.
"""

import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime
from decimal import Decimal, InvalidOperation
from enum import StrEnum
from typing import Any

from openpartner.platform.errors import Invalid

Value = str | bool | int | float | None
"""What a filter may compare with, as JSON gives it."""

Actual = str | bool | int | Decimal | date | datetime | None
"""What a row may hold."""

DEEPEST = 10
LONGEST = 4_000


class Operator(StrEnum):
    EQUALS = "equals"
    NOT_EQUALS = "not_equals"
    GREATER_THAN = "greater_than"
    GREATER_THAN_OR_EQUALS = "greater_than_or_equals"
    LESS_THAN = "less_than"
    LESS_THAN_OR_EQUALS = "less_than_or_equals"
    SUBSTRING = "substring"
    STARTS_WITH = "starts_with"
    NOT_STARTS_WITH = "not_starts_with"
    AND = "and"
    OR = "or"


JOINING = frozenset({Operator.AND, Operator.OR})
EQUALITY = frozenset({Operator.EQUALS, Operator.NOT_EQUALS})
ORDERING = frozenset(
    {
        Operator.GREATER_THAN,
        Operator.GREATER_THAN_OR_EQUALS,
        Operator.LESS_THAN,
        Operator.LESS_THAN_OR_EQUALS,
    }
)
TEXT = frozenset({Operator.SUBSTRING, Operator.STARTS_WITH, Operator.NOT_STARTS_WITH})

Fields = Mapping[str, frozenset[Operator]]
"""What a list allows: each field under the name the list's queries use, with its operators."""


class BadFilter(Invalid):
    """The filter is not JSON, or not a simple or joined comparison. Source: partner-center-conventions §19, 800002."""


class UnknownFilterField(Invalid):
    """The list cannot be filtered by this field. Source: partner-center-conventions §19, 3000."""

    code = 3000

    def __init__(self, field: str, fields: Fields) -> None:
        super().__init__(f"The field {field!r} cannot be filtered here; use {', '.join(fields)}.", field=field)


class UnknownFilterOperator(Invalid):
    """No operator has this name. Source: partner-center-conventions §19, 900126."""

    code = 900126

    def __init__(self, operator: str) -> None:
        super().__init__(f"The operator {operator!r} is unknown; use {', '.join(Operator)}.", operator=operator)


class OperatorNotAllowed(Invalid):
    """The field takes other operators. Source: partner-center-conventions §10."""

    def __init__(self, field: str, operator: Operator, allowed: frozenset[Operator]) -> None:
        super().__init__(
            f"The field {field} cannot be compared with {operator}; use {' or '.join(sorted(allowed))}.",
            field=field,
            operator=str(operator),
        )


@dataclass(frozen=True)
class Comparison:
    """``field`` is the list's own name for it, not the caller's spelling."""

    field: str
    operator: Operator
    value: Value


@dataclass(frozen=True)
class Junction:
    operator: Operator
    left: "Filter"
    right: "Filter"


Filter = Comparison | Junction


def parse(text: str, fields: Fields) -> Filter:
    """The tree of ``text``; raises BadFilter, UnknownFilterField, UnknownFilterOperator, OperatorNotAllowed."""
    if len(text) > LONGEST:
        raise BadFilter(f"The filter is longer than {LONGEST} characters; shorten it.")
    try:
        read = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise BadFilter("The filter is not valid JSON; encode a JSON object in the query string.") from error
    return _tree(read, fields, depth=1)


def comparisons(tree: Filter) -> Iterator[Comparison]:
    """Every comparison of the tree, from left to right."""
    if isinstance(tree, Comparison):
        yield tree
    else:
        yield from comparisons(tree.left)
        yield from comparisons(tree.right)


def matches(tree: Filter, read: Callable[[str], Actual]) -> bool:
    """Whether a row, of which ``read`` gives each field, passes the filter. Text is compared without its case.

    Raises BadFilter when a value is not of the field's kind.
    """
    if isinstance(tree, Comparison):
        return _passes(tree, read(tree.field))
    if tree.operator is Operator.AND:
        return matches(tree.left, read) and matches(tree.right, read)
    return matches(tree.left, read) or matches(tree.right, read)


def _tree(read: Any, fields: Fields, *, depth: int) -> Filter:
    if not isinstance(read, dict):
        raise BadFilter("A filter is a JSON object with Field, Value and Operator, or two filters and an Operator.")
    if depth > DEEPEST:
        raise BadFilter(f"Filters are nested more than {DEEPEST} deep; simplify the filter.")
    members = {str(name).lower(): value for name, value in read.items()}
    operator = _operator(members.get("operator"))
    if operator in JOINING:
        if "leftfilter" not in members or "rightfilter" not in members:
            raise BadFilter(f"The operator {operator} needs a LeftFilter and a RightFilter.")
        left = _tree(members["leftfilter"], fields, depth=depth + 1)
        right = _tree(members["rightfilter"], fields, depth=depth + 1)
        return Junction(operator, left, right)
    return _comparison(members, operator, fields)


def _operator(name: Any) -> Operator:
    if not isinstance(name, str) or not name:
        raise BadFilter("The filter has no Operator.")
    plain = name.replace("_", "").lower()
    for operator in Operator:
        if operator.value.replace("_", "") == plain:
            return operator
    raise UnknownFilterOperator(name)


def _comparison(members: dict[str, Any], operator: Operator, fields: Fields) -> Comparison:
    name, value = members.get("field"), members.get("value")
    if not isinstance(name, str) or not name:
        raise BadFilter("The filter has no Field.")
    if isinstance(value, (dict, list)):
        raise BadFilter(f"The value for {name} must be a text, a number, true, false or null.")
    field = next((known for known in fields if _plain(known) == _plain(name)), None)
    if field is None:
        raise UnknownFilterField(name, fields)
    if operator not in fields[field]:
        raise OperatorNotAllowed(field, operator, fields[field])
    return Comparison(field, operator, value)


def _plain(name: str) -> str:
    """``company_name`` and ``CompanyName`` are one field."""
    return name.replace("_", "").lower()


def _passes(comparison: Comparison, actual: Actual) -> bool:
    operator, wanted = comparison.operator, comparison.value
    if operator in TEXT:
        found, part = _text(actual), _text(wanted)
        if operator is Operator.SUBSTRING:
            return part in found
        return found.startswith(part) is (operator is Operator.STARTS_WITH)
    if actual is None or wanted is None:
        equal = actual is None and wanted is None
        return equal if operator is Operator.EQUALS else (not equal and operator is Operator.NOT_EQUALS)
    order = _compare(actual, wanted, comparison.field)
    return {
        Operator.EQUALS: order == 0,
        Operator.NOT_EQUALS: order != 0,
        Operator.GREATER_THAN: order > 0,
        Operator.GREATER_THAN_OR_EQUALS: order >= 0,
        Operator.LESS_THAN: order < 0,
        Operator.LESS_THAN_OR_EQUALS: order <= 0,
    }[operator]


def _text(value: Actual | float) -> str:
    return "" if value is None else str(value).casefold()


def _compare(actual: Actual, wanted: Value, field: str) -> int:
    """Below zero, zero or above zero, after reading ``wanted`` as the kind that ``actual`` is of."""
    here, there = _pair(actual, wanted, field)
    return int(here > there) - int(here < there)


def _pair(actual: Actual, wanted: Value, field: str) -> tuple[Any, Any]:
    if isinstance(actual, bool):
        return actual, _boolean(wanted, field)
    if isinstance(actual, (int, Decimal)):
        try:
            return Decimal(actual), Decimal(str(wanted))
        except InvalidOperation as error:
            raise BadFilter(f"The value for {field} must be a number.") from error
    if isinstance(actual, datetime):
        return actual, instant(str(wanted), field)
    if isinstance(actual, date):
        return actual, instant(str(wanted), field).date()
    return _text(actual), _text(wanted)


def _boolean(wanted: Value, field: str) -> bool:
    known = {"true": True, "false": False}
    text = _text(wanted)
    if text not in known:
        raise BadFilter(f"The value for {field} must be true or false.")
    return known[text]


def instant(text: str, field: str) -> datetime:
    """``text`` as an instant: ISO 8601, or the month/day/year of the .NET client; without a zone it is UTC."""
    for reading in (datetime.fromisoformat, _month_first):
        try:
            read = reading(text.strip())
        except ValueError:
            continue
        return read if read.tzinfo else read.replace(tzinfo=UTC)
    raise BadFilter(f"The value for {field} must be a date such as 2026-11-30 or 2026-11-30T00:00:00Z.")


def _month_first(text: str) -> datetime:
    form = "%m/%d/%Y %H:%M:%S" if " " in text else "%m/%d/%Y"
    return datetime.strptime(text, form).replace(tzinfo=UTC)
