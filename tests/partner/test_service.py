"""The use cases of the partner account, on both databases."""

import re
from dataclasses import replace
from datetime import timedelta
from uuid import UUID, uuid4

import pytest

from openpartner.identity import queries as directory
from openpartner.identity import service as directory_service
from openpartner.partner import evidence, profiles, queries, rules, service
from openpartner.partner.models import PartnerAccount
from openpartner.partner.profiles import Contact, ProfileKind
from openpartner.partner.rules import (
    AccountState,
    AgreementState,
    Check,
    CheckAction,
    CheckState,
    Program,
    ProgramState,
    VettingStatus,
)
from openpartner.platform.actor import SYSTEM, Actor, ActorKind, RoleNeeded, TenantKind, UserNeeded
from openpartner.platform.errors import Conflict, Invalid, InvalidFields, NotFound, PreconditionFailed
from openpartner.platform.permissions import CUSTOMERS_CREATE, Role
from tests.partner.acting import ADDRESS, Company, acting, enrolled, enrolment, verified
from tests.support.lab import Lab


def check_states(lab: Lab, company: Company) -> dict[Check, CheckState]:
    with lab.read() as uow:
        account = queries.account(uow, company.tenant_id)
        return {each.check: each.state for each in queries.checks(uow, company.tenant_id, account.vetting_round)}


def account_of(lab: Lab, company: Company) -> PartnerAccount:
    with lab.read() as uow:
        return queries.account(uow, company.tenant_id)


def program_state(lab: Lab, company: Company, program: Program = Program.CSP) -> ProgramState | None:
    with lab.read() as uow:
        found = queries.enrolment(uow, company.tenant_id, program)
        return None if found is None else found.state


def publish(lab: Lab, version: str = "1.0", *, accept_in: timedelta | None = None) -> UUID:
    with lab.begin(SYSTEM) as uow:
        new = service.NewVersion(
            "MicrosoftPartnerAgreement",
            version,
            "Partner agreement",
            "You and we agree.",
            accept_by=None if accept_in is None else uow.now + accept_in,
        )
        return service.publish_agreement_version(uow, new).id


def operator(lab: Lab) -> Actor:
    tenant = lab.tenant(TenantKind.OPERATOR, "Programme")
    return lab.user(tenant, Role.OPERATOR_VERIFIER)


# --- enrolment and verification


def test_a_company_enrols_with_its_tenant_its_admin_and_its_checks(lab: Lab) -> None:
    company = enrolled(lab)

    account = account_of(lab, company)
    assert (account.name, account.country, account.region, account.currency) == ("Contoso", "US", "AOC", "USD")
    assert (account.state, account.vetting_status) == (AccountState.UNDER_VERIFICATION, VettingStatus.PENDING)
    assert re.fullmatch(r"[1-9]\d{6}", account.global_partner_id)
    assert company.admin.roles == {Role.GLOBAL_ADMIN, Role.ADMIN_AGENT, Role.DEFAULT_USER}
    assert check_states(lab, company) == {
        Check.EMAIL_OWNERSHIP: CheckState.IN_PROGRESS,
        Check.EMPLOYMENT: CheckState.NOT_STARTED,
        Check.BUSINESS: CheckState.NOT_STARTED,
    }
    assert program_state(lab, company) is ProgramState.PENDING_QUALIFICATION
    assert [mail.subject for mail in lab.mails("pat@contoso.onmicrosoft.com")] == ["Confirm your email address"]
    assert "PartnerEnrolled" in lab.kinds()


def test_a_refused_enrolment_leaves_no_trace(lab: Lab) -> None:
    def attempt() -> None:
        with pytest.raises(InvalidFields) as refusal, lab.begin() as uow:
            service.enrol_partner(
                uow,
                enrolment(email="pat@gmail.com"),
                domain="contoso.onmicrosoft.com",
                admin=service.FirstAdmin("Pat", "Doe"),
            )
        assert list(refusal.value.problems) == ["contact_email"]

    lab.nothing_changed(attempt)


def code_and_link(lab: Lab) -> tuple[str, str]:
    text = lab.mails("pat@contoso.onmicrosoft.com")[0].text
    code, link = re.search(r"Legal info: (\d{6})", text), re.search(r"token=(\S+)", text)
    assert code is not None
    assert link is not None
    return code[1], link[1]


