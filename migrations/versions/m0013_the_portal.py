"""The portal: editors with their links and visits, whether it is open to a partner, keys that were exchanged, reports."""

import sqlalchemy as sa
from alembic import op

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None

MOMENT = sa.DateTime(timezone=True)
WHYS = ("left", "revoked", "closed")


def upgrade() -> None:
    with op.batch_alter_table("companies") as batch:
        batch.add_column(sa.Column("portal_closed_at", MOMENT, nullable=True))
    with op.batch_alter_table("keys") as batch:
        batch.add_column(sa.Column("replaced_by", sa.String(length=10), nullable=True))
    op.create_table(
        "editors",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("public", sa.String(length=30), nullable=False),
        sa.Column("company_id", sa.Integer(), nullable=False),
        sa.Column("email", sa.String(length=190), nullable=False),
        sa.Column("name", sa.String(length=120), nullable=False),
        sa.Column("active", sa.Boolean(), server_default=sa.true(), nullable=False),
        sa.Column("invited_by", sa.String(length=200), nullable=False),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.ForeignKeyConstraint(["company_id"], ["companies.id"], name=op.f("fk_editors_company_id_companies")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_editors")),
        sa.UniqueConstraint("public", name=op.f("uq_editors_public")),
        sa.UniqueConstraint("company_id", "email", name=op.f("uq_editors_company_id_email")),
    )
    op.create_index(op.f("ix_editors_company_id"), "editors", ["company_id"])
    op.create_table(
        "editor_links",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("editor_id", sa.Integer(), nullable=False),
        sa.Column("mark", sa.String(length=64), nullable=False),
        sa.Column("made_by", sa.String(length=200), nullable=False),
        sa.Column("made_at", MOMENT, nullable=False),
        sa.Column("expires_at", MOMENT, nullable=False),
        sa.Column("used_at", MOMENT, nullable=True),
        sa.Column("revoked_at", MOMENT, nullable=True),
        sa.ForeignKeyConstraint(
            ["editor_id"], ["editors.id"], name=op.f("fk_editor_links_editor_id_editors"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_editor_links")),
        sa.UniqueConstraint("mark", name=op.f("uq_editor_links_mark")),
    )
    op.create_index(op.f("ix_editor_links_editor_id"), "editor_links", ["editor_id"])
    op.create_table(
        "editor_visits",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("public", sa.String(length=16), nullable=False),
        sa.Column("editor_id", sa.Integer(), nullable=False),
        sa.Column("mark", sa.String(length=64), nullable=False),
        sa.Column("device", sa.String(length=80), nullable=False),
        sa.Column("began_at", MOMENT, nullable=False),
        sa.Column("seen_at", MOMENT, nullable=False),
        sa.Column("ended_at", MOMENT, nullable=True),
        sa.Column(
            "ended_why",
            sa.Enum(*WHYS, name="editor_visit_ended_why", native_enum=False, create_constraint=True, length=16),
            nullable=True,
        ),
        sa.ForeignKeyConstraint(
            ["editor_id"], ["editors.id"], name=op.f("fk_editor_visits_editor_id_editors"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_editor_visits")),
        sa.UniqueConstraint("public", name=op.f("uq_editor_visits_public")),
        sa.UniqueConstraint("mark", name=op.f("uq_editor_visits_mark")),
    )
    op.create_index(op.f("ix_editor_visits_editor_id"), "editor_visits", ["editor_id"])
    op.create_table(
        "page_reports",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("public", sa.String(length=30), nullable=False),
        sa.Column("company_id", sa.Integer(), nullable=False),
        sa.Column("page_id", sa.Integer(), nullable=False),
        sa.Column("bulletin_id", sa.Integer(), nullable=True),
        sa.Column("url", sa.String(length=2000), nullable=False),
        sa.Column("actor", sa.String(length=200), nullable=False),
        sa.Column("actor_name", sa.String(length=200), nullable=False),
        sa.Column("at", MOMENT, nullable=False),
        sa.Column("asked_at", MOMENT, nullable=False),
        sa.ForeignKeyConstraint(["company_id"], ["companies.id"], name=op.f("fk_page_reports_company_id_companies")),
        sa.ForeignKeyConstraint(["page_id"], ["pages.id"], name=op.f("fk_page_reports_page_id_pages")),
        sa.ForeignKeyConstraint(["bulletin_id"], ["bulletins.id"], name=op.f("fk_page_reports_bulletin_id_bulletins")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_page_reports")),
        sa.UniqueConstraint("public", name=op.f("uq_page_reports_public")),
        sa.UniqueConstraint("company_id", "page_id", name=op.f("uq_page_reports_company_id_page_id")),
    )
    op.create_index(op.f("ix_page_reports_page_id"), "page_reports", ["page_id"])
    op.create_index("ix_page_reports_company_id_asked_at", "page_reports", ["company_id", "asked_at"])


def downgrade() -> None:
    for table in ("page_reports", "editor_visits", "editor_links", "editors"):
        op.drop_table(table)
    with op.batch_alter_table("keys") as batch:
        batch.drop_column("replaced_by")
    with op.batch_alter_table("companies") as batch:
        batch.drop_column("portal_closed_at")
