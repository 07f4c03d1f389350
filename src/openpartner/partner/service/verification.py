"""Verification of an account: rounds of checks, the mail of the first, documents, appeals, the operator's decisions."""

import hashlib
from uuid import UUID

import msgspec

from openpartner.identity import queries as directory
from openpartner.partner import evidence, queries, rules
from openpartner.partner.events import (
    VerificationDocumentAdded,
    VerificationRoundBegun,
    VerificationStateChanged,
)
from openpartner.partner.models import PartnerAccount, PartnerProfile, VerificationCheck, VerificationDocument
from openpartner.partner.profiles import LegalBusinessProfile, ProfileKind
from openpartner.partner.rules import Check, CheckAction, CheckState, VettingStatus
from openpartner.partner.service.account import move_on, settle
from openpartner.platform.errors import NotFound
from openpartner.platform.permissions import OPERATOR_ACCOUNTS, VERIFICATION
from openpartner.platform.work import UnitOfWork

_DECISIONS = {CheckAction.AUTHORIZE, CheckAction.REJECT, CheckAction.ASK}
_REJECTED_TOO_LONG = "The verification was rejected and not corrected within 30 days."


def digest(secret: str) -> str:
    """How a code or a link is kept."""
    return hashlib.sha256(secret.encode()).hexdigest()


def begin_round(uow: UnitOfWork, account: PartnerAccount, reason: str) -> None:
    """Verify the account from the start. What was verified stays so until the new round is decided.

    Called at enrolment and when the legal profile changes. Emits VerificationRoundBegun and what the first check does.
    """
    account.vetting_round += 1
    for check in Check:
        uow.db.add(
            VerificationCheck(
                id=uow.ids.uuid(),
                tenant_id=account.tenant_id,
                round=account.vetting_round,
                check=check,
                state=CheckState.NOT_STARTED,
            )
        )
    uow.db.flush()
    uow.emit(
        VerificationRoundBegun(
            partner_id=account.tenant_id, tenant_id=account.tenant_id, round=account.vetting_round, reason=reason
        )
    )
    _go_on(uow, account)


def _states(uow: UnitOfWork, account: PartnerAccount) -> dict[Check, CheckState]:
    return {each.check: each.state for each in queries.checks(uow, account.tenant_id, account.vetting_round)}


def _go_on(uow: UnitOfWork, account: PartnerAccount) -> None:
    """Start the check whose turn has come, then say what the round comes to."""
    turn = rules.next_check(_states(uow, account))
    if turn is not None:
        check = one_check(uow, account, turn)
        _move(uow, check, CheckAction.START)
        _begin_check(uow, account, check)
        return
    _conclude(uow, account)


def _begin_check(uow: UnitOfWork, account: PartnerAccount, check: VerificationCheck) -> None:
    """What a check does by itself: send a mail, pass on its own, or ask for what is plainly missing."""
    if check.check is Check.EMAIL_OWNERSHIP:
        _send_code(uow, account, check)
    elif check.check is Check.EMPLOYMENT:
        owned = [each.name for each in directory.domains_of(uow, account.tenant_id) if each.is_verified]
        if rules.proves_employment(account.primary_contact_email, owned):
            _move(uow, check, CheckAction.AUTHORIZE)
            _go_on(uow, account)
            return
        _move(uow, check, CheckAction.ASK, reason_code="personal_domain")
    else:
        legal = queries.profile(uow, account.tenant_id, ProfileKind.LEGAL_BUSINESS)
        doubt = (
            rules.business_doubt(legal.company_name, legal.address) if isinstance(legal, LegalBusinessProfile) else ""
        )
        if doubt:
            _move(uow, check, CheckAction.ASK, reason_code="post_box", note=doubt)
    _conclude(uow, account)


