"""Guests invited through Graph: the answer, the mail, the page where they accept, and what they are then."""

import re
from typing import Any
from urllib.parse import urlsplit
from uuid import UUID

import pytest

from openpartner.identity import service
from openpartner.identity.models import Invitation, User
from openpartner.partner.rules import NotForGuests
from openpartner.partner.service import assign_role
from openpartner.platform.directory_roles import DIRECTORY_ROLES
from openpartner.platform.permissions import Role
from tests.identity import provider
from tests.identity.graph.conftest import BASE, Directory, refused
from tests.identity.provider import PASSWORD, Browser, Scene
from tests.support.client import AppClient
from tests.support.graph import actor_of, graph_client
from tests.support.lab import Lab

ROLE = {role.name: role.template_id for role in DIRECTORY_ROLES.values()}
GOES_TO = "https://myapps.microsoft.com"


def body(email: str = "cy@elsewhere.example", **more: Any) -> dict[str, Any]:
    return {"invitedUserEmailAddress": email, "inviteRedirectUrl": GOES_TO, **more}


def test_an_invitation_as_it_is_made(directory: Directory) -> None:
    info = {
        "customizedMessageBody": "Come in.",
        "ccRecipients": [{"emailAddress": {"address": "boss@elsewhere.example", "name": "Boss"}}],
    }
    sent = body(invitedUserDisplayName="Cy", sendInvitationMessage=True, invitedUserMessageInfo=info)

    answer = directory.client.post("/v1.0/invitations", sent)

    made = answer.json()
    assert answer.status_code == 201, answer.text
    ticket = re.fullmatch(r"https://localhost/common/oauth2/redeem\?ticket=([\w-]+)", made["inviteRedeemUrl"])
    assert ticket is not None
    assert made == {
        "@odata.context": f"{BASE}/$metadata#invitations/$entity",
        "id": made["id"],
        "invitedUserDisplayName": "Cy",
        "invitedUserEmailAddress": "cy@elsewhere.example",
        "invitedUserMessageInfo": {
            "ccRecipients": [{"emailAddress": {"name": None, "address": "boss@elsewhere.example"}}],
            "customizedMessageBody": "Come in.",
            "messageLanguage": None,
        },
        "invitedUserType": "Guest",
        "inviteRedeemUrl": made["inviteRedeemUrl"],
        "inviteRedirectUrl": GOES_TO,
        "resetRedemption": False,
        "sendInvitationMessage": True,
        "status": "PendingAcceptance",
        "invitedUser": {"id": made["invitedUser"]["id"]},
    }
    wanted = "displayName,mail,userPrincipalName,userType,externalUserState"
    guest = directory.get(f"users/{made['invitedUser']['id']}?$select={wanted}")
    assert {name: guest[name] for name in guest if not name.startswith("@")} == {
        "id": made["invitedUser"]["id"],
        "displayName": "Cy",
        "mail": "cy@elsewhere.example",
        "userPrincipalName": f"cy_elsewhere.example#EXT#@{directory.domain}",
        "userType": "Guest",
        "externalUserState": "PendingAcceptance",
    }
    assert directory.lab.kinds()[-2:] == ["UserCreated", "GuestInvited"]
    [mail] = directory.lab.mails("cy@elsewhere.example")
    assert mail.subject == "Contoso invites you"
    assert "Come in." in mail.text
    assert made["inviteRedeemUrl"] in mail.text
    assert len(directory.lab.mails("boss@elsewhere.example")) == 1
    assert ticket[1] not in str(directory.lab.events())
    with directory.lab.read() as uow:
        assert uow.db.get_one(Invitation, UUID(made["id"])).ticket_hash != ticket[1]


