"""Sums that the figures of every page are read from, and the changes that are yet to be added to them.

They are filled, and kept from then on, by the program that made this upgrade (``coordinator/schema.py``).
"""

import sqlalchemy as sa
from alembic import op

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None

COUNTS = (
    "found", "confirmed", "review", "rejected", "gone", "fetched", "matched", "names_linked_at_end",
    "names_linked_elsewhere", "names_home_page_only", "names_url_text_only", "names_named_only",
    "names_named_other_source", "names_none", "teasers",
)  # fmt: skip
PLACE = ("topic_id", "campaign_id")
TABLES = {
    "tallies_by_topic": (("span", *PLACE), COUNTS),
    "tallies_by_site": (("span", "site_id", *PLACE), COUNTS),
    "tallies_by_bulletin": (("span", "bulletin_id"), ("confirmed",)),
    "tallies_by_channel": (("span", "channel_id", *PLACE), ("arrived",)),
    "tallies_by_delay": (("span", "bin", *PLACE), ("confirmed",)),
    "tallies_by_second": (("waited", "span", *PLACE), ("confirmed",)),
}

# By name: the table, the columns before, the columns now.
INDEXES: dict[str, tuple[str, list[str], list[str]]] = {
    "ix_deliveries_state_reason": ("deliveries", [], ["state", "reason"]),
    "ix_republications_bulletin_id_status_life": ("republications", [], ["bulletin_id", "status", "life"]),
    "ix_bulletins_edited_at": ("bulletins", [], ["edited_at", "id"]),
    "ix_sightings_source_how": ("sightings", [], ["source", "how"]),
}
CHANGED: dict[str, tuple[str, list[str], list[str]]] = {
    "ix_republications_status_counted_on": (
        "republications",
        ["status", "counted_on", "bulletin_id", "site_id", "attribution", "life"],
        ["status", "counted_on"],
    ),
}


def upgrade() -> None:
    op.add_column("republications", sa.Column("was_read", sa.Boolean(), server_default=sa.false(), nullable=False))
    op.create_table(
        "arrivals",
        sa.Column("bulletin_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("channel_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("deliveries", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("bulletin_id", "channel_id", name=op.f("pk_arrivals")),
    )
    op.create_table(
        "tally_changes",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("sign", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(length=10), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("bulletin_id", sa.Integer(), nullable=False),
        sa.Column("site_id", sa.Integer(), nullable=True),
        sa.Column("channel_id", sa.Integer(), nullable=True),
        sa.Column("topic_id", sa.Integer(), nullable=False),
        sa.Column("campaign_id", sa.Integer(), nullable=False),
        sa.Column("status", sa.String(length=16), nullable=True),
        sa.Column("life", sa.String(length=16), nullable=True),
        sa.Column("attribution", sa.String(length=30), nullable=True),
        sa.Column("match", sa.String(length=16), nullable=True),
        sa.Column("was_read", sa.Boolean(), nullable=True),
        sa.Column("waited", sa.BigInteger(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_tally_changes")),
    )
    for name, (keys, figures) in TABLES.items():
        op.create_table(
            name,
            *(_number(key) for key in keys),
            *(_number(figure) for figure in figures),
            sa.PrimaryKeyConstraint(*keys, name=op.f(f"pk_{name}")),
            sqlite_with_rowid=False,
        )
    op.create_index("ix_tallies_by_site_site_id_span", "tallies_by_site", ["site_id", "span"])


    for name, (table, _, columns) in INDEXES.items():
        op.create_index(name, table, columns)
    for name, (table, _, columns) in CHANGED.items():
        op.drop_index(name, table)
        op.create_index(name, table, columns)
    op.drop_index("ix_deliveries_state", "deliveries")
    taken = sa.text("taken_from_id IS NOT NULL")
    op.create_index(
        "ix_republications_taken_from_id", "republications", ["taken_from_id"], sqlite_where=taken, postgresql_where=taken
    )


def _number(name: str) -> sa.Column[int]:
    kind = sa.BigInteger() if name == "waited" else sa.Integer()
    return sa.Column(name, kind, autoincrement=False, nullable=False)


def downgrade() -> None:
    op.drop_index("ix_republications_taken_from_id", "republications")
    op.create_index("ix_deliveries_state", "deliveries", ["state"])
    for name, (table, before, _) in CHANGED.items():
        op.drop_index(name, table)
        op.create_index(name, table, before)
    for name, (table, _, _) in INDEXES.items():
        op.drop_index(name, table)
    for name in (*TABLES, "tally_changes", "arrivals"):
        op.drop_table(name)
    op.drop_column("republications", "was_read")
