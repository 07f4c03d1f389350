"""What an organization is to the programme, on the Graph surface: tools tell resellers by it."""

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import select

from openpartner.identity.graph.wire.domains import ORGANIZATION
from openpartner.partner.models import ProgramEnrolment
from openpartner.partner.rules import PartnerKind
from openpartner.platform.graph.edm import Enumeration, choice, declare
from openpartner.platform.graph.surface import Extension
from openpartner.platform.work import UnitOfWork

PARTNER_TENANT_TYPE = Enumeration(
    name="partnerTenantType",
    members=(
        "microsoftSupport",
        "syndicatePartner",
        "breadthPartner",
        "breadthPartnerDelegatedAdmin",
        "resellerPartnerDelegatedAdmin",
        "valueAddedResellerPartnerDelegatedAdmin",
    ),
)
_TYPE_OF_KIND = {
    PartnerKind.DIRECT_BILL: "resellerPartnerDelegatedAdmin",
    PartnerKind.INDIRECT_PROVIDER: "resellerPartnerDelegatedAdmin",
    PartnerKind.INDIRECT_RESELLER: "valueAddedResellerPartnerDelegatedAdmin",
}


def _types(uow: UnitOfWork, keys: Sequence[Any]) -> Mapping[Any, str]:
    rows = uow.db.execute(
        select(ProgramEnrolment.tenant_id, ProgramEnrolment.kind)
        .where(ProgramEnrolment.tenant_id.in_(keys), ProgramEnrolment.kind.in_(list(_TYPE_OF_KIND)))
        .order_by(ProgramEnrolment.enrolled_at, ProgramEnrolment.id)
    )
    return {row.tenant_id: _TYPE_OF_KIND[row.kind] for row in rows}


EXTENSIONS = (
    Extension(
        of=ORGANIZATION,
        properties=declare(choice("partnerTenantType", PARTNER_TENANT_TYPE, load=_types, is_filterable=False)),
    ),
)
"""Source: graph-conventions §16, partnerTenantType. Nobody else has one."""
