"""What falls due for relationships as time passes."""

from openpartner.platform.due import Job

JOBS: dict[str, Job] = {}
