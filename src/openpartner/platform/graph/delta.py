"""Delta feeds: what changed since a token, read from the event log's sequence. Source: §7.

The first round lists everything by key; its last page's link remembers where the log stood when it began. From then on
a round gives what the log names since, each object once, as it is now.
"""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import msgspec
from odata_query import ast
from sqlalchemy import ColumnElement, func, select

from openpartner.platform.errors import Invalid
from openpartner.platform.events import ChainHead, LogEntry
from openpartner.platform.graph import filters
from openpartner.platform.graph.asked import Asked
from openpartner.platform.graph.errors import Gone, GraphInvalid, UnsupportedQuery
from openpartner.platform.graph.options import query_text
from openpartner.platform.graph.pages import Source, statement_of
from openpartner.platform.graph.rendering import columns_of, render
from openpartner.platform.http.answers import make_token, read_token
from openpartner.platform.work import UnitOfWork

KEPT_FOR = timedelta(days=7)
"""Older tokens start again. Source: graph docs, delta query of directory objects."""


class _State(msgspec.Struct, frozen=True, array_like=True):
    """Where a round stands. since: the log's place it reports from; None in the first round. after: the last key.

    head: the log's place when the round began. at: when that was.
    """

    head: int
    at: datetime
    since: int | None = None
    after: str | int | None = None


@dataclass(frozen=True)
class Feed:
    """What a delta reads. log: which entries of the log concern it. alive: which of its rows are not deleted.

    beside: members of an object beside its own, by its key, and the log's place to report from (None: all).
    reason: what ``@removed`` says of a deleted one.
    """

    source: Source
    log: ColumnElement[bool]
    alive: ColumnElement[bool]
    beside: Callable[[UnitOfWork, Collection[UUID], int | None], Mapping[UUID, dict[str, Any]]] | None = None
    reason: str = "changed"


class SyncStateGone(Gone):
    """The token is too old: start again at ``location``."""

    code = "syncStateNotFound"

    def __init__(self, location: str) -> None:
        super().__init__("The sync state is no longer kept. Start again without a token.", location=location)


def delta_of(uow: UnitOfWork, asked: Asked, feed: Feed) -> dict[str, Any]:
    """One page of a round. Raises GraphInvalid, SyncStateGone."""
    source = Source(asked.full(feed.source.resource), feed.source.where)
    state = _state(uow, asked)
    body: dict[str, Any] = {"@odata.context": f"{asked.context(source.resource.entity_set)}/$delta"}
    if (asked.options.text("deltatoken") or "").lower() == "latest":
        latest = _State(state.head, uow.now, state.head)
        return {**body, "@odata.deltaLink": _link(asked, "deltatoken", latest), "value": []}
    reading = _Round(uow, asked, source, feed, state)
    return body | reading.page(asked.preferences.max_page_size or source.resource.top)


def _link(asked: Asked, name: str, state: _State) -> str:
    kept = {key: value for key, value in asked.options.given.items() if key not in {"skiptoken", "deltatoken"}}
    return f"{asked.link(asked.path)}?{query_text({**kept, name: make_token(state)})}"


def _state(uow: UnitOfWork, asked: Asked) -> _State:
    options = asked.options
    for name in ("orderby", "top", "search", "expand", "skip", "count"):
        if options.text(name) is not None:
            raise UnsupportedQuery(f"'${name}' is not supported in a delta query. Leave it out.", target=f"${name}")
    head = uow.db.scalar(select(ChainHead.seq)) or 0
    token = options.text("skiptoken") or options.text("deltatoken")
    if token is None or token.lower() == "latest":
        return _State(head, uow.now)
    try:
        state = read_token(token, _State)
    except Invalid as error:
        raise GraphInvalid("The delta token is not one of ours. Start again without it.", code="BadRequest") from error
    if uow.now - state.at > KEPT_FOR or state.head > head:
        raise SyncStateGone(asked.link(asked.path))
    if options.text("skiptoken") is None:
        return _State(head=head, at=uow.now, since=state.since)
    return state


