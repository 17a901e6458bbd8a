"""``lantoa import bulletins``: a draft of every text, from files and from a feed's address."""

import json
from collections.abc import Iterator
from pathlib import Path

import docx
import pytest
import sqlalchemy as sa

from campaigns.bulletins.bulletins import Bulletin, BulletinState, find_bulletin
from tests.coordinator.cli.conftest import Machine
from tests.coordinator.hostile_server import HostileServer

BODY = "Trạm y tế 30 phường mở thêm buổi tiêm chiều cho trẻ từ 18 tháng đến 5 tuổi, không thu phí."
MARKDOWN = f"# Lịch tiêm nhắc tháng 11\n\nTiêm miễn phí tại phường.\n\n{BODY}\n"
RSS = f"""<?xml version="1.0" encoding="UTF-8"?><rss version="2.0"><channel><title>Sở</title>
<item><title>Tin một từ nguồn cũ</title><link>https://so.example/1</link><description>{BODY}</description></item>
<item><title>Tin hai từ nguồn cũ</title><link>https://so.example/2</link><description>{BODY}</description></item>
</channel></rss>"""


@pytest.fixture
def server() -> Iterator[HostileServer]:
    with HostileServer() as made:
        yield made


def write(lantoa: Machine, name: str, content: str | bytes) -> str:
    path = lantoa.folder / name
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    return name


def drafts(lantoa: Machine) -> list[tuple[str, str, str, BulletinState]]:
    database = lantoa.database
    with database.read() as session:
        found = session.execute(sa.select(Bulletin).order_by(Bulletin.id)).scalars().all()
        rows = [
            (bulletin.code, bulletin.revision(bulletin.latest).title, bulletin.topic.code, bulletin.state)
            for bulletin in found
        ]
    database.dispose()
    return rows


def word(folder: Path) -> str:
    document = docx.Document()
    document.add_heading("Bình ổn giá gạo dịp cuối năm", level=1)
    document.add_paragraph("Các điểm bán giữ giá đến hết tháng 1.")
    document.add_paragraph(BODY)
    document.save(str(folder / "gia-gao.docx"))
    return "gia-gao.docx"


@pytest.mark.promise("Write and approve")
def test_every_kind_of_file_becomes_a_draft_and_its_code_is_printed(lantoa: Machine) -> None:
    markup = f"<html><head><title>Cấm xe giờ cao điểm</title></head><body><h1>Cấm xe giờ cao điểm</h1><p>{BODY}</p>"
    listed = [
        {"title": "Hai tin một tệp: tin đầu", "body_text": BODY, "topic": "dich-benh"},
        {"title": "Hai tin một tệp: tin sau", "body_html": f"<p>{BODY}</p>"},
    ]
    files = [
        (word(lantoa.folder), ["Bình ổn giá gạo dịp cuối năm"], ["kinh-te-xa-hoi"]),
        (write(lantoa, "tiem.md", MARKDOWN), ["Lịch tiêm nhắc tháng 11"], ["kinh-te-xa-hoi"]),
        (write(lantoa, "xe.html", markup + "</body></html>"), ["Cấm xe giờ cao điểm"], ["kinh-te-xa-hoi"]),
        (
            write(lantoa, "hai.json", json.dumps(listed)),
            ["Hai tin một tệp: tin đầu", "Hai tin một tệp: tin sau"],
            ["dich-benh", "kinh-te-xa-hoi"],
        ),
    ]
    before = 0
    for name, titles, topics in files:
        codes = lantoa.well("import", "bulletins", name).splitlines()
        fresh = drafts(lantoa)[before:]
        before += len(fresh)
        assert fresh == [(code, *rest, BulletinState.DRAFT) for code, *rest in zip(codes, titles, topics, strict=True)]


def test_the_topic_and_the_writer_can_be_named(lantoa: Machine) -> None:
    name = write(lantoa, "tiem.md", MARKDOWN)
    lantoa.well("staff", "add", "an@so.example", "--role", "writer", "--password-stdin", stdin="mật khẩu đủ dài\n")
    code = lantoa.well("import", "bulletins", name, "--topic", "dich-benh", "--as", "an@so.example").strip()
    database = lantoa.database
    with database.read() as session:
        bulletin = find_bulletin(session, code)
        assert (bulletin.topic.code, bulletin.writer) == ("dich-benh", "an@so.example")
    database.dispose()
    assert "ai@so.example is not a member of staff" in lantoa.refused(
        "import", "bulletins", name, "--as", "ai@so.example"
    )


def test_a_bad_text_is_reported_by_its_row_and_keeps_the_others_out_unless_asked_to_skip(lantoa: Machine) -> None:
    texts = [{"title": "Tin lành", "body_text": BODY}, {"title": "", "body_text": BODY},
             {"title": "Sai chuyên đề", "body_text": BODY, "topic": "khong-co"}]  # fmt: skip
    name = write(lantoa, "ba.json", json.dumps(texts))
    done = lantoa("import", "bulletins", name)
    assert (done.status, done.out) == (2, "")
    assert [line.split(": ")[0] for line in done.complaints] == ["ba.json:2", "ba.json:3", "ba.json"]
    assert "expected an-ninh-quoc-phong, dich-benh, kinh-te-xa-hoi" in done.complaints[1]
    assert "2 bad texts, 1 good" in done.complaints[2]
    assert drafts(lantoa) == []
    skipped = lantoa("import", "bulletins", name, "--skip-bad")
    assert skipped.status == 2
    assert [row[1] for row in drafts(lantoa)] == ["Tin lành"]
    assert skipped.out.splitlines() == [row[0] for row in drafts(lantoa)]


def test_what_cannot_be_read_is_one_line_and_no_draft(lantoa: Machine) -> None:
    for name, content, text in (
        ("hong.docx", b"PK\x03\x04 broken", ""),
        ("la.odt", b"PK", "expected .docx, .md, .html"),
        ("vo.json", "[1, 2", ""),
        ("tieu-de.md", BODY, ""),
    ):
        write(lantoa, name, content)
        done = lantoa("import", "bulletins", name)
        assert (done.status, done.out) == (2, ""), done
        assert done.complaints[0].startswith(f"{name}:1: ")
        assert text in done.complaints[0]
    assert "khong-co.md" in lantoa.refused("import", "bulletins", "khong-co.md")
    assert drafts(lantoa) == []


def test_a_feed_is_read_at_its_address_when_the_settings_allow_it(lantoa: Machine, server: HostileServer) -> None:
    url = server.text("/rss.xml", RSS, Content_Type="application/rss+xml")
    line = lantoa.refused("import", "bulletins", url)
    assert line.startswith(f"{url}:1: the feed could not be fetched: ")
    assert server.calls == []
    lantoa.settings["LANTOA_ALLOW_HOSTS"] = server.url("").removeprefix("http://")
    assert len(lantoa.well("import", "bulletins", url).splitlines()) == 2
    assert [row[1] for row in drafts(lantoa)] == ["Tin một từ nguồn cũ", "Tin hai từ nguồn cũ"]


def test_what_is_no_feed_and_what_is_not_there_are_reported(lantoa: Machine, server: HostileServer) -> None:
    lantoa.settings["LANTOA_ALLOW_HOSTS"] = server.url("").removeprefix("http://")
    page = server.text("/trang", "<html><body>Trang chủ</body></html>", Content_Type="text/html")
    missing = server.text("/mat", "không có", "404 Not Found")
    assert lantoa.refused("import", "bulletins", page).startswith(f"{page}:1: ")
    assert "answered 404" in lantoa.refused("import", "bulletins", missing)
    assert drafts(lantoa) == []
