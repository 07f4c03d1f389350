"""The filter language: what is read, what is refused and with which code, and what a tree means."""

import json
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from openpartner.platform.errors import DomainError
from openpartner.platform.http import filters
from openpartner.platform.http.filters import Actual, Comparison, Junction, Operator

FIELDS = {
    "CompanyName": filters.TEXT,
    "InvoiceDate": filters.ORDERING | filters.EQUALITY,
    "Status": filters.EQUALITY,
    "Total": filters.ORDERING,
    "Resolved": filters.EQUALITY,
    "DueOn": filters.ORDERING,
}


def simple(field: str, operator: str, value: Any) -> dict[str, Any]:
    return {"Field": field, "Value": value, "Operator": operator}


def both(left: dict[str, Any], right: dict[str, Any], operator: str = "and") -> dict[str, Any]:
    return {"LeftFilter": left, "RightFilter": right, "Operator": operator}


def parsed(read: object) -> filters.Filter:
    return filters.parse(json.dumps(read), FIELDS)


def test_a_simple_filter_is_one_comparison() -> None:
    text = '{"Field":"CompanyName","Value":"cont","Operator":"starts_with"}'

    assert filters.parse(text, FIELDS) == Comparison("CompanyName", Operator.STARTS_WITH, "cont")


@pytest.mark.parametrize(
    ("field", "operator"),
    [("companyname", "StartsWith"), ("COMPANY_NAME", "STARTS_WITH"), ("company_name", "startsWith")],
)
def test_names_and_operators_are_read_in_any_spelling(field: str, operator: str) -> None:
    read = {"fIELD": field, "vALUE": "cont", "oPERATOR": operator}

    assert parsed(read) == Comparison("CompanyName", Operator.STARTS_WITH, "cont")


def test_filters_join_and_nest() -> None:
    first, second = simple("Total", "greater_than", 1), simple("Total", "less_than", 9)
    third = simple("Status", "equals", "open")

    tree = parsed(both(both(first, second), third, "or"))

    one, two, three = (
        Comparison("Total", Operator.GREATER_THAN, 1),
        Comparison("Total", Operator.LESS_THAN, 9),
        Comparison("Status", Operator.EQUALS, "open"),
    )
    assert tree == Junction(Operator.OR, Junction(Operator.AND, one, two), three)
    assert list(filters.comparisons(tree)) == [one, two, three]


def nested(depth: int) -> dict[str, Any]:
    tree = simple("Status", "equals", "a")
    for _ in range(depth - 1):
        tree = both(tree, simple("Status", "equals", "b"), "or")
    return tree


def test_ten_levels_are_read() -> None:
    assert len(list(filters.comparisons(parsed(nested(10))))) == 10


@pytest.mark.parametrize(
    ("text", "code", "message"),
    [
        ("{", 800002, "The filter is not valid JSON; encode a JSON object in the query string."),
        ("[" * 3_999, 800002, "The filter is not valid JSON; encode a JSON object in the query string."),
        (" " * 4_001, 800002, "The filter is longer than 4000 characters; shorten it."),
        (
            "[]",
            800002,
            "A filter is a JSON object with Field, Value and Operator, or two filters and an Operator.",
        ),
        ("{}", 800002, "The filter has no Operator."),
        ('{"Operator":"equals","Value":"a"}', 800002, "The filter has no Field."),
        (
            '{"Operator":"and","LeftFilter":{}}',
            800002,
            "The operator and needs a LeftFilter and a RightFilter.",
        ),
        (
            json.dumps(simple("Status", "equals", ["a"])),
            800002,
            "The value for Status must be a text, a number, true, false or null.",
        ),
        (
            json.dumps(simple("Status", "is_like", "a")),
            900126,
            (
                "The operator 'is_like' is unknown; use equals, not_equals, greater_than, greater_than_or_equals, "
                "less_than, less_than_or_equals, substring, starts_with, not_starts_with, and, or."
            ),
        ),
        (
            json.dumps(simple("Size", "equals", "a")),
            3000,
            "The field 'Size' cannot be filtered here; use CompanyName, InvoiceDate, Status, Total, Resolved, DueOn.",
        ),
        (
            json.dumps(simple("Status", "substring", "a")),
            800002,
            "The field Status cannot be compared with substring; use equals or not_equals.",
        ),
        (json.dumps(nested(11)), 800002, "Filters are nested more than 10 deep; simplify the filter."),
    ],
)
def test_a_bad_filter_is_refused_with_its_code(text: str, code: int, message: str) -> None:
    with pytest.raises(DomainError) as refusal:
        filters.parse(text, FIELDS)

    assert (refusal.value.status, refusal.value.code, refusal.value.message) == (400, code, message)


