"""A message as it goes out: its headers, signed both ways, and the calls themselves.

Source: partner-center-webhooks for the vendor's signature; the Standard Webhooks specification for the other.
"""

import base64
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding
from standardwebhooks import Webhook

from openpartner import __version__
from openpartner.edge.hosts import CERTIFICATE_HOST
from openpartner.platform.clock import monotonic, system_now
from openpartner.platform.outgoing.calling import Answer, NoAnswer
from openpartner.platform.world import World
from openpartner.webhooks.rules.bodies import VENDOR_ORIGIN
from openpartner.webhooks.service.keys import Signer

ROUND_LASTS = 20.0
"""Seconds after which no further message of a round is begun: a lease is longer than that and one call."""


@dataclass(frozen=True)
class Letter:
    """One message. number: of this try."""

    delivery_id: UUID
    message_id: UUID
    body: str
    number: int


@dataclass(frozen=True)
class Round:
    """Messages that go to one address one after the other, until one is not taken.

    signer: None leaves the vendor's signature out. secrets: of Standard Webhooks; each signs.
    """

    tenant_id: UUID
    url: str
    origin: str
    in_own_header: bool
    signer: Signer | None
    secrets: tuple[str, ...] = field(repr=False)
    letters: tuple[Letter, ...] = ()


@dataclass(frozen=True)
class Try:
    """What came of one message. sent_at: by the machine's clock."""

    letter: Letter
    sent_at: datetime
    headers: dict[str, str]
    result: Answer | NoAnswer

    @property
    def is_taken(self) -> bool:
        """Whether the receiver has it."""
        return isinstance(self.result, Answer) and self.result.is_taken


def certificate_url(origin: str, key_id: str) -> str:
    """Where the certificate of a key is: at the original's place for who knows us by the original's name."""
    if origin == VENDOR_ORIGIN:
        return f"https://{CERTIFICATE_HOST}/cert/{key_id}.cer"
    return f"{origin}/webhooks/v1/certificates/{key_id}.cer"


def message_name(message_id: UUID) -> str:
    """``webhook-id``: the same whenever the message is sent."""
    return f"msg_{message_id.hex}"


def headers_of(going: Round, letter: Letter, sent_at: datetime) -> dict[str, str]:
    """The headers of one try. sent_at: the machine's instant; receivers hold it against their own clock."""
    headers = {
        "Content-Type": "application/json; charset=utf-8",
        "Accept-Encoding": "identity",
        "User-Agent": f"OpenPartner-Webhooks/{__version__}",
    }
    if going.signer is not None:
        signature = _signature(going.signer, letter.body)
        headers |= {"x-ms-signature": signature} if going.in_own_header else {"Authorization": f"Signature {signature}"}
        headers["X-MS-Certificate-Url"] = certificate_url(going.origin, going.signer.key_id)
        headers["X-MS-Signature-Algorithm"] = "rsa-sha256"
    name = message_name(letter.message_id)
    headers |= {"webhook-id": name, "webhook-timestamp": str(int(sent_at.timestamp()))}
    if going.secrets:
        headers["webhook-signature"] = " ".join(
            Webhook(secret).sign(name, sent_at, letter.body) for secret in going.secrets
        )
    return headers


def _signature(signer: Signer, body: str) -> str:
    """Base64 of the RSA signature over the body's UTF-8 bytes."""
    return base64.b64encode(signer.key.sign(body.encode(), padding.PKCS1v15(), hashes.SHA256())).decode()


def send(world: World, going: Round) -> list[Try]:
    """Send the messages in order; the first that is not taken ends the round."""
    outgoing, began = world.outgoing, monotonic()
    tries: list[Try] = []
    with outgoing.connect(going.url) as connection:
        for letter in going.letters:
            if tries and monotonic() - began > ROUND_LASTS:
                break
            sent_at = system_now()
            headers = headers_of(going, letter, sent_at)
            result = connection.post(headers, letter.body.encode(), within=outgoing.within)
            tries.append(Try(letter, sent_at, headers, result))
            if not tries[-1].is_taken:
                break
    return tries


def words_of(result: Answer | NoAnswer) -> str:
    """What came back, in a line."""
    if isinstance(result, NoAnswer):
        return result.why
    return result.reason


def shown_body(result: Answer | NoAnswer, most: int) -> str:
    """The beginning of the answer's body as text."""
    if isinstance(result, NoAnswer):
        return ""
    return result.body[:most].decode("utf-8", "replace").replace("\x00", "\N{REPLACEMENT CHARACTER}")
