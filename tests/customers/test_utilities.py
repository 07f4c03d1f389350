"""Address checks, domain availability and country rules over the wire."""

from typing import Any

import pytest

from openpartner.platform.permissions import Role
from tests.customers.conftest import Partner
from tests.support.lab import Lab

US_ADDRESS = {
    "addressLine1": "One Microsoft Way",
    "city": "Redmond",
    "state": "WA",
    "postalCode": "98052",
    "country": "US",
}


def test_an_address_is_answered_with_what_it_should_be(partner: Partner) -> None:
    address = {**US_ADDRESS, "addressLine1": "1 Microsoft Way", "state": "Washington"}

    answer = partner.client.post("/v1/validations/address", address)

    assert (answer.status_code, answer.json()) == (
        200,
        {
            "originalAddress": address,
            "suggestedAddresses": [{**address, "state": "WA"}],
            "status": "InteractionRequired",
            "validationMessage": "Confirm the suggested address.",
        },
    )


@pytest.mark.parametrize("client", ["Partner Center Java SDK", "Partner Center PowerShell"])
@pytest.mark.parametrize(
    ("members", "valid"), [({"addressLine1": "1 Microsoft Way"}, b"true"), ({"postalCode": "x"}, b"false")]
)
def test_older_clients_get_a_bare_boolean(partner: Partner, client: str, members: dict[str, Any], valid: bytes) -> None:
    caller = partner.client.with_headers(MS_PartnerCenter_Client=client)

    assert caller.post("/v1/validations/address", {**US_ADDRESS, **members}).content == valid


def test_a_domain_is_taken_or_free(partner: Partner) -> None:
    partner.customer("Relecloud")

    assert partner.client.head("/v1/domains/relecloud.onmicrosoft.com").status_code == 200
    free = partner.client.head("/v1/domains/Fabrikam.onmicrosoft.com")
    assert (free.status_code, free.content) == (404, b"")
    assert partner.client.get("/v1/validations/checkdomainavailability/relecloud").json() is False
    assert partner.client.get("/v1/validations/checkDomainAvailability/fabrikam").json() is True
    assert partner.client.get("/v1/validations/checkdomainavailability/not_a_prefix").status_code == 400


def test_the_rules_of_the_united_states_are_as_recorded(partner: Partner) -> None:
    """Source: partner-center-resources §24, recorded exchange of 2019-01-11; the last members from the Swagger file."""
    rules = partner.client.get("/v1/countryvalidationrules/us").json()

    states = rules.pop("supportedStatesList")
    assert (len(states), "WA" in states) == (51, True)
    assert rules == {
        "iso2Code": "US",
        "defaultCulture": "en-US",
        "isStateRequired": True,
        "supportedLanguagesList": ["en", "es"],
        "supportedCulturesList": ["en-US", "es-US"],
        "isPostalCodeRequired": True,
        "postalCodeRegex": r"^\d{5}(-\d{4})?$",
        "isCityRequired": True,
        "isVatIdSupported": False,
        "phoneNumberRegex": r"^(1[ \-\/\.]?)?(\((\d{3})\)|(\d{3}))[ \-\/\.]?(\d{3})[ \-\/\.]?(\d{4})$",
        "isTaxIdSupported": True,
        "isTaxIdOptional": True,
        "countryCallingCodesList": ["1"],
        "customerOrganizationRegistrationNumberRequired": False,
        "customerOrganizationPhoneNumberRequired": False,
        "attributes": {"objectType": "CountryValidationRules"},
    }


def test_a_country_with_a_registration_number_says_its_form(partner: Partner) -> None:
    rules = partner.client.get("/v1/countryValidationRules/KZ").json()

    assert (
        rules["customerOrganizationRegistrationNumberRegex"],
        rules["customerOrganizationRegistrationNumberSample"],
        rules["customerOrganizationRegistrationNumberRequired"],
    ) == (r"^\d{12}$", "030640005418", True)


def test_a_country_that_is_none_is_404(partner: Partner) -> None:
    assert partner.client.get("/v1/countryvalidationrules/zz").status_code == 404


def test_who_may_not_create_customers_may_not_probe_domains(lab: Lab, partner: Partner) -> None:
    client = lab.client(lab.user(partner.tenant, Role.REFERRALS_USER))

    assert client.head("/v1/domains/relecloud.onmicrosoft.com").status_code == 403
    assert lab.client().head("/v1/domains/relecloud.onmicrosoft.com").status_code == 401
