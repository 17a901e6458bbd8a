"""Official letters, and the office's Word templates, which are checked before they are installed."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from campaigns.core.clock import city_day
from campaigns.people.office import office_on, signer_on
from campaigns.people.staff import Actor, Permission
from campaigns.reporting.word_templates import TemplateKind, WordTemplate, current_template, replace_template
from coordinator.exports.documents.briefing import Signature
from coordinator.exports.documents.letter_texts import (
    REMINDER_WORDING,
    THANK_YOU_WORDING,
    LetterSender,
    LetterValue,
    LetterWording,
)
from coordinator.exports.errors import ExportError, InvalidTemplate
from coordinator.imports.decoding import UnreadableDocument
from coordinator.sandbox import ChildFailed, run_child

# Official letters: the sender and the template of a day, and the fields of each letter.


DOCX_MEDIA_TYPE = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
LETTER_WORDINGS: Mapping[TemplateKind, LetterWording] = {
    TemplateKind.THANKS: THANK_YOU_WORDING,
    TemplateKind.REMINDER: REMINDER_WORDING,
}
_UNNAMED_SIGNER = Signature("Thủ trưởng cơ quan")  # without an office, which the signer adds


@dataclass(frozen=True)
class Stationery:
    """The common values of letters of one kind and day. ``template``: the office's, None for the shipped one."""

    wording: LetterWording
    sender: LetterSender
    template: bytes | None
    now: datetime

    def written(self, own: Mapping[str, LetterValue]) -> bytes:
        """Return one letter as ``.docx``. Raises ``ExportError`` for a template that cannot be filled in."""
        from coordinator.exports.documents.letters import write_letter  # noqa: PLC0415 - python-docx costs every start 70 ms otherwise

        return write_letter(self.wording, self.sender, own, now=self.now, template=self.template)


def stationery(session: Session, of: TemplateKind, *, now: datetime) -> Stationery:
    """Return the department's name, the signer of this day, and the template in use."""
    day = city_day(now)
    office, signer, own = office_on(session, day), signer_on(session, day), current_template(session, of)
    signature = Signature(signer.authority, signer.name) if signer is not None else _UNNAMED_SIGNER
    sender = LetterSender(office.name, office.parent, office.place, signature)
    return Stationery(LETTER_WORDINGS[of], sender, own.body if own is not None else None, now)


LARGEST_TEMPLATE = 5_000_000  # bytes; a letterhead with a coat of arms has some hundred thousand


def shipped_template(of: TemplateKind) -> bytes:
    """Return the shipped template, a ``.docx``."""
    from coordinator.exports.documents import letters, word_template  # noqa: PLC0415 - python-docx costs 70 ms at start

    return (
        word_template.default_briefing_template()
        if of is TemplateKind.BRIEFING
        else letters.default_letter_template(LETTER_WORDINGS[of])
    )


def check_template(actor: Actor, of: TemplateKind, name: str, body: bytes) -> None:
    """Raise ``UnreadableDocument`` for an invalid Word file, ``ExportError`` for an invalid template, with the error
    and its paragraph, or ``Forbidden``. Takes no session, since it may take a second."""
    actor.require(Permission.CONFIGURE)
    lowered = name.lower()
    if lowered.endswith((".docm", ".dotm")):
        raise UnreadableDocument("this Word file carries macros; save it as .docx without them", code="macros")
    from coordinator.jobs.reporting.template_reading import read_template  # noqa: PLC0415 - python-docx costs 70 ms at start

    try:
        run_child(
            read_template, body, LARGEST_TEMPLATE, LETTER_WORDINGS.get(of),
            raises=(UnreadableDocument, InvalidTemplate, ExportError),
        )  # fmt: skip
    except ChildFailed as error:
        raise UnreadableDocument(str(error), code=error.code) from error


def install_template(
    session: Session, actor: Actor, of: TemplateKind, name: str, body: bytes, *, now: datetime
) -> WordTemplate:
    """Install a template that ``check_template`` accepted."""
    return replace_template(session, actor, of, name, body, now=now)
