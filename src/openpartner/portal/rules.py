"""What a sign-in at a provider proved, as far as a session depends on it."""

from collections.abc import Iterable

KNOWN = frozenset({"pwd", "pin", "kba"})
HELD = frozenset({"otp", "hwk", "swk", "sms", "tel", "sc", "pop", "user"})
BORN_WITH = frozenset({"face", "fpt", "iris", "retina", "vbm"})
SEVERAL_BY_NAME = frozenset({"mfa", "mca", "fido", "ngcmfa"})
"""Methods by the kind of factor. Source: RFC 8176 §2; ``fido`` and ``ngcmfa`` are Entra ID's, identity §5.1."""

SEVERAL_BY_CLASS = frozenset(
    {
        "urn:microsoft:policies:mfa",
        "http://schemas.openid.net/pape/policies/2007/06/multi-factor",
        "phr",
        "phrh",
        "possessionorinherence",
    }
)
"""``acr`` values that stand for more than one factor. Source: OpenID EAP ACR Values 1.0; identity §5.1."""


def proves_second_factor(methods: Iterable[str], context_class: str) -> bool:
    """Whether ``amr`` and ``acr`` of an id token say that two kinds of factors were proved."""
    used = frozenset(methods)
    if used & SEVERAL_BY_NAME or context_class in SEVERAL_BY_CLASS:
        return True
    return sum(bool(used & kind) for kind in (KNOWN, HELD, BORN_WITH)) > 1
