"""The evidence of one copy as a bundle of files, complete enough for others to verify the conclusion."""

from dataclasses import dataclass
from datetime import datetime
from typing import IO, Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from campaigns.core import journal
from campaigns.core.clock import CITY
from campaigns.discovery.sightings import Sighting
from campaigns.matching.matcher import bulletin_text
from campaigns.republications.evidence.uploads import EvidenceUpload, uploads_of
from campaigns.republications.republications import Evidence, Republication
from coordinator.exports.evidence_archive import ArchivedFile, write_evidence
from coordinator.storage.pages import PageStore
from coordinator.translation import speaking
from coordinator.web.desk.republications.evidence_levels import reached_levels
from coordinator.web.desk.republications.queries import evidence_facts, first_sightings
from coordinator.web.kit.text.state_labels import value_label

FORMAT = 1


def evidence_data(session: Session, row: Republication, *, now: datetime) -> dict[str, Any]:
    """Return what is known and how: addresses, times, hashes, passages, verdicts with their rule versions, decisions.

    Passages are character offsets into the revision's ``text`` and the page's ``page_text``, both in the bundle.
    """
    bulletin, page = row.bulletin, row.page
    numbers = sorted(
        {evidence.revision for evidence in row.evidence if evidence.revision is not None} | {bulletin.latest}
    )
    seen = select(Sighting).where(Sighting.page_id == row.page_id).order_by(Sighting.at, Sighting.id)
    seq, last = journal.last_entry_of(session)
    return {
        "format": FORMAT,
        "made_at": _time(now),
        "republication": {
            "id": row.public,
            "bulletin": bulletin.code,
            "site": row.site.code,
            "partner": row.site.company.code,
            "url": row.url,
            "canonical_url": row.canonical_url,
            "status": row.status.value,
            "duplicate_of": row.duplicate_of.public if row.duplicate_of is not None else None,
            "second_posting": row.second_posting,
            "life": row.life.value,
            "level": row.level.value,
            "levels": list(
                reached_levels(evidence_facts(row, first_sightings(session, [row.page_id]).get(row.page_id, {})))
            ),
            "counted_on": row.counted_on.isoformat(),
            "published_at": _time(row.published_at),
            "published_at_from": row.published_from,
            "first_seen_at": _time(row.first_seen_at),
            "confirmed_at": _time(row.confirmed_at),
            "checked_at": _time(row.checked_at),
            "gone_at": _time(row.gone_at),
            "reasons": row.reasons,
        },
        "bulletin": {
            "code": bulletin.code,
            "released_at": _time(bulletin.release_at),
            "recalled_at": _time(bulletin.recalled_at),
            "revisions": [_revision(row, number) for number in numbers],
        },
        "page": {
            "url": page.url,
            "status": page.status,
            "headers": {"etag": page.etag, "last-modified": page.last_modified},
            "checks": page.checks,
            "error": page.error,
        },
        "sightings": [
            {"how": sighting.how.value, "source": sighting.source, "at": _time(sighting.at)}
            for sighting in session.execute(seen).scalars()
        ],
        "evidence": [_evidence(number, evidence) for number, evidence in enumerate(row.evidence, 1)],
        "exhibits": [_exhibit(upload) for upload in uploads_of(session, row)],
        "journal_head": {"seq": seq, "hash": last},
        "journal": [
            {
                "seq": entry.seq,
                "at": _time(entry.at),
                "actor": entry.actor,
                "act": entry.act,
                "details": entry.details,
                "previous": entry.previous,
                "hash": entry.hash,
            }
            for entry in journal.history(session, "republication", row.public)
        ],
    }


def _revision(row: Republication, number: int) -> dict[str, Any]:
    revision = row.bulletin.revision(number)
    return {
        "revision": revision.number,
        "hash": revision.hash,
        "released_at": _time(revision.released_at),
        "text": bulletin_text(revision.title, revision.lead, revision.body_text),
    }


