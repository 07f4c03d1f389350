"""Directory roles that a tenant has activated.

Revision: 0010
After: 0009
"""

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "activated_role",
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("role_template_id", sa.Uuid(), nullable=False),
        sa.Column("activated_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["tenant_id"], ["tenant.id"], name="fk_activated_role_tenant_id"),
        sa.PrimaryKeyConstraint("tenant_id", "role_template_id", name="pk_activated_role"),
    )
