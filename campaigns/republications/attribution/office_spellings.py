"""The office's own abbreviations, rows beside the table of ``name_spellings``; its names for the judge."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy.orm import Session

from campaigns.core import journal
from campaigns.core.errors import FieldError, Invalid
from campaigns.people.office import Office, current_office
from campaigns.republications.attribution.name_spellings import OfficeSpellings, are_known_apart, same_words
from campaigns.republications.attribution.source_lines import SourceName, our_name_in

MOST_ROWS = 100
MOST_CHARACTERS = 120  # of either side of a row
_FIELD = "spellings"


def office_source_names(office: Office) -> tuple[SourceName, ...]:
    """Return the names that count as naming us, with the similar names of others and the office's abbreviations."""
    rows = OfficeSpellings(tuple((short, full) for short, full in office.spellings))
    return tuple(SourceName(name, not_us=tuple(office.not_us), spellings=rows) for name in office.source_names)


def spelling_line(row: Sequence[str]) -> str:
    """Return a row as it is typed: ``STTTT = Sở Thông tin và Truyền thông``."""
    return " = ".join(row)


def save_spellings(
    session: Session, actor: str, lines: Sequence[str], *, others: Sequence[str] = (), now: datetime
) -> None:
    """Replace the office's abbreviations, one row a line: ``viết tắt = viết đủ``. A change has its own journal entry.

    ``others``: known names that are not ours, such as the partners', besides those listed with the office. Raises
    ``Invalid`` naming each bad line as ``spellings.<number from 0>``: without two sides, too long, of two sides that
    are the same already, or by which one name would also be another known one.
    """
    office = current_office(session)
    rows = [tuple(part.strip() for part in line.split("=")) for line in lines]
    errors = [FieldError(_FIELD, "too_many_rows", f"at most {MOST_ROWS} rows")] if len(rows) > MOST_ROWS else []
    sound = [row for row in rows[:MOST_ROWS] if _row_fault(row) is None]
    joined = _names_that_join(sound, office.source_names, [*office.not_us, *others])
    for number, row in enumerate(rows[:MOST_ROWS]):
        if (fault := _row_fault(row) or _joining_fault(row, office.source_names, joined)) is not None:
            errors.append(FieldError(f"{_FIELD}.{number}", *fault))
    if joined and not errors:
        errors.append(FieldError(_FIELD, "spelling_joins", f"together they make {joined[0]} one of our names"))
    if errors:
        raise Invalid(errors)
    before, after = office.spellings, [list(row) for row in dict.fromkeys(rows)]
    if after == before:
        return
    office.spellings = after
    session.add(office)
    session.flush()
    changes = {
        "spellings_added": [spelling_line(row) for row in after if row not in before],
        "spellings_removed": [spelling_line(row) for row in before if row not in after],
    }
    details = {name: found for name, found in changes.items() if found}
    journal.record(session, actor, "office.spellings_changed", "office", office.name, details, now=now)


def _row_fault(row: Sequence[str]) -> tuple[str, str] | None:
    """Return the code and the sentence of what is wrong with a row by itself."""
    if len(row) != 2 or not all(row):
        return "spelling_form", "expected an abbreviation, one = and what it stands for"
    if any(len(side) > MOST_CHARACTERS for side in row):
        return "too_long", f"a side has more than {MOST_CHARACTERS} letters"
    if same_words(*row):
        return "spelling_equal", "both sides are the same but for case, marks and punctuation"
    return None


def _names_that_join(rows: Sequence[Sequence[str]], ours: Sequence[str], others: Sequence[str]) -> list[str]:
    """Return the names of others that would be ours with these rows and are not without them."""
    plain, spelled = _spelled(ours, ()), _spelled(ours, rows)
    return [name for name in others if our_name_in(name, spelled) is not None and our_name_in(name, plain) is None]


def _joining_fault(row: Sequence[str], ours: Sequence[str], joined: Sequence[str]) -> tuple[str, str] | None:
    """Return the fault of a row by which two different known names would be one: two that the table tells apart, or
    one of ours and another's (``joined``, of all rows together)."""
    if are_known_apart(*row):
        return "spelling_joins", f"{row[0]} and {row[1]} are known as two different things"
    if not joined:
        return None
    spelled = _spelled(ours, (row,))
    other = next((name for name in joined if our_name_in(name, spelled) is not None), None)
    return ("spelling_joins", f"with it {other} would be one of our names") if other is not None else None


def _spelled(names: Sequence[str], rows: Sequence[Sequence[str]]) -> list[SourceName]:
    spellings = OfficeSpellings(tuple(map(tuple, rows)))
    return [SourceName(name, spellings=spellings) for name in names]
