"""Pictures of a page, fetched and compared with ours where the page carries no text of ours.

They are fetched by the pace and the robots.txt of their own host, and only where it can find something: shortly after a
bulletin with pictures, on a page that names us or shows pictures alone, or where a copy is known or reported.
"""

import logging
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from functools import cached_property
from typing import Any, Final

import numpy as np
from sqlalchemy.orm import Session

from campaigns.discovery import site_pictures
from campaigns.discovery.sightings import Page
from campaigns.discovery.site_pictures import SitePicture, address_key
from campaigns.discovery.unreadable_reasons import UnreadableReason
from campaigns.matching.candidates import CANDIDATE_LIMIT, LEAST_SHARED, CandidateSource
from campaigns.matching.classification import CARRIED, Match
from campaigns.matching.fingerprint_index import IndexedCandidates
from campaigns.matching.fingerprints import Hashes
from campaigns.matching.parsed_page import TimeClaim
from campaigns.matching.pictures.comparison import PLAYED, MediaWay, PictureAgreement, PictureContent
from campaigns.matching.pictures.finding import (
    MOST_PICTURE_BYTES,
    MOST_PICTURES,
    FoundPicture,
    PictureCollection,
    best_finds,
    finds_in_picture,
)
from campaigns.matching.pictures.fingerprints import (
    has_own_text,
    has_released_pictures,
    released_pictures,
)
from campaigns.matching.pictures.hashes import WORDS
from campaigns.matching.prepared_bulletin import PreparedBulletin
from campaigns.republications.evidence.judgement import Judgement, MediaFind
from campaigns.republications.evidence.verification import KeptPicture
from campaigns.republications.republications import copies_on_page, was_played
from coordinator.discovery.pages.judging import FetchedBody, JudgedPage
from coordinator.http.errors import RequestError, RequestErrorKind
from coordinator.http.responses import HttpResponse
from coordinator.imports.files.cleaned_file import FileRejected
from coordinator.imports.files.upload_inspection import clean_upload
from coordinator.imports.pictures.reading import (
    PictureReading,
    UnreadablePicture,
    read_picture,
    read_picture_text,
)
from coordinator.jobs.context import JobContext
from coordinator.jobs.matching.picture_fingerprinting import READ_SECONDS, fingerprint_pictures
from coordinator.jobs.republications.captures import store_capture
from coordinator.jobs.republications.page_judging import describe_by_media, expected_bulletins, with_media_finds
from coordinator.sandbox import LOST, ChildFailed, read_in_child

log = logging.getLogger(__name__)

YOUNG: Final = timedelta(days=3)  # a bulletin so young may appear on any page of a partner
COMPARED: Final = timedelta(days=60)  # the pictures of bulletins released before are not looked for
DEADLINE: Final = 15.0  # seconds for one picture
_BESIDE_TEXT: Final = (
    "picture_beside_text: the picture has no text, and its bulletin has a text of its own; a person looks"
)


@dataclass(frozen=True)
class PictureLook:
    """What the pictures of a page show. ``judged``: the page with what was found; ``kept``: by bulletin, what was kept
    of its picture."""

    judged: JudgedPage
    kept: Mapping[str, KeptPicture] = field(default_factory=dict)


@dataclass(frozen=True)
class _LookedFor:
    """What a page's pictures are compared with. ``texts``: for the text in them, None where it is not read;
    ``copies``: the bulletins of which the page is known to have a copy that is a picture."""

    site_id: int
    ours: PictureCollection
    texts: CandidateSource | None
    copies: frozenset[str] = frozenset()


