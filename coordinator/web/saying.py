"""Words for people, as text in the reader's language; the library that looks them up promises no type."""

from flask_babel import gettext


def _(words: str, **values: object) -> str:
    """The words in the reader's language, with these values in their places."""
    return str(gettext(words, **values))
