"""What happens to bulk plans; what each row does is announced as any relationship is."""

from typing import ClassVar
from uuid import UUID

from openpartner.platform.events import Event


class _OfPlan(Event, frozen=True, kw_only=True):
    """A fact about one plan."""

    resource_type: ClassVar[str] = "bulk_plan"
    operation_type: ClassVar[str] = "bulk_plan_updated"

    plan_id: UUID

    @property
    def resource_id(self) -> str:
        return str(self.plan_id)


class BulkPlanCreated(_OfPlan, frozen=True, kw_only=True):
    """A partner has drawn up a plan. customers: how many it asks; unknown: entries that name no customer."""

    operation_type: ClassVar[str] = "bulk_plan_created"
    customers: int
    unknown: int


class BulkPlanMoved(_OfPlan, frozen=True, kw_only=True):
    """It was applied, paused, rehearsed or finished: ``before`` and ``after`` hold the state."""


class BulkPlanDeleted(_OfPlan, frozen=True, kw_only=True):
    """A draft of a plan is gone."""

    operation_type: ClassVar[str] = "bulk_plan_deleted"
