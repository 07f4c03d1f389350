"""Facts of the partner account. ``operation_type`` is the vendor's word where it has one (account-and-security §9)."""

from typing import ClassVar
from uuid import UUID

from openpartner.platform.events import Event
from openpartner.platform.permissions import Role


class _OfAccount(Event, frozen=True, kw_only=True):
    resource_type: ClassVar[str] = "partner_account"
    tenant_id: UUID

    @property
    def resource_id(self) -> str:
        return str(self.tenant_id)


class PartnerEnrolled(_OfAccount, frozen=True, kw_only=True):
    """A company has an account. ``partner_kind``: how it takes part."""

    operation_type: ClassVar[str] = "enrol_partner"
    partner_kind: str
    country: str
    region: str
    currency: str


class ProgramEnrolled(_OfAccount, frozen=True, kw_only=True):
    """The partner applied for a programme."""

    operation_type: ClassVar[str] = "enrol_program"
    program: str
    partner_kind: str


class ProgramStateChanged(_OfAccount, frozen=True, kw_only=True):
    """A programme's state: ``before`` and ``after`` hold it. Active is when business may begin."""

    operation_type: ClassVar[str] = "program_state_changed"
    program: str
    partner_kind: str
    reason: str = ""


class PartnerAccountStateChanged(_OfAccount, frozen=True, kw_only=True):
    """The account was authorized, suspended or reinstated: ``before`` and ``after`` hold the state."""

    operation_type: ClassVar[str] = "account_state_changed"
    reason: str = ""


class PartnerLocationAdded(_OfAccount, frozen=True, kw_only=True):
    """A location account with a Partner ID of its own exists."""

    operation_type: ClassVar[str] = "create_mpn_association"
    resource_type: ClassVar[str] = "mpn_association"
    location_id: UUID
    location_partner_id: str

    @property
    def resource_id(self) -> str:
        return self.location_partner_id


class PartnerProfileUpdated(_OfAccount, frozen=True, kw_only=True):
    """A profile was replaced: legal business, billing, organization or support."""

    operation_type: ClassVar[str] = "update_company_info"
    profile: str


class SecurityContactChanged(_OfAccount, frozen=True, kw_only=True):
    """Who hears of security events."""

    operation_type: ClassVar[str] = "security_contact_changed"


class VerificationRoundBegun(_OfAccount, frozen=True, kw_only=True):
    """The account is verified from the start: at enrolment, or after legal name, address or primary contact changed."""

    operation_type: ClassVar[str] = "verification_started"
    round: int
    reason: str


class VerificationStateChanged(_OfAccount, frozen=True, kw_only=True):
    """A check moved on: ``before`` and ``after`` hold its state. ``reason``: why it was refused or challenged."""

    operation_type: ClassVar[str] = "verification_state_changed"
    check: str
    reason_code: str = ""
    reason: str = ""


class VerificationDocumentAdded(_OfAccount, frozen=True, kw_only=True):
    """A document was handed in for a check."""

    operation_type: ClassVar[str] = "verification_document_added"
    check: str
    document_id: UUID
    file_name: str


class AgreementVersionPublished(Event, frozen=True, kw_only=True):
    """The operator put a version of an agreement into force."""

    resource_type: ClassVar[str] = "agreement"
    operation_type: ClassVar[str] = "agreement_version_published"
    template_id: UUID
    agreement_type: str
    version: str

    @property
    def resource_id(self) -> str:
        return str(self.template_id)


class PartnerAgreementAccepted(_OfAccount, frozen=True, kw_only=True):
    """A Global admin accepted a version of the partner agreement for a region."""

    resource_type: ClassVar[str] = "agreement"
    operation_type: ClassVar[str] = "create_agreement"
    template_id: UUID
    agreement_type: str
    version: str
    region: str

    @property
    def resource_id(self) -> str:
        return str(self.template_id)


class PartnerAgreementLapsed(_OfAccount, frozen=True, kw_only=True):
    """A new version was not accepted in time: nothing more can be transacted until it is."""

    resource_type: ClassVar[str] = "agreement"
    operation_type: ClassVar[str] = "agreement_lapsed"
    agreement_type: str
    version: str


class _OfUser(Event, frozen=True, kw_only=True):
    resource_type: ClassVar[str] = "partner_user"
    tenant_id: UUID
    user_id: UUID

    @property
    def resource_id(self) -> str:
        return str(self.user_id)


class PartnerUserCreated(_OfUser, frozen=True, kw_only=True):
    """A member was created, or a guest invited, with these roles."""

    operation_type: ClassVar[str] = "create_partner_user"
    roles: list[str]


class PartnerUserUpdated(_OfUser, frozen=True, kw_only=True):
    """Name, mail, password or the right to sign in changed."""

    operation_type: ClassVar[str] = "update_partner_user"


class PartnerUserRemoved(_OfUser, frozen=True, kw_only=True):
    """A user went to the bin, for 30 days. Its open work goes to others."""

    operation_type: ClassVar[str] = "remove_partner_user"


class PartnerUserRestored(_OfUser, frozen=True, kw_only=True):
    """A user came back from the bin, with the roles it had."""

    operation_type: ClassVar[str] = "restore_partner_user"


class RoleAssigned(_OfUser, frozen=True, kw_only=True):
    """A user holds a role. ``scope``: ``*``, or the location it is held for."""

    operation_type: ClassVar[str] = "role_assigned"
    role: Role
    scope: str


class RoleRemoved(_OfUser, frozen=True, kw_only=True):
    """A user holds a role no longer."""

    operation_type: ClassVar[str] = "role_removed"
    role: Role
    scope: str


class RoleRequested(_OfUser, frozen=True, kw_only=True):
    """A user asks the administrators for a role."""

    operation_type: ClassVar[str] = "role_requested"
    request_id: UUID
    role: Role


class RoleRequestAnswered(_OfUser, frozen=True, kw_only=True):
    """An administrator granted or refused it, or the user took it back. ``answer`` is the state it is in now."""

    operation_type: ClassVar[str] = "role_request_answered"
    request_id: UUID
    role: Role
    answer: str
