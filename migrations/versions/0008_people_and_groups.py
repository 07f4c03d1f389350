"""What Graph shows of people and groups: details, managers, invitations, owners.

Revision: 0008
After: 0007
"""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None

TEXTS = {
    "job_title": 128,
    "department": 64,
    "company_name": 64,
    "office_location": 128,
    "mobile_phone": 64,
    "fax_number": 64,
    "street_address": 1024,
    "city": 128,
    "state": 128,
    "postal_code": 40,
    "country": 128,
    "employee_id": 16,
    "mail_nickname": 64,
    "password_policies": 128,
    "on_premises_immutable_id": 256,
    "invitation_state": 24,
}


def _texts(table: str, lengths: dict[str, int]) -> None:
    for name, length in lengths.items():
        op.add_column(table, sa.Column(name, sa.String(length), nullable=False, server_default=""))


def _lists(table: str, *names: str) -> None:
    for name in names:
        op.add_column(table, sa.Column(name, sa.Text(), nullable=False, server_default="[]"))


def upgrade() -> None:
    _texts("directory_user", TEXTS)
    _lists("directory_user", "business_phones", "other_mails", "proxy_addresses")
    op.add_column("directory_user", sa.Column("show_in_address_list", sa.Boolean(), nullable=True))
    op.add_column("directory_user", sa.Column("invitation_state_at", sa.DateTime(timezone=True), nullable=True))
    op.add_column("directory_user", sa.Column("manager_id", sa.Uuid(), nullable=True))
    op.create_index("ix_directory_user_manager_id", "directory_user", ["manager_id"], unique=False)

    _texts("directory_group", {"mail": 320, "visibility": 24, "unique_name": 128})
    _lists("directory_group", "group_types")
    op.add_column("directory_group", sa.Column("mail_enabled", sa.Boolean(), nullable=False, server_default=sa.false()))
    op.add_column("directory_group", sa.Column("renewed_at", sa.DateTime(timezone=True), nullable=True))
    op.create_table(
        "group_owner",
        sa.Column("group_id", sa.Uuid(), nullable=False),
        sa.Column("owner_id", sa.Uuid(), nullable=False),
        sa.Column("owner_kind", sa.String(length=40), nullable=False),
        sa.Column("added_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["group_id"], ["directory_group.id"], name="fk_group_owner_group_id"),
        sa.PrimaryKeyConstraint("group_id", "owner_id", name="pk_group_owner"),
    )
    op.create_index("ix_group_owner_owner_id", "group_owner", ["owner_id"], unique=False)
