"""The counter image: always the same answer, no cookie, nothing kept of a reader, and what it counts."""

from typing import Any

import sqlalchemy as sa
from werkzeug.test import TestResponse

from campaigns.publishing.bulletins import find_bulletin
from campaigns.tracking.republications import Republication
from campaigns.tracking.sightings import How, Page, Sighting
from campaigns.tracking.views import View
from tests import factories
from tests.coordinator.web.public.outside import Outside

FIREFOX = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0"


def token(outside: Outside, code: str) -> str:
    with outside.database.read() as session:
        return find_bulletin(session, code).counter_token


def load(outside: Outside, code: str, referer: str = "", agent: str = FIREFOX, address: str = "203.0.113.7") -> Any:
    headers = {"User-Agent": agent} | ({"Referer": referer} if referer else {})
    return outside.client.get(
        f"/i/{token(outside, code)}.gif", headers=headers, environ_overrides={"REMOTE_ADDR": address}
    )


def views(outside: Outside) -> list[View]:
    with outside.database.read() as session:
        return list(session.execute(sa.select(View).order_by(View.id)).scalars())


def told(answer: TestResponse) -> tuple[int, bytes, list[tuple[str, str]]]:
    return answer.status_code, answer.data, sorted(answer.headers.items())


def site(outside: Outside, url: str) -> None:
    with outside.database.write() as session:
        factories.site(session, url=url)


def test_the_image_is_43_bytes_that_no_cache_keeps_and_sets_no_cookie(outside: Outside) -> None:
    answer = load(outside, outside.publish())
    assert (answer.status_code, len(answer.data), answer.content_type) == (200, 43, "image/gif")
    assert answer.data[:6] == b"GIF89a"
    assert answer.data[-1:] == b";"
    assert answer.headers["Cache-Control"] == "no-store"
    assert answer.headers["Cross-Origin-Resource-Policy"] == "cross-origin"
    assert "Set-Cookie" not in answer.headers
    assert "Vary" not in answer.headers


def test_every_token_gets_the_very_same_answer(outside_both: Outside) -> None:
    outside = outside_both
    known = told(load(outside, outside.publish()))
    planned = told(load(outside, outside.schedule("Chưa ra")))
    recalled = outside.publish()
    outside.recall(recalled)
    strange = [told(outside.client.get(f"/i/{one}.gif")) for one in ("x", "a" * 400, "..%2e", "%F0%9F%98%80")]
    for answer in (planned, told(load(outside, recalled)), *strange):
        assert answer == known


def test_head_shows_the_same_and_counts_nothing(outside: Outside) -> None:
    code = outside.publish()
    assert outside.client.head(f"/i/{token(outside, code)}.gif").status_code == 200
    assert views(outside) == []


def test_a_second_load_within_half_a_minute_and_a_program_are_raw_views_only(outside: Outside) -> None:
    code = outside.publish()
    load(outside, code)
    outside.clock.forward(seconds=29)
    load(outside, code)
    outside.clock.forward(seconds=2)
    load(outside, code)
    load(outside, code, agent="Googlebot/2.1")
    load(outside, code, agent="")
    load(outside, code, address="198.51.100.7")
    assert [one.guarded for one in views(outside)] == [True, False, True, False, False, True]


def test_of_a_reader_neither_address_nor_agent_is_kept_and_tomorrow_they_are_somebody_else(outside: Outside) -> None:
    code = outside.publish()
    load(outside, code)
    outside.clock.forward(days=1)
    load(outside, code)
    first, second = views(outside)
    assert first.visitor != second.visitor
    database = (outside.front.settings.data_dir / "lantoa.db").read_bytes()
    wal = outside.front.settings.data_dir / "lantoa.db-wal"
    database += wal.read_bytes() if wal.exists() else b""
    for canary in (b"203.0.113", b"Firefox", b"Gecko"):
        assert canary not in database


def test_a_load_from_a_registered_site_points_at_the_page_and_a_stranger_at_nothing(outside: Outside) -> None:
    site(outside, "https://tin.example/")
    code = outside.publish()
    for stranger in ("https://la.example/tin/1", "not an address", "https://user:x@tin.example/1", "", "https://[::1"):
        load(outside, code, stranger)
    with outside.database.read() as session:
        assert session.execute(sa.select(Page)).first() is None
    assert outside.runner.kinds == []
    load(outside, code, "https://www.tin.example/tin/1?utm_source=x#dau")
    load(outside, code, "https://tin.example/tin/1")
    with outside.database.read() as session:
        page = session.execute(sa.select(Page)).scalar_one()
        assert page.due_at == outside.office.now()
        assert session.execute(sa.select(Sighting.how)).scalars().all() == [How.COUNTED_IMAGE]
        copy = session.execute(sa.select(Republication)).scalar_one()
        assert (copy.status.value, copy.level.value) == ("candidate", "counted_image")
    assert outside.runner.kinds == ["check"]
    assert [one.host for one in views(outside)] == [""] * 5 + ["tin.example"] * 2


def test_a_load_before_the_release_points_at_nothing_yet(outside: Outside) -> None:
    site(outside, "https://tin.example/")
    code = outside.schedule("Lộ sớm", hours=1)
    load(outside, code, "https://tin.example/tin/1")
    with outside.database.read() as session:
        assert session.execute(sa.select(Page)).first() is None
    outside.clock.forward(hours=1)
    load(outside, code, "https://tin.example/tin/1")
    with outside.database.read() as session:
        assert session.execute(sa.select(Page)).scalar_one().canonical_url.endswith("/tin/1")


def test_hostile_headers_are_no_error(outside_both: Outside) -> None:
    outside = outside_both
    site(outside, "https://tin.example/")
    code = outside.publish()
    for referer in ("https://tin.example/" + "a" * 5000, "https://tin.example/\x7f", "https://tin.example/%00", "\xff"):
        assert load(outside, code, referer, agent="x" * 5000).status_code == 200
