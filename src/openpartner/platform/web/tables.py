"""Lists: what the address of a list page asks for, the columns it has, and the table that answers.

One definition of the columns serves the page, the column chooser and the exports.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Generic, Literal, TypeVar
from urllib.parse import urlencode

Row = TypeVar("Row")
Tone = Literal["neutral", "brand", "info", "success", "warning", "danger"]
ExportFormat = Literal["csv", "xlsx"]


@dataclass(frozen=True)
class Badge:
    """A status chip. In an export it is its text."""

    text: str
    tone: Tone = "neutral"

    def __str__(self) -> str:
        return self.text


@dataclass(frozen=True)
class Link:
    """A text that leads to a page. In an export it is its text."""

    text: str
    href: str

    def __str__(self) -> str:
        return self.text


@dataclass(frozen=True)
class Noted:
    """A value with a smaller line under it. In an export it is the value alone."""

    value: object
    note: str

    def __str__(self) -> str:
        return str(self.value)


@dataclass(frozen=True)
class Confirm:
    """What the dialog before an action says. ``text`` tells the effect, ``button`` names it ("Suspend", not "Yes")."""

    title: str
    text: str
    button: str
    danger: bool = False


@dataclass(frozen=True)
class Action:
    """Something to press: a link, or a form that posts, after a dialog where ``confirm`` is given.

    href: where the link leads. post: where the form goes, with the ``fields``.
    icon: a name of assets/icons.txt. primary: the one main action of a page.
    refused: why it cannot be done now; the button is then shown disabled, with the reason.
    """

    label: str
    href: str = ""
    post: str = ""
    icon: str = ""
    primary: bool = False
    danger: bool = False
    confirm: Confirm | None = None
    fields: Mapping[str, str] = field(default_factory=dict)
    refused: str = ""


@dataclass(frozen=True)
class Column(Generic[Row]):
    """One column.

    value: gives a str, number, Decimal, Money, date, datetime, bool, None, Badge, Link, Noted or Markup; each is
        shown its own way.
    key: in addresses and exports. href: makes the cell the row's link. optional: not shown until chosen.
    export: the value for files, where it differs from the shown one.
    """

    key: str
    title: str
    value: Callable[[Row], object]
    href: Callable[[Row], str] | None = None
    sortable: bool = False
    numeric: bool = False
    optional: bool = False
    export: Callable[[Row], object] | None = None


@dataclass(frozen=True)
class Choice:
    """One option of a filter, a select or a set of radio buttons. ``hint`` is a second line where there is room."""

    value: str
    label: str
    hint: str = ""
    icon: str = ""


@dataclass(frozen=True)
class Filter:
    """A filter over a list. Without choices it is a date.

    default: what holds when nothing is chosen, for a list that always has one: there is then no "All".
    """

    key: str
    title: str
    choices: Sequence[Choice] = ()
    default: str = ""

    def label_of(self, value: str) -> str:
        """The words for a value in the chip of an active filter."""
        return next((choice.label for choice in self.choices if choice.value == value), value)


@dataclass(frozen=True)
class ListRequest:
    """What the address of a list page asks for. Unknown columns, filters, sorts and formats are dropped, not refused.

    after, before: the opaque paging keys that ``Table.next_key`` and ``previous_key`` gave. At most one is set.
    """

    path: str
    search: str = ""
    sort: str = ""
    descending: bool = False
    filters: Mapping[str, str] = field(default_factory=dict)
    columns: tuple[str, ...] = ()
    after: str = ""
    before: str = ""
    export: ExportFormat | None = None

    def pairs(self, **changes: str | None) -> list[tuple[str, str]]:
        """The query, with parts replaced (``None`` drops one). Whatever changes the rows drops the paging keys."""
        given: dict[str, str] = {
            "q": self.search,
            "sort": f"-{self.sort}" if self.descending else self.sort,
            **self.filters,
        }
        given |= {key: value or "" for key, value in changes.items()}
        pairs = [(key, value) for key, value in given.items() if value]
        return pairs + [("columns", key) for key in self.columns]

    def url(self, **changes: str | None) -> str:
        """This page's address with parts replaced: ``url(sort="-name")``, ``url(after=key)``, ``url(format="csv")``."""
        query = urlencode(self.pairs(**changes))
        return f"{self.path}?{query}" if query else self.path

    def without_filters(self) -> str:
        """The address that asks for everything again."""
        return self.url(q=None, **dict.fromkeys(self.filters))

    @property
    def is_filtered(self) -> bool:
        """Whether fewer rows than all are asked for."""
        return bool(self.search or self.filters)


