"""Secrets and certificates as Graph shows and takes them. Source: graph-conventions §16, passwordCredential."""

import base64
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

import msgspec
from msgspec import UNSET, UnsetType
from sqlalchemy import select

from openpartner.identity.models import ApplicationCertificate, ApplicationSecret, ServicePrincipalSecret
from openpartner.identity.service.applications import NewSecret
from openpartner.platform.graph.asked import Asked
from openpartner.platform.graph.bodies import Change
from openpartner.platform.graph.edm import Kind, Property, declare, guid, instant, instant_text, text
from openpartner.platform.work import UnitOfWork

Shown = dict[str, Any]


def _password(
    row: ApplicationSecret | ServicePrincipalSecret | NewSecret, display_name: str, secret: str | None
) -> Shown:
    return {
        "customKeyIdentifier": None,
        "displayName": display_name or None,
        "endDateTime": instant_text(row.ends_at),
        "hint": row.hint,
        "keyId": str(row.key_id),
        "secretText": secret,
        "startDateTime": instant_text(row.starts_at),
    }


def _password_shown(row: ApplicationSecret | ServicePrincipalSecret) -> Shown:
    """What stays visible of a secret."""
    return _password(row, row.display_name, None)


def secret_shown(asked: Asked, made: NewSecret, display_name: str) -> Shown:
    """The one answer that has a secret's value."""
    context = f"{asked.root}/$metadata#microsoft.graph.passwordCredential"
    return {"@odata.context": context, **_password(made, display_name, made.secret)}


def _key_shown(row: ApplicationCertificate) -> Shown:
    octets = base64.urlsafe_b64decode(row.x5t + "=" * (-len(row.x5t) % 4))
    return {
        "customKeyIdentifier": octets.hex().upper(),
        "displayName": row.display_name or None,
        "endDateTime": instant_text(row.ends_at),
        "key": None,
        "keyId": str(row.key_id),
        "startDateTime": instant_text(row.starts_at),
        "type": "AsymmetricX509Cert",
        "usage": "Verify",
    }


def _by(key: str, rows: Iterable[Any], show: Any) -> dict[Any, list[Shown]]:
    found: dict[Any, list[Shown]] = {}
    for row in rows:
        found.setdefault(getattr(row, key), []).append(show(row))
    return found


def application_passwords(uow: UnitOfWork, keys: Sequence[Any]) -> Mapping[Any, list[Shown]]:
    """Secrets of applications, the newest first."""
    model = ApplicationSecret
    wanted = select(model).where(model.application_id.in_(keys)).order_by(model.starts_at.desc(), model.key_id)
    return _by("application_id", uow.db.scalars(wanted), _password_shown)


def application_keys(uow: UnitOfWork, keys: Sequence[Any]) -> Mapping[Any, list[Shown]]:
    """Certificates of applications, the newest first."""
    model = ApplicationCertificate
    wanted = select(model).where(model.application_id.in_(keys)).order_by(model.starts_at.desc(), model.key_id)
    return _by("application_id", uow.db.scalars(wanted), _key_shown)


def principal_passwords(uow: UnitOfWork, keys: Sequence[Any]) -> Mapping[Any, list[Shown]]:
    """Secrets of service principals, the newest first."""
    model = ServicePrincipalSecret
    wanted = select(model).where(model.principal_id.in_(keys)).order_by(model.starts_at.desc(), model.key_id)
    return _by("principal_id", uow.db.scalars(wanted), _password_shown)


PASSWORD = declare(
    text("customKeyIdentifier"),
    text("displayName"),
    instant("endDateTime"),
    text("hint"),
    guid("keyId"),
    text("secretText"),
    instant("startDateTime"),
)
KEY = declare(
    text("customKeyIdentifier"),
    text("displayName"),
    instant("endDateTime"),
    text("key"),
    guid("keyId"),
    instant("startDateTime"),
    text("type"),
    text("usage"),
)


def credentials(name: str, type_name: str, members: Mapping[str, Property], **more: Any) -> Property:
    """A list of credentials."""
    return Property(name=name, kind=Kind.COMPLEX, type_name=type_name, members=members, is_collection=True, **more)


class PasswordChange(Change, kw_only=True):
    """A secret to be made, or one that is there already and stays."""

    display_name: str | UnsetType | None = UNSET
    start_date_time: datetime | UnsetType | None = UNSET
    end_date_time: datetime | UnsetType | None = UNSET
    key_id: UUID | UnsetType | None = UNSET
    custom_key_identifier: Any = UNSET
    hint: Any = UNSET
    secret_text: Any = UNSET


class PasswordAsked(Change, kw_only=True):
    """The body of ``addPassword``."""

    password_credential: PasswordChange | UnsetType | None = UNSET


class PasswordNamed(Change, kw_only=True):
    """The body of ``removePassword``."""

    key_id: UUID | UnsetType = UNSET


class KeyChange(Change, kw_only=True):
    """A certificate to be added, or one that is there already and stays. key: DER or PEM, as base64."""

    key: str | UnsetType | None = UNSET
    key_id: UUID | UnsetType | None = UNSET
    display_name: str | UnsetType | None = UNSET
    type: str = msgspec.field(default="AsymmetricX509Cert")
    usage: str = msgspec.field(default="Verify")
    start_date_time: Any = UNSET
    end_date_time: Any = UNSET
    custom_key_identifier: Any = UNSET
