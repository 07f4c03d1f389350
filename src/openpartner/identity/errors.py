"""The refusals of the OpenID provider: one table from the AADSTS number to error, suberror, status and text.

Tools act on the number in the text as often as on ``error``, so both are part of the promise. Source: identity §6.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from http import HTTPStatus
from types import MappingProxyType
from typing import Any

from openpartner.platform.errors import DomainError


@dataclass(frozen=True, slots=True)
class Aadsts:
    """One row: what the number means on the wire. ``text`` may name facts in braces."""

    number: int
    error: str
    text: str
    suberror: str = ""
    status: int = HTTPStatus.BAD_REQUEST


_UNAUTHORIZED = HTTPStatus.UNAUTHORIZED
_BUSY = HTTPStatus.TOO_MANY_REQUESTS

_ROWS = (
    # sessions
    Aadsts(16000, "interaction_required", "Several accounts are signed in; one has to be chosen in the browser."),
    Aadsts(50058, "login_required", "A silent sign-in was asked for, but no user is signed in."),
    # faults of ours
    Aadsts(
        50000,
        "server_error",
        "The sign-in service failed. Try again; if it stays, report the correlation id.",
        status=HTTPStatus.INTERNAL_SERVER_ERROR,
    ),
    # resources and redirect addresses
    Aadsts(50001, "invalid_resource", "The resource '{resource}' is disabled or does not exist in tenant {tenant}."),
    Aadsts(500011, "invalid_resource", "The resource principal named '{resource}' was not found in tenant {tenant}."),
    Aadsts(
        50011,
        "invalid_request",
        "The redirect URI '{redirect_uri}' does not match one that is registered for the application '{client_id}'.",
    ),
    # assertions, users
    Aadsts(50013, "invalid_grant", "The assertion failed its checks: {reason}"),
    Aadsts(500133, "invalid_grant", "The assertion is outside its time of validity. Present one that has not expired."),
    Aadsts(
        50020,
        "invalid_grant",
        "User account '{user}' from identity provider '{idp}' does not exist in tenant '{tenant}' and cannot use the "
        "application '{client_id}' there. It must first be added as a guest, or be given delegated administration.",
    ),
    Aadsts(50034, "invalid_grant", "The user account {user} does not exist in the {tenant} directory."),
    Aadsts(50049, "invalid_instance", "The authority '{host}' is unknown or invalid."),
    Aadsts(50053, "invalid_grant", "The account is locked: sign-in was tried too often with a wrong user or password."),
    Aadsts(50055, "invalid_grant", "The password has expired and must be changed.", "user_password_expired"),
    Aadsts(50056, "invalid_grant", "The user has no password, or an invalid one, in the directory."),
    Aadsts(50057, "invalid_grant", "The user account is disabled."),
    Aadsts(50059, "invalid_request", "The request says nothing from which the tenant could be told."),
    # second factor
    Aadsts(50072, "interaction_required", "The user must register for multi-factor authentication.", "basic_action"),
    Aadsts(50074, "interaction_required", "Strong authentication is required.", "basic_action"),
    Aadsts(
        50076,
        "invalid_grant",
        "The user must use multi-factor authentication to access '{resource}'.",
        "basic_action",
    ),
    Aadsts(50078, "interaction_required", "The multi-factor authentication presented has expired.", "basic_action"),
    Aadsts(50079, "interaction_required", "The user must register for multi-factor authentication.", "basic_action"),
    Aadsts(500121, "invalid_grant", "Authentication failed during the strong authentication request."),
    # access
    Aadsts(50105, "invalid_grant", "User '{user}' is not assigned to a role for the application '{client_id}'."),
    Aadsts(50126, "invalid_grant", "The user name or password is wrong, so the credentials could not be validated."),
    Aadsts(50140, "interaction_required", "The sign-in was interrupted by the question whether to stay signed in."),
    Aadsts(50158, "interaction_required", "An external security challenge was not satisfied."),
    Aadsts(
        50173,
        "invalid_grant",
        "The grant has expired because it was revoked or the password changed; a fresh one is needed. "
        "It was issued at '{issued_at}'; tokens are valid from '{valid_from}' on.",
        "bad_token",
    ),
    Aadsts(50177, "invalid_grant", "The external account '{user}' cannot be used: its access to '{tenant}' is gone."),
    Aadsts(
        50194,
        "invalid_request",
        "Application '{client_id}' is not configured as multi-tenant: use an endpoint of its own tenant, not /common.",
    ),
    Aadsts(500212, "access_denied", "The home tenant's cross-tenant policy does not let this user go to '{tenant}'."),
    Aadsts(500213, "access_denied", "The resource tenant's cross-tenant policy does not let this user in."),
    Aadsts(5000224, "invalid_grant", "The tenant '{tenant}' is blocked or deleted and can no longer be reached."),
    Aadsts(53000, "interaction_required", "The device is not in the compliant state that access needs."),
    Aadsts(53001, "interaction_required", "The device is not joined to a domain."),
    Aadsts(53002, "interaction_required", "The application is not among the approved ones."),
    Aadsts(53003, "access_denied", "Access was blocked by conditional access policies; no token is issued."),
    Aadsts(53004, "interaction_required", "Multi-factor registration was blocked because of suspicious activity."),
    Aadsts(
        530034, "access_denied", "A delegated administrator was blocked because of account risk in the home tenant."
    ),
    Aadsts(530035, "access_denied", "Access was blocked by the security defaults."),
    Aadsts(
        54005, "invalid_grant", "The authorization code was already redeemed. Get a new one, or use the refresh token."
    ),
    # consent
    Aadsts(
        65001,
        "invalid_grant",
        "Neither the user nor an administrator has consented to use the application with id '{client_id}' named "
        "'{client_name}'. Send an interactive authorization request for this user and resource.",
        "consent_required",
    ),
    Aadsts(65004, "access_denied", "The user declined to consent to the application."),
    Aadsts(65005, "invalid_resource", "The application '{client_id}' lists no access to the resource '{resource}'."),
    Aadsts(650051, "invalid_client", "A service principal for the application '{client_id}' is already in the tenant."),
    Aadsts(650052, "invalid_resource", "The organization '{tenant}' has no subscription for '{resource}'."),
    Aadsts(650056, "invalid_client", "The application '{client_id}' is misconfigured: {reason}"),
    Aadsts(
        650057, "invalid_resource", "The resource '{resource}' is not in the registration of application '{client_id}'."
    ),
    # grants and clients
    Aadsts(70000, "invalid_grant", "The grant is invalid: {reason}"),
    Aadsts(700082, "invalid_grant", "The refresh token has expired through inactivity. It was issued on {issued_at}."),
    Aadsts(70008, "invalid_grant", "The authorization code or refresh token has expired. Send a new sign-in request."),
    Aadsts(70001, "unauthorized_client", "The application '{client_id}' is disabled."),
    Aadsts(
        700016,
        "unauthorized_client",
        "The application with identifier '{client_id}' was not found in the directory '{tenant}'. It has not been "
        "installed by the administrator of the tenant or consented to by any user in it.",
    ),
    Aadsts(70002, "invalid_client", "The client's credentials could not be validated.", status=_UNAUTHORIZED),
    Aadsts(
        7000215,
        "invalid_client",
        "The client secret is wrong. Send the secret's value, not its id, for application '{client_id}'.",
        status=_UNAUTHORIZED,
    ),
    Aadsts(
        7000222, "invalid_client", "The client secrets of application '{client_id}' have expired.", status=_UNAUTHORIZED
    ),
    Aadsts(
        700025,
        "invalid_client",
        "The client is public, so neither 'client_assertion' nor 'client_secret' may be presented.",
        status=_UNAUTHORIZED,
    ),
    Aadsts(700027, "invalid_client", "The client assertion failed its checks: {reason}", status=_UNAUTHORIZED),
    Aadsts(
        700021,
        "invalid_client",
        "The client assertion is outside its time of validity: {reason}",
        status=_UNAUTHORIZED,
    ),
    Aadsts(
        700023,
        "invalid_client",
        "The client assertion's audience '{audience}' is not this endpoint.",
        status=_UNAUTHORIZED,
    ),
    Aadsts(
        70021,
        "invalid_client",
        "No federated identity record matches the assertion: issuer '{issuer}', subject '{subject}'.",
        status=_UNAUTHORIZED,
    ),
    Aadsts(70003, "unsupported_grant_type", "The grant type '{grant_type}' is not supported."),
    Aadsts(
        700054, "unsupported_response_type", "The response type '{response_type}' is not enabled for the application."
    ),
    Aadsts(70005, "unsupported_response_type", "The response type '{response_type}' is not supported."),
    Aadsts(70007, "invalid_request", "The response mode '{response_mode}' cannot carry the tokens asked for."),
    Aadsts(70011, "invalid_scope", "The scope '{scope}' is not valid. {reason}"),
    Aadsts(28000, "invalid_scope", "The scope '{scope}' names more than one resource."),
    Aadsts(
        1002012, "invalid_scope", "The scope '{scope}' is not valid: client credentials take one resource's /.default."
    ),
    Aadsts(
        70016, "authorization_pending", "The device flow is pending: the user has not finished signing in. Poll again."
    ),
    Aadsts(70018, "bad_verification_code", "The verification code is wrong or expired."),
    Aadsts(70019, "expired_token", "The verification code has expired."),
    Aadsts(70020, "expired_token", "The device code has expired. Start the device flow again."),
    Aadsts(700030, "authorization_declined", "The user declined the device sign-in."),
    Aadsts(700031, "slow_down", "The device flow was polled faster than its interval allows."),
    Aadsts(700084, "invalid_grant", "The refresh token was issued to a single page app and lived its fixed 24 hours."),
    Aadsts(
        7000218,
        "invalid_client",
        "The request body must contain 'client_assertion' or 'client_secret' for application '{client_id}'.",
        status=_UNAUTHORIZED,
    ),
    Aadsts(700007, "invalid_grant", "The code or token was issued to another application than '{client_id}'."),
    Aadsts(
        501481, "invalid_grant", "The code_verifier does not match the code_challenge of the authorization request."
    ),
    Aadsts(9002325, "invalid_request", "Proof Key for Code Exchange is required for this redirect URI."),
    Aadsts(9002326, "invalid_request", "Cross-origin redemption is permitted only for single page apps."),
    Aadsts(9002327, "invalid_request", "Tokens of a single page app may only be redeemed by cross-origin requests."),
    Aadsts(9002313, "invalid_request", "The request is malformed or invalid: {reason}"),
    # tenants and parameters
    Aadsts(
        90002,
        "invalid_request",
        "Tenant '{tenant}' was not found. Check the tenant id or domain, or ask the subscription's administrator.",
    ),
    Aadsts(90014, "invalid_request", "The required field '{parameter}' is missing from the request."),
    Aadsts(900023, "invalid_request", "The tenant identifier '{tenant}' is neither a valid domain nor a GUID."),
    Aadsts(900144, "invalid_request", "The request body must contain the parameter '{parameter}'."),
    Aadsts(90019, "invalid_request", "No tenant information was found in the request or implied by credentials."),
    Aadsts(90033, "temporarily_unavailable", "Too many attempts. Wait a while and try again.", status=_BUSY),
    Aadsts(90094, "access_denied", "An administrator must consent to the permissions that '{client_name}' asks for."),
    Aadsts(900941, "access_denied", "An administrator declined to consent to the application."),
    Aadsts(90072, "invalid_grant", "The session's account '{user}' is not the one the request names."),
    Aadsts(900561, "invalid_request", "The endpoint only accepts {method} requests."),
)

TABLE: Mapping[int, Aadsts] = MappingProxyType({row.number: row for row in _ROWS})
"""Every number this provider can answer with."""


class _Facts(dict[str, Any]):
    def __missing__(self, name: str) -> str:
        return ""


class OAuthError(DomainError):
    """A refusal of the provider, by its AADSTS number.

    error, suberror: where the situation calls for other words than the table's (``invalid_tenant`` in discovery).
    claims: the challenge a client must hand back, JSON text. facts: what the text names.
    """

    def __init__(
        self,
        number: int,
        *,
        error: str | None = None,
        suberror: str | None = None,
        claims: str = "",
        status: int | None = None,
        retry_after: int | None = None,
        **facts: Any,
    ) -> None:
        row = TABLE[number]
        super().__init__(row.text.format_map(_Facts(facts)), code=number, status=status or row.status, **facts)
        self.number = number
        self.error = error or row.error
        self.suberror = row.suberror if suberror is None else suberror
        self.claims = claims
        self.retry_after = retry_after

    @property
    def error_name(self) -> str:
        return self.error
