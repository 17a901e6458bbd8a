"""Publication times: read in every form Vietnamese pages use, chosen by where they were read, refused when absurd."""

import random
import unicodedata
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from campaigns.core.clock import CITY
from campaigns.matching.parsed_page import ParsedPage, TimeClaim, TimeOrigin
from campaigns.republications.dating import time_expressions
from campaigns.republications.dating.publication_time import is_plausible, read_publication_time
from campaigns.republications.dating.time_expressions import moments_in, read_moment
from coordinator.discovery.pages.page import parse_page
from tests.campaigns.matching.sample_texts import page_html, paragraphs

NOW = datetime(2026, 11, 24, 3, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("text", "iso", "exact"),
    [
        ("Thứ năm, 12/8/2021, 07:30 (GMT+7)", "2021-08-12T07:30:00+07:00", True),
        ("07:30 | 12-08-2021", "2021-08-12T07:30:00+07:00", True),
        ("ngày 12 tháng 8 năm 2021", "2021-08-12T00:00:00+07:00", False),
        ("Hà Nội, ngày 12 tháng 8 năm 2021 lúc 7 giờ 30 phút", "2021-08-12T07:30:00+07:00", True),
        ("12/08/2021 lúc 7h30", "2021-08-12T07:30:00+07:00", True),
        ("12/08/2021 - 07:30", "2021-08-12T07:30:00+07:00", True),
        ("07:30 Thứ Năm, 12/08/2021", "2021-08-12T07:30:00+07:00", True),
        ("7h30, chủ nhật 12.08.2021", "2021-08-12T07:30:00+07:00", True),
        ("Cập nhật lúc 07:30, 12/8/2021", "2021-08-12T07:30:00+07:00", True),
        ("12-08-2021 07:30:45", "2021-08-12T07:30:45+07:00", True),
        ("08h05' ngày 12/8/2021", "2021-08-12T08:05:00+07:00", True),
        ("7g30 - 12/08/2021", "2021-08-12T07:30:00+07:00", True),
        ("07:30/12/08/2021", "2021-08-12T07:30:00+07:00", True),
        ("Tin Vui | 12 / 08 / 2021 | 07 : 30", "2021-08-12T07:30:00+07:00", True),
        ("12 Tháng Tám, 2021 07:30", "2021-08-12T07:30:00+07:00", True),
        ("5 tháng năm năm 2021", "2021-05-05T00:00:00+07:00", False),
        ("12 Th8, 2021", "2021-08-12T00:00:00+07:00", False),
        ("August 12, 2021 7:30 am", "2021-08-12T07:30:00+07:00", True),
        ("07:30 12/08/21", "2021-08-12T07:30:00+07:00", True),
        ("12/8/2021, Thứ Năm, 3h chiều", "2021-08-12T15:00:00+07:00", True),
        ("07:30 (GMT+7) 12/08/2021", "2021-08-12T07:30:00+07:00", True),
        ("ngay 12 thang 8 nam 2021 luc 7 gio 30", "2021-08-12T07:30:00+07:00", True),
        (unicodedata.normalize("NFD", "ngày 12 tháng 8 năm 2021 lúc 7 giờ 30 phút"), "2021-08-12T07:30:00+07:00", True),
        ("8/12/2021 7:30:05 AM", "2021-08-12T07:30:05+07:00", True),
        ("1628728200", "2021-08-12T00:30:00+00:00", True),
        ("1628728200000", "2021-08-12T00:30:00+00:00", True),
        ("12/8/2021 7:30 PM", "2021-08-12T19:30:00+07:00", True),
        ("12/8/2021 12:05 SA", "2021-08-12T00:05:00+07:00", True),
        ("12/8/2021 | 07:30 GMT+9", "2021-08-12T07:30:00+09:00", True),
        ("2021-08-12T07:30:00+07:00", "2021-08-12T07:30:00+07:00", True),
        ("2021-08-12T00:30:00Z", "2021-08-12T00:30:00+00:00", True),
        ("2021-08-12T07:30:00.123+0700", "2021-08-12T07:30:00+07:00", True),
        ("2021-08-12 07:30", "2021-08-12T07:30:00+07:00", True),
        ("2021-08-12", "2021-08-12T00:00:00+07:00", False),
        ("20210812T073000", "2021-08-12T07:30:00+07:00", True),
        ("Thu, 12 Aug 2021 00:30:00 GMT", "2021-08-12T00:30:00+00:00", True),
        ("Thu, 12 Aug 2021 07:30:00 +0700", "2021-08-12T07:30:00+07:00", True),
    ],
)
def test_a_time_is_read_in_every_form(text: str, iso: str, exact: bool) -> None:
    moment = read_moment(text)
    assert moment is not None
    assert (moment.at.isoformat(), moment.exact) == (iso, exact)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "hôm qua",
        "31/02/2021",
        "2021-13-40",
        "12/2021",
        "1.250 lượt",
        "192.168.2021",
        "Thu, 99 Foo 2021",
        "+84 24 3825 2021",
    ],
)
def test_what_gives_no_time_gives_none(text: str) -> None:
    assert read_moment(text) is None


