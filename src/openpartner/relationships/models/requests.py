"""The table of requests: every order to move a relationship, kept."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from openpartner.platform.db import Base, TextEnum, key_text
from openpartner.relationships.models.granular import ID_LENGTH
from openpartner.relationships.rules.granular import Side
from openpartner.relationships.rules.requests import RequestAction, RequestStatus


class RelationshipRequest(Base):
    """One order. number: counts them in their relationship. side, requested_by: who gave it. reason: of a refusal."""

    __tablename__ = "relationship_request"
    __table_args__ = (Index("ix_relationship_request_relationship", "relationship_id", "number", unique=True),)

    id: Mapped[UUID] = mapped_column(primary_key=True)
    relationship_id: Mapped[str] = mapped_column(key_text(ID_LENGTH), ForeignKey("admin_relationship.id"))
    number: Mapped[int]
    action: Mapped[RequestAction] = mapped_column(TextEnum(RequestAction))
    status: Mapped[RequestStatus] = mapped_column(TextEnum(RequestStatus))
    side: Mapped[Side] = mapped_column(TextEnum(Side))
    requested_by: Mapped[str] = mapped_column(String(320))
    reason: Mapped[str] = mapped_column(String(400), default="", server_default="")
    created_at: Mapped[datetime]
    modified_at: Mapped[datetime]
