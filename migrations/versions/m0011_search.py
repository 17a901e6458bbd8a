"""The index of words that everything is found by, and indexes for the pages that a whole city's rows had made slow.

The index of words holds nothing of its own: ``lantoa search rebuild`` makes it from the other tables, and so does the clock after this
migration, because how words are written belongs to the program of the day and not to a migration.
"""

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None


COPIES = "republications"
GREW = {
    "ix_republications_status_counted_on": (["status", "counted_on"], ["status", "counted_on", "bulletin_id", "site_id", "attribution", "life"]),
    "ix_republications_site_id_status": (["site_id", "status"], ["site_id", "status", "counted_on"]),
}
NEW = {
    "ix_republications_status_first_seen_at": ["status", "first_seen_at", "id"],
    "ix_republications_first_seen_at": ["first_seen_at", "id"],
}
FEW = (
    ("ix_republications_stale_since", COPIES, "stale_since", "stale IS TRUE"),
    ("ix_bulletins_recalled_at", "bulletins", "recalled_at", "recalled_at IS NOT NULL"),
    ("ix_bulletins_pending", "bulletins", "pending", "pending IS NOT NULL"),
)


def upgrade() -> None:
    _words()
    for name, (_, columns) in GREW.items():
        op.drop_index(name, COPIES)
        op.create_index(name, COPIES, columns)
    for name, columns in NEW.items():
        op.create_index(name, COPIES, columns)
    for name, table, column, which in FEW:
        op.create_index(name, table, [column], sqlite_where=sa.text(which.replace("TRUE", "1")), postgresql_where=sa.text(which))


def _words() -> None:
    if op.get_bind().dialect.name == "sqlite":
        op.execute(
            "CREATE VIRTUAL TABLE search_index USING fts5("
            "exact_head, exact_body, folded_head, folded_body, mark UNINDEXED, tokenize = 'ascii', prefix = '2 3')"
        )
        return
    op.execute(
        "CREATE TABLE search_index (id BIGINT CONSTRAINT pk_search_index PRIMARY KEY, mark VARCHAR(24) NOT NULL,"
        " exact TSVECTOR NOT NULL, folded TSVECTOR NOT NULL)"
    )
    op.execute("CREATE INDEX ix_search_index_exact ON search_index USING gin (exact)")
    op.execute("CREATE INDEX ix_search_index_folded ON search_index USING gin (folded)")


def downgrade() -> None:
    for name, table, _, _ in FEW:
        op.drop_index(name, table)
    for name in NEW:
        op.drop_index(name, COPIES)
    for name, (columns, _) in GREW.items():
        op.drop_index(name, COPIES)
        op.create_index(name, COPIES, columns)
    op.execute("DROP TABLE search_index")
