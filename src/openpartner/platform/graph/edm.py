"""What a slice declares of a resource: its properties, where they are stored, how they are written and queried.

One table per type. ``$select`` and the JSON, ``$filter`` and ``$orderby``, ``$expand`` and the CSDL all read it, so
none of them can know a property that the others do not. Source: graph-conventions §3, §5, §12, §16.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime
from enum import StrEnum
from typing import TYPE_CHECKING, Any
from uuid import UUID

from sqlalchemy import ColumnElement
from sqlalchemy.orm import InstrumentedAttribute
from sqlalchemy.sql.elements import SQLCoreOperations

if TYPE_CHECKING:
    from openpartner.platform.graph.options import Selection
    from openpartner.platform.work import UnitOfWork

NAMESPACE = "microsoft.graph"


class Kind(StrEnum):
    """The primitive types of the wire, and the two that have an inner shape."""

    TEXT = "Edm.String"
    GUID = "Edm.Guid"
    BOOLEAN = "Edm.Boolean"
    INTEGER = "Edm.Int32"
    LONG = "Edm.Int64"
    DECIMAL = "Edm.Decimal"
    DOUBLE = "Edm.Double"
    INSTANT = "Edm.DateTimeOffset"
    DATE = "Edm.Date"
    DURATION = "Edm.Duration"
    ENUM = "enum"
    COMPLEX = "complex"


Expression = SQLCoreOperations[Any] | InstrumentedAttribute[Any]
"""What a property is in SQL: a mapped column or any expression over the resource's rows."""


@dataclass(frozen=True, kw_only=True)
class Enumeration:
    """An enumeration type. Members after ``unknownFutureValue`` are sent only to callers that ask for them. §12.

    members: those of the first version. later: those that came after. is_flags: several at once, joined by commas.
    """

    name: str
    members: Sequence[str]
    later: Sequence[str] = ()
    is_evolvable: bool = True
    is_flags: bool = False

    def shown(self, value: str, *, with_later: bool) -> str:
        """The member as this caller may see it."""
        return UNKNOWN_FUTURE_VALUE if value in self.later and not with_later else value

    def known(self, text: str) -> str | None:
        """The member that ``text`` names in any letter case; None when there is none."""
        return next((each for each in (*self.members, *self.later) if each.lower() == text.lower()), None)


UNKNOWN_FUTURE_VALUE = "unknownFutureValue"


@dataclass(frozen=True, kw_only=True)
class Many:
    """How ``any``, ``all`` and ``/$count`` ask about a collection.

    elements: the members of one element, by their name; for a collection of primitives one, under the empty name.
    exists: wraps a condition over an element's columns into one over the resource's row.
    count: how many elements there are.
    """

    elements: Mapping[str, "Property"]
    exists: Callable[[ColumnElement[bool]], ColumnElement[bool]]
    count: Expression | None = None


Loader = Callable[["UnitOfWork", Sequence[Any]], Mapping[Any, Any]]
"""Values of a property for several rows at once, by the rows' keys; a missing key is null (or the empty list)."""


@dataclass(frozen=True, kw_only=True)
class Property:
    """One property.

    column: where it is stored; without one it cannot be filtered or ordered by, unless ``many`` says how.
    compared: what ``$filter`` compares instead of ``column`` (a folded key). stored: from the value a filter names to
    the stored one. test: answers a comparison itself. wire: from the stored value to JSON's.
    load: gives it for many rows at once, where it is not in the row. members: of a complex type. null_unless: the
    member without which a complex value is null. is_default: written when nothing is selected.
    """

    name: str
    kind: Kind = Kind.TEXT
    column: Expression | None = None
    compared: Expression | None = None
    wire: Callable[[Any], Any] | None = None
    stored: Callable[[Any], Any] | None = None
    test: Callable[[str, Any], ColumnElement[bool]] | None = None
    load: Loader | None = None
    many: Many | None = None
    members: Mapping[str, "Property"] = field(default_factory=dict)
    null_unless: str = ""
    type_name: str = ""
    enumeration: Enumeration | None = None
    is_collection: bool = False
    is_default: bool = True
    is_nullable: bool = True
    is_filterable: bool = True

    @property
    def is_stored(self) -> bool:
        """Whether it is read from the row."""
        return self.column is not None or any(member.is_stored for member in self.members.values())

    def written(self, value: Any, *, with_later: bool = False) -> Any:
        """The stored value as JSON has it."""
        if self.wire is not None:
            value = self.wire(value)
        if self.enumeration is not None and isinstance(value, str):
            return self.enumeration.shown(value, with_later=with_later)
        return plain(value)


