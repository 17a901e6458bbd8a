"""Template set-up of an application: filters, globals, languages, static files.

The composition root supplies reader, time and counts of waiting work; this module does not query the database.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from functools import partial
from typing import Any, cast
from urllib.parse import urlencode

from flask import Flask, flash, g, has_request_context, request, session, url_for
from flask_babel import Babel, get_locale
from jinja2 import pass_context
from jinja2.runtime import Context
from markupsafe import Markup

from campaigns.core.errors import CampaignError, FieldError
from campaigns.people.staff import Role
from coordinator import translation
from coordinator.translation import LANGUAGES, Language, _, language
from coordinator.web.kit import navigation
from coordinator.web.kit.assets import icon, install_assets
from coordinator.web.kit.lists.pagination import range_label
from coordinator.web.kit.text import formats
from coordinator.web.kit.text.error_messages import error_sentence, field_sentence
from coordinator.web.kit.text.finding_labels import rule_title
from coordinator.web.kit.text.state_labels import EVIDENCE_LEVELS, StateLabel, state_label, stored_value, value_label


@dataclass(frozen=True)
class Reader:
    """The signed-in person, as the layout needs them; ``locale`` and ``theme`` (``light``, ``dark``) are their
    settings.
    """

    name: str
    email: str
    role: Role | None
    locale: str | None = None
    theme: str | None = None

    @property
    def initials(self) -> str:
        """Return the initials in the avatar."""
        return formats.initials(self.name)


@dataclass(frozen=True)
class StatePill:
    """The label of a state in the reader's language, with the classes and icon of its pill."""

    classes: str
    icon: str
    word: str


def no_reader() -> Reader | None:
    """Return the reader of a page without sign-in: None."""
    return None


def no_counts() -> Mapping[str, navigation.WaitingCount]:
    """Return no counts."""
    return {}


def _page_language() -> Language | None:
    """Return the language of the page, chosen once per request; None outside of a request."""
    if not has_request_context():
        return None
    known: Language | None = g.get("language")
    if known is None:
        known = g.language = translation.supported(str(get_locale()))
    return known


def install_templating(
    app: Flask,
    *,
    now: Callable[[], datetime],
    reader: Callable[[], Reader | None] = no_reader,
    counts: Callable[[], Mapping[str, navigation.WaitingCount]] = no_counts,
    default_locale: str = "vi",
) -> None:
    """Prepare ``app`` (made with ``static_folder=None``) for the templates in ``layout/`` and ``parts/``.

    ``now`` returns the time of rendering; ``reader`` the signed-in person or None; ``counts`` the waiting work by the
    keys of ``navigation``, called only when a page with the sidebar is rendered.
    """
    install_assets(app)
    _install_languages(app, reader, default_locale)
    _install_filters(app, now)
    app.jinja_env.globals.update(
        icon=icon,
        state_pill=_state_pill,
        EVIDENCE_LEVELS=EVIDENCE_LEVELS,
        here=current_url,
        language=language,
        initials=formats.initials,
        phone_width=_phone_width,
        figure=lambda value, href: Markup(formats.LinkedFigure(value, href).html(language())),  # noqa: S704  # escaped
        figure_rows=lambda rows: formats.figure_rows(rows, language()),
        endpoint_exists=lambda name: name in app.view_functions,
    )

    @app.context_processor
    def _layout() -> dict[str, object]:
        person = reader()
        role = person.role if person else None
        return {
            "reader": person,
            "now": now(),
            # Functions, not lists: a fragment or an error page without navigation queries no counts.
            "nav_counts": counts,
            "pipeline_menu": lambda waiting: navigation.navigation_entries(navigation.PIPELINE_MENU, role, waiting),
            "management_menu": lambda waiting: navigation.navigation_entries(navigation.MANAGEMENT_MENU, role, waiting),
            "tabs": lambda: navigation.navigation_entries(navigation.PHONE_TABS, role),
            "own_places": lambda: navigation.navigation_entries(navigation.ACCOUNT_MENU, role),
        }


def flash_done(text: str, *, undo: str | None = None) -> None:
    """Show a message on the next page: what was done, and where to POST to undo it. Never for an error."""
    flash({"text": text, "undo": undo}, "done")  # type: ignore[arg-type]  # any JSON value passes through the session


def flash_trouble(text: str) -> None:
    """Show a notice above the next page's content: what was not done, and why. It stays until the reader leaves the
    page.
    """
    flash(text, "trouble")


