"""Pages with recurring notices: which of our notices each carries, and what the reasons must say."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta

from benchmarks.corpus.bulletins import HOST, NAME, Bulletin
from benchmarks.corpus.recurring import (
    AIR,
    DAILY,
    DATE_ONLY,
    EPIDEMIC,
    MARKET,
    PLAIN,
    SHORT_CUT,
    STYLES,
    TRAFFIC,
    TWO_NUMBERS,
    VACCINE,
    WATER,
    WEATHER,
    WEEKLY,
    NumberStyle,
    Template,
)
from benchmarks.corpus.styles import Article

STORED = 8  # days of a series that are known


@dataclass(frozen=True)
class NoticeCase:
    """A page and what must be found on it. ``counted``: the bulletins found full or partial; no other is credited.
    ``reason``: a code that one of the page's reasons has. ``attributions``: of the credited ones, where it matters."""

    kind: str
    name: str
    known: tuple[Bulletin, ...]
    article: Article
    counted: frozenset[str]
    reason: str = ""
    attributions: frozenset[str] = frozenset()


def address(ident: str) -> str:
    """The address of a bulletin of ours."""
    return f"https://{HOST}/bulletins/{ident}"


def source(ident: str = "") -> str:
    """A source line that names us, with a link to a bulletin where one is given."""
    return f'<p class="source">Nguồn: <a href="{address(ident)}">{NAME}</a></p>' if ident else f"<p>Nguồn: {NAME}</p>"


def shown_on(day: date, hour: int = 8) -> str:
    """The line with the page's own date, as most pages have it above the text."""
    return f'<div class="date">{day.day:02}/{day.month:02}/{day.year} {hour:02}:45 (GMT+7)</div>'


def dated(day: date, hour: int = 8) -> str:
    """The page's date in its head."""
    return f'<meta property="article:published_time" content="{day}T{hour:02}:45:00+07:00">'


def page_of(
    template: Template, number: int, tail: str, style: NumberStyle = PLAIN, other: frozenset[int] = frozenset()
) -> Article:
    """A partner's page with the notice of a day, shown on that day."""
    title, lead, paragraphs = template.parts(number, style, other)
    day = template.day(number)
    return Article(title, lead, paragraphs, byline=shown_on(day), tail=tail, head=dated(day))


def _ids(template: Template, *numbers: int) -> frozenset[str]:
    return frozenset(f"{template.name}-{number}" for number in numbers)


def _right_day() -> Iterator[NoticeCase]:
    for template in (*DAILY, DATE_ONLY, SHORT_CUT, TWO_NUMBERS):
        known = template.known(STORED)
        yield NoticeCase("right day", template.name, known, page_of(template, 4, source()), _ids(template, 4))


def _other_day() -> Iterator[NoticeCase]:
    """Every number differs: the template of ours, the day of nobody's, with our name, with a link, with neither."""
    for at, template in enumerate((*DAILY, SHORT_CUT, DATE_ONLY)):
        tail = (source(), source(f"{template.name}-3"), "")[at % 3]
        # A notice this dense with figures shares nothing with another day's that a search could begin with.
        reason = "other_figures" if tail and template is not SHORT_CUT else ""
        yield NoticeCase(
            "no day of ours", f"{template.name} among siblings", template.known(STORED), page_of(template, 40, tail),
            frozenset(), reason,
        )  # fmt: skip
        if template is not DATE_ONLY:
            yield NoticeCase(
                "no day of ours", f"{template.name} alone", (template.bulletin(3),), page_of(template, 40, tail),
                frozenset(), reason,
            )  # fmt: skip
    for template in (EPIDEMIC, TRAFFIC):  # somebody else's figures of the same day
        title, lead, paragraphs = template.parts(90)
        there, here = template.filled("<d>", 90, ""), template.filled("<d>", 3, "")
        article = Article(title.replace(there, here), lead, [text.replace(there, here) for text in paragraphs])
        yield NoticeCase(
            "no day of ours", f"{template.name} of another place", template.known(STORED), article, frozenset()
        )


