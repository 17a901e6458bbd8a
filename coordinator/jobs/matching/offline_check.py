"""``lantoa check``: judge pages against bulletins from two files, without a server or a database.

Pages stream through: a bounded number of them is in memory at any time, however long the file. Page order is kept.
The format of the three files is a contract that other programs rely on (docs/reference/check-format.md).
"""

import json
import multiprocessing
import os
import signal
import threading
from collections import deque
from collections.abc import Callable, Generator, Iterable, Iterator, Sequence
from concurrent.futures import Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from contextlib import closing
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import Any, BinaryIO, NamedTuple, TextIO

from campaigns.core.clock import CITY, utc_now
from campaigns.core.errors import CampaignError
from campaigns.discovery.unreadable_reasons import REASON_CODE
from campaigns.discovery.urls import SiteProfile
from campaigns.matching.crediting import OTHER_FIGURES
from campaigns.matching.matcher import Match
from campaigns.matching.parsed_page import CUT_REASON, ParsedPage
from campaigns.matching.pictures.comparison import MediaWay, PictureAgreement
from campaigns.matching.pictures.finding import FoundPicture
from campaigns.republications.attribution.site_templates import PagePart, SiteTemplate, TemplatePart, source_parts
from campaigns.republications.attribution.source_lines import SourceName
from campaigns.republications.attribution.verdicts import Attribution, OurSource, judge_attribution
from campaigns.republications.dating.publication_time import PublicationTime, read_publication_time
from campaigns.republications.evidence.copy_location import medium_span
from campaigns.republications.evidence.judgement import (
    Judgement,
    JudgementSettings,
    counted_address,
    judge_page,
    may_carry,
    medium_at,
)
from coordinator.discovery.pages.page import HtmlPage, parse_page
from coordinator.discovery.pages.readability import SHELL_SENTENCES, unreadable_reason
from coordinator.jobs.matching.bulletin_file import BulletinFile
from coordinator.jobs.matching.json_lines import (
    BadLine,
    Line,
    address_field,
    ident_field,
    parsed_line,
    read_lines,
    text_field,
    time_field,
)
from coordinator.jobs.matching.page_templates import PageTemplates
from coordinator.jobs.matching.picture_check import (
    GivenPicture,
    found_pictures,
    pictures_field,
)
from coordinator.sandbox import PAGE_CPU_SECONDS, limit_cpu, limit_own_memory

# Nothing is known of the sites: m. and amp. addresses count as the www. ones.
_SETTINGS = JudgementSettings(profile=SiteProfile(mobile_to_www=True))
# A batch is small enough to spread a short file over all processes, and large enough to be worth sending.
_BATCH_LINES = 32
_BATCH_BYTES = 2 * 1024 * 1024
_BATCHES_IN_FLIGHT = 3  # a process; no more are read before the first is written


class LineResult(NamedTuple):
    """The result of one line of pages: the lines to write, or the error."""

    line_number: int
    line_end: int  # offset in the file
    verdicts: list[str]
    error: str | None = None


def too_heavy(line: Line, what: str) -> LineResult:
    """The result of a page that one page's limits do not suffice for."""
    return LineResult(line.number, line.end, [], f"the page takes too much {what}, expected a page that can be read")


