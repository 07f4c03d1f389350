"""What falls due for orders as time passes."""

from openpartner.orders.service import approve_purchase_order
from openpartner.orders.service.documents import APPROVE
from openpartner.platform.due import Job

JOBS: dict[str, Job] = {APPROVE: approve_purchase_order}
