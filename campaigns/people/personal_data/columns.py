"""The columns that name a person, by table."""

from dataclasses import dataclass
from enum import Enum


class KeptBecause(Enum):
    """Why something is kept when a person is erased."""

    JOURNAL = "journal"  # acts stay provable: the chain of hashes admits no change
    FROZEN = "frozen"  # a frozen report is an official document; the database refuses to change it
    DOCUMENT = "document"  # a file handed in as proof or a document's scan, named by its hash and never changed
    OFFICE = "office"  # an official's name on the office's own documents, not in a private capacity
    PUBLISHED = "published"  # published under this name by others
    WORDING = "wording"  # the words of an official exchange, which may name people
    BACKUP = "backup"  # copies made earlier: they end when the office deletes them


@dataclass(frozen=True)
class ActorColumn:
    """A column with an actor's id, the column beside it with the displayed name ('' for none), and the time of the act
    ('' for none). ``words``: text that the person wrote, part of an export. ``kept``: why it is never changed."""

    table: str
    actor: str
    name: str = ""
    at: str = ""
    words: str = ""
    kept: KeptBecause | None = None


# Acts of members of staff and of partners' editors.
ACTOR_COLUMNS = (
    ActorColumn("account_messages", "by", at="at"),
    ActorColumn("agreement_scans", "actor", "actor_name", "at"),
    ActorColumn("agreement_scans", "removed_by", "removed_by_name", "removed_at"),
    ActorColumn("approvals", "approver", "approver_name", "at"),
    ActorColumn("briefing_versions", "made_by", "made_by_name", "as_of", kept=KeptBecause.FROZEN),
    ActorColumn("briefings", "edited_by", "edited_by_name", "edited_at"),
    ActorColumn("broadcasts", "asked_by", at="asked_at"),
    ActorColumn("bulletin_comments", "author", "author_name", "at", "text"),
    ActorColumn("bulletin_comments", "resolved_by", "resolved_by_name", "resolved_at"),
    ActorColumn("bulletin_template_versions", "author", "author_name", "created_at"),
    ActorColumn("bulletins", "writer", "writer_name", "created_at"),
    ActorColumn("case_decisions", "recorded_by", at="recorded_at"),
    ActorColumn("case_decisions", "ended_by", at="ended_at"),
    ActorColumn("case_files", "actor", "actor_name", "at"),
    ActorColumn("case_files", "removed_by", at="removed_at"),
    ActorColumn("cases", "entered_by", at="entered_at"),
    ActorColumn("cases", "withdrawn_by", at="withdrawn_at"),
    ActorColumn("compliance_rules", "added_by", at="added_at"),
    ActorColumn("decisions", "actor", "actor_name", "at", "note"),
    ActorColumn("decisions", "undone_by", at="undone_at"),
    ActorColumn("decisions", "was_decided_by", at="was_decided_at"),
    ActorColumn("editors", "invited_by", at="created_at"),
    ActorColumn("evidence_uploads", "actor", "actor_name", "at", "note"),
    ActorColumn("finding_steps", "actor", "actor_name", "at", "text"),
    ActorColumn("findings", "decided_by", at="decided_at"),
    ActorColumn("import_runs", "by", at="made_at"),
    ActorColumn("inspections", "asked_by"),
    ActorColumn("keys", "made_by", at="created_at"),
    ActorColumn("not_duplicates", "by", at="at"),
    ActorColumn("media_files", "author", "author_name", "created_at"),
    ActorColumn("media_uploads", "author", "author_name", "created_at"),
    ActorColumn("video_addresses", "actor", "actor_name", "created_at"),
    ActorColumn("notice_editions", "actor", "actor_name", "at"),
    ActorColumn("notice_read_receipts", "read_by", "read_by_name", "read_at"),
    ActorColumn("notice_read_receipts", "confirmed_by", "confirmed_by_name", "confirmed_at"),
    ActorColumn("notices", "written_by", "written_by_name", "changed_at"),
    ActorColumn("one_time_links", "made_by", at="made_at"),
    ActorColumn("page_reports", "actor", "actor_name", "at"),
    ActorColumn("partner_answers", "actor", "actor_name", "at", "text"),
    ActorColumn("partner_answers", "settled_by", at="settled_at"),
    ActorColumn("people", "confirmed_by"),
    ActorColumn("people", "unconfirmed_by", at="unconfirmed_since"),
    ActorColumn("personal_mails", "asked_by", at="asked_at"),
    ActorColumn("pictures", "author", "author_name", "created_at"),
    ActorColumn("push_messages", "by", at="asked_at"),
    ActorColumn("question_messages", "actor", "actor_name", "at", "text"),
    ActorColumn("report_runs", "asked_by", at="at"),
    ActorColumn("republications", "decided_by", at="decided_at"),
    ActorColumn("revisions", "author", "author_name", "created_at"),
    ActorColumn("role_rules", "made_by", at="made_at"),
    ActorColumn("saved_filters", "made_by", at="made_at"),
    ActorColumn("schedules", "made_by", at="made_at"),
    ActorColumn("sightings", "source", at="at"),  # of a report: who reported
    ActorColumn("social_posts", "actor", "actor_name", "at"),
    ActorColumn("surveys", "asked_by", at="asked_at"),
    ActorColumn("task_decisions", "by", "by_name", "at", "note"),
    ActorColumn("task_decisions", "to", "to_name"),
    ActorColumn("urgent_releases", "signer", "signer_name", "at"),
    ActorColumn("urgent_releases", "reviewer", "reviewer_name", "reviewed_at"),
    ActorColumn("webmention_blocks", "by", at="at"),
    ActorColumn("word_templates", "by", "by_name", "at"),
    ActorColumn("working_copies", "author", "author_name", "saved_at"),
)