class PageJudge:
    """Judges one line of a pages file at a time against the bulletins of a file."""

    def __init__(self, bulletins: BulletinFile, pages: BinaryIO) -> None:
        self._bulletins = bulletins
        self.templates = PageTemplates(pages, _SETTINGS.profile, self._read_other)

    def judge_line(self, line: Line) -> LineResult:
        """Judge the page on a line. An invalid line is a result with an error."""
        try:
            return LineResult(line.number, line.end, self._verdicts(parsed_line(line.raw)))
        except BadLine as bad:
            return LineResult(line.number, line.end, [], str(bad))
        except CampaignError as error:
            return LineResult(line.number, line.end, [], f"{error}, expected a page that can be read")
        except (PageTooLong, MemoryError, RecursionError) as error:
            return too_heavy(line, "time" if isinstance(error, PageTooLong) else "memory, or is nested too deep")

    def _source_of(self, ident: str) -> OurSource:
        return self._bulletins.find(ident).source

    def _verdicts(self, fields: dict[str, Any]) -> list[str]:
        ident, url = ident_field(fields), address_field(fields)
        html = text_field(fields, "html", filled=False)
        fetched = time_field(fields, "fetched_at")
        page = parse_page(html, url)
        now = fetched or utc_now()
        found = self._judge(page, _SETTINGS, fetched, now)
        if any(judgement.attribution.attribution is not Attribution.NONE for judgement in found):
            settings = self._settings(url, found)
            if settings is not _SETTINGS:
                found = self._judge(page, settings, fetched, now)
        # Another day's figures are no copy of the bulletin: a person looks, and nothing is credited.
        credited = [judgement for judgement in found if not judgement.has_other_figures]
        carried = {judgement.bulletin for judgement in credited if judgement.match.match in {Match.FULL, Match.PARTIAL}}
        pictures, other_pictures = self._pictures(page, pictures_field(fields), carried)
        shown = {picture.bulletin for picture in pictures}
        verdicts = [self._verdict(ident, judgement) for judgement in credited if judgement.bulletin not in shown]
        verdicts += [self._picture_verdict(ident, page, picture, fetched, now) for picture in pictures]
        if verdicts:
            return [_json_line(verdict) for verdict in verdicts]
        said = [
            f"{reason} (bulletin {judgement.bulletin})"
            for judgement in found
            for reason in judgement.reasons
            if reason.startswith(f"{OTHER_FIGURES}:")
        ]
        said += [f"{picture.comparison.reason} (bulletin {picture.bulletin})" for picture in other_pictures]
        published = read_publication_time(page, None, first_seen=fetched, now=now, with_text=False)
        nothing = {
            "page": ident,
            "bulletin": None,
            "match": Match.NONE.value,
            "share": 0.0,
            "longest_run": 0,
            "title_kept": False,
            "attribution": Attribution.NONE.value,
            "source_name": None,
            "source_link": None,
            "link_position": None,
            **_time_fields(published),
            "canonical_url": counted_address(page, _SETTINGS.profile),
            "reasons": [
                *(said or [_why_nothing(page)]),
                *([CUT_REASON] if page.cut else []),
            ],
            "passages": [],
        }
        return [_json_line(nothing)]

    def _pictures(
        self, page: ParsedPage, given: Sequence[GivenPicture], carried: set[str]
    ) -> tuple[list[FoundPicture], list[FoundPicture]]:
        """The bulletins that the page carries as a picture, besides those whose text it has; and those of which it has
        a picture with other figures."""
        if not given:
            return [], []
        found = found_pictures(given, page, self._bulletins.pictures.collection, self._bulletins.index)
        found = [picture for picture in found if picture.bulletin not in carried]
        other = [picture for picture in found if picture.comparison.agreement is PictureAgreement.OTHER]
        return [picture for picture in found if picture not in other], other

    def _judge(
        self, page: ParsedPage, settings: JudgementSettings, first_seen: datetime | None, now: datetime
    ) -> list[Judgement]:
        bulletins = self._bulletins
        return judge_page(
            page, bulletins.index, self._source_of, settings, records=bulletins, first_seen=first_seen, now=now
        )

    def _settings(self, url: str, found: Sequence[Judgement]) -> JudgementSettings:
        """The settings with the template of the page's host, as far as it names a source of these bulletins."""
        parts: dict[TemplatePart, None] = {}
        for judgement in found:
            template = self.templates.find(url, self._source_of(judgement.bulletin))
            parts.update(dict.fromkeys(template.parts))
        return replace(_SETTINGS, template=SiteTemplate(tuple(parts))) if parts else _SETTINGS

    def _read_other(self, raw: bytes, ours: OurSource) -> tuple[PagePart, ...] | None:
        """What of the page on a line may be taken for a source, None if it may carry a bulletin. It has the limits of
        one page; the page that is judged has them again afterwards."""
        fields = parsed_line(raw)
        _Worker.begin_page()
        try:
            page = parse_page(text_field(fields, "html", filled=False), address_field(fields))
            carries = may_carry(page, self._bulletins.index, _SETTINGS.thresholds)
            return None if carries else source_parts(page, ours)
        except (PageTooLong, MemoryError, RecursionError) as error:
            raise BadLine("the page takes too much time or memory") from error
        finally:
            _Worker.begin_page()

    def _verdict(self, page: str | int, judgement: Judgement) -> dict[str, Any]:
        bulletin = self._bulletins.find(judgement.bulletin)
        published = judgement.published
        reasons = list(judgement.reasons)
        if bulletin.published_at is not None and published is not None and published.at < bulletin.published_at:
            reasons.append("earlier: the page says it was published before the bulletin; clocks lie, a person looks")
        return {
            "page": page,
            "bulletin": bulletin.ident,
            "match": judgement.match.match.value,
            "share": judgement.match.share,
            "longest_run": judgement.match.longest_run,
            "title_kept": judgement.match.title_kept,
            "attribution": judgement.attribution.attribution.value,
            "source_name": judgement.attribution.source_name,
            "source_link": judgement.attribution.source_link,
            "link_position": judgement.attribution.link_position,
            **_time_fields(published),
            "canonical_url": judgement.canonical_url,
            "reasons": reasons,
            "passages": [list(passage) for passage in judgement.match.passages],
        }

    def _picture_verdict(
        self, page_id: str | int, page: ParsedPage, found: FoundPicture, fetched: datetime | None, now: datetime
    ) -> dict[str, Any]:
        bulletin, comparison = self._bulletins.find(found.bulletin), found.comparison
        place = medium_at(found.url, page)
        span = medium_span(page.body, place) if place is not None else None
        attribution = judge_attribution(page, span, bulletin.source)
        published = read_publication_time(page, span, first_seen=fetched, now=now)
        picture = {
            "page_url": found.url,
            "bulletin_url": found.ours.url if found.ours is not None else None,
            "by": comparison.way.value,
            "distance": comparison.distance if comparison.way is not MediaWay.READ else None,
            "share": comparison.share,
        }
        return {
            "page": page_id,
            "bulletin": bulletin.ident,
            "match": Match.PICTURE.value,
            "share": comparison.share or 0.0,
            "longest_run": 0,
            "title_kept": False,
            "attribution": attribution.attribution.value,
            "source_name": attribution.source_name,
            "source_link": attribution.source_link,
            "link_position": attribution.link_position,
            **_time_fields(published),
            "canonical_url": counted_address(page, _SETTINGS.profile),
            "reasons": [comparison.reason, *attribution.reasons],
            "passages": [],
            "picture": {name: value for name, value in picture.items() if value is not None},
        }


