"""What a bulletin's page says of views: our counter's figures by rule, their course, and what channels told."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy.orm import Session

from campaigns.publishing import readings
from campaigns.publishing.bulletins import Bulletin
from campaigns.publishing.readings import Shown
from campaigns.reporting import viewing
from campaigns.reporting.viewing import DayViews, HostViews, Views
from coordinator.exports.charts import HALF, Course, line_chart, responsive
from coordinator.exports.format import Locale
from coordinator.web import formats
from coordinator.web.desk.progress_drawings import Cell, Drawing
from coordinator.web.look import language
from coordinator.web.saying import _

MOST_HOSTS = 8  # on the bulletin's own page


@dataclass(frozen=True)
class BulletinViews:
    """``ours``: a line a version of the rules, the newest last; ``told``: the channels' own numbers."""

    ours: Sequence[Views]
    hosts: Sequence[HostViews]
    drawing: Drawing | None
    told: Sequence[Shown]


def read_views(session: Session, bulletin: Bulletin, today: date) -> BulletinViews:
    """Collect them for one bulletin."""
    days = viewing.days_of(session, bulletin.id)
    return BulletinViews(
        ours=viewing.of_bulletin(session, bulletin.id),
        hosts=viewing.hosts_of(session, bulletin.id)[:MOST_HOSTS],
        drawing=_drawing(days, today) if days else None,
        told=readings.newest(session, bulletin.id),
    )


def _drawing(days: Sequence[DayViews], today: date) -> Drawing:
    """Guarded views adding up under the newest version; the table has every day under every version."""
    locale: Locale = "en" if language() == "en" else "vi"
    rules = days[-1].rules
    total, course = 0, []
    for one in days:
        if one.rules == rules:
            total += one.guarded
            course.append((one.day, float(total)))
    first, last = course[0][0], max(today, course[-1][0])
    course.append((last, float(total)))
    figure = Course(
        key="luot-xem",
        title=_("Lượt xem đã lọc, cộng dồn"),
        description=_(
            "Từ %(first)s đến %(last)s: %(count)s lượt xem đã lọc, theo luật %(rules)s.",
            first=formats.day(first), last=formats.day(last), count=formats.number(total, language()), rules=rules,
        ),
        first=first,
        last=last,
        actual=course,
        unit=_("lượt xem"),
    )  # fmt: skip
    rows: list[tuple[Cell, ...]] = [(formats.day_month(one.day), one.guarded, one.raw, one.rules) for one in days]
    return Drawing(
        title=_("Lượt xem từng ngày"),
        svg=responsive(line_chart, figure, HALF, locale),
        heads=(_("Ngày"), _("Đã lọc"), _("Thô"), _("Luật")),
        rows=tuple(rows),
    )
