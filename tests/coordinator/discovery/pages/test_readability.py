"""Pages whose text is elsewhere are distinguished from short pages, lists and notices."""

import pytest

from campaigns.discovery.unreadable_reasons import UnreadableReason
from coordinator.discovery.pages.page import parse_page
from coordinator.discovery.pages.readability import unreadable_reason

URL = "https://bao.example/thoi-su/bai-1.html"
MENU = '<nav><a href="/thoi-su">Thời sự</a> <a href="/kinh-te">Kinh tế</a></nav>'
FOOT = (
    "<footer>Báo điện tử, giấy phép số 12/GP-TTĐT do Sở Thông tin cấp. Tòa soạn: 1 phố Huế, quận Hai Bà Trưng.</footer>"
)
STATISTICS = (
    '<script async src="https://www.googletagmanager.com/gtag/js"></script>'
    "<script>window.dataLayer=[];function gtag(){dataLayer.push(arguments);}gtag('js',new Date());"
    "var s=document.createElement('script');s.src='//x';document.head.appendChild(s);</script>"
)
SHORT = "Sáng nay, quận mở lại hai tuyến phố sau khi sửa xong đường ống nước. Xe cộ đi lại bình thường."


def whole(body: str, head: str = "") -> str:
    return (
        f"<!doctype html><html><head><title>Bài</title>{head}</head><body>{MENU}<h1>Lịch tiêm nhắc vắc xin sởi</h1>"
        f"{body}{FOOT}{STATISTICS}</body></html>"
    )


def reason(html: str) -> str | None:
    found = unreadable_reason(parse_page(html, URL))
    return found.value if found is not None else None


@pytest.mark.parametrize(
    "body",
    [
        '<div id="root"></div><script src="/static/app.js"></script>',
        '<div id="__next"><div class="spinner"></div></div><script type="module" src="/m.js"></script>',
        '<app-root></app-root><script src="/main.js"></script>',
        '<noscript>Bạn cần bật JavaScript để đọc bài này.</noscript><div></div><script src="/a.js"></script>',
        '<div id="noi-dung"></div><script>document.getElementById("noi-dung").innerHTML = x;</script>',
        '<div class="bai"></div><script>fetch("/api/bai/1").then(r => r.json()).then(show)</script>',
        '<p>Đang tải nội dung…</p><script src="/x.js"></script>',
        '<div></div><script src="/x.js"></script>',
    ],
)
def test_a_page_that_scripts_write_needs_a_browser(body: str) -> None:
    assert reason(whole(body)) == "needs_script"


@pytest.mark.parametrize(
    "body",
    [
        '<iframe src="https://cms.example/embed/1" width="100%" height="2000"></iframe>',
        '<object data="/van-ban.pdf" type="application/pdf"></object>',
        '<embed src="/van-ban.pdf">',
        '<iframe srcdoc="&lt;p&gt;Lịch tiêm&lt;/p&gt;"></iframe>',
    ],
)
def test_a_page_with_its_text_in_a_frame_is_told_as_one(body: str) -> None:
    assert reason(whole(body)) == "in_frame"


@pytest.mark.parametrize(
    "body",
    [
        '<article><img src="/anh/bai-1-trang-1.jpg"><img src="/anh/bai-1-trang-2.jpg"></article>',
        '<figure><img data-src="/anh/infographic.png" src="data:image/gif;base64,R0lGOD"></figure>',
        '<iframe src="https://www.youtube.com/embed/abc" width="640" height="360"></iframe>',
        '<video src="/ban-tin.mp4"></video>',
    ],
)
def test_a_page_of_pictures_or_video_is_told_as_one(body: str) -> None:
    assert reason(whole(body)) == "picture_only"


def test_a_page_behind_a_paywall_is_told_as_one() -> None:
    lead = f"<p>{SHORT * 8}</p>"
    data = '<script type="application/ld+json">{"@type":"NewsArticle","isAccessibleForFree": false}</script>'
    assert reason(whole(lead + data)) == "paywalled"
    assert reason(whole(lead + "<p>Đăng nhập để đọc tiếp bài viết này.</p>")) == "paywalled"


def test_a_frameset_is_told_as_a_frame() -> None:
    assert reason('<html><frameset cols="100%"><frame src="/noi-dung.html"></frameset></html>') == "in_frame"


@pytest.mark.parametrize(
    "body",
    [
        f"<p>{SHORT}</p>",
        f'<p>{SHORT}</p><img src="/i/abcDEF123.gif" width="1" height="1">',
        f'<p>{SHORT}</p><aside><img src="/anh/quang-cao-lon.jpg"></aside>',
        f'<p>{SHORT}</p><iframe src="https://www.googletagmanager.com/ns.html" width="0" height="0"></iframe>',
        f'<p>{SHORT}</p><div class="banner"><iframe src="https://ads.doubleclick.net/x"></iframe></div>',
        "".join(f"<p>Giá rau củ tại chợ số {number}: {number}.000 đồng.</p>" for number in range(60))
        + '<div id="app"></div><script src="/a.js"></script>',
        "<ul>"
        + "".join(f'<li><a href="/bai-{n}">{SHORT}</a></li>' for n in range(30))
        + "</ul><script src=/a.js></script>",
        "<p>Bài viết bạn tìm không tồn tại hoặc đã bị gỡ.</p><div id=app></div><script src=/a.js></script>",
        f"<article><p>{SHORT * 25}</p><img src=/anh/bai.jpg></article><div id=root></div><script src=/a.js></script>",
    ],
)
def test_a_page_that_shows_its_text_a_list_and_a_notice_are_readable(body: str) -> None:
    assert reason(whole(body)) is None


def test_text_in_the_data_of_a_page_is_read_and_not_told_as_missing() -> None:
    text = SHORT * 12
    data = (
        f'<script type="application/ld+json">{{"@type":"NewsArticle","headline":"Bài","articleBody":"{text}"}}</script>'
    )
    assert reason(whole('<div id="root"></div><script src="/a.js"></script>' + data)) is None


@pytest.mark.parametrize("body", ["", "<p></p>", "<div>" * 3000, "\x00", "<iframe>" * 500, "<img>" * 5000])
def test_any_input_has_an_answer(body: str) -> None:
    found = unreadable_reason(parse_page(body, URL))
    assert found is None or isinstance(found, UnreadableReason)
