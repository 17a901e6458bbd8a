"""A page read and judged in a child process: this process sends its bytes, answers the child's questions about our
bulletins, and gets what was found as plain values. It parses nothing of the page."""

import re
from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from itertools import islice
from typing import Any, Final, Protocol
from urllib.parse import urlsplit

import numpy as np

from campaigns.bulletins.library.played_media import PlayedMedium
from campaigns.bulletins.library.video_addresses import video_key
from campaigns.discovery.unreadable_reasons import UnreadableReason
from campaigns.discovery.urls import code_below, same_site
from campaigns.matching.candidates import CANDIDATE_LIMIT, LEAST_SHARED
from campaigns.matching.classification import CARRIED
from campaigns.matching.fingerprints import Hashes, fingerprint
from campaigns.matching.parsed_page import NON_ARTICLE_REGIONS, PagePicture, PagePlayer, ParsedPage, TimeClaim
from campaigns.matching.pictures.comparison import MediaWay
from campaigns.matching.prepared_bulletin import PreparedBulletin
from campaigns.republications.attribution.site_templates import PagePart, source_parts
from campaigns.republications.attribution.verdicts import NAMES_US, OurSource, judge_attribution
from campaigns.republications.evidence.judgement import (
    Judgement,
    JudgementSettings,
    MediaFind,
    judge_media,
    judge_page,
)
from coordinator.discovery.pages.page import HtmlPage, UnreadablePage
from coordinator.discovery.pages.pdf import is_pdf
from coordinator.discovery.pages.readability import read_page, unreadable_reason
from coordinator.sandbox import LOST, PAGE_CPU_SECONDS, PDF_CPU_SECONDS, Ask, ChildFailed, read_in_child

MOST_LINKS: Final = 200  # addresses on other sites that are returned
MOST_PICTURE_ADDRESSES: Final = 30  # of pictures, from which those are chosen that are looked at
LEAST_SIDE: Final = 200  # pixels; a copy of a picture is wider
MOST_ASPECT: Final = 5  # of a picture's longer side to the shorter one
MOST_FILE_ADDRESSES: Final = 6  # of video and audio files, from which those are chosen that are looked at
LEAST_PLAYER: Final = (100, 30)  # pixels of width and height; nobody sees or hears a smaller one

_PLAYED_FILE = re.compile(r"\.(?:mp4|m4v|mov|mp3|m4a)$", re.IGNORECASE)


@dataclass(frozen=True)
class FetchedBody:
    """What was fetched of a page. ``url``: its final address; ``content_type``: the header."""

    body: bytes
    url: str
    content_type: str | None = None

    @property
    def is_pdf(self) -> bool:
        """Whether this is a PDF file."""
        return is_pdf(self.body, (self.content_type or "").partition(";")[0].strip().lower())


@dataclass(frozen=True)
class JudgingTask:
    """What a page is judged with, besides what the child asks. ``roots``: the beginnings of our bulletins' addresses
    as ``page_key`` writes them. ``ours``: our names and hosts. ``has_copies``: whether copies on the page are known.
    ``rendered``: the page is what a browser showed."""

    settings: JudgementSettings
    roots: tuple[str, ...]
    ours: OurSource
    claims: tuple[TimeClaim, ...] = ()
    first_seen: datetime | None = None
    has_copies: bool = False
    rendered: bool = False
    now: datetime | None = None


@dataclass(frozen=True)
class JudgedPage:
    """What was found. ``text``, ``author``, ``image`` and ``links`` (the first addresses on other sites in the article)
    are read of a page with a copy, found now or known before, else empty. ``prints``: the fingerprint of the main text.
    ``unreadable``: why its text cannot be read, ``parts``: what of it may be taken for a source; both only of a page
    without a copy, None if not looked for. ``pictures``, ``files``: the addresses of pictures, and of video and audio
    files, in its article, of a page without a bulletin's text or with known copies; ``names_us``: whether such a page
    names or links us."""

    judgements: tuple[Judgement, ...]
    title: str
    text: str
    author: str
    image: str
    links: tuple[str, ...]
    cut: bool
    prints: tuple[int, ...]
    unreadable: UnreadableReason | None
    parts: tuple[PagePart, ...] | None
    pictures: tuple[str, ...] = ()
    files: tuple[str, ...] = ()
    names_us: bool = False

    @property
    def hashes(self) -> Hashes:
        """``prints`` as an array."""
        return np.array(self.prints, dtype=np.int64)


