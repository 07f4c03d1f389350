"""From rows and plain values to the objects of the wire: what is selected of them, and what is expanded. Source: §3."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from openpartner.platform.graph.answers import weak_etag
from openpartner.platform.graph.edm import Expression, Property, Resource
from openpartner.platform.graph.options import Selection
from openpartner.platform.work import UnitOfWork

VERSION = "@odata.etag"
"""The annotation, and under which name a row's version is read for it."""


def columns_read(resource: Resource, properties: Iterable[Property]) -> dict[str, Expression]:
    """What must be read of a row to show these properties, and its ETag where the resource has one."""
    columns = columns_of(properties)
    return columns if resource.version is None else {**columns, VERSION: resource.version}


def columns_of(properties: Iterable[Property]) -> dict[str, Expression]:
    """What must be read of a row, by the path of the property: ``displayName``, ``customer/tenantId``."""
    found: dict[str, Expression] = {}
    for each in properties:
        if each.column is not None:
            found[each.name] = each.column
        else:
            found |= {f"{each.name}/{path}": column for path, column in columns_of(each.members.values()).items()}
    return found


def _object(
    properties: Iterable[Property], read: Mapping[str, Any], prefix: str, *, with_later: bool
) -> dict[str, Any]:
    shown: dict[str, Any] = {}
    for each in properties:
        if each.members and each.column is None and f"{prefix}{each.name}" not in read:
            inner = _object(each.members.values(), read, f"{prefix}{each.name}/", with_later=with_later)
            shown[each.name] = None if each.null_unless and inner.get(each.null_unless) is None else inner
        else:
            shown[each.name] = _written(each, read.get(f"{prefix}{each.name}"), with_later=with_later)
    return shown


def _written(each: Property, value: Any, *, with_later: bool) -> Any:
    shown = each.written(value, with_later=with_later)
    return [] if shown is None and each.is_collection else shown


def render(
    resource: Resource,
    rows: Sequence[Mapping[str, Any]],
    selection: Selection,
    *,
    uow: UnitOfWork | None = None,
    typed: bool = False,
    with_later: bool = False,
) -> list[dict[str, Any]]:
    """The objects of these rows. rows: values by property path; of computed resources, by property name.

    uow: needed where something is loaded beside the rows or expanded. typed: with ``@odata.type``.
    """
    properties = selection.properties(resource)
    keys = [row[resource.key_name] for row in rows]
    loaded: dict[str, Mapping[Any, Any]] = {}
    if uow is not None and keys:
        loaded = {each.name: each.load(uow, keys) for each in properties if each.load is not None}
    objects = []
    for row in rows:
        beside = {name: values.get(row[resource.key_name]) for name, values in loaded.items()}
        shown = _object(properties, {**row, **beside}, "", with_later=with_later)
        if row.get(VERSION) is not None:
            shown = {VERSION: weak_etag(row[resource.key_name], row[VERSION]), **shown}
        objects.append({"@odata.type": resource.odata_type, **shown} if typed else shown)
    if uow is not None:
        _expand(uow, resource, keys, objects, selection)
    return objects


def _expand(
    uow: UnitOfWork, resource: Resource, keys: Sequence[Any], objects: Sequence[dict[str, Any]], selection: Selection
) -> None:
    for name, inner in selection.expanded.items():
        navigation = resource.navigations[name]
        related = navigation.load(uow, keys, inner) if keys else {}
        for key, shown in zip(keys, objects, strict=True):
            if navigation.is_many:
                shown[name] = list(related.get(key, ()))[: navigation.most]
            else:
                shown[name] = related.get(key)
