"""Page help: what ``web/help/<language>.md`` says under the name of the rendered template, shown folded, with a link to
the guide of the page.
"""

import re
from collections.abc import Mapping
from functools import cache
from pathlib import Path

from flask import Flask, current_app, url_for
from jinja2 import pass_context
from jinja2.runtime import Context
from markdown_it import MarkdownIt
from markupsafe import Markup

from coordinator.translation import _, language
from coordinator.web.manual.guides import CONTENTS, guide
from coordinator.web.manual.page_guides import guide_of

HELP = Path(__file__).parents[1] / "help"


@cache
def help_texts(locale: str) -> Mapping[str, str]:
    """The help in a language by template, without its suffix: Markdown that says what a page is for and its first
    step."""
    text = (HELP / f"{locale}.md").read_text("utf-8")
    sections = (section.partition("\n\n") for section in re.split(r"^## ", text, flags=re.MULTILINE)[1:])
    return {name: words for name, _blank, words in sections}


@cache
def help_text(template: str, locale: str) -> Markup:
    """Return the help of a page as HTML; "" for a template without help."""
    words = help_texts(locale).get(template.removesuffix(".html"), "")
    html = MarkdownIt("commonmark", {"html": False}).render(words)
    return Markup(html)  # noqa: S704  # a file of the program, without raw HTML


@pass_context
def _page_help(context: Context) -> Markup:
    template = context.name or ""
    text = help_text(template, language())
    return text + _guide_link(template) if text else text


def _guide_link(template: str) -> Markup:
    name, _hash, anchor = (guide_of(template, language()) or "").partition("#")
    shown = guide(name)
    if shown is None or "manual.page" not in current_app.view_functions:
        return Markup()
    if name == CONTENTS[language()]:
        link, title = url_for("manual.index"), _("Hướng dẫn sử dụng")
    else:
        link, title = url_for("manual.page", name=name, _anchor=anchor or None), shown.title
    return Markup('<p><a href="{}">{}</a></p>').format(link, _("Hướng dẫn: %(title)s", title=title))


def install(app: Flask) -> None:
    """Make the help of the rendered page available to the desk's layout."""
    app.jinja_env.globals["page_help"] = _page_help