def test_without_a_mail_nothing_is_sent_and_again_is_the_same_guest(directory: Directory) -> None:
    before = directory.lab.kinds()
    first = directory.client.post("/beta/invitations", body()).json()
    again = directory.client.post("/v1.0/invitations", body("CY@elsewhere.example")).json()

    assert directory.lab.mails() == []
    assert again["invitedUser"] == first["invitedUser"]
    assert again["inviteRedeemUrl"] != first["inviteRedeemUrl"]
    assert directory.lab.kinds() == [*before, "UserCreated", "GuestInvited", "GuestInvited"]


# who | invites a guest | invites a member
CELLS = """
Guest Inviter        | x -
User Administrator   | x x
Directory Writers    | x x
Global Administrator | x x
Helpdesk Administrator | - -
Global Reader        | - -
"""


@pytest.mark.parametrize("line", CELLS.strip().splitlines())
def test_which_role_invites(directory: Directory, line: str) -> None:
    """As a partner's user in a customer's tenant, who has nothing of what every member may."""
    name, cells = (part.strip() for part in line.split("|"))
    guest = directory.lab.user(directory.tenant, name="holder")
    with directory.lab.begin() as uow:
        uow.db.get_one(User, guest.principal_id).user_type = "guest"  # type: ignore[assignment]
    directory.give(str(guest.principal_id), ROLE[name])
    client = directory.client_of(guest)

    answers = [
        client.post("/v1.0/invitations", body()),
        client.post("/v1.0/invitations", body("dan@elsewhere.example", invitedUserType="Member")),
    ]

    assert [answer.status_code for answer in answers] == [201 if cell == "x" else 403 for cell in cells.split()]


def test_every_member_invites_and_a_token_needs_the_permission(directory: Directory) -> None:
    invites = directory.client_of(directory.member, "User.Invite.All")
    assert invites.post("/v1.0/invitations", body()).status_code == 201
    reads = directory.client_of(directory.member, "User.Read.All")
    assert refused(reads.post("/v1.0/invitations", body("dan@elsewhere.example")))[:2] == (
        403,
        "Authorization_RequestDenied",
    )


def test_who_was_invited_as_a_member_gets_no_password_here(directory: Directory) -> None:
    made = directory.client.post("/v1.0/invitations", body(invitedUserType="Member")).json()
    key = made["invitedUser"]["id"]
    assert directory.get(f"users/{key}?$select=userType")["userType"] == "Member"
    profile = {"passwordProfile": {"password": PASSWORD}}

    answer = directory.lab.nothing_changed(lambda: directory.client.patch(f"/v1.0/users/{key}", profile))

    assert answer.status_code == 404
    assert directory.user_row(key).password_hash is None


def test_a_pending_guest_of_a_partner_holds_only_what_guests_may(directory: Directory) -> None:
    made = directory.client.post("/v1.0/invitations", body()).json()
    guest = UUID(made["invitedUser"]["id"])

    with directory.lab.begin(directory.admin) as uow, pytest.raises(NotForGuests):
        assign_role(uow, guest, Role.ACCOUNT_ADMIN)


# Accepting


@pytest.fixture
def scene(lab: Lab) -> Scene:
    """Contoso invites; Eve and Finn of Fabrikam accept, or not."""
    scene = provider.scene(lab)
    with lab.begin() as uow:
        for name in ("eve", "finn"):
            service.create_user(
                uow,
                scene.customer,
                upn=f"{name}@fabrikam.onmicrosoft.com",
                display_name=name.title(),
                password=PASSWORD,
                force_change=False,
            )
    return scene


def invited(scene: Scene, email: str = "eve@fabrikam.onmicrosoft.com", **more: Any) -> dict[str, Any]:
    answer = admin_of(scene).post("/v1.0/invitations", body(email, **more))
    assert answer.status_code == 201, answer.text
    made: dict[str, Any] = answer.json()
    return made


def admin_of(scene: Scene) -> AppClient:
    return graph_client(scene.lab, actor_of(scene.lab, scene.ana))


