"""Parsing of what people type, error messages by field, and reading single inputs.

A form with several inputs is a class over ``page_form.PageForm``. ``text``, ``clean_text``, ``form_token`` and
``form_version`` are for forms of a button with a version or a token and at most a note, such as decisions on a finding,
replies, and ending a session, which have nothing to show again but that note.
"""

import re
from collections.abc import Mapping, Sequence
from datetime import date
from secrets import token_hex

from flask import request

from campaigns.core.clock import FIRST_YEAR, LAST_YEAR, read_day
from campaigns.core.errors import CampaignError, FieldError, Invalid
from coordinator.imports.text.characters import remove_controls
from coordinator.translation import _
from coordinator.web.kit.text.error_messages import error_sentence, field_sentence

# Errors that the domain raises for the whole record but that belong to one field of the form.
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
    "nobody_there": "who",
    "erased_stays": "active",
    "erase_self": "who",
    "erase_active": "who",
    "case_of_organisation": "who",
    "case_kept": "who",
}
_GROUPED = re.compile(r"\d{1,3}(?:[.\u00a0 ]\d{3})+(?:,\d+)?")
_ROW = re.compile(r"(?P<name>.+?)\.(?P<row>\d+)(?P<cell>(?:\.\w+)+)?")


def text(name: str) -> str:
    """Return a field as typed, stripped; '' when absent."""
    return request.form.get(name, "").strip()


def lines(name: str) -> list[str]:
    """Return the lines of a textarea without empty ones."""
    return [line.strip() for line in request.form.get(name, "").splitlines() if line.strip()]


def day(name: str, errors: list[FieldError], *, required: bool = False) -> date | None:
    """Return a day as people type it (``24/11/2026``), or as programs write it (``2026-11-24``)."""
    typed = text(name)
    if not typed and required:
        errors.append(FieldError(name, "required", "a day is needed"))
    return parse_day(typed, name, errors)


def parse_day(typed: str, name: str, errors: list[FieldError]) -> date | None:
    """Parse a day; None for an empty or invalid text.

    A year outside of 1900 to 2199 is invalid, because date arithmetic fails at the ends of the calendar.
    """
    if not typed:
        return None
    try:
        read = read_day(typed)
    except ValueError:
        errors.append(FieldError(name, "day", f"{typed!r} is not a day; expected one such as 24/11/2026"))
        return None
    if not FIRST_YEAR <= read.year <= LAST_YEAR:
        errors.append(
            FieldError(name, "year", f"{typed!r} is not a year of ours; expected {FIRST_YEAR} to {LAST_YEAR}")
        )
        return None
    return read


def parse_number(typed: str) -> float | None:
    """Parse ``12.500`` and ``98,5`` as written in Vietnamese, and ``12500`` and ``98.5`` as programs write them; None
    for any other text.
    """
    plain = typed.strip()
    if _GROUPED.fullmatch(plain):
        plain = re.sub(r"[.\u00a0 ]", "", plain)
    try:
        value = float(plain.replace(",", "."))
    except ValueError:
        return None
    return value if 0 <= value < 1e12 else None


def error_messages(error: CampaignError, extra: Sequence[FieldError] = ()) -> dict[str, str]:
    """Return the error messages by field, as ``ui.summary`` and the fields show them.

    An error of one line of a textarea (``feeds.2``) is shown at the textarea with the line's number, one of a table
    cell (``targets.1.quota``) at that cell with the row's number. An error of no field is under ``form``.
    """
    if not isinstance(error, Invalid):
        found = {FIELD_OF.get(error.code, "form"): error_sentence(error)}
        return found | field_error_messages(extra)
    return field_error_messages([*error.errors, *extra])


def field_error_messages(errors: Sequence[FieldError]) -> dict[str, str]:
    """Return the messages of field errors alone; the first one of each field."""
    found: dict[str, str] = {}
    for error in errors:
        name, sentence = error.field, field_sentence(error)
        row = _ROW.fullmatch(name)
        if row and row["name"] != "media":  # a medium has its own fields, which stand with it
            sentence = _("Dòng %(row)s: %(sentence)s", row=int(row["row"]) + 1, sentence=sentence)
            # An error of a line is shown at the textarea; a table cell has its own field.
            name = name if row["cell"] else row["name"]
        found.setdefault(name, sentence)
    return found


MAX_TOKEN_LENGTH = 40


def clean_text(name: str) -> str:
    """Return a field as typed, stripped and without characters that may not be stored; '' when absent."""
    return remove_controls(request.form.get(name, "").replace("\r\n", "\n")).strip()


def query_text(name: str, longest: int) -> str:
    """Return a query value the same way, cut to a maximum length."""
    return remove_controls(request.args.get(name, "")[:longest]).strip()


def form_token() -> str:
    """Return the token of the submitted form, so that it acts once; a new one for a form to be shown."""
    return clean_text("mark")[:MAX_TOKEN_LENGTH] or new_token()


def new_token() -> str:
    """Return a random token."""
    return token_hex(10)


def form_version(name: str) -> int:
    """Return the version that the form was opened at; 0 for an invalid one."""
    return parse_version(clean_text(name))


def parse_version(sent: str) -> int:
    """Parse a version; 0 for an invalid one."""
    return int(sent) if sent.isascii() and sent.isdigit() and len(sent) < 9 else 0
