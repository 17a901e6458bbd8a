"""Scheduled reports: each due time once, missed ones caught up, one mail to each address."""

import threading
from collections.abc import Iterator
from datetime import date, timedelta
from email.message import EmailMessage
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from campaigns.core import incidents
from campaigns.core.clock import CITY
from campaigns.partners.directory import Company
from campaigns.people.staff import Person, Role
from campaigns.reporting import saved_filters
from campaigns.reporting.saved_filters import FilteredList
from campaigns.reporting.schedules import report_mail
from campaigns.reporting.schedules import schedules as rows
from campaigns.reporting.schedules.report_mail import ReportMail, ReportMailState, ReportRun, ReportRunState
from campaigns.reporting.schedules.schedules import ReportKind, Schedule, ScheduleDraft
from coordinator.db import Database
from coordinator.jobs import incident_watch
from coordinator.jobs.job_loop import drain
from coordinator.jobs.reporting import crontab, schedules
from coordinator.jobs.reporting import report_mail as report_mail_job
from coordinator.jobs.work_kinds import WORK_KINDS
from tests import factories
from tests.campaigns.reporting.sample_republications import make_republication
from tests.coordinator.mail.recording_server import RecordingMailServer, recording_mail_server
from tests.coordinator.web.application import RunningApplication, open_application
from tests.factories import ANALYST

DAILY = "30 7 * * *"


@pytest.fixture
def box() -> Iterator[RecordingMailServer]:
    with recording_mail_server() as made:
        yield made


@pytest.fixture
def outside(database: Database, tmp_path: Path, box: RecordingMailServer) -> RunningApplication:
    """An office with a mail server and an analyst."""
    made = open_application(database, tmp_path, mail_server=f"smtp://127.0.0.1:{box.port}", mail_from="tin@so.example")
    with database.write() as session:
        session.add(
            Person(
                email=ANALYST.id, name=ANALYST.name, role=Role.ANALYST, active=True, fs_uniquifier="x",
                created_at=made.office.now(),
            )
        )  # fmt: skip
    return made


def scheduled(outside: RunningApplication, kind: ReportKind = ReportKind.DAY, cron: str = DAILY, **given: Any) -> str:
    """A schedule; its id."""
    now = outside.office.now()
    wanted = ScheduleDraft(
        name="Gửi lãnh đạo", kind=kind, subject=given.get("subject", ""), forms=given.get("forms", ["xlsx"]),
        cron=cron, ends_on=given.get("ends_on"), addresses=given.get("addresses", ["lanh.dao@ubnd.example"]),
        next_at=crontab.validated_next_time(cron, now=now),
    )  # fmt: skip
    with outside.database.write() as session:
        return rows.add_schedule(session, ANALYST, wanted, now=now).public


def work(outside: RunningApplication) -> None:
    """What clock and workers do in a minute."""
    schedules.open_due_reports(outside.office)
    for kind in ("scheduled_report", "report_mail"):
        drain(outside.office, kind, 8)


def history(outside: RunningApplication) -> list[tuple[str, ReportRunState]]:
    with outside.database.read() as session:
        query = sa.select(ReportRun.at, ReportRun.state).order_by(ReportRun.at)
        return [(f"{at.astimezone(CITY):%d/%m %H:%M}", state) for at, state in session.execute(query)]


def states(outside: RunningApplication) -> list[ReportMailState]:
    with outside.database.read() as session:
        return list(session.execute(sa.select(ReportMail.state).order_by(ReportMail.id)).scalars())


def attached(letter: EmailMessage) -> list[str]:
    return [str(message.get_filename()) for message in letter.iter_attachments()]


def text_of(letter: EmailMessage) -> str:
    body = letter.get_body(("plain",))
    assert body is not None
    return str(body.get_content())


