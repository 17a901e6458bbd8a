"""An import of a register: written whole or not at all, and not written when cancelled."""

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest
import sqlalchemy as sa

from campaigns.core import import_runs, ledger
from campaigns.core.import_runs import ImportKind, ImportOutcome, ImportRun, ImportStage
from campaigns.partners.directory import Company, CompanyContent, SiteContent, SiteKind, add_company, add_site
from campaigns.partners.licences import Licence, LicenceContent, add_licence
from coordinator.jobs.context import JobContext
from coordinator.jobs.core import import_runs as import_jobs
from coordinator.jobs.core.import_runs import CheckProgress
from coordinator.jobs.core.imported_file import IMPORTERS, NoProgress, read_file
from coordinator.jobs.job_loop import drain
from tests.coordinator.jobs.harness import JobHarness

HEAD = "Tên doanh nghiệp,Số giấy phép,Ngày cấp,Tên miền"
LINES = [f"Công ty số {number},{number}/GP-TTĐT,04/03/2023,so{number}.example.vn" for number in range(240)]
SHEET = "\n".join([HEAD, *LINES, "Công ty Sai,999/GP-TTĐT,hôm qua,sai.example.vn"]).encode()


class Killed(BaseException):
    """The process is gone."""


def handed_in(context: JobContext, *, agreed: bool = False) -> int:
    with context.database.write() as session:
        ident = import_runs.begin_import(
            session, ImportKind.REGISTER, "quan.tri@so.example", "so.csv", [SHEET], now=context.now()
        ).id
    if agreed:
        drain(context, "table_import", 1)
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
    drain(place, "table_import", 1)
    run = run_of(place, ident)
    assert (run.stage, run.rows, run.good, run.bad) == (ImportStage.CHECKED, 241, 240, 1)
    assert (run.counts["companies"], run.counts["licences"], run.counts["sites"], run.due_at) == (240, 240, 240, None)
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
    monkeypatch.setattr(import_jobs, "PROGRESS_INTERVAL", 0)
    ident = handed_in(place)
    for _time in range(2):  # with other columns the whole file is checked again, from its first row
        with place.database.read() as session:
            assert session.get_one(ImportRun, ident).reached == 0
        drain(place, "table_import", 1)
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
        import_runs.begin_import(session, ImportKind.REGISTER, "x", "so.csv", [body], now=scene.context.now())
    clock = iter(range(1000))
    monkeypatch.setattr(import_jobs, "monotonic", lambda: next(clock) / 10)  # a tenth of a second each look
    drain(scene.context, "table_import", 1)
    # Ten times 200 rows, and of those only what comes 0.4 s after the last.
    assert recorded_progress == [(2000, 0), (2000, 800), (2000, 1600), (2000, 2000)]


def test_a_file_called_off_while_it_is_read_is_read_no_further(
    stage: JobHarness, monkeypatch: pytest.MonkeyPatch
) -> None:
    place = stage.context
    ident = handed_in(place)
    (taken,) = import_jobs.claim(place, 1)
    opened = CheckProgress.opened

    def call_off(self: CheckProgress, rows: int) -> None:
        opened(self, rows)
        with place.database.write() as session:
            import_runs.cancel_import(session, session.get_one(ImportRun, ident), "x", now=place.now())

    monkeypatch.setattr(CheckProgress, "opened", call_off)
    monkeypatch.setattr(import_jobs, "PROGRESS_INTERVAL", 0)
    monkeypatch.setattr(import_jobs, "_check", lambda *_: pytest.fail("read to its end"))
    with pytest.raises(ledger.StaleFence):
        import_jobs.run_import(place, taken)
    assert run_of(place, ident).stage is ImportStage.CANCELLED
    assert count(place, import_runs.FileChunk) == 0


