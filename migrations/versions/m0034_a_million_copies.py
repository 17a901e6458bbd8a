"""The lists of copies find what is asked of each in their indexes: how it names the source, what became of it. The sums
tell how many copies are proper; they are made anew after every migration. A Word template says what it is of: until here
each was of the briefing.
"""

import sqlalchemy as sa
from alembic import op

revision = "0034"
down_revision = "0033"
branch_labels = None
depends_on = None

OF = sa.Enum(
    "briefing", "thanks", "reminder", name="template_of", native_enum=False, create_constraint=True, length=16
)
SUMS = ("tallies_by_topic", "tallies_by_site")
ASKED = ["id", "bulletin_id", "site_id", "attribution", "life"]


def upgrade() -> None:
    with op.batch_alter_table("briefing_templates") as batch:
        batch.add_column(sa.Column("of", OF, nullable=False, server_default="briefing"))
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
    op.execute(sa.text("DELETE FROM briefing_templates WHERE of <> 'briefing'"))
    with op.batch_alter_table("briefing_templates") as batch:
        batch.drop_constraint("template_of", type_="check")
        batch.drop_column("of")
    for table in SUMS:
        op.drop_column(table, "proper")
    op.drop_index("ix_republications_first_seen_at", "republications")
    op.create_index("ix_republications_first_seen_at", "republications", ["first_seen_at", *ASKED[:3]])
    op.drop_index("ix_republications_status_first_seen_at", "republications")
    op.create_index("ix_republications_status_first_seen_at", "republications", ["status", "first_seen_at", *ASKED[:3]])
    op.drop_index("ix_republications_counted_on", "republications")
    op.drop_index("ix_republications_status_counted_on", "republications")
    op.create_index("ix_republications_status_counted_on", "republications", ["status", "counted_on"])
