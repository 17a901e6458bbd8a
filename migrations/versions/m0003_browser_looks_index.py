"""The copies that no browser has looked at yet are found by an index."""

from alembic import op

revision = "0003_browser_looks_index"
down_revision = "0002_browser_looks"
branch_labels = None
depends_on = None

OUTSIDE_TRANSACTION = True
LOCKS = {"republications": "none that stops readers or writers"}

NAME = "ix_republications_browser_look"
INDEX = f"{NAME} ON republications (counted_on) WHERE browser_look IN ('needed', 'failed')"


def upgrade() -> None:
    if op.get_bind().dialect.name == "postgresql":
        op.execute("ALTER TABLE republications VALIDATE CONSTRAINT ck_republications_browser_look")
        op.execute(f"DROP INDEX CONCURRENTLY IF EXISTS {NAME}")
        op.execute(f"CREATE INDEX CONCURRENTLY {INDEX}")
    else:
        op.execute(f"CREATE INDEX {INDEX}")


def downgrade() -> None:
    op.execute(f"DROP INDEX {NAME}")
