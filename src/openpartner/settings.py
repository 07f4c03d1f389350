"""The settings: one frozen struct, read once from the environment and the command line."""

import os
from datetime import datetime
from enum import StrEnum
from pathlib import Path
from typing import Any

import msgspec


class Profile(StrEnum):
    """Which of the product's two lives this is. Only the sandbox's clock moves and only it has ``/_sandbox``."""

    SANDBOX = "sandbox"
    PRODUCTION = "production"


class Settings(msgspec.Struct, frozen=True, kw_only=True):
    """Every setting. Environment names are ``OPENPARTNER_`` and the member in upper case.

    data: the world's folder. database_url: empty means SQLite in that folder.
    seed: of identifiers and randomness, sandbox only; None means random.
    first_instant: a new sandbox's clock stands there, frozen; without it the clock ticks from the machine's time.
    base_url: the origin as clients see it; empty means what the request says (sandbox).
    json_bom: begin JSON of ``/v1`` with a UTF-8 byte order mark, as the original does.
    sandbox_limits: hold the sandbox to the original's: 75 customers of a partner, and the like.
    legacy_audience: take tokens for ``https://graph.windows.net`` at ``/v1``, as the original did until 2025.
    provisioning_seconds: how long a new subscription is pending. gdap_propagation: how long a change of delegated
    administration takes to spread, such as ``PT5M``. sandbox_limits: the original sandbox's small numbers.
    dns_server: ``host:port`` of who is asked for the records of domains; empty means the machine's own resolver and, in
    a sandbox, nobody: there an owner's word counts.
    outgoing_networks: where webhooks may go besides public addresses, also by http: ``10.20.0.0/16, fd00::/8``.
    webhook_certificate, webhook_key: PEM files of the certificate and RSA key that sign webhooks; without them a world
    has a key and an authority of its own. webhook_organization: in that certificate; empty means, in a sandbox, the one
    that receivers of the original look for.
    graph_limit: how many requests an application may send on the Graph surface in a tenant, and in how many seconds:
    ``600/60``; empty means as many as it likes.
    gdap_if_match: changes of it need ``If-Match``, as the original's documents say; some clients never send it.
    oidc_issuer …: the portal's OpenID provider; empty means the embedded one.
    oidc_user_claim: the claim of that provider that is our user's name; ``email`` counts only when it was verified.
    """

    profile: Profile = Profile.SANDBOX
    data: Path = Path("data")
    database_url: str = ""
    seed: str | None = "openpartner"
    first_instant: datetime | None = None
    base_url: str = ""
    json_bom: bool = False
    sandbox_limits: bool = False
    legacy_audience: bool = True
    require_mfa: bool = True
    mail_server: str | None = None
    mail_sender: str = "no-reply@openpartner.invalid"
    dns_server: str = ""
    outgoing_networks: str = ""
    webhook_certificate: str = ""
    webhook_key: str = ""
    webhook_organization: str = ""
    oidc_issuer: str = ""
    oidc_client_id: str = ""
    oidc_client_secret: str = ""
    oidc_user_claim: str = "email"
    secret_key: str = ""
    demo_data: bool = True
    work_in_server: bool = True
    provisioning_seconds: int = 0
    gdap_propagation: str = "PT0S"
    gdap_if_match: bool = True
    graph_limit: str = ""
    log_json: bool = False
    log_level: str = "info"
    otlp_endpoint: str = ""

    @property
    def url(self) -> str:
        """Where the rows are."""
        if not self.database_url:
            return f"sqlite:///{self.data.absolute() / 'world.sqlite3'}"
        return self.database_url.replace("postgresql://", "postgresql+psycopg://", 1)

    @property
    def is_sandbox(self) -> bool:
        """Whether time may be moved."""
        return self.profile is Profile.SANDBOX


def read_settings(**given: Any) -> Settings:
    """The settings of the environment, with ``given`` ones (not None) on top. Raises msgspec.ValidationError."""
    found: dict[str, Any] = {}
    for field in msgspec.structs.fields(Settings):
        text = os.environ.get(f"OPENPARTNER_{field.name.upper()}")
        if text is not None:
            found[field.name] = text
    found.update({name: value for name, value in given.items() if value is not None})
    if found.get("profile") == Profile.PRODUCTION:
        found = {"seed": None, "demo_data": False, "work_in_server": False, **found}
    return msgspec.convert(found, Settings, strict=False, dec_hook=_decode)


def _decode(kind: type, value: Any) -> Any:
    return kind(value)