def _move(
    uow: UnitOfWork, check: VerificationCheck, action: CheckAction, *, reason_code: str = "", note: str = ""
) -> None:
    """Take a check one step on. The only place that assigns its state. Emits VerificationStateChanged."""
    before = check.state
    check.state = rules.moved_check(check.check, before, action, appeals=check.appeals)
    reason = evidence.REASONS.get(reason_code)
    text = " ".join(part for part in ((reason.text if reason else ""), note.strip()) if part)
    check.reason_code, check.reason = reason_code, text
    if action in {CheckAction.START, CheckAction.ANSWER, CheckAction.APPEAL}:
        check.submitted_at = uow.now
        check.attempts += 1
    if action is CheckAction.APPEAL:
        check.appeals += 1
    if action in _DECISIONS:
        check.decided_at = uow.now
        check.reviewer_id, check.reviewer_name = uow.actor.principal_id, uow.actor.name
    uow.db.flush()
    uow.emit(
        VerificationStateChanged(
            partner_id=check.tenant_id,
            tenant_id=check.tenant_id,
            check=check.check.value,
            reason_code=reason_code,
            reason=text,
            before={"state": before.value},
            after={"state": check.state.value},
        )
    )


def _conclude(uow: UnitOfWork, account: PartnerAccount) -> None:
    """Say what the round comes to; tell the contact, keep what was verified, and move the programmes on."""
    before = account.vetting_status
    account.vetting_status, account.vetting_sub_status = rules.vetting(_states(uow, account))
    if account.vetting_status is before or account.vetting_status is VettingStatus.PENDING:
        if account.verified is VettingStatus.NONE:
            account.verified = VettingStatus.PENDING
        settle(uow, account)
        return
    account.verified = account.vetting_status
    if account.verified is VettingStatus.AUTHORIZED:
        account.authorized_at = uow.now
        if account.suspended_reason == _REJECTED_TOO_LONG:
            account.suspended_at, account.suspended_reason = None, ""
        _keep_as_verified(uow, account)
        uow.unschedule(f"partner.suspend_rejected/{account.tenant_id}")
        _tell(
            uow,
            account,
            "Your company is verified",
            "The verification of your company is complete. Open Account settings > Agreements to accept what is left.",
        )
    else:
        due_at = rules.suspended_at(uow.now)
        uow.schedule(
            due_at,
            "partner.suspend_rejected",
            {"tenant_id": str(account.tenant_id), "round": account.vetting_round},
            key=f"partner.suspend_rejected/{account.tenant_id}",
        )
        _tell(
            uow,
            account,
            "The verification of your company was rejected",
            "Open Account settings > Legal info: it shows the reason, what helps, and where to appeal. "
            f"Without it the account is suspended on {due_at:%Y-%m-%d}.",
        )
    move_on(uow, account)


def _keep_as_verified(uow: UnitOfWork, account: PartnerAccount) -> None:
    legal = queries.profile_row(uow, account.tenant_id, ProfileKind.LEGAL_BUSINESS)
    kept = uow.db.get(PartnerProfile, (account.tenant_id, ProfileKind.LEGAL_BUSINESS_FINALIZED.value))
    if kept is None:
        kept = PartnerProfile(tenant_id=account.tenant_id, kind=ProfileKind.LEGAL_BUSINESS_FINALIZED.value)
        uow.db.add(kept)
    kept.body, kept.updated_at = legal.body, uow.now
    uow.db.flush()


def _tell(uow: UnitOfWork, account: PartnerAccount, subject: str, text: str) -> None:
    uow.mail(account.primary_contact_email, subject, text, topic="verification", tenant_id=account.tenant_id)


def one_check(uow: UnitOfWork, account: PartnerAccount, check: Check) -> VerificationCheck:
    """A check of the present round."""
    found = queries.checks(uow, account.tenant_id, account.vetting_round)
    return next(each for each in found if each.check is check)


# --- the mail of the first check ----------------------------------------------------------------------------------


def _send_code(uow: UnitOfWork, account: PartnerAccount, check: VerificationCheck) -> None:
    code, link = uow.ids.digits(evidence.CODE_DIGITS), uow.ids.token()
    check.code_hash, check.link_hash = digest(code), digest(link)
    check.code_sent_at, check.code_expires_at = uow.now, uow.now + evidence.CODE_LIVES
    check.code_failures = 0
    uow.db.flush()
    origin = uow.world.settings.base_url.rstrip("/")
    _tell(
        uow,
        account,
        "Confirm your email address",
        f"{account.name} enrolled as a partner and named you as its primary contact.\n\n"
        f"Open {origin}/verify-email?token={link}\nor enter this code under Account settings > Legal info: {code}\n\n"
        f"Both hold until {check.code_expires_at:%Y-%m-%d %H:%M} UTC.",
    )


