"""``$filter``: parsed by the library ``odata-query`` into its syntax tree. What this surface takes beyond it is below.

Tokens are read as the original reads them: ``not(…)`` without a blank, function names in any letter case, lists of
one value, ``/$count``, and names that begin with a word of the language (``allowedMemberTypes``). Source: §5.
"""

import types
from collections.abc import Iterator, Mapping
from functools import cache
from typing import Any, NamedTuple

from odata_query import ast
from odata_query.exceptions import ODataException, ParsingException, TokenizingException

from openpartner.platform.graph.errors import InvalidFilter

LONGEST = 8_000
DEEPEST = 40
COUNT = "$count"
Node = ast._Node  # noqa: SLF001 - the library gives its base no other name
Literal = ast._Literal  # noqa: SLF001 - the same


_PATTERNS = {
    "BOOLEAN": r"(?:true|false)\b",
    "NULL": r"null\b",
    "NOT": r"not(?:\s+|(?=\())",
    "IN": r"\s+in(?:\s+|(?=\())",
    "ANY": r"any(?=\s*\()",
    "ALL": r"all(?=\s*\()",
    "ODATA_IDENTIFIER": r"[_a-z](?:\.?\w){0,127}|\$count\b",
}
"""Tokens that the library reads otherwise; what it makes of them stays."""


class _Language(NamedTuple):
    lexer: type[Any]
    parser: type[Any]
    functions: Mapping[str, str]


@cache
def _language() -> _Language:
    """What reads the language: the library makes its tables when it is imported, a thirtieth of every start."""
    from odata_query.grammar import ODATA_FUNCTIONS, ODataLexer, ODataParser  # noqa: PLC0415

    def fill(namespace: dict[str, Any]) -> None:
        namespace.update(tokens=ODataLexer.tokens, **_PATTERNS)

    lexer = types.new_class("_Lexer", (ODataLexer,), exec_body=fill)
    return _Language(lexer, ODataParser, {name.lower(): name for name in ODATA_FUNCTIONS})


def _tokens(text: str) -> Iterator[Any]:
    """The tokens, a list of one value given the comma that the parser wants behind it."""
    language = _language()
    read = list(language.lexer().tokenize(text))
    plain = [token for token in read if token.type != "WS"]
    closing = {
        id(plain[at + 3])
        for at, token in enumerate(plain[:-3])
        if token.type == "IN" and plain[at + 1].type == "(" and plain[at + 3].type == ")"
    }
    for at, token in enumerate(read):
        if token.type == "ODATA_IDENTIFIER" and at + 1 < len(read) and read[at + 1].type == "(":
            name = name_of(token.value).lower()
            token.value = ast.Identifier(language.functions.get(name, name))
        if id(token) in closing:
            comma = type(token)()
            comma.type, comma.value, comma.lineno, comma.index = ",", ",", 1, token.index
            yield comma
        yield token


def parse(text: str) -> Node:
    """The tree of an expression. Raises InvalidFilter."""
    stripped = text.strip()
    if len(stripped) > LONGEST:
        raise InvalidFilter(f"it is longer than {LONGEST} characters.")
    if not stripped:
        raise InvalidFilter("it is empty.")
    try:
        tree: Node = _language().parser().parse(_tokens(stripped))
    except (ParsingException, TokenizingException) as error:
        where = "at its end" if error.token is None else f"at position {error.token.index}"
        raise InvalidFilter(f"the expression cannot be read {where}.") from error
    except ODataException as error:
        raise InvalidFilter(f"{error}.") from error
    if _depth(tree) > DEEPEST:
        raise InvalidFilter(f"it is nested more than {DEEPEST} deep.")
    return tree


def operands(node: ast.BoolOp) -> list[Node]:
    """What a chain of one operator joins, from left to right: a thousand ``or`` are one level, not a thousand."""
    found: list[Node] = []
    waiting: list[Node] = [node]
    while waiting:
        each = waiting.pop()
        if isinstance(each, ast.BoolOp) and type(each.op) is type(node.op):
            waiting += [each.right, each.left]
        else:
            found.append(each)
    return found


def _depth(tree: Node) -> int:
    """How deep the tree is, found without recursion."""
    deepest, waiting = 0, [(tree, 1)]
    while waiting:
        node, level = waiting.pop()
        deepest = max(deepest, level)
        waiting += [(each, level + 1) for each in _children(node)]
    return deepest


def _children(node: Node) -> list[Node]:
    if isinstance(node, ast.BoolOp):
        return operands(node)
    found: list[Node] = []
    for inner in vars(node).values():
        found += [each for each in (inner if isinstance(inner, list) else [inner]) if isinstance(each, Node)]
    return found


def name_of(identifier: ast.Identifier) -> str:
    """With its namespace."""
    return ".".join((*identifier.namespace, identifier.name))


def path_of(node: Node) -> list[str] | None:
    """The names of a property path; None for anything else."""
    if isinstance(node, ast.Identifier):
        return [*node.namespace, node.name]
    if isinstance(node, ast.Attribute):
        owner = path_of(node.owner)
        return None if owner is None else [*owner, node.attr]
    return None
