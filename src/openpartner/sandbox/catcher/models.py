"""Catchers and what they caught."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from openpartner.platform.db import Base, BigId, Json, TextEnum
from openpartner.sandbox.catcher.rules import Answer
from openpartner.webhooks.service import Verdict


class Catcher(Base):
    """A receiver by its name, and how it answers: see ``rules.Answer``."""

    __tablename__ = "sandbox_catcher"

    name: Mapped[str] = mapped_column(String(64), primary_key=True)
    status: Mapped[int]
    times: Mapped[int | None]
    delay: Mapped[int]
    retry_after: Mapped[int | None]
    made_at: Mapped[datetime]

    @property
    def answer(self) -> Answer:
        """How it answers now."""
        return Answer(self.status, self.times, self.delay, self.retry_after)

    @answer.setter
    def answer(self, answer: Answer) -> None:
        self.status, self.times, self.delay = answer.status, answer.times, answer.delay
        self.retry_after = answer.retry_after


class Catch(Base):
    """A message. at: by the world's clock. headers: names in lower case. tenant_id: whose secret signed it."""

    __tablename__ = "sandbox_catch"
    __table_args__ = (Index("ix_sandbox_catch_catcher", "catcher", "number"),)

    number: Mapped[int] = mapped_column(BigId, primary_key=True)
    catcher: Mapped[str] = mapped_column(String(64), ForeignKey("sandbox_catcher.name", ondelete="CASCADE"))
    at: Mapped[datetime]
    headers: Mapped[dict[str, str]] = mapped_column(Json(dict[str, str]))
    body: Mapped[str]
    event_name: Mapped[str] = mapped_column(String(200))
    message_id: Mapped[str] = mapped_column(String(200))
    by_secret: Mapped[Verdict] = mapped_column(TextEnum(Verdict))
    by_certificate: Mapped[Verdict] = mapped_column(TextEnum(Verdict))
    tenant_id: Mapped[UUID | None]
    answered: Mapped[int]
    delay: Mapped[int]
    is_repeat: Mapped[bool]
