"""The life of a copy: what it carried when confirmed, since when it is behind or missing, whom it was taken from.

Pages are watched from a moment; teasers and what sites answer for addresses that do not exist have tables of their own.
"""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

MOMENT = sa.DateTime(timezone=True)


def upgrade() -> None:
    with op.batch_alter_table("companies") as batch:
        batch.add_column(sa.Column("contact", sa.Text(), server_default="", nullable=False))
    with op.batch_alter_table("pages") as batch:
        batch.add_column(sa.Column("watched_since", MOMENT, nullable=True))
    # What is watched already goes on along its marks, from when its page was first seen.
    op.execute(
        "UPDATE pages SET watched_since = first_seen_at WHERE checks > 0 AND id IN "
        "(SELECT page_id FROM republications WHERE status IN ('confirmed', 'review'))"
    )
    with op.batch_alter_table("republications") as batch:
        batch.add_column(sa.Column("headline", sa.Text(), server_default="", nullable=False))
        batch.add_column(sa.Column("author", sa.String(length=300), server_default="", nullable=False))
        batch.add_column(sa.Column("image", sa.String(length=2000), server_default="", nullable=False))
        batch.add_column(sa.Column("link_position", sa.Double(), nullable=True))
        batch.add_column(sa.Column("confirmed_share", sa.Double(), nullable=True))
        batch.add_column(sa.Column("confirmed_revision", sa.Integer(), nullable=True))
        batch.add_column(sa.Column("confirmed_rule", sa.String(length=20), nullable=True))
        batch.add_column(sa.Column("stale_since", MOMENT, nullable=True))
        batch.add_column(sa.Column("followed_at", MOMENT, nullable=True))
        batch.add_column(sa.Column("missing_since", MOMENT, nullable=True))
        batch.add_column(sa.Column("missing_why", sa.JSON(), server_default="[]", nullable=False))
        batch.add_column(sa.Column("taken_from_id", sa.Integer(), nullable=True))
        batch.add_column(sa.Column("taken_from_site_id", sa.Integer(), nullable=True))
        batch.create_foreign_key(
            op.f("fk_republications_taken_from_id_republications"), "republications", ["taken_from_id"], ["id"]
        )
        batch.create_foreign_key(
            op.f("fk_republications_taken_from_site_id_sites"), "sites", ["taken_from_site_id"], ["id"]
        )
    op.execute("UPDATE republications SET stale_since = checked_at WHERE stale")
    # The last look tells the headline; older looks did not keep the rest.
    op.execute(
        "UPDATE republications SET headline = COALESCE((SELECT page_title FROM evidence WHERE evidence.id = "
        "(SELECT MAX(id) FROM evidence AS one WHERE one.republication_id = republications.id)), '')"
    )
    op.add_column("evidence", sa.Column("author", sa.String(length=300), server_default="", nullable=False))
    op.add_column("evidence", sa.Column("image", sa.String(length=2000), server_default="", nullable=False))
    op.create_table(
        "teasers",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("bulletin_id", sa.Integer(), nullable=False),
        sa.Column("site_id", sa.Integer(), nullable=False),
        sa.Column("page_id", sa.Integer(), nullable=False),
        sa.Column("headline", sa.Text(), nullable=False),
        sa.Column("seen_at", MOMENT, nullable=False),
        sa.Column("counted_on", sa.Date(), nullable=False),
        sa.ForeignKeyConstraint(["bulletin_id"], ["bulletins.id"], name=op.f("fk_teasers_bulletin_id_bulletins")),
        sa.ForeignKeyConstraint(["page_id"], ["pages.id"], name=op.f("fk_teasers_page_id_pages")),
        sa.ForeignKeyConstraint(["site_id"], ["sites.id"], name=op.f("fk_teasers_site_id_sites")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_teasers")),
        sa.UniqueConstraint("bulletin_id", "page_id", name=op.f("uq_teasers_bulletin_id_page_id")),
    )
    with op.batch_alter_table("teasers") as batch:
        batch.create_index("ix_teasers_counted_on", ["counted_on"])
        batch.create_index(batch.f("ix_teasers_page_id"), ["page_id"])
        batch.create_index(batch.f("ix_teasers_site_id"), ["site_id"])
    op.create_table(
        "probes",
        sa.Column("host", sa.String(length=255), nullable=False),
        sa.Column("at", MOMENT, nullable=False),
        sa.Column("status", sa.Integer(), nullable=True),
        sa.Column("prints", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("host", name=op.f("pk_probes")),
    )


def downgrade() -> None:
    op.drop_table("probes")
    op.drop_table("teasers")
    # Not in a batch: SQLite would copy the table, and its guards against changes would stay behind.
    op.drop_column("evidence", "image")
    op.drop_column("evidence", "author")
    with op.batch_alter_table("republications") as batch:
        batch.drop_constraint(op.f("fk_republications_taken_from_site_id_sites"), type_="foreignkey")
        batch.drop_constraint(op.f("fk_republications_taken_from_id_republications"), type_="foreignkey")
        for name in (
            "taken_from_site_id", "taken_from_id", "missing_why", "missing_since", "followed_at", "stale_since",
            "confirmed_rule", "confirmed_revision", "confirmed_share", "link_position", "image", "author", "headline",
        ):  # fmt: skip
            batch.drop_column(name)
    with op.batch_alter_table("pages") as batch:
        batch.drop_column("watched_since")
    with op.batch_alter_table("companies") as batch:
        batch.drop_column("contact")