def look_at_pictures(
    context: JobContext,
    page_id: int,
    fetched: FetchedBody,
    judged: JudgedPage,
    claims: Iterable[TimeClaim],
    *,
    keep: bool = False,
    now: datetime,
) -> PictureLook:
    """Look for our pictures on a page that carries no text of ours, or on which a copy that is a picture is known.
    ``keep``: those that are found are stored.

    Raises ``RequestError`` where a known copy is not found and a picture cannot be had, ``OSError`` where one cannot be
    stored, otherwise as ``judge_body``.
    """
    wanted = _looked_for(context, page_id, judged, now) if judged.pictures else None
    if wanted is None:
        return PictureLook(judged)
    pictures = _pictures_of(context, page_id, judged.pictures, wanted, now)
    finds = _ours(best_finds(find for picture in pictures for find in picture.finds(wanted, keep=keep)))
    found = {picture.address: picture for picture in pictures}
    with context.database.read() as session:
        named = [_named(session, find, found[find.url].digest, found[find.url].text_read) for find in finds]
    matches = {judgement.bulletin: judgement.match.match for judgement in judged.judgements}
    # A text is no picture too, and what a person looks at anyway is not put before him as a picture.
    named = [
        find
        for find in named
        if find.bulletin not in matches or (find.agrees and matches[find.bulletin] not in CARRIED)
    ]
    _refuse_unseen(wanted, named, pictures)
    if not named:
        # Of a copy that is a picture this page says enough: what it shows was looked at.
        seen = wanted.copies and judged.unreadable is UnreadableReason.PICTURE_ONLY
        return PictureLook(replace(judged, unreadable=None) if seen else judged)
    whole = with_media_finds(context, page_id, fetched, judged, named, claims, now=now)
    return PictureLook(whole, _kept(context, whole.judgements, found, now) if keep else {})


def _refuse_unseen(wanted: _LookedFor, named: Sequence[MediaFind], pictures: "Sequence[_PagePicture]") -> None:
    """Raise why a picture could not be had, where a known copy may be in it."""
    failed = [picture.failure for picture in pictures if picture.failure is not None]
    if failed and wanted.copies - {find.bulletin for find in named}:
        raise failed[0]


def _looked_for(context: JobContext, page_id: int, judged: JudgedPage, now: datetime) -> _LookedFor | None:
    """What to compare a page's pictures with, None where they need not be looked at."""
    picture_only = judged.unreadable is UnreadableReason.PICTURE_ONLY
    with context.database.read() as session:
        page = session.get_one(Page, page_id)
        rows = copies_on_page(session, page)
        copies = frozenset(str(row.bulletin_id) for row in rows if row.match is Match.PICTURE and not was_played(row))
        if not copies and any(judgement.match.match in CARRIED for judgement in judged.judgements):
            return None
        expected = expected_bulletins(session, page)
        is_young = has_released_pictures(session, now - YOUNG)
        if not (picture_only or judged.names_us or expected or is_young):
            return None
    fingerprint_pictures(context)  # a copy may appear before the tick that follows a release
    reads_texts = picture_only or judged.names_us
    with context.database.read() as session:
        site_id = session.get_one(Page, page_id).site_id
        ours = PictureCollection(released_pictures(session, now - COMPARED, expected))
    if not ours and not reads_texts:
        return None
    return _LookedFor(site_id, ours, _StoredTexts(context, expected) if reads_texts else None, copies)


class _StoredTexts:
    """``CandidateSource`` that is asked in a session of its own."""

    def __init__(self, context: JobContext, expected: Sequence[int]) -> None:
        self._context, self._expected = context, tuple(expected)

    def lookup(
        self,
        hashes: Hashes,
        least: int = LEAST_SHARED,
        limit: int = CANDIDATE_LIMIT,
        *,
        first: Iterable[str] = (),
        before: datetime | None = None,
    ) -> Sequence[PreparedBulletin]:
        """See ``CandidateSource``."""
        with self._context.database.read() as session:
            index = IndexedCandidates(session, self._expected)
            return index.lookup(hashes, least, limit, first=list(first), before=before)


