"""An import of a register: written in batches, continued where it was interrupted, and not written when cancelled."""

import threading
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

import pytest
import sqlalchemy as sa

from campaigns.core import ledger
from campaigns.partners.directory import Company, SiteKind, add_company, add_site
from campaigns.partners.licences import Licence, add_licence
from campaigns.partners.register import import_runs
from campaigns.partners.register.import_runs import ImportRun, ImportStage
from campaigns.planning.campaigns import add_topic
from coordinator.jobs.context import JobContext
from coordinator.jobs.job_loop import drain
from coordinator.jobs.partners import register_importer
from coordinator.jobs.partners.register_importer import CheckProgress
from tests.coordinator.jobs.harness import JobHarness

HEAD = "Tên doanh nghiệp,Số giấy phép,Ngày cấp,Tên miền"
LINES = [f"Công ty số {number},{number}/GP-TTĐT,04/03/2023,so{number}.example.vn" for number in range(240)]
BATCH = 100  # entries, in place of BATCH_SIZE
SHEET = "\n".join([HEAD, *LINES, "Công ty Sai,999/GP-TTĐT,hôm qua,sai.example.vn"]).encode()


class Killed(BaseException):
    """The process is gone."""


class Between(threading.Event):
    """Something that happens between two batches."""

    def __init__(self, happens: Callable[[], bool]) -> None:
        super().__init__()
        self._happens = happens

    def wait(self, timeout: float | None = None) -> bool:
        return self._happens()


def killed() -> bool:
    raise Killed


