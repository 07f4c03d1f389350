"""A partner's program with ``msgraph-sdk`` and ``azure-identity``: it asks for access to a customer, uses it, ends it.

It names only the vendor's hosts. What it needs people for it says on a line of its output, and goes on when it is
given a line: a sign-in with a code, the customer's approval, time to pass.
"""

import asyncio
import json
import sys
from datetime import timedelta
from typing import Any

from azure.core.exceptions import ClientAuthenticationError
from azure.identity import DeviceCodeCredential
from kiota_abstractions.api_error import APIError
from kiota_abstractions.base_request_configuration import RequestConfiguration
from msgraph.generated.models.delegated_admin_access_assignment import DelegatedAdminAccessAssignment
from msgraph.generated.models.delegated_admin_access_container import DelegatedAdminAccessContainer
from msgraph.generated.models.delegated_admin_access_container_type import DelegatedAdminAccessContainerType
from msgraph.generated.models.delegated_admin_access_details import DelegatedAdminAccessDetails
from msgraph.generated.models.delegated_admin_relationship import DelegatedAdminRelationship
from msgraph.generated.models.delegated_admin_relationship_customer_participant import (
    DelegatedAdminRelationshipCustomerParticipant,
)
from msgraph.generated.models.delegated_admin_relationship_request import DelegatedAdminRelationshipRequest
from msgraph.generated.models.delegated_admin_relationship_request_action import (
    DelegatedAdminRelationshipRequestAction as Action,
)
from msgraph.generated.models.group import Group
from msgraph.generated.models.reference_create import ReferenceCreate
from msgraph.generated.models.unified_role import UnifiedRole
from msgraph.graph_service_client import GraphServiceClient

partner, client_id, customer = sys.argv[1:]
SCOPES = ["https://graph.microsoft.com/.default"]
USER_ADMINISTRATOR = "fe930be7-5e62-47db-91af-98c3a49a38b1"
DIRECTORY_READERS = "88d8e3e3-8f55-4a1e-953a-9b9898b8876b"


def say(step: str, **facts: Any) -> None:
    print(json.dumps({"step": step, **facts}), flush=True)


def ask(step: str, **facts: Any) -> None:
    say(step, **facts)
    sys.stdin.readline()


class InTenant:
    """A credential whose tokens are for another tenant than its own."""

    def __init__(self, credential: DeviceCodeCredential, tenant: str) -> None:
        self.credential = credential
        self.tenant = tenant

    def get_token(self, *scopes: str, **given: Any) -> Any:
        return self.credential.get_token(*scopes, **{**given, "tenant_id": self.tenant})


def roles(*ids: str) -> DelegatedAdminAccessDetails:
    return DelegatedAdminAccessDetails(unified_roles=[UnifiedRole(role_definition_id=each) for each in ids])


async def main() -> None:
    credential = DeviceCodeCredential(
        client_id,
        tenant_id=partner,
        additionally_allowed_tenants=["*"],
        prompt_callback=lambda uri, code, _: say("sign in", uri=uri, code=code),
        disable_automatic_authentication=True,
    )
    credential.authenticate(scopes=SCOPES, enable_cae=True)  # as the SDK asks for its tokens
    graph = GraphServiceClient(credential, SCOPES)
    there = GraphServiceClient(InTenant(credential, customer), SCOPES)
    relationships = graph.tenant_relationships.delegated_admin_relationships
    created = await relationships.post(
        DelegatedAdminRelationship(
            display_name="Written by a program",
            duration=timedelta(days=30),
            customer=DelegatedAdminRelationshipCustomerParticipant(tenant_id=customer),
            access_details=roles(USER_ADMINISTRATOR, DIRECTORY_READERS),
        )
    )
    say("created", status=created.status, id=created.id, days=created.duration.days)
    ours = relationships.by_delegated_admin_relationship_id(created.id)
    locked = await ours.requests.post(DelegatedAdminRelationshipRequest(action=Action.LockForApproval))
    say("locked", action=locked.action, status=locked.status)
    try:
        await there.users.get()
    except ClientAuthenticationError as error:
        say("before the approval", error=type(error).__name__)
    ask("approve", id=created.id)
    approved = await ours.get()
    say("approved", status=approved.status, customer=approved.customer.display_name)

    me = await graph.me.get()
    group = await graph.groups.post(
        Group(display_name="Written by a program", mail_enabled=False, mail_nickname="program", security_enabled=True)
    )
    await graph.groups.by_group_id(group.id).members.ref.post(
        ReferenceCreate(odata_id=f"https://graph.microsoft.com/v1.0/directoryObjects/{me.id}")
    )
    assignment = await ours.access_assignments.post(
        DelegatedAdminAccessAssignment(
            access_container=DelegatedAdminAccessContainer(
                access_container_id=group.id,
                access_container_type=DelegatedAdminAccessContainerType.SecurityGroup,
            ),
            access_details=roles(USER_ADMINISTRATOR),
        )
    )
    say("assigned", status=assignment.status)
    ask("time")
    ours_given = ours.access_assignments.by_delegated_admin_access_assignment_id(assignment.id)
    given = await ours_given.get()
    say("active", status=given.status)
    unchanged = RequestConfiguration()
    unchanged.headers.add("If-Match", given.additional_data["@odata.etag"])
    more = DelegatedAdminAccessAssignment(access_details=roles(USER_ADMINISTRATOR, DIRECTORY_READERS))
    await ours_given.patch(more, request_configuration=unchanged)
    begun = (await ours.operations.get()).value[0]
    say("changing", type=begun.operation_type)
    ask("time")
    done = await ours.operations.by_delegated_admin_relationship_operation_id(begun.id).get()
    given = await ours_given.get()
    say("changed", status=done.status, roles=len(given.access_details.unified_roles))

    found = await there.users.get()
    say("users", names=sorted(each.display_name for each in found.value))
    try:
        await there.domains.by_domain_id("contoso.onmicrosoft.com").delete()
    except APIError as error:
        say("beyond the role", status=error.response_status_code, code=error.error.code)

    ended = await ours.requests.post(DelegatedAdminRelationshipRequest(action=Action.Terminate))
    say("ending", action=ended.action)
    ask("time")
    say("ended", status=(await ours.get()).status)
    try:
        await there.users.get()
    except (ClientAuthenticationError, APIError) as error:
        say("after the end", error=type(error).__name__, status=getattr(error, "response_status_code", None))
    say("done")


asyncio.run(main())
