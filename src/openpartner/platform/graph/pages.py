"""Reading declared resources as the query options ask: one object, a page of a list, how many there are.

Pages go by key: the position of the last object is in the ``$skiptoken``, with a mark of the query it belongs to.
"""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import msgspec
from sqlalchemy import ColumnElement, Integer, Select, and_, func, literal, or_, select, tuple_

from openpartner.platform.errors import Invalid
from openpartner.platform.graph import filters
from openpartner.platform.graph.asked import Asked
from openpartner.platform.graph.conditions import Walk, read_instant
from openpartner.platform.graph.edm import Kind, Property, Resource, instant_text
from openpartner.platform.graph.errors import AdvancedQueryNeeded, BadPageToken, ResourceMissing, UnsupportedQuery
from openpartner.platform.graph.options import Order, Selection, query_text, search_terms
from openpartner.platform.graph.rendering import columns_of, columns_read, render
from openpartner.platform.graph.sql import SqlAlgebra, escaped
from openpartner.platform.http.answers import make_token, read_token
from openpartner.platform.work import UnitOfWork

_LEAST: Mapping[Kind, Any] = {
    Kind.INSTANT: datetime(1, 1, 1, tzinfo=UTC),
    Kind.INTEGER: -(2**63),
    Kind.LONG: -(2**63),
    Kind.BOOLEAN: False,
}
"""What null is ordered as: nulls come first, alike on both databases."""


@dataclass(frozen=True)
class Source:
    """Where objects of one type come from: a declared resource and the rows of it that the actor may see."""

    resource: Resource
    where: Sequence[ColumnElement[bool]] = ()


class _Position(msgspec.Struct, frozen=True, array_like=True):
    """After which object the next page begins. mark: of the query."""

    mark: str
    values: list[Any]
    key: str


def _mark(asked: Asked) -> str:
    """Of everything that decides which objects come in which order."""
    given = [asked.path.lower(), *(asked.options.given.get(name, "") for name in ("filter", "orderby", "search"))]
    return hashlib.sha256("\n".join(given).encode()).hexdigest()[:16]


@dataclass(frozen=True)
class _Key:
    """One word of the order in SQL."""

    expression: ColumnElement[Any]
    kind: Kind
    descending: bool


def _keys(uow: UnitOfWork, resource: Resource, orders: Sequence[Order], *, folded: bool) -> list[_Key]:
    found = [_Key(_ordered(uow, each.property, folded=folded), each.property.kind, each.descending) for each in orders]
    key = resource.properties[resource.key_name]
    # Of what happened at one instant the latest comes first too, where the latest is asked for first
    return [*found, _Key(_plain(key.column), key.kind, descending=bool(found) and found[-1].descending)]


def _plain(column: Any) -> ColumnElement[Any]:
    expression: ColumnElement[Any] = column.__clause_element__() if hasattr(column, "__clause_element__") else column
    return expression


def _ordered(uow: UnitOfWork, target: Property, *, folded: bool) -> ColumnElement[Any]:
    column = _plain(target.compared if target.compared is not None else target.column)
    if target.kind is Kind.TEXT and folded:
        text = func.lower(func.coalesce(column, ""))
        return text if uow.world.database.is_sqlite else text.collate("C")
    if target.is_nullable and target.kind in _LEAST:
        return func.coalesce(column, literal(_LEAST[target.kind], column.type))
    return column


def _beyond(keys: Sequence[_Key], values: Sequence[Any]) -> ColumnElement[bool]:
    """The rows behind a position."""
    bound = [literal(value, key.expression.type) for key, value in zip(keys, values, strict=True)]
    if not any(key.descending for key in keys):
        return tuple_(*(key.expression for key in keys)) > tuple_(*bound)
    alternatives = []
    for at, key in enumerate(keys):
        same = [keys[i].expression == bound[i] for i in range(at)]
        further = key.expression < bound[at] if key.descending else key.expression > bound[at]
        alternatives.append(and_(*same, further))
    return or_(*alternatives)


def _to_token(value: Any) -> Any:
    if isinstance(value, datetime):
        return instant_text(value)
    return str(value) if isinstance(value, UUID) else value


def _from_token(value: Any, key: _Key) -> Any:
    if key.kind is Kind.INSTANT:
        return read_instant(str(value))
    if isinstance(key.expression.type, Integer):
        return int(value)
    return UUID(str(value)) if key.kind is Kind.GUID else value


