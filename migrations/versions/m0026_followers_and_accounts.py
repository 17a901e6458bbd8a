"""Broadcasts to followers, what platforms tell of accounts, and their events as numbers a day."""

import sqlalchemy as sa
from alembic import op

revision = "0026"
down_revision = "0025"
branch_labels = None
depends_on = None

STATES = ("due", "sending", "sent", "unknown", "refused", "cancelled")
MOMENT = sa.DateTime(timezone=True)
DUE = sa.text("due_at IS NOT NULL")


def _ledger() -> list[sa.Column[object]]:
    return [
        sa.Column("due_at", MOMENT, nullable=True),
        sa.Column("lease_until", MOMENT, nullable=True),
        sa.Column("fence", sa.Integer(), nullable=False, server_default="0"),
        sa.Column("attempt", sa.Integer(), nullable=False, server_default="0"),
    ]


def upgrade() -> None:
    op.create_table(
        "broadcasts",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("public", sa.String(length=30), nullable=False),
        sa.Column("bulletin_id", sa.Integer(), nullable=False),
        sa.Column("channel_id", sa.Integer(), nullable=False),
        sa.Column(
            "state",
            sa.Enum(*STATES, name="broadcast_state", native_enum=False, create_constraint=True, length=16),
            nullable=False,
        ),
        sa.Column("article", sa.String(length=500), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("begun", sa.Boolean(), nullable=False, server_default=sa.false()),
        sa.Column("reason", sa.String(length=60), nullable=False),
        sa.Column("error", sa.Text(), nullable=False),
        sa.Column("remote_id", sa.String(length=500), nullable=True),
        sa.Column("asked_by", sa.String(length=200), nullable=False),
        sa.Column("asked_at", MOMENT, nullable=False),
        sa.Column("settled_at", MOMENT, nullable=True),
        *_ledger(),
        sa.ForeignKeyConstraint(["bulletin_id"], ["bulletins.id"], name=op.f("fk_broadcasts_bulletin_id_bulletins")),
        sa.ForeignKeyConstraint(["channel_id"], ["channels.id"], name=op.f("fk_broadcasts_channel_id_channels")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_broadcasts")),
        sa.UniqueConstraint("public", name=op.f("uq_broadcasts_public")),
        sa.UniqueConstraint("bulletin_id", "channel_id", name=op.f("uq_broadcasts_bulletin_id_channel_id")),
    )
    op.create_index("ix_broadcasts_due_at", "broadcasts", ["due_at"], sqlite_where=DUE, postgresql_where=DUE)
    op.create_index("ix_broadcasts_channel_id_day", "broadcasts", ["channel_id", "day"])
    op.create_table(
        "account_reads",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("channel_id", sa.Integer(), nullable=False),
        sa.Column("facts", sa.JSON(), nullable=True),
        sa.Column("read_at", MOMENT, nullable=True),
        sa.Column("error", sa.Text(), nullable=False),
        *_ledger(),
        sa.ForeignKeyConstraint(["channel_id"], ["channels.id"], name=op.f("fk_account_reads_channel_id_channels")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_account_reads")),
        sa.UniqueConstraint("channel_id", name=op.f("uq_account_reads_channel_id")),
    )
    op.create_index("ix_account_reads_due_at", "account_reads", ["due_at"], sqlite_where=DUE, postgresql_where=DUE)
    op.create_table(
        "platform_events",
        sa.Column("channel_id", sa.Integer(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("event", sa.String(length=60), nullable=False),
        sa.Column("count", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["channel_id"], ["channels.id"], name=op.f("fk_platform_events_channel_id_channels")),
        sa.PrimaryKeyConstraint("channel_id", "day", "event", name=op.f("pk_platform_events")),
    )


def downgrade() -> None:
    op.drop_table("platform_events")
    op.drop_index("ix_account_reads_due_at", table_name="account_reads")
    op.drop_table("account_reads")
    op.drop_index("ix_broadcasts_channel_id_day", table_name="broadcasts")
    op.drop_index("ix_broadcasts_due_at", table_name="broadcasts")
    op.drop_table("broadcasts")
