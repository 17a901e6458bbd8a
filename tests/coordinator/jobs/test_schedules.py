"""Reports by schedule: each moment once whoever looks, missed ones caught up, letters once to each address."""

import threading
from collections.abc import Iterator
from datetime import date, timedelta
from email.message import EmailMessage
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from campaigns.core import spells
from campaigns.core.clock import CITY
from campaigns.partners.directory import Company
from campaigns.people.staff import Person, Role
from campaigns.reporting import saved_filters, sendings
from campaigns.reporting import schedules as rows
from campaigns.reporting.saved_filters import Listed
from campaigns.reporting.schedules import Kind, Schedule, Wanted
from campaigns.reporting.sendings import Post, PostState, Sending, SendingState
from coordinator.db import Database
from coordinator.jobs import alarming, crontab, posts, schedules
from coordinator.jobs.running import drain
from tests import factories
from tests.campaigns.reporting.copies import copy
from tests.coordinator.mail.postbox import Postbox, postbox
from tests.coordinator.web.public.outside import Outside, open_outside
from tests.factories import ANALYST

DAILY = "30 7 * * *"


@pytest.fixture
def box() -> Iterator[Postbox]:
    with postbox() as made:
        yield made


@pytest.fixture
def outside(database: Database, tmp_path: Path, box: Postbox) -> Outside:
    """An office with a mail server and an analyst."""
    made = open_outside(database, tmp_path, mail_server=f"smtp://127.0.0.1:{box.port}", mail_from="tin@so.example")
    with database.write() as session:
        session.add(
            Person(
                email=ANALYST.id, name=ANALYST.name, role=Role.ANALYST, active=True, fs_uniquifier="x",
                created_at=made.office.now(),
            )
        )  # fmt: skip
    return made


def scheduled(outside: Outside, kind: Kind = Kind.DAY, cron: str = DAILY, **given: Any) -> str:
    """A schedule; its id."""
    now = outside.office.now()
    wanted = Wanted(
        name="Gửi lãnh đạo", kind=kind, subject=given.get("subject", ""), forms=given.get("forms", ["xlsx"]),
        cron=cron, ends_on=given.get("ends_on"), addresses=given.get("addresses", ["lanh.dao@ubnd.example"]),
        next_at=crontab.checked(cron, now=now),
    )  # fmt: skip
    with outside.database.write() as session:
        return rows.add_schedule(session, ANALYST, wanted, now=now).public


def work(outside: Outside) -> None:
    """What clock and workers do in a minute."""
    schedules.come_round(outside.office)
    for kind in ("report", "post"):
        drain(outside.office, kind, 8)


def history(outside: Outside) -> list[tuple[str, SendingState]]:
    with outside.database.read() as session:
        query = sa.select(Sending.at, Sending.state).order_by(Sending.at)
        return [(f"{at.astimezone(CITY):%d/%m %H:%M}", state) for at, state in session.execute(query)]


def states(outside: Outside) -> list[PostState]:
    with outside.database.read() as session:
        return list(session.execute(sa.select(Post.state).order_by(Post.id)).scalars())


def attached(letter: EmailMessage) -> list[str]:
    return [str(one.get_filename()) for one in letter.iter_attachments()]


def text_of(letter: EmailMessage) -> str:
    body = letter.get_body(("plain",))
    assert body is not None
    return str(body.get_content())


def test_a_moment_makes_one_report_with_its_files_and_a_letter_for_each_address(outside: Outside, box: Postbox) -> None:
    scheduled(outside, forms=["pdf", "xlsx"], addresses=["a@ubnd.example", "b@ubnd.example", ANALYST.id])
    work(outside)
    assert history(outside) == []
    outside.clock.forward(hours=22)
    for _ in range(3):
        work(outside)
    assert history(outside) == [("25/11 07:30", SendingState.MADE)]
    assert sorted(str(one["To"]) for one in box.letters) == sorted(["a@ubnd.example", "b@ubnd.example", ANALYST.id])
    for one in box.letters:
        assert attached(one) == ["tong-hop-ngay-2026-11-24.pdf", "tong-hop-ngay-2026-11-24.xlsx"]
        assert one["Subject"] == "Bản tổng hợp ngày, 24/11/2026"
        assert one["Auto-Submitted"] == "auto-generated"
        assert "Bản tin phát hành: 0 (17/11/2026: 0)" in text_of(one)
        assert "http://localhost:8800/desk/digests/day?on=2026-11-24" in text_of(one)
        outsider = one["To"] != ANALYST.id
        assert ("List-Unsubscribe" in one) is outsider
        assert ("/unsubscribe/report/" in text_of(one)) is outsider