def test_every_date_of_a_text_is_found_once_in_order() -> None:
    text = "Đăng 07:30 12/08/2021, sửa ngày 13 tháng 8 năm 2021; hạn 32/13/2021"
    assert [moment.at.isoformat() for moment in moments_in(text)] == [
        "2021-08-12T07:30:00+07:00",
        "2021-08-13T00:00:00+07:00",
    ]


@given(st.datetimes(datetime(2000, 1, 1), datetime(2099, 12, 31)))
def test_a_written_time_is_read_back(moment: datetime) -> None:
    minute = moment.replace(second=0, microsecond=0, tzinfo=CITY)
    for form in (
        "%H:%M %d/%m/%Y",
        "%d-%m-%Y | %H:%M",
        "ngày %d tháng %m năm %Y lúc %H giờ %M",
        "%Y-%m-%dT%H:%M:00+07:00",
    ):
        found = read_moment(minute.strftime(form))
        assert found is not None
        assert found.at == minute


@given(st.text(max_size=60))
def test_any_text_is_a_time_or_none(text: str) -> None:
    found = read_moment(text)
    assert found is None or found.at.tzinfo is not None


def page(*claims: tuple[TimeOrigin, str]) -> ParsedPage:
    return ParsedPage("https://tinvui.example/a", times=tuple(TimeClaim(origin, text) for origin, text in claims))


def test_the_most_trusted_place_wins_whatever_order_they_come_in() -> None:
    claims = [
        (TimeOrigin.TIME, "2026-11-23T10:00:00+07:00"),
        (TimeOrigin.META, "2026-11-23T09:00:00+07:00"),
        (TimeOrigin.JSON_LD, "2026-11-23T08:00:00+07:00"),
    ]
    for left in range(3):
        found = read_publication_time(page(*claims[: 3 - left]), None, now=NOW)
        assert found is not None
        assert found.origin is claims[2 - left][0]
    values = [TimeClaim(TimeOrigin.SITEMAP, "2026-11-22"), TimeClaim(TimeOrigin.FEED, "Mon, 23 Nov 2026 01:00:00 GMT")]
    found = read_publication_time(page(), None, claims=values, first_seen=NOW, now=NOW)
    assert found is not None
    assert found.origin is TimeOrigin.FEED
    assert read_publication_time(page(), None, now=NOW) is None
    seen = read_publication_time(page(), None, first_seen=NOW, now=NOW)
    assert seen is not None
    assert (seen.at, seen.origin) == (NOW, TimeOrigin.FIRST_SEEN)


def test_times_that_cannot_be_are_passed_over() -> None:
    found = read_publication_time(
        page(
            (TimeOrigin.JSON_LD, "1970-01-01T00:00:00Z"),
            (TimeOrigin.META, "2027-01-01T00:00:00Z"),
            (TimeOrigin.TIME, "2026-11-23T10:00:00+07:00"),
        ),
        None,
        now=NOW,
    )
    assert found is not None
    assert found.origin is TimeOrigin.TIME
    assert is_plausible(NOW + timedelta(minutes=5), NOW)
    assert not is_plausible(NOW + timedelta(hours=1), NOW)


