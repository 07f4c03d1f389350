"""The operator's console: what waits for a reviewer, partner accounts, agreement versions."""

from datetime import UTC, datetime, time
from typing import Any
from uuid import UUID

from litestar import Request, Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath

from openpartner.partner import evidence, queries, rules, service
from openpartner.partner.models import PartnerAccount
from openpartner.partner.portal.shared import KIND_TITLES, PROGRAM_TITLES, REGION_TITLES, state_badge, words
from openpartner.partner.profiles import ProfileKind
from openpartner.partner.queries import Waiting
from openpartner.partner.rules import (
    AccountState,
    CheckAction,
    CheckState,
    Program,
    ProgramAction,
    VettingStatus,
)
from openpartner.platform import countries, permissions
from openpartner.platform.errors import Invalid, NotFound
from openpartner.platform.http.answers import make_token, read_token
from openpartner.platform.web.attempts import attempt, posted
from openpartner.platform.web.forms import Form, blank_form
from openpartner.platform.web.page import Page
from openpartner.platform.web.tables import Action, Choice, Column, Empty, Filter, Table, read_list_request
from openpartner.platform.work import UnitOfWork

AnyRequest = Request[Any, Any, Any]
PAGE_SIZE = 50

QUEUE = (
    Column[Waiting](
        "name", "Company", lambda each: each.name, href=lambda each: f"/operator/partners/{each.tenant_id}"
    ),
    Column[Waiting]("country", "Country", lambda each: countries.name_of(each.country)),
    Column[Waiting]("check", "Check", lambda each: words(each.check)),
    Column[Waiting]("state", "State", lambda each: state_badge(each.state)),
    Column[Waiting]("attempts", "Attempts", lambda each: each.attempts, numeric=True),
    Column[Waiting]("since", "Waiting since", lambda each: each.submitted_at),
    Column[Waiting]("documents", "Documents", lambda each: each.documents, numeric=True),
)


@get("/operator/verification", include_in_schema=False, sync_to_thread=True)
def verification_queue(request: AnyRequest, page: NamedDependency[Page]) -> Response[str]:
    """Checks that wait for a reviewer, the longest waiting first."""
    with page.begin.read() as uow:
        uow.actor.require(permissions.OPERATOR_ACCOUNTS.read)
        asked = read_list_request("/operator/verification", request.query_params.multi_items(), columns=QUEUE)
        waiting = queries.waiting_checks(uow)
        table = Table(
            "queue",
            "Verification",
            QUEUE,
            waiting,
            asked,
            Empty("Nothing to review", "Checks appear here as partners submit them.", icon="shield_checkmark"),
            total=len(waiting),
            exports=False,
        )
        return page.render(uow, "partner/operator_queue.html", queue=table)


PARTNERS = (
    Column[PartnerAccount](
        "name", "Company", lambda each: each.name, href=lambda each: f"/operator/partners/{each.tenant_id}"
    ),
    Column[PartnerAccount]("partner_id", "Partner ID", lambda each: each.global_partner_id),
    Column[PartnerAccount]("country", "Country", lambda each: countries.name_of(each.country)),
    Column[PartnerAccount]("state", "State", lambda each: state_badge(each.state)),
    Column[PartnerAccount]("vetting", "Verification", lambda each: state_badge(each.vetting_status)),
    Column[PartnerAccount]("since", "Enrolled", lambda each: each.enrolled_at),
)
PARTNER_FILTERS = (
    Filter("state", "State", tuple(Choice(each.value, words(each)) for each in AccountState)),
    Filter("vetting", "Verification", tuple(Choice(each.value, words(each)) for each in VettingStatus)),
)


