"""Publication times as pages show them, in letters and in data, with other dates around them as decoys."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from benchmarks.corpus.styles import Article
from campaigns.core.clock import CITY

Written = Callable[[datetime], str]
_DAYS = ("Thứ Hai", "Thứ Ba", "Thứ Tư", "Thứ Năm", "Thứ Sáu", "Thứ Bảy", "Chủ nhật")
_MONTHS = ["Một", "Hai", "Ba", "Tư", "Năm", "Sáu", "Bảy", "Tám", "Chín", "Mười"]


def _day(at: datetime) -> str:
    return _DAYS[at.weekday()]


def _month(at: datetime) -> str:
    return _MONTHS[at.month - 1] if at.month <= 10 else f"Mười {('Một', 'Hai')[at.month - 11]}"


def _half(at: datetime, early: str, late: str) -> str:
    return f"{(at.hour - 1) % 12 + 1:02d}:{at.minute:02d} {early if at.hour < 12 else late}"


LINES: dict[str, Written] = {
    "day, date, hour (GMT+7)": lambda at: f"{_day(at)}, {at.day}/{at.month}/{at.year}, {at:%H:%M} (GMT+7)",
    "hour | date": lambda at: f"{at:%H:%M} | {at:%d-%m-%Y}",
    "in words": lambda at: f"ngày {at.day} tháng {at.month} năm {at.year} lúc {at.hour} giờ {at:%M} phút",
    "date lúc hour": lambda at: f"{at:%d/%m/%Y} lúc {at.hour}h{at:%M}",
    "date - hour": lambda at: f"{at:%d/%m/%Y} - {at:%H:%M}",
    "hour day, date": lambda at: f"{at:%H:%M} {_day(at)}, {at:%d/%m/%Y}",
    "hour, day date with dots": lambda at: f"{at.hour}h{at:%M}, {_day(at).lower()} {at:%d.%m.%Y}",
    "cập nhật lúc": lambda at: f"Cập nhật lúc {at:%H:%M}, {at.day}/{at.month}/{at.year}",
    "to the second": lambda at: f"{at:%d-%m-%Y %H:%M:%S}",
    "day, ngày date hour GMT+7": lambda at: f"{_day(at)}, ngày {at:%d/%m/%Y %H:%M} GMT+7",
    "twelve hours": lambda at: f"{at:%d/%m/%Y} {_half(at, 'SA', 'CH')}",
    "twelve hours, English": lambda at: f"{at:%d-%m-%Y} - {_half(at, 'AM', 'PM')}",
    "hour with a tick": lambda at: f"{at:%H}h{at:%M}' ngày {at.day}/{at.month}/{at.year}",
    "hour with a colon and a tick": lambda at: f"{at:%H:%M}' ngày {at.day}/{at.month}/{at.year}",
    "giờ as g": lambda at: f"{at.hour}g{at:%M} - {at:%d/%m/%Y}",
    "month in words": lambda at: f"{at.day} Tháng {_month(at)}, {at.year} {at:%H:%M}",
    "ISO in letters": lambda at: f"{at:%Y-%m-%d %H:%M}",
    "thứ with a number": lambda at: f"Thứ {at.weekday() + 2 if at.weekday() < 6 else 7}, {at:%d/%m/%Y | %H:%M}",
    "slash between": lambda at: f"{at:%H:%M}/{at:%d/%m/%Y}",
    "bars and spaces": lambda at: f"Tin Vui | {at:%d / %m / %Y} | {at:%H : %M}",
    "short year": lambda at: f"{at:%H:%M} {at:%d/%m/%y}",
    "minutes in words": lambda at: f"{at.hour} giờ {at.minute} phút, ngày {at.day}/{at.month}/{at.year}",
    "lunar day between": lambda at: f"{at:%d/%m/%Y} (ngày {at.day} tháng 10 âm lịch), {at:%H:%M}",
    "update above": lambda at: (
        f"Cập nhật: {at + timedelta(minutes=50):%d/%m/%Y %H:%M}</div><div>Xuất bản: {at:%d/%m/%Y %H:%M}"
    ),
    "update before, in brackets": lambda at: (
        f"Mới cập nhật {at + timedelta(minutes=50):%d/%m/%Y %H:%M} (đăng {at:%d/%m/%Y %H:%M})"
    ),
    "today": lambda at: f"Hôm nay, {at:%H:%M}",
}


def _ld(inner: str) -> str:
    return f'<script type="application/ld+json">{inner}</script>'


HEADS: dict[str, Written] = {
    "JSON-LD": lambda at: _ld(f'{{"@type":"NewsArticle","datePublished":"{at.isoformat()}"}}'),
    "JSON-LD graph": lambda at: _ld(
        '{"@graph":[{"@type":"WebPage","datePublished":"2020-01-01T00:00:00+07:00"},{"@type":["Article","NewsArticle"],'
        f'"datePublished":"{at:%Y-%m-%dT%H:%M:%S}+0700"}}]}}'
    ),
    "JSON-LD array": lambda at: _ld(
        f'[{{"@type":"Organization"}},{{"@type":"NewsArticle","datePublished":"{at:%Y-%m-%dT%H:%M}"}}]'
    ),
    "meta": lambda at: f'<meta property="article:published_time" content="{at.isoformat()}">',
    "meta in UTC": lambda at: (
        f'<meta property="article:published_time" content="{at - timedelta(hours=7):%Y-%m-%dT%H:%M:%SZ}">'
    ),
    "meta pubdate, no zone": lambda at: f'<meta name="pubdate" content="{at:%Y-%m-%d %H:%M:%S}">',
    "itemprop": lambda at: f'<meta itemprop="datePublished" content="{at.isoformat()}">',
}
TIMES: dict[str, Written] = {
    "time element": lambda at: f'<time datetime="{at.isoformat()}">{at:%d/%m/%Y}</time>',
    "time element, text only": lambda at: f"<time>{at:%H:%M %d/%m/%Y}</time>",
    "epoch in a data attribute": lambda at: (
        f'<span class="time" data-time="{int(at.timestamp())}">{at:%d/%m/%Y}</span>'
    ),
    "epoch milliseconds": lambda at: f'<span class="date" data-timestamp="{int(at.timestamp())}000"></span>',
    "ISO in a data attribute": lambda at: f'<span data-date="{at.isoformat()}">Hai giờ trước</span>',
}


@dataclass(frozen=True)
class Clock:
    """One way of showing the time: ``byline`` is HTML near the headline, ``head`` in the page's head."""

    name: str
    byline: Written
    head: Written
    origin: str

    def on(self, article: Article, at: datetime) -> Article:
        """The article with this time on it, and dates of other things around it."""
        clock = f'<span class="clock">Thứ Ba, {at + timedelta(hours=5):%d/%m/%Y %H:%M}</span>'
        text = "Hạn nộp hồ sơ là 17:00 ngày 20/10/2026; đợt trước kết thúc lúc 09:15 ngày 03/09/2026, theo thông báo đã gửi."
        body = [*article.body[:1], text, *article.body[1:]]
        comment = f"<p>Bạn đọc, 08:00 {at + timedelta(days=1):%d/%m/%Y}: hay quá</p>"
        return replace(
            article,
            byline=self.byline(at) + article.byline,
            head=self.head(at) + article.head,
            clock=clock,
            body=body,
            comments=article.comments + comment,
        )


