"""Notices to partners with who has read them, and questions with their answers."""

import sqlalchemy as sa
from alembic import op

revision = "0017"
down_revision = "0016"
branch_labels = None
depends_on = None

MOMENT = sa.DateTime(timezone=True)
NOTICE_STATES = ("draft", "published", "withdrawn")
AUDIENCES = ("all", "chosen", "topic")
QUESTION_STATES = ("open", "answered", "closed")
ABOUT = ("general", "bulletin", "notice", "finding")


def one_of(values: tuple[str, ...], name: str) -> sa.Enum:
    """A text that is one of these, under a named check."""
    longest = max(len(one) for one in values)
    return sa.Enum(*values, name=name, native_enum=False, create_constraint=True, length=max(longest, 16))


def key_to(table: str, column: str, other: str, *, gone: str | None = None) -> sa.ForeignKeyConstraint:
    """A reference to another table's number."""
    return sa.ForeignKeyConstraint([column], [f"{other}.id"], name=op.f(f"fk_{table}_{column}_{other}"), ondelete=gone)


def upgrade() -> None:
    op.create_table(
        "notices",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("public", sa.String(length=30), nullable=False),
        sa.Column("form", sa.String(length=40), nullable=False),
        sa.Column("state", one_of(NOTICE_STATES, "notice_state"), nullable=False),
        sa.Column("audience", one_of(AUDIENCES, "audience"), nullable=False),
        sa.Column("topic_id", sa.Integer(), nullable=True),
        sa.Column("title", sa.String(length=300), nullable=False),
        sa.Column("body_html", sa.Text(), nullable=False),
        sa.Column("deadline", sa.Date(), nullable=True),
        sa.Column("must_confirm", sa.Boolean(), nullable=False),
        sa.Column("edition", sa.Integer(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("written_by", sa.String(length=200), nullable=False),
        sa.Column("written_by_name", sa.String(length=200), nullable=False),
        sa.Column("changed_at", MOMENT, nullable=False),
        sa.Column("published_at", MOMENT, nullable=True),
        sa.Column("edition_at", MOMENT, nullable=True),
        sa.Column("withdrawn_at", MOMENT, nullable=True),
        key_to("notices", "topic_id", "topics"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_notices")),
        sa.UniqueConstraint("public", name=op.f("uq_notices_public")),
        sa.UniqueConstraint("form", name=op.f("uq_notices_form")),
    )
    op.create_index("ix_notices_state_edition_at", "notices", ["state", "edition_at"])
    op.create_table(
        "notice_editions",
        sa.Column("notice_id", sa.Integer(), nullable=False),
        sa.Column("number", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("title", sa.String(length=300), nullable=False),
        sa.Column("body_html", sa.Text(), nullable=False),
        sa.Column("deadline", sa.Date(), nullable=True),
        sa.Column("must_confirm", sa.Boolean(), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("at", MOMENT, nullable=False),
        sa.Column("actor", sa.String(length=200), nullable=False),
        sa.Column("actor_name", sa.String(length=200), nullable=False),
        key_to("notice_editions", "notice_id", "notices"),
        sa.PrimaryKeyConstraint("notice_id", "number", name=op.f("pk_notice_editions")),
    )
    op.create_table(
        "notice_receivers",
        sa.Column("notice_id", sa.Integer(), nullable=False),
        sa.Column("company_id", sa.Integer(), nullable=False),
        key_to("notice_receivers", "notice_id", "notices", gone="CASCADE"),
        key_to("notice_receivers", "company_id", "companies"),
        sa.PrimaryKeyConstraint("notice_id", "company_id", name=op.f("pk_notice_receivers")),
    )
    op.create_index(op.f("ix_notice_receivers_company_id"), "notice_receivers", ["company_id"])
    op.create_table(
        "notice_readings",
        sa.Column("notice_id", sa.Integer(), nullable=False),
        sa.Column("company_id", sa.Integer(), nullable=False),
        sa.Column("edition", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("read_at", MOMENT, nullable=False),
        sa.Column("read_by", sa.String(length=200), nullable=False),
        sa.Column("read_by_name", sa.String(length=200), nullable=False),
        sa.Column("confirmed_at", MOMENT, nullable=True),
        sa.Column("confirmed_by", sa.String(length=200), nullable=True),
        sa.Column("confirmed_by_name", sa.String(length=200), nullable=True),
        key_to("notice_readings", "notice_id", "notices"),
        key_to("notice_readings", "company_id", "companies"),
        sa.PrimaryKeyConstraint("notice_id", "company_id", "edition", name=op.f("pk_notice_readings")),
    )
    op.create_index(op.f("ix_notice_readings_company_id"), "notice_readings", ["company_id"])
    _questions()


def _questions() -> None:
    op.create_table(
        "questions",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("public", sa.String(length=30), nullable=False),
        sa.Column("form", sa.String(length=40), nullable=False),
        sa.Column("company_id", sa.Integer(), nullable=False),
        sa.Column("state", one_of(QUESTION_STATES, "question_state"), nullable=False),
        sa.Column("about", one_of(ABOUT, "question_about"), nullable=False),
        sa.Column("bulletin_id", sa.Integer(), nullable=True),
        sa.Column("notice_id", sa.Integer(), nullable=True),
        sa.Column("republication_id", sa.Integer(), nullable=True),
        sa.Column("title", sa.String(length=200), nullable=False),
        sa.Column("asked_at", MOMENT, nullable=False),
        sa.Column("changed_at", MOMENT, nullable=False),
        sa.Column("waits_since", MOMENT, nullable=True),
        key_to("questions", "company_id", "companies"),
        key_to("questions", "bulletin_id", "bulletins"),
        key_to("questions", "notice_id", "notices"),
        key_to("questions", "republication_id", "republications"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_questions")),
        sa.UniqueConstraint("public", name=op.f("uq_questions_public")),
        sa.UniqueConstraint("form", name=op.f("uq_questions_form")),
    )
    op.create_index(op.f("ix_questions_company_id"), "questions", ["company_id"])
    op.create_index("ix_questions_state_waits_since", "questions", ["state", "waits_since"])
    op.create_table(
        "question_words",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("question_id", sa.Integer(), nullable=False),
        sa.Column("form", sa.String(length=40), nullable=False),
        sa.Column("ours", sa.Boolean(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("at", MOMENT, nullable=False),
        sa.Column("actor", sa.String(length=200), nullable=False),
        sa.Column("actor_name", sa.String(length=200), nullable=False),
        key_to("question_words", "question_id", "questions"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_question_words")),
        sa.UniqueConstraint("form", name=op.f("uq_question_words_form")),
    )
    op.create_index(op.f("ix_question_words_question_id"), "question_words", ["question_id"])
    op.create_table(
        "public_answers",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("public", sa.String(length=30), nullable=False),
        sa.Column("question_id", sa.Integer(), nullable=False),
        sa.Column("question", sa.Text(), nullable=False),
        sa.Column("answer", sa.Text(), nullable=False),
        sa.Column("search", sa.Text(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("published_at", MOMENT, nullable=False),
        sa.Column("changed_at", MOMENT, nullable=False),
        sa.Column("withdrawn_at", MOMENT, nullable=True),
        key_to("public_answers", "question_id", "questions"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_public_answers")),
        sa.UniqueConstraint("public", name=op.f("uq_public_answers_public")),
        sa.UniqueConstraint("question_id", name=op.f("uq_public_answers_question_id")),
    )


def downgrade() -> None:
    for table in (
        "public_answers", "question_words", "questions", "notice_readings", "notice_receivers", "notice_editions",
        "notices",
    ):  # fmt: skip
        op.drop_table(table)