def test_the_code_proves_the_mailbox_and_an_own_domain_proves_employment(lab: Lab) -> None:
    company = enrolled(lab)
    code, _ = code_and_link(lab)

    with lab.begin(company.admin) as uow:
        assert service.confirm_email_code(uow, code) is None

    assert check_states(lab, company) == {
        Check.EMAIL_OWNERSHIP: CheckState.AUTHORIZED,
        Check.EMPLOYMENT: CheckState.AUTHORIZED,
        Check.BUSINESS: CheckState.IN_PROGRESS,
    }


def test_the_link_needs_no_sign_in_and_works_once(lab: Lab) -> None:
    company = enrolled(lab)
    _, link = code_and_link(lab)

    with lab.begin() as uow:
        assert service.confirm_email_link(uow, link).tenant_id == company.tenant_id

    with pytest.raises(evidence.CodeRefused), lab.begin() as uow:
        service.confirm_email_link(uow, link)


def test_wrong_codes_are_counted_until_no_code_is_taken(lab: Lab) -> None:
    company = enrolled(lab)
    code, _ = code_and_link(lab)
    wrong = "1" if code[0] != "1" else "2"

    for _ in range(5):
        with lab.begin(company.admin) as uow:
            refusal = service.confirm_email_code(uow, wrong + code[1:])
        assert refusal is not None
        assert refusal.message.startswith("The code is not the one we sent.")
    with lab.begin(company.admin) as uow:
        refusal = service.confirm_email_code(uow, code)
    assert refusal is not None
    assert refusal.message.startswith("The code was entered wrongly 5 times.")
    assert check_states(lab, company)[Check.EMAIL_OWNERSHIP] is CheckState.IN_PROGRESS


def test_the_mail_is_sent_again_after_a_working_day(lab: Lab) -> None:
    company = enrolled(lab)
    first, _ = code_and_link(lab)
    with pytest.raises(evidence.CodeTooEarly), lab.begin(company.admin) as uow:
        service.resend_verification_mail(uow)

    lab.advance(timedelta(days=1))
    with lab.begin(company.admin) as uow:
        service.resend_verification_mail(uow)

    second, _ = code_and_link(lab)
    assert len(lab.mails("pat@contoso.onmicrosoft.com")) == 2
    assert first != second


def test_a_foreign_mail_domain_needs_a_document_and_the_operator_decides(lab: Lab) -> None:
    company = enrolled(lab, enrolment(email="pat@contoso.com"))
    with lab.begin(company.admin) as uow:
        text = lab.mails("pat@contoso.com")[0].text
        found = re.search(r"Legal info: (\d{6})", text)
        assert found is not None
        service.confirm_email_code(uow, found[1])
    assert check_states(lab, company)[Check.EMPLOYMENT] is CheckState.ACTION_REQUIRED

    with lab.begin(company.admin) as uow:
        service.add_verification_document(
            uow,
            Check.EMPLOYMENT,
            kind="domain_invoice",
            file_name="invoice.pdf",
            media_type="application/pdf",
            content=b"%PDF-1.7",
        )
        service.answer_check(uow, Check.EMPLOYMENT, "The domain is ours.")
        check_id = service.one_check(uow, queries.own_account(uow), Check.EMPLOYMENT).id
    reviewer = operator(lab)
    with lab.begin(reviewer) as uow:
        service.decide_check(uow, check_id, CheckAction.AUTHORIZE)

    assert check_states(lab, company)[Check.EMPLOYMENT] is CheckState.AUTHORIZED
    assert check_states(lab, company)[Check.BUSINESS] is CheckState.IN_PROGRESS
    with lab.read(reviewer) as uow:
        (document,) = queries.documents(uow, company.tenant_id, check_id)
        assert queries.document(uow, document.id).content == b"%PDF-1.7"


