"""People of a customer's own directory, and their browsers."""

import re
from html import unescape
from uuid import UUID

import httpx

from openpartner.identity.models import Tenant
from openpartner.platform.actor import Actor
from openpartner.platform.permissions import Role
from tests.support.browser import browser
from tests.support.client import AppClient
from tests.support.lab import Lab


def person_of(lab: Lab, customer_id: UUID | str, *roles: Role, name: str | None = None) -> Actor:
    """A user of the customer's directory with these roles."""
    with lab.read() as uow:
        tenant = uow.db.get_one(Tenant, UUID(str(customer_id)))
    return lab.user(tenant, *roles, name=name)


def own_browser(lab: Lab, customer_id: UUID | str, *roles: Role) -> AppClient:
    """The browser of such a user."""
    return browser(lab, person_of(lab, customer_id, *roles))


def text_of(page: httpx.Response) -> str:
    """What a page says, without its markup."""
    body = re.sub(r"<(script|style|template)\b.*?</\1>", " ", page.text, flags=re.DOTALL)
    return re.sub(r"\s+", " ", unescape(re.sub(r"<[^>]+>", " ", body)))


def opened(client: AppClient, path: str) -> str:
    """What a page that opens says."""
    page = client.get(path)
    assert page.status_code == 200, page.text[:2000]
    return text_of(page)
