"""Elements of a page that no reader sees, by utility classes, by the page's own sheets and by inline styles.

``hide_unseen`` gives each of them the attribute ``hidden``, so that everything that reads the document sees one sign.
Foreign sheets and scripts are not read: where they may show a text, it counts as shown. The cases are listed in
docs/explanation/visible-text.md.
"""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import chain
from typing import Any

import tinycss2
from selectolax.lexbor import LexborHTMLParser, LexborNode, SelectolaxError
from tinycss2.color4 import Color, parse_color

from coordinator.discovery.pages.regions import is_hidden

_HIDING_CLASSES = (
    "d-none", "dnone", "display-none", "hidden", "hide", "is-hidden", "u-hidden", "uk-hidden", "element-hidden",
    "invisible", "is-invisible", "uk-invisible", "element-invisible", "sr-only", "visually-hidden", "visuallyhidden",
    "cdk-visually-hidden", "screen-reader-text", "screen-reader-only", "screenreader-only", "assistive-text",
    "a11y-hidden", "hidden-text", "text-hidden", "offscreen", "off-screen", "show-for-sr", "usa-sr-only",
    "govuk-visually-hidden", "u-visually-hidden", "elementor-screen-only", "slds-hide", "slds-assistive-text",
)  # fmt: skip
_HIDING_WORDS = ("none", "hid", "sr-only", "for-sr", "invisible", "screen", "assistive")  # each class has one of them
_BY_CLASS = ",".join(f".{name}" for name in _HIDING_CLASSES)
# Other classes of the element that show it on some screens: d-md-block, md:flex, visible-lg, not-sr-only.
_SHOWING_CLASS = re.compile(
    r"d-(?!print-)\w+-(?!none)\w+|(?!print:)[\w-]+:(?:block|inline\S*|flex|grid|table\S*|contents|visible)|visible-(?!print)\S+"
    r"|d-(?:block|flex|grid)|show|in|active|open|not-sr-only"
)
_CONTROLS = "a[data-toggle],a[data-bs-toggle],a[role=tab],[role=tablist] a,.tabs a,.nav-tabs a"
_CLOSED = "dialog:not([open]),[popover]"

