"""The pages of the partner account: what each side sees, and each form's way through."""

import re
from typing import Any

import httpx
import pytest

from openpartner.identity.models import Tenant
from openpartner.partner import queries, service
from openpartner.partner.portal.shared import ROLE_HINTS
from openpartner.partner.rules import Check
from openpartner.platform.actor import SYSTEM, Actor, TenantKind
from openpartner.platform.permissions import Role
from tests.partner.acting import Company, acting, enrolled, enrolment
from tests.partner.browsing import browser
from tests.support.client import AppClient
from tests.support.lab import Lab

PARTNER_PAGES = (
    "/account",
    "/account/legal-info",
    "/account/profiles/legal",
    "/account/profiles/billing",
    "/account/profiles/organization",
    "/account/profiles/support",
    "/account/security-contact",
    "/account/programs",
    "/account/agreements",
    "/account/users",
    "/account/users/new",
    "/account/users/deleted",
    "/account/roles",
    "/account/access",
    "/account/role-requests",
)
OPERATOR_PAGES = ("/operator/verification", "/operator/partners", "/operator/agreements", "/account/users")


def submit(client: AppClient, path: str, fields: dict[str, Any]) -> httpx.Response:
    return client.request("POST", path, data=fields)


def operator(lab: Lab) -> Actor:
    return lab.user(lab.tenant(TenantKind.OPERATOR, "Programme"), Role.OPERATOR_ADMIN)


def contoso(lab: Lab) -> tuple[Tenant, Actor]:
    tenant = lab.partner()
    return tenant, lab.user(tenant, Role.GLOBAL_ADMIN, name="gail")


def heading(answer: httpx.Response) -> str:
    found = re.search(r"<h1>(.*?)</h1>", answer.text, re.DOTALL)
    return "" if found is None else found[1].strip()


def test_a_global_admin_opens_every_page_of_the_account(lab: Lab) -> None:
    _, admin = contoso(lab)
    client = browser(lab, admin)
    assert {path: client.get(path).status_code for path in PARTNER_PAGES} == dict.fromkeys(PARTNER_PAGES, 200)


def test_the_operator_opens_the_console(lab: Lab) -> None:
    tenant, _ = contoso(lab)
    client = browser(lab, operator(lab))
    pages = (*OPERATOR_PAGES, f"/operator/partners/{tenant.id}")
    assert {path: client.get(path).status_code for path in pages} == dict.fromkeys(pages, 200)
    assert "Contoso Partner" in client.get("/operator/partners").text


def test_a_partner_does_not_open_the_console(lab: Lab) -> None:
    _, admin = contoso(lab)
    client = browser(lab, admin)
    assert {client.get(path).status_code for path in OPERATOR_PAGES[:3]} == {403}


def test_a_closed_page_names_the_roles_and_leads_to_the_request(lab: Lab) -> None:
    tenant, _ = contoso(lab)
    sam = lab.user(tenant, name="sam")
    client = browser(lab, sam)

    closed = client.get("/account/legal-info")
    assert closed.status_code == 403
    assert "Compliance admin" in closed.text
    asked = submit(client, "/account/access/request", {"page": "/account/legal-info"})
    assert asked.headers["location"] == "/account/access?for=To%20open%20/account/legal-info"
    assert "To open /account/legal-info" in client.get(asked.headers["location"]).text

    sent = submit(client, "/account/access/request", {"role": "compliance_admin", "reason": "I keep us in order."})
    assert (sent.status_code, sent.headers["location"]) == (303, "/account/access")
    (event,) = lab.events("RoleRequested")
    assert event["data"]["role"] == "compliance_admin"


def test_a_request_is_granted_on_its_page(lab: Lab) -> None:
    tenant, admin = contoso(lab)
    sam = lab.user(tenant, name="sam")
    submit(browser(lab, sam), "/account/access/request", {"role": "admin_agent", "reason": ""})
    page = browser(lab, admin).get("/account/role-requests").text
    found = re.search(r'action="(/account/role-requests/[0-9a-f-]{36})"', page)
    assert found is not None

    answer = submit(browser(lab, admin), found[1], {"answer": "grant"})

    assert answer.status_code == 303
    assert sam.principal_id is not None
    assert Role.ADMIN_AGENT in acting(lab, tenant.id, sam.principal_id).roles


