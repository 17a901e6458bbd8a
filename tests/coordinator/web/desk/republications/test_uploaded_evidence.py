"""A page behind a sign-in is confirmed by a person with a file: what is accepted, what is rejected, who sees it."""

import hashlib
import io
import json
import socket
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from PIL import Image
from sqlalchemy.orm import Session

from campaigns.bulletins.bulletins import Revision, find_bulletin
from campaigns.core import journal
from campaigns.core.clock import parse_period
from campaigns.discovery.sightings import Page
from campaigns.partners.directory import CompanyContent, SiteContent, SiteKind, add_company, add_site
from campaigns.people.staff import Role
from campaigns.planning.campaigns import Metric
from campaigns.release import workflow
from campaigns.reporting import tallies
from campaigns.reporting.tallies import TallyScope
from campaigns.republications.evidence.uploads import EvidenceUpload
from campaigns.republications.lifecycle import outdated_copies
from campaigns.republications.republications import EvidenceLevel, Republication, RepublicationStatus
from coordinator.jobs.republications import page_check
from coordinator.storage.bucket import BucketAddress, BucketStore
from tests.coordinator.web.desk.conftest import Desk
from tests.coordinator.web.desk.copies import evidence_file
from tests.factories import APPROVER, DELIVERY_MODES, NOW, published

URL = "https://mxh.example/tin/7?fbclid=abc"
FORM = "/desk/republications/_vouch"


def png(size: tuple[int, int] = (640, 480), colour: str = "white", **more: Any) -> bytes:
    out = io.BytesIO()
    Image.new("RGB", size, colour).save(out, "PNG", **more)
    return out.getvalue()


@pytest.fixture
def code(desk: Desk) -> str:
    """Publish a bulletin and add a social network to the directory."""
    with desk.database.write() as session:
        company = add_company(session, "test", CompanyContent(name="Mạng Làng"), now=NOW)
        add_site(
            session,
            "test",
            company,
            SiteContent(name="Làng", url="https://mxh.example/", kind=SiteKind.SOCIAL),
            now=NOW,
        )
        return published(session).code


def send(desk: Desk, code: str, body: bytes | None, status: int = 303, name: str = "anh.png", **fields: str) -> str:
    data: dict[str, Any] = {
        "bulletin": code, "url": URL, "day": "2026-11-24", "time": "09:30", "note": "Thấy đủ bài và dòng nguồn.",
        **fields,
    }  # fmt: skip
    if body is not None:
        data["file"] = (io.BytesIO(body), name)
    answer = desk.post(FORM, data)
    assert answer.status_code == status, answer.text[:3000]
    return answer.headers["Location"] if status == 303 else answer.text


def one(session: Session) -> Republication:
    return session.execute(sa.select(Republication)).scalar_one()


