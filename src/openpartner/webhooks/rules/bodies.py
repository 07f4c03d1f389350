"""The body of a delivery, byte for byte as the original writes it, and the words for what came back.

Source: partner-center-webhook-events; partner-center-conventions §17.
"""

import json
from collections.abc import Mapping
from datetime import datetime
from http import HTTPStatus
from typing import Any

from openpartner.webhooks.rules.vendor_events import VendorEvent

VENDOR_ORIGIN = "https://api.partnercenter.microsoft.com"


def instant(at: datetime) -> str:
    """As .NET writes an instant: seven decimals and the offset."""
    return f"{at:%Y-%m-%dT%H:%M:%S}.{at.microsecond:06}0+00:00"


def bare_instant(at: datetime) -> str:
    """The same without the offset: how results of a test are dated. Source: partner-center-webhooks."""
    return f"{at:%Y-%m-%dT%H:%M:%S}.{at.microsecond:06}0"


def plain_origin(origin: str) -> str:
    """The vendor's own origin by http, as its oldest events write it; any other as it is: it must lead somewhere."""
    return "http" + origin.removeprefix("https") if origin == VENDOR_ORIGIN else origin


def resource_uri(event: VendorEvent, origin: str, values: Mapping[str, str]) -> str | None:
    """Where the resource is, or None. values: ``customer``, ``resource`` and ``relationship``."""
    if not event.resource_uri:
        return None
    return event.resource_uri.format(origin=origin, plain_origin=plain_origin(origin), **values)


def audit_uri(origin: str, record_id: str) -> str:
    """Where the audit record is."""
    return f"{origin}/auditactivity/v1/auditrecords/{record_id}"


def body_of(event: VendorEvent, uri: str | None, audit: str | None, at: datetime) -> str:
    """JSON with members in the original's order and case; a missing AuditUri is null, not left out."""
    content: dict[str, Any] = {"EventName": event.name, "ResourceUri": uri}
    if event.resource_name is not None:
        content["ResourceName"] = event.resource_name
    return json.dumps({**content, "AuditUri": audit, "ResourceChangeUtcDate": instant(at)}, separators=(",", ":"))


def sample_body(event: VendorEvent, origin: str, at: datetime, values: Mapping[str, str]) -> str:
    """A body to begin with where a person writes one, indented."""
    return indented(body_of(event, resource_uri(event, origin, values), None, at))


def indented(body: str) -> str:
    """A body as a person reads it."""
    return json.dumps(json.loads(body), indent=2, ensure_ascii=False)


def status_word(status: int) -> str:
    """A status as .NET names it (``OK``, ``InternalServerError``); a number that has no name as it is."""
    try:
        known = HTTPStatus(status)
    except ValueError:
        return str(status)
    return known.phrase if known is HTTPStatus.OK else known.phrase.title().replace(" ", "").replace("-", "")
