"""The states of what leads to customers and resellers: invitations, partnerships and bulk plans, drawn from the tables.

python -m openpartner.relationships.reseller_states_document > docs/states/reseller-relationship.md
"""

import sys
from collections.abc import Iterator, Mapping
from typing import Any

from openpartner.platform.markdown import state_diagram, table
from openpartner.relationships.rules.invitations import INVITATION_TRANSITIONS, InvitationAction, InvitationState
from openpartner.relationships.rules.partnerships import PARTNERSHIP_TRANSITIONS, PartnershipAction
from openpartner.relationships.rules.plans import PLAN_TRANSITIONS, PlanAction, PlanState

_HEAD = ("from", "what happens", "to", "who")
_INVITED: Mapping[Any, str] = {
    InvitationAction.ACCEPT: "who is invited",
    InvitationAction.REFUSE: "who is invited",
    InvitationAction.WITHDRAW: "who invited",
}
_PARTNERS: Mapping[Any, str] = {
    PartnershipAction.ACCEPT: "the reseller that is invited",
    PartnershipAction.END: "either side",
}
_PLANNED: Mapping[Any, str] = {
    PlanAction.REHEARSE: "the partner",
    PlanAction.APPLY: "the partner",
    PlanAction.PAUSE: "the partner, or the system when its author may not go on",
    PlanAction.FINISH: "the system",
    PlanAction.DELETE: "the partner",
}


def render() -> str:
    """The document."""
    return "\n".join(_lines()) + "\n"


def _lines() -> Iterator[str]:
    yield "# The states of a reseller relationship's beginnings"
    yield ""
    yield "Generated from `relationships/rules/`; do not edit. Source: gdap §8, §10, §14; portal-workspaces §2.3, §2.8."
    yield from _part(
        "Invitation, to a customer or to a reseller", InvitationState.SENT, INVITATION_TRANSITIONS, _INVITED
    )
    yield from _part(
        "Partnership of an indirect provider and an indirect reseller", None, PARTNERSHIP_TRANSITIONS, _PARTNERS
    )
    yield from _part("Bulk plan", PlanState.DRAFT, PLAN_TRANSITIONS, _PLANNED)


def _part(title: str, first: Any, transitions: Mapping[tuple[Any, Any], Any], who: Mapping[Any, str]) -> Iterator[str]:
    """A diagram and a table. None before a transition: nothing was there; after it: it is gone."""
    yield ""
    yield f"## {title}"
    yield ""
    begins = [] if first is None else [("[*]", first, "create")]
    steps = [(source or "[*]", target or "[*]", action) for (source, action), target in transitions.items()]
    yield from state_diagram([*begins, *steps])
    yield ""
    yield from table(
        _HEAD,
        (
            [source or "nothing", action, target or "gone", who[action]]
            for (source, action), target in transitions.items()
        ),
    )


if __name__ == "__main__":
    sys.stdout.write(render())
