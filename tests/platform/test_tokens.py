"""What a bearer token must prove before a unit of work begins."""

from datetime import UTC, datetime, timedelta

import msgspec

from openpartner.identity import service as identity
from openpartner.platform.permissions import Role
from tests.support.client import AppClient
from tests.support.lab import START, Lab

PATH = "/v1/profiles/organization"


def _client(lab: Lab, token: str) -> AppClient:
    return lab.client(authorization=f"Bearer {token}")


def test_a_user_without_a_second_factor_is_refused_with_an_empty_body(lab: Lab) -> None:
    admin = lab.user(lab.partner(), Role.GLOBAL_ADMIN)
    refused = _client(lab, lab.token_for(admin, mfa=False)).get(PATH)
    assert (refused.status_code, refused.content) == (401, b"")
    assert refused.headers["www-authenticate"] == 'Bearer error="invalid_token"'
    assert _client(lab, lab.token_for(admin)).get(PATH).status_code == 200


def test_without_a_token_nothing_is_told(lab: Lab) -> None:
    refused = lab.client().get(PATH)
    assert (refused.status_code, refused.json()["code"]) == (401, 800001)


def test_an_expired_token_is_refused_by_the_worlds_clock(lab: Lab) -> None:
    admin = lab.user(lab.partner(), Role.GLOBAL_ADMIN)
    token = lab.token_for(admin)
    lab.change_token(token, expires_at=START + timedelta(hours=1))
    client = _client(lab, token)
    assert client.get(PATH).status_code == 200
    lab.advance(timedelta(hours=1))
    assert client.get(PATH).status_code == 401


def test_ending_all_sessions_ends_the_tokens_given_out_before(lab: Lab) -> None:
    admin = lab.user(lab.partner(), Role.GLOBAL_ADMIN)
    assert admin.principal_id is not None
    token = lab.token_for(admin)
    lab.change_token(token, issued_at=START)
    client = _client(lab, token)
    assert client.get(PATH).status_code == 200
    lab.advance(timedelta(minutes=5))
    with lab.begin() as uow:
        identity.revoke_sessions(uow, admin.principal_id)
    assert client.get(PATH).status_code == 401
    later = lab.token_for(admin)
    lab.change_token(later, issued_at=datetime(2026, 1, 15, 9, 5, tzinfo=UTC))
    assert _client(lab, later).get(PATH).status_code == 200
    assert msgspec.structs.asdict(lab.principal_of(later))["mfa"] is True
