"""What changes something through the surface: bodies, preferences, ETags, ended sessions, batches."""

import base64
import json
from datetime import timedelta
from uuid import uuid4

from openpartner.identity.models import User
from openpartner.platform.graph.answers import weak_etag
from tests.platform.graph.conftest import JSON, Scene


def test_a_change_merges_and_null_clears(scene: Scene) -> None:
    answer = scene.patch_bo({"@odata.type": "#microsoft.graph.person", "id": "x", "mail@odata.x": 1, "mail": None})

    assert (answer.status_code, answer.content) == (204, b"")
    assert (scene.bo()["displayName"], scene.bo()["mail"]) == ("Bo", None)


def test_a_preference_decides_what_a_change_answers(scene: Scene) -> None:
    answer = scene.patch_bo({"displayName": "Bob"}, prefer="return=representation")

    assert (answer.status_code, answer.json()["displayName"]) == (200, "Bob")
    assert answer.headers["preference-applied"] == "return=representation"
    created = scene.client.post("/v1.0/echo", {"a": None})
    assert (created.status_code, created.json()["said"]) == (201, {"a": None})
    assert created.headers["location"] == "https://localhost/v1.0/echo/1"
    minimal = scene.client.post("/v1.0/echo", {}, headers={"prefer": "return=minimal"})
    assert (minimal.status_code, minimal.content, minimal.headers["odata-entityid"]) == (
        204,
        b"",
        "https://localhost/v1.0/echo/1",
    )


def test_an_etag_fits_as_it_was_read_and_as_clients_strip_it(scene: Scene) -> None:
    def sent(shape: str) -> int:
        with scene.lab.read() as uow:
            person = uow.db.get_one(User, scene.people["Bo"].principal_id)
            bare = weak_etag(person.id, person.version).removeprefix('W/"').removesuffix('"')
        return int(scene.patch_bo({"mail": str(uuid4())}, **{"if-match": shape.format(bare)}).status_code)

    for shape in ('W/"{}"', '"{}"', "{}", "W/{}", "*", '"other", W/"{}"'):
        assert sent(shape) == 204, shape
    for shape in ('W/"x{}"', "x"):
        assert sent(shape) == 412, shape


def test_ended_sessions_ask_for_a_newer_token(scene: Scene) -> None:
    with scene.lab.begin() as uow:
        person = uow.db.get_one(User, scene.people["Bo"].principal_id)
        person.sessions_valid_from = scene.lab.now + timedelta(hours=1)
    token = scene.lab.token_for(scene.people["Bo"])
    scene.lab.change_token(token, issued_at=scene.lab.now)

    answer = scene.client.with_headers(authorization=f"Bearer {token}").get("/v1.0/people")

    assert (answer.status_code, answer.json()["error"]["code"]) == (401, "InvalidAuthenticationToken")
    challenge = answer.headers["www-authenticate"]
    assert 'error="insufficient_claims"' in challenge
    claims = json.loads(base64.b64decode(challenge.partition('claims="')[2].rstrip('"')))
    since = int((scene.lab.now + timedelta(hours=1)).timestamp())
    assert claims == {"access_token": {"nbf": {"essential": True, "value": str(since)}}}


def test_a_batch_answers_each_item_as_if_it_had_come_alone(scene: Scene) -> None:
    bo = scene.id_of("Bo")
    answers = scene.batch(
        {
            "id": "1",
            "method": "GET",
            "url": "/people?$select=displayName&$filter=displayName eq 'ana'",
            "depends_on": [],
        },
        {"id": "2", "method": "patch", "url": f"people/{bo}", "headers": JSON, "body": {"displayName": "Bob"}},
        {"id": "3", "method": "GET", "url": f"https://graph.microsoft.com/v1.0/people/{bo}?$select=displayName"},
        {"id": "4", "method": "GET", "url": "/nothing", "unknown": True},
        {"id": "5", "method": "POST", "url": "/echo", "headers": JSON, "body": {"a": 1}},
        {"id": "6", "method": "GET", "url": "/people/$count", "headers": {"ConsistencyLevel": "eventual"}},
        {"id": "7", "method": "DELETE", "url": f"/people/{scene.id_of('dee')}"},
    )

    assert [each["displayName"] for each in answers["1"]["body"]["value"]] == ["Ana"]
    assert answers["2"] == {"id": "2", "status": 204, "headers": {"request-id": answers["2"]["headers"]["request-id"]}}
    assert answers["3"]["body"]["displayName"] == "Bob"
    assert answers["3"]["headers"]["Content-Type"] == "application/json"
    assert (answers["4"]["status"], answers["4"]["body"]["error"]["code"]) == (400, "BadRequest")
    assert (answers["5"]["status"], answers["5"]["headers"]["Location"]) == (201, "https://localhost/v1.0/echo/1")
    assert (answers["6"]["status"], answers["6"]["body"]) == (200, "5")
    assert answers["7"]["status"] == 204


def test_an_item_waits_for_what_it_depends_on(scene: Scene) -> None:
    bo = scene.id_of("Bo")
    answers = scene.batch(
        {"id": "read", "method": "GET", "url": f"/people/{bo}?$select=displayName", "dependsOn": ["Write"]},
        {"id": "Write", "method": "PATCH", "url": f"/people/{bo}", "headers": JSON, "body": {"displayName": "Bob"}},
        {"id": "bad", "method": "GET", "url": "/people?$select=x", "depends_on": ["write"]},
        {"id": "never", "method": "DELETE", "url": f"/people/{bo}", "dependsOn": ["bad"]},
        {"id": "nor", "method": "DELETE", "url": f"/people/{bo}", "dependsOn": ["never"]},
    )

    assert answers["read"]["body"]["displayName"] == "Bob"
    assert answers["bad"]["status"] == 400
    assert (answers["never"]["status"], answers["never"]["body"]["error"]["code"]) == (424, "FailedDependency")
    assert answers["nor"]["status"] == 424
    assert scene.bo()["displayName"] == "Bob"
