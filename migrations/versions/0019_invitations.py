"""Invitations of guests, and whom an organization has written to.

Revision: 0019
After: 0018
"""

import sqlalchemy as sa
from alembic import op

revision = "0019"
down_revision = "0018"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("tenant", sa.Column("details", sa.Text(), nullable=False, server_default="{}"))
    op.create_table(
        "invitation",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("user_id", sa.Uuid(), nullable=False),
        sa.Column("email", sa.String(length=320), nullable=False),
        sa.Column("redirect_url", sa.String(length=2048), nullable=False),
        sa.Column("ticket_hash", sa.String(length=64), nullable=False),
        sa.Column("status", sa.String(length=40), nullable=False),
        sa.Column("invited_by", sa.Uuid(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("redeemed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("redeemed_by", sa.Uuid(), nullable=True),
        sa.ForeignKeyConstraint(["tenant_id"], ["tenant.id"], name="fk_invitation_tenant_id"),
        sa.ForeignKeyConstraint(["user_id"], ["directory_user.id"], name="fk_invitation_user_id"),
        sa.ForeignKeyConstraint(["redeemed_by"], ["directory_user.id"], name="fk_invitation_redeemed_by"),
        sa.PrimaryKeyConstraint("id", name="pk_invitation"),
        sa.UniqueConstraint("ticket_hash", name="uq_invitation_ticket_hash"),
    )
    op.create_index("ix_invitation_tenant_id", "invitation", ["tenant_id"], unique=False)
    op.create_index("ix_invitation_user_id", "invitation", ["user_id"], unique=False)
