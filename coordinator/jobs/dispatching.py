"""Official letters: who sends them on a day and in which template, and each letter's own words filled in."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from campaigns.core.clock import city_day
from campaigns.people.letterheads import office_on, signer_on
from campaigns.reporting.templates import TemplateOf, in_use
from coordinator.exports.document import Signature
from coordinator.exports.reminder import REMINDER
from coordinator.exports.thanks import THANKS
from coordinator.exports.wording import Sender, Value, Wording

MEDIA_TYPE = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
WORDINGS: Mapping[TemplateOf, Wording] = {TemplateOf.THANKS: THANKS, TemplateOf.REMINDER: REMINDER}
_NOBODY = Signature("Thủ trưởng cơ quan")  # in no office's name: whoever signs puts their own over it


@dataclass(frozen=True)
class Stationery:
    """All that letters of one kind and day have in common. ``template``: the office's own, None for the shipped."""

    wording: Wording
    sender: Sender
    template: bytes | None
    now: datetime

    def written(self, own: Mapping[str, Value]) -> bytes:
        """One letter as ``.docx``. Raises ``ExportError`` for a template that cannot be filled in."""
        from coordinator.exports.dispatch import write_dispatch  # noqa: PLC0415 - python-docx costs every start 70 ms otherwise

        return write_dispatch(self.wording, self.sender, own, now=self.now, template=self.template)


def stationery(session: Session, of: TemplateOf, *, now: datetime) -> Stationery:
    """What letters are written on: the department's name and signer of this day, in the template that is used."""
    day = city_day(now)
    office, signer, own = office_on(session, day), signer_on(session, day), in_use(session, of)
    signature = Signature(signer.authority, signer.name) if signer is not None else _NOBODY
    sender = Sender(office.name, office.parent, office.place, signature)
    return Stationery(WORDINGS[of], sender, own.body if own is not None else None, now)
