"""Copies that are pictures: a class of their own, what was found of them, and the fingerprints of pictures."""

import sqlalchemy as sa
from alembic import op

revision = "0008_pictures"
down_revision = "0007_former_heavy_pages"
branch_labels = None
depends_on = None

LOCKS = {
    "republications": "for the moment in which a check is replaced; on SQLite the table is written anew",
    "evidence": "for the moment in which a check is replaced; on SQLite the table is written anew",
    "daily_tallies": "for the moment in which a column is added; on SQLite the table is written anew",
}

CHECKS = {"republications": "ck_republications_match", "evidence": "ck_evidence_evidence_match"}
MATCHES = ("full", "partial", "excerpt", "teaser", "none")
MOMENT = sa.DateTime(timezone=True)
# As the first migration made them: on SQLite a table that is written anew loses them.
KEPT_EVIDENCE = "evidence is kept as it was: it can be added to, not changed or removed"
EVIDENCE_ON_SQLITE = (
    f"CREATE TRIGGER evidence_no_update BEFORE UPDATE ON evidence BEGIN SELECT RAISE(ABORT, '{KEPT_EVIDENCE}'); END",
    f"CREATE TRIGGER evidence_no_delete BEFORE DELETE ON evidence BEGIN SELECT RAISE(ABORT, '{KEPT_EVIDENCE}'); END",
)


def upgrade() -> None:
    """Widen the checks, add the columns and the tables."""
    op.add_column("republications", sa.Column("picture_agrees", sa.Boolean(), nullable=True))
    op.add_column("evidence", sa.Column("picture", sa.JSON(), nullable=True))
    _replace_checks(("full", "partial", "picture", "excerpt", "teaser", "none"))
    op.add_column("daily_tallies", sa.Column("pictures", sa.Integer(), nullable=False, server_default="0"))
    with op.batch_alter_table("daily_tallies", table_kwargs={"sqlite_with_rowid": False}) as table:
        table.alter_column("pictures", server_default=None)
    op.create_table(
        "picture_fingerprints",
        sa.Column("picture_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("cut", sa.String(8), nullable=False),
        sa.Column("digest", sa.String(64), nullable=False),
        sa.Column("hashes", sa.LargeBinary(), nullable=False),
        sa.Column("text", sa.Text(), nullable=True),
        sa.Column("version", sa.String(20), nullable=False),
        sa.Column("at", MOMENT, nullable=False),
        sa.ForeignKeyConstraint(
            ["picture_id"], ["pictures.id"], name=op.f("fk_picture_fingerprints_picture_id_pictures")
        ),
        sa.PrimaryKeyConstraint("picture_id", "cut", name=op.f("pk_picture_fingerprints")),
    )
    op.create_table(
        "site_pictures",
        sa.Column("site_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("address_key", sa.String(64), nullable=False),
        sa.Column("page_id", sa.Integer(), nullable=False),
        sa.Column("pages", sa.Integer(), nullable=False),
        sa.Column("digest", sa.String(64), nullable=True),
        sa.Column("hashes", sa.LargeBinary(), nullable=True),
        sa.Column("text", sa.Text(), nullable=True),
        sa.Column("fetched_at", MOMENT, nullable=False),
        sa.ForeignKeyConstraint(["site_id"], ["sites.id"], name=op.f("fk_site_pictures_site_id_sites")),
        sa.PrimaryKeyConstraint("site_id", "address_key", name=op.f("pk_site_pictures")),
    )
    op.create_index(op.f("ix_site_pictures_fetched_at"), "site_pictures", ["fetched_at"])


def downgrade() -> None:
    """Drop them. Copies that are pictures are called excerpts, which a person looks at."""
    op.drop_table("site_pictures")
    op.drop_table("picture_fingerprints")
    op.drop_column("daily_tallies", "pictures")
    _allow_changes_of_evidence()
    for table in CHECKS:
        op.execute(f"UPDATE {table} SET match = 'excerpt' WHERE match = 'picture'")
    _replace_checks(MATCHES)
    if on_postgresql():
        op.execute("ALTER TABLE evidence ENABLE TRIGGER evidence_is_kept")
    op.drop_column("evidence", "picture")
    op.drop_column("republications", "picture_agrees")


def on_postgresql() -> bool:
    """Whether the database is PostgreSQL."""
    return op.get_bind().dialect.name == "postgresql"


def _allow_changes_of_evidence() -> None:
    """Until the checks are replaced: on SQLite the triggers go with the table that is written anew."""
    if on_postgresql():
        op.execute("ALTER TABLE evidence DISABLE TRIGGER evidence_is_kept")
        return
    for name in ("evidence_no_update", "evidence_no_delete"):
        op.execute(f"DROP TRIGGER {name}")


def _replace_checks(matches: tuple[str, ...]) -> None:
    """On PostgreSQL the next migration checks the rows beside writers."""
    check = f"match IN ({', '.join(repr(match) for match in matches)})"
    for table, name in CHECKS.items():
        if on_postgresql():
            op.execute(f"ALTER TABLE {table} DROP CONSTRAINT {name}, ADD CONSTRAINT {name} CHECK ({check}) NOT VALID")
            continue
        with op.batch_alter_table(table) as rows:
            rows.drop_constraint(op.f(name), type_="check")
            rows.create_check_constraint(op.f(name), check)
    if not on_postgresql():
        for statement in EVIDENCE_ON_SQLITE:
            op.execute(statement)
