"""Addresses of pages that other rooms of the desk own: None where there is no such page, so nothing links to a 404."""

from datetime import date
from typing import Any

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