def test_a_store_that_cannot_be_reached_is_reported_in_words_and_nothing_is_written(
    desk: Desk, code: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    desk.sign_in(Role.ANALYST)
    send(desk, code, png())
    with desk.database.read() as session:
        exhibit = session.execute(sa.select(EvidenceUpload.public)).scalar_one()
    with socket.socket() as closed:  # bound and not listening: connections are refused
        closed.bind(("127.0.0.1", 0))
        bucket = BucketAddress.parse(f"s3://kho-luu?endpoint=http://127.0.0.1:{closed.getsockname()[1]}")
        monkeypatch.setattr(desk.office.store, "_blobs", BucketStore(bucket, "id", "secret"))
        assert "Chưa tới được kho lưu" in send(desk, code, png(colour="red"), status=503)
        answer = desk.client.get(f"/desk/republications/_exhibits/{exhibit}")
        with desk.database.read() as session:
            ident = one(session).public
        bundle = desk.client.get(f"/desk/republications/{ident}/evidence.zip")
    assert (bundle.status_code, bundle.headers["Retry-After"]) == (503, "30")
    assert "Chưa tới được kho lưu" in bundle.text
    assert (answer.status_code, answer.headers["Retry-After"]) == (503, "30")
    assert "Chưa tới được kho lưu" in answer.text
    with desk.database.read() as session:
        assert session.execute(sa.select(sa.func.count()).select_from(EvidenceUpload)).scalar_one() == 1


def test_a_picture_confirms_a_copy_at_once_under_the_persons_name(desk: Desk, code: str) -> None:
    actor = desk.sign_in(Role.ANALYST)
    assert "Ghi nhận bằng ảnh chụp" in desk.get(f"{FORM}?bulletin={code}&url=https://mxh.example/tin/7")
    where = send(desk, code, png())
    with desk.database.read() as session:
        row = one(session)
        assert (row.status, row.level, row.decided_by) == (
            RepublicationStatus.CONFIRMED,
            EvidenceLevel.PERSON,
            actor.id,
        )
        assert row.counted_on.isoformat() == "2026-11-24"
        exhibit = session.execute(sa.select(EvidenceUpload)).scalar_one()
        kept = desk.office.store.read(exhibit.body_key)
        assert exhibit.body_hash == hashlib.sha256(kept).hexdigest()
        assert exhibit.original_hash == hashlib.sha256(png()).hexdigest()
        entry = list(journal.history(session, "republication", row.public))[-1]
        assert json.loads(entry.details)["sha256"] == exhibit.body_hash
        scope = TallyScope(parse_period("2026-Q4"))
        assert tallies.actual(session, scope, Metric.REPUBLICATIONS) == 1
    page = desk.get(where)
    assert "Người xác nhận" in page
    assert "Thấy đủ bài và dòng nguồn." in page
    assert exhibit.body_hash[:12] in page
    bundle = evidence_file(desk, row.public)
    assert bundle["exhibits"][0]["sha256"] == exhibit.body_hash
    assert bundle["exhibits"][0]["by"] == actor.id


def test_no_machine_fetches_such_a_page_so_it_is_never_taken_for_gone(desk: Desk, code: str) -> None:
    desk.sign_in(Role.ANALYST)
    send(desk, code, png())
    with desk.database.write() as session:
        workflow.recall(session, APPROVER, code, "Sai số liệu", DELIVERY_MODES, now=desk.office.now())
        outdated_copies.request_refetch(
            session, find_bulletin(session, code), desk.office.intervals, now=desk.office.now()
        )
        page = session.execute(sa.select(Page)).scalar_one()
        assert page.behind_sign_in
        assert page.due_at is None
        page.due_at = desk.office.now()
    assert page_check.claim(desk.office, 10) == []


def test_variants_of_one_address_are_one_copy_with_two_pictures(desk: Desk, code: str) -> None:
    desk.sign_in(Role.ANALYST)
    send(desk, code, png())
    send(desk, code, png(colour="gray"), url="https://www.mxh.example/tin/7?utm_source=zalo#binh-luan")
    with desk.database.read() as session:
        assert one(session).status is RepublicationStatus.CONFIRMED
        assert session.execute(sa.select(sa.func.count()).select_from(EvidenceUpload)).scalar_one() == 2
    again = send(desk, code, png(), 422)
    assert "đã được giữ cho bài này" in again


def test_where_and_by_what_a_picture_was_taken_is_not_kept(desk: Desk, code: str) -> None:
    desk.sign_in(Role.ANALYST)
    exif = Image.Exif()
    exif[0x010F] = "CANARYCAMERA"
    out = io.BytesIO()
    Image.new("RGB", (640, 480)).save(out, "JPEG", exif=exif, comment=b"CANARYNOTE")
    send(desk, code, out.getvalue() + b"<script>CANARYTAIL</script>", name="../../etc/passwd")
    with desk.database.read() as session:
        exhibit = session.execute(sa.select(EvidenceUpload)).scalar_one()
    assert b"CANARY" not in desk.office.store.read(exhibit.body_key)
    stored = [path.name for path in Path(desk.app_context.settings.data_dir).rglob("*") if path.is_file()]
    assert not [name for name in stored if "passwd" in name]


def test_a_kept_file_is_given_to_staff_alone_to_be_saved_and_inert(desk: Desk, code: str) -> None:
    desk.sign_in(Role.ANALYST)
    send(desk, code, png())
    with desk.database.read() as session:
        path = f"/desk/republications/_exhibits/{session.execute(sa.select(EvidenceUpload.public)).scalar_one()}"
    answer = desk.client.get(path)
    assert answer.status_code == 200
    assert answer.data.startswith(b"\x89PNG")
    assert answer.headers["Content-Disposition"].startswith("attachment")
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert "sandbox" in answer.headers["Content-Security-Policy"]
    assert desk.client.get("/desk/republications/_exhibits/exh_nothing").status_code == 404
    assert desk.app.test_client().get(path).status_code == 302


def test_the_bulletin_is_chosen_by_words_of_its_title(desk: Desk, code: str) -> None:
    desk.sign_in(Role.ANALYST)
    with desk.database.read() as session:
        title = session.execute(sa.select(Revision.title)).scalars().first() or ""
    where = send(desk, "", png(), **{"bulletin.q": title})
    assert code in desk.get(where.partition("#")[0])


@pytest.mark.parametrize("role", [Role.WRITER])
def test_only_who_reviews_may_vouch(desk: Desk, code: str, role: Role) -> None:
    desk.sign_in(role)
    assert desk.client.get(FORM).status_code == 403
    send(desk, code, png(), 403)


def test_everything_wrong_with_the_words_is_reported_at_once_before_the_file_is_read(desk: Desk, code: str) -> None:
    desk.sign_in(Role.ANALYST)
    page = send(desk, "BT-0", b"not a picture", 422, url="https://la.example/1", note=" ", day="32/13/2026")
    for words in ("Không có bản tin nào đã phát hành", "không thuộc trang nào trong danh bạ"):
        assert words in page
    assert page.count('class="error"') == 4
    early = send(desk, code, png(), 422, day="2026-11-23")
    assert "Lúc đó bản tin chưa phát hành" in early
    late = send(desk, code, png(), 422, day="2026-11-25")
    assert "chưa tới" in late


@pytest.mark.parametrize(
    ("body", "words"),
    [
        (None, "Chọn một ảnh"),
        (b"", "Chọn một ảnh"),
        (b"<svg xmlns='http://www.w3.org/2000/svg'/>", "Chỉ nhận ảnh"),
        (b"GIF89a" + b"\0" * 50, "Chỉ nhận ảnh"),
        (b"<html>%PDF-1.7", "Chỉ nhận ảnh"),
        (png()[:-50], "hỏng hoặc bị cắt ngang"),
        (png((10, 10)), "nhỏ quá"),
        (b"%PDF-1.7\nnothing", "hỏng hoặc bị cắt ngang"),
    ],
)
def test_a_bad_file_is_refused_in_words_and_nothing_is_kept(
    desk: Desk, code: str, body: bytes | None, words: str
) -> None:
    desk.sign_in(Role.ANALYST)
    assert words in send(desk, code, body, 422)
    with desk.database.read() as session:
        assert session.execute(sa.select(Republication)).first() is None
    assert not list((Path(desk.app_context.settings.data_dir) / "pages").rglob("*.gz"))
