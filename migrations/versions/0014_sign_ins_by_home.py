"""The sign-in log of a tenant's own people, wherever they signed in.

Revision: 0014
After: 0013
"""

from alembic import op

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_index("ix_sign_in_log_home_at", "sign_in_log", ["home_tenant_id", "at", "id"])
