"""The routes of relationships."""

from typing import Any

ROUTES: list[Any] = []
