"""What a request asks for beside its path: query options with and without ``$``; preferences. Source: §2, §5, §6."""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any
from urllib.parse import parse_qsl, quote

from openpartner.platform.graph.conditions import find_property
from openpartner.platform.graph.edm import Navigation, Property, Resource
from openpartner.platform.graph.errors import GraphInvalid, UnknownProperty, UnsupportedQuery

KNOWN = frozenset(
    {
        "select", "filter", "orderby", "top", "skip", "count", "search", "expand", "skiptoken", "deltatoken", "format",
    }
)  # fmt: skip
_KEPT = "$,/:'()@*-._~"
_EXPANDED = re.compile(r"\s*(?P<name>[\w.]+)\s*(?:\((?P<inner>.*)\))?\s*", re.DOTALL)


@dataclass(frozen=True)
class Preferences:
    """``Prefer``. applied: what of it was honoured, for ``Preference-Applied``."""

    max_page_size: int | None = None
    returned: str = ""
    unknown_enum_members: bool = False
    create_if_missing: bool = False

    @classmethod
    def read(cls, values: Iterable[str]) -> "Preferences":
        """The preferences of all ``Prefer`` headers; what is not known is left aside, as the standard wants."""
        found = {}
        for part in ",".join(values).split(","):
            name, _, value = part.strip().partition("=")
            found[name.strip().lower()] = value.partition(";")[0].strip().strip('"')
        size = found.get("odata.maxpagesize", found.get("maxpagesize", ""))
        return cls(
            max_page_size=int(size[:6]) if size.isdecimal() and int(size[:6]) > 0 else None,
            returned=found.get("return", "").lower(),
            unknown_enum_members="include-unknown-enum-members" in found,
            create_if_missing="create-if-missing" in found,
        )


@dataclass(frozen=True)
class Selection:
    """The properties to write.

    named: what ``$select`` said, None when it said nothing. among: the types of a list of several; what one of them has
    may be named, and the others go without it.
    """

    named: tuple[str, ...] | None = None
    expanded: Mapping[str, "Selection"] = field(default_factory=dict)
    among: tuple[Resource, ...] = ()

    def properties(self, resource: Resource) -> list[Property]:
        """In the order of the declaration; the key is always among them. Raises UnknownProperty."""
        if self.named is None:
            wanted = set(resource.defaults())
        elif "*" in self.named:
            wanted = set(resource.properties)
        else:
            wanted = self._chosen(resource, self.named)
        wanted.add(resource.key_name)
        return [each for name, each in resource.properties.items() if name in wanted]

    def _chosen(self, resource: Resource, named: Sequence[str]) -> set[str]:
        names = [name.split("/")[0] for name in named if name and not name.startswith(CONTROL)]
        chosen = {name: _declared(resource, name) for name in names}
        for name, declared in chosen.items():
            if declared is None and not any(_declared(other, name) for other in self.among):
                find_property(resource, [name])
        return {declared for declared in chosen.values() if declared is not None}


CONTROL = "@odata."
"""How annotations begin. They are no properties: tools select ``@odata.type``. Source: KelvinTegelaar/CIPP-API."""


def _declared(resource: Resource, name: str) -> str | None:
    """As it is declared, else in any letter case: tools select ``AppId``. Source: KelvinTegelaar/CIPP-API."""
    if name in resource.properties:
        return name
    return next((known for known in resource.properties if known.lower() == name.lower()), None)


@dataclass(frozen=True)
class Order:
    """One word of ``$orderby``."""

    property: Property
    path: tuple[str, ...]
    descending: bool


@dataclass(frozen=True)
class Options:
    """The options of one request, by names in lower case and without ``$``."""

    given: Mapping[str, str]
    consistent_later: bool = False

    @classmethod
    def read(cls, query: str, *, consistency: str = "") -> "Options":
        """Raises GraphInvalid for an option that does not exist or stands there twice."""
        given: dict[str, str] = {}
        for name, value in parse_qsl(query, keep_blank_values=True):
            plain = name.strip().lower().removeprefix("$")
            if plain not in KNOWN:
                if name.startswith("$"):
                    raise GraphInvalid(
                        f"The query parameter '{name}' is not supported. Leave it out.", code="BadRequest", target=name
                    )
                continue  # options of a client's own are no concern of ours
            if plain in given:
                raise GraphInvalid(
                    f"Query option '${plain}' was specified more than once. Give it once.",
                    code="BadRequest",
                    target=f"${plain}",
                )
            given[plain] = value
        return cls(given, consistency.strip().lower() == "eventual")

    def text(self, name: str) -> str | None:
        """An option's value; None when it is missing or blank."""
        value = self.given.get(name, "").strip()
        return value or None

    def number(self, name: str) -> int | None:
        """A whole number from zero. Raises GraphInvalid."""
        value = self.text(name)
        if value is None:
            return None
        if not (value.isascii() and value.isdecimal()) or len(value) > 9:
            raise GraphInvalid(
                f"Invalid value '{value}' for ${name} query option found. It must be a whole number from 0.",
                code="BadRequest",
                target=f"${name}",
            )
        return int(value)

    @property
    def wants_count(self) -> bool:
        """``$count=true``. Raises GraphInvalid for anything but true and false."""
        value = (self.text("count") or "false").lower()
        if value not in {"true", "false"}:
            raise GraphInvalid(
                f"Invalid value '{value}' for $count query option found. It must be true or false.",
                code="BadRequest",
                target="$count",
            )
        return value == "true"

    @cached_property
    def selection(self) -> Selection:
        """``$select`` and ``$expand``. Raises GraphInvalid."""
        return Selection(_names(self.text("select")), _expansions(self.text("expand")))

    def order(self, resource: Resource) -> list[Order]:
        """``$orderby``, or the resource's own order. Raises UnknownProperty, UnsupportedQuery."""
        given = self.text("orderby")
        words = resource.order if given is None else given.split(",")
        return [_order_of(word, resource) for word in words]

    def page_size(self, resource: Resource, preferred: int | None) -> int:
        """How many objects a page has. Raises GraphInvalid for a ``$top`` beyond the maximum."""
        top = self.number("top")
        if top is not None:
            if not 1 <= top <= resource.most:
                raise GraphInvalid(
                    f"Invalid page size specified: '{top}'. Must be between 1 and {resource.most} inclusive.",
                    target="$top",
                )
            return top
        return resource.top if preferred is None else min(preferred, resource.most)

    def check_expansions(self, navigations: Mapping[str, Navigation], resource: Resource) -> None:
        """Refuse to expand what is not there. Raises UnknownProperty."""
        for name in self.selection.expanded:
            if name not in navigations:
                raise UnknownProperty(name, resource.type_name)


