"""A notice reaches exactly those it is for; each reads it once, and once more after a correction."""

import random
from datetime import date, timedelta

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session

from campaigns.channels.channels import ChannelState
from campaigns.core import journal
from campaigns.core.errors import Conflict, Forbidden, Invalid, NotFound
from campaigns.messages import notice_readers, notice_workflow
from campaigns.messages import notices as notice_rows
from campaigns.messages.notice_workflow import NoticeContent
from campaigns.messages.notices import NoticeAudience, NoticeEdition, NoticeReadReceipt, NoticeState
from campaigns.people.staff import Actor
from tests import factories
from tests.factories import ADMIN, ANALYST, APPROVER, NOW, WRITER

TODAY = date(2026, 11, 24)
REQUEST = NoticeContent("Thêm ảnh đếm", "<p>Mời thêm ảnh đếm.</p>", NoticeAudience.ALL)
EDITOR = Actor("key:abc", "Phòng nội dung", None)


def out(session: Session, wanted: NoticeContent = REQUEST) -> str:
    """A notice that is published; its name."""
    row = notice_workflow.draft_notice(session, WRITER, wanted, f"form-{next(factories._numbers)}", now=NOW)
    return notice_workflow.publish_notice(session, APPROVER, row.public, row.version, now=NOW).public


def test_writers_write_and_approvers_publish(session: Session) -> None:
    row = notice_workflow.draft_notice(session, WRITER, REQUEST, "a", now=NOW)
    with pytest.raises(Forbidden):
        notice_workflow.publish_notice(session, WRITER, row.public, row.version, now=NOW)
    with pytest.raises(Forbidden):
        notice_workflow.draft_notice(session, ANALYST, REQUEST, "b", now=NOW)
    with pytest.raises(Forbidden):
        notice_workflow.publish_notice(session, EDITOR, row.public, row.version, now=NOW)
    assert (
        notice_workflow.publish_notice(session, ADMIN, row.public, row.version, now=NOW).state is NoticeState.PUBLISHED
    )


def test_a_form_sent_twice_makes_one_draft_and_a_press_sent_twice_one_edition(session: Session) -> None:
    row = notice_workflow.draft_notice(session, WRITER, REQUEST, "a", now=NOW)
    assert notice_workflow.draft_notice(session, WRITER, REQUEST, "a", now=NOW) is row
    version = row.version
    for _ in range(2):
        notice_workflow.publish_notice(session, APPROVER, row.public, version, now=NOW)
    assert len(session.execute(sa.select(NoticeEdition)).all()) == 1


def test_a_late_save_changes_nothing(session: Session) -> None:
    row = notice_workflow.draft_notice(session, WRITER, REQUEST, "a", now=NOW)
    opened = row.version
    notice_workflow.revise_notice(session, APPROVER, row.public, REQUEST, opened, now=NOW)
    other = NoticeContent("Khác", "<p>Khác.</p>", NoticeAudience.ALL)
    for act in (
        lambda: notice_workflow.revise_notice(session, WRITER, row.public, other, opened, now=NOW),
        lambda: notice_workflow.publish_notice(session, APPROVER, row.public, opened, now=NOW),
        lambda: notice_workflow.discard_notice(session, WRITER, row.public, opened, now=NOW),
        lambda: notice_workflow.correct_notice(session, APPROVER, row.public, other, "Sửa", row.version, now=NOW),
        lambda: notice_workflow.withdraw_notice(session, APPROVER, row.public, "Thôi", row.version, now=NOW),
    ):
        with pytest.raises(Conflict) as exception_info:
            act()
        assert exception_info.value.code == "notice_moved"
    assert row.title == REQUEST.title


@pytest.mark.parametrize(
    ("wanted", "fields"),
    [
        (NoticeContent(" ", "", NoticeAudience.ALL), {"heading", "words"}),
        (NoticeContent("x" * 301, "<p>x</p>", NoticeAudience.TOPIC, "khong-co"), {"heading", "topic"}),
        (NoticeContent("x", "<p>x</p>", NoticeAudience.CHOSEN), {"partners"}),
        (NoticeContent("x", "<p>x</p>", NoticeAudience.CHOSEN, partners=["khong-co"]), {"partners"}),
    ],
)
def test_every_bad_field_is_named(session: Session, wanted: NoticeContent, fields: set[str]) -> None:
    with pytest.raises(Invalid) as exception_info:
        notice_workflow.draft_notice(session, WRITER, wanted, "a", now=NOW)
    assert {error.field for error in exception_info.value.errors} == fields


def test_nothing_goes_out_with_a_deadline_that_is_over(session: Session) -> None:
    wanted = NoticeContent("x", "<p>x</p>", NoticeAudience.ALL, deadline=TODAY - timedelta(days=1))
    row = notice_workflow.draft_notice(session, WRITER, wanted, "a", now=NOW)
    with pytest.raises(Invalid):
        notice_workflow.publish_notice(session, APPROVER, row.public, row.version, now=NOW)


def test_a_reading_is_kept_once_with_who_read_first(session: Session) -> None:
    company = factories.company(session)
    name = out(session)
    notice_readers.mark_read(session, EDITOR, company.id, name, 1, now=NOW)
    notice = notice_readers.mark_read(session, Actor("key:xyz", "Người khác", None), company.id, name, 1, now=NOW)
    assert notice.reading is not None
    assert notice.reading.read_by_name == "Phòng nội dung"
    session.commit()
    acts = session.execute(sa.select(journal.JournalEntry.act).where(journal.JournalEntry.act == "notice.read")).all()
    assert len(acts) == 1


