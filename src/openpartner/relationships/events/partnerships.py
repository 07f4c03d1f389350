"""Facts of the indirect model. Each stands in the log of both partners: ``partner_id`` is the one told."""

from typing import ClassVar
from uuid import UUID

from openpartner.platform.events import Event


class _OfPartnership(Event, frozen=True, kw_only=True):
    resource_type: ClassVar[str] = "partner_relationship"

    provider_id: UUID
    reseller_id: UUID

    @property
    def resource_id(self) -> str:
        return str(self.reseller_id if self.partner_id == self.provider_id else self.provider_id)


class PartnershipBegun(_OfPartnership, frozen=True, kw_only=True):
    """A reseller has accepted an indirect provider."""

    operation_type: ClassVar[str] = "create_partner_relationship"


class PartnershipEnded(_OfPartnership, frozen=True, kw_only=True):
    """One of the two has ended it; customers and their delegated administration stay as they are."""

    operation_type: ClassVar[str] = "remove_partner_relationship"

    ended_by: UUID


class PartnershipInvited(Event, frozen=True, kw_only=True):
    """A provider has written to a reseller-to-be."""

    resource_type: ClassVar[str] = "partner_relationship"
    operation_type: ClassVar[str] = "invite_partner"

    invitation_id: UUID

    @property
    def resource_id(self) -> str:
        return str(self.invitation_id)


class PartnershipInvitationClosed(Event, frozen=True, kw_only=True):
    """An invitation was accepted, refused or withdrawn: ``after`` holds the state. reseller_id: who answered."""

    resource_type: ClassVar[str] = "partner_relationship"
    operation_type: ClassVar[str] = "answer_partner_invitation"

    invitation_id: UUID
    reseller_id: UUID | None = None
    reason: str = ""

    @property
    def resource_id(self) -> str:
        return str(self.invitation_id)