@pytest.mark.parametrize(
    ("kind", "cron", "expected"),
    [
        (Kind.DAY, DAILY, [("25/11", "passed"), ("26/11", "passed"), ("27/11", "made")]),
        (Kind.BRIEFING, "0 8 1 * *", [("01/12", "made"), ("01/01", "made"), ("01/02", "made")]),
    ],
)
def test_missed_moments_are_caught_up_a_digest_by_the_last_and_a_briefing_by_each(
    outside: Outside, box: Postbox, kind: Kind, cron: str, expected: list[tuple[str, str]]
) -> None:
    scheduled(outside, kind, cron)
    outside.clock.forward(hours=3 * 24 if kind is Kind.DAY else 70 * 24)
    work(outside)
    assert [(at[:5], state.value) for at, state in history(outside)] == expected
    assert len(box.letters) == sum(state == "made" for _, state in expected)
    work(outside)
    assert len(history(outside)) == len(expected)


def test_two_clocks_and_two_workers_at_once_send_once(outside: Outside, box: Postbox) -> None:
    for _ in range(3):
        scheduled(outside)
    outside.clock.forward(hours=22)
    gate = threading.Barrier(4)

    def run() -> None:
        gate.wait()
        work(outside)

    threads = [threading.Thread(target=run) for _ in range(4)]
    for one in threads:
        one.start()
    for one in threads:
        one.join()
    work(outside)
    assert history(outside) == [("25/11 07:30", SendingState.MADE)] * 3
    assert len(box.letters) == 3
    assert len({one["Message-ID"] for one in box.letters}) == 3


def test_the_same_moment_written_twice_is_one_sending(outside: Outside) -> None:
    public = scheduled(outside)
    now = outside.office.now()
    moment = now + timedelta(hours=1)
    for _ in range(2):
        with outside.database.write() as session:
            row = rows.find_schedule(session, public)
            made = sendings.come_round(session, row, [moment], moment + timedelta(days=1), now=now)
    assert made == 0
    assert len(history(outside)) == 1


def test_nothing_is_sent_after_the_last_day_nor_out_of_a_pause(outside: Outside, box: Postbox) -> None:
    scheduled(outside, ends_on=date(2026, 11, 25))
    public = scheduled(outside)
    with outside.database.write() as session:
        rows.pause(session, ANALYST, rows.find_schedule(session, public), now=outside.office.now())
    outside.clock.forward(days=3)
    work(outside)
    assert history(outside) == [("25/11 07:30", SendingState.MADE)]
    now = outside.office.now()
    with outside.database.write() as session:
        row = rows.find_schedule(session, public)
        rows.resume(session, ANALYST, row, crontab.next_after(row.cron, now), now=now)
        over = session.execute(sa.select(Schedule).where(Schedule.ends_on.is_not(None))).scalar_one()
        assert over.over
    work(outside)
    assert len(history(outside)) == 1
    outside.clock.forward(days=1)
    work(outside)
    assert len(history(outside)) == 2


def test_a_dead_mail_server_is_tried_again_with_longer_waits_told_of_and_nothing_goes_twice(
    outside: Outside, box: Postbox
) -> None:
    scheduled(outside)
    outside.clock.forward(hours=22)
    box.refuses = ["450 try later"] * 3
    work(outside)
    dues = []
    for _ in range(3):
        with outside.database.read() as session:
            row = session.execute(sa.select(Post)).scalar_one()
            assert row.due_at is not None
            assert "450" in row.last_error
            assert not row.begun
            dues.append(row.due_at - outside.office.now())
        outside.clock.forward(seconds=dues[-1].total_seconds())
        work(outside)
    assert dues == sorted(dues)
    assert dues[0] < dues[-1]
    assert states(outside) == [PostState.SENT]
    assert len(box.letters) == 1