@pytest.fixture(autouse=True)
def small_batches(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(register_importer, "BATCH_SIZE", BATCH)


def handed_in(context: JobContext, *, agreed: bool = False) -> int:
    with context.database.write() as session:
        ident = import_runs.begin_import(session, "quan.tri@so.example", "so.csv", [SHEET], now=context.now()).id
    if agreed:
        drain(context, "register_import", 1)
        with context.database.write() as session:
            import_runs.confirm_import(
                session, session.get_one(ImportRun, ident), "quan.tri@so.example", now=context.now()
            )
    return ident


def run_of(context: JobContext, ident: int) -> ImportRun:
    with context.database.read() as session:
        return session.get_one(ImportRun, ident)


def count(context: JobContext, table: type) -> int:
    with context.database.read() as session:
        return session.execute(sa.select(sa.func.count()).select_from(table)).scalar_one()


def test_a_check_writes_nothing_into_the_directory_and_says_what_would_come_of_it(scene: JobHarness) -> None:
    place = scene.context
    ident = handed_in(place)
    drain(place, "register_import", 1)
    run = run_of(place, ident)
    assert (run.stage, run.rows, run.good, run.bad) == (ImportStage.CHECKED, 241, 240, 1)
    assert (run.companies, run.licences, run.sites, run.due_at) == (240, 240, 240, None)
    assert count(place, Company) == 0


@pytest.fixture
def recorded_progress(scene: JobHarness, monkeypatch: pytest.MonkeyPatch) -> list[tuple[int, int]]:
    """Return the recorded progress of a check: (rows, checked rows) after each update."""
    seen: list[tuple[int, int]] = []
    tell = CheckProgress._update

    def see(self: CheckProgress, **values: int) -> None:
        tell(self, **values)
        run = run_of(scene.context, self._claimed.id)
        assert run.stage is ImportStage.CHECKING
        seen.append((run.rows, run.reached))

    monkeypatch.setattr(CheckProgress, "_update", see)
    return seen


def test_a_check_tells_how_many_of_its_rows_are_checked(
    scene: JobHarness, recorded_progress: list[tuple[int, int]], monkeypatch: pytest.MonkeyPatch
) -> None:
    place = scene.context
    monkeypatch.setattr(register_importer, "PROGRESS_INTERVAL", 0)
    ident = handed_in(place)
    for _time in range(2):  # with other columns the whole file is checked again, from its first row
        with place.database.read() as session:
            assert session.get_one(ImportRun, ident).reached == 0
        drain(place, "register_import", 1)
        assert recorded_progress == [(241, 0), (241, 200), (241, 241)]
        run = run_of(place, ident)
        assert (run.stage, run.rows, run.reached) == (ImportStage.CHECKED, 241, 0), "nothing of it is written"
        recorded_progress.clear()
        with place.database.write() as session:
            import_runs.check_again(session, session.get_one(ImportRun, ident), {}, now=place.now())


def test_a_check_is_reported_no_more_often_than_a_page_can_show(
    scene: JobHarness, recorded_progress: list[tuple[int, int]], monkeypatch: pytest.MonkeyPatch
) -> None:
    lines = [f"Công ty số {number},{number}/GP-TTĐT,04/03/2023,so{number}.example.vn" for number in range(2000)]
    with scene.context.database.write() as session:
        body = "\n".join([HEAD, *lines]).encode()
        import_runs.begin_import(session, "x", "so.csv", [body], now=scene.context.now())
    clock = iter(range(1000))
    monkeypatch.setattr(register_importer, "monotonic", lambda: next(clock) / 10)  # a tenth of a second each look
    drain(scene.context, "register_import", 1)
    # Ten times 200 rows, and of those only what comes 0.4 s after the last.
    assert recorded_progress == [(2000, 0), (2000, 800), (2000, 1600), (2000, 2000)]


def test_a_file_called_off_while_it_is_read_is_read_no_further(
    stage: JobHarness, monkeypatch: pytest.MonkeyPatch
) -> None:
    place = stage.context
    ident = handed_in(place)
    (taken,) = register_importer.claim(place, 1)
    opened = CheckProgress.opened

    def call_off(self: CheckProgress, rows: int) -> None:
        opened(self, rows)
        with place.database.write() as session:
            import_runs.cancel_import(session, session.get_one(ImportRun, ident), "x", now=place.now())

    monkeypatch.setattr(CheckProgress, "opened", call_off)
    monkeypatch.setattr(register_importer, "PROGRESS_INTERVAL", 0)
    monkeypatch.setattr(register_importer, "_check", lambda *_: pytest.fail("read to its end"))
    with pytest.raises(ledger.StaleFence):
        register_importer.run_import(place, taken)
    assert run_of(place, ident).stage is ImportStage.CANCELLED
    assert count(place, import_runs.FileChunk) == 0


def test_a_run_that_was_killed_goes_on_after_its_last_batch_and_writes_nothing_twice(scene: JobHarness) -> None:
    place = scene.context
    ident = handed_in(place, agreed=True)
    (taken,) = register_importer.claim(place, 1)
    with pytest.raises(Killed):
        register_importer.run_import(replace(place, stopping=Between(killed)), taken)
    run = run_of(place, ident)
    assert (run.stage, run.reached) == (ImportStage.WRITING, BATCH)
    assert count(place, Company) == BATCH
    assert register_importer.claim(place, 1) == [], "its lease still holds"
    with place.database.write() as session:
        session.execute(sa.update(ImportRun).values(lease_until=place.now() - timedelta(seconds=1)))
    assert drain(place, "register_import", 1) == 1
    run = run_of(place, ident)
    assert (run.stage, run.reached, run.companies, run.unchanged) == (ImportStage.DONE, 240, 240, 0)
    assert (run.good, run.bad) == (240, 1)
    assert (count(place, Company), count(place, Licence)) == (240, 240)


def test_a_process_that_is_to_end_leaves_the_rest_to_the_next_one(scene: JobHarness) -> None:
    place = scene.context
    ident = handed_in(place, agreed=True)
    (taken,) = register_importer.claim(place, 1)
    register_importer.run_import(replace(place, stopping=Between(lambda: True)), taken)
    run = run_of(place, ident)
    assert (run.stage, run.reached, run.lease_until) == (ImportStage.WRITING, BATCH, None)
    assert drain(place, "register_import", 1) == 1, "at once: its lease was given back"
    run = run_of(place, ident)
    assert (run.stage, run.reached, run.companies, run.good, run.bad) == (ImportStage.DONE, 240, 240, 240, 1)


def test_others_write_between_two_batches(stage: JobHarness) -> None:
    place = stage.context
    handed_in(place, agreed=True)
    written: list[int] = []

    def meanwhile() -> bool:
        with place.database.write() as session:
            add_topic(session, "x", code=f"t{len(written)}", name=f"Chuyên đề {len(written)}", now=place.now())
        written.append(count(place, Company))
        return False

    drain(replace(place, stopping=Between(meanwhile)), "register_import", 1)
    assert written[0] == BATCH
    assert count(place, Company) == 240


@pytest.mark.parametrize("what", ["a company of that name", "its site, another's", "its licence, another's"])
def test_what_others_write_into_the_directory_between_two_batches_counts(scene: JobHarness, what: str) -> None:
    place = scene.context
    ident = handed_in(place, agreed=True)
    written: list[bool] = []

    def meanwhile() -> bool:
        if not written:
            with place.database.write() as session:
                named = "CÔNG TY SỐ 239" if what.startswith("a company") else "Công ty Khác"
                company = add_company(session, "x", code=None, name=named, now=place.now())
                if what.startswith("its site"):
                    url, kind = "https://so239.example.vn/", SiteKind.AGGREGATOR
                    add_site(session, "x", company, name="Trang", url=url, kind=kind, now=place.now())
                elif what.startswith("its licence"):
                    add_licence(
                        session, "x", company, number="239/GP-TTĐT", kind=SiteKind.AGGREGATOR, issuer="Sở",
                        issued_on=place.now().date(), expires_on=None, domains=[], scope=[], now=place.now(),
                    )  # fmt: skip
            written.append(True)
        return False

    drain(replace(place, stopping=Between(meanwhile)), "register_import", 1)
    run = run_of(place, ident)
    assert run.stage is ImportStage.DONE
    if what.startswith("a company"):
        assert (run.companies, run.licences, run.sites, run.bad) == (239, 240, 240, 1)
        assert count(place, Company) == 240
    else:
        assert (run.companies, run.licences, run.sites, run.bad) == (239, 239, 239, 2)
        assert count(place, Company) == 240


def test_the_check_of_a_cancelled_file_keeps_nothing_of_it(stage: JobHarness) -> None:
    place = stage.context
    ident = handed_in(place)
    (taken,) = register_importer.claim(place, 1)
    with place.database.read() as session:
        body = import_runs.file_of(session, ident)
    with place.database.write() as session:
        import_runs.cancel_import(session, session.get_one(ImportRun, ident), "x", now=place.now())
    table, reading = register_importer._read("so.csv", body, {})
    with pytest.raises(ledger.StaleFence):
        register_importer._check(place, taken, {}, table, reading)
    assert run_of(place, ident).stage is ImportStage.CANCELLED
    assert count(place, import_runs.BadRow) == 0


def test_two_files_are_read_one_after_the_other(stage: JobHarness) -> None:
    place = stage.context
    handed_in(place)
    handed_in(place)
    assert len(register_importer.claim(place, 8)) == 1
    assert register_importer.claim(place, 8) == []


def test_what_fails_without_a_reason_is_tried_again_and_then_reported(stage: JobHarness) -> None:
    place = stage.context
    ident = handed_in(place)
    for attempt in (1, 2, 3):
        with place.database.write() as session:
            session.execute(sa.update(ImportRun).values(due_at=place.now()))
        (taken,) = register_importer.claim(place, 1)
        assert taken.attempt == attempt
        register_importer.record_crash(place, taken, RuntimeError("the disk is full"))
    run = run_of(place, ident)
    assert (run.stage, run.failure_code, run.failure) == (ImportStage.FAILED, "program", "the disk is full")
    assert count(place, import_runs.FileChunk) == 0
