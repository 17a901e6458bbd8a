"""The guides as HTML. A guide's name is its path without ``.md``, such as ``vi/viet-ban-tin``.

Raw HTML in a file is shown as text. A link from one file to another becomes the address of that guide; a link to a file
that is not shown becomes its words alone.
"""

import posixpath
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from pathlib import Path

from markdown_it import MarkdownIt
from markdown_it.token import Token
from markupsafe import Markup

from coordinator.translation import VIETNAMESE, Language

FOLDER = Path(str(files("coordinator.manual")))
PICTURE = re.compile(r"[a-z0-9-]+\.png")
CONTENTS: dict[Language, str] = {"vi": "vi/README", "en": "how-to/README"}

# The address of a guide or of a picture, for a name with or without a fragment; None where the reader may not see it.
Address = Callable[[str], str | None]

_ENGLISH_FOLDERS = ("tutorial", "how-to", "reference", "explanation")
# The line below a guide's title that links the same guide in the other language.
_OTHER_LANGUAGE = re.compile(r"^(?:English|Tiếng Việt): \[([^\]]+)\]\(([^)#\s]+)\)\s*$", re.MULTILINE)
_TITLE = re.compile(r"\A# (.+)$", re.MULTILINE)
_LINKED = re.compile(r"\]\(([^)#\s]+)\.md\)")
_NOT_IN_ANCHOR = re.compile(r"[^\w\- ]")


@dataclass(frozen=True)
class OtherLanguage:
    """The same guide in the other language."""

    name: str
    title: str


@dataclass(frozen=True)
class Guide:
    """One file. ``text``: its Markdown without the title and the line of the other language."""

    name: str
    title: str
    text: str
    other: OtherLanguage | None

    @property
    def language(self) -> Language:
        """The language that it is written in."""
        return "vi" if self.name.startswith("vi/") else "en"


@dataclass(frozen=True)
class Section:
    """A heading of a guide with the words below it; ``anchor`` and ``heading`` are "" for those before the first."""

    guide: Guide
    anchor: str
    heading: str
    words: str


@cache
def guide(name: str) -> Guide | None:
    """Return the guide of this name, or None."""
    if name not in _names():
        return None
    text = (FOLDER / f"{name}.md").read_text("utf-8")
    title = _TITLE.search(text)
    other = _OTHER_LANGUAGE.search(text)
    body = _TITLE.sub("", _OTHER_LANGUAGE.sub("", text, count=1), count=1).strip()
    return Guide(
        name=name,
        title=title[1].strip() if title else name,
        text=body,
        other=OtherLanguage(_resolved(name, other[2].removesuffix(".md")), other[1]) if other else None,
    )


def contents(language: Language) -> Guide:
    """Return the contents of a language. Raises ``FileNotFoundError`` where the guides are not installed."""
    found = guide(CONTENTS[language])
    if found is None:
        raise FileNotFoundError(f"no guides in {FOLDER}")
    return found


def guides(language: Language) -> list[Guide]:
    """Return every guide of a language in the order in which its contents link them; what they do not link is last."""
    first = contents(language)
    linked = [_resolved(first.name, path) for path in _LINKED.findall(first.text)]
    own = (f"{VIETNAMESE}/",) if language == VIETNAMESE else tuple(f"{folder}/" for folder in _ENGLISH_FOLDERS)
    ordered = dict.fromkeys([*(name for name in linked if name.startswith(own)), *sorted(_names())])
    shown = (guide(name) for name in ordered if name.startswith(own) and not name.endswith("/README"))
    return [found for found in shown if found is not None]


def html(shown: Guide, address: Address, *, level: int = 0, prefix: str = "") -> Markup:
    """Render a guide without its title. ``level``: by how much its headings are lowered; ``prefix``: of its anchors."""
    markdown = _markdown()
    tokens = markdown.parse(shown.text)
    _add_anchors(tokens, level, prefix)
    for token in tokens:
        if token.children:
            token.children = _addressed(token.children, shown.name, address)
    return Markup(markdown.renderer.render(tokens, markdown.options, {}))  # noqa: S704  # raw HTML is off


