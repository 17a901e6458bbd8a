"""One company under two names, with rows of every kind on both."""

from dataclasses import dataclass
from datetime import date, timedelta

import sqlalchemy as sa
from sqlalchemy.orm import Session

from campaigns.compliance import finding_workflow
from campaigns.delivery.feed_fetches import FeedFetch
from campaigns.messages import notices
from campaigns.messages.questions import Question, QuestionState, QuestionSubjectKind
from campaigns.partners.agreements import AgreementContent, add_agreement
from campaigns.partners.directory import Company, Site, SiteKind
from campaigns.partners.editor_access import begin_visit, make_editor_link
from campaigns.partners.editors import add_editor
from campaigns.partners.licences import LicenceContent, add_licence
from campaigns.partners.merge_rules import COMPANY_TABLES
from campaigns.people.keys import add_key
from campaigns.republications.page_reports import report_page
from campaigns.rows import METADATA
from tests import factories
from tests.campaigns.compliance.made_findings import proposed
from tests.campaigns.reporting.sample_republications import make_republication
from tests.factories import ADMIN, ANALYST, NOW

FIRST, SECOND = "Công ty Cổ phần Nhịp Sông", "CTCP NHIP SONG"


@dataclass
class Two:
    """Both, as they are entered: ``first`` came first."""

    first: Company
    second: Company
    site: Site
    other_site: Site


def two(session: Session) -> Two:
    """One company under two names, with sites and copies alone: the first has two copies, the second one."""
    first, second = factories.company(session, FIRST), factories.company(session, SECOND)
    site = factories.site(session, first, "https://nhipsong.example/")
    other = factories.site(session, second, "https://tin.nhipsong.example/")
    bulletin = factories.published(session)
    make_republication(session, bulletin, site)
    make_republication(session, bulletin, site)
    make_republication(session, bulletin, other)
    return Two(first, second, site, other)


def laden(session: Session) -> Two:
    """The same with something of every kind on both, and with what both have alike."""
    pair = two(session)
    notice = _notice(session)
    for number, (company, site) in enumerate(((pair.first, pair.site), (pair.second, pair.other_site))):
        add_licence(
            session,
            "test",
            company,
            f"{number}/GP-TTĐT",
            LicenceContent(kind=SiteKind.AGGREGATOR, issuer="Sở", issued_on=date(2024, 1, 1), domains=[site.host]),
            now=NOW,
        )
        add_agreement(session, "test", company, f"{number}/CT", AgreementContent(starts_on=date(2025, 1, 1)), now=NOW)
        factories.channel(session, company=company)
        key = add_key(session, "test", name="Hệ thống", company_id=company.id, now=NOW).row
        session.add(FeedFetch(key_id=key.id, company_id=company.id, feed="rss.xml", at=NOW, status=200, items=1))
        for email in ("chung@nhipsong.example", f"rieng{number}@nhipsong.example"):
            editor = add_editor(session, ADMIN, company, email=email, name="Thu Hà", now=NOW)
            make_editor_link(session, ADMIN, editor, now=NOW)
            begin_visit(session, editor, device="Chrome", now=NOW)
        done = proposed(session, "R8", site, at=NOW)
        done = finding_workflow.conclude_finding(
            session, ANALYST, done.public, 0, confirm=True, note="Chưa có văn bản", now=NOW
        )
        finding_workflow.hand_to_inspection(session, ANALYST, done.public, done.turn, "Chưa sửa", now=NOW)
        session.add(notices.NoticeReceiver(notice_id=notice, company_id=company.id))
        at = NOW + timedelta(hours=2 - number)  # the second read it first, and the first alone confirmed it
        session.add(
            notices.NoticeReadReceipt(
                notice_id=notice, company_id=company.id, edition=1, read_at=at, read_by=f"editor:{number}",
                read_by_name=f"Người {number}", confirmed_at=None if number else at,
                confirmed_by=None if number else "editor:0", confirmed_by_name=None if number else "Người 0",
            )
        )  # fmt: skip
        session.add(
            Question(
                public=f"qst_{number}", form=f"form-{number}", company_id=company.id, state=QuestionState.OPEN,
                about=QuestionSubjectKind.GENERAL, title="Hỏi", asked_at=NOW, changed_at=NOW, waits_since=NOW,
            )
        )  # fmt: skip
        report_page(session, editor.actor, company.id, f"{site.url}bai-{number}-moi", now=NOW)
    session.flush()
    _reported_by_both(session, pair)
    return pair


def _notice(session: Session) -> int:
    row = notices.Notice(
        public="ntc_1", form="form", state=notices.NoticeState.PUBLISHED, audience=notices.NoticeAudience.CHOSEN,
        title="Nhắc việc", body_html="<p>Nhắc.</p>", must_confirm=True, edition=1, version=1, note="",
        written_by="test", written_by_name="test", changed_at=NOW, published_at=NOW, edition_at=NOW,
    )  # fmt: skip
    session.add(row)
    session.flush()
    text = {"title": row.title, "body_html": row.body_html, "must_confirm": True, "note": ""}
    session.add(notices.NoticeEdition(notice_id=row.id, number=1, at=NOW, actor="test", actor_name="test", **text))
    session.flush()
    return row.id


def _reported_by_both(session: Session, pair: Two) -> None:
    """A page that the first reported too, as when a site has changed hands."""
    table = METADATA.tables["page_reports"]
    theirs = session.execute(sa.select(table).where(table.c.company_id == pair.second.id)).mappings().one()
    values = {**theirs, "public": "rpt_both", "company_id": pair.first.id, "at": NOW - timedelta(days=1)}
    values.pop("id")
    session.execute(sa.insert(table).values(**values))


def owners(session: Session) -> dict[str, list[int]]:
    """By table, whose its rows are."""
    return {
        name: list(session.execute(sa.select(METADATA.tables[name].c.company_id)).scalars()) for name in COMPANY_TABLES
    }