@dataclass(frozen=True)
class OwnRows:
    """Rows that exist for one person alone and are deleted with them. ``by``: the column that names the person;
    ``shown``: the columns in an export, which has no secrets and no hashes of secrets."""

    table: str
    by: str
    shown: tuple[str, ...]


OWN_ROWS = (
    OwnRows("account_messages", "person_id", ("what", "by", "more", "at", "read_at")),
    OwnRows("push_subscriptions", "person_id", ("device", "host", "created_at", "last_success_at")),
    OwnRows("sessions", "person_id", ("way", "device", "began_at", "seen_at", "ended_at")),
    OwnRows("sessions", "editor_id", ("way", "device", "began_at", "seen_at", "ended_at")),
    OwnRows("one_time_links", "person_id", ("kind", "made_at", "expires_at", "used_at")),
    OwnRows("one_time_links", "editor_id", ("kind", "made_at", "expires_at", "used_at")),
    OwnRows("passkeys", "person_id", ("name", "created_at", "lastuse_datetime")),
    OwnRows("external_identities", "person_id", ("issuer", "subject", "linked_at")),
    OwnRows("saved_filters", "person_id", ("name", "made_at")),
    OwnRows("personal_mails", "address", ("kind", "address", "asked_at", "sent_at")),
    OwnRows("schedule_receivers", "address", ("address", "left_at")),
    OwnRows("report_mails", "address", ("address", "sent_at")),
)

# Columns that name people and are not changed by an erasure: where, and why.
KEPT_COLUMNS: dict[tuple[str, str], KeptBecause] = {
    ("journal", "actor"): KeptBecause.JOURNAL,
    ("briefing_versions", "made_by"): KeptBecause.FROZEN,
    ("briefing_versions", "made_by_name"): KeptBecause.FROZEN,
    ("office", "responsible"): KeptBecause.OFFICE,
    ("signers", "name"): KeptBecause.OFFICE,
    ("evidence", "author"): KeptBecause.PUBLISHED,
    ("republications", "author"): KeptBecause.PUBLISHED,
}
