"""The check that released texts and approvals are those that the journal names.

A revision's hash covers all that readers and receivers get of it; the journal's entries of writing, approval and
release name that hash with the person. A text, an author or an approval that was changed past the product fits its
entries no more. ``body_text``, which is made of ``body_html``, has a hash of its own; entries of releases that recorded
none say nothing of it.
"""

import json
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from campaigns.bulletins.bulletins import Approval, Bulletin, Filing, Revision, plain_text_hash, text_hash
from campaigns.core.journal import ChainBreak, JournalEntry
from campaigns.people.journal_check import verify_journal
from campaigns.people.personal_data.erasure import ERASED

BULLETINS_PER_READ = 200
_WRITTEN = frozenset({"bulletin.written", "bulletin.revised", "bulletin.correction_written"})
_RELEASED = frozenset({"bulletin.published", "bulletin.scheduled", "bulletin.corrected"})
_ACTS = (*_WRITTEN, *_RELEASED, "bulletin.approved")


@dataclass(frozen=True)
class TextsCheck:
    """The result. ``broken``: the first fault; ``bulletins``: those compared, ``unnamed``: revisions among theirs of
    which no entry of the journal names the hash, so that they could not be checked."""

    broken: ChainBreak | None
    bulletins: int
    unnamed: int


def verify_record(session: Session) -> TextsCheck:
    """Check the journal, and then what ``verify_texts`` checks."""
    if (broken := verify_journal(session)) is not None:
        return TextsCheck(broken, 0, 0)
    return verify_texts(session)


def verify_texts(session: Session) -> TextsCheck:
    """Check every bulletin's revisions, approvals and released number against a journal that holds."""
    erased_query = sa.select(JournalEntry.subject).where(JournalEntry.act == ERASED)
    erased = frozenset(session.execute(erased_query).scalars())
    after = bulletins = unnamed = 0
    while True:
        query = sa.select(Bulletin.id, Bulletin.code, Bulletin.released).where(Bulletin.id > after)
        rows = session.execute(query.order_by(Bulletin.id).limit(BULLETINS_PER_READ)).all()
        if not rows:
            return TextsCheck(None, bulletins, unnamed)
        entries = _entries(session, [row.code for row in rows])
        ids = [row.id for row in rows]
        revisions = _by_bulletin(session, Revision, Revision.number, ids)
        approvals = _by_bulletin(session, Approval, Approval.id, ids)
        for row in rows:
            told = entries[row.code]
            fault, missing = _fault(row, revisions[row.id], approvals[row.id], told, erased)
            if fault is not None:
                seq = told[-1].seq if told else 1
                return TextsCheck(ChainBreak(seq, f"{row.code}: {fault}"), bulletins, unnamed)
            bulletins, unnamed = bulletins + 1, unnamed + missing
        after = rows[-1].id
        session.expunge_all()


def _by_bulletin(session: Session, kind: Any, order: Any, ids: Sequence[int]) -> defaultdict[int, list[Any]]:
    found: defaultdict[int, list[Any]] = defaultdict(list)
    for row in session.execute(sa.select(kind).where(kind.bulletin_id.in_(ids)).order_by(order)).scalars():
        found[row.bulletin_id].append(row)
    return found


@dataclass(frozen=True)
class _Named:
    """An entry that names a text. ``plain``: the hash of its plain text, None in an entry of an earlier release."""

    seq: int
    act: str
    actor: str
    revision: int
    hash: str
    plain: str | None


def _entries(session: Session, codes: Sequence[str]) -> defaultdict[str, list[_Named]]:
    query = sa.select(
        JournalEntry.seq, JournalEntry.subject, JournalEntry.act, JournalEntry.actor, JournalEntry.details
    ).where(
        JournalEntry.subject_kind == "bulletin", JournalEntry.subject.in_(codes), JournalEntry.act.in_(_ACTS)
    )  # fmt: skip
    found: defaultdict[str, list[_Named]] = defaultdict(list)
    for seq, code, act, actor, text in session.execute(query.order_by(JournalEntry.seq)):
        details = json.loads(text)
        if digest := details.get("hash"):
            found[code].append(
                _Named(seq, act, actor, int(details.get("revision", 1)), digest, details.get("plain_hash"))
            )
    return found


def _fault(
    row: Any,
    revisions: Sequence[Revision],
    approvals: Sequence[Approval],
    told: Sequence[_Named],
    erased: frozenset[str],
) -> tuple[str | None, int]:
    """What does not fit of one bulletin, and the number of its revisions that no entry names."""
    written = {item.revision: item for item in told if item.act in _WRITTEN}
    unnamed = 0
    for revision in revisions:
        named = written.get(revision.number)
        if named is None:
            unnamed += 1
        elif named.hash != revision.hash or _recomputed(revision) != revision.hash:
            return f"the text of revision {revision.number} is not the one that was written", unnamed
        elif named.plain is not None and plain_text_hash(revision.body_text) != named.plain:
            return f"the plain text of revision {revision.number} is not the one that was written", unnamed
        elif not _is_actor(revision.author, named.actor, erased):
            return f"the author of revision {revision.number} is not the one of its entry", unnamed
    if (gone := set(written) - {revision.number for revision in revisions}) != set():
        return f"revision {min(gone)} is missing", unnamed
    named_approvals = [item for item in told if item.act == "bulletin.approved"]
    if len(named_approvals) != len(approvals):
        return f"it has {len(approvals)} approvals, and the journal names {len(named_approvals)}", unnamed
    for approval, item in zip(approvals, named_approvals, strict=True):
        if (approval.revision, approval.revision_hash) != (item.revision, item.hash):
            return f"an approval of revision {item.revision} names another text", unnamed
        if not _is_actor(approval.approver, item.actor, erased):
            return f"the approver of revision {item.revision} is not the one of its entry", unnamed
    last = next((item for item in reversed(told) if item.act in _RELEASED), None)
    if row.released is not None and (last is None or last.revision != row.released):
        return f"revision {row.released} is out, and the journal does not say that it was released last", unnamed
    return None, unnamed


def _recomputed(revision: Revision) -> str:
    filing = Filing(revision.topic_code, revision.campaign_code, revision.source_url, revision.wanted_channels)
    return text_hash(
        revision.title, revision.lead, revision.body_html, revision.presentation, media=revision.media, filing=filing,
        note=revision.note,
    )  # fmt: skip


def _is_actor(has: str, had: str, erased: frozenset[str]) -> bool:
    return has == had or any(has.endswith(pseudonym) for pseudonym in erased)
