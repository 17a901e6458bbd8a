"""A key of a role belongs to a person: the one it was made for, else the member of staff who made it."""

import sqlalchemy as sa
from alembic import op

revision = "0005_people_of_keys"
down_revision = "0004_correction_state"
branch_labels = None
depends_on = None

LOCKS = {"keys": "for the moment in which a check is replaced; there are few rows"}

FORMER = "(kind = 'calendar') = (person_id IS NOT NULL)"
CHECK = "CASE WHEN kind = 'calendar' THEN person_id IS NOT NULL ELSE person_id IS NULL OR role IS NOT NULL END"


def upgrade() -> None:
    """Widen the check. Keys whose maker is no longer active belong to nobody, so that programs go on."""
    with op.batch_alter_table("keys") as table:
        table.drop_constraint(op.f("ck_keys_person_of_calendar"), type_="check")
        table.create_check_constraint(op.f("ck_keys_person_of_key"), CHECK)
    op.execute(
        sa.text(
            "UPDATE keys SET person_id = (SELECT people.id FROM people WHERE people.email = keys.made_by"
            " AND people.active) WHERE kind = 'access' AND role IS NOT NULL"
        )
    )


def downgrade() -> None:
    """Narrow it again; keys of roles lose their persons."""
    op.execute("UPDATE keys SET person_id = NULL WHERE kind = 'access'")
    with op.batch_alter_table("keys") as table:
        table.drop_constraint(op.f("ck_keys_person_of_key"), type_="check")
        table.create_check_constraint(op.f("ck_keys_person_of_calendar"), FORMER)