def _why_nothing(page: HtmlPage) -> str:
    """The reason of a line without a bulletin."""
    reason = unreadable_reason(page)
    if reason is None:
        return "none: no bulletin's text on the page"
    return f"{REASON_CODE}: {reason.value}: {SHELL_SENTENCES[reason]}"


def _time_fields(published: PublicationTime | None) -> dict[str, str | None]:
    if published is None:
        return {"published_at": None, "published_at_from": None}
    return {
        "published_at": published.at.astimezone(CITY).isoformat(timespec="seconds"),
        "published_at_from": published.origin.value,
    }


def _json_line(verdict: dict[str, Any]) -> str:
    text = json.dumps(verdict, ensure_ascii=False)
    try:
        text.encode("utf-8")
    except UnicodeEncodeError:
        # An id may contain a lone surrogate; escaped, it is still the same id.
        text = json.dumps(verdict)
    return text


def check_files(
    bulletins_path: Path,
    pages_path: Path,
    out: TextIO,
    err: TextIO,
    workers: int,
    default_names: Sequence[SourceName],
    progress: Callable[[int], None] | None = None,
) -> int:
    """Judge every page of ``pages_path`` against all bulletins of ``bulletins_path``; write verdicts to ``out``.

    One JSON line for each page and bulletin credited, teasers among them (``"match": "teaser"``; they are no
    republications, and a reader of the file counts them apart), and one with ``"bulletin": null`` for a page that
    carries none. A bad line of either file is reported on ``err`` as ``FILE:ROW: what is wrong, what was expected`` and
    left out. ``default_names``: what counts as naming us for a bulletin that does not say; the abbreviations of the
    first one hold for all bulletins. ``workers``: processes that judge, each page within the limits of
    one page; a page that exceeds them, or that ends its process, is a bad line. ``progress`` is called with the number
    of bytes of pages judged since the last call.

    Returns the exit status: 0, or 2 when any line was bad.
    """
    bad_lines = 0

    def report_bad_line(path: Path, number: int, error: str) -> None:
        nonlocal bad_lines
        bad_lines += 1
        err.write(f"{path}:{number}: {' '.join(error.split())}\n")

    bulletins = BulletinFile(
        bulletins_path, default_names, lambda number, error: report_bad_line(bulletins_path, number, error)
    )
    judged = 0
    with closing(bulletins), pages_path.open("rb") as pages:
        for result in _judge_lines(PageJudge(bulletins, pages), read_lines(pages), workers):
            if result.error is not None:
                report_bad_line(pages_path, result.line_number, result.error)
            for verdict in result.verdicts:
                out.write(verdict + "\n")
            if progress is not None:
                progress(result.line_end - judged)
                judged = result.line_end
    return 2 if bad_lines else 0


# Judging in other processes, which end where a page crashes a library or exceeds what Python can stop.


