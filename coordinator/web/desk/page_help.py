"""A page's help: found by the template that is being drawn, shown folded under its heading."""

from collections.abc import Mapping
from types import MappingProxyType

from flask import Flask
from jinja2 import pass_context
from jinja2.runtime import Context

from coordinator.web.desk.help import complying, counting, others, setting_up, talking, writing
from coordinator.web.look import language

HELP: Mapping[str, tuple[str, str]] = MappingProxyType(
    {
        **writing.PAGES,
        **counting.PAGES,
        **others.PAGES,
        **setting_up.PAGES,
        **talking.PAGES,
        **complying.PAGES,
    }
)


def help_of(template: str) -> str:
    """What a page is for and what to do on it first, in the reader's language; "" where nothing is written."""
    words = HELP.get(template)
    return "" if words is None else words[language() == "en"]


@pass_context
def _here(context: Context) -> str:
    return help_of(context.name or "")


def install(app: Flask) -> None:
    """Let the desk's layout ask for the help of the page it frames."""
    app.jinja_env.globals["page_help"] = _here
