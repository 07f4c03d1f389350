"""What is handed in to a verification and sent out by it: reasons, documents, the code of the e-mail check.

Source: account-and-security §2.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from types import MappingProxyType

from openpartner.partner.rules import Check
from openpartner.platform.errors import Conflict, Invalid

CODE_DIGITS = 6
CODE_LIVES = timedelta(days=7)
MOST_CODE_FAILURES = 5


@dataclass(frozen=True)
class Reason:
    """Why a check is held up, and what helps."""

    text: str
    remedy: str


REASONS: Mapping[str, Reason] = MappingProxyType(
    {
        "email_not_confirmed": Reason(
            "The email address was not confirmed.", "Send the mail again, or change the contact."
        ),
        "personal_domain": Reason(
            "The contact's mail domain does not belong to the company.",
            "Hand in a domain invoice, a registrar record, or a letter that names company and domain.",
        ),
        "name_mismatch": Reason(
            "The legal name differs from the register's.",
            "Correct the legal name, or hand in the registration certificate.",
        ),
        "address_mismatch": Reason(
            "The address differs from the register's.",
            "Correct the address, or hand in a tax or registration certificate not older than 12 months.",
        ),
        "post_box": Reason("A post box is not a business address.", "Give the address of the company's seat."),
        "document_unreadable": Reason("The document cannot be read.", "Hand it in again: whole, legible, not expired."),
        "document_expired": Reason("The document is older than 12 months.", "Hand in a newer one."),
        "other": Reason("The reviewer needs something else.", "Read the reviewer's note and answer it."),
    }
)
"""Why a check is refused, and what helps. Source: account-and-security §2."""

DOCUMENT_KINDS: Mapping[str, str] = MappingProxyType(
    {
        "registration_certificate": "Registration certificate",
        "tax_certificate": "Tax certificate",
        "business_licence": "Business licence (not older than 12 months)",
        "domain_invoice": "Domain invoice or registrar record",
        "authorisation_letter": "Letter of authorisation",
        "other": "Other",
    }
)
LARGEST_DOCUMENT = 4 * 1024 * 1024
DOCUMENT_TYPES = frozenset({"application/pdf", "image/png", "image/jpeg"})


PASSES_WHEN: Mapping[Check, str] = MappingProxyType(
    {
        Check.EMAIL_OWNERSHIP: "The primary contact opens the link we mailed, or enters the code from that mail.",
        Check.EMPLOYMENT: "The domain of the primary contact's email address belongs to the company.",
        Check.BUSINESS: "The legal name and address match the company register exactly; no post office box.",
    }
)
"""What the partner is told of each check."""


class CodeTooEarly(Conflict):
    """Source: account-and-security §2: the mail can be sent again after one business day."""

    def __init__(self, again_at: datetime) -> None:
        super().__init__(
            f"The mail was sent a short while ago. It can be sent again from {again_at:%Y-%m-%d %H:%M} UTC."
        )


class CodeRefused(Invalid):
    """The code or link does not fit, is too old, or was tried too often."""

    def __init__(self, reason: str) -> None:
        super().__init__(f"{reason} Have the mail sent again to get a new code.")


class ReasonMissing(Invalid):
    """A refusal without a reason helps nobody."""

    def __init__(self) -> None:
        super().__init__(f"Give a reason for this decision: {', '.join(REASONS)}.")


class DocumentRefused(Invalid):
    """A file that cannot be taken."""


def check_code(*, sent: str, given: str, failures: int, expires_at: datetime | None, at: datetime) -> None:
    """Whether a code or link (as hashes) opens the check at ``at``. Raises CodeRefused."""
    if not sent or expires_at is None or expires_at <= at:
        raise CodeRefused("The code has expired.")
    if failures >= MOST_CODE_FAILURES:
        raise CodeRefused(f"The code was entered wrongly {MOST_CODE_FAILURES} times.")
    if sent != given:
        raise CodeRefused("The code is not the one we sent.")


def check_document(file_name: str, media_type: str, size: int, kind: str) -> None:
    """Raises DocumentRefused."""
    if kind not in DOCUMENT_KINDS:
        raise DocumentRefused("Choose what kind of document it is.")
    if not file_name.strip() or size == 0:
        raise DocumentRefused("Choose a file that is not empty.")
    if media_type not in DOCUMENT_TYPES:
        raise DocumentRefused("Hand in a PDF, PNG or JPEG file.")
    if size > LARGEST_DOCUMENT:
        raise DocumentRefused(f"A document may have at most {LARGEST_DOCUMENT // 1024 // 1024} MB.")
