"""One call that gives an application the project's look: filters, globals, languages, static files.

The composition root says who reads, what time it is and how much work waits; nothing here asks the database.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from functools import partial
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

from flask import Flask, flash, g, has_request_context, request, session, url_for
from flask_babel import Babel, get_locale
from markupsafe import Markup

from campaigns.core.errors import CampaignError, FieldError
from campaigns.people.staff import Role
from coordinator.web import formats, navigation
from coordinator.web.assets import install_assets
from coordinator.web.icons import icon
from coordinator.web.saying import catalogue
from coordinator.web.sentences import error_sentence, field_sentence
from coordinator.web.wording import RUNGS, Word, name_for, value_of, word_for

LANGUAGES = ("vi", "en")
TRANSLATIONS = Path(__file__).parent / "translations"


@dataclass(frozen=True)
class Reader:
    """The signed-in person, as the layout needs them; ``locale`` and ``theme`` (``light``, ``dark``) as they chose."""

    name: str
    email: str
    role: Role | None
    locale: str | None = None
    theme: str | None = None

    @property
    def initials(self) -> str:
        """The letters in the round mark."""
        return formats.initials(self.name)


@dataclass(frozen=True)
class Shown:
    """A state's word in the reader's language, with the classes and icon of its pill."""

    classes: str
    icon: str
    word: str


def nobody() -> Reader | None:
    """The reader of a page that knows no sign-in."""
    return None


def nothing_waits() -> Mapping[str, navigation.Waiting]:
    """No work waiting anywhere."""
    return {}


def language() -> str:
    """``vi`` or ``en``: the language of this page."""
    try:
        # Every number and moment asks, a thousand times on a long page, and a page has one language.
        known: str = g.language
    except (AttributeError, RuntimeError):  # not asked yet on this page, or no page at all
        known = str(get_locale() or "vi")
        if has_request_context():
            g.language = known
    return known


def install_look(
    app: Flask,
    *,
    now: Callable[[], datetime],
    reader: Callable[[], Reader | None] = nobody,
    counts: Callable[[], Mapping[str, navigation.Waiting]] = nothing_waits,
    default_locale: str = "vi",
) -> None:
    """Prepare ``app`` (made with ``static_folder=None``) for the templates in ``layout/`` and ``parts/``.

    ``now`` is the moment pages are made at; ``reader`` the signed-in person or None; ``counts`` the waiting work by the
    keys of ``navigation`` and is called only when a page with the side is drawn.
    """
    install_assets(app)
    _install_languages(app, reader, default_locale)
    _install_filters(app, now)
    app.jinja_env.globals.update(
        icon=icon,
        shown=_shown,
        RUNGS=RUNGS,
        here=_here,
        language=language,
        initials=formats.initials,
        too_long=_too_long,
        figure_rows=lambda rows: formats.figure_rows(rows, language()),
        endpoint_exists=lambda name: name in app.view_functions,
    )

    @app.context_processor
    def _layout() -> dict[str, object]:
        who = reader()
        role = who.role if who else None
        return {
            "reader": who,
            "now": now(),
            # Functions, not lists: a fragment or an error page that draws no navigation asks for no counts.
            "nav_counts": counts,
            "river": lambda waiting: navigation.entries(navigation.RIVER, role, waiting),
            "shelf": lambda waiting: navigation.entries(navigation.SHELF, role, waiting),
            "tabs": lambda: navigation.entries(navigation.TABS, role),
            "own_places": lambda: navigation.entries(navigation.PERSON, role),
        }


def say_done(text: str, *, undo: str | None = None) -> None:
    """Show one line at the next page's corner: what was done, and where to POST to undo it. Never for an error."""
    flash({"text": text, "undo": undo}, "done")  # type: ignore[arg-type]  # any JSON value passes through the session


def say_trouble(text: str) -> None:
    """Show a notice above the next page's content: what was not done, and why. It stays until the reader moves on."""
    flash(text, "trouble")


