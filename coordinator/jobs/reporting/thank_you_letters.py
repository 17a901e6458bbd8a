"""Thank-you letters: one for each partner in the ranking of a period."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from campaigns.core.clock import Period
from campaigns.core.errors import NotFound
from campaigns.reporting.table_reports.ranking import PartnerRanking, RankedPartner, rank_partners
from campaigns.reporting.word_templates import TemplateKind
from coordinator.exports.documents.letter_texts import ThankYouLetter
from coordinator.exports.downloads import zip_files
from coordinator.exports.format import vi_number, vi_percent
from coordinator.jobs.reporting.briefings.briefing_document import period_words
from coordinator.jobs.reporting.official_letters import DOCX_MEDIA_TYPE, stationery
from coordinator.jobs.reporting.rendered_report import RenderedReport


@dataclass(frozen=True)
class PartnerThankYou:
    """A partner's code with the values of its letter."""

    code: str
    letter: ThankYouLetter


def letters(session: Session, period: Period) -> list[PartnerThankYou]:
    """Return the letters of a period, in the order of the ranking by number."""
    ranking = rank_partners(session, period)
    shares = {partner.merit.code: partner for partner in ranking.by_share}
    return [
        PartnerThankYou(
            partner.merit.code,
            ThankYouLetter(
                partner=partner.merit.name,
                period=period_words(period),
                figures=tuple(_figures(partner, shares[partner.merit.code], ranking)),
            ),
        )
        for partner in ranking.by_number
    ]


def _figures(partner: RankedPartner, by_share: RankedPartner, ranking: PartnerRanking) -> Iterator[str]:
    merit = partner.merit
    # Of a post that was seen on a picture alone nobody says how it names its source.
    of_seen = (
        f" trong {vi_number(merit.source_seen)} bài thấy được nguồn" if merit.source_seen < merit.confirmed else ""
    )
    yield (
        f"Trong kỳ, các trang của đơn vị có {vi_number(merit.confirmed)} bài đăng lại được xác nhận, trong đó "
        f"{vi_number(merit.proper)} bài đăng đủ toàn văn và có đường dẫn tới bản tin ở cuối bài "
        f"({vi_percent(merit.share)}{of_seen})."
    )
    yield (
        f"Trong {vi_number(len(ranking.by_number))} đối tác đủ bài để xếp, đơn vị đứng thứ {partner.place} về số bài "
        f"đúng quy định và thứ {by_share.place} về tỷ lệ bài đúng quy định."
    )


def one_letter(session: Session, period: Period, code: str, *, now: datetime) -> RenderedReport:
    """Return one partner's letter, dated ``now``. Raises ``NotFound`` for a partner that is not in the ranking,
    ``ExportError``."""
    for thanked in letters(session, period):
        if thanked.code == code:
            paper = stationery(session, TemplateKind.THANKS, now=now)
            return RenderedReport(_name(code, period), DOCX_MEDIA_TYPE, paper.written(thanked.letter.fields))
    raise NotFound(f"{code} has no place in {period.label}", partner=code)


def every_letter(session: Session, period: Period, *, now: datetime) -> RenderedReport:
    """Return all letters as one ZIP, empty where the ranking is. Raises ``ExportError``."""
    paper = stationery(session, TemplateKind.THANKS, now=now)
    named = [
        (_name(thank_you.code, period), paper.written(thank_you.letter.fields))
        for thank_you in letters(session, period)
    ]
    return RenderedReport(f"thu-cam-on-{_label(period)}.zip", "application/zip", zip_files(named))


def _name(code: str, period: Period) -> str:
    return f"cam-on-{code}-{_label(period)}.docx"


def _label(period: Period) -> str:
    return period.label.replace("..", "_")
