"""The department's public front page, the archive of its bulletins, and what every public page shows of the department.

These pages are the same for everybody and set no cookie. A caller that has a page gets 304 for its tag, before a text
is read: the tag is made of the last change that outsiders can see, the day, and the department's own data.
"""

import hashlib
from collections.abc import Sequence
from dataclasses import astuple, dataclass
from datetime import date, datetime, timedelta
from itertools import groupby

import sqlalchemy as sa
from flask import Blueprint, Flask, Response, g, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from campaigns import __version__
from campaigns.bulletins import visibility
from campaigns.bulletins.archive import (
    PAGE_SIZE,
    ArchiveFilter,
    archive_page,
    changed_in_archive,
    count_in_archive,
    newest_in_archive,
)
from campaigns.bulletins.visibility import PUBLIC, Released
from campaigns.channels.channels import Channel, ChannelState
from campaigns.core.clock import Period, city_day, day_start
from campaigns.core.contents import from_attributes
from campaigns.core.errors import FieldError, Invalid
from campaigns.core.listing import ListPage, page_of
from campaigns.discovery.urls import is_tracking
from campaigns.people.office import current_office
from campaigns.people.staff import has_staff
from campaigns.planning.campaigns import Topic, all_topics, find_topic
from campaigns.search.released import find_released
from campaigns.search.results import SearchFilter
from coordinator.channels import registry
from coordinator.feeds.formats import FORMATS
from coordinator.feeds.item import FeedItem
from coordinator.jobs.bulletins.pictures import pictures_of
from coordinator.jobs.context import JobContext
from coordinator.jobs.delivery.feed_serving import feed_item
from coordinator.translation import _, language
from coordinator.web.auth.security import app_context
from coordinator.web.kit.assets import asset_url
from coordinator.web.kit.compression import set_body
from coordinator.web.kit.lists.pagination import page_number
from coordinator.web.kit.lists.requested_filter import requested_filter
from coordinator.web.kit.security_headers import policy_with_media
from coordinator.web.kit.text import formats
from coordinator.web.public.feeds import last_modified

blueprint = Blueprint("front", __name__)

CACHE_CONTROL = "public, no-cache"  # as a bulletin's page: revalidated each time, so a recall takes effect at once
MOST_ON_FRONT = 30  # bulletins of the newest days on the front page
DAYS_ON_FRONT = 2
CHANGES_ON_FRONT = 5
NEWEST_OF_TOPIC = 3


@dataclass(frozen=True)
class PublicOffice:
    """What the public pages show of the department; '' where nothing is entered. ``home``: the address of the front
    page; ``open_data``: whether its tables are open to everybody."""

    name: str
    parent: str
    address: str
    phone: str
    email: str
    responsible: str
    open_data: bool
    home: str


def public_office(session: Session) -> PublicOffice:
    """Return the public part of the department's row."""
    row, home = current_office(session), f"{app_context().job_context.addresses.base}/"
    return from_attributes(PublicOffice, row, open_data=row.open_since is not None, home=home)


def _office_of_request() -> PublicOffice:
    """Return the department of this request's database, read once a request: every public page has it at its head."""
    if "public_office" not in g:
        with app_context().job_context.database.read() as session:
            g.public_office = public_office(session)
    found: PublicOffice = g.public_office
    return found


def install(app: Flask) -> None:
    """Give templates ``public_office()``."""
    app.add_template_global(_office_of_request, "public_office")


def conditional_page(
    parts: Sequence[object], changed_at: datetime | None, *, now: datetime, cache_control: str = CACHE_CONTROL
) -> Response:
    """Return an empty response with tag and date, already a 304 where the caller has the page. ``parts``: all that the
    bytes depend on besides the program, its files, the address and the reader's language."""
    dependencies = (__version__, asset_url("mark.svg"), request.full_path, language(), changed_at, *parts)
    response = Response(content_type="text/html; charset=utf-8")
    response.headers["Cache-Control"] = cache_control
    response.vary.add("Accept-Encoding")
    response.set_etag(hashlib.sha256(repr(dependencies).encode()).hexdigest()[:24], weak=True)
    since = max(filter(None, (changed_at, day_start(city_day(now)))))  # the page names today and yesterday
    response.last_modified = since
    response.make_conditional(request)
    if response.status_code == 200:
        response.last_modified = last_modified(since, now)
    return response


def fill(response: Response, page: str | bytes) -> Response:
    """Give a response of ``conditional_page`` its body."""
    set_body(response, page.encode() if isinstance(page, str) else page)
    return response


def feed_items(context: JobContext, session: Session, released: Sequence[Released]) -> list[FeedItem]:
    """Return visible bulletins as pages show them."""
    office, pictures = current_office(session), pictures_of(session, released)
    return [feed_item(context, row, office, pictures) for row in released]


@dataclass(frozen=True)
class DayGroup:
    """The bulletins of one day. ``pictured``: the code of the one that is shown with its picture, '' for none."""

    day: date
    heading: str
    items: Sequence[FeedItem]
    pictured: str


def _day_heading(day: date, today: date) -> str:
    """``Hôm nay, Thứ Ba 24/11``, ``Hôm qua, Thứ Hai 23/11`` or ``Thứ Hai 16/11/2026``."""
    name = formats.weekday(day, language())
    short = f"{name} {formats.day_month(day)}"
    if day == today:
        return _("Hôm nay, %(day)s", day=short)
    if day == today - timedelta(days=1):
        return _("Hôm qua, %(day)s", day=short)
    return f"{name} {formats.day(day)}"


