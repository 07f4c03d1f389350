"""What a partner must have to be authorised for CSP, looked at on entry and each year in the anniversary month.

Source: account-and-security §4.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from types import MappingProxyType

from openpartner.partner.rules.enrolment import PartnerKind
from openpartner.platform.money import Money

ENFORCED_FROM = datetime(2025, 10, 1, tzinfo=UTC)

NO_REVENUE = Money.zero("USD")
LEAST_DIRECT_BILL_REVENUE = Money(1_000_000_00, "USD")
LEAST_RESELLER_REVENUE = Money(1_000_00, "USD")
LEAST_MONTHS_AS_RESELLER = 12
SLOWEST_MEAN_RESPONSE = timedelta(hours=24)


@dataclass(frozen=True)
class Facts:
    """What is known of a partner, as its requirements ask for it.

    revenue: CSP revenue of the last twelve months. mean_response: to security alerts; None when there were none.
    is_invited: the operator has approved it as a provider.
    """

    revenue: Money = NO_REVENUE
    months_as_reseller: int = 0
    designations: int = 0
    is_member: bool = False
    has_support_plan: bool = False
    has_passed_assessment: bool = False
    has_passed_credit_check: bool = False
    has_billing_infrastructure: bool = False
    has_managed_service: bool = False
    has_support_contact: bool = False
    has_provider: bool = False
    has_signed_agreement: bool = False
    is_invited: bool = False
    admins_use_mfa: bool = False
    has_security_contact: bool = False
    mean_response: timedelta | None = None


@dataclass(frozen=True)
class Requirement:
    """One thing that is asked for; ``title`` says it as the portal's checklist does."""

    title: str
    is_met: Callable[[Facts], bool]


_MFA = Requirement("Every administrator signs in with a second factor", lambda facts: facts.admins_use_mfa)
_SECURITY_CONTACT = Requirement("A security contact is named", lambda facts: facts.has_security_contact)
_RESPONSE = Requirement(
    "Security alerts are answered within 24 hours on average",
    lambda facts: facts.mean_response is None or facts.mean_response <= SLOWEST_MEAN_RESPONSE,
)
_SUPPORT_PLAN = Requirement("A support plan is active", lambda facts: facts.has_support_plan)
_CREDIT_CHECK = Requirement("The credit check is passed", lambda facts: facts.has_passed_credit_check)
_BILLING = Requirement("Customers can be billed", lambda facts: facts.has_billing_infrastructure)
_MANAGED_SERVICE = Requirement("A managed service or application is offered", lambda facts: facts.has_managed_service)
_ASSESSMENT = Requirement("The capabilities assessment is passed", lambda facts: facts.has_passed_assessment)

REQUIREMENTS: Mapping[PartnerKind, tuple[Requirement, ...]] = MappingProxyType(
    {
        PartnerKind.DIRECT_BILL: (
            Requirement(
                "CSP revenue of USD 1,000,000 or more in the last twelve months",
                lambda facts: facts.revenue.minor >= LEAST_DIRECT_BILL_REVENUE.minor,
            ),
            Requirement(
                "Twelve months or more as indirect reseller",
                lambda facts: facts.months_as_reseller >= LEAST_MONTHS_AS_RESELLER,
            ),
            Requirement("One Solutions Partner designation or more", lambda facts: facts.designations >= 1),
            _SUPPORT_PLAN,
            _ASSESSMENT,
            _CREDIT_CHECK,
            _BILLING,
            _MANAGED_SERVICE,
            _MFA,
            _SECURITY_CONTACT,
            _RESPONSE,
        ),
        PartnerKind.INDIRECT_PROVIDER: (
            Requirement("Invited and approved by the programme", lambda facts: facts.is_invited),
            _SUPPORT_PLAN,
            _ASSESSMENT,
            _CREDIT_CHECK,
            _BILLING,
            _MANAGED_SERVICE,
            _MFA,
            _SECURITY_CONTACT,
            _RESPONSE,
        ),
        PartnerKind.INDIRECT_RESELLER: (
            Requirement(
                "CSP revenue of USD 1,000 or more in the last twelve months",
                lambda facts: facts.revenue.minor >= LEAST_RESELLER_REVENUE.minor,
            ),
            Requirement("The membership is active", lambda facts: facts.is_member),
            Requirement("Support email and telephone are given", lambda facts: facts.has_support_contact),
            Requirement("A relationship with an indirect provider", lambda facts: facts.has_provider),
            Requirement("The partner agreement is signed", lambda facts: facts.has_signed_agreement),
            _MFA,
            _SECURITY_CONTACT,
        ),
    }
)
"""What each kind of CSP partner must have; the other kinds need nothing of this."""


def shortfalls(kind: PartnerKind, facts: Facts) -> list[Requirement]:
    """What is missing, in the order of the checklist. Revenue in other currencies is converted before."""
    return [requirement for requirement in REQUIREMENTS.get(kind, ()) if not requirement.is_met(facts)]


def next_review(authorized_at: datetime, at: datetime) -> datetime:
    """The first day of the next anniversary month after ``at``, at midnight UTC, once reviews are enforced."""
    first = max(at, ENFORCED_FROM - timedelta(microseconds=1), authorized_at)
    month = datetime(first.year, authorized_at.month, 1, tzinfo=UTC)
    return month if month > first else month.replace(year=first.year + 1)