def _updated() -> Iterator[NoticeCase]:
    for template in (*DAILY, SHORT_CUT):
        for known, name in ((template.known(STORED), "among siblings"), ((template.bulletin(4),), "alone")):
            article = page_of(template, 4, source(f"{template.name}-4"), other=frozenset({2}))
            yield NoticeCase("one number updated", f"{template.name} {name}", known, article, _ids(template, 4))
    for template, other, name in (
        (TWO_NUMBERS, {0}, "one of two"),
        (TWO_NUMBERS, {0, 1}, "both of two, no sibling"),
    ):
        article = page_of(template, 4, source(), other=frozenset(other))
        reason = "figures_updated" if len(other) == 2 else ""
        yield NoticeCase("one number updated", name, (template.bulletin(4),), article, _ids(template, 4), reason)
    article = page_of(DATE_ONLY, 6, source())
    yield NoticeCase(
        "one number updated", "only a day, no sibling", (DATE_ONLY.bulletin(4),), article, _ids(DATE_ONLY, 4),
        "figures_updated",
    )  # fmt: skip


def _written_otherwise() -> Iterator[NoticeCase]:
    for at, (name, style) in enumerate(STYLES.items()):
        for template in (EPIDEMIC, TRAFFIC, MARKET, WEATHER)[at % 2 :: 2]:
            article = page_of(template, 5, source(), style)
            yield NoticeCase(
                "numbers written otherwise", f"{template.name}, {name}", template.known(STORED), article,
                _ids(template, 5),
            )  # fmt: skip


def _together(title: str, *pages: Article, tail: str = "") -> Article:
    lines = [line for page in pages for line in (f"<b>{page.title}</b>", page.lead, *page.body) if line]
    return replace(pages[0], title=title, lead="", body=lines, tail=tail or pages[0].tail)


def _several() -> Iterator[NoticeCase]:
    for template in (*DAILY, SHORT_CUT, DATE_ONLY):
        article = _together("Tin vắn trong ngày", page_of(template, 2, ""), page_of(template, 6, ""))
        yield NoticeCase(
            "two or more on one page", f"{template.name}, two days", template.known(STORED), article,
            _ids(template, 2, 6),
        )  # fmt: skip
    pairs = ((WEATHER, AIR), (WATER, SHORT_CUT), (TRAFFIC, EPIDEMIC), (AIR, MARKET))
    for first, second in pairs:
        article = _together("Điểm tin sáng", page_of(first, 3, ""), page_of(second, 3, ""))
        known = (*first.known(STORED), *second.known(STORED))
        yield NoticeCase(
            "two or more on one page", f"{first.name} and {second.name}", known, article,
            _ids(first, 3) | _ids(second, 3),
        )  # fmt: skip
    five = (WEATHER, WATER, TRAFFIC, AIR, MARKET)
    known = tuple(bulletin for template in five for bulletin in template.known(STORED))
    article = _together("Bản tin tổng hợp", *(page_of(template, 5, "") for template in five))
    counted = frozenset(f"{template.name}-5" for template in five)
    yield NoticeCase("two or more on one page", "five of one day", known, article, counted)
    for template in (WATER, AIR):
        article = _together("Ba ngày qua", *(page_of(template, number, "") for number in (1, 2, 3)))
        yield NoticeCase(
            "two or more on one page", f"{template.name}, three days", template.known(STORED), article,
            _ids(template, 1, 2, 3),
        )  # fmt: skip


