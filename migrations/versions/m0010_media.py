"""Video, audio and documents of bulletins: the kept files, their uses, and the media of a text."""

import sqlalchemy as sa
from alembic import op

revision = "0010_media"
down_revision = "0009_checked_pictures"
branch_labels = None
depends_on = None

LOCKS = {"revisions": "for the moment in which a column without a default is added"}
KIND = sa.Enum(
    "picture", "video", "audio", "document", "captions", name="kind", native_enum=False, create_constraint=True, length=16
)  # fmt: skip


def upgrade() -> None:
    """Add the tables and the column; texts that are there have no media."""
    op.create_table(
        "media_files",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("ident", sa.String(32), nullable=False),
        sa.Column("kind", KIND, nullable=False),
        sa.Column("key", sa.String(100), nullable=False),
        sa.Column("sha256", sa.String(64), nullable=False),
        sa.Column("mime", sa.String(30), nullable=False),
        sa.Column("length", sa.Integer(), nullable=False),
        sa.Column("width", sa.Integer(), nullable=False),
        sa.Column("height", sa.Integer(), nullable=False),
        sa.Column("seconds", sa.Double(), nullable=False),
        sa.Column("name", sa.String(200), nullable=False),
        sa.Column("alt", sa.String(300), nullable=False),
        sa.Column("credit", sa.String(200), nullable=False),
        sa.Column("transcript", sa.Text(), nullable=False),
        sa.Column("poster", sa.String(32), nullable=False),
        sa.Column("captions", sa.String(32), nullable=False),
        sa.Column("search", sa.Text(), nullable=False),
        sa.Column("author", sa.String(200), nullable=False),
        sa.Column("author_name", sa.String(120), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_media_files")),
        sa.UniqueConstraint("ident", name=op.f("uq_media_files_ident")),
        sa.UniqueConstraint("sha256", name=op.f("uq_media_files_sha256")),
    )
    op.create_table(
        "media_uses",
        sa.Column("revision_id", sa.Integer(), nullable=False),
        sa.Column("media_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["media_id"], ["media_files.id"], name=op.f("fk_media_uses_media_id_media_files")),
        sa.ForeignKeyConstraint(["revision_id"], ["revisions.id"], name=op.f("fk_media_uses_revision_id_revisions")),
        sa.PrimaryKeyConstraint("revision_id", "media_id", name=op.f("pk_media_uses")),
    )
    op.create_index(op.f("ix_media_uses_media_id"), "media_uses", ["media_id"])
    op.add_column("revisions", sa.Column("media", sa.JSON(), nullable=True))


def downgrade() -> None:
    """Drop the tables; texts lose their media, and no longer have the hash that was approved with them."""
    op.drop_column("revisions", "media")
    op.drop_table("media_uses")
    op.drop_table("media_files")
