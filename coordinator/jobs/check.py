"""``lantoa check``: judge pages against bulletins from two files, without a server or a database.

Pages stream through: at any time a bounded number of them is in memory, however long the file. Page order is kept.
What a line of either file has to look like, and what is written for it, is a contract that other programs rely on.
"""

import json
import multiprocessing
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, TextIO

from campaigns.core.clock import CITY, utc_now
from campaigns.core.errors import CampaignError
from campaigns.tracking.attribution import Attribution, OurSource
from campaigns.tracking.candidates import CandidateIndex
from campaigns.tracking.dating import Published, published, read_moment
from campaigns.tracking.judging import Judgement, JudgingSettings, canonical_of, judge
from campaigns.tracking.matching import Match, prepare
from campaigns.tracking.naming import SourceName
from campaigns.tracking.sifting import carries_nothing
from campaigns.tracking.urls import SiteProfile, canonical_url
from coordinator.discovery.page import parse_page

# A line longer than this is no page; it is passed over without being read into memory.
LONGEST_LINE = 64 * 1024 * 1024
# Pages go to the processes in parcels: small enough to keep order cheaply, large enough to be worth sending.
_PARCEL_LINES = 32
_PARCEL_BYTES = 2 * 1024 * 1024
_PARCELS_AHEAD = 3  # for each process

# Nothing is known of the sites: m. and amp. addresses count as the www. ones.
_SETTINGS = JudgingSettings(profile=SiteProfile(mobile_to_www=True))

Row = tuple[int, bytes | None]  # its number from 1, and its bytes; None for one that is too long
Told = tuple[int, list[str], str | None]  # the row's number, lines to write, what is wrong with it


class BadLine(Exception):
    """A line that cannot be taken; the message says what is wrong and what was expected."""


@dataclass(frozen=True)
class _Known:
    """What a verdict needs to know of a bulletin beside its text."""

    ident: str | int
    source: OurSource
    published_at: datetime | None


def _loaded(raw: bytes | None) -> dict[str, Any]:
    if raw is None:
        raise BadLine(f"longer than {LONGEST_LINE} bytes, expected one JSON object a line")
    try:
        line = json.loads(raw.decode("utf-8-sig"))
    except UnicodeDecodeError:
        raise BadLine("not UTF-8, expected one JSON object a line in UTF-8") from None
    except RecursionError:
        raise BadLine("nested too deeply, expected one flat JSON object") from None
    except ValueError as error:
        raise BadLine(f"not JSON ({error}), expected one JSON object a line") from None
    if not isinstance(line, dict):
        raise BadLine(f"a {type(line).__name__}, expected a JSON object")
    return line


def _text(line: dict[str, Any], key: str, *, needed: bool = True, filled: bool = True) -> str:
    value = line.get(key)
    if value is None and not needed:
        return ""
    if key not in line:
        raise BadLine(f"no {key!r}, expected a string")
    if not isinstance(value, str):
        raise BadLine(f"{key!r} is a {type(value).__name__}, expected a string")
    if needed and filled and not value.strip():
        raise BadLine(f"{key!r} is empty, expected a string with something in it")
    return value


def _ident(line: dict[str, Any]) -> str | int:
    value = line.get("id")
    if isinstance(value, int) and not isinstance(value, bool):
        return value
    return _text(line, "id")


def _address(line: dict[str, Any]) -> str:
    url = _text(line, "url")
    try:
        canonical_url(url)
    except CampaignError as error:
        raise BadLine(f"{error}, expected an absolute http or https address") from None
    return url


def _moment(line: dict[str, Any], key: str) -> datetime | None:
    text = _text(line, key, needed=False)
    if not text:
        return None
    moment = read_moment(text)
    if moment is None:
        raise BadLine(f"{key!r} is {text[:60]!r}, expected a time like 2026-11-24T07:30:00+07:00")
    return moment.at


def _names(line: dict[str, Any], default: Sequence[str]) -> tuple[SourceName, ...]:
    names = line.get("source_names")
    if names is None:
        return tuple(SourceName(name) for name in default)
    if not isinstance(names, list) or not all(isinstance(name, str) for name in names):
        raise BadLine('\'source_names\' is no list of strings, expected one like ["Sở A", "Sở A thành phố"]')
    return tuple(SourceName(name) for name in names)


