"""Briefings one can sign: the history of what counts, briefings with their versions, names and signers with their
dates, and the office's own template.

The history begins with the program that made this upgrade (``coordinator/schema.py``): it puts down what the rows say.
"""

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0030"
down_revision = "0029"
branch_labels = None
depends_on = None

CLOCK = {"sqlite": "(strftime('%Y-%m-%d %H:%M:%f000', 'now'))", "postgresql": "clock_timestamp()"}
BIG = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
SAID = (
    ("sign", sa.Integer(), False), ("kind", sa.String(10), False), ("day", sa.Date(), False),
    ("bulletin_id", sa.Integer(), False), ("site_id", sa.Integer(), True), ("channel_id", sa.Integer(), True),
    ("topic_id", sa.Integer(), False), ("campaign_id", sa.Integer(), False), ("status", sa.String(16), True),
    ("life", sa.String(16), True), ("attribution", sa.String(30), True), ("match", sa.String(16), True),
    ("was_read", sa.Boolean(), True), ("waited", sa.BigInteger(), True), ("copy_id", sa.Integer(), True),
    ("left_at", sa.BigInteger(), True), ("company_id", sa.Integer(), True),
)  # fmt: skip


def _moment(name: str, *, null: bool = False) -> sa.Column:  # type: ignore[type-arg]
    return sa.Column(name, sa.DateTime(timezone=True), nullable=null)


def _text(name: str, length: int | None = None, *, null: bool = False) -> sa.Column:  # type: ignore[type-arg]
    return sa.Column(name, sa.String(length) if length else sa.Text(), nullable=null)


def _changes(name: str, *more: sa.Column, **options: Any) -> None:  # type: ignore[type-arg]
    clock = sa.text(CLOCK[op.get_bind().dialect.name])
    op.create_table(
        name,
        sa.Column("id", BIG, nullable=False),
        *(sa.Column(column, kind, nullable=null) for column, kind, null in SAID),
        sa.Column("noted_at", sa.DateTime(timezone=True), server_default=clock, nullable=False),
        *more,
        sa.PrimaryKeyConstraint("id", name=op.f(f"pk_{name}")),
        **options,
    )


FROZEN = (
    "public", "briefing_id", "number", "as_of", "entry", "rule_version", "figures", "hash", "letter", "differences",
    "reason", "made_by", "made_by_name",
)  # fmt: skip
_WORDS = "a frozen version of a briefing is kept as it is"


def _keep_versions() -> None:
    """A frozen version is only ever added; what differs later is another one."""
    if op.get_bind().dialect.name == "postgresql":
        op.execute(
            f"CREATE FUNCTION briefing_versions_are_kept() RETURNS trigger LANGUAGE plpgsql AS "
            f"$$ BEGIN RAISE EXCEPTION '{_WORDS}'; END $$"
        )
        op.execute(
            f"CREATE TRIGGER briefing_versions_are_kept BEFORE UPDATE OF {', '.join(FROZEN)} OR DELETE "
            "ON briefing_versions FOR EACH ROW EXECUTE FUNCTION briefing_versions_are_kept()"
        )
        return
    for name, what in (("update", f"UPDATE OF {', '.join(FROZEN)}"), ("delete", "DELETE")):
        op.execute(
            f"CREATE TRIGGER briefing_versions_no_{name} BEFORE {what} ON briefing_versions "
            f"BEGIN SELECT RAISE(ABORT, '{_WORDS}'); END"
        )


