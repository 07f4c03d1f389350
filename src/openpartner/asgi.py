"""What Granian's workers load: the app over the world that the environment's settings name."""

from litestar.types import ASGIApp

from openpartner.app import make_app, open_world
from openpartner.edge.scheme import https_for_vendor_hosts
from openpartner.platform.observe import start_logging, start_tracing
from openpartner.platform.starting import nothing_to_collect
from openpartner.settings import read_settings


def create() -> ASGIApp:
    """One worker's app."""
    settings = read_settings()
    start_logging(settings)
    start_tracing(settings)
    world = open_world(settings)
    with nothing_to_collect():
        return https_for_vendor_hosts(make_app(world))
