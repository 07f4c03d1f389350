"""Upgrades and trial conversions on the wire. Source: partner-center-resources §10."""

from datetime import datetime
from uuid import UUID

import msgspec

from openpartner.catalogue.queries import Offered
from openpartner.catalogue.rules import BillingCycle, CatalogItemId, Duration
from openpartner.platform.errors import DomainError, Invalid
from openpartner.platform.http.answers import Attributes, Wire
from openpartner.subscriptions import models
from openpartner.subscriptions.models import TransitionType
from openpartner.subscriptions.rules import TRIAL_SEATS
from openpartner.subscriptions.service import TransitionWanted
from openpartner.subscriptions.wire.subscriptions import word

#: Codes of ``TransitionErrorCode`` and ``ConversionErrorCode``.
OTHER, NO_CONVERSION = 0, 1


class TransitionError(Wire, kw_only=True):
    """Why not."""

    code: int
    description: str

    @classmethod
    def of(cls, refusal: DomainError) -> "TransitionError":
        """A refusal of the rules; a code of another list is Other."""
        code = refusal.code if isinstance(refusal.code, int) and refusal.code < 100 else OTHER
        return cls(code=code, description=refusal.message)


class EligibilityDetail(Wire, kw_only=True):
    """One way to make it."""

    is_eligible: bool
    transition_type: str
    errors: list[TransitionError] | None = None


class TargetSubscription(Wire, kw_only=True):
    """A subscription that is there and may take the seats."""

    is_eligible: bool
    subscription_id: str
    subscription_friendly_name: str
    subscription_term_duration: str
    subscription_billing_cycle: str
    errors: list[TransitionError] | None = None

    @classmethod
    def of(cls, row: models.Subscription, refusal: DomainError | None) -> "TargetSubscription":
        """With the reason against it, if there is one."""
        return cls(
            is_eligible=refusal is None,
            subscription_id=str(row.id),
            subscription_friendly_name=row.friendly_name,
            subscription_term_duration=row.duration,
            subscription_billing_cycle=row.billing_cycle.value,
            errors=None if refusal is None else [TransitionError.of(refusal)],
        )


class TransitionEligibility(Wire, kw_only=True):
    """What a subscription can become."""

    catalog_item_id: str
    title: str
    description: str
    quantity: int
    eligibilities: list[EligibilityDetail]
    subscription_eligibilities: list[TargetSubscription]
    attributes: Attributes

    @classmethod
    def of(
        cls,
        source: models.Subscription,
        offered: Offered,
        refusal: DomainError | None,
        targets: list[TargetSubscription],
    ) -> "TransitionEligibility":
        """Both transition types stand or fall together."""
        errors = None if refusal is None else [TransitionError.of(refusal)]
        return cls(
            catalog_item_id=str(offered.item.id),
            title=offered.sku.title,
            description=offered.sku.description,
            quantity=source.quantity,
            eligibilities=[
                EligibilityDetail(is_eligible=refusal is None, transition_type=kind.value, errors=errors)
                for kind in TransitionType
            ],
            subscription_eligibilities=targets,
            attributes=Attributes(object_type="TransitionEligibility"),
        )


class TransitionEvent(Wire, kw_only=True):
    """A step of a transition."""

    name: str
    status: str
    timestamp: datetime


class Transition(Wire, kw_only=True):
    """A transition that was made."""

    operation_id: str
    from_catalog_item_id: str
    from_subscription_id: str
    to_catalog_item_id: str
    to_subscription_id: str
    quantity: int
    term_duration: str
    billing_cycle: str
    transition_type: str
    events: list[TransitionEvent]
    attributes: Attributes

    @classmethod
    def of(cls, row: models.SubscriptionTransition) -> "Transition":
        """It was done at once, so each step is complete."""
        moves = row.transition_type is TransitionType.WITH_LICENSES
        steps = ["Conversion", "LicenseReassignment"] if moves else ["Conversion"]
        return cls(
            operation_id=str(row.id),
            from_catalog_item_id=row.from_item,
            from_subscription_id=str(row.subscription_id),
            to_catalog_item_id=row.to_item,
            to_subscription_id=str(row.target_subscription_id),
            quantity=row.quantity,
            term_duration=row.duration,
            billing_cycle=row.billing_cycle.pascal,
            transition_type=row.transition_type.value,
            events=[TransitionEvent(name=name, status="Completed", timestamp=row.made_at) for name in steps],
            attributes=Attributes(object_type="Transition"),
        )


class TransitionIn(msgspec.Struct, rename="camel"):
    """What a client asks for."""

    to_catalog_item_id: str
    quantity: int
    transition_type: str = ""
    to_subscription_id: str = ""
    term_duration: str = ""
    billing_cycle: str = ""

    def read(self) -> TransitionWanted:
        """As the service takes it. Raises Invalid, CatalogItemIdInvalid, DurationInvalid."""
        return TransitionWanted(
            to_item=CatalogItemId.parse(self.to_catalog_item_id),
            quantity=self.quantity,
            transition_type=word(TransitionType, self.transition_type, silent="none") or TransitionType.ONLY,
            target_subscription_id=_guid(self.to_subscription_id),
            duration=Duration.parse(self.term_duration) if self.term_duration.strip() else None,
            billing_cycle=word(BillingCycle, self.billing_cycle, silent="unknown"),
        )


def _guid(text: str) -> UUID | None:
    if not text.strip():
        return None
    try:
        return UUID(text)
    except ValueError as error:
        raise Invalid(f"{text!r} is not the id of a subscription.", value=text) from error


class Conversion(Wire, kw_only=True):
    """What a trial can be converted to."""

    offer_id: str
    target_offer_id: str
    order_id: str
    quantity: int
    billing_cycle: str
    attributes: Attributes

    @classmethod
    def of(cls, row: models.Subscription) -> "Conversion":
        """The paid product of a trial."""
        return cls(
            offer_id=str(row.item_id),
            target_offer_id=row.converts_to,
            order_id=row.order_id,
            quantity=TRIAL_SEATS,
            billing_cycle=BillingCycle.MONTHLY.value,
            attributes=Attributes(object_type="Conversion"),
        )


class ConversionIn(msgspec.Struct, rename="camel"):
    """What a client asks for."""

    target_offer_id: str
    quantity: int = TRIAL_SEATS
    billing_cycle: str = ""

    def read(self) -> TransitionWanted:
        """A conversion is a transition of the whole trial."""
        return TransitionWanted(
            to_item=CatalogItemId.parse(self.target_offer_id),
            quantity=self.quantity or TRIAL_SEATS,
            transition_type=TransitionType.WITH_LICENSES,
            billing_cycle=word(BillingCycle, self.billing_cycle, silent="none"),
            is_conversion=True,
        )


class ConversionError(Wire, kw_only=True):
    """Why a trial was not converted."""

    code: int
    description: str


class ConversionResult(Wire, kw_only=True):
    """What came of it; without an error it is done."""

    subscription_id: str
    offer_id: str
    target_offer_id: str
    error: ConversionError | None = None
    attributes: Attributes

    @classmethod
    def of(
        cls, subscription_id: UUID, from_item: str, asked: ConversionIn, error: ConversionError | None = None
    ) -> "ConversionResult":
        """Under the same subscription id."""
        return cls(
            subscription_id=str(subscription_id),
            offer_id=from_item,
            target_offer_id=asked.target_offer_id,
            error=error,
            attributes=Attributes(object_type="ConversionResult"),
        )