def _position(asked: Asked, keys: Sequence[_Key]) -> list[Any] | None:
    """Where the page begins, from the token. Raises BadPageToken."""
    given = asked.options.text("skiptoken")
    if given is None:
        return None
    try:
        read = read_token(given, _Position)
        if read.mark != _mark(asked) or len(read.values) != len(keys) - 1:
            raise BadPageToken
        values = zip([*read.values, read.key], keys, strict=True)
        return [_from_token(value, key) for value, key in values]
    except (Invalid, ValueError) as error:
        raise BadPageToken from error


def conditions_of(asked: Asked, resource: Resource) -> list[ColumnElement[bool]]:
    """``$filter`` and ``$search`` in SQL, after the rule of advanced queries. Raises GraphInvalid.

    Source: §5: directory objects take some queries only with both marks of a client that knows what it asks.
    """
    options = asked.options
    wanted: list[ColumnElement[bool]] = []
    advanced: set[str] = set()
    given = options.text("filter")
    if given is not None:
        walk = Walk(resource, SqlAlgebra())
        wanted.append(walk.visit(filters.parse(given)))
        advanced |= walk.advanced
        if options.text("orderby") is not None:
            advanced.add("$filter together with $orderby")
    searched = options.text("search")
    if searched is not None:
        advanced.add("$search")
        wanted.append(_searched(searched, resource))
    check_advanced(asked, resource, advanced)
    return wanted


def check_advanced(asked: Asked, resource: Resource, advanced: set[str]) -> None:
    """Refuse an advanced query without its two marks. Raises AdvancedQueryNeeded."""
    if not resource.is_directory:
        return
    options, is_counted = asked.options, asked.path.lower().rstrip("/").endswith("$count")
    if options.wants_count and not options.consistent_later:
        raise AdvancedQueryNeeded("The query option $count")
    if advanced and not (options.consistent_later and (options.wants_count or is_counted)):
        raise AdvancedQueryNeeded(min(advanced))


def _searched(given: str, resource: Resource) -> ColumnElement[bool]:
    alternatives = []
    for clauses in search_terms(given, resource):
        held = []
        for name, words in clauses:
            column = func.lower(_plain(resource.properties[name].column))
            for word in words.split():
                text = escaped(word)
                starts = [column.like(func.lower(literal(p)), escape="\\") for p in (f"{text}%", f"% {text}%")]
                held.append(or_(*starts))
        alternatives.append(and_(*held) if held else literal(False))
    return or_(*alternatives)


def statement_of(source: Source, columns: Mapping[str, Any]) -> Select[Any]:
    """The rows of a source, with these columns by name."""
    resource = source.resource
    statement = select(*(column.label(name) for name, column in columns.items()))
    if resource.source is not None:
        statement = statement.select_from(resource.source)
    return statement.where(*source.where)


def page_of(
    uow: UnitOfWork, asked: Asked, *sources: Source, context: str | None = None, typed: bool | None = None
) -> dict[str, Any]:
    """A page of one list, or of several types merged into one order.

    context: of ``@odata.context``, else the first type's set. typed: with ``@odata.type``; several types always are.
    Raises GraphInvalid.
    """
    options = asked.options
    sources = tuple(Source(asked.full(each.resource), each.where) for each in sources)
    first = sources[0].resource
    if options.number("skip") is not None and not first.may_skip:
        raise UnsupportedQuery("'$skip' is not supported here. Follow '@odata.nextLink' instead.", target="$skip")
    for source in sources:
        options.check_expansions(source.resource.navigations, source.resource)
    size = options.page_size(first, asked.preferences.max_page_size)
    found: list[tuple[list[Any], Resource, dict[str, Any]]] = []
    keys: list[_Key] = []
    total = 0
    selection = replace(options.selection, among=tuple(each.resource for each in sources))
    for source in sources:
        rows, keys, count = _read(uow, asked, source, selection, size)
        found += [(values, source.resource, row) for values, row in rows]
        total += count
    if len(sources) > 1:
        for at in reversed(range(len(keys))):
            found.sort(key=lambda each: each[0][at], reverse=keys[at].descending)
    has_more, shown = len(found) > size, found[:size]
    body: dict[str, Any] = {"@odata.context": asked.context(context or first.entity_set)}
    if options.wants_count and options.text("skiptoken") is None:
        body["@odata.count"] = total
    if has_more:
        body["@odata.nextLink"] = _next_link(asked, shown[-1][0])
    body["value"] = _rendered(uow, asked, shown, selection, typed=len(sources) > 1 if typed is None else typed)
    return body


