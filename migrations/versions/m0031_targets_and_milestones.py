"""Targets for how soon copies appear, and milestones on the way to a target."""

import sqlalchemy as sa
from alembic import op

revision = "0031"
down_revision = "0030"
branch_labels = None
depends_on = None

BEFORE = ("bulletins", "republications", "partners", "attribution_rate", "views")


def _metrics(*values: str) -> None:
    with op.batch_alter_table("targets") as batch:
        batch.drop_constraint(batch.f("ck_targets_metric"), type_="check")
        allowed = ", ".join(f"'{value}'" for value in values)
        batch.create_check_constraint(batch.f("ck_targets_metric"), f"metric IN ({allowed})")


def upgrade() -> None:
    _metrics(*BEFORE, "median_delay")
    op.create_table(
        "milestones",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("target_id", sa.Integer(), nullable=False),
        sa.Column("due_on", sa.Date(), nullable=False),
        sa.Column("figure", sa.Double(), nullable=False),
        sa.CheckConstraint("figure > 0", name=op.f("ck_milestones_figure_positive")),
        sa.ForeignKeyConstraint(
            ["target_id"], ["targets.id"], name=op.f("fk_milestones_target_id_targets"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_milestones")),
        sa.UniqueConstraint("target_id", "due_on", name=op.f("uq_milestones_target_id_due_on")),
    )


def downgrade() -> None:
    op.drop_table("milestones")
    op.execute("DELETE FROM targets WHERE metric = 'median_delay'")
    _metrics(*BEFORE)
