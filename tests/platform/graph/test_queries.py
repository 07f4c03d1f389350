"""Query options over rows and over plain values, on both databases, through the wire."""

from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

from tests.platform.graph.conftest import Scene

EVENTUAL = {"headers": {"ConsistencyLevel": "eventual"}}


def names(body: dict[str, Any]) -> list[str]:
    return [each["displayName"] for each in body["value"]]


def found(still: Scene, query: str, **options: Any) -> list[str]:
    answer = still.client.get(f"/v1.0/people?$top=5&$select=displayName&{query}", **options)
    assert answer.status_code == 200, answer.text
    return sorted(names(answer.json()))


@pytest.mark.parametrize(
    ("condition", "expected"),
    [
        ("displayName eq 'ANA'", ["Ana"]),
        ("'Ana' eq displayName", ["Ana"]),
        ("startswith(displayName,'b')", ["Bo"]),
        ("startsWith(displayName,'eve_')", ["Eve_1"]),
        ("startswith(displayName,'%25')", []),
        ("displayName eq 'Ana' or displayName eq 'Cy' AND accountEnabled eq true", ["Ana", "Cy"]),
        ("(displayName eq 'Ana' or displayName eq 'Cy') and accountEnabled eq false", []),
        ("accountEnabled", ["Ana", "Bo", "Cy", "Dee", "Eve_1"]),
        ("displayName in ('ana')", ["Ana"]),
        ("displayName in ('ana', 'dee')", ["Ana", "Dee"]),
        ("mail eq null", ["Ana"]),
        ("place/code eq 'us'", ["Ana", "Bo"]),
        ("userPrincipalName eq 'CY@CONTOSO.onmicrosoft.com'", ["Cy"]),
        ("createdDateTime ge 2026-01-15", ["Ana", "Bo", "Cy", "Dee", "Eve_1"]),
        ("createdDateTime lt 2026-01-15T09:00:00.0000000Z", []),
        ("createdDateTime le 2026-01-15T09:00:00Z", ["Ana", "Bo", "Cy", "Dee", "Eve_1"]),
        ("deletedDateTime eq null", ["Ana", "Bo", "Cy", "Dee", "Eve_1"]),
        ("displayName gt 'cy'", ["Dee", "Eve_1"]),
        ("tolower(displayName) eq 'bo'", ["Bo"]),
        ("startswith(displayName,'a') eq true", ["Ana"]),
        ("groups/any()", ["Ana", "Cy"]),
        ("displayName eq 'O''Hara'", []),
        ("true", ["Ana", "Bo", "Cy", "Dee", "Eve_1"]),
    ],
)
def test_filters(still: Scene, condition: str, expected: list[str]) -> None:
    assert found(still, f"$filter={condition.replace(' ', '+')}") == expected


@pytest.mark.parametrize(
    ("condition", "expected"),
    [
        ("displayName ne 'Ana'", ["Bo", "Cy", "Dee", "Eve_1"]),
        ("mail ne null", ["Bo", "Cy", "Dee", "Eve_1"]),
        ("not(startswith(displayName,'a'))", ["Bo", "Cy", "Dee", "Eve_1"]),
        ("NOT startsWith(mail,'bo')", ["Ana", "Cy", "Dee", "Eve_1"]),
        ("not (deletedDateTime ge 2020-01-01)", ["Ana", "Bo", "Cy", "Dee", "Eve_1"]),
        ("endswith(displayName,'E')", ["Dee"]),
        ("contains(displayName,'e')", ["Dee", "Eve_1"]),
        ("groups/all(g:g/groupId ne 8424c6f0-a189-499e-bbd0-26c1753c96d4)", ["Ana", "Bo", "Cy", "Dee", "Eve_1"]),
    ],
)
def test_advanced_filters_need_their_two_marks(still: Scene, condition: str, expected: list[str]) -> None:
    assert found(still, f"$filter={condition}&$count=true", **EVENTUAL) == expected

    for query, options in (("", EVENTUAL), ("&$count=true", {})):
        refused = still.client.get(f"/v1.0/people?$filter={condition}{query}", **options)
        assert (refused.status_code, refused.json()["error"]["code"]) == (400, "Request_UnsupportedQuery")


