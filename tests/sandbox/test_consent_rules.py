"""Which standing policy answers which request, as tables."""

from dataclasses import replace
from uuid import UUID

import pytest

from openpartner.platform.errors import InvalidFields
from openpartner.sandbox.consent.rules import Answer, Matter, Policy, Request, checked, choose, fits

CONTOSO, DISTRI, SHOP, RELECLOUD, COFFEE = (UUID(int=number) for number in range(1, 6))
GRANULAR = Request(Matter.GRANULAR, frozenset({CONTOSO}), RELECLOUD)
COMBINED = Request(Matter.COMBINED, frozenset({SHOP, DISTRI}), COFFEE)
APPROVE = Policy(Answer.APPROVE)


@pytest.mark.parametrize(
    ("policy", "granular", "combined"),
    [
        (APPROVE, True, True),
        (replace(APPROVE, matter=Matter.GRANULAR), True, False),
        (replace(APPROVE, matter=Matter.COMBINED), False, True),
        (replace(APPROVE, partner_id=CONTOSO), True, False),
        (replace(APPROVE, partner_id=SHOP), False, True),
        (replace(APPROVE, partner_id=DISTRI), False, True),
        (replace(APPROVE, customer_id=RELECLOUD), True, False),
        (replace(APPROVE, customer_id=COFFEE, partner_id=DISTRI), False, True),
        (replace(APPROVE, customer_id=COFFEE, partner_id=CONTOSO), False, False),
    ],
)
def test_a_policy_is_for_a_kind_a_partner_and_a_customer(policy: Policy, granular: bool, combined: bool) -> None:
    assert (fits(policy, GRANULAR), fits(policy, COMBINED)) == (granular, combined)


def never(_bound: int) -> int:
    raise AssertionError("chance was asked for nothing")


@pytest.mark.parametrize(
    ("policies", "place"),
    [
        ([], None),
        ([APPROVE], 0),
        ([replace(APPROVE, matter=Matter.RESELLER), APPROVE], 1),
        ([replace(APPROVE, matter=Matter.RESELLER)], None),
        ([Policy(Answer.IGNORE), APPROVE], 0),
    ],
)
def test_the_first_that_fits_decides_and_chance_is_left_alone(policies: list[Policy], place: int | None) -> None:
    assert choose(policies, GRANULAR, never) == place


@pytest.mark.parametrize(("drawn", "place"), [(0, 0), (1, 1), (9, 1)])
def test_one_in_ten_lets_one_of_ten_draws_through(drawn: int, place: int) -> None:
    asked: list[int] = []

    def below(bound: int) -> int:
        asked.append(bound)
        return drawn

    policies = [Policy(Answer.REFUSE, one_in=10), replace(APPROVE, after="P2D")]

    assert choose(policies, GRANULAR, below) == place
    assert asked == [10]


def test_chance_is_not_asked_for_a_policy_that_does_not_fit() -> None:
    assert choose([Policy(Answer.REFUSE, Matter.RESELLER, one_in=10)], GRANULAR, never) is None


@pytest.mark.parametrize(
    ("policy", "member"),
    [
        (Policy(Answer.END), "answer"),
        (replace(APPROVE, after="two days"), "after"),
        (replace(APPROVE, after=""), "after"),
        (replace(APPROVE, one_in=0), "one_in"),
        (replace(APPROVE, one_in=1_001), "one_in"),
        (replace(APPROVE, reason="x" * 401), "reason"),
    ],
)
def test_a_policy_that_cannot_be_is_refused_with_its_member(policy: Policy, member: str) -> None:
    with pytest.raises(InvalidFields) as refusal:
        checked(policy)

    assert list(refusal.value.problems) == [member]


def test_a_policy_that_can_be_is_kept_as_it_is() -> None:
    policy = Policy(Answer.REFUSE, Matter.GRANULAR, CONTOSO, RELECLOUD, "PT12H", 10, "No.")

    assert checked(policy) == policy