def test_within_one_place_a_time_with_an_hour_beats_a_day() -> None:
    found = read_publication_time(
        page((TimeOrigin.META, "2026-11-22"), (TimeOrigin.META, "2026-11-23T09:00:00+07:00")), None, now=NOW
    )
    assert found is not None
    assert found.exact


@pytest.mark.parametrize(
    "line", ["Thứ hai, 23/11/2026, 07:30 (GMT+7)", "07:30 | 23-11-2026", "ngày 23 tháng 11 năm 2026 lúc 7h30"]
)
def test_a_date_near_the_headline_is_read_from_the_text(line: str) -> None:
    html = page_html(
        "Tựa đề của bài", paragraphs(["Hạn chót là 09:00 01/12/2025, theo một đoạn dài. " * 5]), byline=f"<p>{line}</p>"
    )
    found = read_publication_time(parse_page(html, "https://tinvui.example/a"), None, now=NOW)
    assert found is not None
    assert (found.at.isoformat(), found.origin) == ("2026-11-23T07:30:00+07:00", TimeOrigin.TEXT)
    without = read_publication_time(parse_page(html, "https://tinvui.example/a"), None, now=NOW, with_text=False)
    assert without is None


def read(html: str) -> tuple[str, TimeOrigin]:
    found = read_publication_time(parse_page(html, "https://tinvui.example/a"), None, first_seen=NOW, now=NOW)
    assert found is not None
    return found.at.astimezone(CITY).isoformat(timespec="minutes"), found.origin


TEXT = paragraphs(["Một đoạn văn bản dài kể về việc của thành phố trong ngày. " * 4] * 3)
SHOWN = "2026-11-23T07:30+07:00"


@pytest.mark.parametrize(
    "html",
    [
        # A clock in the site's head, dates of other articles above, of comments below, of what the text speaks of.
        f"<header><span>Thứ Ba, 24/11/2026 09:58</span></header><h1>Tựa đề của bài viết</h1><p>07:30 | 23-11-2026</p>"
        f"{TEXT}",
        f"<div class=clock>24/11/2026 09:58</div><h1>Tựa đề của bài viết</h1><p>23/11/2026 lúc 7h30</p>{TEXT}",
        f"<div class=tin-moi><a href=/x>Bài khác của hôm nay</a> 24/11/2026 08:00</div><h1>Tựa đề của bài viết</h1>"
        f"<p>Thứ hai, 23/11/2026, 07:30 (GMT+7)</p>{TEXT}",
        f"<ul><li><a href=/x>Bài khác</a> <i>22/11/2026 08:00</i></li></ul><h1>Tựa đề của bài viết</h1>"
        f"<p>Thứ hai, 23/11/2026, 07:30 (GMT+7)</p>{TEXT}",
        "<h1>Tựa đề của bài viết</h1><p>Đăng ngày 23 tháng 11 năm 2026 lúc 7 giờ 30 phút, cập nhật 24/11/2026 08:15"
        f"</p>{TEXT}",
        f"<h1>Tựa đề của bài viết</h1><p>Cập nhật: 24/11/2026 08:15 | Đăng lúc: 07:30 23/11/2026</p>{TEXT}",
        f"<h1>Tựa đề của bài viết</h1><p>Hôm qua, 07:30</p>{TEXT}",
        f"<h1>Tựa đề của bài viết</h1><p>07:30 23/11</p>{TEXT}",
        f"<h1 class=logo><a href=/>Tin Vui</a></h1><p>24/11/2026 09:00</p><ul><li>một<li>hai<li>ba<li>bốn<li>năm<li>sáu"
        f"<li>bảy</ul><h2>Tựa đề của bài viết</h2><p>07:30 23/11/2026</p>{TEXT}",
    ],
)
def test_the_articles_own_time_is_found_among_others(html: str) -> None:
    comment = "<div class=comments>24/11/2026 09:00</div>"
    page = f"<head><title>Tựa đề của bài viết - Tin Vui</title></head><body>{html}{comment}</body>"
    assert read(page) == (SHOWN, TimeOrigin.TEXT)