def upgrade() -> None:
    # What is noted and not added up yet is not lost: the sums are made anew after this from the rows.
    op.drop_table("tally_changes")
    _changes("tally_changes")
    _changes(
        "tally_history",
        sa.Column("recount", sa.Boolean(), server_default=sa.false(), nullable=False),
        sqlite_autoincrement=True,
    )
    op.create_index(op.f("ix_tally_history_day"), "tally_history", ["day"])
    op.create_index(op.f("ix_tally_history_bulletin_id"), "tally_history", ["bulletin_id"])
    op.create_table(
        "office_names",
        sa.Column("id", sa.Integer(), nullable=False),
        _text("public", 30),
        sa.Column("kind", sa.Enum("department", "issuer", native_enum=False, create_constraint=True, name="kind",
                                  length=16), nullable=False),  # fmt: skip
        _text("name", 300),
        _text("parent", 300),
        _text("place", 120),
        _text("symbol", 40),
        sa.Column("since", sa.Date(), nullable=False),
        sa.Column("until", sa.Date(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_office_names")),
        sa.UniqueConstraint("public", name=op.f("uq_office_names_public")),
    )
    op.create_table(
        "signers",
        sa.Column("id", sa.Integer(), nullable=False),
        _text("public", 30),
        _text("authority"),
        _text("name", 120),
        sa.Column("since", sa.Date(), nullable=False),
        sa.Column("until", sa.Date(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_signers")),
        sa.UniqueConstraint("public", name=op.f("uq_signers_public")),
    )
    op.create_table(
        "briefing_templates",
        sa.Column("id", sa.Integer(), nullable=False),
        _text("name", 200),
        sa.Column("body", sa.LargeBinary(), nullable=False),
        _text("hash", 64),
        _text("by", 200),
        _text("by_name", 200),
        _moment("at"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_briefing_templates")),
    )
    op.create_table(
        "briefings",
        sa.Column("id", sa.Integer(), nullable=False),
        _text("public", 30),
        sa.Column("campaign_id", sa.Integer(), nullable=True),
        _text("label", 30),
        sa.Column("first", sa.Date(), nullable=False),
        sa.Column("last", sa.Date(), nullable=False),
        sa.Column("letter", sa.JSON(), nullable=False),
        _moment("begun_at"),
        _moment("edited_at"),
        _text("edited_by", 200),
        _text("edited_by_name", 200),
        sa.Column("edits", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["campaign_id"], ["campaigns.id"], name=op.f("fk_briefings_campaign_id_campaigns")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_briefings")),
        sa.UniqueConstraint("public", name=op.f("uq_briefings_public")),
    )
    op.create_index(op.f("ix_briefings_first_last"), "briefings", ["first", "last"])
    op.create_table(
        "briefing_versions",
        sa.Column("id", sa.Integer(), nullable=False),
        _text("public", 30),
        sa.Column("briefing_id", sa.Integer(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        _moment("as_of"),
        sa.Column("entry", sa.BigInteger(), nullable=False),
        _text("rule_version", 20),
        _text("figures"),
        _text("hash", 64),
        sa.Column("letter", sa.JSON(), nullable=False),
        sa.Column("differences", sa.JSON(), nullable=False),
        _text("reason"),
        _text("made_by", 200),
        _text("made_by_name", 200),
        _text("given_number", 60),
        sa.Column("signed_on", sa.Date(), nullable=True),
        sa.ForeignKeyConstraint(
            ["briefing_id"], ["briefings.id"], name=op.f("fk_briefing_versions_briefing_id_briefings")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_briefing_versions")),
        sa.UniqueConstraint("public", name=op.f("uq_briefing_versions_public")),
        sa.UniqueConstraint("briefing_id", "number", name=op.f("uq_briefing_versions_briefing_id_number")),
    )
    _keep_versions()


def downgrade() -> None:
    if op.get_bind().dialect.name == "postgresql":
        op.execute("DROP TRIGGER briefing_versions_are_kept ON briefing_versions")
        op.execute("DROP FUNCTION briefing_versions_are_kept()")
    else:
        op.execute("DROP TRIGGER briefing_versions_no_delete")
        op.execute("DROP TRIGGER briefing_versions_no_update")
    for name in ("briefing_versions", "briefings", "briefing_templates", "signers", "office_names"):
        op.drop_table(name)
    op.drop_table("tally_history")
    op.drop_table("tally_changes")
    op.create_table(
        "tally_changes",
        sa.Column("id", BIG, nullable=False),
        *(sa.Column(column, kind, nullable=null) for column, kind, null in SAID[:-3]),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_tally_changes")),
    )
