"""Where in the portal the one who decides would do it."""

from uuid import UUID

from openpartner.relationships.rules.granular_consent import approval_path
from openpartner.relationships.rules.reselling import LinkKind, ResellerLink
from openpartner.relationships.service.partnerships import INVITATION_PATH
from openpartner.sandbox.consent.rules import Matter
from openpartner.sandbox.consent.sources import Subject


def page_of(subject: Subject, *, runs: bool = False) -> str:
    """The address, without the host, at which the request waits. runs: at which what runs can be ended."""
    if runs:
        is_partnership = subject.matter is Matter.PARTNERSHIP
        return "/indirect-providers" if is_partnership else f"/partners/{subject.provider_id or subject.asker_id}"
    match subject.matter:
        case Matter.GRANULAR:
            return approval_path(subject.id)
        case Matter.REVIEW:
            return f"/granular-administration/{subject.id}"
        case Matter.PARTNERSHIP:
            return f"{INVITATION_PATH}/{subject.id}"
        case _:
            return invitation_link(subject).url("")


def invitation_link(subject: Subject) -> ResellerLink:
    """The link of a customer's invitation, as its mail carries it."""
    kind = LinkKind.DIRECT if subject.provider_id is None else LinkKind.INDIRECT
    return ResellerLink(kind, subject.asker_id, "", subject.provider_id, UUID(subject.id))
