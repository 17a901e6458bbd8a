"""Addresses of desk pages of other features: None where a page does not exist, so that no link leads to a 404."""

import json
from collections.abc import Callable, Mapping
from datetime import date
from types import MappingProxyType
from typing import Any
from urllib.parse import quote

from flask import current_app, url_for
from werkzeug.routing import BuildError


def page_url(endpoint: str, **values: object) -> str | None:
    """Return the address of a page, or None when the application has no such endpoint or it needs other values."""
    if endpoint not in current_app.view_functions:
        return None
    try:
        return url_for(endpoint, _external=False, **values)  # type: ignore[arg-type]  # any value a converter takes
    except BuildError:
        return None


def bulletin_url(code: str) -> str | None:
    """Return the desk's page of a bulletin."""
    return page_url("bulletins.show", code=code)


def channel_url(code: str) -> str | None:
    """Return the desk's page of a channel."""
    return page_url("channels.page", code=code)


def partner_url(code: str) -> str | None:
    """Return the desk's page of a partner."""
    return page_url("partners.page", code=code)


def notice_url(public: str) -> str | None:
    """Return the desk's page of a notice to partners."""
    return page_url("notices.show", public=public)


def question_url(public: str) -> str | None:
    """Return the desk's page of a partner's question."""
    return page_url("questions.show", public=public)


def case_url(public: str) -> str | None:
    """Return the desk's page of a case."""
    return page_url("compliance.cases.show", public=public)


def finding_url(public: str) -> str | None:
    """Return the desk's page of a finding."""
    return page_url("compliance.show", public=public)


def calendar_url(day: date, view: str | None = None, narrow: Mapping[str, str] = MappingProxyType({})) -> str:
    """Return the calendar around a day. ``narrow``: the filter that it keeps."""
    values: dict[str, Any] = {"view": view, **narrow, "from": day.isoformat()}
    return url_for("calendar.index", **values)


def url_builder(endpoint: str, *names: str, **values: object) -> Callable[..., str]:
    """Return a function that gives the addresses of many pages of one kind: the pattern is built once, and the values
    in the order of ``names`` are inserted.
    """
    marks = {name: f"0{number}here0" for number, name in enumerate(names)}
    pattern = url_for(endpoint, **marks, **values).replace("%", "%%")  # type: ignore[arg-type]  # as above
    for mark in marks.values():
        pattern = pattern.replace(mark, "%s")
    return lambda *own: pattern % tuple(quote(str(item), safe="") for item in own)


def bookmarklet(address: str) -> str:
    """Return the link that a person drags to the bookmarks: it opens a form with the address and title of the page that
    is open. It runs in that page, not in ours, whose policy allows no such links."""
    return (
        f"javascript:void(open({json.dumps(address)}+'?url='+encodeURIComponent(location.href)"
        "+'&title='+encodeURIComponent(document.title)))"
    )
