"""Partnerships of indirect providers and resellers, and the invitations to them.

Revision: 0004
After: 0003
"""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "partnership",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("provider_id", sa.Uuid(), nullable=False),
        sa.Column("reseller_id", sa.Uuid(), nullable=False),
        sa.Column("state", sa.String(length=40), nullable=False),
        sa.Column("since_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("ended_by", sa.Uuid(), nullable=True),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["provider_id"], ["tenant.id"], name=op.f("fk_partnership_provider_id")),
        sa.ForeignKeyConstraint(["reseller_id"], ["tenant.id"], name=op.f("fk_partnership_reseller_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_partnership")),
        sa.UniqueConstraint("provider_id", "reseller_id", name=op.f("uq_partnership_provider_id_reseller_id")),
    )
    op.create_index("ix_partnership_reseller", "partnership", ["reseller_id", "provider_id"], unique=False)
    op.create_table(
        "partnership_invitation",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("provider_id", sa.Uuid(), nullable=False),
        sa.Column("recipient", sa.String(length=320), nullable=False),
        sa.Column("subject", sa.String(length=200), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("state", sa.String(length=40), nullable=False),
        sa.Column("sent_by", sa.String(length=320), nullable=False),
        sa.Column("sent_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("answered_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("answered_by", sa.String(length=320), nullable=False),
        sa.Column("reseller_id", sa.Uuid(), nullable=True),
        sa.Column("reason", sa.String(length=400), nullable=False),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["provider_id"], ["tenant.id"], name=op.f("fk_partnership_invitation_provider_id")),
        sa.ForeignKeyConstraint(["reseller_id"], ["tenant.id"], name=op.f("fk_partnership_invitation_reseller_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_partnership_invitation")),
    )
    op.create_index(
        "ix_partnership_invitation_provider", "partnership_invitation", ["provider_id", "sent_at", "id"], unique=False
    )
