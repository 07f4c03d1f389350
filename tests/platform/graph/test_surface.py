"""Envelopes, bodies, refusals, ETags, batches and the metadata document, through the wire."""

from typing import Any
from uuid import uuid4
from xml.etree import ElementTree as ET

import pytest

from openpartner.platform.graph.bodies import reference_id
from openpartner.platform.graph.errors import GraphInvalid
from tests.platform.graph.conftest import JSON, Scene

NOBODY = "00000000-0000-0000-0000-000000000009"
CLIENT_ID = "00000003-0000-0000-c000-000000000000"


def test_answers_say_what_they_are(still: Scene) -> None:
    asked = str(uuid4())
    answer = still.client.get("/v1.0/people", headers={"client-request-id": asked})

    assert answer.headers["odata-version"] == "4.0"
    assert answer.headers["content-type"] == (
        "application/json;odata.metadata=minimal;odata.streaming=true;IEEE754Compatible=false;charset=utf-8"
    )
    assert answer.headers["client-request-id"] == asked
    assert answer.json()["@odata.context"] == "https://localhost/v1.0/$metadata#people"
    assert still.client.get("/beta/people").json()["@odata.context"] == "https://localhost/beta/$metadata#people"


def test_links_go_where_the_client_asked_and_never_to_an_invented_host(still: Scene) -> None:
    def base(host: str) -> str:
        body = still.client.get("/v1.0/people?$top=1", headers={"host": host}).json()
        return str(body["@odata.nextLink"]).partition("/v1.0/")[0]

    assert base("graph.microsoft.com") == "https://graph.microsoft.com"
    assert base("localhost:8443") == "https://localhost:8443"
    assert base("evil.example") == "https://localhost"


def test_a_refusal_in_the_envelope(still: Scene) -> None:
    asked = str(uuid4())
    answer = still.client.get("/v1.0/people?$select=x", headers={"client-request-id": asked})

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
def test_paths_that_lead_nowhere(still: Scene, method: str, path: str, status: int, code: str, message: str) -> None:
    answer = still.client.request(method, path)

    assert (answer.status_code, answer.json()["error"]["code"]) == (status, code)
    assert answer.json()["error"]["message"] == message


def test_what_is_only_in_beta(still: Scene) -> None:
    assert still.client.get("/beta/secret").json() == {
        "@odata.context": "https://localhost/beta/$metadata#Edm.String",
        "value": "found",
    }
    assert still.client.get("/v1.0/secret").status_code == 400


def test_a_request_without_a_token_is_told_where_to_sign_in(still: Scene) -> None:
    answer = still.client.with_headers(authorization="").get("/v1.0/people")

    assert (answer.status_code, answer.json()["error"]["code"]) == (401, "InvalidAuthenticationToken")
    assert answer.headers["www-authenticate"] == (
        f'Bearer realm="", authorization_uri="https://localhost/common/oauth2/authorize", client_id="{CLIENT_ID}"'
    )


# Bodies


@pytest.mark.parametrize(
    ("body", "code", "message"),
    [
        ({"DisplayName": "x"}, "Request_BadRequest", "Invalid property 'DisplayName'."),
        ({"displayName": "x", "colour": 1}, "Request_BadRequest", "Invalid property 'colour'."),
    ],
)
def test_a_body_that_does_not_fit_changes_nothing(still: Scene, body: Any, code: str, message: str) -> None:
    answer = still.patch_bo(body)

    assert (answer.status_code, answer.json()["error"]["code"], answer.json()["error"]["message"]) == (
        400,
        code,
        message,
    )
    assert still.bo()["displayName"] == "Bo"


@pytest.mark.parametrize("body", [b"", b"{", b"\xff", b'{"displayName": 1}', b"[1]", b"[" * 100_000])
def test_a_body_that_is_no_json_object_is_refused(still: Scene, body: bytes) -> None:
    assert still.patch_bo(body).status_code == 400
    assert still.bo()["displayName"] == "Bo"


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


# Batches


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
def test_an_item_that_cannot_be_sent(still: Scene, item: dict[str, Any], message: str) -> None:
    answered = still.batch({"id": "1", **item})["1"]

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
def test_a_batch_that_is_refused_as_a_whole(still: Scene, items: list[str], message: str) -> None:
    requests = [{"id": key, "method": "DELETE", "url": f"/people/{still.id_of('Bo')}"} for key in items]
    answer = still.client.post("/v1.0/$batch", {"requests": requests})

    assert (answer.status_code, answer.json()["error"]["message"]) == (400, message)
    assert still.bo()["displayName"] == "Bo"


def test_a_batch_in_a_circle_or_upon_nothing_is_refused(still: Scene) -> None:
    circle = [{"id": key, "method": "GET", "url": "/people", "dependsOn": [other]} for key, other in ("ab", "ba")]
    answer = still.client.post("/v1.0/$batch", {"requests": circle})
    assert answer.json()["error"]["message"] == "The requests of the batch depend on each other in a circle."

    lost = [{"id": "1", "method": "GET", "url": "/people", "dependsOn": ["2"]}]
    answer = still.client.post("/v1.0/$batch", {"requests": lost})
    assert answer.json()["error"]["message"] == "The request '1' depends on '2', which is not in the batch."


def test_a_batch_needs_a_token_and_an_item_cannot_bring_another(still: Scene) -> None:
    assert still.client.with_headers(authorization="").post("/v1.0/$batch", {"requests": []}).status_code == 401

    item = {"id": "1", "method": "GET", "url": "/people", "headers": {"Authorization": "Bearer x"}}
    assert still.batch(item)["1"]["status"] == 200


# Metadata


def test_the_metadata_describe_what_is_declared(still: Scene) -> None:
    answer = still.client.with_headers(authorization="").get("/v1.0/$metadata")

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
