"""Account settings: overview, legal info with verification, profiles, locations, programmes, agreements."""

import re
from typing import Annotated, Any
from uuid import UUID

from litestar import Response, get, post
from litestar.datastructures import UploadFile
from litestar.di import NamedDependency
from litestar.enums import RequestEncodingType
from litestar.params import Body, FromPath

from openpartner.identity import queries as directory
from openpartner.partner import agreement_files, evidence, profiles, queries, rules, service
from openpartner.partner.portal.shared import (
    KIND_HINTS,
    KIND_TITLES,
    PROGRAM_TITLES,
    REGION_TITLES,
    address_fields,
    contact_fields,
    country_choices,
    locale_choices,
    read_address,
    read_contact,
    state_badge,
    words,
)
from openpartner.partner.profiles import AnyProfile, ProfileKind
from openpartner.partner.rules import Check, CheckAction, PartnerKind, Program
from openpartner.platform import countries, permissions
from openpartner.platform.addresses import Address
from openpartner.platform.errors import Invalid, NotFound
from openpartner.platform.web.attempts import attempt, posted
from openpartner.platform.web.forms import Form, blank_form
from openpartner.platform.web.page import Page
from openpartner.platform.web.tables import Choice
from openpartner.platform.work import UnitOfWork

EDITABLE = {
    "legal": (ProfileKind.LEGAL_BUSINESS, "Legal business profile"),
    "billing": (ProfileKind.BILLING, "Billing profile"),
    "organization": (ProfileKind.ORGANIZATION, "Organization profile"),
    "support": (ProfileKind.SUPPORT, "Support profile"),
}


@get("/account", include_in_schema=False, sync_to_thread=True)
def overview(page: NamedDependency[Page]) -> Response[str]:
    """How far the account is, what comes next, and where everything is kept."""
    with page.begin.read() as uow:
        uow.actor.require(permissions.PARTNER_CENTER_HOME.read)
        account = queries.own_account(uow)
        admins = queries.administrators(uow, account.tenant_id)
        return page.render(
            uow,
            "partner/overview.html",
            account=account,
            state=state_badge(account.state),
            steps=next_steps(uow),
            warning=rules.admin_warning(len(admins)),
            admins=admins,
            programs=_programs(uow),
            location_rows=[
                (each.name, each.partner_id, countries.name_of(each.country), each.created_at)
                for each in queries.locations(uow, account.tenant_id)
            ],
            perm_locations=permissions.LOCATIONS.write,
            domain=directory.tenant_by_id(uow, account.tenant_id).default_domain,
            region=REGION_TITLES[account.region],
        )


def next_steps(uow: UnitOfWork) -> list[dict[str, Any]]:
    """The basic requirements in their order: what is met, what is not, and where it is done."""
    account = queries.own_account(uow)
    steps = [
        {
            "title": f"{words(check.check)} verified",
            "done": check.state is rules.CheckState.AUTHORIZED,
            "state": state_badge(check.state),
            "text": evidence.PASSES_WHEN[check.check],
            "href": "/account/legal-info",
        }
        for check in queries.checks(uow, account.tenant_id, account.vetting_round)
    ]
    for enrolment in queries.enrolments(uow, account.tenant_id):
        standing = service.agreement_standing(uow, account, enrolment)
        if standing is not None and standing.current is not None:
            steps.append(
                {
                    "title": f"{standing.current.title} accepted",
                    "done": standing.state is rules.AgreementState.ACCEPTED,
                    "state": state_badge(standing.state),
                    "text": f"A Global admin accepts version {standing.current.version}.",
                    "href": "/account/agreements",
                }
            )
    steps.append(
        {
            "title": "Security contact named",
            "done": account.security_contact is not None,
            "state": state_badge("authorized" if account.security_contact else "action_required"),
            "text": "Who is told about security events. A shared mailbox works well.",
            "href": "/account/security-contact",
        }
    )
    return steps


def _programs(uow: UnitOfWork) -> list[dict[str, Any]]:
    return [
        {
            "title": PROGRAM_TITLES[each.program],
            "kind": KIND_TITLES[each.kind],
            "state": state_badge(each.state),
            "reason": each.reason,
            "program": each.program.value,
            "may_reapply": rules.ProgramAction.REAPPLY in rules.program_actions(each.state),
        }
        for each in queries.enrolments(uow, uow.actor.tenant)
    ]


# --- legal info and verification ----------------------------------------------------------------------------------


