"""Where copies are found: sources, pages, fingerprints, sightings, republications, evidence, views."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "bulletin_fp",
        sa.Column("h", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("bulletin_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.ForeignKeyConstraint(["bulletin_id"], ["bulletins.id"], name=op.f("fk_bulletin_fp_bulletin_id_bulletins")),
        sa.PrimaryKeyConstraint("h", "bulletin_id", name=op.f("pk_bulletin_fp")),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "pages",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("site_id", sa.Integer(), nullable=False),
        sa.Column("url", sa.String(length=2000), nullable=False),
        sa.Column("canonical_url", sa.String(length=2000), nullable=False),
        sa.Column("first_seen_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("claimed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("claimed_from", sa.String(length=20), nullable=True),
        sa.Column("etag", sa.String(length=300), nullable=True),
        sa.Column("last_modified", sa.String(length=60), nullable=True),
        sa.Column("checked_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("checks", sa.Integer(), server_default="0", nullable=False),
        sa.Column("status", sa.Integer(), nullable=True),
        sa.Column("error", sa.Text(), nullable=False),
        sa.Column("failures", sa.Integer(), server_default="0", nullable=False),
        sa.Column("missing_since", sa.DateTime(timezone=True), nullable=True),
        sa.Column("body_hash", sa.String(length=64), nullable=True),
        sa.Column("alias_of_id", sa.Integer(), nullable=True),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("lease_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("fence", sa.Integer(), server_default="0", nullable=False),
        sa.Column("attempt", sa.Integer(), server_default="0", nullable=False),
        sa.ForeignKeyConstraint(["alias_of_id"], ["pages.id"], name=op.f("fk_pages_alias_of_id_pages")),
        sa.ForeignKeyConstraint(["site_id"], ["sites.id"], name=op.f("fk_pages_site_id_sites")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_pages")),
        sa.UniqueConstraint("canonical_url", name=op.f("uq_pages_canonical_url")),
    )
    with op.batch_alter_table("pages", schema=None) as batch_op:
        batch_op.create_index(
            "ix_pages_due_at",
            ["due_at"],
            unique=False,
            sqlite_where=sa.text("due_at IS NOT NULL"),
            postgresql_where=sa.text("due_at IS NOT NULL"),
        )
        batch_op.create_index(batch_op.f("ix_pages_site_id"), ["site_id"], unique=False)

    op.create_table(
        "sources",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("site_id", sa.Integer(), nullable=False),
        sa.Column(
            "kind",
            sa.Enum(
                "feed", "sitemap", "listing", name="source_kind", native_enum=False, create_constraint=True, length=16
            ),
            nullable=False,
        ),
        sa.Column("url", sa.String(length=1000), nullable=False),
        sa.Column("etag", sa.String(length=300), nullable=True),
        sa.Column("last_modified", sa.String(length=60), nullable=True),
        sa.Column("looked_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("succeeded_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("daily", sa.Double(), server_default="24", nullable=False),
        sa.Column("failures", sa.Integer(), server_default="0", nullable=False),
        sa.Column("error", sa.Text(), nullable=False),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("lease_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("fence", sa.Integer(), server_default="0", nullable=False),
        sa.Column("attempt", sa.Integer(), server_default="0", nullable=False),
        sa.ForeignKeyConstraint(["site_id"], ["sites.id"], name=op.f("fk_sources_site_id_sites")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_sources")),
        sa.UniqueConstraint("site_id", "url", name=op.f("uq_sources_site_id_url")),
    )
    with op.batch_alter_table("sources", schema=None) as batch_op:
        batch_op.create_index(
            "ix_sources_due_at",
            ["due_at"],
            unique=False,
            sqlite_where=sa.text("due_at IS NOT NULL"),
            postgresql_where=sa.text("due_at IS NOT NULL"),
        )

    op.create_table(
        "views",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("bulletin_id", sa.Integer(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("host", sa.String(length=255), nullable=False),
        sa.Column("visitor", sa.String(length=16), nullable=False),
        sa.Column("guarded", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(["bulletin_id"], ["bulletins.id"], name=op.f("fk_views_bulletin_id_bulletins")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_views")),
    )
    with op.batch_alter_table("views", schema=None) as batch_op:
        batch_op.create_index("ix_views_bulletin_id_day", ["bulletin_id", "day"], unique=False)
        batch_op.create_index("ix_views_visitor_at", ["visitor", "at"], unique=False)

    op.create_table(
        "fingerprinted",
        sa.Column("revision_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("bulletin_id", sa.Integer(), nullable=False),
        sa.Column("fp_version", sa.String(length=20), nullable=False),
        sa.Column("hashes", sa.Integer(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["bulletin_id"], ["bulletins.id"], name=op.f("fk_fingerprinted_bulletin_id_bulletins")),
        sa.ForeignKeyConstraint(["revision_id"], ["revisions.id"], name=op.f("fk_fingerprinted_revision_id_revisions")),
        sa.PrimaryKeyConstraint("revision_id", name=op.f("pk_fingerprinted")),
    )
    with op.batch_alter_table("fingerprinted", schema=None) as batch_op:
        batch_op.create_index("ix_fingerprinted_hashes", ["hashes"], unique=False)

    op.create_table(
        "republications",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("public", sa.String(length=30), nullable=False),
        sa.Column("bulletin_id", sa.Integer(), nullable=False),
        sa.Column("site_id", sa.Integer(), nullable=False),
        sa.Column("page_id", sa.Integer(), nullable=False),
        sa.Column("url", sa.String(length=2000), nullable=False),
        sa.Column("canonical_url", sa.String(length=2000), nullable=False),
        sa.Column(
            "status",
            sa.Enum(
                "candidate",
                "review",
                "confirmed",
                "rejected",
                name="status",
                native_enum=False,
                create_constraint=True,
                length=16,
            ),
            nullable=False,
        ),
        sa.Column(
            "life",
            sa.Enum("live", "changed", "gone", name="life", native_enum=False, create_constraint=True, length=16),
            nullable=False,
        ),
        sa.Column(
            "level",
            sa.Enum(
                "reported",
                "announced",
                "counted_image",
                "discovered",
                "fetched",
                "matched",
                "attributed",
                "live",
                "person",
                name="level",
                native_enum=False,
                create_constraint=True,
                length=16,
            ),
            nullable=False,
        ),
        sa.Column(
            "match",
            sa.Enum(
                "full",
                "partial",
                "excerpt",
                "teaser",
                "none",
                name="match",
                native_enum=False,
                create_constraint=True,
                length=16,
            ),
            nullable=False,
        ),
        sa.Column("share", sa.Double(), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=True),
        sa.Column("title_kept", sa.Boolean(), nullable=False),
        sa.Column(
            "attribution",
            sa.Enum(
                "linked_at_end",
                "linked_elsewhere",
                "home_page_only",
                "url_text_only",
                "named_only",
                "named_other_source",
                "none",
                name="attribution",
                native_enum=False,
                create_constraint=True,
            ),
            nullable=False,
        ),
        sa.Column("reasons", sa.JSON(), nullable=False),
        sa.Column("published_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("published_from", sa.String(length=20), nullable=True),
        sa.Column("first_seen_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("counted_on", sa.Date(), nullable=False),
        sa.Column("confirmed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("checked_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("gone_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("stale", sa.Boolean(), server_default=sa.false(), nullable=False),
        sa.Column("decided_by", sa.String(length=200), nullable=True),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("decision_note", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["bulletin_id"], ["bulletins.id"], name=op.f("fk_republications_bulletin_id_bulletins")
        ),
        sa.ForeignKeyConstraint(["page_id"], ["pages.id"], name=op.f("fk_republications_page_id_pages")),
        sa.ForeignKeyConstraint(["site_id"], ["sites.id"], name=op.f("fk_republications_site_id_sites")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_republications")),
        sa.UniqueConstraint(
            "bulletin_id", "site_id", "canonical_url", name=op.f("uq_republications_bulletin_id_site_id_canonical_url")
        ),
        sa.UniqueConstraint("public", name=op.f("uq_republications_public")),
    )
    with op.batch_alter_table("republications", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_republications_page_id"), ["page_id"], unique=False)
        batch_op.create_index("ix_republications_site_id_status", ["site_id", "status"], unique=False)
        batch_op.create_index("ix_republications_status_counted_on", ["status", "counted_on"], unique=False)

    op.create_table(
        "sightings",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("page_id", sa.Integer(), nullable=False),
        sa.Column(
            "how",
            sa.Enum(
                "reported",
                "announced",
                "counted_image",
                "discovered",
                "fetched",
                "person",
                name="how",
                native_enum=False,
                create_constraint=True,
                length=16,
            ),
            nullable=False,
        ),
        sa.Column("source", sa.String(length=1000), nullable=False),
        sa.Column("bulletin_id", sa.Integer(), nullable=True),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["bulletin_id"], ["bulletins.id"], name=op.f("fk_sightings_bulletin_id_bulletins")),
        sa.ForeignKeyConstraint(["page_id"], ["pages.id"], name=op.f("fk_sightings_page_id_pages")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_sightings")),
    )
    with op.batch_alter_table("sightings", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_sightings_bulletin_id"), ["bulletin_id"], unique=False)
        batch_op.create_index("ix_sightings_page_id_how", ["page_id", "how"], unique=False)

    op.create_table(
        "evidence",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("republication_id", sa.Integer(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("status", sa.Integer(), nullable=False),
        sa.Column("final_url", sa.String(length=2000), nullable=False),
        sa.Column("body_hash", sa.String(length=64), nullable=False),
        sa.Column("body_key", sa.String(length=200), nullable=True),
        sa.Column("page_title", sa.Text(), nullable=False),
        sa.Column("page_text", sa.Text(), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=True),
        sa.Column(
            "match",
            sa.Enum(
                "full",
                "partial",
                "excerpt",
                "teaser",
                "none",
                name="evidence_match",
                native_enum=False,
                create_constraint=True,
                length=16,
            ),
            nullable=False,
        ),
        sa.Column("share", sa.Double(), nullable=False),
        sa.Column("longest_run", sa.Integer(), nullable=False),
        sa.Column("title_kept", sa.Boolean(), nullable=False),
        sa.Column(
            "attribution",
            sa.Enum(
                "linked_at_end",
                "linked_elsewhere",
                "home_page_only",
                "url_text_only",
                "named_only",
                "named_other_source",
                "none",
                name="evidence_attribution",
                native_enum=False,
                create_constraint=True,
            ),
            nullable=False,
        ),
        sa.Column("source_name", sa.String(length=300), nullable=True),
        sa.Column("source_link", sa.String(length=2000), nullable=True),
        sa.Column("link_position", sa.Double(), nullable=True),
        sa.Column("source_text", sa.Text(), nullable=False),
        sa.Column("source_where", sa.String(length=500), nullable=False),
        sa.Column("passages", sa.JSON(), nullable=False),
        sa.Column("published_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("published_from", sa.String(length=20), nullable=True),
        sa.Column("reasons", sa.JSON(), nullable=False),
        sa.Column("rule_version", sa.String(length=20), nullable=False),
        sa.Column("fp_version", sa.String(length=20), nullable=False),
        sa.ForeignKeyConstraint(
            ["republication_id"], ["republications.id"], name=op.f("fk_evidence_republication_id_republications")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_evidence")),
    )
    with op.batch_alter_table("evidence", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_evidence_republication_id"), ["republication_id"], unique=False)


def downgrade() -> None:
    with op.batch_alter_table("evidence", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_evidence_republication_id"))

    op.drop_table("evidence")
    with op.batch_alter_table("sightings", schema=None) as batch_op:
        batch_op.drop_index("ix_sightings_page_id_how")
        batch_op.drop_index(batch_op.f("ix_sightings_bulletin_id"))

    op.drop_table("sightings")
    with op.batch_alter_table("republications", schema=None) as batch_op:
        batch_op.drop_index("ix_republications_status_counted_on")
        batch_op.drop_index("ix_republications_site_id_status")
        batch_op.drop_index(batch_op.f("ix_republications_page_id"))

    op.drop_table("republications")
    with op.batch_alter_table("fingerprinted", schema=None) as batch_op:
        batch_op.drop_index("ix_fingerprinted_hashes")

    op.drop_table("fingerprinted")
    with op.batch_alter_table("views", schema=None) as batch_op:
        batch_op.drop_index("ix_views_visitor_at")
        batch_op.drop_index("ix_views_bulletin_id_day")

    op.drop_table("views")
    with op.batch_alter_table("sources", schema=None) as batch_op:
        batch_op.drop_index(
            "ix_sources_due_at",
            sqlite_where=sa.text("due_at IS NOT NULL"),
            postgresql_where=sa.text("due_at IS NOT NULL"),
        )

    op.drop_table("sources")
    with op.batch_alter_table("pages", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_pages_site_id"))
        batch_op.drop_index(
            "ix_pages_due_at",
            sqlite_where=sa.text("due_at IS NOT NULL"),
            postgresql_where=sa.text("due_at IS NOT NULL"),
        )

    op.drop_table("pages")
    op.drop_table("bulletin_fp")
