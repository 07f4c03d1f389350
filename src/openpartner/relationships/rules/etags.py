"""The ETag of a relationship, an assignment or an operation. Source: graph-conventions §8."""

from uuid import UUID

from openpartner.platform.http.etags import versioned_etag


def weak_etag(key: UUID | str, version: int) -> str:
    """``W/"<base64>"``, different for each thing and version."""
    return f'W/"{versioned_etag(key, version)}"'