def _evidence(number: int, evidence: Evidence) -> dict[str, Any]:
    return {
        "number": number,
        "rejudged": evidence.rejudged_from is not None,
        "page_file": _page_file(evidence),
        "archive_file": _archive_file(number, evidence),
        "at": _time(evidence.at),
        "status": evidence.status,
        "final_url": evidence.final_url,
        "body_sha256": evidence.body_hash,
        "page_title": evidence.page_title,
        "page_text": evidence.page_text,
        "revision": evidence.revision,
        "match": evidence.match.value,
        "share": evidence.share,
        "longest_run": evidence.longest_run,
        "title_kept": evidence.title_kept,
        "passages": evidence.passages,
        "attribution": evidence.attribution.value,
        "source_name": evidence.source_name,
        "source_link": evidence.source_link,
        "link_position": evidence.link_position,
        "source_text": evidence.source_text,
        "source_where": evidence.source_where,
        "published_at": _time(evidence.published_at),
        "published_at_from": evidence.published_from,
        "reasons": evidence.reasons,
        "rule_version": evidence.rule_version,
        "fingerprint_version": evidence.fp_version,
    }


def _exhibit(upload: EvidenceUpload) -> dict[str, Any]:
    return {
        "id": upload.public,
        "file": _exhibit_file(upload),
        "kind": upload.kind.value,
        "measure": upload.measure,
        "bytes": upload.size,
        "sha256": upload.body_hash,
        "uploaded_sha256": upload.original_hash,
        "seen_at": _time(upload.seen_at),
        "at": _time(upload.at),
        "by": upload.actor,
        "note": upload.note,
    }


def _page_file(evidence: Evidence) -> str | None:
    # Not .html, because a double click would open the page and run its content.
    return f"pages/{evidence.body_hash[:16]}.html.txt" if evidence.body_key is not None else None


def _archive_file(number: int, evidence: Evidence) -> str | None:
    return f"archives/{number:03d}.warc.gz" if evidence.capture_key is not None else None


def _exhibit_file(upload: EvidenceUpload) -> str:
    return f"exhibits/{upload.public}.{upload.kind.value}"


def kept_files(session: Session, row: Republication) -> list[ArchivedFile]:
    """Return the stored files that the bundle names, with their location and expected hash."""
    found: list[ArchivedFile] = []
    for number, evidence in enumerate(row.evidence, 1):
        page, archive = _page_file(evidence), _archive_file(number, evidence)
        if page is not None and evidence.body_key is not None:
            found.append(ArchivedFile(page, evidence.body_key, evidence.body_hash))
        if archive is not None and evidence.capture_key is not None:
            found.append(ArchivedFile(archive, evidence.capture_key, archive=True))
    found += [
        ArchivedFile(_exhibit_file(upload), upload.body_key, upload.body_hash) for upload in uploads_of(session, row)
    ]
    return found


@dataclass(frozen=True)
class EvidenceDossier:
    """The content of the bundle without the stored files."""

    content: dict[str, Any]
    lines: dict[int, str]
    wanted: list[ArchivedFile]
    at: datetime

    def write(self, out: IO[bytes], store: PageStore) -> list[str]:
        """Write the bundle; returns what is missing from it. Reads one stored file at a time, outside of any session.
        Raises ``OSError`` when the storage cannot be reached.
        """

        def read(file: ArchivedFile) -> bytes:
            return store.archive(file.key) if file.archive else store.read(file.key)

        stands = (self._stands("vi", "hiện"), self._stands("en", "now"))
        return write_evidence(out, self.content, self.lines, self.wanted, read, at=self.at, stands=stands)

    def _stands(self, locale: str, now: str) -> str:
        copy = self.content["republication"]
        with speaking(locale):
            return f"{value_label('republication', copy['status'])}, {now}: {value_label('life', copy['life'])}"


def evidence_dossier(session: Session, row: Republication, *, now: datetime) -> EvidenceDossier:
    """Return the evidence of a copy, ready to be written."""
    lines = {
        entry.seq: journal.canonical_line(entry) for entry in journal.history(session, "republication", row.public)
    }
    return EvidenceDossier(evidence_data(session, row, now=now), lines, kept_files(session, row), now)


def _time(moment: datetime | None) -> str | None:
    return moment.astimezone(CITY).isoformat(timespec="seconds") if moment is not None else None