NOON = datetime(2026, 3, 31, 12, tzinfo=UTC)


@pytest.mark.parametrize(
    ("field", "operator", "value", "actual", "passes"),
    [
        ("CompanyName", "starts_with", "CONT", "Contoso", True),
        ("CompanyName", "starts_with", "oso", "Contoso", False),
        ("CompanyName", "not_starts_with", "oso", "Contoso", True),
        ("CompanyName", "substring", "TOS", "Contoso", True),
        ("CompanyName", "substring", "x", "Contoso", False),
        ("CompanyName", "starts_with", "a", None, False),
        ("Status", "equals", "OPEN", "open", True),
        ("Status", "not_equals", "open", "open", False),
        ("Status", "equals", None, None, True),
        ("Status", "not_equals", None, "open", True),
        ("Status", "equals", None, "open", False),
        ("Total", "greater_than", "9.5", Decimal("9.51"), True),
        ("Total", "less_than_or_equals", 9, 9, True),
        ("Total", "less_than", 9, 9, False),
        ("Total", "less_than", 9, None, False),
        ("Resolved", "equals", "False", False, True),
        ("Resolved", "equals", True, False, False),
        ("InvoiceDate", "greater_than_or_equals", "2026-03-31T12:00:00Z", NOON, True),
        ("InvoiceDate", "greater_than", "2026-03-31T13:00:00+01:00", NOON, False),
        ("InvoiceDate", "less_than", "03/31/2026 12:00:01", NOON, True),
        ("InvoiceDate", "equals", "2026-03-31T12:00:00.0000000", NOON, True),
        ("DueOn", "greater_than_or_equals", "03/31/2026", date(2026, 3, 31), True),
        ("DueOn", "greater_than", "2026-03-31", date(2026, 3, 31), False),
    ],
)
def test_what_a_comparison_means(field: str, operator: str, value: Any, actual: Actual, passes: bool) -> None:
    assert filters.matches(parsed(simple(field, operator, value)), {field: actual}.__getitem__) is passes


@pytest.mark.parametrize(
    ("operator", "left", "right", "passes"),
    [
        ("and", "open", "open", True),
        ("and", "open", "shut", False),
        ("or", "open", "shut", True),
        ("or", "shut", "shut", False),
    ],
)
def test_what_a_junction_means(operator: str, left: str, right: str, passes: bool) -> None:
    tree = parsed(both(simple("Status", "equals", left), simple("Status", "equals", right), operator))

    assert filters.matches(tree, {"Status": "open"}.__getitem__) is passes


@pytest.mark.parametrize(
    ("field", "actual", "message"),
    [
        ("Total", 1, "The value for Total must be a number."),
        ("Resolved", True, "The value for Resolved must be true or false."),
        (
            "InvoiceDate",
            NOON,
            "The value for InvoiceDate must be a date such as 2026-11-30 or 2026-11-30T00:00:00Z.",
        ),
    ],
)
def test_a_value_of_another_kind_is_refused(field: str, actual: Actual, message: str) -> None:
    operator = "equals" if field != "Total" else "less_than"

    with pytest.raises(filters.BadFilter) as refusal:
        filters.matches(parsed(simple(field, operator, "soon")), {field: actual}.__getitem__)

    assert refusal.value.message == message


TREES: st.SearchStrategy[filters.Filter] = st.recursive(
    st.sampled_from(list(FIELDS)).flatmap(
        lambda field: st.builds(
            Comparison,
            st.just(field),
            st.sampled_from(sorted(FIELDS[field])),
            st.one_of(st.text(max_size=5), st.booleans(), st.integers(), st.none()),
        )
    ),
    lambda trees: st.builds(Junction, st.sampled_from([Operator.AND, Operator.OR]), trees, trees),
    max_leaves=filters.DEEPEST,
)


def written(tree: filters.Filter) -> dict[str, Any]:
    if isinstance(tree, Comparison):
        return simple(tree.field, tree.operator, tree.value)
    return both(written(tree.left), written(tree.right), tree.operator)


@given(TREES)
def test_every_tree_that_is_written_is_read_again(tree: filters.Filter) -> None:
    assert parsed(written(tree)) == tree


@given(
    st.recursive(
        st.none() | st.booleans() | st.text(), lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner)
    )
)
def test_any_other_json_is_refused_politely(read: object) -> None:
    with pytest.raises(DomainError):
        parsed(read)
