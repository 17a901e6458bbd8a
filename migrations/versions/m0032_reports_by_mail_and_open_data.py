"""Saved filters, schedules with what they sent, and on PostgreSQL the views for whoever reads the figures from outside."""

import sqlalchemy as sa
from alembic import op

revision = "0032"
down_revision = "0031"
branch_labels = None
depends_on = None

MOMENT = sa.DateTime(timezone=True)
DUE = sa.text("due_at IS NOT NULL")
UNSENT = sa.text("state IN ('unknown', 'dead')")

# What the views show, written out: a migration does not go by today's code. A bulletin is seen once it is out, and
# after its recall; of persons nothing is seen.
OUT = "b.released IS NOT NULL AND b.release_at <= now() AND b.changed_at <= now()"
VIEWS = {
    "campaigns": "SELECT code, plan_number, name, starts_on, ends_on FROM public.campaigns",
    "targets": """
        SELECT c.code AS campaign, g.metric, t.code AS topic, g.period, g.quota
        FROM public.targets g JOIN public.campaigns c ON c.id = g.campaign_id
        LEFT JOIN public.topics t ON t.id = g.topic_id""",
    "topics": "SELECT code, name FROM public.topics",
    "partners": "SELECT code, name FROM public.companies",
    "sites": """
        SELECT s.code, o.code AS partner, s.name, s.host, s.kind, s.active
        FROM public.sites s JOIN public.companies o ON o.id = s.company_id""",
    "bulletins": f"""
        SELECT b.code, t.code AS topic, c.code AS campaign, r.title, b.state, b.release_at AS released_at,
               b.released_on, b.recalled_at
        FROM public.bulletins b JOIN public.revisions r ON r.bulletin_id = b.id AND r.number = b.released
        JOIN public.topics t ON t.id = b.topic_id LEFT JOIN public.campaigns c ON c.id = b.campaign_id
        WHERE {OUT}""",
    "republications": f"""
        SELECT p.public AS id, b.code AS bulletin, s.code AS site, o.code AS partner, t.code AS topic,
               p.canonical_url AS url, p.life, p.level, p.match, p.share, p.attribution, p.published_at,
               p.first_seen_at, p.counted_on, p.gone_at
        FROM public.republications p JOIN public.bulletins b ON b.id = p.bulletin_id
        JOIN public.topics t ON t.id = b.topic_id JOIN public.sites s ON s.id = p.site_id
        JOIN public.companies o ON o.id = s.company_id
        WHERE {OUT} AND p.status = 'confirmed'""",
    "daily": f"""
        SELECT p.counted_on AS day, t.code AS topic, count(*) AS found,
               count(*) FILTER (WHERE p.status = 'confirmed') AS confirmed,
               count(*) FILTER (WHERE p.status = 'review') AS review,
               count(*) FILTER (WHERE p.status = 'rejected') AS rejected,
               count(*) FILTER (WHERE p.status = 'confirmed' AND p.life = 'gone') AS gone,
               count(*) FILTER (WHERE p.status = 'confirmed' AND p.attribution = 'linked_at_end') AS attributed
        FROM public.republications p JOIN public.bulletins b ON b.id = p.bulletin_id
        JOIN public.topics t ON t.id = b.topic_id
        WHERE {OUT} GROUP BY p.counted_on, t.code""",
    "views_daily": f"""
        SELECT v.day, b.code AS bulletin, v.rules, sum(v.raw) AS raw, sum(v.guarded) AS guarded
        FROM public.view_days v JOIN public.bulletins b ON b.id = v.bulletin_id
        WHERE {OUT} GROUP BY v.day, b.code, v.rules""",
}  # fmt: skip


def _words(name: str, *values: str) -> sa.Enum:
    return sa.Enum(*values, name=name, native_enum=False, create_constraint=True, length=max(16, *map(len, values)))


def _due() -> tuple[sa.Column[object], ...]:
    return (
        sa.Column("due_at", MOMENT, nullable=True),
        sa.Column("lease_until", MOMENT, nullable=True),
        sa.Column("fence", sa.Integer(), server_default="0", nullable=False),
        sa.Column("attempt", sa.Integer(), server_default="0", nullable=False),
    )


