"""Who may decide for a customer: its own Global Administrators, in person."""

from openpartner.identity.models import User
from openpartner.platform.work import UnitOfWork
from openpartner.relationships.rules.granular_consent import OwnAdministratorNeeded


def check_own_administrator(uow: UnitOfWork) -> None:
    """Refuse whoever does not belong to the customer's tenant; the permission has been asked for already.

    A partner's user in the customer's tenant may hold Global Administrator there, by an earlier relationship; it could
    otherwise approve its own next one. Raises UserNeeded for an application, OwnAdministratorNeeded.
    """
    uow.actor.require_user()
    user = uow.db.get(User, uow.actor.principal_id) if uow.actor.principal_id is not None else None
    if user is None or user.tenant_id != uow.actor.tenant_id or user.home_tenant_id != user.tenant_id:
        raise OwnAdministratorNeeded
