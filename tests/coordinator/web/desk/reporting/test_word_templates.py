"""The office's own Word templates of letters at the desk: uploaded, edited, tried, used, removed, each separately."""

import io

import docx
import pytest

from campaigns.people.staff import Role
from campaigns.reporting.word_templates import WordTemplate
from tests.conftest import KeptRows
from tests.coordinator.web.desk.conftest import Desk
from tests.coordinator.web.desk.page_reader import Page
from tests.coordinator.web.desk.reporting.test_documents import PERIOD, Town

ADDRESS = "/desk/admin/templates"


@pytest.fixture
def town(desk: Desk, kept_rows: KeptRows) -> Town:
    made = kept_rows.fill(desk.database, lambda: Town(desk))
    desk.sign_in(Role.ADMIN)
    return made


def lines(body: bytes) -> list[str]:
    return [paragraph.text for paragraph in docx.Document(io.BytesIO(body)).paragraphs]


def edited(body: bytes, old: str, new: str) -> bytes:
    document = docx.Document(io.BytesIO(body))
    (paragraph,) = [paragraph for paragraph in document.paragraphs if old in paragraph.text]
    paragraph.runs[0].text = paragraph.text.replace(old, new)
    out = io.BytesIO()
    document.save(out)
    return out.getvalue()


def bring(desk: Desk, kind: str, body: bytes) -> int:
    return desk.post(f"{ADDRESS}/{kind}/", {"file": (io.BytesIO(body), "mau-so.docx")}).status_code


def thanks(desk: Desk, town: Town) -> list[str]:
    return lines(desk.client.get(f"/desk/recognition/letters/{town.good}.docx?period={PERIOD}").data)


def test_an_office_puts_its_own_words_into_the_thank_you_letter_and_takes_them_back(desk: Desk, town: Town) -> None:
    there = Page(desk.get(f"/desk/recognition/?period={PERIOD}")).link("Sửa lời và hình thức của thư trong Word")
    shipped = desk.client.get(Page(desk.get(there)).link("Tải mẫu về để sửa")).data
    assert "Trân trọng./." in thanks(desk, town)
    assert bring(desk, "thanks", edited(shipped, "Trân trọng./.", "Kính chúc {{ partner }} thành công./.")) == 303
    values = thanks(desk, town)
    assert "Kính chúc Công ty Giỏi & Đều thành công./." in values
    assert any("bài đăng lại được xác nhận" in line for line in values)
    assert "mau-so.docx" in desk.get(there)
    # The others do not change.
    for kind in ("briefing", "reminder"):
        assert "Tải mẫu về để sửa" in desk.get(f"{ADDRESS}/{kind}/")
    assert desk.post(f"{ADDRESS}/reminder/shipped").status_code == 303
    assert thanks(desk, town) == values
    assert desk.post(f"{ADDRESS}/thanks/shipped").status_code == 303
    assert "Trân trọng./." in thanks(desk, town)
    journal = desk.get("/desk/admin/journal/")
    assert "Đổi mẫu thư cảm ơn" in journal
    assert "Trở lại mẫu thư cảm ơn gốc" in journal


@pytest.mark.parametrize("kind", ["thanks", "reminder"])
def test_a_letter_broken_by_its_editor_is_refused_with_the_paragraph_and_the_one_in_use_stays(
    desk: Desk, town: Town, kind: str
) -> None:
    shipped = desk.client.get(f"{ADDRESS}/{kind}/file.docx").data
    mine = edited(shipped, "Trân trọng./.", "Trân trọng cảm ơn./.")
    assert bring(desk, kind, mine) == 303
    broken = edited(shipped, "Trân trọng./.", "Trân trọng, {{ nguoi_ky }}./.")
    refused = desk.post(f"{ADDRESS}/{kind}/", {"file": (io.BytesIO(broken), "mau-hong.docx")})
    assert refused.status_code == 422
    text = " ".join(Page(refused.text).errors().values())
    assert "Không có ô nào tên nguoi_ky, ở đoạn “Trân trọng, {{ nguoi_ky }}./.”." in text
    assert desk.client.get(f"{ADDRESS}/{kind}/file.docx").data == mine
    assert desk.client.get(f"{ADDRESS}/{kind}/shipped.docx").data == shipped
    assert bring(desk, kind, b"PK nothing") == 422


def test_a_file_by_any_name_is_a_template_of_its_own_letter_alone(desk: Desk, town: Town) -> None:
    shipped = desk.client.get(f"{ADDRESS}/briefing/file.docx").data
    answer = desk.post(f"{ADDRESS}/briefing/", {"file": (io.BytesIO(shipped), "thanks/của tôi.docx")})
    assert answer.status_code == 303
    with desk.database.read() as session:
        assert [template.name for template in session.query(WordTemplate)] == ["của tôi.docx"]
    assert "Tải mẫu về để sửa" in desk.get(f"{ADDRESS}/thanks/")
    assert desk.client.get(f"{ADDRESS}/other/").status_code == 404
