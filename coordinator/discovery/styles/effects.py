"""What the declarations of one element do to its text: they show it, hide it, or may hide it in a way that is not read.

Only values that say so by themselves hide. What is neither known to show nor to hide is a question for a browser.
"""

import re
from collections.abc import Mapping
from enum import IntEnum
from functools import lru_cache

from tinycss2.color4 import Color, parse_color

Declarations = tuple[tuple[str, str, bool], ...]  # the name, the value in lower case, whether it is important

_FAINT = 0.04  # opacity and difference of colours up to which nothing is seen
_LOW, _NARROW = 100.0, 60.0  # pixels of a box that cuts off what is larger, below which it may be too small
_SMALL = 6.0  # pixels of letters that may be too small
_FAR = 500.0  # pixels out of which a text is off the screen
_PIXELS = {"px": 1.0, "": 1.0, "em": 16.0, "rem": 16.0, "pt": 1.33, "vw": 10.0, "vh": 8.0, "ch": 8.0, "%": 5.0}
_LENGTH = re.compile(r"(?<![\w.#-])(-?\d*\.?\d+)([a-z]+|%)?(?![\w%.])")
_STRING = re.compile(r"\"(?:[^\"\\\n]|\\.)*\"?|'(?:[^'\\\n]|\\.)*'?|/\*.*?(?:\*/|\Z)|url\([^\"')]*\)?", re.DOTALL)
_HARMLESS_STRING = re.compile(r"([\"'])[\w ./#-]*\1")
_ESCAPE = re.compile(r"\\(?:([0-9a-fA-F]{1,6})\s?|(.))", re.DOTALL)
_DECLARATION = re.compile(r"\s*([\w-]+)\s*:([^;]*)")
_LONG = 20_000  # characters of a block, with which it is not read
_IMPORTANT = re.compile(r"!\s*important\s*$")
_FONT = re.compile(r"(?:^|\s)(\d*\.?\d+(?:px|em|rem|pt|%)|0)(?=[\s/])")  # the size in the shorthand
_WORD = re.compile(r"[^\s(),/]+(?:\([^()]*\))?")

