"""Uploads of media in pieces."""

import sqlalchemy as sa
from alembic import op

revision = "0012_media_uploads"
down_revision = "0011_undone_imports"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the tables."""
    op.create_table(
        "media_uploads",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("ident", sa.String(32), nullable=False),
        sa.Column("name", sa.String(200), nullable=False),
        sa.Column("length", sa.Integer(), nullable=False),
        sa.Column("received", sa.Integer(), nullable=False),
        sa.Column("author", sa.String(200), nullable=False),
        sa.Column("author_name", sa.String(120), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_media_uploads")),
        sa.UniqueConstraint("ident", name=op.f("uq_media_uploads_ident")),
    )
    op.create_index(op.f("ix_media_uploads_author"), "media_uploads", ["author"])
    op.create_index(op.f("ix_media_uploads_created_at"), "media_uploads", ["created_at"])
    op.create_table(
        "media_pieces",
        sa.Column("upload_id", sa.Integer(), nullable=False),
        sa.Column("start", sa.Integer(), nullable=False),
        sa.Column("body", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(
            ["upload_id"], ["media_uploads.id"], name=op.f("fk_media_pieces_upload_id_media_uploads"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("upload_id", "start", name=op.f("pk_media_pieces")),
    )


def downgrade() -> None:
    """Drop them; uploads that are not finished begin again."""
    op.drop_table("media_pieces")
    op.drop_table("media_uploads")