def _one_body() -> Iterator[NoticeCase]:
    linked = frozenset({"linked_at_end"})
    for template in WEEKLY:
        known = template.known(3)
        for number in range(3):
            # Shown with the last one's headline, so that only the link tells which it is.
            article = page_of(template, 2, source(f"{template.name}-{number}"))
            article = replace(article, title=template.title.replace("tuần <w>", "trong tuần"))
            yield NoticeCase(
                "one body: the link decides", f"{template.name}, {number} of 3", known, article,
                _ids(template, number), "", linked,
            )  # fmt: skip
            day = template.day(number) + timedelta(days=2)
            article = replace(article, tail=source(), byline=shown_on(day), head=dated(day))
            yield NoticeCase(
                "one body: the day decides", f"{template.name}, {number} of 3", known, article, _ids(template, number)
            )
    known = VACCINE.known(3)
    article = replace(page_of(VACCINE, 2, ""), tail=f"<p>Link gốc: {address('tiem-1')}</p>")
    yield NoticeCase(
        "one body: the link decides", "address in letters", known, article, _ids(VACCINE, 1), "",
        frozenset({"url_text_only"}),
    )  # fmt: skip
    article = replace(
        page_of(VACCINE, 2, source()), head=f'<link rel="canonical" href="{address("tiem-0")}">{dated(VACCINE.day(2))}'
    )
    yield NoticeCase("one body: the link decides", "declared in the head", known, article, _ids(VACCINE, 0))
    many = VACCINE.known(90)
    article = replace(page_of(VACCINE, 70, source("tiem-11")))
    yield NoticeCase("one body: the link decides", "of ninety", many, article, _ids(VACCINE, 11), "", linked)
    day = VACCINE.day(33)
    article = replace(page_of(VACCINE, 33, source()), byline=shown_on(day), head=dated(day))
    yield NoticeCase("one body: the day decides", "of ninety", many, article, _ids(VACCINE, 33))
    before = VACCINE.day(0) - timedelta(days=3)
    article = replace(page_of(VACCINE, 0, source()), byline=shown_on(before), head=dated(before))
    yield NoticeCase("one body: the day decides", "before the first", known, article, _ids(VACCINE, 0))
    article = replace(page_of(VACCINE, 1, ""), head="", byline=shown_on(VACCINE.day(1)).replace(" 08:45 (GMT+7)", ""))
    yield NoticeCase("one body: the day decides", "a date without an hour", known, article, _ids(VACCINE, 1))
    boxes = "".join(f'<li><a href="{address(f"tiem-{at}")}">{VACCINE.title}</a></li>' for at in range(3))
    article = replace(page_of(VACCINE, 1, source()), after=f'<div class="related"><ul>{boxes}</ul></div>')
    yield NoticeCase("one body: the day decides", "links to all in a box", known, article, _ids(VACCINE, 1))


def _linked_other() -> Iterator[NoticeCase]:
    for template in DAILY:
        article = page_of(template, 4, source(f"{template.name}-2"))
        yield NoticeCase(
            "links another of ours", template.name, template.known(STORED), article, _ids(template, 4), "linked_other",
            frozenset({"named_only"}),
        )  # fmt: skip
    article = replace(page_of(TRAFFIC, 4, ""), tail=f'<p>Nguồn: <a href="{address("duong-2")}">xem tại đây</a></p>')
    yield NoticeCase(
        "links another of ours", "without our name", TRAFFIC.known(STORED), article, _ids(TRAFFIC, 4), "linked_other",
        frozenset({"none"}),
    )  # fmt: skip
    article = page_of(WATER, 4, f'<p>Nguồn: <a href="https://{HOST}/">{NAME}</a></p>')
    yield NoticeCase(
        "links another of ours", "the front page is none", WATER.known(STORED), article, _ids(WATER, 4), "home_page",
        frozenset({"home_page_only"}),
    )  # fmt: skip


def _chrome() -> Iterator[NoticeCase]:
    """Dates and clocks around the text are not its numbers."""
    for template in (WEATHER, WATER, DATE_ONLY, TWO_NUMBERS):
        late = template.day(6)
        article = replace(
            page_of(template, 4, source(f"{template.name}-4")),
            byline=shown_on(late, 9), clock=f"<span>{late.day}/{late.month}/{late.year} 21:07</span>",
        )  # fmt: skip
        yield NoticeCase("dates around the text", template.name, template.known(STORED), article, _ids(template, 4))
        bare = replace(article, title=article.title.partition(" ngày ")[0])
        yield NoticeCase(
            "dates around the text", f"{template.name}, headline without its day", template.known(STORED), bare,
            _ids(template, 4),
        )  # fmt: skip


def _cut_short() -> Iterator[NoticeCase]:
    for template in (WEATHER, TRAFFIC, EPIDEMIC):
        article = page_of(template, 4, source())
        article = replace(article, title="Tin mới nhận", body=article.body[:1])
        yield NoticeCase(
            "cut short", f"{template.name}, first paragraph", template.known(STORED), article, _ids(template, 4)
        )


def cases() -> Sequence[NoticeCase]:
    """All, in the order of the table."""
    return [
        case
        for made in (
            _right_day, _other_day, _updated, _written_otherwise, _several, _one_body, _linked_other, _chrome, _cut_short
        )
        for case in made()
    ]  # fmt: skip
