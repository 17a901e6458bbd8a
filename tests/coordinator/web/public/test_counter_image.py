"""The counter image: a constant response, no cookie, no data of a reader stored, and its counts."""

import threading
import zipfile
from dataclasses import replace
from typing import Any

import pytest
import sqlalchemy as sa
from werkzeug.test import TestResponse

from campaigns.bulletins.bulletins import find_bulletin
from campaigns.discovery.sightings import Page, Sighting, SightingMethod
from campaigns.republications.republications import Republication
from campaigns.republications.views import ImageLoad, ViewDay, ViewSalt
from coordinator.jobs import upkeep, view_buffer_writer
from coordinator.jobs.view_buffers import MOST_VIEWS, ViewBuffer
from coordinator.storage import backup as archiving
from tests import factories
from tests.coordinator.installation import until
from tests.coordinator.web.application import RunningApplication

FIREFOX = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0"


def token(outside: RunningApplication, code: str) -> str:
    with outside.database.read() as session:
        return find_bulletin(session, code).counter_token


def load(
    outside: RunningApplication, code: str, referer: str = "", agent: str = FIREFOX, address: str = "203.0.113.7"
) -> Any:
    headers = {"User-Agent": agent} | ({"Referer": referer} if referer else {})
    return outside.client.get(
        f"/i/{token(outside, code)}.gif", headers=headers, environ_overrides={"REMOTE_ADDR": address}
    )


def flush(outside: RunningApplication) -> int:
    return view_buffer_writer.flush_views(outside.office, outside.runner)


def views(outside: RunningApplication) -> dict[str, tuple[int, int]]:
    """Return the raw and guarded counts by host, after the buffer is written."""
    flush(outside)
    with outside.database.read() as session:
        rows = session.execute(
            sa.select(ViewDay.host, sa.func.sum(ViewDay.raw), sa.func.sum(ViewDay.guarded)).group_by(ViewDay.host)
        )
        return {row[0]: (int(row[1]), int(row[2])) for row in rows}


def _away(*_: object, **__: object) -> None:
    raise sa.exc.OperationalError("INSERT", {}, Exception("the database is away"))


def response_parts(answer: TestResponse) -> tuple[int, bytes, list[tuple[str, str]]]:
    return answer.status_code, answer.data, sorted(item for item in answer.headers.items() if item[0] != "X-Request-Id")


def site(outside: RunningApplication, url: str) -> None:
    with outside.database.write() as session:
        factories.site(session, url=url)


def test_the_image_is_43_bytes_that_no_cache_keeps_and_sets_no_cookie(outside: RunningApplication) -> None:
    answer = load(outside, outside.publish())
    assert (answer.status_code, len(answer.data), answer.content_type) == (200, 43, "image/gif")
    assert answer.data[:6] == b"GIF89a"
    assert answer.data[-1:] == b";"
    assert answer.headers["Cache-Control"] == "no-store"
    assert answer.headers["Cross-Origin-Resource-Policy"] == "cross-origin"
    assert "Set-Cookie" not in answer.headers
    assert "Vary" not in answer.headers


def test_every_token_gets_the_very_same_answer(outside_both: RunningApplication) -> None:
    outside = outside_both
    known = response_parts(load(outside, outside.publish()))
    planned = response_parts(load(outside, outside.schedule("Chưa ra")))
    recalled = outside.publish()
    outside.recall(recalled)
    strange = [
        response_parts(outside.client.get(f"/i/{text}.gif")) for text in ("x", "a" * 400, "..%2e", "%F0%9F%98%80")
    ]
    for answer in (planned, response_parts(load(outside, recalled)), *strange):
        assert answer == known


def test_head_shows_the_same_and_counts_nothing(outside: RunningApplication) -> None:
    code = outside.publish()
    assert outside.client.head(f"/i/{token(outside, code)}.gif").status_code == 200
    assert views(outside) == {}


