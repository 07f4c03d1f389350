"""The search index of SQLite, readable by words.

Revision: 0012
After: 0011
"""

from alembic import op

from openpartner.platform import search

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None


def upgrade() -> None:
    search.add_vocabulary(op.get_bind())
