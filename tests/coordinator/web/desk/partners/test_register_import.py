"""The register at the desk: uploaded, checked in the background, confirmed, written completely; or cancelled."""

import io
from collections.abc import Sequence
from datetime import timedelta

import pytest
import sqlalchemy as sa
import xlsxwriter

from campaigns.core.import_runs import BadRow, FileChunk, ImportRun, ImportStage
from campaigns.core.journal import JournalEntry
from campaigns.discovery.surveys import request_survey
from campaigns.partners.directory import Company, Site
from campaigns.partners.register.columns import REGISTER as REGISTER_TABLE
from campaigns.people.staff import Role
from coordinator.imports.tables.table_reader import parse_table
from coordinator.jobs.core import import_runs as import_jobs
from coordinator.jobs.core.import_runs import CheckProgress
from coordinator.jobs.job_loop import drain
from coordinator.jobs.upkeep import tidy
from coordinator.web.desk.core import table_imports
from tests.coordinator.web.desk.conftest import Desk
from tests.coordinator.web.desk.page_reader import Page

REGISTER = (
    "Tên doanh nghiệp,Số giấy phép,Ngày cấp,Tên miền\n"
    "Công ty Sao Mai,10/GP-TTĐT,04/03/2023,saomai.example.vn\n"
    "Công ty Sao Hôm,11/GP-TTĐT,hôm nào đó,saohom.example.vn\n"
)
STRANGE = REGISTER.replace("Tên doanh nghiệp,Số giấy phép,Ngày cấp,Tên miền", "Cột A,Giấy số,Ngày ký,Nơi đăng")
CHOSEN = {"Cột A": "company_name", "Giấy số": "licence_number", "Ngày ký": "issued_on", "Nơi đăng": "domains"}
FIELDS = {f"field.{number}": field for number, field in enumerate(CHOSEN.values(), start=1)}
HOME = "/desk/partners/_register"


def hand_in(desk: Desk, body: bytes, name: str = "so.csv") -> str:
    """Upload a file and return the address of its page, before it is read."""
    answer = desk.post(HOME, {"file": (io.BytesIO(body), name)}, content_type="multipart/form-data")
    assert answer.status_code == 303, answer.text
    return answer.headers["Location"]


def work(desk: Desk) -> None:
    """Run the workers until nothing is due."""
    drain(desk.office, "table_import", 1)


def checked(desk: Desk, text: str, name: str = "so.csv") -> tuple[str, Page]:
    """Upload and check a file; returns its address and its page."""
    path = hand_in(desk, text.encode(), name)
    work(desk)
    return path, Page(desk.get(path))


def companies(desk: Desk) -> list[str]:
    with desk.database.read() as session:
        return list(session.execute(sa.select(Company.name).order_by(Company.name)).scalars())


def left(desk: Desk) -> tuple[int, int]:
    """Return the numbers of stored file chunks and invalid rows."""
    with desk.database.read() as session:
        pieces, rows = (
            session.execute(sa.select(sa.func.count()).select_from(table)).scalar_one() for table in (FileChunk, BadRow)
        )
    return pieces, rows


def workbook(rows: Sequence[Sequence[str]]) -> bytes:
    out = io.BytesIO()
    with xlsxwriter.Workbook(out, {"in_memory": True}) as book:
        sheet = book.add_worksheet("Sổ")
        for number, row in enumerate(rows):
            sheet.write_row(number, 0, row)
    return out.getvalue()


def imported(desk: Desk) -> str:
    """Upload, check and write the register; returns the address of its page."""
    path, _page = checked(desk, REGISTER)
    desk.post(f"{path}/import")
    work(desk)
    return path


@pytest.fixture
def admin(desk: Desk) -> Desk:
    desk.sign_in(Role.ADMIN)
    return desk