def test_a_rejection_can_be_appealed_three_times_and_suspends_after_thirty_days(lab: Lab) -> None:
    company = enrolled(lab)
    _, link = code_and_link(lab)
    reviewer = operator(lab)
    with lab.begin() as uow:
        service.confirm_email_link(uow, link)
        account = uow.db.get_one(PartnerAccount, company.tenant_id)
        check_id = service.one_check(uow, account, Check.BUSINESS).id

    for _ in range(3):
        with lab.begin(reviewer) as uow:
            service.decide_check(uow, check_id, CheckAction.REJECT, reason_code="name_mismatch", note="See register.")
        with lab.begin(company.admin) as uow:
            service.appeal_check(uow, Check.BUSINESS, "It is our name.")
        assert check_states(lab, company)[Check.BUSINESS] is CheckState.CHALLENGED
    with lab.begin(reviewer) as uow:
        service.decide_check(uow, check_id, CheckAction.REJECT, reason_code="name_mismatch")
    with pytest.raises(rules.AppealsUsedUp), lab.begin(company.admin) as uow:
        service.appeal_check(uow, Check.BUSINESS, "Once more.")

    assert account_of(lab, company).vetting_status is VettingStatus.REJECTED
    lab.advance(timedelta(days=29))
    assert account_of(lab, company).state is AccountState.UNDER_VERIFICATION
    lab.advance(timedelta(days=1))
    assert account_of(lab, company).state is AccountState.SUSPENDED


def test_a_decision_against_the_partner_needs_a_reason(lab: Lab) -> None:
    company = enrolled(lab)
    with lab.read() as uow:
        account = queries.account(uow, company.tenant_id)
        check_id = service.one_check(uow, account, Check.EMAIL_OWNERSHIP).id
    reviewer = operator(lab)
    with pytest.raises(evidence.ReasonMissing), lab.begin(reviewer) as uow:
        service.decide_check(uow, check_id, CheckAction.ASK)
    with pytest.raises(RoleNeeded), lab.begin(company.admin) as uow:
        service.decide_check(uow, check_id, CheckAction.AUTHORIZE)


def test_a_changed_legal_name_is_verified_anew_while_the_old_one_counts(lab: Lab) -> None:
    company = enrolled(lab)
    verified(lab, company)
    assert account_of(lab, company).state is AccountState.ACTIVE

    contact = Contact("Pat", "Doe", "pat@contoso.onmicrosoft.com", "4255550100")
    with lab.begin(company.admin) as uow:
        service.replace_profile(uow, profiles.LegalBusinessProfile("Contoso Holding", ADDRESS, contact))

    account = account_of(lab, company)
    assert (account.vetting_round, account.vetting_status, account.verified) == (
        2,
        VettingStatus.PENDING,
        VettingStatus.AUTHORIZED,
    )
    assert (account.name, account.state) == ("Contoso Holding", AccountState.ACTIVE)
    with lab.read() as uow:
        kept = queries.profile(uow, company.tenant_id, ProfileKind.LEGAL_BUSINESS_FINALIZED)
    assert isinstance(kept, profiles.LegalBusinessProfile)
    assert kept.company_name == "Contoso"


# --- the partner agreement


def test_business_waits_for_verification_then_for_the_agreement(lab: Lab) -> None:
    company = enrolled(lab)
    template = publish(lab)

    def refused() -> str:
        with pytest.raises(rules.NotReady) as refusal, lab.read(company.admin) as uow:
            service.require_ready(uow, CUSTOMERS_CREATE)
        assert refusal.value.status == 403
        return f"{refusal.value.code} {refusal.value.message}"

    assert refused() == "900149 The company is not verified yet. Follow the checks under Legal info."
    verified(lab, company)
    assert program_state(lab, company) is ProgramState.QUALIFIED
    assert refused() == (
        "900149 Your part in the reseller programme (CSP) is not active: its status is qualified. "
        "A Global admin accepts the partner agreement."
    )
    with lab.begin(company.admin) as uow:
        acceptance = service.accept_partner_agreement(uow, template)
        assert (acceptance.version, acceptance.region, acceptance.accepted_by_name) == (
            "1.0",
            "AOC",
            "pat@contoso.onmicrosoft.com",
        )
    assert program_state(lab, company) is ProgramState.ACTIVE
    assert account_of(lab, company).state is AccountState.ACTIVE
    with lab.read(company.admin) as uow:
        service.require_ready(uow, CUSTOMERS_CREATE)


def test_only_a_global_admin_signs_and_no_app(lab: Lab) -> None:
    company = enrolled(lab)
    verified(lab, company)
    template = publish(lab)
    with pytest.raises(RoleNeeded) as refusal, lab.begin(someone(lab, company, Role.ADMIN_AGENT)) as uow:
        service.accept_partner_agreement(uow, template)
    assert refusal.value.facts["roles"] == ["global_admin"]
    with pytest.raises(UserNeeded), lab.begin(as_app(company.admin)) as uow:
        service.accept_partner_agreement(uow, template)


