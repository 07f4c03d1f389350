"""Audit records as the wire has them."""

from datetime import datetime
from typing import Any

import msgspec

from openpartner.audit import rules
from openpartner.audit.queries import Entry
from openpartner.platform.http.answers import Attributes, Wire


class KeyValue(Wire, kw_only=True):
    """One more fact of a record."""

    key: str
    value: str


class AuditRecord(Wire, kw_only=True):
    """Source: partner-center-resources §19, AuditRecord."""

    id: str
    partner_id: str | None = None
    customer_id: str | None = None
    customer_name: str | None = None
    user_principal_name: str | None = None
    application_id: str | None = None
    resource_type: str
    resource_old_value: str | None = None
    resource_new_value: str | None = None
    operation_type: str
    original_correlation_id: str
    operation_date: datetime
    operation_status: str
    customized_data: list[KeyValue]
    participants: list[str]
    attributes: Attributes

    @classmethod
    def of(cls, entry: Entry) -> "AuditRecord":
        """An entry of the log; words that clients do not know stand in ``customizedData``."""
        content, who = entry.content, entry.content["actor"]
        partner, customer = content["partnerId"], content["customerId"]
        return cls(
            id=entry.record_id,
            partner_id=partner,
            customer_id=customer,
            customer_name=entry.customer_name,
            user_principal_name=who["name"] if who["kind"] == "user" else None,
            application_id=who["appId"] or (who["name"] if who["kind"] != "user" else None),
            resource_type=rules.resource_word(entry.resource_type),
            resource_old_value=resource_text(content["before"]),
            resource_new_value=resource_text(_new_value(entry)),
            operation_type=rules.operation_word(entry.operation_type),
            original_correlation_id=content["correlationId"],
            operation_date=entry.at,
            operation_status="succeeded",  # the log holds what was done; a refusal leaves nothing
            customized_data=_customized(entry),
            participants=[tenant for tenant in (partner, customer) if tenant is not None],
            attributes=Attributes(object_type="AuditRecord"),
        )


def _new_value(entry: Entry) -> dict[str, Any] | None:
    """The changed members; of delegated administration also which one it is and whose, as those who follow a webhook's
    AuditUri read it. Source: gdap §11.
    """
    changed: dict[str, Any] | None = entry.content["after"]
    if entry.resource_type not in rules.TELL_WHOSE:
        return changed
    named = {"displayName": entry.customer_name, "organizationDisplayName": entry.customer_name}
    data = entry.content["data"]
    known = {"displayName": data.get("display_name"), "relationshipId": data.get("relationship_id")}
    return {
        "id": entry.resource_id,
        **{name: value for name, value in known.items() if value is not None},
        "customer": {"tenantId": entry.content["customerId"], **named},
        **(changed or {}),
    }


def resource_text(resource: dict[str, Any] | None) -> str | None:
    """A resource's members as JSON text, names in PascalCase."""
    return None if resource is None else msgspec.json.encode(rules.pascal(resource)).decode()


def _customized(entry: Entry) -> list[KeyValue]:
    facts: dict[str, Any] = {}
    if rules.resource_word(entry.resource_type) == rules.UNDEFINED:
        facts["ResourceType"] = entry.resource_type
    if rules.operation_word(entry.operation_type) == rules.UNDEFINED:
        facts["OperationType"] = entry.operation_type
    facts["ResourceId"] = entry.resource_id
    for name, value in entry.content["data"].items():
        if isinstance(value, str | int | float | bool):
            facts["".join(part.capitalize() for part in name.split("_"))] = value
    return [KeyValue(key=name, value=str(value)) for name, value in facts.items() if value != ""]