def test_a_moment_makes_one_report_with_its_files_and_a_letter_for_each_address(
    outside: RunningApplication, box: RecordingMailServer
) -> None:
    scheduled(outside, forms=["pdf", "xlsx"], addresses=["a@ubnd.example", "b@ubnd.example", ANALYST.id])
    work(outside)
    assert history(outside) == []
    outside.clock.forward(hours=22)
    for _ in range(3):
        work(outside)
    assert history(outside) == [("25/11 07:30", ReportRunState.MADE)]
    assert sorted(str(message["To"]) for message in box.letters) == sorted(
        ["a@ubnd.example", "b@ubnd.example", ANALYST.id]
    )
    for message in box.letters:
        assert attached(message) == ["tong-hop-ngay-2026-11-24.pdf", "tong-hop-ngay-2026-11-24.xlsx"]
        assert message["Subject"] == "Bản tổng hợp ngày, 24/11/2026"
        assert message["Auto-Submitted"] == "auto-generated"
        assert "Bản tin phát hành: 0 (17/11/2026: 0)" in text_of(message)
        assert "http://localhost:8800/desk/digests/day?on=2026-11-24" in text_of(message)
        outsider = message["To"] != ANALYST.id
        assert ("List-Unsubscribe" in message) is outsider
        assert ("/unsubscribe/report/" in text_of(message)) is outsider


@pytest.mark.parametrize(
    ("kind", "cron", "expected"),
    [
        (ReportKind.DAY, DAILY, [("25/11", "passed"), ("26/11", "passed"), ("27/11", "made")]),
        (ReportKind.BRIEFING, "0 8 1 * *", [("01/12", "made"), ("01/01", "made"), ("01/02", "made")]),
    ],
)
def test_missed_moments_are_caught_up_a_digest_by_the_last_and_a_briefing_by_each(
    outside: RunningApplication, box: RecordingMailServer, kind: ReportKind, cron: str, expected: list[tuple[str, str]]
) -> None:
    scheduled(outside, kind, cron)
    outside.clock.forward(hours=3 * 24 if kind is ReportKind.DAY else 70 * 24)
    work(outside)
    assert [(at[:5], state.value) for at, state in history(outside)] == expected
    assert len(box.letters) == sum(state == "made" for _, state in expected)
    work(outside)
    assert len(history(outside)) == len(expected)


