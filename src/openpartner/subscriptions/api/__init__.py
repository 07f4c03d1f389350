"""The routes of subscriptions and licences."""

from typing import Any

from openpartner.subscriptions.api import extras, licenses, subscriptions, transitions

ROUTES: list[Any] = [*subscriptions.ROUTES, *extras.ROUTES, *licenses.ROUTES, *transitions.ROUTES]
