"""Making an indirect reseller in the sandbox. Source: partner-center-resources §2, SandboxIndirectReseller."""

from datetime import UTC, datetime

import msgspec

from openpartner.platform.addresses import Address
from openpartner.platform.http.answers import Attributes, Wire
from openpartner.relationships.queries import PartnerRole
from openpartner.relationships.service.sandbox_resellers import MadeReseller, WantedReseller
from openpartner.relationships.wire.partnerships import TYPE_OF_ROLE


class AddressIn(msgspec.Struct, rename="camel"):
    """A postal address with the person there."""

    country: str = ""
    region: str = ""
    city: str = ""
    state: str = ""
    address_line1: str = msgspec.field(default="", name="addressLine1")
    address_line2: str = msgspec.field(default="", name="addressLine2")
    postal_code: str = ""
    first_name: str = ""
    last_name: str = ""
    phone_number: str = ""


class TenantIn(msgspec.Struct, rename="camel"):
    domain_prefix: str = ""
    name: str = ""
    display_name: str = ""
    admin_user_name: str = ""
    admin_first_name: str = ""
    admin_last_name: str = ""
    admin_alternate_email: str = ""
    country: str = ""
    culture: str = ""


class LegalProfileIn(msgspec.Struct, rename="camel"):
    company_name: str = ""
    address: AddressIn = msgspec.field(default_factory=AddressIn)
    culture: str = ""


class SandboxResellerIn(msgspec.Struct, rename="camel"):
    """A reseller to make."""

    mpn_id: str = ""
    tenant: TenantIn = msgspec.field(default_factory=TenantIn)
    legal_business_profile: LegalProfileIn = msgspec.field(default_factory=LegalProfileIn)
    organization_profile_language: str = ""

    def read(self) -> WantedReseller:
        """What the use case takes."""
        tenant, legal = self.tenant, self.legal_business_profile
        given = {name: getattr(legal.address, name) for name in legal.address.__struct_fields__}
        return WantedReseller(
            mpn_id=self.mpn_id.strip(),
            domain_prefix=tenant.domain_prefix.strip(),
            name=tenant.name.strip() or tenant.display_name.strip(),
            admin_name=tenant.admin_user_name.strip().partition("@")[0],
            admin_first_name=tenant.admin_first_name.strip(),
            admin_last_name=tenant.admin_last_name.strip(),
            admin_email=tenant.admin_alternate_email.strip(),
            country=tenant.country.strip(),
            company_name=legal.company_name.strip(),
            address=Address(**{**given, "country": (legal.address.country or tenant.country).strip()}),
        )


class TenantOut(Wire, kw_only=True):
    """The password is shown this once."""

    id: str
    admin_user_account: str
    password: str


class SignatureOut(Wire, kw_only=True):
    id: str
    account_id: str
    agreement_id: str
    agreement_type: str
    date_signed: str
    signed_by_first_name: str
    signed_by_user_principal_name: str
    signed_by_user_object_id: str
    signed_by_user_tenant_id: str
    attributes: Attributes


class RelationshipOut(Wire, kw_only=True):
    id: str
    name: str
    relationship_type: str
    state: str
    mpn_id: str
    attributes: Attributes


class SandboxResellerOut(Wire, kw_only=True):
    """What was made."""

    account_id: str
    mpn_id: str
    tenant: TenantOut
    agreement_signature: SignatureOut | None = None
    partner_relationship: RelationshipOut

    @classmethod
    def of(cls, made: MadeReseller, first_name: str) -> "SandboxResellerOut":
        return cls(
            account_id=str(made.account_id),
            mpn_id=made.mpn_id,
            tenant=TenantOut(id=str(made.tenant_id), admin_user_account=made.admin_upn, password=made.password),
            agreement_signature=_signature(made, first_name),
            partner_relationship=RelationshipOut(
                id=str(made.tenant_id),
                name=made.name,
                relationship_type=TYPE_OF_ROLE[PartnerRole.RESELLER],
                state="Active",
                mpn_id=made.mpn_id,
                attributes=Attributes(object_type="PartnerRelationshipResponse"),
            ),
        )


def _signature(made: MadeReseller, first_name: str) -> SignatureOut | None:
    if made.signature is None:
        return None
    return SignatureOut(
        id=str(made.signature.id),
        account_id=str(made.account_id),
        agreement_id=str(made.signature.agreement_version_id),
        agreement_type="ValueAddedReseller",
        date_signed=_instant(made.signature.accepted_at),
        signed_by_first_name=first_name,
        signed_by_user_principal_name=made.admin_upn,
        signed_by_user_object_id=str(made.admin_id),
        signed_by_user_tenant_id=str(made.tenant_id),
        attributes=Attributes(object_type="AgreementSignatureResponse"),
    )


def _instant(at: datetime) -> str:
    return at.astimezone(UTC).isoformat().replace("+00:00", "Z")