def resend_verification_mail(uow: UnitOfWork) -> None:
    """Send link and code again, after one working day. Raises CodeTooEarly, CheckUnreachable."""
    uow.actor.require(VERIFICATION.write)
    account = queries.own_account(uow)
    check = one_check(uow, account, Check.EMAIL_OWNERSHIP)
    if check.state is CheckState.AUTHORIZED:
        raise rules.CheckUnreachable(check.check, check.state, CheckAction.ANSWER)
    if check.code_sent_at is not None and rules.resend_from(check.code_sent_at) > uow.now:
        raise evidence.CodeTooEarly(rules.resend_from(check.code_sent_at))
    if check.state in {CheckState.ACTION_REQUIRED, CheckState.REJECTED}:
        _move(uow, check, CheckAction.ANSWER)
        _conclude(uow, account)
    _send_code(uow, account, check)


def confirm_email_code(uow: UnitOfWork, code: str) -> evidence.CodeRefused | None:
    """Enter the code of the mail. A wrong one is given back, not raised, so that the attempt is counted.

    Raises CheckUnreachable when nothing waits for a code.
    """
    uow.actor.require(VERIFICATION.write)
    account = queries.own_account(uow)
    check = one_check(uow, account, Check.EMAIL_OWNERSHIP)
    try:
        evidence.check_code(
            sent=check.code_hash,
            given=digest(code.strip()),
            failures=check.code_failures,
            expires_at=check.code_expires_at,
            at=uow.now,
        )
    except evidence.CodeRefused as refusal:
        check.code_failures += 1
        return refusal
    _prove_mailbox(uow, account, check)
    return None


def confirm_email_link(uow: UnitOfWork, token: str) -> PartnerAccount:
    """Open the link of the mail; who holds it needs no sign-in. Gives back the account. Raises CodeRefused."""
    check = queries.check_by_link(uow, digest(token))
    if check is None:
        raise evidence.CodeRefused("This link is not one of ours, or was used already.")
    evidence.check_code(
        sent=check.link_hash, given=digest(token), failures=0, expires_at=check.code_expires_at, at=uow.now
    )
    account = uow.db.get_one(PartnerAccount, check.tenant_id)
    if check.round != account.vetting_round:
        raise evidence.CodeRefused("The company's contact has changed since this mail was sent.")
    _prove_mailbox(uow, account, check)
    return account


def _prove_mailbox(uow: UnitOfWork, account: PartnerAccount, check: VerificationCheck) -> None:
    _move(uow, check, CheckAction.AUTHORIZE)
    check.code_hash = check.link_hash = ""
    _go_on(uow, account)


# --- the partner's side -------------------------------------------------------------------------------------------


def add_verification_document(
    uow: UnitOfWork, check: Check, *, kind: str, file_name: str, media_type: str, content: bytes
) -> VerificationDocument:
    """Hand in a document for a check of the present round. Raises DocumentRefused. Emits VerificationDocumentAdded."""
    uow.actor.require(VERIFICATION.write)
    account = queries.own_account(uow)
    evidence.check_document(file_name, media_type, len(content), kind)
    row = one_check(uow, account, check)
    document = VerificationDocument(
        id=uow.ids.uuid(),
        check_id=row.id,
        tenant_id=account.tenant_id,
        kind=kind,
        file_name=file_name.strip()[-255:],
        media_type=media_type,
        size=len(content),
        sha256=hashlib.sha256(content).hexdigest(),
        content=content,
        uploaded_by=uow.actor.name,
        uploaded_at=uow.now,
    )
    uow.db.add(document)
    uow.db.flush()
    uow.emit(
        VerificationDocumentAdded(
            partner_id=account.tenant_id,
            tenant_id=account.tenant_id,
            check=check.value,
            document_id=document.id,
            file_name=document.file_name,
            after={"fileName": document.file_name, "size": document.size, "sha256": document.sha256},
        )
    )
    return document


