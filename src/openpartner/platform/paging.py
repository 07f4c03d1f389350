"""Pages of a list by the key of a row: what stands behind or in front of it, and whether more does."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Generic, Protocol, TypeVar

Row = TypeVar("Row")
Position = TypeVar("Position")
Shown = TypeVar("Shown")
At = TypeVar("At", contravariant=True)
Found = TypeVar("Found", covariant=True)


@dataclass(frozen=True)
class KeyedPage(Generic[Row]):
    """Some consecutive rows, and whether there are rows before and after them."""

    rows: Sequence[Row]
    has_before: bool
    has_after: bool

    def showing(self, show: Callable[[Sequence[Row]], Sequence[Shown]]) -> "KeyedPage[Shown]":
        """The same page with its rows shown otherwise."""
        return KeyedPage(show(self.rows), self.has_before, self.has_after)


class Read(Protocol[At, Found]):
    """Reads a list: that many rows from a position on, in its order or against it."""

    def __call__(self, start: At | None, size: int, /, *, backwards: bool) -> Sequence[Found]:
        """The rows, the nearest to the position first."""
        ...


def keyed_page(
    read: Read[Position, Row],
    size: int,
    after: Position | None,
    before: Position | None,
    *,
    is_there: Callable[[Position], bool] = lambda _position: True,
) -> KeyedPage[Row]:
    """``size`` rows behind ``after``, or in front of ``before``, or from the beginning.

    is_there: whether the row at ``before``, or one behind it, is still there.
    """
    if before is not None:
        rows = read(before, size + 1, backwards=True)
        return KeyedPage(rows[:size][::-1], has_before=len(rows) > size, has_after=is_there(before))
    rows = read(after, size + 1, backwards=False)
    return KeyedPage(rows[:size], has_before=after is not None, has_after=len(rows) > size)


def every_row(
    page_after: Callable[[Position | None], KeyedPage[Row]], position: Callable[[Row], Position]
) -> Iterator[Row]:
    """All rows of a list, a page in memory at a time."""
    after: Position | None = None
    while True:
        page = page_after(after)
        yield from page.rows
        if not page.has_after:
            return
        after = position(page.rows[-1])
