"""When a provider and a reseller may act together, and how long they do. Source: gdap §14.5."""

import pytest

from openpartner.partner.rules import PartnerKind, Region
from openpartner.platform.errors import DomainError
from openpartner.relationships.rules import partnerships as rules
from openpartner.relationships.rules.partnerships import (
    PartnershipAction,
    PartnershipState,
    Side,
)

EOC, AOC = Region.EUROPE_MIDDLE_EAST_AFRICA, Region.AMERICAS
PROVIDER, RESELLER, DIRECT = PartnerKind.INDIRECT_PROVIDER, PartnerKind.INDIRECT_RESELLER, PartnerKind.DIRECT_BILL


@pytest.mark.parametrize(
    ("state", "action", "after"),
    [
        (None, "accept", "active"),
        ("ended", "accept", "active"),
        ("active", "end", "ended"),
        ("active", "accept", None),
        ("ended", "end", None),
        (None, "end", None),
    ],
)
def test_a_partnership_begins_by_consent_and_ends_once(state: str | None, action: str, after: str | None) -> None:
    before = PartnershipState(state) if state else None
    if after is None:
        with pytest.raises(rules.PartnershipUnreachable):
            rules.moved_partnership(before, PartnershipAction(action))
    else:
        assert rules.moved_partnership(before, PartnershipAction(action)) == after


@pytest.mark.parametrize(
    ("_case", "provider", "reseller", "error", "code"),
    [
        ("both ready", Side(PROVIDER, EOC, True), Side(RESELLER, EOC, True), None, 0),
        ("the inviter sells directly", Side(DIRECT, EOC, True), Side(RESELLER, EOC, True), rules.NotAProvider, 900150),
        ("the inviter is out", Side(None, EOC, True), Side(RESELLER, EOC, True), rules.NotAProvider, 900150),
        ("unsigned", Side(PROVIDER, EOC, True), Side(RESELLER, EOC, False), rules.ResellerUnsigned, 900123),
        ("qualified, unsigned", Side(PROVIDER, EOC, True), Side(None, EOC, False), rules.ResellerUnsigned, 900123),
        ("a provider itself", Side(PROVIDER, EOC, True), Side(PROVIDER, EOC, True), rules.NotAReseller, 900150),
        ("not enrolled", Side(PROVIDER, EOC, True), Side(None, EOC, True), rules.NotAReseller, 900150),
        ("an ocean between", Side(PROVIDER, EOC, True), Side(RESELLER, AOC, True), rules.RegionsDiffer, 900150),
    ],
)
def test_who_may_become_partners(
    _case: str, provider: Side, reseller: Side, error: type[DomainError] | None, code: int
) -> None:
    if error is None:
        rules.check_partners(provider, reseller)
        return
    with pytest.raises(error) as refused:
        rules.check_partners(provider, reseller)
    assert (refused.value.status, refused.value.code) == (403, code)
