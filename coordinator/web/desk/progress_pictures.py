"""More drawings of the progress page: partners as bars, and the map of partners, their sites and copies."""

import re
from collections.abc import Sequence

from campaigns.reporting.carrying import Carrier
from campaigns.reporting.tallies import Row
from coordinator.exports.charts import (
    HALF,
    WIDE,
    Area,
    AreaMap,
    HorizontalBars,
    NamedCount,
    area_map,
    horizontal_bars,
    responsive,
)
from coordinator.web import formats
from coordinator.web.desk.progress_drawings import Cell, Drawing
from coordinator.web.desk.progress_figures import Overview
from coordinator.web.look import language
from coordinator.web.saying import _

MOST_BARS = 10
MOST_AREAS = 24  # partners with an area of their own; the others share one
MOST_SITES = 90  # sites with an area of their own, the largest
# What most names begin with tells nothing in a small area.
_COMMON = re.compile(
    r"^(?:công ty|cty)\s+(?:trách nhiệm hữu hạn|tnhh|cổ phần|cp|hợp danh)?\s*(?:một thành viên|mtv)?\s*", re.IGNORECASE
)


def shortened(name: str) -> str:
    """A partner's name without its legal form, where something is left."""
    return _COMMON.sub("", name) or name


def partners(told: Overview) -> Drawing:
    """The partners with the most confirmed copies, and what all others have together."""
    carried = [row for row in told.partners if row.confirmed]
    named, rest = carried[:MOST_BARS], carried[MOST_BARS:]
    rows: list[tuple[Cell, ...]] = [(row.name, row.confirmed) for row in named]
    bars = [NamedCount(shortened(row.name), row.confirmed, strong=True) for row in named]
    if rest:
        others = _("%(count)s đối tác khác", count=formats.number(len(rest), language()))
        together = sum(row.confirmed for row in rest)
        rows.append((others, together))
        bars.append(NamedCount(others, together))
    figure = HorizontalBars(
        key="doi-tac",
        title=_("Lượt đã xác nhận theo đối tác"),
        description=_("Các đối tác mang nhiều nhất, rồi mọi đối tác khác gộp lại."),
        rows=bars,
    )
    return Drawing(
        title=figure.title,
        svg=responsive(horizontal_bars, figure, HALF, "en" if language() == "en" else "vi"),
        heads=(_("Đối tác"), _("Số lượt")),
        rows=tuple(rows),
    )


def places(partners: Sequence[Row], sites: Sequence[Carrier]) -> Drawing:
    """Where copies are: partners, within each its largest ``sites``, as large as their confirmed copies."""
    carried = [row for row in partners if row.confirmed]
    named, rest = carried[:MOST_AREAS], carried[MOST_AREAS:]
    areas = []
    rows: list[tuple[Cell, ...]] = []
    for row in named:
        own = [site for site in sites if site.partner == row.key]
        parts = [Area(_host(site.name), site.confirmed) for site in own]
        areas.append(Area(shortened(row.name), row.confirmed, parts))
        rows += [(f"{row.name} · {_host(site.name)}", site.confirmed) for site in own]
        if left := row.confirmed - sum(site.confirmed for site in own):
            rows.append((_("%(partner)s · trang khác", partner=row.name), left))
    if rest:
        others = _("%(count)s đối tác khác", count=formats.number(len(rest), language()))
        together = sum(row.confirmed for row in rest)
        areas.append(Area(others, together))
        rows.append((others, together))
    figure = AreaMap(
        key="ban-do",
        title=_("Đối tác, trang và số lượt đã xác nhận"),
        description=_("Ô to là nhiều lượt: mỗi đối tác một ô, bên trong là các trang của họ."),
        areas=areas,
        unit=_("lượt"),
    )
    return Drawing(
        title=figure.title,
        svg=responsive(area_map, figure, WIDE, "en" if language() == "en" else "vi"),
        heads=(_("Đối tác và trang"), _("Số lượt")),
        rows=tuple(rows),
    )


def _host(name: str) -> str:
    """A site that is called by its address, without what every address has."""
    return name.removeprefix("https://").removeprefix("http://").removeprefix("www.").rstrip("/")
