"""Accounts of the city that people come in by, and rules for who may without having been invited."""

import sqlalchemy as sa
from alembic import op

revision = "0019"
down_revision = "0018"
branch_labels = None
depends_on = None

MOMENT = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.create_table(
        "identities",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("issuer", sa.String(length=300), nullable=False),
        sa.Column("subject", sa.String(length=255), nullable=False),
        sa.Column("linked_at", MOMENT, nullable=False),
        sa.ForeignKeyConstraint(
            ["person_id"], ["people.id"], name=op.f("fk_identities_person_id_people"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_identities")),
        sa.UniqueConstraint("issuer", "subject", name=op.f("uq_identities_issuer_subject")),
        sa.UniqueConstraint("person_id", "issuer", name=op.f("uq_identities_person_id_issuer")),
    )
    op.create_table(
        "role_rules",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("public", sa.String(length=16), nullable=False),
        sa.Column("claim", sa.String(length=80), nullable=False),
        sa.Column("value", sa.String(length=200), nullable=False),
        sa.Column(
            "role",
            sa.Enum(
                "writer", "approver", "analyst", "admin", name="rule_role", native_enum=False, create_constraint=True,
                length=16,
            ),
            nullable=False,
        ),
        sa.Column("made_by", sa.String(length=200), nullable=False),
        sa.Column("made_at", MOMENT, nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_role_rules")),
        sa.UniqueConstraint("public", name=op.f("uq_role_rules_public")),
        sa.UniqueConstraint("claim", "value", name=op.f("uq_role_rules_claim_value")),
    )  # fmt: skip


def downgrade() -> None:
    op.drop_table("role_rules")
    op.drop_table("identities")
