"""Facts, the reactions to them, and the event log: one hash-chained row per fact, who, when, what, before and after.

A fact is announced with ``uow.emit``. Its reactions run at once, in the same transaction. Its row is written when the
unit commits, so the chain's head is held for the shortest time. The log is the audit trail and the webhooks' source.
"""

import hashlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any, ClassVar, TypeVar
from uuid import UUID

import msgspec
from sqlalchemy import Index, String, select, update
from sqlalchemy.orm import Mapped, Session, mapped_column

from openpartner.platform.actor import Actor
from openpartner.platform.db import Base, BigId

if TYPE_CHECKING:
    from openpartner.platform.work import UnitOfWork


class Event(msgspec.Struct, frozen=True, kw_only=True):
    """A fact, past tense. It carries ids and values, never a row.

    partner_id: the tenant in whose activity log it stands; None for the operator's own.
    customer_id: the customer tenant concerned.
    before, after: the members that changed, with the wire's names where they have one; never a secret.

    A slice's event names its ``resource_type`` and ``operation_type``, the words of the vendor's audit records
    (account-and-security §9), and gives ``resource_id``.
    """

    resource_type: ClassVar[str] = ""
    operation_type: ClassVar[str] = ""

    partner_id: UUID | None
    customer_id: UUID | None = None
    before: dict[str, Any] | None = None
    after: dict[str, Any] | None = None

    @property
    def resource_id(self) -> str:
        """The id of the thing that changed, as text."""
        return ""

    @classmethod
    def kind(cls) -> str:
        """The event's name in the log: unique, whole, searchable."""
        return cls.__name__


E = TypeVar("E", bound=Event)
Reaction = Callable[["UnitOfWork", Any], None]


class Noted(msgspec.Struct):
    """A fact that waits for its unit's commit."""

    id: UUID
    at: datetime
    actor: Actor
    correlation_id: str
    fact: Event


class Written(msgspec.Struct, frozen=True):
    """A fact that has its place in the log; its unit is about to commit."""

    seq: int
    noted: Noted


LogReader = Callable[["UnitOfWork", Sequence[Written]], None]
"""What reads on at the log's end, in the transaction that wrote there. It holds the log: it must be quick, may announce
nothing, and whatever row it locks nobody else may lock before announcing something."""


class Reactions:
    """Which functions run when a fact is announced, and which when it is written. Filled once, in ``app.py``."""

    def __init__(self) -> None:
        self._by_kind: dict[type[Event], list[Reaction]] = {}
        self._readers: list[LogReader] = []

    def on(self, kind: type[E], *reactions: "Callable[[UnitOfWork, E], None]") -> "Reactions":
        """Run ``reactions`` in this order whenever a ``kind`` is emitted."""
        self._by_kind.setdefault(kind, []).extend(reactions)
        return self

    def on_written(self, reader: LogReader) -> "Reactions":
        """Show ``reader`` what each unit has written in the log, once, in order."""
        self._readers.append(reader)
        return self

    def to(self, fact: Event) -> Sequence[Reaction]:
        """The reactions to a fact."""
        return self._by_kind.get(type(fact), ())

    @property
    def readers(self) -> Sequence[LogReader]:
        """Who reads the log as it is written."""
        return self._readers


class LogEntry(Base):
    """One fact. ``body`` is the canonical JSON that the hash covers; the other columns repeat it for queries.

    actor_tenant_id: whose person or application acted; for a delegated administrator the partner it comes from.
    """

    __tablename__ = "event_log"
    __table_args__ = (
        Index("ix_event_log_partner_at", "partner_id", "seq"),
        Index("ix_event_log_customer", "customer_id", "seq"),
        Index("ix_event_log_customer_actor", "customer_id", "actor_tenant_id", "seq"),
        Index("ix_event_log_resource", "resource_type", "resource_id", "seq"),
    )

    seq: Mapped[int] = mapped_column(BigId, primary_key=True, autoincrement=False)
    id: Mapped[UUID] = mapped_column(unique=True)
    at: Mapped[datetime]
    kind: Mapped[str] = mapped_column(String(80))
    partner_id: Mapped[UUID | None]
    customer_id: Mapped[UUID | None]
    resource_type: Mapped[str] = mapped_column(String(60))
    resource_id: Mapped[str] = mapped_column(String(200))
    operation_type: Mapped[str] = mapped_column(String(80))
    actor_name: Mapped[str] = mapped_column(String(320))
    actor_tenant_id: Mapped[UUID | None]
    body: Mapped[str]
    hash: Mapped[str] = mapped_column(String(64))


class ChainHead(Base):
    """The last link. One row; whoever holds it writes next."""

    __tablename__ = "event_chain"

    id: Mapped[int] = mapped_column(primary_key=True)
    seq: Mapped[int]
    hash: Mapped[str] = mapped_column(String(64))


GENESIS = "0" * 64


