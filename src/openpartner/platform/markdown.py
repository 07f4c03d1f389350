"""The parts of documents that are written from tables of the code."""

from collections.abc import Iterable, Iterator, Sequence


def table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> Iterator[str]:
    """The lines of a table."""
    yield _row(head)
    yield _row(["---"] * len(head))
    yield from map(_row, rows)


def _row(cells: Sequence[str]) -> str:
    return f"| {' | '.join(cells)} |"


def state_diagram(steps: Iterable[tuple[str, str, str]]) -> Iterator[str]:
    """The lines of a Mermaid diagram of steps (from, to, what happens or nothing); ``[*]`` is before and after all."""
    yield "```mermaid"
    yield "stateDiagram-v2"
    for source, target, action in steps:
        yield f"    {source} --> {target}{action and f': {action}'}"
    yield "```"
