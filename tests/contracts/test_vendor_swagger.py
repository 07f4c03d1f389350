"""The vendor's own description of the customer operations, where we have them."""

import json
import re
from http import HTTPStatus
from pathlib import Path
from typing import Any

import httpx

from openpartner.platform.http.openapi import STATUSES
from openpartner.platform.http.surfaces import Surface
from tests.contracts.campaign import Campaign, Case, Target

CONTRACT = Path(__file__).parent / "CustomerService.json"

BEYOND = {
    ("POST", "/v{version}/customers", HTTPStatus.CREATED),
    ("POST", "/v{version}/customers/{customer_id}/verifieddomain", HTTPStatus.CREATED),
    ("POST", "/v{version}/customers/{customer_id}/qualifications", HTTPStatus.CREATED),
    ("HEAD", "/v{version}/domains/{domain}", HTTPStatus.NO_CONTENT),
}
"""Where the pages and the recorded answers of the original say otherwise than this file, which names 200 for all."""


def _plain(path: str) -> str:
    """A path without the names of its parameters, in lower case."""
    return re.sub(r"\{[^}]*\}", "{}", path.replace("/v{version}", "/v1")).lower()


def _mend(part: Any) -> None:
    """The file calls enumerations of words integers; nothing can be both."""
    if isinstance(part, dict):
        if part.get("type") == "integer" and any(isinstance(word, str) for word in part.get("enum", ())):
            part["type"] = "string"
            part.pop("format", None)
        for inner in part.values():
            _mend(inner)
    elif isinstance(part, list):
        for inner in part:
            _mend(inner)


def _overlap(target: Target) -> dict[str, Any]:
    """The vendor's document, cut down to the operations that we serve."""
    ours = httpx.get(f"{target.url}/openapi/openapi.json", trust_env=False).json()["paths"]
    served = {(_plain(path), method) for path, operations in ours.items() for method in operations}
    document: dict[str, Any] = json.loads(CONTRACT.read_text(encoding="utf-8"))
    document["basePath"] = "/"
    _mend(document)
    for path, operations in list(document["paths"].items()):
        for method in [name for name in operations if name != "parameters"]:
            if (_plain(path), method) not in served:
                del operations[method]
            else:
                for parameter in operations[method].get("parameters", ()):
                    if parameter.get("name") == "version":
                        parameter["enum"] = ["1"]
    return document


def _documented(case: Case, status: int) -> bool:
    """A success that the file names; its refusals it leaves out, so they are those of the surface."""
    if status >= HTTPStatus.BAD_REQUEST:
        return status in STATUSES[Surface.PARTNER_CENTER]
    known = str(status) in case.operation.definition.raw["responses"]
    return known or (case.method.upper(), case.operation.path, status) in BEYOND


def test_the_vendors_description_of_customers_holds_where_we_serve_it(target: Target) -> None:
    campaign = Campaign(target).run(_overlap(target), examples=6, documented=_documented)

    assert campaign.faults == []
    assert len(campaign.statuses) >= 20
