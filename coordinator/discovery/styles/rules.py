"""The rules of a page's own sheets, as far as they are read: whom a rule touches by names, and what it declares.

A selector of one compound of names (``.a``, ``#b``, ``p``, ``p.a``) says exactly whom it touches. Of every other one
the names of its last part are known, and that it may touch the elements that have them.
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from coordinator.discovery.styles.effects import Declarations, declarations, unescaped, without_strings

_PIECE = re.compile(r"([^{};]*)([{};]|\Z)")
_MAX_RULES = 5_000  # with declarations that may matter, of all sheets of a page
_MAX_DEPTH = 30  # blocks inside each other
_MAX_SELECTORS = 100  # of a rule inside other rules
_MAX_FUNCTIONS = 6  # pseudo-classes with arguments inside each other
_SAME = re.compile(r":(?:where|is)\(([^(),\s>+~]*)\)")
_OTHER = re.compile(r":(?!(?:where|is)\()[\w-]+\([^()]*\)")
_FUNCTION = re.compile(r":[\w-]+\([^()]*\)")
_PSEUDO_ELEMENT = re.compile(r"::|:(?:before|after|first-line|first-letter)(?![\w-])")
# What a reader does, and elements without a text: a rule for these hides nothing of a page as it opens.
_STATE = re.compile(r":(?:hover|focus[\w-]*|active|target|visited|empty|disabled|fullscreen|popover-open)(?![\w-])")
_COMBINATOR = re.compile(r"\s*([>+~])\s*|\s+")
_NAME = re.compile(r"([.#]?)((?:\\.|[\w-]|[^\x00-\x7f])+)|\[\s*([\w:-]+)[^\]]*\]|:[\w-]+")
_PRINT = re.compile(
    r"(?:only\s+)?(?:print|speech)\b[^,]*|[^,]*(?:scheme:\s*dark|motion:\s*reduce|forced-colors:\s*active)[^,]*"
)
_SCREEN = re.compile(
    r"(?:only\s+)?(?:all|screen)|not\s+(?:print|speech)|\(\s*(min|max)-(?:width|height)\s*:\s*([\d.]+)(px|em|rem)?\s*\)|"
)
_LEAST_SCREEN, _LARGEST_SCREEN = 320, 5000  # pixels


@dataclass(frozen=True, slots=True)
class Rule:
    """``names``: what the element needs, like ``.a``, ``#b``, ``p``, ``[c``; none for any element. ``around``: what
    other elements of the page need. ``exact``: it holds for all that have the names, and no others. ``state``: it holds
    while a reader does something. ``weight``: the higher one wins."""

    names: frozenset[str]
    around: frozenset[str]
    exact: bool
    state: bool
    weight: tuple[int, ...]
    values: Declarations


@dataclass(slots=True)
class Sheets:
    """The rules of all sheets. ``imports``: other sheets are wanted. ``passed``: a sheet is made in a way that is not
    read."""

    rules: list[Rule] = field(default_factory=list)
    imports: bool = False
    passed: bool = False

    def read(self, sheet: str, certain: bool) -> None:
        """Add a sheet's rules. ``certain``: it holds on every screen."""
        opened = [_Block(None, True, certain, False)]
        for piece in _PIECE.finditer(without_strings(sheet).replace("<!--", "").replace("-->", "")):
            text, sign = piece[1], piece[2]
            if sign == "{":
                opened.append(self._enter(text.strip(), opened[-1]))
                self.passed = self.passed or len(opened) > _MAX_DEPTH
                if self.passed:
                    return
                continue
            opened[-1].texts.append(text)
            if sign == ";":
                self.imports = self.imports or (len(opened) == 1 and text.lstrip().startswith("@import"))
                continue
            if sign == "}" and len(opened) == 1:
                opened = [_Block(None, True, False, False)]  # a browser does not read on as usual
            while len(opened) > 1:
                self._add(opened.pop())
                if sign == "}":
                    break
            if self.passed:
                return

    def _enter(self, prelude: str, outer: "_Block") -> "_Block":
        """Return a block inside another one."""
        if not outer.counts or not prelude:
            return _Block(None, False, False, False)
        if not prelude.startswith("@"):
            return _Block(self._nested(prelude, outer.selectors), True, outer.certain, outer.layer)
        word = re.match(r"@([\w-]*)", prelude)
        keyword = word[1].lower() if word is not None else ""
        condition = prelude[len(keyword) + 1 :].strip().lower()
        holds: bool | None = None
        if keyword == "media":
            holds = media_holds(condition)
        elif keyword == "layer":
            holds = True
        elif keyword == "supports":
            holds = re.search(r"\bnot\b|\(\s*-|selector", condition) is None
        elif keyword in {"container", "scope"}:
            holds = False
        return _Block(
            outer.selectors, holds is not None, outer.certain and bool(holds), outer.layer or keyword == "layer"
        )

    def _nested(self, prelude: str, around: tuple[str, ...] | None) -> tuple[str, ...]:
        selectors = [part.strip() for part in _commas(prelude)]
        if around is None:
            return tuple(selectors)
        if len(selectors) * len(around) > _MAX_SELECTORS:
            self.passed = True
            return ()
        return tuple(
            one.replace("&", outer) if "&" in one else f"{outer} {one}"
            for one in selectors
            for outer in around
            if len(outer) < 1000
        )

    def _add(self, block: "_Block") -> None:
        if block.counts and block.selectors and (values := declarations(";".join(block.texts))):
            for selector in block.selectors:
                self.passed = self.passed or len(self.rules) >= _MAX_RULES
                if self.passed:
                    return
                rule = _rule(selector, values, block.certain, block.layer, len(self.rules))
                if rule is not None:
                    self.rules.append(rule)


