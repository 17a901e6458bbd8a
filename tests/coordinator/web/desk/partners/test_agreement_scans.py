"""Scans of agreements at the desk: what is accepted, what is rejected, who downloads it, what stays after a removal."""

import hashlib
import io
import socket
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pikepdf
import pytest
import sqlalchemy as sa
from pikepdf import Dictionary, Name, String
from PIL import Image

from campaigns.core.clock import city_day
from campaigns.partners.agreements import MOST_SCANS, AgreementContent, AgreementScan, add_agreement
from campaigns.people.staff import Role
from coordinator.imports.files.upload_inspection import MAX_SCAN_BYTES
from tests import factories
from tests.coordinator.imports.files.test_upload_inspection import paper, picture
from tests.coordinator.web.desk.conftest import Desk
from tests.coordinator.web.desk.page_reader import Page
from tests.factories import NOW

NUMBER = "12/2026/TT"
AT = f"/desk/partners/_agreements/_scans?number={NUMBER}"
ALL = "/desk/partners/_agreements/_all"


def agree(desk: Desk, number: str, ends_on: date | None = None, starts_on: date = date(2026, 1, 1)) -> None:
    with desk.database.write() as session:
        owner = factories.company(session, f"Công ty của {number}")
        add_agreement(session, "test", owner, number, AgreementContent(starts_on=starts_on, ends_on=ends_on), now=NOW)


@pytest.fixture
def signed(desk: Desk) -> Desk:
    """A desk with an administrator, and an agreement without a scan."""
    agree(desk, NUMBER)
    desk.sign_in(Role.ADMIN)
    return desk


def send(desk: Desk, body: bytes | None, status: int = 303, name: str = "Thỏa thuận.pdf", at: str = AT) -> str:
    data: dict[str, Any] = {} if body is None else {"file": (io.BytesIO(body), name)}
    answer = desk.post(at, data)
    answer.request.environ["wsgi.input"].close()  # the client puts a large form into a file, and leaves it open
    assert answer.status_code == status, answer.text[:3000]
    return answer.headers["Location"] if status == 303 else answer.text


def kept(desk: Desk) -> list[AgreementScan]:
    with desk.database.read() as session:
        return list(session.execute(sa.select(AgreementScan).order_by(AgreementScan.id)).scalars())


def stored(desk: Desk) -> list[Path]:
    return list((Path(desk.app_context.settings.data_dir) / "pages").rglob("*.gz"))


def of(scan: AgreementScan) -> str:
    return f"/desk/partners/_agreements/_scans/{scan.public}"


def test_a_pdf_is_kept_byte_for_byte_and_saved_inert_by_any_of_the_staff(signed: Desk) -> None:
    body = paper(pages=3)
    page = Page(signed.get(send(signed, body)))
    (scan,) = kept(signed)
    digest = hashlib.sha256(body).hexdigest()
    assert (scan.body_hash, scan.original_hash, scan.size, scan.measure) == (digest, digest, len(body), "3")
    assert page.has(f"SHA-256 {digest}")
    assert page.has("PDF · 3 trang")
    for role in (Role.WRITER, Role.ANALYST):
        signed.sign_in(role)
        answer = signed.client.get(Page(signed.get(AT)).link("Thỏa thuận.pdf"))
        assert (answer.status_code, answer.data, answer.mimetype) == (200, body, "application/pdf")
        assert answer.headers["Content-Disposition"] == (
            "attachment; filename=\"thoa thuan.pdf\"; filename*=UTF-8''Th%E1%BB%8Fa%20thu%E1%BA%ADn.pdf"
        )
        assert answer.headers["X-Content-Type-Options"] == "nosniff"
        assert answer.headers["Content-Security-Policy"].startswith("sandbox;")
    assert signed.app.test_client().get(of(scan)).status_code == 302


def test_a_pdf_with_a_signature_field_and_links_is_an_honest_paper(signed: Desk) -> None:
    def sign(pdf: pikepdf.Pdf) -> None:
        field = pdf.make_indirect(
            Dictionary(
                Type=Name.Annot, Subtype=Name.Widget, FT=Name.Sig, T=String("Chữ ký"), Rect=[0, 0, 1, 1],
                V=Dictionary(Type=Name.Sig, Filter=Name("/Adobe.PPKLite"), Contents=String("0" * 64)),
            )
        )  # fmt: skip
        link = Dictionary(
            Type=Name.Annot, Subtype=Name.Link, Rect=[0, 0, 9, 9],
            A=Dictionary(S=Name.URI, URI=String("https://hanoi.example/")),
        )  # fmt: skip
        pdf.pages[0].Annots = pikepdf.Array([field, pdf.make_indirect(link)])
        pdf.Root.AcroForm = Dictionary(Fields=[field], SigFlags=3)

    body = paper(sign)
    send(signed, body)
    assert signed.client.get(of(kept(signed)[0])).data == body


