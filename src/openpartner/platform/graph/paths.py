"""Paths of the Graph surface as clients write them, in the one form that routes are matched by. Source: §1.

``/users('x')`` and ``/users/x``; ``/applications(appId='x')``; ``…/delta()``; ``/microsoft.graph.user`` and
``/graph.user``; ``/users/me-token-to-replace``. Segments of our routes are lower case, values keep their letter case.
"""

import re
from collections.abc import Container

_CALL = re.compile(r"(?P<name>[^()]+)\((?P<argument>.*)\)", re.DOTALL)
_NAMED = re.compile(r"(?P<name>[A-Za-z]+)=(?P<value>[^=].*)", re.DOTALL)
_NAMESPACE = "microsoft.graph."
_ME = "me-token-to-replace"
_QUOTED = re.compile(r"'(?:[^']|'')*'")
_SLASH = "\x1f"
"""Stands for a slash inside quotes while the path is cut."""


def literal(text: str) -> str:
    """A key as written in a path: without its quotes, doubled ones made single."""
    if len(text) >= 2 and text[0] == text[-1] == "'":
        return text[1:-1].replace("''", "'")
    return text


def _argument(text: str) -> list[str]:
    """What stands between parentheses, as one segment: a bare key, or ``name=value`` with the name in lower case."""
    if not text.strip():
        return []
    named = _NAMED.fullmatch(text.strip())
    if named is None:
        return [literal(text.strip())]
    return [f"{named['name'].lower()}={literal(named['value'])}"]


def _segments(segment: str, words: Container[str]) -> list[str]:
    call = _CALL.fullmatch(segment)
    if call is not None:
        return [*_segments(call["name"], words), *_argument(call["argument"])]
    lower = segment.lower()
    if lower.startswith(_NAMESPACE):
        # Actions are named by their last word however deep their namespace: partners.billing.export is export
        name = lower.rpartition(".")[2]
        return [name] if name in words and f"graph.{name}" not in words else [f"graph.{name}"]
    if lower in words or lower.startswith("graph."):
        return [lower]
    named = _NAMED.fullmatch(segment)
    return [segment] if named is None else [f"{named['name'].lower()}={literal(named['value'])}"]


def graph_path(path: str, words: Container[str]) -> str:
    """The path that routes are matched by. words: the fixed segments of all routes, in lower case."""
    hidden = _QUOTED.sub(lambda found: found[0].replace("/", _SLASH), path)
    root, *rest = [part.replace(_SLASH, "/") for part in hidden.split("/") if part]
    segments = [root.lower()]
    for part in rest:
        segments += _segments(part, words)
    if segments[1:3] == ["users", _ME]:
        segments[1:3] = ["me"]
    return "/" + "/".join(segments)


def key_of(segment: str) -> tuple[str, str]:
    """An alternate key's lower-case name and value; the name is empty for the primary key."""
    named = _NAMED.fullmatch(segment)
    return ("", segment) if named is None else (named["name"], named["value"])
