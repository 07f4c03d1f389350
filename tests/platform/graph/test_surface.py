"""Envelopes, bodies, refusals, ETags, batches and the metadata document, through the wire."""

import base64
import json
from datetime import timedelta
from typing import Any
from uuid import uuid4
from xml.etree import ElementTree as ET

import pytest

from openpartner.identity.models import User
from openpartner.platform.graph.answers import weak_etag
from openpartner.platform.graph.bodies import reference_id
from openpartner.platform.graph.errors import GraphInvalid
from tests.platform.graph.conftest import Scene

NOBODY = "00000000-0000-0000-0000-000000000009"
CLIENT_ID = "00000003-0000-0000-c000-000000000000"


def test_answers_say_what_they_are(scene: Scene) -> None:
    asked = str(uuid4())
    answer = scene.client.get("/v1.0/people", headers={"client-request-id": asked})

    assert answer.headers["odata-version"] == "4.0"
    assert answer.headers["content-type"] == (
        "application/json;odata.metadata=minimal;odata.streaming=true;IEEE754Compatible=false;charset=utf-8"
    )
    assert answer.headers["client-request-id"] == asked
    assert answer.json()["@odata.context"] == "https://localhost/v1.0/$metadata#people"
    assert scene.client.get("/beta/people").json()["@odata.context"] == "https://localhost/beta/$metadata#people"


def test_links_go_where_the_client_asked_and_never_to_an_invented_host(scene: Scene) -> None:
    def base(host: str) -> str:
        body = scene.client.get("/v1.0/people?$top=1", headers={"host": host}).json()
        return str(body["@odata.nextLink"]).partition("/v1.0/")[0]

    assert base("graph.microsoft.com") == "https://graph.microsoft.com"
    assert base("localhost:8443") == "https://localhost:8443"
    assert base("evil.example") == "https://localhost"


def test_a_refusal_in_the_envelope(scene: Scene) -> None:
    asked = str(uuid4())
    answer = scene.client.get("/v1.0/people?$select=x", headers={"client-request-id": asked})

    assert answer.status_code == 400
    assert answer.json() == {
        "error": {
            "code": "Request_BadRequest",
            "message": "Could not find a property named 'x' on type 'microsoft.graph.person'.",
            "innerError": {"date": "2026-01-15T09:00:00", "request-id": asked, "client-request-id": asked},
        }
    }


@pytest.mark.parametrize(
    ("method", "path", "status", "code", "message"),
    [
        ("GET", "/v1.0/Nowhere", 400, "BadRequest", "Resource not found for the segment 'Nowhere'."),
        ("GET", "/v1.0/people/1/children", 400, "BadRequest", "Resource not found for the segment 'children'."),
        ("GET", "/v1.0/secret", 400, "BadRequest", "Resource not found for the segment 'secret'."),
        ("PUT", "/v1.0/people", 405, "Request_BadRequest", "PUT is not an operation of /v1.0/people."),
        (
            "GET",
            f"/v1.0/people/{NOBODY}",
            404,
            "Request_ResourceNotFound",
            f"Resource '{NOBODY}' does not exist or one of its queried reference-property objects are not present.",
        ),
    ],
)
def test_paths_that_lead_nowhere(scene: Scene, method: str, path: str, status: int, code: str, message: str) -> None:
    answer = scene.client.request(method, path)

    assert (answer.status_code, answer.json()["error"]["code"]) == (status, code)
    assert answer.json()["error"]["message"] == message


def test_what_is_only_in_beta(scene: Scene) -> None:
    assert scene.client.get("/beta/secret").json() == {
        "@odata.context": "https://localhost/beta/$metadata#Edm.String",
        "value": "found",
    }


def test_a_request_without_a_token_is_told_where_to_sign_in(scene: Scene) -> None:
    answer = scene.client.with_headers(authorization="").get("/v1.0/people")

    assert (answer.status_code, answer.json()["error"]["code"]) == (401, "InvalidAuthenticationToken")
    assert answer.headers["www-authenticate"] == (
        f'Bearer realm="", authorization_uri="https://localhost/common/oauth2/authorize", client_id="{CLIENT_ID}"'
    )


