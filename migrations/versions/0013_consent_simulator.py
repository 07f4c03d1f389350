"""The consent simulator's standing policies and decisions.

Revision: 0013
After: 0012
"""

import sqlalchemy as sa
from alembic import op

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "sandbox_consent_decision",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("matter", sa.String(length=40), nullable=False),
        sa.Column("subject_id", sa.String(length=80), nullable=False),
        sa.Column("title", sa.String(length=256), nullable=False),
        sa.Column("asker_name", sa.String(length=256), nullable=False),
        sa.Column("customer_id", sa.Uuid(), nullable=True),
        sa.Column("customer_name", sa.String(length=256), nullable=False),
        sa.Column("answer", sa.String(length=40), nullable=False),
        sa.Column("reason", sa.String(length=400), nullable=False),
        sa.Column("policy_id", sa.Uuid(), nullable=True),
        sa.Column("state", sa.String(length=40), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("taken_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("admin", sa.String(length=320), nullable=False),
        sa.Column("problem", sa.String(length=600), nullable=False),
        sa.ForeignKeyConstraint(["customer_id"], ["tenant.id"], name=op.f("fk_sandbox_consent_decision_customer_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_sandbox_consent_decision")),
    )
    op.create_index("ix_sandbox_consent_decision_made", "sandbox_consent_decision", ["made_at", "id"], unique=False)
    op.create_index(
        "ix_sandbox_consent_decision_state", "sandbox_consent_decision", ["state", "made_at", "id"], unique=False
    )
    op.create_index(
        "ix_sandbox_consent_decision_subject", "sandbox_consent_decision", ["subject_id", "made_at"], unique=False
    )
    op.create_index(
        "uq_sandbox_consent_decision_planned",
        "sandbox_consent_decision",
        ["matter", "subject_id"],
        unique=True,
        sqlite_where=sa.text("state = 'planned'"),
        postgresql_where=sa.text("state = 'planned'"),
    )
    op.create_table(
        "sandbox_consent_policy",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("position", sa.BigInteger(), nullable=False),
        sa.Column("answer", sa.String(length=40), nullable=False),
        sa.Column("matter", sa.String(length=40), nullable=True),
        sa.Column("partner_id", sa.Uuid(), nullable=True),
        sa.Column("customer_id", sa.Uuid(), nullable=True),
        sa.Column("after", sa.String(length=40), nullable=False),
        sa.Column("one_in", sa.BigInteger(), nullable=False),
        sa.Column("reason", sa.String(length=400), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["customer_id"], ["tenant.id"], name=op.f("fk_sandbox_consent_policy_customer_id")),
        sa.ForeignKeyConstraint(["partner_id"], ["tenant.id"], name=op.f("fk_sandbox_consent_policy_partner_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_sandbox_consent_policy")),
    )