def plain(value: Any) -> Any:
    """A stored value as JSON: guids and instants as text, an empty text as null. Source: §3."""
    if isinstance(value, Mapping):
        return {name: plain(inner) for name, inner in value.items()}
    if isinstance(value, list | tuple | set | frozenset):
        return [plain(inner) for inner in value]
    if isinstance(value, datetime):
        return instant_text(value)
    if isinstance(value, UUID | date | StrEnum):
        return str(value)
    return None if isinstance(value, str) and not value else value


def instant_text(at: datetime) -> str:
    """ISO 8601 in UTC with ``Z``; a fraction only where there is one. Source: §3."""
    utc = at.astimezone(UTC)
    return utc.isoformat(timespec="microseconds" if utc.microsecond else "seconds").replace("+00:00", "Z")


@dataclass(frozen=True, kw_only=True)
class Navigation:
    """What ``$expand`` may name. load: the related objects of several rows, by the rows' keys.

    target: the type it leads to; None for any directory object. most: more of them are cut off. Source: §5.
    """

    name: str
    load: Callable[["UnitOfWork", Sequence[Any], "Selection"], Mapping[Any, Any]]
    target: "Resource | None" = None
    is_many: bool = True
    most: int = 20


@dataclass(frozen=True, kw_only=True, eq=False)
class Resource:
    """An entity type, and the set its objects are read from.

    name: ``user``. entity_set: as the context names it. key: the column of ``id``, also the last word of every order.
    source: the table or join that rows come from. order: the default order, names of properties. is_directory: the
    rule of advanced queries holds. search: properties that ``$search`` may name. top, most: the page's default and
    greatest size. may_skip: ``$skip`` is taken. version: of a row; with its key it is what every
    object shows as ``@odata.etag``, whatever was selected.
    """

    name: str
    entity_set: str
    properties: Mapping[str, Property]
    key: Expression | None = None
    source: Any = None
    order: Sequence[str] = ()
    navigations: Mapping[str, Navigation] = field(default_factory=dict)
    search: Sequence[str] = ()
    top: int = 100
    most: int = 999
    may_skip: bool = False
    is_directory: bool = False
    version: Expression | None = None
    namespace: str = NAMESPACE
    key_name: str = "id"

    @property
    def type_name(self) -> str:
        """``microsoft.graph.user``."""
        return f"{self.namespace}.{self.name}"

    @property
    def odata_type(self) -> str:
        """What ``@odata.type`` says."""
        return f"#{self.type_name}"

    def defaults(self) -> Iterator[str]:
        """The properties written when nothing is selected."""
        return (name for name, each in self.properties.items() if each.is_default)


def declare(*properties: Property) -> dict[str, Property]:
    """Properties by their name, in the order of the answers."""
    return {each.name: each for each in properties}


def on_request(*properties: Property) -> tuple[Property, ...]:
    """Properties that are written only when they are selected."""
    return tuple(replace(each, is_default=False) for each in properties)


def text(name: str, column: Expression | None = None, **more: Any) -> Property:
    """A text."""
    return Property(name=name, kind=Kind.TEXT, column=column, **more)


def guid(name: str, column: Expression | None = None, **more: Any) -> Property:
    """A GUID, lower case."""
    return Property(name=name, kind=Kind.GUID, column=column, **more)


def boolean(name: str, column: Expression | None = None, **more: Any) -> Property:
    """True or false."""
    return Property(name=name, kind=Kind.BOOLEAN, column=column, **more)


def integer(name: str, column: Expression | None = None, **more: Any) -> Property:
    """A whole number."""
    return Property(name=name, kind=Kind.INTEGER, column=column, **more)


def instant(name: str, column: Expression | None = None, **more: Any) -> Property:
    """An instant, UTC."""
    return Property(name=name, kind=Kind.INSTANT, column=column, **more)


def choice(name: str, enumeration: Enumeration, column: Expression | None = None, **more: Any) -> Property:
    """A member of an enumeration."""
    return Property(name=name, kind=Kind.ENUM, column=column, enumeration=enumeration, **more)


def nested(name: str, type_name: str, *members: Property, **more: Any) -> Property:
    """A complex value made of columns; filters name its members as ``name/member``."""
    return Property(name=name, kind=Kind.COMPLEX, type_name=type_name, members=declare(*members), **more)


def fixed(name: str, value: Any, kind: Kind = Kind.TEXT, **more: Any) -> Property:
    """A property that is the same for every object, null as a rule: known to the original, held by nobody here."""
    return Property(name=name, kind=kind, wire=lambda _: value, is_filterable=False, **more)
