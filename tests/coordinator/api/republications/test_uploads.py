"""By API: a person's confirmation with a file, what became of a partner's claims, numbers that platforms tell."""

import io
from typing import Any

import pytest
import sqlalchemy as sa
from PIL import Image
from werkzeug.datastructures import FileStorage
from werkzeug.test import TestResponse, encode_multipart

from campaigns.delivery.engagement import EngagementMetric, EngagementReading
from campaigns.republications.republications import Republication, RepublicationStatus
from campaigns.republications.review.decisions import Decision
from campaigns.republications.views import ImageLoad, write_batch
from coordinator.db import Database
from tests.coordinator.api.harness import ApiHarness

SEEN = "2026-11-24T08:00:01+07:00"


@pytest.fixture
def database(sqlite: Database) -> Database:
    """The kind of database makes no difference here."""
    return sqlite


def png() -> bytes:
    out = io.BytesIO()
    Image.new("RGB", (640, 480)).save(out, "PNG")
    return out.getvalue()


def send(
    world: ApiHarness, code: str, body: bytes | None = None, actor_id: str = "analyst", **fields: str
) -> TestResponse:
    data: dict[str, Any] = {"bulletin": code, "url": "https://tinven.example/7", "seen_at": SEEN, "note": "Thấy đủ bài"}
    data |= fields
    headers = {"Idempotency-Key": key} if (key := data.pop("key", "")) else {}
    data["file"] = FileStorage(io.BytesIO(png() if body is None else body), "x.svg")
    _, whole = encode_multipart(data, boundary="b")  # the same bytes each time, as a repeat is
    given: dict[str, Any] = {"data": whole, "content_type": "multipart/form-data; boundary=b", "headers": headers}
    return world.caller(actor_id).send("POST", "/republications/vouch", **given)


def test_a_file_confirms_a_copy_and_stands_in_its_proof(world: ApiHarness) -> None:
    code = world.published()["code"]
    answer = send(world, code)
    assert answer.status_code == 201, answer.text
    row = answer.get_json()
    assert (row["status"], row["level"], row["bulletin"]) == ("confirmed", "person", code)
    path = f"/republications/{row['id']}"
    assert answer.headers["Location"] == f"/api/v1{path}"
    (exhibit,) = world.caller("analyst").get(path).get_json()["exhibits"]
    assert (exhibit["kind"], exhibit["measure"], exhibit["note"]) == ("png", "640x480", "Thấy đủ bài")
    (shown,) = world.caller("tinven").get(path).get_json()["exhibits"]
    assert (shown["by"], shown["note"], shown["sha256"]) == ("", "", exhibit["sha256"])


def test_a_confirmation_by_a_file_is_taken_back_like_any_other_and_then_waits_for_a_person(world: ApiHarness) -> None:
    code = world.published()["code"]
    row = send(world, code).get_json()
    with world.database.read() as session:
        made = session.execute(sa.select(Decision.public)).scalar_one()
    path = f"/republications/{row['id']}"
    answer = world.caller("analyst").send("POST", f"{path}/undo", json={"decision": made})
    assert answer.status_code == 200, answer.text
    again = world.caller("analyst").get(path).get_json()
    assert (again["status"], again["level"]) == ("review", "person")  # there is no other report of it
    assert len(again["exhibits"]) == 1, "what was handed in stays"
    with world.database.read() as session:
        assert session.execute(sa.select(Republication.confirmed_at)).scalar_one() is None


def test_a_repeat_under_the_same_key_acts_once(world: ApiHarness) -> None:
    code = world.published()["code"]
    first, again = send(world, code, key="k-1"), send(world, code, key="k-1")
    assert (first.status_code, again.status_code) == (201, 201)
    assert again.headers["Idempotency-Replayed"] == "true"
    assert first.get_json()["id"] == again.get_json()["id"]
    assert send(world, code).get_json()["errors"][0]["code"] == "known_file"