def test_a_lambda_asks_about_the_elements(still: Scene) -> None:
    assert found(still, f"$filter=groups/any(g:g/groupId eq {still.team})") == ["Ana", "Cy"]
    assert found(still, f"$filter=groups/any(g:g/groupId eq '{still.team}')") == ["Ana", "Cy"]
    assert found(still, "$filter=groups/any(g:g/groupId eq 8424c6f0-a189-499e-bbd0-26c1753c96d4)") == []


@pytest.mark.parametrize(
    ("query", "code", "message"),
    [
        (
            "$filter=nothing eq 1",
            "Request_BadRequest",
            "Could not find a property named 'nothing' on type 'microsoft.graph.person'.",
        ),
        (
            "$filter=DisplayName eq 'x'",
            "Request_BadRequest",
            "Could not find a property named 'DisplayName' on type 'microsoft.graph.person'.",
        ),
        (
            "$select=id,wrong",
            "Request_BadRequest",
            "Could not find a property named 'wrong' on type 'microsoft.graph.person'.",
        ),
        (
            "$orderby=wrong",
            "Request_BadRequest",
            "Could not find a property named 'wrong' on type 'microsoft.graph.person'.",
        ),
        (
            "$expand=wrong",
            "Request_BadRequest",
            "Could not find a property named 'wrong' on type 'microsoft.graph.person'.",
        ),
        (
            "$filter=employeeId eq '1'",
            "Request_UnsupportedQuery",
            "Unsupported or invalid query filter clause specified for property 'employeeId' of resource 'person'.",
        ),
        (
            "$filter=accountEnabled gt true",
            "Request_UnsupportedQuery",
            "Unsupported or invalid query filter clause specified for property 'accountEnabled' of resource 'person'.",
        ),
        (
            "$filter=id eq 'x'",
            "BadRequest",
            "Invalid filter clause: 'x' is not a value of 'id' (Edm.Guid).",
        ),
        (
            "$filter=displayName eq",
            "BadRequest",
            "Invalid filter clause: the expression cannot be read at position 11.",
        ),
        (
            "$filter=displayName",
            "BadRequest",
            "Invalid filter clause: it is not a condition; compare the property with a value.",
        ),
        (
            "$filter=length(displayName) eq 1",
            "Request_UnsupportedQuery",
            "Only properties can be compared, and only with values.",
        ),
        ("$filter=nonsense(displayName)", "BadRequest", "Invalid filter clause: Unknown function: 'nonsense'."),
        (
            "$orderby=displayName up",
            "BadRequest",
            "Syntax error in $orderby at 'displayName up'. Write asc or desc.",
        ),
        ("$top=6", "Request_BadRequest", "Invalid page size specified: '6'. Must be between 1 and 5 inclusive."),
        ("$top=0", "Request_BadRequest", "Invalid page size specified: '0'. Must be between 1 and 5 inclusive."),
        (
            "$top=x",
            "BadRequest",
            "Invalid value 'x' for $top query option found. It must be a whole number from 0.",
        ),
        (
            "$skip=1",
            "Request_UnsupportedQuery",
            "'$skip' is not supported here. Follow '@odata.nextLink' instead.",
        ),
        ("$apply=x", "BadRequest", "The query parameter '$apply' is not supported. Leave it out."),
        ("$top=1&top=2", "BadRequest", "Query option '$top' was specified more than once. Give it once."),
        (
            "$skiptoken=x",
            "Directory_ExpiredPageToken",
            "The specified page token value has expired and can no longer be included in your request.",
        ),
        (
            "$expand=memberOf($filter=x)",
            "Request_UnsupportedQuery",
            "Inside $expand only $select is supported, not $filter.",
        ),
    ],
)
def test_what_a_list_refuses(still: Scene, query: str, code: str, message: str) -> None:
    answer = still.client.get(f"/v1.0/people?{query}")

    assert (answer.status_code, answer.json()["error"]["code"], answer.json()["error"]["message"]) == (
        400,
        code,
        message,
    )


def test_an_order_with_a_filter_is_an_advanced_query(still: Scene) -> None:
    query = "/v1.0/people?$filter=startswith(displayName,'a')&$orderby=displayName"

    assert still.client.get(query).json()["error"]["message"] == (
        "$filter together with $orderby needs the header 'ConsistencyLevel: eventual' and the query option "
        "$count=true. Send both."
    )
    assert names(still.client.get(f"{query}&$count=true", **EVENTUAL).json()) == ["Ana"]


