"""Plain text typed by a person, as HTML."""

import re
from html import escape
from itertools import groupby

from coordinator.imports.text.characters import remove_controls

_BULLET = re.compile(r"\s*[-–•·▪●*+]\s+(?=\S)")
_NUMBER = re.compile(r"\s*(\d{1,3})[.)]\s+(?=\S)")


def text_to_html(text: str) -> str:
    """Paragraphs, lists and line breaks of a plain text as HTML; characters of markup are shown as they are.

    Blank lines separate paragraphs and a single newline breaks the line; in a text without any blank line each line is
    a paragraph. Two or more lines behind "- " are a list, lines behind "1. ", "2. " … a numbered
    one. The result still goes through ``clean_html``.
    """
    lines = [line.strip() for line in remove_controls(text).splitlines()]
    while lines and not lines[-1]:
        lines.pop()
    apart = not any(not line for line in lines)
    pieces: list[str] = []
    for blank, some in groupby(lines, key=lambda line: not line):
        if not blank:
            pieces.extend(_part_html(list(some), apart=apart))
    return "".join(pieces)


def _part_html(lines: list[str], *, apart: bool) -> list[str]:
    pieces: list[str] = []
    for tag, some in groupby(_labelled(lines), key=lambda pair: pair[0]):
        texts = [escape(line, quote=False) for _, line in some]
        if tag:
            pieces.append(f"<{tag}>{''.join(f'<li>{line}</li>' for line in texts)}</{tag}>")
        elif apart:
            pieces.extend(f"<p>{line}</p>" for line in texts)
        else:
            pieces.append(f"<p>{'<br>'.join(texts)}</p>")
    return pieces


def _labelled(lines: list[str]) -> list[tuple[str, str]]:
    """Each line with the list it belongs to ("" for none), its marker cut where it belongs to one."""
    labelled: list[tuple[str, str]] = []
    place = 0
    while place < len(lines):
        bullets = _item_count(lines, place, numbered=False)
        numbers = _item_count(lines, place, numbered=True)
        if bullets >= 2:
            labelled += [("ul", _BULLET.sub("", line, count=1)) for line in lines[place : place + bullets]]
        elif numbers >= 2:
            labelled += [("ol", _NUMBER.sub("", line, count=1)) for line in lines[place : place + numbers]]
        else:
            labelled.append(("", lines[place]))
        place += max(1, bullets if bullets >= 2 else numbers if numbers >= 2 else 1)
    return labelled


def _item_count(lines: list[str], start: int, *, numbered: bool) -> int:
    """How many lines from ``start`` on are items; numbers must count 1, 2, 3 …"""
    count = 0
    for line in lines[start:]:
        found = (_NUMBER if numbered else _BULLET).match(line)
        if not found or (numbered and int(found[1]) != count + 1):
            break
        count += 1
    return count
