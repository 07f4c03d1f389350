"""The unit of work: one transaction, one actor, one instant; facts, schedules, mail and the answer within it."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, Any
from uuid import UUID

from sqlalchemy import select, update
from sqlalchemy.orm import Mapped, Session, mapped_column

from openpartner.platform import due, events, replay
from openpartner.platform.actor import SYSTEM, Actor, ActorKind
from openpartner.platform.db import Base
from openpartner.platform.identifiers import Identifiers, SeededIdentifiers
from openpartner.platform.mail import Attachment, MailMessage, MailState
from openpartner.platform.replay import Answer, AnsweredBefore, RequestStamp

if TYPE_CHECKING:
    from openpartner.platform.world import World


class IdentifierPosition(Base):
    """How far the sandbox's seeded stream of identifiers has been used."""

    __tablename__ = "identifier_position"

    id: Mapped[int] = mapped_column(primary_key=True)
    position: Mapped[int]


@dataclass
class UnitOfWork:
    """What a use case works with. Made by ``Begin``; left without an error it commits, else nothing of it remains.

    now: the world's instant when the unit began; for due work the instant it was due.
    given_correlation_id: the caller's; without one the unit makes its own when the first fact needs it.
    """

    world: "World"
    db: Session
    actor: Actor
    now: datetime
    ids: Identifiers
    given_correlation_id: str | None = None
    stamp: RequestStamp | None = None
    _facts: list[events.Noted] = field(default_factory=list)
    _new_work: list[due.NewWork] = field(default_factory=list)
    _after_commit: list[Callable[[], None]] = field(default_factory=list)

    @property
    def correlation_id(self) -> str:
        """What ties the facts of one request together."""
        if self.given_correlation_id is None:
            self.given_correlation_id = str(self.ids.uuid())
        return self.given_correlation_id

    @property
    def facts(self) -> list[events.Event]:
        """What was announced in this unit so far."""
        return [noted.fact for noted in self._facts]

    def emit(self, fact: events.Event) -> None:
        """Announce a fact: its reactions run now, its row is written at commit."""
        self._facts.append(events.Noted(self.ids.uuid(), self.now, self.actor, self.correlation_id, fact))
        for react in self.world.reactions.to(fact):
            react(self, fact)

    def schedule(self, due_at: datetime, job: str, args: dict[str, Any], *, key: str | None = None) -> None:
        """Have ``job`` done at ``due_at``; a second call with the same key moves the first."""
        self._check_job(job)
        self._write_new_work()
        due.schedule(self.db, due_at, job, args, key)

    def schedule_new(self, due_at: datetime, job: str, args: dict[str, Any], *, key: str) -> None:
        """``schedule`` for what was made in this unit: nothing is there under its key, so nothing is looked for."""
        self._check_job(job)
        self._new_work.append(due.NewWork(due_at, job, args, key))

    def _check_job(self, job: str) -> None:
        if job not in self.world.jobs:
            raise KeyError(f"{job} is not among the jobs listed in app.py.")

    def _write_new_work(self) -> None:
        if self._new_work:
            self.db.flush()  # what was scheduled before keeps its place before
            due.add_new(self.db, self._new_work)
            self._new_work.clear()

    def unschedule(self, key: str) -> None:
        """Take back what was scheduled under ``key``."""
        self._write_new_work()
        due.unschedule(self.db, key)

    def mail(
        self,
        recipient: str,
        subject: str,
        text: str,
        *,
        topic: str,
        tenant_id: UUID | None = None,
        html: str = "",
        reply_to: str = "",
        attachments: Sequence[Attachment] = (),
    ) -> MailMessage:
        """Send a message after commit; the sandbox keeps it in its mail box instead."""
        sends = self.world.settings.mail_server is not None
        message = MailMessage(
            id=self.ids.uuid(),
            recipient=recipient.lower(),
            subject=subject,
            text=text,
            html=html,
            reply_to=reply_to,
            attachments=list(attachments),
            topic=topic,
            tenant_id=tenant_id,
            state=MailState.WAITING if sends else MailState.KEPT,
            created_at=self.now,
        )
        self.db.add(message)
        if sends:
            self.schedule(self.now, "platform.send_mail", {"mail_id": str(message.id)})
        return message

    def keep_answer(self, answer: Answer) -> None:
        """Keep the answer of this request for its retries. Called by the HTTP layer's ``reply``."""
        if self.stamp is not None and self.actor.tenant_id is not None:
            key = self.world.settings.secret_key
            replay.keep(self.db, self.actor.tenant_id, self.stamp, answer, self.now, secret_key=key)

    def after_commit(self, action: Callable[[], None]) -> None:
        """Run ``action`` once the unit has committed: for caches of this process, never for business."""
        self._after_commit.append(action)

    @contextmanager
    def attempt(self) -> Iterator[None]:
        """A part of the unit that may be refused: then neither rows nor facts of it remain, and the refusal goes on."""
        facts, waiting = len(self._facts), len(self._after_commit)
        try:
            with self.db.begin_nested():
                yield
        except BaseException:
            del self._facts[facts:], self._after_commit[waiting:]
            raise

    def finish(self) -> None:
        """Flush, write the facts, and let the log's readers see them. The last statements before commit."""
        self._write_new_work()
        self.db.flush()
        written = events.append(self.db, self._facts)
        if written:
            for read in self.world.reactions.readers:
                read(self, written)
            self._write_new_work()
            self.db.flush()

    def committed(self) -> None:
        """Run what waited for the commit."""
        for action in self._after_commit:
            action()


