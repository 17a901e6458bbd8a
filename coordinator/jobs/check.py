"""``lantoa check``: judge pages against bulletins from two files, without a server or a database.

Pages stream through: at any time a bounded number of them is in memory, however long the file. Page order is kept.
What a line of either file has to look like, and what is written for it, is a contract that other programs rely on.
"""

import json
from collections.abc import Callable, Sequence
from concurrent.futures.process import BrokenProcessPool
from pathlib import Path
from typing import Any, TextIO

from campaigns.core.clock import CITY, utc_now
from campaigns.core.errors import CampaignError
from campaigns.tracking.attribution import Attribution, OurSource
from campaigns.tracking.dating import Published, published
from campaigns.tracking.judging import Judgement, JudgingSettings, canonical_of, judge
from campaigns.tracking.matching import Match
from campaigns.tracking.pages import CUT
from campaigns.tracking.sifting import carries_nothing
from campaigns.tracking.urls import SiteProfile
from coordinator.discovery.page import parse_page
from coordinator.jobs.parcels import Told, judged
from coordinator.jobs.rows import BadLine, address_of, ident_of, loaded, moment_of, text_of
from coordinator.jobs.shelf import Shelf

# Nothing is known of the sites: m. and amp. addresses count as the www. ones.
_SETTINGS = JudgingSettings(profile=SiteProfile(mobile_to_www=True))


class Judge:
    """Judges one line of a pages file at a time against the bulletins of a shelf."""

    def __init__(self, shelf: Shelf) -> None:
        self._shelf = shelf

    def _source_of(self, ident: str) -> OurSource:
        return self._shelf.known(ident).source

    def line(self, number: int, raw: bytes | None) -> Told:
        """The lines to write for one row of pages, or what is wrong with it."""
        try:
            return number, self._verdicts(loaded(raw)), None
        except BadLine as bad:
            return number, [], str(bad)
        except CampaignError as error:
            return number, [], f"{error}, expected a page that can be read"

    def _verdicts(self, line: dict[str, Any]) -> list[str]:
        ident, url = ident_of(line), address_of(line)
        html = text_of(line, "html", filled=False)
        fetched = moment_of(line, "fetched_at")
        page = parse_page(html, url)
        now = fetched or utc_now()
        found = (
            []
            if carries_nothing(page, self._shelf.index, _SETTINGS.thresholds)
            else judge(page, self._shelf.index, self._source_of, _SETTINGS, first_seen=fetched, now=now)
        )
        if found:
            return [_written(self._verdict(ident, one)) for one in found]
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
            "reasons": ["none: no bulletin's text on the page", *([CUT] if page.cut else [])],
            "passages": [],
        }
        return [_written(nothing)]

    def _verdict(self, page: str | int, one: Judgement) -> dict[str, Any]:
        known = self._shelf.known(one.bulletin)
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

    progress = _Progress(pages_path.stat().st_size, err) if err.isatty() else None
    tell = complain(pages_path)
    with Shelf(bulletins_path, default_source_names, complain(bulletins_path)) as shelf:
        try:
            for number, lines, wrong in judged(Judge(shelf), pages_path, workers, progress):
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
