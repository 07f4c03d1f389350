"""Facts about the consent simulator itself; the decisions are told by the slices that they are about."""

from typing import ClassVar

from openpartner.platform.events import Event


class ConsentPoliciesChanged(Event, frozen=True, kw_only=True):
    """The standing policies, or their order, are others now."""

    resource_type: ClassVar[str] = "sandbox_consent_policy"
    operation_type: ClassVar[str] = "update_sandbox_consent_policies"
