"""The job loop: no single row stops the others, and no worker settles a row whose lease it lost."""

import pytest

from campaigns.core.ledger import Claim, StaleFence
from campaigns.discovery.site_sources import Source
from coordinator.jobs import job_loop
from coordinator.jobs.context import JobContext
from coordinator.jobs.work_kinds import WORK_KINDS, WorkKind
from tests.coordinator.jobs.harness import JobHarness


class Rows:
    """Rows in memory, some of which go wrong."""

    def __init__(self, count: int, **wrong: BaseException) -> None:
        self.left = list(range(count))
        self.wrong = wrong
        self.done: list[int] = []
        self.broken_at: list[tuple[int, str]] = []
        self.unsettled: BaseException | None = None

    def claim(self, _place: JobContext, limit: int) -> list[Claim]:
        taken, self.left = self.left[:limit], self.left[limit:]
        return [Claim(ident, 1, 1, False) for ident in taken]

    def run(self, _place: JobContext, taken: Claim) -> None:
        error = self.wrong.get(f"at_{taken.id}")
        if error is not None:
            raise error
        self.done.append(taken.id)

    def record_crash(self, _place: JobContext, taken: Claim, error: BaseException) -> None:
        if self.unsettled is not None:
            raise self.unsettled
        self.broken_at.append((taken.id, str(error)))


def _drain(scene: JobHarness, rows: Rows, monkeypatch: pytest.MonkeyPatch, **given: int) -> int:
    monkeypatch.setattr(job_loop, "WORK_KINDS", {"rows": WorkKind(Source, rows.claim, rows.run, rows.record_crash)})
    return job_loop.drain(scene.context, "rows", **({"batch": 3} | given))


def test_everything_is_carried_out(stage: JobHarness, monkeypatch: pytest.MonkeyPatch) -> None:
    rows = Rows(10)
    assert _drain(stage, rows, monkeypatch) == 10
    assert rows.done == list(range(10))


def test_no_more_than_it_is_asked_to(stage: JobHarness, monkeypatch: pytest.MonkeyPatch) -> None:
    rows = Rows(100)
    assert _drain(stage, rows, monkeypatch, most=6) == 6
    assert len(rows.left) == 94


def test_a_bug_in_one_row_is_logged_settled_and_stops_no_other(
    stage: JobHarness, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    rows = Rows(4, at_1=ZeroDivisionError("a bug"))
    assert _drain(stage, rows, monkeypatch) == 4
    assert (rows.done, rows.broken_at) == ([0, 2, 3], [(1, "a bug")])
    assert any(record.exc_info for record in caplog.records)


def test_a_row_that_another_has_by_now_is_left_to_it(
    stage: JobHarness, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    rows = Rows(3, at_1=StaleFence("row 1 of rows was claimed again"))
    assert _drain(stage, rows, monkeypatch) == 3
    assert (rows.done, rows.broken_at) == ([0, 2], [])
    assert "claimed again" in caplog.text


@pytest.mark.parametrize("trouble", [StaleFence("claimed again"), RuntimeError("the database is gone")])
def test_a_row_that_cannot_even_be_settled_stops_no_other(
    stage: JobHarness, monkeypatch: pytest.MonkeyPatch, trouble: BaseException
) -> None:
    rows = Rows(3, at_0=ZeroDivisionError("a bug"))
    rows.unsettled = trouble
    assert _drain(stage, rows, monkeypatch) == 3
    assert rows.done == [1, 2]


def test_the_death_of_the_process_is_not_held_up(stage: JobHarness, monkeypatch: pytest.MonkeyPatch) -> None:
    rows = Rows(3, at_1=KeyboardInterrupt())
    with pytest.raises(KeyboardInterrupt):
        _drain(stage, rows, monkeypatch)
    assert rows.broken_at == []


@pytest.mark.parametrize("kind", WORK_KINDS)
def test_a_row_that_is_gone_by_the_time_it_is_carried_out_is_nothing_to_worry_about(
    stage: JobHarness, kind: str, caplog: pytest.LogCaptureFixture
) -> None:
    job_loop.carry_out(stage.context, kind, Claim(4711, 1, 1, False))
    assert caplog.records == []


@pytest.mark.parametrize("kind", WORK_KINDS)
def test_nothing_due_is_nothing_done(stage: JobHarness, kind: str) -> None:
    assert job_loop.drain(stage.context, kind, 8) == 0
