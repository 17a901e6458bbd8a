"""Telling people by mail what happened to their account, where there is a mail server. The rule is the house's: what
changes who can come in is told of to whom it concerns, in the same transaction."""

from sqlalchemy.orm import Session

from campaigns.partners.editors import Editor
from campaigns.people import letters
from campaigns.people.letters import LetterKind
from campaigns.people.staff import Person
from coordinator.jobs.workplace import Front

LETTERS = "letter"  # the kind of work that sends them


def tell(front: Front, writing: Session, person: Person, what: str, more: str = "", *, by: str = "") -> None:
    """Have ``person`` told that this happened. ``what``: a key of ``coordinator.mail.words``; ``by``: who did it."""
    if front.place.mail is not None:
        now = front.place.now()
        letters.ask(
            writing, LetterKind.NOTICE, person.email, by=by or person.email, what=what, more=more, now=now
        )  # fmt: skip


def send_link(front: Front, writing: Session, person: Person, by: str) -> None:
    """Have a one-time link mailed to somebody."""
    letters.ask(writing, LetterKind.LINK, person.email, by=by, now=front.place.now())


def send_editor_link(front: Front, writing: Session, editor: Editor, by: str) -> None:
    """Have a one-time link into the portal mailed to a partner's editor."""
    letters.ask(writing, LetterKind.EDITOR, editor.email, by=by, more=editor.public, now=front.place.now())
