"""Who may consent, to what, for which customer. Source: gdap §2.7, §3, §8, §10."""

from uuid import UUID

from openpartner.relationships.rules.granular import Denied, Refused

APPROVAL_PATH = "/AdminPortal/Home#/partners/invitation/granularAdminRelationships/"
"""Where a customer approves, under the customer portal's host. Source: gdap §10."""


def approval_path(relationship_id: str) -> str:
    """The approval link without its host."""
    return f"{APPROVAL_PATH}{relationship_id}"


class OwnAdministratorNeeded(Denied):
    """Nobody consents on the customer's behalf: not the partner through access it has, and no guest from elsewhere."""

    def __init__(self) -> None:
        super().__init__(
            "Only a Global Administrator who belongs to the customer's own organization can decide about partners. "
            "Ask one of them to sign in."
        )


class CustomerRefused(Refused):
    """Source: gdap §8, malformed customer."""

    def __init__(self, customer_id: object) -> None:
        super().__init__(
            f"No customer has the tenant id {customer_id}. Give the id of a customer's tenant, or leave customer out "
            "to let any customer that opens the link approve.",
            customer_id=str(customer_id),
        )


class ResellerMissing(Refused):
    """Source: gdap §2.1: an indirect provider asks in the name of its indirect reseller."""

    def __init__(self) -> None:
        super().__init__(
            "A relationship for an indirect reseller names a customer of yours that you sell to through a reseller."
        )


class ReviewPending(Refused):
    """Source: gdap §2.1, isPartnerConsentPending."""

    def __init__(self) -> None:
        super().__init__("The indirect reseller has not agreed to this request yet. Try again once it has.")


class AlreadyReviewed(Refused):
    """Source: gdap §2.1, isPartnerConsentPending."""

    def __init__(self) -> None:
        super().__init__("You have agreed to this request already; it waits for the customer.")


class RoleNotAllowed(Denied):
    """The customer does not let this partner hold the role, whatever is asked for. Source: gdap §2.7."""

    def __init__(self, role: UUID) -> None:
        super().__init__(
            f"The customer's service provider constraints do not allow the role {role}. "
            "Leave it out, or ask the customer to allow it.",
            role=str(role),
        )


class PartnerUnknown(Refused):
    """Source: gdap §2.7: constraints are set for a service provider."""

    status = 404
    code = "itemNotFound"

    def __init__(self, partner_id: object) -> None:
        super().__init__(
            f"No partner has the tenant id {partner_id}. Check the identifier.", partner_id=str(partner_id)
        )


def check_constraint(wanted: frozenset[UUID], constraint: frozenset[UUID] | None) -> None:
    """Raise RoleNotAllowed for a role outside what the customer allows; None allows everything."""
    if constraint is None:
        return
    outside = sorted(wanted - constraint)
    if outside:
        raise RoleNotAllowed(outside[0])
