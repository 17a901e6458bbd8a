"""Elements of a page that no reader sees, and those of which this reading does not tell.

``hide_unseen`` gives the former the attribute ``hidden``, so that everything that reads the document sees one sign, and
returns the latter, whose text counts as seen until a browser has looked. Only what is common and says so by itself is
read; foreign sheets and scripts are not. docs/explanation/visible-text.md says what is and what is not.
"""

import re
from collections.abc import Iterator, Mapping
from functools import cached_property
from typing import NamedTuple

from selectolax.lexbor import LexborHTMLParser, LexborNode

from coordinator.discovery.pages.regions import is_hidden
from coordinator.discovery.styles.effects import (
    INHERITED,
    Declarations,
    Effect,
    colour_of,
    declarations,
    effects,
    ground_of,
    look_alike,
    without_strings,
)
from coordinator.discovery.styles.rules import Rule, Sheets, by_name, media_holds

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
_CLOSED = "dialog:not([open]),[popover]"
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
_MAX_STEPS = 60_000  # rules compared with elements; one that is worked out counts as several
_A_READING = 10  # steps of declarations that were not worked out before

_VARIABLE = re.compile(r"var\(\s*(--[\w-]+)\s*(?:,([^()]*))?\)")
_SET_BY_SCRIPT = re.compile(r"[\"'](--[\w-]+)[\"']")
_SET_INLINE = re.compile(r"(?<=[;\s])(--[\w-]+)\s*:")
_GROUNDS = ("background", "background-color", "background-image")
_WHITE = (1.0, 1.0, 1.0)


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
    if any(word in html for word in _HIDING_WORDS):
        for node in document.css(_BY_CLASS):
            if node.tag in {"html", "body"} or _is_shown_by_class(node):
                changed = _show(node) or changed
            elif page.is_opened(node):
                page.unread.add(node.mem_id)
                changed = _show(node) or changed
            else:
                node.attrs["hidden"] = ""
                changed = True
    if "aria-hidden" in html or "hidden-" in html:
        for node in document.css("[aria-hidden=true],[class*=hidden-]"):
            changed = _show(node) or changed
    if "<dialog" in html or "popover" in html:
        for node in document.css(_CLOSED):
            node.attrs["hidden"] = ""
            changed = True
    if "shadowrootmode" in html:
        page.unread.update(
            node.parent.mem_id for node in document.css("template[shadowrootmode]") if node.parent is not None
        )
    if "<style" in html or " style" in html or "<font" in html or "bgcolor" in html:
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


def _is_shown_by_class(node: LexborNode) -> bool:
    return any(_SHOWING_CLASS.fullmatch(token) for token in (node.attributes.get("class") or "").split())


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


class _Passed(Exception):
    """A page has more than is read."""