_HIDES = {
    name: re.compile(pattern)
    for name, pattern in {
        "display": "none", "visibility": "hidden|collapse", "content-visibility": "hidden",
        "opacity": r"-.*|0*\.?0*|0*\.0[0-4]\d*|0*[0-4](?:\.\d*)?%",
        "font-size": (
            r"0*\.?0*|0*(?:\.\d+|1(?:\.[0-4]\d*)?)?(?:px|pt)|0*\.?0*(?:\.0\d*)?(?:em|rem|%|v[wh]|ex|ch)"
        ),
        "text-indent": r"-(?:[5-9]\d{2}|\d{4,})(?:\.\d*)?px|-\d{2,}(?:em|rem)|-\d{3,}(?:vw|%)",
    }.items()
}  # fmt: skip
_SIZE = (
    r"(?:[6-9]|\d{2,})(?:\.\d*)?(?:px|pt)|(?:[1-9]\d*(?:\.\d*)?|0?\.[7-9]\d*)r?em|(?:[7-9]\d|\d{3})(?:\.\d*)?%"
    r"|[1-9](?:\.\d*)?v\w+"
)
_SHIFT = r"-?(?:0|1?\d{1,2}(?:\.\d*)?(?:px|%)|\d(?:\.\d*)?r?em)"
_SCALE = r"(?:0?\.[6-9]\d*|[1-2](?:\.\d*)?)"
_TRANSFORM = (
    rf"(?:translate(?:x|y|z|3d)?\({_SHIFT}(?:,\s*{_SHIFT}){{,2}}\)|rotatez?\([^()]*\)"
    rf"|scale(?:x|y|3d)?\({_SCALE}(?:,\s*{_SCALE}){{,2}}\)|\s)+"
)
_SHOWS = {
    name: re.compile(rf"none|auto|normal|initial|unset|inherit|revert|visible||{pattern}")
    for name, pattern in {
        "display": (
            r"(?:-\w+-)?(?:inline-)?(?:inline|flow-root|list-item|block|flex(?:box)?|grid|box|contents"
            r"|table(?!-column)[a-z-]*)"
        ),
        "opacity": r"[1-9]\d*%?|0?\.[6-9]\d*|1\.0*",
        "font-size": rf"{_SIZE}|[a-z-]+|(?:clamp|max|min|calc)\(.*",
        "text-indent": r"-?\d{1,2}(?:\.\d*)?(?:px|pt|%)?|-?\d(?:\.\d*)?r?em",
        "transform": _TRANSFORM, "-webkit-transform": _TRANSFORM, "scale": _SCALE, "rotate": ".*",
        "translate": rf"{_SHIFT}(?:\s+{_SHIFT})?", "zoom": r"0?\.[6-9]\d*|[1-9]\d*%?", "z-index": r"\d+",
        "filter": r"(?:(?:drop-shadow|grayscale|saturate|sepia|hue-rotate)\((?:[^()]|\([^()]*\))*\)|\s)+",
        "letter-spacing": r"-?0?\.0\d*r?em|-?[0-3]?(?:\.\d+)?px|\d.*", "animation": r"0s.*",
        "line-height": r"(?:0?\.[5-9]|[1-9]).*|(?:calc|var|max|clamp)\(.*",
        **dict.fromkeys(
            (
                "visibility", "content-visibility", "mask", "mask-image", "-webkit-mask", "-webkit-mask-image", "clip",
                "clip-path", "-webkit-clip-path", "mix-blend-mode", "offset-path", "animation-name", "all",
            ), "none",
        ),
    }.items()
}  # fmt: skip
_PLACES = (
    "left", "right", "top", "bottom", "inset", "inset-inline-start", "inset-inline-end", "inset-block-start",
    "margin", "margin-left", "margin-top", "margin-right", "margin-inline-start",
)  # fmt: skip
_SIZES = dict.fromkeys(("height", "max-height", "block-size", "max-block-size"), _LOW) | dict.fromkeys(
    ("width", "max-width", "inline-size", "max-inline-size"), _NARROW
)
_CLIPPING = ("overflow", "overflow-x", "overflow-y", "contain")
INHERITED = frozenset(("visibility", "text-indent", "font-size", "color"))
WATCHED = frozenset((*_SHOWS, *_PLACES, *_SIZES, *_CLIPPING, "color", "background", "background-color", "position")) | {
    "-webkit-text-fill-color", "background-clip", "-webkit-background-clip", "background-image", "text-shadow", "font",
    "transition",
}  # fmt: skip


class Effect(IntEnum):
    """What a declaration does to the text of its element."""

    UNREAD = 1  # it may hide the text
    HIDDEN = 2


def without_strings(text: str) -> str:
    """Return CSS without comments, and without strings and addresses that hold more than plain words."""
    return _STRING.sub(
        lambda found: found[0] if _HARMLESS_STRING.fullmatch(found[0]) else " " if found[0][0] == "/" else "url()", text
    )


def unescaped(text: str) -> str:
    """Return CSS with its escapes resolved."""
    if "\\" not in text:
        return text
    return _ESCAPE.sub(lambda found: chr(min(int(found[1], 16), 0xFFFF)) if found[1] else found[2], text)


def declarations(text: str) -> Declarations:
    """Return the declarations that may matter, and custom properties; ``text`` is without strings and comments."""
    inside = "(" in text and any(part.count("(") > part.count(")") for part in text.split(";")[:-1])
    if inside or "[" in text or len(text) > _LONG:
        return (("display", "var()", True),)  # not split as a browser does
    found = []
    for name, value in _DECLARATION.findall(unescaped(text).lower()):
        if name in WATCHED or name.startswith("--"):
            plain = _IMPORTANT.sub("", value).strip()
            important = len(plain) < len(value.strip())
            found.append((name, plain[:300], important))
            if name == "font" and (size := _FONT.search(plain)) is not None:
                found.append(("font-size", size[1], important))
    return tuple(found)


