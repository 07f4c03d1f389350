"""The JSON of profiles, agreements and roles, in and out. Source: partner-center-resources §3, §4 and §15."""

from collections.abc import Sequence
from uuid import UUID

import msgspec

from openpartner.partner import profiles
from openpartner.partner.models import AgreementVersion, PartnerAccount, PartnerProfile
from openpartner.platform import addresses
from openpartner.platform.http.answers import Attributes, Link, Wire, link
from openpartner.platform.http.etags import profile_etag
from openpartner.platform.http.postal import Address
from openpartner.platform.permissions import ROLE_INFO, Role, RoleStore


class Contact(Wire, kw_only=True):
    """A person at the company, in and out."""

    first_name: str | None = None
    last_name: str | None = None
    email: str | None = None
    phone_number: str | None = None

    @classmethod
    def of(cls, contact: profiles.Contact) -> "Contact":
        """What is set of the contact."""
        return cls(**{name: getattr(contact, name) or None for name in cls.__struct_fields__})

    def read(self) -> profiles.Contact:
        """The contact that the rules take, without blanks around."""
        return profiles.Contact(**{name: (getattr(self, name) or "").strip() for name in self.__struct_fields__})


def _address(given: Address | None) -> addresses.Address:
    return addresses.Address() if given is None else given.read()


def _contact(given: Contact | None) -> profiles.Contact:
    return profiles.Contact() if given is None else given.read()


def _links(path: str) -> dict[str, Link]:
    return {"self": link(path)}


# --- profiles -----------------------------------------------------------------------------------------------------


class LegalBusinessProfile(Wire, kw_only=True):
    """Source: partner-center-resources §15, LegalBusinessProfile."""

    company_name: str
    address: Address
    primary_contact: Contact
    company_approver_address: Address | None = None
    company_approver_email: str | None = None
    vetting_status: str
    vetting_sub_status: str
    links: dict[str, Link]
    attributes: Attributes

    @classmethod
    def of(cls, account: PartnerAccount, profile: profiles.LegalBusinessProfile) -> "LegalBusinessProfile":
        approver = profile.company_approver_address
        return cls(
            company_name=profile.company_name,
            address=Address.of(profile.address),
            primary_contact=Contact.of(profile.primary_contact),
            company_approver_address=None if approver == addresses.Address() else Address.of(approver),
            company_approver_email=profile.company_approver_email or None,
            vetting_status=account.vetting_status,
            vetting_sub_status=account.vetting_sub_status,
            links=_links("/profiles/legalbusiness"),
            attributes=Attributes(object_type="LegalBusinessProfile"),
        )


class LegalBusinessProfileIn(msgspec.Struct, rename="camel", kw_only=True):
    """What a PUT may change; the vetting is ours."""

    company_name: str = ""
    address: Address | None = None
    primary_contact: Contact | None = None
    company_approver_address: Address | None = None
    company_approver_email: str = ""

    def read(self) -> profiles.LegalBusinessProfile:
        """The profile that the rules take."""
        return profiles.LegalBusinessProfile(
            self.company_name.strip(),
            _address(self.address),
            _contact(self.primary_contact),
            _address(self.company_approver_address),
            self.company_approver_email.strip(),
        )


class BillingProfile(Wire, kw_only=True):
    """Source: partner-center-resources §15, BillingProfile."""

    company_name: str
    address: Address
    primary_contact: Contact
    purchase_order_number: str | None = None
    tax_id: str | None = None
    billing_day: int
    billing_currency: str
    links: dict[str, Link]
    attributes: Attributes

    @classmethod
    def of(
        cls, account: PartnerAccount, row: PartnerProfile, profile: profiles.BillingProfile, billing_day: int
    ) -> "BillingProfile":
        return cls(
            company_name=profile.company_name,
            address=Address.of(profile.address),
            primary_contact=Contact.of(profile.primary_contact),
            purchase_order_number=profile.purchase_order_number or None,
            tax_id=profile.tax_id or None,
            billing_day=billing_day,
            billing_currency=account.currency,
            links=_links("/profiles/billing"),
            attributes=Attributes(etag=profile_etag(row.tenant_id, row.version), object_type="BillingProfile"),
        )


class BillingProfileIn(msgspec.Struct, rename="camel", kw_only=True):
    """What a PUT may change; day and currency are fixed at enrolment."""

    company_name: str = ""
    address: Address | None = None
    primary_contact: Contact | None = None
    purchase_order_number: str = ""
    tax_id: str = ""

    def read(self) -> profiles.BillingProfile:
        """The profile that the rules take."""
        return profiles.BillingProfile(
            self.company_name.strip(),
            _address(self.address),
            _contact(self.primary_contact),
            self.purchase_order_number.strip(),
            self.tax_id.strip(),
        )


