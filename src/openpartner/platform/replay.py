"""The first answer of a mutating request, kept in the transaction that made it and given again to a retry.

Key: (tenant, operation, request id). A refusal keeps nothing. What is kept may hold a one-time password, so it is
sealed with the request's body, which is not kept: only a repetition opens the answer (docs/decisions/0021).
Source: partner-center-conventions §13.
"""

import hashlib
from datetime import datetime, timedelta
from uuid import UUID

import msgspec
from cryptography.exceptions import InvalidTag
from sqlalchemy import LargeBinary, String, delete, func, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from openpartner.platform.db import Base, Json
from openpartner.platform.errors import Conflict
from openpartner.platform.vault import seal_for, unseal_for

KEPT_FOR = timedelta(days=7)


class KeptAnswer(Base):
    """One answer. ``operation`` is method and path; ``request_hash`` tells a retry from another request of that id."""

    __tablename__ = "request_replay"

    tenant_id: Mapped[UUID] = mapped_column(primary_key=True)
    operation: Mapped[str] = mapped_column(String(500), primary_key=True)
    request_id: Mapped[str] = mapped_column(String(80), primary_key=True)
    request_hash: Mapped[str] = mapped_column(String(64))
    status: Mapped[int]
    headers: Mapped[dict[str, str]] = mapped_column(Json(dict[str, str]))
    body: Mapped[bytes] = mapped_column(LargeBinary)
    kept_at: Mapped[datetime]


class Answer(msgspec.Struct, frozen=True):
    """What goes back to the caller, as bytes."""

    status: int
    body: bytes
    headers: dict[str, str]


class RequestStamp(msgspec.Struct, frozen=True):
    """What tells one mutating request from another. ``request_id`` None: not asked to be replayed.

    request_hash: stored. reader: follows from the body as the hash does, not from the hash; never stored.
    """

    operation: str
    request_id: str | None
    request_hash: str
    reader: bytes = b""

    @classmethod
    def of(cls, operation: str, request_id: str | None, body: bytes) -> "RequestStamp":
        """The stamp of a request with this body."""
        reader = hashlib.blake2b(body, digest_size=32, person=b"replay").digest()
        return cls(operation, request_id, hashlib.sha256(body).hexdigest(), reader)

    def about(self, tenant_id: UUID) -> bytes:
        """Which row the answer belongs to."""
        return f"{tenant_id} {self.operation} {self.request_id}".encode()


class AnsweredBefore(Exception):
    """The request was answered before; the unit did nothing."""

    def __init__(self, answer: Answer) -> None:
        super().__init__("answered before")
        self.answer = answer


def find(db: Session, tenant_id: UUID, stamp: RequestStamp, secret_key: str) -> Answer | None:
    """The kept answer. Raises Conflict when the id was used for another body, or the answer sealed with another key."""
    if stamp.request_id is None:
        return None
    kept = db.execute(
        select(KeptAnswer.request_hash, KeptAnswer.status, KeptAnswer.headers, KeptAnswer.body).where(
            KeptAnswer.tenant_id == tenant_id,
            KeptAnswer.operation == stamp.operation,
            KeptAnswer.request_id == stamp.request_id,
        )
    ).one_or_none()
    if kept is None:
        return None
    if kept.request_hash != stamp.request_hash:
        raise Conflict("This MS-RequestId was used for another request. A new request needs a new id.", code=800060)
    try:
        body = unseal_for(stamp.reader, kept.body, secret_key, about=stamp.about(tenant_id))
    except InvalidTag:
        raise Conflict(
            "This request was carried out, and its answer sealed with a secret key that this installation has no more. "
            "Read what it made instead of repeating it."
        ) from None
    return Answer(kept.status, body, kept.headers)


def keep(db: Session, tenant_id: UUID, stamp: RequestStamp, answer: Answer, at: datetime, *, secret_key: str) -> None:
    """Keep an answer in the present transaction."""
    if stamp.request_id is None:
        return
    db.add(
        KeptAnswer(
            tenant_id=tenant_id,
            operation=stamp.operation,
            request_id=stamp.request_id,
            request_hash=stamp.request_hash,
            status=answer.status,
            headers=answer.headers,
            body=seal_for(stamp.reader, answer.body, secret_key, about=stamp.about(tenant_id)),
            kept_at=at,
        )
    )


def forget_old(db: Session, at: datetime) -> datetime | None:
    """Drop the answers that no client will ask for any more. Returns when the oldest of the others was kept."""
    db.execute(delete(KeptAnswer).where(KeptAnswer.kept_at < at - KEPT_FOR))
    return db.scalar(select(func.min(KeptAnswer.kept_at)))