@pytest.mark.parametrize("where", ["before its entries", "after its entries"])
def test_a_run_that_was_killed_while_it_wrote_left_nothing_and_is_written_whole_by_the_next_one(
    scene: JobHarness, monkeypatch: pytest.MonkeyPatch, where: str
) -> None:
    place = scene.context
    ident = handed_in(place, agreed=True)
    (taken,) = import_jobs.claim(place, 1)
    importer = IMPORTERS[ImportKind.REGISTER]

    def killed(*given: Any, now: datetime) -> ImportOutcome:
        if where.startswith("after"):
            importer.write(*given, now=now)
        raise Killed

    with monkeypatch.context() as patch:
        patch.setattr(import_jobs, "IMPORTERS", {ImportKind.REGISTER: replace(importer, write=killed)})
        with pytest.raises(Killed):
            import_jobs.run_import(place, taken)
    assert run_of(place, ident).stage is ImportStage.WRITING
    assert (count(place, Company), count(place, Licence), count(place, import_runs.FileChunk)) == (0, 0, 1)
    assert import_jobs.claim(place, 1) == [], "its lease still holds"
    with place.database.write() as session:
        session.execute(sa.update(ImportRun).values(lease_until=place.now() - timedelta(seconds=1)))
    assert drain(place, "table_import", 1) == 1
    run = run_of(place, ident)
    assert (run.stage, run.counts["companies"], run.counts["unchanged"]) == (ImportStage.DONE, 240, 0)
    assert (run.good, run.bad) == (240, 1)
    assert (count(place, Company), count(place, Licence)) == (240, 240)


@pytest.mark.parametrize("what", ["a company of that name", "its site, another's", "its licence, another's"])
def test_what_others_write_into_the_directory_after_the_check_counts(scene: JobHarness, what: str) -> None:
    place = scene.context
    ident = handed_in(place, agreed=True)
    with place.database.write() as session:
        named = "CÔNG TY SỐ 239" if what.startswith("a company") else "Công ty Khác"
        company = add_company(session, "x", CompanyContent(name=named), now=place.now())
        if what.startswith("its site"):
            url, kind = "https://so239.example.vn/", SiteKind.AGGREGATOR
            add_site(session, "x", company, SiteContent(name="Trang", url=url, kind=kind), now=place.now())
        elif what.startswith("its licence"):
            add_licence(
                session,
                "x",
                company,
                "239/GP-TTĐT",
                LicenceContent(kind=SiteKind.AGGREGATOR, issuer="Sở", issued_on=place.now().date()),
                now=place.now(),
            )
    drain(place, "table_import", 1)
    run = run_of(place, ident)
    assert run.stage is ImportStage.DONE
    added = run.counts
    if what.startswith("a company"):
        assert (added["companies"], added["licences"], added["sites"], run.bad) == (239, 240, 240, 1)
    else:
        assert (added["companies"], added["licences"], added["sites"], run.bad) == (239, 239, 239, 2)
    assert count(place, Company) == 240


def test_the_check_of_a_cancelled_file_keeps_nothing_of_it(stage: JobHarness) -> None:
    place = stage.context
    ident = handed_in(place)
    (taken,) = import_jobs.claim(place, 1)
    with place.database.read() as session:
        body = import_runs.file_of(session, ident)
    with place.database.write() as session:
        import_runs.cancel_import(session, session.get_one(ImportRun, ident), "x", now=place.now())
    file = read_file(ImportKind.REGISTER, "so.csv", body, {}, NoProgress())
    with pytest.raises(ledger.StaleFence):
        import_jobs._check(place, taken, file)
    assert run_of(place, ident).stage is ImportStage.CANCELLED
    assert count(place, import_runs.BadRow) == 0


def test_two_files_are_read_one_after_the_other(stage: JobHarness) -> None:
    place = stage.context
    handed_in(place)
    handed_in(place)
    assert len(import_jobs.claim(place, 8)) == 1
    assert import_jobs.claim(place, 8) == []


def test_what_fails_without_a_reason_is_tried_again_and_then_reported(stage: JobHarness) -> None:
    place = stage.context
    ident = handed_in(place)
    for attempt in (1, 2, 3):
        with place.database.write() as session:
            session.execute(sa.update(ImportRun).values(due_at=place.now()))
        (taken,) = import_jobs.claim(place, 1)
        assert taken.attempt == attempt
        import_jobs.record_crash(place, taken, RuntimeError("the disk is full"))
    run = run_of(place, ident)
    assert (run.stage, run.failure_code, run.failure) == (ImportStage.FAILED, "program", "the disk is full")
    assert count(place, import_runs.FileChunk) == 0
