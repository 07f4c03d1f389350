"""The letter of an invitation, and what becomes of it. Source: portal-workspaces §2.3, §2.8."""

import pytest

from openpartner.platform.errors import InvalidFields
from openpartner.relationships.rules import invitations as rules
from openpartner.relationships.rules.invitations import InvitationAction, InvitationState


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