def _walk(still: Scene, url: str, **options: Any) -> list[list[str]]:
    pages = []
    while url:
        body = still.client.get(url, **options).json()
        pages.append(names(body))
        url = body.get("@odata.nextLink", "")
    return pages


@pytest.mark.parametrize(
    ("order", "expected"),
    [
        ("displayName", [["Ana", "Bo"], ["Cy", "Dee"], ["Eve_1"]]),
        ("displayName desc", [["Eve_1", "Dee"], ["Cy", "Bo"], ["Ana"]]),
        ("place/code desc,displayName desc", [["Bo", "Ana"], ["Eve_1", "Dee"], ["Cy"]]),
        ("deletedDateTime,mail", [["Ana", "Bo"], ["Cy", "Dee"], ["Eve_1"]]),
    ],
)
def test_pages_follow_the_order(still: Scene, order: str, expected: list[list[str]]) -> None:
    assert _walk(still, f"/v1.0/people?$orderby={order}&$top=2") == expected


def test_a_next_link_is_absolute_and_keeps_the_options(still: Scene) -> None:
    body = still.client.get("/Beta/People?$Count=true&select=displayName&$top=2", **EVENTUAL).json()

    link = urlsplit(body["@odata.nextLink"])
    assert (link.scheme, link.netloc, link.path) == ("https", "localhost", "/beta/People")
    options = parse_qs(link.query)
    assert (options["$count"], options["$select"], options["$top"]) == (["true"], ["displayName"], ["2"])
    assert body["@odata.count"] == 5
    second = still.client.get(body["@odata.nextLink"], **EVENTUAL).json()
    assert "@odata.count" not in second
    assert set(second) == {"@odata.context", "@odata.nextLink", "value"}


def test_a_page_token_belongs_to_its_query(still: Scene) -> None:
    link = still.client.get("/v1.0/people?$top=2").json()["@odata.nextLink"]

    refused = still.client.get(f"{link}&$orderby=displayName")

    assert (refused.status_code, refused.json()["error"]["code"]) == (400, "Directory_ExpiredPageToken")


def test_without_top_the_page_has_the_default_size_or_the_preferred_one(still: Scene) -> None:
    assert [len(page) for page in _walk(still, "/v1.0/people")] == [3, 2]

    preferred = {"headers": {"Prefer": 'odata.maxpagesize=4, respond-async; wait="x"'}}
    answer = still.client.get("/v1.0/people", **preferred)
    assert len(answer.json()["value"]) == 4
    assert answer.headers["preference-applied"] == "odata.maxpagesize=4"


def test_several_types_are_merged_into_one_order(still: Scene) -> None:
    pages = _walk(still, "/v1.0/everything?$orderby=displayName desc&$top=3")

    assert pages == [["SalesAgents", "HelpdeskAgents", "Eve_1"], ["Dee", "Cy", "Bo"], ["Ana", "AdminAgents"]]
    body = still.client.get("/v1.0/everything?$top=5&$select=displayName").json()
    assert {each["@odata.type"] for each in body["value"]} <= {"#microsoft.graph.person", "#microsoft.graph.team"}
    everything = [name for page in _walk(still, "/v1.0/everything?$top=3") for name in page]
    assert sorted(everything) == sorted([*names_of(still), "AdminAgents", "SalesAgents", "HelpdeskAgents"])


def names_of(still: Scene) -> list[str]:
    return [name.title() for name in still.people]


def test_a_search_finds_words_that_begin_so(still: Scene) -> None:
    assert found(still, '$search="displayName:a"&$count=true', **EVENTUAL) == ["Ana"]
    assert found(still, '$search="displayName:a" OR "displayName:b"&$count=true', **EVENTUAL) == ["Ana", "Bo"]
    assert found(still, '$search="displayName:a" AND "displayName:b"&$count=true', **EVENTUAL) == []
    for wrong in ("displayName:a", '"mail:a"', '"a"', '"displayName:a" OR'):
        refused = still.client.get(f"/v1.0/people?$count=true&$search={wrong}", **EVENTUAL)
        assert refused.status_code == 400, wrong


def test_a_count_is_plain_text(still: Scene) -> None:
    answer = still.client.get("/v1.0/people/$count?$filter=startswith(displayName,'a')", **EVENTUAL)

    assert (answer.status_code, answer.text, answer.headers["content-type"]) == (200, "1", "text/plain; charset=utf-8")
    assert still.client.get("/v1.0/people/$count").json()["error"]["code"] == "Request_UnsupportedQuery"


