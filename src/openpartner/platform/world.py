"""A world: one database, one blob folder, one clock and one source of identifiers."""

from collections.abc import Mapping
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Mapped, mapped_column

from openpartner.platform.actor import SYSTEM
from openpartner.platform.clock import Clock, SandboxClock, SystemClock
from openpartner.platform.db import Base, Database
from openpartner.platform.due import Job
from openpartner.platform.events import Reactions
from openpartner.platform.identifiers import Identifiers, RandomIdentifiers, counted_identifiers
from openpartner.platform.outgoing.calling import Outgoing
from openpartner.platform.throttling import Throttle, read_limit
from openpartner.platform.work import Begin
from openpartner.settings import Settings


class World:
    """Everything that lasts and everything that varies between two worlds. Made by ``app.open_world``."""

    def __init__(
        self,
        settings: Settings,
        database: Database,
        clock: Clock,
        reactions: Reactions,
        jobs: Mapping[str, Job],
    ) -> None:
        self.settings = settings
        self.database = database
        self.clock = clock
        self.reactions = reactions
        self.jobs = jobs
        self.random: Identifiers = RandomIdentifiers()
        self.transient_ids = self.random if settings.seed is None else counted_identifiers(settings.seed, "transient")
        self.outgoing = Outgoing.of(settings)
        self.throttle = Throttle(read_limit(settings.graph_limit), is_sandbox=settings.is_sandbox)
        self.begin = Begin(self)

    def close(self) -> None:
        """Give back what the process holds of it."""
        self.database.dispose()


def make_world(settings: Settings, reactions: Reactions, jobs: Mapping[str, Job], *, lasting: bool = True) -> World:
    """A world over the settings' database; nothing is created or migrated. lasting: see ``Database``."""
    clock: Clock = SandboxClock() if settings.is_sandbox else SystemClock()
    settings.data.mkdir(parents=True, exist_ok=True)
    return World(settings, Database(settings.url, lasting=lasting), clock, reactions, jobs)


class WorldRecord(Base):
    """One row: that the world was made, when, and the key that seals forms and notes in all its processes."""

    __tablename__ = "world_record"

    id: Mapped[int] = mapped_column(primary_key=True)
    secret: Mapped[str]
    made_at: Mapped[datetime]


def world_secret(world: World) -> bytes:
    """The settings' key, else the world's own."""
    if world.settings.secret_key:
        return world.settings.secret_key.encode()
    with world.begin.read(SYSTEM) as uow:
        return uow.db.execute(select(WorldRecord.secret)).scalar_one().encode()