class Judge:
    """All bulletins, ready; judges one line of a pages file at a time."""

    def __init__(self, rows: Iterable[Row], default_names: Sequence[str], complain: Callable[[int, str], None]) -> None:
        """Read the bulletins. ``complain`` is told of every bad row, which is then left out."""
        self._known: dict[str, _Known] = {}
        prepared = []
        for number, raw in rows:
            try:
                line = _loaded(raw)
                ident = _ident(line)
                title, text = _text(line, "title"), _text(line, "text")
                lead, url = _text(line, "lead", needed=False), _address(line)
                known = _Known(
                    ident, OurSource((url,), names=_names(line, default_names)), _moment(line, "published_at")
                )
                if str(ident) in self._known:
                    raise BadLine(f"the id {ident!r} was used in an earlier line, expected each once")
            except BadLine as bad:
                complain(number, str(bad))
                continue
            self._known[str(ident)] = known
            prepared.append(prepare(str(ident), title, lead, text))
        self._index = CandidateIndex(prepared)

    def _source_of(self, ident: str) -> OurSource:
        return self._known[ident].source

    def line(self, number: int, raw: bytes | None) -> Told:
        """The lines to write for one row of pages, or what is wrong with it."""
        try:
            return number, self._verdicts(_loaded(raw)), None
        except BadLine as bad:
            return number, [], str(bad)
        except CampaignError as error:
            return number, [], f"{error}, expected a page that can be read"

    def _verdicts(self, line: dict[str, Any]) -> list[str]:
        ident, url = _ident(line), _address(line)
        html = _text(line, "html", filled=False)
        fetched = _moment(line, "fetched_at")
        page = parse_page(html, url)
        now = fetched or utc_now()
        judged = (
            []
            if carries_nothing(page, self._index, _SETTINGS.thresholds)
            else judge(page, self._index, self._source_of, _SETTINGS, first_seen=fetched, now=now)
        )
        if judged:
            return [_written(self._verdict(ident, one)) for one in judged]
        seen = published(page, None, first_seen=fetched, now=now, with_text=False)
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
            **_time(seen),
            "canonical_url": canonical_of(page, _SETTINGS.profile),
            "reasons": ["none: no bulletin's text on the page"],
            "passages": [],
        }
        return [_written(nothing)]

    def _verdict(self, page: str | int, one: Judgement) -> dict[str, Any]:
        known = self._known[one.bulletin]
        reasons = list(one.reasons)
        if known.published_at is not None and one.published is not None and one.published.at < known.published_at:
            reasons.append("earlier: the page says it was published before the bulletin; clocks lie, a person looks")
        return {
            "page": page,
            "bulletin": known.ident,
            "match": one.match.match.value,
            "share": one.match.share,
            "longest_run": one.match.longest_run,
            "title_kept": one.match.title_kept,
            "attribution": one.attribution.attribution.value,
            "source_name": one.attribution.source_name,
            "source_link": one.attribution.source_link,
            "link_position": one.attribution.link_position,
            **_time(one.published),
            "canonical_url": one.canonical_url,
            "reasons": reasons,
            "passages": [list(passage) for passage in one.match.passages],
        }


def _time(seen: Published | None) -> dict[str, str | None]:
    if seen is None:
        return {"published_at": None, "published_at_from": None}
    return {
        "published_at": seen.at.astimezone(CITY).isoformat(timespec="seconds"),
        "published_at_from": seen.origin.value,
    }


def _written(line: dict[str, Any]) -> str:
    text = json.dumps(line, ensure_ascii=False)
    try:
        text.encode("utf-8")
    except UnicodeEncodeError:
        # An id may hold half a character; escaped, it is still the same id.
        text = json.dumps(line)
    return text


