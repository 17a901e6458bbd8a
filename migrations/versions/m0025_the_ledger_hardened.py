"""Breakers, limits and spells of channels; what a claim reads; alarms, and letters that tell of them."""

import sqlalchemy as sa
from alembic import op

revision = "0025"
down_revision = "0024"
branch_labels = None
depends_on = None

MOMENT = sa.DateTime(timezone=True)
BEFORE = "kind IN ('link', 'editor', 'forgotten', 'notice')"
NOW = "kind IN ('link', 'editor', 'forgotten', 'alarm', 'notice')"
WAITING = {"ix_deliveries_due": "due_at IS NOT NULL", "ix_deliveries_recall": "due_at IS NOT NULL AND act = 'recall'"}
OF_CHANNELS = (
    sa.Column("failing_since", MOMENT),
    sa.Column("alarmed_at", MOMENT),
    sa.Column("silent", sa.Integer(), server_default="0", nullable=False),
    sa.Column("opened", sa.Integer(), server_default="0", nullable=False),
    sa.Column("open_until", MOMENT),
    sa.Column("rate", sa.Integer()),
    sa.Column("burst", sa.Integer()),
    sa.Column("at_once", sa.Integer()),
    sa.Column("free_at", MOMENT),
)


def upgrade() -> None:
    for column in OF_CHANNELS:
        op.add_column("channels", column._copy())
    op.add_column("deliveries", sa.Column("asked_at", MOMENT))
    for name, wanted in WAITING.items():
        condition = sa.text(wanted)
        op.create_index(
            name, "deliveries", ["channel_id", "due_at", "id"], sqlite_where=condition, postgresql_where=condition
        )
    op.create_table(
        "alarms",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("public", sa.String(length=30), nullable=False),
        sa.Column("what", sa.String(length=40), nullable=False),
        sa.Column("subject", sa.String(length=60), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("since", MOMENT, nullable=False),
        sa.Column("details", sa.JSON(), nullable=False),
        sa.Column("at", MOMENT, nullable=False),
        sa.Column("told_at", MOMENT, nullable=True),
        sa.Column("last_error", sa.Text(), server_default="", nullable=False),
        sa.Column("due_at", MOMENT, nullable=True),
        sa.Column("lease_until", MOMENT, nullable=True),
        sa.Column("fence", sa.Integer(), server_default="0", nullable=False),
        sa.Column("attempt", sa.Integer(), server_default="0", nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_alarms")),
        sa.UniqueConstraint("public", name=op.f("uq_alarms_public")),
    )
    due = sa.text("due_at IS NOT NULL")
    op.create_index("ix_alarms_due_at", "alarms", ["due_at"], sqlite_where=due, postgresql_where=due)
    _letters(NOW)


def downgrade() -> None:
    op.execute("DELETE FROM letters WHERE kind = 'alarm'")
    _letters(BEFORE)
    op.drop_table("alarms")
    for name in WAITING:
        op.drop_index(name, "deliveries")
    # One by one rather than as a batch, which would make the table anew without its triggers.
    op.drop_column("deliveries", "asked_at")
    for column in reversed(OF_CHANNELS):
        op.drop_column("channels", column.name)


def _letters(known: str) -> None:
    with op.batch_alter_table("letters") as batch:
        batch.drop_constraint(op.f("ck_letters_letter_kind"), type_="check")
        batch.create_check_constraint(op.f("ck_letters_letter_kind"), known)
