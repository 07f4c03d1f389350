"""The tables of granular delegated admin relationships."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from openpartner.platform.db import Base, Json, TextEnum, Versioned, key_text
from openpartner.relationships.rules.granular import Kind, Status
from openpartner.relationships.rules.granular_clock import Times
from openpartner.relationships.rules.granular_terms import Duration, extends

ID_LENGTH = 73
"""Two guids and the hyphen between them."""


class AdminRelationship(Versioned, Base):
    """What a partner asks a customer for, and has once the customer consents.

    id: ``{guid}-{partner's tenant}``; part of the approval link. partner_id: whose groups get the access, so of a
    reseller's relationship the reseller. indirect_provider_id: the provider that asked in its name, else None.
    customer_id: None until the approval when nobody was named. name_key: what makes names the same.
    customer_name, customer_key: copies of the customer tenant's name, for lists; empty without a customer.
    duration: as it was given; duration_days: what it means. status_at: when the present status began.
    approved_by: ``Customer``, or ``Partner`` for what came with a customer the partner made.
    end_at: None until active; the true end when it ended early.
    """

    __tablename__ = "admin_relationship"
    __table_args__ = (
        UniqueConstraint("partner_id", "name_key"),
        Index("ix_admin_relationship_partner_created", "partner_id", "created_at", "id"),
        Index("ix_admin_relationship_partner_status_name", "partner_id", "status", "name_key", "id"),
        Index("ix_admin_relationship_partner_status_end", "partner_id", "status", "end_at", "id"),
        Index("ix_admin_relationship_partner_status_at", "partner_id", "status", "status_at"),
        Index("ix_admin_relationship_partner_customer", "partner_id", "customer_id", "name_key", "id"),
        Index("ix_admin_relationship_partner_customer_name", "partner_id", "customer_key", "id"),
        Index("ix_admin_relationship_provider_status_at", "indirect_provider_id", "status", "status_at"),
        Index("ix_admin_relationship_provider_name", "indirect_provider_id", "name_key", "id"),
        Index("ix_admin_relationship_provider_created", "indirect_provider_id", "created_at", "id"),
        Index("ix_admin_relationship_customer", "customer_id", "status", "name_key", "id"),
    )

    id: Mapped[str] = mapped_column(key_text(ID_LENGTH), primary_key=True)
    kind: Mapped[Kind] = mapped_column(TextEnum(Kind), default=Kind.GRANULAR)
    partner_id: Mapped[UUID] = mapped_column(ForeignKey("tenant.id"))
    indirect_provider_id: Mapped[UUID | None] = mapped_column(ForeignKey("tenant.id"))
    is_partner_consent_pending: Mapped[bool] = mapped_column(default=False)
    customer_id: Mapped[UUID | None] = mapped_column(ForeignKey("tenant.id"))
    customer_name: Mapped[str] = mapped_column(String(256), default="")
    customer_key: Mapped[str] = mapped_column(key_text(256), default="")
    display_name: Mapped[str] = mapped_column(String(50))
    name_key: Mapped[str] = mapped_column(key_text(150))
    duration: Mapped[str] = mapped_column(String(40))
    duration_days: Mapped[int]
    auto_extend_duration: Mapped[str] = mapped_column(String(40))
    is_default: Mapped[bool] = mapped_column(default=False)
    status: Mapped[Status] = mapped_column(TextEnum(Status))
    status_at: Mapped[datetime]
    approved_by: Mapped[str] = mapped_column(String(10), default="")
    created_at: Mapped[datetime]
    locked_at: Mapped[datetime | None]
    approved_at: Mapped[datetime | None]
    activated_at: Mapped[datetime | None]
    end_at: Mapped[datetime | None]
    modified_at: Mapped[datetime]

    @property
    def extends(self) -> bool:
        """Whether it is extended automatically."""
        return extends(self.auto_extend_duration)

    @property
    def length(self) -> Duration:
        """How long it lasts."""
        return Duration(self.duration, self.duration_days)

    @property
    def times(self) -> Times:
        """What its clockwork depends on."""
        return Times(self.status, self.status_at, self.end_at, self.extends)


class AdminRelationshipRole(Base):
    """A role the relationship asks for, or was given, by template id."""

    __tablename__ = "admin_relationship_role"
    __table_args__ = (Index("ix_admin_relationship_role_template", "role_template_id", "relationship_id"),)

    relationship_id: Mapped[str] = mapped_column(
        key_text(ID_LENGTH), ForeignKey("admin_relationship.id"), primary_key=True
    )
    role_template_id: Mapped[UUID] = mapped_column(primary_key=True)


class ServiceProviderConstraint(Base):
    """A customer's list of the roles that a service provider may ever hold in it. Without a row all may be held."""

    __tablename__ = "service_provider_constraint"

    tenant_id: Mapped[UUID] = mapped_column(ForeignKey("tenant.id"), primary_key=True)
    partner_id: Mapped[UUID] = mapped_column(ForeignKey("tenant.id"), primary_key=True)
    allowed_roles: Mapped[list[UUID]] = mapped_column(Json(list[UUID]))
    created_at: Mapped[datetime]
    modified_at: Mapped[datetime]


class CrossTenantPartner(Base):
    """A customer tenant's entry for a partner's tenant in its cross-tenant access policy.

    Written and removed by the service itself: no administrator may. Source: gdap §2.7.
    """

    __tablename__ = "cross_tenant_partner"

    tenant_id: Mapped[UUID] = mapped_column(ForeignKey("tenant.id"), primary_key=True)
    partner_id: Mapped[UUID] = mapped_column(ForeignKey("tenant.id"), primary_key=True)
    is_service_provider: Mapped[bool] = mapped_column(default=True)
    created_at: Mapped[datetime]
