"""The number under which the state knows an organisation: where it is needed, and what is wrong with one.

Source: commerce-rules §3; account-and-security §1; partner-center-conventions §19.
"""

import re

from openpartner.platform import countries
from openpartner.platform.errors import Invalid

LONGEST_REGISTRATION_NUMBER = 50

_ANY_REGISTRATION_NUMBER = re.compile(rf"^[0-9A-Za-z][0-9A-Za-z ./-]{{0,{LONGEST_REGISTRATION_NUMBER - 1}}}$")


class RegistrationNumberMissing(Invalid):
    """Source: partner-center-conventions §19, 600049."""

    code = 600049

    def __init__(self, country: str) -> None:
        super().__init__(
            f"Organizations in {countries.name_of(country)} need their registration number "
            "(organizationRegistrationNumber).",
            country=country,
        )


class RegistrationNumberInvalid(Invalid):
    """Source: partner-center-conventions §19, 600050."""

    code = 600050

    def __init__(self, pattern: str) -> None:
        super().__init__(f"The organization registration number must have the format {pattern}.", pattern=pattern)


class RegistrationNumberNotSupported(Invalid):
    """Elsewhere the number is optional, but it must look like one. Source: partner-center-conventions §19, 600002."""

    code = 600002

    def __init__(self, country: str) -> None:
        super().__init__(
            f"This organization registration number is not supported in {countries.name_of(country)}; leave it out, "
            f"or give up to {LONGEST_REGISTRATION_NUMBER} letters and digits.",
            country=country,
        )


class PhoneNumberMissing(Invalid):
    """Source: partner-center-conventions §19, 600051."""

    code = 600051

    def __init__(self, country: str) -> None:
        super().__init__(
            f"Organizations in {countries.name_of(country)} need a telephone number in their address.", country=country
        )


def check_registration(country: str, number: str, phone_number: str) -> None:
    """Whether the registration number, and the telephone number that goes with it, are as ``country`` needs them.

    Raises RegistrationNumberMissing, RegistrationNumberInvalid, RegistrationNumberNotSupported, PhoneNumberMissing.
    """
    needed = countries.rules_of(country).registration_number
    plain = number.strip()
    if needed is None:
        if plain and not _ANY_REGISTRATION_NUMBER.match(plain):
            raise RegistrationNumberNotSupported(country)
        return
    if not plain:
        raise RegistrationNumberMissing(country)
    if not re.match(needed.pattern, plain):
        raise RegistrationNumberInvalid(needed.pattern)
    if not phone_number.strip():
        raise PhoneNumberMissing(country)
