"""The use cases of subscriptions: open, change, and what the end of a cycle or a term does."""

from openpartner.subscriptions.service.azure import cancel_entitlement, reactivate_entitlement
from openpartner.subscriptions.service.changes import (
    change_auto_renew,
    change_mpn_id,
    change_subscription_quantity,
    change_subscription_status,
    change_subscription_term,
    rename_subscription,
    schedule_next_term,
)
from openpartner.subscriptions.service.extras import (
    activate_subscription,
    change_support_contact,
    register_subscription,
    support_contact,
)
from openpartner.subscriptions.service.licenses import LicenceRefused, change_licenses
from openpartner.subscriptions.service.opening import Purchase, open_subscription, provision_subscription
from openpartner.subscriptions.service.passing import begin_cycle, end_term
from openpartner.subscriptions.service.patching import SubscriptionChange, update_subscription
from openpartner.subscriptions.service.previewing import Preview, preview_change
from openpartner.subscriptions.service.transitions import (
    TransitionWanted,
    transition_candidates,
    transition_refusal,
    transition_subscription,
)

__all__ = [
    "LicenceRefused",
    "Preview",
    "Purchase",
    "SubscriptionChange",
    "TransitionWanted",
    "activate_subscription",
    "begin_cycle",
    "cancel_entitlement",
    "change_auto_renew",
    "change_licenses",
    "change_mpn_id",
    "change_subscription_quantity",
    "change_subscription_status",
    "change_subscription_term",
    "change_support_contact",
    "end_term",
    "open_subscription",
    "preview_change",
    "provision_subscription",
    "reactivate_entitlement",
    "register_subscription",
    "rename_subscription",
    "schedule_next_term",
    "support_contact",
    "transition_candidates",
    "transition_refusal",
    "transition_subscription",
    "update_subscription",
]
