"""Telling people by mail what concerns them, where there is a mail server. The rule is the house's: what changes who
can come in, or what a partner is asked to answer, is told of to whom it concerns, in the same transaction."""

from sqlalchemy.orm import Session

from campaigns.compliance.findings import Finding
from campaigns.partners.editors import Editor, editors_of
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


def tell_of_finding(front: Front, writing: Session, finding: Finding, by: str) -> int:
    """Have a partner's editors told that a finding waits for their answer; how many letters that are."""
    if front.place.mail is None:
        return 0
    told = [one for one in editors_of(writing, finding.company) if one.may_enter]
    for one in told:
        now = front.place.now()
        letters.ask(writing, LetterKind.FINDING, one.email, by=by, what=finding.public, more=one.public, now=now)
    return len(told)
