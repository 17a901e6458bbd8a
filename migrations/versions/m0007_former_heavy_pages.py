"""Pages that were called too large because their reader could not take them have their reason, and are due again."""

from alembic import op

revision = "0007_former_heavy_pages"
down_revision = "0006_heavy_pages"
branch_labels = None
depends_on = None

OUTSIDE_TRANSACTION = True
LOCKS = {"pages": "none that stops readers or writers"}


def upgrade() -> None:
    """Few rows: the reason was given for a short time, and is found by an index."""
    if op.get_bind().dialect.name == "postgresql":
        op.execute("ALTER TABLE pages VALIDATE CONSTRAINT ck_pages_unreadable")
    op.execute(
        "UPDATE pages SET unreadable = 'too_heavy', due_at = checked_at"
        " WHERE unreadable = 'too_large' AND due_at IS NULL AND"
        " (error LIKE 'reading the page takes too much %' OR error LIKE 'the program that reads such pages %')"
    )


def downgrade() -> None:
    """Nothing: they stay due."""
