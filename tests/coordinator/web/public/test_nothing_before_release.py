"""The embargo: no response to an outsider, at any route and with any parameter, contains an unreleased bulletin."""

import json
import shutil
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from urllib.parse import quote

import pytest
import sqlalchemy as sa
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from werkzeug.test import TestResponse

from campaigns.bulletins.bulletins import Bulletin, find_bulletin
from campaigns.delivery.outbox import Delivery
from coordinator.db import Database
from tests import factories
from tests.conftest import SEALS
from tests.coordinator.web.application import FORMS, RunningApplication, open_application
from tests.coordinator.web.public.feed_reader import read_feed
from tests.coordinator.web.routes import routes
from tests.factories import WRITER

SECRET = "Bí mật chưa phát"
BODY = "Toàn văn chưa phát của bản tin kín."
LEAKS = (SECRET, "chưa phát", quote(SECRET), json.dumps("chưa phát")[1:-1])


def words(answer: TestResponse) -> str:
    return answer.data.decode(errors="replace")


def secrets(outside: RunningApplication) -> dict[str, Bulletin]:
    """Return one bulletin in every state that outsiders must not know of."""
    codes = {
        "draft": outside.draft(SECRET, body=BODY),
        "submitted": outside.draft(SECRET, body=BODY),
        "scheduled": outside.schedule(SECRET, hours=2, body=BODY),
    }
    outside.submit(codes["submitted"])
    with outside.database.write() as session:
        codes["approved"] = factories.approved(session, title=SECRET, body=BODY, now=outside.office.now()).code
    pending = outside.publish("Đã phát, đang chờ sửa")
    outside.correct(pending, SECRET, BODY, "Sửa chưa phát", actor=WRITER)
    codes["pending"] = pending
    with outside.database.read() as session:
        return {name: find_bulletin(session, code) for name, code in codes.items()}


def asked(outside: RunningApplication, bulletin: Bulletin, key: str) -> Iterator[str]:
    """Return every GET address of the application for this bulletin, with every parameter that an outsider may add."""
    names = {"code": bulletin.code, "token": bulletin.counter_token, "key": key, "ident": "1", "email": "an@so.example"}
    for form in FORMS:
        for route in routes(outside.app, {**names, "name": form}):
            if route.readable:
                yield route.path
    for query in ("?after=", "?limit=200", "?topic=dich-benh", "?after=&limit=200&topic=dich-benh"):
        for name in FORMS:
            yield f"/feeds/{name}{query}"
            yield f"/feeds/{key}/{name}{query}"
    title = quote(SECRET)
    for query in (
        f"?q={title}",
        f"?q={bulletin.code}",
        "?q=mat",
        "?topic=dich-benh",
        "?changed=1",
        "?page=1",
        "?to=2199-12-31",
        "?day=2026-11-24",
        "?day=2026-11-25",
        f"?q={title}&topic=dich-benh&from=2026-01-01&to=2199-12-31",
    ):
        yield f"/bulletins{query}"
    for query in ("?count=20", "?topic=dich-benh&count=20"):
        yield f"/widget{query}"
        yield f"/republishing{query}"
    for form in ("json", "xml"):
        yield f"/oembed?format={form}&url={quote(f'http://localhost:8800/bulletins/{bulletin.code}', safe='')}"
    yield from ("/sitemap-1.xml", "/?lang=en", "/bulletins?lang=en")
    for more in ("?revision=1", "?preview=1", "?now=2030-01-01T00:00:00Z", "?lang=en", "?state=scheduled"):
        yield f"/bulletins/{bulletin.code}{more}"


@pytest.mark.parametrize("signed", [False, True], ids=["nobody", "a partner with a forged cookie"])
def test_no_route_tells_an_outsider_of_what_is_not_out(outside: RunningApplication, signed: bool) -> None:
    outside.staff()
    _, key = outside.partner("Nhịp Sông")
    headers = {"Authorization": f"Bearer {key}", "Cookie": "lantoa=eyJfdXNlcl9pZCI6InVuaXEtYWRtaW4ifQ.x.y"}
    headers = headers if signed else {}
    count = 0
    for bulletin in secrets(outside).values():
        for path in asked(outside, bulletin, key):
            answer = outside.client.get(path, headers=headers)
            count += 1
            assert answer.status_code != 500, path
            # A page that says which words it found nothing for repeats the reader's own words.
            text = words(answer).replace(f"“{SECRET}”", "").replace(f'value="{SECRET}"', "") + "".join(
                answer.headers.values()
            )
            assert not [leak for leak in LEAKS if leak in text], (signed, path)
    assert count > 500