def answer_check(uow: UnitOfWork, check: Check, comment: str) -> VerificationCheck:
    """Say that what was asked for is done: it goes back to the reviewer. Raises CheckUnreachable."""
    return _hand_in(uow, check, CheckAction.ANSWER, comment)


def appeal_check(uow: UnitOfWork, check: Check, comment: str) -> VerificationCheck:
    """Challenge a rejection, up to three times. Raises CheckUnreachable, AppealsUsedUp."""
    return _hand_in(uow, check, CheckAction.APPEAL, comment)


def _hand_in(uow: UnitOfWork, check: Check, action: CheckAction, comment: str) -> VerificationCheck:
    uow.actor.require(VERIFICATION.write)
    account = queries.own_account(uow)
    row = one_check(uow, account, check)
    _move(uow, row, action)
    row.comment = comment.strip()[:2000]
    _conclude(uow, account)
    return row


# --- the operator's side ------------------------------------------------------------------------------------------


def decide_check(
    uow: UnitOfWork, check_id: UUID, action: CheckAction, *, reason_code: str = "", note: str = ""
) -> VerificationCheck:
    """The reviewer's decision: authorize, ask for more, or reject; the last two with a reason.

    Raises NotFound (also for a round that is over), ReasonMissing, CheckUnreachable.
    """
    uow.actor.require(OPERATOR_ACCOUNTS.write)
    check = uow.db.get(VerificationCheck, check_id)
    account = None if check is None else queries.account(uow, check.tenant_id)
    if check is None or account is None or check.round != account.vetting_round:
        raise NotFound("Verification check", check_id)
    if action not in _DECISIONS:
        raise rules.CheckUnreachable(check.check, check.state, action)
    if action is not CheckAction.AUTHORIZE and reason_code not in evidence.REASONS:
        raise evidence.ReasonMissing
    _move(uow, check, action, reason_code=reason_code, note=note)
    if action is CheckAction.AUTHORIZE:
        _go_on(uow, account)
    else:
        if action is CheckAction.ASK:
            _tell(
                uow,
                account,
                "We need something more to verify your company",
                f"{check.reason} {evidence.REASONS[reason_code].remedy}\nOpen Account settings > Legal info.",
            )
        _conclude(uow, account)
    return check


def authorize_account(uow: UnitOfWork, tenant_id: UUID) -> PartnerAccount:
    """Pass every check of the present round at once: what the operator knows already, and how sandboxes begin.

    Raises NotFound, CheckUnreachable when a check was rejected: decide that one first.
    """
    uow.actor.require(OPERATOR_ACCOUNTS.write)
    account = queries.account(uow, tenant_id)
    for check in Check:
        row = one_check(uow, account, check)
        if row.state is CheckState.ACTION_REQUIRED:
            _move(uow, row, CheckAction.ANSWER)
        if row.state is not CheckState.AUTHORIZED:
            _move(uow, row, CheckAction.AUTHORIZE)
            row.code_hash = row.link_hash = ""
        _go_on(uow, account)
    return account


def suspend_rejected(uow: UnitOfWork, tenant_id: UUID, round_: int) -> None:
    """Suspend an account whose verification has stood rejected for 30 days; nothing if it no longer is. Due work."""
    account = uow.db.get_one(PartnerAccount, tenant_id)
    if account.vetting_round != round_ or account.vetting_status is not VettingStatus.REJECTED:
        return
    account.suspended_at = uow.now
    account.suspended_reason = _REJECTED_TOO_LONG
    settle(uow, account, reason=account.suspended_reason)
    _tell(uow, account, "Your account is suspended", f"{account.suspended_reason} Open Account settings > Legal info.")


def profile_changed(uow: UnitOfWork, account: PartnerAccount, changed: list[str]) -> None:
    """Begin a new round because protected parts of the legal profile changed."""
    legal = msgspec.convert(
        queries.profile_row(uow, account.tenant_id, ProfileKind.LEGAL_BUSINESS).body, LegalBusinessProfile
    )
    account.name = legal.company_name
    account.primary_contact_name, account.primary_contact_email = (
        legal.primary_contact.name,
        legal.primary_contact.email,
    )
    begin_round(uow, account, f"Changed: {', '.join(changed)}.")
