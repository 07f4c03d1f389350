"""What only a sandbox keeps: the passwords and secrets of its seeded users and apps, in clear."""

from uuid import UUID

from sqlalchemy import ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column

from openpartner.platform.db import Base


class SeededUser(Base):
    """How to sign in as a seeded user. ``totp_secret``: base32, where the user has an authenticator."""

    __tablename__ = "sandbox_user"

    user_id: Mapped[UUID] = mapped_column(ForeignKey("directory_user.id"), primary_key=True)
    position: Mapped[int]
    tenant_id: Mapped[UUID] = mapped_column(ForeignKey("tenant.id"))
    upn: Mapped[str] = mapped_column(String(320))
    password: Mapped[str] = mapped_column(String(120))
    totp_secret: Mapped[str | None] = mapped_column(String(64))


class SeededApp(Base):
    """A seeded app's credentials."""

    __tablename__ = "sandbox_app"

    client_id: Mapped[UUID] = mapped_column(primary_key=True)
    position: Mapped[int]
    tenant_id: Mapped[UUID] = mapped_column(ForeignKey("tenant.id"))
    client_secret: Mapped[str] = mapped_column(String(120))
    name: Mapped[str] = mapped_column(String(256))
