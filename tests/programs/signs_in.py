"""A program with ``msal`` or ``azure-identity`` that lists customers. It names only the vendor's hosts."""

import json
import sys

import msal
import requests
from azure.identity import ClientSecretCredential

library, tenant, client_id, secret = sys.argv[1:]
SCOPE = "https://api.partnercenter.microsoft.com/.default"

if library == "msal":
    authority = f"https://login.microsoftonline.com/{tenant}"
    app = msal.ConfidentialClientApplication(client_id, secret, authority=authority)
    token = app.acquire_token_for_client([SCOPE])["access_token"]
else:
    token = ClientSecretCredential(tenant, client_id, secret).get_token(SCOPE).token
answer = requests.get(
    "https://api.partnercenter.microsoft.com/v1/customers",
    headers={"Authorization": f"Bearer {token}", "Accept": "application/json"},
    timeout=60,
)
print(json.dumps([answer.status_code, answer.json()["attributes"]]))
