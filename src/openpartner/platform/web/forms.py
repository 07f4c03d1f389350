"""Forms: what was sent becomes a typed value, or comes back with each problem beside its field.

Also the tokens against cross-site requests, and redirects that stay here.
"""

import dataclasses
import hashlib
import hmac
import math
import operator
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal
from enum import Enum
from typing import Any, Generic, TypeVar, get_type_hints

import msgspec
from msgspec import inspect

from openpartner.platform.errors import DomainError, InvalidFields
from openpartner.platform.money import Money

T = TypeVar("T")

CSRF_FIELD = "csrf_token"
CSRF_HEADER = "x-csrf-token"
PART_FIELD = "form"
"""Says which of several forms of a page was sent."""
WHOLE_FORM = ""
"""The key of a problem that belongs to no single field."""

Given = Mapping[str, Sequence[str]] | Iterable[tuple[str, object]]


class Form(Generic[T]):
    """A form as it is shown: the values it holds as text, the problems, and the typed value when there is none.

    ``bind`` makes one from what was sent, ``blank_form`` one for the first showing. Macros of ``ui/form.html`` read it.
    """

    def __init__(
        self, given: Mapping[str, Sequence[str]], errors: Mapping[str, str] | None = None, value: T | None = None
    ) -> None:
        self.given = {name: list(texts) for name, texts in given.items()}
        self.errors = dict(errors or {})
        self.name = ""
        self._value = value

    def part(self, name: str, initial: object = None) -> "Form[Any]":
        """One of several forms of a page.

        Only the one that was sent shows what was typed and the problems; the others show ``initial``. Ids of its
        fields begin with its name, so that two forms may ask for a reason.
        """
        part: Form[Any] = Form(self.given, self.errors) if self.text(PART_FIELD) == name else blank_form(initial)
        part.name = name
        return part

    def id(self, field: str) -> str:
        """The id of a field in the page."""
        return f"{self.name}-{field}" if self.name else field

    @property
    def is_valid(self) -> bool:
        """Whether ``value`` may be used."""
        return self._value is not None and not self.errors

    @property
    def value(self) -> T:
        """What was sent, typed. Raises ValueError while there are problems: ask ``is_valid`` first."""
        if self._value is None or self.errors:
            raise ValueError("A form with problems has no value.")
        return self._value

    def text(self, name: str) -> str:
        """The field's present text."""
        return next(iter(self.given.get(name, ())), "")

    def texts(self, name: str) -> list[str]:
        """All texts of a field that may be sent several times."""
        return self.given.get(name, [])

    def error(self, name: str) -> str:
        """The field's problem, or nothing."""
        return self.errors.get(name, "")

    def refuse(self, name: str, message: str) -> None:
        """Add a problem found later, by a rule."""
        self.errors.setdefault(name, message)

    def refuse_because(self, error: DomainError) -> None:
        """Add what a use case refused: each member's problem beside its field, anything else above the form."""
        if isinstance(error, InvalidFields):
            for name, problem in error.problems.items():
                self.refuse(name if name in self.given else WHOLE_FORM, problem)
        else:
            self.refuse(WHOLE_FORM, error.message)


def blank_form(initial: object = None) -> Form[Any]:
    """A form for its first showing, filled from a struct, dataclass, mapping or nothing."""
    if initial is None:
        return Form({})
    if isinstance(initial, Mapping):
        members = dict(initial)
    elif isinstance(initial, msgspec.Struct):
        members = msgspec.structs.asdict(initial)
    elif dataclasses.is_dataclass(initial) and not isinstance(initial, type):
        members = {member.name: getattr(initial, member.name) for member in dataclasses.fields(initial)}
    else:
        raise TypeError(f"A form cannot be filled from {type(initial).__name__}.")
    return Form({name: field_texts(value) for name, value in members.items()})


def field_texts(value: object) -> list[str]:  # noqa: PLR0911 - one return a kind of value
    """A value as the texts a form would send for it."""
    match value:
        case None | False:
            return []
        case True:
            return ["on"]
        case Enum():
            return [str(value.value)]
        case Money():
            return [format(value.amount, "f")]
        case Decimal():
            return [format(value, "f")]
        case datetime():
            return [value.isoformat(timespec="minutes")]
        case date():
            return [value.isoformat()]
        case str():
            return [value]
        case list() | tuple() | set() | frozenset():
            return [text for member in value for text in field_texts(member)]
        case _:
            return [str(value)]