def test_a_file_is_checked_behind_the_page_and_nothing_is_written_before_somebody_agrees(admin: Desk) -> None:
    path = hand_in(admin, REGISTER.encode())
    assert admin.runner.kinds == ["table_import"]
    waiting = Page(admin.get(path))
    assert waiting.heading == "Đang kiểm tra tệp"
    assert waiting.link("Xem tiến độ mới nhất") == path
    work(admin)
    page = Page(admin.get(path))
    assert page.heading == "Kết quả kiểm tra"
    (row,) = page.rows("Dòng lỗi")
    assert row[0] == "3"
    assert "Ngày cấp (cột C): “hôm nào đó” không phải ngày" in row[1]
    assert page.has("Nhập 1 giấy phép, bỏ 1 dòng lỗi")
    assert companies(admin) == []


def test_what_was_agreed_to_is_written_once_however_often_it_is_pressed(admin: Desk) -> None:
    path, _ = checked(admin, REGISTER)
    for _press in range(2):
        answer = admin.post(f"{path}/import")
        assert (answer.status_code, answer.headers["Location"]) == (303, path)
    assert Page(admin.get(path)).heading == "Đang nhập"
    work(admin)
    admin.post(f"{path}/import")
    work(admin)
    page = Page(admin.get(path))
    assert page.heading == "Đã nhập xong"
    assert companies(admin) == ["Công ty Sao Mai"]
    assert left(admin) == (0, 1)
    with admin.database.read() as session:
        acts = session.execute(
            sa.select(JournalEntry.act).where(JournalEntry.subject_kind == "register").order_by(JournalEntry.seq)
        )
        assert list(acts.scalars()) == ["register.agreed", "register.written", "register.imported"]


def test_the_page_says_whether_a_process_works_on_what_was_agreed_to(admin: Desk) -> None:
    path, _page = checked(admin, REGISTER)
    assert admin.post(f"{path}/import").status_code == 303
    assert "Chờ gửi" in admin.get(path)
    now = admin.office.now
    (_lost,) = import_jobs.claim(admin.office, 1)
    assert "Máy đang ghi 2 dòng trong một lần" in admin.get(path)
    with admin.database.write() as session:  # its process was killed, and half a minute has passed
        session.execute(sa.update(ImportRun).values(lease_until=now() - timedelta(seconds=1)))
    page = admin.get(path)
    assert "Máy đang ghi" not in page
    assert "Tiến trình ghi chưa báo lại từ" in page
    (_again,) = import_jobs.claim(admin.office, 1)
    page = admin.get(path)
    assert "Máy đang ghi 2 dòng trong một lần" in page
    assert "Lần trước tiến trình dừng giữa chừng, chưa có gì được ghi." in page


def test_what_came_by_an_import_leads_to_what_the_journal_says_of_it(admin: Desk) -> None:
    path, _ = checked(admin, REGISTER)
    admin.post(f"{path}/import")
    work(admin)
    pages = (
        "/desk/partners/cong-ty-sao-mai", "/desk/partners/_licences?number=10/GP-TTĐT",
        "/desk/partners/_sites/saomai-example-vn",
    )  # fmt: skip
    for page in pages:
        view = Page(admin.get(page))
        assert view.has("theo một lần nhập sổ giấy phép"), page
    run = path.rpartition("/")[2]
    listed = admin.get(f"/desk/admin/journal/?kind=register&subject={run}")
    for words in ("Đồng ý nhập sổ giấy phép", "Ghi một lượt của sổ giấy phép", "Nhập xong sổ giấy phép", "10/GP-TTĐT"):
        assert words in listed
    assert f"kind=register&amp;subject={run}" in admin.get(pages[0])


def test_the_part_that_moves_asks_for_itself_and_then_for_the_whole_page(admin: Desk) -> None:
    path = hand_in(admin, REGISTER.encode())
    asked = admin.client.get(path, headers={"HX-Request": "true"})
    assert "<html" not in asked.text
    assert 'hx-trigger="every 2s"' in asked.text
    assert "HX-Refresh" not in asked.headers
    work(admin)
    assert admin.client.get(path, headers={"HX-Request": "true"}).headers["HX-Refresh"] == "true"


