"""Licences, as Graph gives and takes them. What decides is ``subscriptions/service``."""

from openpartner.customers import queries as customers
from openpartner.identity.models import User
from openpartner.identity.service.administering.allowing import allow, own_user
from openpartner.identity.service.administering.finding import user_named
from openpartner.platform.directory_access import DirectoryAction
from openpartner.platform.graph.errors import GraphInvalid
from openpartner.platform.work import UnitOfWork
from openpartner.subscriptions.graph.wire import LicenceChange
from openpartner.subscriptions.service import licenses as service


def user_whose_licences(uow: UnitOfWork, key: str | None) -> User:
    """The user whose licences may be read; None: the caller itself. Raises ScopeNeeded, DirectoryRoleNeeded."""
    if key is None:
        return own_user(uow, "LicenseAssignment.Read.All")
    return user_named(uow, allow(uow, DirectoryAction.LICENCES_READ, "User.Read.All"), key)


def user_to_license(uow: UnitOfWork, key: str | None) -> User:
    """The user whose licences may be changed; None: the caller itself. Raises as above, ResourceMissing."""
    tenant_id = allow(uow, DirectoryAction.LICENCES_ASSIGN, "User.ReadWrite.All")
    return own_user(uow) if key is None else user_named(uow, tenant_id, key)


def assign_license(uow: UnitOfWork, key: str | None, wanted: LicenceChange) -> User:
    """Give licences and take licences, all or nothing. Raises as above, GraphInvalid. Emits LicensesChanged."""
    user = user_to_license(uow, key)
    assign, remove = wanted.read()
    customers.hold_tenant(uow, user.tenant_id)
    try:
        service.give_and_take(uow, user, None, assign=assign, remove=remove)
    except service.LicenceRefused as error:
        raise GraphInvalid(_words(error)) from error
    return user


def _words(error: service.LicenceRefused) -> str:
    """The refusal as Graph begins it: tools look for these words. Source: graph-conventions §16."""
    product = error.facts.get("product")
    if isinstance(error, service.UsageLocationNeeded):
        begins = "License assignment cannot be done for user with invalid usage location."
    elif isinstance(error, service.NoSeatLeft):
        begins = f"Subscription with SKU {product} does not have any available licenses."
    elif isinstance(error, service.LicenceUnknown):
        begins = f"License {product} does not correspond to a valid company License."
    elif isinstance(error, service.LicenceNotHeld):
        begins = "User does not have a corresponding license."
    else:
        return error.message
    return f"{begins} {error.message}"
