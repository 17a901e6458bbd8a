"""Bulletins to write feeds of, and texts that are hard on writers."""

from datetime import UTC, datetime, timedelta
from typing import Any

from hypothesis import strategies as st

from coordinator.feeds.item import FeedImage, FeedInfo, FeedItem, FeedMedium, FeedSource

BASE = "https://tin.thudo.example"
RELEASED = datetime(2026, 11, 24, 0, 30, tzinfo=UTC)  # 07:30 in the city
SOURCE = FeedSource("Sở Thông tin thành phố", BASE, f"{BASE}/feeds/rss.xml")
PICTURE = FeedImage(f"{BASE}/media/a.jpg?w=1&h=2", 1200, 800, "image/jpeg", 54321, "Trạm y tế phường & người dân")
POSTER = FeedImage(f"{BASE}/pictures/p.jpg", 1080, 1920, "image/jpeg", 43210, "Y tá tiêm cho trẻ")
VIDEO = FeedMedium(
    "video", f"{BASE}/media/v.mp4", "video/mp4", 1234567, "a1" * 32, 1080, 1920, 12.4, "Y tá tiêm & dặn phụ huynh",
    "Mang theo sổ tiêm chủng.\nTheo dõi trẻ ba mươi phút < một giờ.", POSTER, f"{BASE}/media/c.vtt",
)  # fmt: skip
AUDIO = FeedMedium(
    "audio", f"{BASE}/media/l.mp3", "audio/mpeg", 765432, "b2" * 32, seconds=61.0, alt="Bản tin loa phường",
    text="Mời bà con đưa trẻ đi tiêm.",
)  # fmt: skip
NOTICE = FeedMedium("document", f"{BASE}/media/d.pdf", "application/pdf", 65432, "c3" * 32, alt="Kế hoạch tiêm")
POSTED = FeedMedium(
    "picture", f"{BASE}/pictures/a.png", "image/png", 98765, "d4" * 32, 800, 1000, alt="Áp phích",
    text="Tiêm là phòng.",
)  # fmt: skip
POSTED_IMAGE = FeedImage(POSTED.url, 800, 1000, "image/png", 98765, POSTED.alt)


def spoken(number: int = 1, **given: Any) -> FeedItem:
    """A bulletin with a poster, a video, an audio and a document."""
    media = (POSTED, VIDEO, AUDIO, NOTICE)
    return item(number, **({"images": (POSTED_IMAGE,), "lead_image": POSTED_IMAGE, "media": media} | given))


def item(number: int = 1, **given: Any) -> FeedItem:
    """A released bulletin; ``number`` makes its code and moves it one hour back in time."""
    code = f"BT-2026-11-24-{number:03}"
    values: dict[str, Any] = {
        "code": code,
        "revision": 1,
        "title": "Thành phố tiêm vắc xin sởi cho trẻ dưới 10 tuổi",
        "lead": "Các trạm y tế tiêm miễn phí từ 7 giờ 30 đến 17 giờ.",
        "body_html": "<p>Phụ huynh mang theo <strong>sổ tiêm chủng</strong>.</p>\n<p>Kho còn 12.500 liều.</p>",
        "body_text": "Phụ huynh mang theo sổ tiêm chủng.\n\nKho còn 12.500 liều.",
        "topic": "dich-benh",
        "topic_name": "Phòng, chống dịch bệnh",
        "url": f"{BASE}/bulletins/{code}",
        "republish_url": f"{BASE}/bulletins/{code}/republish",
        "json_url": f"{BASE}/bulletins/{code}.json",
        "author": "Phòng Tin tức",
        "source": SOURCE,
        "released_at": RELEASED - timedelta(hours=number - 1),
        "updated_at": RELEASED - timedelta(hours=number - 1),
        "counter_url": f"{BASE}/i/t{number}.gif",
    }
    return FeedItem(**(values | given))


def recalled(number: int = 2) -> FeedItem:
    """A bulletin that was out and was withdrawn; its title and body name a secret that must not come back."""
    return item(
        number,
        title="NHẦM",
        lead="NHẦM",
        body_html="<p>NHẦM</p>",
        body_text="NHẦM",
        recalled_at=RELEASED + timedelta(hours=2),
        recall_reason="Sai số liệu <tạm tính>",
    )


def info(**given: Any) -> FeedInfo:
    """A public feed."""
    values: dict[str, Any] = {
        "title": "Bản tin & thông báo",
        "description": "Bản tin chính thức của thành phố",
        "home_url": BASE,
        "self_url": f"{BASE}/feeds/x?topic=dich-benh&limit=50",
        "hub_url": f"{BASE}/hub",
        "author": SOURCE.name,
        "updated_at": RELEASED + timedelta(hours=2),
        "id": "tag:tin.thudo.example,2026:feeds",
    }
    return FeedInfo(**(values | given))


def survives(text: str) -> str:
    """Return the characters of ``text`` that XML 1.0 allows, by section 2.2 of that standard."""

    def allowed(char: str) -> bool:
        code = ord(char)
        return (
            code in {0x9, 0xA, 0xD} or 0x20 <= code <= 0xD7FF or 0xE000 <= code <= 0xFFFD or 0x10000 <= code <= 0x10FFFF
        )

    kept = "".join(char for char in text if allowed(char))
    return "\n".join(part for line in kept.split("\r\n") for part in line.split("\r"))


HARD = (
    "]]>", "]]", ">", "]]\x00>", "]\ud800]>", "<![CDATA[", "&amp;", "&", "<script>alert(1)</script>", '"', "'", "\x00",
    "\x0b", "\x1f", "\x7f", "\x85", "\ud83d", "\ufffe", "\uffff", "\ufeff", "\r\n", "\r", "\n", "\t", "😀", "👩‍👩‍👧",
    "Hòa bình", "ê\u0323", "\u202eabc", "\u2066xyz\u2069", "שלום", "مرحبا", "\U0010ffff", "\u2028", "{",
    "\\u0000", "%s",
)  # fmt: skip
hard_text = st.lists(st.one_of(st.sampled_from(HARD), st.text(st.characters(exclude_categories=()))), max_size=12).map(
    "".join
)

# Titles that a reader which shows titles as HTML could take for markup, and some that only look so.
MARKED_UP = (
    "<script>document.hit = 1</script>", "<img src=x onerror='document.hit = 1'>",
    "</title><svg onload=document.hit=1>",
    "&lt;img src=x onerror=document.hit=1&gt;", "&amp;lt;b&amp;gt;", "&#60;script&#62;document.hit=1&#60;/script&#62;",
    "<!-- hết", "]]><script>document.hit = 1</script>", "&copy", "R&D “sởi” & cúm: 30 phường < 5 ngày", 'Giá "12.500"',
    "5 < 7 > 3 && 'a'", "👩‍👩‍👧 Tiêm 😀", "<3 Hà Nội",
)  # fmt: skip