# A declaration that may hide; a sheet without any is not parsed.
_MAY_HIDE = re.compile(
    r"none|hidden|collapse|opacity|-\d{3,}|-\s*\d{2,}(?:em|rem|vw|vh|%)"
    r"|clip|:\s*0(?:px|em|rem|%)?\s*(?:[;!}\"]|$)|:\s*1px|scale|translate|rotate|font|color|background|\\",
    re.IGNORECASE,
)
_SHORT = 100  # characters; icons and labels have fewer
_MAX_SHEETS = 400_000  # characters of a page's sheets; what is longer is not read
_MAX_STYLED = 3000  # elements with inline styles that are looked at
_MAX_NODES = 20_000
_FAR = 500  # pixels out of which a text is off the screen
_PIXELS = {"px": 1.0, "": 1.0, "em": 16.0, "rem": 16.0, "pt": 1.33, "vw": 10.0, "vh": 8.0, "ch": 8.0, "%": 5.0}
_LENGTH = re.compile(r"(-?\d*\.?\d+)(px|em|rem|pt|vw|vh|ch|%)?(?![\w%.])")
_FONT_SIZE = re.compile(r"(?:^|\s)(\d*\.?\d+(?:px|em|rem|pt|%)|0)(?=[\s/])")  # in the shorthand
_WORD = re.compile(r"[^\s(),/]+(?:\([^()]*\))?")  # of a value, a function with its arguments
_VARIABLE = re.compile(r"(?<![\w-])(--[\w-]+)\s*:\s*([^;{}()\"']{1,100})(?=[;}\"'])")
_SET_VARIABLE = re.compile(r"[\"'](--[\w-]+)[\"']")  # by a script
_USED_VARIABLE = re.compile(r"var\(\s*(--[\w-]+)\s*(?:,[^()]*)?\)")
_SPACES = ("srgb", "hsl", "hwb")
_MAX_NESTED = 100  # selectors of a rule with rules inside
_NEAR = 0.04  # difference of each of red, green, blue, of 1, up to which two colours look the same
_WHOLE_PAGE = 0.9  # share of a page's text
_MEDIA_SEEN = re.compile(r"(?:only\s+)?(?:all|screen)\s*$|not\s+(?:print|speech)\s*$|\s*$", re.IGNORECASE)
_MEDIA_PRINT = re.compile(r"(?:only\s+)?(?:print|speech)\b[^,]*$", re.IGNORECASE)
# What a page's scripts take away or replace when it has been loaded.
_UNTIL_LOADED = re.compile(
    r"(?<![\w-])(?:no-?js|js|js-\w+|\S*cloak|preload\w*|loading|is-loading|lazy\w*|wf-\w+|wow|aos\S*|data-aos)(?![\w-])"
)
_STATES = frozenset(("active", "show", "in", "open", "opened", "current", "selected", "visible", "expanded", "on"))
_STATE = re.compile(
    r":(?:hover|focus\S*|active|checked|target\S*|has\(:checked\))(?![\w-])|\[(?:open|aria-\w+)[^\]]*\]"
)
_PSEUDO_ELEMENT = re.compile(r"::|:(?:before|after|first-line|first-letter)(?![\w-])")
_NAMES_USED = re.compile(r"""\b(class|id)\s*=\s*(?:"([^"]*)"|'([^']*)'|([^\s>"']+))""", re.IGNORECASE)
_TOKEN = re.compile(r"([.#])((?:\\.|[\w-]|[^\x00-\x7f])+)")
_NEGATION = re.compile(r":(?:not|is|where|has|nth[\w-]*)\([^()]*(?:\([^()]*\)[^()]*)*\)")
_LAST_COMPOUND = re.compile(r"(?:^|[\s>+~])([^\s>+~]+)$")
_INHERITED = ("visibility", "text-indent", "font-size", "color")
_WATCHED = frozenset(
    (
        *_INHERITED, "display", "opacity", "position", "left", "right", "top", "bottom", "inset", "margin-left",
        "margin", "clip", "clip-path", "transform", "width", "max-width", "height", "max-height", "overflow",
        "overflow-x", "overflow-y", "content-visibility", "filter", "background", "background-color",
        "background-image", "background-clip", "-webkit-background-clip", "transition", "animation", "animation-name",
        "text-shadow", "font", "scale", "translate",
    )
)  # fmt: skip

_Values = Mapping[str, str]


@dataclass(frozen=True, slots=True)
class _Rule:
    """A rule for one selector. ``conditional``: it holds on some screens only. ``names``: the classes and the id, with
    their signs, that its last compound needs."""

    selector: str
    names: frozenset[str]
    weight: tuple[int, int, int]
    conditional: bool
    values: tuple[tuple[str, str, bool], ...]


def hide_unseen(document: LexborHTMLParser, html: str) -> bool:
    """Give elements that no reader sees the attribute ``hidden``; whether the document was changed.
    ``html``: its own."""
    root = document.body
    if root is None:
        return False
    found = False
    if any(word in html for word in _HIDING_WORDS):
        for node in document.css(_BY_CLASS):
            if node.tag in {"html", "body"} or _is_shown_by_class(node) or _opens(document, node, html):
                found = _show(node) or found
            else:
                found = _hide(node) or found
    if "aria-hidden" in html or "hidden-" in html:
        for node in document.css("[aria-hidden=true],[class*=hidden-]"):
            found = _show(node) or found
    if "<dialog" in html or "popover" in html:
        for node in document.css(_CLOSED):
            found = _hide(node) or found
    if "<style" in html or " style" in html or "<font" in html:
        found = _StyledPage(document, root, html).hide() or found
    return _show_hidden_article(document, root) or found


def _show_hidden_article(document: LexborHTMLParser, root: LexborNode) -> bool:
    """Show an element with the page's headline and nearly all of its text: it is hidden until a script shows it."""
    found = False
    for heading in document.css("h1")[:3]:
        above = heading.parent
        while above is not None and above.tag not in {"body", "html"}:
            attributes = above.attributes
            hidden = is_hidden("hidden" in attributes, attributes.get("style"))
            if hidden and len(above.text() or "") > _WHOLE_PAGE * len(root.text() or ""):
                for name in ("hidden", "style"):
                    if name in attributes:
                        del above.attrs[name]
                found = True
            above = above.parent
    return found


