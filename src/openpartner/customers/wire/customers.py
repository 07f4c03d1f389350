"""Customers and their profiles. Source: partner-center-resources §2."""

from collections.abc import Sequence
from uuid import UUID

import msgspec

from openpartner.customers.models import BillingProfile, Customer, CustomerQualification, ValidationCode
from openpartner.customers.queries import CustomerRow
from openpartner.customers.rules import (
    SETTABLE,
    NewCustomer,
    PasswordNotAllowed,
    Qualification,
    QualificationRequest,
    qualification_named,
)
from openpartner.customers.service import BillingDetails
from openpartner.customers.wire.common import instant, self_link
from openpartner.identity.models import Domain
from openpartner.platform.errors import InvalidFields
from openpartner.platform.http.answers import Attributes, Link, Wire
from openpartner.platform.http.etags import profile_etag
from openpartner.platform.http.postal import Address

# --- answers


class CompanyProfileOut(Wire, kw_only=True):
    tenant_id: str
    domain: str
    company_name: str
    organization_registration_number: str | None = None
    address: Address | None = None
    email: str | None = None
    links: dict[str, Link]
    attributes: Attributes

    @classmethod
    def of_row(cls, row: CustomerRow) -> "CompanyProfileOut":
        """As lists show it."""
        return cls(
            tenant_id=str(row.tenant_id),
            domain=row.domain,
            company_name=row.company_name,
            links=self_link(f"/customers/{row.tenant_id}/profiles/company"),
            attributes=Attributes(object_type="CustomerCompanyProfile"),
        )

    @classmethod
    def of(cls, customer: Customer, details: BillingProfile | None) -> "CompanyProfileOut":
        """The company profile. details: address and mail, for who holds a role that shows them."""
        return cls(
            tenant_id=str(customer.tenant_id),
            domain=customer.domain,
            company_name=customer.company_name,
            organization_registration_number=customer.registration_number or None,
            address=Address.of(details.default_address) if details else None,
            email=details.email if details else None,
            links=self_link(f"/customers/{customer.tenant_id}/profiles/company"),
            attributes=Attributes(object_type="CustomerCompanyProfile"),
        )


class BillingProfileOut(Wire, kw_only=True):
    id: str
    first_name: str | None = None
    last_name: str | None = None
    email: str
    culture: str
    language: str
    company_name: str
    default_address: Address
    links: dict[str, Link]
    attributes: Attributes

    @classmethod
    def of(cls, customer: Customer, billing: BillingProfile) -> "BillingProfileOut":
        return cls(
            id=str(billing.id),
            first_name=billing.first_name or None,
            last_name=billing.last_name or None,
            email=billing.email,
            culture=billing.culture,
            language=billing.language,
            company_name=billing.company_name,
            default_address=Address.of(billing.default_address),
            links=self_link(f"/customers/{customer.tenant_id}/profiles/billing"),
            attributes=Attributes(etag=profile_etag(billing.id, billing.version), object_type="CustomerBillingProfile"),
        )


class UserCredentials(Wire, kw_only=True):
    """The first administrator's, shown once."""

    user_name: str
    password: str


class CustomerOut(Wire, kw_only=True):
    id: str
    commerce_id: str | None = None
    company_profile: CompanyProfileOut | None = None
    billing_profile: BillingProfileOut | None = None
    relationship_to_partner: str
    allow_delegated_access: bool | None = None
    user_credentials: UserCredentials | None = None
    custom_domains: list[str] | None = None
    associated_partner_id: str | None = None
    links: dict[str, Link]
    attributes: Attributes

    @classmethod
    def of_row(cls, row: CustomerRow) -> "CustomerOut":
        """As lists show it: id, company profile, relationship."""
        return cls(
            id=str(row.tenant_id),
            company_profile=CompanyProfileOut.of_row(row),
            relationship_to_partner=row.relationship.value,
            links=self_link(f"/customers/{row.tenant_id}"),
            attributes=Attributes(object_type="Customer"),
        )

    @classmethod
    def of(
        cls,
        customer: Customer,
        billing: BillingProfile,
        domains: Sequence[str],
        credentials: UserCredentials | None = None,
        *,
        shows_details: bool = False,
    ) -> "CustomerOut":
        """The whole of it. domains: the verified ones. shows_details: the company's address and mail."""
        return cls(
            id=str(customer.tenant_id),
            commerce_id=str(customer.commerce_id),
            company_profile=CompanyProfileOut.of(customer, billing if shows_details else None),
            billing_profile=BillingProfileOut.of(customer, billing),
            relationship_to_partner=customer.relationship.value,
            allow_delegated_access=customer.allow_delegated_access,
            user_credentials=credentials,
            custom_domains=list(domains),
            associated_partner_id=str(customer.reseller_id) if customer.reseller_id else None,
            links=self_link(f"/customers/{customer.tenant_id}"),
            attributes=Attributes(object_type="Customer"),
        )

    @classmethod
    def of_change(cls, customer: Customer) -> "CustomerOut":
        """What a PATCH answers: the members it can change, the others left out."""
        return cls(
            id=str(customer.tenant_id),
            relationship_to_partner=customer.relationship.value,
            allow_delegated_access=customer.allow_delegated_access,
            links=self_link(f"/customers/{customer.tenant_id}"),
            attributes=Attributes(object_type="Customer"),
        )


