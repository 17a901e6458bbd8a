"""Whether a delivery in somebody's hands had begun to be sent, for channels that can neither be repeated nor asked."""

import sqlalchemy as sa
from alembic import op

revision = "0024"
down_revision = "0023"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("deliveries") as batch:
        batch.add_column(sa.Column("begun", sa.Boolean(), nullable=False, server_default=sa.false()))
    # What is in hand now may have begun under the program of before.
    op.execute(sa.text("UPDATE deliveries SET begun = TRUE WHERE lease_until IS NOT NULL"))


def downgrade() -> None:
    with op.batch_alter_table("deliveries") as batch:
        batch.drop_column("begun")
