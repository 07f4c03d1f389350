"""The rules of countries: four exactly as recorded from the original, the rest by the same construction."""

import re

import pytest

from openpartner.platform import countries
from openpartner.platform.countries import CountryRules

AMERICAN_STATES = """
AK AL AR AZ CA CO CT DC DE FL GA HI IA ID IL IN KS KY LA MA MD ME MI MN MO MS MT NC ND NE NH NJ NM NV
NY OH OK OR PA RI SC SD TN TX UT VA VT WA WI WV WY
"""
CHINESE_PROVINCES = "AH BJ CQ FJ GD GS GX GZ HA HB HE HI HL HN JL JS JX LN NM NX QH SC SD SH SN SX TJ XJ XZ YN ZJ"

# Source: partner-center-resources §24, the answer of 11 January 2019
UNITED_STATES = CountryRules(
    iso2_code="US",
    default_culture="en-US",
    is_state_required=True,
    supported_states=tuple(AMERICAN_STATES.split()),
    supported_languages=("en", "es"),
    supported_cultures=("en-US", "es-US"),
    is_postal_code_required=True,
    postal_code_regex=r"^\d{5}(-\d{4})?$",
    is_city_required=True,
    is_vat_id_supported=False,
    tax_id_format="",
    vat_id_regex="",
    phone_number_regex=r"^(1[ \-\/\.]?)?(\((\d{3})\)|(\d{3}))[ \-\/\.]?(\d{3})[ \-\/\.]?(\d{4})$",
    is_tax_id_supported=True,
    is_tax_id_optional=True,
    country_calling_codes=("1",),
    registration_number=None,
)

GERMANY = CountryRules(
    iso2_code="DE",
    default_culture="de-DE",
    is_state_required=False,
    supported_states=(),
    supported_languages=("en", "de"),
    supported_cultures=("de-DE", "en-US"),
    is_postal_code_required=True,
    postal_code_regex="^[0-9]{5,5}$",
    is_city_required=True,
    is_vat_id_supported=True,
    tax_id_format="DE#########",
    vat_id_regex=r"^DE[\d]{9,9}$",
    phone_number_regex="",
    is_tax_id_supported=False,
    is_tax_id_optional=True,
    country_calling_codes=("49",),
    registration_number=None,
)

CHINA = CountryRules(
    iso2_code="CN",
    default_culture="zh-CN",
    is_state_required=True,
    supported_states=tuple(CHINESE_PROVINCES.split()),
    supported_languages=("zh-CHS", "en"),
    supported_cultures=("zh-CN", "en-US"),
    is_postal_code_required=True,
    postal_code_regex="^[0-9]{6,6}$",
    is_city_required=True,
    is_vat_id_supported=False,
    tax_id_format="",
    vat_id_regex="",
    phone_number_regex="",
    is_tax_id_supported=False,
    is_tax_id_optional=False,
    country_calling_codes=("86",),
    registration_number=None,
)

UNITED_KINGDOM = CountryRules(
    iso2_code="GB",
    default_culture="en-GB",
    is_state_required=False,
    supported_states=(),
    supported_languages=("en",),
    supported_cultures=("en-GB", "en-US"),
    is_postal_code_required=True,
    postal_code_regex=(
        "^([gG][iI][rR][ ]?0[aA]{2,2}|[a-zA-Z]([0-9][0-9a-zA-Z]?|[a-zA-Z][0-9][0-9a-zA-Z]?)[ ]?[0-9][a-zA-Z]{2,2})$"
    ),
    is_city_required=True,
    is_vat_id_supported=True,
    tax_id_format="GB#########",
    vat_id_regex=r"^GB(([\d]{3,3}[\d]{4,4}[\d]{2,2}([\d]{3,3})?)|((GD|HA)[\d]{3,3}))$",
    phone_number_regex="",
    is_tax_id_supported=False,
    is_tax_id_optional=True,
    country_calling_codes=("44",),
    registration_number=None,
)


@pytest.mark.parametrize("recorded", [UNITED_STATES, GERMANY, CHINA, UNITED_KINGDOM], ids=lambda rules: rules.iso2_code)
def test_the_recorded_countries_come_out_exactly(recorded: CountryRules) -> None:
    assert countries.rules_of(recorded.iso2_code.lower()) == recorded


