"""From the tree of a ``$filter`` to a condition, in SQL or over plain values: one walk, two algebras.

The walk checks names against the resource's declaration and reads each literal as the kind of its property.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any, Generic, NoReturn, Protocol, TypeVar
from uuid import UUID

from odata_query import ast

from openpartner.platform.graph import filters
from openpartner.platform.graph.edm import Kind, Property, Resource
from openpartner.platform.graph.errors import InvalidFilter, UnknownProperty, UnsupportedQuery

T = TypeVar("T")

_COMPARATORS: Mapping[type, str] = {
    ast.Eq: "eq",
    ast.NotEq: "ne",
    ast.Gt: "gt",
    ast.GtE: "ge",
    ast.Lt: "lt",
    ast.LtE: "le",
    ast.In: "in",
}
_MIRRORED = {"gt": "lt", "ge": "le", "lt": "gt", "le": "ge"}
_TEXT_TESTS = frozenset({"startswith", "endswith", "contains"})
_FOLDING = frozenset({"tolower", "toupper"})  # texts are compared without their case anyway
_EQUALITY_ONLY = frozenset({Kind.BOOLEAN, Kind.GUID, Kind.ENUM})


@dataclass(frozen=True)
class Operand:
    """A property in a condition. element_of: the collection whose element it belongs to, inside ``any`` and ``all``."""

    property: Property
    path: tuple[str, ...]
    element_of: Property | None = None


class Algebra(Protocol[T]):
    """What conditions are made of."""

    def compare(self, operand: Operand, operator: str, value: Any) -> T: ...
    def count(self, operand: Operand, operator: str, value: int) -> T: ...
    def constant(self, value: bool) -> T: ...
    def both(self, parts: Sequence[T]) -> T: ...
    def either(self, parts: Sequence[T]) -> T: ...
    def negated(self, part: T) -> T: ...
    def any_of(self, collection: Operand, part: T | None) -> T: ...


def find_property(resource: Resource, path: Sequence[str]) -> Property:
    """The property that a path names. Raises UnknownProperty."""
    properties: Mapping[str, Property] = resource.properties
    found: Property | None = None
    for name in path:
        found = properties.get(name)
        if found is None:
            raise UnknownProperty(name, resource.type_name)
        properties = found.members
    if found is None:
        raise UnknownProperty("", resource.type_name)
    return found


def _unsupported(name: str, resource: Resource) -> NoReturn:
    raise UnsupportedQuery(
        f"Unsupported or invalid query filter clause specified for property '{name}' of resource '{resource.name}'.",
        target=name,
    )


@dataclass
class Walk(Generic[T]):
    """One walk over a tree. ``advanced``: what of it directory objects take only as an advanced query."""

    resource: Resource
    algebra: Algebra[T]
    advanced: set[str] = field(default_factory=set)
    _scopes: list[tuple[str, Property]] = field(default_factory=list)

    def visit(self, node: filters.Node) -> T:
        """The condition. Raises InvalidFilter, UnknownProperty, UnsupportedQuery."""
        readers: Sequence[tuple[type[Any], Callable[[Any], T]]] = (
            (ast.BoolOp, self._joined),
            (ast.UnaryOp, self._unary),
            (ast.Compare, self._compare),
            (ast.CollectionLambda, self._lambda),
            (ast.Call, self._call),
            (ast.Boolean, self._constant),
        )
        for kind, read in readers:
            if isinstance(node, kind):
                return read(node)
        return self._bare(node)

    def _joined(self, node: ast.BoolOp) -> T:
        parts = [self.visit(each) for each in filters.operands(node)]
        return self.algebra.both(parts) if isinstance(node.op, ast.And) else self.algebra.either(parts)

    def _unary(self, node: ast.UnaryOp) -> T:
        if not isinstance(node.op, ast.Not):
            raise UnsupportedQuery("Arithmetic is not supported in $filter.")
        self.advanced.add("The operator 'not'")
        return self.algebra.negated(self.visit(node.operand))

    def _constant(self, node: ast.Boolean) -> T:
        return self.algebra.constant(node.val.lower() == "true")

    def _bare(self, node: filters.Node) -> T:
        operand = self._operand(node)
        if operand.property.kind is not Kind.BOOLEAN:
            raise InvalidFilter("it is not a condition; compare the property with a value.")
        return self.algebra.compare(operand, "eq", value=True)

    def _operand(self, node: filters.Node) -> Operand:
        path = filters.path_of(node)
        if path is None:
            raise UnsupportedQuery("Only properties can be compared, and only with values.")
        for variable, collection in reversed(self._scopes):
            if path[0] == variable and collection.many is not None:
                inner = "/".join(path[1:])
                element = collection.many.elements.get(inner)
                if element is None:
                    raise UnknownProperty(inner or variable, collection.type_name or collection.name)
                return Operand(element, tuple(path[1:]), collection)
        found = find_property(self.resource, path)
        if not found.is_filterable or found.is_collection:
            _unsupported(found.name, self.resource)
        return Operand(found, tuple(path))

    def _compare(self, node: ast.Compare) -> T:
        operator, left, right = _COMPARATORS[type(node.comparator)], node.left, node.right
        if _is_literal(left) and not _is_literal(right):
            left, right, operator = right, left, _MIRRORED.get(operator, operator)
        if isinstance(left, ast.Call) and filters.name_of(left.func) in _FOLDING:
            left = left.args[0]
        if isinstance(right, ast.Boolean) and isinstance(left, ast.Call | ast.CollectionLambda):
            part = self.visit(left)
            return part if (right.val.lower() == "true") == (operator == "eq") else self.algebra.negated(part)
        path = filters.path_of(left)
        if path is not None and path[-1] == filters.COUNT:
            return self._count(path[:-1], operator, right)
        operand = self._operand(left)
        if operator == "ne":
            self.advanced.add("The operator 'ne'")
        values = right.val if isinstance(right, ast.List) else [right]
        read = [self._value(operand, each) for each in values]
        if operator in {"gt", "ge", "lt", "le"} and (operand.property.kind in _EQUALITY_ONLY or read[0] is None):
            _unsupported(operand.property.name, self.resource)
        return self.algebra.compare(operand, operator, read if operator == "in" else read[0])

    def _count(self, path: Sequence[str], operator: str, right: filters.Node) -> T:
        collection = find_property(self.resource, path)
        if collection.many is None or not isinstance(right, ast.Integer) or operator == "in":
            _unsupported("/".join(path), self.resource)
        self.advanced.add("The segment '$count' in $filter")
        return self.algebra.count(Operand(collection, tuple(path)), operator, int(right.val))

    def _call(self, node: ast.Call) -> T:
        name = filters.name_of(node.func)
        if name not in _TEXT_TESTS:
            raise UnsupportedQuery(f"The function '{name}' is not supported in $filter.")
        first, second = node.args
        if isinstance(first, ast.Call) and filters.name_of(first.func) in _FOLDING:
            first = first.args[0]
        operand = self._operand(first)
        if operand.property.kind is not Kind.TEXT or not isinstance(second, ast.String):
            _unsupported(operand.property.name, self.resource)
        if name != "startswith":
            self.advanced.add(f"The function '{name}'")
        return self.algebra.compare(operand, name, second.val)

    def _lambda(self, node: ast.CollectionLambda) -> T:
        path = filters.path_of(node.owner)
        if path is None:
            raise UnsupportedQuery("Only a property can be asked with any and all.")
        collection = find_property(self.resource, path)
        if collection.many is None:
            _unsupported(collection.name, self.resource)
        operand = Operand(collection, tuple(path))
        if node.lambda_ is None:
            return self.algebra.any_of(operand, None)
        self._scopes.append((node.lambda_.identifier.name, collection))
        try:
            part = self.visit(node.lambda_.expression)
        finally:
            self._scopes.pop()
        if isinstance(node.operator, ast.Any):
            return self.algebra.any_of(operand, part)
        return self.algebra.negated(self.algebra.any_of(operand, self.algebra.negated(part)))

    def _value(self, operand: Operand, node: filters.Node) -> Any:
        if not _is_literal(node):
            raise UnsupportedQuery("Only properties can be compared, and only with values.")
        value = literal_as(operand.property, node)
        return value if operand.property.stored is None or value is None else operand.property.stored(value)


def _is_literal(node: filters.Node) -> bool:
    return isinstance(node, filters.Literal | ast.List)


def literal_as(target: Property, node: filters.Node) -> Any:
    """A literal as the kind of a property; None for null. Raises InvalidFilter."""
    if isinstance(node, ast.Null):
        return None
    written = str(getattr(node, "val", ""))
    try:
        return _read(target, written)
    except (ValueError, ArithmeticError) as error:
        raise InvalidFilter(f"'{written}' is not a value of '{target.name}' ({target.kind}).") from error


def _read(target: Property, written: str) -> Any:
    if target.enumeration is not None:
        return target.enumeration.known(written) or _bad()
    read = _READERS.get(target.kind)
    return written if read is None else read(written)


def _bad() -> NoReturn:
    raise ValueError


def _whole(written: str) -> int:
    value = int(written)
    if not -(2**63) <= value < 2**63:
        _bad()
    return value


def _boolean(written: str) -> bool:
    known = {"true": True, "false": False}.get(written.lower())
    return _bad() if known is None else known


def read_instant(written: str) -> datetime:
    """An instant as clients write it: with a zone, without one (UTC), or a bare date. Raises ValueError."""
    head, dot, tail = written.partition(".")
    if dot:  # seven digits of a fraction are usual, Python reads six
        digits = "".join(char for char in tail[:12] if char.isdigit())
        zone = tail[len(digits) :]
        written = f"{head}.{digits[:6]}{zone}"
    at = datetime.fromisoformat(written)
    return at if at.tzinfo else at.replace(tzinfo=UTC)


_READERS: Mapping[Kind, Callable[[str], Any]] = {
    Kind.GUID: UUID,
    Kind.BOOLEAN: _boolean,
    Kind.INTEGER: _whole,
    Kind.LONG: _whole,
    Kind.DECIMAL: Decimal,
    Kind.DOUBLE: Decimal,
    Kind.INSTANT: read_instant,
    Kind.DATE: lambda written: date.fromisoformat(written[:10]),
}
