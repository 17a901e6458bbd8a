"""Papers as pages of the desk: how they speak here, what their cells show, and the same as a file."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import islice

from flask import Response, render_template, request
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from campaigns.core.clock import Period, city_day, parse_period, quarter_of
from campaigns.people.office import office_name
from campaigns.tracking.matching import RULE_VERSION
from coordinator.exports.format import Locale
from coordinator.exports.paper import Figure, Linked, Paper
from coordinator.exports.tables import Table, shown
from coordinator.jobs import papers
from coordinator.papers.voice import Voice
from coordinator.web.desk import periods
from coordinator.web.desk.progress import attachment
from coordinator.web.look import language
from coordinator.web.saying import _
from coordinator.web.security import front

ROWS_AT_FIRST = 100  # of a table: who wants more says so
_A_DAY = timedelta(days=1)


@dataclass(frozen=True)
class Cell:
    """One cell as a page shows it; ``href``: "" for nowhere."""

    words: str
    href: str
    numeric: bool
    head: str


def locale() -> Locale:
    """The language of this page, as the writers call it."""
    return "en" if language() == "en" else "vi"


def voice(session: Session, now: datetime) -> Voice:
    """How a page speaks: in its reader's language."""
    return Voice(_, periods.period_name, office_name(session), now, RULE_VERSION, locale())


class Shown:
    """What a page's template asks about a paper's values, in the reader's language. ``whole``: a table is shown to its
    last row, however long; the files always have it so."""

    def __init__(self, *, whole: bool) -> None:
        self._whole = whole

    def more(self, linked: Linked) -> int:
        """How many rows of a table are not shown."""
        return 0 if self._whole else max(len(linked.table.rows) - ROWS_AT_FIRST, 0)

    def cells(self, linked: Linked) -> list[list[Cell]]:
        """The rows of a table that are shown, each cell with its words and where it leads."""
        return [
            [
                Cell(
                    shown(value, column.kind, locale()),
                    str(value) if column.kind == "link" and value else linked.href(number, column.key),
                    column.numeric,
                    column.title,
                )
                for column, value in zip(linked.table.columns, line, strict=True)
            ]
            for number, line in enumerate(islice(linked.table.lines(), None if self._whole else ROWS_AT_FIRST))
        ]

    def numbers(self, table: Table) -> list[list[str]]:
        """The rows of a table in words, for the figures beside a drawing."""
        return [
            [shown(value, column.kind, locale()) or "–" for column, value in zip(table.columns, line, strict=True)]
            for line in table.lines()
        ]

    def figure(self, one: Figure) -> str:
        """A figure in words; a dash where there is none."""
        return shown(one.value, one.kind, locale()) or "–"

    def before(self, one: Figure) -> str:
        """What it is compared with, in words."""
        return shown(one.before, one.kind, locale()) or "–"


def whole_wanted() -> bool:
    """Whether this page's address asks for every row."""
    return request.args.get("whole") == "1"


def shown_here() -> Shown:
    """As this page's address wants it."""
    return Shown(whole=whole_wanted())


def page(template: str, paper: Paper, files: Sequence[tuple[str, str]], **more: object) -> ResponseReturnValue:
    """The page of a paper. ``files``: (what the button says, address) of each form."""
    return render_template(template, paper=paper, files=files, show=shown_here(), **more)


def file(make: Paper, form: str, stem: str) -> Response:
    """A paper as a file to be saved; files are in Vietnamese (``papers.office_voice``). Raises ``ExportError``."""
    made = papers.paper_file(make, form, front().place.addresses.base, stem)
    return attachment(made.body, made.media_type, made.name)


def chosen_period(args: Mapping[str, str], now: datetime) -> Period:
    """The period that an address names, else the last quarter that is over. Raises ``Invalid``."""
    typed = args.get("period", "").strip()
    return parse_period(typed) if typed else quarter_of(quarter_of(city_day(now)).first - _A_DAY)


def offered(period: Period, now: datetime) -> list[tuple[str, str]]:
    """(label, name) of the periods to choose from, the one at hand among them."""
    known = periods.offered(None, city_day(now))
    label = periods.settled(period).label
    return known if label in dict(known) else [(label, periods.period_name(period)), *known]