def _no(_at: datetime) -> str:
    return ""


def _line(write: Written) -> Written:
    return lambda at: f'<div class="meta-info"><span class="date">{write(at)}</span></div>'


CLOCKS = (
    *(Clock(name, _line(write), _no, "text") for name, write in LINES.items()),
    *(Clock(name, _no, write, "json-ld" if "JSON" in name else "meta") for name, write in HEADS.items()),
    *(Clock(name, write, _no, "time") for name, write in TIMES.items()),
    Clock(
        "a build's meta date",
        _line(LINES["date - hour"]),
        lambda at: f'<meta name="date" content="{at + timedelta(hours=4):%Y-%m-%dT%H:%M:%S+07:00}">',
        "text",
    ),
    Clock(
        "an event",
        _line(LINES["date - hour"]),
        lambda at: _ld(
            f'{{"@type":"Event","name":"Hội sách","datePublished":"{at - timedelta(hours=4):%Y-%m-%dT%H:%M:%S+07:00}"}}'
        ),
        "text",
    ),
)


def moment(number: int) -> datetime:
    """The time of page ``number``: spread over days of November 2026 and over the hours of day and evening."""
    return datetime(2026, 11, 2 + number % 20, 6 + number * 7 % 17, number * 13 % 60, tzinfo=CITY)
