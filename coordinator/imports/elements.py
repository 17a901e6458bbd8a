"""What HTML elements mean to the reader of imported text, and what their style attribute says of it."""

import re
from dataclasses import dataclass
from typing import Final

# Their content goes with them. The value is the note that is left.
DROPPED: Final = {
    **dict.fromkeys(("script", "style", "template", "noscript"), "script"),
    **dict.fromkeys(("iframe", "frame", "frameset", "object", "embed", "applet", "audio", "video"), "embedded"),
    **dict.fromkeys(("canvas", "svg", "math", "input", "button", "select", "textarea"), "embedded"),
    **dict.fromkeys(("del", "s", "strike"), "struck"),
    # Word's islands and a document's own head say nothing to a reader.
    **dict.fromkeys(("head", "title", "meta", "link", "base", "xml", "source", "track", "datalist", "colgroup"), ""),
}
HEADINGS: Final = {"h1": "h1", "h2": "h2", "h3": "h3", "h4": "h3", "h5": "h3", "h6": "h3"}
STRONG: Final = frozenset({"strong", "b"})
SLANTED: Final = frozenset({"em", "i", "cite", "dfn", "var"})
# Begin and end a paragraph, and are nothing else here.
PARTS: Final = frozenset(
    {"html", "body", "p", "div", "section", "article", "header", "footer", "main", "nav", "aside", "address", "hr"}
    | {"center", "pre", "dl", "dt", "dd", "form", "fieldset", "legend", "details", "summary", "hgroup", "caption"}
    | {"dir", "menu"}
)
LISTS: Final = {"ul": False, "ol": True}


@dataclass(frozen=True)
class Style:
    """What a style attribute says: None where it says nothing. ``list_level`` is Word's level, from 1; 0 = no list."""

    strong: bool | None = None
    em: bool | None = None
    hidden: bool = False
    struck: bool = False
    list_level: int = 0
    list_marker: bool = False


_PLAIN: Final = Style()


def style_of(attribute: str) -> Style:
    """Read a style attribute, as browsers and Word write it."""
    if not attribute:
        return _PLAIN
    style = re.sub(r"\s+", " ", attribute.lower())
    # Word writes mso-bidi-font-weight:normal on whatever it makes bold; that is about scripts written from the right.
    weight = re.search(r"(?<![\w-])font-weight ?: ?(\w+)", style)
    slant = re.search(r"(?<![\w-])font-style ?: ?(\w+)", style)
    level = re.search(r"mso-list ?: ?l\d+ level(\d)", style)
    return Style(
        strong=weight[1] in {"bold", "bolder", "600", "700", "800", "900"} if weight else None,
        em=slant[1] in {"italic", "oblique"} if slant else None,
        hidden=bool(re.search(r"display ?: ?none|visibility ?: ?hidden|mso-hide ?: ?all", style)),
        struck="line-through" in style,
        list_level=int(level[1]) if level else 0,
        list_marker=bool(re.search(r"mso-list ?: ?ignore", style)),
    )


def pixels(value: str) -> int | None:
    """A width or height attribute in CSS pixels, or None for anything but a sensible whole number."""
    found = re.fullmatch(r"\s*(\d{1,5})(?:\.\d+)?\s*(?:px)?\s*", value, re.ASCII)
    return int(found[1]) if found and int(found[1]) > 0 else None


def span(value: str) -> int:
    """A colspan or rowspan: 1 to 100, and 1 for anything else."""
    found = re.fullmatch(r"\s*(\d{1,3})\s*", value, re.ASCII)
    return int(found[1]) if found and 1 <= int(found[1]) <= 100 else 1
