"""A person's sign-in at a running server: the pages of the authorization code flow, filled in as a browser would."""

import html
import re
from collections.abc import Mapping
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

import httpx
import pyotp

REDIRECT = "http://localhost"
SCOPE = "https://api.partnercenter.microsoft.com/user_impersonation offline_access"


def _fields(page: str) -> tuple[str, dict[str, str]]:
    """The address and the fields of a page's form."""
    form = re.search(r"<form([^>]*)>(.*?)</form>", page, re.DOTALL)
    assert form is not None, page
    action = re.search(r'action="([^"]*)"', form.group(1))
    fields: dict[str, str] = {}
    for tag in re.findall(r"<input[^>]*>", form.group(2)):
        name, value = re.search(r'name="([^"]*)"', tag), re.search(r'value="([^"]*)"', tag)
        if name:
            fields[name.group(1)] = html.unescape(value.group(1)) if value else ""
    return html.unescape(action.group(1)) if action else "", fields


def user_tokens(
    client: httpx.Client, app: Mapping[str, str], user: Mapping[str, str], instant: float
) -> dict[str, Any]:
    """The token endpoint's answer for a user of the app, with a refresh token.

    instant: of the world, in seconds since 1970, for the second factor.
    """
    question = {"client_id": app["client_id"], "response_type": "code", "redirect_uri": REDIRECT, "scope": SCOPE}
    answer = client.get(f"/{app['tenant']}/oauth2/v2.0/authorize?{urlencode(question)}")
    filled = {
        "username": user["upn"],
        "password": user["password"],
        "code": pyotp.TOTP(user["totp_secret"]).at(int(instant)),
        "stay": "no",
    }
    for _ in range(8):
        location = answer.headers.get("location", "")
        if location.startswith(REDIRECT):
            break
        if location:
            answer = client.get(location)
            continue
        action, fields = _fields(answer.text)
        asked = {name: filled[name] for name in filled if name in fields or f'name="{name}"' in answer.text}
        answer = client.post(action, data={**fields, **asked})
    code = parse_qs(urlsplit(answer.headers["location"]).query)["code"][0]
    redeemed = client.post(
        f"/{app['tenant']}/oauth2/v2.0/token",
        data={
            "grant_type": "authorization_code",
            "client_id": app["client_id"],
            "client_secret": app["client_secret"],
            "redirect_uri": REDIRECT,
            "code": code,
            "scope": SCOPE,
        },
    )
    return dict(redeemed.raise_for_status().json())


def other_token(client: httpx.Client, app: Mapping[str, str], refresh_token: str, scope: str) -> str:
    """An access token for other scopes, from a refresh token."""
    answer = client.post(
        f"/{app['tenant']}/oauth2/v2.0/token",
        data={
            "grant_type": "refresh_token",
            "client_id": app["client_id"],
            "client_secret": app["client_secret"],
            "refresh_token": refresh_token,
            "scope": scope,
        },
    )
    return str(answer.raise_for_status().json()["access_token"])
