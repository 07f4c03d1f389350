"""Passkeys by the library ``webauthn``: what a browser is asked, and whether its answer holds.

It is imported when the first passkey is asked for: with all that it brings it takes a twentieth of every start.
"""

import base64
from collections.abc import Iterable, Mapping
from typing import Any, NamedTuple


class PasskeyRefused(ValueError):
    """The answer is not what was asked for, or not signed by the key."""


class Made(NamedTuple):
    """A passkey that a browser made."""

    credential_id: str
    public_key: bytes
    sign_count: int


class Place(NamedTuple):
    """Where a browser is asked: our name (the host without its port) and the page's origin."""

    relying_party: str
    origin: str


def encoded(octets: bytes) -> str:
    """Base64url without padding."""
    return base64.urlsafe_b64encode(octets).rstrip(b"=").decode()


def decoded(text: str) -> bytes:
    """From base64url, with padding or without. Raises ValueError."""
    return base64.urlsafe_b64decode(text.rstrip("=") + "=" * (-len(text.rstrip("=")) % 4))


def creation_options(
    place: Place, challenge: bytes, *, user_id: bytes, user_name: str, display_name: str, known: Iterable[str]
) -> str:
    """Options (JSON) to make a passkey. known: credential ids that the account has already."""
    import webauthn  # noqa: PLC0415 - see above
    from webauthn.helpers import structs  # noqa: PLC0415

    options = webauthn.generate_registration_options(
        rp_id=place.relying_party,
        rp_name="OpenPartner",
        user_id=user_id,
        user_name=user_name,
        user_display_name=display_name,
        challenge=challenge,
        authenticator_selection=structs.AuthenticatorSelectionCriteria(
            resident_key=structs.ResidentKeyRequirement.REQUIRED,
            user_verification=structs.UserVerificationRequirement.REQUIRED,
        ),
        exclude_credentials=[structs.PublicKeyCredentialDescriptor(id=decoded(key)) for key in known],
    )
    return webauthn.options_to_json(options)


def made(place: Place, challenge: bytes, answer: Mapping[str, Any]) -> Made:
    """The passkey that a browser made. Raises PasskeyRefused, ValueError."""
    import webauthn  # noqa: PLC0415 - see above
    from webauthn.helpers.exceptions import WebAuthnException  # noqa: PLC0415

    try:
        verified = webauthn.verify_registration_response(
            credential=dict(answer),
            expected_challenge=challenge,
            expected_rp_id=place.relying_party,
            expected_origin=place.origin,
            require_user_verification=True,
        )
    except WebAuthnException as error:
        raise PasskeyRefused(str(error)) from error
    return Made(encoded(verified.credential_id), verified.credential_public_key, verified.sign_count)


def request_options(place: Place, challenge: bytes) -> str:
    """Options (JSON) to sign in with any passkey the browser has for us."""
    import webauthn  # noqa: PLC0415 - see above
    from webauthn.helpers import structs  # noqa: PLC0415

    options = webauthn.generate_authentication_options(
        rp_id=place.relying_party,
        challenge=challenge,
        user_verification=structs.UserVerificationRequirement.REQUIRED,
    )
    return webauthn.options_to_json(options)


def signed_by(place: Place, challenge: bytes, answer: Mapping[str, Any], public_key: bytes, sign_count: int) -> int:
    """The key's counter, where the answer is signed by it. Raises PasskeyRefused, ValueError."""
    import webauthn  # noqa: PLC0415 - see above
    from webauthn.helpers.exceptions import WebAuthnException  # noqa: PLC0415

    try:
        verified = webauthn.verify_authentication_response(
            credential=dict(answer),
            expected_challenge=challenge,
            expected_rp_id=place.relying_party,
            expected_origin=place.origin,
            credential_public_key=public_key,
            credential_current_sign_count=sign_count,
            require_user_verification=True,
        )
    except WebAuthnException as error:
        raise PasskeyRefused(str(error)) from error
    return verified.new_sign_count