def test_the_account_warns_of_a_single_administrator(lab: Lab) -> None:
    tenant, admin = contoso(lab)
    client = browser(lab, admin)
    assert "Fewer than two users administer this account" in client.get("/account").text
    lab.user(tenant, Role.ACCOUNT_ADMIN)
    assert "Fewer than two users administer this account" not in client.get("/account").text


def test_home_says_what_waits_in_the_account(lab: Lab) -> None:
    company = enrolled(lab)
    page = browser(lab, company.admin).get("/").text
    for title in ("Verification: email ownership", "Make a second administrator", "Name a security contact"):
        assert f"<h3>{title}</h3>" in page


def test_home_tells_the_operator_what_waits(lab: Lab) -> None:
    company = enrolled(lab)
    prove(lab, company)
    assert "<h3>Verify Contoso</h3>" in browser(lab, operator(lab)).get("/").text


def test_a_user_is_added_with_a_password_shown_once(lab: Lab) -> None:
    tenant, admin = contoso(lab)
    client = browser(lab, admin)
    fields = {
        "kind": "member",
        "first_name": "Sam",
        "last_name": "Field",
        "alias": "sam",
        "domain": tenant.default_domain,
        "roles": ["sales_agent", "referrals_admin"],
    }

    answer = submit(client, "/account/users/new", fields)

    assert (answer.status_code, heading(answer)) == (200, "Sam Field is added")
    found = re.search(r'id="temporary-password" value="([^"]+)"', answer.text)
    assert found is not None
    assert "Sales agent, Referrals admin" in answer.text
    again = submit(client, "/account/users/new", fields)
    assert again.status_code == 422
    assert "Another user has the user principal name" in again.text


def test_a_refused_form_shows_its_problems_beside_the_fields(lab: Lab) -> None:
    _, admin = contoso(lab)
    client = browser(lab, admin)
    answer = lab.nothing_changed(
        lambda: submit(client, "/account/profiles/support", {"email": "x", "telephone": "1", "website": ""})
    )
    assert answer.status_code == 422
    assert 'id="email-error"' in answer.text
    assert "Customers need an email address to write to." in answer.text


def test_a_profile_is_edited(lab: Lab) -> None:
    _, admin = contoso(lab)
    client = browser(lab, admin)
    fields = {"email": "help@contoso.com", "telephone": "425 555 0100", "website": "www.contoso.com"}
    answer = submit(client, "/account/profiles/support", fields)
    assert answer.status_code == 303
    assert 'value="www.contoso.com"' in client.get("/account/profiles/support").text
    (event,) = lab.events("PartnerProfileUpdated")
    assert event["after"]["website"] == "www.contoso.com"


@pytest.mark.parametrize("step", ["block", "delete"])
def test_a_user_is_blocked_and_deleted_but_not_the_last_admin(lab: Lab, step: str) -> None:
    tenant, admin = contoso(lab)
    sam = lab.user(tenant, name="sam")
    client = browser(lab, admin)
    assert submit(client, f"/account/users/{sam.principal_id}/{step}", {}).status_code == 303
    refused = submit(client, f"/account/users/{admin.principal_id}/{step}", {})
    assert refused.status_code == 409
    assert "This is the last Global admin" in refused.text


def test_a_deleted_user_comes_back_from_the_bin(lab: Lab) -> None:
    tenant, admin = contoso(lab)
    sam = lab.user(tenant, Role.SALES_AGENT, name="sam")
    client = browser(lab, admin)
    submit(client, f"/account/users/{sam.principal_id}/delete", {})
    assert "Restore Sam" in client.get("/account/users/deleted").text
    assert submit(client, f"/account/users/{sam.principal_id}/restore", {}).status_code == 303
    assert "Sales agent" in client.get(f"/account/users/{sam.principal_id}").text


