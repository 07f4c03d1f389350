"""Whether the process lives and is ready, its metrics, and the world's own secret."""

from typing import Any

from litestar import Response, get
from litestar.di import NamedDependency
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest
from sqlalchemy import text

from openpartner.platform.world import World


@get("/healthz", sync_to_thread=False, include_in_schema=False)
def healthz() -> dict[str, str]:
    """The process answers."""
    return {"status": "ok"}


@get("/readyz", sync_to_thread=True, include_in_schema=False)
def readyz(world: NamedDependency[World]) -> dict[str, str]:
    """The database answers too."""
    with world.database.read() as db:
        db.execute(text("SELECT 1"))
    return {"status": "ready"}


@get("/metrics", sync_to_thread=True, include_in_schema=False)
def metrics() -> Response[bytes]:
    """Prometheus metrics of this process."""
    return Response(generate_latest(), media_type=CONTENT_TYPE_LATEST)


ROUTES: list[Any] = [healthz, readyz, metrics]