def test_a_check_shows_how_far_it_has_come_with_and_without_a_script(admin: Desk) -> None:
    path = hand_in(admin, REGISTER.encode())
    (taken,) = import_jobs.claim(admin.office, 1)
    checking = CheckProgress(admin.office, taken)

    def progress_shown() -> tuple[str, str, str]:
        whole = Page(admin.get(path))
        part = Page(admin.client.get(path, headers={"HX-Request": "true"}).text)
        bar = part.tree.css_first("progress")
        assert bar is not None
        (text,) = part.words("[role=status]")
        assert [text] == whole.words("#dang-nhap [role=status]")
        return bar.attributes["value"] or "", bar.attributes["max"] or "", text

    assert progress_shown() == ("0", "1", "Máy đang mở tệp.")
    checking.opened(50_000)
    assert progress_shown() == ("0", "50000", "Đã kiểm tra 0 trong 50.000 dòng.")
    admin.office.clock.forward(seconds=1)
    checking._next = 0
    checking.reached(12_400)
    assert progress_shown() == ("12400", "50000", "Đã kiểm tra 12.400 trong 50.000 dòng.")
    checking.read()
    assert progress_shown() == ("50000", "50000", "Đã kiểm tra cả 50.000 dòng, đang so với dữ liệu đã có.")


def test_an_import_can_be_called_off_until_it_writes(admin: Desk) -> None:
    path, _ = checked(admin, REGISTER)
    assert admin.post(f"{path}/cancel").headers["Location"] == HOME
    assert left(admin) == (0, 0)
    assert Page(admin.get(path)).heading == "Đã hủy"
    assert admin.post(f"{path}/import").status_code == 303
    work(admin)
    assert companies(admin) == []
    begun, _ = checked(admin, REGISTER)
    admin.post(f"{begun}/import")
    admin.post(f"{begun}/cancel")
    assert Page(admin.get(begun)).has("Không hủy được nữa")
    work(admin)
    assert companies(admin) == ["Công ty Sao Mai"]


def test_columns_under_strange_names_are_chosen_by_hand(admin: Desk) -> None:
    path, page = checked(admin, STRANGE)
    assert page.has("Chưa thấy cột bắt buộc: Tên doanh nghiệp, Số giấy phép, Tên miền")
    assert [row[0] for row in page.rows("Cột trong tệp")] == list(CHOSEN)
    assert admin.post(f"{path}/columns", FIELDS).status_code == 303
    work(admin)
    again = Page(admin.get(path))
    assert not again.has("Chưa thấy cột bắt buộc")
    assert again.has("Nhập 1 giấy phép, bỏ 1 dòng lỗi")
    admin.post(f"{path}/import")
    work(admin)
    assert companies(admin) == ["Công ty Sao Mai"]


@pytest.mark.parametrize(
    ("changed", "lacking"), [({"field.4": ""}, "Tên miền"), ({"field.1": "__class__"}, "Tên doanh nghiệp")]
)
def test_a_column_may_be_left_out_and_a_field_nobody_knows_is_none(
    admin: Desk, changed: dict[str, str], lacking: str
) -> None:
    path, _ = checked(admin, STRANGE)
    admin.post(f"{path}/columns", FIELDS | changed)
    work(admin)
    assert Page(admin.get(path)).has(f"Chưa thấy cột bắt buộc: {lacking}")


def test_bad_rows_come_back_as_a_sheet_with_their_numbers_and_reasons_and_can_be_brought_again(admin: Desk) -> None:
    text = (
        REGISTER.replace("Công ty Sao Hôm", "=1+1")
        .replace("Tên miền\n", "Tên miền,Ghi chú\n")
        .replace("saohom.example.vn", "saohom.example.vn,gọi lại")
    )
    path, page = checked(admin, text)
    assert page.has("Cột không nhận ra nên không đọc: “Ghi chú”.")
    assert page.link("Tải các dòng lỗi về Excel") == f"{path}/errors.xlsx"
    answer = admin.client.get(f"{path}/errors.xlsx")
    assert answer.headers["Content-Disposition"].endswith('filename="dong-loi.xlsx"')
    (row,) = parse_table("x.xlsx", answer.data, knows=REGISTER_TABLE.headings.field_of).rows
    assert (row.cells["Tên doanh nghiệp"], row.cells["Ghi chú"], row.cells["Dòng trong tệp"]) == (
        "=1+1",
        "gọi lại",
        "3",
    )
    assert "“hôm nào đó” không phải ngày" in row.cells["Lỗi"]
    again = hand_in(admin, answer.data, "so-dong-loi.xlsx")
    work(admin)
    page = Page(admin.get(again))
    assert page.heading == "Kết quả kiểm tra"
    assert page.has("Cột không nhận ra nên không đọc: “Ghi chú”.")