# Bodies


def _patch(scene: Scene, body: Any, **headers: str) -> Any:
    return scene.client.patch(f"/v1.0/people/{scene.id_of('Bo')}", body, headers=headers)


def _bo(scene: Scene) -> dict[str, Any]:
    selected = "?$select=displayName,mail"
    return dict(scene.client.get(f"/v1.0/people/{scene.id_of('Bo')}{selected}").json())


def test_a_change_merges_and_null_clears(scene: Scene) -> None:
    answer = _patch(scene, {"@odata.type": "#microsoft.graph.person", "id": "x", "mail@odata.x": 1, "mail": None})

    assert (answer.status_code, answer.content) == (204, b"")
    assert (_bo(scene)["displayName"], _bo(scene)["mail"]) == ("Bo", None)


@pytest.mark.parametrize(
    ("body", "code", "message"),
    [
        ({"DisplayName": "x"}, "Request_BadRequest", "Invalid property 'DisplayName'."),
        ({"displayName": "x", "colour": 1}, "Request_BadRequest", "Invalid property 'colour'."),
    ],
)
def test_a_body_that_does_not_fit_changes_nothing(scene: Scene, body: Any, code: str, message: str) -> None:
    answer = _patch(scene, body)

    assert (answer.status_code, answer.json()["error"]["code"], answer.json()["error"]["message"]) == (
        400,
        code,
        message,
    )
    assert _bo(scene)["displayName"] == "Bo"


@pytest.mark.parametrize("body", [b"", b"{", b"\xff", b'{"displayName": 1}', b"[1]", b"[" * 100_000])
def test_a_body_that_is_no_json_object_is_refused(scene: Scene, body: bytes) -> None:
    assert _patch(scene, body).status_code == 400
    assert _bo(scene)["displayName"] == "Bo"


def test_a_preference_decides_what_a_change_answers(scene: Scene) -> None:
    answer = _patch(scene, {"displayName": "Bob"}, prefer="return=representation")

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
        return int(_patch(scene, {"mail": str(uuid4())}, **{"if-match": shape.format(bare)}).status_code)

    for shape in ('W/"{}"', '"{}"', "{}", "W/{}", "*", '"other", W/"{}"'):
        assert sent(shape) == 204, shape
    for shape in ('W/"x{}"', "x"):
        assert sent(shape) == 412, shape


@pytest.mark.parametrize(
    ("address", "key"),
    [
        ("https://graph.microsoft.com/v1.0/directoryObjects/1-2", "1-2"),
        ("https://localhost:1/beta/users/1-2/", "1-2"),
        ("https://graph.microsoft.com/v1.0/directoryObjects('1-2')", "1-2"),
        ("users/1-2", "1-2"),
    ],
)
def test_a_reference_names_its_last_segment(address: str, key: str) -> None:
    assert reference_id(address) == key


def test_a_reference_to_nothing_is_refused() -> None:
    with pytest.raises(GraphInvalid):
        reference_id(" / ")


# Continuous access evaluation


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


# Batches


def _batch(scene: Scene, *items: dict[str, Any]) -> dict[str, Any]:
    answer = scene.client.post("/v1.0/$batch", {"requests": list(items)})
    assert answer.status_code == 200, answer.text
    return {each["id"]: each for each in answer.json()["responses"]}


JSON = {"Content-Type": "application/json"}