def _legal_info(page: Page, uow: UnitOfWork, form: Form[Any] | None = None) -> Response[str]:
    uow.actor.require(permissions.LEGAL_PROFILE.read)
    account = queries.own_account(uow)
    legal = queries.profile(uow, account.tenant_id, ProfileKind.LEGAL_BUSINESS)
    documents = queries.documents(uow, account.tenant_id)
    rows = queries.checks(uow, account.tenant_id, account.vetting_round)
    checks = [
        {
            "row": check,
            "title": words(check.check),
            "state": state_badge(check.state),
            "passes_when": evidence.PASSES_WHEN[check.check],
            "remedy": evidence.REASONS[check.reason_code].remedy if check.reason_code in evidence.REASONS else "",
            "actions": {action.value for action in rules.check_actions(check.check, check.state)},
            "documents": [each for each in documents if each.check_id == check.id],
            "slow": check.submitted_at is not None
            and check.state in {rules.CheckState.IN_PROGRESS, rules.CheckState.CHALLENGED}
            and rules.slow_from(check.submitted_at) <= uow.now,
            "appeals_left": rules.MOST_APPEALS - check.appeals,
        }
        for check in rows
    ]
    return page.render(
        uow,
        "partner/legal_info.html",
        status=200 if form is None else 422,
        account=account,
        legal=legal,
        vetting=state_badge(account.vetting_status),
        checks=checks,
        done=sum(1 for check in rows if check.state is rules.CheckState.AUTHORIZED),
        programs=_programs(uow),
        document_kinds=[Choice(key, title) for key, title in evidence.DOCUMENT_KINDS.items()],
        f=form or blank_form(),
    )


@get("/account/legal-info", include_in_schema=False, sync_to_thread=True)
def legal_info(page: NamedDependency[Page]) -> Response[str]:
    """The legal profile, and each check with its state, reason, documents and the next step."""
    with page.begin.read() as uow:
        return _legal_info(page, uow)


def _legal_info_again(page: Page, form: Form[Any]) -> Response[str]:
    with page.begin.read() as uow:
        return _legal_info(page, uow, form)


@post("/account/legal-info/code", include_in_schema=False, sync_to_thread=True, status_code=303)
def enter_code(page: NamedDependency[Page]) -> Response[Any]:
    """The code of the verification mail."""
    form = posted(page.form)
    given = page.form.get("code")
    refused = attempt(page, form, lambda uow: (service.confirm_email_code(uow, given),))
    if refused is not None and refused[0] is not None:
        form.refuse("code", refused[0].message)
    if form.errors:
        return _legal_info_again(page, form)
    return page.redirect("/account/legal-info", note="Your email address is confirmed.")


@post("/account/legal-info/resend", include_in_schema=False, sync_to_thread=True, status_code=303)
def resend_mail(page: NamedDependency[Page]) -> Response[Any]:
    """Send the verification mail again."""
    form = posted(page.form)
    attempt(page, form, service.resend_verification_mail)
    if form.errors:
        return _legal_info_again(page, form)
    return page.redirect("/account/legal-info", note="The mail was sent again.")


@post("/account/legal-info/{check:str}/documents", include_in_schema=False, sync_to_thread=True, status_code=303)
def upload_document(
    page: NamedDependency[Page],
    check: FromPath[str],
    data: Annotated[dict[str, Any], Body(media_type=RequestEncodingType.MULTI_PART)],
) -> Response[Any]:
    """Hand in a document for a check."""
    form = posted(page.form)
    file = data.get("file")
    content = file.file.read() if isinstance(file, UploadFile) else b""
    name = file.filename if isinstance(file, UploadFile) else ""
    media_type = file.content_type if isinstance(file, UploadFile) else ""
    kind = page.form.get("kind")
    attempt(
        page,
        form,
        lambda uow: service.add_verification_document(
            uow, _check(check), kind=kind, file_name=name, media_type=media_type, content=content
        ),
    )
    if form.errors:
        return _legal_info_again(page, form)
    return page.redirect("/account/legal-info", note="The document is uploaded.")


@post("/account/legal-info/{check:str}/answer", include_in_schema=False, sync_to_thread=True, status_code=303)
def answer_or_appeal(page: NamedDependency[Page], check: FromPath[str]) -> Response[Any]:
    """Say that what was asked for is done, or challenge a rejection."""
    form = posted(page.form)
    comment = page.form.get("comment")
    appeals = page.form.get("step") == CheckAction.APPEAL.value

    def hand_in(uow: UnitOfWork) -> object:
        return (service.appeal_check if appeals else service.answer_check)(uow, _check(check), comment)

    attempt(page, form, hand_in)
    if form.errors:
        return _legal_info_again(page, form)
    return page.redirect("/account/legal-info", note="The reviewer has it now.")


