"""The customer agreement: who may confirm it, what a confirmation needs, and how long it counts.

Source: account-and-security §3; partner-center-resources §3.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum

from openpartner.customers.rules.creation import is_email
from openpartner.platform.errors import Forbidden, Invalid, InvalidFields


class AgreementType(StrEnum):
    CUSTOMER = "MicrosoftCustomerAgreement"
    CLOUD = "MicrosoftCloudAgreement"


class AcceptanceMethod(StrEnum):
    """Who said that the customer accepted."""

    ATTESTED = "attested"
    DIRECT = "direct"


@dataclass(frozen=True)
class AgreementContact:
    """The person at the customer who accepted."""

    first_name: str
    last_name: str
    email: str
    phone_number: str = ""


@dataclass(frozen=True)
class Acceptance:
    """That someone at the customer accepted a version of an agreement at ``agreed_at``."""

    agreement_type: AgreementType
    template_id: str
    contact: AgreementContact
    agreed_at: datetime
    method: AcceptanceMethod = AcceptanceMethod.ATTESTED


TOO_OLD_BEFORE = datetime(2023, 4, 1, tzinfo=UTC)
TOO_OLD_FROM = datetime(2025, 10, 7, tzinfo=UTC)
"""From here on an acceptance older than TOO_OLD_BEFORE does not count. Source: account-and-security §3."""


class MayNotAttest(Forbidden):
    """Source: account-and-security §3: direct-bill partners and indirect providers attest, resellers do not."""

    def __init__(self) -> None:
        super().__init__(
            "An indirect reseller cannot confirm the customer agreement; ask the indirect provider, or let the "
            "customer sign it."
        )


class TemplateUnknown(Invalid):
    """The template is none of the agreement's. Source: partner-center-resources §3, AgreementMetaData."""

    def __init__(self, template_id: str, agreement_type: AgreementType) -> None:
        super().__init__(
            f"{template_id!r} is not a template of {agreement_type}; read the agreement's metadata for its templateId.",
            template_id=template_id,
        )


class AgreedInFuture(Invalid):
    """Source: account-and-security §3."""

    def __init__(self, agreed_at: datetime) -> None:
        super().__init__(
            "dateAgreed lies in the future; give the day on which the customer accepted.", agreed_at=agreed_at
        )


class AlreadyConfirmed(Invalid):
    """Source: partner-center-conventions §19, 600061."""

    code = 600061

    def __init__(self) -> None:
        super().__init__("An agreement with the same details is recorded already; another contact may confirm it anew.")


def check_attestation(
    acceptance: Acceptance,
    *,
    at: datetime,
    by_reseller: bool,
    templates: Mapping[str, AgreementType],
    earlier: Iterable[Acceptance],
) -> None:
    """Whether a partner may record ``acceptance`` at ``at``.

    templates: the type of each published template. earlier: what is recorded of the customer.
    Raises MayNotAttest, InvalidFields, TemplateUnknown, AgreedInFuture, AlreadyConfirmed.
    """
    if by_reseller:
        raise MayNotAttest
    problems = _contact_problems(acceptance.contact)
    if problems:
        raise InvalidFields(problems)
    if templates.get(acceptance.template_id) != acceptance.agreement_type:
        raise TemplateUnknown(acceptance.template_id, acceptance.agreement_type)
    if acceptance.agreed_at > at:
        raise AgreedInFuture(acceptance.agreed_at)
    details = _details(acceptance)
    if any(details == _details(before) for before in earlier if counts(before, at)):
        raise AlreadyConfirmed


def counts(acceptance: Acceptance, at: datetime) -> bool:
    """Whether an acceptance is still good at ``at``: old ones have to be given anew."""
    return at < TOO_OLD_FROM or acceptance.agreed_at >= TOO_OLD_BEFORE


def has_accepted(acceptances: Iterable[Acceptance], agreement_type: AgreementType, at: datetime) -> bool:
    """Whether the customer has accepted an agreement of ``agreement_type``, as far as that counts at ``at``."""
    return any(
        acceptance.agreement_type == agreement_type and acceptance.agreed_at <= at and counts(acceptance, at)
        for acceptance in acceptances
    )


def _contact_problems(contact: AgreementContact) -> dict[str, str]:
    problems = {
        "first_name": "" if contact.first_name.strip() else "The first name of the contact is needed.",
        "last_name": "" if contact.last_name.strip() else "The last name of the contact is needed.",
        "email": "" if is_email(contact.email) else "The email address of the contact must have the form name@domain.",
    }
    return {member: sentence for member, sentence in problems.items() if sentence}


def _details(acceptance: Acceptance) -> tuple[str, ...]:
    """What must differ in a repeated confirmation: without case, blanks and the day."""
    contact = acceptance.contact
    members = (contact.first_name, contact.last_name, contact.email, contact.phone_number)
    return (
        acceptance.agreement_type,
        acceptance.template_id.lower(),
        *("".join(member.split()).casefold() for member in members),
    )
