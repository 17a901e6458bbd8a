"""Imports of a register in the background; topics that are retired; first steps that are hidden."""

import sqlalchemy as sa
from alembic import op

revision = "0018"
down_revision = "0017"
branch_labels = None
depends_on = None

MOMENT = sa.DateTime(timezone=True)
STAGES = ("checking", "checked", "writing", "done", "cancelled", "failed")
WANTED = sa.text("due_at IS NOT NULL")


def upgrade() -> None:
    with op.batch_alter_table("topics") as batch:
        batch.add_column(sa.Column("retired_at", MOMENT, nullable=True))
    with op.batch_alter_table("office") as batch:
        batch.add_column(sa.Column("guide_hidden_at", MOMENT, nullable=True))
    stage = sa.Enum(*STAGES, name="register_stage", native_enum=False, create_constraint=True, length=16)
    numbers = ("rows", "entries", "good", "bad", "reached", "companies", "licences", "sites", "unchanged")
    op.create_table(
        "register_runs",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("public", sa.String(length=32), nullable=False),
        sa.Column("by", sa.String(length=200), nullable=False),
        sa.Column("name", sa.String(length=300), nullable=False),
        sa.Column("size", sa.BigInteger(), nullable=False),
        sa.Column("stage", stage, nullable=False),
        sa.Column("made_at", MOMENT, nullable=False),
        sa.Column("changed_at", MOMENT, nullable=False),
        sa.Column("chosen", sa.JSON(), nullable=False),
        sa.Column("headings", sa.JSON(), nullable=False),
        sa.Column("told", sa.JSON(), nullable=False),
        *(sa.Column(name, sa.Integer(), nullable=False) for name in numbers),
        sa.Column("failure_code", sa.String(length=40), nullable=False),
        sa.Column("failure", sa.Text(), nullable=False),
        sa.Column("due_at", MOMENT, nullable=True),
        sa.Column("lease_until", MOMENT, nullable=True),
        sa.Column("fence", sa.Integer(), server_default="0", nullable=False),
        sa.Column("attempt", sa.Integer(), server_default="0", nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_register_runs")),
        sa.UniqueConstraint("public", name=op.f("uq_register_runs_public")),
    )
    op.create_index(op.f("ix_register_runs_made_at"), "register_runs", ["made_at"])
    op.create_index(
        "ix_register_runs_due_at", "register_runs", ["due_at"], sqlite_where=WANTED, postgresql_where=WANTED
    )
    op.create_table(
        "register_pieces",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("run_id", sa.Integer(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("body", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(
            ["run_id"], ["register_runs.id"], name=op.f("fk_register_pieces_run_id_register_runs"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_register_pieces")),
    )
    op.create_index(op.f("ix_register_pieces_run_id"), "register_pieces", ["run_id"])
    op.create_table(
        "register_bad_rows",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("run_id", sa.Integer(), nullable=False),
        sa.Column("row", sa.Integer(), nullable=False),
        sa.Column("cells", sa.JSON(), nullable=False),
        sa.Column("problems", sa.JSON(), nullable=False),
        sa.ForeignKeyConstraint(
            ["run_id"], ["register_runs.id"], name=op.f("fk_register_bad_rows_run_id_register_runs"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_register_bad_rows")),
        sa.UniqueConstraint("run_id", "row", name=op.f("uq_register_bad_rows_run_id_row")),
    )


def downgrade() -> None:
    for table in ("register_bad_rows", "register_pieces", "register_runs"):
        op.drop_table(table)
    with op.batch_alter_table("office") as batch:
        batch.drop_column("guide_hidden_at")
    with op.batch_alter_table("topics") as batch:
        batch.drop_column("retired_at")
