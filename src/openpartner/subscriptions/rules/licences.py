"""The service plans inside a licence: how they are called and told apart."""

from typing import Final
from uuid import UUID, uuid5

_PLANS: Final = UUID("0d7b1a52-0b1c-5c43-9c1e-6a5f6f9d2c11")


def plan_id(name: str) -> str:
    """The id of a service plan: made of its name, so the same everywhere."""
    return str(uuid5(_PLANS, name))


def plan_name(name: str) -> str:
    """The name by which programs know it."""
    return name.upper().replace(" ", "_")
