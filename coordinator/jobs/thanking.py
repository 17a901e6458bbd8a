"""Thank-you letters: one for each partner that has a place in the ranking of a period."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from campaigns.core.clock import Period
from campaigns.core.errors import NotFound
from campaigns.reporting.ranking import Placed, Recognition, recognition
from campaigns.reporting.templates import TemplateOf
from coordinator.exports.bundle import bundled
from coordinator.exports.format import vi_number, vi_percent
from coordinator.exports.thanks import Thanks
from coordinator.jobs.briefing_document import period_words
from coordinator.jobs.dispatching import MEDIA_TYPE, stationery
from coordinator.jobs.reporting import Report


@dataclass(frozen=True)
class Thanked:
    """A partner's code with what its letter says."""

    code: str
    letter: Thanks


def letters(session: Session, period: Period) -> list[Thanked]:
    """Whom to thank for a period, in the order of the ranking by number."""
    told = recognition(session, period)
    shares = {one.merit.code: one for one in told.by_share}
    return [
        Thanked(
            one.merit.code,
            Thanks(
                partner=one.merit.name,
                period=period_words(period),
                figures=tuple(_figures(one, shares[one.merit.code], told)),
            ),
        )
        for one in told.by_number
    ]


def _figures(one: Placed, by_share: Placed, told: Recognition) -> Iterator[str]:
    merit = one.merit
    yield (
        f"Trong kỳ, các trang của đơn vị có {vi_number(merit.confirmed)} bài đăng lại được xác nhận, trong đó "
        f"{vi_number(merit.proper)} bài đăng đủ toàn văn và có đường dẫn tới bản tin ở cuối bài "
        f"({vi_percent(merit.share)})."
    )
    yield (
        f"Trong {vi_number(len(told.by_number))} đối tác đủ bài để xếp, đơn vị đứng thứ {one.place} về số bài đúng quy "
        f"định và thứ {by_share.place} về tỷ lệ bài đúng quy định."
    )


def one_letter(session: Session, period: Period, code: str, *, now: datetime) -> Report:
    """One partner's letter, of ``now``. Raises ``NotFound`` for who has no place in this period, ``ExportError``."""
    for thanked in letters(session, period):
        if thanked.code == code:
            paper = stationery(session, TemplateOf.THANKS, now=now)
            return Report(_name(code, period), MEDIA_TYPE, paper.written(thanked.letter.fields))
    raise NotFound(f"{code} has no place in {period.label}", partner=code)


def every_letter(session: Session, period: Period, *, now: datetime) -> Report:
    """All of them as one ZIP, an empty one where nobody has a place. Raises ``ExportError``."""
    paper = stationery(session, TemplateOf.THANKS, now=now)
    named = [(_name(one.code, period), paper.written(one.letter.fields)) for one in letters(session, period)]
    return Report(f"thu-cam-on-{_label(period)}.zip", "application/zip", bundled(named))


def _name(code: str, period: Period) -> str:
    return f"cam-on-{code}-{_label(period)}.docx"


def _label(period: Period) -> str:
    return period.label.replace("..", "_")
