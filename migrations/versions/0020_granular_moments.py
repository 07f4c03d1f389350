"""Relationships by when their state began: what the bell of every page reads.

Revision: 0020
After: 0019
"""

from alembic import op

revision = "0020"
down_revision = "0019"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_index(
        "ix_admin_relationship_partner_status_at", "admin_relationship", ["partner_id", "status", "status_at"]
    )
    op.create_index(
        "ix_admin_relationship_provider_status_at",
        "admin_relationship",
        ["indirect_provider_id", "status", "status_at"],
    )