def _check(text: str) -> Check:
    try:
        return Check(text)
    except ValueError as error:
        raise NotFound("Check", text) from error


@get("/account/documents/{document_id:uuid}", include_in_schema=False, sync_to_thread=True)
def read_document(page: NamedDependency[Page], document_id: FromPath[UUID]) -> Response[bytes]:
    """A document that was handed in: for the partner and for the operator."""
    with page.begin.read() as uow:
        if not uow.actor.may(permissions.OPERATOR_ACCOUNTS.read):
            uow.actor.require(permissions.VERIFICATION.read)
        document = queries.document(uow, document_id)
        name = re.sub(r"[^A-Za-z0-9._-]", "_", document.file_name)
        headers = {"Content-Disposition": f'attachment; filename="{name}"', "Cache-Control": "no-store"}
        return Response(document.content, media_type=document.media_type, headers=headers)


# --- profiles -----------------------------------------------------------------------------------------------------


def _fields(profile: AnyProfile) -> dict[str, str]:
    match profile:
        case profiles.LegalBusinessProfile():
            return {
                "companyName": profile.company_name,
                **address_fields(profile.address, "address"),
                **contact_fields(profile.primary_contact),
                "companyApproverEmail": profile.company_approver_email,
            }
        case profiles.BillingProfile():
            return {
                "companyName": profile.company_name,
                **address_fields(profile.address, "address"),
                **contact_fields(profile.primary_contact),
                "purchaseOrderNumber": profile.purchase_order_number,
                "taxId": profile.tax_id,
            }
        case profiles.OrganizationProfile():
            return {
                "companyName": profile.company_name,
                **address_fields(profile.default_address, "defaultAddress"),
                "email": profile.email,
                "language": profile.language,
                "culture": profile.culture,
            }
        case profiles.SupportProfile():
            return {"email": profile.email, "telephone": profile.telephone, "website": profile.website}


def _read(page: Page, before: AnyProfile) -> AnyProfile:
    form = page.form
    match before:
        case profiles.LegalBusinessProfile():
            return profiles.LegalBusinessProfile(
                form.get("companyName"),
                read_address(form, "address", before.address),
                read_contact(form),
                before.company_approver_address,
                form.get("companyApproverEmail"),
            )
        case profiles.BillingProfile():
            return profiles.BillingProfile(
                form.get("companyName"),
                read_address(form, "address", before.address),
                read_contact(form),
                form.get("purchaseOrderNumber"),
                form.get("taxId"),
            )
        case profiles.OrganizationProfile():
            return profiles.OrganizationProfile(
                form.get("companyName"),
                read_address(form, "defaultAddress", before.default_address),
                form.get("email"),
                form.get("language"),
                form.get("culture"),
            )
        case profiles.SupportProfile():
            return profiles.SupportProfile(form.get("email"), form.get("telephone"), form.get("website"))


def _editable(name: str) -> tuple[ProfileKind, str]:
    try:
        return EDITABLE[name]
    except KeyError as error:
        raise NotFound("Profile", name) from error


def _profile_form(page: Page, uow: UnitOfWork, name: str, form: Form[Any] | None = None) -> Response[str]:
    kind, title = _editable(name)
    uow.actor.require(service.READ_PERMISSION[kind])
    account = queries.own_account(uow)
    profile = queries.profile(uow, account.tenant_id, kind)
    return page.render(
        uow,
        "partner/profile.html",
        status=200 if form is None else 422,
        f=form or blank_form(_fields(profile)),
        profile=name,
        heading=title,
        account=account,
        billing_day=profiles.BILLING_DAY,
        may_edit=uow.actor.may(service.WRITE_PERMISSION[kind]),
        **locale_choices(account.country),
        tabs=[(each_title, f"/account/profiles/{key}", key == name) for key, (_, each_title) in EDITABLE.items()],
        countries=country_choices(),
        address="defaultAddress" if name == "organization" else "" if name == "support" else "address",
    )


@get("/account/profiles/{name:str}", include_in_schema=False, sync_to_thread=True)
def show_profile(page: NamedDependency[Page], name: FromPath[str]) -> Response[str]:
    """One profile, to read or to change."""
    with page.begin.read() as uow:
        return _profile_form(page, uow, name)


