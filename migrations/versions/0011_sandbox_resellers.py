"""Indirect resellers that a sandbox's provider made.

Revision: 0011
After: 0010
"""

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "sandbox_reseller",
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("provider_id", sa.Uuid(), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("deleted_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["provider_id"], ["tenant.id"], name=op.f("fk_sandbox_reseller_provider_id")),
        sa.ForeignKeyConstraint(["tenant_id"], ["tenant.id"], name=op.f("fk_sandbox_reseller_tenant_id")),
        sa.PrimaryKeyConstraint("tenant_id", name=op.f("pk_sandbox_reseller")),
    )
    op.create_index(op.f("ix_sandbox_reseller_provider_id"), "sandbox_reseller", ["provider_id"], unique=False)