def test_two_clocks_and_two_workers_at_once_send_once(outside: RunningApplication, box: RecordingMailServer) -> None:
    for _ in range(3):
        scheduled(outside)
    outside.clock.forward(hours=22)
    gate = threading.Barrier(4)

    def run() -> None:
        gate.wait()
        work(outside)

    threads = [threading.Thread(target=run) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    work(outside)
    assert history(outside) == [("25/11 07:30", ReportRunState.MADE)] * 3
    assert len(box.letters) == 3
    assert len({message["Message-ID"] for message in box.letters}) == 3


def test_the_same_moment_written_twice_is_one_sending(outside: RunningApplication) -> None:
    public = scheduled(outside)
    now = outside.office.now()
    moment = now + timedelta(hours=1)
    for _ in range(2):
        with outside.database.write() as session:
            row = rows.find_schedule(session, public)
            made = report_mail.open_runs(session, row, [moment], moment + timedelta(days=1), now=now)
    assert made == 0
    assert len(history(outside)) == 1


def test_nothing_is_sent_after_the_last_day_nor_out_of_a_pause(
    outside: RunningApplication, box: RecordingMailServer
) -> None:
    scheduled(outside, ends_on=date(2026, 11, 25))
    public = scheduled(outside)
    with outside.database.write() as session:
        rows.pause_schedule(session, ANALYST, rows.find_schedule(session, public), now=outside.office.now())
    outside.clock.forward(days=3)
    work(outside)
    assert history(outside) == [("25/11 07:30", ReportRunState.MADE)]
    now = outside.office.now()
    with outside.database.write() as session:
        row = rows.find_schedule(session, public)
        rows.resume_schedule(session, ANALYST, row, crontab.next_after(row.cron, now), now=now)
        over = session.execute(sa.select(Schedule).where(Schedule.ends_on.is_not(None))).scalar_one()
        assert over.over
    work(outside)
    assert len(history(outside)) == 1
    outside.clock.forward(days=1)
    work(outside)
    assert len(history(outside)) == 2


def test_a_dead_mail_server_is_tried_again_with_longer_waits_reported_and_nothing_goes_twice(
    outside: RunningApplication, box: RecordingMailServer
) -> None:
    scheduled(outside)
    outside.clock.forward(hours=22)
    box.refuses = ["450 try later"] * 3
    work(outside)
    dues = []
    for _ in range(3):
        with outside.database.read() as session:
            row = session.execute(sa.select(ReportMail)).scalar_one()
            assert row.due_at is not None
            assert "450" in row.last_error
            assert not row.begun
            dues.append(row.due_at - outside.office.now())
        outside.clock.forward(seconds=dues[-1].total_seconds())
        work(outside)
    assert dues == sorted(dues)
    assert dues[0] < dues[-1]
    assert states(outside) == [ReportMailState.SENT]
    assert len(box.letters) == 1


def unsent(outside: RunningApplication) -> bool:
    incident_watch.watch_work(outside.office)
    with outside.database.read() as session:
        return "reports_unsent" in {incident.code for incident in incidents.ongoing_incidents(session)}


def test_a_letter_in_doubt_waits_for_a_person_and_goes_again_under_the_same_id(
    outside: RunningApplication, box: RecordingMailServer
) -> None:
    scheduled(outside)
    outside.clock.forward(hours=22)
    box.breaks = 1
    for _ in range(3):
        work(outside)
        outside.clock.forward(hours=1)
    assert states(outside) == [ReportMailState.UNKNOWN]
    assert len(box.letters) == 1
    assert unsent(outside)
    with outside.database.write() as session:
        row = session.execute(sa.select(ReportMail)).scalar_one()
        report_mail.settle_mail(session, ANALYST, row, again=True, now=outside.office.now())
    work(outside)
    assert states(outside) == [ReportMailState.SENT]
    assert len({message["Message-ID"] for message in box.letters}) == 1
    assert not unsent(outside)


def test_a_letter_whose_worker_died_while_handing_it_in_is_in_doubt(
    outside: RunningApplication, box: RecordingMailServer
) -> None:
    scheduled(outside)
    outside.clock.forward(hours=22)
    schedules.open_due_reports(outside.office)
    drain(outside.office, "scheduled_report", 8)
    (taken,) = WORK_KINDS["report_mail"].claim(outside.office, 1)
    with outside.database.write() as session:
        session.get_one(ReportMail, taken.id).begun = True  # and here it dies
    outside.clock.forward(hours=1)
    drain(outside.office, "report_mail", 8)
    assert states(outside) == [ReportMailState.UNKNOWN]
    assert box.letters == []


def test_an_address_that_is_refused_for_good_is_given_up_and_can_be_left(
    outside: RunningApplication, box: RecordingMailServer
) -> None:
    scheduled(outside)
    outside.clock.forward(hours=22)
    box.refuses = ["550 no such user"]
    work(outside)
    assert states(outside) == [ReportMailState.DEAD]
    assert unsent(outside)
    with outside.database.write() as session:
        row = session.execute(sa.select(ReportMail)).scalar_one()
        report_mail.settle_mail(session, ANALYST, row, again=False, now=outside.office.now())
    assert states(outside) == [ReportMailState.DROPPED]
    assert not unsent(outside)


def test_files_that_are_too_large_go_as_addresses_that_can_be_fetched(
    outside: RunningApplication, box: RecordingMailServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(report_mail_job, "MOST_ATTACHED", 1000)
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


def test_who_has_left_gets_nothing_more_though_an_old_list_is_pasted(
    outside: RunningApplication, box: RecordingMailServer
) -> None:
    public = scheduled(outside, addresses=["a@ubnd.example", "b@ubnd.example"])
    outside.clock.forward(hours=22)
    work(outside)
    first = next(message for message in box.letters if message["To"] == "a@ubnd.example")
    address = str(first["List-Unsubscribe"]).strip("<>").removeprefix("http://localhost:8800")
    assert "Ngừng nhận" in outside.get(address).text
    assert outside.client.post(address).status_code == 200
    outside.get(address.replace("rcv_", "rcv_0"), 404)
    now = outside.office.now()
    with outside.database.write() as session:
        row = rows.find_schedule(session, public)
        wanted = ScheduleDraft(row.name, row.kind, "", ["xlsx"], DAILY, None, ["A@ubnd.example", "c@ubnd.example"],
                        crontab.validated_next_time(DAILY, now=now))  # fmt: skip
        rows.change_schedule(session, ANALYST, row, wanted, now=now)
        assert [(receiver.address, receiver.left_at is not None) for receiver in row.receivers] == [
            ("a@ubnd.example", True), ("c@ubnd.example", False),
        ]  # fmt: skip
    box.letters.clear()
    outside.clock.forward(days=1)
    work(outside)
    assert [message["To"] for message in box.letters] == ["c@ubnd.example"]


def test_who_leaves_while_a_letter_waits_does_not_get_it(outside: RunningApplication, box: RecordingMailServer) -> None:
    scheduled(outside)
    outside.clock.forward(hours=22)
    schedules.open_due_reports(outside.office)
    drain(outside.office, "scheduled_report", 8)
    with outside.database.write() as session:
        rows.stop_receiver(
            session, session.execute(sa.select(rows.ScheduleReceiver)).scalar_one(), now=outside.office.now()
        )
    drain(outside.office, "report_mail", 8)
    assert (states(outside), box.letters) == ([ReportMailState.DROPPED], [])


def test_a_letter_that_waited_a_week_for_a_mail_server_is_not_sent_any_more(
    outside: RunningApplication, box: RecordingMailServer
) -> None:
    scheduled(outside)
    outside.clock.forward(hours=22)
    schedules.open_due_reports(outside.office)
    drain(outside.office, "scheduled_report", 8)
    outside.clock.forward(days=8)
    drain(outside.office, "report_mail", 8)
    assert (states(outside), box.letters) == ([ReportMailState.DROPPED], [])


def test_it_can_be_sent_to_oneself_now_and_the_schedule_goes_on_as_before(
    outside: RunningApplication, box: RecordingMailServer
) -> None:
    public = scheduled(outside)
    with outside.database.write() as session:
        row = rows.find_schedule(session, public)
        before = row.next_at
        report_mail.send_to_self(session, ANALYST, row, now=outside.office.now())
    work(outside)
    assert [(message["To"], message["List-Unsubscribe"]) for message in box.letters] == [(ANALYST.id, None)]
    with outside.database.read() as session:
        assert rows.find_schedule(session, public).next_at == before


@pytest.mark.parametrize("kind", [ReportKind.PARTNER, ReportKind.PLAN, ReportKind.LIST])
def test_a_report_of_what_is_gone_is_reported_in_the_history_and_mails_nothing(
    outside: RunningApplication, box: RecordingMailServer, kind: ReportKind
) -> None:
    scheduled(outside, kind, subject="khong-con")
    outside.clock.forward(hours=22)
    work(outside)
    assert [state for _, state in history(outside)] == [ReportRunState.FAILED]
    with outside.database.read() as session:
        assert "khong-con" in session.execute(sa.select(ReportRun.last_error)).scalar_one()
    assert box.letters == []


@pytest.mark.parametrize("listed", list(FilteredList))
def test_a_list_is_what_meets_its_filter_and_a_truthful_nothing_once_its_partner_is_gone(
    outside: RunningApplication, box: RecordingMailServer, listed: FilteredList
) -> None:
    now = outside.office.now()
    with outside.database.write() as session:
        company = factories.company(session)
        code, site = company.code, factories.site(session, company)
        bulletin = factories.published(session)
        for _ in range(3):
            make_republication(session, bulletin, site)
        make_republication(session, bulletin, factories.site(session))
        query = {"partner": code, "by": "site", "period": "2026-11", "status": "confirmed"}
        kept = saved_filters.save_filter(session, ANALYST, listed, "Của họ", query, for_all=True, now=now)
        subject = kept.public
    scheduled(outside, ReportKind.LIST, subject=subject, forms=["csv"])
    outside.clock.forward(hours=22)
    work(outside)
    expected = 3 if listed is FilteredList.COPIES else 1
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


def test_history_is_kept_a_year_and_no_longer(outside: RunningApplication, box: RecordingMailServer) -> None:
    scheduled(outside)
    outside.clock.forward(hours=22)
    work(outside)
    with outside.database.write() as session:
        assert report_mail.delete_old_runs(session, now=outside.office.now() + timedelta(days=399)) == 0
        assert report_mail.delete_old_runs(session, now=outside.office.now() + timedelta(days=401)) == 1
        assert session.execute(sa.select(sa.func.count()).select_from(ReportMail)).scalar_one() == 0
