"""A notice reaches exactly those it is for; each reads it once, and once more after a correction."""

import random
from datetime import date, timedelta

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session

from campaigns.core import journal
from campaigns.core.errors import Conflict, Forbidden, Invalid, NotFound
from campaigns.people.staff import Actor
from campaigns.publishing.channels import ChannelState
from campaigns.talking import audiences, readers, telling
from campaigns.talking.notices import Audience, Edition, NoticeState, Reading
from campaigns.talking.telling import Wanted
from tests import factories
from tests.factories import ADMIN, ANALYST, APPROVER, NOW, WRITER

TODAY = date(2026, 11, 24)
REQUEST = Wanted("Thêm ảnh đếm", "<p>Mời thêm ảnh đếm.</p>", Audience.ALL)
EDITOR = Actor("key:abc", "Phòng nội dung", None)


def out(session: Session, wanted: Wanted = REQUEST) -> str:
    """A notice that is published; its name."""
    row = telling.draft(session, WRITER, wanted, f"form-{next(factories._numbers)}", now=NOW)
    return telling.publish(session, APPROVER, row.public, row.version, now=NOW).public


def test_writers_write_and_approvers_publish(session: Session) -> None:
    row = telling.draft(session, WRITER, REQUEST, "a", now=NOW)
    with pytest.raises(Forbidden):
        telling.publish(session, WRITER, row.public, row.version, now=NOW)
    with pytest.raises(Forbidden):
        telling.draft(session, ANALYST, REQUEST, "b", now=NOW)
    with pytest.raises(Forbidden):
        telling.publish(session, EDITOR, row.public, row.version, now=NOW)
    assert telling.publish(session, ADMIN, row.public, row.version, now=NOW).state is NoticeState.PUBLISHED


def test_a_form_sent_twice_makes_one_draft_and_a_press_sent_twice_one_edition(session: Session) -> None:
    row = telling.draft(session, WRITER, REQUEST, "a", now=NOW)
    assert telling.draft(session, WRITER, REQUEST, "a", now=NOW) is row
    version = row.version
    for _ in range(2):
        telling.publish(session, APPROVER, row.public, version, now=NOW)
    assert len(session.execute(sa.select(Edition)).all()) == 1


def test_whoever_is_overtaken_changes_nothing(session: Session) -> None:
    row = telling.draft(session, WRITER, REQUEST, "a", now=NOW)
    opened = row.version
    telling.revise(session, APPROVER, row.public, REQUEST, opened, now=NOW)
    other = Wanted("Khác", "<p>Khác.</p>", Audience.ALL)
    for act in (
        lambda: telling.revise(session, WRITER, row.public, other, opened, now=NOW),
        lambda: telling.publish(session, APPROVER, row.public, opened, now=NOW),
        lambda: telling.discard(session, WRITER, row.public, opened, now=NOW),
        lambda: telling.correct(session, APPROVER, row.public, other, "Sửa", row.version, now=NOW),
        lambda: telling.withdraw(session, APPROVER, row.public, "Thôi", row.version, now=NOW),
    ):
        with pytest.raises(Conflict) as told:
            act()
        assert told.value.code == "notice_moved"
    assert row.title == REQUEST.title


@pytest.mark.parametrize(
    ("wanted", "fields"),
    [
        (Wanted(" ", "", Audience.ALL), {"heading", "words"}),
        (Wanted("x" * 301, "<p>x</p>", Audience.TOPIC, "khong-co"), {"heading", "topic"}),
        (Wanted("x", "<p>x</p>", Audience.CHOSEN), {"partners"}),
        (Wanted("x", "<p>x</p>", Audience.CHOSEN, partners=["khong-co"]), {"partners"}),
    ],
)
def test_every_bad_field_is_named(session: Session, wanted: Wanted, fields: set[str]) -> None:
    with pytest.raises(Invalid) as told:
        telling.draft(session, WRITER, wanted, "a", now=NOW)
    assert {error.field for error in told.value.errors} == fields


def test_nothing_goes_out_with_a_deadline_that_is_over(session: Session) -> None:
    wanted = Wanted("x", "<p>x</p>", Audience.ALL, deadline=TODAY - timedelta(days=1))
    row = telling.draft(session, WRITER, wanted, "a", now=NOW)
    with pytest.raises(Invalid):
        telling.publish(session, APPROVER, row.public, row.version, now=NOW)


def test_a_reading_is_kept_once_with_who_read_first(session: Session) -> None:
    company = factories.company(session)
    name = out(session)
    readers.read(session, EDITOR, company.id, name, 1, now=NOW)
    one = readers.read(session, Actor("key:xyz", "Người khác", None), company.id, name, 1, now=NOW)
    assert one.reading is not None
    assert one.reading.read_by_name == "Phòng nội dung"
    session.commit()
    acts = session.execute(sa.select(journal.Entry.act).where(journal.Entry.act == "notice.read")).all()
    assert len(acts) == 1


