"""Second factors, sign-ins that can be ended one by one, and one-time links."""

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None

MOMENT = sa.DateTime(timezone=True)
WAYS = ("password", "code", "recovery", "link")
WHYS = ("left", "revoked", "changed", "idle", "long")
PURPOSES = ("invitation", "password")


def one_of(values: tuple[str, ...], name: str) -> sa.Enum:
    """A text that is one of these, under a named check."""
    longest = max(len(one) for one in values)
    return sa.Enum(*values, name=name, native_enum=False, create_constraint=True, length=max(longest, 16))


def upgrade() -> None:
    with op.batch_alter_table("people") as batch:
        batch.add_column(sa.Column("tf_primary_method", sa.String(length=20), nullable=True))
        batch.add_column(sa.Column("tf_totp_secret", sa.Text(), nullable=True))
        batch.add_column(sa.Column("tf_last_counter", sa.BigInteger(), nullable=True))
        batch.add_column(sa.Column("mf_recovery_codes", sa.JSON(), nullable=True))
    op.create_table(
        "sign_ins",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("public", sa.String(length=16), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("mark", sa.String(length=64), nullable=False),
        sa.Column("way", one_of(WAYS, "sign_in_way"), nullable=False),
        sa.Column("device", sa.String(length=80), nullable=False),
        sa.Column("began_at", MOMENT, nullable=False),
        sa.Column("seen_at", MOMENT, nullable=False),
        sa.Column("ended_at", MOMENT, nullable=True),
        sa.Column("ended_why", one_of(WHYS, "sign_in_ended_why"), nullable=True),
        sa.ForeignKeyConstraint(
            ["person_id"], ["people.id"], name=op.f("fk_sign_ins_person_id_people"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_sign_ins")),
        sa.UniqueConstraint("public", name=op.f("uq_sign_ins_public")),
        sa.UniqueConstraint("mark", name=op.f("uq_sign_ins_mark")),
    )
    op.create_index(op.f("ix_sign_ins_person_id"), "sign_ins", ["person_id"])
    op.create_table(
        "invitations",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("public", sa.String(length=16), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("purpose", one_of(PURPOSES, "purpose"), nullable=False),
        sa.Column("mark", sa.String(length=64), nullable=False),
        sa.Column("made_by", sa.String(length=200), nullable=False),
        sa.Column("made_at", MOMENT, nullable=False),
        sa.Column("expires_at", MOMENT, nullable=False),
        sa.Column("used_at", MOMENT, nullable=True),
        sa.Column("revoked_at", MOMENT, nullable=True),
        sa.ForeignKeyConstraint(
            ["person_id"], ["people.id"], name=op.f("fk_invitations_person_id_people"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_invitations")),
        sa.UniqueConstraint("public", name=op.f("uq_invitations_public")),
        sa.UniqueConstraint("mark", name=op.f("uq_invitations_mark")),
    )
    op.create_index(op.f("ix_invitations_person_id"), "invitations", ["person_id"])


def downgrade() -> None:
    op.drop_table("invitations")
    op.drop_table("sign_ins")
    with op.batch_alter_table("people") as batch:
        for name in ("mf_recovery_codes", "tf_last_counter", "tf_totp_secret", "tf_primary_method"):
            batch.drop_column(name)
