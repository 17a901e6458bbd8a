"""What Alembic runs in: the connection is handed over by ``coordinator.schema``, which also holds the lock."""

from typing import Any, Literal

import sqlalchemy as sa
from alembic import context

from campaigns.core.base import UTCDateTime
from campaigns.rows import METADATA


def _render(kind: str, thing: Any, _autogen: Any) -> str | Literal[False]:
    # A migration must not depend on our code of today.
    if kind == "type" and isinstance(thing, UTCDateTime):
        return "sa.DateTime(timezone=True)"
    return False


def run() -> None:
    """Migrate on the handed-over connection, in its transaction."""
    connection: sa.Connection = context.config.attributes["connection"]
    context.configure(
        connection=connection,
        target_metadata=METADATA,
        render_as_batch=True,
        compare_type=True,
        compare_server_default=False,
        render_item=_render,
        transaction_per_migration=False,
    )
    with context.begin_transaction():
        context.run_migrations()


run()
