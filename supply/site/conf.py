"""The guides as a site (``make docs``): static files that ask nobody else, searched with or without marks."""

import fnmatch
import html
import posixpath
import re
import unicodedata
from typing import Any

from sphinx.application import Sphinx
from sphinx.search import SearchLanguage

project = "Lan Tỏa"
language = "en"
extensions = ["myst_parser"]
root_doc = "index"
exclude_patterns = ["__pycache__"]
myst_heading_anchors = 4
html_theme = "alabaster"
html_theme_options = {
    "description": "Hướng dẫn · Guides",
    "page_width": "72rem",
    "sidebar_width": "16rem",
    "show_powered_by": False,
    "font_family": "system-ui, sans-serif",
    "head_font_family": "system-ui, sans-serif",
}
html_sidebars = {"**": ["about.html", "searchbox.html", "navigation.html"]}
html_copy_source = False
html_show_search_summary = False  # it would fetch pages, which a browser refuses to files
html_show_sourcelink = False
suppress_warnings = ["misc.highlighting_failure"]

# Documents that are in no list of a README are listed here, so that each is in the navigation once.
_LISTS = {
    "index": ["vi/README", "tutorial/first-day", "how-to/README", "reference/README", "explanation/README"],
    "vi/README": ["*"],
    "how-to/README": ["*", "channels/*", "../tutorial/proof-in-the-demo"],
    "reference/README": ["*"],
    "explanation/README": ["*", "decisions/*"],
}
_LINK = re.compile(r"\[([^\]]+)\]\((\.\./[^)#\s:]+)\)")
_LINKED = re.compile(r"\]\((?!\.\.)([^)#\s:]+)\.md\)")


def _without_marks(text: str) -> str:
    apart = unicodedata.normalize("NFD", text.lower().replace("đ", "d"))
    return "".join(letter for letter in apart if not unicodedata.combining(letter))


class _UnmarkedWords(SearchLanguage):
    """Words without their marks, in the index and in what is typed."""

    lang = "en"
    language_name = "Unmarked"
    js_stemmer_code = """
var Stemmer = function () {
  this.stemWord = (word) => word.toLowerCase().replaceAll("đ", "d").normalize("NFD").replace(/\\p{M}/gu, "");
};
"""
    stopwords: frozenset[str] = frozenset()

    def stem(self, word: str) -> str:
        return _without_marks(word)

    def word_filter(self, word: str) -> bool:
        return len(word) > 1 or word.isdigit()


def _add_list(app: Sphinx, name: str, source: list[str]) -> None:
    """Add the navigation to a list of guides: what it links, in its order, then what else its folders hold."""
    folder = posixpath.dirname(name)
    if name in _LISTS:
        linked = [] if name == root_doc else _LINKED.findall(source[0])
        wanted = [posixpath.normpath(posixpath.join(folder, part)) for part in (*linked, *_LISTS[name])]
        found = [
            f"/{document}"
            for pattern in wanted
            for document in fnmatch.filter(sorted(app.env.found_docs), pattern)
            if document != name and document.count("/") == pattern.count("/")
        ]
        rows = "\n".join(dict.fromkeys(found))
        source[0] += f"\n\n```{{toctree}}\n:hidden:\n:titlesonly:\n\n{rows}\n```\n"
    source[0] = _LINK.sub(lambda link: _inside(link, folder), source[0])


def _inside(link: re.Match[str], folder: str) -> str:
    """A link, or its words alone where it leads to a file that the site does not have."""
    return link[1] if posixpath.normpath(posixpath.join(folder, link[2])).startswith("..") else link[0]


def _name_language(_app: Sphinx, name: str, _template: str, context: dict[str, Any], _tree: object) -> None:
    context["language"] = "vi" if name.startswith("vi/") else "en"
    context["title"] = html.unescape(context.get("title", ""))


def setup(app: Sphinx) -> dict[str, bool]:
    """Register the search and the navigation."""
    app.add_search_language(_UnmarkedWords)
    app.connect("source-read", _add_list)
    app.connect("html-page-context", _name_language)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
