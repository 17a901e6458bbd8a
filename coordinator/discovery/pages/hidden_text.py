"""Elements of a page that no reader sees, and those of which this reading does not tell.

``hide_unseen`` gives the former the attribute ``hidden``, so that everything that reads the document sees one sign, and
returns the latter, whose text counts as seen until a browser has looked. Only what is common and says so by itself is
read; foreign sheets and scripts are not. docs/explanation/visible-text.md says what is and what is not.
"""

import re
from collections.abc import Collection, Iterator, Mapping
from functools import cached_property
from itertools import chain, islice, product
from typing import NamedTuple

from selectolax.lexbor import LexborHTMLParser, LexborNode

from coordinator.discovery import styles
from coordinator.discovery.pages.regions import is_hidden
from coordinator.discovery.styles import Declarations, Meaning, Rule

_HIDING_CLASSES = (
    "d-none", "dnone", "display-none", "hidden", "hide", "is-hidden", "u-hidden", "uk-hidden", "element-hidden",
    "invisible", "is-invisible", "uk-invisible", "element-invisible", "sr-only", "visually-hidden", "visuallyhidden",
    "cdk-visually-hidden", "screen-reader-text", "screen-reader-only", "screenreader-only", "assistive-text",
    "a11y-hidden", "hidden-text", "text-hidden", "offscreen", "off-screen", "show-for-sr", "usa-sr-only",
    "govuk-visually-hidden", "u-visually-hidden", "elementor-screen-only", "slds-hide", "slds-assistive-text",
)  # fmt: skip
_BY_CLASS = ",".join(f".{name}" for name in _HIDING_CLASSES)
# Other classes of the element that show it on some screens: d-md-block, md:flex, visible-lg, not-sr-only.
_SHOWING_CLASS = re.compile(
    r"d-(?!print-)\w+-(?!none)\w+|(?!print:)[\w-]+:(?:block|inline\S*|flex|grid|table\S*|contents|visible)|visible-(?!print)\S+"
    r"|d-(?:block|flex|grid)|show|in|active|open|not-sr-only"
)
_CONTROLLED = re.compile(r"(?:aria-controls|data-(?:bs-)?target|href)\s*=\s*[\"']?#?([\w-]+)", re.IGNORECASE)
# What a page's scripts take away or replace when it has been loaded.
_UNTIL_LOADED = re.compile(
    r"(?<![\w-])(?:no-?js|js|js-\w+|\S*cloak|preload\w*|loading|is-loading|lazy\w*|wf-\w+|wow|aos\S*)(?![\w-])"
)
_SHORT = 100  # characters; icons and labels have fewer
_WHOLE_PAGE = 0.9  # share of a page's text

# What is read at most; of a page with more nothing is hidden by its styles.
_MAX_SHEETS = 400_000  # characters
_MAX_ELEMENTS = 20_000
_MAX_RULES = 5_000  # with declarations that may matter
_MAX_STEPS = 60_000  # rules compared with kinds of elements; a kind of its own counts as several
_A_KIND = 10
_MAX_VALUES = 8  # of custom properties in one value

_STYLED = "style,[style],[bgcolor],font[color]"
_VARIABLE = re.compile(r"var\(\s*(--[\w-]+)\s*(?:,([^()]*))?\)")
_INHERITED = {"visibility", "text-indent", "font-size", "color"}
_WHITE: frozenset[styles.Colour | None] = frozenset({(1.0, 1.0, 1.0, 1.0)})


class Unseen(NamedTuple):
    """``changed``: elements were given ``hidden``. ``unread``: the identities of elements whose text may be hidden."""

    changed: bool
    unread: frozenset[int]


def hide_unseen(document: LexborHTMLParser, html: str) -> Unseen:
    """Give elements that no reader sees the attribute ``hidden``; ``html``: the document's own."""
    root = document.body
    if root is None:
        return Unseen(False, frozenset())
    page = _StyledPage(document, root, html)
    changed = False
    for node in document.css(_BY_CLASS):
        tokens = (node.attributes.get("class") or "").split()
        opened = page.is_opened(node)
        if opened or node.tag in {"html", "body"} or any(map(_SHOWING_CLASS.fullmatch, tokens)):
            changed = _show(node) or changed
            if opened:
                page.unread.add(node.mem_id)
        else:
            node.attrs["hidden"] = ""
            changed = True
    for node in document.css("[aria-hidden=true],[class*=hidden-]"):
        changed = _show(node) or changed
    for node in document.css("dialog:not([open]),[popover]"):
        node.attrs["hidden"] = ""
        changed = True
    hosts = [node.parent for node in document.css("template[shadowrootmode]")]
    page.unread.update(host.mem_id for host in hosts if host is not None)
    if document.css_first(_STYLED) is not None:
        changed = page.read() or changed
    changed = _show_hidden_article(document, root) or changed
    return Unseen(changed, frozenset(page.unread))


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


