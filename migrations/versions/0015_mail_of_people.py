"""Messages that people have us send: with a second form, an address to answer to and files.

Revision: 0015
After: 0014
"""

import sqlalchemy as sa
from alembic import op

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None


def upgrade() -> None:
    for name, kind, default in (
        ("html", sa.String(), ""),
        ("reply_to", sa.String(320), ""),
        ("attachments", sa.Text(), "[]"),
    ):
        op.add_column("mail_message", sa.Column(name, kind, nullable=False, server_default=default))