def _is_shown_by_class(node: LexborNode) -> bool:
    return any(_SHOWING_CLASS.fullmatch(token) for token in (node.attributes.get("class") or "").split())


def _hide(node: LexborNode) -> bool:
    node.attrs["hidden"] = ""
    return True


def _show(node: LexborNode) -> bool:
    """Take from an element with text the signs for which the extractor of main text would leave it out."""
    if "hidden" in node.attributes or len(node.text() or "") < _SHORT:
        return False
    tokens = (node.attributes.get("class") or "").split()
    kept = [token for token in tokens if "hidden" not in token and token not in _HIDING_CLASSES]
    if kept != tokens:
        node.attrs["class"] = " ".join(kept)
    if "aria-hidden" in node.attributes:
        node.attrs["aria-hidden"] = "false"
    return True


def _opens(document: LexborHTMLParser, node: LexborNode, html: str) -> bool:
    """Whether a control of the page opens the element: a button, a tab or a link that names it."""
    if node.attributes.get("role") == "tabpanel":
        return True
    ident = node.attributes.get("id") or ""
    if not ident or (f"#{ident}" not in html and f'"{ident}"' not in html):
        return False
    return any(
        ident in (other.attributes.get(name) or "").lstrip("#").split()
        for name in ("aria-controls", "data-target", "data-bs-target", "href")
        for other in document.css(_CONTROLS if name == "href" else f"[{name}]")
    )


def _rules_of(sheet: str) -> tuple[_Rule, ...]:
    """Return the rules of a sheet with a declaration that matters, in order."""
    rules: list[_Rule] = []
    # Rules, whether they hold on some screens only, and the selectors of the rule around them.
    waiting: list[tuple[Sequence[Any], bool, Sequence[str]]] = [
        (tinycss2.parse_stylesheet(sheet, True, True), False, ("",))
    ]
    while waiting:
        nodes, conditional, around = waiting.pop()
        for rule in nodes:
            if rule.type == "at-rule" and rule.content is not None:
                inner = _condition(rule.lower_at_keyword, tinycss2.serialize(rule.prelude))
                if inner is not None:
                    blocks = tinycss2.parse_rule_list(rule.content, True, True)
                    waiting.append((blocks, conditional or inner, around))
            elif rule.type == "qualified-rule":
                selectors = [_nested(selector, outer) for selector in _selectors(rule.prelude) for outer in around]
                content = tinycss2.parse_blocks_contents(rule.content, True, True)
                if values := _declared(content):
                    rules += (
                        _Rule(selector, _names(selector), _weight(selector), conditional, values)
                        for selector in selectors
                    )
                inside = [part for part in content if part.type == "qualified-rule"]
                if inside and len(selectors) <= _MAX_NESTED:
                    waiting.append((inside, conditional, selectors))
    return tuple(rules)


def _with_variables(sheet: str, html: str) -> str:
    """Return a page's sheet with the custom properties put in that have one value on the page, and none by a script."""
    if "var(" not in sheet:
        return sheet
    found: dict[str, set[str]] = {}
    for name, value in _VARIABLE.findall(html):
        found.setdefault(name, set()).add(value.strip())
    for name in _SET_VARIABLE.findall(html):
        found.pop(name, None)
    known = {name: values.pop() for name, values in found.items() if len(values) == 1}
    return _USED_VARIABLE.sub(lambda used: known.get(used[1], used[0]), sheet)


def _nested(selector: str, outer: str) -> str:
    """Return a selector inside a rule of another one as it would stand outside."""
    if not outer:
        return selector
    return selector.replace("&", outer) if "&" in selector else f"{outer} {selector}"


