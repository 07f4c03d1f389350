"""Bulk plans of granular relationships, and calendar feeds.

Revision: 0007
After: 0006
"""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "bulk_plan",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("partner_id", sa.Uuid(), nullable=False),
        sa.Column("created_by", sa.Uuid(), nullable=False),
        sa.Column("created_by_name", sa.String(length=320), nullable=False),
        sa.Column("mfa", sa.Boolean(), nullable=False),
        sa.Column("template", sa.Text(), nullable=False),
        sa.Column("state", sa.String(length=40), nullable=False),
        sa.Column("problem", sa.String(length=400), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("rehearsed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("finished_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["created_by"], ["directory_user.id"], name=op.f("fk_bulk_plan_created_by")),
        sa.ForeignKeyConstraint(["partner_id"], ["tenant.id"], name=op.f("fk_bulk_plan_partner_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_bulk_plan")),
    )
    op.create_index("ix_bulk_plan_partner", "bulk_plan", ["partner_id", "created_at", "id"], unique=False)
    op.create_table(
        "calendar_feed",
        sa.Column("user_id", sa.Uuid(), nullable=False),
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.String(length=320), nullable=False),
        sa.Column("token_hash", sa.String(length=64), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["tenant_id"], ["tenant.id"], name=op.f("fk_calendar_feed_tenant_id")),
        sa.ForeignKeyConstraint(["user_id"], ["directory_user.id"], name=op.f("fk_calendar_feed_user_id")),
        sa.PrimaryKeyConstraint("user_id", name=op.f("pk_calendar_feed")),
        sa.UniqueConstraint("token_hash", name=op.f("uq_calendar_feed_token_hash")),
    )
    op.create_table(
        "bulk_plan_row",
        sa.Column("plan_id", sa.Uuid(), nullable=False),
        sa.Column("position", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("entry", sa.String(length=256), nullable=False),
        sa.Column("customer_id", sa.Uuid(), nullable=True),
        sa.Column("customer_name", sa.String(length=256), nullable=False),
        sa.Column("state", sa.String(length=40), nullable=False),
        sa.Column("rehearsal", sa.String(length=400), nullable=True),
        sa.Column("reason", sa.String(length=400), nullable=False),
        sa.Column(
            "relationship_id",
            sa.String(length=73).with_variant(sa.String(length=73, collation="C"), "postgresql"),
            nullable=True,
        ),
        sa.Column("done_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["customer_id"], ["tenant.id"], name=op.f("fk_bulk_plan_row_customer_id")),
        sa.ForeignKeyConstraint(["plan_id"], ["bulk_plan.id"], name=op.f("fk_bulk_plan_row_plan_id")),
        sa.PrimaryKeyConstraint("plan_id", "position", name=op.f("pk_bulk_plan_row")),
    )
    op.create_index("ix_bulk_plan_row_relationship", "bulk_plan_row", ["relationship_id"], unique=False)
    op.create_index("ix_bulk_plan_row_state", "bulk_plan_row", ["plan_id", "state", "position"], unique=False)
