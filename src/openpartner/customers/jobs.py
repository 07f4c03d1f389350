"""What falls due for customers: in the sandbox, decisions that no operator has made."""

from typing import Any
from uuid import UUID

from openpartner.customers.service.qualifications import VETTING_JOB, end_vetting
from openpartner.customers.service.reviews import REVIEW_JOB, end_review
from openpartner.platform.due import Job
from openpartner.platform.work import UnitOfWork


def _end_review(uow: UnitOfWork, args: dict[str, Any]) -> None:
    end_review(uow, UUID(args["commerce_id"]))


def _end_vetting(uow: UnitOfWork, args: dict[str, Any]) -> None:
    end_vetting(uow, UUID(args["qualification_id"]))


JOBS: dict[str, Job] = {REVIEW_JOB: _end_review, VETTING_JOB: _end_vetting}