def as_app(actor: Actor) -> Actor:
    return replace(actor, kind=ActorKind.APP)


def test_a_new_version_is_asked_for_and_lapses_when_its_day_passes(lab: Lab) -> None:
    company = enrolled(lab)
    first = publish(lab)
    verified(lab, company)
    with lab.begin(company.admin) as uow:
        service.accept_partner_agreement(uow, first)
    second = publish(lab, "2.0", accept_in=timedelta(days=60))

    def state() -> AgreementState:
        with lab.read() as uow:
            account = queries.account(uow, company.tenant_id)
            return service.standing(uow, account).agreement

    assert state() is AgreementState.REACCEPT_DUE
    subjects = [mail.subject for mail in lab.mails("pat@contoso.onmicrosoft.com")]
    assert "Partner agreement: a new version to accept" in subjects
    with lab.read(company.admin) as uow:
        service.require_ready(uow, CUSTOMERS_CREATE)

    lab.advance(timedelta(days=60))
    assert state() is AgreementState.LAPSED
    assert len(lab.events("PartnerAgreementLapsed")) == 1
    with pytest.raises(rules.NotReady) as refusal, lab.read(company.admin) as uow:
        service.require_ready(uow, CUSTOMERS_CREATE)
    assert refusal.value.code == 900124

    with lab.begin(company.admin) as uow:
        service.accept_partner_agreement(uow, second)
    assert state() is AgreementState.ACCEPTED


def test_an_agreement_waits_for_verification_and_the_version_in_force(lab: Lab) -> None:
    company = enrolled(lab)
    first = publish(lab)
    with pytest.raises(rules.NotYetQualified), lab.begin(company.admin) as uow:
        service.accept_partner_agreement(uow, first)
    publish(lab, "2.0")
    verified(lab, company)
    with pytest.raises(rules.NotTheCurrentVersion), lab.begin(company.admin) as uow:
        service.accept_partner_agreement(uow, first)
    with pytest.raises(NotFound), lab.begin(company.admin) as uow:
        service.accept_partner_agreement(uow, uuid4())


# --- users and roles


def someone(lab: Lab, company: Company, *roles: Role, alias: str = "sam") -> Actor:
    with lab.begin(company.admin) as uow:
        wishes = tuple(service.RoleWish(role) for role in roles)
        new = service.NewPartnerUser("Sam", "Field", alias, "contoso.onmicrosoft.com", roles=wishes)
        created = service.create_partner_user(uow, new)
    return acting(lab, company.tenant_id, created.id)


def test_a_user_is_created_with_roles_and_a_password_shown_once(lab: Lab) -> None:
    company = enrolled(lab)
    with lab.begin(company.admin) as uow:
        new = service.NewPartnerUser(
            "Sam",
            "Field",
            "sam",
            "contoso.onmicrosoft.com",
            roles=(service.RoleWish(Role.SALES_AGENT), service.RoleWish(Role.REFERRALS_ADMIN)),
        )
        created = service.create_partner_user(uow, new)

    assert created.upn == "sam@contoso.onmicrosoft.com"
    assert len(created.password) >= 12
    assert acting(lab, company.tenant_id, created.id).roles == {
        Role.SALES_AGENT,
        Role.REFERRALS_ADMIN,
        Role.DEFAULT_USER,
    }
    assert created.password not in str(lab.events())
    (event,) = lab.events("PartnerUserCreated")
    assert (event["operationType"], event["after"]["roles"]) == (
        "create_partner_user",
        ["sales_agent", "referrals_admin"],
    )


def test_the_last_global_admin_is_not_blocked_deleted_or_demoted(lab: Lab) -> None:
    company = enrolled(lab)
    only = company.admin.principal_id
    assert only is not None

    def attempts() -> None:
        with pytest.raises(rules.LastGlobalAdmin), lab.begin(company.admin) as uow:
            service.block_partner_user(uow, only)
        with pytest.raises(rules.LastGlobalAdmin), lab.begin(company.admin) as uow:
            service.delete_partner_user(uow, only)
        with pytest.raises(rules.LastGlobalAdmin), lab.begin(company.admin) as uow:
            service.remove_role(uow, only, Role.GLOBAL_ADMIN)

    lab.nothing_changed(attempts)
    second = someone(lab, company, Role.GLOBAL_ADMIN)
    with lab.begin(second) as uow:
        service.remove_role(uow, only, Role.GLOBAL_ADMIN)
    assert Role.GLOBAL_ADMIN not in acting(lab, company.tenant_id, only).roles