def test_after_a_correction_everybody_is_asked_again_and_the_old_page_reads_nothing(session: Session) -> None:
    company = factories.company(session)
    wanted = NoticeContent("x", "<p>x</p>", NoticeAudience.ALL, must_confirm=True)
    name = out(session, wanted)
    assert notice_readers.confirm_notice(session, EDITOR, company.id, name, 1, now=NOW).confirmed
    row = notice_readers.find_partner_notice(session, company.id, name, now=NOW).notice
    notice_workflow.correct_notice(session, APPROVER, name, wanted, "Đổi ngày", row.version, now=NOW)
    notice = notice_readers.find_partner_notice(session, company.id, name, now=NOW)
    assert (notice.read, notice.open, notice.notice.note) == (False, True, "Đổi ngày")
    for act in (notice_readers.mark_read, notice_readers.confirm_notice):
        with pytest.raises(Conflict) as exception_info:
            act(session, EDITOR, company.id, name, 1, now=NOW)
        assert exception_info.value.code == "notice_corrected"
    (line,) = notice_readers.receiver_statuses(session, row, now=NOW)
    assert (line.earlier, line.notice.read) == (1, False)


def test_what_is_withdrawn_is_announced_to_those_who_read_it_and_to_nobody_else(session: Session) -> None:
    reader, other = factories.company(session), factories.company(session)
    name = out(session)
    notice = notice_readers.mark_read(session, EDITOR, reader.id, name, 1, now=NOW)
    notice_workflow.withdraw_notice(session, APPROVER, name, "Đã có văn bản mới", notice.notice.version, now=NOW)
    shown = notice_readers.find_partner_notice(session, reader.id, name, now=NOW)
    assert (shown.notice.state, shown.open) == (NoticeState.WITHDRAWN, False)
    with pytest.raises(NotFound):
        notice_readers.find_partner_notice(session, other.id, name, now=NOW)
    notice_workflow.restore_notice(session, APPROVER, name, now=NOW)
    assert notice_readers.find_partner_notice(session, other.id, name, now=NOW).open
    assert notice_readers.find_partner_notice(session, reader.id, name, now=NOW).read


def test_a_partner_that_comes_later_sees_what_is_in_force_and_is_not_late_for_it(session: Session) -> None:
    old = factories.company(session)
    name = out(session, NoticeContent("x", "<p>x</p>", NoticeAudience.ALL, deadline=TODAY))
    later = NOW + timedelta(days=3)
    new = factories.company(session, now=later)
    assert [notice.late for notice in notice_readers.partner_notices(session, old.id, now=later)] == [True]
    assert [
        (notice.notice.public, notice.late) for notice in notice_readers.partner_notices(session, new.id, now=later)
    ] == [(name, False)]
    assert not notice_readers.find_partner_notice(session, old.id, name, now=NOW).late


@pytest.mark.parametrize("seed", range(6))
def test_each_partner_sees_what_is_for_it_and_reads_for_itself_alone(session: Session, seed: int) -> None:
    """Against a reckoning by hand, over random partners, channels and notices."""
    dice = random.Random(seed)
    topics = ("dich-benh", "kinh-te-xa-hoi", "an-ninh-quoc-phong")
    companies = [factories.company(session) for _ in range(4)]
    takes: dict[int, list[list[str] | None]] = {company.id: [] for company in companies}
    for _ in range(dice.randint(0, 6)):
        owner = dice.choice(companies)
        chosen = dice.choice([None, dice.sample(topics, dice.randint(1, 2))])
        row = factories.channel(session, company=owner, topics=chosen)
        if dice.random() < 0.2:
            row.state = ChannelState.RETIRED
        else:
            takes[owner.id].append(chosen)
    meant: dict[str, set[int]] = {}
    for _ in range(8):
        audience = dice.choice(list(NoticeAudience))
        topic, some = dice.choice(topics), dice.sample(companies, dice.randint(1, 3))
        name = out(session, NoticeContent("x", "<p>x</p>", audience, topic, [company.code for company in some]))
        meant[name] = {
            NoticeAudience.ALL: {company.id for company in companies},
            NoticeAudience.CHOSEN: {company.id for company in some},
            NoticeAudience.TOPIC: {
                company.id
                for company in companies
                if not takes[company.id] or any(has is None or topic in has for has in takes[company.id])
            },
        }[audience]
    read: set[tuple[str, int]] = set()
    for name, company in ((dice.choice(list(meant)), dice.choice(companies)) for _ in range(20)):
        if company.id in meant[name]:
            notice_readers.mark_read(session, EDITOR, company.id, name, 1, now=NOW)
            read.add((name, company.id))
        else:
            with pytest.raises(NotFound):
                notice_readers.mark_read(session, EDITOR, company.id, name, 1, now=NOW)
    for company in companies:
        values = {
            notice.notice.public: notice.read for notice in notice_readers.partner_notices(session, company.id, now=NOW)
        }
        assert values == {name: (name, company.id) in read for name, ids in meant.items() if company.id in ids}
    notices = [notice_workflow.find_notice(session, name) for name in meant]
    ids = {company.code: company.id for company in companies}
    for notice in notices:
        lines = notice_readers.receiver_statuses(session, notice, now=NOW)
        assert {ids[line.code] for line in lines} == meant[notice.public]
        assert {ids[line.code] for line in lines if line.notice.read} == {
            number for name, number in read if name == notice.public
        }
        count = notice_rows.notice_counts(session, notices, now=NOW)[notice.id]
        assert (count.receivers, count.read) == (len(lines), sum(line.notice.read for line in lines))
    assert len(session.execute(sa.select(NoticeReadReceipt)).all()) == len(read)