class _Sheets:
    """The rules of a page's sheets, with those that may hide something."""

    def __init__(self, sheets: Sequence[tuple[str, bool]]) -> None:
        """``sheets``: each with whether it holds on some screens only."""
        self.rules: list[_Rule] = []
        for sheet, conditional in sheets:
            self.rules += (
                _Rule(rule.selector, rule.names, rule.weight, True, rule.values) if conditional else rule
                for rule in _rules_of(sheet)
            )
        self.by_name: dict[str, list[tuple[int, _Rule]]] = {}
        self.general: list[tuple[int, _Rule]] = []
        self.hiding: list[_Rule] = []
        self.coloured: list[tuple[_Rule, tuple[float, ...]]] = []
        self.grounds: set[tuple[float, ...]] = {(1.0, 1.0, 1.0)}
        for order, rule in enumerate(self.rules):
            if rule.names:
                self.by_name.setdefault(min(rule.names), []).append((order, rule))
            else:
                self.general.append((order, rule))
            values = dict(_flat(rule.values))
            self.grounds.update(_grounds(values))
            if rule.conditional or _UNTIL_LOADED.search(rule.selector):
                continue
            if _is_hiding(values):
                self.hiding.append(rule)
            elif isinstance(colour := _colour(values.get("color", "")), tuple):
                self.coloured.append((rule, colour))
        self.hiding += (rule for rule, colour in self.coloured if _is_like_any(colour, self.grounds))


_sheets = lru_cache(maxsize=64)(_Sheets)  # the pages of a site share their sheets


def _is_hiding(values: _Values) -> bool:
    """Whether declarations of one place alone may hide something, other than by a colour that is the background's."""
    if _hides_whole({"position": "absolute", "overflow": "hidden", **values}):
        return True
    if any(name in values and _is_no_letter(name, values[name]) for name in _INHERITED):
        return True
    colour = _colour(values.get("color", ""))
    return isinstance(colour, tuple) and colour[3] < _NEAR


def _grounds(values: _Values) -> Iterator[tuple[float, ...]]:
    """Yield the colours of backgrounds."""
    for name in ("background", "background-color"):
        for word in _WORD.findall(values.get(name, "")):
            if isinstance(colour := _colour(word), tuple):
                yield colour[:3]


@lru_cache(maxsize=4096)
def _colour(text: str) -> tuple[float, ...] | None:
    """Red, green, blue and opacity, 0–1; None for what is no colour, or one that depends on the element."""
    colour = parse_color(text) if text else None
    return tuple(colour.to("srgb")) if isinstance(colour, Color) and colour.space in _SPACES else None


def _condition(keyword: str, prelude: str) -> bool | None:
    """Whether the rules in an at-rule hold under a condition; None for those that no screen uses or that are none."""
    if keyword == "layer":
        return False
    if keyword == "supports":
        return prelude.strip().lower().startswith("not")  # what pages ask for, browsers of today have
    if keyword in {"container", "scope"}:
        return True
    return _media_condition(prelude.strip()) if keyword == "media" else None


def _media_condition(media: str) -> bool | None:
    if all(_MEDIA_PRINT.match(part.strip()) for part in media.split(",")):
        return None
    return not any(_MEDIA_SEEN.match(part.strip()) for part in media.split(","))


def _declared(content: Iterable[Any]) -> tuple[tuple[str, str, bool], ...]:
    values = []
    for part in content:
        if part.type == "declaration" and part.lower_name in _WATCHED:
            value = tinycss2.serialize(part.value).strip().lower()
            values.append((part.lower_name, value, part.important))
            if part.lower_name == "font" and (size := _FONT_SIZE.search(value)) is not None:
                values.append(("font-size", size[1], part.important))
    return tuple(values)


def _selectors(prelude: Iterable[Any]) -> Iterator[str]:
    part: list[Any] = []
    for piece in chain(prelude, (None,)):
        if piece is not None and piece != ",":
            part.append(piece)
            continue
        selector = tinycss2.serialize(part).strip()
        if selector and _PSEUDO_ELEMENT.search(selector) is None:
            yield selector
        part = []


def _names(selector: str) -> frozenset[str]:
    last = _LAST_COMPOUND.search(_NEGATION.sub("", selector).strip())
    found = _TOKEN.findall(last[1]) if last is not None else ()
    return frozenset(sign + re.sub(r"\\(.)", r"\1", name) for sign, name in found)


