"""Copies keep whether a browser has looked at them as a reader sees them, and what the look showed."""

import sqlalchemy as sa
from alembic import op

revision = "0002_browser_looks"
down_revision = "0001_first_tables"
branch_labels = None
depends_on = None

LOCKS = {"republications": "for the moment in which columns with a constant default are added"}

CHECK = "browser_look IN ('not_needed', 'needed', 'seen', 'partly_seen', 'differs', 'failed')"


def upgrade() -> None:
    name = op.f("ck_republications_browser_look")
    column = "ALTER TABLE republications ADD COLUMN browser_look VARCHAR(16) DEFAULT 'not_needed' NOT NULL"
    if op.get_bind().dialect.name == "postgresql":
        op.execute(column)
        # The rows there are get the default; the next migration checks them beside writers.
        op.execute(f"ALTER TABLE republications ADD CONSTRAINT {name} CHECK ({CHECK}) NOT VALID")
    else:
        op.execute(f"{column} CONSTRAINT {name} CHECK ({CHECK})")
    op.add_column("republications", sa.Column("looked_at", sa.DateTime(timezone=True), nullable=True))
    op.add_column("republications", sa.Column("look_note", sa.Text(), server_default="", nullable=False))


def downgrade() -> None:
    for name in ("look_note", "looked_at"):
        op.drop_column("republications", name)
    # With its check, which SQLite refuses to leave behind.
    with op.batch_alter_table("republications") as table:
        table.drop_constraint(op.f("ck_republications_browser_look"), type_="check")
        table.drop_column("browser_look")
