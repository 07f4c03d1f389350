"""Address checks and country rules. Source: partner-center-resources §24."""

from openpartner.platform import addresses
from openpartner.platform.addresses import AddressCheck, CheckStatus
from openpartner.platform.countries import CountryRules
from openpartner.platform.http.answers import Attributes, Wire
from openpartner.platform.http.postal import Address


class AddressValidationResponse(Wire, kw_only=True):
    original_address: Address
    suggested_addresses: list[Address] | None = None
    status: str
    validation_message: str | None = None

    @classmethod
    def of(cls, address: addresses.Address, check: AddressCheck) -> "AddressValidationResponse":
        return cls(
            original_address=Address.of(address),
            suggested_addresses=[Address.of(suggestion) for suggestion in check.suggestions] or None,
            status=check.status.value,
            validation_message=check.message or None,
        )


DOUBTFUL = frozenset({CheckStatus.NONE, CheckStatus.MULTIPLE, CheckStatus.STREET_PARTIAL, CheckStatus.PREMISES_PARTIAL})
"""What the older answer, a bare boolean, calls not valid."""


class CountryValidationRules(Wire, kw_only=True):
    """Members in the recorded order."""

    iso2_code: str
    default_culture: str
    is_state_required: bool
    supported_states_list: list[str]
    supported_languages_list: list[str]
    supported_cultures_list: list[str]
    is_postal_code_required: bool
    postal_code_regex: str | None = None
    is_city_required: bool
    is_vat_id_supported: bool
    tax_id_format: str | None = None
    vat_id_regex: str | None = None
    phone_number_regex: str | None = None
    is_tax_id_supported: bool
    is_tax_id_optional: bool
    country_calling_codes_list: list[str]
    customer_organization_registration_number_regex: str | None = None
    customer_organization_registration_number_sample: str | None = None
    customer_organization_registration_number_required: bool
    customer_organization_phone_number_required: bool
    attributes: Attributes

    @classmethod
    def of(cls, rules: CountryRules) -> "CountryValidationRules":
        number = rules.registration_number
        return cls(
            iso2_code=rules.iso2_code,
            default_culture=rules.default_culture,
            is_state_required=rules.is_state_required,
            supported_states_list=list(rules.supported_states),
            supported_languages_list=list(rules.supported_languages),
            supported_cultures_list=list(rules.supported_cultures),
            is_postal_code_required=rules.is_postal_code_required,
            postal_code_regex=rules.postal_code_regex or None,
            is_city_required=rules.is_city_required,
            is_vat_id_supported=rules.is_vat_id_supported,
            tax_id_format=rules.tax_id_format or None,
            vat_id_regex=rules.vat_id_regex or None,
            phone_number_regex=rules.phone_number_regex or None,
            is_tax_id_supported=rules.is_tax_id_supported,
            is_tax_id_optional=rules.is_tax_id_optional,
            country_calling_codes_list=list(rules.country_calling_codes),
            customer_organization_registration_number_regex=number.pattern if number else None,
            customer_organization_registration_number_sample=number.sample if number else None,
            customer_organization_registration_number_required=rules.is_registration_number_required,
            customer_organization_phone_number_required=rules.is_registration_number_required,
            attributes=Attributes(object_type="CountryValidationRules"),
        )
