"""An import of a register: in turns, from where it was cut off, and never against one who called it off."""

import threading
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

import pytest
import sqlalchemy as sa

from campaigns.core import ledger
from campaigns.partners import register_runs
from campaigns.partners.directory import Company, SiteKind, add_company, add_site
from campaigns.partners.licences import Licence, add_licence
from campaigns.partners.register_runs import RegisterRun, Stage
from campaigns.planning.campaigns import add_topic
from coordinator.jobs import register_checks, registering
from coordinator.jobs.register_checks import Checking
from coordinator.jobs.running import drain
from coordinator.jobs.workplace import Workplace
from tests.coordinator.jobs.scene import Scene

HEAD = "Tên doanh nghiệp,Số giấy phép,Ngày cấp,Tên miền"
LINES = [f"Công ty số {number},{number}/GP-TTĐT,04/03/2023,so{number}.example.vn" for number in range(240)]
SHEET = "\n".join([HEAD, *LINES, "Công ty Sai,999/GP-TTĐT,hôm qua,sai.example.vn"]).encode()


class Killed(BaseException):
    """The process is gone."""


class Between(threading.Event):
    """Something that happens between two turns."""

    def __init__(self, happens: Callable[[], bool]) -> None:
        super().__init__()
        self._happens = happens

    def wait(self, timeout: float | None = None) -> bool:
        return self._happens()


def killed() -> bool:
    raise Killed


def handed_in(place: Workplace, *, agreed: bool = False) -> int:
    with place.database.write() as session:
        ident = register_runs.begin(session, "quan.tri@so.example", "so.csv", [SHEET], now=place.now()).id
    if agreed:
        drain(place, "register", 1)
        with place.database.write() as session:
            register_runs.agree(session, session.get_one(RegisterRun, ident), "quan.tri@so.example", now=place.now())
    return ident


def run_of(place: Workplace, ident: int) -> RegisterRun:
    with place.database.read() as session:
        return session.get_one(RegisterRun, ident)


def count(place: Workplace, table: type) -> int:
    with place.database.read() as session:
        return session.execute(sa.select(sa.func.count()).select_from(table)).scalar_one()


def test_a_check_writes_nothing_into_the_directory_and_says_what_would_come_of_it(scene: Scene) -> None:
    place = scene.place
    ident = handed_in(place)
    drain(place, "register", 1)
    run = run_of(place, ident)
    assert (run.stage, run.rows, run.good, run.bad) == (Stage.CHECKED, 241, 240, 1)
    assert (run.companies, run.licences, run.sites, run.due_at) == (240, 240, 240, None)
    assert count(place, Company) == 0


@pytest.fixture
def told(scene: Scene, monkeypatch: pytest.MonkeyPatch) -> list[tuple[int, int]]:
    """What a run's page would show of its check: (rows, rows checked) after each time that was told."""
    seen: list[tuple[int, int]] = []
    tell = Checking._tell

    def see(self: Checking, **values: int) -> None:
        tell(self, **values)
        run = run_of(scene.place, self._taken.id)
        assert run.stage is Stage.CHECKING
        seen.append((run.rows, run.reached))

    monkeypatch.setattr(Checking, "_tell", see)
    return seen


def test_a_check_tells_how_many_of_its_rows_are_checked(
    scene: Scene, told: list[tuple[int, int]], monkeypatch: pytest.MonkeyPatch
) -> None:
    place = scene.place
    monkeypatch.setattr(register_checks, "EVERY", 0)
    ident = handed_in(place)
    for _time in range(2):  # with other columns the whole file is checked again, from its first row
        with place.database.read() as session:
            assert session.get_one(RegisterRun, ident).reached == 0
        drain(place, "register", 1)
        assert told == [(241, 0), (241, 200), (241, 241)]
        run = run_of(place, ident)
        assert (run.stage, run.rows, run.reached) == (Stage.CHECKED, 241, 0), "nothing of it is written"
        told.clear()
        with place.database.write() as session:
            register_runs.check_again(session, session.get_one(RegisterRun, ident), {}, now=place.now())


def test_a_check_is_told_of_no_more_often_than_a_page_can_show(
    scene: Scene, told: list[tuple[int, int]], monkeypatch: pytest.MonkeyPatch
) -> None:
    lines = [f"Công ty số {number},{number}/GP-TTĐT,04/03/2023,so{number}.example.vn" for number in range(2000)]
    with scene.place.database.write() as session:
        body = "\n".join([HEAD, *lines]).encode()
        register_runs.begin(session, "x", "so.csv", [body], now=scene.place.now())
    clock = iter(range(1000))
    monkeypatch.setattr(register_checks, "monotonic", lambda: next(clock) / 10)  # a tenth of a second each look
    drain(scene.place, "register", 1)
    # Ten times 200 rows, and of those only what comes 0.4 s after the last.
    assert told == [(2000, 0), (2000, 800), (2000, 1600), (2000, 2000)]


def test_a_file_called_off_while_it_is_read_is_read_no_further(stage: Scene, monkeypatch: pytest.MonkeyPatch) -> None:
    place = stage.place
    ident = handed_in(place)
    (taken,) = registering.claim(place, 1)
    opened = Checking.opened

    def call_off(self: Checking, rows: int) -> None:
        opened(self, rows)
        with place.database.write() as session:
            register_runs.call_off(session, session.get_one(RegisterRun, ident), "x", now=place.now())

    monkeypatch.setattr(Checking, "opened", call_off)
    monkeypatch.setattr(register_checks, "EVERY", 0)
    monkeypatch.setattr(registering, "_check", lambda *_: pytest.fail("read to its end"))
    with pytest.raises(ledger.StaleFence):
        registering.act(place, taken)
    assert run_of(place, ident).stage is Stage.CANCELLED
    assert count(place, register_runs.RegisterPiece) == 0


