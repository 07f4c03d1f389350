"""What falls due: a rejection that stood too long, an agreement that comes into force, one not accepted in time."""

from typing import Any
from uuid import UUID

from openpartner.partner import service
from openpartner.platform.due import Job
from openpartner.platform.work import UnitOfWork


def suspend_rejected(uow: UnitOfWork, args: dict[str, Any]) -> None:
    """30 days after a rejection."""
    service.suspend_rejected(uow, UUID(args["tenant_id"]), args["round"])


def announce_agreement(uow: UnitOfWork, args: dict[str, Any]) -> None:
    """When a version comes into force."""
    service.announce_agreement(uow, UUID(args["template_id"]))


def lapse_agreement(uow: UnitOfWork, args: dict[str, Any]) -> None:
    """On the last day to accept a version."""
    service.lapse_agreement(uow, UUID(args["template_id"]))


JOBS: dict[str, Job] = {
    "partner.suspend_rejected": suspend_rejected,
    "partner.announce_agreement": announce_agreement,
    "partner.lapse_agreement": lapse_agreement,
}
