"""What tokens say, compared whole."""

import base64
import dataclasses
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import msgspec

from openpartner.identity import claims, resources
from openpartner.identity.claims import Client, Holder, Issue

AT = datetime(2026, 1, 15, 9, tzinfo=UTC)
TENANT, HOME, ANA = UUID(int=1), UUID(int=2), UUID(int=3)
APP = Client(app_id=UUID(int=4), name="Sync tool", proof="1")
ISSUE = Issue(
    host="https://localhost",
    tenant_id=TENANT,
    issued_at=AT,
    expires_at=AT + timedelta(hours=1),
    token_id="uti",
    ip_address="10.0.0.1",
    amr=("pwd", "otp", "mfa"),
    signed_in_at=AT,
)
MEMBER = Holder(
    tenant_id=TENANT,
    object_id=ANA,
    home_tenant_id=TENANT,
    home_object_id=ANA,
    upn="ana@contoso.com",
    name="Ana Lima",
    given_name="Ana",
    family_name="Lima",
    mail="ana@contoso.com",
    puid="1003000000000001",
    roles=(resources.GLOBAL_ADMINISTRATOR,),
)
STAMP = 1768467600


def test_a_v1_access_token_of_a_member() -> None:
    said = claims.delegated_access_token(
        ISSUE,
        APP,
        MEMBER,
        resources.PARTNER_CENTER,
        resources.PARTNER_CENTER_URI,
        scopes=("user_impersonation",),
        is_v1=True,
    )
    assert said == {
        "aud": "https://api.partnercenter.microsoft.com",
        "iss": f"https://sts.windows.net/{TENANT}/",
        "iat": STAMP,
        "nbf": STAMP,
        "exp": STAMP + 3600,
        "appid": str(APP.app_id),
        "appidacr": "1",
        "app_displayname": "Sync tool",
        "uti": "uti",
        "ver": "1.0",
        "sub": claims.pairwise_subject(MEMBER, resources.PARTNER_CENTER),
        "tid": str(TENANT),
        "oid": str(ANA),
        "name": "Ana Lima",
        "acct": 0,
        "upn": "ana@contoso.com",
        "unique_name": "ana@contoso.com",
        "puid": "1003000000000001",
        "given_name": "Ana",
        "family_name": "Lima",
        "scp": "user_impersonation",
        "wids": ["62e90394-69f5-4237-9190-012177145e10", "b79fbf4d-3ef9-4689-8143-76b194e85509"],
        "idtyp": "user",
        "acr": "1",
        "amr": ["pwd", "otp", "mfa"],
        "tenant_region_scope": "WW",
        "ipaddr": "10.0.0.1",
    }
    assert claims.holds_mfa(said)


def test_a_v2_access_token_has_the_other_names_and_no_amr() -> None:
    said = claims.delegated_access_token(
        ISSUE, APP, MEMBER, UUID(int=9), str(UUID(int=9)), scopes=("read",), is_v1=False
    )
    assert said["iss"] == f"https://localhost/{TENANT}/v2.0"
    assert (said["azp"], said["azpacr"], said["ver"], said["preferred_username"]) == (
        str(APP.app_id), "1", "2.0", "ana@contoso.com",
    )  # fmt: skip
    assert {"amr", "acr", "upn", "appid", "ipaddr"}.isdisjoint(said)


def test_an_app_only_token_has_roles_and_no_scp() -> None:
    said = claims.app_access_token(
        ISSUE, APP, UUID(int=5), "https://graph.microsoft.com", ("User.Read.All",), is_v1=True
    )
    assert (said["oid"], said["sub"], said["idtyp"], said["roles"]) == (
        str(UUID(int=5)), str(UUID(int=5)), "app", ["User.Read.All"],
    )  # fmt: skip
    assert {"scp", "upn", "amr", "wids"}.isdisjoint(said)


