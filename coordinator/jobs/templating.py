"""The office's own Word templates: what it brings is checked, tried and only then put in place."""

from datetime import datetime

from sqlalchemy.orm import Session

from campaigns.people.staff import Actor, May
from campaigns.reporting.templates import TemplateOf, WordTemplate, put_in_place
from coordinator.imports.unreadable import UnreadableDocument
from coordinator.imports.word import check_container
from coordinator.jobs.dispatching import WORDINGS

LARGEST = 5_000_000  # bytes; a letterhead with a coat of arms has some hundred thousand


def shipped(of: TemplateOf) -> bytes:
    """The template that comes with the product, a ``.docx``."""
    from coordinator.exports import dispatch, letter  # noqa: PLC0415 - python-docx costs every start 70 ms otherwise

    return letter.shipped() if of is TemplateOf.BRIEFING else dispatch.shipped(WORDINGS[of])


def proofed(actor: Actor, of: TemplateOf, name: str, body: bytes) -> None:
    """Raise ``UnreadableDocument`` for what is no sound Word file, ``ExportError`` for a template that does not fit,
    with what is wrong and in which paragraph; ``Forbidden``. Takes no session: it may take a second."""
    from coordinator.exports.proofing import proof, proof_letter  # noqa: PLC0415 - the same

    actor.require(May.CONFIGURE)
    lowered = name.lower()
    if lowered.endswith((".docm", ".dotm")):
        raise UnreadableDocument("this Word file carries macros; save it as .docx without them", code="macros")
    check_container(body, LARGEST)
    if of is TemplateOf.BRIEFING:
        proof(body)
    else:
        proof_letter(body, WORDINGS[of])


def bring(session: Session, actor: Actor, of: TemplateOf, name: str, body: bytes, *, now: datetime) -> WordTemplate:
    """Put a template in place that was ``proofed``."""
    return put_in_place(session, actor, of, name, body, now=now)
