"""On PostgreSQL the view of open data's days is read from the sums: nobody outside has to count a million copies."""

import importlib

from alembic import op

revision = "0037"
down_revision = "0036"
branch_labels = None
depends_on = None

# A bulletin is seen once it is out, and after its recall.
OUT = "b.released IS NOT NULL AND b.release_at <= now() AND b.changed_at <= now()"


def _figures(row: str, sign: str) -> str:
    """What a copy comes to in each column; ``row``: where its columns stand."""
    wanted = (
        f"{row}.status = 'confirmed'", f"{row}.status = 'review'", f"{row}.status = 'rejected'",
        f"{row}.status = 'confirmed' AND {row}.life = 'gone'",
        f"{row}.status = 'confirmed' AND {row}.attribution = 'linked_at_end'",
    )  # fmt: skip
    return ", ".join([sign, *(f"CASE WHEN {one} THEN {sign} ELSE 0 END" for one in wanted)])


# The sums of days (a span such as 20261124), the changes that are not added to them yet, and less the copies of
# bulletins that are not out.
DAILY = f"""
    SELECT told.day, t.code AS topic, CAST(sum(told.found) AS bigint) AS found,
           CAST(sum(told.confirmed) AS bigint) AS confirmed, CAST(sum(told.review) AS bigint) AS review,
           CAST(sum(told.rejected) AS bigint) AS rejected, CAST(sum(told.gone) AS bigint) AS gone,
           CAST(sum(told.attributed) AS bigint) AS attributed
    FROM (
        SELECT make_date(s.span / 10000, s.span / 100 % 100, s.span % 100) AS day, s.topic_id,
               s.found, s.confirmed, s.review, s.rejected, s.gone, s.names_linked_at_end AS attributed
        FROM public.tallies_by_topic s WHERE s.span % 100 <> 0
        UNION ALL
        SELECT c.day, c.topic_id, {_figures("c", "c.sign")} FROM public.tally_changes c WHERE c.kind = 'copy'
        UNION ALL
        SELECT p.counted_on, b.topic_id, {_figures("p", "-1")}
        FROM public.bulletins b JOIN public.republications p ON p.bulletin_id = b.id WHERE ({OUT}) IS NOT TRUE
    ) told
    JOIN public.topics t ON t.id = told.topic_id
    GROUP BY told.day, t.code HAVING sum(told.found) > 0"""  # noqa: S608  # our own names


def upgrade() -> None:
    if op.get_bind().dialect.name == "postgresql":
        op.execute(f"CREATE OR REPLACE VIEW lantoa_open.daily AS {DAILY}")  # who may read it still may


def downgrade() -> None:
    if op.get_bind().dialect.name == "postgresql":
        before = importlib.import_module("migrations.versions.m0032_reports_by_mail_and_open_data").VIEWS["daily"]
        op.execute(f"CREATE OR REPLACE VIEW lantoa_open.daily AS {before}")