@lru_cache(maxsize=4096)
def colour_of(text: str) -> tuple[float, ...] | None:
    """Return red, green, blue and opacity, 0–1; None for what is no colour, or one that depends on the element."""
    colour = parse_color(text[:60]) if text else None
    return tuple(colour.to("srgb")) if isinstance(colour, Color) and colour.space in {"srgb", "hsl", "hwb"} else None


def ground_of(values: Mapping[str, str]) -> tuple[float, ...] | None:
    """The colour of an element's own background; None for none, a picture, and what is not known."""
    picture = f"{values.get('background-image', '')} {values.get('background', '')}"
    if "url(" in picture or "gradient" in picture:
        return None
    words = _WORD.findall(values.get("background-color", values.get("background", "")))
    colour = next((found for word in words if (found := colour_of(word)) is not None), None)
    return colour if colour is not None and colour[3] > 1 - _FAINT else None


def look_alike(colour: tuple[float, ...], other: tuple[float, ...]) -> bool:
    """Whether two colours look the same."""
    return all(abs(a - b) <= _FAINT for a, b in zip(colour[:3], other[:3], strict=True))


@lru_cache(maxsize=8192)
def effects(values: tuple[tuple[str, str], ...]) -> Mapping[str, Effect]:
    """Return what hides or may hide, of the declarations that count for an element, by its name."""
    of = dict(values)
    found: dict[str, Effect] = {}
    moving = any(of.get(name, "none") != "none" for name in ("transition", "animation", "animation-name"))
    for name, value in values:
        if name in _HIDES and _HIDES[name].fullmatch(value) and value:
            found[name] = Effect.UNREAD if moving and name in {"opacity", "visibility"} else Effect.HIDDEN
        elif (name in _SHOWS and _SHOWS[name].fullmatch(value) is None) or (
            name == "font-size" and "(" in value and (" - " in value or min(_lengths(value), default=0.0) < _SMALL)
        ):
            found[name] = Effect.UNREAD
    placed = of.get("position", "static") not in {"static", "inherit", "sticky"}
    for name in _PLACES:
        if (placed or name.startswith("margin")) and (value := of.get(name, "")):
            far = _lengths(value)
            if "(" in value and placed:
                found[name] = Effect.UNREAD
            elif far and (min(far) <= -_FAR or max(far) >= 2 * _FAR):
                found[name] = Effect.HIDDEN if min(far) <= -_FAR and name != "margin-right" else Effect.UNREAD
    if any(of.get(name, "visible") != "visible" for name in _CLIPPING):
        for name, least in _SIZES.items():
            if (sizes := _lengths(of.get(name, ""))) and (sizes[0] < least or "(" in of[name]):
                gone = sizes[0] <= 1 and not moving and "(" not in of[name]
                found[name] = Effect.HIDDEN if gone else Effect.UNREAD
    return _with_colour(of, found)


def _with_colour(of: Mapping[str, str], found: dict[str, Effect]) -> dict[str, Effect]:
    given = of.get("-webkit-text-fill-color", of.get("color", ""))
    colour, ground = colour_of(given), ground_of(of)
    clipped = "text" in (of.get("background-clip"), of.get("-webkit-background-clip"))
    if "var(" in given:
        found["color"] = Effect.UNREAD
    elif colour is not None and (colour[3] <= _FAINT or (ground is not None and look_alike(colour, ground))):
        found["color"] = Effect.UNREAD if clipped or of.get("text-shadow", "none") != "none" else Effect.HIDDEN
    return found


def _lengths(value: str) -> list[float]:
    """The lengths in a value, in pixels of an ordinary screen."""
    return [float(number) * _PIXELS.get(unit, 10.0) for number, unit in _LENGTH.findall(value)]