class BulletinQuestions(Protocol):
    """What the child asks of our bulletins; ids as in ``PreparedBulletin``."""

    def page_read(self, hashes: Hashes) -> None:
        """The page was read, and this is the fingerprint of its main text; called before it is judged."""
        ...

    def candidates(
        self, hashes: Hashes, least: int, limit: int, first: Sequence[str], before: datetime | None
    ) -> Sequence[PreparedBulletin]:
        """The bulletins that share hashes, as ``CandidateSource.lookup``."""
        ...

    def source_of(self, ident: str) -> OurSource:
        """Our source of a bulletin."""
        ...

    def bulletin_of_code(self, code: str) -> str | None:
        """The id of the bulletin with a public code."""
        ...

    def released_at(self, ident: str) -> datetime | None:
        """When a bulletin was released."""
        ...

    def delivered(self, ident: str) -> int:
        """As ``BulletinRecords.delivered``."""
        ...

    def played(self, way: str, name: str) -> PlayedMedium | None:
        """The bulletin that is out with a video or audio: by its code (``way`` "code"), the identifier of the file
        ("file"), or platform and id of an upload ("upload")."""
        ...


def _answers(questions: BulletinQuestions) -> Callable[[str, list[Any]], object]:
    """What the child is answered."""

    def answer(name: str, arguments: list[Any]) -> object:
        match name, arguments:
            case "page_read", [hashes]:
                questions.page_read(_array(hashes))
                return None
            case "candidates", [hashes, int(least), int(limit), list(first), before]:
                moment = datetime.fromisoformat(before) if before else None
                return questions.candidates(_array(hashes), least, min(limit, CANDIDATE_LIMIT), first, moment)
            case "source_of", [str(ident)]:
                return questions.source_of(ident)
            case "bulletin_of_code", [str(code)]:
                return questions.bulletin_of_code(code)
            case "released_at", [str(ident)]:
                return questions.released_at(ident)
            case "delivered", [str(ident)]:
                return questions.delivered(ident)
            case "played", ["code" | "file" | "upload" as way, str(name)]:
                return questions.played(way, name)
        raise ChildFailed("the program that reads such pages asked what it may not")

    return answer


def judge_fetched(page: FetchedBody, task: JudgingTask, questions: BulletinQuestions) -> JudgedPage:
    """Read and judge a page. Raises ``UnreadablePage`` with its reason, also for a page that takes more memory or
    processor time than one page has, and ``ChildFailed`` where the machine could not read it."""
    found: JudgedPage | _Refused = _read(page, _judged, task, answer=_answers(questions))
    if isinstance(found, _Refused):
        raise UnreadablePage(found.message, reason=found.reason)
    return found


def judge_found_media(
    page: FetchedBody, task: JudgingTask, questions: BulletinQuestions, finds: Sequence[MediaFind]
) -> JudgedPage:
    """Read a page again and judge it by the pictures of ours that were found on it. ``prints`` is empty. Raises as
    ``judge_fetched``."""
    found: JudgedPage | _Refused = _read(page, _judged_pictures, task, tuple(finds), answer=_answers(questions))
    if isinstance(found, _Refused):
        raise UnreadablePage(found.message, reason=found.reason)
    return found


def fetched_text(page: FetchedBody) -> str:
    """The main text of a page, read in a child. Raises as ``judge_fetched``."""
    found: str | _Refused = _read(page, _main_text)
    if isinstance(found, _Refused):
        raise UnreadablePage(found.message, reason=found.reason)
    return found


@dataclass(frozen=True)
class _Refused:
    message: str
    reason: UnreadableReason


def _read(page: FetchedBody, read: Callable[..., Any], *arguments: object, **more: Any) -> Any:
    seconds = PDF_CPU_SECONDS if page.is_pdf else PAGE_CPU_SECONDS
    try:
        return read_in_child(read, page, *arguments, cpu_seconds=seconds, **more)
    except ChildFailed as error:
        if error.code == LOST:
            raise
        raise UnreadablePage(str(error), reason=UnreadableReason.TOO_HEAVY) from error


