"""What is wrong with the installation, one row a spell."""

import sqlalchemy as sa
from alembic import op

revision = "0027"
down_revision = "0026"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "spells",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("code", sa.String(40), nullable=False),
        sa.Column("subject", sa.String(60), nullable=False),
        sa.Column("details", sa.JSON(), nullable=False),
        sa.Column("raised_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("cleared_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_spells")),
    )
    ongoing = sa.text("cleared_at IS NULL")
    op.create_index(
        "uq_spells_ongoing", "spells", ["code", "subject"],
        unique=True, sqlite_where=ongoing, postgresql_where=ongoing,
    )


def downgrade() -> None:
    op.drop_index("uq_spells_ongoing", table_name="spells")
    op.drop_table("spells")
