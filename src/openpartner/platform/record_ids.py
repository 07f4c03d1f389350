"""The ids of audit records: what the audit surface answers to, and what a webhook's AuditUri ends with."""

from datetime import UTC, datetime, timedelta
from uuid import UUID

from openpartner.platform.errors import NotFound

_TICKS_BEGIN = datetime(1, 1, 1, tzinfo=UTC)
_TICK = timedelta(microseconds=1)


def ticks(at: datetime) -> int:
    """Hundreds of nanoseconds since the year 1, as .NET counts."""
    return (at - _TICKS_BEGIN) // _TICK * 10


def audit_record_id(
    *, partner_id: UUID | None, customer_id: UUID | None, resource_id: str, operation: str, at: datetime, seq: int
) -> str:
    """``{partner}_{customer, else resource}_{operation}_{ticks}_{place in the log}``, lower case.

    The place is ours: two facts of one request share the instant, and an id must name one of them.
    Source: partner-center-conventions §16
    """
    subject = str(customer_id) if customer_id is not None else resource_id
    return f"{partner_id or ''}_{subject}_{operation.replace('_', '')}_{ticks(at)}_{seq}".lower()


def place_of(record_id: str) -> int:
    """The place in the log that an id ends with. Raises NotFound for what is no id of ours."""
    _, parted, seq = record_id.rpartition("_")
    if not parted or not seq.isdecimal() or len(seq) > 18:
        raise NotFound("Audit record", record_id)
    return int(seq)
