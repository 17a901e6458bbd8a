"""Passkeys, tries that outlive a restart, and things that work once."""

import sqlalchemy as sa
from alembic import op

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None

MOMENT = sa.DateTime(timezone=True)


def upgrade() -> None:
    with op.batch_alter_table("people") as batch:
        batch.add_column(sa.Column("fs_webauthn_user_handle", sa.String(length=64), nullable=True))
        batch.create_unique_constraint(op.f("uq_people_fs_webauthn_user_handle"), ["fs_webauthn_user_handle"])
    with op.batch_alter_table("sign_ins") as batch:
        batch.drop_constraint(op.f("ck_sign_ins_sign_in_way"), type_="check")
        batch.create_check_constraint(
            op.f("ck_sign_ins_sign_in_way"), "way IN ('password', 'code', 'recovery', 'link', 'passkey', 'sso')"
        )
    op.create_table(
        "passkeys",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("public", sa.String(length=16), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(length=64), nullable=False),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.Column("credential_id", sa.LargeBinary(length=1023), nullable=False),
        sa.Column("public_key", sa.LargeBinary(), nullable=False),
        sa.Column("sign_count", sa.BigInteger(), nullable=False),
        sa.Column("transports", sa.JSON(), nullable=True),
        sa.Column("extensions", sa.Text(), nullable=True),
        sa.Column("backup_state", sa.Boolean(), nullable=False),
        sa.Column("device_type", sa.String(length=40), nullable=False),
        sa.Column("usage", sa.String(length=16), nullable=False),
        sa.Column("lastuse_datetime", MOMENT, nullable=False),
        sa.ForeignKeyConstraint(
            ["person_id"], ["people.id"], name=op.f("fk_passkeys_person_id_people"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_passkeys")),
        sa.UniqueConstraint("public", name=op.f("uq_passkeys_public")),
        sa.UniqueConstraint("credential_id", name=op.f("uq_passkeys_credential_id")),
        sa.UniqueConstraint("person_id", "name", name=op.f("uq_passkeys_person_id_name")),
    )
    op.create_table(
        "tries",
        sa.Column("mark", sa.String(length=64), nullable=False),
        sa.Column("free_at", MOMENT, nullable=False),
        sa.PrimaryKeyConstraint("mark", name=op.f("pk_tries")),
    )
    op.create_table(
        "spent",
        sa.Column("mark", sa.String(length=64), nullable=False),
        sa.Column("until", MOMENT, nullable=False),
        sa.PrimaryKeyConstraint("mark", name=op.f("pk_spent")),
    )


def downgrade() -> None:
    for table in ("spent", "tries", "passkeys"):
        op.drop_table(table)
    op.execute("DELETE FROM sign_ins WHERE way IN ('passkey', 'sso')")
    with op.batch_alter_table("sign_ins") as batch:
        batch.drop_constraint(op.f("ck_sign_ins_sign_in_way"), type_="check")
        batch.create_check_constraint(
            op.f("ck_sign_ins_sign_in_way"), "way IN ('password', 'code', 'recovery', 'link')"
        )
    with op.batch_alter_table("people") as batch:
        batch.drop_constraint(op.f("uq_people_fs_webauthn_user_handle"), type_="unique")
        batch.drop_column("fs_webauthn_user_handle")