def test_after_a_correction_everybody_is_asked_again_and_the_old_page_reads_nothing(session: Session) -> None:
    company = factories.company(session)
    wanted = Wanted("x", "<p>x</p>", Audience.ALL, must_confirm=True)
    name = out(session, wanted)
    assert readers.confirm(session, EDITOR, company.id, name, 1, now=NOW).confirmed
    row = readers.told_one(session, company.id, name, now=NOW).notice
    telling.correct(session, APPROVER, name, wanted, "Đổi ngày", row.version, now=NOW)
    one = readers.told_one(session, company.id, name, now=NOW)
    assert (one.read, one.open, one.notice.note) == (False, True, "Đổi ngày")
    for act in (readers.read, readers.confirm):
        with pytest.raises(Conflict) as told:
            act(session, EDITOR, company.id, name, 1, now=NOW)
        assert told.value.code == "notice_corrected"
    (line,) = readers.receiving(session, row, now=NOW)
    assert (line.earlier, line.told.read) == (1, False)


def test_what_is_withdrawn_is_told_to_those_who_read_it_and_to_nobody_else(session: Session) -> None:
    reader, other = factories.company(session), factories.company(session)
    name = out(session)
    one = readers.read(session, EDITOR, reader.id, name, 1, now=NOW)
    telling.withdraw(session, APPROVER, name, "Đã có văn bản mới", one.notice.version, now=NOW)
    shown = readers.told_one(session, reader.id, name, now=NOW)
    assert (shown.notice.state, shown.open) == (NoticeState.WITHDRAWN, False)
    with pytest.raises(NotFound):
        readers.told_one(session, other.id, name, now=NOW)
    telling.restore(session, APPROVER, name, now=NOW)
    assert readers.told_one(session, other.id, name, now=NOW).open
    assert readers.told_one(session, reader.id, name, now=NOW).read


def test_a_partner_that_comes_later_sees_what_is_in_force_and_is_not_late_for_it(session: Session) -> None:
    old = factories.company(session)
    name = out(session, Wanted("x", "<p>x</p>", Audience.ALL, deadline=TODAY))
    later = NOW + timedelta(days=3)
    new = factories.company(session, now=later)
    assert [one.late for one in readers.told(session, old.id, now=later)] == [True]
    assert [(one.notice.public, one.late) for one in readers.told(session, new.id, now=later)] == [(name, False)]
    assert not readers.told_one(session, old.id, name, now=NOW).late


@pytest.mark.parametrize("seed", range(6))
def test_each_partner_sees_what_is_for_it_and_reads_for_itself_alone(session: Session, seed: int) -> None:
    """Against a reckoning by hand, over random partners, channels and notices."""
    dice = random.Random(seed)
    topics = ("dich-benh", "kinh-te-xa-hoi", "an-ninh-quoc-phong")
    companies = [factories.company(session) for _ in range(4)]
    takes: dict[int, list[list[str] | None]] = {one.id: [] for one in companies}
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
        audience = dice.choice(list(Audience))
        topic, some = dice.choice(topics), dice.sample(companies, dice.randint(1, 3))
        name = out(session, Wanted("x", "<p>x</p>", audience, topic, [one.code for one in some]))
        meant[name] = {
            Audience.ALL: {one.id for one in companies},
            Audience.CHOSEN: {one.id for one in some},
            Audience.TOPIC: {
                one.id
                for one in companies
                if not takes[one.id] or any(has is None or topic in has for has in takes[one.id])
            },
        }[audience]
    read: set[tuple[str, int]] = set()
    for name, company in ((dice.choice(list(meant)), dice.choice(companies)) for _ in range(20)):
        if company.id in meant[name]:
            readers.read(session, EDITOR, company.id, name, 1, now=NOW)
            read.add((name, company.id))
        else:
            with pytest.raises(NotFound):
                readers.read(session, EDITOR, company.id, name, 1, now=NOW)
    for company in companies:
        told = {one.notice.public: one.read for one in readers.told(session, company.id, now=NOW)}
        assert told == {name: (name, company.id) in read for name, ids in meant.items() if company.id in ids}
    notices = [telling.find_notice(session, name) for name in meant]
    ids = {one.code: one.id for one in companies}
    for notice in notices:
        lines = readers.receiving(session, notice, now=NOW)
        assert {ids[line.code] for line in lines} == meant[notice.public]
        assert {ids[line.code] for line in lines if line.told.read} == {
            who for name, who in read if name == notice.public
        }
        count = audiences.counts(session, notices, now=NOW)[notice.id]
        assert (count.receivers, count.read) == (len(lines), sum(line.told.read for line in lines))
    assert len(session.execute(sa.select(Reading)).all()) == len(read)