def _only(asked: Asked) -> list[UUID] | None:
    """``$filter=id eq …`` (several joined by or): the only filter of a delta. Raises UnsupportedQuery."""
    given = asked.options.text("filter")
    if given is None:
        return None
    tree = filters.parse(given)
    found = []
    for part in filters.operands(tree) if isinstance(tree, ast.BoolOp) and isinstance(tree.op, ast.Or) else [tree]:
        if (
            not isinstance(part, ast.Compare)
            or not isinstance(part.comparator, ast.Eq)
            or filters.path_of(part.left) != ["id"]
            or not isinstance(part.right, ast.GUID | ast.String)
        ):
            raise UnsupportedQuery("A delta query is filtered by id only: id eq '…' or id eq '…'.", target="$filter")
        try:
            found.append(UUID(part.right.val))
        except ValueError as error:
            raise GraphInvalid(f"'{part.right.val}' is not an id.", code="BadRequest", target="$filter") from error
    return found


@dataclass(frozen=True)
class _Round:
    """One request of a round."""

    uow: UnitOfWork
    asked: Asked
    source: Source
    feed: Feed
    state: _State

    @property
    def key(self) -> Any:
        """The column of ``id``."""
        return self.source.resource.properties[self.source.resource.key_name].column

    def page(self, size: int) -> dict[str, Any]:
        """The objects, and where to go next."""
        places: list[int] | None = None
        if self.state.since is None:
            keys = self._all(size)
        else:
            changed = self._changed(size)
            keys, places = [key for key, _ in changed], [place for _, place in changed]
        more, keys = len(keys) > size, keys[:size]
        if more:
            after: str | int = str(keys[-1]) if places is None else places[len(keys) - 1]
            link = {"@odata.nextLink": _link(self.asked, "skiptoken", msgspec.structs.replace(self.state, after=after))}
        else:
            done = _State(head=self.state.head, at=self.state.at, since=self.state.head)
            link = {"@odata.deltaLink": _link(self.asked, "deltatoken", done)}
        return {**link, "value": self._objects(keys)}

    def _all(self, size: int) -> list[UUID]:
        statement = statement_of(self.source, {"key": self.key}).where(self.feed.alive)
        only = _only(self.asked)
        if only is not None:
            statement = statement.where(self.key.in_(only))
        if self.state.after is not None:
            statement = statement.where(self.key > UUID(str(self.state.after)))
        return list(self.uow.db.scalars(statement.order_by(self.key).limit(size + 1)))

    def _changed(self, size: int) -> list[tuple[UUID, int]]:
        """(key, last place in the log) of what changed, in the order of the log."""
        place = func.max(LogEntry.seq)
        statement = (
            select(LogEntry.resource_id, place)
            .where(self.feed.log, LogEntry.seq > (self.state.since or 0), LogEntry.seq <= self.state.head)
            .group_by(LogEntry.resource_id)
            .order_by(place)
            .limit(size + 1)
        )
        only = _only(self.asked)
        if only is not None:
            statement = statement.where(LogEntry.resource_id.in_([str(key) for key in only]))
        if self.state.after is not None:
            statement = statement.having(place > int(self.state.after))
        return [(UUID(key), at) for key, at in self.uow.db.execute(statement)]

    def _objects(self, keys: Sequence[UUID]) -> list[dict[str, Any]]:
        resource, selection = self.source.resource, self.asked.options.selection
        columns: dict[str, Any] = columns_of(selection.properties(resource))
        statement = statement_of(self.source, {**columns, ".alive": self.feed.alive})
        rows = [dict(row._mapping) for row in self.uow.db.execute(statement.where(self.key.in_(keys)))]  # noqa: SLF001 - a public name
        found = {row[resource.key_name]: row for row in rows}
        alive = [found[each] for each in keys if each in found and found[each][".alive"]]
        later = self.asked.preferences.unknown_enum_members
        shown = render(resource, alive, selection, uow=self.uow, with_later=later)
        objects = {row[resource.key_name]: each for row, each in zip(alive, shown, strict=True)}
        if self.feed.beside is not None and objects:
            for each, more in self.feed.beside(self.uow, objects.keys(), self.state.since).items():
                objects[each] |= more
        gone = {"@removed": {"reason": self.feed.reason}}
        return [objects.get(each) or {"id": str(each), **gone} for each in keys if each in found]
