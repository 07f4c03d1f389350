"""The organization and its domains on the Graph surface, on both databases."""

import msgspec
import pytest

from openpartner.identity import service
from tests.identity.graph.conftest import BASE, Directory, refused
from tests.support.names import name_server


def test_the_organization_is_the_tokens_tenant(directory: Directory) -> None:
    expected = {
        "id": str(directory.tenant.id),
        "deletedDateTime": None,
        "countryLetterCode": "US",
        "createdDateTime": "2026-01-15T09:00:00Z",
        "defaultUsageLocation": "US",
        "displayName": "Contoso",
        "businessPhones": [],
        "city": None,
        "country": None,
        "marketingNotificationEmails": [],
        "onPremisesLastSyncDateTime": None,
        "onPremisesSyncEnabled": None,
        "postalCode": None,
        "preferredLanguage": None,
        "privacyProfile": None,
        "securityComplianceNotificationMails": [],
        "securityComplianceNotificationPhones": [],
        "state": None,
        "street": None,
        "technicalNotificationMails": [],
        "tenantType": "AAD",
        "assignedPlans": [],
        "provisionedPlans": [],
        "partnerTenantType": "resellerPartnerDelegatedAdmin",
        "verifiedDomains": [
            {
                "capabilities": "Email, OfficeCommunicationsOnline",
                "isDefault": True,
                "isInitial": True,
                "name": directory.domain,
                "type": "Managed",
            }
        ],
    }

    listed = directory.client.get("/v1.0/organization").json()
    assert listed == {"@odata.context": f"{BASE}/$metadata#organization", "value": [expected]}
    one = directory.get(f"organization/{directory.tenant.id}")
    assert one == {"@odata.context": f"{BASE}/$metadata#organization/$entity", **expected}
    assert directory.client_of(directory.member, "User.Read").get("/v1.0/organization").status_code == 200
    other = directory.lab.partner("Fabrikam")
    assert directory.client.get(f"/v1.0/organization/{other.id}").status_code == 404


def test_an_organization_says_whom_it_has_written_to(directory: Directory) -> None:
    path = f"/v1.0/organization/{directory.tenant.id}"
    body = {
        "technicalNotificationMails": ["it@contoso.example"],
        "securityComplianceNotificationMails": ["safe@contoso.example"],
        "securityComplianceNotificationPhones": ["+1 425 555 0100"],
        "marketingNotificationEmails": ["news@contoso.example"],
        "privacyProfile": {"contactEmail": "privacy@contoso.example"},
    }

    answer = directory.client.patch(path, body)

    assert (answer.status_code, answer.content) == (204, b"")
    now = directory.get("organization")["value"][0]
    assert {name: now[name] for name in body} == body
    [fact] = directory.lab.events("TenantUpdated")
    assert fact["before"] == dict.fromkeys(body)
    assert fact["after"] == body
    assert directory.client.patch(path, {"technicalNotificationMails": []}).status_code == 204
    now = directory.get(f"organization/{directory.tenant.id}")
    assert (now["technicalNotificationMails"], now["privacyProfile"]) == ([], body["privacyProfile"])
    assert directory.client.patch(path, {"technicalNotificationMails": []}).status_code == 204
    assert len(directory.lab.events("TenantUpdated")) == 2


def test_who_may_change_the_organization(directory: Directory) -> None:
    path, body = f"/v1.0/organization/{directory.tenant.id}", {"technicalNotificationMails": ["it@contoso.example"]}
    other = directory.lab.partner("Fabrikam")
    before = directory.lab.events()

    assert refused(directory.client.patch(f"/v1.0/organization/{other.id}", body))[:2] == (
        404,
        "Request_ResourceNotFound",
    )
    assert refused(directory.client_of(directory.member).patch(path, body))[:2] == (403, "Authorization_RequestDenied")
    reads = directory.client_of(directory.admin, "Organization.Read.All")
    assert refused(reads.patch(path, body))[:2] == (403, "Authorization_RequestDenied")
    assert directory.lab.events() == before


def test_a_domain_is_added_proved_made_the_default_and_given_up(directory: Directory) -> None:
    made = directory.client.post("/v1.0/domains", {"id": "Contoso.com"})

    assert (made.status_code, made.headers["location"]) == (201, f"{BASE}/domains/contoso.com")
    assert made.json() == {
        "@odata.context": f"{BASE}/$metadata#domains/$entity",
        "authenticationType": "Managed",
        "availabilityStatus": None,
        "id": "contoso.com",
        "isAdminManaged": True,
        "isDefault": False,
        "isInitial": False,
        "isRoot": True,
        "isVerified": False,
        "manufacturer": None,
        "model": None,
        "passwordNotificationWindowInDays": 14,
        "passwordValidityPeriodInDays": 2147483647,
        "state": None,
        "supportedServices": [],
    }
    text, mail = directory.get("domains/contoso.com/verificationDnsRecords")["value"]
    assert (text["@odata.type"], text["recordType"]) == ("#microsoft.graph.domainDnsTxtRecord", "Txt")
    assert text["text"].startswith("MS=ms")
    assert (mail["@odata.type"], mail["preference"]) == ("#microsoft.graph.domainDnsMxRecord", 32767)
    path = "/v1.0/domains/contoso.com"
    assert refused(directory.client.patch(path, {"isDefault": True}))[:2] == (400, "Request_BadRequest")
    with directory.lab.begin() as uow:
        service.verify_domain(uow, directory.tenant.id, "contoso.com")

    assert directory.client.patch(path, {"isDefault": True}).status_code == 204

    found = directory.get("domains?$filter=isDefault eq true&$select=id,isVerified,supportedServices&$top=999")["value"]
    assert found == [
        {"id": "contoso.com", "isVerified": True, "supportedServices": ["Email", "OfficeCommunicationsOnline"]}
    ]
    assert refused(directory.client.delete(path))[:2] == (400, "Request_BadRequest")
    assert directory.client.patch(f"/v1.0/domains/{directory.domain}", {"isDefault": True}).status_code == 204
    assert directory.client.delete(path).status_code == 204
    assert directory.lab.kinds()[-1] == "DomainRemoved"
    assert directory.client.get(path).status_code == 404