def test_a_picture_is_made_anew_without_what_its_camera_wrote(signed: Desk) -> None:
    exif = Image.Exif()
    exif[0x010F] = "CANARY"
    body = picture("JPEG", exif=exif, comment=b"CANARY") + b"CANARYTAIL"
    send(signed, body, name="../../anh.PNG")
    (scan,) = kept(signed)
    answer = signed.client.get(of(scan))
    assert (answer.mimetype, scan.name) == ("image/jpeg", "anh.jpg")
    assert b"CANARY" not in answer.data
    assert hashlib.sha256(answer.data).hexdigest() == scan.body_hash
    assert scan.original_hash == hashlib.sha256(body).hexdigest()


def test_a_double_click_adds_once_and_says_so(signed: Desk) -> None:
    body = paper()
    send(signed, body)
    assert "Văn bản đã có bản quét này: Thỏa thuận.pdf." in signed.get(send(signed, body, name="khac.pdf"))
    assert len(kept(signed)) == len(stored(signed)) == 1


def armed(pdf: pikepdf.Pdf) -> None:
    pdf.Root.OpenAction = Dictionary(S=Name.JavaScript, JS=String("app.alert(1)"))


def launching(pdf: pikepdf.Pdf) -> None:
    pdf.Root.OpenAction = Dictionary(S=Name.Launch, F=String("cmd.exe"))


def loaded(pdf: pikepdf.Pdf) -> None:
    pdf.attachments["a.exe"] = b"MZ"


LOCKED = pikepdf.Encryption(owner="a", user="b")
OPEN_TO_ALL = pikepdf.Encryption(owner="a", user="")


