"""The calls of a public Node client, in its shapes: the refresh token by form, bare headers, whole resources sent back.

It prints what each call was answered. Arguments after the fourth are a command that is run with the new customer's id:
what people do before a script may act in the customer's directory.
"""

import json
import subprocess
import sys
from typing import Any

import requests

domain, client_id, secret, refresh_token, *by_hand = sys.argv[1:]
API = "https://api.partnercenter.microsoft.com/v1/"
ADDRESS = {
    "FirstName": "Gena",
    "LastName": "Soto",
    "AddressLine1": "1 Main Street",
    "City": "Redmond",
    "State": "WA",
    "PostalCode": "98052",
    "Country": "US",
}
session = requests.Session()
session.headers.update({"Accept": "application/json, text/plain, */*", "User-Agent": "axios/1.18.1"})
said: dict[str, Any] = {}


def call(name: str, method: str, path: str, body: Any = None) -> Any:
    answer = session.request(method, f"{API}/{path.lstrip('/')}", json=body, timeout=60)
    shown = answer.json() if answer.content else None
    said[name] = [answer.status_code, shown if answer.status_code >= 400 else sorted(shown or {})]
    return shown


form = {
    "client_id": client_id,
    "client_secret": secret,
    "scope": "https://api.partnercenter.microsoft.com/.default",
    "grant_type": "refresh_token",
    "refresh_token": refresh_token,
}
token = session.post(f"https://login.microsoftonline.com/{domain}/oauth2/v2.0/token", data=form, timeout=60).json()
session.headers["authorization"] = f"Bearer {token['access_token']}"

billing = {
    "Culture": "EN-US",
    "Email": "gena@wingtip.example",
    "Language": "En",
    "CompanyName": "Wingtip",
    "DefaultAddress": ADDRESS,
}
new = {
    "enableGDAPByDefault": False,
    "CompanyProfile": {"Domain": "wingtip.onmicrosoft.com"},
    "BillingProfile": billing,
}
customer = call("create customer", "POST", "/customers", new)["id"]
call("users without access", "GET", f"/customers/{customer}/users")
subprocess.run([*by_hand, customer], check=True)
call("customers", "GET", "/customers")
call("customer", "GET", f"/customers/{customer}")

person = {
    "usageLocation": "US",
    "userPrincipalName": "ferdinand@wingtip.onmicrosoft.com",
    "firstName": "Ferdinand",
    "lastName": "Filibuster",
    "displayName": "Ferdinand",
    "passwordProfile": {"forceChangePassword": True, "password": "Abcd1234!xyz"},
}
user = call("create user", "POST", f"/customers/{customer}/users", person)
users = f"/customers/{customer}/users"
call("users", "GET", users)
call("user", "GET", f"{users}/{user['id']}")
call(
    "reset password",
    "PATCH",
    f"{users}/{user['id']}/resetpassword",
    {
        "passwordProfile": {"password": "Efgh5678!xyz", "forceChangePassword": False},
        "attributes": {"objectType": "CustomerUser"},
    },
)
helpdesk = "729827e3-9c14-49f7-bb1b-9608f156bbb8"
member = {"Id": user["id"], "DisplayName": user["displayName"], "UserPrincipalName": user["userPrincipalName"]}
call("set role", "POST", f"/customers/{customer}/directoryroles/{helpdesk}/usermembers", member)
call("roles", "GET", f"{users}/{user['id']}/directoryroles")

agreements = session.get(f"{API}agreements?agreementType=*", timeout=60).json()["items"]
template = next(each for each in agreements if each["agreementType"] == "MicrosoftCustomerAgreement")
attested = {
    "primaryContact": {
        "firstName": "Gena",
        "lastName": "Soto",
        "email": "gena@wingtip.example",
        "phoneNumber": "4255550100",
    },
    "templateId": template["templateId"],
    "dateAgreed": "2026-01-14T00:00:00Z",
    "type": "MicrosoftCustomerAgreement",
}
call("agreement", "POST", f"/customers/{customer}/agreements", attested)

skus = f"/customers/{customer}/products/CFQ7TTC0LH18/skus"
sku = call("skus", "GET", skus)["items"][0]["id"]
call("sku", "GET", f"{skus}/{sku}")
item = call("availabilities", "GET", f"{skus}/{sku}/availabilities")["items"][0]
offer = f"{item['productId']}:{sku}:{item['id']}"
lines = [{"offerId": offer, "quantity": 3, "termDuration": "P1M", "lineItemNumber": 0}]
order = {"lineItems": lines, "billingCycle": "monthly"}
call("create order", "POST", f"/customers/{customer}/orders", order)

subscription = call("subscriptions", "GET", f"/customers/{customer}/subscriptions")["items"][0]
path = f"/customers/{customer}/subscriptions/{subscription['id']}"
for name, change in (
    ("quantity", {"quantity": 5}),
    ("renewal", {"autoRenewEnabled": False}),
    ("suspend", {"status": "suspended"}),
    ("reactivate", {"status": "active"}),
):
    whole = call("subscription", "GET", path)
    call(name, "PATCH", path, {**whole, **change})

owned = call("licence usage", "GET", f"/customers/{customer}/subscribedskus")["items"][0]["productSku"]["id"]
assigned = {"licensesToAssign": [{"excludedPlans": None, "skuId": owned}], "licensesToRemove": None}
call("assign licence", "POST", f"{users}/{user['id']}/licenseupdates", assigned)
call("licences of user", "GET", f"{users}/{user['id']}/licenses")
call("delete user", "DELETE", f"{users}/{user['id']}")
print(json.dumps(said))
