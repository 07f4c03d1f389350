"""Mail that is sent through Graph, and how it looks."""

import base64
from typing import Any

import pytest

from openpartner.identity.resources import AZURE_CLI
from openpartner.platform.mail import text_of, written
from tests.identity.graph.conftest import Directory, refused
from tests.support import scene

FILE = base64.b64encode(b"a,b\n1,2\n").decode()


def message(*to: str, **members: Any) -> dict[str, Any]:
    listed = [{"emailAddress": {"address": each}} for each in to]
    body = {"contentType": "HTML", "content": "<h1>Alert</h1><p>Two <b>users</b> &amp; a group</p>"}
    return {
        "message": {"subject": "An alert", "body": body, "toRecipients": listed, **members},
        "saveToSentItems": "true",
    }


def test_a_message_lies_in_the_mail_box_of_each_recipient(directory: Directory) -> None:
    wanted = message(
        "Zoe@example.com",
        ccRecipients=[{"EmailAddress": {}, "emailAddress": {"address": "max@example.com", "name": "Max"}}],
        attachments=[
            {
                "@odata.type": "#microsoft.graph.fileAttachment",
                "name": "report.csv",
                "contentType": "text/csv",
                "contentBytes": FILE,
            }
        ],
    )

    answer = directory.client_of(directory.admin, "Mail.Send").post("/v1.0/me/sendMail", wanted)

    assert (answer.status_code, answer.content) == (202, b"")
    [zoe] = directory.lab.mails("zoe@example.com")
    assert (zoe.subject, zoe.text, zoe.topic) == ("An alert", "Alert\nTwo users & a group", "person")
    assert (zoe.tenant_id, zoe.reply_to) == (directory.tenant.id, f"ana@{directory.domain}")
    assert [(each.name, each.content) for each in zoe.attachments] == [("report.csv", FILE)]
    assert len(directory.lab.mails("max@example.com")) == 1
    [fact] = directory.lab.events("MailSent")
    assert (fact["resourceId"], fact["after"]["subject"]) == (str(directory.admin.principal_id), "An alert")
    assert len(fact["after"]["messages"]) == 2
    shown = directory.client.get("/_sandbox/mail?recipient=zoe@example.com").json()
    assert (shown[0]["html"][:14], shown[0]["attachments"][0]["name"]) == ("<h1>Alert</h1>", "report.csv")
    mail = written(zoe, "no-reply@openpartner.invalid")
    assert (mail["To"], mail["Reply-To"]) == ("zoe@example.com", f"ana@{directory.domain}")
    parts = [(part.get_content_type(), part.get_filename()) for part in mail.walk() if not part.is_multipart()]
    assert parts == [("text/plain", None), ("text/html", None), ("text/csv", "report.csv")]


CASES: list[tuple[dict[str, Any], int, str]] = [
    ({}, 400, "ErrorInvalidRequest"),
    (message(), 400, "ErrorInvalidRecipients"),
    (message("no address"), 400, "ErrorInvalidRecipients"),
    (message(*(f"u{number}@example.com" for number in range(501))), 400, "ErrorInvalidRecipients"),
    (message("a@example.com", **{"from": {"emailAddress": {"address": "boss@example.com"}}}), 403, "ErrorSendAsDenied"),
    (message("a@example.com", attachments=[{"name": "x", "contentBytes": "!"}]), 400, "ErrorInvalidRequest"),
    (
        message("a@example.com", attachments=[{"@odata.type": "#microsoft.graph.itemAttachment"}]),
        400,
        "ErrorInvalidRequest",
    ),
    ({**message("a@example.com"), "copies": 2}, 400, "Request_BadRequest"),
]


@pytest.mark.parametrize(("body", "status", "code"), CASES)
def test_what_cannot_be_sent_leaves_no_trace(still: Directory, body: dict[str, Any], status: int, code: str) -> None:
    client = still.client_of(still.admin, "Mail.Send")

    answer = still.lab.nothing_changed(lambda: client.post("/v1.0/me/sendMail", body))

    assert refused(answer)[:2] == (status, code)
    assert still.lab.mails("a@example.com") == []


def test_who_may_send_in_whose_name(directory: Directory) -> None:
    body = message("zoe@example.com")
    ana, bo = directory.admin.principal_id, directory.member.principal_id
    with directory.lab.begin() as uow:
        tool = scene.app(uow, directory.tenant, AZURE_CLI)

    def send(actor: Any, scope: str, path: str) -> int:
        return int(directory.client_of(actor, scope).post(path, body).status_code)

    assert send(directory.member, "Mail.Send", "/v1.0/me/sendMail") == 202
    assert send(directory.admin, "User.Read", "/v1.0/me/sendMail") == 403
    assert send(directory.admin, "Mail.Send", f"/v1.0/users/{bo}/sendMail") == 403
    assert send(directory.admin, "Mail.Send", f"/v1.0/users/{ana}/sendMail") == 202
    assert send(tool, "Mail.Send", f"/v1.0/users/{bo}/sendMail") == 202
    assert send(tool, "User.Read.All", f"/v1.0/users/{bo}/sendMail") == 403
    assert send(tool, "Mail.Send", "/v1.0/me/sendMail") == 400
    assert len(directory.lab.mails("zoe@example.com")) == 3


@pytest.mark.parametrize(
    ("html", "text"),
    [
        ("plain", "plain"),
        ("<p>One</p><p>Two<br>Three</p>", "One\nTwo\nThree"),
        ("<head><title>T</title></head><style>p {}</style><script>x()</script><div>  Seen\n only </div>", "Seen only"),
        ("<ul><li>a</li><li>b &lt; c</li></ul>", "a\nb < c"),
        ("<p>open", "open"),
        ("", ""),
    ],
)
def test_what_an_html_message_says(html: str, text: str) -> None:
    assert text_of(html) == text
