"""Decisions on copies that can be taken back, and what partners answer to what was found on theirs.

A copy knows what a person said of its source where no machine saw one, and whether its page holds our counter image.
"""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None

MOMENT = sa.DateTime(timezone=True)
STATUSES = ("candidate", "review", "confirmed", "rejected")
ATTRIBUTIONS = (
    "linked_at_end", "linked_elsewhere", "home_page_only", "url_text_only", "named_only", "named_other_source", "none",
)  # fmt: skip
ANSWERS = ("mended", "disagree", "note")


def one_of(values: tuple[str, ...], name: str) -> sa.Enum:
    """A text that is one of these, under a named check."""
    longest = max(len(one) for one in values)
    return sa.Enum(*values, name=name, native_enum=False, create_constraint=True, length=max(longest, 16))


def upgrade() -> None:
    with op.batch_alter_table("republications") as batch:
        batch.add_column(sa.Column("attribution_said", one_of(ATTRIBUTIONS, "attribution_said"), nullable=True))
        batch.add_column(sa.Column("counter_image", sa.Boolean(), nullable=True))
    op.create_table(
        "answers",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("public", sa.String(length=30), nullable=False),
        sa.Column("republication_id", sa.Integer(), nullable=False),
        sa.Column("at", MOMENT, nullable=False),
        sa.Column("actor", sa.String(length=200), nullable=False),
        sa.Column("actor_name", sa.String(length=200), nullable=False),
        sa.Column("answer", one_of(ANSWERS, "answer"), nullable=False),
        sa.Column("finding", sa.String(length=40), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("settled_at", MOMENT, nullable=True),
        sa.Column("settled_by", sa.String(length=200), nullable=True),
        sa.Column("settled_with", sa.String(length=30), nullable=True),
        sa.ForeignKeyConstraint(
            ["republication_id"], ["republications.id"], name=op.f("fk_answers_republication_id_republications")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_answers")),
        sa.UniqueConstraint("public", name=op.f("uq_answers_public")),
    )
    op.create_index("ix_answers_settled_at_answer", "answers", ["settled_at", "answer"])
    op.create_index(op.f("ix_answers_republication_id"), "answers", ["republication_id"])
    op.create_index(op.f("ix_answers_settled_with"), "answers", ["settled_with"])
    op.create_table(
        "decisions",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("public", sa.String(length=30), nullable=False),
        sa.Column("republication_id", sa.Integer(), nullable=False),
        sa.Column("at", MOMENT, nullable=False),
        sa.Column("actor", sa.String(length=200), nullable=False),
        sa.Column("actor_name", sa.String(length=200), nullable=False),
        sa.Column("outcome", one_of(STATUSES, "decision_outcome"), nullable=False),
        sa.Column("reason", sa.String(length=40), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("attribution", one_of(ATTRIBUTIONS, "decision_attribution"), nullable=True),
        sa.Column("batch", sa.String(length=30), nullable=True),
        sa.Column("was_status", one_of(STATUSES, "decision_was_status"), nullable=False),
        sa.Column("was_said", one_of(ATTRIBUTIONS, "decision_was_said"), nullable=True),
        sa.Column("was_decided_by", sa.String(length=200), nullable=True),
        sa.Column("was_decided_at", MOMENT, nullable=True),
        sa.Column("was_note", sa.Text(), nullable=False),
        sa.Column("was_confirmed_at", MOMENT, nullable=True),
        sa.Column("undone_at", MOMENT, nullable=True),
        sa.Column("undone_by", sa.String(length=200), nullable=True),
        sa.ForeignKeyConstraint(
            ["republication_id"], ["republications.id"], name=op.f("fk_decisions_republication_id_republications")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_decisions")),
        sa.UniqueConstraint("public", name=op.f("uq_decisions_public")),
    )
    op.create_index("ix_decisions_actor_at", "decisions", ["actor", "at"])
    op.create_index(op.f("ix_decisions_republication_id"), "decisions", ["republication_id"])


def downgrade() -> None:
    op.drop_table("decisions")
    op.drop_table("answers")
    with op.batch_alter_table("republications") as batch:
        batch.drop_constraint(op.f("ck_republications_attribution_said"), type_="check")
        batch.drop_column("counter_image")
        batch.drop_column("attribution_said")
