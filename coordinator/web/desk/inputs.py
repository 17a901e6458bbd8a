"""What a form's fields hold, read one by one: text, lines, days, figures; and what was wrong with them, by field."""

import re
from collections.abc import Mapping, Sequence
from datetime import date

from flask import request

from campaigns.core.clock import FIRST_YEAR, LAST_YEAR
from campaigns.core.errors import CampaignError, FieldError, Invalid
from coordinator.web.look import language
from coordinator.web.sentences import error_sentence, field_sentence

# A refusal that is about one field, though the domain says it of the whole: which field a reader would look at.
FIELD_OF: Mapping[str, str] = {
    "agreement_taken": "number",
    "campaign_taken": "code",
    "channel_taken": "code",
    "editor_taken": "email",
    "email_taken": "email",
    "licence_taken": "number",
    "partner_taken": "code",
    "site_taken": "url",
    "topic_taken": "code",
    "last_admin": "role",
}
_GROUPED = re.compile(r"\d{1,3}(?:[.\u00a0 ]\d{3})+(?:,\d+)?")
_ROW = re.compile(r"(?P<name>.+?)\.(?P<row>\d+)(?P<cell>\.\w+)?")


def text(name: str) -> str:
    """A field as typed, without the spaces around it; '' when absent."""
    return request.form.get(name, "").strip()


def optional(name: str) -> str | None:
    """A field as typed, None when empty or absent."""
    return text(name) or None


def lines(name: str) -> list[str]:
    """A textarea of one thing a line, empty lines left out."""
    return [line.strip() for line in request.form.get(name, "").splitlines() if line.strip()]


def phrases(name: str) -> list[str]:
    """A textarea of one thing a line, where a semicolon may stand for a line's end."""
    return [part.strip() for line in lines(name) for part in line.split(";") if part.strip()]


def day(name: str, errors: list[FieldError], *, required: bool = False) -> date | None:
    """A day as date fields send it (``2026-11-24``) or as people type it (``24/11/2026``)."""
    typed = text(name)
    if not typed and required:
        errors.append(FieldError(name, "required", "a day is needed"))
    return read_day(typed, name, errors)


def read_day(typed: str, name: str, errors: list[FieldError]) -> date | None:
    """The same of what stands in a field, wherever it came from; None for nothing and for what is no day.

    A year outside 1900 to 2199 is a slip of the keyboard: at the calendar's ends the arithmetic of days fails.
    """
    if not typed:
        return None
    try:
        if found := re.fullmatch(r"(\d{1,2})[/.-](\d{1,2})[/.-](\d{4})", typed):
            read = date(int(found[3]), int(found[2]), int(found[1]))
        else:
            read = date.fromisoformat(typed)
    except ValueError:
        errors.append(FieldError(name, "day", f"{typed!r} is not a day; expected one such as 24/11/2026"))
        return None
    if not FIRST_YEAR <= read.year <= LAST_YEAR:
        errors.append(
            FieldError(name, "year", f"{typed!r} is not a year of ours; expected {FIRST_YEAR} to {LAST_YEAR}")
        )
        return None
    return read


def figure(typed: str) -> float | None:
    """``12.500`` and ``98,5`` as Vietnamese readers write them, and ``12500`` and ``98.5`` as programs do; None for
    anything else."""
    plain = typed.strip()
    if _GROUPED.fullmatch(plain):
        plain = re.sub(r"[.\u00a0 ]", "", plain)
    try:
        value = float(plain.replace(",", "."))
    except ValueError:
        return None
    return value if 0 <= value < 1e12 else None


def said(error: CampaignError, extra: Sequence[FieldError] = ()) -> dict[str, str]:
    """Sentences by field, as ``ui.summary`` and the fields show them.

    A problem with one line of a textarea (``feeds.2``) is said at the textarea, naming the line, and one with a cell of
    a row (``targets.1.quota``) at that cell, naming the row. An error that belongs
    to no field stands under ``form``.
    """
    if not isinstance(error, Invalid):
        found = {FIELD_OF.get(error.code, "form"): error_sentence(error, language())}
        return found | said_of(extra)
    return said_of([*error.errors, *extra])


def said_of(errors: Sequence[FieldError]) -> dict[str, str]:
    """The same for field errors alone; the first one of each field."""
    found: dict[str, str] = {}
    for one in errors:
        name, sentence = one.field, field_sentence(one, language())
        if row := _ROW.fullmatch(name):
            sentence = f"{'Line' if language() == 'en' else 'Dòng'} {int(row['row']) + 1}: {sentence}"
            # A line of a textarea is said at the textarea; a cell of a row has a field of its own.
            name = name if row["cell"] else row["name"]
        found.setdefault(name, sentence)
    return found
