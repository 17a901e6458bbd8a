"""All tables, indexes, triggers and views, and the first topics and rules.

``coordinator/schema.py`` installs the triggers that note changes of sums. This migration does not create them.
"""

import datetime as dt
from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0001_first_tables"
down_revision = None
branch_labels = None
depends_on = None

MOMENT = sa.DateTime(timezone=True)
# SQLite generates keys only for a column of the type INTEGER.
BIG_KEY = sa.BigInteger().with_variant(sa.Integer(), "sqlite")

# Values that several columns share.
ROLES = ("writer", "approver", "analyst", "admin")
KINDS_OF_SITE = ("aggregator", "social")
STATUSES = ("candidate", "review", "confirmed", "rejected", "duplicate")
MATCHES = ("full", "partial", "excerpt", "teaser", "none")
ATTRIBUTIONS = (
    "linked_at_end", "linked_elsewhere", "home_page_only", "url_text_only", "named_only", "named_other_source", "none",
    "not_seen",
)  # fmt: skip

# The tables in the order of their creation: foreign keys point to the same table or to an earlier one.
TABLES = (
    "journal", "journal_head", "leader_leases", "incidents", "given_up_work",
    "office", "office_names", "signers", "personal_mails", "alarms",
    "people", "account_messages", "push_keys", "push_subscriptions", "push_messages", "external_identities", "role_rules", "passkeys", "attempt_counters", "used_tokens",
    "companies", "not_duplicates", "licences", "licence_versions", "agreements", "agreement_scans", "sites", "editors",
    "one_time_links", "sessions",
    "import_runs", "import_file_chunks", "import_bad_rows",
    "keys", "idempotency_keys",
    "topics", "campaigns", "campaign_topics", "targets", "milestones",
    "bulletin_templates", "bulletin_template_versions",
    "bulletins", "revisions", "approvals", "bulletin_comments", "urgent_releases", "pictures", "picture_uses", "working_copies",
    "release_hours", "series", "series_rules", "series_days",
    "channels", "release_slots", "account_checks", "platform_events",
    "deliveries", "attempts", "engagement_checks", "engagement_readings", "broadcasts", "feed_fetches",
    "websub_subscriptions",
    "sources", "surveys", "missing_page_probes", "host_locks", "pages", "sightings", "page_reports", "webmentions",
    "webmention_blocks",
    "template_pages",
    "bulletin_hashes", "indexed_revisions", "pending_pages", "pending_comparisons",
    "republications", "evidence", "evidence_uploads", "decisions", "partner_answers", "social_posts", "teasers",
    "view_batches", "recent_views", "view_salts", "network_views", "view_days",
    "compliance_rules", "evidence_sweep", "inspections", "page_snapshots", "findings", "finding_steps", "cases", "case_decisions",
    "case_files",
    "notices", "notice_editions", "notice_receivers", "notice_addressees", "notice_read_receipts", "questions", "question_messages",
    "public_answers", "task_decisions",
    "arrivals", "tally_changes", "tally_history",
    "daily_tallies", "stale_sums", "count_progress", "kept_counts", "retention_progress", "backups",
    "reported_copies", "reported_totals",
    "word_templates", "briefings", "briefing_versions",
    "saved_filters", "schedules", "schedule_receivers", "report_runs", "report_files", "report_mails",
)  # fmt: skip


def upgrade() -> None:
    _journal()
    _office()
    _staff()
    _partners()
    _imports()
    _keys()
    _plans()
    _bulletins()
    _calendar()
    _channels()
    _deliveries()
    _pages()
    _fingerprints()
    _copies()
    _views()
    _compliance()
    _talking()
    _sums()
    _history()
    _briefings()
    _mail()
    _search()
    _open_data()


def downgrade() -> None:
    if on_postgresql():
        op.execute("DROP SCHEMA lantoa_open CASCADE")
    if not on_postgresql():
        op.execute("DROP TABLE search_index")
    op.execute("DROP TABLE search_documents")
    for table in reversed(TABLES):
        op.drop_table(table)  # drops its indexes and triggers too
    if on_postgresql():
        op.execute("DROP FUNCTION briefing_versions_are_kept()")
        op.execute("DROP FUNCTION evidence_is_kept()")


def one_of(name: str, *values: str) -> sa.Enum:
    """A text column with a check constraint that allows only these values."""
    return sa.Enum(*values, name=name, native_enum=False, create_constraint=True, length=max(16, *map(len, values)))


def partial_index(
    name: str, table: str, columns: list[str], where: str, *, on_sqlite: str | None = None, unique: bool = False
) -> None:
    """An index of the rows that meet a condition. ``on_sqlite``: the condition in SQLite's wording, if it differs."""
    op.create_index(
        name,
        table,
        columns,
        unique=unique,
        sqlite_where=sa.text(on_sqlite or where),
        postgresql_where=sa.text(where),
    )


def on_postgresql() -> bool:
    """Whether this is PostgreSQL; otherwise it is SQLite."""
    return op.get_bind().dialect.name == "postgresql"


