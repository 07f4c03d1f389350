"""Applications. Source: graph-endpoints, area apps."""

from typing import Any
from uuid import UUID

from litestar import Response, delete, get, patch, post
from litestar.di import NamedDependency
from litestar.params import FromPath, JSONBody

from openpartner.identity.graph import reading
from openpartner.identity.graph.wire.application_changes import ApplicationChange
from openpartner.identity.graph.wire.credentials import (
    KeyChange,
    PasswordAsked,
    PasswordChange,
    PasswordNamed,
    secret_shown,
)
from openpartner.identity.models import Application
from openpartner.identity.service.administering import applications as service
from openpartner.identity.service.administering.allowing import allow
from openpartner.identity.service.administering.applications import ApplicationFacts, KeyFacts, PasswordFacts
from openpartner.identity.service.administering.finding import application_named
from openpartner.platform.directory_access import DirectoryAction
from openpartner.platform.graph import answers, pages
from openpartner.platform.graph.asked import Asked
from openpartner.platform.work import Begin, UnitOfWork

APPLICATIONS_READ = DirectoryAction.APPLICATIONS_READ


def password_of(data: PasswordChange) -> PasswordFacts:
    """What a body asks of a secret."""
    given = data.given()
    return PasswordFacts(
        key_id=given.get("key_id"),
        display_name=given.get("display_name") or "",
        starts_at=given.get("start_date_time"),
        ends_at=given.get("end_date_time"),
    )


def asked_password(data: PasswordAsked) -> PasswordFacts:
    """What ``addPassword`` asks; its whole body may be missing."""
    asked = data.password_credential
    return password_of(asked) if isinstance(asked, PasswordChange) else PasswordFacts()


def _key_of(data: KeyChange) -> KeyFacts:
    given = data.given()
    return KeyFacts(
        key_id=given.get("key_id"),
        display_name=given.get("display_name") or "",
        key=given.get("key"),
        is_verifying_certificate=(data.type, data.usage) == ("AsymmetricX509Cert", "Verify"),
    )


def facts_of(data: ApplicationChange) -> ApplicationFacts:
    """What a body asks of an application."""
    given = data.given()
    passwords, keys = given.get("password_credentials"), given.get("key_credentials")
    return ApplicationFacts(
        members=data.members(),
        details=data.details(),
        audience=given.get("sign_in_audience"),
        redirects=data.redirects(),
        passwords=None if passwords is None else [password_of(each) for each in passwords],
        keys=None if keys is None else [_key_of(each) for each in keys],
    )


def _shown(uow: UnitOfWork, asked: Asked, application_id: UUID) -> answers.Body:
    source = reading.applications_in(uow.actor.tenant, Application.id == application_id)
    return pages.one_of(uow, asked, source, application_id)


@get("/applications", sync_to_thread=True, opt={"operation": "GET /v1.0/applications"})
def list_applications(begin: NamedDependency[Begin], asked: NamedDependency[Asked]) -> Response[Any]:
    """A page of the tenant's registrations."""
    with begin.read() as uow:
        tenant_id = allow(uow, APPLICATIONS_READ)
        return answers.listed(asked, pages.page_of(uow, asked, reading.applications_in(tenant_id)))


@get("/applications/$count", sync_to_thread=True)
def count_applications(begin: NamedDependency[Begin], asked: NamedDependency[Asked]) -> Response[Any]:
    """How many there are."""
    with begin.read() as uow:
        tenant_id = allow(uow, APPLICATIONS_READ)
        return answers.counted(pages.count_of(uow, asked, reading.applications_in(tenant_id)))


@post("/applications", sync_to_thread=True, opt={"operation": "POST /v1.0/applications"})
def post_application(
    data: JSONBody[ApplicationChange], begin: NamedDependency[Begin], asked: NamedDependency[Asked]
) -> Response[Any]:
    """A new registration. The values of secrets that come with it are told now and never again."""
    with begin() as uow:
        made, secrets = service.create_directory_application(uow, facts_of(data))
        body = _shown(uow, asked, made.id)
        values = {str(each.key_id): each.secret for each in secrets}
        for each in body.get("passwordCredentials", ()):
            each["secretText"] = values.get(each["keyId"])
        return answers.created(asked, body, f"applications/{made.id}")


@get("/applications/{key:str}", sync_to_thread=True, opt={"operation": "GET /v1.0/applications(appId='{guid}')"})
def get_application(key: FromPath[str], begin: NamedDependency[Begin], asked: NamedDependency[Asked]) -> Response[Any]:
    """One registration, by object id or client id."""
    with begin.read() as uow:
        application = application_named(uow, allow(uow, APPLICATIONS_READ), key)
        return answers.shown(asked, _shown(uow, asked, application.id))


@patch("/applications/{key:str}", sync_to_thread=True, opt={"operation": "PATCH /v1.0/applications/{id}"})
def patch_application(
    key: FromPath[str], data: JSONBody[ApplicationChange], begin: NamedDependency[Begin], asked: NamedDependency[Asked]
) -> Response[Any]:
    """Change a registration."""
    with begin() as uow:
        application = service.update_directory_application(uow, key, facts_of(data))
        return answers.changed_silently(asked, _shown(uow, asked, application.id))


@delete("/applications/{key:str}", sync_to_thread=True, opt={"operation": "DELETE /v1.0/applications/{id}"})
def delete_application(key: FromPath[str], begin: NamedDependency[Begin]) -> None:
    """Retire a registration."""
    with begin() as uow:
        service.delete_directory_application(uow, key)


@post(
    "/applications/{key:str}/addpassword",
    status_code=200,
    sync_to_thread=True,
    opt={"operation": "POST /v1.0/applications/{id}/addPassword"},
)
def add_password(
    key: FromPath[str], data: JSONBody[PasswordAsked], begin: NamedDependency[Begin], asked: NamedDependency[Asked]
) -> Response[Any]:
    """A new secret, shown once."""
    with begin() as uow:
        wanted = asked_password(data)
        made = service.add_application_password(uow, key, wanted)
        return answers.answer(secret_shown(asked, made, wanted.display_name))


@post(
    "/applications/{key:str}/removepassword",
    status_code=204,
    sync_to_thread=True,
    opt={"operation": "POST /v1.0/applications/{id}/removePassword"},
)
def remove_password(key: FromPath[str], data: JSONBody[PasswordNamed], begin: NamedDependency[Begin]) -> None:
    """Take a secret away."""
    with begin() as uow:
        service.remove_application_password(uow, key, data.given().get("key_id"))


ROUTES: list[Any] = [
    list_applications,
    count_applications,
    post_application,
    get_application,
    patch_application,
    delete_application,
    add_password,
    remove_password,
]
