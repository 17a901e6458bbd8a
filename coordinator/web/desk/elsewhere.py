"""Addresses of pages that other rooms of the desk own: None where there is no such page, so nothing links to a 404."""

from collections.abc import Callable
from datetime import date
from typing import Any
from urllib.parse import quote

from flask import current_app, url_for
from werkzeug.routing import BuildError


def page_of(endpoint: str, **values: object) -> str | None:
    """The address of a page, or None when the application has no page of that name or it wants other values."""
    if endpoint not in current_app.view_functions:
        return None
    try:
        return url_for(endpoint, _external=False, **values)  # type: ignore[arg-type]  # any value a converter takes
    except BuildError:
        return None


def bulletin_page(code: str) -> str | None:
    """The desk's page of a bulletin."""
    return page_of("bulletins.show", code=code)


def channel_page(code: str) -> str | None:
    """The desk's page of a channel."""
    return page_of("channels.page", code=code)


def partner_page(code: str) -> str | None:
    """The desk's page of a partner."""
    return page_of("partners.page", code=code)


def calendar_of(day: date, view: str | None = None) -> str:
    """The calendar around a day."""
    values: dict[str, Any] = {"view": view, "from": day.isoformat()}
    return url_for("calendar.index", **values)


def addresses(endpoint: str, *names: str, **values: object) -> Callable[..., str]:
    """Addresses of many pages of one kind: the pattern is made once, and each page's own values, in the order of
    ``names``, are put into it."""
    marks = {name: f"0{number}here0" for number, name in enumerate(names)}
    pattern = url_for(endpoint, **marks, **values).replace("%", "%%")  # type: ignore[arg-type]  # as above
    for mark in marks.values():
        pattern = pattern.replace(mark, "%s")
    return lambda *own: pattern % tuple(quote(str(one), safe="") for one in own)