def by_day(items: Sequence[FeedItem], today: date) -> list[DayGroup]:
    """Return the bulletins by day of release, in their order."""
    groups = []
    for day, found in groupby(items, lambda item: city_day(item.released_at)):
        rows = list(found)
        pictured = next((item.code for item in rows if item.preview is not None and not item.recalled), "")
        groups.append(DayGroup(day, _day_heading(day, today), rows, pictured))
    return groups


@dataclass(frozen=True)
class TopicGroup:
    """The newest bulletins of one topic, and how many there are."""

    code: str
    name: str
    items: Sequence[FeedItem]
    total: int
    feed: str


def _topic_groups(context: JobContext, session: Session, topics: Sequence[Topic], now: datetime) -> list[TopicGroup]:
    found = []
    for topic in topics:
        rows = newest_in_archive(session, NEWEST_OF_TOPIC, topic=topic.code, with_recalled=False, now=now)
        if rows:
            items = feed_items(context, session, rows)
            total = count_in_archive(session, topic.code, now=now)
            feed = f"{context.addresses.feed('rss.xml')}?topic={topic.code}"
            found.append(TopicGroup(topic.code, topic.name, items, total, feed))
    return found


@dataclass(frozen=True)
class OfficialAccount:
    """An account of the department, by the name and address that readers know."""

    name: str
    url: str


def official_accounts(session: Session) -> list[OfficialAccount]:
    """Return the department's own accounts that readers can open, by name."""
    query = sa.select(Channel.name, Channel.kind, Channel.settings).where(
        Channel.company_id.is_(None), Channel.state != ChannelState.RETIRED
    )
    rows = session.execute(query.order_by(Channel.name, Channel.id))
    return [
        OfficialAccount(name, url) for name, kind, settings in rows if (url := registry.public_page(kind, settings))
    ]


@blueprint.get("/")
def front() -> ResponseReturnValue:
    """The front page: the newest days, each topic, corrections and recalls. Leads to set-up while there is nobody."""
    context = app_context().job_context
    now = context.now()
    today = city_day(now)
    with context.database.read() as session:
        if not has_staff(session):
            return redirect(url_for("setup.begin"))
        office, accounts, topics = public_office(session), official_accounts(session), all_topics(session)
        changed_at = visibility.last_change(session, PUBLIC, now=now)
        names = [(topic.code, topic.name) for topic in topics]
        response = conditional_page([today, astuple(office), accounts, names], changed_at, now=now)
        if response.status_code != 200:
            return response
        items = feed_items(context, session, newest_in_archive(session, MOST_ON_FRONT, now=now))
        changes = feed_items(context, session, changed_in_archive(session, CHANGES_ON_FRONT, now=now))
        groups = _topic_groups(context, session, topics, now)
    days = by_day(items, today)[:DAYS_ON_FRONT]
    page = render_template(
        "public/front.html", days=days, groups=groups, changes=changes, accounts=accounts, changed_at=changed_at,
        today=today, feeds=_feed_links(context),
    )  # fmt: skip
    _allow_pictures(response, [item for day in days for item in day.items])
    return fill(response, page)


def _feed_links(context: JobContext) -> list[tuple[str, str]]:
    feeds = [(shown.label, context.addresses.feed(name)) for name, shown in FORMATS.items()]
    return [*feeds, ("OPML", context.addresses.feed("opml.xml"))]


def _allow_pictures(response: Response, items: Sequence[FeedItem]) -> None:
    addresses = [item.preview.url for item in items if item.preview is not None]
    response.headers["Content-Security-Policy"] = policy_with_media(addresses)


@blueprint.get("/bulletins")
def archive() -> ResponseReturnValue:
    """The archive: by topic, day and words, with pages. 422 names every value that is not understood."""
    context = app_context().job_context
    now = context.now()
    filters = requested_filter(ArchiveFilter, beside=[name for name in request.args if is_tracking(name)])
    number = _checked_page()
    with context.database.read() as session:
        filters.check_codes(session)
        office = public_office(session)
        topics = [(topic.code, topic.name) for topic in all_topics(session)]
        changed_at = visibility.last_change(session, PUBLIC, now=now)
        response = conditional_page([city_day(now), astuple(office), topics], changed_at, now=now)
        if response.status_code != 200:
            return response
        page = _archive_page(session, filters, number, now)
        listed = page.with_rows(feed_items(context, session, page.rows))
    body = render_template(
        "public/archive.html", part=listed, filters=filters, topics=topics,
        days=[] if filters.q else by_day(listed.rows, city_day(now)),
    )  # fmt: skip
    _allow_pictures(response, listed.rows)
    return fill(response, body)


def _checked_page() -> int:
    """Return ``?page=``. Raises ``Invalid`` for what is no page number."""
    typed = request.args.get("page", "").strip()
    if typed and not (typed.isascii() and typed.isdigit() and int(typed[:9]) > 0 and len(typed) < 8):
        raise Invalid([FieldError("page", "filter_value", f"{typed[:80]!r} is no page number", _("1, 2, 3…"))])
    return page_number()


def _archive_page(session: Session, filters: ArchiveFilter, number: int, now: datetime) -> ListPage[Released]:
    if not filters.q:
        return archive_page(session, filters, number, now=now)
    topic = find_topic(session, filters.topic) if filters.topic else None
    narrowed = SearchFilter(topic_id=topic.id if topic is not None else None, period=_period(filters))
    found = find_released(session, PUBLIC, filters.q, filters.conditions(), narrowed=narrowed, now=now)
    return page_of(lambda most, skip: found[skip : skip + most], len(found), number, PAGE_SIZE)


def _period(filters: ArchiveFilter) -> Period | None:
    """Return the days that the search index is asked for; None where one end is open."""
    first, last = filters.day or filters.first, filters.day or filters.last
    return Period(first, last, "") if first is not None and last is not None else None
