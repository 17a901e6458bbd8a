"""An index that holds the review queue in its order and all that its doubts are told by, on SQLite.

On PostgreSQL an index cannot hold the reasons of a copy; there the rows of the queue are read.
"""

import sqlalchemy as sa
from alembic import op

revision = "0020"
down_revision = "0019"
branch_labels = None
depends_on = None

NAME = "ix_republications_in_review"
COLUMNS = [
    "first_seen_at", "id", "match", "life", "attribution", "counter_image", "checked_at", "missing_since", "site_id",
    "bulletin_id", "page_id", "reasons",
]  # fmt: skip


def upgrade() -> None:
    if op.get_bind().dialect.name == "sqlite":
        op.create_index(NAME, "republications", COLUMNS, sqlite_where=sa.text("status = 'review'"))


def downgrade() -> None:
    if op.get_bind().dialect.name == "sqlite":
        op.drop_index(NAME, "republications")
