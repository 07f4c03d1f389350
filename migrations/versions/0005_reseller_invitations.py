"""Invitations of customers into a reseller relationship.

Revision: 0005
After: 0004
"""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "reseller_invitation",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("inviter_id", sa.Uuid(), nullable=False),
        sa.Column("partner_id", sa.Uuid(), nullable=False),
        sa.Column("provider_id", sa.Uuid(), nullable=True),
        sa.Column("recipient", sa.String(length=320), nullable=False),
        sa.Column("subject", sa.String(length=200), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("granular_id", sa.String(length=73), nullable=True),
        sa.Column("state", sa.String(length=40), nullable=False),
        sa.Column("sent_by", sa.String(length=320), nullable=False),
        sa.Column("sent_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("answered_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("answered_by", sa.String(length=320), nullable=False),
        sa.Column("customer_id", sa.Uuid(), nullable=True),
        sa.Column("customer_name", sa.String(length=256), nullable=False),
        sa.Column("reason", sa.String(length=400), nullable=False),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["customer_id"], ["tenant.id"], name=op.f("fk_reseller_invitation_customer_id")),
        sa.ForeignKeyConstraint(["inviter_id"], ["tenant.id"], name=op.f("fk_reseller_invitation_inviter_id")),
        sa.ForeignKeyConstraint(["partner_id"], ["tenant.id"], name=op.f("fk_reseller_invitation_partner_id")),
        sa.ForeignKeyConstraint(["provider_id"], ["tenant.id"], name=op.f("fk_reseller_invitation_provider_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_reseller_invitation")),
    )
    op.create_index(
        "ix_reseller_invitation_customer", "reseller_invitation", ["customer_id", "answered_at", "id"], unique=False
    )
    op.create_index(
        "ix_reseller_invitation_inviter", "reseller_invitation", ["inviter_id", "sent_at", "id"], unique=False
    )
    op.create_index(
        "ix_reseller_invitation_partner_recipient",
        "reseller_invitation",
        ["partner_id", "state", "recipient"],
        unique=False,
    )
