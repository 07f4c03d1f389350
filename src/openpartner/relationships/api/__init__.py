"""The routes of relationships."""

from typing import Any

from openpartner.relationships.api import partnerships

ROUTES: list[Any] = [*partnerships.ROUTES]