def _weight(selector: str) -> tuple[int, int, int]:
    """Return the specificity."""
    bare = re.sub(r":(?:not|is|has|where)\(|\)", " ", selector)
    signs = _TOKEN.findall(bare)
    ids = sum(sign == "#" for sign, _ in signs)
    attributes = bare.count("[") + len(re.findall(r"(?<!:):(?!:)[\w-]+", bare))
    tags = len(re.findall(r"(?:^|[\s>+~])[a-zA-Z]", _TOKEN.sub("", bare)))
    return ids, len(signs) - ids + attributes, tags


class _StyledPage:
    """A document with its own sheets and inline styles."""

    def __init__(self, document: LexborHTMLParser, root: LexborNode, html: str) -> None:
        self._document, self._root, self._html = document, root, html
        self._sheets: _Sheets = _sheets(tuple(self._read_sheets()))
        self._matched: dict[str, frozenset[int]] = {}
        self._known: dict[int, _Values] = {}
        self._styled = document.css("[style]")[:_MAX_STYLED] if " style" in html else []
        # Foreign sheets may give a class any colour and size.
        self._foreign = any("stylesheet" in (link.attributes.get("rel") or "") for link in document.css("link[rel]"))

    def _read_sheets(self) -> Iterator[tuple[str, bool]]:
        left = _MAX_SHEETS
        for style in self._document.css("style") if "<style" in self._html else ():
            above = style.parent
            sheet = style.text()
            kind = (style.attributes.get("type") or "text/css").strip().lower()
            if kind != "text/css" or len(sheet) > left or (above is not None and above.tag == "noscript"):
                continue
            conditional = _media_condition((style.attributes.get("media") or "").strip())
            if conditional is None or _MAY_HIDE.search(sheet) is None:
                continue
            left -= len(sheet)
            yield _with_variables(sheet, self._html), conditional

    def hide(self) -> bool:
        """Hide what the styles hide; whether there is any."""
        found = False
        for node in self._suspects():
            if node.tag in {"html", "body"} or "hidden" in node.attributes:
                continue
            if not (node.text() or "").strip() and node.css_first("input, textarea, a") is None:
                continue
            values = self._values(node)
            whole = _hides_whole(values)
            if whole:
                if not self._may_show(node, whole):
                    found = _hide(node) or found
            elif (part := self._hides_letters(node, values)) and not self._may_show(node, part):
                found = self._hide_letters(node, part) or found
            elif not part and is_hidden(False, node.attributes.get("style")):
                del node.attrs["style"]  # a rule that is more important shows it
                found = True
        return found

    def _suspects(self) -> Iterator[LexborNode]:
        """Yield the elements that some rule or inline style may hide, in no order."""
        seen: set[int] = set()
        sheets = self._sheets
        coloured = [node for node in self._styled if "background" in (node.attributes.get("style") or "")]
        if "bgcolor" in self._html:
            coloured += self._document.css("[bgcolor]")
        inline = {ground for node in coloured for ground in _grounds(dict(_flat(_inline(node))))}
        grounds = sheets.grounds | inline
        used = self._used_names() if sheets.hiding or (inline and sheets.coloured) else frozenset()
        rules = [rule for rule in sheets.hiding if rule.names <= used]
        if inline:
            rules += (rule for rule, colour in sheets.coloured if rule.names <= used and _is_like_any(colour, inline))
        for selector in dict.fromkeys(rule.selector for rule in rules):
            for node in self._select(selector)[:_MAX_NODES]:
                if node.mem_id not in seen:
                    seen.add(node.mem_id)
                    yield node
        for node in chain(self._styled, self._document.css("font[color]") if "<font" in self._html else ()):
            style = node.attributes.get("style") or ""
            if node.mem_id in seen or (node.tag != "font" and _MAY_HIDE.search(style) is None):
                continue
            values = dict(_flat(_inline(node)))
            colour = _colour(values.get("color", ""))
            if _is_hiding(values) or (colour is not None and _is_like_any(colour, grounds)):
                seen.add(node.mem_id)
                yield node

    def _used_names(self) -> frozenset[str]:
        """Return the classes and ids of the page's elements, with their signs; more for a page that writes them so."""
        found: set[str] = set()
        for sign, quoted, single, bare in _NAMES_USED.findall(self._html):
            found.update(
                f"{'.' if sign.lower() == 'class' else '#'}{name}" for name in (quoted or single or bare).split()
            )
        return frozenset(found)

    def _select(self, selector: str) -> list[LexborNode]:
        try:
            return self._document.css(selector)
        except SelectolaxError:
            return []  # a selector that the matcher does not know

    def _matches(self, rule: _Rule, node: LexborNode) -> bool:
        found = self._matched.get(rule.selector)
        if found is None:
            found = frozenset(each.mem_id for each in self._select(rule.selector))
            self._matched[rule.selector] = found
        return node.mem_id in found

    def _rules_for(self, node: LexborNode) -> Iterator[tuple[int, _Rule]]:
        """Yield the rules whose last compound fits an element by its classes and id."""
        attributes = node.attributes
        names = {f".{token}" for token in (attributes.get("class") or "").split()}
        if ident := attributes.get("id"):
            names.add(f"#{ident}")
        yield from self._sheets.general
        for name in names:
            for order, rule in self._sheets.by_name.get(name, ()):
                if rule.names <= names:
                    yield order, rule

    def _values(self, node: LexborNode) -> _Values:
        """Return the winning declarations of an element's rules and its inline style. Of rules that hold on some
        screens only, those count that show what others hide."""
        known = self._known.get(node.mem_id)
        if known is not None:
            return known
        best: dict[str, tuple[tuple[object, ...], str]] = {}
        shown: dict[str, str] = {}
        for order, rule in self._rules_for(node):
            if not self._matches(rule, node):
                continue
            for name, value, important in rule.values:
                if rule.conditional:
                    shown[name] = value
                    continue
                rank = (important, 0, rule.weight, order)
                if name not in best or rank > best[name][0]:
                    best[name] = (rank, value)
        for name, value, important in _inline(node):
            rank = (important, 1, (0, 0, 0), 0)
            if name not in best or rank >= best[name][0]:
                best[name] = (rank, value)
        values = {name: value for name, (_, value) in best.items()}
        for name, value in shown.items():
            if name in values and _shows(name, value):
                values[name] = value
        self._known[node.mem_id] = values
        return values

    def _may_show(self, node: LexborNode, name: str) -> bool:
        """Whether a script, a state or a control shows what the declaration ``name`` of an element hides."""
        attributes = node.attributes
        if any(_UNTIL_LOADED.search(attributes.get(key) or "") for key in ("class", "id")) or "v-cloak" in attributes:
            return True
        if name in {"display", "visibility", "opacity", "max-height", "height"} and (
            self._is_shown_in_a_state(node, name) or _opens(self._document, node, self._html)
        ):
            return True
        if name in {"opacity", "visibility", "transform"}:
            # Some pages show everything once they have been loaded, with the headline.
            if node.css_first("h1") is None and self._root.css_first("h1") is not None:
                return False
            return len(node.text() or "") > _WHOLE_PAGE * len(self._root.text() or "")
        return False

    def _is_shown_in_a_state(self, node: LexborNode, name: str) -> bool:
        """Whether a rule shows the element when it, or one around it, gets a class or is pointed at."""
        hiding = [
            rule
            for _, rule in self._rules_for(node)
            if any(key == name and not _shows(key, value) for key, value, _ in rule.values)
            and self._matches(rule, node)
        ]
        if not hiding:
            return False
        for rule in self._sheets.rules:
            if not any(key == name and _shows(key, value) for key, value, _ in rule.values) or self._matches(
                rule, node
            ):
                continue
            for other in hiding:
                if other.names and other.names <= rule.names and rule.selector != other.selector:
                    return True
                above, same = _above(rule.selector), _above(other.selector)
                if above and above == same and any(each[1:] in _STATES for each in rule.names):
                    return True
                if not other.names and _STATE.search(rule.selector) and _without_state(rule.selector) == other.selector:
                    return True
        return False

    # Letters without size or colour.

    def _hides_letters(self, node: LexborNode, values: _Values) -> str:
        """Return the inherited declaration by which an element's letters cannot be seen, "" for none."""
        for name in ("visibility", "text-indent", "font-size"):
            if name in values and _is_no_letter(name, values[name]):
                return name
        if "color" not in values or "text" in values.get("background-clip", values.get("-webkit-background-clip", "")):
            return ""
        if values.get("text-shadow", "none") != "none":
            return ""
        colour = _colour(values["color"])
        if colour is None:
            return ""
        if colour[3] < _NEAR:
            return "color"
        ground = self._ground(node)
        return "color" if ground is not None and _look_alike(colour, ground) else ""

    def _ground(self, node: LexborNode) -> tuple[float, ...] | None:
        """Return the colour behind an element; None when it is not known."""
        at: LexborNode | None = node
        while at is not None and at.tag != "-undef":
            values = self._values(at)
            picture = values.get("background-image", "none")
            ground = values.get("background-color", values.get("background", ""))
            if picture != "none" or "url(" in ground or "gradient" in ground:
                return None
            colour = next((found for word in _WORD.findall(ground) if (found := _colour(word)) is not None), None)
            if colour is not None and colour[3] >= 1 - _NEAR:
                return colour
            if (colour is not None and colour[3] > _NEAR) or "var(" in ground:
                return None
            if at.tag == "html":
                break
            at = at.parent
        return None if self._foreign else (1.0, 1.0, 1.0, 1.0)

    def _hide_letters(self, node: LexborNode, name: str) -> bool:
        """Hide an element's letters, but not the parts of it that show theirs again, nor the text between these."""
        below = [each for each in node.css("*") if each.mem_id != node.mem_id]
        showing = {each.mem_id for each in below[:_MAX_NODES] if self._shows_letters(each, name)}
        if not showing:
            return _hide(node)
        around: set[int] = set()  # elements with such a part inside
        for each in below:
            if each.mem_id in showing:
                above = each.parent
                while above is not None and above.mem_id != node.mem_id:
                    around.add(above.mem_id)
                    above = above.parent
        waiting = [node]
        found = False
        while waiting:
            for child in waiting.pop().iter():
                if child.mem_id in around:
                    waiting.append(child)
                elif child.mem_id not in showing:
                    found = _hide(child)
        return found

    def _shows_letters(self, node: LexborNode, name: str) -> bool:
        values = self._values(node)
        value = values.get(name, "")
        if name == "font-size":
            # A foreign sheet may give any class a size; a share of nothing is nothing.
            known = value and not _is_no_letter(name, value) and not re.fullmatch(r"[\d.]+(?:em|%)", value)
            return bool(known) or "font" in values or (self._foreign and bool(node.attributes.get("class")))
        if name == "color":
            ground = "background" in values or "background-color" in values
            return (bool(value) or ground) and not self._hides_letters(node, {"color": value or "inherit", **values})
        return bool(value) and not _is_no_letter(name, value)


