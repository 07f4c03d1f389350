"""What Graph shows of applications and principals: details, owners, secrets that count in one tenant.

Revision: 0016
After: 0015
"""

import sqlalchemy as sa
from alembic import op

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None


def _kept(table: str) -> None:
    op.add_column(table, sa.Column("tags", sa.Text(), nullable=False, server_default="[]"))
    op.add_column(table, sa.Column("details", sa.Text(), nullable=False, server_default="{}"))


def upgrade() -> None:
    op.add_column("application", sa.Column("description", sa.String(1024), nullable=False, server_default=""))
    _kept("application")
    op.create_table(
        "application_owner",
        sa.Column("application_id", sa.Uuid(), nullable=False),
        sa.Column("owner_id", sa.Uuid(), nullable=False),
        sa.Column("owner_kind", sa.String(length=40), nullable=False),
        sa.Column("added_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["application_id"], ["application.id"], name="fk_application_owner_application_id"),
        sa.PrimaryKeyConstraint("application_id", "owner_id", name="pk_application_owner"),
    )
    op.create_index("ix_application_owner_owner_id", "application_owner", ["owner_id"], unique=False)

    op.add_column("service_principal", sa.Column("display_name", sa.String(256), nullable=False, server_default=""))
    op.add_column(
        "service_principal", sa.Column("assignment_required", sa.Boolean(), nullable=False, server_default=sa.false())
    )
    _kept("service_principal")
    op.create_table(
        "service_principal_secret",
        sa.Column("key_id", sa.Uuid(), nullable=False),
        sa.Column("principal_id", sa.Uuid(), nullable=False),
        sa.Column("display_name", sa.String(length=90), nullable=False),
        sa.Column("hint", sa.String(length=3), nullable=False),
        sa.Column("secret_hash", sa.String(length=64), nullable=False),
        sa.Column("starts_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ends_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["principal_id"], ["service_principal.id"], name="fk_service_principal_secret_principal_id"
        ),
        sa.PrimaryKeyConstraint("key_id", name="pk_service_principal_secret"),
    )
    op.create_index(
        "ix_service_principal_secret_principal_id", "service_principal_secret", ["principal_id"], unique=False
    )
