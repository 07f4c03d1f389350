"""The routes of subscriptions and licences."""

from typing import Any

from openpartner.subscriptions.api import subscriptions

ROUTES: list[Any] = [*subscriptions.ROUTES]
