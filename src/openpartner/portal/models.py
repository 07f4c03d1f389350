"""The browser sessions of the portal."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column

from openpartner.platform.db import Base


class PortalSession(Base):
    """A signed-in browser. The cookie's SHA-256 is the key: the table does not open a session.

    issuer, subject_session: where it was signed in, and the issuer's ``sid``, by which a logout there ends it here.
    """

    __tablename__ = "portal_session"

    id: Mapped[str] = mapped_column(String(64), primary_key=True)
    user_id: Mapped[UUID] = mapped_column(ForeignKey("directory_user.id"), index=True)
    tenant_id: Mapped[UUID] = mapped_column(ForeignKey("tenant.id"))
    issuer: Mapped[str] = mapped_column(String(400))
    subject_session: Mapped[str] = mapped_column(String(200), index=True)
    id_token: Mapped[str]
    mfa: Mapped[bool]
    user_agent: Mapped[str] = mapped_column(String(200))
    created_at: Mapped[datetime]
    expires_at: Mapped[datetime]


class SignInAttempt(Base):
    """A sign-in under way: what the callback must match. The browser's cookie is the key, hashed."""

    __tablename__ = "portal_sign_in_attempt"

    id: Mapped[str] = mapped_column(String(64), primary_key=True)
    state: Mapped[str] = mapped_column(String(64))
    nonce: Mapped[str] = mapped_column(String(64))
    code_verifier: Mapped[str] = mapped_column(String(128))
    return_to: Mapped[str] = mapped_column(String(2000))
    redirect_uri: Mapped[str] = mapped_column(String(400))
    second_factor: Mapped[bool]
    expires_at: Mapped[datetime]
