"""The forms in which clients write one path."""

import pytest

from openpartner.platform.graph.paths import graph_path, key_of, literal

WORDS = frozenset(
    {"users", "groups", "applications", "directoryroles", "members", "delta", "$ref", "$count", "me", "memberof"}
    | {"assignlicense", "graph.user", "usage", "billed", "export", "servicehealth", "findtenantinformationbytenantid"}
)


@pytest.mark.parametrize(
    ("written", "matched"),
    [
        ("/v1.0/users/ab-C", "/v1.0/users/ab-C"),
        ("/V1.0/Users('Ana@x.com')/assignLicense", "/v1.0/users/Ana@x.com/assignlicense"),
        ("/v1.0//users/", "/v1.0/users"),
        ("/v1.0/users('O''Hara')", "/v1.0/users/O'Hara"),
        ("/beta/users/delta()", "/beta/users/delta"),
        ("/beta/users/delta", "/beta/users/delta"),
        ("/v1.0/applications(appId='AbC')", "/v1.0/applications/appid=AbC"),
        ("/v1.0/Applications(APPID='AbC')/owners", "/v1.0/applications/appid=AbC/owners"),
        ("/v1.0/directoryRoles/roleTemplateId=62e9/members", "/v1.0/directoryroles/roletemplateid=62e9/members"),
        ("/v1.0/directoryRoles(roleTemplateId='62e9')/members", "/v1.0/directoryroles/roletemplateid=62e9/members"),
        ("/v1.0/groups/1/members/microsoft.graph.user", "/v1.0/groups/1/members/graph.user"),
        ("/v1.0/groups/1/members/graph.User/$count", "/v1.0/groups/1/members/graph.user/$count"),
        ("/v1.0/usage/billed/microsoft.graph.partners.billing.export", "/v1.0/usage/billed/export"),
        ("/v1.0/users/1/microsoft.graph.assignLicense", "/v1.0/users/1/assignlicense"),
        ("/v1.0/users/me-token-to-replace/memberOf", "/v1.0/me/memberof"),
        ("/v1.0/me", "/v1.0/me"),
        ("/v1.0/groups/1/Members/2/$Ref", "/v1.0/groups/1/members/2/$ref"),
        (
            "/v1.0/findTenantInformationByTenantId(tenantId='aB')",
            "/v1.0/findtenantinformationbytenantid/tenantid=aB",
        ),
        ("/v1.0/Nothing/Here", "/v1.0/Nothing/Here"),
        ("/v1.0/users/QWJj==", "/v1.0/users/QWJj=="),
    ],
)
def test_one_path_for_all_its_forms(written: str, matched: str) -> None:
    assert graph_path(written, WORDS) == matched


def test_a_key_tells_its_name() -> None:
    assert (key_of("appid=x"), key_of("x")) == (("appid", "x"), ("", "x"))


@pytest.mark.parametrize(("text", "value"), [("'a''b'", "a'b"), ("a", "a"), ("'", "'"), ("''", "")])
def test_a_literal_loses_its_quotes(text: str, value: str) -> None:
    assert literal(text) == value