@pytest.mark.parametrize(
    "stamp",
    [
        '<time datetime="2026-11-23T07:30:00+07:00">hôm qua</time>',
        "<time>07:30 23/11/2026</time>",
        '<span class=date data-time="1795393800">hai hôm trước</span>',
        '<span data-date="2026-11-23T07:30:00+07:00"></span>',
    ],
)
def test_a_time_element_near_the_headline_goes_before_those_of_other_articles(stamp: str) -> None:
    others = '<article><time datetime="2026-11-24T08:00:00+07:00">mới</time> <a href=/x>Bài khác</a></article>' * 3
    page = f"<body><div class=related>{others}</div><h1>Tựa đề của bài viết</h1>{stamp}{TEXT}<div>{others}</div></body>"
    assert read(page) == (SHOWN, TimeOrigin.TIME)


def _data(facts: str) -> str:
    return f'<script type="application/ld+json">{facts}</script>'


def test_a_day_without_an_hour_gives_way_to_the_hour_that_the_page_shows() -> None:
    for date in ("2026-11-23", "2026-11-23T00:00:00+07:00"):
        head = _data(f'{{"@type":"NewsArticle","datePublished":"{date}"}}')
        page = f"<head>{head}</head><body><h1>Tựa đề của bài viết</h1><p>07:30 23/11/2026</p>{TEXT}</body>"
        assert read(page) == (SHOWN, TimeOrigin.TEXT)


def test_the_citys_time_marked_as_utc_is_the_citys_when_the_page_shows_it() -> None:
    head = _data('{"@type":"NewsArticle","datePublished":"2026-11-23T07:30:00Z"}')
    shown = f"<head>{head}</head><body><h1>Tựa đề của bài viết</h1><p>23/11/2026 07:30</p>{TEXT}</body>"
    assert read(shown) == (SHOWN, TimeOrigin.JSON_LD)
    silent = f"<head>{head}</head><body><h1>Tựa đề của bài viết</h1>{TEXT}</body>"
    assert read(silent) == ("2026-11-23T14:30+07:00", TimeOrigin.JSON_LD)


def test_minutes_ago_are_counted_from_when_the_page_was_seen() -> None:
    page = f"<body><h1>Tựa đề của bài viết</h1><p>15 phút trước</p>{TEXT}</body>"
    assert read(page) == ("2026-11-24T09:45+07:00", TimeOrigin.TEXT)


def test_the_usual_form_is_read_as_the_patterns_read_it(monkeypatch: pytest.MonkeyPatch) -> None:
    dice = random.Random(174)
    zones = ("Z", "+07:00", "-05:30", "+14:00", "+14:30", "-23:59", "+07:90", "+0700", "")
    values = []
    for _ in range(3000):
        day = f"{dice.randint(1990, 2030)}-{dice.randint(0, 13):02}-{dice.randint(0, 32):02}"
        hour = f"{dice.randint(0, 25):02}:{dice.randint(0, 60):02}:{dice.randint(0, 60):02}"
        letters = list(f"{day}T{hour}{dice.choice(zones)}")
        if dice.random() < 0.2:
            letters[dice.randrange(len(letters))] = dice.choice("0123456789-:TZ+ W.")
        values.append("".join(letters))
    read = [time_expressions.read_moment(text) for text in values]
    monkeypatch.setattr(time_expressions, "_plain", lambda _line: None)
    for text, moment in zip(values, read, strict=True):
        other = time_expressions.read_moment(text)
        assert moment == other, text
        assert moment is None or other is None or moment.at.utcoffset() == other.at.utcoffset(), text
    assert sum(moment is not None for moment in read) > 1000