def unsent(outside: Outside) -> bool:
    alarming.watch_work(outside.office)
    with outside.database.read() as session:
        return "reports_unsent" in {one.code for one in spells.ongoing(session)}


def test_a_letter_in_doubt_waits_for_a_person_and_goes_again_under_the_same_id(outside: Outside, box: Postbox) -> None:
    scheduled(outside)
    outside.clock.forward(hours=22)
    box.breaks = 1
    for _ in range(3):
        work(outside)
        outside.clock.forward(hours=1)
    assert states(outside) == [PostState.UNKNOWN]
    assert len(box.letters) == 1
    assert unsent(outside)
    with outside.database.write() as session:
        row = session.execute(sa.select(Post)).scalar_one()
        sendings.settle_post(session, ANALYST, row, again=True, now=outside.office.now())
    work(outside)
    assert states(outside) == [PostState.SENT]
    assert len({one["Message-ID"] for one in box.letters}) == 1
    assert not unsent(outside)


def test_a_letter_whose_worker_died_while_handing_it_in_is_in_doubt(outside: Outside, box: Postbox) -> None:
    scheduled(outside)
    outside.clock.forward(hours=22)
    schedules.come_round(outside.office)
    drain(outside.office, "report", 8)
    (taken,) = posts.claim(outside.office, 1)
    with outside.database.write() as session:
        session.get_one(Post, taken.id).begun = True  # and here it dies
    outside.clock.forward(hours=1)
    drain(outside.office, "post", 8)
    assert states(outside) == [PostState.UNKNOWN]
    assert box.letters == []


def test_an_address_that_is_refused_for_good_is_given_up_and_can_be_left(outside: Outside, box: Postbox) -> None:
    scheduled(outside)
    outside.clock.forward(hours=22)
    box.refuses = ["550 no such user"]
    work(outside)
    assert states(outside) == [PostState.DEAD]
    assert unsent(outside)
    with outside.database.write() as session:
        row = session.execute(sa.select(Post)).scalar_one()
        sendings.settle_post(session, ANALYST, row, again=False, now=outside.office.now())
    assert states(outside) == [PostState.DROPPED]
    assert not unsent(outside)