def test_a_batch_answers_each_item_as_if_it_had_come_alone(scene: Scene) -> None:
    bo = scene.id_of("Bo")
    answers = _batch(
        scene,
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
    answers = _batch(
        scene,
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
    assert _bo(scene)["displayName"] == "Bob"


@pytest.mark.parametrize(
    ("item", "message"),
    [
        (
            {"method": "PATCH", "url": "/people/1", "body": {}},
            "A body needs its media type: send the header 'Content-Type: application/json' inside the item.",
        ),
        ({"method": "POST", "url": "/$batch", "headers": JSON, "body": {}}, "A batch cannot be sent inside a batch."),
        ({"method": "TRACE", "url": "/people"}, "'TRACE' is no method of this surface."),
        (
            {"method": "POST", "url": "/echo", "headers": {"content-type": "a/b"}, "body": "?"},
            "The body is not base64 text.",
        ),
    ],
)
def test_an_item_that_cannot_be_sent(scene: Scene, item: dict[str, Any], message: str) -> None:
    answered = _batch(scene, {"id": "1", **item})["1"]

    assert (answered["status"], answered["body"]["error"]) == (400, {"code": "BadRequest", "message": message})


@pytest.mark.parametrize(
    ("items", "message"),
    [
        ([], "A batch has at least one request."),
        (["1"] * 2, "Each request of a batch needs an id of its own; '1' is missing or repeated."),
        (
            [str(at) for at in range(21)],
            "A batch has at most 20 requests, not 21. Send the rest in another one.",
        ),
    ],
)
def test_a_batch_that_is_refused_as_a_whole(scene: Scene, items: list[str], message: str) -> None:
    requests = [{"id": key, "method": "DELETE", "url": f"/people/{scene.id_of('Bo')}"} for key in items]
    answer = scene.client.post("/v1.0/$batch", {"requests": requests})

    assert (answer.status_code, answer.json()["error"]["message"]) == (400, message)
    assert _bo(scene)["displayName"] == "Bo"


def test_a_batch_in_a_circle_or_upon_nothing_is_refused(scene: Scene) -> None:
    circle = [{"id": key, "method": "GET", "url": "/people", "dependsOn": [other]} for key, other in ("ab", "ba")]
    answer = scene.client.post("/v1.0/$batch", {"requests": circle})
    assert answer.json()["error"]["message"] == "The requests of the batch depend on each other in a circle."

    lost = [{"id": "1", "method": "GET", "url": "/people", "dependsOn": ["2"]}]
    answer = scene.client.post("/v1.0/$batch", {"requests": lost})
    assert answer.json()["error"]["message"] == "The request '1' depends on '2', which is not in the batch."


def test_a_batch_needs_a_token_and_an_item_cannot_bring_another(scene: Scene) -> None:
    assert scene.client.with_headers(authorization="").post("/v1.0/$batch", {"requests": []}).status_code == 401

    item = {"id": "1", "method": "GET", "url": "/people", "headers": {"Authorization": "Bearer x"}}
    assert _batch(scene, item)["1"]["status"] == 200


# Metadata


def test_the_metadata_describe_what_is_declared(scene: Scene) -> None:
    answer = scene.client.with_headers(authorization="").get("/v1.0/$metadata")

    assert (answer.status_code, answer.headers["content-type"]) == (200, "application/xml")
    ns = {"e": "http://docs.oasis-open.org/odata/ns/edm"}
    document = ET.fromstring(answer.content)
    person = document.find(".//e:EntityType[@Name='person']", ns)
    assert person is not None
    properties = {each.attrib["Name"]: each.attrib["Type"] for each in person.findall("e:Property", ns)}
    assert properties["id"] == "Edm.String"
    assert properties["createdDateTime"] == "Edm.DateTimeOffset"
    assert properties["place"] == "microsoft.graph.place"
    navigation = person.find("e:NavigationProperty", ns)
    assert navigation is not None
    assert navigation.attrib == {"Name": "memberOf", "Type": "Collection(microsoft.graph.directoryObject)"}
    kinds = document.findall(".//e:EnumType[@Name='thingKind']/e:Member", ns)
    assert [each.attrib["Name"] for each in kinds] == ["plain", "odd", "unknownFutureValue", "newer"]
    sets = document.findall(".//e:EntityContainer/e:EntitySet", ns)
    assert [each.attrib["Name"] for each in sets] == ["people", "teams", "things"]
