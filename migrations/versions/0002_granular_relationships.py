"""Granular delegated admin relationships: what partners ask for, customers approve, groups are given.

Revision: 0002
After: 0001
"""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:

    op.create_table(
        "admin_relationship",
        sa.Column(
            "id", sa.String(length=73).with_variant(sa.String(length=73, collation="C"), "postgresql"), nullable=False
        ),
        sa.Column("kind", sa.String(length=40), nullable=False),
        sa.Column("partner_id", sa.Uuid(), nullable=False),
        sa.Column("indirect_provider_id", sa.Uuid(), nullable=True),
        sa.Column("is_partner_consent_pending", sa.Boolean(), nullable=False),
        sa.Column("customer_id", sa.Uuid(), nullable=True),
        sa.Column("customer_name", sa.String(length=256), nullable=False),
        sa.Column(
            "customer_key",
            sa.String(length=256).with_variant(sa.String(length=256, collation="C"), "postgresql"),
            nullable=False,
        ),
        sa.Column("display_name", sa.String(length=50), nullable=False),
        sa.Column(
            "name_key",
            sa.String(length=150).with_variant(sa.String(length=150, collation="C"), "postgresql"),
            nullable=False,
        ),
        sa.Column("duration", sa.String(length=40), nullable=False),
        sa.Column("duration_days", sa.BigInteger(), nullable=False),
        sa.Column("auto_extend_duration", sa.String(length=40), nullable=False),
        sa.Column("is_default", sa.Boolean(), nullable=False),
        sa.Column("status", sa.String(length=40), nullable=False),
        sa.Column("status_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("approved_by", sa.String(length=10), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("locked_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("approved_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("activated_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("end_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("modified_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["customer_id"], ["tenant.id"], name=op.f("fk_admin_relationship_customer_id")),
        sa.ForeignKeyConstraint(
            ["indirect_provider_id"], ["tenant.id"], name=op.f("fk_admin_relationship_indirect_provider_id")
        ),
        sa.ForeignKeyConstraint(["partner_id"], ["tenant.id"], name=op.f("fk_admin_relationship_partner_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_admin_relationship")),
        sa.UniqueConstraint("partner_id", "name_key", name=op.f("uq_admin_relationship_partner_id_name_key")),
    )
    op.create_index(
        "ix_admin_relationship_customer",
        "admin_relationship",
        ["customer_id", "status", "name_key", "id"],
        unique=False,
    )
    op.create_index(
        "ix_admin_relationship_partner_created", "admin_relationship", ["partner_id", "created_at", "id"], unique=False
    )
    op.create_index(
        "ix_admin_relationship_partner_customer",
        "admin_relationship",
        ["partner_id", "customer_id", "name_key", "id"],
        unique=False,
    )
    op.create_index(
        "ix_admin_relationship_partner_customer_name",
        "admin_relationship",
        ["partner_id", "customer_key", "id"],
        unique=False,
    )
    op.create_index(
        "ix_admin_relationship_partner_status_end",
        "admin_relationship",
        ["partner_id", "status", "end_at", "id"],
        unique=False,
    )
    op.create_index(
        "ix_admin_relationship_partner_status_name",
        "admin_relationship",
        ["partner_id", "status", "name_key", "id"],
        unique=False,
    )
    op.create_index(
        "ix_admin_relationship_provider_created",
        "admin_relationship",
        ["indirect_provider_id", "created_at", "id"],
        unique=False,
    )
    op.create_index(
        "ix_admin_relationship_provider_name",
        "admin_relationship",
        ["indirect_provider_id", "name_key", "id"],
        unique=False,
    )
    op.create_table(
        "cross_tenant_partner",
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("partner_id", sa.Uuid(), nullable=False),
        sa.Column("is_service_provider", sa.Boolean(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["partner_id"], ["tenant.id"], name=op.f("fk_cross_tenant_partner_partner_id")),
        sa.ForeignKeyConstraint(["tenant_id"], ["tenant.id"], name=op.f("fk_cross_tenant_partner_tenant_id")),
        sa.PrimaryKeyConstraint("tenant_id", "partner_id", name=op.f("pk_cross_tenant_partner")),
    )
    op.create_table(
        "service_provider_constraint",
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("partner_id", sa.Uuid(), nullable=False),
        sa.Column("allowed_roles", sa.Text(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("modified_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["partner_id"], ["tenant.id"], name=op.f("fk_service_provider_constraint_partner_id")),
        sa.ForeignKeyConstraint(["tenant_id"], ["tenant.id"], name=op.f("fk_service_provider_constraint_tenant_id")),
        sa.PrimaryKeyConstraint("tenant_id", "partner_id", name=op.f("pk_service_provider_constraint")),
    )
    op.create_table(
        "access_assignment",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column(
            "relationship_id",
            sa.String(length=73).with_variant(sa.String(length=73, collation="C"), "postgresql"),
            nullable=False,
        ),
        sa.Column("partner_id", sa.Uuid(), nullable=False),
        sa.Column("customer_id", sa.Uuid(), nullable=False),
        sa.Column("group_id", sa.Uuid(), nullable=False),
        sa.Column("status", sa.String(length=40), nullable=False),
        sa.Column("problem", sa.String(length=400), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("modified_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["customer_id"], ["tenant.id"], name=op.f("fk_access_assignment_customer_id")),
        sa.ForeignKeyConstraint(["group_id"], ["directory_group.id"], name=op.f("fk_access_assignment_group_id")),
        sa.ForeignKeyConstraint(["partner_id"], ["tenant.id"], name=op.f("fk_access_assignment_partner_id")),
        sa.ForeignKeyConstraint(
            ["relationship_id"], ["admin_relationship.id"], name=op.f("fk_access_assignment_relationship_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_access_assignment")),
    )
    op.create_index("ix_access_assignment_customer", "access_assignment", ["customer_id", "status"], unique=False)
    op.create_index("ix_access_assignment_group", "access_assignment", ["group_id", "status"], unique=False)
    op.create_index(
        "ix_access_assignment_relationship", "access_assignment", ["relationship_id", "created_at", "id"], unique=False
    )
    op.create_index(
        "uq_access_assignment_living",
        "access_assignment",
        ["relationship_id", "group_id"],
        unique=True,
        sqlite_where=sa.text("status <> 'deleted'"),
        postgresql_where=sa.text("status <> 'deleted'"),
    )
    op.create_table(
        "admin_relationship_role",
        sa.Column(
            "relationship_id",
            sa.String(length=73).with_variant(sa.String(length=73, collation="C"), "postgresql"),
            nullable=False,
        ),
        sa.Column("role_template_id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(
            ["relationship_id"], ["admin_relationship.id"], name=op.f("fk_admin_relationship_role_relationship_id")
        ),
        sa.PrimaryKeyConstraint("relationship_id", "role_template_id", name=op.f("pk_admin_relationship_role")),
    )
    op.create_index(
        "ix_admin_relationship_role_template",
        "admin_relationship_role",
        ["role_template_id", "relationship_id"],
        unique=False,
    )
    op.create_table(
        "relationship_request",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column(
            "relationship_id",
            sa.String(length=73).with_variant(sa.String(length=73, collation="C"), "postgresql"),
            nullable=False,
        ),
        sa.Column("number", sa.BigInteger(), nullable=False),
        sa.Column("action", sa.String(length=40), nullable=False),
        sa.Column("status", sa.String(length=40), nullable=False),
        sa.Column("side", sa.String(length=40), nullable=False),
        sa.Column("requested_by", sa.String(length=320), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("modified_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["relationship_id"], ["admin_relationship.id"], name=op.f("fk_relationship_request_relationship_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_relationship_request")),
    )
    op.create_index(
        "ix_relationship_request_relationship", "relationship_request", ["relationship_id", "number"], unique=True
    )
    op.create_table(
        "access_assignment_role",
        sa.Column("assignment_id", sa.Uuid(), nullable=False),
        sa.Column("role_template_id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(
            ["assignment_id"], ["access_assignment.id"], name=op.f("fk_access_assignment_role_assignment_id")
        ),
        sa.PrimaryKeyConstraint("assignment_id", "role_template_id", name=op.f("pk_access_assignment_role")),
    )
    op.create_table(
        "relationship_operation",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column(
            "relationship_id",
            sa.String(length=73).with_variant(sa.String(length=73, collation="C"), "postgresql"),
            nullable=False,
        ),
        sa.Column("number", sa.BigInteger(), nullable=False),
        sa.Column("assignment_id", sa.Uuid(), nullable=True),
        sa.Column("operation_type", sa.String(length=40), nullable=False),
        sa.Column("status", sa.String(length=40), nullable=False),
        sa.Column("roles", sa.Text(), nullable=False),
        sa.Column("problem", sa.String(length=400), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("modified_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["assignment_id"], ["access_assignment.id"], name=op.f("fk_relationship_operation_assignment_id")
        ),
        sa.ForeignKeyConstraint(
            ["relationship_id"], ["admin_relationship.id"], name=op.f("fk_relationship_operation_relationship_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_relationship_operation")),
    )
    op.create_index(
        op.f("ix_relationship_operation_assignment_id"), "relationship_operation", ["assignment_id"], unique=False
    )
    op.create_index(
        "ix_relationship_operation_relationship", "relationship_operation", ["relationship_id", "number"], unique=True
    )
