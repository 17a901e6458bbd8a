"""Words for people, as text in the reader's language; the library that looks them up promises no type."""

from gettext import NullTranslations

from flask import g
from flask_babel import get_locale, get_translations


def catalogue() -> NullTranslations:
    """The words of the language of this page. Found once: a page of figures says a hundred things in code and twice as
    many in its template."""
    locale = get_locale()
    if locale is None:  # no page at all
        return NullTranslations()
    known: tuple[object, NullTranslations] | None = g.get("catalogue")
    if known is None or known[0] is not locale:  # not asked yet, or another language for a while
        known = g.catalogue = (locale, get_translations())
    return known[1]


def _(words: str, **values: object) -> str:
    """The words in the reader's language, with these values in their places."""
    told = catalogue().gettext(words)
    return told % values if values else told
