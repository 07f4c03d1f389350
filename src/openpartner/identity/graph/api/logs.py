"""The sign-in log and the changes of the directory. Source: graph-endpoints, area audit."""

from typing import Any

from litestar import Response, get
from litestar.di import NamedDependency
from litestar.params import FromPath

from openpartner.identity.graph.wire.audits import AUDIT, audits_of, place_of
from openpartner.identity.graph.wire.sign_ins import SIGN_IN, SIGN_IN_LATER, sign_ins_of
from openpartner.identity.models import SignInLog
from openpartner.identity.service.administering.allowing import allow
from openpartner.identity.service.administering.finding import guid_of
from openpartner.platform.directory_access import DirectoryAction
from openpartner.platform.events import LogEntry
from openpartner.platform.graph import answers, pages
from openpartner.platform.graph.asked import Asked
from openpartner.platform.graph.edm import Resource
from openpartner.platform.graph.errors import ResourceMissing
from openpartner.platform.work import Begin

AUDIT_READ = DirectoryAction.AUDIT_READ


def _sign_in(asked: Asked) -> Resource:
    return SIGN_IN_LATER if asked.version == "beta" else SIGN_IN


@get("/auditlogs/signins", sync_to_thread=True, opt={"operation": "GET /v1.0/auditLogs/signIns"})
def list_sign_ins(begin: NamedDependency[Begin], asked: NamedDependency[Asked]) -> Response[Any]:
    """Who signed in to the tenant, or tried to."""
    with begin.read() as uow:
        source = sign_ins_of(allow(uow, AUDIT_READ), _sign_in(asked), asked.options.text("filter") or "")
        return answers.listed(asked, pages.page_of(uow, asked, source))


@get("/auditlogs/signins/{key:str}", sync_to_thread=True)
def get_sign_in(key: FromPath[str], begin: NamedDependency[Begin], asked: NamedDependency[Asked]) -> Response[Any]:
    """One of them."""
    with begin.read() as uow:
        tenant_id, found = allow(uow, AUDIT_READ), guid_of(key)
        if found is None:
            raise ResourceMissing(key)
        source = sign_ins_of(tenant_id, _sign_in(asked), "isInteractive", SignInLog.id == found)
        return answers.shown(asked, pages.one_of(uow, asked, source, key))


@get("/auditlogs/directoryaudits", sync_to_thread=True, opt={"operation": "GET /v1.0/auditLogs/directoryAudits"})
def list_directory_audits(begin: NamedDependency[Begin], asked: NamedDependency[Asked]) -> Response[Any]:
    """What was changed in the tenant, and by whom."""
    with begin.read() as uow:
        allow(uow, AUDIT_READ)
        return answers.listed(asked, pages.page_of(uow, asked, audits_of(uow.actor)))


@get("/auditlogs/directoryaudits/{key:str}", sync_to_thread=True)
def get_directory_audit(
    key: FromPath[str], begin: NamedDependency[Begin], asked: NamedDependency[Asked]
) -> Response[Any]:
    """One of them."""
    with begin.read() as uow:
        allow(uow, AUDIT_READ)
        source = audits_of(uow.actor, LogEntry.seq == place_of(key))
        return answers.shown(asked, pages.one_of(uow, asked, source, key))


ROUTES: list[Any] = [list_sign_ins, get_sign_in, list_directory_audits, get_directory_audit]
RESOURCES = (SIGN_IN, AUDIT)