def test_one_object_as_it_is_selected(still: Scene) -> None:
    key = still.id_of("Bo")
    context = "https://localhost/v1.0/$metadata#people"

    assert still.client.get(f"/v1.0/people/{key}").json() == {
        "@odata.context": f"{context}/$entity",
        "id": key,
        "displayName": "Bo",
        "userPrincipalName": "Bo@contoso.onmicrosoft.com",
        "mail": "Bo@contoso.onmicrosoft.com",
        "accountEnabled": True,
        "place": {"code": "US", "tenantId": str(still.tenant.id)},
    }
    assert still.client.get(
        f"/v1.0/people('{still.id_of('cy')}')?$select=place, employeeId,createdDateTime"
    ).json() == {
        "@odata.context": f"{context}(place,employeeId,createdDateTime)/$entity",
        "id": still.id_of("cy"),
        "createdDateTime": "2026-01-15T09:00:00Z",
        "place": None,
        "employeeId": None,
    }


def test_a_property_that_another_slice_adds_is_like_any_other(still: Scene) -> None:
    shown = still.client.get("/v1.0/people?$select=ID,DisplayName&$top=1").json()["value"][0]
    assert set(shown) == {"id", "displayName"}, "tools select with any letter case"
    body = still.client.get("/v1.0/people?$select=nickname&$filter=nickname eq 'bo'").json()

    assert [each["nickname"] for each in body["value"]] == ["BO"]


def test_related_objects_are_expanded_one_level(still: Scene) -> None:
    body = still.client.get("/v1.0/people?$select=displayName&$top=5&$expand=memberOf($select=id)").json()

    assert {each["displayName"]: each["memberOf"] for each in body["value"]} == {
        "Ana": [{"id": str(still.team)}],
        "Bo": [],
        "Cy": [{"id": str(still.team)}],
        "Dee": [],
        "Eve_1": [],
    }


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("", ["anvil", "Bell"]),
        ("$top=1", ["anvil"]),
        ("$skip=1", ["Bell", "cog"]),
        ("$orderby=size", ["cog", "Bell"]),
        ("$orderby=name desc", ["cog", "Bell"]),
        ("$filter=size gt 3", ["anvil"]),
        ("$filter=size ge 3 and not(name eq 'BELL')", ["anvil"]),
        ("$filter=size eq null", ["cog"]),
        ("$filter=size ne 3", ["anvil", "cog"]),
        ("$filter=kind eq 'newer'", ["Bell"]),
        ("$filter=maker/displayName eq 'ana'", ["anvil"]),
        ("$filter=tags/any(t:t eq 'heavy')", ["anvil"]),
        ("$filter=tags/any(t:startswith(t,'lo'))", ["Bell"]),
        ("$filter=not tags/any()", ["cog"]),
        ("$filter=tags/$count eq 2", ["anvil"]),
        ("$filter=tags/$count ne 2", ["Bell", "cog"]),
        ("$filter=name in ('COG','anvil')", ["anvil", "cog"]),
        ("$filter=contains(name,'E') or endswith(name,'l')", ["anvil", "Bell"]),
    ],
)
def test_the_same_options_over_a_computed_list(still: Scene, query: str, expected: list[str]) -> None:
    body = still.client.get(f"/v1.0/things?{query}").json()

    assert [each["name"] for each in body["value"]] == expected


def test_a_computed_list_has_pages_too(still: Scene) -> None:
    first = still.client.get("/v1.0/things?$count=true").json()
    second = still.client.get(first["@odata.nextLink"]).json()

    assert (first["@odata.count"], [each["name"] for each in second["value"]]) == (3, ["cog"])
    assert "@odata.nextLink" not in second


def test_later_members_of_an_enumeration_are_for_those_who_ask(still: Scene) -> None:
    kinds = "/v1.0/things?$select=kind&$top=9"
    asking = {"headers": {"Prefer": "include-unknown-enum-members"}}

    assert [each["kind"] for each in still.client.get(kinds).json()["value"]] == ["plain", "unknownFutureValue", "odd"]
    answer = still.client.get(kinds, **asking)
    assert [each["kind"] for each in answer.json()["value"]] == ["plain", "newer", "odd"]
    assert answer.headers["preference-applied"] == "include-unknown-enum-members"