@post("/account/profiles/{name:str}", include_in_schema=False, sync_to_thread=True, status_code=303)
def save_profile(page: NamedDependency[Page], name: FromPath[str]) -> Response[Any]:
    """Replace a profile."""
    kind, title = _editable(name)
    form = posted(page.form)
    attempt(
        page,
        form,
        lambda uow: service.replace_profile(uow, _read(page, queries.profile(uow, uow.actor.tenant, kind))),
    )
    if form.errors:
        with page.begin.read() as uow:
            return _profile_form(page, uow, name, form)
    return page.redirect(f"/account/profiles/{name}", note=f"{title} saved.")


def _contact_page(page: Page, uow: UnitOfWork, form: Form[Any] | None = None) -> Response[str]:
    uow.actor.require(permissions.SECURITY_REQUIREMENTS.read)
    held = queries.own_account(uow).security_contact or {}
    given = {
        "first_name": held.get("first_name", ""),
        "last_name": held.get("last_name", ""),
        "email": held.get("email", ""),
        "phone_number": held.get("phone_number", ""),
    }
    return page.render(
        uow,
        "partner/security_contact.html",
        status=200 if form is None else 422,
        f=form or blank_form(given),
        may_edit=uow.actor.may(permissions.SECURITY_REQUIREMENTS.write),
    )


@get("/account/security-contact", include_in_schema=False, sync_to_thread=True)
def show_security_contact(page: NamedDependency[Page]) -> Response[str]:
    """Who hears of security events."""
    with page.begin.read() as uow:
        return _contact_page(page, uow)


@post("/account/security-contact", include_in_schema=False, sync_to_thread=True, status_code=303)
def save_security_contact(page: NamedDependency[Page]) -> Response[Any]:
    """Name who hears of security events."""
    form = posted(page.form)
    names = ("first_name", "last_name", "email", "phone_number")
    contact = profiles.Contact(*(page.form.get(name) for name in names))
    attempt(page, form, lambda uow: service.set_security_contact(uow, contact))
    if form.errors:
        with page.begin.read() as uow:
            return _contact_page(page, uow, form)
    return page.redirect("/account", note="Security contact saved.")


# --- locations and programmes -------------------------------------------------------------------------------------


def _new_location(page: Page, uow: UnitOfWork, form: Form[Any] | None = None) -> Response[str]:
    uow.actor.require(permissions.LOCATIONS.write)
    account = queries.own_account(uow)
    return page.render(
        uow,
        "partner/location_new.html",
        status=200 if form is None else 422,
        f=form or blank_form({"country": account.country}),
        countries=country_choices(),
    )


@get("/account/locations/new", include_in_schema=False, sync_to_thread=True)
def new_location(page: NamedDependency[Page]) -> Response[str]:
    """The form of a location."""
    with page.begin.read() as uow:
        return _new_location(page, uow)


@post("/account/locations/new", include_in_schema=False, sync_to_thread=True, status_code=303)
def add_location(page: NamedDependency[Page]) -> Response[Any]:
    """Add a location account."""
    form, sent = posted(page.form), page.form
    address = Address(
        sent.get("country"),
        sent.get("address_line1"),
        sent.get("address_line2"),
        city=sent.get("city"),
        state=sent.get("state"),
        postal_code=sent.get("postal_code"),
    )
    contact = profiles.Contact(
        sent.get("first_name"), sent.get("last_name"), sent.get("contact_email"), sent.get("phone_number")
    )
    added = attempt(
        page,
        form,
        lambda uow: service.add_location(uow, name=sent.get("name"), address=address, contact=contact).partner_id,
    )
    if added is None:
        with page.begin.read() as uow:
            return _new_location(page, uow, form)
    return page.redirect("/account", note=f"The location's Partner ID is {added}.")


def _programs_page(page: Page, uow: UnitOfWork, form: Form[Any] | None = None) -> Response[str]:
    uow.actor.require(permissions.PARTNER_CENTER_HOME.read)
    held = {each.program for each in queries.enrolments(uow, uow.actor.tenant)}
    kinds = [kind for kind in PartnerKind if rules.PROGRAM_OF_KIND[kind] not in held]
    return page.render(
        uow,
        "partner/programs.html",
        status=200 if form is None else 422,
        f=form or blank_form(),
        programs=_programs(uow),
        kinds=[Choice(kind.value, KIND_TITLES[kind], KIND_HINTS[kind]) for kind in kinds],
        may_enrol=uow.actor.may(permissions.LOCATIONS.write),
    )


