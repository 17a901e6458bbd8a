"""The index of words that everything is found by.

It holds nothing of its own: ``lantoa search rebuild`` makes it from the other tables, and so does the clock after this
migration, because how words are written belongs to the program of the day and not to a migration.
"""

from alembic import op

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None


def upgrade() -> None:
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
    op.execute("DROP TABLE search_index")
