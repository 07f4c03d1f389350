"""What an order costs in statements: the same for any number of lines, and whatever the customer holds already."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from sqlalchemy import event

from tests.support.shop import BASIC, PHONE, Shop, line

MOST = 26
"""With the request's own: the clock, who calls, the chain of events, the seeded identifiers."""


@contextmanager
def statements(shop: Shop) -> Iterator[list[str]]:
    """Every statement that a unit which may write sends; one that writes many rows is one."""
    sent: list[str] = []

    def note(_connection: Any, _cursor: Any, statement: str, *_rest: Any) -> None:
        sent.append(" ".join(statement.split()))

    engine = shop.lab.world.database.writer
    event.listen(engine, "before_cursor_execute", note)
    yield sent
    event.remove(engine, "before_cursor_execute", note)


def cost(shop: Shop, *lines: dict[str, Any]) -> list[str]:
    with statements(shop) as sent:
        shop.order(*lines, billingCycle="monthly")
    return [text for text in sent if not text.startswith("BEGIN")]


def test_an_order_costs_as_many_statements_for_three_lines_as_for_one(shop: Shop) -> None:
    month, year = line(BASIC, 5, "P1M"), line(BASIC, 2, "P1Y")
    phone = line(PHONE, 3, "P1M", attestationAccepted=True)
    cost(shop, month)  # the first reads who calls

    one = cost(shop, year)
    three = cost(shop, month, year, phone)

    assert [text for text in three if text.startswith("INSERT")] == [
        text for text in one if text.startswith("INSERT")
    ], "a row of its own for each line"
    assert len(three) == len(one) <= MOST, "\n".join(three)


def test_what_is_held_already_costs_no_statement_and_is_not_read_row_by_row(shop: Shop) -> None:
    few = cost(shop, line(BASIC, 1, "P1M"))
    for _ in range(3):
        shop.order(*[line(BASIC, 1, "P1M")] * 10, billingCycle="monthly")

    many = cost(shop, line(BASIC, 1, "P1M"))

    assert many == few
    assert [text for text in many if "FROM subscription" in text and "GROUP BY" not in text] == []