@get("/account/programs", include_in_schema=False, sync_to_thread=True)
def programs(page: NamedDependency[Page]) -> Response[str]:
    """What the company takes part in, and what else it may."""
    with page.begin.read() as uow:
        return _programs_page(page, uow)


@post("/account/programs", include_in_schema=False, sync_to_thread=True, status_code=303)
def enrol_or_reapply(page: NamedDependency[Page]) -> Response[Any]:
    """Enrol in one more programme, or apply again."""
    form, sent = posted(page.form), page.form

    def enrol(uow: UnitOfWork) -> object:
        if "reapply" in sent:
            return service.reapply_for_program(uow, Program(sent.get("reapply")))
        if sent.get("kind") not in set(PartnerKind):
            raise Invalid("Choose how to take part.")
        return service.enrol_program(uow, PartnerKind(sent.get("kind")))

    attempt(page, form, enrol)
    if form.errors:
        with page.begin.read() as uow:
            return _programs_page(page, uow, form)
    return page.redirect("/account/programs", note="The application is in.")


# --- agreements ---------------------------------------------------------------------------------------------------


@get("/account/agreements", include_in_schema=False, sync_to_thread=True)
def agreements(page: NamedDependency[Page]) -> Response[str]:
    """The agreements of the account's programmes, and every acceptance there was."""
    with page.begin.read() as uow:
        uow.actor.require(permissions.AGREEMENTS.read)
        account = queries.own_account(uow)
        standings = [
            (service.agreement_standing(uow, account, each), each)
            for each in queries.enrolments(uow, account.tenant_id)
        ]
        accepted = queries.acceptances(uow, account.tenant_id)
        return page.render(
            uow,
            "partner/agreements.html",
            region=REGION_TITLES[account.region],
            standings=[
                {"standing": standing, "state": state_badge(standing.state), "program": PROGRAM_TITLES[each.program]}
                for standing, each in standings
                if standing is not None
            ],
            acceptances=accepted,
            acceptance_rows=[
                (
                    service.AGREEMENT_TITLES[each.agreement_type],
                    each.version,
                    REGION_TITLES[each.region],
                    each.accepted_by_name,
                    each.accepted_at,
                )
                for each in accepted
            ],
            titles=service.AGREEMENT_TITLES,
            may_sign=uow.actor.may(permissions.PARTNER_AGREEMENT_SIGN.write),
        )


def _agreement(page: Page, uow: UnitOfWork, template_id: UUID, form: Form[Any] | None = None) -> Response[str]:
    uow.actor.require(permissions.AGREEMENTS.read)
    version = queries.agreement_version(uow, template_id)
    accepted = next(
        (each for each in queries.acceptances(uow, uow.actor.tenant) if each.agreement_version_id == version.id), None
    )
    return page.render(
        uow,
        "partner/agreement.html",
        status=200 if form is None else 422,
        version=version,
        paragraphs=agreement_files.paragraphs(version.text),
        accepted=accepted,
        may_sign=uow.actor.may(permissions.PARTNER_AGREEMENT_SIGN.write),
        f=form or blank_form(),
    )


@get("/account/agreements/{template_id:uuid}", include_in_schema=False, sync_to_thread=True)
def read_agreement(page: NamedDependency[Page], template_id: FromPath[UUID]) -> Response[str]:
    """One version, to read before it is accepted."""
    with page.begin.read() as uow:
        return _agreement(page, uow, template_id)


@post("/account/agreements/{template_id:uuid}", include_in_schema=False, sync_to_thread=True, status_code=303)
def accept_agreement(page: NamedDependency[Page], template_id: FromPath[UUID]) -> Response[Any]:
    """Accept a version for the company."""
    form = posted(page.form)
    agreed = page.form.flag("agreed")

    def accept(uow: UnitOfWork) -> str:
        if not agreed:
            raise Invalid("Tick the box to accept the agreement for your company.")
        return service.accept_partner_agreement(uow, template_id).version

    version = attempt(page, form, accept)
    if version is None:
        with page.begin.read() as uow:
            return _agreement(page, uow, template_id, form)
    return page.redirect("/account/agreements", note=f"Version {version} is accepted.")


ROUTES: list[Any] = [
    overview,
    legal_info,
    enter_code,
    resend_mail,
    upload_document,
    answer_or_appeal,
    read_document,
    show_profile,
    save_profile,
    show_security_contact,
    save_security_contact,
    new_location,
    add_location,
    programs,
    enrol_or_reapply,
    agreements,
    read_agreement,
    accept_agreement,
]
