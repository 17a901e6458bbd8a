"""NewsML-G2, read by the IPTC's own library, and its text by what newsroom systems look for."""

from typing import Any

import lxml.etree as ET
import NewsMLG2
import pytest
from hypothesis import given

from coordinator.feeds import newsml
from tests.coordinator.feeds.samples import (
    AUDIO,
    BASE,
    PICTURE,
    POSTED,
    VIDEO,
    hard_text,
    info,
    item,
    recalled,
    spoken,
    survives,
)  # fmt: skip

G2 = "{http://iptc.org/std/nar/2006-10-01/}"
NITF = "{http://iptc.org/std/NITF/2006-10-18/}"
# The order in which the standard's schema asks for these elements.
ITEM_META = ["itemClass", "provider", "versionCreated", "firstCreated", "pubStatus", "edNote", "signal"]
CONTENT_META = ["contentCreated", "language", "subject", "slugline", "headline", "by", "description"]


def written(*items: Any) -> Any:
    return ET.fromstring(newsml.render(info(), items))


def blocks(html: str) -> list[Any]:
    text = written(item(body_html=html)).find(f".//{NITF}block")
    assert text is not None
    return [ET.tostring(block, encoding="unicode", with_tail=False) for block in text][:-1]  # without the source line


def bare(block: str) -> str:
    return block.replace(f' xmlns="{NITF[1:-1]}"', "")


def test_the_iptcs_library_reads_each_item_that_was_written() -> None:
    bulletin = item(images=(PICTURE,))
    (found,) = written(bulletin).iter(f"{G2}newsItem")
    read = NewsMLG2.NewsMLG2Document(ET.tostring(found)).get_item()
    assert (read.guid, read.version, read.standard, read.conformance) == (bulletin.id, "1", "NewsML-G2", "power")
    assert str(read.itemmeta.itemclass.qcode) == "ninat:text"
    assert str(read.itemmeta.pubstatus.qcode) == "stat:usable"
    assert str(read.itemmeta.versioncreated) == "2026-11-24T00:30:00Z"
    assert str(read.contentmeta.headline[0]) == bulletin.title
    assert str(read.contentmeta.language[0].tag) == "vi"


def test_metadata_stand_in_the_order_of_the_schema() -> None:
    (found,) = written(item(revision=2, note="Sửa giờ", images=(PICTURE,))).iter(f"{G2}newsItem")
    assert [child.tag.removeprefix(G2) for child in found] == [
        "catalogRef", "rightsInfo", "itemMeta", "contentMeta", "contentSet",
    ]  # fmt: skip
    assert [child.tag.removeprefix(G2) for child in found.find(f"{G2}itemMeta")] == ITEM_META
    assert [child.tag.removeprefix(G2) for child in found.find(f"{G2}contentMeta")] == CONTENT_META


def test_a_correction_is_the_next_version_of_the_same_item() -> None:
    first, second = (
        next(written(item(revision=number, note=note)).iter(f"{G2}newsItem"))
        for number, note in ((1, ""), (2, "Sửa giờ"))
    )
    assert first.get("guid") == second.get("guid")
    assert (first.get("version"), second.get("version")) == ("1", "2")
    assert first.find(f".//{G2}signal") is None
    assert second.find(f".//{G2}signal").get("qcode") == "sig:correction"
    assert second.find(f".//{G2}edNote").text == "Đính chính: Sửa giờ"


def test_a_recall_cancels_the_item_and_tells_nothing_of_it() -> None:
    body = newsml.render(info(), [recalled()])
    (found,) = ET.fromstring(body).iter(f"{G2}newsItem")
    assert found.find(f".//{G2}pubStatus").get("qcode") == "stat:canceled"
    assert found.get("version") == "2"
    # Systems that take items in ask for both of them before they take a cancellation.
    assert found.find(f"{G2}contentMeta") is not None
    assert len(found.find(f"{G2}contentSet")) == 0
    assert "NHẦM" not in body.decode()
    assert "Sai số liệu" in found.find(f".//{G2}edNote").text


@pytest.mark.parametrize(
    ("html", "nitf"),
    [
        ('<p>Phường A <a href="https://x.example/">được cấp nước</a> từ <strong>8 giờ</strong>.</p>',
         '<p>Phường A <a href="https://x.example/">được cấp nước</a> từ <em>8 giờ</em>.</p>'),
        ("<h2>Lịch</h2>", "<hl2>Lịch</hl2>"),
        ("<ul><li>Một</li><li>Hai <em>ba</em></li></ul>", "<ul><li>Một</li><li>Hai <em>ba</em></li></ul>"),
        ("<blockquote><p>Lời</p></blockquote>", "<bq><block><p>Lời</p></block></bq>"),
        ("<p>H<sub>2</sub>O và <span>chữ</span> thường</p>", "<p>H2O và chữ thường</p>"),
        (f'<figure><img src="{BASE}/m/a.jpg" alt="Trạm"><figcaption>Trạm</figcaption></figure>',
         f'<media media-type="image"><media-reference source="{BASE}/m/a.jpg" alternate-text="Trạm"/>'
         "<media-caption>Trạm</media-caption></media>"),
    ],
)  # fmt: skip
def test_the_text_keeps_what_newsrooms_lose_from_xhtml(html: str, nitf: str) -> None:
    assert [bare(block) for block in blocks(html)] == [nitf]


def test_the_text_ends_with_the_source_and_has_no_counter_image() -> None:
    bulletin = item(images=(PICTURE,))
    found = written(bulletin)
    last = list(found.find(f".//{NITF}block"))[-1]
    assert last.find(f"{NITF}a").get("href") == bulletin.url
    assert bulletin.counter_url not in ET.tostring(found, encoding="unicode")
    picture = found.find(f".//{G2}remoteContent")
    assert dict(picture.attrib) == {
        "rendition": "rnd:web", "href": PICTURE.url, "contenttype": "image/jpeg", "width": "1200", "height": "800",
        "size": "54321",
    }  # fmt: skip


def test_files_stand_beside_the_text_with_their_seconds_and_hash() -> None:
    found = written(spoken())
    remote = {one.get("href"): one for one in found.iter(f"{G2}remoteContent")}
    assert [one.get("rendition") for one in remote.values()] == [
        "rnd:web", "rnd:video", "rnd:poster", "rnd:captions", "rnd:audio", "rnd:document",
    ]  # fmt: skip
    video = remote[VIDEO.url]
    assert dict(video.attrib) == {
        "rendition": "rnd:video", "href": VIDEO.url, "contenttype": "video/mp4", "width": "1080", "height": "1920",
        "size": str(VIDEO.length), "duration": "13", "durationunit": "timeunit:seconds",
    }  # fmt: skip
    assert (video[0].tag, video[0].get("hashtype"), video[0].text) == (f"{G2}hash", "hashtype:sha256", VIDEO.sha256)
    media = [one.get("media-type") for one in found.iter(f"{NITF}media")]
    assert media == ["image", "video", "audio"]
    text = " ".join(found.find(f".//{NITF}block").itertext())
    assert all(line in text for medium in (POSTED, VIDEO, AUDIO) for line in medium.text.split("\n"))


@given(text=hard_text)
def test_any_text_is_written_as_xml_that_says_the_same(text: str) -> None:
    found = written(item(title=text))
    assert (found.find(f".//{G2}headline").text or "") == survives(text)