def _array(hashes: list[int]) -> Hashes:
    return np.array(hashes, dtype=np.int64)


# In the child.


def _main_text(page: FetchedBody) -> str | _Refused:
    try:
        return read_page(page.body, page.url, content_type=page.content_type).text
    except UnreadablePage as error:
        return _Refused(error.message, error.reason)


def _judged(ask: Ask, fetched: FetchedBody, task: JudgingTask) -> JudgedPage | _Refused:
    try:
        page = read_page(fetched.body, fetched.url, content_type=fetched.content_type)
        prints = fingerprint(page.text).tolist()  # of the main text, without boxes and menus
        ask("page_read", prints)
        known = _Asked(ask, task.roots)
        judgements = judge_page(
            page, known, known.source_of, task.settings, records=known, claims=task.claims, first_seen=task.first_seen,
            now=task.now,
        )  # fmt: skip
        if finds := _played_finds(page, known, task.roots):
            carried = {judgement.bulletin for judgement in judgements if judgement.match.match in CARRIED}
            # A text is told from its words; of less than the text the player says more.
            played = judge_media(
                page, [find for find in finds if find.bulletin not in carried], known.source_of, task.settings,
                records=known, claims=task.claims, first_seen=task.first_seen, now=task.now,
            )  # fmt: skip
            shown = {judgement.bulletin for judgement in played}
            judgements = [*(one for one in judgements if one.bulletin not in shown), *played]
        return _described(page, task, tuple(judgements), tuple(prints))
    except UnreadablePage as error:
        return _Refused(error.message, error.reason)


def _played_finds(page: ParsedPage, known: "_Asked", roots: tuple[str, ...]) -> list[MediaFind]:
    """The bulletins whose video or audio the article shows in a player of ours or of a platform, each once."""
    finds: dict[str, MediaFind] = {}
    for player in _article_players(page):
        for address in player.addresses:
            found = _played_at(address, player.framed, known, roots)
            if found is None:
                continue
            by, medium = found
            why = f"{by.value}: the page plays the bulletin's video or audio"
            find = MediaFind(
                bulletin=str(medium.bulletin_id), revision=medium.revision, address=address, digest="",
                ident=medium.ident, by=by, agrees=True, distance=0, share=None, reason=why, framed=player.framed,
            )  # fmt: skip
            finds.setdefault(find.bulletin, find)
    return list(finds.values())


def _article_players(page: ParsedPage) -> Iterator[PagePlayer]:
    for player in page.body.players:
        sizes = zip((player.width, player.height), LEAST_PLAYER, strict=True)
        if player.region not in NON_ARTICLE_REGIONS and not any(0 < size < least for size, least in sizes):
            yield player


def _played_at(
    address: str, framed: bool, known: "_Asked", roots: tuple[str, ...]
) -> tuple[MediaWay, PlayedMedium] | None:
    """The medium of ours that is played from an address, and by what it was found."""
    code = code_below(address, roots) if framed and urlsplit(address).path.rstrip("/").endswith("/embed") else None
    if code is not None:
        medium, by = known.played("code", code), MediaWay.EMBED
    elif ident := code_below(address, (f"{root.removesuffix('bulletins/')}media/" for root in roots)):
        medium, by = known.played("file", ident), MediaWay.EMBED
    elif key := video_key(address):
        medium, by = known.played("upload", key), MediaWay.UPLOAD
    else:
        return None
    return (by, medium) if medium is not None else None


def _described(
    page: HtmlPage, task: JudgingTask, judgements: tuple[Judgement, ...], prints: tuple[int, ...]
) -> JudgedPage:
    shown = bool(judgements) or task.has_copies
    carried = any(judgement.match.match in CARRIED for judgement in judgements)
    asks_why = not judgements or task.has_copies
    return JudgedPage(
        judgements=judgements,
        title=page.h1 or page.title,
        text=page.text if shown else "",
        author=page.author[:300] if shown else "",
        image=page.image if shown else "",
        links=_outbound_links(page) if shown else (),
        cut=page.cut,
        prints=prints,
        unreadable=unreadable_reason(page, rendered=task.rendered) if asks_why else None,
        # Only pages that carry nothing of ours teach what the site's pages have in common.
        parts=source_parts(page, task.ours) if not shown else None,
        pictures=article_pictures(page) if not carried or task.has_copies else (),
        files=article_files(page) if not carried or task.has_copies else (),
        names_us=not carried and judge_attribution(page, None, task.ours).attribution in NAMES_US,
    )