class _PagePicture:
    """One picture of a page: what was read of it before, or its file, fetched once when it is needed."""

    def __init__(
        self, context: JobContext, site_id: int, page_id: int, address: str, known: SitePicture | None, now: datetime
    ) -> None:
        self._context, self._site_id, self._page_id, self._now = context, site_id, page_id, now
        self.address, self._known = address, known
        self._text = known.text if known is not None else None
        self.failure: RequestError | None = None

    @cached_property
    def answer(self) -> HttpResponse:
        """The response with the file. Raises ``RequestError``, also for another status."""
        answer = self._context.http_client.get(
            self.address, cap=MOST_PICTURE_BYTES, deadline=DEADLINE, accept="image/*", robots=True
        )
        if answer.status != 200:
            raise _NotHad(answer.status)
        return answer

    @cached_property
    def content(self) -> PictureContent | None:
        """The picture as it is compared, None for one that cannot be read. Raises ``RequestError``."""
        if self._known is not None:
            return _content_of(self._known)
        return self._read_anew()

    def _read_anew(self) -> PictureContent | None:
        """Fetch and read it, and remember what was read. Raises as ``content``."""
        read = _reading(self.answer.body)
        kept = SitePicture(
            address_key=address_key(self.address), page_id=self._page_id, pages=1, fetched_at=self._now,
            site_id=self._site_id, digest=read.digest if read is not None else None,
            hashes=read.content.hashes.tobytes() if read is not None else None,
        )  # fmt: skip
        with self._context.database.write() as session:
            site_pictures.save_picture(session, kept)
        self._known = self._text = None
        self.content = read.content if read is not None else None
        return self.content

    def text(self, mirrored: bool) -> str | None:
        """The text in it. Raises ``RequestError``."""
        if mirrored:
            return _text_in(self.answer.body, mirrored)
        if self._text is None and (read := _text_in(self.answer.body, mirrored)) is not None:
            self._text = read
            with self._context.database.write() as session:
                site_pictures.save_text(session, self._site_id, self.address, read)
        return self._text

    @property
    def text_read(self) -> str | None:
        """The text that was read in it, None where nobody asked."""
        return self._text

    @property
    def digest(self) -> str:
        """SHA-256 of its file in hex."""
        return min(self.content.digests) if self.content is not None else ""

    def finds(self, wanted: _LookedFor, *, keep: bool) -> list[FoundPicture]:
        """The bulletins that it carries; none of a picture that cannot be had, with the reason in ``failure``."""
        try:
            if wanted.copies:
                self._read_anew()
            found = self._compared(wanted)
            if found and keep and self._known is not None:
                # What is kept is the file of now, so that is what is judged.
                self._read_anew()
                found = self._compared(wanted)
        except RequestError as error:
            log.info("picture %s: %s", self.address, error)
            is_gone = isinstance(error, _NotHad) and error.is_gone
            self.failure = None if is_gone or error.kind is RequestErrorKind.TOO_LARGE else error
            return []
        return found

    def _compared(self, wanted: _LookedFor) -> list[FoundPicture]:
        if self.content is None:
            return []
        return finds_in_picture(self.address, self.content, self.text, wanted.ours, wanted.texts)


class _NotHad(RequestError):
    """The host answered without the picture."""

    def __init__(self, status: int) -> None:
        super().__init__(f"a picture of the page answered {status}", kind=RequestErrorKind.UNREACHABLE, sent=True)
        self.is_gone = status in {404, 410}


def _pictures_of(
    context: JobContext, page_id: int, addresses: Sequence[str], wanted: _LookedFor, now: datetime
) -> "list[_PagePicture]":
    """The first pictures of a page, without those that stand on many pages of its site."""
    with context.database.write() as session:
        known = site_pictures.known_pictures(session, wanted.site_id, addresses)
        site_pictures.record_met(known.values(), page_id)
        common = {address for address, row in known.items() if row.pages >= site_pictures.DECORATION}
        session.flush()
        session.expunge_all()
    chosen = [address for address in addresses if wanted.copies or address not in common][:MOST_PICTURES]
    return [_PagePicture(context, wanted.site_id, page_id, address, known.get(address), now) for address in chosen]


def _content_of(row: SitePicture) -> PictureContent | None:
    if row.digest is None or row.hashes is None:
        return None
    return PictureContent(frozenset({row.digest}), np.frombuffer(row.hashes, np.uint64).reshape(-1, WORDS))


def _reading(body: bytes) -> PictureReading | None:
    """A found picture, read in a child; None for one that cannot be read."""
    try:
        return read_in_child(read_picture, body, False, False, raises=(UnreadablePicture,), cpu_seconds=READ_SECONDS)
    except UnreadablePicture as error:
        log.info("a picture of a page cannot be read: %s", error)
    except ChildFailed as error:
        if error.code == LOST:
            raise
        log.info("a picture of a page cannot be read: %s", error)
    return None


