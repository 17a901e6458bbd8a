"""What a copy made of the last correction, by the last look and by a person."""

import sqlalchemy as sa
from alembic import op

revision = "0004_correction_state"
down_revision = "0003_browser_looks_index"
branch_labels = None
depends_on = None

LOCKS = {"republications": "read"}
STATES = "'followed', 'old', 'unclear', 'not_affected'"


def upgrade() -> None:
    """Add the columns; on SQLite a check stands with its column, without writing the table anew."""
    for name in ("correction_state", "correction_said"):
        op.execute(
            f"ALTER TABLE republications ADD COLUMN {name} VARCHAR(16) "
            f"CONSTRAINT ck_republications_{name} CHECK ({name} IN ({STATES}))"
        )
    op.add_column("republications", sa.Column("correction_why", sa.JSON(), nullable=False, server_default="[]"))


def downgrade() -> None:
    """Drop them; a later migration may have written the table anew, with the checks beside the columns."""
    with op.batch_alter_table("republications") as table:
        for name in ("correction_said", "correction_state"):
            table.drop_constraint(op.f(f"ck_republications_{name}"), type_="check")
            table.drop_column(name)
        table.drop_column("correction_why")
