"""Page help: the file ``web/help/<language>/<template>.md`` of the rendered template, shown folded."""

from functools import cache
from pathlib import Path

from flask import Flask
from jinja2 import pass_context
from jinja2.runtime import Context
from markdown_it import MarkdownIt
from markupsafe import Markup

from coordinator.translation import language

HELP = Path(__file__).parents[1] / "help"


@cache
def help_text(template: str, locale: str) -> Markup:
    """Return what a page is for and the first step on it, as HTML; "" for a template without help."""
    path = HELP / locale / Path(template).with_suffix(".md")
    if not path.is_file():
        return Markup()
    html = MarkdownIt("commonmark", {"html": False}).render(path.read_text("utf-8"))
    return Markup(html)  # noqa: S704  # a file of the program, without raw HTML


@pass_context
def _page_help(context: Context) -> Markup:
    return help_text(context.name or "", language())


def install(app: Flask) -> None:
    """Make the help of the rendered page available to the desk's layout."""
    app.jinja_env.globals["page_help"] = _page_help
