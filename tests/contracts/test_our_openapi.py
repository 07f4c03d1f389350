"""What our OpenAPI document says is what the server does: no fault of ours, no status that it does not name."""

from typing import Any

import httpx
import pytest

from tests.contracts.campaign import Campaign, Case, Target

LEFT_OUT = {
    ("/_sandbox/clock", "post"),
    ("/_sandbox/snapshots/{name}/restore", "post"),
    ("/_sandbox/throttle", "put"),
}
"""A generated move of the clock may take a century of renewals, and ends every token; a limit refuses what follows."""

MOST_ANSWER_WELL = 0.5
"""The part of the operations of which at least one generated call must succeed, lest all is refused at the door."""


def _documented(case: Case, status: int) -> bool:
    return str(status) in case.operation.definition.raw["responses"]


def _document(target: Target) -> dict[str, Any]:
    """The description of our own."""
    document: dict[str, Any] = httpx.get(f"{target.url}/openapi/openapi.json", trust_env=False).json()
    for path, method in LEFT_OUT:
        del document["paths"][path][method]
    return document


def _check(target: Target, document: dict[str, Any], examples: int) -> None:
    campaign = Campaign(target).run(document, examples=examples, documented=_documented)

    assert campaign.faults == []
    reached = [operation for operation, statuses in campaign.statuses.items() if any(s < 300 for s in statuses)]
    assert len(reached) > MOST_ANSWER_WELL * len(campaign.statuses)


def test_every_operation_answers_only_what_its_description_names(target: Target) -> None:
    _check(target, _document(target), examples=4)


@pytest.mark.long
def test_the_same_with_many_more_calls(target: Target) -> None:
    _check(target, _document(target), examples=200)