def bind(kind: type[T], given: Given) -> Form[T]:
    """Read what was sent as ``kind``, a msgspec struct or dataclass with flat fields.

    Blank means absent; an unticked box is False; a field of a list type takes every value sent. Text is trimmed,
    except in fields whose name ends in ``password`` or ``secret``. A field is called in messages by its
    ``Meta(title=…)``, or by its name; ``Meta(description=…)`` is the message when a ``pattern`` does not match. A
    ``ValueError`` of ``__post_init__`` becomes a problem of the whole form.
    """
    sent = _as_lists(given)
    errors: dict[str, str] = {}
    members: dict[str, Any] = {}
    hints = get_type_hints(kind, include_extras=True)
    described = inspect.type_info(kind)
    if not isinstance(described, inspect.StructType | inspect.DataclassType):
        raise TypeError(f"{kind.__name__} is neither a struct nor a dataclass.")
    for member in described.fields:
        name = member.encode_name
        keep_spaces = name.endswith(("password", "secret"))
        texts = [text if keep_spaces else text.strip() for text in sent.get(name, [])]
        texts = [text for text in texts if text]
        try:
            found = _member(member, hints[member.name], texts)
        except _Problem as problem:
            errors[name] = str(problem)
        else:
            if found is not msgspec.UNSET:
                members[member.name] = found
    if errors:
        return Form(sent, errors)
    try:
        return Form(sent, value=kind(**members))
    except (ValueError, msgspec.ValidationError) as refusal:
        return Form(sent, {WHOLE_FORM: str(refusal)})


class _Problem(Exception):
    """A field's problem, in words."""


def _as_lists(given: Given) -> dict[str, list[str]]:
    if isinstance(given, Mapping):
        return {
            name: [texts] if isinstance(texts, str) else list(texts)
            for name, texts in given.items()
            if name != CSRF_FIELD
        }
    sent: dict[str, list[str]] = {}
    for name, text in given:
        if isinstance(text, str) and name != CSRF_FIELD:
            sent.setdefault(name, []).append(text)
    return sent


def _member(member: inspect.Field, hint: Any, texts: list[str]) -> Any:
    """The typed value of one field; UNSET when its default should stand."""
    kind, label, description = _unwrap(member.type, member.encode_name)
    many = isinstance(kind, inspect.ListType | inspect.SetType | inspect.FrozenSetType | inspect.VarTupleType)
    if isinstance(kind, inspect.BoolType):
        return bool(texts) and texts[-1].lower() not in {"false", "0", "off", "no"}
    if not texts:
        if member.required and not _takes_none(member.type):
            if many:
                if not getattr(kind, "min_length", None):
                    return msgspec.convert([], hint)
                raise _Problem(f"Choose at least one: {_lower_first(label)}.")
            verb = "Choose" if isinstance(kind, inspect.EnumType | inspect.LiteralType) else "Enter"
            raise _Problem(f"{verb} {_lower_first(label)}.")
        return None if member.required else msgspec.UNSET
    try:
        found = msgspec.convert(texts if many else texts[-1], hint, strict=False)
    except (msgspec.ValidationError, ValueError):
        raise _Problem(_problem(kind, label, description, texts[-1])) from None
    if isinstance(found, Decimal | float) and not math.isfinite(found):
        raise _Problem(_problem(kind, label, description, texts[-1]))
    return found


def _unwrap(kind: inspect.Type, name: str) -> tuple[inspect.Type, str, str]:
    """The type under its metadata and its ``| None``, with the title and description given there."""
    title = re.sub(r"(?<=[a-z0-9])(?=[A-Z])|_", " ", name).strip().capitalize()
    description = ""
    while True:
        if isinstance(kind, inspect.Metadata):
            schema = kind.extra_json_schema or {}
            title, description = schema.get("title", title), schema.get("description", description)
            kind = kind.type
        elif isinstance(kind, inspect.UnionType):
            others = [other for other in kind.types if not isinstance(other, inspect.NoneType)]
            kind = others[0]
        else:
            return kind, title, description


