"""A partner's directory with an administrator and a member, and their clients."""

from collections.abc import Iterator
from typing import Any
from uuid import UUID

import pytest

from openpartner.identity import service
from openpartner.identity.models import User
from openpartner.platform.actor import Actor
from openpartner.platform.permissions import Role
from tests.support.client import AppClient, EventLoop
from tests.support.graph import graph_client
from tests.support.lab import Lab
from tests.support.still import still_labs

BASE = "https://localhost/v1.0"
PASSWORD = "Correct-Horse-7"


class Directory:
    """What a test holds: the tenant, an administrator's client, and shorthands."""

    def __init__(self, lab: Lab) -> None:
        self.lab = lab
        self.tenant = lab.partner("Contoso")
        self.domain = self.tenant.default_domain
        self.admin = lab.user(self.tenant, Role.GLOBAL_ADMIN, name="ana")
        self.member = lab.user(self.tenant, name="bo")
        self.client = graph_client(lab, self.admin)

    def client_of(self, actor: Actor, *scopes: str) -> AppClient:
        return graph_client(self.lab, actor, *scopes)

    def get(self, path: str, **options: Any) -> Any:
        answer = self.client.get(f"/v1.0/{path}", **options)
        assert answer.status_code == 200, answer.text
        return answer.json()

    def new_user(self, name: str, **more: Any) -> str:
        body = {
            "accountEnabled": True,
            "displayName": name.title(),
            "mailNickname": name,
            "userPrincipalName": f"{name}@{self.domain}",
            "passwordProfile": {"password": PASSWORD, "forceChangePasswordNextSignIn": False},
            **more,
        }
        answer = self.client.post("/v1.0/users", body)
        assert answer.status_code == 201, answer.text
        return str(answer.json()["id"])

    def new_group(self, name: str, *members: str, **more: Any) -> str:
        body = {
            "displayName": name,
            "mailEnabled": False,
            "mailNickname": name.replace(" ", ""),
            "securityEnabled": True,
            **({"members@odata.bind": [f"{BASE}/directoryObjects/{each}" for each in members]} if members else {}),
            **more,
        }
        answer = self.client.post("/v1.0/groups", body)
        assert answer.status_code == 201, answer.text
        return str(answer.json()["id"])

    def give(self, user_id: str, template_id: UUID) -> None:
        with self.lab.begin() as uow:
            service.assign_directory_role(uow, self.tenant.id, template_id, UUID(user_id))

    def user_row(self, user_id: str) -> User:
        with self.lab.read() as uow:
            return uow.db.get_one(User, UUID(user_id))


@pytest.fixture
def directory(lab: Lab) -> Directory:
    return Directory(lab)


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def still(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory, event_loop_thread: EventLoop
) -> Iterator[Directory]:
    """The same for tests in which nothing changes."""
    for lab in still_labs(request, tmp_path_factory.mktemp("still"), event_loop_thread):
        yield Directory(lab)


def refused(answer: Any) -> tuple[int, str, str]:
    """Status, code and message of a refusal."""
    error = answer.json()["error"]
    return answer.status_code, error["code"], error["message"]