def article_pictures(page: ParsedPage) -> tuple[str, ...]:
    """The addresses of the pictures that stand in the article, each once, without those that are declared to be small
    or narrow."""
    found = (
        picture.addresses[0]
        for picture in page.body.pictures
        if picture.region not in NON_ARTICLE_REGIONS
        and not _is_small(picture)
        and not urlsplit(picture.addresses[0]).path.lower().endswith(".svg")
    )
    return tuple(islice(dict.fromkeys(found), MOST_PICTURE_ADDRESSES))


def article_files(page: ParsedPage) -> tuple[str, ...]:
    """The addresses of the video and audio files that the article plays, each once."""
    found = (
        address
        for player in _article_players(page)
        for address in player.addresses
        if _PLAYED_FILE.search(urlsplit(address).path)
    )
    return tuple(islice(dict.fromkeys(found), MOST_FILE_ADDRESSES))


def _is_small(picture: PagePicture) -> bool:
    sides = [side for side in (picture.width, picture.height) if side]
    return any(side < LEAST_SIDE for side in sides) or (len(sides) == 2 and max(sides) > MOST_ASPECT * min(sides))


def _judged_pictures(
    ask: Ask, fetched: FetchedBody, task: JudgingTask, finds: tuple[MediaFind, ...]
) -> JudgedPage | _Refused:
    try:
        page = read_page(fetched.body, fetched.url, content_type=fetched.content_type)
        known = _Asked(ask, task.roots)
        judgements = judge_media(
            page, finds, known.source_of, task.settings, records=known, claims=task.claims, first_seen=task.first_seen,
            now=task.now,
        )  # fmt: skip
        return _described(page, task, tuple(judgements), ())
    except UnreadablePage as error:
        return _Refused(error.message, error.reason)


def _outbound_links(page: ParsedPage) -> tuple[str, ...]:
    """The first addresses on other sites that the article itself links, without menus and boxes."""
    links = (
        link.href
        for link in page.links
        if link.region not in NON_ARTICLE_REGIONS and not same_site(link.href, page.url)
    )
    return tuple(islice(dict.fromkeys(links), MOST_LINKS))


class _Asked:
    """``CandidateSource`` and ``BulletinRecords`` whose answers the parent has; each question is asked once."""

    def __init__(self, ask: Ask, roots: tuple[str, ...]) -> None:
        self._ask, self._roots = ask, roots
        self.source_of = cache(self._source_of)
        self.released_at = cache(self._released_at)
        self.delivered = cache(self._delivered)
        self.played = cache(self._played)
        self._bulletin_of_code = cache(self._ask_code)

    def lookup(
        self,
        hashes: Hashes,
        least: int = LEAST_SHARED,
        limit: int = CANDIDATE_LIMIT,
        *,
        first: Collection[str] = (),
        before: datetime | None = None,
    ) -> Sequence[PreparedBulletin]:
        """See ``CandidateSource``."""
        moment = before.isoformat() if before is not None else None
        found: Sequence[PreparedBulletin] = self._ask(
            "candidates", hashes.tolist(), least, limit, list(first)[:CANDIDATE_LIMIT], moment
        )
        return found

    def bulletin_at(self, url: str) -> str | None:
        """See ``BulletinRecords``."""
        code = code_below(url, self._roots)
        return self._bulletin_of_code(code) if code is not None else None

    def _source_of(self, ident: str) -> OurSource:
        source: OurSource = self._ask("source_of", ident)
        return source

    def _ask_code(self, code: str) -> str | None:
        ident: str | None = self._ask("bulletin_of_code", code)
        return ident

    def _released_at(self, ident: str) -> datetime | None:
        at: datetime | None = self._ask("released_at", ident)
        return at

    def _delivered(self, ident: str) -> int:
        return int(self._ask("delivered", ident))

    def _played(self, way: str, name: str) -> PlayedMedium | None:
        medium: PlayedMedium | None = self._ask("played", way, name[:200])
        return medium