def test_a_second_load_within_half_a_minute_and_a_program_are_raw_views_only(outside: RunningApplication) -> None:
    code = outside.publish()
    load(outside, code)
    outside.clock.forward(seconds=29)
    load(outside, code)
    outside.clock.forward(seconds=31)
    load(outside, code)
    load(outside, code, agent="Googlebot/2.1")
    load(outside, code, agent="")
    load(outside, code, address="198.51.100.7")
    assert views(outside) == {"": (6, 3)}


def test_a_request_reads_and_writes_no_database_whatever_the_token(outside: RunningApplication) -> None:
    code = outside.publish()
    known = token(outside, code)
    outside.database.dispose()
    asked: list[str] = []
    sa.event.listen(outside.database.engine, "connect", lambda *_: asked.append("connect"))
    for text in (known, "0" * 32, "x"):
        outside.client.get(f"/i/{text}.gif", headers={"User-Agent": FIREFOX, "Referer": "https://tin.example/1"})
    assert asked == []
    assert len(outside.office.view_buffer) == 3


def test_a_batch_that_could_not_be_written_is_kept_and_counts_once(
    outside: RunningApplication, monkeypatch: pytest.MonkeyPatch
) -> None:
    code = outside.publish()
    load(outside, code)
    with monkeypatch.context() as away:
        away.setattr(view_buffer_writer.views, "write_batch", _away)
        with pytest.raises(sa.exc.OperationalError):
            flush(outside)
    load(outside, code, address="198.51.100.7")
    assert len(outside.office.view_buffer) == 2
    assert views(outside) == {"": (2, 2)}
    assert len(outside.office.view_buffer) == 0


def test_an_acknowledgement_that_was_lost_does_not_count_a_batch_twice(
    outside: RunningApplication, monkeypatch: pytest.MonkeyPatch
) -> None:
    load(outside, outside.publish())
    with monkeypatch.context() as lost:
        lost.setattr(view_buffer_writer.views, "record_image_pages", lambda *_, **__: 0)
        batch = outside.office.view_buffer.take()
        assert batch is not None
        with outside.database.write() as session:
            view_buffer_writer.views.write_batch(session, *batch, now=outside.office.now())
    # The process did not notice the commit, so the same batch is written again.
    assert views(outside) == {"": (1, 1)}


def test_two_processes_tell_a_reader_who_reached_both(outside: RunningApplication) -> None:
    code = outside.publish()
    other = replace(outside.office, view_buffer=ViewBuffer())
    load(outside, code)
    batch = outside.office.view_buffer.take()
    assert batch is not None
    for image_load in batch[1]:
        other.view_buffer.add(image_load)
    view_buffer_writer.flush_views(other, outside.runner)
    assert views(outside) == {"": (2, 1)}


