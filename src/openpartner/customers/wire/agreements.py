"""Confirmations of the customer agreement. Source: partner-center-resources §3."""

from datetime import datetime

import msgspec

from openpartner.customers.models import CustomerAgreement
from openpartner.customers.rules import Acceptance, AgreementContact, AgreementType
from openpartner.customers.wire.common import Contact, instant
from openpartner.platform.errors import InvalidFields
from openpartner.platform.http.answers import Attributes, Wire
from openpartner.platform.http.filters import instant as read_instant


class Agreement(Wire, kw_only=True):
    """One confirmation. ``userId`` stands in the answer to recording it, ``agreementLink`` in lists."""

    user_id: str | None = None
    primary_contact: Contact
    template_id: str
    date_agreed: str
    type: str
    agreement_link: str | None = None

    @classmethod
    def _of(
        cls, recorded: CustomerAgreement, *, user_id: str | None = None, agreement_link: str | None = None
    ) -> "Agreement":
        return cls(
            user_id=user_id,
            primary_contact=Contact(
                first_name=recorded.first_name,
                last_name=recorded.last_name,
                email=recorded.email,
                phone_number=recorded.phone_number or None,
            ),
            template_id=recorded.template_id,
            date_agreed=instant(recorded.agreed_at),
            type=recorded.agreement_type.value,
            agreement_link=agreement_link,
        )

    @classmethod
    def of_recorded(cls, recorded: CustomerAgreement) -> "Agreement":
        """The answer to recording it, with who did."""
        return cls._of(recorded, user_id=str(recorded.recorded_by) if recorded.recorded_by else None)

    @classmethod
    def of_listed(cls, recorded: CustomerAgreement, origin: str) -> "Agreement":
        """As lists show it, with the link to the text."""
        return cls._of(recorded, agreement_link=f"{origin}/agreements/{recorded.template_id}")


class DirectSignedCustomerAgreementStatus(Wire, kw_only=True):
    is_signed: bool
    attributes: Attributes

    @classmethod
    def of(cls, *, signed: bool) -> "DirectSignedCustomerAgreementStatus":
        return cls(is_signed=signed, attributes=Attributes(object_type="DirectSignedCustomerAgreementStatus"))


class AgreementIn(msgspec.Struct, rename="camel"):
    """What the partner attests. ``type`` is text or, from the older client, a number."""

    primary_contact: Contact = msgspec.field(default_factory=Contact)
    template_id: str = ""
    date_agreed: str = ""
    type: str = ""

    def read(self) -> Acceptance:
        """The acceptance that the rules take. Raises InvalidFields for a missing date and an unknown type."""
        kind = agreement_type_named(self.type)
        problems: dict[str, str] = {}
        if kind is None:
            problems["type"] = f"The type must be {' or '.join(AgreementType)}."
        if not self.date_agreed:
            problems["dateAgreed"] = "dateAgreed is needed: the instant at which the customer accepted."
        if problems or kind is None:
            raise InvalidFields(problems)
        contact = self.primary_contact
        return Acceptance(
            agreement_type=kind,
            template_id=self.template_id.lower(),
            contact=AgreementContact(
                contact.first_name or "", contact.last_name or "", contact.email or "", contact.phone_number or ""
            ),
            agreed_at=_agreed_at(self.date_agreed),
        )


def agreement_type_named(text: str) -> AgreementType | None:
    """The agreement of this name, whatever its case; None when there is none."""
    return next((known for known in AgreementType if known.lower() == text.lower()), None)


def _agreed_at(text: str) -> datetime:
    return read_instant(text, "dateAgreed")
