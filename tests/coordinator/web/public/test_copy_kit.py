"""The copy kit: the HTML to paste contains attribution, source link and counter image, and no script."""

import io
import json
from pathlib import Path

from selectolax.lexbor import LexborHTMLParser, LexborNode

from campaigns.bulletins import drafts
from campaigns.bulletins.drafts import BulletinText
from campaigns.release import workflow
from campaigns.republications.attribution.source_lines import SourceName
from coordinator.jobs.matching.offline_check import check_files
from coordinator.web.kit.security_headers import CONTENT_SECURITY_POLICY
from tests.coordinator.web.application import BASE, RunningApplication
from tests.factories import APPROVER, DELIVERY_MODES, WRITER

PICTURE = "https://anh.so.example/tiem/lich.jpg"
HTML = f"""<p>Trạm y tế mở thêm buổi chiều.</p><figure><img src="{PICTURE}" alt="Lịch tiêm"></figure>"""


def field(page: str, name: str) -> str:
    found = LexborHTMLParser(page).css_first(f'textarea[name="{name}"]')
    assert found is not None
    return found.text()


def last_link(tree: LexborHTMLParser) -> LexborNode:
    return tree.css("a")[-1]


def with_picture(outside: RunningApplication) -> str:
    with outside.database.write() as session:
        now = outside.office.now()
        text = BulletinText("Lịch tiêm có ảnh", "Sa-pô của lịch tiêm.", HTML, "Trạm y tế mở thêm buổi chiều.")
        bulletin = drafts.create(session, WRITER, text, topic="dich-benh", now=now)
        workflow.submit(session, WRITER, bulletin.code, now=now)
        digest = bulletin.revision(bulletin.latest).hash
        workflow.approve(session, APPROVER, bulletin.code, digest, DELIVERY_MODES, now=now)
        workflow.publish(session, APPROVER, bulletin.code, DELIVERY_MODES, now=now)
        code = bulletin.code
    outside.clock.forward(seconds=1)
    return code


def test_the_kit_has_clean_markup_with_source_link_and_counter_image(outside: RunningApplication) -> None:
    code = outside.publish("Lịch tiêm & khám", body="Đoạn một của bản tin.\n\nĐoạn hai của bản tin.")
    pasted = field(outside.get(f"/bulletins/{code}/republish").text, "html")
    tree = LexborHTMLParser(pasted)
    assert tree.css_first("h2").text() == "Lịch tiêm & khám"
    assert "Đoạn hai của bản tin." in pasted
    assert last_link(tree).attributes["href"] == f"{BASE}/bulletins/{code}"
    image = tree.css("img")[-1]
    assert image.attributes["src"].startswith(f"{BASE}/i/")
    assert (image.attributes["width"], image.attributes["height"], image.attributes["alt"]) == ("1", "1", "")
    assert not tree.css("script, style, link, iframe, form, [onclick], [class], [style]")
    counted = outside.client.get(image.attributes["src"].removeprefix(BASE))
    assert (counted.status_code, len(counted.data)) == (200, 43)


def test_the_plain_text_names_the_source_and_its_address(outside: RunningApplication) -> None:
    code = outside.publish("Lịch tiêm", body="Chỉ chữ & số.")
    text = field(outside.get(f"/bulletins/{code}/republish").text, "text")
    assert text.strip().endswith(f"Nguồn: {BASE}/bulletins/{code}")
    assert "Chỉ chữ & số." in text


def test_a_page_made_by_pasting_the_kit_is_credited_in_full_with_its_link_at_the_end(
    outside: RunningApplication, tmp_path: Path
) -> None:
    body = " ".join(f"Câu số {number} nói về buổi tiêm tại phường {number} vào chiều thứ ba." for number in range(40))
    code = outside.publish("Lịch tiêm nhắc tại các phường", body=body)
    pasted = field(outside.get(f"/bulletins/{code}/republish").text, "html")
    bulletins, pages = tmp_path / "b.jsonl", tmp_path / "p.jsonl"
    values = {"id": code, "title": "Lịch tiêm nhắc tại các phường", "text": body, "url": f"{BASE}/bulletins/{code}"}
    bulletins.write_text(json.dumps(values, ensure_ascii=False) + "\n", encoding="utf-8")
    html = f"<html><body><article>{pasted}</article></body></html>"
    page = {"id": "p1", "url": "https://doi-tac.example/tin/1.html", "html": html}
    pages.write_text(json.dumps(page, ensure_ascii=False) + "\n", encoding="utf-8")
    out, err = io.StringIO(), io.StringIO()
    assert check_files(bulletins, pages, out, err, 1, [SourceName("Sở")]) == 0, err.getvalue()
    verdict = json.loads(out.getvalue())
    assert (verdict["match"], verdict["attribution"]) == ("full", "linked_at_end")


def test_pictures_can_be_downloaded_and_are_named_to_machines(outside: RunningApplication) -> None:
    code = with_picture(outside)
    kit = LexborHTMLParser(outside.get(f"/bulletins/{code}/republish").text)
    download = kit.css_first("a[download]")
    assert (download.attributes["href"], download.text()) == (PICTURE, "Tải ảnh: Lịch tiêm có ảnh")
    page = outside.get(f"/bulletins/{code}").text
    assert f'<meta property="og:image" content="{PICTURE}">' in page
    assert f'"image": ["{PICTURE}"]' in page


def test_a_page_may_load_the_pictures_of_its_bulletin_and_nothing_else_from_elsewhere(
    outside: RunningApplication,
) -> None:
    pictured, plain = with_picture(outside), outside.publish()
    allowed = CONTENT_SECURITY_POLICY.replace("img-src 'self' data:", "img-src 'self' data: https://anh.so.example")
    for path in (f"/bulletins/{pictured}", f"/bulletins/{pictured}/republish"):
        assert outside.get(path).headers["Content-Security-Policy"] == allowed
    for path in (f"/bulletins/{plain}", f"/bulletins/{plain}/republish", f"/bulletins/{pictured}.txt"):
        assert outside.get(path).headers["Content-Security-Policy"] == CONTENT_SECURITY_POLICY