def foreign(**changes: Any) -> Holder:
    return dataclasses.replace(MEMBER, home_tenant_id=HOME, **changes)


def test_a_gdap_token_names_no_object_in_the_customers_tenant() -> None:
    holder = foreign(object_id=None, delegation="gdap", delegation_id=UUID(int=8))
    said = claims.delegated_access_token(
        ISSUE, APP, holder, resources.GRAPH, resources.GRAPH_URI, scopes=("a",), is_v1=True
    )
    assert {"oid", "upn", "altsecid"}.isdisjoint(said)
    assert said["tid"] == str(TENANT)
    assert said["idp"] == f"https://sts.windows.net/{HOME}/"
    assert said["wids"] == ["62e90394-69f5-4237-9190-012177145e10", "08372b87-7d02-482a-9e02-fb03ea5fe193"]
    assert (said["aai"], said["home_puid"]) == (str(UUID(int=8)), "1003000000000001")
    assert (said["home_oid"], said["home_tid"]) == (str(ANA), str(HOME))


def test_a_dap_token_has_altsecid_and_no_aai() -> None:
    holder = foreign(object_id=None, delegation="dap")
    said = claims.delegated_access_token(
        ISSUE, APP, holder, resources.GRAPH, resources.GRAPH_URI, scopes=("a",), is_v1=True
    )
    assert {"oid", "upn", "aai", "home_puid"}.isdisjoint(said)
    assert said["altsecid"] == "5::1003000000000001"
    assert said["wids"] == ["62e90394-69f5-4237-9190-012177145e10"]


def test_a_guest_carries_its_marker_and_its_home() -> None:
    said = claims.delegated_access_token(
        ISSUE, APP, foreign(is_guest=True, roles=()), resources.GRAPH, resources.GRAPH_URI, scopes=("a",), is_v1=True
    )
    assert (said["acct"], said["wids"]) == (1, ["13bd1c72-6f4a-4dcf-985f-18d3b80f208a"])
    assert said["idp"] == f"https://sts.windows.net/{HOME}/"


def test_more_than_200_groups_are_told_by_a_source() -> None:
    many = dataclasses.replace(MEMBER, groups=tuple(UUID(int=i) for i in range(201)))
    few = dataclasses.replace(MEMBER, groups=tuple(UUID(int=i) for i in range(200)))
    said = claims.id_token(ISSUE, APP, many, frozenset({"profile"}), {}, is_v1=False)
    assert said["_claim_names"] == {"groups": "src1"}
    assert "groups" not in said
    assert len(claims.id_token(ISSUE, APP, few, frozenset({"profile"}), {}, is_v1=False)["groups"]) == 200


def test_an_id_token_says_what_msal_reads() -> None:
    said = claims.id_token(ISSUE, APP, MEMBER, frozenset({"openid", "profile", "email"}), {}, is_v1=False)
    assert (said["aud"], said["oid"], said["tid"]) == (str(APP.app_id), str(ANA), str(TENANT))
    assert (said["preferred_username"], said["name"], said["email"]) == (
        "ana@contoso.com",
        "Ana Lima",
        "ana@contoso.com",
    )
    assert (said["ver"], said["auth_time"]) == ("2.0", STAMP)
    bare = claims.id_token(ISSUE, APP, MEMBER, frozenset({"openid"}), {}, is_v1=False)
    assert {"name", "preferred_username", "email"}.isdisjoint(bare)


def test_one_person_is_another_subject_at_another_application() -> None:
    assert claims.pairwise_subject(MEMBER, UUID(int=1)) != claims.pairwise_subject(MEMBER, UUID(int=2))


def test_client_info_names_the_home() -> None:
    holder = foreign(object_id=None, delegation="gdap", delegation_id=UUID(int=8))
    padded = claims.client_info(holder) + "=="
    assert msgspec.json.decode(base64.urlsafe_b64decode(padded)) == {"uid": str(ANA), "utid": str(HOME)}