def _install_languages(app: Flask, reader: Callable[[], Reader | None], default: str) -> None:
    """The language: ``?lang=`` (kept for the visit), else the person's own, else the office's.

    The browser's wish is not asked: machines in the office often carry an English system under Vietnamese hands.
    """

    def choose() -> str:
        asked = request.args.get("lang") or session.get("lang")
        who = reader()
        for wish in (asked, who.locale if who else None):
            if wish in LANGUAGES:
                return str(wish)
        return default

    Babel(
        app,
        default_locale=default,
        default_timezone="Asia/Ho_Chi_Minh",
        default_translation_directories=str(TRANSLATIONS),
        locale_selector=choose,
    )
    # In place of Babel's, which work out the language anew for every word of a page.
    app.jinja_env.install_gettext_callables(  # type: ignore[attr-defined]  # added by the extension
        gettext=lambda words: catalogue().gettext(words),
        ngettext=lambda one, many, count: catalogue().ngettext(one, many, count),
        newstyle=True,
        pgettext=lambda context, words: catalogue().pgettext(context, words),
        npgettext=lambda context, one, many, count: catalogue().npgettext(context, one, many, count),
    )

    @app.before_request
    def _keep_language() -> None:
        if request.args.get("lang") in LANGUAGES and session.get("lang") != request.args["lang"]:
            session["lang"] = request.args["lang"]


def _install_filters(app: Flask, now: Callable[[], datetime]) -> None:
    def localised(function: Callable[..., str]) -> Callable[..., str]:
        return lambda value, *rest, **named: function(value, *rest, locale=language(), **named)

    app.jinja_env.filters.update(
        number=localised(formats.number),
        percent=localised(formats.percent),
        weekday=localised(formats.weekday),
        long_day=localised(formats.long_day),
        duration=localised(formats.duration),
        file_size=localised(formats.file_size),
        day=formats.day,
        day_month=formats.day_month,
        anchor=formats.anchor,
        field_id=_field_id,
        moment=partial(_moment, now),
        name_of=lambda value, kind: name_for(kind, value, language()),
        value_of=value_of,
        sentence=_sentence,
    )


def _shown(kind: str, state: object) -> Shown:
    word: Word = word_for(kind, state)
    return Shown(word.classes, word.icon, word.say(language()))


def _moment(now: Callable[[], datetime], value: datetime | date | None, form: str = "short") -> Markup:
    """``<time>`` around a moment or a day. ``form``: short, time, second, full, day, day_month, long_day."""
    if value is None:
        return Markup("–")
    if isinstance(value, datetime):
        stamp = formats.city_time(value).isoformat(timespec="seconds")
        said = formats.short_moment(value, now(), language()) if form == "short" else _SHAPES[form](value)
    else:
        stamp, said = value.isoformat(), _SHAPES["day" if form == "short" else form](value)
    # A long list has hundreds of these, and there is nothing in them to escape.
    return Markup(f'<time datetime="{stamp}">{said}</time>')  # noqa: S704  # digits and words of ours


_SHAPES: Mapping[str, Callable[[Any], str]] = {
    "time": formats.time_of_day,
    "second": partial(formats.time_of_day, seconds=True),
    "full": formats.full_moment,
    "day": formats.day,
    "day_month": formats.day_month,
    "long_day": lambda moment: formats.long_day(moment, language()),
}


def _sentence(error: CampaignError | FieldError | str) -> str:
    if isinstance(error, FieldError):
        return field_sentence(error, language())
    return error_sentence(error, language()) if isinstance(error, CampaignError) else error


_BESIDE = 17  # letters of a cell and its label that have room in half a phone's width


def _too_long(label: str, content: object) -> bool:
    """Whether a cell needs the whole width of a phone."""
    words = str(content)
    if "<" in words:
        words = Markup(words).striptags()  # noqa: S704  # only measured
    return len(label) + len(words.strip()) > _BESIDE


def _field_id(name: str) -> str:
    """The id of a form's field, the same in the label, the summary's link and the hints."""
    return name.replace(".", "-").replace("_", "-")


_PLAIN = "!$'()*,/:;?@"  # signs that a query may have as they are


def _here(**changes: object) -> str:
    """This page's address with some query values changed (None takes one out); a new order or filter starts on top."""
    args: dict[str, object] = {**request.args, **changes}
    if not {"page", "cursor"} & changes.keys():
        args.pop("page", None)
        args.pop("cursor", None)
    kept = {key: value for key, value in args.items() if value not in (None, "")}
    # Put behind the path by hand: names that somebody typed into the address must not become words to ``url_for``.
    path = url_for(request.endpoint or "", **(request.view_args or {}))
    return f"{path}?{urlencode(kept, safe=_PLAIN)}" if kept else path