class _StyledPage:
    """A document with its own sheets and inline styles."""

    def __init__(self, document: LexborHTMLParser, root: LexborNode, html: str) -> None:
        self._document, self._root, self._html = document, root, html
        self.unread: set[int] = set()
        self._hidden: dict[int, tuple[LexborNode, frozenset[str]]] = {}  # and by what
        self._shown: list[LexborNode] = []  # whose inline style may hide nothing
        self._steps = 0
        self._grounds: dict[int, frozenset[styles.Colour | None]] = {}
        self._variables: dict[str, set[str]] = {}

    def read(self) -> bool:
        """Hide what the styles hide; whether there is any."""
        try:
            self._read_styles()
        except styles.TooMuch:
            self.unread.add(self._root.mem_id)
            return False
        for node, _ in self._hidden.values():
            node.attrs["hidden"] = ""
        for node in self._shown:
            del node.attrs["style"]
        return bool(self._hidden or self._shown)

    @cached_property
    def _controlled(self) -> frozenset[str]:
        return frozenset(_CONTROLLED.findall(self._html))

    def is_opened(self, node: LexborNode) -> bool:
        """Whether a control of the page may open the element: a tab, or a button or a link that names it."""
        return node.attributes.get("role") == "tabpanel" or node.attributes.get("id") in self._controlled

    def _spend(self, steps: int) -> None:
        self._steps += steps
        if self._steps > _MAX_STEPS:
            raise styles.TooMuch

    def _read_styles(self) -> None:
        rules = list(islice(self._rules(), _MAX_RULES + 1))
        nodes = list(islice((self._root.parent or self._root).traverse(), _MAX_ELEMENTS + 1))
        if len(rules) > _MAX_RULES or len(nodes) > _MAX_ELEMENTS:
            raise styles.TooMuch
        inline: dict[tuple[str, str, str], Declarations] = {}
        elements: list[tuple[LexborNode, frozenset[str], tuple[str, str, str]]] = []
        for node in nodes:
            own = node.attributes
            key = own.get("style") or "", (node.tag == "font" and own.get("color")) or "", own.get("bgcolor") or ""
            if key not in inline:
                self._spend(_A_KIND)
                hints = (("color", key[1].lower(), False), ("background-color", key[2].lower(), False))
                values = styles.declarations(styles.without_strings(key[0]))
                inline[key] = (*(hint for hint in hints if hint[1]), *values)
            elements.append((node, styles.names_of(node.tag or "", own), key))
        used = frozenset[str]().union(*(names for _, names, _ in elements))
        here = [rule.values for rule in rules if rule.names | rule.around <= used and not rule.state]
        for name, value, _ in chain(*here, *inline.values()):
            if name.startswith("--"):
                self._variables.setdefault(name, set()).add(value)
        by_name: dict[str, dict[Rule, Meaning]] = {}
        for rule in rules:
            keys = [name for name in rule.names if name[0] in ".#["] or rule.names or ("",)
            meant = self._meaning(rule.values if not rule.names or not used.isdisjoint(keys) else ())
            for name in keys:
                by_name.setdefault(name, {})[rule] = meant
        kinds: dict[tuple[frozenset[str], tuple[str, str, str]], Meaning | None] = {}
        for node, names, key in elements:
            if (names, key) not in kinds:
                near = {rule: one for name in ("", *names) for rule, one in by_name.get(name, {}).items()}
                self._spend(len(near) + (_A_KIND if near else 0))
                touching = {rule: one for rule, one in near.items() if rule.names <= names and rule.around <= used}
                styled = near or any(key)
                kinds[names, key] = _kind(near, touching, self._meaning(inline[key])) if styled else None
            if (kind := kinds[names, key]) is not None:
                self._judge(node, kind)

    def _rules(self) -> Iterator[Rule]:
        left = _MAX_SHEETS
        for style in self._document.css("style"):
            kind = (style.attributes.get("type") or "text/css").strip().lower()
            holds = styles.media_holds(style.attributes.get("media") or "")
            if kind == "text/css" and holds is not None and (style.parent is None or style.parent.tag != "noscript"):
                sheet = style.text()
                left -= len(sheet)
                if left < 0:
                    raise styles.TooMuch
                yield from styles.rules_of(sheet, holds)

    def _meaning(self, values: Declarations) -> Meaning:
        plain = (entry for entry in values if not entry[0].startswith("--"))
        return styles.meaning(tuple((name, one, mark) for name, value, mark in plain for one in self._possible(value)))

    def _possible(self, value: str) -> Collection[str]:
        """Return a value with the custom properties put in, and "" beside these, so that nothing is certain. A property
        that the page does not know is foreign, and shows."""
        if "var(" not in value:
            return (value,)
        values = {value}
        for _ in range(_MAX_VALUES):
            found = next((used for one in values if (used := _VARIABLE.search(one))), None)
            if found is None:
                return sorted({*values, ""})
            options = self._variables.get(found[1]) or {(found[2] or "").strip() or "initial"}
            if len(values) * len(options) > _MAX_VALUES:
                break
            values = {one.replace(found[0], option)[:300] for one in values for option in options}
        return ("var()", "")

    def _judge(self, node: LexborNode, kind: Meaning) -> None:
        """Note what rules and inline style do to an element."""
        if node.tag == "body" and "animation" in kind.sets and kind.may <= {"animation", "visibility"}:
            kind = kind._replace(hides=frozenset(), may=frozenset())  # AMP shows the page so when it has been loaded
        for above in self._above(node) if self._hidden and kind.sets & _INHERITED else ():
            if above.mem_id in self._hidden and self._hidden[above.mem_id][1] <= kind.sets & _INHERITED:
                del self._hidden[above.mem_id]
                self.unread.add(above.mem_id)
        unread = bool(kind.may)
        if kind.letters and not unread:
            near = (self._grounds.get(above.mem_id) for above in self._above(node))
            around = next(filter(None, near), _WHITE)
            self._spend(len(kind.letters) * len(around))
            unread = any(styles.look_alike(*pair) for pair in product(kind.letters, around))
        if kind.grounds:
            self._grounds[node.mem_id] = kind.grounds
        kept = (
            kind.hides
            and "own" not in kind.sets
            and (
                self.is_opened(node)
                or any(_UNTIL_LOADED.search(node.attributes.get(key) or "") for key in ("class", "id"))
            )
        )
        if kind.hides and not kept and node.tag not in {"html", "body"}:
            self._hidden[node.mem_id] = node, kind.hides
        elif kind.hides or unread:
            self.unread.add(node.mem_id)
            if is_hidden(False, node.attributes.get("style")):
                self._shown.append(node)

    def _above(self, node: LexborNode) -> Iterator[LexborNode]:
        above = node.parent
        while above is not None:
            self._spend(1)
            yield above
            above = above.parent