def test_files_that_are_too_large_go_as_addresses_that_can_be_fetched(
    outside: Outside, box: Postbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(posts, "MOST_ATTACHED", 1000)
    scheduled(outside)
    outside.clock.forward(hours=22)
    work(outside)
    (letter,) = box.letters
    assert attached(letter) == []
    (address,) = [word for word in text_of(letter).split() if "/sent/" in word]
    got = outside.get(address)
    assert got.data.startswith(b"PK")
    assert "attachment" in got.headers["Content-Disposition"]
    assert "spreadsheet" in got.headers["Content-Type"]
    outside.get(address.replace("/sent/rfl_", "/sent/rfl_0"), 404)


def test_who_has_left_gets_nothing_more_though_an_old_list_is_pasted(outside: Outside, box: Postbox) -> None:
    public = scheduled(outside, addresses=["a@ubnd.example", "b@ubnd.example"])
    outside.clock.forward(hours=22)
    work(outside)
    first = next(one for one in box.letters if one["To"] == "a@ubnd.example")
    address = str(first["List-Unsubscribe"]).strip("<>").removeprefix("http://localhost:8800")
    assert "Thôi nhận" in outside.get(address).text
    assert outside.client.post(address).status_code == 200
    outside.get(address.replace("rcv_", "rcv_0"), 404)
    now = outside.office.now()
    with outside.database.write() as session:
        row = rows.find_schedule(session, public)
        wanted = Wanted(row.name, row.kind, "", ["xlsx"], DAILY, None, ["A@ubnd.example", "c@ubnd.example"],
                        crontab.checked(DAILY, now=now))  # fmt: skip
        rows.change_schedule(session, ANALYST, row, wanted, now=now)
        assert [(one.address, one.left_at is not None) for one in row.receivers] == [
            ("a@ubnd.example", True), ("c@ubnd.example", False),
        ]  # fmt: skip
    box.letters.clear()
    outside.clock.forward(days=1)
    work(outside)
    assert [one["To"] for one in box.letters] == ["c@ubnd.example"]


def test_who_leaves_while_a_letter_waits_does_not_get_it(outside: Outside, box: Postbox) -> None:
    scheduled(outside)
    outside.clock.forward(hours=22)
    schedules.come_round(outside.office)
    drain(outside.office, "report", 8)
    with outside.database.write() as session:
        rows.leave(session, session.execute(sa.select(rows.Addressee)).scalar_one(), now=outside.office.now())
    drain(outside.office, "post", 8)
    assert (states(outside), box.letters) == ([PostState.DROPPED], [])


def test_a_letter_that_waited_a_week_for_a_mail_server_is_not_sent_any_more(outside: Outside, box: Postbox) -> None:
    scheduled(outside)
    outside.clock.forward(hours=22)
    schedules.come_round(outside.office)
    drain(outside.office, "report", 8)
    outside.clock.forward(days=8)
    drain(outside.office, "post", 8)
    assert (states(outside), box.letters) == ([PostState.DROPPED], [])


def test_it_can_be_sent_to_oneself_now_and_the_schedule_goes_on_as_before(outside: Outside, box: Postbox) -> None:
    public = scheduled(outside)
    with outside.database.write() as session:
        row = rows.find_schedule(session, public)
        before = row.next_at
        sendings.send_to_me(session, ANALYST, row, now=outside.office.now())
    work(outside)
    assert [(one["To"], one["List-Unsubscribe"]) for one in box.letters] == [(ANALYST.id, None)]
    with outside.database.read() as session:
        assert rows.find_schedule(session, public).next_at == before


@pytest.mark.parametrize("kind", [Kind.PARTNER, Kind.PLAN, Kind.LIST])
def test_a_report_of_what_is_gone_is_said_in_the_history_and_mails_nothing(
    outside: Outside, box: Postbox, kind: Kind
) -> None:
    scheduled(outside, kind, subject="khong-con")
    outside.clock.forward(hours=22)
    work(outside)
    assert [state for _, state in history(outside)] == [SendingState.FAILED]
    with outside.database.read() as session:
        assert "khong-con" in session.execute(sa.select(Sending.last_error)).scalar_one()
    assert box.letters == []


@pytest.mark.parametrize("listed", list(Listed))
def test_a_list_is_what_meets_its_filter_and_a_truthful_nothing_once_its_partner_is_gone(
    outside: Outside, box: Postbox, listed: Listed
) -> None:
    now = outside.office.now()
    with outside.database.write() as session:
        company = factories.company(session)
        code, site = company.code, factories.site(session, company)
        bulletin = factories.published(session)
        for _ in range(3):
            copy(session, bulletin, site)
        copy(session, bulletin, factories.site(session))
        query = {"partner": code, "by": "site", "period": "2026-11", "status": "confirmed"}
        kept = saved_filters.save_filter(session, ANALYST, listed, "Của họ", query, for_all=True, now=now)
        subject = kept.public
    scheduled(outside, Kind.LIST, subject=subject, forms=["csv"])
    outside.clock.forward(hours=22)
    work(outside)
    expected = 3 if listed is Listed.COPIES else 1
    (part,) = box.letters[0].iter_attachments()
    assert len(part.get_content().splitlines()) == expected + 1
    with outside.database.write() as session:
        session.execute(sa.update(Company).where(Company.code == code).values(code="doi-khac"))
    outside.clock.forward(days=1)
    work(outside)
    (part,) = box.letters[1].iter_attachments()
    assert len(part.get_content().splitlines()) == 1
    assert f"Bộ lọc nêu đối tác {code}, nay không còn" in text_of(box.letters[1])
    assert "Số dòng: 0" in text_of(box.letters[1])


def test_history_is_kept_a_year_and_no_longer(outside: Outside, box: Postbox) -> None:
    scheduled(outside)
    outside.clock.forward(hours=22)
    work(outside)
    with outside.database.write() as session:
        assert sendings.forget_sendings(session, now=outside.office.now() + timedelta(days=399)) == 0
        assert sendings.forget_sendings(session, now=outside.office.now() + timedelta(days=401)) == 1
        assert session.execute(sa.select(sa.func.count()).select_from(Post)).scalar_one() == 0