def test_a_number_or_domain_of_another_company_is_reported_with_whose_it_is_in_the_readers_language(
    admin: Desk,
) -> None:
    head = REGISTER.splitlines()[0]
    path, _page = checked(admin, f"{head}\nCông ty L'Espace,118/GP-TTĐT,04/03/2024,espace.example.vn")
    admin.post(f"{path}/import")
    work(admin)
    lines = [
        "Công ty Sao Mai,118/GP-TTĐT,04/03/2024,saomai.example.vn",
        "Công ty L'Avenir,119/GP-TTĐT,04/03/2024,saohom.example.vn",
        "Công ty Sao Hôm,120/GP-TTĐT,04/03/2024,saohom.example.vn",
    ]
    _path, page = checked(admin, "\n".join([head, *lines]))
    assert page.has("Số giấy phép này đang thuộc doanh nghiệp khác (“Công ty L'Espace”)")
    assert page.has("Tên miền này đã thuộc doanh nghiệp khác ở dòng 3 trong tệp (“Công ty L'Avenir”)")


def test_bad_rows_are_shown_a_page_at_a_time(admin: Desk) -> None:
    lines = [f"Công ty {number},{number}/GP-TTĐT,hôm qua,so{number}.example.vn" for number in range(120)]
    path, page = checked(admin, "\n".join([REGISTER.splitlines()[0], *lines]))
    assert len(page.rows("Dòng lỗi")) == 50
    assert page.has("1–50 trong 120")
    last = Page(admin.get(f"{path}?page=3"))
    assert [row[0] for row in last.rows("Dòng lỗi")][-1] == "121"


@pytest.mark.parametrize(
    ("body", "name", "words"),
    [
        (b"", "so.csv", "Tệp này trống"),
        (b"PK", "so.ods", "Tệp .ods chưa đọc được. Mở tệp, lưu thành .xlsx rồi chọn lại."),
        (b"a", "so.doc", "Chọn một tệp .xlsx, .csv hoặc .json"),
        (b"x" * 1001, "so.csv", "Chia thành nhiều tệp"),
    ],
)
def test_a_file_that_is_none_is_refused_in_words_at_once(
    admin: Desk, monkeypatch: pytest.MonkeyPatch, body: bytes, name: str, words: str
) -> None:
    monkeypatch.setattr(table_imports, "MAX_XLSX_BYTES", 1000)
    answer = admin.post(HOME, {"file": (io.BytesIO(body), name)}, content_type="multipart/form-data")
    assert answer.status_code == 422
    assert words in Page(answer.text).errors()["file"]
    assert left(admin) == (0, 0)


def test_a_file_that_cannot_be_read_is_reported_on_its_page_and_thrown_away(admin: Desk) -> None:
    path = hand_in(admin, b"PK\x03\x04 khong phai", "so.xlsx")
    work(admin)
    page = Page(admin.get(path))
    assert page.heading == "Không nhập được"
    assert page.has("tệp bị hỏng")
    assert left(admin) == (0, 0)


def test_those_who_come_back_find_their_file_in_the_list(admin: Desk) -> None:
    path, _ = checked(admin, REGISTER, "so-thang-11.csv")
    page = Page(admin.get(HOME))
    assert page.rows("Các lần nhập gần đây")[0][:2] == ["so-thang-11.csv", "chờ quyết định"]
    assert page.link("so-thang-11.csv") == path