@pytest.mark.parametrize(
    ("text", "iso"),
    [
        ("ngày 12 tháng 8 năm 2021, 8 giờ 5 phút", "2021-08-12T08:05:00+07:00"),
        ("8 giờ 5 phút ngày 12/8/2021", "2021-08-12T08:05:00+07:00"),
        ("8h5' ngày 12/8/2021", "2021-08-12T08:05:00+07:00"),
        ("Thứ Năm, 12/8/2021 (ngày 5 tháng 7 âm lịch), 08:30", "2021-08-12T08:30:00+07:00"),
        ("12/8/2021, ngày 12 tháng 10 âm lịch, 08:30", "2021-08-12T08:30:00+07:00"),
        ("12/8/2021 (tức 5/7 Âm lịch) - 8 giờ 30 phút", "2021-08-12T08:30:00+07:00"),
        ("12/8/2021 (nhằm ngày 5 tháng 7 năm Tân Sửu âm lịch), 08:30", "2021-08-12T08:30:00+07:00"),
        ("12/8/2021 (nhằm ngày 5/7 năm Tân Sửu) 08:30", "2021-08-12T08:30:00+07:00"),
        ("12/8/2021 tức 5 tháng 7 Tân Sửu, 08:30", "2021-08-12T08:30:00+07:00"),
        ("Âm lịch: 5/7/2021; 12/8/2021 08:30", "2021-08-12T08:30:00+07:00"),
    ],
)
def test_minutes_of_one_digit_and_lunar_days_are_understood(text: str, iso: str) -> None:
    moment = read_moment(text)
    assert moment is not None
    assert moment.at.isoformat() == iso


@pytest.mark.parametrize(
    "lines",
    [
        "<p>Cập nhật: 24/11/2026 08:15</p><p>Xuất bản: 23/11/2026 07:30</p>",
        "<p>Cập nhật lúc 08:15 24/11/2026</p><p>Đăng lúc 07:30 23/11/2026</p>",
        '<p>Cập nhật: <time datetime="2026-11-24T08:15:00+07:00">hôm nay</time></p>'
        '<p>Xuất bản: <time datetime="2026-11-23T07:30:00+07:00">hôm qua</time></p>',
    ],
)
def test_an_update_above_the_publication_does_not_replace_it(lines: str) -> None:
    assert read(f"<body><h1>Tựa đề của bài viết</h1>{lines}{TEXT}</body>")[0] == SHOWN


def test_a_line_about_an_update_alone_is_the_time() -> None:
    line = "<p>Cập nhật: 23/11/2026 07:30</p><p>Hội nghị diễn ra 08:00 20/11/2026</p>"
    assert read(f"<body><h1>Tựa đề của bài viết</h1>{line}{TEXT}</body>")[0] == SHOWN


@pytest.mark.parametrize(
    "box",
    [
        '<div class="comments"><time datetime="2026-11-24T08:00:00+07:00">vừa xong</time> hay quá</div>',
        '<ol class="commentlist"><li><time datetime="2026-11-24T08:00:00+07:00">vừa xong</time> hay quá</li></ol>',
        '<div itemtype="https://schema.org/Comment"><time datetime="2026-11-24T08:00:00+07:00">x</time></div>',
    ],
)
def test_the_time_of_a_readers_comment_is_not_the_articles(box: str) -> None:
    silent = f"<body><article><h1>Tựa đề của bài viết</h1>{TEXT}{box}</article></body>"
    assert read(silent)[1] is TimeOrigin.FIRST_SEEN
    shown = f"<body><article><h1>Tựa đề của bài viết</h1><p>07:30 23/11/2026</p>{TEXT}{box}</article></body>"
    assert read(shown) == (SHOWN, TimeOrigin.TEXT)


def test_the_date_of_a_sites_build_gives_way_to_what_the_page_shows() -> None:
    head = '<meta name="date" content="2026-11-24T02:00:00+07:00">'
    shown = f"<head>{head}</head><body><h1>Tựa đề của bài viết</h1><p>07:30 23/11/2026</p>{TEXT}</body>"
    assert read(shown) == (SHOWN, TimeOrigin.TEXT)
    silent = f"<head>{head}</head><body><h1>Tựa đề của bài viết</h1>{TEXT}</body>"
    assert read(silent) == ("2026-11-24T02:00+07:00", TimeOrigin.META)


def test_the_date_of_an_event_is_not_the_articles() -> None:
    for event in (
        '{"@type":"Event","name":"Hội sách","startDate":"2026-11-20","datePublished":"2026-11-20T08:00:00+07:00"}',
        '{"@type":"Event","name":"Hội "sách"","datePublished":"2026-11-20T08:00:00+07:00"}',
    ):
        page = f"<head>{_data(event)}</head><body><h1>Tựa đề của bài viết</h1><p>07:30 23/11/2026</p>{TEXT}</body>"
        assert read(page) == (SHOWN, TimeOrigin.TEXT)