def _journal() -> None:
    """The journal, leases of background processes, ongoing problems."""
    op.create_table(
        "journal",
        sa.Column("seq", BIG_KEY, nullable=False),
        sa.Column("at", MOMENT, nullable=False),
        sa.Column("actor", sa.String(200), nullable=False),
        sa.Column("act", sa.String(60), nullable=False),
        sa.Column("subject_kind", sa.String(40), nullable=False),
        sa.Column("subject", sa.String(200), nullable=False),
        sa.Column("details", sa.Text(), nullable=False),
        sa.Column("previous", sa.String(64), nullable=False),
        sa.Column("hash", sa.String(64), nullable=False),
        sa.Column("seal", sa.String(100), nullable=False),
        sa.PrimaryKeyConstraint("seq", name=op.f("pk_journal")),
    )
    op.create_index("ix_journal_subject", "journal", ["subject_kind", "subject"])
    op.create_table(
        "journal_head",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("seq", sa.BigInteger(), nullable=False),
        sa.Column("hash", sa.String(64), nullable=False),
        sa.Column("seal", sa.String(100), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_journal_head")),
    )
    op.create_table(
        "leader_leases",
        sa.Column("name", sa.String(40), nullable=False),
        sa.Column("holder", sa.String(80), nullable=False),
        sa.Column("until", MOMENT, nullable=False),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_leader_leases")),
    )
    op.create_table(
        "incidents",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("code", sa.String(40), nullable=False),
        sa.Column("subject", sa.String(60), nullable=False),
        sa.Column("details", sa.JSON(), nullable=False),
        sa.Column("raised_at", MOMENT, nullable=False),
        sa.Column("cleared_at", MOMENT, nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_incidents")),
    )
    partial_index("uq_incidents_ongoing", "incidents", ["code", "subject"], "cleared_at IS NULL", unique=True)
    op.create_table(
        "given_up_work",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("work", sa.String(60), nullable=False),
        sa.Column("row_id", sa.Integer(), nullable=False),
        sa.Column("subject", sa.String(500), nullable=False),
        sa.Column("lost", sa.Integer(), nullable=False),
        sa.Column("at", MOMENT, nullable=False),
        sa.Column("left_at", MOMENT, nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_given_up_work")),
        sa.UniqueConstraint("work", "row_id", name=op.f("uq_given_up_work_work_row_id")),
    )


def _office() -> None:
    """The office: its names and signers, letters and alarms."""
    op.create_table(
        "office",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(300), nullable=False),
        sa.Column("parent", sa.String(300), nullable=False),
        sa.Column("place", sa.String(120), nullable=False),
        sa.Column("source_names", sa.JSON(), nullable=False),
        sa.Column("not_us", sa.JSON(), nullable=False),
        sa.Column("spellings", sa.JSON(), nullable=False),
        sa.Column("recipients", sa.JSON(), nullable=False),
        sa.Column("address", sa.String(300), nullable=False),
        sa.Column("phone", sa.String(60), nullable=False),
        sa.Column("email", sa.String(200), nullable=False),
        sa.Column("responsible", sa.String(200), nullable=False),
        sa.Column("guide_hidden_at", MOMENT, nullable=True),
        sa.Column("open_since", MOMENT, nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_office")),
    )
    op.create_table(
        "office_names",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("public", sa.String(30), nullable=False),
        sa.Column("kind", one_of("kind", "department", "issuer"), nullable=False),
        sa.Column("name", sa.String(300), nullable=False),
        sa.Column("parent", sa.String(300), nullable=False),
        sa.Column("place", sa.String(120), nullable=False),
        sa.Column("symbol", sa.String(40), nullable=False),
        sa.Column("since", sa.Date(), nullable=False),
        sa.Column("until", sa.Date(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_office_names")),
        sa.UniqueConstraint("public", name=op.f("uq_office_names_public")),
    )
    op.create_table(
        "signers",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("public", sa.String(30), nullable=False),
        sa.Column("authority", sa.Text(), nullable=False),
        sa.Column("name", sa.String(120), nullable=False),
        sa.Column("since", sa.Date(), nullable=False),
        sa.Column("until", sa.Date(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_signers")),
        sa.UniqueConstraint("public", name=op.f("uq_signers_public")),
    )
    op.create_table(
        "personal_mails",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column(
            "kind", one_of("mail_kind", "link", "editor", "forgotten", "alarm", "finding", "notice"), nullable=False
        ),
        sa.Column("address", sa.String(200), nullable=False),
        sa.Column("asked_by", sa.String(200), nullable=False),
        sa.Column("what", sa.String(40), nullable=False),
        sa.Column("more", sa.String(120), nullable=False),
        sa.Column("asked_at", MOMENT, nullable=False),
        sa.Column("sent_at", MOMENT, nullable=True),
        sa.Column("last_error", sa.Text(), server_default="", nullable=False),
        sa.Column("due_at", MOMENT, nullable=True),
        sa.Column("lease_until", MOMENT, nullable=True),
        sa.Column("fence", sa.Integer(), server_default="0", nullable=False),
        sa.Column("attempt", sa.Integer(), server_default="0", nullable=False),
        sa.Column("lost", sa.Integer(), server_default="0", nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_personal_mails")),
    )
    op.create_index("ix_personal_mails_address", "personal_mails", ["address"])
    partial_index("ix_personal_mails_due_at", "personal_mails", ["due_at"], "due_at IS NOT NULL")
    op.create_table(
        "alarms",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("public", sa.String(30), nullable=False),
        sa.Column("what", sa.String(40), nullable=False),
        sa.Column("subject", sa.String(60), nullable=False),
        sa.Column("name", sa.String(200), nullable=False),
        sa.Column("since", MOMENT, nullable=False),
        sa.Column("details", sa.JSON(), nullable=False),
        sa.Column("at", MOMENT, nullable=False),
        sa.Column("told_at", MOMENT, nullable=True),
        sa.Column("last_error", sa.Text(), server_default="", nullable=False),
        sa.Column("due_at", MOMENT, nullable=True),
        sa.Column("lease_until", MOMENT, nullable=True),
        sa.Column("fence", sa.Integer(), server_default="0", nullable=False),
        sa.Column("attempt", sa.Integer(), server_default="0", nullable=False),
        sa.Column("lost", sa.Integer(), server_default="0", nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_alarms")),
        sa.UniqueConstraint("public", name=op.f("uq_alarms_public")),
    )
    partial_index("ix_alarms_due_at", "alarms", ["due_at"], "due_at IS NOT NULL")


def _staff() -> None:
    """The staff: accounts, passkeys, limits of tries."""
    op.create_table(
        "people",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("email", sa.String(200), nullable=False),
        sa.Column("name", sa.String(120), nullable=False),
        sa.Column("role", one_of("role", *ROLES), nullable=False),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.Column("locale", sa.String(5), nullable=True),
        sa.Column("theme", sa.String(5), nullable=True),
        sa.Column("mail_to_approve", sa.Boolean(), server_default=sa.true(), nullable=False),
        sa.Column("mail_returned", sa.Boolean(), server_default=sa.true(), nullable=False),
        sa.Column("mail_tasks", sa.Boolean(), server_default=sa.false(), nullable=False),
        sa.Column("push_to_approve", sa.Boolean(), server_default=sa.true(), nullable=False),
        sa.Column("push_returned", sa.Boolean(), server_default=sa.true(), nullable=False),
        sa.Column("push_tasks", sa.Boolean(), server_default=sa.true(), nullable=False),
        sa.Column("password", sa.String(255), nullable=True),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.Column("fs_uniquifier", sa.String(64), nullable=False),
        sa.Column("unconfirmed_since", MOMENT, nullable=True),
        sa.Column("unconfirmed_by", sa.String(200), nullable=True),
        sa.Column("unconfirmed_why", one_of("unconfirmed_why", "role", "link", "factor", "unlinked"), nullable=True),
        sa.Column("confirmed_by", sa.String(200), nullable=True),
        sa.Column("in_hands_of", sa.JSON(), nullable=False),
        sa.Column("was_in_hands_of", sa.JSON(), nullable=False),
        sa.Column("tf_primary_method", sa.String(20), nullable=True),
        sa.Column("tf_totp_secret", sa.Text(), nullable=True),
        sa.Column("tf_last_counter", sa.BigInteger(), nullable=True),
        sa.Column("mf_recovery_codes", sa.JSON(), nullable=True),
        sa.Column("fs_webauthn_user_handle", sa.String(64), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_people")),
        sa.UniqueConstraint("email", name=op.f("uq_people_email")),
        sa.UniqueConstraint("fs_uniquifier", name=op.f("uq_people_fs_uniquifier")),
        sa.UniqueConstraint("fs_webauthn_user_handle", name=op.f("uq_people_fs_webauthn_user_handle")),
    )
    op.create_table(
        "account_messages",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("public", sa.String(32), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column(
            "what",
            one_of(
                "account_event", "role_asked", "role_confirmed", "role_refused", "link_made", "link_used",
                "factor_reset", "unlinked", "key_asked", "key_confirmed", "to_approve", "returned",
                "commented",
            ),
            nullable=False,
        ),
        sa.Column("by", sa.String(200), nullable=False),
        sa.Column("more", sa.String(120), nullable=False),
        sa.Column("at", MOMENT, nullable=False),
        sa.Column("read_at", MOMENT, nullable=True),
        sa.ForeignKeyConstraint(
            ["person_id"], ["people.id"], name=op.f("fk_account_messages_person_id_people"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_account_messages")),
        sa.UniqueConstraint("public", name=op.f("uq_account_messages_public")),
    )  # fmt: skip
    op.create_index("ix_account_messages_person_id", "account_messages", ["person_id"])
    op.create_table(
        "push_keys",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("public", sa.String(100), nullable=False),
        sa.Column("encrypted_private", sa.Text(), nullable=False),
        sa.Column("made_at", MOMENT, nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_push_keys")),
        sa.UniqueConstraint("public", name=op.f("uq_push_keys_public")),
    )
    op.create_table(
        "push_subscriptions",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("public", sa.String(32), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("endpoint_hash", sa.String(64), nullable=False),
        sa.Column("host", sa.String(255), nullable=False),
        sa.Column("encrypted_target", sa.Text(), nullable=False),
        sa.Column("device", sa.String(80), nullable=False),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.Column("last_success_at", MOMENT, nullable=True),
        sa.Column("last_error", sa.String(300), server_default="", nullable=False),
        sa.ForeignKeyConstraint(
            ["person_id"], ["people.id"], name=op.f("fk_push_subscriptions_person_id_people"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_push_subscriptions")),
        sa.UniqueConstraint("public", name=op.f("uq_push_subscriptions_public")),
        sa.UniqueConstraint("endpoint_hash", name=op.f("uq_push_subscriptions_endpoint_hash")),
    )
    op.create_index("ix_push_subscriptions_person_id", "push_subscriptions", ["person_id"])
    op.create_table(
        "push_messages",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("subscription_id", sa.Integer(), nullable=False),
        sa.Column("what", sa.String(40), nullable=False),
        sa.Column("more", sa.String(120), nullable=False),
        sa.Column("by", sa.String(200), nullable=False),
        sa.Column("asked_at", MOMENT, nullable=False),
        sa.Column("sent_at", MOMENT, nullable=True),
        sa.Column("last_error", sa.Text(), server_default="", nullable=False),
        sa.Column("due_at", MOMENT, nullable=True),
        sa.Column("lease_until", MOMENT, nullable=True),
        sa.Column("fence", sa.Integer(), server_default="0", nullable=False),
        sa.Column("attempt", sa.Integer(), server_default="0", nullable=False),
        sa.Column("lost", sa.Integer(), server_default="0", nullable=False),
        sa.ForeignKeyConstraint(
            ["subscription_id"], ["push_subscriptions.id"],
            name=op.f("fk_push_messages_subscription_id_push_subscriptions"), ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_push_messages")),
    )  # fmt: skip
    op.create_index("ix_push_messages_subscription_id", "push_messages", ["subscription_id"])
    partial_index("ix_push_messages_due_at", "push_messages", ["due_at"], "due_at IS NOT NULL")
    op.create_table(
        "external_identities",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("issuer", sa.String(300), nullable=False),
        sa.Column("subject", sa.String(255), nullable=False),
        sa.Column("linked_at", MOMENT, nullable=False),
        sa.ForeignKeyConstraint(
            ["person_id"], ["people.id"], name=op.f("fk_external_identities_person_id_people"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_external_identities")),
        sa.UniqueConstraint("issuer", "subject", name=op.f("uq_external_identities_issuer_subject")),
        sa.UniqueConstraint("person_id", "issuer", name=op.f("uq_external_identities_person_id_issuer")),
    )
    op.create_table(
        "role_rules",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("public", sa.String(16), nullable=False),
        sa.Column("claim", sa.String(80), nullable=False),
        sa.Column("value", sa.String(200), nullable=False),
        sa.Column("role", one_of("rule_role", *ROLES), nullable=False),
        sa.Column("made_by", sa.String(200), nullable=False),
        sa.Column("made_at", MOMENT, nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_role_rules")),
        sa.UniqueConstraint("claim", "value", name=op.f("uq_role_rules_claim_value")),
        sa.UniqueConstraint("public", name=op.f("uq_role_rules_public")),
    )
    op.create_table(
        "passkeys",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("public", sa.String(16), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(64), nullable=False),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.Column("credential_id", sa.LargeBinary(1023), nullable=False),
        sa.Column("public_key", sa.LargeBinary(), nullable=False),
        sa.Column("sign_count", sa.BigInteger(), nullable=False),
        sa.Column("transports", sa.JSON(), nullable=True),
        sa.Column("extensions", sa.Text(), nullable=True),
        sa.Column("backup_state", sa.Boolean(), nullable=False),
        sa.Column("device_type", sa.String(40), nullable=False),
        sa.Column("usage", sa.String(16), nullable=False),
        sa.Column("lastuse_datetime", MOMENT, nullable=False),
        sa.ForeignKeyConstraint(
            ["person_id"], ["people.id"], name=op.f("fk_passkeys_person_id_people"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_passkeys")),
        sa.UniqueConstraint("credential_id", name=op.f("uq_passkeys_credential_id")),
        sa.UniqueConstraint("person_id", "name", name=op.f("uq_passkeys_person_id_name")),
        sa.UniqueConstraint("public", name=op.f("uq_passkeys_public")),
    )
    op.create_table(
        "attempt_counters",
        sa.Column("mark", sa.String(64), nullable=False),
        sa.Column("free_at", MOMENT, nullable=False),
        sa.PrimaryKeyConstraint("mark", name=op.f("pk_attempt_counters")),
    )
    op.create_table(
        "used_tokens",
        sa.Column("mark", sa.String(64), nullable=False),
        sa.Column("until", MOMENT, nullable=False),
        sa.PrimaryKeyConstraint("mark", name=op.f("pk_used_tokens")),
    )


def _partners() -> None:
    """The partners: companies with licences, agreements, sites and editors; one-time links and sessions."""
    op.create_table(
        "companies",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("code", sa.String(60), nullable=False),
        sa.Column("name", sa.String(300), nullable=False),
        sa.Column("tax_code", sa.String(20), nullable=True),
        sa.Column("contact", sa.Text(), server_default="", nullable=False),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.Column("portal_closed_at", MOMENT, nullable=True),
        sa.Column("came_by", sa.String(32), nullable=True),
        sa.Column("merged_into_id", sa.Integer(), nullable=True),
        sa.Column("merged_at", MOMENT, nullable=True),
        sa.Column("sample", sa.Boolean(), server_default=sa.false(), nullable=False),
        sa.ForeignKeyConstraint(
            ["merged_into_id"], ["companies.id"], name=op.f("fk_companies_merged_into_id_companies")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_companies")),
        sa.UniqueConstraint("code", name=op.f("uq_companies_code")),
    )
    op.create_index("ix_companies_merged_into_id", "companies", ["merged_into_id"])
    op.create_table(
        "not_duplicates",
        sa.Column("low_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("high_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("by", sa.String(200), nullable=False),
        sa.Column("at", MOMENT, nullable=False),
        sa.ForeignKeyConstraint(["low_id"], ["companies.id"], name=op.f("fk_not_duplicates_low_id_companies")),
        sa.ForeignKeyConstraint(["high_id"], ["companies.id"], name=op.f("fk_not_duplicates_high_id_companies")),
        sa.PrimaryKeyConstraint("low_id", "high_id", name=op.f("pk_not_duplicates")),
    )
    op.create_index("ix_not_duplicates_high_id", "not_duplicates", ["high_id"])
    op.create_table(
        "licences",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("company_id", sa.Integer(), nullable=False),
        sa.Column("number", sa.String(80), nullable=False),
        sa.Column("kind", one_of("licence_kind", *KINDS_OF_SITE), nullable=False),
        sa.Column("issuer", sa.String(300), nullable=False),
        sa.Column("issued_on", sa.Date(), nullable=False),
        sa.Column("expires_on", sa.Date(), nullable=True),
        sa.Column("withdrawn_on", sa.Date(), nullable=True),
        sa.Column("withdrawal", sa.String(300), server_default="", nullable=False),
        sa.Column("domains", sa.JSON(), nullable=False),
        sa.Column("scope", sa.JSON(), nullable=False),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.Column("came_by", sa.String(32), nullable=True),
        sa.ForeignKeyConstraint(["company_id"], ["companies.id"], name=op.f("fk_licences_company_id_companies")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_licences")),
        sa.UniqueConstraint("number", name=op.f("uq_licences_number")),
    )
    op.create_index("ix_licences_company_id", "licences", ["company_id"])
    op.create_table(
        "licence_versions",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("licence_id", sa.Integer(), nullable=False),
        sa.Column("company_id", sa.Integer(), nullable=False),
        sa.Column("kind", one_of("licence_version_kind", *KINDS_OF_SITE), nullable=False),
        sa.Column("issued_on", sa.Date(), nullable=False),
        sa.Column("expires_on", sa.Date(), nullable=True),
        sa.Column("withdrawn_on", sa.Date(), nullable=True),
        sa.Column("act", one_of("licence_act", "added", "changed", "withdrawn", "moved"), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("at", MOMENT, nullable=False),
        sa.ForeignKeyConstraint(
            ["company_id"], ["companies.id"], name=op.f("fk_licence_versions_company_id_companies")
        ),
        sa.ForeignKeyConstraint(["licence_id"], ["licences.id"], name=op.f("fk_licence_versions_licence_id_licences")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_licence_versions")),
    )
    op.create_index("ix_licence_versions_licence_id", "licence_versions", ["licence_id"])
    op.create_table(
        "agreements",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("company_id", sa.Integer(), nullable=False),
        sa.Column("number", sa.String(80), nullable=False),
        sa.Column("starts_on", sa.Date(), nullable=False),
        sa.Column("ends_on", sa.Date(), nullable=True),
        sa.Column("topics", sa.JSON(), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("delay_minutes", sa.Integer(), server_default="0", nullable=False),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.ForeignKeyConstraint(["company_id"], ["companies.id"], name=op.f("fk_agreements_company_id_companies")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_agreements")),
        sa.UniqueConstraint("number", name=op.f("uq_agreements_number")),
    )
    op.create_index("ix_agreements_company_id", "agreements", ["company_id"])
    op.create_table(
        "agreement_scans",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("public", sa.String(30), nullable=False),
        sa.Column("agreement_id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(120), nullable=False),
        sa.Column("kind", one_of("scan_kind", "pdf", "jpeg", "png"), nullable=False),
        sa.Column("measure", sa.String(20), nullable=False),
        sa.Column("size", sa.Integer(), nullable=False),
        sa.Column("body_hash", sa.String(64), nullable=False),
        sa.Column("body_key", sa.String(200), nullable=False),
        sa.Column("original_hash", sa.String(64), nullable=False),
        sa.Column("at", MOMENT, nullable=False),
        sa.Column("actor", sa.String(200), nullable=False),
        sa.Column("actor_name", sa.String(200), nullable=False),
        sa.Column("removed_at", MOMENT, nullable=True),
        sa.Column("removed_by", sa.String(200), nullable=True),
        sa.Column("removed_by_name", sa.String(200), nullable=True),
        sa.ForeignKeyConstraint(
            ["agreement_id"], ["agreements.id"], name=op.f("fk_agreement_scans_agreement_id_agreements")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_agreement_scans")),
        sa.UniqueConstraint("public", name=op.f("uq_agreement_scans_public")),
    )
    op.create_index("ix_agreement_scans_agreement_id", "agreement_scans", ["agreement_id"])
    partial_index(
        "uq_agreement_scans_shown",
        "agreement_scans",
        ["agreement_id", "original_hash"],
        "removed_at IS NULL",
        unique=True,
    )
    op.create_table(
        "sites",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("code", sa.String(60), nullable=False),
        sa.Column("company_id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(300), nullable=False),
        sa.Column("url", sa.String(500), nullable=False),
        sa.Column("host", sa.String(255), nullable=False),
        sa.Column("kind", one_of("site_kind", *KINDS_OF_SITE), nullable=False),
        sa.Column("feeds", sa.JSON(), nullable=False),
        sa.Column("sitemaps", sa.JSON(), nullable=False),
        sa.Column("listings", sa.JSON(), nullable=False),
        sa.Column("searches", sa.JSON(), server_default="[]", nullable=False),
        sa.Column("active", sa.Boolean(), server_default=sa.true(), nullable=False),
        sa.Column("needs_browser", sa.Boolean(), server_default=sa.false(), nullable=False),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.Column("came_by", sa.String(32), nullable=True),
        sa.Column("sample", sa.Boolean(), server_default=sa.false(), nullable=False),
        sa.ForeignKeyConstraint(["company_id"], ["companies.id"], name=op.f("fk_sites_company_id_companies")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_sites")),
        sa.UniqueConstraint("code", name=op.f("uq_sites_code")),
        sa.UniqueConstraint("host", name=op.f("uq_sites_host")),
    )
    op.create_index("ix_sites_company_id", "sites", ["company_id"])
    op.create_table(
        "editors",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("public", sa.String(30), nullable=False),
        sa.Column("company_id", sa.Integer(), nullable=False),
        sa.Column("email", sa.String(190), nullable=False),
        sa.Column("name", sa.String(120), nullable=False),
        sa.Column("active", sa.Boolean(), server_default=sa.true(), nullable=False),
        sa.Column("invited_by", sa.String(200), nullable=False),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.ForeignKeyConstraint(["company_id"], ["companies.id"], name=op.f("fk_editors_company_id_companies")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_editors")),
        sa.UniqueConstraint("company_id", "email", name=op.f("uq_editors_company_id_email")),
        sa.UniqueConstraint("public", name=op.f("uq_editors_public")),
    )
    op.create_index("ix_editors_company_id", "editors", ["company_id"])
    op.create_table(
        "one_time_links",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("kind", one_of("link_kind", "staff", "editor"), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=True),
        sa.Column("purpose", one_of("purpose", "invitation", "password"), nullable=True),
        sa.Column("editor_id", sa.Integer(), nullable=True),
        sa.Column("secret_hash", sa.String(64), nullable=False),
        sa.Column("made_by", sa.String(200), nullable=False),
        sa.Column("made_at", MOMENT, nullable=False),
        sa.Column("expires_at", MOMENT, nullable=False),
        sa.Column("used_at", MOMENT, nullable=True),
        sa.Column("revoked_at", MOMENT, nullable=True),
        sa.CheckConstraint(
            "(kind = 'staff') = (person_id IS NOT NULL)", name=op.f("ck_one_time_links_person_of_staff")
        ),
        sa.CheckConstraint("(kind = 'staff') = (purpose IS NOT NULL)", name=op.f("ck_one_time_links_purpose_of_staff")),
        sa.CheckConstraint(
            "(kind = 'editor') = (editor_id IS NOT NULL)", name=op.f("ck_one_time_links_editor_of_editor")
        ),
        sa.ForeignKeyConstraint(
            ["person_id"], ["people.id"], name=op.f("fk_one_time_links_person_id_people"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["editor_id"], ["editors.id"], name=op.f("fk_one_time_links_editor_id_editors"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_one_time_links")),
        sa.UniqueConstraint("secret_hash", name=op.f("uq_one_time_links_secret_hash")),
    )
    op.create_index("ix_one_time_links_person_id", "one_time_links", ["person_id"])
    op.create_index("ix_one_time_links_editor_id", "one_time_links", ["editor_id"])
    op.create_table(
        "sessions",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("public", sa.String(16), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=True),
        sa.Column("editor_id", sa.Integer(), nullable=True),
        sa.Column("token_hash", sa.String(64), nullable=False),
        sa.Column(
            "way", one_of("session_way", "password", "code", "recovery", "link", "passkey", "sso"), nullable=True
        ),
        sa.Column("device", sa.String(80), nullable=False),
        sa.Column("began_at", MOMENT, nullable=False),
        sa.Column("seen_at", MOMENT, nullable=False),
        sa.Column("ended_at", MOMENT, nullable=True),
        sa.Column(
            "ended_why",
            one_of("session_ended_why", "left", "revoked", "changed", "closed", "idle", "long"),
            nullable=True,
        ),
        sa.CheckConstraint("(person_id IS NULL) <> (editor_id IS NULL)", name=op.f("ck_sessions_person_or_editor")),
        sa.CheckConstraint("(person_id IS NULL) = (way IS NULL)", name=op.f("ck_sessions_way_of_staff")),
        sa.ForeignKeyConstraint(
            ["person_id"], ["people.id"], name=op.f("fk_sessions_person_id_people"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["editor_id"], ["editors.id"], name=op.f("fk_sessions_editor_id_editors"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_sessions")),
        sa.UniqueConstraint("public", name=op.f("uq_sessions_public")),
        sa.UniqueConstraint("token_hash", name=op.f("uq_sessions_token_hash")),
    )
    op.create_index("ix_sessions_person_id", "sessions", ["person_id"])
    op.create_index("ix_sessions_editor_id", "sessions", ["editor_id"])


def _imports() -> None:
    """Imports of the register of partners."""
    op.create_table(
        "import_runs",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("public", sa.String(32), nullable=False),
        sa.Column("kind", one_of("import_kind", "register", "cases", "history"), nullable=False),
        sa.Column("by", sa.String(200), nullable=False),
        sa.Column("name", sa.String(300), nullable=False),
        sa.Column("size", sa.BigInteger(), nullable=False),
        sa.Column(
            "stage",
            one_of("import_stage", "checking", "checked", "writing", "done", "undone", "cancelled", "failed"),
            nullable=False,
        ),
        sa.Column("made_at", MOMENT, nullable=False),
        sa.Column("changed_at", MOMENT, nullable=False),
        sa.Column("chosen", sa.JSON(), nullable=False),
        sa.Column("headings", sa.JSON(), nullable=False),
        sa.Column("notes", sa.JSON(), nullable=False),
        sa.Column("rows", sa.Integer(), nullable=False),
        sa.Column("entries", sa.Integer(), nullable=False),
        sa.Column("good", sa.Integer(), nullable=False),
        sa.Column("bad", sa.Integer(), nullable=False),
        sa.Column("reached", sa.Integer(), nullable=False),
        sa.Column("counts", sa.JSON(), nullable=False),
        sa.Column("failure_code", sa.String(40), nullable=False),
        sa.Column("failure", sa.Text(), nullable=False),
        sa.Column("due_at", MOMENT, nullable=True),
        sa.Column("lease_until", MOMENT, nullable=True),
        sa.Column("fence", sa.Integer(), server_default="0", nullable=False),
        sa.Column("attempt", sa.Integer(), server_default="0", nullable=False),
        sa.Column("lost", sa.Integer(), server_default="0", nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_import_runs")),
        sa.UniqueConstraint("public", name=op.f("uq_import_runs_public")),
    )
    partial_index("ix_import_runs_due_at", "import_runs", ["due_at"], "due_at IS NOT NULL")
    op.create_index("ix_import_runs_made_at", "import_runs", ["made_at"])
    op.create_table(
        "import_file_chunks",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("run_id", sa.Integer(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("body", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(
            ["run_id"],
            ["import_runs.id"],
            name=op.f("fk_import_file_chunks_run_id_import_runs"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_import_file_chunks")),
    )
    op.create_index("ix_import_file_chunks_run_id", "import_file_chunks", ["run_id"])
    op.create_table(
        "import_bad_rows",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("run_id", sa.Integer(), nullable=False),
        sa.Column("sheet", sa.String(100), nullable=False),
        sa.Column("row", sa.Integer(), nullable=False),
        sa.Column("cells", sa.JSON(), nullable=False),
        sa.Column("problems", sa.JSON(), nullable=False),
        sa.ForeignKeyConstraint(
            ["run_id"], ["import_runs.id"], name=op.f("fk_import_bad_rows_run_id_import_runs"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_import_bad_rows")),
        sa.UniqueConstraint("run_id", "sheet", "row", name=op.f("uq_import_bad_rows_run_id_sheet_row")),
    )


def _keys() -> None:
    """Secret keys, and the answers kept for repeated requests of the API."""
    op.create_table(
        "keys",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("public", sa.String(10), nullable=False),
        sa.Column("kind", one_of("key_kind", "access", "calendar"), nullable=False),
        sa.Column("name", sa.String(120), nullable=False),
        sa.Column("secret_hash", sa.String(64), nullable=False),
        sa.Column("role", one_of("key_role", *ROLES), nullable=True),
        sa.Column("company_id", sa.Integer(), nullable=True),
        sa.Column("person_id", sa.Integer(), nullable=True),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.Column("expires_at", MOMENT, nullable=True),
        sa.Column("revoked_at", MOMENT, nullable=True),
        sa.Column("last_used_at", MOMENT, nullable=True),
        sa.Column("replaced_by", sa.String(10), nullable=True),
        sa.Column("made_by", sa.String(200), nullable=True),
        sa.Column("unconfirmed_since", MOMENT, nullable=True),
        sa.CheckConstraint("(kind = 'calendar') = (person_id IS NOT NULL)", name=op.f("ck_keys_person_of_calendar")),
        sa.CheckConstraint(
            "CASE WHEN kind = 'calendar' THEN role IS NULL AND company_id IS NULL"
            " ELSE (role IS NULL) <> (company_id IS NULL) END",
            name=op.f("ck_keys_role_or_partner"),
        ),
        sa.ForeignKeyConstraint(["company_id"], ["companies.id"], name=op.f("fk_keys_company_id_companies")),
        sa.ForeignKeyConstraint(["person_id"], ["people.id"], name=op.f("fk_keys_person_id_people")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_keys")),
        sa.UniqueConstraint("public", name=op.f("uq_keys_public")),
    )
    op.create_index("ix_keys_company_id", "keys", ["company_id"])
    op.create_index("ix_keys_person_id", "keys", ["person_id"])
    op.create_table(
        "idempotency_keys",
        sa.Column("id", BIG_KEY, nullable=False),
        sa.Column("key_id", sa.Integer(), nullable=False),
        sa.Column("idempotency_key", sa.String(200), nullable=False),
        sa.Column("request_hash", sa.String(64), nullable=False),
        sa.Column("status", sa.Integer(), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("at", MOMENT, nullable=False),
        sa.ForeignKeyConstraint(["key_id"], ["keys.id"], name=op.f("fk_idempotency_keys_key_id_keys")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_idempotency_keys")),
        sa.UniqueConstraint("key_id", "idempotency_key", name=op.f("uq_idempotency_keys_key_id_idempotency_key")),
    )
    op.create_index("ix_idempotency_keys_at", "idempotency_keys", ["at"])


def _plans() -> None:
    """Topics, and campaigns with their targets and milestones."""
    topics = op.create_table(
        "topics",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("code", sa.String(60), nullable=False),
        sa.Column("name", sa.String(120), nullable=False),
        sa.Column("retired_at", MOMENT, nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_topics")),
        sa.UniqueConstraint("code", name=op.f("uq_topics_code")),
    )
    op.bulk_insert(topics, TOPICS)
    op.create_table(
        "campaigns",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("code", sa.String(60), nullable=False),
        sa.Column("plan_number", sa.String(60), nullable=False),
        sa.Column("name", sa.String(300), nullable=False),
        sa.Column("starts_on", sa.Date(), nullable=False),
        sa.Column("ends_on", sa.Date(), nullable=False),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.CheckConstraint("ends_on >= starts_on", name=op.f("ck_campaigns_ends_after_start")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_campaigns")),
        sa.UniqueConstraint("code", name=op.f("uq_campaigns_code")),
    )
    op.create_table(
        "campaign_topics",
        sa.Column("campaign_id", sa.Integer(), nullable=False),
        sa.Column("topic_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["campaign_id"], ["campaigns.id"], name=op.f("fk_campaign_topics_campaign_id_campaigns"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(["topic_id"], ["topics.id"], name=op.f("fk_campaign_topics_topic_id_topics")),
        sa.PrimaryKeyConstraint("campaign_id", "topic_id", name=op.f("pk_campaign_topics")),
    )
    op.create_table(
        "targets",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("campaign_id", sa.Integer(), nullable=False),
        sa.Column(
            "metric",
            one_of("metric", "bulletins", "republications", "partners", "attribution_rate", "views", "median_delay"),
            nullable=False,
        ),
        sa.Column("quota", sa.Double(), nullable=False),
        sa.Column("topic_id", sa.Integer(), nullable=True),
        sa.Column("period", sa.String(30), nullable=True),
        sa.CheckConstraint("quota > 0", name=op.f("ck_targets_quota_positive")),
        sa.ForeignKeyConstraint(
            ["campaign_id"], ["campaigns.id"], name=op.f("fk_targets_campaign_id_campaigns"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(["topic_id"], ["topics.id"], name=op.f("fk_targets_topic_id_topics")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_targets")),
    )
    op.create_index("ix_targets_campaign_id", "targets", ["campaign_id"])
    op.create_table(
        "milestones",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("target_id", sa.Integer(), nullable=False),
        sa.Column("due_on", sa.Date(), nullable=False),
        sa.Column("figure", sa.Double(), nullable=False),
        sa.CheckConstraint("figure > 0", name=op.f("ck_milestones_figure_positive")),
        sa.ForeignKeyConstraint(
            ["target_id"], ["targets.id"], name=op.f("fk_milestones_target_id_targets"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_milestones")),
        sa.UniqueConstraint("target_id", "due_on", name=op.f("uq_milestones_target_id_due_on")),
    )


def _bulletins() -> None:
    """Bulletins: templates, texts, approvals, urgent releases, pictures and open forms."""
    op.create_table(
        "bulletin_templates",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("public", sa.String(30), nullable=False),
        sa.Column("name", sa.String(120), nullable=False),
        sa.Column("search", sa.Text(), nullable=False),
        sa.Column("latest", sa.Integer(), nullable=False),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.Column("edited_at", MOMENT, nullable=False),
        sa.Column("archived_at", MOMENT, nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_bulletin_templates")),
        sa.UniqueConstraint("public", name=op.f("uq_bulletin_templates_public")),
    )
    op.create_table(
        "bulletin_template_versions",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("template_id", sa.Integer(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("title", sa.String(500), nullable=False),
        sa.Column("lead", sa.Text(), nullable=False),
        sa.Column("body_html", sa.Text(), nullable=False),
        sa.Column("body_text", sa.Text(), nullable=False),
        sa.Column("presentation", sa.JSON(), nullable=True),
        sa.Column("topic_id", sa.Integer(), nullable=False),
        sa.Column("source_url", sa.String(1000), nullable=True),
        sa.Column("wanted_channels", sa.JSON(), nullable=True),
        sa.Column("author", sa.String(200), nullable=False),
        sa.Column("author_name", sa.String(120), nullable=False),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.ForeignKeyConstraint(
            ["template_id"],
            ["bulletin_templates.id"],
            name=op.f("fk_bulletin_template_versions_template_id_bulletin_templates"),
        ),
        sa.ForeignKeyConstraint(
            ["topic_id"], ["topics.id"], name=op.f("fk_bulletin_template_versions_topic_id_topics")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_bulletin_template_versions")),
        sa.UniqueConstraint(
            "template_id", "number", name=op.f("uq_bulletin_template_versions_template_id_number")
        ),
    )
    op.create_table(
        "bulletins",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("code", sa.String(30), nullable=False),
        sa.Column(
            "state",
            one_of("state", "draft", "submitted", "approved", "scheduled", "published", "recalled"),
            nullable=False,
        ),
        sa.Column("topic_id", sa.Integer(), nullable=False),
        sa.Column("campaign_id", sa.Integer(), nullable=True),
        sa.Column("writer", sa.String(200), nullable=False),
        sa.Column("writer_name", sa.String(120), nullable=False),
        sa.Column("source_url", sa.String(1000), nullable=True),
        sa.Column("wanted_channels", sa.JSON(), nullable=True),
        sa.Column("counter_token", sa.String(32), nullable=False),
        sa.Column("search", sa.Text(), nullable=False),
        sa.Column("latest", sa.Integer(), nullable=False),
        sa.Column("approved", sa.Integer(), nullable=True),
        sa.Column("released", sa.Integer(), nullable=True),
        sa.Column("pending", sa.Integer(), nullable=True),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.Column("edited_at", MOMENT, nullable=False),
        sa.Column("submitted_at", MOMENT, nullable=True),
        sa.Column("release_at", MOMENT, nullable=True),
        sa.Column("released_on", sa.Date(), nullable=True),
        sa.Column("changed_at", MOMENT, nullable=True),
        sa.Column("recalled_at", MOMENT, nullable=True),
        sa.Column("recall_reason", sa.Text(), nullable=False),
        sa.Column("return_note", sa.Text(), nullable=False),
        sa.Column("reported_on", sa.Date(), nullable=True),
        sa.Column("reported_number", sa.String(80), server_default="", nullable=False),
        sa.Column("came_by", sa.String(32), nullable=True),
        sa.Column("template_version_id", sa.Integer(), nullable=True),
        sa.CheckConstraint(
            "reported_on IS NULL OR released IS NULL", name=op.f("ck_bulletins_reported_never_released")
        ),
        sa.CheckConstraint(
            "released IS NULL OR state IN ('scheduled', 'published', 'recalled')",
            name=op.f("ck_bulletins_released_states"),
        ),
        sa.ForeignKeyConstraint(["topic_id"], ["topics.id"], name=op.f("fk_bulletins_topic_id_topics")),
        sa.ForeignKeyConstraint(["campaign_id"], ["campaigns.id"], name=op.f("fk_bulletins_campaign_id_campaigns")),
        sa.ForeignKeyConstraint(
            ["template_version_id"],
            ["bulletin_template_versions.id"],
            name=op.f("fk_bulletins_template_version_id_bulletin_template_versions"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_bulletins")),
        sa.UniqueConstraint("code", name=op.f("uq_bulletins_code")),
        sa.UniqueConstraint("counter_token", name=op.f("uq_bulletins_counter_token")),
    )
    op.create_index("ix_bulletins_changed_at", "bulletins", ["changed_at", "id"])
    op.create_index("ix_bulletins_edited_at", "bulletins", ["edited_at", "id"])
    op.create_index("ix_bulletins_filed", "bulletins", ["campaign_id", "topic_id"])
    partial_index("ix_bulletins_pending", "bulletins", ["pending"], "pending IS NOT NULL")
    partial_index("ix_bulletins_reported_on", "bulletins", ["reported_on", "topic_id"], "reported_on IS NOT NULL")
    partial_index("ix_bulletins_recalled_at", "bulletins", ["recalled_at"], "recalled_at IS NOT NULL")
    op.create_index("ix_bulletins_released_on", "bulletins", ["released_on", "state", "campaign_id", "topic_id"])
    op.create_index("ix_bulletins_state_release_at", "bulletins", ["state", "release_at"])
    op.create_index("ix_bulletins_topic_id", "bulletins", ["topic_id", "release_at", "id", "released", "changed_at"])
    op.create_index("ix_bulletins_release_at", "bulletins", ["release_at", "id", "released", "changed_at"])
    partial_index("ix_bulletins_changed_later", "bulletins", ["changed_at", "id"], "changed_at > release_at")
    op.create_table(
        "revisions",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("bulletin_id", sa.Integer(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("title", sa.String(500), nullable=False),
        sa.Column("lead", sa.Text(), nullable=False),
        sa.Column("body_html", sa.Text(), nullable=False),
        sa.Column("body_text", sa.Text(), nullable=False),
        sa.Column("presentation", sa.JSON(), nullable=True),
        sa.Column("topic_code", sa.String(60), nullable=False),
        sa.Column("campaign_code", sa.String(60), nullable=True),
        sa.Column("source_url", sa.String(1000), nullable=True),
        sa.Column("wanted_channels", sa.JSON(), nullable=True),
        sa.Column("hash", sa.String(64), nullable=False),
        sa.Column("lost_pictures", sa.JSON(), nullable=False),
        sa.Column("author", sa.String(200), nullable=False),
        sa.Column("author_name", sa.String(120), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.Column("released_at", MOMENT, nullable=True),
        sa.ForeignKeyConstraint(["bulletin_id"], ["bulletins.id"], name=op.f("fk_revisions_bulletin_id_bulletins")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_revisions")),
        sa.UniqueConstraint("bulletin_id", "number", name=op.f("uq_revisions_bulletin_id_number")),
    )
    op.create_table(
        "approvals",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("bulletin_id", sa.Integer(), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("revision_hash", sa.String(64), nullable=False),
        sa.Column("approver", sa.String(200), nullable=False),
        sa.Column("approver_name", sa.String(120), nullable=False),
        sa.Column("at", MOMENT, nullable=False),
        sa.ForeignKeyConstraint(["bulletin_id"], ["bulletins.id"], name=op.f("fk_approvals_bulletin_id_bulletins")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_approvals")),
    )
    op.create_index("ix_approvals_bulletin_id", "approvals", ["bulletin_id"])
    op.create_table(
        "bulletin_comments",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("public", sa.String(32), nullable=False),
        sa.Column("bulletin_id", sa.Integer(), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("author", sa.String(200), nullable=False),
        sa.Column("author_name", sa.String(120), nullable=False),
        sa.Column("at", MOMENT, nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("resolved_by", sa.String(200), nullable=True),
        sa.Column("resolved_by_name", sa.String(120), nullable=False),
        sa.Column("resolved_at", MOMENT, nullable=True),
        sa.ForeignKeyConstraint(
            ["bulletin_id"], ["bulletins.id"], name=op.f("fk_bulletin_comments_bulletin_id_bulletins")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_bulletin_comments")),
        sa.UniqueConstraint("public", name=op.f("uq_bulletin_comments_public")),
    )
    op.create_index("ix_bulletin_comments_bulletin_id", "bulletin_comments", ["bulletin_id"])
    op.create_table(
        "urgent_releases",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("bulletin_id", sa.Integer(), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("revision_hash", sa.String(64), nullable=False),
        sa.Column("signer", sa.String(200), nullable=False),
        sa.Column("signer_name", sa.String(120), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("correction", sa.Boolean(), nullable=False),
        sa.Column("at", MOMENT, nullable=False),
        sa.Column("reviewed_at", MOMENT, nullable=True),
        sa.Column("reviewer", sa.String(200), nullable=True),
        sa.Column("reviewer_name", sa.String(120), nullable=True),
        sa.Column("outcome", one_of("urgent_outcome", "in_order", "objection"), nullable=True),
        sa.Column("note", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["bulletin_id"], ["bulletins.id"], name=op.f("fk_urgent_releases_bulletin_id_bulletins")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_urgent_releases")),
    )
    op.create_index("ix_urgent_releases_bulletin_id", "urgent_releases", ["bulletin_id"])
    op.create_index("ix_urgent_releases_reviewed_at", "urgent_releases", ["reviewed_at"])
    op.create_table(
        "pictures",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("ident", sa.String(32), nullable=False),
        sa.Column("key", sa.String(100), nullable=False),
        sa.Column("mime", sa.String(30), nullable=False),
        sa.Column("width", sa.Integer(), nullable=False),
        sa.Column("height", sa.Integer(), nullable=False),
        sa.Column("length", sa.Integer(), nullable=False),
        sa.Column("focus_x", sa.Double(), nullable=False),
        sa.Column("focus_y", sa.Double(), nullable=False),
        sa.Column("cuts", sa.JSON(), nullable=False),
        sa.Column("name", sa.String(200), nullable=False),
        sa.Column("digest", sa.String(64), nullable=False),
        sa.Column("alt", sa.String(300), nullable=False),
        sa.Column("credit", sa.String(200), nullable=False),
        sa.Column("search", sa.Text(), nullable=False),
        sa.Column("author", sa.String(200), nullable=False),
        sa.Column("author_name", sa.String(120), nullable=False),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_pictures")),
        sa.UniqueConstraint("ident", name=op.f("uq_pictures_ident")),
        sa.UniqueConstraint("digest", "focus_x", "focus_y", name=op.f("uq_pictures_digest_focus_x_focus_y")),
    )
    op.create_table(
        "picture_uses",
        sa.Column("revision_id", sa.Integer(), nullable=False),
        sa.Column("picture_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["revision_id"], ["revisions.id"], name=op.f("fk_picture_uses_revision_id_revisions")),
        sa.ForeignKeyConstraint(["picture_id"], ["pictures.id"], name=op.f("fk_picture_uses_picture_id_pictures")),
        sa.PrimaryKeyConstraint("revision_id", "picture_id", name=op.f("pk_picture_uses")),
    )
    op.create_index("ix_picture_uses_picture_id", "picture_uses", ["picture_id"])
    op.create_table(
        "working_copies",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("ident", sa.String(32), nullable=False),
        sa.Column("bulletin_id", sa.Integer(), nullable=True),
        sa.Column("base", sa.Integer(), nullable=True),
        sa.Column("author", sa.String(200), nullable=False),
        sa.Column("author_name", sa.String(120), nullable=False),
        sa.Column("fields", sa.JSON(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("saved_at", MOMENT, nullable=False),
        sa.Column("seen_at", MOMENT, nullable=False),
        sa.ForeignKeyConstraint(
            ["bulletin_id"], ["bulletins.id"], name=op.f("fk_working_copies_bulletin_id_bulletins")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_working_copies")),
        sa.UniqueConstraint("ident", name=op.f("uq_working_copies_ident")),
    )
    op.create_index("ix_working_copies_author", "working_copies", ["author"])
    op.create_index("ix_working_copies_bulletin_id", "working_copies", ["bulletin_id"])


def _calendar() -> None:
    """The calendar: hours of release and recurring bulletins."""
    op.create_table(
        "release_hours",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("quiet_from", sa.Integer(), nullable=False),
        sa.Column("quiet_until", sa.Integer(), nullable=False),
        sa.Column("gap", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_release_hours")),
    )
    op.create_table(
        "series",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("public", sa.String(30), nullable=False),
        sa.Column("name", sa.String(120), nullable=False),
        sa.Column("starts_on", sa.Date(), nullable=False),
        sa.Column("ends_on", sa.Date(), nullable=True),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_series")),
        sa.UniqueConstraint("public", name=op.f("uq_series_public")),
    )
    op.create_table(
        "series_rules",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("series_id", sa.Integer(), nullable=False),
        sa.Column("starts_on", sa.Date(), nullable=False),
        sa.Column("title", sa.String(300), nullable=False),
        sa.Column("topic_id", sa.Integer(), nullable=False),
        sa.Column("wanted_channels", sa.JSON(), nullable=True),
        sa.Column("weekdays", sa.Integer(), nullable=False),
        sa.Column("minute", sa.Integer(), nullable=False),
        sa.Column("skips_holidays", sa.Boolean(), nullable=False),
        sa.CheckConstraint("minute BETWEEN 0 AND 1439", name=op.f("ck_series_rules_minute")),
        sa.CheckConstraint("weekdays BETWEEN 1 AND 127", name=op.f("ck_series_rules_weekdays")),
        sa.ForeignKeyConstraint(
            ["series_id"], ["series.id"], name=op.f("fk_series_rules_series_id_series"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(["topic_id"], ["topics.id"], name=op.f("fk_series_rules_topic_id_topics")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_series_rules")),
        sa.UniqueConstraint("series_id", "starts_on", name=op.f("uq_series_rules_series_id_starts_on")),
    )
    op.create_table(
        "series_days",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("series_id", sa.Integer(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("skipped", sa.Boolean(), nullable=False),
        sa.Column("reason", sa.String(300), nullable=False),
        sa.Column("minute", sa.Integer(), nullable=True),
        sa.Column("title", sa.String(300), nullable=True),
        sa.Column("bulletin_id", sa.Integer(), nullable=True),
        sa.CheckConstraint("minute IS NULL OR minute BETWEEN 0 AND 1439", name=op.f("ck_series_days_minute")),
        sa.ForeignKeyConstraint(
            ["series_id"], ["series.id"], name=op.f("fk_series_days_series_id_series"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(["bulletin_id"], ["bulletins.id"], name=op.f("fk_series_days_bulletin_id_bulletins")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_series_days")),
        sa.UniqueConstraint("bulletin_id", name=op.f("uq_series_days_bulletin_id")),
        sa.UniqueConstraint("series_id", "day", name=op.f("uq_series_days_series_id_day")),
    )
    op.create_index("ix_series_days_day", "series_days", ["day"])


def _channels() -> None:
    """Channels: usual times, facts and events of their accounts."""
    op.create_table(
        "channels",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("code", sa.String(60), nullable=False),
        sa.Column("kind", sa.String(20), nullable=False),
        sa.Column("name", sa.String(200), nullable=False),
        sa.Column("company_id", sa.Integer(), nullable=True),
        sa.Column("topics", sa.JSON(), nullable=True),
        sa.Column("settings", sa.JSON(), nullable=False),
        sa.Column("host", sa.String(300), nullable=True),
        sa.Column("encrypted_secrets", sa.Text(), nullable=True),
        sa.Column(
            "state",
            one_of("channel_state", "active", "paused", "failing", "needs_authorisation", "retired"),
            nullable=False,
        ),
        sa.Column("failures", sa.Integer(), server_default="0", nullable=False),
        sa.Column("last_success_at", MOMENT, nullable=True),
        sa.Column("last_error", sa.Text(), nullable=False),
        sa.Column("failing_since", MOMENT, nullable=True),
        sa.Column("alarmed_at", MOMENT, nullable=True),
        sa.Column("silent", sa.Integer(), server_default="0", nullable=False),
        sa.Column("opened", sa.Integer(), server_default="0", nullable=False),
        sa.Column("open_until", MOMENT, nullable=True),
        sa.Column("rate", sa.Integer(), nullable=True),
        sa.Column("burst", sa.Integer(), nullable=True),
        sa.Column("at_once", sa.Integer(), nullable=True),
        sa.Column("free_at", MOMENT, nullable=True),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.ForeignKeyConstraint(["company_id"], ["companies.id"], name=op.f("fk_channels_company_id_companies")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_channels")),
        sa.UniqueConstraint("code", name=op.f("uq_channels_code")),
    )
    op.create_index("ix_channels_company_id", "channels", ["company_id"])
    op.create_index("ix_channels_host", "channels", ["host"])
    op.create_table(
        "release_slots",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("channel_id", sa.Integer(), nullable=False),
        sa.Column("weekday", sa.Integer(), nullable=False),
        sa.Column("minute", sa.Integer(), nullable=False),
        sa.CheckConstraint("minute BETWEEN 0 AND 1439", name=op.f("ck_release_slots_minute")),
        sa.CheckConstraint("weekday BETWEEN 0 AND 6", name=op.f("ck_release_slots_weekday")),
        sa.ForeignKeyConstraint(
            ["channel_id"], ["channels.id"], name=op.f("fk_release_slots_channel_id_channels"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_release_slots")),
        sa.UniqueConstraint("channel_id", "weekday", "minute", name=op.f("uq_release_slots_channel_id_weekday_minute")),
    )
    op.create_table(
        "account_checks",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("channel_id", sa.Integer(), nullable=False),
        sa.Column("facts", sa.JSON(), nullable=True),
        sa.Column("read_at", MOMENT, nullable=True),
        sa.Column("error", sa.Text(), nullable=False),
        sa.Column("due_at", MOMENT, nullable=True),
        sa.Column("lease_until", MOMENT, nullable=True),
        sa.Column("fence", sa.Integer(), server_default="0", nullable=False),
        sa.Column("attempt", sa.Integer(), server_default="0", nullable=False),
        sa.Column("lost", sa.Integer(), server_default="0", nullable=False),
        sa.ForeignKeyConstraint(["channel_id"], ["channels.id"], name=op.f("fk_account_checks_channel_id_channels")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_account_checks")),
        sa.UniqueConstraint("channel_id", name=op.f("uq_account_checks_channel_id")),
    )
    partial_index("ix_account_checks_due_at", "account_checks", ["due_at"], "due_at IS NOT NULL")
    op.create_table(
        "platform_events",
        sa.Column("channel_id", sa.Integer(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("event", sa.String(60), nullable=False),
        sa.Column("count", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["channel_id"], ["channels.id"], name=op.f("fk_platform_events_channel_id_channels")),
        sa.PrimaryKeyConstraint("channel_id", "day", "event", name=op.f("pk_platform_events")),
    )


def _deliveries() -> None:
    """Deliveries: tries, broadcasts, numbers read from platforms, feeds and their subscriptions."""
    op.create_table(
        "deliveries",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("public", sa.String(30), nullable=False),
        sa.Column("bulletin_id", sa.Integer(), nullable=False),
        sa.Column("channel_id", sa.Integer(), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("act", one_of("act", "publish", "correct", "recall"), nullable=False),
        sa.Column(
            "state",
            one_of(
                "delivery_state", "due", "sending", "delivered", "retrying", "unknown", "dead", "cancelled", "skipped"
            ),
            nullable=False,
        ),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("reason", sa.String(60), nullable=False),
        sa.Column("token", sa.String(500), nullable=True),
        sa.Column("polls", sa.Integer(), server_default="0", nullable=False),
        sa.Column("look_first", sa.Boolean(), server_default=sa.false(), nullable=False),
        sa.Column("without_pictures", sa.Boolean(), server_default=sa.false(), nullable=False),
        sa.Column("begun", sa.Boolean(), server_default=sa.false(), nullable=False),
        sa.Column("remote_id", sa.String(500), nullable=True),
        sa.Column("url", sa.String(1000), nullable=True),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.Column("settled_at", MOMENT, nullable=True),
        sa.Column("asked_at", MOMENT, nullable=True),
        sa.Column("due_at", MOMENT, nullable=True),
        sa.Column("lease_until", MOMENT, nullable=True),
        sa.Column("fence", sa.Integer(), server_default="0", nullable=False),
        sa.Column("attempt", sa.Integer(), server_default="0", nullable=False),
        sa.Column("lost", sa.Integer(), server_default="0", nullable=False),
        sa.ForeignKeyConstraint(["bulletin_id"], ["bulletins.id"], name=op.f("fk_deliveries_bulletin_id_bulletins")),
        sa.ForeignKeyConstraint(["channel_id"], ["channels.id"], name=op.f("fk_deliveries_channel_id_channels")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_deliveries")),
        sa.UniqueConstraint(
            "bulletin_id",
            "channel_id",
            "revision",
            "act",
            name=op.f("uq_deliveries_bulletin_id_channel_id_revision_act"),
        ),
        sa.UniqueConstraint("public", name=op.f("uq_deliveries_public")),
    )
    partial_index(
        "ix_deliveries_by_hand", "deliveries", ["channel_id", "bulletin_id"], "state = 'due' AND due_at IS NULL"
    )
    op.create_index("ix_deliveries_channel_id_state", "deliveries", ["channel_id", "state"])
    partial_index("ix_deliveries_due", "deliveries", ["channel_id", "due_at", "id"], "due_at IS NOT NULL")
    partial_index("ix_deliveries_due_at", "deliveries", ["due_at"], "due_at IS NOT NULL")
    partial_index(
        "ix_deliveries_recall", "deliveries", ["channel_id", "due_at", "id"], "due_at IS NOT NULL AND act = 'recall'"
    )
    op.create_index("ix_deliveries_state_reason", "deliveries", ["state", "reason"])
    partial_index(
        "ix_deliveries_without_pictures", "deliveries", ["settled_at"],
        "without_pictures IS TRUE", on_sqlite="without_pictures IS 1",
    )  # fmt: skip
    op.create_table(
        "attempts",
        sa.Column("id", BIG_KEY, nullable=False),
        sa.Column("delivery_id", sa.Integer(), nullable=False),
        sa.Column("at", MOMENT, nullable=False),
        sa.Column("ended_at", MOMENT, nullable=True),
        sa.Column(
            "outcome",
            one_of("outcome", "delivered", "accepted", "failed", "unknown", "refused", "fetched", "by_person"),
            nullable=False,
        ),
        sa.Column("status", sa.Integer(), nullable=True),
        sa.Column("error", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["delivery_id"], ["deliveries.id"], name=op.f("fk_attempts_delivery_id_deliveries")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_attempts")),
    )
    op.create_index("ix_attempts_delivery_id", "attempts", ["delivery_id"])
    op.create_table(
        "engagement_checks",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("delivery_id", sa.Integer(), nullable=False),
        sa.Column("reads", sa.Integer(), server_default="0", nullable=False),
        sa.Column("error", sa.Text(), nullable=False),
        sa.Column("read_at", MOMENT, nullable=True),
        sa.Column("ended", sa.String(30), nullable=False),
        sa.Column("due_at", MOMENT, nullable=True),
        sa.Column("lease_until", MOMENT, nullable=True),
        sa.Column("fence", sa.Integer(), server_default="0", nullable=False),
        sa.Column("attempt", sa.Integer(), server_default="0", nullable=False),
        sa.Column("lost", sa.Integer(), server_default="0", nullable=False),
        sa.ForeignKeyConstraint(
            ["delivery_id"], ["deliveries.id"], name=op.f("fk_engagement_checks_delivery_id_deliveries")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_engagement_checks")),
        sa.UniqueConstraint("delivery_id", name=op.f("uq_engagement_checks_delivery_id")),
    )
    partial_index("ix_engagement_checks_due_at", "engagement_checks", ["due_at"], "due_at IS NOT NULL")
    op.create_table(
        "engagement_readings",
        sa.Column("id", BIG_KEY, nullable=False),
        sa.Column("channel_id", sa.Integer(), nullable=False),
        sa.Column("delivery_id", sa.Integer(), nullable=False),
        sa.Column("metric", one_of("metric", "views", "likes", "shares", "comments"), nullable=False),
        sa.Column("value", sa.BigInteger(), nullable=False),
        sa.Column("at", MOMENT, nullable=False),
        sa.Column("source", sa.String(200), nullable=False),
        sa.ForeignKeyConstraint(
            ["channel_id"], ["channels.id"], name=op.f("fk_engagement_readings_channel_id_channels")
        ),
        sa.ForeignKeyConstraint(
            ["delivery_id"], ["deliveries.id"], name=op.f("fk_engagement_readings_delivery_id_deliveries")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_engagement_readings")),
    )
    op.create_index("ix_engagement_readings_channel_id", "engagement_readings", ["channel_id"])
    op.create_index("ix_engagement_readings_delivery_id_at", "engagement_readings", ["delivery_id", "at"])
    op.create_table(
        "broadcasts",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("public", sa.String(30), nullable=False),
        sa.Column("bulletin_id", sa.Integer(), nullable=False),
        sa.Column("channel_id", sa.Integer(), nullable=False),
        sa.Column(
            "state",
            one_of("broadcast_state", "due", "sending", "sent", "unknown", "refused", "cancelled"),
            nullable=False,
        ),
        sa.Column("article", sa.String(500), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("begun", sa.Boolean(), server_default=sa.false(), nullable=False),
        sa.Column("reason", sa.String(60), nullable=False),
        sa.Column("error", sa.Text(), nullable=False),
        sa.Column("remote_id", sa.String(500), nullable=True),
        sa.Column("asked_by", sa.String(200), nullable=False),
        sa.Column("asked_at", MOMENT, nullable=False),
        sa.Column("settled_at", MOMENT, nullable=True),
        sa.Column("due_at", MOMENT, nullable=True),
        sa.Column("lease_until", MOMENT, nullable=True),
        sa.Column("fence", sa.Integer(), server_default="0", nullable=False),
        sa.Column("attempt", sa.Integer(), server_default="0", nullable=False),
        sa.Column("lost", sa.Integer(), server_default="0", nullable=False),
        sa.ForeignKeyConstraint(["bulletin_id"], ["bulletins.id"], name=op.f("fk_broadcasts_bulletin_id_bulletins")),
        sa.ForeignKeyConstraint(["channel_id"], ["channels.id"], name=op.f("fk_broadcasts_channel_id_channels")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_broadcasts")),
        sa.UniqueConstraint("bulletin_id", "channel_id", name=op.f("uq_broadcasts_bulletin_id_channel_id")),
        sa.UniqueConstraint("public", name=op.f("uq_broadcasts_public")),
    )
    op.create_index("ix_broadcasts_channel_id_day", "broadcasts", ["channel_id", "day"])
    partial_index("ix_broadcasts_due_at", "broadcasts", ["due_at"], "due_at IS NOT NULL")
    op.create_table(
        "feed_fetches",
        sa.Column("id", BIG_KEY, nullable=False),
        sa.Column("key_id", sa.Integer(), nullable=False),
        sa.Column("company_id", sa.Integer(), nullable=False),
        sa.Column("feed", sa.String(20), nullable=False),
        sa.Column("at", MOMENT, nullable=False),
        sa.Column("status", sa.Integer(), nullable=False),
        sa.Column("items", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["key_id"], ["keys.id"], name=op.f("fk_feed_fetches_key_id_keys")),
        sa.ForeignKeyConstraint(["company_id"], ["companies.id"], name=op.f("fk_feed_fetches_company_id_companies")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_feed_fetches")),
    )
    op.create_index("ix_feed_fetches_company_id_at", "feed_fetches", ["company_id", "at"])
    op.create_table(
        "websub_subscriptions",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("topic_hash", sa.String(64), nullable=False),
        sa.Column("encrypted_topic", sa.Text(), nullable=False),
        sa.Column("callback", sa.String(1000), nullable=False),
        sa.Column("callback_host", sa.String(260), server_default="", nullable=False),
        sa.Column("state", one_of("subscription_state", "verifying", "active", "ending"), nullable=False),
        sa.Column("lease_seconds", sa.Integer(), nullable=False),
        sa.Column("expires_at", MOMENT, nullable=True),
        sa.Column("encrypted_secret", sa.Text(), nullable=True),
        sa.Column("pending_secret", sa.Text(), nullable=True),
        sa.Column("challenge", sa.String(64), nullable=True),
        sa.Column("sent_change", MOMENT, nullable=True),
        sa.Column("last_error", sa.Text(), nullable=False),
        sa.Column("due_at", MOMENT, nullable=True),
        sa.Column("lease_until", MOMENT, nullable=True),
        sa.Column("fence", sa.Integer(), server_default="0", nullable=False),
        sa.Column("attempt", sa.Integer(), server_default="0", nullable=False),
        sa.Column("lost", sa.Integer(), server_default="0", nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_websub_subscriptions")),
        sa.UniqueConstraint("topic_hash", "callback", name=op.f("uq_websub_subscriptions_topic_hash_callback")),
    )
    op.create_index("ix_websub_subscriptions_callback_host", "websub_subscriptions", ["callback_host"])
    partial_index("ix_websub_subscriptions_due_at", "websub_subscriptions", ["due_at"], "due_at IS NOT NULL")


def _pages() -> None:
    """Pages of sites: their sources, sightings, mentions elsewhere, turns to ask a host."""
    op.create_table(
        "sources",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("site_id", sa.Integer(), nullable=False),
        sa.Column("kind", one_of("source_kind", "feed", "sitemap", "listing", "search"), nullable=False),
        sa.Column("url", sa.String(1000), nullable=False),
        sa.Column("etag", sa.String(300), nullable=True),
        sa.Column("last_modified", sa.String(60), nullable=True),
        sa.Column("looked_at", MOMENT, nullable=True),
        sa.Column("succeeded_at", MOMENT, nullable=True),
        sa.Column("named_at", MOMENT, nullable=True),
        sa.Column("daily", sa.Double(), server_default="24", nullable=False),
        sa.Column("hours", sa.JSON(), nullable=True),
        sa.Column("failures", sa.Integer(), server_default="0", nullable=False),
        sa.Column("error", sa.Text(), nullable=False),
        sa.Column(
            "trouble",
            one_of(
                "source_trouble",
                "",
                "unreachable",
                "slow",
                "refused",
                "missing",
                "busy",
                "broken",
                "robots",
                "unreadable",
                "too_large",
                "moved",
                "protocol",
                "program",
            ),
            server_default="",
            nullable=False,
        ),
        sa.Column("failing_since", MOMENT, nullable=True),
        sa.Column("silent_since", MOMENT, nullable=True),
        sa.Column("alarmed_at", MOMENT, nullable=True),
        sa.Column("moved_to", sa.String(1000), server_default="", nullable=False),
        sa.Column("moves", sa.Integer(), server_default="0", nullable=False),
        sa.Column("due_at", MOMENT, nullable=True),
        sa.Column("lease_until", MOMENT, nullable=True),
        sa.Column("fence", sa.Integer(), server_default="0", nullable=False),
        sa.Column("attempt", sa.Integer(), server_default="0", nullable=False),
        sa.Column("lost", sa.Integer(), server_default="0", nullable=False),
        sa.ForeignKeyConstraint(["site_id"], ["sites.id"], name=op.f("fk_sources_site_id_sites")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_sources")),
        sa.UniqueConstraint("site_id", "url", name=op.f("uq_sources_site_id_url")),
    )
    partial_index("ix_sources_due_at", "sources", ["due_at"], "due_at IS NOT NULL")
    partial_index("ix_sources_lease_until", "sources", ["lease_until"], "lease_until IS NOT NULL")
    op.create_table(
        "surveys",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("site_id", sa.Integer(), nullable=False),
        sa.Column("asked_at", MOMENT, nullable=False),
        sa.Column("done_at", MOMENT, nullable=True),
        sa.Column("error", sa.Text(), nullable=False),
        sa.Column("found", sa.JSON(), nullable=False),
        sa.Column("batch", sa.String(30), nullable=True),
        sa.Column("asked_by", sa.String(200), server_default="", nullable=False),
        sa.Column("adopts", sa.Boolean(), server_default=sa.false(), nullable=False),
        sa.Column("due_at", MOMENT, nullable=True),
        sa.Column("lease_until", MOMENT, nullable=True),
        sa.Column("fence", sa.Integer(), server_default="0", nullable=False),
        sa.Column("attempt", sa.Integer(), server_default="0", nullable=False),
        sa.Column("lost", sa.Integer(), server_default="0", nullable=False),
        sa.ForeignKeyConstraint(["site_id"], ["sites.id"], name=op.f("fk_surveys_site_id_sites")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_surveys")),
        sa.UniqueConstraint("site_id", name=op.f("uq_surveys_site_id")),
    )
    op.create_index("ix_surveys_batch", "surveys", ["batch"])
    partial_index("ix_surveys_due_at", "surveys", ["due_at"], "due_at IS NOT NULL")
    op.create_table(
        "missing_page_probes",
        sa.Column("host", sa.String(255), nullable=False),
        sa.Column("at", MOMENT, nullable=False),
        sa.Column("status", sa.Integer(), nullable=True),
        sa.Column("prints", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("host", name=op.f("pk_missing_page_probes")),
    )
    op.create_table(
        "host_locks",
        sa.Column("host", sa.String(300), nullable=False),
        sa.Column("holder", sa.String(80), nullable=False),
        sa.Column("until", MOMENT, nullable=False),
        sa.Column("free_at", MOMENT, nullable=False),
        sa.PrimaryKeyConstraint("host", name=op.f("pk_host_locks")),
    )
    op.create_table(
        "pages",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("site_id", sa.Integer(), nullable=False),
        sa.Column("url", sa.String(2000), nullable=False),
        sa.Column("canonical_url", sa.String(2000), nullable=False),
        sa.Column("first_seen_at", MOMENT, nullable=False),
        sa.Column("claimed_at", MOMENT, nullable=True),
        sa.Column("claimed_from", sa.String(20), nullable=True),
        sa.Column("etag", sa.String(300), nullable=True),
        sa.Column("last_modified", sa.String(60), nullable=True),
        sa.Column("checked_at", MOMENT, nullable=True),
        sa.Column("checks", sa.Integer(), server_default="0", nullable=False),
        sa.Column("status", sa.Integer(), nullable=True),
        sa.Column("error", sa.Text(), nullable=False),
        sa.Column("failures", sa.Integer(), server_default="0", nullable=False),
        sa.Column("missing_since", MOMENT, nullable=True),
        sa.Column("watched_since", MOMENT, nullable=True),
        sa.Column("body_hash", sa.String(64), nullable=True),
        sa.Column("alias_of_id", sa.Integer(), nullable=True),
        sa.Column("behind_sign_in", sa.Boolean(), server_default=sa.false(), nullable=False),
        sa.Column("look", one_of("look", "fetch", "browser", "second"), server_default="fetch", nullable=False),
        sa.Column(
            "unreadable",
            one_of(
                "unreadable", "needs_script", "in_frame", "picture_only", "paywalled", "pdf_without_text",
                "pdf_refused", "not_text", "too_large", "cut", "robots", "elsewhere", "no_answer",
            ),
            nullable=True,
        ),  # fmt: skip
        sa.Column("due_at", MOMENT, nullable=True),
        sa.Column("lease_until", MOMENT, nullable=True),
        sa.Column("fence", sa.Integer(), server_default="0", nullable=False),
        sa.Column("attempt", sa.Integer(), server_default="0", nullable=False),
        sa.Column("lost", sa.Integer(), server_default="0", nullable=False),
        sa.ForeignKeyConstraint(["site_id"], ["sites.id"], name=op.f("fk_pages_site_id_sites")),
        sa.ForeignKeyConstraint(["alias_of_id"], ["pages.id"], name=op.f("fk_pages_alias_of_id_pages")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_pages")),
        sa.UniqueConstraint("canonical_url", name=op.f("uq_pages_canonical_url")),
    )
    partial_index("ix_pages_due_at", "pages", ["due_at"], "due_at IS NOT NULL")
    partial_index("ix_pages_lease_until", "pages", ["lease_until"], "lease_until IS NOT NULL")
    partial_index("ix_pages_alias_of_id", "pages", ["alias_of_id"], "alias_of_id IS NOT NULL")
    op.create_index("ix_pages_site_id", "pages", ["site_id"])
    partial_index("ix_pages_unreadable", "pages", ["site_id", "unreadable", "checked_at"], "unreadable IS NOT NULL")
    op.create_table(
        "sightings",
        sa.Column("id", BIG_KEY, nullable=False),
        sa.Column("page_id", sa.Integer(), nullable=False),
        sa.Column(
            "how",
            one_of("how", "reported", "announced", "counted_image", "discovered", "fetched", "person"),
            nullable=False,
        ),
        sa.Column("source", sa.String(1000), nullable=False),
        sa.Column("bulletin_id", sa.Integer(), nullable=True),
        sa.Column("at", MOMENT, nullable=False),
        sa.ForeignKeyConstraint(["page_id"], ["pages.id"], name=op.f("fk_sightings_page_id_pages")),
        sa.ForeignKeyConstraint(["bulletin_id"], ["bulletins.id"], name=op.f("fk_sightings_bulletin_id_bulletins")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_sightings")),
    )
    op.create_index("ix_sightings_bulletin_id", "sightings", ["bulletin_id"])
    op.create_index("ix_sightings_page_id_how", "sightings", ["page_id", "how"])
    op.create_index("ix_sightings_source_how", "sightings", ["source", "how"])
    partial_index("ix_sightings_told", "sightings", ["page_id", "bulletin_id", "how"], "how != 'discovered'")
    op.create_table(
        "page_reports",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("public", sa.String(30), nullable=False),
        sa.Column("company_id", sa.Integer(), nullable=False),
        sa.Column("page_id", sa.Integer(), nullable=False),
        sa.Column("bulletin_id", sa.Integer(), nullable=True),
        sa.Column("url", sa.String(2000), nullable=False),
        sa.Column("actor", sa.String(200), nullable=False),
        sa.Column("actor_name", sa.String(200), nullable=False),
        sa.Column("at", MOMENT, nullable=False),
        sa.Column("asked_at", MOMENT, nullable=False),
        sa.ForeignKeyConstraint(["company_id"], ["companies.id"], name=op.f("fk_page_reports_company_id_companies")),
        sa.ForeignKeyConstraint(["page_id"], ["pages.id"], name=op.f("fk_page_reports_page_id_pages")),
        sa.ForeignKeyConstraint(["bulletin_id"], ["bulletins.id"], name=op.f("fk_page_reports_bulletin_id_bulletins")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_page_reports")),
        sa.UniqueConstraint("company_id", "page_id", name=op.f("uq_page_reports_company_id_page_id")),
        sa.UniqueConstraint("public", name=op.f("uq_page_reports_public")),
    )
    op.create_index("ix_page_reports_company_id_asked_at", "page_reports", ["company_id", "asked_at"])
    op.create_index("ix_page_reports_page_id", "page_reports", ["page_id"])
    op.create_table(
        "template_pages",
        sa.Column("page_id", sa.Integer(), nullable=False),
        sa.Column("site_id", sa.Integer(), nullable=False),
        sa.Column("at", MOMENT, nullable=False),
        sa.Column("parts", sa.JSON(), nullable=False),
        sa.ForeignKeyConstraint(["page_id"], ["pages.id"], name=op.f("fk_template_pages_page_id_pages")),
        sa.ForeignKeyConstraint(["site_id"], ["sites.id"], name=op.f("fk_template_pages_site_id_sites")),
        sa.PrimaryKeyConstraint("page_id", name=op.f("pk_template_pages")),
    )
    op.create_index("ix_template_pages_site_id_at", "template_pages", ["site_id", "at"])
    op.create_table(
        "webmentions",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("bulletin_id", sa.Integer(), nullable=False),
        sa.Column("source", sa.String(2000), nullable=False),
        sa.Column("host", sa.String(255), nullable=False),
        sa.Column("state", one_of("webmention_state", "waiting", "linked", "absent", "unread"), nullable=False),
        sa.Column("title", sa.String(300), nullable=False),
        sa.Column("error", sa.Text(), nullable=False),
        sa.Column("first_at", MOMENT, nullable=False),
        sa.Column("checked_at", MOMENT, nullable=True),
        sa.Column("due_at", MOMENT, nullable=True),
        sa.Column("lease_until", MOMENT, nullable=True),
        sa.Column("fence", sa.Integer(), server_default="0", nullable=False),
        sa.Column("attempt", sa.Integer(), server_default="0", nullable=False),
        sa.Column("lost", sa.Integer(), server_default="0", nullable=False),
        sa.ForeignKeyConstraint(["bulletin_id"], ["bulletins.id"], name=op.f("fk_webmentions_bulletin_id_bulletins")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_webmentions")),
        sa.UniqueConstraint("bulletin_id", "source", name=op.f("uq_webmentions_bulletin_id_source")),
    )
    partial_index("ix_webmentions_due_at", "webmentions", ["due_at"], "due_at IS NOT NULL")
    op.create_index("ix_webmentions_host_first_at", "webmentions", ["host", "first_at"])
    op.create_table(
        "webmention_blocks",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("public", sa.String(40), nullable=False),
        sa.Column("pattern", sa.String(300), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("by", sa.String(200), nullable=False),
        sa.Column("at", MOMENT, nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_webmention_blocks")),
        sa.UniqueConstraint("pattern", name=op.f("uq_webmention_blocks_pattern")),
        sa.UniqueConstraint("public", name=op.f("uq_webmention_blocks_public")),
    )


def _fingerprints() -> None:
    """Fingerprints of bulletins and of held pages."""
    op.create_table(
        "bulletin_hashes",
        sa.Column("h", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("bulletin_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.ForeignKeyConstraint(
            ["bulletin_id"], ["bulletins.id"], name=op.f("fk_bulletin_hashes_bulletin_id_bulletins")
        ),
        sa.PrimaryKeyConstraint("h", "bulletin_id", name=op.f("pk_bulletin_hashes")),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "indexed_revisions",
        sa.Column("revision_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("bulletin_id", sa.Integer(), nullable=False),
        sa.Column("fp_version", sa.String(20), nullable=False),
        sa.Column("hashes", sa.Integer(), nullable=False),
        sa.Column("at", MOMENT, nullable=False),
        sa.ForeignKeyConstraint(
            ["revision_id"], ["revisions.id"], name=op.f("fk_indexed_revisions_revision_id_revisions")
        ),
        sa.ForeignKeyConstraint(
            ["bulletin_id"], ["bulletins.id"], name=op.f("fk_indexed_revisions_bulletin_id_bulletins")
        ),
        sa.PrimaryKeyConstraint("revision_id", name=op.f("pk_indexed_revisions")),
    )
    op.create_index("ix_indexed_revisions_bulletin_id", "indexed_revisions", ["bulletin_id", "hashes"])
    op.create_table(
        "pending_pages",
        sa.Column("page_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("at", MOMENT, nullable=False),
        sa.Column("fp_version", sa.String(20), nullable=False),
        sa.Column("hashes", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(["page_id"], ["pages.id"], name=op.f("fk_pending_pages_page_id_pages")),
        sa.PrimaryKeyConstraint("page_id", name=op.f("pk_pending_pages")),
    )
    op.create_index("ix_pending_pages_at", "pending_pages", ["at"])
    op.create_table(
        "pending_comparisons",
        sa.Column("revision_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("at", MOMENT, nullable=False),
        sa.ForeignKeyConstraint(
            ["revision_id"], ["revisions.id"], name=op.f("fk_pending_comparisons_revision_id_revisions")
        ),
        sa.PrimaryKeyConstraint("revision_id", name=op.f("pk_pending_comparisons")),
    )


def _copies() -> None:
    """Republications with their evidence, decisions and answers; teasers."""
    op.create_table(
        "republications",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("public", sa.String(30), nullable=False),
        sa.Column("bulletin_id", sa.Integer(), nullable=False),
        sa.Column("site_id", sa.Integer(), nullable=False),
        sa.Column("page_id", sa.Integer(), nullable=False),
        sa.Column("url", sa.String(2000), nullable=False),
        sa.Column("canonical_url", sa.String(2000), nullable=False),
        sa.Column("status", one_of("status", *STATUSES), nullable=False),
        sa.Column("life", one_of("life", "live", "changed", "gone", "unreadable"), nullable=False),
        sa.Column(
            "level",
            one_of(
                "level",
                "reported",
                "announced",
                "counted_image",
                "discovered",
                "fetched",
                "matched",
                "attributed",
                "live",
                "person",
            ),
            nullable=False,
        ),
        sa.Column("match", one_of("match", *MATCHES), nullable=False),
        sa.Column("share", sa.Double(), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=True),
        sa.Column("title_kept", sa.Boolean(), nullable=False),
        sa.Column("attribution", one_of("attribution", *ATTRIBUTIONS), nullable=False),
        sa.Column("reasons", sa.JSON(), nullable=False),
        sa.Column("published_at", MOMENT, nullable=True),
        sa.Column("published_from", sa.String(20), nullable=True),
        sa.Column("first_seen_at", MOMENT, nullable=False),
        sa.Column("counted_on", sa.Date(), nullable=False),
        sa.Column("confirmed_at", MOMENT, nullable=True),
        sa.Column("checked_at", MOMENT, nullable=True),
        sa.Column("gone_at", MOMENT, nullable=True),
        sa.Column("stale", sa.Boolean(), server_default=sa.false(), nullable=False),
        sa.Column("decided_by", sa.String(200), nullable=True),
        sa.Column("decided_at", MOMENT, nullable=True),
        sa.Column("decision_note", sa.Text(), nullable=False),
        sa.Column("headline", sa.Text(), server_default="", nullable=False),
        sa.Column("author", sa.String(300), server_default="", nullable=False),
        sa.Column("image", sa.String(2000), server_default="", nullable=False),
        sa.Column("link_position", sa.Double(), nullable=True),
        sa.Column("confirmed_share", sa.Double(), nullable=True),
        sa.Column("confirmed_revision", sa.Integer(), nullable=True),
        sa.Column("confirmed_rule", sa.String(20), nullable=True),
        sa.Column("stale_since", MOMENT, nullable=True),
        sa.Column("followed_at", MOMENT, nullable=True),
        sa.Column("missing_since", MOMENT, nullable=True),
        sa.Column("missing_why", sa.JSON(), server_default="[]", nullable=False),
        sa.Column("taken_from_id", sa.Integer(), nullable=True),
        sa.Column("taken_from_site_id", sa.Integer(), nullable=True),
        sa.Column("attribution_said", one_of("attribution_said", *ATTRIBUTIONS), nullable=True),
        sa.Column("counter_image", sa.Boolean(), nullable=True),
        sa.Column("looks_disagree", sa.Boolean(), server_default=sa.false(), nullable=False),
        sa.Column("was_read", sa.Boolean(), server_default=sa.false(), nullable=False),
        sa.Column("reported_on", sa.Date(), nullable=True),
        sa.Column("duplicate_of_id", sa.Integer(), nullable=True),
        sa.Column("second_posting", sa.Boolean(), server_default=sa.false(), nullable=False),
        sa.Column("addresses_seen", sa.Integer(), server_default="0", nullable=False),
        sa.CheckConstraint(
            "status = 'duplicate' OR duplicate_of_id IS NULL", name=op.f("ck_republications_duplicate_of")
        ),
        sa.ForeignKeyConstraint(
            ["bulletin_id"], ["bulletins.id"], name=op.f("fk_republications_bulletin_id_bulletins")
        ),
        sa.ForeignKeyConstraint(
            ["duplicate_of_id"], ["republications.id"], name=op.f("fk_republications_duplicate_of_id_republications")
        ),
        sa.ForeignKeyConstraint(["site_id"], ["sites.id"], name=op.f("fk_republications_site_id_sites")),
        sa.ForeignKeyConstraint(["page_id"], ["pages.id"], name=op.f("fk_republications_page_id_pages")),
        sa.ForeignKeyConstraint(
            ["taken_from_id"], ["republications.id"], name=op.f("fk_republications_taken_from_id_republications")
        ),
        sa.ForeignKeyConstraint(
            ["taken_from_site_id"], ["sites.id"], name=op.f("fk_republications_taken_from_site_id_sites")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_republications")),
        sa.UniqueConstraint(
            "bulletin_id", "site_id", "canonical_url", name=op.f("uq_republications_bulletin_id_site_id_canonical_url")
        ),
        sa.UniqueConstraint("public", name=op.f("uq_republications_public")),
    )
    op.create_index(
        "ix_republications_bulletin_id_status_life",
        "republications",
        ["bulletin_id", "status", "life", "counted_on"],
    )
    op.create_index(
        "ix_republications_counted_on",
        "republications",
        ["counted_on", "id", "bulletin_id", "site_id", "attribution", "life", "status", "match"],
    )
    op.create_index(
        "ix_republications_first_seen_at",
        "republications",
        ["first_seen_at", "id", "bulletin_id", "site_id", "attribution", "life"],
    )
    partial_index(
        "ix_republications_duplicate_of_id", "republications", ["duplicate_of_id"], "duplicate_of_id IS NOT NULL"
    )
    partial_index(
        "uq_republications_counted",
        "republications",
        ["bulletin_id", "site_id"],
        "status = 'confirmed' AND NOT second_posting",
        unique=True,
    )
    op.create_index("ix_republications_page_id", "republications", ["page_id"])
    op.create_index(
        "ix_republications_site_id_counted_on",
        "republications",
        ["site_id", "counted_on", "status", "bulletin_id", "attribution", "life", "match"],
    )
    partial_index(
        "ix_republications_stale_since", "republications", ["stale_since"], "stale IS TRUE", on_sqlite="stale IS 1"
    )
    op.create_index(
        "ix_republications_status_counted_on",
        "republications",
        ["status", "counted_on", "id", "bulletin_id", "site_id", "attribution", "life"],
    )
    op.create_index(
        "ix_republications_status_first_seen_at",
        "republications",
        ["status", "first_seen_at", "id", "bulletin_id", "site_id", "attribution", "life"],
    )
    partial_index(
        "ix_republications_looks_disagree",
        "republications",
        ["id"],
        "looks_disagree IS TRUE",
        on_sqlite="looks_disagree IS 1",
    )
    partial_index("ix_republications_taken_from_id", "republications", ["taken_from_id"], "taken_from_id IS NOT NULL")
    _index_of_the_queue()
    op.create_table(
        "evidence",
        sa.Column("id", BIG_KEY, nullable=False),
        sa.Column("republication_id", sa.Integer(), nullable=False),
        sa.Column("at", MOMENT, nullable=False),
        sa.Column("status", sa.Integer(), nullable=False),
        sa.Column("final_url", sa.String(2000), nullable=False),
        sa.Column("body_hash", sa.String(64), nullable=False),
        sa.Column("body_key", sa.String(200), nullable=True),
        sa.Column("capture_key", sa.String(200), nullable=True),
        sa.Column("headers", sa.JSON(), nullable=True),
        sa.Column("page_title", sa.Text(), nullable=False),
        sa.Column("page_text", sa.Text(), nullable=False),
        sa.Column("author", sa.String(300), server_default="", nullable=False),
        sa.Column("image", sa.String(2000), server_default="", nullable=False),
        sa.Column("revision", sa.Integer(), nullable=True),
        sa.Column("match", one_of("evidence_match", *MATCHES), nullable=False),
        sa.Column("share", sa.Double(), nullable=False),
        sa.Column("longest_run", sa.Integer(), nullable=False),
        sa.Column("title_kept", sa.Boolean(), nullable=False),
        sa.Column("attribution", one_of("evidence_attribution", *ATTRIBUTIONS), nullable=False),
        sa.Column("source_name", sa.String(300), nullable=True),
        sa.Column("source_link", sa.String(2000), nullable=True),
        sa.Column("link_position", sa.Double(), nullable=True),
        sa.Column("source_text", sa.Text(), nullable=False),
        sa.Column("source_where", sa.String(500), nullable=False),
        sa.Column("passages", sa.JSON(), nullable=False),
        sa.Column("published_at", MOMENT, nullable=True),
        sa.Column("published_from", sa.String(20), nullable=True),
        sa.Column("reasons", sa.JSON(), nullable=False),
        sa.Column("rule_version", sa.String(20), nullable=False),
        sa.Column("fp_version", sa.String(20), nullable=False),
        sa.Column("rejudged_from", sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(
            ["republication_id"], ["republications.id"], name=op.f("fk_evidence_republication_id_republications")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_evidence")),
    )
    op.create_index("ix_evidence_republication_id", "evidence", ["republication_id"])
    _keep_evidence()
    op.create_table(
        "evidence_uploads",
        sa.Column("seen_at", MOMENT, nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("kind", one_of("upload_kind", "png", "jpeg", "pdf"), nullable=False),
        sa.Column("measure", sa.String(20), nullable=False),
        sa.Column("size", sa.Integer(), nullable=False),
        sa.Column("body_hash", sa.String(64), nullable=False),
        sa.Column("body_key", sa.String(200), nullable=False),
        sa.Column("original_hash", sa.String(64), nullable=False),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("public", sa.String(30), nullable=False),
        sa.Column("republication_id", sa.Integer(), nullable=False),
        sa.Column("at", MOMENT, nullable=False),
        sa.Column("actor", sa.String(200), nullable=False),
        sa.Column("actor_name", sa.String(200), nullable=False),
        sa.ForeignKeyConstraint(
            ["republication_id"],
            ["republications.id"],
            name=op.f("fk_evidence_uploads_republication_id_republications"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_evidence_uploads")),
        sa.UniqueConstraint("public", name=op.f("uq_evidence_uploads_public")),
        sa.UniqueConstraint(
            "republication_id", "original_hash", name=op.f("uq_evidence_uploads_republication_id_original_hash")
        ),
    )
    op.create_index("ix_evidence_uploads_republication_id", "evidence_uploads", ["republication_id"])
    op.create_table(
        "decisions",
        sa.Column("outcome", one_of("decision_outcome", *STATUSES), nullable=False),
        sa.Column("reason", sa.String(40), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("attribution", one_of("decision_attribution", *ATTRIBUTIONS), nullable=True),
        sa.Column("batch", sa.String(30), nullable=True),
        sa.Column("was_status", one_of("decision_was_status", *STATUSES), nullable=False),
        sa.Column("was_said", one_of("decision_was_said", *ATTRIBUTIONS), nullable=True),
        sa.Column("was_decided_by", sa.String(200), nullable=True),
        sa.Column("was_decided_at", MOMENT, nullable=True),
        sa.Column("was_note", sa.Text(), nullable=False),
        sa.Column("was_confirmed_at", MOMENT, nullable=True),
        sa.Column("undone_at", MOMENT, nullable=True),
        sa.Column("undone_by", sa.String(200), nullable=True),
        sa.Column("second_posting", sa.Boolean(), server_default=sa.false(), nullable=False),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("public", sa.String(30), nullable=False),
        sa.Column("republication_id", sa.Integer(), nullable=False),
        sa.Column("at", MOMENT, nullable=False),
        sa.Column("actor", sa.String(200), nullable=False),
        sa.Column("actor_name", sa.String(200), nullable=False),
        sa.ForeignKeyConstraint(
            ["republication_id"], ["republications.id"], name=op.f("fk_decisions_republication_id_republications")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_decisions")),
        sa.UniqueConstraint("public", name=op.f("uq_decisions_public")),
    )
    op.create_index("ix_decisions_actor_at", "decisions", ["actor", "at"])
    op.create_index("ix_decisions_republication_id", "decisions", ["republication_id"])
    op.create_table(
        "partner_answers",
        sa.Column("answer", one_of("answer", "mended", "disagree", "note"), nullable=False),
        sa.Column("finding", sa.String(40), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("settled_at", MOMENT, nullable=True),
        sa.Column("settled_by", sa.String(200), nullable=True),
        sa.Column("settled_with", sa.String(30), nullable=True),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("public", sa.String(30), nullable=False),
        sa.Column("republication_id", sa.Integer(), nullable=False),
        sa.Column("at", MOMENT, nullable=False),
        sa.Column("actor", sa.String(200), nullable=False),
        sa.Column("actor_name", sa.String(200), nullable=False),
        sa.ForeignKeyConstraint(
            ["republication_id"], ["republications.id"], name=op.f("fk_partner_answers_republication_id_republications")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_partner_answers")),
        sa.UniqueConstraint("public", name=op.f("uq_partner_answers_public")),
    )
    op.create_index("ix_partner_answers_republication_id", "partner_answers", ["republication_id"])
    op.create_index("ix_partner_answers_settled_at_answer", "partner_answers", ["settled_at", "answer"])
    op.create_index("ix_partner_answers_settled_with", "partner_answers", ["settled_with"])
    op.create_table(
        "social_posts",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("public", sa.String(30), nullable=False),
        sa.Column("actor", sa.String(200), nullable=False),
        sa.Column("actor_name", sa.String(200), nullable=False),
        sa.Column("at", MOMENT, nullable=False),
        sa.Column("url", sa.String(2000), nullable=False),
        sa.Column("address", sa.String(2000), nullable=False),
        sa.Column("site_id", sa.Integer(), nullable=True),
        sa.Column("bulletin_id", sa.Integer(), nullable=True),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("time", sa.Time(), nullable=True),
        sa.Column("words", sa.Text(), nullable=False),
        sa.Column("file_name", sa.String(300), nullable=False),
        sa.Column("kind", sa.String(10), nullable=True),
        sa.Column("measure", sa.String(20), nullable=True),
        sa.Column("size", sa.Integer(), nullable=True),
        sa.Column("body_hash", sa.String(64), nullable=True),
        sa.Column("body_key", sa.String(200), nullable=True),
        sa.Column("original_hash", sa.String(64), nullable=True),
        sa.Column(
            "attribution",
            one_of("social_post_attribution", *ATTRIBUTIONS),
            server_default="not_seen",
            nullable=False,
        ),
        sa.Column("exhibit", sa.String(30), nullable=True),
        sa.Column("republication_id", sa.Integer(), nullable=True),
        sa.Column("reported_at", MOMENT, nullable=True),
        sa.ForeignKeyConstraint(["site_id"], ["sites.id"], name=op.f("fk_social_posts_site_id_sites")),
        sa.ForeignKeyConstraint(["bulletin_id"], ["bulletins.id"], name=op.f("fk_social_posts_bulletin_id_bulletins")),
        sa.ForeignKeyConstraint(
            ["republication_id"], ["republications.id"], name=op.f("fk_social_posts_republication_id_republications")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_social_posts")),
        sa.UniqueConstraint("public", name=op.f("uq_social_posts_public")),
    )
    op.create_index("ix_social_posts_republication_id", "social_posts", ["republication_id"])
    op.create_index("ix_social_posts_actor_republication_id", "social_posts", ["actor", "republication_id"])
    op.create_table(
        "teasers",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("bulletin_id", sa.Integer(), nullable=False),
        sa.Column("site_id", sa.Integer(), nullable=False),
        sa.Column("page_id", sa.Integer(), nullable=False),
        sa.Column("headline", sa.Text(), nullable=False),
        sa.Column("seen_at", MOMENT, nullable=False),
        sa.Column("counted_on", sa.Date(), nullable=False),
        sa.ForeignKeyConstraint(["bulletin_id"], ["bulletins.id"], name=op.f("fk_teasers_bulletin_id_bulletins")),
        sa.ForeignKeyConstraint(["site_id"], ["sites.id"], name=op.f("fk_teasers_site_id_sites")),
        sa.ForeignKeyConstraint(["page_id"], ["pages.id"], name=op.f("fk_teasers_page_id_pages")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_teasers")),
        sa.UniqueConstraint("bulletin_id", "page_id", name=op.f("uq_teasers_bulletin_id_page_id")),
    )
    op.create_index("ix_teasers_counted_on", "teasers", ["counted_on"])
    op.create_index("ix_teasers_page_id", "teasers", ["page_id"])
    op.create_index("ix_teasers_site_id", "teasers", ["site_id"])


def _views() -> None:
    """Views counted by images."""
    op.create_table(
        "view_batches",
        sa.Column("id", sa.String(40), nullable=False),
        sa.Column("at", MOMENT, nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_view_batches")),
    )
    op.create_table(
        "recent_views",
        sa.Column("mark", sa.String(16), nullable=False),
        sa.Column("at", MOMENT, nullable=False),
        sa.PrimaryKeyConstraint("mark", "at", name=op.f("pk_recent_views")),
    )
    op.create_index("ix_recent_views_at", "recent_views", ["at"])
    op.create_table(
        "view_salts",
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("salt", sa.LargeBinary(32), nullable=False),
        sa.PrimaryKeyConstraint("day", name=op.f("pk_view_salts")),
    )
    op.create_table(
        "network_views",
        sa.Column("source", sa.String(16), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("views", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("source", name=op.f("pk_network_views")),
    )
    op.create_table(
        "view_days",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("bulletin_id", sa.Integer(), nullable=False),
        sa.Column("host", sa.String(255), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("rules", sa.String(20), nullable=False),
        sa.Column("raw", sa.Integer(), nullable=False),
        sa.Column("guarded", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["bulletin_id"], ["bulletins.id"], name=op.f("fk_view_days_bulletin_id_bulletins")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_view_days")),
        sa.UniqueConstraint(
            "bulletin_id", "day", "host", "rules", name=op.f("uq_view_days_bulletin_id_day_host_rules")
        ),
    )
    op.create_index("ix_view_days_day", "view_days", ["day"])


def _compliance() -> None:
    """Compliance: rules, inspections of front pages, findings with their steps."""
    rules = op.create_table(
        "compliance_rules",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("code", sa.String(8), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("title", sa.String(200), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("basis", sa.Text(), nullable=False),
        sa.Column("in_force_from", sa.Date(), nullable=False),
        sa.Column("in_force_to", sa.Date(), nullable=True),
        sa.Column(
            "checker",
            one_of(
                "checker",
                "imprint",
                "source_named",
                "source_linked",
                "signed",
                "not_early",
                "verbatim",
                "in_scope",
                "agreed",
                "licensed",
                "taken_down",
                "sources",
                "no_comments",
                "name",
            ),
            nullable=False,
        ),
        sa.Column("parameters", sa.JSON(), nullable=False),
        sa.Column("severity", one_of("severity", "minor", "serious", "grave"), nullable=False),
        sa.Column("asked", sa.Boolean(), server_default=sa.true(), nullable=False),
        sa.Column("fine_from", sa.BigInteger(), nullable=True),
        sa.Column("fine_to", sa.BigInteger(), nullable=True),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("added_by", sa.String(200), nullable=False),
        sa.Column("added_at", MOMENT, nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_compliance_rules")),
        sa.UniqueConstraint("code", "version", name=op.f("uq_compliance_rules_code_version")),
    )
    op.bulk_insert(rules, [{**SHIPPED, **rule} for rule in RULES])
    op.create_table(
        "evidence_sweep",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("evidence_id", BIG_KEY, nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_evidence_sweep")),
    )
    op.create_table(
        "inspections",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("site_id", sa.Integer(), nullable=False),
        sa.Column("done_at", MOMENT, nullable=True),
        sa.Column("read_at", MOMENT, nullable=True),
        sa.Column("error", sa.Text(), nullable=False),
        sa.Column("asked_by", sa.String(200), nullable=False),
        sa.Column("due_at", MOMENT, nullable=True),
        sa.Column("lease_until", MOMENT, nullable=True),
        sa.Column("fence", sa.Integer(), server_default="0", nullable=False),
        sa.Column("attempt", sa.Integer(), server_default="0", nullable=False),
        sa.Column("lost", sa.Integer(), server_default="0", nullable=False),
        sa.ForeignKeyConstraint(["site_id"], ["sites.id"], name=op.f("fk_inspections_site_id_sites")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_inspections")),
        sa.UniqueConstraint("site_id", name=op.f("uq_inspections_site_id")),
    )
    partial_index("ix_inspections_due_at", "inspections", ["due_at"], "due_at IS NOT NULL")
    op.create_table(
        "page_snapshots",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("public", sa.String(30), nullable=False),
        sa.Column("site_id", sa.Integer(), nullable=False),
        sa.Column("seen", one_of("seen", "front", "article"), nullable=False),
        sa.Column("at", MOMENT, nullable=False),
        sa.Column("status", sa.Integer(), nullable=False),
        sa.Column("final_url", sa.String(2000), nullable=False),
        sa.Column("body_hash", sa.String(64), nullable=False),
        sa.Column("body_key", sa.String(200), nullable=False),
        sa.Column("capture_key", sa.String(200), nullable=False),
        sa.Column("headers", sa.JSON(), nullable=False),
        sa.ForeignKeyConstraint(["site_id"], ["sites.id"], name=op.f("fk_page_snapshots_site_id_sites")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_page_snapshots")),
        sa.UniqueConstraint("public", name=op.f("uq_page_snapshots_public")),
    )
    op.create_index("ix_page_snapshots_site_id_body_hash", "page_snapshots", ["site_id", "body_hash"])
    op.create_table(
        "findings",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("public", sa.String(30), nullable=False),
        sa.Column("rule_id", sa.Integer(), nullable=False),
        sa.Column("code", sa.String(8), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("company_id", sa.Integer(), nullable=False),
        sa.Column("site_id", sa.Integer(), nullable=False),
        sa.Column("republication_id", sa.Integer(), nullable=True),
        sa.Column("subject", sa.String(40), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("fault", sa.String(40), nullable=False),
        sa.Column("mark", sa.String(300), nullable=False),
        sa.Column("facts", sa.JSON(), nullable=False),
        sa.Column("excerpt", sa.String(500), nullable=False),
        sa.Column("evidence_id", BIG_KEY, nullable=True),
        sa.Column("snapshot_id", sa.Integer(), nullable=True),
        sa.Column("page_url", sa.String(2000), nullable=False),
        sa.Column("page_at", MOMENT, nullable=False),
        sa.Column("page_hash", sa.String(64), nullable=False),
        sa.Column("proposed_at", MOMENT, nullable=False),
        sa.Column("last_seen_at", MOMENT, nullable=False),
        sa.Column("mended_seen_at", MOMENT, nullable=True),
        sa.Column("standing", one_of("finding_standing", "proposed", "confirmed", "dismissed"), nullable=False),
        sa.Column("outcome", one_of("finding_outcome", "reminded", "mended", "handed", "decided"), nullable=True),
        sa.Column("decided_at", MOMENT, nullable=True),
        sa.Column("decided_by", sa.String(200), nullable=True),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("shown_at", MOMENT, nullable=True),
        sa.Column("reply_by", sa.Date(), nullable=True),
        sa.Column("waits_since", MOMENT, nullable=True),
        sa.Column("closed_at", MOMENT, nullable=True),
        sa.Column("turn", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["rule_id"], ["compliance_rules.id"], name=op.f("fk_findings_rule_id_compliance_rules")
        ),
        sa.ForeignKeyConstraint(["company_id"], ["companies.id"], name=op.f("fk_findings_company_id_companies")),
        sa.ForeignKeyConstraint(["site_id"], ["sites.id"], name=op.f("fk_findings_site_id_sites")),
        sa.ForeignKeyConstraint(
            ["republication_id"], ["republications.id"], name=op.f("fk_findings_republication_id_republications")
        ),
        sa.ForeignKeyConstraint(["evidence_id"], ["evidence.id"], name=op.f("fk_findings_evidence_id_evidence")),
        sa.ForeignKeyConstraint(
            ["snapshot_id"], ["page_snapshots.id"], name=op.f("fk_findings_snapshot_id_page_snapshots")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_findings")),
        sa.UniqueConstraint("public", name=op.f("uq_findings_public")),
    )
    op.create_index("ix_findings_company_id_shown_at", "findings", ["company_id", "shown_at"])
    op.create_index("ix_findings_proposed_at", "findings", ["proposed_at"])
    op.create_index("ix_findings_republication_id", "findings", ["republication_id"])
    op.create_index("ix_findings_site_id", "findings", ["site_id"])
    op.create_index("ix_findings_standing_proposed_at", "findings", ["standing", "proposed_at"])
    op.create_index("ix_findings_subject_code", "findings", ["subject", "code"])
    partial_index("uq_findings_open", "findings", ["rule_id", "subject"], "closed_at IS NULL", unique=True)
    op.create_table(
        "finding_steps",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("finding_id", sa.Integer(), nullable=False),
        sa.Column(
            "happened",
            one_of(
                "happened",
                "proposed",
                "seen_again",
                "seen_mended",
                "shown",
                "replied",
                "read",
                "confirmed",
                "dismissed",
                "reminded",
                "mended",
                "handed",
                "decided",
                "undone",
            ),
            nullable=False,
        ),
        sa.Column("at", MOMENT, nullable=False),
        sa.Column("actor", sa.String(200), nullable=False),
        sa.Column("actor_name", sa.String(200), nullable=False),
        sa.Column("ours", sa.Boolean(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("details", sa.JSON(), nullable=False),
        sa.Column("before", sa.JSON(), nullable=True),
        sa.Column("undoes_id", sa.Integer(), nullable=True),
        sa.Column("form", sa.String(40), nullable=True),
        sa.Column("batch", sa.String(30), nullable=True),
        sa.ForeignKeyConstraint(["finding_id"], ["findings.id"], name=op.f("fk_finding_steps_finding_id_findings")),
        sa.ForeignKeyConstraint(
            ["undoes_id"], ["finding_steps.id"], name=op.f("fk_finding_steps_undoes_id_finding_steps")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_finding_steps")),
        sa.UniqueConstraint("form", name=op.f("uq_finding_steps_form")),
    )
    op.create_index("ix_finding_steps_batch", "finding_steps", ["batch"])
    op.create_index("ix_finding_steps_finding_id", "finding_steps", ["finding_id"])
    _cases()


def _cases() -> None:
    """Cases, the decisions on them and their files of evidence."""
    op.create_table(
        "cases",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("public", sa.String(30), nullable=False),
        sa.Column("finding_id", sa.Integer(), nullable=True),
        sa.Column("subject_kind", one_of("subject_kind", "organisation", "person"), nullable=False),
        sa.Column("company_id", sa.Integer(), nullable=True),
        sa.Column("subject_name", sa.String(300), nullable=False),
        sa.Column("tax_code", sa.String(20), nullable=False),
        sa.Column("mark", sa.String(200), nullable=False),
        sa.Column("subject_key", sa.String(600), nullable=False),
        sa.Column("site_id", sa.Integer(), nullable=True),
        sa.Column("account_url", sa.String(500), nullable=False),
        sa.Column("origin", one_of("case_origin", "rule", "inspection", "complaint"), nullable=False),
        sa.Column("what", sa.Text(), nullable=False),
        sa.Column("fault", sa.String(200), nullable=False),
        sa.Column("fault_key", sa.String(200), nullable=False),
        sa.Column("fault_on", sa.Date(), nullable=False),
        sa.Column("basis", sa.String(500), nullable=False),
        sa.Column("fingerprint", sa.String(64), nullable=False),
        sa.Column("folded", sa.Text(), nullable=False),
        sa.Column("entered_at", MOMENT, nullable=False),
        sa.Column("entered_by", sa.String(200), nullable=False),
        sa.Column("withdrawn_at", MOMENT, nullable=True),
        sa.Column("withdrawn_by", sa.String(200), nullable=True),
        sa.Column("withdrawn_reason", sa.Text(), nullable=False),
        sa.Column("turn", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["finding_id"], ["findings.id"], name=op.f("fk_cases_finding_id_findings")),
        sa.ForeignKeyConstraint(["company_id"], ["companies.id"], name=op.f("fk_cases_company_id_companies")),
        sa.ForeignKeyConstraint(["site_id"], ["sites.id"], name=op.f("fk_cases_site_id_sites")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_cases")),
        sa.UniqueConstraint("finding_id", name=op.f("uq_cases_finding_id")),
        sa.UniqueConstraint("public", name=op.f("uq_cases_public")),
    )
    op.create_index("ix_cases_company_id", "cases", ["company_id"])
    op.create_index("ix_cases_entered_at", "cases", ["entered_at"])
    op.create_index("ix_cases_fault_key", "cases", ["fault_key"])
    op.create_index("ix_cases_site_id", "cases", ["site_id"])
    partial_index("uq_cases_fingerprint", "cases", ["fingerprint"], "withdrawn_at IS NULL", unique=True)
    op.create_table(
        "case_decisions",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("public", sa.String(30), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("case_id", sa.Integer(), nullable=False),
        sa.Column("form", one_of("decision_form", "reminder", "mended", "handed", "fine", "other"), nullable=False),
        sa.Column("number", sa.String(80), nullable=False),
        sa.Column("authority", sa.String(200), nullable=False),
        sa.Column("on_day", sa.Date(), nullable=False),
        sa.Column("amount", sa.BigInteger(), nullable=True),
        sa.Column("paid_on", sa.Date(), nullable=True),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("shared", sa.Boolean(), nullable=False),
        sa.Column("document_key", sa.String(300), nullable=True),
        sa.Column("subject_kind", one_of("subject_kind", "organisation", "person"), nullable=False),
        sa.Column("company_id", sa.Integer(), nullable=True),
        sa.Column("subject_key", sa.String(600), nullable=False),
        sa.Column("fault", sa.String(200), nullable=False),
        sa.Column("fault_key", sa.String(200), nullable=False),
        sa.Column("fault_on", sa.Date(), nullable=False),
        sa.Column("recorded_at", MOMENT, nullable=False),
        sa.Column("recorded_by", sa.String(200), nullable=False),
        sa.Column("ended_at", MOMENT, nullable=True),
        sa.Column("ended_by", sa.String(200), nullable=True),
        sa.Column("ended_reason", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["case_id"], ["cases.id"], name=op.f("fk_case_decisions_case_id_cases")),
        sa.ForeignKeyConstraint(["company_id"], ["companies.id"], name=op.f("fk_case_decisions_company_id_companies")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_case_decisions")),
        sa.UniqueConstraint("public", "version", name=op.f("uq_case_decisions_public_version")),
    )
    op.create_index("ix_case_decisions_case_id", "case_decisions", ["case_id"])
    op.create_index("ix_case_decisions_company_id", "case_decisions", ["company_id"])
    op.create_index("ix_case_decisions_on_day", "case_decisions", ["on_day"])
    partial_index("uq_case_decisions_document_key", "case_decisions", ["document_key"], "ended_at IS NULL", unique=True)
    partial_index("uq_case_decisions_in_force", "case_decisions", ["public"], "ended_at IS NULL", unique=True)
    op.create_table(
        "case_files",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("public", sa.String(30), nullable=False),
        sa.Column("case_id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(120), nullable=False),
        sa.Column("kind", one_of("scan_kind", "pdf", "jpeg", "png"), nullable=False),
        sa.Column("measure", sa.String(20), nullable=False),
        sa.Column("size", sa.Integer(), nullable=False),
        sa.Column("body_hash", sa.String(64), nullable=False),
        sa.Column("body_key", sa.String(200), nullable=False),
        sa.Column("original_hash", sa.String(64), nullable=False),
        sa.Column("at", MOMENT, nullable=False),
        sa.Column("actor", sa.String(200), nullable=False),
        sa.Column("actor_name", sa.String(200), nullable=False),
        sa.Column("removed_at", MOMENT, nullable=True),
        sa.Column("removed_by", sa.String(200), nullable=True),
        sa.ForeignKeyConstraint(["case_id"], ["cases.id"], name=op.f("fk_case_files_case_id_cases")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_case_files")),
        sa.UniqueConstraint("public", name=op.f("uq_case_files_public")),
    )
    op.create_index("ix_case_files_case_id", "case_files", ["case_id"])
    partial_index("uq_case_files_shown", "case_files", ["case_id", "original_hash"], "removed_at IS NULL", unique=True)


def _talking() -> None:
    """Notices to partners, and questions of partners."""
    op.create_table(
        "notices",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("public", sa.String(30), nullable=False),
        sa.Column("form", sa.String(40), nullable=False),
        sa.Column("state", one_of("notice_state", "draft", "published", "withdrawn"), nullable=False),
        sa.Column("audience", one_of("audience", "all", "chosen", "topic"), nullable=False),
        sa.Column("topic_id", sa.Integer(), nullable=True),
        sa.Column("title", sa.String(300), nullable=False),
        sa.Column("body_html", sa.Text(), nullable=False),
        sa.Column("deadline", sa.Date(), nullable=True),
        sa.Column("must_confirm", sa.Boolean(), nullable=False),
        sa.Column("edition", sa.Integer(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("written_by", sa.String(200), nullable=False),
        sa.Column("written_by_name", sa.String(200), nullable=False),
        sa.Column("changed_at", MOMENT, nullable=False),
        sa.Column("published_at", MOMENT, nullable=True),
        sa.Column("edition_at", MOMENT, nullable=True),
        sa.Column("withdrawn_at", MOMENT, nullable=True),
        sa.ForeignKeyConstraint(["topic_id"], ["topics.id"], name=op.f("fk_notices_topic_id_topics")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_notices")),
        sa.UniqueConstraint("form", name=op.f("uq_notices_form")),
        sa.UniqueConstraint("public", name=op.f("uq_notices_public")),
    )
    op.create_index("ix_notices_state_edition_at", "notices", ["state", "edition_at"])
    op.create_table(
        "notice_editions",
        sa.Column("notice_id", sa.Integer(), nullable=False),
        sa.Column("number", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("title", sa.String(300), nullable=False),
        sa.Column("body_html", sa.Text(), nullable=False),
        sa.Column("deadline", sa.Date(), nullable=True),
        sa.Column("must_confirm", sa.Boolean(), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("at", MOMENT, nullable=False),
        sa.Column("actor", sa.String(200), nullable=False),
        sa.Column("actor_name", sa.String(200), nullable=False),
        sa.ForeignKeyConstraint(["notice_id"], ["notices.id"], name=op.f("fk_notice_editions_notice_id_notices")),
        sa.PrimaryKeyConstraint("notice_id", "number", name=op.f("pk_notice_editions")),
    )
    op.create_table(
        "notice_receivers",
        sa.Column("notice_id", sa.Integer(), nullable=False),
        sa.Column("company_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["notice_id"], ["notices.id"], name=op.f("fk_notice_receivers_notice_id_notices"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["company_id"], ["companies.id"], name=op.f("fk_notice_receivers_company_id_companies")
        ),
        sa.PrimaryKeyConstraint("notice_id", "company_id", name=op.f("pk_notice_receivers")),
    )
    op.create_index("ix_notice_receivers_company_id", "notice_receivers", ["company_id"])
    op.create_table(
        "notice_addressees",
        sa.Column("notice_id", sa.Integer(), nullable=False),
        sa.Column("edition", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("company_id", sa.Integer(), nullable=False),
        sa.Column("read_at", MOMENT, nullable=True),
        sa.Column("confirmed_at", MOMENT, nullable=True),
        sa.ForeignKeyConstraint(
            ["company_id"], ["companies.id"], name=op.f("fk_notice_addressees_company_id_companies")
        ),
        sa.ForeignKeyConstraint(["notice_id"], ["notices.id"], name=op.f("fk_notice_addressees_notice_id_notices")),
        sa.PrimaryKeyConstraint("notice_id", "edition", "company_id", name=op.f("pk_notice_addressees")),
    )
    op.create_table(
        "notice_read_receipts",
        sa.Column("notice_id", sa.Integer(), nullable=False),
        sa.Column("company_id", sa.Integer(), nullable=False),
        sa.Column("edition", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("read_at", MOMENT, nullable=False),
        sa.Column("read_by", sa.String(200), nullable=False),
        sa.Column("read_by_name", sa.String(200), nullable=False),
        sa.Column("confirmed_at", MOMENT, nullable=True),
        sa.Column("confirmed_by", sa.String(200), nullable=True),
        sa.Column("confirmed_by_name", sa.String(200), nullable=True),
        sa.ForeignKeyConstraint(["notice_id"], ["notices.id"], name=op.f("fk_notice_read_receipts_notice_id_notices")),
        sa.ForeignKeyConstraint(
            ["company_id"], ["companies.id"], name=op.f("fk_notice_read_receipts_company_id_companies")
        ),
        sa.PrimaryKeyConstraint("notice_id", "company_id", "edition", name=op.f("pk_notice_read_receipts")),
    )
    op.create_index("ix_notice_read_receipts_company_id", "notice_read_receipts", ["company_id"])
    op.create_table(
        "questions",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("public", sa.String(30), nullable=False),
        sa.Column("form", sa.String(40), nullable=False),
        sa.Column("company_id", sa.Integer(), nullable=False),
        sa.Column("state", one_of("question_state", "open", "answered", "closed"), nullable=False),
        sa.Column("about", one_of("question_about", "general", "bulletin", "notice", "finding"), nullable=False),
        sa.Column("bulletin_id", sa.Integer(), nullable=True),
        sa.Column("notice_id", sa.Integer(), nullable=True),
        sa.Column("republication_id", sa.Integer(), nullable=True),
        sa.Column("title", sa.String(200), nullable=False),
        sa.Column("asked_at", MOMENT, nullable=False),
        sa.Column("changed_at", MOMENT, nullable=False),
        sa.Column("waits_since", MOMENT, nullable=True),
        sa.ForeignKeyConstraint(["company_id"], ["companies.id"], name=op.f("fk_questions_company_id_companies")),
        sa.ForeignKeyConstraint(["bulletin_id"], ["bulletins.id"], name=op.f("fk_questions_bulletin_id_bulletins")),
        sa.ForeignKeyConstraint(["notice_id"], ["notices.id"], name=op.f("fk_questions_notice_id_notices")),
        sa.ForeignKeyConstraint(
            ["republication_id"], ["republications.id"], name=op.f("fk_questions_republication_id_republications")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_questions")),
        sa.UniqueConstraint("form", name=op.f("uq_questions_form")),
        sa.UniqueConstraint("public", name=op.f("uq_questions_public")),
    )
    op.create_index("ix_questions_company_id", "questions", ["company_id"])
    op.create_index("ix_questions_state_waits_since", "questions", ["state", "waits_since"])
    op.create_table(
        "question_messages",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("question_id", sa.Integer(), nullable=False),
        sa.Column("form", sa.String(40), nullable=False),
        sa.Column("ours", sa.Boolean(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("at", MOMENT, nullable=False),
        sa.Column("actor", sa.String(200), nullable=False),
        sa.Column("actor_name", sa.String(200), nullable=False),
        sa.ForeignKeyConstraint(
            ["question_id"], ["questions.id"], name=op.f("fk_question_messages_question_id_questions")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_question_messages")),
        sa.UniqueConstraint("form", name=op.f("uq_question_messages_form")),
    )
    op.create_index("ix_question_messages_question_id", "question_messages", ["question_id"])
    op.create_table(
        "public_answers",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("public", sa.String(30), nullable=False),
        sa.Column("question_id", sa.Integer(), nullable=False),
        sa.Column("question", sa.Text(), nullable=False),
        sa.Column("answer", sa.Text(), nullable=False),
        sa.Column("search", sa.Text(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("published_at", MOMENT, nullable=False),
        sa.Column("changed_at", MOMENT, nullable=False),
        sa.Column("withdrawn_at", MOMENT, nullable=True),
        sa.ForeignKeyConstraint(
            ["question_id"], ["questions.id"], name=op.f("fk_public_answers_question_id_questions")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_public_answers")),
        sa.UniqueConstraint("public", name=op.f("uq_public_answers_public")),
        sa.UniqueConstraint("question_id", name=op.f("uq_public_answers_question_id")),
    )
    op.create_table(
        "task_decisions",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("key", sa.String(200), nullable=False),
        sa.Column("title", sa.String(300), nullable=False),
        sa.Column("to", sa.String(200), nullable=True),
        sa.Column("to_name", sa.String(200), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("by", sa.String(200), nullable=False),
        sa.Column("by_name", sa.String(200), nullable=False),
        sa.Column("at", MOMENT, nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_task_decisions")),
        sa.UniqueConstraint("key", name=op.f("uq_task_decisions_key")),
    )


def _sums() -> None:
    """Sums that figures are read from, and the changes noted for them."""
    op.create_table(
        "arrivals",
        sa.Column("bulletin_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("channel_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("deliveries", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("bulletin_id", "channel_id", name=op.f("pk_arrivals")),
    )
    op.create_table(
        "tally_changes",
        sa.Column("id", BIG_KEY, nullable=False),
        sa.Column("sign", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(10), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("bulletin_id", sa.Integer(), nullable=False),
        sa.Column("site_id", sa.Integer(), nullable=True),
        sa.Column("channel_id", sa.Integer(), nullable=True),
        sa.Column("topic_id", sa.Integer(), nullable=False),
        sa.Column("campaign_id", sa.Integer(), nullable=False),
        sa.Column("status", sa.String(16), nullable=True),
        sa.Column("life", sa.String(16), nullable=True),
        sa.Column("attribution", sa.String(30), nullable=True),
        sa.Column("match", sa.String(16), nullable=True),
        sa.Column("was_read", sa.Boolean(), nullable=True),
        sa.Column("waited", sa.BigInteger(), nullable=True),
        sa.Column("copy_id", sa.Integer(), nullable=True),
        sa.Column("left_at", sa.BigInteger(), nullable=True),
        sa.Column("company_id", sa.Integer(), nullable=True),
        sa.Column("noted_at", MOMENT, server_default=_clock(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_tally_changes")),
    )
    op.create_table(
        "tally_history",
        sa.Column("id", BIG_KEY, nullable=False),
        sa.Column("sign", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(10), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("bulletin_id", sa.Integer(), nullable=False),
        sa.Column("site_id", sa.Integer(), nullable=True),
        sa.Column("channel_id", sa.Integer(), nullable=True),
        sa.Column("topic_id", sa.Integer(), nullable=False),
        sa.Column("campaign_id", sa.Integer(), nullable=False),
        sa.Column("status", sa.String(16), nullable=True),
        sa.Column("life", sa.String(16), nullable=True),
        sa.Column("attribution", sa.String(30), nullable=True),
        sa.Column("match", sa.String(16), nullable=True),
        sa.Column("was_read", sa.Boolean(), nullable=True),
        sa.Column("waited", sa.BigInteger(), nullable=True),
        sa.Column("copy_id", sa.Integer(), nullable=True),
        sa.Column("left_at", sa.BigInteger(), nullable=True),
        sa.Column("company_id", sa.Integer(), nullable=True),
        sa.Column("noted_at", MOMENT, server_default=_clock(), nullable=False),
        sa.Column("recount", sa.Boolean(), server_default=sa.false(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_tally_history")),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_tally_history_bulletin_id", "tally_history", ["bulletin_id"])
    op.create_index("ix_tally_history_day", "tally_history", ["day"])
    op.create_index(
        "ix_tally_history_confirmed",
        "tally_history",
        ["day", "waited", "topic_id", "campaign_id", "sign"],
        sqlite_where=sa.text("status = 'confirmed'"),
        postgresql_where=sa.text("status = 'confirmed'"),
    )
    figures = (
        "found", "confirmed", "review", "rejected", "duplicate", "gone", "unreadable", "fetched", "matched",
        "by_person", "names_linked_at_end",
        "names_linked_elsewhere", "names_home_page_only", "names_url_text_only", "names_named_only",
        "names_named_other_source", "names_none", "names_not_seen", "teasers", "proper", "partial", "arrived",
    )  # fmt: skip
    op.create_table(
        "daily_tallies",
        sa.Column("channel_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("topic_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("campaign_id", sa.Integer(), autoincrement=False, nullable=False),
        *(sa.Column(figure, sa.Integer(), nullable=False) for figure in figures),
        sa.PrimaryKeyConstraint("channel_id", "day", "topic_id", "campaign_id", name=op.f("pk_daily_tallies")),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "retention_progress",
        sa.Column("log", sa.String(40), nullable=False),
        sa.Column("upto", BIG_KEY, nullable=False),
        sa.Column("deleted", sa.BigInteger(), nullable=False),
        sa.Column("at", MOMENT, nullable=False),
        sa.PrimaryKeyConstraint("log", name=op.f("pk_retention_progress")),
    )
    op.create_table(
        "backups",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("at", MOMENT, nullable=False),
        sa.Column("file", sa.String(300), nullable=False),
        sa.Column("size", sa.BigInteger(), nullable=False),
        sa.Column("encrypted", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_backups")),
    )
    op.create_table(
        "count_progress",
        sa.Column("log", sa.String(20), nullable=False),
        sa.Column("upto", BIG_KEY, nullable=False),
        sa.Column("edge", BIG_KEY, nullable=False),
        sa.Column("edge_at", MOMENT, nullable=False),
        sa.PrimaryKeyConstraint("log", name=op.f("pk_count_progress")),
    )
    op.create_table(
        "kept_counts",
        sa.Column("log", sa.String(20), nullable=False),
        sa.Column("labels", sa.String(120), nullable=False),
        sa.Column("rows", sa.BigInteger(), nullable=False),
        sa.Column("milliseconds", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("log", "labels", name=op.f("pk_kept_counts")),
    )
    op.create_table(
        "stale_sums",
        sa.Column("id", sa.Integer(), autoincrement=False, nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_stale_sums")),
    )
    op.create_index(
        "ix_daily_tallies_day", "daily_tallies", ["day", "channel_id", "topic_id", "campaign_id", "arrived"]
    )


def _history() -> None:
    """What was reported for the time before the product was in use."""
    op.create_table(
        "reported_copies",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("came_by", sa.String(32), nullable=False),
        sa.Column("bulletin_id", sa.Integer(), nullable=False),
        sa.Column("address", sa.String(2000), nullable=False),
        sa.Column("url", sa.String(2000), nullable=False),
        sa.Column("reported_on", sa.Date(), nullable=False),
        sa.Column("network", sa.String(200), nullable=False),
        sa.Column("site_id", sa.Integer(), nullable=True),
        sa.Column("republication_id", sa.Integer(), nullable=True),
        sa.Column("at", MOMENT, nullable=False),
        sa.ForeignKeyConstraint(["bulletin_id"], ["bulletins.id"], name=op.f("fk_reported_copies_bulletin_id_bulletins")),
        sa.ForeignKeyConstraint(["site_id"], ["sites.id"], name=op.f("fk_reported_copies_site_id_sites")),
        sa.ForeignKeyConstraint(
            ["republication_id"], ["republications.id"], name=op.f("fk_reported_copies_republication_id_republications")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_reported_copies")),
        sa.UniqueConstraint("bulletin_id", "address", name=op.f("uq_reported_copies_bulletin_id_address")),
    )
    op.create_index("ix_reported_copies_reported_on", "reported_copies", ["reported_on"])
    op.create_index("ix_reported_copies_came_by", "reported_copies", ["came_by"])
    op.create_index("ix_reported_copies_republication_id", "reported_copies", ["republication_id"])
    op.create_table(
        "reported_totals",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("came_by", sa.String(32), nullable=False),
        sa.Column("first", sa.Date(), nullable=False),
        sa.Column("last", sa.Date(), nullable=False),
        sa.Column("label", sa.String(30), nullable=False),
        sa.Column(
            "metric",
            one_of("reported_metric", "bulletins", "republications", "partners", "attribution_rate", "views", "median_delay"),
            nullable=False,
        ),
        sa.Column("topic_id", sa.Integer(), nullable=True),
        sa.Column("figure", sa.BigInteger(), nullable=False),
        sa.Column("at", MOMENT, nullable=False),
        sa.CheckConstraint("figure >= 0", name=op.f("ck_reported_totals_figure")),
        sa.ForeignKeyConstraint(["topic_id"], ["topics.id"], name=op.f("fk_reported_totals_topic_id_topics")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_reported_totals")),
    )
    op.create_index("ix_reported_totals_first", "reported_totals", ["first", "last"])


def _briefings() -> None:
    """Briefings with their frozen versions, and templates."""
    op.create_table(
        "word_templates",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column(
            "of", one_of("template_of", "briefing", "thanks", "reminder"), server_default="briefing", nullable=False
        ),
        sa.Column("name", sa.String(200), nullable=False),
        sa.Column("body", sa.LargeBinary(), nullable=False),
        sa.Column("hash", sa.String(64), nullable=False),
        sa.Column("by", sa.String(200), nullable=False),
        sa.Column("by_name", sa.String(200), nullable=False),
        sa.Column("at", MOMENT, nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_word_templates")),
    )
    op.create_table(
        "briefings",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("public", sa.String(30), nullable=False),
        sa.Column("campaign_id", sa.Integer(), nullable=True),
        sa.Column("label", sa.String(30), nullable=False),
        sa.Column("first", sa.Date(), nullable=False),
        sa.Column("last", sa.Date(), nullable=False),
        sa.Column("letter", sa.JSON(), nullable=False),
        sa.Column("begun_at", MOMENT, nullable=False),
        sa.Column("edited_at", MOMENT, nullable=False),
        sa.Column("edited_by", sa.String(200), nullable=False),
        sa.Column("edited_by_name", sa.String(200), nullable=False),
        sa.Column("edits", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["campaign_id"], ["campaigns.id"], name=op.f("fk_briefings_campaign_id_campaigns")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_briefings")),
        sa.UniqueConstraint("public", name=op.f("uq_briefings_public")),
    )
    op.create_index("ix_briefings_first_last", "briefings", ["first", "last"])
    op.create_table(
        "briefing_versions",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("public", sa.String(30), nullable=False),
        sa.Column("briefing_id", sa.Integer(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("as_of", MOMENT, nullable=False),
        sa.Column("entry", sa.BigInteger(), nullable=False),
        sa.Column("rule_version", sa.String(20), nullable=False),
        sa.Column("figures", sa.Text(), nullable=False),
        sa.Column("hash", sa.String(64), nullable=False),
        sa.Column("letter", sa.JSON(), nullable=False),
        sa.Column("differences", sa.JSON(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("checkpoint", sa.String(300), nullable=False),
        sa.Column("made_by", sa.String(200), nullable=False),
        sa.Column("made_by_name", sa.String(200), nullable=False),
        sa.Column("given_number", sa.String(60), nullable=False),
        sa.Column("signed_on", sa.Date(), nullable=True),
        sa.ForeignKeyConstraint(
            ["briefing_id"], ["briefings.id"], name=op.f("fk_briefing_versions_briefing_id_briefings")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_briefing_versions")),
        sa.UniqueConstraint("briefing_id", "number", name=op.f("uq_briefing_versions_briefing_id_number")),
        sa.UniqueConstraint("public", name=op.f("uq_briefing_versions_public")),
    )
    _keep_versions()


def _mail() -> None:
    """Saved filters, and reports sent by mail on a schedule."""
    op.create_table(
        "saved_filters",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("public", sa.String(30), nullable=False),
        sa.Column("listed", one_of("listed", "copies", "progress"), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=True),
        sa.Column("name", sa.String(120), nullable=False),
        sa.Column("query", sa.JSON(), nullable=False),
        sa.Column("made_by", sa.String(200), nullable=False),
        sa.Column("made_at", MOMENT, nullable=False),
        sa.ForeignKeyConstraint(["person_id"], ["people.id"], name=op.f("fk_saved_filters_person_id_people")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_saved_filters")),
        sa.UniqueConstraint("public", name=op.f("uq_saved_filters_public")),
    )
    op.create_index("ix_saved_filters_person_id", "saved_filters", ["person_id"])
    op.create_table(
        "schedules",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("public", sa.String(30), nullable=False),
        sa.Column("name", sa.String(120), nullable=False),
        sa.Column(
            "kind",
            one_of("schedule_kind", "day", "week", "partner", "plan", "recognition", "briefing", "list"),
            nullable=False,
        ),
        sa.Column("subject", sa.String(60), server_default="", nullable=False),
        sa.Column("forms", sa.JSON(), nullable=False),
        sa.Column("cron", sa.String(120), nullable=False),
        sa.Column("ends_on", sa.Date(), nullable=True),
        sa.Column("next_at", MOMENT, nullable=True),
        sa.Column("paused_at", MOMENT, nullable=True),
        sa.Column("made_by", sa.String(200), nullable=False),
        sa.Column("made_at", MOMENT, nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_schedules")),
        sa.UniqueConstraint("public", name=op.f("uq_schedules_public")),
    )
    op.create_index("ix_schedules_next_at", "schedules", ["next_at"])
    op.create_table(
        "schedule_receivers",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("public", sa.String(30), nullable=False),
        sa.Column("schedule_id", sa.Integer(), nullable=False),
        sa.Column("address", sa.String(200), nullable=False),
        sa.Column("left_at", MOMENT, nullable=True),
        sa.ForeignKeyConstraint(
            ["schedule_id"],
            ["schedules.id"],
            name=op.f("fk_schedule_receivers_schedule_id_schedules"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_schedule_receivers")),
        sa.UniqueConstraint("public", name=op.f("uq_schedule_receivers_public")),
        sa.UniqueConstraint("schedule_id", "address", name=op.f("uq_schedule_receivers_schedule_id_address")),
    )
    op.create_table(
        "report_runs",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("public", sa.String(30), nullable=False),
        sa.Column("schedule_id", sa.Integer(), nullable=False),
        sa.Column("at", MOMENT, nullable=False),
        sa.Column("asked_by", sa.String(200), server_default="", nullable=False),
        sa.Column("state", one_of("run_state", "due", "made", "failed", "passed"), nullable=False),
        sa.Column("title", sa.String(300), server_default="", nullable=False),
        sa.Column("summary", sa.JSON(), nullable=False),
        sa.Column("page", sa.String(500), server_default="", nullable=False),
        sa.Column("made_at", MOMENT, nullable=True),
        sa.Column("last_error", sa.Text(), server_default="", nullable=False),
        sa.Column("due_at", MOMENT, nullable=True),
        sa.Column("lease_until", MOMENT, nullable=True),
        sa.Column("fence", sa.Integer(), server_default="0", nullable=False),
        sa.Column("attempt", sa.Integer(), server_default="0", nullable=False),
        sa.Column("lost", sa.Integer(), server_default="0", nullable=False),
        sa.ForeignKeyConstraint(["schedule_id"], ["schedules.id"], name=op.f("fk_report_runs_schedule_id_schedules")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_report_runs")),
        sa.UniqueConstraint("public", name=op.f("uq_report_runs_public")),
        sa.UniqueConstraint("schedule_id", "at", name=op.f("uq_report_runs_schedule_id_at")),
    )
    partial_index("ix_report_runs_due_at", "report_runs", ["due_at"], "due_at IS NOT NULL")
    op.create_table(
        "report_files",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("public", sa.String(30), nullable=False),
        sa.Column("run_id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(200), nullable=False),
        sa.Column("media_type", sa.String(100), nullable=False),
        sa.Column("length", sa.Integer(), nullable=False),
        sa.Column("key", sa.String(100), nullable=False),
        sa.ForeignKeyConstraint(
            ["run_id"], ["report_runs.id"], name=op.f("fk_report_files_run_id_report_runs"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_report_files")),
        sa.UniqueConstraint("public", name=op.f("uq_report_files_public")),
    )
    op.create_index("ix_report_files_run_id", "report_files", ["run_id"])
    op.create_table(
        "report_mails",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("public", sa.String(30), nullable=False),
        sa.Column("run_id", sa.Integer(), nullable=False),
        sa.Column("receiver_id", sa.Integer(), nullable=True),
        sa.Column("address", sa.String(200), nullable=False),
        sa.Column("state", one_of("mail_state", "due", "sent", "unknown", "dead", "dropped"), nullable=False),
        sa.Column("begun", sa.Boolean(), server_default=sa.false(), nullable=False),
        sa.Column("sent_at", MOMENT, nullable=True),
        sa.Column("last_error", sa.Text(), server_default="", nullable=False),
        sa.Column("due_at", MOMENT, nullable=True),
        sa.Column("lease_until", MOMENT, nullable=True),
        sa.Column("fence", sa.Integer(), server_default="0", nullable=False),
        sa.Column("attempt", sa.Integer(), server_default="0", nullable=False),
        sa.Column("lost", sa.Integer(), server_default="0", nullable=False),
        sa.ForeignKeyConstraint(
            ["run_id"], ["report_runs.id"], name=op.f("fk_report_mails_run_id_report_runs"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["receiver_id"],
            ["schedule_receivers.id"],
            name=op.f("fk_report_mails_receiver_id_schedule_receivers"),
            ondelete="SET NULL",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_report_mails")),
        sa.UniqueConstraint("public", name=op.f("uq_report_mails_public")),
        sa.UniqueConstraint("run_id", "address", name=op.f("uq_report_mails_run_id_address")),
    )
    partial_index("ix_report_mails_due_at", "report_mails", ["due_at"], "due_at IS NOT NULL")
    op.create_index("ix_report_mails_receiver_id", "report_mails", ["receiver_id"])
    partial_index("ix_report_mails_unsent", "report_mails", ["state"], "state IN ('unknown', 'dead')")


# The parts that differ between SQLite and PostgreSQL.


def _clock() -> sa.TextClause:
    """The current time as the database tells it."""
    return sa.text("clock_timestamp()" if on_postgresql() else "(strftime('%Y-%m-%d %H:%M:%f000', 'now'))")


def _index_of_the_queue() -> None:
    """An index with every column that the review queue reads. PostgreSQL cannot index JSON (``reasons``)."""
    if on_postgresql():
        return
    op.create_index(
        "ix_republications_in_review",
        "republications",
        [
            "first_seen_at", "id", "match", "life", "attribution", "counter_image", "checked_at", "missing_since",
            "looks_disagree", "site_id", "bulletin_id", "page_id", "reasons",
        ],
        sqlite_where=sa.text("status = 'review'"),
    )  # fmt: skip


KEPT_EVIDENCE = "evidence is kept as it was: it can be added to, not changed or removed"
EVIDENCE_ON_SQLITE = (
    f"CREATE TRIGGER evidence_no_update BEFORE UPDATE ON evidence BEGIN SELECT RAISE(ABORT, '{KEPT_EVIDENCE}'); END",
    f"CREATE TRIGGER evidence_no_delete BEFORE DELETE ON evidence BEGIN SELECT RAISE(ABORT, '{KEPT_EVIDENCE}'); END",
)
EVIDENCE_ON_POSTGRESQL = (
    "CREATE FUNCTION evidence_is_kept() RETURNS trigger LANGUAGE plpgsql AS "
    f"$$ BEGIN RAISE EXCEPTION '{KEPT_EVIDENCE}' USING ERRCODE = 'integrity_constraint_violation'; END $$",
    "CREATE TRIGGER evidence_is_kept BEFORE UPDATE OR DELETE ON evidence "
    "FOR EACH ROW EXECUTE FUNCTION evidence_is_kept()",
    "CREATE TRIGGER evidence_is_not_emptied BEFORE TRUNCATE ON evidence "
    "FOR EACH STATEMENT EXECUTE FUNCTION evidence_is_kept()",
)


def _keep_evidence() -> None:
    """Triggers that refuse to change or delete evidence."""
    for statement in EVIDENCE_ON_POSTGRESQL if on_postgresql() else EVIDENCE_ON_SQLITE:
        op.execute(statement)


KEPT_VERSION = "a frozen version of a briefing is kept as it is"
# The columns that never change. The signature fills in the others.
FROZEN = (
    "public, briefing_id, number, as_of, entry, rule_version, figures, hash, letter, differences, reason, "
    "checkpoint, made_by, made_by_name"
)
VERSIONS_ON_SQLITE = (
    f"CREATE TRIGGER briefing_versions_no_update BEFORE UPDATE OF {FROZEN} ON briefing_versions "
    f"BEGIN SELECT RAISE(ABORT, '{KEPT_VERSION}'); END",
    "CREATE TRIGGER briefing_versions_no_delete BEFORE DELETE ON briefing_versions "
    f"BEGIN SELECT RAISE(ABORT, '{KEPT_VERSION}'); END",
)
VERSIONS_ON_POSTGRESQL = (
    "CREATE FUNCTION briefing_versions_are_kept() RETURNS trigger LANGUAGE plpgsql AS "
    f"$$ BEGIN RAISE EXCEPTION '{KEPT_VERSION}'; END $$",
    f"CREATE TRIGGER briefing_versions_are_kept BEFORE UPDATE OF {FROZEN} OR DELETE ON briefing_versions "
    "FOR EACH ROW EXECUTE FUNCTION briefing_versions_are_kept()",
)


def _keep_versions() -> None:
    """Triggers that refuse to change or delete frozen versions of briefings."""
    for statement in VERSIONS_ON_POSTGRESQL if on_postgresql() else VERSIONS_ON_SQLITE:
        op.execute(statement)


# The program stores folded words separated by spaces, so that the tokeniser that splits at ASCII signs is enough.
SEARCH_ON_SQLITE = (
    "CREATE TABLE search_documents (id INTEGER PRIMARY KEY, head TEXT NOT NULL, body TEXT NOT NULL)",
    "CREATE VIRTUAL TABLE search_index USING fts5(head, body, content = 'search_documents', content_rowid = 'id', "
    "tokenize = 'ascii', prefix = '2 3')",
    "CREATE TRIGGER search_documents_insert AFTER INSERT ON search_documents BEGIN "
    "INSERT INTO search_index (rowid, head, body) VALUES (new.id, new.head, new.body); END",
    "CREATE TRIGGER search_documents_delete AFTER DELETE ON search_documents BEGIN "
    "INSERT INTO search_index (search_index, rowid, head, body) VALUES ('delete', old.id, old.head, old.body); END",
    "CREATE TRIGGER search_documents_update AFTER UPDATE ON search_documents BEGIN "
    "INSERT INTO search_index (search_index, rowid, head, body) VALUES ('delete', old.id, old.head, old.body); "
    "INSERT INTO search_index (rowid, head, body) VALUES (new.id, new.head, new.body); END",
)
SEARCH_ON_POSTGRESQL = (
    "CREATE TABLE search_documents (id BIGINT NOT NULL CONSTRAINT pk_search_documents PRIMARY KEY, "
    "head TEXT NOT NULL, body TEXT NOT NULL, "
    "head_words TSVECTOR NOT NULL GENERATED ALWAYS AS (to_tsvector('simple', head)) STORED, "
    "words TSVECTOR NOT NULL GENERATED ALWAYS AS "
    "(setweight(to_tsvector('simple', head), 'A') || setweight(to_tsvector('simple', body), 'B')) STORED) "
    "PARTITION BY RANGE (id)",
    # A key is the kind's number in the bits from the 40th on, and the row's primary key. With a partition for each kind
    # the planner knows how often a word occurs in this kind.
    *(
        f"CREATE TABLE search_documents_{kind} PARTITION OF search_documents "
        f"FOR VALUES FROM ({number << 40}) TO ({number + 1 << 40})"
        for number, kind in enumerate(("bulletins", "sites", "companies", "licences", "republications"), start=1)
    ),
    "CREATE INDEX ix_search_documents_head_words ON search_documents USING gin (head_words)",
    "CREATE INDEX ix_search_documents_words ON search_documents USING gin (words)",
)


def _search() -> None:
    """The search documents, which the program writes with the rows they come from, and the index the database keeps."""
    for statement in SEARCH_ON_POSTGRESQL if on_postgresql() else SEARCH_ON_SQLITE:
        op.execute(statement)


# The views of open data. They show a bulletin from its release on, recalled ones included, and nothing about persons.
OUT = "b.released IS NOT NULL AND b.release_at <= now() AND b.changed_at <= now()"
VIEWS = {
    "campaigns": "SELECT code, plan_number, name, starts_on, ends_on FROM public.campaigns",
    "targets": """
        SELECT c.code AS campaign, g.metric, t.code AS topic, g.period, g.quota
        FROM public.targets g JOIN public.campaigns c ON c.id = g.campaign_id
        LEFT JOIN public.topics t ON t.id = g.topic_id""",
    "topics": "SELECT code, name FROM public.topics",
    "partners": "SELECT code, name FROM public.companies WHERE merged_into_id IS NULL AND NOT sample",
    "sites": """
        SELECT s.code, o.code AS partner, s.name, s.host, s.kind, s.active
        FROM public.sites s JOIN public.companies o ON o.id = s.company_id WHERE NOT s.sample""",
    "licences": """
        SELECT l.number, o.code AS partner, l.kind, l.issuer, l.issued_on, l.expires_on, l.withdrawn_on
        FROM public.licences l JOIN public.companies o ON o.id = l.company_id""",
    "bulletins": f"""
        SELECT b.code, t.code AS topic, c.code AS campaign, r.title, b.state, b.release_at AS released_at,
               b.released_on, b.recalled_at
        FROM public.bulletins b JOIN public.revisions r ON r.bulletin_id = b.id AND r.number = b.released
        JOIN public.topics t ON t.id = b.topic_id LEFT JOIN public.campaigns c ON c.id = b.campaign_id
        WHERE {OUT}""",
    "republications": f"""
        SELECT p.public AS id, b.code AS bulletin, s.code AS site, o.code AS partner, t.code AS topic,
               p.canonical_url AS url, p.life, p.level, p.match, p.share, p.attribution, p.published_at,
               p.first_seen_at, p.counted_on, p.gone_at
        FROM public.republications p JOIN public.bulletins b ON b.id = p.bulletin_id
        JOIN public.topics t ON t.id = b.topic_id JOIN public.sites s ON s.id = p.site_id
        JOIN public.companies o ON o.id = s.company_id
        WHERE {OUT} AND p.status = 'confirmed' AND NOT s.sample""",
    # The daily sums, plus the changes not yet added to them, minus the copies of bulletins that are not released.
    "daily": f"""
        SELECT sums.day, t.code AS topic, CAST(sum(sums.found) AS bigint) AS found,
               CAST(sum(sums.confirmed) AS bigint) AS confirmed, CAST(sum(sums.review) AS bigint) AS review,
               CAST(sum(sums.rejected) AS bigint) AS rejected, CAST(sum(sums.gone) AS bigint) AS gone,
               CAST(sum(sums.attributed) AS bigint) AS attributed,
               CAST(sum(sums.source_unseen) AS bigint) AS source_unseen
        FROM (
            SELECT s.day, s.topic_id,
                   s.found, s.confirmed, s.review, s.rejected, s.gone, s.names_linked_at_end AS attributed,
                   s.names_not_seen AS source_unseen
            FROM public.daily_tallies s WHERE s.channel_id = 0
            UNION ALL
            SELECT c.day, c.topic_id,
                   CASE WHEN c.status = 'duplicate' THEN 0 ELSE c.sign END,
                   CASE WHEN c.status = 'confirmed' THEN c.sign ELSE 0 END,
                   CASE WHEN c.status = 'review' THEN c.sign ELSE 0 END,
                   CASE WHEN c.status = 'rejected' THEN c.sign ELSE 0 END,
                   CASE WHEN c.status = 'confirmed' AND c.life = 'gone' THEN c.sign ELSE 0 END,
                   CASE WHEN c.status = 'confirmed' AND c.attribution = 'linked_at_end' THEN c.sign ELSE 0 END,
                   CASE WHEN c.status = 'confirmed' AND c.attribution = 'not_seen' THEN c.sign ELSE 0 END
            FROM public.tally_changes c WHERE c.kind = 'copy'
            UNION ALL
            SELECT p.counted_on, b.topic_id,
                   CASE WHEN p.status = 'duplicate' THEN 0 ELSE -1 END,
                   CASE WHEN p.status = 'confirmed' THEN -1 ELSE 0 END,
                   CASE WHEN p.status = 'review' THEN -1 ELSE 0 END,
                   CASE WHEN p.status = 'rejected' THEN -1 ELSE 0 END,
                   CASE WHEN p.status = 'confirmed' AND p.life = 'gone' THEN -1 ELSE 0 END,
                   CASE WHEN p.status = 'confirmed' AND p.attribution = 'linked_at_end' THEN -1 ELSE 0 END,
                   CASE WHEN p.status = 'confirmed' AND p.attribution = 'not_seen' THEN -1 ELSE 0 END
            FROM public.bulletins b JOIN public.republications p ON p.bulletin_id = b.id WHERE ({OUT}) IS NOT TRUE
        ) sums
        JOIN public.topics t ON t.id = sums.topic_id
        WHERE sums.day > DATE '0001-01-01'
        GROUP BY sums.day, t.code HAVING sum(sums.found) > 0""",
    "views_daily": f"""
        SELECT v.day, b.code AS bulletin, v.rules, sum(v.raw) AS raw, sum(v.guarded) AS guarded
        FROM public.view_days v JOIN public.bulletins b ON b.id = v.bulletin_id
        WHERE {OUT} GROUP BY v.day, b.code, v.rules""",
    # Nobody is named, and the amounts of persons are left out.
    "handled": """
        SELECT to_char(on_day, 'YYYY"-Q"Q') AS quarter, subject_kind AS subject, form, fault, count(*) AS decisions,
            CASE WHEN subject_kind = 'organisation' THEN coalesce(sum(amount), 0)::bigint END AS amount
        FROM public.case_decisions WHERE ended_at IS NULL AND NOT shared
        GROUP BY 1, subject_kind, form, fault""",
}


def _open_data() -> None:
    """The schema with the views of open data, on PostgreSQL only: SQLite has no roles to grant them to."""
    if not on_postgresql():
        return
    op.execute("CREATE SCHEMA lantoa_open")
    for name, query in VIEWS.items():
        op.execute(f"CREATE VIEW lantoa_open.{name} AS {query}")


# The rows of a new installation.

TOPICS = [
    {"code": "dich-benh", "name": "Dịch bệnh"},
    {"code": "kinh-te-xa-hoi", "name": "Kinh tế - xã hội"},
    {"code": "an-ninh-quoc-phong", "name": "An ninh - quốc phòng"},
]

DECREE_147 = "Nghị định 147/2024/NĐ-CP"
LETTER_3835 = "Công văn 3835/BTTTT-PTTH&TTĐT ngày 29/10/2019"
# The values that most rules share.
SHIPPED: dict[str, Any] = {
    "version": 1,
    "basis": DECREE_147,
    "in_force_from": dt.date(2024, 12, 25),
    "in_force_to": None,
    "parameters": {},
    "severity": "serious",
    "asked": True,
    "fine_from": None,
    "fine_to": None,
    "note": "",
    "added_by": "system",
    "added_at": None,
}
# campaigns/compliance/shipped_rules.py names the origin of each rule; a test compares it with these rows.
RULES: list[dict[str, Any]] = [
    {
        "code": "R1",
        "title": "Thông tin bắt buộc trên trang chủ",
        "text": (
            "Trang chủ ghi đầy đủ, đúng với sổ cấp phép: tên tổ chức quản lý trang, cơ quan chủ quản (nếu "
            "có), địa chỉ liên lạc, thư điện tử, số điện thoại, người chịu trách nhiệm nội dung, giấy phép "
            "còn hiệu lực với số, ngày cấp và cơ quan cấp."
        ),
        "in_force_to": dt.date(2026, 6, 30),
        "checker": "imprint",
        "parameters": {
            "items": [
                "name",
                "address",
                "phone",
                "email",
                "responsible",
                "licence_number",
                "licence_issuer",
                "licence_date",
            ]
        },
        "fine_from": 5_000_000,
        "fine_to": 10_000_000,
        "note": "Mức phạt tham khảo: Điều 99 Nghị định 15/2020/NĐ-CP",
    },
    {
        "code": "R1",
        "version": 2,
        "title": "Thông tin bắt buộc trên trang chủ",
        "text": (
            "Trang chủ ghi đầy đủ, đúng với sổ cấp phép: tên tổ chức quản lý trang, cơ quan chủ quản (nếu "
            "có), địa chỉ liên lạc, thư điện tử, số điện thoại, người chịu trách nhiệm nội dung, giấy phép "
            "còn hiệu lực với số, ngày cấp và cơ quan cấp."
        ),
        "in_force_from": dt.date(2026, 7, 1),
        "checker": "imprint",
        "parameters": {
            "items": [
                "name",
                "address",
                "phone",
                "email",
                "responsible",
                "licence_number",
                "licence_issuer",
                "licence_date",
            ]
        },
        "fine_from": 10_000_000,
        "fine_to": 20_000_000,
        "note": "Mức phạt tham khảo: Nghị định 174/2026/NĐ-CP",
    },
    {
        "code": "R2",
        "title": "Nêu tên nguồn",
        "text": "Bài đăng lại ghi rõ tên cơ quan đã phát hành bản tin gốc.",
        "checker": "source_named",
    },
    {
        "code": "R3",
        "title": "Đường dẫn tới bản tin gốc",
        "text": "Cuối bài đăng lại có đường dẫn mở được, tới đúng địa chỉ của bản tin gốc.",
        "basis": LETTER_3835,
        "in_force_from": dt.date(2019, 10, 29),
        "checker": "source_linked",
        "parameters": {"at_end": True},
    },
    {
        "code": "R4",
        "title": "Thời gian và tác giả",
        "text": "Bài đăng lại ghi thời gian đăng; tên tác giả ghi khi bản tin gốc có ghi.",
        "checker": "signed",
        "parameters": {"time": True, "author": False},
        "severity": "minor",
    },
    {
        "code": "R5",
        "title": "Không đăng trước giờ được phép",
        "text": "Bài đăng lại lên trang không sớm hơn 3 giờ kể từ lúc bản tin gốc được phát hành.",
        "basis": LETTER_3835,
        "in_force_from": dt.date(2019, 10, 29),
        "in_force_to": dt.date(2024, 12, 24),
        "checker": "not_early",
        "parameters": {"delay_minutes": 180, "agreement_waives": False},
    },
    {
        "code": "R5",
        "version": 2,
        "title": "Không đăng trước giờ được phép",
        "text": "Bài đăng lại lên trang không sớm hơn 1 giờ kể từ lúc bản tin gốc được phát hành.",
        "checker": "not_early",
        "parameters": {"delay_minutes": 60, "agreement_waives": False},
    },
    {
        "code": "R5",
        "version": 3,
        "title": "Không đăng trước giờ được phép",
        "text": (
            "Bài đăng lại lên trang không sớm hơn giờ phát hành của bản tin gốc. Văn bản chấp thuận ghi thời gian chờ "
            "thì bài lên trang không sớm hơn thời gian đó."
        ),
        "checker": "not_early",
        "parameters": {"delay_minutes": 0, "agreement_waives": False},
        "note": (
            "Thay phiên bản 2: thời gian chờ chung là 0 phút, chỉ văn bản chấp thuận mới đặt thời gian chờ. Đơn vị cần "
            "thời gian chờ chung thì thêm phiên bản có số phút."
        ),
    },
    {
        "code": "R6",
        "title": "Đăng nguyên văn",
        "text": "Nội dung đăng lại đúng nguyên văn bản tin gốc, không cắt bớt làm sai lệch.",
        "checker": "verbatim",
    },
    {
        "code": "R7",
        "title": "Đúng phạm vi giấy phép",
        "text": "Chuyên đề của bản tin nằm trong phạm vi nội dung mà giấy phép cho đăng.",
        "checker": "in_scope",
    },
    {
        "code": "R8",
        "title": "Có văn bản chấp thuận",
        "text": "Trang đăng lại bản tin khi có văn bản chấp thuận còn hiệu lực, cho chuyên đề đó.",
        "checker": "agreed",
        "severity": "grave",
        "note": "Mức phạt tham khảo: Điều 20 Nghị định 119/2020/NĐ-CP",
    },
    {
        "code": "R9",
        "title": "Giấy phép còn hiệu lực",
        "text": "Trang có giấy phép còn hiệu lực vào ngày đăng lại bản tin.",
        "checker": "licensed",
        "parameters": {"none_at_all": False},
        "severity": "grave",
    },
    {
        "code": "R10",
        "title": "Gỡ bài của bản tin đã thu hồi",
        "text": "Bản tin bị thu hồi thì bài đăng lại được gỡ trong thời hạn kể từ lúc thu hồi.",
        "checker": "taken_down",
        "parameters": {"minutes": 1440},
        "severity": "grave",
        "note": "Mức cụ thể theo cấu hình đơn vị",
    },
    {
        "code": "R11",
        "title": "Đủ nguồn tin",
        "text": "Trang tổng hợp dẫn tin từ ít nhất ba nguồn.",
        "checker": "sources",
        "parameters": {"least": 3},
        "severity": "minor",
    },
    {
        "code": "R12",
        "title": "Không có chỗ bình luận",
        "text": "Trang tổng hợp không mở chỗ cho người đọc bình luận dưới bài.",
        "checker": "no_comments",
    },
    {
        "code": "R13",
        "title": "Tên không gây nhầm với báo chí",
        "text": "Tên trang và tên miền không giống hoặc gây nhầm với cơ quan báo chí.",
        "checker": "name",
        "parameters": {
            "name_begins": ["Báo", "Tạp chí", "Tuần báo", "Nhật báo", "Đài", "Thông tấn xã", "Hãng tin"],
            "host_begins": ["bao", "tapchi", "nhatbao", "tuanbao", "thongtan"],
            "host_except": ["baohiem", "baogia", "baove", "baotang", "baoho"],
        },
        "severity": "minor",
    },
]
