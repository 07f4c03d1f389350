"""The device flow: its start, and what its user answers in a browser. Source: identity §4."""

from typing import NamedTuple

from sqlalchemy import select

from openpartner.identity import protocol, queries, rules
from openpartner.identity.errors import OAuthError
from openpartner.identity.models import Application, DeviceCode, SignInSession, Tenant
from openpartner.identity.service import tenancy
from openpartner.identity.service.exchange import Exchange
from openpartner.identity.service.issuing import text_hash
from openpartner.platform.work import UnitOfWork


class StartedDevice(NamedTuple):
    """What the device shows and polls with."""

    device_code: str
    user_code: str


def start_device_flow(uow: UnitOfWork, exchange: Exchange, client_id: str, scope: str) -> StartedDevice:
    """Begin a device flow. Raises OAuthError 900144, 700016, 90002, 500011, 28000."""
    application = tenancy.find_client(uow, client_id, exchange.tenant)
    if not scope.strip():
        raise OAuthError(900144, parameter="resource" if exchange.is_v1 else "scope")
    tenant = tenancy.named_tenant(uow, exchange.tenant)
    if tenant is not None:
        tenancy.tenant_for(uow, exchange.tenant, application, tenant.id)
    tenancy.find_resource(uow, exchange, protocol.parse_scope(scope), exchange.tenant)
    started = StartedDevice(uow.ids.token(48), protocol.user_code(uow.ids.pick))
    uow.db.add(
        DeviceCode(
            code_hash=text_hash(started.device_code),
            user_code=started.user_code,
            app_id=application.app_id,
            tenant=exchange.tenant,
            scope=scope,
            created_at=uow.now,
            expires_at=uow.now + rules.DEVICE_CODE,
        )
    )
    uow.db.flush()
    return started


class WaitingDevice(NamedTuple):
    """A flow that can still be answered, and the application that asks."""

    row: DeviceCode
    application: Application


def waiting_device(uow: UnitOfWork, typed: str) -> WaitingDevice | None:
    """The flow a typed user code belongs to, while it can still be answered."""
    row = uow.db.scalar(select(DeviceCode).where(DeviceCode.user_code == protocol.typed_user_code(typed)))
    if row is None or row.expires_at <= uow.now or row.declined or row.user_id is not None:
        return None
    application = queries.application_by_app_id(uow, row.app_id)
    return WaitingDevice(row, application) if application is not None else None


def approve_device(
    uow: UnitOfWork, row: DeviceCode, application: Application, tenant: Tenant, session: SignInSession
) -> None:
    """The user signed in and wants it: the next poll gets tokens of this session."""
    row.user_id, row.tenant_id, row.session_id = session.user_id, tenant.id, session.id
    row.auth_time, row.amr = session.auth_time, list(session.amr)
    tenancy.check_principal(uow, application, tenant)
    uow.db.flush()


def decline_device(uow: UnitOfWork, row: DeviceCode) -> None:
    """The user does not want it: the next poll is refused."""
    row.declined = True
    uow.db.flush()
