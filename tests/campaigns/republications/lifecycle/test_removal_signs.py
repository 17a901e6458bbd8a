"""Signs of a removal on a page with status 200."""

import pytest

from campaigns.republications.lifecycle.removal_signs import RemovalSigns, has_lost_text, reason_code, removal_reasons

ASKED = "https://nhipsong.example/thoi-su/lich-tiem-40001.html"
ARTICLE = "Đội bóng nữ của quận thắng trận chung kết tối qua nhờ bàn thắng ở phút bù giờ. " * 20


def kinds(answered: str = ASKED, text: str = ARTICLE, likeness: float | None = None, share: float = 0.0) -> list[str]:
    reasons = removal_reasons(RemovalSigns(ASKED, answered, share, text, likeness))
    return [reason.partition(":")[0] for reason in reasons]


@pytest.mark.parametrize(
    ("answered", "kind"),
    [
        ("https://nhipsong.example/", "redirected_home"),
        ("https://www.nhipsong.example", "redirected_home"),
        ("https://nhipsong.example/index.html", "redirected_home"),
        ("https://nhipsong.example/thoi-su", "redirected_up"),
        ("https://nhipsong.example/404.html?from=lich-tiem-40001", "redirected_up"),
        ("https://ten-mien-rao-ban.example/nhipsong", "redirected_away"),
        ("https://m.nhipsong.example/thoi-su/lich-tiem-40001.html", "replaced"),  # the same page on its other host
        ("http://www.nhipsong.example/thoi-su/lich-tiem-40001.html?utm_source=zalo", "replaced"),
        ("https://nhipsong.example/doi-song/bai-khac-40002.html", "replaced"),
    ],
)
def test_where_an_address_leads_tells_the_kind(answered: str, kind: str) -> None:
    assert kinds(answered)[0] == kind


@pytest.mark.parametrize(("likeness", "kind"), [(None, "replaced"), (0.89, "replaced"), (0.9, "soft_404")])
def test_a_page_like_the_made_up_sibling_is_a_soft_404(likeness: float | None, kind: str) -> None:
    assert kinds(likeness=likeness) == [kind]


@pytest.mark.parametrize(
    "text",
    [
        "Không tìm thấy trang bạn yêu cầu",
        "Bài viết khong ton tai",
        "NỘI DUNG ĐÃ BỊ XOÁ",
        "Bài viết này đã bị gỡ theo yêu cầu",
    ],
)
def test_what_such_pages_say_supports_the_reason(text: str) -> None:
    assert kinds(text=text) == ["replaced", "says_removed"]


def test_an_article_may_speak_of_removals() -> None:
    assert kinds(text=f"{ARTICLE * 3} Bài viết sai sự thật đã bị gỡ.") == ["replaced"]
    assert kinds(text="Đã tìm thấy hai em nhỏ đi lạc") == ["replaced"]


def test_reasons_say_how_much_is_left() -> None:
    (reason,) = removal_reasons(RemovalSigns(ASKED, ASKED, 0.12, ARTICLE))
    assert reason == "replaced: the page answers, and carries 12% of the text"
    assert reason_code([reason]) == "replaced"
    assert reason_code([]) == ""


@pytest.mark.parametrize(
    ("before", "now", "fallen"),
    [(0.9, 0.24, True), (0.9, 0.25, False), (0.2, 0.1, False), (None, 0.0, False), (0.25, 0.0, True)],
)
def test_only_a_copy_that_carried_more_can_fall(before: float | None, now: float, fallen: bool) -> None:
    assert has_lost_text(before, now) is fallen
