"""Pictures of bulletins, what a text wears (cover, words for channels), open forms, and releases with one signature."""

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None

MOMENT = sa.DateTime(timezone=True)
OUTCOMES = ("in_order", "objection")


def upgrade() -> None:
    op.add_column("revisions", sa.Column("dress", sa.JSON(), nullable=True))
    op.create_table(
        "pictures",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("ident", sa.String(length=32), nullable=False),
        sa.Column("key", sa.String(length=100), nullable=False),
        sa.Column("mime", sa.String(length=30), nullable=False),
        sa.Column("width", sa.Integer(), nullable=False),
        sa.Column("height", sa.Integer(), nullable=False),
        sa.Column("length", sa.Integer(), nullable=False),
        sa.Column("focus_x", sa.Double(), nullable=False),
        sa.Column("focus_y", sa.Double(), nullable=False),
        sa.Column("cuts", sa.JSON(), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("author", sa.String(length=200), nullable=False),
        sa.Column("author_name", sa.String(length=120), nullable=False),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_pictures")),
        sa.UniqueConstraint("ident", name=op.f("uq_pictures_ident")),
    )
    op.create_table(
        "picture_uses",
        sa.Column("revision_id", sa.Integer(), nullable=False),
        sa.Column("picture_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["revision_id"], ["revisions.id"], name=op.f("fk_picture_uses_revision_id_revisions")),
        sa.ForeignKeyConstraint(["picture_id"], ["pictures.id"], name=op.f("fk_picture_uses_picture_id_pictures")),
        sa.PrimaryKeyConstraint("revision_id", "picture_id", name=op.f("pk_picture_uses")),
    )
    op.create_index(op.f("ix_picture_uses_picture_id"), "picture_uses", ["picture_id"])
    op.create_table(
        "working_copies",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("ident", sa.String(length=32), nullable=False),
        sa.Column("bulletin_id", sa.Integer(), nullable=True),
        sa.Column("base", sa.Integer(), nullable=True),
        sa.Column("author", sa.String(length=200), nullable=False),
        sa.Column("author_name", sa.String(length=120), nullable=False),
        sa.Column("fields", sa.JSON(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("saved_at", MOMENT, nullable=False),
        sa.Column("seen_at", MOMENT, nullable=False),
        sa.ForeignKeyConstraint(
            ["bulletin_id"], ["bulletins.id"], name=op.f("fk_working_copies_bulletin_id_bulletins")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_working_copies")),
        sa.UniqueConstraint("ident", name=op.f("uq_working_copies_ident")),
    )
    op.create_index(op.f("ix_working_copies_bulletin_id"), "working_copies", ["bulletin_id"])
    op.create_index(op.f("ix_working_copies_author"), "working_copies", ["author"])
    op.create_table(
        "urgent_releases",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("bulletin_id", sa.Integer(), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("revision_hash", sa.String(length=64), nullable=False),
        sa.Column("signer", sa.String(length=200), nullable=False),
        sa.Column("signer_name", sa.String(length=120), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("at", MOMENT, nullable=False),
        sa.Column("reviewed_at", MOMENT, nullable=True),
        sa.Column("reviewer", sa.String(length=200), nullable=True),
        sa.Column("reviewer_name", sa.String(length=120), nullable=True),
        sa.Column(
            "outcome",
            sa.Enum(*OUTCOMES, name="urgent_outcome", native_enum=False, create_constraint=True, length=16),
            nullable=True,
        ),
        sa.Column("note", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["bulletin_id"], ["bulletins.id"], name=op.f("fk_urgent_releases_bulletin_id_bulletins")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_urgent_releases")),
    )
    op.create_index(op.f("ix_urgent_releases_bulletin_id"), "urgent_releases", ["bulletin_id"])
    op.create_index(op.f("ix_urgent_releases_reviewed_at"), "urgent_releases", ["reviewed_at"])


def downgrade() -> None:
    op.drop_table("urgent_releases")
    op.drop_table("working_copies")
    op.drop_table("picture_uses")
    op.drop_table("pictures")
    with op.batch_alter_table("revisions") as batch:
        batch.drop_column("dress")