def _names(given: str | None) -> tuple[str, ...] | None:
    return None if given is None else tuple(name.strip() for name in given.split(","))


def _split(text: str) -> list[str]:
    """At commas that stand outside parentheses and quotes."""
    parts, depth, quoted, begun = [], 0, False, 0
    for at, char in enumerate(text):
        if char == "'":
            quoted = not quoted
        elif not quoted and char in "()":
            depth += 1 if char == "(" else -1
        elif not quoted and char == "," and depth == 0:
            parts.append(text[begun:at])
            begun = at + 1
    return [*parts, text[begun:]]


def _expansions(given: str | None) -> dict[str, Selection]:
    found: dict[str, Selection] = {}
    for part in _split(given) if given else ():
        match = _EXPANDED.fullmatch(part)
        if match is None:
            raise GraphInvalid(f"$expand cannot be read at '{part.strip()}'.", code="BadRequest", target="$expand")
        inner = dict(
            option.strip().partition("=")[::2] for option in (match["inner"] or "").split(";") if option.strip()
        )
        options = {name.strip().lower().removeprefix("$"): value for name, value in inner.items()}
        unknown = set(options) - {"select", "levels"}
        if unknown:
            raise UnsupportedQuery(
                f"Inside $expand only $select is supported, not ${min(unknown)}.", target=f"${min(unknown)}"
            )
        found[match["name"]] = Selection(_names(options.get("select")))
    return found


def _order_of(word: str, resource: Resource) -> Order:
    name, _, direction = word.strip().partition(" ")
    path = tuple(name.split("/"))
    found = find_property(resource, path)
    if direction.strip().lower() not in {"", "asc", "desc"}:
        raise GraphInvalid(
            f"Syntax error in $orderby at '{word.strip()}'. Write asc or desc.", code="BadRequest", target="$orderby"
        )
    if not found.is_filterable or found.is_collection or found.members:
        raise UnsupportedQuery(f"Sorting not supported for property '{name}' of resource '{resource.name}'.")
    return Order(found, path, direction.strip().lower() == "desc")


def search_terms(given: str, resource: Resource) -> list[list[tuple[str, str]]]:
    """``$search``: alternatives (OR) of (property, words) pairs that hold together (AND). Raises GraphInvalid.

    ``"displayName:ana"``; clauses joined by AND bind closer than OR.
    """
    clauses = re.findall(r'"((?:[^"\\]|\\.)*)"|\b(AND|OR)\b', given)
    rest = re.sub(r'"(?:[^"\\]|\\.)*"|\bAND\b|\bOR\b|\s', "", given)
    if rest or not clauses:
        raise GraphInvalid(
            'Syntax error in $search. Write it as "property:words" in double quotes.',
            code="BadRequest",
            target="$search",
        )
    alternatives: list[list[tuple[str, str]]] = [[]]
    for clause, joined in clauses:
        if joined == "OR":
            alternatives.append([])
        elif not joined:
            name, colon, words = clause.replace("\\", "").partition(":")
            if not colon or name.strip() not in resource.search:
                raise UnsupportedQuery(
                    f'$search takes "property:words" with one of {", ".join(resource.search) or "no property here"}.',
                    target="$search",
                )
            alternatives[-1].append((name.strip(), words.strip()))
    if not all(alternatives):
        raise GraphInvalid("Syntax error in $search: a clause is missing.", code="BadRequest", target="$search")
    return alternatives


def query_text(options: Mapping[str, str]) -> str:
    """Options as a link has them."""
    return "&".join(f"${name}={quote(value, safe=_KEPT)}" for name, value in options.items())


def without(options: Mapping[str, Any], names: Sequence[str]) -> dict[str, Any]:
    """All but these."""
    return {name: value for name, value in options.items() if name not in names}