def _judge_lines(judge: PageJudge, lines: Iterable[Line], workers: int) -> Iterator[LineResult]:
    """The result of each line, in order."""
    waiting: deque[tuple[list[Line], Future[list[LineResult]]]] = deque()
    pool = _new_pool(judge, workers)
    try:
        for batch in _batches(lines):
            waiting.append((batch, _submitted(pool, batch)))
            while len(waiting) >= _BATCHES_IN_FLIGHT * workers:
                pool = yield from _results(judge, pool, waiting, workers)
        while waiting:
            pool = yield from _results(judge, pool, waiting, workers)
    finally:
        pool.shutdown(wait=True, cancel_futures=True)


def _results(
    judge: PageJudge,
    pool: ProcessPoolExecutor,
    waiting: deque[tuple[list[Line], Future[list[LineResult]]]],
    workers: int,
) -> Generator[LineResult, None, ProcessPoolExecutor]:
    """Yield the results of the first batch that waits. Where a process has died, its lines are judged one by one, and
    what waits behind them is judged in new processes; return the pool of these."""
    batch, future = waiting.popleft()
    try:
        yield from future.result()
        return pool
    except BrokenProcessPool:
        pool.shutdown(wait=True, cancel_futures=True)
    for line in batch:
        yield _judge_alone(judge, line)
    pool = _new_pool(judge, workers)
    again = [lines for lines, _ in waiting]
    waiting.clear()
    waiting.extend((lines, _submitted(pool, lines)) for lines in again)
    return pool


def _submitted(pool: ProcessPoolExecutor, batch: list[Line]) -> Future[list[LineResult]]:
    try:
        return pool.submit(_judge_batch, batch)
    except BrokenProcessPool as error:  # a process died meanwhile; the batch is judged anew in its turn
        failed: Future[list[LineResult]] = Future()
        failed.set_exception(error)
        return failed


def _judge_alone(judge: PageJudge, line: Line) -> LineResult:
    judge.templates.begin_alone()
    while True:
        with _new_pool(judge, 1) as pool:
            try:
                return pool.submit(_judge_batch, [line]).result()[0]
            except BrokenProcessPool:
                # Where it was another page of the host, read for its template, the line is tried again without that.
                if not judge.templates.skip_interrupted():
                    return too_heavy(line, "time or memory")


def _new_pool(judge: PageJudge, workers: int) -> ProcessPoolExecutor:
    # Forked processes share the memory of the index and the file of the bulletins.
    return ProcessPoolExecutor(workers, multiprocessing.get_context("fork"), _start_worker, (judge,))


def _batches(lines: Iterable[Line]) -> Iterator[list[Line]]:
    batch: list[Line] = []
    size = 0
    for line in lines:
        batch.append(line)
        size += len(line.raw or b"")
        if len(batch) >= _BATCH_LINES or size >= _BATCH_BYTES:
            yield batch
            batch, size = [], 0
    if batch:
        yield batch


class _Worker:
    """The judge of this process, set when the process starts."""

    judge: PageJudge
    limited = False

    @classmethod
    def begin_page(cls) -> None:
        """Give this process the time for one page. Python is stopped then; a library that does not return, some seconds
        later with the process."""
        if cls.limited:
            limit_cpu(2 * PAGE_CPU_SECONDS)
            signal.setitimer(signal.ITIMER_PROF, PAGE_CPU_SECONDS)


def _start_worker(judge: PageJudge) -> None:
    _Worker.judge = judge
    # Ctrl-C reaches every process of a terminal; the first one ends the others.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    threading.Thread(target=_exit_with_parent, daemon=True).start()
    limit_own_memory()
    signal.signal(signal.SIGPROF, _stop_page)
    _Worker.limited = True


def _exit_with_parent() -> None:
    """A worker whose parent was killed would wait for its next batch for ever."""
    parent = multiprocessing.parent_process()
    if parent is not None:
        parent.join()
        os._exit(1)


class PageTooLong(BaseException):
    """A page takes more processor time than one page has. No library takes it for an error of its own."""


def _stop_page(_number: int, _frame: object) -> None:
    raise PageTooLong


def _judge_batch(batch: list[Line]) -> list[LineResult]:
    return [_judge_limited(line) for line in batch]


def _judge_limited(line: Line) -> LineResult:
    """Judge a line within the processor time of one page."""
    try:
        _Worker.begin_page()
        try:
            return _Worker.judge.judge_line(line)
        finally:
            signal.setitimer(signal.ITIMER_PROF, 0)
    except PageTooLong:  # it came between the judgement and the end of the timer
        return too_heavy(line, "time")
