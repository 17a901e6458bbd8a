"""The lists of copies find what is asked of each in their indexes: how it names the source, what became of it. The sums
tell how many copies are proper; they are made anew after every migration.
"""

import sqlalchemy as sa
from alembic import op

revision = "0035"
down_revision = "0033"
branch_labels = None
depends_on = None

SUMS = ("tallies_by_topic", "tallies_by_site")
ASKED = ["id", "bulletin_id", "site_id", "attribution", "life"]


def upgrade() -> None:
    for table in SUMS:
        op.add_column(table, sa.Column("proper", sa.Integer, nullable=False, server_default="0"))
    op.drop_index("ix_republications_status_counted_on", "republications")
    op.create_index("ix_republications_status_counted_on", "republications", ["status", "counted_on", *ASKED])
    op.create_index("ix_republications_counted_on", "republications", ["counted_on", *ASKED])
    op.drop_index("ix_republications_status_first_seen_at", "republications")
    op.create_index("ix_republications_status_first_seen_at", "republications", ["status", "first_seen_at", *ASKED])
    op.drop_index("ix_republications_first_seen_at", "republications")
    op.create_index("ix_republications_first_seen_at", "republications", ["first_seen_at", *ASKED])


def downgrade() -> None:
    for table in SUMS:
        op.drop_column(table, "proper")
    op.drop_index("ix_republications_first_seen_at", "republications")
    op.create_index("ix_republications_first_seen_at", "republications", ["first_seen_at", *ASKED[:3]])
    op.drop_index("ix_republications_status_first_seen_at", "republications")
    op.create_index("ix_republications_status_first_seen_at", "republications", ["status", "first_seen_at", *ASKED[:3]])
    op.drop_index("ix_republications_counted_on", "republications")
    op.drop_index("ix_republications_status_counted_on", "republications")
    op.create_index("ix_republications_status_counted_on", "republications", ["status", "counted_on"])
