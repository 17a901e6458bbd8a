"""The checks of the classes of copies hold for the rows that were there before."""

from alembic import op

revision = "0009_checked_pictures"
down_revision = "0008_pictures"
branch_labels = None
depends_on = None

OUTSIDE_TRANSACTION = True
LOCKS = {
    "republications": "none that stops readers or writers",
    "evidence": "none that stops readers or writers",
}


def upgrade() -> None:
    """Check them beside writers."""
    if op.get_bind().dialect.name == "postgresql":
        op.execute("ALTER TABLE republications VALIDATE CONSTRAINT ck_republications_match")
        op.execute("ALTER TABLE evidence VALIDATE CONSTRAINT ck_evidence_evidence_match")


def downgrade() -> None:
    """Nothing: the checks stay."""