@pytest.mark.parametrize(
    ("fields", "field", "code"),
    [
        ({"body": b"<svg/>"}, "file", "unknown_type"),
        ({"body": b""}, "file", "empty"),
        ({"url": "https://la.example/1"}, "url", "unknown_site"),
        ({"seen_at": "2026-11-23T08:00:00+07:00"}, "seen_at", "before_release"),
        ({"seen_at": "2027-11-23T08:00:00+07:00"}, "seen_at", "future"),
        ({"seen_at": "hôm qua"}, "seen_at", ""),
        ({"note": " "}, "note", ""),
        ({"bulletin": "BT-0"}, "bulletin", "unknown_bulletin"),
        ({"bulletin": "BT\0"}, "bulletin", ""),
        ({"strange": "x"}, "strange", "unknown_field"),
    ],
)
def test_every_bad_field_is_named_and_nothing_is_counted(
    world: ApiHarness, fields: dict[str, Any], field: str, code: str
) -> None:
    given = {"code": world.published()["code"]} | fields
    if "bulletin" in given:
        given["code"] = given.pop("bulletin")
    answer = send(world, **given)
    assert answer.status_code == (400 if "\0" in str(given["code"]) else 422), answer.text
    errors = answer.get_json()["errors"]
    assert field in {error["field"] for error in errors}
    assert not code or code in {error["code"] for error in errors}
    with world.database.read() as session:
        assert session.execute(sa.select(Republication)).first() is None


def test_another_form_of_body_and_other_roles_are_refused(world: ApiHarness) -> None:
    code = world.published()["code"]
    assert world.caller("analyst").post("/republications/vouch", {"bulletin": code}).status_code == 415
    for actor_id in ("writer", "tinven"):
        assert send(world, code, actor_id=actor_id).status_code == 403


def test_a_partner_shows_what_became_of_its_claims(world: ApiHarness) -> None:
    code = world.published()["code"]
    partner = world.caller("tinven")
    for number in range(5):
        for variant in ("", "?utm_source=x", "#duoi"):
            claim = {"bulletin": code, "url": f"https://tinven.example/{number}{variant}"}
            assert partner.post("/republications", claim).status_code == 202
    with world.database.write() as session:
        rows = session.execute(sa.select(Republication).order_by(Republication.id)).scalars().all()
        by_status = dict(zip(RepublicationStatus, rows, strict=True))
        by_status[RepublicationStatus.DUPLICATE].duplicate_of = by_status[RepublicationStatus.CONFIRMED]
        for status, row in by_status.items():
            row.status = status
    item = partner.get("/partners/tinven").get_json()["claims"]
    assert item == {
        "made": 5, "confirmed": 1, "review": 1, "rejected": 1, "pending": 1, "duplicates": 1, "false_share": 0.5,
        "telling": False,
    }  # fmt: skip
    assert world.caller("admin").get("/partners/bac").get_json()["claims_this_quarter"]["false_share"] is None


def test_numbers_in_a_receipt_are_kept_as_the_platforms_word(world: ApiHarness) -> None:
    channel = world.webhook("tinven")["code"]
    row = world.delivery(world.published()["code"], channel)
    receipt = {"delivery": row["key"], "status": "received", "counts": {"views": 1250, "shares": 31}}
    assert world.caller("tinven").post("/receipts", receipt).status_code == 202
    with world.database.read() as session:
        kept = session.execute(sa.select(EngagementReading).order_by(EngagementReading.id)).scalars().all()
    assert [(reading.metric, reading.value, reading.source) for reading in kept] == [
        (EngagementMetric.VIEWS, 1250, "receipt: tinven"),
        (EngagementMetric.SHARES, 31, "receipt: tinven"),
    ]
    wrong = world.caller("tinven").post("/receipts", receipt | {"counts": {"views": -1, "hearts": 2}})
    assert {item["field"] for item in wrong.get_json()["errors"]} == {"counts.views", "counts.hearts"}


def test_progress_shows_views_by_rule_and_a_partner_those_on_its_own_sites(world: ApiHarness) -> None:
    from campaigns.bulletins.bulletins import find_bulletin

    code = world.published()["code"]
    with world.database.write() as session:
        token = find_bulletin(session, code).counter_token
        now = world.office.now()
        loads = [
            ImageLoad(token, now, program=False, referer=referer, address=address, agent="Mozilla")
            for referer, address in (
                ("https://tinven.example/1", "203.0.113.7"),
                ("https://tinven.example/1", "203.0.113.7"),
                ("", "198.51.100.7"),
            )
        ]
        write_batch(session, "b1", loads, now=now)
    day = "2026-11-24"
    item = world.caller("analyst").get("/progress").get_json()["views"]
    assert item == [{"rules": "2026.1", "raw": 3, "guarded": 2, "first": day, "last": day}]
    assert world.caller("tinven").get("/progress").get_json()["views"][0]["raw"] == 2
    assert world.caller("bac").get("/progress").get_json()["views"] == []
