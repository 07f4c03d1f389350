"""Errands: until when a worker has a piece of due work under way.

Revision: 0003
After: 0002
"""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("due_work", sa.Column("leased_until", sa.DateTime(timezone=True), nullable=True))
    op.create_index("ix_due_work_leased_until", "due_work", ["leased_until"], unique=False)