def test_what_cannot_be_done_to_domains(directory: Directory) -> None:
    initial = f"/v1.0/domains/{directory.domain}"
    other = directory.lab.partner("Fabrikam")
    before = directory.lab.events()

    assert refused(directory.client.post("/v1.0/domains", {"id": other.default_domain}))[:2] == (
        409,
        "Request_MultipleObjectsWithSameKeyValue",
    )
    assert refused(directory.client.post("/v1.0/domains", {"id": "no domain"}))[0] == 400
    assert refused(directory.client.delete(initial))[0] == 400
    assert refused(directory.client.patch(initial, {"isDefault": False}))[0] == 400
    assert directory.client.get(f"/v1.0/domains/{other.default_domain}").status_code == 404
    member = directory.client_of(directory.member)
    assert member.get(initial).status_code == 200
    assert refused(member.post("/v1.0/domains", {"id": "x.com"}))[:2] == (403, "Authorization_RequestDenied")
    assert directory.lab.events() == before


def test_a_sandbox_takes_the_owners_word_but_for_names_that_nobody_can_own(directory: Directory) -> None:
    client = directory.client
    for name in ("contoso.com", "contoso.invalid"):
        assert client.post("/v1.0/domains", {"id": name}).status_code == 201
    text = directory.get("domains/contoso.invalid/verificationDnsRecords")["value"][0]["text"]
    assert directory.get("domains/contoso.com/serviceConfigurationRecords")["value"] == []

    proved = client.post("/v1.0/domains/contoso.com/verify", {})
    again = directory.lab.nothing_changed(lambda: client.post("/v1.0/domains/contoso.com/verify", {}))
    missing = directory.lab.nothing_changed(lambda: client.post("/v1.0/domains/contoso.invalid/verify", {}))

    assert (proved.status_code, proved.json()["isVerified"], again.status_code) == (200, True, 200)
    assert proved.json()["@odata.context"] == f"{BASE}/$metadata#domains/$entity"
    status, code, message = refused(missing)
    assert (status, code) == (400, "Request_BadRequest")
    assert message.startswith("Domain verification failed with the following error: 'The record was not found for")
    assert text in message
    assert directory.lab.kinds()[-1] == "DomainVerified"


def test_a_name_server_is_asked_where_there_is_one(directory: Directory, monkeypatch: pytest.MonkeyPatch) -> None:
    client, world = directory.client, directory.lab.world
    assert client.post("/v1.0/domains", {"id": "contoso.com"}).status_code == 201
    text = directory.get("domains/contoso.com/verificationDnsRecords")["value"][0]["text"]
    with name_server() as names:
        monkeypatch.setattr(world, "settings", msgspec.structs.replace(world.settings, dns_server=names.address))
        names.published = {"contoso.com": ["v=spf1 -all"]}
        assert refused(client.post("/v1.0/domains/contoso.com/verify", {}))[0] == 400
        names.published["contoso.com"].append(text)
        assert client.post("/v1.0/domains/contoso.com/verify", {}).json()["isVerified"] is True


def test_the_records_of_a_names_services(directory: Directory) -> None:
    records = directory.get(f"domains/{directory.domain}/serviceConfigurationRecords")["value"]

    assert [(each["recordType"], each["label"], each["supportedService"]) for each in records] == [
        ("Mx", directory.domain, "Email"),
        ("Txt", directory.domain, "Email"),
        ("CName", f"autodiscover.{directory.domain}", "Email"),
        ("CName", f"sip.{directory.domain}", "OfficeCommunicationsOnline"),
        ("CName", f"lyncdiscover.{directory.domain}", "OfficeCommunicationsOnline"),
        ("Srv", f"_sip._tls.{directory.domain}", "OfficeCommunicationsOnline"),
        ("Srv", f"_sipfederationtls._tcp.{directory.domain}", "OfficeCommunicationsOnline"),
    ]
    mail, _, _, _, _, sip, _ = records
    assert (mail["@odata.type"], mail["preference"]) == ("#microsoft.graph.domainDnsMxRecord", 0)
    assert mail["mailExchange"] == f"{directory.domain.replace('.', '-')}.mail.protection.outlook.com"
    assert (sip["nameTarget"], sip["port"], sip["service"], sip["protocol"]) == (
        "sipdir.online.lync.com",
        443,
        "_sip",
        "_tls",
    )
    assert len({each["id"] for each in records}) == 7


def test_who_may_have_a_name_verified(directory: Directory) -> None:
    assert directory.client.post("/v1.0/domains", {"id": "contoso.com"}).status_code == 201
    member = directory.client_of(directory.member)

    answer = directory.lab.nothing_changed(lambda: member.post("/v1.0/domains/contoso.com/verify", {}))

    assert refused(answer)[:2] == (403, "Authorization_RequestDenied")
    assert member.get("/v1.0/domains/contoso.com/serviceConfigurationRecords").status_code == 200
    assert refused(directory.client.post("/v1.0/domains/fabrikam.com/verify", {}))[0] == 404