def _rows(path: Path, progress: Callable[[int], None] | None = None) -> Iterator[Row]:
    """The rows of a file that are not empty, numbered from 1, each read when it is asked for."""
    with path.open("rb") as file:
        number = 0
        while raw := file.readline(LONGEST_LINE):
            number += 1
            whole = raw.endswith(b"\n") or len(raw) < LONGEST_LINE
            while not raw.endswith(b"\n") and len(raw) == LONGEST_LINE:
                raw = file.readline(LONGEST_LINE)
            if progress is not None:
                progress(file.tell())
            if not whole:
                yield number, None
            elif raw.strip():
                yield number, raw


def _parcels(rows: Iterable[Row]) -> Iterator[list[Row]]:
    parcel: list[Row] = []
    size = 0
    for row in rows:
        parcel.append(row)
        size += len(row[1] or b"")
        if len(parcel) >= _PARCEL_LINES or size >= _PARCEL_BYTES:
            yield parcel
            parcel, size = [], 0
    if parcel:
        yield parcel


class _Here:
    """The judge of a worker process, set once when the process starts."""

    judge: Judge


def _begin(judge: Judge) -> None:
    _Here.judge = judge


def _judge_parcel(parcel: list[Row]) -> list[Told]:
    return [_Here.judge.line(number, raw) for number, raw in parcel]


def _in_processes(judge: Judge, rows: Iterable[Row], workers: int) -> Iterator[Told]:
    """What is told of each row, in order, by so many processes. No more than a few parcels each are on the way."""
    # A forked process shares the bulletins' memory; where there is no fork they are copied once to each.
    method = "fork" if "fork" in multiprocessing.get_all_start_methods() else "spawn"
    context = multiprocessing.get_context(method)
    waiting: deque[Future[list[Told]]] = deque()
    with ProcessPoolExecutor(workers, mp_context=context, initializer=_begin, initargs=(judge,)) as pool:
        for parcel in _parcels(rows):
            waiting.append(pool.submit(_judge_parcel, parcel))
            if len(waiting) >= _PARCELS_AHEAD * workers:
                yield from waiting.popleft().result()
        while waiting:
            yield from waiting.popleft().result()


def check(
    bulletins_path: Path,
    pages_path: Path,
    out: TextIO,
    err: TextIO,
    workers: int,
    default_source_names: Sequence[str],
) -> int:
    """Judge every page of ``pages_path`` against all bulletins of ``bulletins_path``; write verdicts to ``out``.

    One JSON line for each page and bulletin credited, teasers among them (``"match": "teaser"``; they are no
    republications, and a reader of the file counts them apart), and one with ``"bulletin": null`` for a page that
    carries none. A bad line of either file is told on ``err`` as ``FILE:ROW: what is wrong, what was expected`` and
    left out. ``default_source_names``: what counts as naming us for a bulletin that does not say.

    Returns the exit status: 0, or 2 when any line was bad.
    """
    bad = 0

    def complain(path: Path) -> Callable[[int, str], None]:
        def tell(number: int, what: str) -> None:
            nonlocal bad
            bad += 1
            err.write(f"{path}:{number}: {' '.join(what.split())}\n")

        return tell

    judge = Judge(_rows(bulletins_path), default_source_names, complain(bulletins_path))
    progress = _Progress(pages_path.stat().st_size, err) if err.isatty() else None
    rows = _rows(pages_path, progress)
    told = (judge.line(*row) for row in rows) if workers <= 1 else _in_processes(judge, rows, workers)
    tell = complain(pages_path)
    try:
        for number, lines, wrong in told:
            if wrong is not None:
                tell(number, wrong)
            for line in lines:
                out.write(line + "\n")
    except BrokenProcessPool:
        err.write(f"{pages_path}: a process that judged pages died, expected it to finish; try fewer --workers\n")
        return 2
    if progress is not None:
        progress.end()
    return 2 if bad else 0


class _Progress:
    """A line on the terminal that says how far the pages file is read, rewritten at each whole per cent."""

    def __init__(self, size: int, err: TextIO) -> None:
        self._size, self._err, self._shown = max(1, size), err, -1

    def __call__(self, read: int) -> None:
        percent = min(100, 100 * read // self._size)
        if percent != self._shown:
            self._shown = percent
            bar = "#" * (percent // 4)
            self._err.write(f"\r[{bar:<25}] {percent:3d} %")
            self._err.flush()

    def end(self) -> None:
        """Leave the line."""
        self._err.write("\n")
