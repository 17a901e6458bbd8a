"""A whole paragraph of the kind that a department writes, from a made-up quarter of its size.

The quarter is entered as a department enters it: the register by an import, bulletins by writing and publishing them,
posts on accounts by settling their deliveries, notices and questions by their workflow, cases as the rows of a
spreadsheet.
"""

from datetime import date, timedelta

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session

from campaigns.bulletins.bulletins import Bulletin
from campaigns.compliance.cases.spreadsheet import CaseEntry, enter_cases
from campaigns.core.clock import city_day, day_start, parse_period
from campaigns.delivery.manual_actions import resolve_delivery
from campaigns.delivery.outbox import Delivery
from campaigns.discovery.sightings import Page, record_listed
from campaigns.matching.matcher import Match
from campaigns.messages import notice_readers, notice_workflow, questions
from campaigns.messages.notice_workflow import NoticeContent
from campaigns.messages.notices import NoticeAudience
from campaigns.messages.questions import QuestionSubject
from campaigns.partners.directory import Company, SiteContent, SiteKind, add_site
from campaigns.partners.licences import find_licence
from campaigns.partners.register.register_reader import RegisterEntry
from campaigns.partners.register.register_writer import import_entries
from campaigns.people.staff import Actor
from campaigns.planning.campaigns import TargetContent, find_campaign
from campaigns.reporting.briefings import briefing_text, versions
from campaigns.reporting.briefings.drilldown import drilldown_rows
from campaigns.reporting.briefings.figures import collect_figures
from campaigns.reporting.rollups.rollup_query import TallyScope
from campaigns.republications.attribution.verdicts import Attribution
from campaigns.republications.republications import EvidenceLevel, RepublicationStatus, new_candidate
from coordinator.db import Database
from coordinator.jobs.reporting.briefings.briefing_document import briefing_letter
from coordinator.jobs.reporting.briefings.briefing_sentences import SentenceFigure, sentence_text, summary_sentences
from tests import factories
from tests.campaigns.compliance.cases.made_cases import fine, organisation, person
from tests.campaigns.partners.test_register_figures import renew, withdraw
from tests.factories import ADMIN, ANALYST, APPROVER, WRITER, planned

QUARTER = parse_period("2026-Q3")
BEGINS = day_start(date(2026, 7, 1)) + timedelta(hours=2)
FROZEN_AT = day_start(date(2026, 10, 5)) + timedelta(hours=2)
EDITOR = Actor("editor:1", "Phòng nội dung", None)
TOPICS = ("dich-benh", "kinh-te-xa-hoi", "an-ninh-quoc-phong")


def register(kind: SiteKind, licences: int, companies: int, code: str) -> list[RegisterEntry]:
    """So many licences of so many companies; seven of them are of the quarter."""
    return [
        RegisterEntry(
            f"Công ty {code} {number % companies:03}", None, f"{number}/GP-{code}", kind, "Sở Thông tin",
            QUARTER.first + timedelta(days=number) if number < 7 else date(2022, 3, 1), date(2032, 3, 1),
            (f"{code.lower()}{number}.example",), (), ("Tin tổng hợp",), "", number + 2,
        )
        for number in range(licences)
    ]  # fmt: skip


def keep_the_register(session: Session) -> None:
    """658 licences of 443 companies and 487 of 349; in the quarter four change, two expire and one is withdrawn."""
    before = BEGINS - timedelta(days=100)
    import_entries(session, "test", "so-a", register(SiteKind.AGGREGATOR, 660, 443, "TTDT"), now=before)
    import_entries(session, "test", "so-b", register(SiteKind.SOCIAL, 488, 349, "MXH"), now=before)
    during = BEGINS + timedelta(days=20)
    for number in range(450, 454):
        renew(session, find_licence(session, f"{number}/GP-TTDT"), date(2036, 1, 1), now=during)
    for number in (460, 461):
        renew(session, find_licence(session, f"{number}/GP-TTDT"), date(2026, 8, 20), now=before)
    withdraw(session, find_licence(session, "400/GP-MXH"), date(2026, 8, 1), now=during)


def publish_daily(session: Session) -> list[Bulletin]:
    """330 bulletins over the quarter on three topics, each posted on both accounts."""
    for name in ("Zalo", "Lotus"):
        row = factories.channel(session, "manual", now=BEGINS)
        row.name = name
    bulletins = []
    for number in range(330):
        now = BEGINS + timedelta(days=number % QUARTER.length, minutes=number)
        bulletins.append(factories.published(session, topic=TOPICS[number % 3], now=now))
    for delivery in session.execute(sa.select(Delivery)).scalars().all():
        resolve_delivery(
            session, APPROVER, delivery, arrived=True, url=None, again=False, now=delivery.bulletin.changed_at
        )
    return bulletins


