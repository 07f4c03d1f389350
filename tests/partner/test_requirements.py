"""What a partner must have to be authorised for CSP."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from openpartner.partner.rules import PartnerKind
from openpartner.partner.rules.requirements import Facts, next_review, shortfalls
from openpartner.platform.money import Money

DIRECT = Facts(
    revenue=Money(1_000_000_00, "USD"),
    months_as_reseller=12,
    designations=1,
    has_support_plan=True,
    has_passed_assessment=True,
    has_passed_credit_check=True,
    has_billing_infrastructure=True,
    has_managed_service=True,
    admins_use_mfa=True,
    has_security_contact=True,
    mean_response=timedelta(hours=24),
)
PROVIDER = replace(DIRECT, is_invited=True, revenue=Money(0, "USD"), months_as_reseller=0, designations=0)
RESELLER = Facts(
    revenue=Money(1_000_00, "USD"),
    is_member=True,
    has_support_contact=True,
    has_provider=True,
    has_signed_agreement=True,
    admins_use_mfa=True,
    has_security_contact=True,
)


@pytest.mark.parametrize(
    ("kind", "facts"),
    [
        (PartnerKind.DIRECT_BILL, DIRECT),
        (PartnerKind.INDIRECT_PROVIDER, PROVIDER),
        (PartnerKind.INDIRECT_RESELLER, RESELLER),
        (PartnerKind.PUBLISHER, Facts()),
        (PartnerKind.MEMBER, Facts()),
    ],
)
def test_who_has_it_all(kind: PartnerKind, facts: Facts) -> None:
    assert shortfalls(kind, facts) == []


@pytest.mark.parametrize(
    ("kind", "facts", "changed", "missing"),
    [
        (
            PartnerKind.DIRECT_BILL,
            DIRECT,
            {"revenue": Money(999_999_99, "USD"), "months_as_reseller": 11, "designations": 0},
            [
                "CSP revenue of USD 1,000,000 or more in the last twelve months",
                "Twelve months or more as indirect reseller",
                "One Solutions Partner designation or more",
            ],
        ),
        (
            PartnerKind.DIRECT_BILL,
            DIRECT,
            {"mean_response": timedelta(hours=24, seconds=1)},
            ["Security alerts are answered within 24 hours on average"],
        ),
        (PartnerKind.DIRECT_BILL, DIRECT, {"mean_response": None}, []),
        (
            PartnerKind.INDIRECT_PROVIDER,
            PROVIDER,
            {"is_invited": False, "has_passed_credit_check": False},
            ["Invited and approved by the programme", "The credit check is passed"],
        ),
        (
            PartnerKind.INDIRECT_RESELLER,
            RESELLER,
            {"revenue": Money(999_99, "USD"), "has_provider": False},
            [
                "CSP revenue of USD 1,000 or more in the last twelve months",
                "A relationship with an indirect provider",
            ],
        ),
        (
            PartnerKind.INDIRECT_RESELLER,
            RESELLER,
            {"admins_use_mfa": False, "has_security_contact": False},
            ["Every administrator signs in with a second factor", "A security contact is named"],
        ),
    ],
)
def test_what_is_missing(kind: PartnerKind, facts: Facts, changed: dict[str, Any], missing: list[str]) -> None:
    assert [requirement.title for requirement in shortfalls(kind, replace(facts, **changed))] == missing


@pytest.mark.parametrize(
    ("authorized", "at", "review"),
    [
        ((2024, 11, 5), (2026, 3, 1), (2026, 11, 1)),
        ((2024, 11, 5), (2026, 11, 1), (2027, 11, 1)),
        ((2024, 3, 5), (2026, 11, 1), (2027, 3, 1)),
        ((2024, 3, 5), (2024, 3, 6), (2026, 3, 1)),
        ((2024, 10, 5), (2025, 1, 1), (2025, 10, 1)),
        ((2026, 5, 5), (2026, 5, 5), (2027, 5, 1)),
    ],
)
def test_the_next_review(
    authorized: tuple[int, int, int], at: tuple[int, int, int], review: tuple[int, int, int]
) -> None:
    assert next_review(datetime(*authorized, tzinfo=UTC), datetime(*at, tzinfo=UTC)) == datetime(*review, tzinfo=UTC)