def read_list_request(
    path: str,
    query: Iterable[tuple[str, str]],
    *,
    columns: Sequence[Column[Any]],
    filters: Sequence[Filter] = (),
    sort: str = "",
) -> ListRequest:
    """Read a list page's query (pairs, as ``request.query_params.multi_items()`` gives them).

    sort: the order when none is asked for; a leading ``-`` means descending.
    """
    pairs = [(key.lower(), value.strip()) for key, value in query]
    given = dict(pairs)
    sortable = {column.key for column in columns if column.sortable}
    asked = given.get("sort", "")
    order = asked if asked.removeprefix("-") in sortable else sort
    chosen = {value for key, value in pairs if key == "columns"}
    known = {filter_.key: filter_ for filter_ in filters}
    export = given.get("format")
    after = given.get("after", "")
    return ListRequest(
        path=path,
        search=given.get("q", "")[:200],
        sort=order.removeprefix("-"),
        descending=order.startswith("-"),
        filters={
            key: value
            for key, value in given.items()
            if value and key in known and (not known[key].choices or value in {c.value for c in known[key].choices})
        },
        columns=tuple(column.key for column in columns if column.key in chosen),
        after=after,
        before="" if after else given.get("before", ""),
        export="csv" if export == "csv" else "xlsx" if export == "xlsx" else None,
    )


@dataclass(frozen=True)
class Empty:
    """What a list without rows says: what would stand here, and what to do next."""

    title: str
    text: str
    action: Action | None = None
    icon: str = "document"


@dataclass(frozen=True)
class Table(Generic[Row]):
    """A list with its rows, ready to be drawn by ``table.listing``.

    key: the id in the page. total: all rows that match, where counting is cheap.
    next_key, previous_key: paging keys, empty at the ends.
    search_label: says what the search looks at; empty means no search. exports: offer CSV and XLSX at the same address.
    row_key: makes rows selectable for the ``bulk`` actions, which post the ``selected`` keys.
    row_actions: what can be done with one row. wide: scroll sideways rather than wrap. files: the address that gives
    CSV and XLSX, where it is not the page's own.
    """

    key: str
    title: str
    columns: Sequence[Column[Row]]
    rows: Sequence[Row]
    request: ListRequest
    empty: Empty
    total: int | None = None
    next_key: str = ""
    previous_key: str = ""
    search_label: str = ""
    filters: Sequence[Filter] = ()
    exports: bool = True
    row_key: Callable[[Row], str] | None = None
    bulk: Sequence[Action] = ()
    row_actions: Callable[[Row], Sequence[Action]] | None = None
    wide: bool = False
    files: str = ""

    @property
    def has_tools(self) -> bool:
        """Whether there is something to search, filter, choose or export."""
        return bool(self.rows or self.request.is_filtered or self.filters)

    def file_url(self, kind: ExportFormat) -> str:
        """Where what the list shows comes as a file."""
        return replace(self.request, path=self.files or self.request.path).url(format=kind)

    @property
    def shown_columns(self) -> list[Column[Row]]:
        """The chosen columns, or those that are not optional; the first always."""
        return shown_columns(self.columns, self.request)

    @property
    def paged(self) -> bool:
        """Whether there is another page on either side."""
        return bool(self.next_key or self.previous_key)


def shown_columns(columns: Sequence[Column[Row]], request: ListRequest) -> list[Column[Row]]:
    """The columns a request shows: the chosen ones, or those that are not optional; the first always."""
    chosen = set(request.columns) or {column.key for column in columns if not column.optional}
    return [column for i, column in enumerate(columns) if i == 0 or column.key in chosen]
