"""The use cases of relationships: ask, consent, assign, change, end, and what time does to each."""

from openpartner.relationships.service.assignments import (
    AssignmentChange,
    create_access_assignment,
    delete_access_assignment,
    update_access_assignment,
)
from openpartner.relationships.service.customer_admins import (
    NoAdministrator,
    acting_as,
    customer_admin,
    customer_named,
    user_as_actor,
)
from openpartner.relationships.service.granular_consent import (
    approve_admin_relationship,
    reject_admin_relationship,
    set_service_provider_constraints,
)
from openpartner.relationships.service.granular_defaults import create_default_relationship
from openpartner.relationships.service.granular_drafting import (
    RelationshipChange,
    create_admin_relationship,
    delete_admin_relationship,
    drop_global_administrator,
    set_auto_extend,
    update_admin_relationship,
)
from openpartner.relationships.service.granular_ending import terminate_admin_relationship
from openpartner.relationships.service.granular_previews import PersonChange, preview_constraints, preview_ending
from openpartner.relationships.service.partnerships import (
    accept_partnership,
    end_partnership,
    invite_indirect_resellers,
    refuse_partnership,
    withdraw_partnership_invitation,
)
from openpartner.relationships.service.requests import request_transition
from openpartner.relationships.service.reseller_consent import (
    Company,
    Offer,
    accept_reseller_relationship,
    company_of,
    open_offer,
    refuse_reseller_relationship,
)
from openpartner.relationships.service.reseller_ending import (
    Removal,
    end_own_partner,
    preview_removal,
    remove_own_delegated_access,
)
from openpartner.relationships.service.reselling import (
    invite_customers,
    relationship_request,
    withdraw_customer_invitation,
)
from openpartner.relationships.service.telling import name_of

__all__ = [
    "AssignmentChange",
    "Company",
    "NoAdministrator",
    "Offer",
    "PersonChange",
    "RelationshipChange",
    "Removal",
    "accept_partnership",
    "accept_reseller_relationship",
    "acting_as",
    "approve_admin_relationship",
    "company_of",
    "create_access_assignment",
    "create_admin_relationship",
    "create_default_relationship",
    "customer_admin",
    "customer_named",
    "delete_access_assignment",
    "delete_admin_relationship",
    "drop_global_administrator",
    "end_own_partner",
    "end_partnership",
    "invite_customers",
    "invite_indirect_resellers",
    "name_of",
    "open_offer",
    "preview_constraints",
    "preview_ending",
    "preview_removal",
    "refuse_partnership",
    "refuse_reseller_relationship",
    "reject_admin_relationship",
    "relationship_request",
    "remove_own_delegated_access",
    "request_transition",
    "set_auto_extend",
    "set_service_provider_constraints",
    "terminate_admin_relationship",
    "update_access_assignment",
    "update_admin_relationship",
    "user_as_actor",
    "withdraw_customer_invitation",
    "withdraw_partnership_invitation",
]
