"""``$metadata``: the CSDL of the declared resources, so that code generators see what is there. Source: §1, §12."""

from collections.abc import Iterable, Sequence
from xml.etree import ElementTree as ET

from litestar import Response, get
from litestar.handlers import HTTPRouteHandler

from openpartner.platform.graph.edm import NAMESPACE, UNKNOWN_FUTURE_VALUE, Enumeration, Kind, Property, Resource

EDMX = "http://docs.oasis-open.org/odata/ns/edmx"
EDM = "http://docs.oasis-open.org/odata/ns/edm"


def _of(kind: str, *, many: bool) -> str:
    return f"Collection({kind})" if many else kind


class _Schema:
    """One namespace's types, each written once."""

    def __init__(self, namespace: str) -> None:
        self.namespace = namespace
        self.element = ET.Element(f"{{{EDM}}}Schema", Namespace=namespace)
        self._done: set[str] = set()

    def type_of(self, each: Property) -> str:
        """The type's name in a declaration; complex and enumeration types are added on the way."""
        if each.enumeration is not None:
            self._enumerate(each.enumeration)
            return _of(f"{self.namespace}.{each.enumeration.name}", many=each.is_collection)
        if each.kind is Kind.COMPLEX:
            name = each.type_name or each.name
            self._complex(name, list(each.members.values()))
            return _of(f"{self.namespace}.{name}", many=each.is_collection)
        return _of(each.kind.value, many=each.is_collection)

    def _enumerate(self, enumeration: Enumeration) -> None:
        if enumeration.name in self._done:
            return
        self._done.add(enumeration.name)
        more = {"Name": enumeration.name, **({"IsFlags": "true"} if enumeration.is_flags else {})}
        element = ET.SubElement(self.element, f"{{{EDM}}}EnumType", more)
        sentinel = [UNKNOWN_FUTURE_VALUE] if enumeration.is_evolvable else []
        for at, member in enumerate([*enumeration.members, *sentinel, *enumeration.later]):
            value = 1 << at if enumeration.is_flags else at
            ET.SubElement(element, f"{{{EDM}}}Member", Name=member, Value=str(value))

    def _complex(self, name: str, members: Sequence[Property]) -> None:
        if name in self._done:
            return
        self._done.add(name)
        more = {"Name": name, **({} if members else {"OpenType": "true"})}
        element = ET.SubElement(self.element, f"{{{EDM}}}ComplexType", more)
        self._properties(element, members)

    def _properties(self, element: ET.Element, properties: Iterable[Property], *, key: str = "") -> None:
        for each in properties:
            if each.name == key:
                continue
            attributes = {"Name": each.name, "Type": self.type_of(each)}
            if each.is_collection or not each.is_nullable:
                attributes["Nullable"] = "false"
            ET.SubElement(element, f"{{{EDM}}}Property", attributes)

    def entity(self, resource: Resource) -> None:
        """An entity type with its key, properties and navigations."""
        if resource.name in self._done:
            return
        self._done.add(resource.name)
        element = ET.SubElement(self.element, f"{{{EDM}}}EntityType", Name=resource.name)
        key = ET.SubElement(element, f"{{{EDM}}}Key")
        ET.SubElement(key, f"{{{EDM}}}PropertyRef", Name=resource.key_name)
        ET.SubElement(element, f"{{{EDM}}}Property", Name=resource.key_name, Type="Edm.String", Nullable="false")
        self._properties(element, resource.properties.values(), key=resource.key_name)
        for each in resource.navigations.values():
            target = f"{self.namespace}.directoryObject" if each.target is None else each.target.type_name
            ET.SubElement(element, f"{{{EDM}}}NavigationProperty", Name=each.name, Type=_of(target, many=each.is_many))

    def base(self, name: str) -> None:
        """An entity type with a key only."""
        element = ET.SubElement(self.element, f"{{{EDM}}}EntityType", Name=name, Abstract="true")
        key = ET.SubElement(element, f"{{{EDM}}}Key")
        ET.SubElement(key, f"{{{EDM}}}PropertyRef", Name="id")
        ET.SubElement(element, f"{{{EDM}}}Property", Name="id", Type="Edm.String", Nullable="false")


def csdl(resources: Sequence[Resource]) -> bytes:
    """The document. The sets at the root are those whose address has one segment."""
    ET.register_namespace("edmx", EDMX)
    ET.register_namespace("", EDM)
    document = ET.Element(f"{{{EDMX}}}Edmx", Version="4.0")
    services = ET.SubElement(document, f"{{{EDMX}}}DataServices")
    first = _Schema(NAMESPACE)
    first.base("directoryObject")
    schemas = {NAMESPACE: first}
    for resource in resources:
        if resource.namespace not in schemas:
            schemas[resource.namespace] = _Schema(resource.namespace)
        schemas[resource.namespace].entity(resource)
    for schema in schemas.values():
        services.append(schema.element)
    container = ET.SubElement(first.element, f"{{{EDM}}}EntityContainer", Name="GraphService")
    for resource in resources:
        if "/" not in resource.entity_set:
            ET.SubElement(container, f"{{{EDM}}}EntitySet", Name=resource.entity_set, EntityType=resource.type_name)
    text: bytes = ET.tostring(document, encoding="utf-8", xml_declaration=True)
    return text


def metadata_route(resources: Sequence[Resource]) -> HTTPRouteHandler:
    """``GET /$metadata``: the one operation of the surface that needs no token."""

    @get("/$metadata", sync_to_thread=True, opt={"operation": "GET /v1.0/$metadata"})
    def read_metadata() -> Response[bytes]:
        """The types of this surface."""
        return Response(csdl(resources), media_type="application/xml", headers={"OData-Version": "4.0"})

    return read_metadata