def _takes_none(kind: inspect.Type) -> bool:
    if isinstance(kind, inspect.Metadata):
        return _takes_none(kind.type)
    return isinstance(kind, inspect.NoneType) or (isinstance(kind, inspect.UnionType) and kind.includes_none)


def _lower_first(label: str) -> str:
    """A label inside a sentence; names in capitals (VAT number) keep theirs."""
    return label if label[1:2].isupper() else label[:1].lower() + label[1:]


LIMITS: tuple[tuple[str, str, Callable[[Decimal, Decimal], bool]], ...] = (
    ("ge", "at least", operator.lt),
    ("gt", "more than", operator.le),
    ("le", "at most", operator.gt),
    ("lt", "less than", operator.ge),
)
"""A limit of a number's type, the words for it, and what breaks it."""


def _problem(kind: inspect.Type, label: str, description: str, text: str) -> str:
    """What is wrong with a text, in words that say what would be right."""
    match kind:
        case inspect.StrType():
            return _text_problem(kind, label, description, text)
        case inspect.IntType() | inspect.FloatType() | inspect.DecimalType():
            return _number_problem(kind, label, text)
        case inspect.EnumType() | inspect.LiteralType():
            return f"Choose {_lower_first(label)} from the list."
        case inspect.DateType():
            wanted = "a date, such as 2026-03-31"
        case inspect.DateTimeType():
            wanted = "a date with a time, such as 2026-03-31T16:00Z"
        case inspect.UUIDType():
            wanted = "an identifier, such as 0b6f2a54-7a5e-4a0f-9d51-6f5b5d3a1c11"
        case _:
            return f"{label} is not valid."
    return f"{label} must be {wanted}."


def _text_problem(kind: inspect.StrType, label: str, description: str, text: str) -> str:
    if kind.max_length is not None and len(text) > kind.max_length:
        return f"{label} can have at most {kind.max_length} characters; this has {len(text)}."
    if kind.min_length is not None and len(text) < kind.min_length:
        return f"{label} needs at least {kind.min_length} characters."
    return description or f"{label} is not in the expected form."


def _number_problem(kind: inspect.Type, label: str, text: str) -> str:
    whole = isinstance(kind, inspect.IntType)
    kind_of_number = f"{label} must be a {'whole ' if whole else ''}number."
    try:
        number = Decimal(text)
    except ArithmeticError:
        return kind_of_number
    if not number.is_finite() or (whole and number != number.to_integral_value()):
        return kind_of_number
    for name, words, breaks in LIMITS:
        limit = getattr(kind, name, None)
        if limit is not None and breaks(number, Decimal(str(limit))):
            return f"{label} must be {words} {limit}."
    return kind_of_number


def make_csrf(session_secret: bytes, session_id: str, nonce: bytes) -> str:
    """A token for the forms of one session.

    nonce: 16 bytes or so of the world's randomness; it makes each token differ.
    """
    return f"{nonce.hex()}.{_csrf_seal(session_secret, session_id, nonce.hex())}"


def verify_csrf(session_secret: bytes, session_id: str, token: str) -> bool:
    """Whether ``make_csrf`` made the token for this session. Takes the same time wherever a wrong one differs."""
    nonce, _, seal = token.partition(".")
    return hmac.compare_digest(
        _csrf_seal(session_secret, session_id, nonce).encode(), seal.encode("utf-8", "surrogatepass")
    )


def _csrf_seal(session_secret: bytes, session_id: str, nonce: str) -> str:
    text = f"csrf\0{session_id}\0{nonce}".encode("utf-8", "surrogatepass")
    return hmac.new(session_secret, text, hashlib.sha256).hexdigest()


def local_path(target: str | None, default: str = "/") -> str:
    """``target`` when it is a path on this origin, else ``default``.

    Refused: other origins in every spelling browsers accept (a scheme, ``//``, a backslash), and control characters.
    """
    if not target or not target.startswith("/") or target.startswith("//"):
        return default
    if "\\" in target or any(ord(letter) <= 0x20 or ord(letter) == 0x7F for letter in target):
        return default
    return target
