"""An agreement has its scans: the signed paper beside what was entered of it."""

import sqlalchemy as sa
from alembic import op

revision = "0036"
down_revision = "0035"
branch_labels = None
depends_on = None

KIND = sa.Enum("pdf", "jpeg", "png", name="scan_kind", native_enum=False, create_constraint=True, length=16)
SHOWN = sa.text("removed_at IS NULL")


def upgrade() -> None:
    op.create_table(
        "agreement_scans",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("public", sa.String(30), nullable=False, unique=True),
        sa.Column("agreement_id", sa.Integer, sa.ForeignKey("agreements.id"), nullable=False),
        sa.Column("name", sa.String(120), nullable=False),
        sa.Column("kind", KIND, nullable=False),
        sa.Column("measure", sa.String(20), nullable=False),
        sa.Column("size", sa.Integer, nullable=False),
        sa.Column("body_hash", sa.String(64), nullable=False),
        sa.Column("body_key", sa.String(200), nullable=False),
        sa.Column("original_hash", sa.String(64), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("actor", sa.String(200), nullable=False),
        sa.Column("actor_name", sa.String(200), nullable=False),
        sa.Column("removed_at", sa.DateTime(timezone=True)),
        sa.Column("removed_by", sa.String(200)),
        sa.Column("removed_by_name", sa.String(200)),
    )
    op.create_index("ix_agreement_scans_agreement_id", "agreement_scans", ["agreement_id"])
    op.create_index(
        "uq_agreement_scans_shown", "agreement_scans", ["agreement_id", "original_hash"], unique=True,
        sqlite_where=SHOWN, postgresql_where=SHOWN,
    )  # fmt: skip


def downgrade() -> None:
    op.drop_table("agreement_scans")