@dataclass(slots=True)
class _Block:
    """An open block: its selectors, None outside of rules; whether it is read, certain, and in a layer."""

    selectors: tuple[str, ...] | None
    counts: bool
    certain: bool
    layer: bool
    texts: list[str] = field(default_factory=list)


def media_holds(media: str) -> bool | None:
    """Whether a list of media holds on every screen; None for what is for print alone, or for readers who want it."""
    parts = [part.strip() for part in media.lower().split(",")]
    if media.strip() and all(_PRINT.fullmatch(part) and "not" not in part for part in parts):
        return None
    return any(all(_is_any_screen(word) for word in re.split(r"\s+and\s+", part)) for part in parts)


def _is_any_screen(condition: str) -> bool:
    found = _SCREEN.fullmatch(condition.strip())
    if found is None:
        return False
    if found[1] is None:
        return True
    size = float(found[2]) * (1 if found[3] == "px" else 16) if found[2].count(".") < 2 else -1
    return size <= _LEAST_SCREEN if found[1] == "min" else size >= _LARGEST_SCREEN


def _commas(prelude: str) -> Iterator[str]:
    """Yield the selectors of a list; commas in parentheses separate none."""
    depth = first = 0
    for found in re.finditer(r"[(),]", prelude):
        depth += {"(": 1, ")": -1}.get(found[0], 0)
        if found[0] == "," and depth <= 0:
            yield prelude[first : found.start()]
            first = found.end()
    yield prelude[first:]


def _rule(selector: str, values: Declarations, certain: bool, layer: bool, order: int) -> Rule | None:
    """Return the rule for one selector; None for a part of an element that has no text of the page."""
    if not selector or _PSEUDO_ELEMENT.search(selector) is not None:
        return None
    plain = selector.replace(":root", "html")
    for _ in range(_MAX_FUNCTIONS):
        if "(" not in plain:
            break
        plain = _SAME.sub(r"\1", _OTHER.sub("", plain))
    plain = _FUNCTION.sub("", plain)
    plain = plain.partition("(")[0]
    compounds = _COMBINATOR.split(plain.strip())[::2]
    signs = _COMBINATOR.split(plain.strip())[1::2]
    names = _names(compounds[-1])
    if not names and len(compounds) > 1 and signs[-1] in {None, ">"}:
        compounds.pop()  # any element inside these
        names = _names(compounds[-1])
    around = frozenset(name for compound in compounds[:-1] for name in _names(compound))
    exact = certain and len(compounds) == 1 and bool(names) and re.search(r"[:*=(\s>+~]", selector) is None
    ids, tags = sum(name[0] == "#" for name in names), sum(name[0] not in ".#[" for name in names)
    weight = (0 if layer else 1, 0, ids, len(names) - ids - tags, tags, order)
    return Rule(names, around, exact, _STATE.search(plain) is not None, weight, values)


def _names(compound: str) -> frozenset[str]:
    return frozenset(
        f"[{attribute.lower()}" if attribute else sign + unescaped(name) if sign else name.lower()
        for sign, name, attribute in _NAME.findall(compound)
        if name or attribute
    )


def by_name(rules: Iterable[Rule], *, each: bool = False) -> dict[str, list[Rule]]:
    """Return rules by one of their names, a class or id where they have one, "" for those without; or by ``each``."""
    found: dict[str, list[Rule]] = {}
    for rule in rules:
        one = min(rule.names, key=lambda name: (name[0] not in "#.", name), default="")
        for name in rule.names if each else (one,):
            found.setdefault(name, []).append(rule)
    return found