def test_a_user_admin_does_not_reach_a_global_admin(lab: Lab) -> None:
    company = enrolled(lab)
    second = someone(lab, company, Role.GLOBAL_ADMIN, alias="gail")
    admin = someone(lab, company, Role.USER_ADMIN)
    assert second.principal_id is not None
    with pytest.raises(service.OnlyAGlobalAdmin), lab.begin(admin) as uow:
        service.block_partner_user(uow, second.principal_id)
    with pytest.raises(RoleNeeded), lab.begin(admin) as uow:
        service.reset_partner_user_password(uow, second.principal_id)
    with pytest.raises(rules.RoleNotYours), lab.begin(admin) as uow:
        service.assign_role(uow, second.principal_id, Role.USER_ADMIN)


def test_a_user_is_blocked_deleted_and_restored_with_its_roles(lab: Lab) -> None:
    company = enrolled(lab)
    sam = someone(lab, company, Role.HELPDESK_AGENT)
    assert sam.principal_id is not None
    with lab.begin(company.admin) as uow:
        service.block_partner_user(uow, sam.principal_id)
    with lab.begin(company.admin) as uow:
        service.delete_partner_user(uow, sam.principal_id)
        assert [each.upn for each in queries.people(uow, queries.PeopleQuestion(status="deleted"), 10)] == [
            "sam@contoso.onmicrosoft.com"
        ]
    lab.advance(timedelta(days=30))
    with lab.begin(company.admin) as uow:
        service.restore_partner_user(uow, sam.principal_id)
        service.unblock_partner_user(uow, sam.principal_id)
    assert acting(lab, company.tenant_id, sam.principal_id).roles == {Role.HELPDESK_AGENT, Role.DEFAULT_USER}


def test_after_thirty_days_a_deleted_user_stays_away(lab: Lab) -> None:
    company = enrolled(lab)
    sam = someone(lab, company)
    assert sam.principal_id is not None
    with lab.begin(company.admin) as uow:
        service.delete_partner_user(uow, sam.principal_id)
    lab.advance(timedelta(days=30, seconds=1))
    with pytest.raises(rules.RestoreTooLate), lab.begin(company.admin) as uow:
        service.restore_partner_user(uow, sam.principal_id)


def test_a_guest_holds_only_the_roles_for_guests(lab: Lab) -> None:
    company = enrolled(lab)
    other = lab.partner("Fabrikam")
    guest = lab.user(other, name="gus")
    with pytest.raises(rules.NotForGuests), lab.begin(company.admin) as uow:
        service.invite_guest(uow, guest.name, [service.RoleWish(Role.ADMIN_AGENT)])
    with lab.begin(company.admin) as uow:
        invited = service.invite_guest(uow, guest.name, [service.RoleWish(Role.REFERRALS_ADMIN)])
    assert acting(lab, company.tenant_id, invited.id).roles == {Role.REFERRALS_ADMIN, Role.DEFAULT_USER}


def test_a_guest_without_a_fitting_role_has_none_at_all(lab: Lab) -> None:
    company = enrolled(lab)
    guest = lab.user(lab.partner("Fabrikam"), name="gus")
    with lab.begin(company.admin) as uow:
        invited = service.invite_guest(uow, guest.name)
    with lab.begin() as uow:
        group = directory.group_by_name(uow, company.tenant_id, "AdminAgents")
        assert group is not None
        directory_service.add_group_member(uow, group.id, invited.id)
    assert acting(lab, company.tenant_id, invited.id).roles == set()


def test_a_role_is_held_for_locations(lab: Lab) -> None:
    company = enrolled(lab)
    with lab.begin(SYSTEM) as uow:
        account = queries.account(uow, company.tenant_id)
        (seat,) = queries.locations(uow, account.tenant_id)
    sam = someone(lab, company)
    assert sam.principal_id is not None
    with lab.begin(company.admin) as uow:
        service.assign_role(uow, sam.principal_id, Role.REFERRALS_USER, locations=[seat.id])
    with pytest.raises(rules.NotByLocation), lab.begin(company.admin) as uow:
        service.assign_role(uow, sam.principal_id, Role.ACCOUNT_ADMIN, locations=[seat.id])
    with pytest.raises(rules.LocationUnknown), lab.begin(company.admin) as uow:
        service.assign_role(uow, sam.principal_id, Role.REFERRALS_USER, locations=[uuid4()])

    sam = acting(lab, company.tenant_id, sam.principal_id)
    with lab.read(sam) as uow:
        assert queries.location_scope(uow, Role.REFERRALS_USER) == frozenset({seat.id})
    with lab.begin(company.admin) as uow:
        service.assign_role(uow, sam.principal_id or uuid4(), Role.REFERRALS_USER)
    with lab.read(sam) as uow:
        assert queries.location_scope(uow, Role.REFERRALS_USER) is None