def test_roles_are_given_and_taken_on_the_users_page(lab: Lab) -> None:
    tenant, admin = contoso(lab)
    sam = lab.user(tenant, name="sam")
    assert sam.principal_id is not None
    client = browser(lab, admin)
    path = f"/account/users/{sam.principal_id}/roles"
    assert submit(client, path, {"role": "incentives_admin"}).status_code == 303
    assert Role.INCENTIVES_ADMIN in acting(lab, tenant.id, sam.principal_id).roles
    assert submit(client, path, {"take": "incentives_admin"}).status_code == 303
    assert Role.INCENTIVES_ADMIN not in acting(lab, tenant.id, sam.principal_id).roles


def test_a_refused_role_leaves_the_other_form_of_the_page_as_it_was(lab: Lab) -> None:
    company = enrolled(lab)
    page = browser(lab, company.admin)
    path = f"/account/users/{company.admin.principal_id}"
    shown = page.get(path).text

    refused = submit(page, f"{path}/roles", {"form": "roles", "role": "no_such_role"})

    assert refused.status_code == 422
    assert refused.text.count("Choose a role.") == 1
    name = re.compile(r'id="edit-display_name"[^>]* value="([^"]+)"')
    assert name.findall(refused.text) == name.findall(shown) != [""]


def test_each_role_says_what_it_is_for() -> None:
    assert set(ROLE_HINTS) == set(Role)


def test_users_are_searched_and_exported(lab: Lab) -> None:
    tenant, admin = contoso(lab)
    lab.user(tenant, Role.SALES_AGENT, name="sam")
    client = browser(lab, admin)
    listed = client.get("/account/users?role=sales_agent").text
    assert "Sam" in listed
    assert "gail@" not in re.sub(r"(?s)<header.*?</header>", "", listed)
    file = client.get("/account/users?format=csv")
    assert file.headers["content-type"] == "text/csv; charset=utf-8"
    assert len(file.text.strip().splitlines()) == 3


def test_the_matrix_page_is_the_table(lab: Lab) -> None:
    _, admin = contoso(lab)
    page = browser(lab, admin).get("/account/roles").text
    assert "Sign the partner agreement (MPA)" in page
    assert '<abbr title="Admin agent">AA</abbr>' in page


# --- enrolment to business, in the browser ------------------------------------------------------------------------

FORM = {
    "kind": "indirect_reseller",
    "company_name": "Fabrikam",
    "address.country": "US",
    "address.addressLine1": "1 Main St",
    "address.city": "Redmond",
    "address.state": "WA",
    "address.postalCode": "98052",
    "address.phoneNumber": "4255550100",
    "first_name": "Fay",
    "last_name": "Field",
    "contact_email": "fay@fabrikam.onmicrosoft.com",
    "domain": "fabrikam",
}


