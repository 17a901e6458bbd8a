"""Views by day and rule, what channels tell of a post, exhibits by which a person vouches for a copy.

Single views become the day's figures under the rule they were counted by; the marks of readers that stood on them are
gone with them, on purpose. Going back, the figures are lost: a day's number cannot be taken apart into views again.
"""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

DUE = sa.text("due_at IS NOT NULL")


def upgrade() -> None:
    op.create_table(
        "view_days",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("bulletin_id", sa.Integer(), nullable=False),
        sa.Column("host", sa.String(length=255), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("rules", sa.String(length=20), nullable=False),
        sa.Column("raw", sa.Integer(), nullable=False),
        sa.Column("guarded", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["bulletin_id"], ["bulletins.id"], name=op.f("fk_view_days_bulletin_id_bulletins")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_view_days")),
        sa.UniqueConstraint(
            "bulletin_id", "day", "host", "rules", name=op.f("uq_view_days_bulletin_id_day_host_rules")
        ),
    )
    op.create_index("ix_view_days_day", "view_days", ["day"])
    op.execute(
        "INSERT INTO view_days (bulletin_id, host, day, rules, raw, guarded) "
        "SELECT bulletin_id, host, day, '2026.0', count(*), sum(CASE WHEN guarded THEN 1 ELSE 0 END) "
        "FROM views GROUP BY bulletin_id, host, day"
    )
    op.drop_table("views")
    op.create_table(
        "view_batches",
        sa.Column("id", sa.String(length=40), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_view_batches")),
    )
    op.create_table(
        "view_salts",
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("salt", sa.LargeBinary(length=32), nullable=False),
        sa.PrimaryKeyConstraint("day", name=op.f("pk_view_salts")),
    )
    op.create_table(
        "view_marks",
        sa.Column("mark", sa.String(length=16), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("mark", "at", name=op.f("pk_view_marks")),
    )
    op.create_index("ix_view_marks_at", "view_marks", ["at"])
    op.create_table(
        "view_sources",
        sa.Column("source", sa.String(length=16), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("views", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("source", name=op.f("pk_view_sources")),
    )
    _channel_numbers()
    _exhibits()


def _channel_numbers() -> None:
    op.create_table(
        "readings",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("channel_id", sa.Integer(), nullable=False),
        sa.Column("delivery_id", sa.Integer(), nullable=False),
        sa.Column(
            "metric",
            sa.Enum(
                "views", "likes", "shares", "comments", name="told", native_enum=False, create_constraint=True,
                length=16,
            ),
            nullable=False,
        ),
        sa.Column("value", sa.BigInteger(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("source", sa.String(length=200), nullable=False),
        sa.ForeignKeyConstraint(["channel_id"], ["channels.id"], name=op.f("fk_readings_channel_id_channels")),
        sa.ForeignKeyConstraint(["delivery_id"], ["deliveries.id"], name=op.f("fk_readings_delivery_id_deliveries")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_readings")),
    )  # fmt: skip
    op.create_index(op.f("ix_readings_channel_id"), "readings", ["channel_id"])
    op.create_index("ix_readings_delivery_id_at", "readings", ["delivery_id", "at"])
    op.create_table(
        "count_reads",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("delivery_id", sa.Integer(), nullable=False),
        sa.Column("reads", sa.Integer(), server_default="0", nullable=False),
        sa.Column("error", sa.Text(), nullable=False),
        sa.Column("read_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("ended", sa.String(length=30), nullable=False),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("lease_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("fence", sa.Integer(), server_default="0", nullable=False),
        sa.Column("attempt", sa.Integer(), server_default="0", nullable=False),
        sa.ForeignKeyConstraint(["delivery_id"], ["deliveries.id"], name=op.f("fk_count_reads_delivery_id_deliveries")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_count_reads")),
        sa.UniqueConstraint("delivery_id", name=op.f("uq_count_reads_delivery_id")),
    )
    op.create_index("ix_count_reads_due_at", "count_reads", ["due_at"], sqlite_where=DUE, postgresql_where=DUE)


def _exhibits() -> None:
    op.create_table(
        "exhibits",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("public", sa.String(length=30), nullable=False),
        sa.Column("republication_id", sa.Integer(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("seen_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("actor", sa.String(length=200), nullable=False),
        sa.Column("actor_name", sa.String(length=200), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column(
            "kind",
            sa.Enum("png", "jpeg", "pdf", name="exhibit_kind", native_enum=False, create_constraint=True, length=16),
            nullable=False,
        ),
        sa.Column("measure", sa.String(length=20), nullable=False),
        sa.Column("size", sa.Integer(), nullable=False),
        sa.Column("body_hash", sa.String(length=64), nullable=False),
        sa.Column("body_key", sa.String(length=200), nullable=False),
        sa.Column("original_hash", sa.String(length=64), nullable=False),
        sa.ForeignKeyConstraint(
            ["republication_id"], ["republications.id"], name=op.f("fk_exhibits_republication_id_republications")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_exhibits")),
        sa.UniqueConstraint("public", name=op.f("uq_exhibits_public")),
        sa.UniqueConstraint(
            "republication_id", "original_hash", name=op.f("uq_exhibits_republication_id_original_hash")
        ),
    )
    op.create_index(op.f("ix_exhibits_republication_id"), "exhibits", ["republication_id"])
    with op.batch_alter_table("pages", schema=None) as batch_op:
        batch_op.add_column(sa.Column("behind_sign_in", sa.Boolean(), server_default=sa.false(), nullable=False))


def downgrade() -> None:
    with op.batch_alter_table("pages", schema=None) as batch_op:
        batch_op.drop_column("behind_sign_in")
    op.drop_table("exhibits")
    op.drop_table("count_reads")
    op.drop_table("readings")
    for name in ("view_sources", "view_marks", "view_salts", "view_batches"):
        op.drop_table(name)
    op.create_table(
        "views",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("bulletin_id", sa.Integer(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("host", sa.String(length=255), nullable=False),
        sa.Column("visitor", sa.String(length=16), nullable=False),
        sa.Column("guarded", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(["bulletin_id"], ["bulletins.id"], name=op.f("fk_views_bulletin_id_bulletins")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_views")),
    )
    op.create_index("ix_views_bulletin_id_day", "views", ["bulletin_id", "day"])
    op.create_index("ix_views_visitor_at", "views", ["visitor", "at"])
    op.drop_table("view_days")