def test_people_are_filtered_by_role_status_and_words(lab: Lab) -> None:
    company = enrolled(lab)
    someone(lab, company, Role.SALES_AGENT, alias="sam")
    someone(lab, company, Role.INCENTIVES_ADMIN, alias="ina")
    someone(lab, company, Role.BILLING_ADMIN, alias="bill")

    def found(**asked: object) -> list[str]:
        with lab.read(company.admin) as uow:
            people = queries.people(uow, queries.PeopleQuestion(**asked), 10)  # type: ignore[arg-type]
            return sorted(each.upn.partition("@")[0] for each in people)

    assert found() == ["bill", "ina", "pat", "sam"]
    assert found(role=Role.SALES_AGENT) == ["sam"]
    assert found(role=Role.INCENTIVES_ADMIN) == ["ina"]
    assert found(role=Role.BILLING_ADMIN) == ["bill"]
    assert found(role=Role.GLOBAL_ADMIN) == ["pat"]
    assert found(search="INA@") == ["ina"]
    assert found(status="blocked") == []


def test_an_edit_meets_the_version_it_was_made_from(lab: Lab) -> None:
    company = enrolled(lab)
    sam = someone(lab, company)
    assert sam.principal_id is not None
    with lab.begin(company.admin) as uow:
        version = queries.person(uow, sam.principal_id).version
        edited = service.edit_partner_user(
            uow,
            sam.principal_id,
            first_name="Samira",
            last_name="Field",
            display_name="Samira Field",
            mail="samira@contoso.com",
            version=version,
        )
        assert (edited.given_name, edited.mail) == ("Samira", "samira@contoso.com")
    with pytest.raises(PreconditionFailed), lab.begin(company.admin) as uow:
        service.edit_partner_user(
            uow, sam.principal_id, first_name="S", last_name="F", display_name="SF", mail="", version=version
        )


# --- requests for roles


def test_a_role_is_asked_for_and_granted(lab: Lab) -> None:
    company = enrolled(lab)
    sam = someone(lab, company)
    assert sam.principal_id is not None
    with lab.begin(sam) as uow:
        request = service.request_role(uow, Role.ADMIN_AGENT, "I look after customers.")
        request_id = request.id
    with pytest.raises(Conflict), lab.begin(sam) as uow:
        service.request_role(uow, Role.ADMIN_AGENT, "Again.")
    subjects = [mail.subject for mail in lab.mails("pat@contoso.onmicrosoft.com")]
    assert "sam@contoso.onmicrosoft.com asks for a role" in subjects

    with pytest.raises(RoleNeeded), lab.begin(sam) as uow:
        service.answer_role_request(uow, request_id, grant=True)
    with lab.begin(company.admin) as uow:
        service.answer_role_request(uow, request_id, grant=True, note="Welcome.")
    assert Role.ADMIN_AGENT in acting(lab, company.tenant_id, sam.principal_id).roles
    with pytest.raises(Conflict), lab.begin(company.admin) as uow:
        service.answer_role_request(uow, request_id, grant=False)
    with pytest.raises(Invalid), lab.begin(sam) as uow:
        service.request_role(uow, Role.OPERATOR_ADMIN, "")


# --- other tenants


def test_another_partners_account_does_not_exist(lab: Lab) -> None:
    company = enrolled(lab)
    other = lab.user(lab.partner("Fabrikam"), Role.GLOBAL_ADMIN)
    with pytest.raises(NotFound), lab.read(other) as uow:
        queries.account(uow, company.tenant_id)
    assert company.admin.principal_id is not None
    with pytest.raises(NotFound), lab.begin(other) as uow:
        service.block_partner_user(uow, company.admin.principal_id)
    with pytest.raises(NotFound), lab.begin(other) as uow:
        service.assign_role(uow, company.admin.principal_id, Role.SALES_AGENT)
