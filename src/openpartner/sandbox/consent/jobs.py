"""What falls due for the consent simulator: the decisions that policies have planned."""

from openpartner.platform.due import Job
from openpartner.sandbox.consent.service import DECIDE, take_planned

JOBS: dict[str, Job] = {DECIDE: take_planned}
