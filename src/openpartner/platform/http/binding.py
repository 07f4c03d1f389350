"""Request bodies as clients write them: member names in any case, explicit nulls, numbers as text.

Source: partner-center-conventions §5: .NET sends PascalCase with every null member present, Java camelCase without
nulls, Node a mixture.
"""

from functools import cache
from typing import Any, get_args

import msgspec
from litestar import Request
from litestar.exceptions import ClientException
from litestar.typing import FieldDefinition

BOM = b"\xef\xbb\xbf"


@cache
def _names(struct: type[msgspec.Struct]) -> dict[str, tuple[str, Any]]:
    info = msgspec.inspect.type_info(struct)
    if not isinstance(info, msgspec.inspect.StructType):
        return {}
    return {field.encode_name.lower(): (field.encode_name, field.type) for field in info.fields}


def _fit(value: Any, shape: Any) -> Any:
    """``value`` with the member names that ``shape`` (a msgspec type description) knows, and without null members."""
    if isinstance(shape, msgspec.inspect.UnionType):
        structs = [part for part in shape.types if not isinstance(part, msgspec.inspect.NoneType)]
        return _fit(value, structs[0]) if len(structs) == 1 else value
    if isinstance(value, dict) and isinstance(shape, msgspec.inspect.StructType):
        known = _names(shape.cls)
        fitted: dict[str, Any] = {}
        for name, inner in value.items():
            if inner is None:
                continue
            right, inner_shape = known.get(name.lower(), (name, None))
            fitted[right] = _fit(inner, inner_shape)
        return fitted
    if isinstance(value, dict) and isinstance(shape, msgspec.inspect.DictType):
        return {name: _fit(inner, shape.value_type) for name, inner in value.items() if inner is not None}
    if isinstance(value, list) and isinstance(shape, msgspec.inspect.ListType):
        return [_fit(inner, shape.item_type) for inner in value]
    return value


@cache
def _shape(annotation: Any) -> Any:
    return msgspec.inspect.type_info(annotation)


def fit(value: Any, annotation: Any) -> Any:
    """JSON ``value`` as the struct ``annotation`` spells it."""
    return _fit(value, _shape(annotation))


def _annotation_of(field: FieldDefinition | None) -> Any:
    if field is None:
        return None
    args = [arg for arg in get_args(field.annotation) if arg is not type(None)]
    return args[0] if field.is_optional and len(args) == 1 else field.annotation


class LenientRequest(Request[Any, Any, Any]):
    """A request whose JSON is bound by name whatever its case."""

    async def json(self) -> Any:
        raw = (await self.body()).removeprefix(BOM)
        try:
            value = msgspec.json.decode(raw)
        except msgspec.DecodeError as error:
            raise ClientException(f"The body is not JSON: {error}.") from error
        annotation = _annotation_of(self.route_handler.parsed_data_field)
        return value if annotation is None else fit(value, annotation)