def test_a_run_that_was_killed_goes_on_from_its_last_turn_and_writes_nothing_twice(scene: Scene) -> None:
    place = scene.place
    ident = handed_in(place, agreed=True)
    (taken,) = registering.claim(place, 1)
    with pytest.raises(Killed):
        registering.act(replace(place, stopping=Between(killed)), taken)
    run = run_of(place, ident)
    assert (run.stage, run.reached) == (Stage.WRITING, registering.FIRST_TURN)
    assert count(place, Company) == registering.FIRST_TURN
    assert registering.claim(place, 1) == [], "its lease still holds"
    with place.database.write() as session:
        session.execute(sa.update(RegisterRun).values(lease_until=place.now() - timedelta(seconds=1)))
    assert drain(place, "register", 1) == 1
    run = run_of(place, ident)
    assert (run.stage, run.reached, run.companies, run.unchanged) == (Stage.DONE, 240, 240, 0)
    assert (run.good, run.bad) == (240, 1)
    assert (count(place, Company), count(place, Licence)) == (240, 240)


def test_a_process_that_is_to_end_leaves_the_rest_to_the_next_one(scene: Scene) -> None:
    place = scene.place
    ident = handed_in(place, agreed=True)
    (taken,) = registering.claim(place, 1)
    registering.act(replace(place, stopping=Between(lambda: True)), taken)
    run = run_of(place, ident)
    assert (run.stage, run.reached, run.lease_until) == (Stage.WRITING, registering.FIRST_TURN, None)
    assert drain(place, "register", 1) == 1, "at once: its lease was given back"
    run = run_of(place, ident)
    assert (run.stage, run.reached, run.companies, run.good, run.bad) == (Stage.DONE, 240, 240, 240, 1)


def test_others_write_between_two_turns(stage: Scene) -> None:
    place = stage.place
    handed_in(place, agreed=True)
    written: list[int] = []

    def meanwhile() -> bool:
        with place.database.write() as session:
            add_topic(session, "x", code=f"t{len(written)}", name=f"Chuyên đề {len(written)}", now=place.now())
        written.append(count(place, Company))
        return False

    drain(replace(place, stopping=Between(meanwhile)), "register", 1)
    assert written[0] == registering.FIRST_TURN
    assert count(place, Company) == 240


@pytest.mark.parametrize("what", ["a company of that name", "its site, another's", "its licence, another's"])
def test_what_others_write_into_the_directory_between_two_turns_counts(scene: Scene, what: str) -> None:
    """The next turn is found out already by then: it is found out again."""
    place = scene.place
    ident = handed_in(place, agreed=True)
    written: list[bool] = []

    def meanwhile() -> bool:
        if not written:
            with place.database.write() as session:
                named = "CÔNG TY SỐ 239" if what.startswith("a company") else "Công ty Khác"
                one = add_company(session, "x", code=None, name=named, now=place.now())
                if what.startswith("its site"):
                    url, kind = "https://so239.example.vn/", SiteKind.AGGREGATOR
                    add_site(session, "x", one, name="Trang", url=url, kind=kind, now=place.now())
                elif what.startswith("its licence"):
                    add_licence(
                        session, "x", one, number="239/GP-TTĐT", kind=SiteKind.AGGREGATOR, issuer="Sở",
                        issued_on=place.now().date(), expires_on=None, domains=[], scope=[], now=place.now(),
                    )  # fmt: skip
            written.append(True)
        return False

    drain(replace(place, stopping=Between(meanwhile)), "register", 1)
    run = run_of(place, ident)
    assert run.stage is Stage.DONE
    if what.startswith("a company"):
        assert (run.companies, run.licences, run.sites, run.bad) == (239, 240, 240, 1)
        assert count(place, Company) == 240
    else:
        assert (run.companies, run.licences, run.sites, run.bad) == (239, 239, 239, 2)
        assert count(place, Company) == 240


def test_whoever_reads_a_file_that_was_called_off_keeps_nothing_of_it(stage: Scene) -> None:
    place = stage.place
    ident = handed_in(place)
    (taken,) = registering.claim(place, 1)
    with place.database.read() as session:
        body = register_runs.body_of(session, ident)
    with place.database.write() as session:
        register_runs.call_off(session, session.get_one(RegisterRun, ident), "x", now=place.now())
    table, reading = registering._read("so.csv", body, {})
    with pytest.raises(ledger.StaleFence):
        registering._check(place, taken, {}, table, reading)
    assert run_of(place, ident).stage is Stage.CANCELLED
    assert count(place, register_runs.BadRow) == 0


def test_two_files_are_read_one_after_the_other(stage: Scene) -> None:
    place = stage.place
    handed_in(place)
    handed_in(place)
    assert len(registering.claim(place, 8)) == 1
    assert registering.claim(place, 8) == []


def test_what_fails_without_a_reason_is_tried_again_and_then_told(stage: Scene) -> None:
    place = stage.place
    ident = handed_in(place)
    for attempt in (1, 2, 3):
        with place.database.write() as session:
            session.execute(sa.update(RegisterRun).values(due_at=place.now()))
        (taken,) = registering.claim(place, 1)
        assert taken.attempt == attempt
        registering.broken(place, taken, RuntimeError("the disk is full"))
    run = run_of(place, ident)
    assert (run.stage, run.failure_code, run.failure) == (Stage.FAILED, "program", "the disk is full")
    assert count(place, register_runs.RegisterPiece) == 0
