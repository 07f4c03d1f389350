"""ETags: what a version looks like on the wire, and whether the one sent is the present one.

Source: partner-center-conventions §8: a stale one is 2055 with status 400 for subscriptions, 412 elsewhere.
"""

import base64
from uuid import UUID

import msgspec

from openpartner.platform.errors import PreconditionFailed


class _Tag(msgspec.Struct):
    id: str
    version: int


def versioned_etag(key: UUID | str, version: int) -> str:
    """Base64 of ``{"id":"<lower-case id>","version":N}``: orders and subscriptions."""
    return base64.b64encode(msgspec.json.encode(_Tag(str(key).lower(), version))).decode()


def profile_etag(key: UUID, version: int) -> str:
    """A signed 64-bit integer as text: billing profiles. Different for each profile and version."""
    folded = (key.int ^ (key.int >> 64) ^ (version * 0x9E3779B97F4A7C15)) & 0xFFFF_FFFF_FFFF_FFFF
    return str(folded - (1 << 64) if folded >= 1 << 63 else folded)


def check_etag(sent: str | None, present: str, *, status: int = 412) -> None:
    """Raise PreconditionFailed unless ``sent`` is missing, ``*`` or the present ETag, quoted or not, weak or not."""
    if sent is None or sent.strip() == "*":
        return
    if sent.strip().removeprefix("W/").strip('"') != present.removeprefix("W/").strip('"'):
        raise PreconditionFailed(status=status)
