"""What Alembic runs for every command: the connection comes from `serving.database.schema`."""

from __future__ import annotations

from alembic import context

from serving.database.metadata import metadata

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=metadata,
    transactional_ddl=True,  # on SQLite too, where `serving.database.engine` begins transactions
    render_as_batch=True,
)
with context.begin_transaction():
    context.run_migrations()
