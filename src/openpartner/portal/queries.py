"""Who is signed in on a browser."""

import hashlib
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from openpartner.portal.models import PortalSession


def cookie_hash(cookie: str) -> str:
    """What the tables keep of a cookie."""
    return hashlib.sha256(cookie.encode()).hexdigest()


def live_session(db: Session, cookie: str, at: datetime) -> PortalSession | None:
    """The session that a cookie opens, if it has not ended."""
    found = db.scalar(select(PortalSession).where(PortalSession.id == cookie_hash(cookie)))
    return found if found is not None and found.expires_at > at else None
