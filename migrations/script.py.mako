"""${message}."""

import sqlalchemy as sa
from alembic import op

revision = ${repr(up_revision)}
down_revision = ${repr(down_revision)}
branch_labels = None
depends_on = None
# Whether it changes rows that are counted: the sums are then computed anew. See CONTRIBUTING.md.
CHANGES_COUNTS = False
# Tables that it locks, each with how: "moment", "read" (built from all rows, writers wait), "rewritten" (everybody waits).
LOCKS: dict[str, str] = {}


def upgrade() -> None:
    ${upgrades if upgrades else "pass"}


def downgrade() -> None:
    ${downgrades if downgrades else "pass"}