def link(previous: str, body: str) -> str:
    """The hash of a link: SHA-256 over the previous hash and the canonical body."""
    return hashlib.sha256(f"{previous}\n{body}".encode()).hexdigest()


def body_of(seq: int, noted: Noted) -> str:
    """The canonical JSON of an entry: members in a fixed order, no insignificant blank."""
    fact = noted.fact
    data = {
        name: value
        for name, value in msgspec.structs.asdict(fact).items()
        if name not in {"partner_id", "customer_id", "before", "after"}
    }
    content = {
        "seq": seq,
        "id": noted.id,
        "at": noted.at,
        "kind": fact.kind(),
        "partnerId": fact.partner_id,
        "customerId": fact.customer_id,
        "resourceType": fact.resource_type,
        "resourceId": fact.resource_id,
        "operationType": fact.operation_type,
        "actor": noted.actor.stamp(),
        "correlationId": noted.correlation_id,
        "data": data,
        "before": fact.before,
        "after": fact.after,
    }
    return msgspec.json.encode(content, order="deterministic").decode()


def append(db: Session, noted: Sequence[Noted]) -> list[Written]:
    """Write the unit's facts behind the head. Called once, by the unit of work's commit; the head stays held by it."""
    if not noted:
        return []
    head = db.execute(select(ChainHead.seq, ChainHead.hash).with_for_update()).one_or_none()
    if head is None:
        db.add(ChainHead(id=1, seq=0, hash=GENESIS))
        db.flush()
    seq, previous = (head.seq, head.hash) if head is not None else (0, GENESIS)
    rows: list[dict[str, Any]] = []
    written: list[Written] = []
    for entry in noted:
        seq += 1
        written.append(Written(seq, entry))
        body = body_of(seq, entry)
        previous = link(previous, body)
        fact = entry.fact
        rows.append(
            {
                "seq": seq,
                "id": entry.id,
                "at": entry.at,
                "kind": fact.kind(),
                "partner_id": fact.partner_id,
                "customer_id": fact.customer_id,
                "resource_type": fact.resource_type,
                "resource_id": fact.resource_id,
                "operation_type": fact.operation_type,
                "actor_name": entry.actor.name,
                "actor_tenant_id": entry.actor.comes_from,
                "body": body,
                "hash": previous,
            }
        )
    db.execute(LogEntry.__table__.insert(), rows)  # type: ignore[attr-defined]
    db.execute(update(ChainHead).values(seq=seq, hash=previous))
    return written


class ChainBroken(msgspec.Struct, frozen=True):
    """Where the log stops being what was written, and why."""

    seq: int
    reason: str


class ChainReport(msgspec.Struct, frozen=True):
    """What a verification found: how many entries, the last hash, and the first break if there is one."""

    entries: int
    head: str
    broken: ChainBroken | None


_COLUMNS: Mapping[str, str] = {
    "kind": "kind",
    "resourceType": "resource_type",
    "resourceId": "resource_id",
    "operationType": "operation_type",
}


def verify(db: Session, *, batch: int = 5_000) -> ChainReport:
    """Recompute the chain from the first entry to the head.

    Finds a changed body, a column that differs from its body, a removed or added entry, and a moved head.
    """
    previous, expected = GENESIS, 1
    for entry in _entries(db, batch):
        content = msgspec.json.decode(entry.body)
        broken = None
        if entry.seq != expected or content["seq"] != entry.seq:
            broken = f"entry {expected} is missing or out of its place"
        elif link(previous, entry.body) != entry.hash:
            broken = "its hash does not follow from its body and the entry before"
        elif _differs(content, entry):
            broken = "a column differs from the body that was hashed"
        if broken is not None:
            return ChainReport(entries=expected - 1, head=previous, broken=ChainBroken(entry.seq, broken))
        previous, expected = entry.hash, expected + 1
    head = db.execute(select(ChainHead.seq, ChainHead.hash)).one_or_none()
    if head is not None and (head.seq, head.hash) != (expected - 1, previous):
        gone = ChainBroken(expected, f"the head names entry {head.seq}, the log ends at {expected - 1}")
        return ChainReport(entries=expected - 1, head=previous, broken=gone)
    return ChainReport(entries=expected - 1, head=previous, broken=None)


def _differs(content: dict[str, Any], entry: LogEntry) -> bool:
    who = content["actor"]
    acted = who.get("homeTenantId") or who["tenantId"]
    shown = None if entry.actor_tenant_id is None else str(entry.actor_tenant_id)
    return acted != shown or any(content[name] != getattr(entry, column) for name, column in _COLUMNS.items())


def _entries(db: Session, batch: int) -> Iterator[LogEntry]:
    after = 0
    while True:
        page = db.scalars(select(LogEntry).where(LogEntry.seq > after).order_by(LogEntry.seq).limit(batch)).all()
        if not page:
            return
        yield from page
        after = page[-1].seq
        db.expunge_all()
