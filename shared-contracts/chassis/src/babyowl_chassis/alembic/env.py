"""Alembic's environment: the connection and the metadata come from whoever called, in the config's attributes."""

from alembic import context

context.configure(
    connection=context.config.attributes["connection"], target_metadata=context.config.attributes["metadata"]
)
with context.begin_transaction():
    context.run_migrations()