@cache
def sections(name: str) -> Sequence[Section]:
    """Return the sections of a guide with their words, without marks of Markdown."""
    shown = guide(name)
    if shown is None:
        return ()
    tokens = _markdown().parse(shown.text)
    _add_anchors(tokens, 0, "")
    found: list[Section] = []
    anchor, heading, words = "", "", list[str]()
    for place, token in enumerate(tokens):
        if token.type == "heading_open":
            found.append(_section(shown, anchor, heading, words))
            anchor, heading, words = str(token.attrGet("id") or ""), _plain(tokens[place + 1]), []
        elif token.type == "inline" and tokens[place - 1].type != "heading_open":
            words.append(_plain(token))
        elif token.type in {"fence", "code_block"}:
            words.append(token.content)
    found.append(_section(shown, anchor, heading, words))
    return tuple(section for section in found if section.heading or section.words)


def anchor_of(heading: str) -> str:
    """Return the anchor of a heading as code hosts make it."""
    return _NOT_IN_ANCHOR.sub("", heading.strip().lower()).replace(" ", "-")


def picture(name: str) -> Path | None:
    """Return the file of a picture of the guides, or None."""
    path = FOLDER / "screens" / name
    return path if PICTURE.fullmatch(name) and path.is_file() else None


def _section(shown: Guide, anchor: str, heading: str, words: Sequence[str]) -> Section:
    return Section(shown, anchor, heading, " ".join(" ".join(words).split()))


@cache
def _names() -> frozenset[str]:
    folders = (VIETNAMESE, *_ENGLISH_FOLDERS)
    paths = (path for folder in folders for path in (FOLDER / folder).rglob("*.md"))
    return frozenset(path.relative_to(FOLDER).with_suffix("").as_posix() for path in paths)


def _resolved(name: str, path: str) -> str:
    return posixpath.normpath(posixpath.join(posixpath.dirname(name), path))


def _markdown() -> MarkdownIt:
    return MarkdownIt("commonmark", {"html": False}).enable("table")


def _plain(inline: Token) -> str:
    return "".join(
        " " if child.type in {"softbreak", "hardbreak"} else child.content for child in inline.children or ()
    ).strip()


def _add_anchors(tokens: Sequence[Token], level: int, prefix: str) -> None:
    used: dict[str, int] = {}
    for place, token in enumerate(tokens):
        if token.type not in {"heading_open", "heading_close"}:
            continue
        if token.type == "heading_open":
            anchor = anchor_of(_plain(tokens[place + 1]))
            used[anchor] = used.get(anchor, -1) + 1
            token.attrSet("id", prefix + anchor + (f"-{used[anchor]}" if used[anchor] else ""))
        token.tag = f"h{min(6, int(token.tag[1]) + level)}"


def _addressed(children: list[Token], name: str, address: Address) -> list[Token]:
    """Give links and pictures their addresses; a link without one leaves its words."""
    kept: list[Token] = []
    open_links: list[bool] = []
    for child in children:
        if child.type == "link_open":
            target = _target(str(child.attrGet("href") or ""), name, address)
            open_links.append(target is not None)
            if target is None:
                continue
            child.attrSet("href", target)
            if ":" in target.split("/")[0]:
                child.attrSet("rel", "noopener noreferrer")
        elif child.type == "link_close" and not open_links.pop():
            continue
        elif child.type == "image":
            source = address(_resolved(name, str(child.attrGet("src") or "")))
            if source is None:
                continue
            child.attrSet("src", source)
            child.attrSet("loading", "lazy")
        kept.append(child)
    return kept


def _target(href: str, name: str, address: Address) -> str | None:
    path, _hash, fragment = href.partition("#")
    if ":" in path.split("/")[0]:
        return href
    if not path:
        return address(f"{name}#{fragment}")
    if not path.endswith(".md"):
        return None
    target = _resolved(name, path.removesuffix(".md"))
    return address(f"{target}#{fragment}" if fragment else target) if target in _names() else None
