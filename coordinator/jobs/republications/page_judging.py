"""Judging of one page: what the child that reads it asks of our bulletins is answered from the database."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from campaigns.bulletins.bulletins import Bulletin
from campaigns.bulletins.library import played_media
from campaigns.bulletins.library.played_media import PlayedMedium
from campaigns.discovery import pending_pages
from campaigns.discovery.sightings import Page, Sighting, site_profile
from campaigns.discovery.urls import host_of
from campaigns.matching.fingerprint_index import IndexedCandidates
from campaigns.matching.fingerprints import Hashes
from campaigns.matching.parsed_page import TimeClaim
from campaigns.matching.prepared_bulletin import PreparedBulletin
from campaigns.people.office import Office, current_office
from campaigns.republications.attribution.office_spellings import office_source_names
from campaigns.republications.attribution.site_templates import NO_TEMPLATE
from campaigns.republications.attribution.template_pages import site_template
from campaigns.republications.attribution.verdicts import OurSource
from campaigns.republications.evidence.bulletin_records import StoredRecords, address_roots
from campaigns.republications.evidence.judgement import JudgementSettings, MediaFind
from campaigns.republications.republications import copies_on_page
from coordinator.discovery.pages.judging import (
    FetchedBody,
    JudgedPage,
    JudgingTask,
    judge_fetched,
    judge_found_media,
)
from coordinator.jobs.context import JobContext
from coordinator.jobs.matching.fingerprint_indexing import index_released


def judge_body(
    context: JobContext,
    page_id: int,
    fetched: FetchedBody,
    *,
    claims: Iterable[TimeClaim] = (),
    keep: bool = False,
    templated: bool = True,
    now: datetime,
) -> JudgedPage:
    """Judge what was fetched of a page, in a child process. Holds no session meanwhile.

    ``keep``: the page's fingerprint is kept for texts released later, and those released until now are indexed before
    it is judged. ``templated``: what all pages of the site carry is no source. ``now``: later times are rejected.
    Raises ``UnreadablePage``, and ``ChildFailed`` where the machine could not read it.
    """
    task, answers = _judging(context, page_id, tuple(claims), keep=keep, templated=templated, now=now)
    return judge_fetched(fetched, task, answers)


def describe_by_media(
    context: JobContext,
    page_id: int,
    fetched: FetchedBody,
    finds: Sequence[MediaFind],
    *,
    claims: Iterable[TimeClaim] = (),
    now: datetime,
) -> JudgedPage:
    """Judge what was fetched of a page by the pictures of ours that were found on it; otherwise as ``judge_body``, but
    for the fingerprint, which is empty."""
    task, answers = _judging(context, page_id, tuple(claims), keep=False, templated=True, now=now)
    return judge_found_media(fetched, task, answers, finds)


def with_media_finds(
    context: JobContext,
    page_id: int,
    fetched: FetchedBody,
    judged: JudgedPage,
    finds: Sequence[MediaFind],
    claims: Iterable[TimeClaim],
    *,
    now: datetime,
) -> JudgedPage:
    """A judged page with what was found of its media: in place of what its text said of the same bulletins. Raises as
    ``judge_body``."""
    if not finds:
        return judged
    described = describe_by_media(context, page_id, fetched, finds, claims=claims, now=now)
    shown = {judgement.bulletin for judgement in described.judgements}
    others = tuple(judgement for judgement in judged.judgements if judgement.bulletin not in shown)
    return replace(described, judgements=(*others, *described.judgements), prints=judged.prints)


def _judging(
    context: JobContext, page_id: int, claims: tuple[TimeClaim, ...], *, keep: bool, templated: bool, now: datetime
) -> tuple[JudgingTask, "_StoredAnswers"]:
    with context.database.read() as session:
        page = session.get_one(Page, page_id)
        task = JudgingTask(
            JudgementSettings(
                profile=site_profile(session, page.site),
                template=site_template(session, page.site_id) if templated else NO_TEMPLATE,
            ),
            address_roots(context.addresses),
            office_source(context, current_office(session)),
            claims,
            page.first_seen_at,
            bool(copies_on_page(session, page)),
            context.renderer is not None,
            now,
        )
        expected = expected_bulletins(session, page)
    return task, _StoredAnswers(context, page_id, expected, keep=keep)


class _StoredAnswers:
    """``BulletinQuestions``, each answered in a session of its own: a page that takes long holds none."""

    def __init__(self, context: JobContext, page_id: int, expected: Sequence[int], *, keep: bool) -> None:
        self._context, self._page_id, self._expected, self._keep = context, page_id, tuple(expected), keep

    def page_read(self, hashes: Hashes) -> None:
        """See ``BulletinQuestions``."""
        if not self._keep:
            return
        with self._context.database.write() as session:
            pending_pages.keep_page(session, self._page_id, hashes, now=self._context.now())
        index_released(self._context)  # a copy may appear before the tick that follows a release

    def candidates(
        self, hashes: Hashes, least: int, limit: int, first: Sequence[str], before: datetime | None
    ) -> Sequence[PreparedBulletin]:
        """See ``BulletinQuestions``."""
        with self._context.database.read() as session:
            index = IndexedCandidates(session, self._expected)
            return index.lookup(hashes, least, limit, first=first, before=before)

    def source_of(self, ident: str) -> OurSource:
        """See ``BulletinQuestions``."""
        with self._context.database.read() as session:
            return own_source(self._context, session, current_office(session))(ident)

    def bulletin_of_code(self, code: str) -> str | None:
        """See ``BulletinQuestions``."""
        with self._context.database.read() as session:
            return self._records(session).bulletin_of_code(code)

    def released_at(self, ident: str) -> datetime | None:
        """See ``BulletinQuestions``."""
        with self._context.database.read() as session:
            return self._records(session).released_at(ident)

    def delivered(self, ident: str) -> int:
        """See ``BulletinQuestions``."""
        with self._context.database.read() as session:
            return self._records(session).delivered(ident)

    def played(self, way: str, name: str) -> PlayedMedium | None:
        """See ``BulletinQuestions``."""
        finders = {"code": played_media.of_code, "file": played_media.of_file, "upload": played_media.of_upload}
        with self._context.database.read() as session:
            return finders[way](session, name, now=self._context.now())

    def _records(self, session: Session) -> StoredRecords:
        return StoredRecords(session, session.get_one(Page, self._page_id), self._context.addresses)


def expected_bulletins(session: Session, page: Page) -> list[int]:
    """The ids of the bulletins that are claimed to be on this page or were found on it before."""
    query = sa.select(Sighting.bulletin_id).where(Sighting.page_id == page.id, Sighting.bulletin_id.is_not(None))
    claimed = [ident for ident in session.execute(query).scalars() if ident is not None]
    return list(dict.fromkeys([*claimed, *(row.bulletin_id for row in copies_on_page(session, page))]))


def own_source(context: JobContext, session: Session, office: Office) -> Callable[[str], OurSource]:
    """The source that a copy of a bulletin must name or link: its addresses, our hosts, our names."""
    shared = office_source(context, office)

    def source(ident: str) -> OurSource:
        bulletin = session.get_one(Bulletin, int(ident))
        before = (bulletin.source_url,) if bulletin.reported_on is not None and bulletin.source_url else ()
        return replace(shared, urls=(*before, *context.addresses.everywhere(bulletin.code)))

    return source


def office_source(context: JobContext, office: Office) -> OurSource:
    """Our hosts and names, without a bulletin's addresses."""
    hosts = frozenset(host_of(base) for base in context.addresses.all_bases)
    return OurSource((), hosts, office_source_names(office))
