"""Indexes that hold all that the longest lists are told by: the review queue with its doubts, and all copies with their bulletins and sites.

The first is for SQLite alone. On PostgreSQL an index cannot hold the reasons of a copy; there the rows of the queue are read.
"""

import sqlalchemy as sa
from alembic import op

revision = "0020"
down_revision = "0019"
branch_labels = None
depends_on = None

COPIES = "republications"
IN_REVIEW = "ix_republications_in_review"
COLUMNS = [
    "first_seen_at", "id", "match", "life", "attribution", "counter_image", "checked_at", "missing_since", "site_id",
    "bulletin_id", "page_id", "reasons",
]  # fmt: skip
GREW = {
    "ix_republications_status_first_seen_at": ["status", "first_seen_at", "id"],
    "ix_republications_first_seen_at": ["first_seen_at", "id"],
}


def upgrade() -> None:
    for name, columns in GREW.items():
        op.drop_index(name, COPIES)
        op.create_index(name, COPIES, [*columns, "bulletin_id", "site_id"])
    if op.get_bind().dialect.name == "sqlite":
        op.create_index(IN_REVIEW, COPIES, COLUMNS, sqlite_where=sa.text("status = 'review'"))


def downgrade() -> None:
    if op.get_bind().dialect.name == "sqlite":
        op.drop_index(IN_REVIEW, COPIES)
    for name, columns in GREW.items():
        op.drop_index(name, COPIES)
        op.create_index(name, COPIES, columns)