def _install_languages(app: Flask, reader: Callable[[], Reader | None], default: str) -> None:
    """Set the language: ``?lang=`` (kept for the visit), else the person's own, else the office's.

    ``Accept-Language`` is ignored, because office machines often run an English system for Vietnamese readers.
    """

    def choose() -> str:
        asked = request.args.get("lang") or session.get("lang")
        person = reader()
        for wish in (asked, person.locale if person else None):
            if wish in LANGUAGES:
                return str(wish)
        return default

    Babel(
        app,
        default_locale=default,
        default_timezone="Asia/Ho_Chi_Minh",
        locale_selector=choose,
    )
    translation.follow_pages(_page_language)
    # The extension's own functions would use other catalogues. Jinja inserts and escapes the values.
    app.jinja_env.install_gettext_callables(  # type: ignore[attr-defined]  # added by the extension
        gettext=lambda message: translation.catalogue(language()).gettext(message),
        ngettext=lambda one, many, count: translation.catalogue(language()).ngettext(one, many, count),
        newstyle=True,
        pgettext=lambda context, message: translation.catalogue(language()).pgettext(context, message),
    )
    of_one_or_many = cast(Callable[..., str], app.jinja_env.globals["ngettext"])

    @pass_context
    def counted(context: Context, message: str, count: float, /, **values: object) -> str:
        return str(of_one_or_many(context, message, message, translation.whole(count), **values))

    app.jinja_env.globals["counted"] = counted

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
        typed_day=formats.typed_day,
        day_month=formats.day_month,
        anchor=formats.anchor,
        breakable=formats.breakable,
        field_id=_field_id,
        moment=partial(_moment, now),
        name_of=_name_of,
        rule_title=_rule_title,
        value_of=stored_value,
        range_label=range_label,
        sentence=_error_sentence,
    )


def _state_pill(kind: str, state: object) -> StatePill:
    word: StateLabel = state_label(kind, state)
    return StatePill(word.classes, word.icon, _(word.label))


def _moment(now: Callable[[], datetime], value: datetime | date | None, form: str = "short") -> Markup:
    """Return ``<time>`` for a time or a day. ``form``: short, time, second, full, day, day_month, long_day."""
    if value is None:
        return Markup("–")
    if isinstance(value, datetime):
        stamp = formats.city_time(value).isoformat(timespec="seconds")
        text = formats.short_moment(value, now(), language()) if form == "short" else _MOMENT_FORMATS[form](value)
    else:
        stamp, text = value.isoformat(), _MOMENT_FORMATS["day" if form == "short" else form](value)
    # A long list has hundreds of these, and their text needs no escaping.
    return Markup(f'<time datetime="{stamp}">{text}</time>')  # noqa: S704  # digits and words of ours


_MOMENT_FORMATS: Mapping[str, Callable[[Any], str]] = {
    "time": formats.time_of_day,
    "second": partial(formats.time_of_day, seconds=True),
    "full": formats.full_moment,
    "day": formats.day,
    "day_month": formats.day_month,
    "long_day": lambda moment: formats.long_day(moment, language()),
}


@pass_context
def _rule_title(_context: Context, title: str) -> str:
    return rule_title(title)


@pass_context
def _name_of(_context: Context, value: object, kind: str) -> str:
    """Return the word for a value. The context keeps Jinja from computing the word of a constant once, in the language
    of whoever is first shown the template.
    """
    return value_label(kind, value)


def _error_sentence(error: CampaignError | FieldError | str) -> str:
    if isinstance(error, FieldError):
        return field_sentence(error)
    return error_sentence(error) if isinstance(error, CampaignError) else error


_HALF_WIDTH_LETTERS = 17  # letters of a cell and its label that fit in half a phone's width
_WHOLE_WIDTH_LETTERS = 48  # and in its whole width


def _phone_width(label: str, content: object) -> str:
    """Return the width that a cell needs on a phone: "" for half of it, "all", or "long" for several lines."""
    words = str(content)
    if "<" in words:
        words = Markup(words).striptags()  # noqa: S704  # only measured
    letters = len(label) + len(words.strip())
    if letters > _WHOLE_WIDTH_LETTERS:
        return "long"
    return "all" if letters > _HALF_WIDTH_LETTERS else ""


def _field_id(name: str) -> str:
    """Return the id of a form field, the same in label, error summary and hints."""
    return name.replace(".", "-").replace("_", "-")


_UNQUOTED_SIGNS = "!$'()*,/:;?@"  # signs that a query may have unescaped


def current_url(**changes: object) -> str:
    """Return this page's address with some query values changed (None removes one); a new order or filter starts on
    page 1.
    """
    args: dict[str, object] = {**request.args, **changes}
    if not {"page", "cursor"} & changes.keys():
        args.pop("page", None)
        args.pop("cursor", None)
    kept = {key: value for key, value in args.items() if value not in (None, "")}
    # The query is appended to the path here: names typed into the address must not become arguments of ``url_for``.
    path = url_for(request.endpoint, **(request.view_args or {})) if request.endpoint else request.path
    return f"{path}?{urlencode(kept, safe=_UNQUOTED_SIGNS)}" if kept else path