def test_every_market_has_usable_rules() -> None:
    for market in countries.MARKETS:
        rules = countries.rules_of(market)
        assert rules.iso2_code == market
        assert re.compile(rules.postal_code_regex).pattern == rules.postal_code_regex
        assert rules.default_culture == rules.supported_cultures[0]
        assert len(rules.supported_languages) >= 1

    assert len(countries.MARKETS) == 244


@pytest.mark.parametrize("code", ["CU", "IR", "KP", "SY", "SD", "AN", "ZZ", "usa", ""])
def test_elsewhere_nothing_is_sold(code: str) -> None:
    with pytest.raises(countries.CountryNotSupported) as refusal:
        countries.rules_of(code)

    assert (refusal.value.status, refusal.value.code) == (404, 1000)


@pytest.mark.parametrize(
    ("country", "text", "code"),
    [
        ("US", "WA", "WA"),
        ("US", "wa", "WA"),
        ("US", "US-WA", "WA"),
        ("US", "Washington", "WA"),
        ("US", "new  york", "NY"),
        ("US", "PR", None),
        ("US", "Bavaria", None),
        ("CA", "Québec", "QC"),
        ("CA", "Quebec", "QC"),
        ("CA", "Colombie-Britannique", "BC"),
        ("MX", "Méx.", "MEX"),
        ("MX", "CDMX", "CMX"),
        ("CN", "北京市", "BJ"),
        ("CN", "Beijing Shi", "BJ"),
        ("CN", "TW", None),
        ("DE", "BY", None),
    ],
)
def test_a_state_is_known_by_code_name_and_abbreviation(country: str, text: str, code: str | None) -> None:
    assert countries.state_code(country, text) == code


@pytest.mark.parametrize(
    ("country", "postal_code", "states"),
    [
        ("US", "98052", ("WA",)),
        ("US", "00501", ("NY",)),
        ("CA", "k1a 0b1", ("ON", "QC")),
        ("MX", "06082", ("CMX",)),
        ("CN", "100096", ()),
        ("DE", "10115", ()),
    ],
)
def test_the_states_of_a_postal_code(country: str, postal_code: str, states: tuple[str, ...]) -> None:
    assert countries.postal_code_states(country, postal_code) == states


@pytest.mark.parametrize(
    ("text", "known"),
    [
        ("en-US", True),
        ("EN-us", True),
        ("az-Latn-AZ", True),
        ("en-CA", True),
        ("en", False),
        ("en-YY", False),
        ("en-XX-YY-ZZ", False),
        ("xx-YY", False),
        ("", False),
    ],
)
def test_what_is_a_culture(text: str, known: bool) -> None:
    assert countries.is_culture(text) is known


@pytest.mark.parametrize(("text", "known"), [("en", True), ("DE", True), ("eng", False), ("xq", False), ("", False)])
def test_what_is_a_language(text: str, known: bool) -> None:
    assert countries.is_language(text) is known


@pytest.mark.parametrize(
    ("country", "number", "problem"),
    [
        ("DE", "DE123456789", ""),
        ("DE", "de 123 456 789", ""),
        ("DE", "123456789", "The VAT number must have the form DE#########."),
        ("AT", "ATU12345678", ""),
        ("NL", "NL123456789B01", ""),
        ("NL", "NL123456789", "The VAT number must have the form NL#########B##."),
        ("SE", "SE123456789001", ""),
        ("GR", "EL123456789", ""),
        ("AU", "51 824 753 556", ""),
        ("AU", "51 824 753 557", ""),  # the check digit is wrong, the form is right
        ("AU", "51 824", "This is not a tax number of Australia."),
        ("US", "12-3456789", ""),
        ("US", "12_3456789", "The tax number may hold only letters and digits."),
    ],
)
def test_the_form_of_tax_numbers(country: str, number: str, problem: str) -> None:
    assert countries.tax_number_problem(country, number) == problem


def test_each_sample_of_a_registration_number_fits_its_pattern() -> None:
    for country, number in countries.REGISTRATION_NUMBERS.items():
        assert re.match(number.pattern, number.sample), country

    assert len(countries.REGISTRATION_NUMBERS) == 24


def test_names_are_in_the_language_of_the_reader() -> None:
    assert countries.name_of("de") == "Germany"
    assert countries.name_of("DE", "de-DE") == "Deutschland"
    assert countries.name_of("XK") == "Kosovo"
