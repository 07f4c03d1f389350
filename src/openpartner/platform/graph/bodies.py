"""Request bodies: names as the type has them, null told from absent, annotations left aside. Source: §13.

A slice declares what it takes as a struct of ``Change``; what the body leaves out is ``UNSET``, what it clears is None.
"""

from functools import cache
from typing import Any

import msgspec
from litestar import Request
from litestar.exceptions import ClientException

from openpartner.platform.graph.errors import GraphInvalid, InvalidProperty
from openpartner.platform.http.binding import BOM

IGNORED = frozenset({"id"})
"""What clients echo back of what they read."""


class Change(msgspec.Struct, rename="camel", kw_only=True, omit_defaults=True):
    """What a body says: members that it leaves out are UNSET."""

    def given(self) -> dict[str, Any]:
        """The members that the body has, by their Python names."""
        return {
            name: getattr(self, name) for name in self.__struct_fields__ if getattr(self, name) is not msgspec.UNSET
        }


@cache
def _shape(annotation: Any) -> Any:
    return msgspec.inspect.type_info(annotation)


@cache
def _members(struct: type[msgspec.Struct]) -> dict[str, Any]:
    info = msgspec.inspect.type_info(struct)
    return {each.encode_name: each.type for each in info.fields} if isinstance(info, msgspec.inspect.StructType) else {}


def _fit(value: Any, shape: Any, path: str) -> Any:
    """``value`` without annotations and ignored members. Raises InvalidProperty for a name that a ``Change`` lacks."""
    if isinstance(shape, msgspec.inspect.UnionType):
        for part in shape.types:
            if isinstance(value, dict) and isinstance(part, msgspec.inspect.StructType | msgspec.inspect.DictType):
                return _fit(value, part, path)
            if isinstance(value, list) and isinstance(part, msgspec.inspect.ListType):
                return _fit(value, part, path)
        return value
    if isinstance(value, dict) and isinstance(shape, msgspec.inspect.StructType):
        known = _members(shape.cls)
        fitted = {}
        for name, inner in value.items():
            if name in known:
                fitted[name] = _fit(inner, known[name], f"{path}{name}/")
            elif issubclass(shape.cls, Change) and not _is_ignored(name):
                raise InvalidProperty(f"{path}{name}")
        return fitted
    if isinstance(value, list) and isinstance(shape, msgspec.inspect.ListType):
        return [_fit(inner, shape.item_type, path) for inner in value]
    return value


def _is_ignored(name: str) -> bool:
    annotates = name.startswith("@") or ("@odata." in name and not name.endswith("@odata.bind"))
    return annotates or name in IGNORED


def fit(value: Any, annotation: Any) -> Any:
    """JSON ``value`` as the struct ``annotation`` takes it. Raises InvalidProperty."""
    return _fit(value, _shape(annotation), "")


class GraphRequest(Request[Any, Any, Any]):
    """A request whose JSON is bound by exact names."""

    async def json(self) -> Any:
        raw = (await self.body()).removeprefix(BOM)
        try:
            value = msgspec.json.decode(raw)
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
            raise ClientException(f"The body is not JSON: {error}.") from error
        field = self.route_handler.parsed_data_field
        return value if field is None else fit(value, field.annotation)


def reference_id(address: str) -> str:
    """The key that a reference names: the last segment of ``@odata.id``, whatever host stands before it. §13."""
    tail = address.strip().rstrip("/").rpartition("/")[2]
    inside = tail.partition("(")[2].rpartition(")")[0] or tail
    found = inside.strip("'")
    if not found:
        raise GraphInvalid("The value of '@odata.id' must be the address of a directory object.", target="@odata.id")
    return found