def _kind(near: Mapping[Rule, Meaning], touching: Mapping[Rule, Meaning], inline: Meaning) -> Meaning:
    """Return what rules and an inline style do together. ``near``: also those of a state or of another class.

    Nothing is certain beside another value; an inline style counts before every rule that is not important.
    """
    every = [*near.values(), inline]
    hides = {
        group
        for one, mark in (*((one, "") for rule, one in touching.items() if rule.exact), (inline, "!"))
        for group in one.hides
        if all(group in other.hides or mark + group not in other.sets for other in every)
        and (group == "display" or not any("change" in other.sets for other in every))
    }
    rules = [one for rule, one in touching.items() if not rule.state]
    sets = inline.sets.union(*(one.sets for one in rules))
    shown = {"display"} if "shown" in inline.sets and "!display" not in sets else set[str]()
    may = inline.may.union(*(one.may - shown for one in rules))
    if {"clips", "small"} <= sets:
        may |= {"size"}
    inked = [one for one in (*rules, inline) if one.letters]
    grounded = [one for one in (*rules, inline) if one.grounds]
    # Of two rules that give both colours, the stronger one gives both, unless one of them is important.
    apart = (
        (one.letters, other.grounds - {styles.PICTURE})
        for one, other in product(inked, grounded)
        if "!color" in sets or not (one.grounds and other.letters)
    )
    many = len(inked) * len(grounded) > styles.MAX_PAIRS
    if many or any(styles.look_alike(*pair) for colours in apart for pair in product(*colours)):
        may |= {"colours"}
    letters = frozenset[styles.Colour]().union(*(one.letters for one in inked))
    grounds = frozenset[styles.Colour | None]().union(*(one.grounds for one in grounded))
    around = letters if not grounds or None in grounds else frozenset[styles.Colour]()
    given = sets - hides | ({"own"} if hides & inline.hides else set())
    return Meaning(frozenset(hides), may, frozenset(given), around, grounds - {None})
