"""The event log names the tenant whose person or application acted, so that a customer finds what a partner did.

Revision: 0006
After: 0005
"""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

READ_FROM_BODY = {
    "sqlite": "UPDATE event_log SET actor_tenant_id = replace(json_extract(body, '$.actor.tenantId'), '-', '')",
    "postgresql": "UPDATE event_log SET actor_tenant_id = (body::jsonb -> 'actor' ->> 'tenantId')::uuid",
}
"""Where each entry says it already; until now nobody acted in another's tenant."""


def upgrade() -> None:
    op.add_column("event_log", sa.Column("actor_tenant_id", sa.Uuid(), nullable=True))
    op.execute(READ_FROM_BODY[op.get_bind().dialect.name])
    op.create_index("ix_event_log_customer_actor", "event_log", ["customer_id", "actor_tenant_id", "seq"])
