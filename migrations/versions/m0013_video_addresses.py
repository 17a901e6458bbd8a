"""Addresses of uploads of a bulletin's video on platforms."""

import sqlalchemy as sa
from alembic import op

revision = "0013_video_addresses"
down_revision = "0012_media_uploads"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the table."""
    op.create_table(
        "video_addresses",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("bulletin_id", sa.Integer(), nullable=False),
        sa.Column("video", sa.String(60), nullable=False),
        sa.Column("url", sa.String(2000), nullable=False),
        sa.Column("actor", sa.String(200), nullable=False),
        sa.Column("actor_name", sa.String(120), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["bulletin_id"], ["bulletins.id"], name=op.f("fk_video_addresses_bulletin_id_bulletins")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_video_addresses")),
        sa.UniqueConstraint("video", name=op.f("uq_video_addresses_video")),
    )
    op.create_index(op.f("ix_video_addresses_bulletin_id"), "video_addresses", ["bulletin_id"])


def downgrade() -> None:
    """Drop it; the addresses have to be entered again."""
    op.drop_table("video_addresses")
