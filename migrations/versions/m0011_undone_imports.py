"""Imports of the register and of cases keep what they wrote and what stood there before, so that they can be undone."""

import sqlalchemy as sa
from alembic import op

revision = "0011_undone_imports"
down_revision = "0010_media"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the columns, empty: imports of before keep nothing of it and cannot be undone."""
    op.add_column("import_runs", sa.Column("before", sa.JSON(none_as_null=True), nullable=True))
    op.add_column("licence_versions", sa.Column("came_by", sa.String(32), nullable=True))
    op.add_column("cases", sa.Column("came_by", sa.String(32), nullable=True))


def downgrade() -> None:
    """Drop them."""
    for table, column in (("cases", "came_by"), ("licence_versions", "came_by"), ("import_runs", "before")):
        op.drop_column(table, column)