class _Drawn:
    """The position of the seeded stream within one unit: read at the first draw, written at the end."""

    def __init__(self, db: Session) -> None:
        self._db = db
        self._position: int | None = None

    def take(self) -> int:
        if self._position is None:
            with self._db.no_autoflush:
                held = self._db.scalar(select(IdentifierPosition.position).with_for_update())
                if held is None:
                    self._db.execute(IdentifierPosition.__table__.insert(), {"id": 1, "position": 0})  # type: ignore[attr-defined]
                self._position = held or 0
        self._position += 1
        return self._position

    def save(self) -> None:
        if self._position is not None:
            self._db.execute(update(IdentifierPosition).values(position=self._position))


ActorResolver = Callable[[Session, datetime], Actor]
"""Gives the actor as of this instant, read in the unit's own transaction."""


class Begin:
    """Opens units of work for one caller: ``begin()`` to write, ``begin.read()`` to read.

    A route gets one that is bound to its request; jobs, commands and tests pass the actor.
    """

    def __init__(
        self,
        world: "World",
        resolve: ActorResolver | None = None,
        stamp: RequestStamp | None = None,
        correlation_id: str | None = None,
    ) -> None:
        self._world = world
        self._resolve = resolve
        self._stamp = stamp
        self._correlation_id = correlation_id

    @contextmanager
    def __call__(self, actor: Actor | None = None) -> Iterator[UnitOfWork]:
        """A unit that may write. Raises AnsweredBefore when this request was answered before."""
        world = self._world
        with world.database.write() as db:
            now = world.clock.now(db)
            drawn = _Drawn(db) if world.settings.seed is not None else None
            ids = (
                world.random
                if drawn is None or world.settings.seed is None
                else SeededIdentifiers(world.settings.seed, drawn.take)
            )
            who = actor or self._who(db, now)
            if self._stamp is not None and who.tenant_id is not None:
                before = replay.find(db, who.tenant_id, self._stamp, world.settings.secret_key)
                if before is not None:
                    raise AnsweredBefore(before)
            uow = UnitOfWork(world, db, who, now, ids, self._correlation_id, self._stamp)
            yield uow
            uow.finish()
            if drawn is not None:
                drawn.save()
        uow.committed()

    @contextmanager
    def read(self, actor: Actor | None = None) -> Iterator[UnitOfWork]:
        """A unit that the database keeps from writing. Its ``ids`` serve request ids and the like only."""
        world = self._world
        with world.database.read() as db:
            now = world.clock.now(db)
            who = actor or self._who(db, now)
            yield UnitOfWork(world, db, who, now, world.transient_ids, self._correlation_id)

    def _who(self, db: Session, now: datetime) -> Actor:
        if self._resolve is None:
            return SYSTEM
        return self._resolve(db, now)


def is_system(actor: Actor) -> bool:
    """Whether the software itself acts."""
    return actor.kind is ActorKind.SYSTEM
