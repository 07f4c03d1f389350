"""Why a customer refused delegated administration, for its partner to read.

Revision: 0017
After: 0016
"""

import sqlalchemy as sa
from alembic import op

revision = "0017"
down_revision = "0016"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("relationship_request", sa.Column("reason", sa.String(length=400), server_default="", nullable=False))