def _is_like_any(colour: Sequence[float], others: Iterable[Sequence[float]]) -> bool:
    return colour[3] < _NEAR or any(_look_alike(colour, other) for other in others)


def _look_alike(colour: Sequence[float], other: Sequence[float]) -> bool:
    return all(abs(a - b) <= _NEAR for a, b in zip(colour[:3], other[:3], strict=True))


def _flat(values: Iterable[tuple[str, str, bool]]) -> Iterator[tuple[str, str]]:
    return ((name, value) for name, value, _ in values)


def _above(selector: str) -> str:
    last = _LAST_COMPOUND.search(selector)
    return selector[: last.start(1)].strip() if last is not None else ""


def _without_state(selector: str) -> str:
    return _STATE.sub("", selector).strip()


@lru_cache(maxsize=2048)
def _inline_declarations(style: str) -> tuple[tuple[str, str, bool], ...]:
    return _declared(tinycss2.parse_blocks_contents(style, True, True))


def _inline(node: LexborNode) -> tuple[tuple[str, str, bool], ...]:
    attributes = node.attributes
    values = _inline_declarations((attributes.get("style") or "")[:4000])
    if node.tag == "font" and attributes.get("color"):
        values = (("color", (attributes["color"] or "").lower(), False), *values)
    if attributes.get("bgcolor"):
        values = (("background-color", (attributes["bgcolor"] or "").lower(), False), *values)
    return values