class _StyledPage:
    """A document with its own sheets and inline styles."""

    def __init__(self, document: LexborHTMLParser, root: LexborNode, html: str) -> None:
        self._document, self._root, self._html = document, root, html
        self.unread: set[int] = set()
        self._hidden: dict[int, tuple[LexborNode, frozenset[str]]] = {}  # and by what
        self._lettered: list[tuple[LexborNode, frozenset[str]]] = []  # what gives letters back, like ``visibility``
        self._shown: list[LexborNode] = []  # whose inline style hides nothing
        self._steps = 0
        self._inline: dict[str, Declarations] = {}
        self._grounds: dict[int, tuple[float, ...] | None] = {}  # of elements that have one; None where not known
        self._known: set[tuple[tuple[str, str], ...]] = set()

    def read(self) -> bool:
        """Hide what the styles hide; whether there is any."""
        try:
            self._read_styles()
        except _Passed:
            self.unread.add(self._root.mem_id)
            return False
        for node, _ in self._hidden.values():
            node.attrs["hidden"] = ""
        for node in self._shown:
            del node.attrs["style"]
        return bool(self._hidden or self._shown)

    def is_opened(self, node: LexborNode) -> bool:
        """Whether a control of the page may open the element: a tab, or a button or a link that names it."""
        attributes = node.attributes
        return attributes.get("role") == "tabpanel" or attributes.get("id") in self._controlled

    @cached_property
    def _controlled(self) -> frozenset[str]:
        return frozenset(_CONTROLLED.findall(self._html))

    def _spend(self, steps: int) -> None:
        self._steps += steps
        if self._steps > _MAX_STEPS:
            raise _Passed

    def _read_styles(self) -> None:
        sheets = self._sheets()
        elements = list(self._elements())
        used = frozenset(name for _, _, names in elements for name in names)
        rules = [rule for rule in sheets.rules if rule.names <= used and rule.around <= used]
        self._variables = self._known_variables(sheets.rules, used)
        by_one, self._by_each = by_name(rules), by_name(sheets.rules, each=True)
        for_any = by_one.pop("", [])
        for node, attributes, names in elements:
            near = [rule for name in names for rule in by_one.get(name, ())]
            self._spend(len(near) + len(for_any))
            touching = [rule for rule in near if rule.names <= names]
            if touching or for_any or "style" in attributes or "bgcolor" in attributes or node.tag == "font":
                self._judge(node, attributes, [*for_any, *touching])
        for node, names in self._lettered:
            above = node.parent
            while above is not None:
                self._spend(1)
                if above.mem_id in self._hidden and self._hidden[above.mem_id][1] <= names:
                    del self._hidden[above.mem_id]
                    self.unread.add(above.mem_id)
                above = above.parent

    def _sheets(self) -> Sheets:
        sheets, left = Sheets(), _MAX_SHEETS
        for style in self._document.css("style") if "<style" in self._html else ():
            above = style.parent
            kind = (style.attributes.get("type") or "text/css").strip().lower()
            holds = media_holds(style.attributes.get("media") or "")
            if kind != "text/css" or holds is None or (above is not None and above.tag == "noscript"):
                continue
            sheet = style.text()
            left -= len(sheet)
            if left < 0:
                raise _Passed
            sheets.read(sheet, holds)
            if sheets.passed:
                raise _Passed
        return sheets

    def _elements(self) -> Iterator[tuple[LexborNode, Mapping[str, str | None], frozenset[str]]]:
        """Yield every element with its attributes and its names in rules."""
        html = self._root.parent
        for count, node in enumerate((html if html is not None else self._root).traverse()):
            if count > _MAX_ELEMENTS:
                raise _Passed
            attributes = node.attributes
            names = {node.tag or ""}
            if attributes:
                names.update(f"[{name}" for name in attributes)
                names.update(f".{name}" for name in (attributes.get("class") or "").split())
                names.add(f"#{attributes.get('id') or ''}")
            yield node, attributes, frozenset(names)

    def _known_variables(self, rules: list[Rule], used: frozenset[str]) -> dict[str, str]:
        """Return the custom properties of the sheets; "" for one that has several values, or may have."""
        found: dict[str, str] = {}
        for rule in rules:
            if rule.state:
                continue
            here = rule.names <= used and rule.around <= used
            for name, value, _ in rule.values:
                # Colours of a theme that the page does not have are none.
                if name.startswith("--") and (here or (value.isalpha() and colour_of(value) is None)):
                    found[name] = value if found.get(name, value) == value and "var(" not in value else ""
        if found:
            inline = (node.attributes.get("style") or "" for node in self._document.css('[style*="--"]'))
            changed = _SET_INLINE.findall(";".join(("", *inline))) + _SET_BY_SCRIPT.findall(self._html)
            found.update((name, "") for name in changed if name in found)
        return found

    def _resolved(self, value: str) -> str:
        """Return a value with the custom properties put in. One that the page does not know is foreign, and shows."""

        def put(used: re.Match[str]) -> str:
            known = self._variables.get(used[1])
            return used[0] if known == "" else (known or (used[2] or "").strip() or "initial")

        return _VARIABLE.sub(put, value)[:300] if "var(" in value else value

    def _declared_inline(self, node: LexborNode, attributes: Mapping[str, str | None]) -> Declarations:
        text = attributes.get("style") or ""
        values = self._inline.get(text)
        if values is None:
            self._spend(_A_READING)
            values = self._inline[text] = declarations(without_strings(text[:4000])) if ":" in text else ()
        if node.tag == "font" and attributes.get("color"):
            values = (("color", (attributes["color"] or "").lower(), False), *values)
        if attributes.get("bgcolor"):
            values = (("background-color", (attributes["bgcolor"] or "").lower(), False), *values)
        return values

    def _effects(self, node: LexborNode, values: Mapping[str, str]) -> dict[str, Effect]:
        """``effects``, and what a text's colour may do before the background around it."""
        key = tuple(values.items())
        if key not in self._known:
            self._known.add(key)
            self._spend(_A_READING)
        found = dict(effects(key))
        colour = colour_of(values.get("-webkit-text-fill-color", values.get("color", "")))
        if any(name in values for name in _GROUNDS):
            self._grounds[node.mem_id] = ground_of(values)
        elif colour is not None and look_alike(colour, self._ground_around(node)):
            found.setdefault("color", Effect.UNREAD)
        return found

    def _ground_around(self, node: LexborNode) -> tuple[float, ...]:
        above = node.parent
        while above is not None and above.mem_id not in self._grounds:
            self._spend(1)
            above = above.parent
        return (self._grounds[above.mem_id] if above is not None else None) or _WHITE

    def _judge(self, node: LexborNode, attributes: Mapping[str, str | None], rules: list[Rule]) -> None:
        """Note what rules and inline style do to an element."""
        exact = [
            (important, *rule.weight, name, value)
            for rule in rules
            if rule.exact
            for name, value, important in rule.values
        ]
        values = {
            str(name): self._resolved(str(value)) for *_, name, value in sorted(exact) if not str(name).startswith("--")
        }
        strong = {name for important, *_, name, _ in exact if important}
        inline = self._declared_inline(node, attributes)
        own = {name: self._resolved(value) for name, value, important in inline if important or name not in strong}
        values.update(own)
        found = self._effects(node, values)
        others = [{name: self._resolved(value) for name, value, _ in rule.values} for rule in rules if not rule.exact]
        shared: dict[str, str] = {
            name: other[name] for other in others for name in ("overflow", "position") if name in other
        }
        for rule, other in zip((rule for rule in rules if not rule.exact), others, strict=True):
            if not rule.state and any(
                name in other or name not in found for name in self._effects(node, {**values, **shared, **other})
            ):
                self.unread.add(node.mem_id)
        hiding = frozenset(name for name, effect in found.items() if effect is Effect.HIDDEN)
        if any(name in own or not self._may_show(node, attributes, name, rules) for name in hiding):
            if node.tag not in {"html", "body"}:
                self._hidden[node.mem_id] = node, hiding
            elif "animation" not in values:  # AMP shows the page so when it has been loaded
                self.unread.add(node.mem_id)
        elif found and not (node.tag == "body" and "animation" in values):
            self.unread.add(node.mem_id)
        elif is_hidden(False, attributes.get("style")):
            self._shown.append(node)  # a rule that is more important shows it
        given = {name for name in values if name not in hiding} | {name for other in others for name in other}
        if letters := frozenset(INHERITED & (given | ({"color"} if "background" in given else set()))):
            self._lettered.append((node, letters))

    def _may_show(self, node: LexborNode, attributes: Mapping[str, str | None], name: str, rules: list[Rule]) -> bool:
        """Whether a script, a control or a rule that is not read may show what ``name`` of a rule hides."""
        if any(_UNTIL_LOADED.search(attributes.get(key) or "") for key in ("class", "id")) or "v-cloak" in attributes:
            return True
        if self.is_opened(node):
            return True
        for hiding in rules:
            if any(key == name for key, _, _ in hiding.values):
                near = self._by_each.get(min(hiding.names, default=""), ())
                self._spend(len(near))
                if not hiding.exact or any(
                    rule.names >= hiding.names and (not rule.exact or rule.names > hiding.names) and _shows(rule, name)
                    for rule in near
                ):
                    return True
        return False


def _shows(rule: Rule, name: str) -> bool:
    return any(key == name and effects(((key, value),)).get(key) is not Effect.HIDDEN for key, value, _ in rule.values)