def test_a_batch_that_can_never_be_written_is_given_up_and_the_next_is_written(
    outside: RunningApplication, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    code = outside.publish()
    load(outside, code, agent="ein Leser")
    tried = threading.Event()

    def fails(*_: object, **__: object) -> None:
        tried.set()
        raise ValueError("ein Leser")

    thread = view_buffer_writer.CountingThread(outside.office, outside.runner)
    with monkeypatch.context() as broken:
        broken.setattr(view_buffer_writer.views, "write_batch", fails)
        thread.start()
        assert tried.wait(30)
        until("the batch is given up", lambda: len(outside.office.view_buffer) == 0)
    load(outside, code)
    thread.stop()
    assert views(outside) == {"": (1, 1)}
    assert "1 loads of counter images are lost, they cannot be written: ValueError" in caplog.text
    assert "ein Leser" not in caplog.text


def test_what_waits_is_written_when_the_process_stops(outside: RunningApplication) -> None:
    code = outside.publish()
    thread = view_buffer_writer.CountingThread(outside.office, outside.runner)
    thread.start()
    load(outside, code)
    thread.stop()
    assert len(outside.office.view_buffer) == 0
    assert views(outside) == {"": (1, 1)}


def test_memory_is_bounded_while_the_database_is_away(
    outside: RunningApplication, caplog: pytest.LogCaptureFixture
) -> None:
    image_load = ImageLoad(token="x", at=outside.office.now(), program=False)
    for _ in range(MOST_VIEWS + 5):
        outside.office.view_buffer.add(image_load)
    assert len(outside.office.view_buffer) == MOST_VIEWS
    outside.office.view_buffer.take()
    assert "5 loads of counter images were dropped" in caplog.text


def test_of_a_reader_neither_address_nor_agent_is_kept_in_any_file_or_log(
    outside: RunningApplication, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("DEBUG")
    site(outside, "https://tin.example/")
    code = outside.publish()
    load(outside, code, "https://tin.example/1")
    flush(outside)
    outside.clock.forward(days=1)
    load(outside, code, "https://tin.example/1")
    flush(outside)
    upkeep.tidy(outside.office)
    folder = outside.app_context.settings.data_dir
    archiving.backup(outside.database, folder, folder / "b.zip", keys=("k" * 40,))
    with zipfile.ZipFile(outside.app_context.settings.data_dir / "b.zip") as backup:
        assert not {name for name in backup.namelist() if "salt" in name or "mark" in name or "view_source" in name}
        kept = b"".join(backup.read(name) for name in backup.namelist())
    files = [path for path in outside.app_context.settings.data_dir.rglob("*") if path.is_file()]
    assert any(path.name.startswith("lantoa.db") for path in files)
    kept += b"".join(path.read_bytes() for path in files) + caplog.text.encode()
    for canary in (b"203.0.113", b"Firefox", b"Gecko"):
        assert canary not in kept


def test_a_salt_that_was_destroyed_is_in_no_file_of_the_database(outside: RunningApplication) -> None:
    load(outside, outside.publish())
    flush(outside)
    with outside.database.read() as session:
        salt = session.execute(sa.select(ViewSalt.salt)).scalar_one()
    outside.clock.forward(hours=48)
    upkeep.tidy(outside.office)
    for path in outside.app_context.settings.data_dir.glob("lantoa.db*"):
        assert salt not in path.read_bytes()


def test_a_load_from_a_registered_site_points_at_the_page_and_a_stranger_at_nothing(
    outside: RunningApplication,
) -> None:
    site(outside, "https://tin.example/")
    code = outside.publish()
    for stranger in ("https://la.example/tin/1", "not an address", "https://user:x@tin.example/1", "", "https://[::1"):
        load(outside, code, stranger)
    flush(outside)
    with outside.database.read() as session:
        assert session.execute(sa.select(Page)).first() is None
    assert outside.runner.kinds == []
    load(outside, code, "https://www.tin.example/tin/1?utm_source=x#dau")
    load(outside, code, "https://tin.example/tin/1")
    flush(outside)
    with outside.database.read() as session:
        page = session.execute(sa.select(Page)).scalar_one()
        assert page.due_at == outside.office.now()
        assert session.execute(sa.select(Sighting.how)).scalars().all() == [SightingMethod.COUNTED_IMAGE]
        copy = session.execute(sa.select(Republication)).scalar_one()
        assert (copy.status.value, copy.level.value) == ("candidate", "counted_image")
    assert outside.runner.kinds == ["page_check"]
    assert views(outside) == {"": (5, 1), "tin.example": (2, 1)}


def test_a_load_before_the_release_points_at_nothing_yet(outside: RunningApplication) -> None:
    site(outside, "https://tin.example/")
    code = outside.schedule("Lộ sớm", hours=1)
    load(outside, code, "https://tin.example/tin/1")
    flush(outside)
    with outside.database.read() as session:
        assert session.execute(sa.select(Page)).first() is None
    outside.clock.forward(hours=1)
    load(outside, code, "https://tin.example/tin/1")
    flush(outside)
    with outside.database.read() as session:
        assert session.execute(sa.select(Page)).scalar_one().canonical_url.endswith("/tin/1")


def test_hostile_headers_are_no_error(outside_both: RunningApplication) -> None:
    outside = outside_both
    site(outside, "https://tin.example/")
    code = outside.publish()
    for referer in ("https://tin.example/" + "a" * 5000, "https://tin.example/\x7f", "https://tin.example/%00", "\xff"):
        assert load(outside, code, referer, agent="x" * 5000).status_code == 200
    assert flush(outside) == 4
