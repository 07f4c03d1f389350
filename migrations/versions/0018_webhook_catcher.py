"""The sandbox's receivers of webhooks and what they caught.

Revision: 0018
After: 0017
"""

import sqlalchemy as sa
from alembic import op

revision = "0018"
down_revision = "0017"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "sandbox_catcher",
        sa.Column("name", sa.String(length=64), nullable=False),
        sa.Column("status", sa.BigInteger(), nullable=False),
        sa.Column("times", sa.BigInteger(), nullable=True),
        sa.Column("delay", sa.BigInteger(), nullable=False),
        sa.Column("retry_after", sa.BigInteger(), nullable=True),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_sandbox_catcher")),
    )
    op.create_table(
        "sandbox_catch",
        sa.Column("number", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("catcher", sa.String(length=64), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("headers", sa.Text(), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("event_name", sa.String(length=200), nullable=False),
        sa.Column("message_id", sa.String(length=200), nullable=False),
        sa.Column("by_secret", sa.String(length=40), nullable=False),
        sa.Column("by_certificate", sa.String(length=40), nullable=False),
        sa.Column("tenant_id", sa.Uuid(), nullable=True),
        sa.Column("answered", sa.BigInteger(), nullable=False),
        sa.Column("delay", sa.BigInteger(), nullable=False),
        sa.Column("is_repeat", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(
            ["catcher"],
            ["sandbox_catcher.name"],
            name=op.f("fk_sandbox_catch_catcher"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("number", name=op.f("pk_sandbox_catch")),
    )
    op.create_index("ix_sandbox_catch_catcher", "sandbox_catch", ["catcher", "number"], unique=False)
