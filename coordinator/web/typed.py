"""What people typed into a form of a conversation, fit to be stored, and what the form says of itself."""

from secrets import token_hex

from flask import request

from coordinator.imports.characters import storable

LONGEST_MARK = 40


def words(name: str) -> str:
    """A field as typed, without characters that may not be stored and the spaces around it; '' when absent."""
    return storable(request.form.get(name, "").replace("\r\n", "\n"))[0].strip()


def asked(name: str, longest: int) -> str:
    """The same of an address's query, at most so long."""
    return storable(request.args.get(name, "")[:longest])[0].strip()


def mark() -> str:
    """The name of the form that was sent, so that it acts once; a new one for a form that is about to be shown."""
    return words("mark")[:LONGEST_MARK] or token_hex(10)


def number(name: str) -> int:
    """A count or version that the form was opened on; 0 for anything that is none."""
    sent = words(name)
    return int(sent) if sent.isascii() and sent.isdigit() and len(sent) < 9 else 0
