"""Video and audio files of a page, compared with ours by their bytes where the page carries no text of ours.

A file is fetched only where its host says that it is as long as one of ours, with the pace and the robots.txt of that
host, and only where it can find something: as with pictures (``picture_looks``). A file that was made smaller or cut is
not found by its bytes.
"""

import hashlib
import logging
from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import datetime
from typing import Final

from sqlalchemy.orm import Session

from campaigns.bulletins.library import played_media
from campaigns.bulletins.library.played_media import PlayedMedium
from campaigns.discovery.sightings import Page
from campaigns.discovery.unreadable_reasons import UnreadableReason
from campaigns.matching.classification import CARRIED
from campaigns.matching.parsed_page import TimeClaim
from campaigns.matching.pictures.comparison import MediaWay
from campaigns.republications.evidence.judgement import Judgement, MediaFind
from campaigns.republications.republications import copies_on_page, found_medium, was_played
from coordinator.discovery.pages.judging import FetchedBody, JudgedPage
from coordinator.http.errors import RequestError, RequestErrorKind
from coordinator.jobs.context import JobContext
from coordinator.jobs.republications.page_judging import expected_bulletins, with_media_finds
from coordinator.jobs.republications.picture_looks import COMPARED, YOUNG

log = logging.getLogger(__name__)

MOST_FILES: Final = 3  # of one page that are asked for
HEAD_SECONDS: Final = 10.0
FILE_SECONDS: Final = 60.0


def look_at_files(
    context: JobContext,
    page_id: int,
    fetched: FetchedBody,
    judged: JudgedPage,
    claims: Iterable[TimeClaim],
    fetched_before: Iterable[Judgement] = (),
    *,
    now: datetime,
) -> JudgedPage:
    """Look for our video and audio files on a page that carries no text of ours, or on which such a copy is known.
    ``fetched_before``: what the same page was judged to carry a moment ago, whose files are not fetched again.

    Raises ``RequestError`` where a known copy is not found and a file cannot be had, otherwise as ``judge_body``.
    """
    bare = judged.unreadable in {UnreadableReason.PICTURE_ONLY, UnreadableReason.IN_FRAME}
    if not judged.files and not bare:
        return judged
    with context.database.read() as session:
        if bare and any(was_played(row) for row in copies_on_page(session, session.get_one(Page, page_id))):
            # Of a copy that is played this page says enough: it was looked at for its players.
            judged = replace(judged, unreadable=None)
        known, ours = _looked_for(session, page_id, judged, fetched_before, now)
    if not ours:
        return judged
    carried = {judgement.bulletin for judgement in judged.judgements if judgement.match.match in CARRIED}
    finds: dict[str, MediaFind] = {}
    failed: RequestError | None = None
    for address in judged.files[:MOST_FILES]:
        try:
            found = _same_file(context, address, ours, known.get(address))
        except RequestError as error:
            log.info("file %s: %s", address, error)
            failed = failed or error
            continue
        if found is not None and str(found.bulletin_id) not in carried:
            finds.setdefault(str(found.bulletin_id), _find(address, found))
    if failed is not None and known and not finds:
        raise failed
    return with_media_finds(context, page_id, fetched, judged, list(finds.values()), claims, now=now)


def _looked_for(
    session: Session, page_id: int, judged: JudgedPage, fetched_before: Iterable[Judgement], now: datetime
) -> tuple[Mapping[str, str], list[PlayedMedium]]:
    """The SHA-256 of the files that copies on the page were found by, by address; and the files of ours to compare
    with, none where the page's need not be looked at."""
    page = session.get_one(Page, page_id)
    before = [judgement.medium for judgement in fetched_before if judgement.medium is not None]
    known = {find.address: find.digest for find in before if find.by is MediaWay.FILE}
    for row in copies_on_page(session, page):
        if (found := found_medium(row)) is not None and found["by"] == MediaWay.FILE.value:
            known[str(found["address"])] = str(found["sha256"])
    if not known and any(judgement.match.match in CARRIED for judgement in judged.judgements):
        return known, []
    expected = expected_bulletins(session, page)
    if not (known or judged.names_us or expected or played_media.released_since(session, now - YOUNG, [], now=now)):
        return known, []
    return known, played_media.released_since(session, now - COMPARED, expected, now=now)


def _same_file(context: JobContext, address: str, ours: list[PlayedMedium], known: str | None) -> PlayedMedium | None:
    """The file of ours that is at an address. ``known``: the SHA-256 of what was there before; a file that is as long
    is taken for the same. Raises ``RequestError``."""
    answer = context.http_client.head(address, deadline=HEAD_SECONDS)
    if answer.status in {404, 410}:
        return None
    length = answer.headers.get("Content-Length", "")
    if answer.status != 200:
        raise RequestError(f"a file of the page answered {answer.status}", kind=RequestErrorKind.UNREACHABLE, sent=True)
    near = [medium for medium in ours if length.isdigit() and medium.length == int(length)]
    if not near:
        return None
    digest = known
    if digest is None or all(medium.sha256 != digest for medium in near):
        whole = context.http_client.get(address, cap=near[0].length, deadline=FILE_SECONDS, robots=True)
        digest = hashlib.sha256(whole.body).hexdigest()
    return next((medium for medium in reversed(near) if medium.sha256 == digest), None)


def _find(address: str, medium: PlayedMedium) -> MediaFind:
    return MediaFind(
        bulletin=str(medium.bulletin_id), revision=medium.revision, address=address, digest=medium.sha256,
        ident=medium.ident, by=MediaWay.FILE, agrees=True, distance=0, share=None,
        reason="file: the page plays the same file",
    )  # fmt: skip