def upgrade() -> None:
    op.add_column("office", sa.Column("open_since", MOMENT))
    op.create_table(
        "saved_filters",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("public", sa.String(length=30), nullable=False),
        sa.Column("listed", _words("listed", "copies", "progress"), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=True),
        sa.Column("name", sa.String(length=120), nullable=False),
        sa.Column("query", sa.JSON(), nullable=False),
        sa.Column("made_by", sa.String(length=200), nullable=False),
        sa.Column("made_at", MOMENT, nullable=False),
        sa.ForeignKeyConstraint(["person_id"], ["people.id"], name=op.f("fk_saved_filters_person_id_people")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_saved_filters")),
        sa.UniqueConstraint("public", name=op.f("uq_saved_filters_public")),
    )
    op.create_index(op.f("ix_saved_filters_person_id"), "saved_filters", ["person_id"])
    op.create_table(
        "schedules",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("public", sa.String(length=30), nullable=False),
        sa.Column("name", sa.String(length=120), nullable=False),
        sa.Column(
            "kind",
            _words("schedule_kind", "day", "week", "partner", "plan", "recognition", "briefing", "list"),
            nullable=False,
        ),
        sa.Column("subject", sa.String(length=60), server_default="", nullable=False),
        sa.Column("forms", sa.JSON(), nullable=False),
        sa.Column("cron", sa.String(length=120), nullable=False),
        sa.Column("ends_on", sa.Date(), nullable=True),
        sa.Column("next_at", MOMENT, nullable=True),
        sa.Column("paused_at", MOMENT, nullable=True),
        sa.Column("made_by", sa.String(length=200), nullable=False),
        sa.Column("made_at", MOMENT, nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_schedules")),
        sa.UniqueConstraint("public", name=op.f("uq_schedules_public")),
    )
    op.create_index(op.f("ix_schedules_next_at"), "schedules", ["next_at"])
    op.create_table(
        "schedule_receivers",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("public", sa.String(length=30), nullable=False),
        sa.Column("schedule_id", sa.Integer(), nullable=False),
        sa.Column("address", sa.String(length=200), nullable=False),
        sa.Column("left_at", MOMENT, nullable=True),
        sa.ForeignKeyConstraint(
            ["schedule_id"], ["schedules.id"], name=op.f("fk_schedule_receivers_schedule_id_schedules"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_schedule_receivers")),
        sa.UniqueConstraint("public", name=op.f("uq_schedule_receivers_public")),
        sa.UniqueConstraint("schedule_id", "address", name=op.f("uq_schedule_receivers_schedule_id_address")),
    )  # fmt: skip
    _sendings()
    if op.get_bind().dialect.name == "postgresql":
        op.execute("CREATE SCHEMA lantoa_open")
        for name, query in VIEWS.items():
            op.execute(f"CREATE VIEW lantoa_open.{name} AS {query}")


def _sendings() -> None:
    op.create_table(
        "sendings",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("public", sa.String(length=30), nullable=False),
        sa.Column("schedule_id", sa.Integer(), nullable=False),
        sa.Column("at", MOMENT, nullable=False),
        sa.Column("asked_by", sa.String(length=200), server_default="", nullable=False),
        sa.Column("state", _words("sending_state", "due", "made", "failed", "passed"), nullable=False),
        sa.Column("title", sa.String(length=300), server_default="", nullable=False),
        sa.Column("summary", sa.JSON(), nullable=False),
        sa.Column("page", sa.String(length=500), server_default="", nullable=False),
        sa.Column("made_at", MOMENT, nullable=True),
        sa.Column("last_error", sa.Text(), server_default="", nullable=False),
        *_due(),
        sa.ForeignKeyConstraint(["schedule_id"], ["schedules.id"], name=op.f("fk_sendings_schedule_id_schedules")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_sendings")),
        sa.UniqueConstraint("public", name=op.f("uq_sendings_public")),
        sa.UniqueConstraint("schedule_id", "at", name=op.f("uq_sendings_schedule_id_at")),
    )
    op.create_index("ix_sendings_due_at", "sendings", ["due_at"], sqlite_where=DUE, postgresql_where=DUE)
    op.create_table(
        "sent_files",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("public", sa.String(length=30), nullable=False),
        sa.Column("sending_id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("media_type", sa.String(length=100), nullable=False),
        sa.Column("length", sa.Integer(), nullable=False),
        sa.Column("key", sa.String(length=100), nullable=False),
        sa.ForeignKeyConstraint(
            ["sending_id"], ["sendings.id"], name=op.f("fk_sent_files_sending_id_sendings"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_sent_files")),
        sa.UniqueConstraint("public", name=op.f("uq_sent_files_public")),
    )
    op.create_index(op.f("ix_sent_files_sending_id"), "sent_files", ["sending_id"])
    op.create_table(
        "posts",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("public", sa.String(length=30), nullable=False),
        sa.Column("sending_id", sa.Integer(), nullable=False),
        sa.Column("receiver_id", sa.Integer(), nullable=True),
        sa.Column("address", sa.String(length=200), nullable=False),
        sa.Column("state", _words("post_state", "due", "sent", "unknown", "dead", "dropped"), nullable=False),
        sa.Column("begun", sa.Boolean(), server_default=sa.false(), nullable=False),
        sa.Column("sent_at", MOMENT, nullable=True),
        sa.Column("last_error", sa.Text(), server_default="", nullable=False),
        *_due(),
        sa.ForeignKeyConstraint(
            ["sending_id"], ["sendings.id"], name=op.f("fk_posts_sending_id_sendings"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["receiver_id"], ["schedule_receivers.id"], name=op.f("fk_posts_receiver_id_schedule_receivers"),
            ondelete="SET NULL",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_posts")),
        sa.UniqueConstraint("public", name=op.f("uq_posts_public")),
        sa.UniqueConstraint("sending_id", "address", name=op.f("uq_posts_sending_id_address")),
    )  # fmt: skip
    op.create_index("ix_posts_due_at", "posts", ["due_at"], sqlite_where=DUE, postgresql_where=DUE)
    op.create_index(op.f("ix_posts_receiver_id"), "posts", ["receiver_id"])
    op.create_index("ix_posts_unsent", "posts", ["state"], sqlite_where=UNSENT, postgresql_where=UNSENT)


def downgrade() -> None:
    if op.get_bind().dialect.name == "postgresql":
        op.execute("DROP SCHEMA lantoa_open CASCADE")
    for table in ("posts", "sent_files", "sendings", "schedule_receivers", "schedules", "saved_filters"):
        op.drop_table(table)
    with op.batch_alter_table("office") as batch:
        batch.drop_column("open_since")
