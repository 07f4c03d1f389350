"""Use cases of webhooks."""

from openpartner.webhooks.service.keeping import keep_tidy
from openpartner.webhooks.service.keys import (
    certificate_of,
    check_settings,
    rotate_webhook_key,
)
from openpartner.webhooks.service.registrations import (
    Registered,
    Wanted,
    change_webhook_registration,
    check_webhook_address,
    register_webhook,
    rotate_webhook_secret,
)
from openpartner.webhooks.service.sending import (
    Fired,
    create_webhook_test,
    fire_webhook_event,
    repeat_webhook_delivery,
)
from openpartner.webhooks.service.verifying import Verdict, Verified, verify_webhook_message

__all__ = [
    "Fired",
    "Registered",
    "Verdict",
    "Verified",
    "Wanted",
    "certificate_of",
    "change_webhook_registration",
    "check_settings",
    "check_webhook_address",
    "create_webhook_test",
    "fire_webhook_event",
    "keep_tidy",
    "register_webhook",
    "repeat_webhook_delivery",
    "rotate_webhook_key",
    "rotate_webhook_secret",
    "verify_webhook_message",
]
