"""The evidence of one copy as files of their own: everything kept, so that somebody else can check the conclusion."""

from dataclasses import dataclass
from datetime import datetime
from typing import IO, Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from campaigns.core import journal
from campaigns.core.clock import CITY
from campaigns.tracking.exhibits import Exhibit, exhibits_of
from campaigns.tracking.matching import bulletin_text
from campaigns.tracking.republications import Evidence, Republication
from campaigns.tracking.sightings import Sighting
from coordinator.exports.evidence import Wanted, write
from coordinator.keeping import PageStore
from coordinator.web.desk.evidence_ladder import reached
from coordinator.web.desk.republication_rows import climb_of, ways_of
from coordinator.web.wording import name_for

FORMAT = 1


def bundle(session: Session, row: Republication, *, now: datetime) -> dict[str, Any]:
    """What is known and how: addresses, times, hashes, passages, verdicts with their rule versions, decisions.

    Passages are offsets of characters into the revision's ``text`` and the page's ``page_text``, both in the file.
    """
    bulletin, page = row.bulletin, row.page
    numbers = sorted({one.revision for one in row.evidence if one.revision is not None} | {bulletin.latest})
    seen = select(Sighting).where(Sighting.page_id == row.page_id).order_by(Sighting.at, Sighting.id)
    seq, last = journal.end_of(session)
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
            "life": row.life.value,
            "level": row.level.value,
            "rungs": list(reached(climb_of(row, ways_of(session, [row.page_id]).get(row.page_id, {})))),
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
            {"how": one.how.value, "source": one.source, "at": _time(one.at)} for one in session.execute(seen).scalars()
        ],
        "evidence": [_evidence(number, one) for number, one in enumerate(row.evidence, 1)],
        "exhibits": [_exhibit(one) for one in exhibits_of(session, row)],
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
    one = row.bulletin.revision(number)
    return {
        "revision": one.number,
        "hash": one.hash,
        "released_at": _time(one.released_at),
        "text": bulletin_text(one.title, one.lead, one.body_text),
    }


def _evidence(number: int, one: Evidence) -> dict[str, Any]:
    return {
        "number": number,
        "rejudged": one.rejudged_from is not None,
        "page_file": _page_file(one),
        "archive_file": _archive_file(number, one),
        "at": _time(one.at),
        "status": one.status,
        "final_url": one.final_url,
        "body_sha256": one.body_hash,
        "page_title": one.page_title,
        "page_text": one.page_text,
        "revision": one.revision,
        "match": one.match.value,
        "share": one.share,
        "longest_run": one.longest_run,
        "title_kept": one.title_kept,
        "passages": one.passages,
        "attribution": one.attribution.value,
        "source_name": one.source_name,
        "source_link": one.source_link,
        "link_position": one.link_position,
        "source_text": one.source_text,
        "source_where": one.source_where,
        "published_at": _time(one.published_at),
        "published_at_from": one.published_from,
        "reasons": one.reasons,
        "rule_version": one.rule_version,
        "fingerprint_version": one.fp_version,
    }


def _exhibit(one: Exhibit) -> dict[str, Any]:
    return {
        "id": one.public,
        "file": _exhibit_file(one),
        "kind": one.kind.value,
        "measure": one.measure,
        "bytes": one.size,
        "sha256": one.body_hash,
        "uploaded_sha256": one.original_hash,
        "seen_at": _time(one.seen_at),
        "at": _time(one.at),
        "by": one.actor,
        "note": one.note,
    }


def _page_file(one: Evidence) -> str | None:
    # Not .html: what is opened by a double click is opened in a browser, with whatever it holds.
    return f"pages/{one.body_hash[:16]}.html.txt" if one.body_key is not None else None


def _archive_file(number: int, one: Evidence) -> str | None:
    return f"archives/{number:03d}.warc.gz" if one.capture_key is not None else None


def _exhibit_file(one: Exhibit) -> str:
    return f"exhibits/{one.public}.{one.kind.value}"


def kept_files(session: Session, row: Republication) -> list[Wanted]:
    """The kept files that the bundle names, where they are and what hash each must have."""
    found: list[Wanted] = []
    for number, one in enumerate(row.evidence, 1):
        page, archive = _page_file(one), _archive_file(number, one)
        if page is not None and one.body_key is not None:
            found.append(Wanted(page, one.body_key, one.body_hash))
        if archive is not None and one.capture_key is not None:
            found.append(Wanted(archive, one.capture_key, archive=True))
    found += [Wanted(_exhibit_file(one), one.body_key, one.body_hash) for one in exhibits_of(session, row)]
    return found


@dataclass(frozen=True)
class Dossier:
    """All that the file for an inspector is made of, but for the kept files themselves."""

    told: dict[str, Any]
    lines: dict[int, str]
    wanted: list[Wanted]
    at: datetime

    def write(self, out: IO[bytes], store: PageStore) -> list[str]:
        """Write the file; returns what is missing from it. Reads one kept file at a time, outside any session. Raises
        ``OSError`` when the store cannot be reached."""

        def read(one: Wanted) -> bytes:
            return store.archive(one.key) if one.archive else store.read(one.key)

        stands = (self._stands("vi", "hiện"), self._stands("en", "now"))
        return write(out, self.told, self.lines, self.wanted, read, at=self.at, stands=stands)

    def _stands(self, locale: str, now: str) -> str:
        copy = self.told["republication"]
        return f"{name_for('republication', copy['status'], locale)}, {now}: {name_for('life', copy['life'], locale)}"


def dossier(session: Session, row: Republication, *, now: datetime) -> Dossier:
    """The evidence of a copy, ready to be written as a file."""
    lines = {entry.seq: journal.line_of(entry) for entry in journal.history(session, "republication", row.public)}
    return Dossier(bundle(session, row, now=now), lines, kept_files(session, row), now)


def _time(moment: datetime | None) -> str | None:
    return moment.astimezone(CITY).isoformat(timespec="seconds") if moment is not None else None
