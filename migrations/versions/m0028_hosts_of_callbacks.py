"""Whose server a subscription's callback is, so that no host has more than its share of them."""

from urllib.parse import urlsplit

import sqlalchemy as sa
from alembic import op

revision = "0028"
down_revision = "0027"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("subscriptions") as batch:
        batch.add_column(sa.Column("callback_host", sa.String(260), nullable=False, server_default=""))
        batch.create_index(batch.f("ix_subscriptions_callback_host"), ["callback_host"])
    table = sa.table("subscriptions", sa.column("id"), sa.column("callback"), sa.column("callback_host"))
    connection = op.get_bind()
    for ident, callback in connection.execute(sa.select(table.c.id, table.c.callback)).all():
        host = (urlsplit(callback).hostname or "")[:260]
        connection.execute(sa.update(table).where(table.c.id == ident).values(callback_host=host))


def downgrade() -> None:
    with op.batch_alter_table("subscriptions") as batch:
        batch.drop_index(batch.f("ix_subscriptions_callback_host"))
        batch.drop_column("callback_host")
