"""Text checks: each issue has its field and words, and a good text has no issue."""

from typing import Any

import pytest

from campaigns.bulletins.presentation import Cover, Presentation, Variant
from campaigns.bulletins.text_checks import (
    LEAST_WORDS,
    PictureFacts,
    ReceivingChannel,
    TextIssue,
    TextIssueKind,
    filing_issues,
    text_issues,
)
from campaigns.channels.transport import Capabilities
from campaigns.matching.classification import DEFAULT_THRESHOLDS

ZALO = ReceivingChannel(
    "zalo", "Zalo của Sở", Capabilities(max_title=20, max_lead=10, max_body_bytes=30, needs_cover=True)
)
PICTURE = "a" * 32
ENOUGH = "a b c d e f g h i k"  # words, of few bytes, for a text's copies to be recognised


def found(
    title: str = "Lịch tiêm", lead: str = "Miễn phí.", html: str = "<p>Một.</p>", text: str = ENOUGH,
    presentation: Presentation | None = None, channels: tuple[ReceivingChannel, ...] = (),
    size: tuple[int, int] = (1280, 720), **pictures: Any,
) -> tuple[TextIssue, ...]:  # fmt: skip
    return text_issues(
        title, lead, html, text, presentation or Presentation(), channels, PictureFacts({PICTURE: size}, **pictures)
    )


def kinds(*findings: TextIssue) -> list[TextIssueKind]:
    return [issue.kind for issue in findings]


def test_a_sound_text_with_a_described_cover_has_nothing_to_look_at() -> None:
    html = '<p>Xem <a href="https://so.example">tại đây</a>.</p><img src="https://so.example/a.jpg" alt="Y tá">'
    assert found(html=html, presentation=Presentation(Cover(PICTURE, "Y tá")), channels=(ZALO,)) == ()


def test_each_limit_of_a_channel_is_named_with_its_field_length_and_limit() -> None:
    findings = found(title="a" * 21, lead="b" * 11, text=" ".join(["ế"] * 11), channels=(ZALO,))
    assert findings == (
        TextIssue(TextIssueKind.TITLE_CUT, "title", "Zalo của Sở", number=21, limit=20),
        TextIssue(TextIssueKind.LEAD_CUT, "lead", "Zalo của Sở", number=11, limit=10),
        # Eleven characters of three bytes, ten of one.
        TextIssue(TextIssueKind.BODY_CUT, "body_html", "Zalo của Sở", number=43, limit=30),
        TextIssue(TextIssueKind.NO_COVER, "picture", "Zalo của Sở"),
    )


def test_words_of_its_own_mend_a_channel_and_are_looked_at_themselves() -> None:
    cover = Cover(PICTURE, "Y tá")
    short = Presentation(cover, {"zalo": Variant("Ngắn", "Gọn.", "Một.")})
    assert found(title="a" * 21, lead="b" * 11, text=" ".join(["ế"] * 11), channels=(ZALO,), presentation=short) == ()
    long = Presentation(cover, {"zalo": Variant("c" * 22, "", "Dự thảo lần hai")})
    assert found(channels=(ZALO,), presentation=long) == (
        TextIssue(TextIssueKind.HELD_WORDS, "variants.zalo.text", words="Dự thảo"),
        TextIssue(TextIssueKind.TITLE_CUT, "variants.zalo.title", "Zalo của Sở", number=22, limit=20),
    )


def test_pictures_without_a_description_are_counted_and_small_covers_reported() -> None:
    html = '<img src="https://a.example/1.jpg" alt="Y tá"><img src="https://a.example/2.jpg" alt=" "><img src="x">'
    findings = found(html=html, presentation=Presentation(Cover(PICTURE, " ")), size=(300, 200))
    assert [(issue.kind, issue.number) for issue in findings] == [
        (TextIssueKind.COVER_ALT, 0),
        (TextIssueKind.IMAGE_ALT, 2),
        (TextIssueKind.IMAGE_ALT, 3),
        (TextIssueKind.COVER_SMALL, 300),
    ]


