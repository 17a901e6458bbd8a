"""Entries of a checked register kept until they are written; which import a partner, licence or site came by."""

import sqlalchemy as sa
from alembic import op

revision = "0022"
down_revision = "0020"
branch_labels = None
depends_on = None

CAME = ("companies", "licences", "sites")


def upgrade() -> None:
    for table in CAME:
        with op.batch_alter_table(table) as batch:
            batch.add_column(sa.Column("came_by", sa.String(length=32), nullable=True))
    op.create_table(
        "register_entries",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("run_id", sa.Integer(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("body", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(
            ["run_id"], ["register_runs.id"], name=op.f("fk_register_entries_run_id_register_runs"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_register_entries")),
        sa.UniqueConstraint("run_id", "number", name=op.f("uq_register_entries_run_id_number")),
    )


def downgrade() -> None:
    op.drop_table("register_entries")
    for table in CAME:
        with op.batch_alter_table(table) as batch:
            batch.drop_column("came_by")
