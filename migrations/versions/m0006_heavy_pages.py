"""A page that its reader could not take has a reason of its own."""

from alembic import op

revision = "0006_heavy_pages"
down_revision = "0005_people_of_keys"
branch_labels = None
depends_on = None

LOCKS = {"pages": "for the moment in which a check is replaced; on SQLite the table is written anew"}

REASONS = (
    "needs_script", "in_frame", "picture_only", "paywalled", "pdf_without_text", "pdf_refused", "not_text", "too_large",
    "cut", "robots", "elsewhere", "no_answer",
)  # fmt: skip


def upgrade() -> None:
    """Widen the check; on PostgreSQL the next migration checks the rows beside writers."""
    _replace((*REASONS, "too_heavy"))


def downgrade() -> None:
    """Narrow it again; such pages are called too large."""
    op.execute("UPDATE pages SET unreadable = 'too_large' WHERE unreadable = 'too_heavy'")
    _replace(REASONS)


def _replace(reasons: tuple[str, ...]) -> None:
    name = op.f("ck_pages_unreadable")
    check = f"unreadable IN ({', '.join(repr(reason) for reason in reasons)})"
    if op.get_bind().dialect.name == "postgresql":
        op.execute(f"ALTER TABLE pages DROP CONSTRAINT {name}, ADD CONSTRAINT {name} CHECK ({check}) NOT VALID")
        return
    with op.batch_alter_table("pages") as table:
        table.drop_constraint(name, type_="check")
        table.create_check_constraint(name, check)