def test_the_same_routes_do_tell_once_the_moment_has_come(outside: RunningApplication) -> None:
    """Proves that the test above can fail: two hours later its search finds the bulletin."""
    outside.staff()
    _, key = outside.partner("Nhịp Sông")
    planned = secrets(outside)["scheduled"]
    outside.clock.forward(hours=2)
    revealing = {path for path in asked(outside, planned, key) if SECRET in words(outside.client.get(path))}
    forms = ("", ".json", ".txt", "/republish", "/embed")
    assert {f"/bulletins/{planned.code}{form}" for form in forms} <= revealing
    assert {"/", "/bulletins", "/widget", f"/bulletins?q={quote(SECRET)}", "/widget?count=20"} <= revealing
    assert sum(path.startswith("/oembed") for path in revealing) == 2
    assert planned.code in words(outside.client.get("/sitemap.xml"))
    assert outside.client.get(f"/bulletins/{planned.code}/republish.json").get_json()["title"] == SECRET
    assert {f"/feeds/{name}" for name in FORMS} <= revealing
    assert {f"/feeds/{key}/{name}" for name in FORMS} <= revealing
    assert "/sitemap-news.xml" in revealing


def test_a_mention_and_a_claim_about_what_is_not_out_are_refused_like_those_about_nothing(
    outside: RunningApplication,
) -> None:
    with outside.database.write() as session:
        factories.site(session, url="https://tin.example/")
    planned = secrets(outside)["scheduled"]
    answers = set()
    for code in (planned.code, "BT-2026-11-24-888"):
        form = {"source": "https://tin.example/1", "target": f"http://localhost:8800/bulletins/{code}"}
        answers.add(outside.client.post("/webmention", data=form).text)
    assert answers == {"target: there is no such bulletin\n"}


def test_a_partner_sees_at_the_api_only_what_is_out(outside: RunningApplication) -> None:
    _, key = outside.partner("Nhịp Sông")
    hidden = secrets(outside)
    headers = {"Authorization": f"Bearer {key}"}
    for name, bulletin in hidden.items():
        answer = outside.client.get(f"/api/v1/bulletins/{bulletin.code}", headers=headers)
        assert answer.status_code == (200 if name == "pending" else 404), name
        body = {"bulletin": bulletin.code, "url": "https://tin.example/1"}
        claim = outside.client.post("/api/v1/republications", json=body, headers=headers)
        assert name == "pending" or claim.status_code in {404, 422}, (name, claim.text)
    rows = outside.client.get("/api/v1/bulletins", headers=headers).get_json()["items"]
    assert [row["code"] for row in rows] == [hidden["pending"].code]


def test_a_partner_learns_nothing_of_its_own_planned_delivery(outside: RunningApplication) -> None:
    """Every route answers about it as about one that does not exist; its receipt is refused in the same words."""
    _, key = outside.partner("Nhịp Sông", kind="webhook")
    planned = outside.schedule(SECRET, hours=2, body=BODY)
    with outside.database.read() as session:
        ident = session.execute(sa.select(Delivery.public).order_by(Delivery.id.desc()).limit(1)).scalar_one()
    headers = {"Authorization": f"Bearer {key}", "X-Request-Id": "one"}  # problems name their request
    never = "dlv_" + "0" * (len(ident) - 4)

    def answers_about(of: str) -> dict[str, str]:
        """The answers about a delivery with this id, without the id."""
        found = {}
        for route in routes(outside.app, {"ident": of, "code": planned}):
            if route.readable and route.on_api:
                found[str(route.rule)] = words(outside.client.get(route.path, headers=headers)).replace(of, "")
        body = {"delivery": of, "status": "received"}
        found["receipt"] = outside.client.post("/api/v1/receipts", json=body, headers=headers).text.replace(of, "")
        return found

    before = answers_about(ident)
    assert before == answers_about(never)
    outside.clock.forward(hours=2)
    after = answers_about(ident)
    assert {"receipt", "/api/v1/deliveries/<ident>"} <= {rule for rule in after if after[rule] != before[rule]}


@settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(plan=st.lists(st.integers(0, 90), min_size=1, max_size=6), at=st.integers(0, 95))
def test_at_any_minute_exactly_what_is_due_is_out_everywhere(
    sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory, plan: list[int], at: int
) -> None:
    folder = tmp_path_factory.mktemp("embargo")
    shutil.copy(sqlite_template, folder / "lantoa.db")
    database = Database(f"sqlite:///{folder / 'lantoa.db'}", seals=SEALS)
    outside = open_application(database, folder)
    start = outside.office.now()
    for number, release in enumerate(plan):
        outside.schedule(f"Tin {number}", hours=release / 60 + 1)
    outside.clock.moment = start + timedelta(minutes=60 + at)
    due = {f"Tin {number}" for number, release in enumerate(plan) if release <= at}
    for name in FORMS:
        assert set(read_feed(name, outside.get(f"/feeds/{name}").data).titles) == due
        assert set(read_feed(name, outside.get(f"/feeds/{name}?after=").data).titles) == due
    outside.staff()
    for path in ("/", "/bulletins", "/widget?count=20"):
        page = outside.get(path).text
        assert {f"Tin {number}" for number in range(len(plan)) if f">Tin {number}<" in page} == due, path
    sitemap = outside.get("/sitemap-news.xml").text
    assert {f"Tin {number}" for number in range(len(plan)) if f"<news:title>Tin {number}<" in sitemap} == due
    database.dispose()
