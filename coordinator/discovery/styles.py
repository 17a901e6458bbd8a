"""What the styles of a page say of its texts, as far as it is common and costs nothing.

No cascade is worked out. A rule for one class or id on every screen, and an inline style, hide for certain; every other
rule may do what it declares to the elements that have its names.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from itertools import product
from typing import NamedTuple

from tinycss2.color4 import Color as ParsedColor
from tinycss2.color4 import parse_color

Declarations = tuple[tuple[str, str, bool], ...]  # the name, the value in lower case, whether it is important
Colour = tuple[float, ...]  # red, green, blue and opacity, 0–1
PICTURE: Colour = (1.0, 1.0, 1.0, 0.0)  # a background that is not known; it may be white

MAX_PAIRS = 100  # colours of letters with backgrounds, for one element
_MAX_DEPTH = 30  # blocks inside each other
_MAX_FUNCTIONS = 6  # pseudo-classes with arguments inside each other
_LONG = 20_000  # characters of a block, with which it is not read
_FAINT = 0.04  # opacity and difference of colours up to which nothing is seen
_PIXELS = {"px": 1.0, "": 1.0, "em": 16.0, "rem": 16.0, "pt": 1.33, "vw": 8.0, "vh": 8.0, "ch": 8.0, "%": 5.0}

_STRING = re.compile(r"\"(?:[^\"\\\n]|\\.)*\"?|'(?:[^'\\\n]|\\.)*'?|/\*.*?(?:\*/|\Z)|url\([^\"')]*\)?", re.DOTALL)
_ESCAPE = re.compile(r"\\(?:([0-9a-fA-F]{1,6})\s?|(.))", re.DOTALL)
_PIECE = re.compile(r"([^{};]*)([{};]|\Z)")
_DECLARATION = re.compile(r"\s*([\w-]+)\s*:([^;]*)")
_IMPORTANT = re.compile(r"!\s*important\s*$")
_FONT = re.compile(r"(?:^|\s)(\d*\.?\d+(?:px|em|rem|pt|%)|0)(?=[\s/])")  # the size in the shorthand
_ODD = re.compile(r"[^\w\s-]")  # characters of a name that are alike here
_ATTRIBUTE = re.compile(r"\[\s*([\w:-]+)[^\[\]]*\]")
_SAME = re.compile(r":(?:where|is)\(([.#\[][^(),\s>+~]*)\)")
_FUNCTION = re.compile(r":[\w-]+\([^()]*\)")
_PSEUDO_ELEMENT = re.compile(r"::|:(?:before|after|first-line|first-letter)(?![\w-])")
# What a reader does, and elements without a text: a rule for these hides nothing of a page as it opens.
_STATE = re.compile(r":(?:hover|focus[\w-]*|active|target|visited|empty|disabled|fullscreen|popover-open)(?![\w-])")
_COMBINATOR = re.compile(r"\s*[>+~]\s*|\s+")
_NAME = re.compile(r":[\w-]+|(\[[\w:-]+|[.#]?[\w-]+)")
_SIMPLE = re.compile(r"[\w.#-]{1,40}")
_EXACT = re.compile(r"[.#][\w-]+")
_EVERY_SCREEN = re.compile(r"(?:only\s+)?(?:all|screen)")
_OTHER_MEDIA = re.compile(
    r"(?:only\s+)?(?:print|speech)\b.*|.*(?:scheme:\s*dark|motion:\s*reduce|forced-colors:\s*active).*",
    re.DOTALL,
)
_WORD = re.compile(r"[^\s(),/]+(?:\([^()]*\))?")
_LENGTH = re.compile(r"(?<![\w.#-])(-?\d*\.?\d+(?:e[+-]?\d+)?)([a-z]+|%)?(?![\w%.])")
# A sum is as large as its least number or larger; of other functions, signs and units nothing is known.
_UNITS = "|".join(filter(None, _PIXELS))
_SUM = re.compile(
    rf"[a-z-]*|(?:-?(?:\d++(?:\.\d++)?+|\.\d++)(?:{_UNITS})?+(?![\w%])|[\s(),+*]|calc|min|max|clamp|auto)+"
)
_AT_LEAST = re.compile(r"clamp\(\s*([\d.]+[a-z]+)\s*,.*")

# What hides for certain: by itself, or a place with a position and a size with an overflow.
_HIDES = re.compile(
    r"display:none|visibility:(?:hidden|collapse)|content-visibility:hidden|opacity:(?:0|0?\.0[0-4]?\d*|[0-4]%)"
    r"|font-size:(?:0\w*|0?\.\d+(?:px|pt)|1px)|text-indent:-(?:[5-9]\d\dpx|\d{4,}px|\d{2,}r?em)|color:transparent"
    r"|color:(?:rgb|hsl)a?\([^()]*[,/]\s*0?\.?0+%?\)|left:-(?:[5-9]\d\dpx|\d{4,}px|\d{2,}r?em)|position:(?:absolute|fixed)"
    r"|(?:max-)?(?:height|width):(?:0\w*|1px)|overflow:(?:hidden|clip)"
)
_ALONE = {"display", "visibility", "content-visibility", "opacity", "font-size", "text-indent", "color"}
# What shows; every other value of these properties may hide. In pixels: the least, the most, and one percent.
_FAR = (-499, 999, 5)
_PLACES = ("left", "right", "top", "bottom", "inset", "inset-inline-start", "inset-inline-end", "inset-block-start")
_NUMBERS = {
    "opacity": (0.6, 100, 0.01), "font-size": (6, 1e4, 0.16), "text-indent": (-100, 100, 5), "z-index": (0, 1e12, 1),
    "letter-spacing": (-3, 100, 0.1), "zoom": (0.6, 10, 0.01), "scale": (0.6, 3, 0.01), "translate": (-200, 200, 1),
    "line-height": (0.5, 1e4, 0.01), **dict.fromkeys(_PLACES, _FAR),
}  # fmt: skip
_SHIFT = r"-?(?:1?\d{1,2}(?:\.\d*)?(?:px|%)?|\d(?:\.\d*)?r?em)"
_MOVED = rf"translate(?:x|y|z|3d)?\({_SHIFT}(?:,\s*{_SHIFT}){{,2}}\)|rotatez?\([^()]*\)|scale\(1(?:\.\d+)?\)"
_TINT = r"(?:(?:drop-shadow|grayscale|saturate|sepia|hue-rotate)\((?:[^()]|\([^()]*\))*\)|\s)+"
_SHOWS = re.compile(
    rf"display:(?!.*(?:none|column|\()).*|visibility:(?!.*(?:hidden|collapse|\()).*|(?:-webkit-)?transform:(?:{_MOVED}|\s)+"
    rf"|filter:{_TINT}|(?!display)[\w-]+:(?:none|auto|normal|initial|unset|inherit|revert|)"
)
_PLAIN = {
    "display", "visibility", "content-visibility", "transform", "-webkit-transform", "filter", "mask", "mask-image",
    "-webkit-mask", "-webkit-mask-image", "clip", "clip-path", "-webkit-clip-path", "mix-blend-mode", "offset-path",
    "animation", "animation-name", "all",
}  # fmt: skip
_MARGINS = {"margin", "margin-left", "margin-top", "margin-right", "margin-inline-start"}
_CLIPPING = {"overflow", "overflow-x", "overflow-y", "contain"}
_SIZES = dict.fromkeys(("height", "max-height", "block-size", "max-block-size"), 100) | dict.fromkeys(
    ("width", "max-width", "inline-size", "max-inline-size"), 60
)  # pixels of a box that cuts off what is larger, below which it may be too small
_LETTERS, _GROUNDS = {"color", "-webkit-text-fill-color"}, {"background", "background-color", "background-image"}
_INKS = {"text-shadow", "background-clip", "-webkit-background-clip"}
_ROOMS = {"padding", "padding-top", "padding-bottom", "min-height", "min-width"}
# Properties that together hide or show a text.
_GROUPS = {
    **dict.fromkeys((*_CLIPPING, *_SIZES, *_ROOMS), "size"), **dict.fromkeys((*_LETTERS, *_GROUNDS, *_INKS), "color"),
    **dict.fromkeys(("left", "right", "position"), "place"),
    **dict.fromkeys(("transition", "animation", "animation-name"), "change"),
}  # fmt: skip
_WATCHED = {*_NUMBERS, *_PLAIN, *_MARGINS, *_GROUPS}


class TooMuch(Exception):
    """A page has more, or a sheet is deeper, than is read."""


@dataclass(frozen=True, slots=True, eq=False)
class Rule:
    """``names``: what the element needs, like ``.a``, ``#b``, ``p``, ``[c``; none for any element. ``around``: what
    other elements of the page need. ``exact``: it holds for all that have the name, and no others. ``state``: it holds
    while a reader does something."""

    names: frozenset[str]
    around: frozenset[str]
    exact: bool
    state: bool
    values: Declarations


class Meaning(NamedTuple):
    """What declarations do. ``hides``: groups of properties that hide for certain; ``may``: properties that may hide.
    ``sets``: all properties and groups, and with "!" those that are important; ``clips`` and ``small`` together may
    hide; ``shown``: a ``display`` that every browser knows. ``letters`` and ``grounds``: the colours, None for a
    background without one."""

    hides: frozenset[str]
    may: frozenset[str]
    sets: frozenset[str]
    letters: frozenset[Colour]
    grounds: frozenset[Colour | None]


class _Block(NamedTuple):
    """An open block: its selectors, whether it is read, and whether it holds on every screen."""

    selectors: str
    read: bool
    certain: bool
    texts: list[str]


def rules_of(sheet: str, certain: bool) -> Iterator[Rule]:
    """Yield the rules that may matter. ``certain``: the sheet holds on every screen. Raises ``TooMuch``."""
    opened = [_Block("", True, certain, [])]
    for piece in _PIECE.finditer(without_strings(sheet).replace("<!--", "").replace("-->", "")):
        if piece[2] == "{":
            opened.append(_inner(piece[1].strip(), opened[-1]))
            if len(opened) > _MAX_DEPTH:
                raise TooMuch
            continue
        opened[-1].texts.append(piece[1])
        if piece[2] == "}" and len(opened) == 1:
            opened = [_Block("", True, False, [])]  # a browser does not read on as usual
        while piece[2] != ";" and len(opened) > 1:
            block = opened.pop()
            if block.read and block.selectors and (values := declarations(";".join(block.texts))):
                yield from _rules(block.selectors, values, block.certain)
            if piece[2] == "}":
                break


def _inner(prelude: str, outer: _Block) -> _Block:
    """Return the block that a prelude opens inside another one."""
    if not prelude.startswith("@"):
        # What is inside another rule is of whatever that one touches, which is said in full where it is one name.
        around = outer.selectors if _SIMPLE.fullmatch(outer.selectors) else "*"
        certain = outer.certain and not outer.selectors
        return _Block(prelude.replace("&", around), outer.read and bool(prelude), certain, [])
    keyword, condition = re.findall(r"@([\w-]*)(.*)", prelude.lower(), re.DOTALL)[0]
    if keyword == "media":
        holds = media_holds(condition)
    else:
        holds = False if keyword in {"layer", "supports", "container", "scope"} else None
    selectors = "*" if keyword == "scope" else outer.selectors
    return _Block(selectors, outer.read and holds is not None, outer.certain and bool(holds), [])


def media_holds(media: str) -> bool | None:
    """Whether a list of media holds on every screen; None for what is for print alone, or for readers who want it."""
    parts = [part.strip() for part in media.lower().split(",")]
    if not media.strip() or any(_EVERY_SCREEN.fullmatch(part) for part in parts):
        return True
    wanted = (_OTHER_MEDIA.fullmatch(part) and not re.search(r"\b(?:not|or)\b", part) for part in parts)
    return None if all(wanted) else False


def _rules(selectors: str, values: Declarations, certain: bool) -> Iterator[Rule]:
    plain = _unescaped(selectors, "_").replace(":root", "html").lower()
    plain = _ATTRIBUTE.sub(r"[\1", plain if plain.isascii() else re.sub(r"[^\x00-\x7f\w]", "_", plain))
    for _ in range(_MAX_FUNCTIONS if "(" in plain else 0):
        plain = _FUNCTION.sub(":f", _SAME.sub(r"\1", plain))
    for selector in map(str.strip, plain.split(",") if "(" not in plain else ("*:f",)):
        if _PSEUDO_ELEMENT.search(selector) is None:
            *around, names = (frozenset(filter(None, _NAME.findall(part))) for part in _COMBINATOR.split(selector))
            exact = certain and _EXACT.fullmatch(selector) is not None
            yield Rule(names, frozenset().union(*around), exact, bool(_STATE.search(selector)), values)


def names_of(tag: str, attributes: Mapping[str, str | None]) -> frozenset[str]:
    """Return the names of an element, as in ``Rule``."""
    classes = _ODD.sub("_", attributes.get("class") or "").lower().split()
    ident = _ODD.sub("_", attributes.get("id") or "").lower()
    return frozenset((tag, f"#{ident}", *(f".{name}" for name in classes), *(f"[{name}" for name in attributes)))


def without_strings(text: str) -> str:
    """Return CSS without comments, and without what is in strings and addresses."""
    return _STRING.sub(lambda found: " " if found[0][0] == "/" else "url()", text)


def _unescaped(text: str, odd: str = "") -> str:
    """Resolve escapes; ``odd``: what stands for characters that no name has."""

    def resolved(found: re.Match[str]) -> str:
        letter = chr(min(int(found[1], 16), 0xFFFF)) if found[1] else found[2]
        return letter if not odd or letter.isalnum() or letter in "-_" else odd

    return _ESCAPE.sub(resolved, text) if "\\" in text else text


def declarations(text: str) -> Declarations:
    """Return the declarations that may matter, and custom properties; ``text`` is without strings and comments."""
    parts = text.split(";")[:-1]
    if len(text) > _LONG or any(part.count(left) > part.count(right) for part in parts for left, right in ("()", "[]")):
        return (("display", "var()", True),)  # not split as a browser does
    found = []
    for name, value in _DECLARATION.findall(_unescaped(text).lower()) if ":" in text else ():
        plain = _IMPORTANT.sub("", value).strip()[:300]
        if name == "font":
            size = _FONT.search(plain)
            found.append(("font-size", size[1] if size is not None else "inherit", "!" in value))
        elif name in _WATCHED or name.startswith("--"):
            found.append((name, plain, "!" in value))
    return tuple(found)


@lru_cache(maxsize=4096)
def colour_of(text: str) -> Colour | None:
    """Return a colour; None for what is no colour, or one that depends on the element."""
    colour = parse_color(text[:60]) if text else None
    if not isinstance(colour, ParsedColor) or colour.space not in {"srgb", "hsl", "hwb"}:
        return None
    return tuple(colour.to("srgb"))


def look_alike(colour: Colour, ground: Colour | None) -> bool:
    """Whether letters of a colour are not seen on a background."""
    return ground is not None and all(abs(a - b) <= _FAINT for a, b in zip(colour[:3], ground[:3], strict=True))


def _ground(text: str) -> Colour | None:
    if "url(" in text or "gradient" in text:
        return PICTURE
    colours = (colour for word in _WORD.findall(text) if (colour := colour_of(word)) is not None)
    return next((colour for colour in colours if colour[3] > 1 - _FAINT), None)


def _numbers(name: str, value: str) -> list[float]:
    """The numbers in a value, in pixels of an ordinary screen."""
    units = {**_PIXELS, "%": _NUMBERS.get(name, _FAR)[2]}
    return [float(number) * units.get(unit, 10) for number, unit in _LENGTH.findall(value)]


def _may_hide(name: str, value: str) -> bool:
    """Whether a value may hide by itself."""
    if name in _PLAIN:
        return _SHOWS.fullmatch(f"{name}:{value}") is None
    value = _AT_LEAST.sub(r"\1", value)
    least, most, _ = _NUMBERS.get(name, _FAR)
    out = any(not least <= number <= most for number in _numbers(name, value))
    if name in _NUMBERS:
        return out or _SUM.fullmatch(value) is None
    faint = name in _LETTERS and ("var(" in value or (colour_of(value) or (1,))[-1] <= _FAINT)
    return faint or (name in _MARGINS and out)


@lru_cache(maxsize=4096)
def meaning(values: Declarations) -> Meaning:
    """Return what declarations do. Several values of one property are those that it may have."""
    of: dict[str, list[str]] = {}
    for name, value, _ in values:
        of.setdefault(name, []).append(value)
    strong = {name for name, _, important in values if important}
    named = [*(("", name) for name in of), *(("!", name) for name in strong)]
    sets = {mark + one for mark, name in named for one in (name, _GROUPS.get(name, name))}
    may = {name for name, value, _ in values if _may_hide(name, value)}
    sure = {name for name in of if all(_HIDES.fullmatch(f"{name}:{value}") for value in of[name])}
    hides = sure & _ALONE
    if set(of.get("display", ("",))) <= {"block", "inline", "inline-block", "flex", "grid", "table"}:
        sets.add("shown")
    if {"left", "position"} <= sure:
        hides.add("place")
    if "overflow" in sure and sure & _SIZES.keys() and not of.keys() & _ROOMS:
        hides.add("size")
    if any(value not in {"visible", ""} for name in _CLIPPING for value in of.get(name, ())):
        sets.add("clips")
    for name in _SIZES.keys() & of.keys():
        if any("(" in value or min(_numbers(name, value), default=1000) < _SIZES[name] for value in of[name]):
            sets.add("small")
    letters = {colour for name in _LETTERS for value in of.get(name, ()) if (colour := colour_of(value))}
    grounds = {_ground(value) for name in _GROUNDS for value in of.get(name, ()) if value}
    many = len(letters) * len(grounds) > MAX_PAIRS
    alike = [True, False] if many else [look_alike(*pair) for pair in product(letters, grounds - {PICTURE})]
    if alike and all(alike):
        hides.add("color")
    if of.keys() & _INKS:
        hides.discard("color")
    if any(alike):
        may.add("colours")
    return Meaning(frozenset(hides), frozenset(may), frozenset(sets), frozenset(letters), frozenset(grounds))
