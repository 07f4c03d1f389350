"""What waits in the account: for the home page and the action center."""

from openpartner.partner import evidence, queries, rules, service
from openpartner.partner.portal.shared import words
from openpartner.partner.rules import AgreementState, CheckState
from openpartner.platform import permissions
from openpartner.platform.actor import TenantKind
from openpartner.platform.permissions import ROLE_INFO
from openpartner.platform.web.waiting import ActionItem, Figure, Urgency
from openpartner.platform.work import UnitOfWork

WORKSPACE = "Account settings"


def actions(uow: UnitOfWork) -> list[ActionItem]:
    """What this person can do about the account: verification, agreements, administrators, requests for roles."""
    if uow.actor.tenant_kind is TenantKind.OPERATOR:
        return _for_the_operator(uow)
    if uow.actor.tenant_kind is not TenantKind.PARTNER or queries.account_of(uow, uow.actor.tenant) is None:
        return []
    return [*_verification(uow), *_agreements(uow), *_people(uow), *_security_contact(uow)]


def figures(uow: UnitOfWork) -> list[Figure]:
    """The operator's queue."""
    if uow.actor.tenant_kind is not TenantKind.OPERATOR or not uow.actor.may(permissions.OPERATOR_ACCOUNTS.read):
        return []
    return [Figure("Checks that wait", len(queries.waiting_checks(uow)), "/operator/verification")]


def _for_the_operator(uow: UnitOfWork) -> list[ActionItem]:
    if not uow.actor.may(permissions.OPERATOR_ACCOUNTS.write):
        return []
    return [
        ActionItem(
            f"Verify {each.name}",
            f"{words(each.check)}: handed in {each.attempts} times, with {each.documents} documents.",
            "Verification",
            Urgency.MANDATORY,
            f"/operator/partners/{each.tenant_id}",
            "Review",
            rules.slow_from(each.submitted_at) if each.submitted_at is not None else None,
        )
        for each in queries.waiting_checks(uow, limit=20)
    ]


def _verification(uow: UnitOfWork) -> list[ActionItem]:
    if not uow.actor.may(permissions.VERIFICATION.write):
        return []
    account = queries.own_account(uow)
    items: list[ActionItem] = []
    for check in queries.checks(uow, account.tenant_id, account.vetting_round):
        mail_waits = check.check is rules.Check.EMAIL_OWNERSHIP and check.state is CheckState.IN_PROGRESS
        if not mail_waits and check.state not in {CheckState.ACTION_REQUIRED, CheckState.REJECTED}:
            continue
        rejected = check.state is CheckState.REJECTED and check.decided_at is not None
        items.append(
            ActionItem(
                f"Verification: {words(check.check).lower()}",
                check.reason or evidence.PASSES_WHEN[check.check],
                WORKSPACE,
                Urgency.MANDATORY,
                "/account/legal-info",
                "Fix now",
                rules.suspended_at(check.decided_at) if rejected and check.decided_at is not None else None,
            )
        )
    return items


def _agreements(uow: UnitOfWork) -> list[ActionItem]:
    if not uow.actor.may(permissions.PARTNER_AGREEMENT_SIGN.write):
        return []
    account = queries.own_account(uow)
    waiting = {AgreementState.NOT_ACCEPTED, AgreementState.REACCEPT_DUE, AgreementState.LAPSED}
    items: list[ActionItem] = []
    for enrolment in queries.enrolments(uow, account.tenant_id):
        standing = service.agreement_standing(uow, account, enrolment)
        if standing is None or standing.current is None or standing.state not in waiting:
            continue
        items.append(
            ActionItem(
                f"Accept the {standing.current.title.lower()}",
                f"Version {standing.current.version} is in force. Without it nothing new can be sold.",
                WORKSPACE,
                Urgency.MANDATORY,
                f"/account/agreements/{standing.current.id}",
                "Read and accept",
                standing.current.accept_by,
            )
        )
    return items


def _people(uow: UnitOfWork) -> list[ActionItem]:
    if not uow.actor.may(permissions.USERS_PARTNER_ROLES.write):
        return []
    items: list[ActionItem] = []
    warning = rules.admin_warning(len(queries.administrators(uow, uow.actor.tenant)))
    if warning:
        title = "Make a second administrator"
        items.append(ActionItem(title, warning, WORKSPACE, Urgency.RECOMMENDED, "/account/users", "Manage users"))
    grantable = set(service.grantable_roles(uow))
    items.extend(
        ActionItem(
            f"{each.user_name} asks for {ROLE_INFO[each.role].title}",
            each.reason or "No reason was given.",
            WORKSPACE,
            Urgency.RECOMMENDED,
            "/account/role-requests",
            "Answer",
        )
        for each in queries.access_requests(uow, state="open")
        if each.role in grantable
    )
    return items


def _security_contact(uow: UnitOfWork) -> list[ActionItem]:
    if not uow.actor.may(permissions.SECURITY_REQUIREMENTS.write):
        return []
    if queries.own_account(uow).security_contact is not None:
        return []
    text = "Partners who sell must say who is told about security events. A shared mailbox works well."
    return [
        ActionItem(
            "Name a security contact", text, WORKSPACE, Urgency.MANDATORY, "/account/security-contact", "Name one"
        )
    ]
