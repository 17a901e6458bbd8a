"""What the menu of every page counts, and what a campaign's bulletins are found by."""

import sqlalchemy as sa
from alembic import op

revision = "0033"
down_revision = "0032"
branch_labels = None
depends_on = None

TOLD = sa.text("how != 'discovered'")
BY_HAND = sa.text("state = 'due' AND due_at IS NULL")


def upgrade() -> None:
    op.create_index(
        "ix_deliveries_by_hand",
        "deliveries",
        ["channel_id", "bulletin_id"],
        sqlite_where=BY_HAND,
        postgresql_where=BY_HAND,
    )
    op.create_index("ix_bulletins_filed", "bulletins", ["campaign_id", "topic_id"])
    op.drop_index("ix_bulletins_released_on", "bulletins")
    op.create_index("ix_bulletins_released_on", "bulletins", ["released_on", "state", "campaign_id", "topic_id"])
    op.create_index(
        "ix_sightings_told",
        "sightings",
        ["page_id", "bulletin_id", "how"],
        sqlite_where=TOLD,
        postgresql_where=TOLD,
    )


def downgrade() -> None:
    op.drop_index("ix_sightings_told", "sightings")
    op.drop_index("ix_bulletins_released_on", "bulletins")
    op.create_index("ix_bulletins_released_on", "bulletins", ["released_on"])
    op.drop_index("ix_bulletins_filed", "bulletins")
    op.drop_index("ix_deliveries_by_hand", "deliveries")