class QualificationOut(Wire, kw_only=True):
    qualification: str
    vetting_status: str | None = None
    vetting_reason: str | None = None
    vetting_create_date: str | None = None

    @classmethod
    def of(cls, held: CustomerQualification) -> "QualificationOut":
        return cls(
            qualification=held.qualification.value,
            vetting_status=held.vetting.value if held.vetting else None,
            vetting_reason=held.vetting_reason or None,
            vetting_create_date=instant(held.requested_at) if held.vetting else None,
        )


NO_QUALIFICATION = QualificationOut(qualification=Qualification.NONE.value)
"""What the list of a customer without any qualification holds."""


class ValidationCodeOut(Wire, kw_only=True):
    partner_id: str
    organization_name: str
    validation_id: str
    max_creates: int
    remaining_creates: int
    e_tag: str

    @classmethod
    def of(cls, code: ValidationCode) -> "ValidationCodeOut":
        return cls(
            partner_id=str(code.partner_id),
            organization_name=code.organization_name,
            validation_id=code.validation_id,
            max_creates=code.max_creates,
            remaining_creates=code.remaining_creates,
            e_tag=validation_code_etag(code),
        )


def validation_code_etag(code: ValidationCode) -> str:
    """A weak tag of the instant of the last change. Source: partner-center-conventions §8."""
    return f"W/\"datetime'{code.updated_at:%Y-%m-%dT%H%%3A%M%%3A%S.%f}Z'\""


class GccValidationRelationship(Wire, kw_only=True):
    """Which code a customer's government community cloud qualification used."""

    partner_id: str
    customer_id: str
    validation_id: str
    organization_name: str
    e_tag: str

    @classmethod
    def of(cls, customer: Customer, code: ValidationCode) -> "GccValidationRelationship":
        return cls(
            partner_id=str(code.partner_id),
            customer_id=str(customer.tenant_id),
            validation_id=code.validation_id,
            organization_name=code.organization_name,
            e_tag=validation_code_etag(code),
        )


def snake(text: str) -> str:
    """A Pascal word as enumerations travel: ``GovernmentCommunityCloud`` is ``government_community_cloud``."""
    return "".join(f"_{char.lower()}" if char.isupper() else char for char in text).lstrip("_")


class ValidationStatus(Wire, kw_only=True):
    type: str
    status: str
    last_update_date_time: str
    attributes: Attributes

    @classmethod
    def of(cls, customer: Customer) -> "ValidationStatus":
        """The account review's state; ``customer.review`` is not None."""
        at = customer.reviewed_at or customer.since_at
        return cls(
            type="account",
            status="" if customer.review is None else customer.review.value,
            last_update_date_time=f"{at:%Y-%m-%dT%H:%M:%S}",
            attributes=Attributes(object_type="ValidationStatus"),
        )


class Organization(Wire, kw_only=True):
    """What the customer's directory says of the organisation. Source: get-customer-organization."""

    street: str
    country_letter_code: str
    postal_code: str
    city: str
    state: str
    display_name: str
    technical_notification_mails: list[str]

    @classmethod
    def of(cls, customer: Customer, billing: BillingProfile) -> "Organization":
        address = billing.default_address
        return cls(
            street=address.address_line1,
            country_letter_code=customer.country,
            postal_code=address.postal_code,
            city=address.city,
            state=address.state or address.region,
            display_name=customer.company_name,
            technical_notification_mails=[billing.email],
        )


# --- requests


class CompanyProfileIn(msgspec.Struct, rename="camel"):
    domain: str = ""
    organization_registration_number: str = ""