def republish(session: Session, bulletins: list[Bulletin], copies: int) -> None:
    """So many confirmed copies of the bulletins over the sites of the first companies."""
    owners = (
        session.execute(sa.select(Company).order_by(Company.id).limit(-(-copies // len(bulletins)))).scalars().all()
    )
    left = copies
    for owner in owners:
        url = f"https://{owner.code}.example/"
        site = add_site(
            session, "test", owner, SiteContent(name=owner.name, url=url, kind=SiteKind.AGGREGATOR), now=BEGINS
        )
        some = bulletins[: min(left, len(bulletins))]
        left -= len(some)
        record_listed(session, site, {f"{url}{row.code}": (None, None) for row in some}, "feed", now=BEGINS)
        pages = session.execute(sa.select(Page).where(Page.site_id == site.id).order_by(Page.id)).scalars().all()
        by_url = {page.url: page for page in pages}
        for bulletin in some:
            copy = new_candidate(
                bulletin, by_url[f"{url}{bulletin.code}"], EvidenceLevel.FETCHED, city_day(bulletin.release_at)
            )  # fmt: skip
            copy.status, copy.match, copy.share = RepublicationStatus.CONFIRMED, Match.FULL, 1.0
            copy.attribution = Attribution.LINKED_AT_END
            session.add(copy)
        session.flush()


def brief_partners(session: Session) -> None:
    """Two notices to all, read by three and confirmed by two of them; three questions, two of them answered."""
    companies = session.execute(sa.select(Company).order_by(Company.id).limit(3)).scalars().all()
    for number in range(2):
        wanted = NoticeContent("Quy định mới", "<p>Về trang.</p>", NoticeAudience.ALL, must_confirm=number == 1)
        row = notice_workflow.draft_notice(session, WRITER, wanted, f"n{number}", now=BEGINS)
        notice_workflow.publish_notice(session, APPROVER, row.public, row.version, now=BEGINS)
        for company in companies:
            notice_readers.mark_read(session, EDITOR, company.id, row.public, 1, now=BEGINS)
        if number:
            for company in companies[:2]:
                notice_readers.confirm_notice(session, EDITOR, company.id, row.public, 1, now=BEGINS)
    for number in range(3):
        asked = questions.ask_question(
            session, EDITOR, companies[number].id, "Về quy định", "Hỏi", QuestionSubject(), f"q{number}", now=BEGINS
        )
        if number:
            answered = BEGINS + timedelta(hours=4 * number)
            questions.answer_question(session, ADMIN, asked.public, "Đáp", f"a{number}", 1, now=answered)


def handle_cases(session: Session) -> None:
    """49 organisations and persons, as from a spreadsheet, with fines of nearly 700 million."""
    entries = []
    for number in range(49):
        if number < 32:
            fault = "Không lưu trữ dữ liệu thành viên" if number < 25 else "Quảng cáo xuyên biên giới sai quy định"
            about = organisation(f"Công ty Vi Phạm {number}", f"03{number:08}", fault=fault, fault_on=date(2026, 7, 10))
            amount = 15_000_000 if number else 63_500_000
        else:
            about, amount = person(f"Nguyễn Văn Bình {number}", fault_on=date(2026, 7, 10)), 10_000_000
        decision = fine(f"{number + 1}/QĐ-XPHC", amount, on=date(2026, 8, 15))
        entries.append(CaseEntry(number + 2, about, decision))
    entered = enter_cases(session, ANALYST.id, "cas_1", entries, now=BEGINS + timedelta(days=70))
    assert (entered.counts["cases"], entered.rejected) == (49, ())


SENTENCES = [
    "Đến hết kỳ, trên địa bàn có 658 giấy phép của 443 doanh nghiệp thiết lập trang thông tin điện tử tổng hợp, 487 "
    "giấy phép của 349 doanh nghiệp thiết lập mạng xã hội.",
    "Trong kỳ cấp mới 14 giấy phép, thay đổi nội dung 4 giấy phép, hết hạn 2 giấy phép, thu hồi 1 giấy phép.",
    "So với hết kỳ trước: tăng 5 giấy phép thiết lập trang thông tin điện tử tổng hợp; tăng 6 giấy phép thiết lập mạng "
    "xã hội.",
    "Trong kỳ đã xử lý 49 tổ chức, cá nhân với tổng số tiền phạt gần 700 triệu đồng (698.500.000 đồng); lỗi vi phạm "
    "phổ biến: không lưu trữ dữ liệu thành viên, cung cấp thông tin sai sự thật, quảng cáo xuyên biên giới sai "
    "quy định.",
    "Theo chuyên đề, 12.500 lượt đăng lại đã xác nhận gồm: Dịch bệnh 4.167 lượt, Kinh tế - xã hội 4.167 lượt, An ninh "
    "- quốc phòng 4.166 lượt.",
    "Trong kỳ có 330 bản tin trên các tài khoản chính thức Zalo, Lotus (Zalo 330, Lotus 330).",
    "Trong kỳ đã gửi 2 thông báo tới 792 đối tác; 6 trên 1.584 lượt nhận đã đọc, 2 trên 792 lượt phải xác nhận đã xác "
    "nhận.",
    "Đối tác gửi 3 câu hỏi, đã trả lời 2 câu; thời gian trả lời điển hình 6 giờ.",
]


@pytest.fixture
def quarter(sqlite: Database) -> Database:
    """The quarter, with a plan whose targets are of the next one."""
    with sqlite.write() as session:
        keep_the_register(session)
        republish(session, publish_daily(session), 12_500)
        brief_partners(session)
        handle_cases(session)
        planned(
            session,
            QUARTER.first,
            date(2026, 12, 31),
            TargetContent("republications", 12_000, period="2026-Q3"),
            TargetContent("republications", 12_500, period="2026-Q4"),
            topics=list(TOPICS),
            now=BEGINS,
        )
    return sqlite


def test_the_briefing_writes_the_paragraph_and_each_figure_opens_its_rows(quarter: Database) -> None:
    with quarter.write() as session:
        plan = find_campaign(session, "kh-174")
        row = briefing_text.begin_briefing(session, ANALYST, plan, QUARTER, now=FROZEN_AT)
        version = versions.freeze_version(session, ANALYST, row.public, now=FROZEN_AT)
        figures, public = version.frozen_figures, version.public
        live = collect_figures(session, figures.outline, QUARTER, now=FROZEN_AT)
        assert [sentence_text(sentence) for sentence in summary_sentences(live)] == SENTENCES
        # Only the target of the quarter is stated.
        assert [goal.quota for goal in figures.targets] == [12_000]
        scope = TallyScope(QUARTER, plan.id)
        for part in (part for sentence in summary_sentences(live) for part in sentence):
            if isinstance(part, SentenceFigure):
                rows = drilldown_rows(session, scope, part.which, now=FROZEN_AT)
                assert f"{len(rows):,}".replace(",", ".") == part.text, part
    paper = briefing_letter(figures, version.frozen_text, drawn=False)
    text = "\n".join(words for section in paper.sections for words in section.paragraphs)
    assert [sentence for sentence in SENTENCES if sentence not in text] == []
    _go_on(quarter)
    with quarter.read() as session:
        version = versions.find_version(session, public)
        derived = versions.rederive(session, version)
        assert derived.changes == ()
        assert derived.equal
        assert [sentence_text(sentence) for sentence in summary_sentences(version.frozen_figures)] == SENTENCES


def _go_on(database: Database) -> None:
    """What happens in the weeks after the freezing: licences change hands, notices are read, questions answered."""
    later = FROZEN_AT + timedelta(days=9)
    with database.write() as session:
        renew(session, find_licence(session, "470/GP-TTDT"), date(2026, 9, 1), now=later)
        import_entries(session, "test", "so-c", register(SiteKind.SOCIAL, 500, 349, "MXH"), now=later)
        company = session.execute(sa.select(Company).order_by(Company.id.desc()).limit(1)).scalar_one()
        for notice in notice_readers.partner_notices(session, company.id, now=later):
            notice_readers.confirm_notice(session, EDITOR, company.id, notice.notice.public, 1, now=later)
        question = session.execute(sa.select(questions.Question).where(questions.Question.form == "q0")).scalar_one()
        questions.answer_question(session, ADMIN, question.public, "Đáp muộn", "late", 1, now=later)
        new = factories.channel(session, "manual", now=later)
        assert new.company_id is None
        bulletin = factories.published(session, now=later)
        assert bulletin.released_on not in QUARTER