def _read(
    uow: UnitOfWork, asked: Asked, source: Source, selection: Selection, size: int
) -> tuple[list[tuple[list[Any], dict[str, Any]]], list[_Key], int]:
    """One source's part of a page: (place in the order, values by property path), the order, how many in all."""
    options, resource = asked.options, source.resource
    orders = options.order(resource)
    keys = _keys(uow, resource, orders, folded=options.text("orderby") is not None)
    wanted = conditions_of(asked, resource)
    columns: dict[str, Any] = dict(columns_read(resource, selection.properties(resource)))
    columns |= {f".{at}": key.expression for at, key in enumerate(keys)}
    statement = statement_of(source, columns).where(*wanted)
    begins = _position(asked, keys)
    if begins is not None:
        statement = statement.where(_beyond(keys, begins))
    words = [key.expression.desc() if key.descending else key.expression.asc() for key in keys]
    statement = statement.order_by(*words).limit(size + 1).offset(options.number("skip"))
    rows = []
    for row in uow.db.execute(statement):
        values = dict(row._mapping)  # noqa: SLF001 - SQLAlchemy's public name begins so
        rows.append(([values.pop(f".{at}") for at in range(len(keys))], values))
    count = 0
    if options.wants_count and begins is None:
        counted = select(func.count()).select_from(
            statement_of(source, {"key": keys[-1].expression}).where(*wanted).subquery()
        )
        count = uow.db.scalar(counted) or 0
    return rows, keys, count


def _rendered(
    uow: UnitOfWork,
    asked: Asked,
    shown: Sequence[tuple[list[Any], Resource, dict[str, Any]]],
    selection: Selection,
    *,
    typed: bool,
) -> list[dict[str, Any]]:
    """The objects in their order, each type's rendered together."""
    later = asked.preferences.unknown_enum_members
    objects: dict[int, dict[str, Any]] = {}
    for resource in dict.fromkeys(each for _, each, _ in shown):
        places = [at for at, (_, of, _) in enumerate(shown) if of is resource]
        rows = [shown[at][2] for at in places]
        made = render(resource, rows, selection, uow=uow, typed=typed, with_later=later)
        objects |= dict(zip(places, made, strict=True))
    return [objects[at] for at in range(len(shown))]


def _next_link(asked: Asked, values: Sequence[Any]) -> str:
    position = _Position(_mark(asked), [_to_token(each) for each in values[:-1]], str(values[-1]))
    options = {name: value for name, value in asked.options.given.items() if name not in {"skiptoken", "skip"}}
    return f"{asked.link(asked.path)}?{query_text({**options, 'skiptoken': make_token(position)})}"


def values_of(uow: UnitOfWork, source: Source) -> list[dict[str, Any]]:
    """All stored values of all rows, by property path: for short lists that are merged with computed ones."""
    statement = statement_of(source, columns_of(source.resource.properties.values()))
    return [dict(row._mapping) for row in uow.db.execute(statement)]  # noqa: SLF001 - SQLAlchemy's public name


def count_of(uow: UnitOfWork, asked: Asked, *sources: Source) -> int:
    """``…/$count``. Raises GraphInvalid."""
    total = 0
    sources = tuple(Source(asked.full(each.resource), each.where) for each in sources)
    for source in sources:
        key = source.resource.properties[source.resource.key_name]
        statement = statement_of(source, {"key": key.column}).where(*conditions_of(asked, source.resource))
        total += uow.db.scalar(select(func.count()).select_from(statement.subquery())) or 0
    if sources[0].resource.is_directory and not asked.options.consistent_later:
        raise AdvancedQueryNeeded("The segment $count")
    return total


def one_of(
    uow: UnitOfWork, asked: Asked, source: Source, key: object, *, typed: bool = False, context: str | None = None
) -> dict[str, Any]:
    """One object in its envelope. key: for the refusal. Raises ResourceMissing, GraphInvalid."""
    resource, selection = asked.full(source.resource), asked.options.selection
    asked.options.check_expansions(resource.navigations, resource)
    columns: dict[str, Any] = dict(columns_read(resource, selection.properties(resource)))
    row = uow.db.execute(statement_of(Source(resource, source.where), columns)).one_or_none()
    if row is None:
        raise ResourceMissing(key)
    later = asked.preferences.unknown_enum_members
    [shown] = render(resource, [dict(row._mapping)], selection, uow=uow, typed=typed, with_later=later)  # noqa: SLF001
    return {"@odata.context": asked.context(context or resource.entity_set, one=True), **shown}
