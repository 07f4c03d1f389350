"""The organization, as Graph changes it: whom it has written to. Source: graph-endpoints, area organization."""

import re
from collections.abc import Mapping
from typing import Any

from openpartner.identity import queries, service
from openpartner.identity.models import Tenant
from openpartner.identity.service.administering.allowing import allow
from openpartner.identity.service.administering.finding import guid_of
from openpartner.platform.directory_access import DirectoryAction
from openpartner.platform.graph.errors import Detail, GraphInvalid, ResourceMissing
from openpartner.platform.work import UnitOfWork

_MAIL = re.compile(r"[^@\s]{1,64}@[^@\s]+\.[^@\s.]+")
_PHONE = re.compile(r"\+?[0-9 ()./-]{3,64}")
_MOST = 250
_MAILS = ("marketingNotificationEmails", "technicalNotificationMails", "securityComplianceNotificationMails")


class OrganizationValueInvalid(GraphInvalid):
    """A property's value breaks a rule; the reason says which."""

    def __init__(self, name: str, reason: str) -> None:
        super().__init__(
            f"Invalid value specified for property '{name}' of resource 'Organization'. {reason}",
            target=name,
            details=[Detail("InvalidValue", reason, name)],
        )


def update_organization(uow: UnitOfWork, key: str, details: Mapping[str, Any]) -> Tenant:
    """Change whom the organization has written to, and whom to ask about privacy.

    details: by the wire's names; None clears. Raises ScopeNeeded, DirectoryRoleNeeded, ResourceMissing,
    OrganizationValueInvalid. Emits TenantUpdated.
    """
    tenant_id = allow(uow, DirectoryAction.ORGANIZATION_UPDATE)
    if guid_of(key) != tenant_id:
        raise ResourceMissing(key)
    _check(details)
    tenant = queries.tenant_by_id(uow, tenant_id)
    return service.set_tenant_details(uow, tenant, details)


def _check(details: Mapping[str, Any]) -> None:
    for name in _MAILS:
        _check_each(name, details.get(name) or (), _MAIL, "Each is a mail address.")
    name = "securityComplianceNotificationPhones"
    _check_each(name, details.get(name) or (), _PHONE, "Each is a telephone number.")
    privacy = details.get("privacyProfile") or {}
    if privacy.get("contactEmail") and not _MAIL.fullmatch(privacy["contactEmail"]):
        raise OrganizationValueInvalid("contactEmail", "It is a mail address.")
    if privacy.get("statementUrl") and not privacy["statementUrl"].startswith(("https://", "http://")):
        raise OrganizationValueInvalid("statementUrl", "It is an address that begins with https://.")


def _check_each(name: str, values: Any, fits: re.Pattern[str], reason: str) -> None:
    if len(values) > _MOST:
        raise OrganizationValueInvalid(name, f"There are at most {_MOST}.")
    if not all(fits.fullmatch(each) and len(each) <= 320 for each in values):
        raise OrganizationValueInvalid(name, reason)