def test_a_company_enrols_verifies_and_signs_in_the_browser(lab: Lab) -> None:
    nobody = lab.client()
    assert nobody.get("/enrol").status_code == 200
    answer = submit(nobody, "/enrol", FORM)
    assert (answer.status_code, heading(answer)) == (200, "Fabrikam is enrolled")
    assert "admin@fabrikam.onmicrosoft.com" in answer.text

    token = re.search(r"token=(\S+)", lab.mails("fay@fabrikam.onmicrosoft.com")[0].text)
    assert token is not None
    assert "Confirm that this mailbox is yours" in nobody.get(f"/verify-email?token={token[1]}").text
    proved = submit(nobody, "/verify-email", {"token": token[1]})
    assert "Your email address is confirmed." in proved.text
    assert submit(nobody, "/verify-email", {"token": token[1]}).status_code == 400

    reviewer = browser(lab, operator(lab))
    queue = reviewer.get("/operator/verification").text
    found = re.search(r"/operator/partners/([0-9a-f-]{36})", queue)
    assert found is not None
    detail = reviewer.get(f"/operator/partners/{found[1]}").text
    check = re.search(r"/operator/checks/([0-9a-f-]{36})", detail)
    assert check is not None
    fields = {"tenant_id": found[1], "decision": "reject", "reason": "", "note": ""}
    assert submit(reviewer, f"/operator/checks/{check[1]}", fields).status_code == 422
    fields["decision"] = "authorize"
    assert submit(reviewer, f"/operator/checks/{check[1]}", fields).status_code == 303

    new = {"agreement_type": "MicrosoftPartnerAgreement", "title": "Partner agreement", "version": "1.0"}
    published = submit(reviewer, "/operator/agreements", {**new, "text": "One.\n\nTwo."})
    assert published.status_code == 303
    with lab.read() as uow:
        company = next(each for each in queries.accounts(uow) if each.name == "Fabrikam")
        (version,) = queries.agreement_versions(uow)
        assert company.enrolled_by is not None
        admin = acting(lab, company.tenant_id, company.enrolled_by)
    client = browser(lab, admin)
    assert "Read and accept" in client.get("/account/agreements").text
    path = f"/account/agreements/{version.id}"
    assert submit(client, path, {}).status_code == 422
    assert submit(client, path, {"agreed": "on"}).status_code == 303
    assert client.get("/account").text.count("Accepted") >= 1


def test_a_refused_enrolment_says_what_is_wrong(lab: Lab) -> None:
    answer = lab.nothing_changed(lambda: submit(lab.client(), "/enrol", {**FORM, "contact_email": "fay@gmail.com"}))
    assert answer.status_code == 422
    assert "Mail at gmail.com belongs to no company" in answer.text


def test_a_document_is_handed_in_and_read_by_both_sides(lab: Lab) -> None:
    company = enrolled(lab, enrolment(email="pat@contoso.com"))
    prove(lab, company)
    client = browser(lab, company.admin)
    sent = client.request(
        "POST",
        "/account/legal-info/employment/documents",
        data={"kind": "domain_invoice"},
        files={"file": ("invoice 1.pdf", b"%PDF-1.7 x", "application/pdf")},
    )
    assert (sent.status_code, sent.headers.get("location")) == (303, "/account/legal-info")
    found = re.search(r"/account/documents/[0-9a-f-]{36}", client.get("/account/legal-info").text)
    assert found is not None
    for reader in (client, browser(lab, operator(lab))):
        file = reader.get(found[0])
        assert (file.content, file.headers["content-type"]) == (b"%PDF-1.7 x", "application/pdf")
    _, stranger = contoso(lab)
    assert browser(lab, stranger).get(found[0]).status_code == 404


def prove(lab: Lab, company: Company) -> None:
    with lab.begin(SYSTEM) as uow:
        account = queries.account(uow, company.tenant_id)
        check = service.one_check(uow, account, Check.EMAIL_OWNERSHIP)
        assert check.link_hash
        link = re.search(r"token=(\S+)", lab.mails(account.primary_contact_email)[0].text)
        assert link is not None
        service.confirm_email_link(uow, link[1])


def test_the_code_is_entered_on_the_page(lab: Lab) -> None:
    company = enrolled(lab)
    client = browser(lab, company.admin)
    code = re.search(r"Legal info: (\d{6})", lab.mails("pat@contoso.onmicrosoft.com")[0].text)
    assert code is not None
    wrong = submit(client, "/account/legal-info/code", {"code": "000000"})
    assert (wrong.status_code, "The code is not the one we sent." in wrong.text) == (422, True)
    assert submit(client, "/account/legal-info/code", {"code": code[1]}).status_code == 303


def test_a_form_without_its_token_changes_nothing(lab: Lab) -> None:
    _, admin = contoso(lab)
    client = browser(lab, admin).with_headers(x_csrf_token="forged")
    answer = lab.nothing_changed(lambda: submit(client, "/account/profiles/support", {"email": "a@b.co"}))
    assert answer.status_code == 403
