"""One company under two names becomes one: which partner another was merged into, and which two are not the same. Open
data list those that are partners today.
"""

import sqlalchemy as sa
from alembic import op

revision = "0035"
down_revision = "0034"
branch_labels = None
depends_on = None

MOMENT = sa.DateTime(timezone=True)
VIEW = "CREATE OR REPLACE VIEW lantoa_open.partners AS SELECT code, name FROM public.companies"


def upgrade() -> None:
    with op.batch_alter_table("companies") as batch:
        batch.add_column(sa.Column("merged_into_id", sa.Integer(), nullable=True))
        batch.add_column(sa.Column("merged_at", MOMENT, nullable=True))
        batch.create_foreign_key(
            batch.f("fk_companies_merged_into_id_companies"), "companies", ["merged_into_id"], ["id"]
        )
    op.create_index(op.f("ix_companies_merged_into_id"), "companies", ["merged_into_id"])
    op.create_table(
        "partners_held_apart",
        sa.Column("low_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("high_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("by", sa.String(length=200), nullable=False),
        sa.Column("at", MOMENT, nullable=False),
        sa.ForeignKeyConstraint(["low_id"], ["companies.id"], name=op.f("fk_partners_held_apart_low_id_companies")),
        sa.ForeignKeyConstraint(["high_id"], ["companies.id"], name=op.f("fk_partners_held_apart_high_id_companies")),
        sa.PrimaryKeyConstraint("low_id", "high_id", name=op.f("pk_partners_held_apart")),
    )
    op.create_index("ix_partners_held_apart_high_id", "partners_held_apart", ["high_id"])
    if op.get_bind().dialect.name == "postgresql":
        op.execute(f"{VIEW} WHERE merged_into_id IS NULL")


def downgrade() -> None:
    """Partners that were merged stand on the list again, with nothing on them."""
    if op.get_bind().dialect.name == "postgresql":
        op.execute(VIEW)
    op.drop_table("partners_held_apart")
    op.drop_index(op.f("ix_companies_merged_into_id"), "companies")
    with op.batch_alter_table("companies") as batch:
        batch.drop_constraint(batch.f("fk_companies_merged_into_id_companies"), type_="foreignkey")
        batch.drop_column("merged_at")
        batch.drop_column("merged_into_id")