class AttributesIn(msgspec.Struct, rename="camel"):
    etag: str = ""


class BillingProfileIn(msgspec.Struct, rename="camel"):
    first_name: str = ""
    last_name: str = ""
    email: str = ""
    culture: str = ""
    language: str = ""
    company_name: str = ""
    default_address: Address = msgspec.field(default_factory=Address)
    attributes: AttributesIn = msgspec.field(default_factory=AttributesIn)

    @property
    def etag(self) -> str | None:
        """The ETag in the body: what the .NET and Java clients send instead of If-Match."""
        return self.attributes.etag or None

    def read(self) -> BillingDetails:
        """What the use case takes."""
        return BillingDetails(
            company_name=self.company_name,
            email=self.email,
            culture=self.culture,
            language=self.language,
            address=self.default_address.read(),
            first_name=self.first_name,
            last_name=self.last_name,
        )


class CredentialsIn(msgspec.Struct, rename="camel"):
    user_name: str = ""
    password: str = ""


class CustomerIn(msgspec.Struct, rename="camel"):
    """A customer to create. enable_gdap: left out it means yes. Source: gdap §12."""

    company_profile: CompanyProfileIn = msgspec.field(default_factory=CompanyProfileIn)
    billing_profile: BillingProfileIn = msgspec.field(default_factory=BillingProfileIn)
    associated_partner_id: UUID | None = None
    user_credentials: CredentialsIn | None = None
    enable_gdap: bool = msgspec.field(default=True, name="enableGDAPByDefault")

    def read(self) -> NewCustomer:
        """What the rules take. Raises PasswordNotAllowed: the password is made here."""
        if self.user_credentials is not None and self.user_credentials.password:
            raise PasswordNotAllowed
        billing = self.billing_profile
        return NewCustomer(
            domain=self.company_profile.domain,
            company_name=billing.company_name,
            email=billing.email,
            culture=billing.culture,
            language=billing.language,
            address=billing.default_address.read(),
            registration_number=self.company_profile.organization_registration_number,
            first_name=billing.first_name,
            last_name=billing.last_name,
        )


class CustomerPatch(msgspec.Struct, rename="camel"):
    """What a PATCH may ask: to end the relationship, or to give up delegated administration."""

    relationship_to_partner: str | int | None = None
    allow_delegated_access: bool | None = None

    @property
    def ends_relationship(self) -> bool:
        """``none``, or its number from who sends enums so."""
        return str(self.relationship_to_partner).lower() in {"none", "5"} and self.relationship_to_partner is not None


class QualificationIn(msgspec.Struct, rename="camel"):
    qualification: str = ""
    education_segment: str = ""
    validation_code: str = ""
    website: str = ""

    def read(self, code: str = "") -> QualificationRequest:
        """What the rules take. ``code``: of the query, where the older calls have it. Raises InvalidFields."""
        kind = qualification_named(self.qualification)
        if kind is None:
            raise InvalidFields({"qualification": f"The qualification must be {' or '.join(sorted(SETTABLE))}."})
        return QualificationRequest(kind, self.education_segment, self.validation_code or code, self.website)


class DomainIn(msgspec.Struct, rename="camel"):
    """The words come in Pascal or snake case, or as numbers."""

    authentication_type: str | int = "managed"
    capability: str | int = "none"
    is_default: bool = False
    name: str = ""


class VerifiedDomainIn(msgspec.Struct, rename="camel"):
    """A domain that a registrar has verified already."""

    verified_domain_name: str = ""
    domain: DomainIn = msgspec.field(default_factory=DomainIn)

    @property
    def is_federated(self) -> bool:
        """Whether sign-in shall happen elsewhere."""
        return str(self.domain.authentication_type).lower() in {"federated", "1"}


class DomainOut(Wire, kw_only=True):
    """A domain of a customer's directory. Source: partner-center-resources §2, VerifiedDomain."""

    authentication_type: str
    capability: str
    is_default: bool
    is_initial: bool
    name: str
    root_domain: str
    status: str
    verification_method: str

    @classmethod
    def of(cls, domain: Domain) -> "DomainOut":
        labels = domain.name.split(".")
        return cls(
            authentication_type="managed",
            capability="none",
            is_default=domain.is_default,
            is_initial=domain.is_initial,
            name=domain.name,
            root_domain=".".join(labels[-2:]),
            status="verified" if domain.is_verified else "unverified",
            verification_method="dns_record",
        )
