"""What is found while a text is written: each finding names what and where, and a sound text has none."""

import pytest

from campaigns.publishing.dressing import Cover, Dress, Variant
from campaigns.publishing.linting import LEAST_WORDS, Finding, Kind, Receiving, lint, misfiled
from campaigns.publishing.transport import Capabilities
from campaigns.tracking.classifying import DEFAULT_THRESHOLDS

ZALO = Receiving("zalo", "Zalo của Sở", Capabilities(max_title=20, max_lead=10, max_body_bytes=30, needs_cover=True))
PICTURE = "a" * 32
ENOUGH = "a b c d e f g h i k"  # words, of few bytes, for a text's copies to be recognised


def found(
    title: str = "Lịch tiêm", lead: str = "Miễn phí.", html: str = "<p>Một.</p>", text: str = ENOUGH,
    dress: Dress | None = None, channels: tuple[Receiving, ...] = (), size: tuple[int, int] = (1280, 720),
) -> tuple[Finding, ...]:  # fmt: skip
    return lint(title, lead, html, text, dress or Dress(), channels, {PICTURE: size})


def kinds(*findings: Finding) -> list[Kind]:
    return [one.kind for one in findings]


def test_a_sound_text_with_a_described_cover_has_nothing_to_look_at() -> None:
    html = '<p>Xem <a href="https://so.example">tại đây</a>.</p><img src="https://so.example/a.jpg" alt="Y tá">'
    assert found(html=html, dress=Dress(Cover(PICTURE, "Y tá")), channels=(ZALO,)) == ()


def test_each_limit_of_a_channel_is_named_with_its_field_length_and_limit() -> None:
    findings = found(title="a" * 21, lead="b" * 11, text=" ".join(["ế"] * 11), channels=(ZALO,))
    assert findings == (
        Finding(Kind.TITLE_CUT, "title", "Zalo của Sở", number=21, limit=20),
        Finding(Kind.LEAD_CUT, "lead", "Zalo của Sở", number=11, limit=10),
        # Eleven characters of three bytes, ten of one.
        Finding(Kind.BODY_CUT, "body_html", "Zalo của Sở", number=43, limit=30),
        Finding(Kind.NO_COVER, "picture", "Zalo của Sở"),
    )


def test_words_of_its_own_mend_a_channel_and_are_looked_at_themselves() -> None:
    cover = Cover(PICTURE, "Y tá")
    short = Dress(cover, {"zalo": Variant("Ngắn", "Gọn.", "Một.")})
    assert found(title="a" * 21, lead="b" * 11, text=" ".join(["ế"] * 11), channels=(ZALO,), dress=short) == ()
    long = Dress(cover, {"zalo": Variant("c" * 22, "", "Dự thảo lần hai")})
    assert found(channels=(ZALO,), dress=long) == (
        Finding(Kind.HELD_WORDS, "variants.zalo.text", words="Dự thảo"),
        Finding(Kind.TITLE_CUT, "variants.zalo.title", "Zalo của Sở", number=22, limit=20),
    )


def test_pictures_without_a_description_are_counted_and_small_covers_told() -> None:
    html = '<img src="https://a.example/1.jpg" alt="Y tá"><img src="https://a.example/2.jpg" alt=" "><img src="x">'
    findings = found(html=html, dress=Dress(Cover(PICTURE, " ")), size=(300, 200))
    assert [(one.kind, one.number) for one in findings] == [
        (Kind.COVER_ALT, 0), (Kind.IMAGE_ALT, 2), (Kind.IMAGE_ALT, 3), (Kind.COVER_SMALL, 300),
    ]  # fmt: skip


@pytest.mark.parametrize("words", ["CẤM PHÁT TRƯỚC 14 giờ", "Tài liệu lưu hành nội bộ", "Dự thảo lần 3", "Embargoed"])
def test_words_of_a_text_that_is_not_to_be_published_are_grave_wherever_they_stand(words: str) -> None:
    for name in ("title", "lead", "text"):
        [finding] = found(**{name: f"{words} {ENOUGH}"})
        assert (finding.kind, finding.grave) == (Kind.HELD_WORDS, True)
    assert found(text=f"Mật độ muỗi giảm; chưa công chiếu. {ENOUGH}") == ()


def test_links_are_asked_for_where_the_text_speaks_of_them() -> None:
    assert kinds(*found(html="<p>Đăng ký tại đây.</p>")) == [Kind.HERE_WITHOUT_LINK]
    [bare] = found(html="<p>Xem hanoi.gov.vn để biết.</p>")
    assert (bare.kind, bare.words) == (Kind.ADDRESS_NOT_LINKED, "hanoi.gov.vn")
    assert found(html='<p>Xem <a href="https://hanoi.gov.vn">hanoi.gov.vn</a>, thư về tin@hanoi.gov.vn.</p>') == ()


def test_a_text_without_a_lead_is_told() -> None:
    assert kinds(*found(lead=" ")) == [Kind.NO_LEAD]


def test_a_text_too_short_for_its_copies_to_be_recognised_is_told() -> None:
    assert DEFAULT_THRESHOLDS.least_words == LEAST_WORDS
    [short] = found(text="Một hai ba bốn năm sáu bảy.")
    assert (short.kind, short.number, short.limit, short.grave) == (Kind.TOO_SHORT, 11, 12, False)
    assert found(text="Một hai ba bốn năm sáu bảy tám.") == ()


@pytest.mark.parametrize(
    ("topic", "plan", "topics", "told"),
    [
        ("kinh-te-xa-hoi", "174-KH/UBND", ["dich-benh"], True),
        ("dich-benh", "174-KH/UBND", ["dich-benh"], False),
        ("dich-benh", "174-KH/UBND", [], False),
        ("dich-benh", "", [], False),
        ("", "174-KH/UBND", ["dich-benh"], False),
    ],
)
def test_a_text_that_would_count_for_a_plan_about_something_else_is_told(
    topic: str, plan: str, topics: list[str], told: bool
) -> None:
    assert [(one.kind, one.words) for one in misfiled(topic, plan, topics)] == [(Kind.OTHER_PLAN, plan)] * told