@get("/operator/partners", include_in_schema=False, sync_to_thread=True)
def partners(request: AnyRequest, page: NamedDependency[Page]) -> Response[str]:
    """Every partner account."""
    with page.begin.read() as uow:
        uow.actor.require(permissions.OPERATOR_ACCOUNTS.read)
        asked = read_list_request(
            "/operator/partners", request.query_params.multi_items(), columns=PARTNERS, filters=PARTNER_FILTERS
        )
        state, vetting = asked.filters.get("state"), asked.filters.get("vetting")
        found = queries.accounts(
            uow,
            search=asked.search,
            state=AccountState(state) if state else None,
            vetting=VettingStatus(vetting) if vetting else None,
            after=read_token(asked.after, tuple[str, UUID]) if asked.after else None,
            limit=PAGE_SIZE + 1,
        )
        shown = list(found[:PAGE_SIZE])
        more = len(found) > PAGE_SIZE
        table = Table(
            "partners",
            "Partners",
            PARTNERS,
            shown,
            asked,
            Empty("No partners match", "Companies enrol themselves at /enrol.", icon="building_multiple"),
            search_label="Search by company or Partner ID",
            filters=PARTNER_FILTERS,
            exports=False,
            next_key=make_token((shown[-1].name, shown[-1].tenant_id)) if more else "",
        )
        return page.render(uow, "partner/operator_partners.html", partners=table)


def _partner(page: Page, uow: UnitOfWork, tenant_id: UUID, form: Form[Any] | None = None) -> Response[str]:
    uow.actor.require(permissions.OPERATOR_ACCOUNTS.read)
    account = queries.account(uow, tenant_id)
    documents = queries.documents(uow, tenant_id)
    decisions = {CheckAction.AUTHORIZE, CheckAction.ASK, CheckAction.REJECT}
    programs = []
    for each in queries.enrolments(uow, tenant_id):
        standing = service.agreement_standing(uow, account, each)
        programs.append(
            {
                "title": PROGRAM_TITLES[each.program],
                "program": each.program.value,
                "kind": KIND_TITLES[each.kind],
                "state": state_badge(each.state),
                "agreement": state_badge(standing.state) if standing is not None else None,
                "reason": each.reason,
                "actions": [
                    Choice(action.value, words(action))
                    for action in rules.program_actions(each.state)
                    if action not in {ProgramAction.REAPPLY, ProgramAction.ACTIVATE}
                ],
            }
        )
    return page.render(
        uow,
        "partner/operator_partner.html",
        status=200 if form is None else 422,
        account=account,
        state=state_badge(account.state),
        country=countries.name_of(account.country),
        region=REGION_TITLES[account.region],
        legal=queries.profile(uow, tenant_id, ProfileKind.LEGAL_BUSINESS),
        checks=[
            {
                "row": check,
                "title": words(check.check),
                "state": state_badge(check.state),
                "passes_when": evidence.PASSES_WHEN[check.check],
                "documents": [each for each in documents if each.check_id == check.id],
                "actions": [
                    Choice(action.value, words(action))
                    for action in rules.check_actions(check.check, check.state)
                    if action in decisions
                ],
                "wait": check.state in {CheckState.IN_PROGRESS, CheckState.CHALLENGED},
            }
            for check in queries.checks(uow, tenant_id, account.vetting_round)
        ],
        document_kinds=evidence.DOCUMENT_KINDS,
        reasons=[Choice(key, reason.text) for key, reason in evidence.REASONS.items()],
        programs=programs,
        locations=queries.locations(uow, tenant_id),
        acceptances=queries.acceptances(uow, tenant_id),
        titles=service.AGREEMENT_TITLES,
        may_decide=uow.actor.may(permissions.OPERATOR_ACCOUNTS.write),
        f=form or blank_form(),
    )


@get("/operator/partners/{tenant_id:uuid}", include_in_schema=False, sync_to_thread=True)
def partner(page: NamedDependency[Page], tenant_id: FromPath[UUID]) -> Response[str]:
    """One account: its checks with documents, programmes, agreements, and what may be decided."""
    with page.begin.read() as uow:
        return _partner(page, uow, tenant_id)


def _decided(page: Page, tenant_id: UUID, form: Form[Any], note: str) -> Response[Any]:
    if form.errors:
        with page.begin.read() as uow:
            return _partner(page, uow, tenant_id, form)
    return page.redirect(f"/operator/partners/{tenant_id}", note=note)


@post("/operator/checks/{check_id:uuid}", include_in_schema=False, sync_to_thread=True, status_code=303)
def decide_check(page: NamedDependency[Page], check_id: FromPath[UUID]) -> Response[Any]:
    """The reviewer's decision on one check."""
    form, sent = posted(page.form), page.form

    def decide(uow: UnitOfWork) -> object:
        if sent.get("decision") not in set(CheckAction):
            raise Invalid("Choose a decision.")
        action = CheckAction(sent.get("decision"))
        return service.decide_check(uow, check_id, action, reason_code=sent.get("reason"), note=sent.get("note"))

    attempt(page, form, decide)
    try:
        tenant_id = UUID(sent.get("tenant_id"))
    except ValueError as error:
        raise NotFound("Partner account") from error
    return _decided(page, tenant_id, form, "The decision is made; the partner is told.")


