"""Pages judged through ``lantoa check``'s own code, and how many of the verdicts were right."""

import io
import json
import tempfile
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

from benchmarks.corpus.bulletins import NAMES, Bulletin
from benchmarks.measure import Line
from campaigns.republications.attribution.source_lines import SourceName
from coordinator.jobs.matching.offline_check import check_files

FETCHED = "2026-11-24T12:00:00+07:00"
Verdict = dict[str, Any]


@dataclass(frozen=True)
class Page:
    """A page and its address."""

    id: str
    url: str
    html: str


class Judge(Protocol):
    """What judges pages against all bulletins that are known; see ``judged``."""

    def __call__(
        self, known: Iterable[Bulletin], pages: Iterable[Page], names: Sequence[str] = NAMES
    ) -> dict[str, list[Verdict]]:
        """The verdicts by the page's id."""
        ...


def judged(known: Iterable[Bulletin], pages: Iterable[Page], names: Sequence[str] = NAMES) -> dict[str, list[Verdict]]:
    """What ``lantoa check`` writes for each page: its lines by the page's id, none for a page without a bulletin.
    ``names``: ours."""
    return judged_with_reasons(known, pages, names)[0]


def judged_with_reasons(
    known: Iterable[Bulletin], pages: Iterable[Page], names: Sequence[str] = NAMES
) -> tuple[dict[str, list[Verdict]], dict[str, list[str]]]:
    """``judged``, and by the page's id the reasons of the line of a page without a bulletin."""
    with tempfile.TemporaryDirectory() as folder:
        ours, theirs = Path(folder, "b.jsonl"), Path(folder, "p.jsonl")
        with ours.open("w", encoding="utf-8") as file:
            for bulletin in known:
                line = {
                    "id": bulletin.id,
                    "title": bulletin.title,
                    "lead": bulletin.lead,
                    "text": bulletin.text,
                    "url": bulletin.url,
                } | ({"published_at": bulletin.published_at} if bulletin.published_at else {})
                file.write(json.dumps({**line, "source_names": list(names)}, ensure_ascii=False) + "\n")
        with theirs.open("w", encoding="utf-8") as file:
            for page in pages:
                values = {"id": page.id, "url": page.url, "html": page.html, "fetched_at": FETCHED}
                file.write(json.dumps(values, ensure_ascii=False) + "\n")
        out, err = io.StringIO(), io.StringIO()
        status = check_files(ours, theirs, out, err, 1, [SourceName(name) for name in names])
        assert status == 0, err.getvalue()
    found: dict[str, list[Verdict]] = defaultdict(list)
    nothing: dict[str, list[str]] = defaultdict(list)
    for text in out.getvalue().splitlines():
        verdict = json.loads(text)
        if verdict["bulletin"] is not None:
            found[verdict["page"]].append(verdict)
        else:
            nothing[verdict["page"]] += verdict["reasons"]
    return found, nothing


@dataclass(frozen=True)
class Right:
    """So many of so many were right; ``wanted``: the least or, with ``most``, the largest part that is wanted."""

    name: str
    right: int
    of: int
    wanted: float
    most: bool = False

    @property
    def reached(self) -> bool:
        """Whether the aim is reached."""
        bound = self.wanted * self.of
        return self.right <= bound if self.most else self.right >= bound

    @property
    def line(self) -> Line:
        """As one line of the table, in per cent."""
        value = 100 * self.right / max(1, self.of)
        aim = f"{'at most' if self.most else 'at least'} {100 * self.wanted:.0f} %"
        return Line(f"{self.name} ({self.of})", value, "%", aim=aim)
