"""What falls due for subscriptions as time passes."""

from openpartner.platform.due import Job
from openpartner.subscriptions.service import begin_cycle, end_term, provision_subscription
from openpartner.subscriptions.service.clockwork import BEGIN_CYCLE, END_TERM, PROVISION

JOBS: dict[str, Job] = {
    BEGIN_CYCLE: begin_cycle,
    END_TERM: end_term,
    PROVISION: provision_subscription,
}