@post("/operator/partners/{tenant_id:uuid}/{step:str}", include_in_schema=False, sync_to_thread=True, status_code=303)
def decide_account(page: NamedDependency[Page], tenant_id: FromPath[UUID], step: FromPath[str]) -> Response[Any]:
    """Pass every check, suspend, reinstate, or decide on a programme."""
    form, sent = posted(page.form), page.form
    reason = sent.get("reason")

    def decide(uow: UnitOfWork) -> object:
        if step == "authorize":
            return service.authorize_account(uow, tenant_id)
        if step == "suspend":
            return service.suspend_account(uow, tenant_id, reason)
        if step == "reinstate":
            return service.reinstate_account(uow, tenant_id)
        if step == "program" and sent.get("action") in set(ProgramAction) and sent.get("program") in set(Program):
            program, action = Program(sent.get("program")), ProgramAction(sent.get("action"))
            return service.decide_program(uow, tenant_id, program, action, reason)
        raise Invalid("Choose what to do.")

    attempt(page, form, decide)
    return _decided(page, tenant_id, form, "Done; the partner is told.")


# --- agreements ---------------------------------------------------------------------------------------------------


REGIONS = {"*": "Every region"} | {each.value: title for each, title in REGION_TITLES.items()}
KINDS = {"*": "Every kind of partner"} | {each.value: title for each, title in KIND_TITLES.items()}


def _agreements(page: Page, uow: UnitOfWork, form: Form[Any] | None = None) -> Response[str]:
    uow.actor.require(permissions.OPERATOR_ACCOUNTS.read)
    return page.render(
        uow,
        "partner/operator_agreements.html",
        status=200 if form is None else 422,
        versions=queries.agreement_versions(uow),
        titles=service.AGREEMENT_TITLES,
        counts=queries.acceptance_counts(uow),
        region_titles=REGIONS,
        kind_titles=KINDS,
        f=form or blank_form({"region": "*", "kind": "*"}),
        types=[Choice(key, title) for key, title in service.AGREEMENT_TITLES.items()],
        regions=[Choice(key, title) for key, title in REGIONS.items()],
        kinds=[Choice(key, title) for key, title in KINDS.items()],
        may_publish=uow.actor.may(permissions.OPERATOR_ACCOUNTS.write),
        publish=Action("Publish", icon="send"),
    )


@get("/operator/agreements", include_in_schema=False, sync_to_thread=True)
def agreement_versions(page: NamedDependency[Page]) -> Response[str]:
    """Every published version, and the form of a new one."""
    with page.begin.read() as uow:
        return _agreements(page, uow)


@post("/operator/agreements", include_in_schema=False, sync_to_thread=True, status_code=303)
def publish_version(page: NamedDependency[Page]) -> Response[Any]:
    """Publish a version; whoever must accept it is told when it comes into force."""
    form, sent = posted(page.form), page.form

    def publish(uow: UnitOfWork) -> str:
        new = service.NewVersion(
            sent.get("agreement_type"),
            sent.get("version"),
            sent.get("title"),
            sent.get("text"),
            region=sent.get("region") or "*",
            kind=sent.get("kind") or "*",
            effective_at=_day(sent.get("effective_at")),
            accept_by=_day(sent.get("accept_by")),
        )
        return service.publish_agreement_version(uow, new).version

    version = attempt(page, form, publish)
    if version is None:
        with page.begin.read() as uow:
            return _agreements(page, uow, form)
    return page.redirect("/operator/agreements", note=f"Version {version} is published.")


def _day(text: str) -> datetime | None:
    """The beginning of a day, UTC."""
    if not text:
        return None
    try:
        return datetime.combine(datetime.fromisoformat(text).date(), time(), UTC)
    except ValueError as error:
        raise Invalid("Give a day such as 2026-12-31.") from error


ROUTES: list[Any] = [
    verification_queue,
    partners,
    partner,
    decide_check,
    decide_account,
    agreement_versions,
    publish_version,
]
