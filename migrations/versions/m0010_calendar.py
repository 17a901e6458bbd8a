"""The calendar: slots and hours of release, series with their rules and days, and keys to read it with."""

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None

MOMENT = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.create_table(
        "release_hours",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("quiet_from", sa.Integer(), nullable=False),
        sa.Column("quiet_until", sa.Integer(), nullable=False),
        sa.Column("gap", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_release_hours")),
    )
    op.create_table(
        "slots",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("channel_id", sa.Integer(), nullable=False),
        sa.Column("weekday", sa.Integer(), nullable=False),
        sa.Column("minute", sa.Integer(), nullable=False),
        sa.CheckConstraint("weekday BETWEEN 0 AND 6", name=op.f("ck_slots_weekday")),
        sa.CheckConstraint("minute BETWEEN 0 AND 1439", name=op.f("ck_slots_minute")),
        sa.ForeignKeyConstraint(
            ["channel_id"], ["channels.id"], name=op.f("fk_slots_channel_id_channels"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_slots")),
        sa.UniqueConstraint("channel_id", "weekday", "minute", name=op.f("uq_slots_channel_id_weekday_minute")),
    )
    op.create_table(
        "series",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("public", sa.String(length=30), nullable=False),
        sa.Column("name", sa.String(length=120), nullable=False),
        sa.Column("starts_on", sa.Date(), nullable=False),
        sa.Column("ends_on", sa.Date(), nullable=True),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_series")),
        sa.UniqueConstraint("public", name=op.f("uq_series_public")),
    )
    op.create_table(
        "series_rules",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("series_id", sa.Integer(), nullable=False),
        sa.Column("starts_on", sa.Date(), nullable=False),
        sa.Column("title", sa.String(length=300), nullable=False),
        sa.Column("topic_id", sa.Integer(), nullable=False),
        sa.Column("wanted_channels", sa.JSON(none_as_null=True), nullable=True),
        sa.Column("weekdays", sa.Integer(), nullable=False),
        sa.Column("minute", sa.Integer(), nullable=False),
        sa.Column("skips_holidays", sa.Boolean(), nullable=False),
        sa.CheckConstraint("weekdays BETWEEN 1 AND 127", name=op.f("ck_series_rules_weekdays")),
        sa.CheckConstraint("minute BETWEEN 0 AND 1439", name=op.f("ck_series_rules_minute")),
        sa.ForeignKeyConstraint(
            ["series_id"], ["series.id"], name=op.f("fk_series_rules_series_id_series"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(["topic_id"], ["topics.id"], name=op.f("fk_series_rules_topic_id_topics")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_series_rules")),
        sa.UniqueConstraint("series_id", "starts_on", name=op.f("uq_series_rules_series_id_starts_on")),
    )
    op.create_table(
        "series_days",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("series_id", sa.Integer(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("skipped", sa.Boolean(), nullable=False),
        sa.Column("reason", sa.String(length=300), nullable=False),
        sa.Column("minute", sa.Integer(), nullable=True),
        sa.Column("title", sa.String(length=300), nullable=True),
        sa.Column("bulletin_id", sa.Integer(), nullable=True),
        sa.CheckConstraint("minute IS NULL OR minute BETWEEN 0 AND 1439", name=op.f("ck_series_days_minute")),
        sa.ForeignKeyConstraint(["bulletin_id"], ["bulletins.id"], name=op.f("fk_series_days_bulletin_id_bulletins")),
        sa.ForeignKeyConstraint(
            ["series_id"], ["series.id"], name=op.f("fk_series_days_series_id_series"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_series_days")),
        sa.UniqueConstraint("bulletin_id", name=op.f("uq_series_days_bulletin_id")),
        sa.UniqueConstraint("series_id", "day", name=op.f("uq_series_days_series_id_day")),
    )
    op.create_index("ix_series_days_day", "series_days", ["day"])
    op.create_table(
        "calendar_keys",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("public", sa.String(length=10), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(length=120), nullable=False),
        sa.Column("secret_hash", sa.String(length=64), nullable=False),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.Column("revoked_at", MOMENT, nullable=True),
        sa.Column("last_used_at", MOMENT, nullable=True),
        sa.ForeignKeyConstraint(["person_id"], ["people.id"], name=op.f("fk_calendar_keys_person_id_people")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_calendar_keys")),
        sa.UniqueConstraint("public", name=op.f("uq_calendar_keys_public")),
    )
    op.create_index(op.f("ix_calendar_keys_person_id"), "calendar_keys", ["person_id"])


def downgrade() -> None:
    for table in ("calendar_keys", "series_days", "series_rules", "series", "slots", "release_hours"):
        op.drop_table(table)
