"""What proves a second factor, by table."""

import pytest

from openpartner.portal import rules


@pytest.mark.parametrize(
    ("methods", "context_class", "proved"),
    [
        ([], "", False),
        (["pwd"], "", False),
        (["otp"], "", False),
        (["pwd", "pin"], "", False),
        (["otp", "hwk"], "", False),
        (["pwd", "otp"], "", True),
        (["pin", "hwk"], "", True),
        (["face", "hwk"], "", True),
        (["pwd", "mfa"], "", True),
        (["mfa"], "", True),
        (["fido"], "", True),
        (["PWD", "OTP"], "", False),
        (["pwd"], "1", False),
        (["pwd"], "not-mfa", False),
        (["pwd"], "urn:microsoft:policies:mfa", True),
        ([], "phrh", True),
    ],
)
def test_two_kinds_of_factors_are_needed(methods: list[str], context_class: str, proved: bool) -> None:
    assert rules.proves_second_factor(methods, context_class) is proved
