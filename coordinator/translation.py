"""Messages in the reader's language: gettext catalogues, for pages, mails, files, channels and errors.

The message ids are the Vietnamese messages, so Vietnamese needs no catalogue. Tables hold messages marked with ``N_``
or ``NP_``; ``_`` translates them when they are shown. ``coordinator.catalogues`` collects and compiles the catalogues.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from functools import cache
from gettext import NullTranslations, translation
from pathlib import Path
from typing import Final, Literal

Language = Literal["vi", "en"]
VIETNAMESE: Final = "vi"
ENGLISH: Final = "en"
LANGUAGES: tuple[Language, ...] = (VIETNAMESE, ENGLISH)
CATALOGUES = Path(__file__).parent / "translations"

_CONTEXT_END = "\x04"  # what gettext puts between a context and its message
_chosen: ContextVar[Language | None] = ContextVar("chosen", default=None)


class _PageLanguage:
    """Gives the language of the current page; ``ask`` is set once by the web application."""

    ask: Callable[[], Language | None] = staticmethod(lambda: None)


def follow_pages(ask: Callable[[], Language | None]) -> None:
    """Set ``ask``, which returns the language of the current page and None outside a page."""
    _PageLanguage.ask = staticmethod(ask)


def language() -> Language:
    """``vi`` or ``en``: the language set by ``speaking``, else that of the page, else Vietnamese."""
    return _chosen.get() or _PageLanguage.ask() or VIETNAMESE


@contextmanager
def speaking(locale: str) -> Iterator[None]:
    """Translate into ``locale`` within the block: for mails and files, whose language is not the current page's."""
    token = _chosen.set(supported(locale))
    try:
        yield
    finally:
        _chosen.reset(token)


def supported(locale: str | None) -> Language:
    """The language of a locale's name such as ``en_GB``; Vietnamese where there is no catalogue for it."""
    return ENGLISH if locale is not None and locale.startswith(ENGLISH) else VIETNAMESE


class _Vietnamese(NullTranslations):
    """The messages themselves, without their context."""

    def gettext(self, message: str) -> str:
        return message.rpartition(_CONTEXT_END)[2]


@cache
def catalogue(locale: Language) -> NullTranslations:
    """The messages of a language; Vietnamese where its catalogue has not been compiled."""
    if locale == VIETNAMESE:
        return _Vietnamese()
    messages = translation("messages", CATALOGUES, languages=[locale], fallback=True)
    messages.add_fallback(_Vietnamese())
    return messages


def _(message: str, /, **values: object) -> str:
    """The message in the reader's language, with ``values`` in its places (``%(name)s``)."""
    text = catalogue(language()).gettext(message)
    return text % values if values else text


def ngettext(singular: str, plural: str, count: int, /, **values: object) -> str:
    """The singular or plural of a message in the reader's language, with ``values`` and ``num`` in its places."""
    return catalogue(language()).ngettext(singular, plural, count) % {"num": count, **values}


def counted(message: str, count: float, /, **values: object) -> str:
    """``ngettext`` of a message that is the same for one and for many in Vietnamese, which has no plural."""
    return ngettext(message, message, whole(count), **values)


def whole(count: float) -> int:
    """The number that decides between one and many, for gettext, which takes whole ones: a fraction is many."""
    return int(count) if count == int(count) else 2


def pgettext(context: str, message: str, /, **values: object) -> str:
    """The message in the reader's language where its Vietnamese has several meanings, distinguished by ``context``."""
    return _(NP_(context, message), **values)


def N_(message: str) -> str:  # gettext's own name for the marker
    """Mark a message of a table for extraction; ``_`` translates it when it is shown."""
    return message


def NN_(singular: str, plural: str) -> tuple[str, str]:  # gettext's own name for the marker
    """Mark the singular and the plural of a message of a table; ``ngettext`` translates them when they are shown."""
    return singular, plural


def NP_(context: str, message: str) -> str:  # gettext's own name for the marker
    """Mark a message of a table whose Vietnamese has several meanings; ``_`` translates it like any other."""
    return f"{context}{_CONTEXT_END}{message}"
