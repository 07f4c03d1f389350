"""How Alembic runs here: on the connection that ``platform/migrating.py`` gives it, in its transaction."""

from alembic import context

from openpartner.platform.migrating import autogenerate_options

connection = context.config.attributes["connection"]
context.configure(connection=connection, **autogenerate_options())
with context.begin_transaction():
    context.run_migrations()