def _text_in(body: bytes, mirrored: bool) -> str | None:
    try:
        return read_in_child(read_picture_text, body, mirrored, raises=(UnreadablePicture,), cpu_seconds=READ_SECONDS)
    except UnreadablePicture:
        return None
    except ChildFailed as error:
        if error.code == LOST:
            raise
        log.info("the text in a picture of a page cannot be read: %s", error)
        return None


def _ours(finds: Iterable[FoundPicture]) -> list[FoundPicture]:
    """The finds without other pictures of the same template."""
    return [find for find in finds if find.comparison.agreement is not PictureAgreement.OTHER]


def _named(session: Session, find: FoundPicture, digest: str, text: str | None) -> MediaFind:
    """A find as it is judged: whether the picture stands for its bulletin."""
    comparison, ours = find.comparison, find.ours
    beside = find.agrees and ours is not None and not ours.content.words and has_own_text(session, ours)
    return MediaFind(
        bulletin=find.bulletin, revision=find.revision, address=find.url, digest=digest,
        ident=ours.url if ours is not None else "", by=comparison.way, agrees=find.agrees and not beside,
        distance=comparison.distance, share=comparison.share, reason=_BESIDE_TEXT if beside else comparison.reason,
        text=text,
    )  # fmt: skip


def _kept(
    context: JobContext, judgements: Sequence[Judgement], pictures: Mapping[str, _PagePicture], now: datetime
) -> dict[str, KeptPicture]:
    """Store the pictures that were found, by bulletin. Raises ``OSError``."""
    kept = {}
    for judgement in judgements:
        if judgement.medium is None or judgement.medium.address not in pictures:
            continue
        answer = pictures[judgement.medium.address].answer
        capture = store_capture(context.store, answer, judgement.medium.digest, None, now=now).capture
        try:
            shown = context.store.keep(clean_upload(answer.body).body)[1]
        except FileRejected as refused:
            # It was read a moment ago; the machine had no time for it now.
            raise OSError(f"a picture of the page cannot be made anew: {refused}") from refused
        kept[judgement.bulletin] = KeptPicture(shown, capture)
    return kept


def judge_kept_picture(
    context: JobContext,
    page_id: int,
    fetched: FetchedBody,
    picture: Mapping[str, Any],
    bulletin: int,
    revision: int,
    claims: Iterable[TimeClaim],
    *,
    now: datetime,
) -> Judgement | None:
    """Judge a stored page again by the picture or player (``Evidence.picture``) on which its copy rests. Raises
    ``FileNotFoundError`` and ``DamagedBody`` where that is missing or damaged, otherwise as ``judge_body``."""
    if MediaWay(picture["by"]) in PLAYED:
        played = MediaFind(
            bulletin=str(bulletin), revision=revision, address=picture["address"], digest=picture["sha256"],
            ident=picture["picture"], by=MediaWay(picture["by"]), agrees=True, distance=0, share=None,
            reason=f"{picture['by']}: the page plays the bulletin's video or audio", framed=picture["framed"],
        )  # fmt: skip
        described = describe_by_media(context, page_id, fetched, [played], claims=claims, now=now)
        return next(iter(described.judgements), None)
    body = context.store.read(picture["capture"])
    if (reading := _reading(body)) is None:
        return None
    fingerprint_pictures(context)
    texts: list[str | None] = [None]

    def text(mirrored: bool) -> str | None:
        texts[0] = _text_in(body, mirrored)
        return texts[0]

    with context.database.read() as session:
        ours = PictureCollection(released_pictures(session, now, [bulletin]))
    found = finds_in_picture(picture["address"], reading.content, text, ours, _StoredTexts(context, [bulletin]))
    find = next((find for find in _ours(found) if find.bulletin == str(bulletin)), None)
    if find is None:
        return None
    with context.database.read() as session:
        named = _named(session, find, reading.digest, texts[0])
    described = describe_by_media(context, page_id, fetched, [named], claims=claims, now=now)
    return next(iter(described.judgements), None)
