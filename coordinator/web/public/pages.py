"""The bulletin's public page in its forms, the copy kit, and the news sitemap."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from flask import Blueprint, Response, render_template
from flask.typing import ResponseReturnValue
from selectolax.lexbor import LexborHTMLParser

from campaigns.core.clock import CITY
from campaigns.people.office import the_office
from campaigns.publishing.release import find_released, recent
from coordinator.feeds import ninjs, sitemap
from coordinator.feeds.item import FeedInfo, FeedItem
from coordinator.jobs.illustrating import pictures_of
from coordinator.jobs.serving import item_of, source_of
from coordinator.web.headers import policy_with_pictures
from coordinator.web.security import front

blueprint = Blueprint("public", __name__)

NEWS_SPAN = timedelta(hours=48)  # Google's own limit for news sitemaps
NEWS_MOST = 1000
CACHE = "public, no-cache"  # kept, but asked about each time: a recall or a correction holds at once


def _item(code: str) -> tuple[FeedItem, str]:
    place = front().place
    with place.database.read() as session:
        office = the_office(session)
        found = find_released(session, code, now=place.now())
        return item_of(place, found, office, pictures_of(session, [found])), office.name


def _zoned(moment: datetime) -> str:
    return moment.astimezone(CITY).isoformat(timespec="seconds")


@dataclass(frozen=True)
class Picture:
    """A picture of a bulletin, by its absolute address, with its text alternative."""

    url: str
    alt: str


def pictures(item: FeedItem) -> tuple[Picture, ...]:
    """The cover, then the pictures in a bulletin's text, each once, in their order."""
    found: dict[str, Picture] = {}
    if item.cover is not None:
        found[item.cover.url] = Picture(item.cover.url, item.cover.alt)
    for node in LexborHTMLParser(item.body_html).css("img[src]"):
        url = node.attributes.get("src") or ""
        if url.startswith(("http://", "https://")):
            found.setdefault(url, Picture(url, node.attributes.get("alt") or ""))
    return tuple(found.values())


def json_ld(item: FeedItem, shown: Sequence[Picture]) -> str:
    """The page's facts as schema.org ``NewsArticle``, safe inside a script element."""
    facts: dict[str, Any] = {
        "@context": "https://schema.org",
        "@type": "NewsArticle",
        "headline": item.title,
        "description": item.lead,
        "datePublished": _zoned(item.released_at),
        "dateModified": _zoned(item.updated_at),
        "inLanguage": item.language,
        "mainEntityOfPage": item.url,
        "articleSection": item.topic_name,
        "identifier": item.code,
        "author": {"@type": "GovernmentOrganization", "name": item.author},
        "publisher": {"@type": "GovernmentOrganization", "name": item.author, "url": item.source.home_url},
    }
    if item.note:
        facts["correction"] = item.note
    if shown:
        facts["image"] = [picture.url for picture in shown]
    return json.dumps(facts, ensure_ascii=False).replace("<", "\\u003c")


@blueprint.get("/bulletins/<code>")
def bulletin(code: str) -> ResponseReturnValue:
    """The page; after a recall 410 with the notice."""
    item, office = _item(code)
    if item.recalled:
        return render_template("public/recalled.html", item=item, office=office), 410, {"Cache-Control": CACHE}
    shown = pictures(item)
    page = render_template(
        "public/bulletin.html",
        item=item,
        office=office,
        pictures=shown,
        ld=json_ld(item, shown),
        published=_zoned(item.released_at),
        modified=_zoned(item.updated_at),
    )
    told = {
        "Cache-Control": CACHE,
        "Link": f'<{item.url}>; rel="canonical", </webmention>; rel="webmention"',
        "Content-Security-Policy": policy_with_pictures(picture.url for picture in shown),
    }
    return page, 200, told


@blueprint.get("/bulletins/<code>.json")
def bulletin_json(code: str) -> ResponseReturnValue:
    """The bulletin as ninjs; a recalled one as ``canceled``, 410."""
    item, _ = _item(code)
    body = ninjs.render_item(item)
    return Response(body, 410 if item.recalled else 200, {"Cache-Control": CACHE}, content_type=ninjs.MEDIA_TYPE)


@blueprint.get("/bulletins/<code>.txt")
def bulletin_text(code: str) -> ResponseReturnValue:
    """The bulletin as plain text, source line included; a recalled one as its notice, 410."""
    item, office = _item(code)
    page = render_template("public/bulletin.txt", item=item, office=office)
    return Response(
        page, 410 if item.recalled else 200, {"Cache-Control": CACHE}, content_type="text/plain; charset=utf-8"
    )


def kit_html(item: FeedItem) -> str:
    """What a partner pastes: the text, the source line with its link, and the counter image."""
    return render_template("public/kit_html.html", item=item).strip()


@blueprint.get("/bulletins/<code>/republish")
def republish(code: str) -> ResponseReturnValue:
    """The copy kit: HTML and plain text to paste, pictures to download."""
    item, office = _item(code)
    if item.recalled:
        return render_template("public/recalled.html", item=item, office=office), 410, {"Cache-Control": CACHE}
    text = render_template("public/bulletin.txt", item=item, office=office)
    page = render_template(
        "public/republish.html", item=item, office=office, html=kit_html(item), text=text, pictures=pictures(item)
    )
    return page, 200, {"Cache-Control": CACHE}


@blueprint.get("/sitemap-news.xml")
def news_sitemap() -> ResponseReturnValue:
    """What was released in the last 48 hours, at most 1,000 of it."""
    place = front().place
    now = place.now()
    with place.database.read() as session:
        office = the_office(session)
        found = recent(session, NEWS_SPAN, NEWS_MOST, now=now)
        known = pictures_of(session, found)
        items = [item_of(place, one, office, known) for one in found]
        source = source_of(place, office)
    address = f"{place.addresses.base}/sitemap-news.xml"
    info = FeedInfo(source.name, "", source.home_url, address, None, office.name, now, address)
    body = sitemap.render(info, items)
    return Response(body, 200, {"Cache-Control": CACHE}, content_type=sitemap.MEDIA_TYPE)


@blueprint.get("/robots.txt")
def robots() -> ResponseReturnValue:
    """Crawlers are welcome at the bulletins and have nothing to look for at the desk."""
    base = front().place.addresses.base
    lines = [
        "User-agent: *",
        "Allow: /bulletins/",
        "Allow: /feeds/",
        "Disallow: /desk/",
        "Disallow: /portal",
        "Disallow: /api/",
        "",
    ]
    return Response(
        "\n".join([*lines, f"Sitemap: {base}/sitemap-news.xml", ""]), content_type="text/plain; charset=utf-8"
    )