def test_what_ended_long_ago_is_forgotten_with_its_rows(admin: Desk) -> None:
    from_then, _ = checked(admin, REGISTER)
    admin.office.clock.forward(days=15)
    tidy(admin.office)
    admin.get(from_then, status=404)
    assert left(admin) == (0, 0)


def test_the_template_is_a_sheet_that_the_reader_of_sheets_knows(admin: Desk) -> None:
    assert admin.client.get(f"{HOME}/template.xlsx").data.startswith(b"PK")
    assert Page(admin.get(HOME)).link("Tải mẫu Excel") == f"{HOME}/template.xlsx"
    path = hand_in(admin, workbook([["Tên doanh nghiệp", "Số giấy phép", "Ngày cấp", "Tên miền"]]), "mau.xlsx")
    work(admin)
    with admin.database.read() as session:
        run = session.execute(sa.select(ImportRun)).scalar_one()
        assert (run.stage, run.good, run.bad) == (ImportStage.CHECKED, 0, 0)
    assert Page(admin.get(path)).has("Không dòng nào nhập được")


def test_what_was_done_to_rows_is_reported_once_a_kind_with_how_many_and_the_first(admin: Desk) -> None:
    rows = ["Tên doanh nghiệp,Số giấy phép,Ngày cấp,Tên miền"]
    rows += [f"Công ty Số {number},{number}/GP-TTĐT,04/03/2023,so{number}.example.vn" for number in range(1, 1205)]
    rows += ["Công ty Số 1,1/GP-TTĐT,04/03/2023,so1.example.vn"]
    _path, page = checked(admin, "\n".join(rows))
    assert page.pairs()["Giấy phép nhập được"].startswith("1.204")
    assert page.rows("Ghi chú về dòng đã nhận") == [
        ["Không ghi cơ quan cấp; đã để “Chưa rõ cơ quan cấp”", "1.205", "2, 3, 4, 5, 6…"],
        ["Trùng với một dòng phía trên, không thêm gì mới", "1", "1.206"],
    ]
    assert not page.has("1204")


def test_an_import_is_undone_from_its_page(admin: Desk) -> None:
    path = imported(admin)
    page = Page(admin.get(path))
    assert page.has("Xóa những đối tác, giấy phép và trang mà lần nhập này đã thêm")
    assert page.has("Hoàn tác lần nhập này")
    done = Page(admin.get(admin.post(f"{path}/undo").headers["Location"]))
    assert done.heading == "Đã hoàn tác"
    assert done.has("Đã hoàn tác lần nhập này.")
    assert not done.has("Nếu bạn hoàn tác lần nhập này")
    assert companies(admin) == []
    twice = Page(admin.get(admin.post(f"{path}/undo").headers["Location"]))
    assert twice.has("Lần nhập này không còn ở bước đó")
    assert Page(admin.get("/desk/admin/journal/?kind=register")).has("Hoàn tác lần nhập sổ giấy phép")


def test_an_import_on_which_something_rests_has_no_button_and_says_on_what(admin: Desk) -> None:
    path = imported(admin)
    now = admin.office.now()
    with admin.database.write() as session:
        site = session.execute(sa.select(Site)).scalar_one()
        request_survey(session, site, now=now)
    page = Page(admin.get(path))
    assert page.has("nên không hoàn tác được: Trang saomai.example.vn đã có 1 lần tìm nguồn.")
    assert not page.has("Nếu bạn hoàn tác lần nhập này")
    refused = Page(admin.get(admin.post(f"{path}/undo").headers["Location"]))
    assert refused.heading == "Đã nhập xong"
    assert refused.has("Đã có việc khác dựa vào lần nhập này, nên không hoàn tác được.")
    assert companies(admin) == ["Công ty Sao Mai"]
    assert Page(admin.get(f"{path}?lang=en")).has("Site saomai.example.vn has searches for sources: 1")


def test_an_import_that_adds_nothing_has_nothing_to_undo(admin: Desk) -> None:
    imported(admin)
    assert not Page(admin.get(imported(admin))).has("Hoàn tác lần nhập này")