@pytest.mark.parametrize("words", ["CẤM PHÁT TRƯỚC 14 giờ", "Tài liệu lưu hành nội bộ", "Dự thảo lần 3", "Embargoed"])
def test_words_of_a_text_that_is_not_to_be_published_are_grave_wherever_they_stand(words: str) -> None:
    for name in ("title", "lead", "text"):
        [finding] = found(**{name: f"{words} {ENOUGH}"})
        assert (finding.kind, finding.grave) == (TextIssueKind.HELD_WORDS, True)
    assert found(text=f"Mật độ muỗi giảm; chưa công chiếu. {ENOUGH}") == ()


def test_links_are_asked_for_where_the_text_speaks_of_them() -> None:
    assert kinds(*found(html="<p>Đăng ký tại đây.</p>")) == [TextIssueKind.HERE_WITHOUT_LINK]
    [bare] = found(html="<p>Xem hanoi.gov.vn để biết.</p>")
    assert (bare.kind, bare.words) == (TextIssueKind.ADDRESS_NOT_LINKED, "hanoi.gov.vn")
    assert found(html='<p>Xem <a href="https://hanoi.gov.vn">hanoi.gov.vn</a>, thư về tin@hanoi.gov.vn.</p>') == ()


def test_a_text_without_a_lead_is_reported() -> None:
    assert kinds(*found(lead=" ")) == [TextIssueKind.NO_LEAD]


def test_a_text_too_short_for_its_copies_to_be_recognised_is_reported() -> None:
    assert DEFAULT_THRESHOLDS.least_words == LEAST_WORDS
    [short] = found(text="Một hai ba bốn năm sáu bảy.")
    assert (short.kind, short.number, short.limit, short.grave) == (TextIssueKind.TOO_SHORT, 11, 12, False)
    assert found(text="Một hai ba bốn năm sáu bảy tám.") == ()


@pytest.mark.parametrize(
    ("topic", "plan", "topics", "warned"),
    [
        ("kinh-te-xa-hoi", "174-KH/UBND", ["dich-benh"], True),
        ("dich-benh", "174-KH/UBND", ["dich-benh"], False),
        ("dich-benh", "174-KH/UBND", [], False),
        ("dich-benh", "", [], False),
        ("", "174-KH/UBND", ["dich-benh"], False),
    ],
)
def test_a_text_that_would_count_for_a_plan_about_something_else_is_reported(
    topic: str, plan: str, topics: list[str], warned: bool
) -> None:
    assert [(issue.kind, issue.words) for issue in filing_issues(topic, plan, topics)] == [
        (TextIssueKind.OTHER_PLAN, plan)
    ] * warned


LOADING = ReceivingChannel(
    "zalo", "Zalo của Sở", Capabilities(fetches_pictures=True, max_picture_bytes=1000, needs_cover=True)
)


def test_pictures_that_a_channel_cannot_download_are_named_before_anything_is_sent() -> None:
    inside, outside = "http://localhost:8800/pictures/a.jpg", "https://so.example/b.jpg"
    html = f'<p>Một.</p><img src="{inside}" alt="Y tá"><img src="{outside}" alt="Y tá">'
    cover = Presentation(Cover(PICTURE, "Y tá"))
    at = "http://localhost:8800/pictures/c.jpg"
    given = {"cover_url": at, "not_public": frozenset({at, inside}), "lengths": {outside: 2000}}
    assert found(html=html, presentation=cover, channels=(LOADING,), **given) == (
        TextIssue(TextIssueKind.COVER_NOT_PUBLIC, "picture", "Zalo của Sở"),
        TextIssue(TextIssueKind.IMAGES_NOT_PUBLIC, "body_html", "Zalo của Sở", number=1),
        TextIssue(TextIssueKind.IMAGES_HEAVY, "body_html", "Zalo của Sở", number=2000, limit=1000),
    )
    carried = ReceivingChannel("tele", "Telegram", Capabilities(carries_cover=True))
    assert found(html=html, presentation=cover, channels=(carried,), **given) == ()
    own_text = Presentation(Cover(PICTURE, "Y tá"), {"zalo": Variant(text="Chữ riêng.")})
    kinds_found = kinds(*found(html=html, presentation=own_text, channels=(LOADING,), **given))
    assert kinds_found == [TextIssueKind.COVER_NOT_PUBLIC]