def _opacity(value: str) -> float:
    """Return an opacity, 1 for a value that is not known."""
    found = _LENGTH.search(value)
    return 1.0 if found is None else float(found[1]) / (100 if found[2] == "%" else 1)


def _pixels(value: str) -> float | None:
    found = _LENGTH.search(value)
    return float(found[1]) * _PIXELS[found[2] or ""] if found is not None else None


def _hides_whole(values: _Values) -> str:
    """Return the declaration by which nothing inside an element can be seen, "" for none."""
    moving = any(values.get(name, "none") not in {"none", ""} for name in ("transition", "animation", "animation-name"))
    if values.get("display") == "none":
        return "display"
    if values.get("content-visibility") == "hidden":
        return "content-visibility"
    opacity = _opacity(values.get("opacity", "1"))
    faded = re.search(r"opacity\(([^)]*)\)", values.get("filter", ""))
    if opacity <= _NEAR or (faded is not None and _opacity(faded[1]) <= _NEAR):
        return "" if moving else "opacity"
    placed = values.get("position", "") in {"absolute", "fixed"}
    for name in ("left", "top", "right", "bottom", "inset", "margin-left", "margin"):
        far = min((float(n) * _PIXELS[unit or ""] for n, unit in _LENGTH.findall(values.get(name, ""))), default=0.0)
        if far <= -_FAR and (placed or name.startswith("margin") or values.get("position") == "relative"):
            return name
    clip = values.get("clip", "")
    if placed and clip.startswith("rect") and all(abs(float(n)) <= 1 for n, _ in _LENGTH.findall(clip)):
        return "clip"
    if re.match(
        r"inset\((?:5\d|[6-9]\d|100)%|circle\(0|polygon\(0(?:px)?\s+0(?:px)?(?:\s*,\s*0(?:px)?\s+0(?:px)?)+\s*\)",
        values.get("clip-path", ""),
    ):
        return "clip-path"
    if any(values.get(name, "").startswith(("hidden", "clip")) for name in ("overflow", "overflow-x", "overflow-y")):
        for name in ("height", "max-height", "width", "max-width"):
            size = _pixels(values[name]) if name in values else None
            if size is not None and size <= 1 and not moving and not values[name].startswith(("calc", "var", "min")):
                return name
    transform = " ".join(
        [values.get("transform", "")]
        + [f"{name}({values[name]})" for name in ("scale", "translate") if values.get(name, "none") != "none"]
    ).strip()
    if not moving and transform:
        if re.search(r"scale[xy3d]*\(\s*0\s*[,)\s]|rotate[xy]\(\s*-?(?:90|270)deg", transform):
            return "transform"
        moved = re.search(r"translate\w*\(([^)]*)\)", transform)
        if moved and any(abs(float(n)) * _PIXELS[unit or ""] > _FAR for n, unit in _LENGTH.findall(moved[1])):
            return "transform"
    return ""


def _is_no_letter(name: str, value: str) -> bool:
    """Whether a value of an inherited declaration leaves no letter to see; of a colour this is not known."""
    if name == "visibility":
        return value in {"hidden", "collapse"}
    if name == "color":
        return False
    size = _pixels(value)
    if size is None:
        return False
    if name == "text-indent":
        return size <= -_FAR
    return size < 1.5 and not value.startswith(("calc", "clamp", "max", "var"))


def _shows(name: str, value: str) -> bool:
    """Whether a declaration shows what one of the same name hides."""
    match name:
        case "display":
            return value not in {"none", "inherit"} and not value.startswith("var")
        case "color" | "transition" | "animation" | "background":
            return False
        case "visibility" | "text-indent" | "font-size":
            return not _is_no_letter(name, value)
        case _:
            return not _hides_whole({"position": "absolute", "overflow": "hidden", name: value})
