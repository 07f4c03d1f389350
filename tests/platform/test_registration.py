"""Registration numbers: where they are needed, and with which code a wrong one is refused."""

import pytest

from openpartner.platform.errors import DomainError
from openpartner.platform.registration import check_registration


@pytest.mark.parametrize(
    ("country", "number", "phone", "code", "message"),
    [
        (
            "KZ",
            "",
            "1",
            600049,
            "Organizations in Kazakhstan need their registration number (organizationRegistrationNumber).",
        ),
        ("KZ", "123", "1", 600050, r"The organization registration number must have the format ^\d{12}$."),
        ("KZ", "030640005418", " ", 600051, "Organizations in Kazakhstan need a telephone number in their address."),
        (
            "BR",
            "",
            "1",
            600049,
            "Organizations in Brazil need their registration number (organizationRegistrationNumber).",
        ),
        (
            "US",
            "#1",
            "",
            600002,
            (
                "This organization registration number is not supported in United States; leave it out, or give up to "
                "50 letters and digits."
            ),
        ),
    ],
)
def test_registration_numbers_are_refused_with_their_codes(
    country: str, number: str, phone: str, code: int, message: str
) -> None:
    with pytest.raises(DomainError) as refusal:
        check_registration(country, number, phone)

    assert (refusal.value.status, refusal.value.code, refusal.value.message) == (400, code, message)


@pytest.mark.parametrize(
    ("country", "number", "phone"), [("KZ", "030640005418", "7172123456"), ("US", "", ""), ("DE", "HRB 12345", "")]
)
def test_registration_numbers_that_fit(country: str, number: str, phone: str) -> None:
    check_registration(country, number, phone)
