"""The tables of customers. A customer is a relationship: one partner tenant sells to one customer tenant.

The directory's part (tenant, domains, users, roles) is ``identity``'s; here stands what commerce keeps of it.
"""

from datetime import datetime
from uuid import UUID

from sqlalchemy import ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from openpartner.customers.rules import (
    Acceptance,
    AcceptanceMethod,
    AgreementContact,
    AgreementType,
    Qualification,
    Relationship,
    Review,
    Vetting,
)
from openpartner.platform.addresses import Address
from openpartner.platform.db import Base, Json, TextEnum, Versioned, key_text


class Customer(Versioned, Base):
    """One partner's relationship to one customer tenant. What the wire calls the customer's id is ``tenant_id``.

    commerce_id: the key; the wire's ``commerceId``. Other slices point at it.
    partner_id: who transacts: the direct-bill partner or the indirect provider. reseller_id: the indirect reseller's
    tenant, which sees the customer too. company_name, country: copies of the billing profile's, for lists and orders.
    name_key, domain: what lists are ordered and paged by; ``domain`` is lower case.
    review: None until an account review was asked for; ``reviewed_at``: its last change.
    """

    __tablename__ = "customer"
    __table_args__ = (
        UniqueConstraint("partner_id", "tenant_id"),
        Index("ix_customer_tenant", "tenant_id"),
        Index("ix_customer_partner_name", "partner_id", "name_key", "commerce_id"),
        Index("ix_customer_partner_domain", "partner_id", "domain", "commerce_id"),
        Index("ix_customer_partner_reseller", "partner_id", "reseller_id", "name_key", "commerce_id"),
        Index("ix_customer_reseller_name", "reseller_id", "name_key", "commerce_id"),
        Index("ix_customer_reseller_domain", "reseller_id", "domain", "commerce_id"),
        Index("ix_customer_partner_review", "partner_id", "review", "name_key", "commerce_id"),
        Index("ix_customer_review", "review", "reviewed_at", "commerce_id"),
    )

    commerce_id: Mapped[UUID] = mapped_column(primary_key=True)
    partner_id: Mapped[UUID] = mapped_column(ForeignKey("tenant.id"))
    tenant_id: Mapped[UUID] = mapped_column(ForeignKey("tenant.id"))
    reseller_id: Mapped[UUID | None] = mapped_column(ForeignKey("tenant.id"))
    relationship: Mapped[Relationship] = mapped_column(TextEnum(Relationship), default=Relationship.RESELLER)
    since_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]
    allow_delegated_access: Mapped[bool] = mapped_column(default=False)

    company_name: Mapped[str] = mapped_column(String(256))
    name_key: Mapped[str] = mapped_column(key_text(256))
    domain: Mapped[str] = mapped_column(key_text(255))
    country: Mapped[str] = mapped_column(String(2))
    registration_number: Mapped[str] = mapped_column(String(60), default="")

    review: Mapped[Review | None] = mapped_column(TextEnum(Review))
    review_reason: Mapped[str] = mapped_column(String(400), default="")
    reviewed_at: Mapped[datetime | None]

    @property
    def is_active(self) -> bool:
        """Whether the partner may act for the customer at present."""
        return self.relationship is not Relationship.NONE


class BillingProfile(Versioned, Base):
    """Whom and where the customer is billed; replaced whole. Its ETag is made of ``id`` and ``version``.

    first_name, last_name, email: the billing contact.
    """

    __tablename__ = "customer_billing_profile"

    commerce_id: Mapped[UUID] = mapped_column(ForeignKey("customer.commerce_id"), primary_key=True)
    id: Mapped[UUID] = mapped_column(unique=True)
    first_name: Mapped[str] = mapped_column(String(50), default="")
    last_name: Mapped[str] = mapped_column(String(50), default="")
    email: Mapped[str] = mapped_column(String(320))
    culture: Mapped[str] = mapped_column(String(20))
    language: Mapped[str] = mapped_column(String(10))
    company_name: Mapped[str] = mapped_column(String(256))
    default_address: Mapped[Address] = mapped_column(Json(Address))


class CustomerQualification(Base):
    """A special qualification of a customer tenant: asked for, vetted where its kind is, then approved or denied.

    vetting: None for a kind that is not vetted. education_segment: the wire's word.
    validation_id: the government community cloud code that was used.
    """

    __tablename__ = "customer_qualification"
    __table_args__ = (
        UniqueConstraint("tenant_id", "qualification"),
        Index("ix_customer_qualification_vetting", "vetting", "requested_at", "id"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True)
    tenant_id: Mapped[UUID] = mapped_column(ForeignKey("tenant.id"))
    commerce_id: Mapped[UUID] = mapped_column(ForeignKey("customer.commerce_id"), index=True)
    qualification: Mapped[Qualification] = mapped_column(TextEnum(Qualification))
    vetting: Mapped[Vetting | None] = mapped_column(TextEnum(Vetting))
    vetting_reason: Mapped[str] = mapped_column(String(400), default="")
    education_segment: Mapped[str] = mapped_column(String(20), default="")
    website: Mapped[str] = mapped_column(String(400), default="")
    validation_id: Mapped[str] = mapped_column(String(20), default="")
    requested_at: Mapped[datetime]
    decided_at: Mapped[datetime | None]


class ValidationCode(Versioned, Base):
    """A government community cloud code of a partner: how many customers it may still be used for."""

    __tablename__ = "gcc_validation_code"

    validation_id: Mapped[str] = mapped_column(key_text(20), primary_key=True)
    partner_id: Mapped[UUID] = mapped_column(ForeignKey("tenant.id"), index=True)
    organization_name: Mapped[str] = mapped_column(String(256))
    max_creates: Mapped[int]
    remaining_creates: Mapped[int]
    updated_at: Mapped[datetime]


class CustomerAgreement(Base):
    """One acceptance of a customer agreement: attested by the partner, or signed by the customer itself.

    commerce_id: the relationship it was attested in; None when the customer signed it itself, for all its partners.
    template_id: as the agreement's metadata names it. agreed_at: when the customer agreed, as said.
    recorded_by: the user who recorded it.
    """

    __tablename__ = "customer_agreement"
    __table_args__ = (Index("ix_customer_agreement_tenant", "tenant_id", "agreement_type", "agreed_at"),)

    id: Mapped[UUID] = mapped_column(primary_key=True)
    tenant_id: Mapped[UUID] = mapped_column(ForeignKey("tenant.id"))
    commerce_id: Mapped[UUID | None] = mapped_column(ForeignKey("customer.commerce_id"), index=True)
    method: Mapped[AcceptanceMethod] = mapped_column(TextEnum(AcceptanceMethod))
    agreement_type: Mapped[AgreementType] = mapped_column(TextEnum(AgreementType))
    template_id: Mapped[str] = mapped_column(String(60))
    first_name: Mapped[str] = mapped_column(String(50))
    last_name: Mapped[str] = mapped_column(String(50))
    email: Mapped[str] = mapped_column(String(320))
    phone_number: Mapped[str] = mapped_column(String(40), default="")
    agreed_at: Mapped[datetime]
    recorded_by: Mapped[UUID | None]
    recorded_at: Mapped[datetime]

    def acceptance(self) -> Acceptance:
        """The values that the rules of agreements take."""
        return Acceptance(
            agreement_type=self.agreement_type,
            template_id=self.template_id,
            contact=AgreementContact(self.first_name, self.last_name, self.email, self.phone_number),
            agreed_at=self.agreed_at,
            method=self.method,
        )
