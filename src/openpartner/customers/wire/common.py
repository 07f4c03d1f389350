"""What several resources share: contacts, instants."""

from datetime import UTC, datetime

from openpartner.platform.http.answers import Link, Wire, link


def instant(at: datetime) -> str:
    """An instant as the wire writes it: UTC, with as many digits of the second as it has."""
    return at.astimezone(UTC).isoformat().replace("+00:00", "Z")


def self_link(uri: str) -> dict[str, Link]:
    """The links of a resource that only names itself."""
    return {"self": link(uri)}


class Contact(Wire, kw_only=True):
    """A person at the customer."""

    first_name: str | None = None
    last_name: str | None = None
    email: str | None = None
    phone_number: str | None = None