def opened(scene: Scene, made: dict[str, Any], name: str = "eve") -> Browser:
    """The page, once somebody has signed in."""
    address = urlsplit(made["inviteRedeemUrl"])
    browser = scene.browser().open(f"{address.path}?{address.query}")
    assert browser.heading == "Sign in"
    browser.submit(username=f"{name}@fabrikam.onmicrosoft.com", password=PASSWORD)
    return browser.stay()


def enters(scene: Scene, name: str = "eve") -> Any:
    """The answer to somebody of Fabrikam who signs in to Contoso."""
    return scene.token(
        scene.partner,
        grant_type="password",
        client_id=scene.client_id,
        client_secret=scene.secret,
        username=f"{name}@fabrikam.onmicrosoft.com",
        password=PASSWORD,
        scope="https://graph.microsoft.com/User.Read",
    )


def state_of(scene: Scene, made: dict[str, Any]) -> str:
    key = made["invitedUser"]["id"]
    answer = admin_of(scene).get(f"/v1.0/users/{key}?$select=externalUserState").json()
    return str(answer["externalUserState"])


def test_the_guest_accepts_and_comes_in(scene: Scene) -> None:
    made = invited(scene)
    assert enters(scene).json()["error_codes"] == [50020]
    browser = opened(scene, made)
    assert browser.heading == "Contoso invites you"
    assert "Signed in as eve@fabrikam.onmicrosoft.com" in browser.page.text

    browser.submit(answer="accept")

    assert browser.landed == GOES_TO
    assert state_of(scene, made) == "Accepted"
    token = enters(scene)
    assert token.status_code == 200, token.text
    claims = provider.said(token.json()["access_token"])
    assert (claims["oid"], claims["tid"], claims["acct"]) == (made["invitedUser"]["id"], str(scene.partner), 1)
    assert scene.lab.events("InvitationRedeemed")[0]["after"] == {"externalUserState": "Accepted"}
    with scene.lab.read() as uow:
        row = uow.db.get_one(Invitation, UUID(made["id"]))
        assert (row.status.value, row.redeemed_at) == ("Completed", uow.now)
    assert opened(scene, made).heading == "Nothing left to accept"
    assert invited(scene)["status"] == "Completed"


def test_who_says_no_stays_out(scene: Scene) -> None:
    made = invited(scene)

    browser = opened(scene, made).submit(answer="cancel")

    assert browser.heading == "Invitation not accepted"
    assert state_of(scene, made) == "PendingAcceptance"
    assert enters(scene).json()["error_codes"] == [50020]
    assert scene.lab.events("InvitationRedeemed") == []


def test_another_account_cannot_accept(scene: Scene) -> None:
    browser = opened(scene, invited(scene), "finn")

    assert browser.heading == "Sign in with another account"
    assert "The invitation is for eve@fabrikam.onmicrosoft.com" in browser.page.text
    browser.client.request("POST", "/common/oauth2/redeem", data={"answer": "accept"})
    assert scene.lab.events("InvitationRedeemed") == []


@pytest.mark.parametrize("ticket", ["", "?ticket=wrong"])
def test_an_address_that_is_no_invitation(scene: Scene, ticket: str) -> None:
    assert scene.browser().open(f"/common/oauth2/redeem{ticket}").heading == "Invitation not found"


def test_a_guest_that_was_deleted_cannot_accept_and_one_is_asked_anew(scene: Scene) -> None:
    made = invited(scene)
    opened(scene, made).submit(answer="accept")
    anew = invited(scene, resetRedemption=True)
    assert (anew["status"], anew["invitedUser"]) == ("PendingAcceptance", made["invitedUser"])
    assert state_of(scene, made) == "PendingAcceptance"
    assert enters(scene).json()["error_codes"] == [50020]

    assert admin_of(scene).delete(f"/v1.0/users/{made['invitedUser']['id']}").status_code == 204

    address = urlsplit(anew["inviteRedeemUrl"])
    assert scene.browser().open(f"{address.path}?{address.query}").heading == "Invitation not found"
