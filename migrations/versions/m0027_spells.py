"""What is wrong with the installation, one row a spell; letters that tell of it by longer names."""

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
    with op.batch_alter_table("letters") as batch:
        batch.alter_column("what", existing_type=sa.String(20), type_=sa.String(40), existing_nullable=False)


def downgrade() -> None:
    op.execute("DELETE FROM letters WHERE length(what) > 20")
    with op.batch_alter_table("letters") as batch:
        batch.alter_column("what", existing_type=sa.String(40), type_=sa.String(20), existing_nullable=False)
    op.drop_index("uq_spells_ongoing", table_name="spells")
    op.drop_table("spells")
