"""Letters that bring a partner's editor the way into the portal."""

from alembic import op

revision = "0023"
down_revision = "0022"
branch_labels = None
depends_on = None

BEFORE = "kind IN ('link', 'forgotten', 'notice')"
NOW = "kind IN ('link', 'editor', 'forgotten', 'notice')"


def upgrade() -> None:
    _kinds(NOW)


def downgrade() -> None:
    op.execute("DELETE FROM letters WHERE kind = 'editor'")
    _kinds(BEFORE)


def _kinds(known: str) -> None:
    with op.batch_alter_table("letters") as batch:
        batch.drop_constraint(op.f("ck_letters_letter_kind"), type_="check")
        batch.create_check_constraint(op.f("ck_letters_letter_kind"), known)
