"""Lists that are computed and short: filtered, ordered and paged over plain values, as the query options ask."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any

from openpartner.platform.errors import Invalid
from openpartner.platform.graph import filters
from openpartner.platform.graph.asked import Asked
from openpartner.platform.graph.conditions import Walk
from openpartner.platform.graph.edm import Resource
from openpartner.platform.graph.errors import AdvancedQueryNeeded, BadPageToken, ResourceMissing
from openpartner.platform.graph.options import Order, query_text, search_terms
from openpartner.platform.graph.pages import check_advanced
from openpartner.platform.graph.rendering import render
from openpartner.platform.graph.values import ValueAlgebra, value_at
from openpartner.platform.http.answers import make_token, read_token
from openpartner.platform.work import UnitOfWork

Rows = Iterable[Mapping[str, Any]]


def _chosen(asked: Asked, resource: Resource, rows: Rows) -> list[Mapping[str, Any]]:
    """What ``$filter`` and ``$search`` leave. Raises GraphInvalid."""
    options, found, advanced = asked.options, list(rows), set[str]()
    given, searched = options.text("filter"), options.text("search")
    if given is not None:
        walk = Walk(resource, ValueAlgebra())
        holds = walk.visit(filters.parse(given))
        advanced |= walk.advanced
        found = [row for row in found if holds(row, None)]
    if searched is not None:
        advanced.add("$search")
        terms = search_terms(searched, resource)
        found = [row for row in found if any(all(_has(row, *clause) for clause in each) for each in terms)]
    check_advanced(asked, resource, advanced)
    return found


def _has(row: Mapping[str, Any], name: str, words: str) -> bool:
    held = str(row.get(name) or "").lower().split()
    return bool(words) and all(any(each.startswith(word) for each in held) for word in words.lower().split())


def _place(row: Mapping[str, Any], order: Order) -> tuple[bool, Any]:
    value = value_at(row, order.path)
    if isinstance(value, str):
        value = value.lower()
    return (value is not None, value if value is not None else "")


def list_of(
    asked: Asked,
    resource: Resource,
    rows: Rows,
    *,
    uow: UnitOfWork | None = None,
    context: str | None = None,
    typed: bool = False,
) -> dict[str, Any]:
    """A page of a computed list, in the order given unless ``$orderby`` says another. Raises GraphInvalid."""
    return mixed_of(asked, [(resource, rows)], uow=uow, context=context, typed=typed)


def mixed_of(
    asked: Asked,
    parts: Sequence[tuple[Resource, Rows]],
    *,
    uow: UnitOfWork | None = None,
    context: str | None = None,
    typed: bool = True,
) -> dict[str, Any]:
    """The same of several types, one behind the other. A property that a type lacks is null in it."""
    options = asked.options
    found: list[tuple[Resource, Mapping[str, Any]]] = []
    for declared, rows in parts:
        resource = asked.full(declared)
        options.check_expansions(resource.navigations, resource)
        found += [(resource, row) for row in _chosen(asked, resource, rows)]
    first = asked.full(parts[0][0])
    for order in reversed(options.order(first)):
        found.sort(key=lambda each: _place(each[1], order), reverse=order.descending)
    size = options.page_size(first, asked.preferences.max_page_size)
    begins = _begins(asked) + (options.number("skip") or 0)
    body: dict[str, Any] = {"@odata.context": asked.context(context or first.entity_set)}
    if options.wants_count and options.text("skiptoken") is None:
        body["@odata.count"] = len(found)
    if len(found) > begins + size:
        kept = {name: value for name, value in options.given.items() if name not in {"skiptoken", "skip"}}
        token = make_token(begins + size)
        body["@odata.nextLink"] = f"{asked.link(asked.path)}?{query_text({**kept, 'skiptoken': token})}"
    later = asked.preferences.unknown_enum_members
    selection = replace(options.selection, among=tuple(asked.full(resource) for resource, _ in parts))
    body["value"] = [
        shown
        for resource, row in found[begins : begins + size]
        for shown in render(resource, [row], selection, uow=uow, typed=typed, with_later=later)
    ]
    return body


def _begins(asked: Asked) -> int:
    given = asked.options.text("skiptoken")
    if given is None:
        return 0
    try:
        return max(read_token(given, int), 0)
    except Invalid as error:
        raise BadPageToken from error


def count_in(asked: Asked, *parts: tuple[Resource, Rows]) -> int:
    """``…/$count`` of a computed list. Raises GraphInvalid."""
    found = sum(len(_chosen(asked, asked.full(resource), rows)) for resource, rows in parts)
    if parts[0][0].is_directory and not asked.options.consistent_later:
        raise AdvancedQueryNeeded("The segment $count")
    return found


def one_in(
    asked: Asked,
    resource: Resource,
    row: Mapping[str, Any] | None,
    key: object,
    *,
    uow: UnitOfWork | None = None,
    context: str | None = None,
    typed: bool = False,
) -> dict[str, Any]:
    """One computed object in its envelope. Raises ResourceMissing when there is none, GraphInvalid."""
    if row is None:
        raise ResourceMissing(key)
    resource = asked.full(resource)
    asked.options.check_expansions(resource.navigations, resource)
    later = asked.preferences.unknown_enum_members
    [shown] = render(resource, [row], asked.options.selection, uow=uow, typed=typed, with_later=later)
    return {"@odata.context": asked.context(context or resource.entity_set, one=True), **shown}