@pytest.mark.parametrize(
    ("body", "words"),
    [
        (None, "Chọn một ảnh hoặc tệp PDF"),
        (b"", "Chọn một ảnh hoặc tệp PDF"),
        (b"<svg xmlns='http://www.w3.org/2000/svg'/>", "Chỉ nhận tệp PDF, ảnh JPEG và PNG"),
        (picture("WEBP"), "Chỉ nhận tệp PDF, ảnh JPEG và PNG"),
        (b"<html>%PDF-1.7", "Chỉ nhận tệp PDF, ảnh JPEG và PNG"),
        (b"\0\0\0\x18ftypheic" + b"\0" * 40, "ảnh HEIC của điện thoại. Mở ảnh rồi lưu hoặc xuất thành JPEG"),
        (b"\0\0\0\x18ftypmif1" + b"\0" * 40, "ảnh HEIC của điện thoại"),
        (picture("TIFF"), "ảnh TIFF. Mở bằng phần mềm quét"),
        (picture("PNG")[:-50], "hỏng hoặc bị cắt ngang"),
        (picture("PNG", (10, 10)), "nhỏ quá"),
        (picture("PNG", (7000, 6000), mode="1"), "hơn 40 triệu điểm ảnh"),
        (paper()[:-60], "hỏng hoặc bị cắt ngang"),
        (paper(encryption=LOCKED), "có mật khẩu"),
        (paper(encryption=OPEN_TO_ALL), "có mật khẩu"),
        (paper(armed), "có mã chạy bên trong"),
        (paper(launching), "lệnh mở chương trình"),
        (paper(loaded), "tệp khác đính kèm"),
        (paper(pages=301), "từ 1 đến 300 trang"),
        (b"%PDF-1.7\n" + b"0" * MAX_SCAN_BYTES, "Tệp lớn hơn 20 MB"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_a_bad_file_is_refused_in_words_at_its_field_and_nothing_is_kept(
    signed: Desk, body: bytes | None, words: str
) -> None:
    page = Page(send(signed, body, 422))
    assert words in page.errors()["file"]
    assert kept(signed) == []
    assert stored(signed) == []


def test_a_file_of_all_the_bytes_there_may_be_is_taken(signed: Desk) -> None:
    def fill(pdf: pikepdf.Pdf) -> None:
        pdf.Root.Much = pdf.make_stream(bytes(MAX_SCAN_BYTES - 2000))

    body = paper(fill, compress_streams=False)
    assert MAX_SCAN_BYTES - 2000 < len(body) <= MAX_SCAN_BYTES
    send(signed, body)
    assert [scan.size for scan in kept(signed)] == [len(body)]


def test_a_full_agreement_offers_no_more_and_refuses_in_words(signed: Desk) -> None:
    for number in range(MOST_SCANS):
        send(signed, picture("PNG", (300, 200 + number)))
    page = Page(signed.get(AT))
    assert page.has("Văn bản đã có đủ 10 bản quét")
    assert page.tree.css_first("[name=file]") is None
    assert "đã có đủ 10 bản quét" in Page(send(signed, paper(), 422)).errors()["file"]
    assert len(kept(signed)) == MOST_SCANS


def test_removing_says_the_consequence_and_leaves_the_record(signed: Desk) -> None:
    send(signed, paper())
    (scan,) = kept(signed)
    sure = Page(signed.get(f"{of(scan)}/remove"))
    assert sure.has("Không ai tải được tệp này từ văn bản 12/2026/TT nữa")
    assert sure.has(scan.body_hash)
    assert [scan.removed_at for scan in kept(signed)] == [None], "looking removes nothing"
    answer = signed.post(f"{of(scan)}/remove")
    page = Page(signed.get(answer.headers["Location"]))
    assert page.has("Đã gỡ bản quét Thỏa thuận.pdf.")
    assert page.has("Chưa có bản quét nào của văn bản này.")
    assert page.words("#da-go")
    assert page.has(f"SHA-256 {scan.body_hash}")
    assert signed.client.get(of(scan)).status_code == 404
    assert signed.client.get(f"{of(scan)}/remove").status_code == 404
    assert signed.post(f"{of(scan)}/remove").status_code == 303, "a second press finds it done"
    acts = Page(signed.get("/desk/admin/journal/"))
    assert acts.has("Thêm bản quét của văn bản")
    assert acts.has("Gỡ bản quét của văn bản")


def test_only_an_administrator_adds_and_removes(signed: Desk) -> None:
    send(signed, paper())
    (scan,) = kept(signed)
    for role in (Role.WRITER, Role.APPROVER, Role.ANALYST):
        signed.sign_in(role)
        page = Page(signed.get(AT))
        assert page.tree.css_first("[name=file]") is None
        assert not page.has("Gỡ…")
        send(signed, paper(pages=2), 403)
        assert signed.post(f"{of(scan)}/remove").status_code == 403
    assert [scan.removed_at for scan in kept(signed)] == [None]


def test_the_partners_page_counts_the_scans_of_each_agreement(signed: Desk) -> None:
    where = "/desk/partners/cong-ty-cua-12-2026-tt"
    assert Page(signed.get(where)).has("Chưa có bản quét")
    for pages in (1, 2):
        send(signed, paper(pages=pages))
    page = Page(signed.get(where))
    assert page.link("2 bản quét") == f"{AT}#ban-quet"
    assert page.link(NUMBER) == AT


def test_the_list_warns_of_what_ends_and_finds_what_has_no_scan(signed: Desk) -> None:
    today = city_day(signed.office.now())
    agree(signed, "13/2026/TT", today + timedelta(days=60))
    agree(signed, "14/2026/TT", today + timedelta(days=61))
    agree(signed, "15/2026/TT", today - timedelta(days=1))
    send(signed, paper())

    def rows(query: str = "") -> list[str]:
        return [row[0] for row in Page(signed.get(f"{ALL}{query}")).rows("Danh sách văn bản")]

    page = Page(signed.get(ALL))
    assert page.has("1 văn bản hết hiệu lực trong 60 ngày tới.")
    assert page.has("còn 60 ngày")
    assert page.pairs() | {"Văn bản": "4", "Sắp hết hiệu lực": "1", "Chưa có bản quét": "3"} == page.pairs()
    assert rows() == ["13/2026/TT", "14/2026/TT", "12/2026/TT", "15/2026/TT"]
    assert rows("?scans=none") == ["13/2026/TT", "14/2026/TT", "15/2026/TT"]
    assert rows("?scans=some") == ["12/2026/TT"]
    assert rows("?standing=ending") == ["13/2026/TT"]
    assert rows("?q=cong+ty+cua+14") == ["14/2026/TT"]
    assert "standing=khong" in signed.client.get(f"{ALL}?standing=khong").text
    assert Page(signed.get(f"{ALL}?q=khongco")).has("Không có văn bản nào khớp.")


def test_the_list_takes_as_many_statements_for_fifty_agreements_as_for_one(signed: Desk) -> None:
    few = signed.statements(ALL)
    for number in range(50):
        agree(signed, f"{number}/TT")
    assert signed.statements(ALL) == few


def test_an_agreement_that_is_not_there_is_not_found(signed: Desk) -> None:
    assert signed.client.get("/desk/partners/_agreements/_scans?number=0").status_code == 404
    assert signed.client.get("/desk/partners/_agreements/_scans").status_code == 404
    send(signed, paper(), 404, at="/desk/partners/_agreements/_scans?number=0")
    assert stored(signed) == []


def test_a_store_that_fails_is_reported_and_nothing_is_written(signed: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    from coordinator.storage.bucket import BucketAddress, BucketStore

    with socket.socket() as closed:  # bound and not listening: connections are refused
        closed.bind(("127.0.0.1", 0))
        bucket = BucketAddress.parse(f"s3://kho-luu?endpoint=http://127.0.0.1:{closed.getsockname()[1]}")
        monkeypatch.setattr(signed.office.store, "_blobs", BucketStore(bucket, "id", "secret"))
        assert "Chưa tới được kho lưu" in send(signed, paper(), 503)
    assert kept(signed) == []
