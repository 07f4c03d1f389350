"""The routes of customers on the Partner Center surface."""

from typing import Any

from openpartner.customers.api import accounts, customers, users, utilities

ROUTES: list[Any] = [*customers.ROUTES, *accounts.ROUTES, *users.ROUTES, *utilities.ROUTES]
