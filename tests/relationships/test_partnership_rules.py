"""When a provider and a reseller may act together, and what becomes of an invitation. Source: gdap §14.5."""

import pytest

from openpartner.partner.rules import PartnerKind, Region
from openpartner.platform.errors import DomainError, InvalidFields
from openpartner.relationships.rules import partnerships as rules
from openpartner.relationships.rules.partnerships import (
    InvitationAction,
    InvitationState,
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


@pytest.mark.parametrize("state", list(InvitationState))
@pytest.mark.parametrize(
    ("action", "after"), [("accept", "accepted"), ("refuse", "refused"), ("withdraw", "withdrawn")]
)
def test_an_invitation_is_answered_once(state: InvitationState, action: str, after: str) -> None:
    if state is InvitationState.SENT:
        assert rules.moved_invitation(state, InvitationAction(action)) == after
        return
    with pytest.raises(rules.InvitationClosed, match=f"was {state} before"):
        rules.moved_invitation(state, InvitationAction(action))


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


@pytest.mark.parametrize(
    ("text", "addresses"),
    [
        ("a@b.example", ("a@b.example",)),
        ("A@B.example, a@b.example;c@d.example\nE@F.example", ("a@b.example", "c@d.example", "e@f.example")),
        ("  ", ()),
    ],
)
def test_addresses_are_read_from_one_field(text: str, addresses: tuple[str, ...]) -> None:
    assert rules.addresses_in(text) == addresses


@pytest.mark.parametrize(
    ("recipients", "subject", "text", "fields"),
    [
        ([], "Hello", "Text", {"recipients"}),
        (["nobody"], "Hello", "Text", {"recipients"}),
        ([f"a{n}@b.example" for n in range(26)], "Hello", "Text", {"recipients"}),
        (["a@b.example"], " ", "", {"subject", "text"}),
        (["a@b.example"], "s" * 201, "t" * 4001, {"subject", "text"}),
    ],
)
def test_a_letter_says_each_thing_that_is_wrong(
    recipients: list[str], subject: str, text: str, fields: set[str]
) -> None:
    with pytest.raises(InvalidFields) as refused:
        rules.written(recipients, subject, text)
    assert set(refused.value.problems) == fields


def test_a_letter_carries_one_link_ours() -> None:
    with pytest.raises(rules.LinkInText):
        rules.written(["a@b.example"], "Hello", "Look at https://elsewhere.example first.")
    letter = rules.written(["a@b.example"], " Two\nlines ", " Text ")
    assert letter == rules.Letter(("a@b.example",), "Two lines", "Text")


def test_a_reason_is_one_line_of_bounded_length() -> None:
    assert rules.reason_given("  no\nmoney ") == "no money"
    with pytest.raises(InvalidFields):
        rules.reason_given("x" * 401)
