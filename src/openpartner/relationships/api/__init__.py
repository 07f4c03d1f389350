"""The routes of relationships."""

from typing import Any

from openpartner.relationships.api import partnerships, reselling

ROUTES: list[Any] = [*partnerships.ROUTES, *reselling.ROUTES]
