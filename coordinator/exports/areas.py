"""A map of areas: groups, the parts of each within it, every area as large as its count."""

from collections.abc import Sequence
from dataclasses import dataclass

from markupsafe import Markup

from coordinator.exports.drawing import HALF, Frame, box, drawing, empty, text
from coordinator.exports.fitting import fitted, words_width
from coordinator.exports.format import Locale, vi_number
from coordinator.exports.scales import counted

HEAD = 18.0  # px above a group's parts, for its name
GAP = 2.0  # px between neighbours, so that they stay apart in any colour
LEAST_LABEL = 34.0  # px: narrower, a label would be an ellipsis


@dataclass(frozen=True)
class Area:
    """One area by name. ``parts``: what it is made of; what they leave of ``value`` stays without a name."""

    label: str
    value: float
    parts: Sequence["Area"] = ()


@dataclass(frozen=True)
class AreaMap:
    """Areas in any order; the largest comes first in the drawing. ``unit`` follows each figure ("lượt")."""

    key: str
    title: str
    description: str
    areas: Sequence[Area]
    unit: str = ""


@dataclass(frozen=True)
class _Box:
    x: float
    y: float
    width: float
    height: float

    def within(self, gap: float, head: float = 0.0) -> "_Box":
        """What is left of it inside an edge and below a head."""
        across, down = min(gap, self.width / 2), min(gap, self.height / 2)
        high = max(self.height - 2 * down - head, 0.0)
        return _Box(self.x + across, self.y + down + head, self.width - 2 * across, high)


def area_map(figure: AreaMap, frame: Frame = HALF, locale: Locale = "vi") -> Markup:
    """The map as an SVG element. An area with room has its name and figure; every one tells them to the pointer."""
    areas = [one for one in figure.areas if counted(one.value)]
    height = 420.0 if frame.narrow else 360.0
    if not areas:
        return empty(figure.key, figure.title, figure.description, frame, height, locale)
    marks: list[Markup] = []
    for area, place in _placed(areas, _Box(0, 0, frame.width, height)):
        inner = place.within(GAP / 2)
        says = _says(area, figure.unit, locale)
        marks.append(box("h1", inner.x, inner.y, inner.width, inner.height, 2, says))
        below = inner.within(GAP, HEAD) if inner.height > 2.5 * HEAD and area.parts else None
        marks += _label(area, inner, locale, strong=True)
        if below is not None:
            for part, small in _placed(_whole(area), below):
                cell = small.within(GAP / 2)
                # The part without a name is the area's own ground.
                if part.label:
                    marks.append(
                        box("h2", cell.x, cell.y, cell.width, cell.height, 2, _says(part, figure.unit, locale))
                    )
                    marks += _label(part, cell, locale, strong=False)
    return drawing(figure.key, figure.title, figure.description, frame, height, marks)


def _whole(area: Area) -> list[Area]:
    parts = [one for one in area.parts if counted(one.value)]
    rest = counted(area.value) - sum(counted(one.value) for one in parts)
    return [*parts, Area("", rest)] if rest > 0 else parts


def _says(area: Area, unit: str, locale: Locale) -> str:
    return f"{area.label}: {vi_number(area.value, 0, locale)} {unit}".strip()


def _label(area: Area, place: _Box, locale: Locale, *, strong: bool) -> list[Markup]:
    room = place.width - 8
    if room < LEAST_LABEL or place.height < HEAD:
        return []
    figure = vi_number(area.value, 0, locale)
    whole = f"{area.label} {figure}"
    says = whole if words_width(whole) <= room else fitted(area.label, room)
    return [text(place.x + 4, place.y + 14, says, "says" if strong else "on")]


def _placed(areas: Sequence[Area], place: _Box) -> list[tuple[Area, _Box]]:
    """Areas in a box, each as near to a square as its row allows (M. Bruls, K. Huizing, J. van Wijk, "Squarified
    treemaps", 2000): rows along the shorter side, closed as soon as one more area would make them longer than wide."""
    left = sorted(areas, key=lambda one: -counted(one.value))
    whole = sum(counted(one.value) for one in left)
    if not whole or not place.width or not place.height:
        return []
    scale = place.width * place.height / whole
    found: list[tuple[Area, _Box]] = []
    while left:
        side = min(place.width, place.height)
        taken = 1
        while taken < len(left) and _worst(left[: taken + 1], side, scale) <= _worst(left[:taken], side, scale):
            taken += 1
        row, left = left[:taken], left[taken:]
        thick = sum(counted(one.value) for one in row) * scale / side
        along = 0.0
        for one in row:
            long = counted(one.value) * scale / thick
            upright = place.width >= place.height
            at = (place.x, place.y + along, thick, long) if upright else (place.x + along, place.y, long, thick)
            found.append((one, _Box(*at)))
            along += long
        if place.width >= place.height:
            place = _Box(place.x + thick, place.y, max(place.width - thick, 1e-9), place.height)
        else:
            place = _Box(place.x, place.y + thick, place.width, max(place.height - thick, 1e-9))
    return found


def _worst(row: Sequence[Area], side: float, scale: float) -> float:
    """The largest ratio of the sides of an area in this row."""
    sizes = [counted(one.value) * scale for one in row]
    whole = sum(sizes)
    return max(max(side**2 * size / whole**2, whole**2 / (side**2 * size)) for size in sizes)