class OrganizationProfile(Wire, kw_only=True):
    """Source: partner-center-resources §15, OrganizationProfile."""

    id: str
    company_name: str
    default_address: Address
    tenant_id: str
    domain: str
    email: str | None = None
    language: str
    culture: str
    links: dict[str, Link]
    attributes: Attributes

    @classmethod
    def of(cls, account: PartnerAccount, domain: str, profile: profiles.OrganizationProfile) -> "OrganizationProfile":
        return cls(
            id=str(account.tenant_id),
            company_name=profile.company_name,
            default_address=Address.of(profile.default_address),
            tenant_id=str(account.tenant_id),
            domain=domain,
            email=profile.email or None,
            language=profile.language,
            culture=profile.culture,
            links=_links("/profiles/organization"),
            attributes=Attributes(object_type="OrganizationProfile"),
        )


class OrganizationProfileIn(msgspec.Struct, rename="camel", kw_only=True):
    """What a PUT may change; ids and domain are the directory's."""

    company_name: str = ""
    default_address: Address | None = None
    email: str = ""
    language: str = "en"
    culture: str = "en-US"

    def read(self) -> profiles.OrganizationProfile:
        """The profile that the rules take."""
        return profiles.OrganizationProfile(
            self.company_name.strip(),
            _address(self.default_address),
            self.email.strip(),
            self.language.strip(),
            self.culture.strip(),
        )


class SupportProfile(Wire, kw_only=True):
    """Source: partner-center-resources §15, SupportProfile."""

    email: str
    telephone: str
    website: str
    links: dict[str, Link]
    attributes: Attributes

    @classmethod
    def of(cls, profile: profiles.SupportProfile) -> "SupportProfile":
        return cls(
            email=profile.email,
            telephone=profile.telephone,
            website=profile.website,
            links=_links("/profiles/support"),
            attributes=Attributes(object_type="SupportProfile"),
        )


class SupportProfileIn(msgspec.Struct, rename="camel", kw_only=True):
    """All of it may change."""

    email: str = ""
    telephone: str = ""
    website: str = ""

    def read(self) -> profiles.SupportProfile:
        """The profile that the rules take."""
        return profiles.SupportProfile(self.email.strip(), self.telephone.strip(), self.website.strip())


class MpnProfile(Wire, kw_only=True):
    """Source: partner-center-resources §15, MpnProfile."""

    partner_name: str
    mpn_id: str
    links: dict[str, Link]
    attributes: Attributes

    @classmethod
    def of(cls, name: str, partner_id: str) -> "MpnProfile":
        return cls(
            partner_name=name,
            mpn_id=partner_id,
            links=_links(f"/profiles/mpn?mpnId={partner_id}"),
            attributes=Attributes(object_type="MpnProfile"),
        )


# --- agreements ---------------------------------------------------------------------------------------------------


class AgreementMetaData(Wire, kw_only=True):
    """Source: partner-center-resources §3, AgreementMetaData."""

    template_id: str
    agreement_type: str
    agreement_link: str
    version_rank: int

    @classmethod
    def of(cls, version: AgreementVersion, origin: str) -> "AgreementMetaData":
        return cls(
            template_id=str(version.id),
            agreement_type=version.agreement_type,
            agreement_link=f"{origin}/agreements/{version.id}",
            version_rank=version.version_rank,
        )


class AgreementDocument(Wire, kw_only=True):
    """Source: partner-center-resources §3, AgreementDocument."""

    display_uri: str
    download_uri: str
    language: str
    country: str


class AgreementSignatureStatus(Wire, kw_only=True):
    """Source: partner-center-resources §3, AgreementSignatureStatus."""

    is_agreement_signed: bool


# --- roles --------------------------------------------------------------------------------------------------------


class DirectoryRole(Wire, kw_only=True):
    """A role of the partner's own tenant. Source: partner-center-resources §4, DirectoryRole."""

    name: str
    id: str
    attributes: Attributes


def directory_roles(group_ids: Sequence[tuple[str, UUID]]) -> list[DirectoryRole]:
    """The directory roles by template id, the agents by their security group."""
    kept = [
        DirectoryRole(
            name=ROLE_INFO[role].title,
            id=ROLE_INFO[role].kept_as,
            attributes=Attributes(object_type="DirectoryRole"),
        )
        for role in Role
        if ROLE_INFO[role].store is RoleStore.DIRECTORY_ROLE and not role.value.startswith("customer_")
    ]
    titles = {info.kept_as: info.title for info in ROLE_INFO.values() if info.store is RoleStore.SECURITY_GROUP}
    agents = [
        DirectoryRole(name=titles[name], id=str(key), attributes=Attributes(object_type="DirectoryRole"))
        for name, key in group_ids
    ]
    return kept + agents
