"""What falls due for relationships as time passes."""

from openpartner.platform.due import Job
from openpartner.relationships.service.assignments import pass_assignment
from openpartner.relationships.service.granular_clockwork import pass_time
from openpartner.relationships.service.granular_states import (
    PASS_ASSIGNMENT,
    PASS_OPERATION,
    PASS_REQUEST,
    PASS_TIME,
)
from openpartner.relationships.service.operations import pass_operation
from openpartner.relationships.service.plans import ASSIGN_PLANNED, RUN_PLAN, assign_planned_groups, run_plan
from openpartner.relationships.service.request_records import pass_request

JOBS: dict[str, Job] = {
    PASS_TIME: pass_time,
    PASS_ASSIGNMENT: pass_assignment,
    PASS_OPERATION: pass_operation,
    PASS_REQUEST: pass_request,
    RUN_PLAN: run_plan,
    ASSIGN_PLANNED: assign_planned_groups,
}
