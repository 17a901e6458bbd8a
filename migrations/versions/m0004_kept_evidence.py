"""Evidence names the web archive of its fetch and cannot be changed or removed, whoever tries."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

_WORDS = "evidence is kept as it was: it can be added to, not changed or removed"


def upgrade() -> None:
    op.add_column("evidence", sa.Column("capture_key", sa.String(length=200), nullable=True))
    op.add_column("evidence", sa.Column("headers", sa.JSON(), nullable=True))
    op.add_column("evidence", sa.Column("rejudged_from", sa.Integer(), nullable=True))
    if op.get_bind().dialect.name == "postgresql":
        op.execute(
            f"CREATE FUNCTION evidence_is_kept() RETURNS trigger LANGUAGE plpgsql AS "
            f"$$ BEGIN RAISE EXCEPTION '{_WORDS}' USING ERRCODE = 'integrity_constraint_violation'; END $$"
        )
        op.execute(
            "CREATE TRIGGER evidence_is_kept BEFORE UPDATE OR DELETE ON evidence "
            "FOR EACH ROW EXECUTE FUNCTION evidence_is_kept()"
        )
        op.execute(
            "CREATE TRIGGER evidence_is_not_emptied BEFORE TRUNCATE ON evidence "
            "FOR EACH STATEMENT EXECUTE FUNCTION evidence_is_kept()"
        )
        return
    for what in ("UPDATE", "DELETE"):
        op.execute(
            f"CREATE TRIGGER evidence_no_{what.lower()} BEFORE {what} ON evidence "
            f"BEGIN SELECT RAISE(ABORT, '{_WORDS}'); END"
        )


def downgrade() -> None:
    if op.get_bind().dialect.name == "postgresql":
        op.execute("DROP TRIGGER evidence_is_not_emptied ON evidence")
        op.execute("DROP TRIGGER evidence_is_kept ON evidence")
        op.execute("DROP FUNCTION evidence_is_kept()")
    else:
        op.execute("DROP TRIGGER evidence_no_delete")
        op.execute("DROP TRIGGER evidence_no_update")
    for name in ("rejudged_from", "headers", "capture_key"):
        op.drop_column("evidence", name)
