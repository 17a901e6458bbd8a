"""The bulletin's public page in its forms, and the copy kit."""

import json
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any
from urllib.parse import quote, urlencode

from flask import Blueprint, Response, render_template, request
from flask.typing import ResponseReturnValue
from selectolax.lexbor import LexborHTMLParser

from campaigns.bulletins.visibility import find_released
from campaigns.core.clock import CITY
from campaigns.people.office import current_office
from coordinator.feeds import ninjs, ninjs_1, oembed
from coordinator.feeds.item import FeedItem, FeedMedium, body_with_media
from coordinator.jobs.bulletins.pictures import pictures_of
from coordinator.jobs.delivery.feed_serving import feed_item
from coordinator.translation import _
from coordinator.web.auth.security import app_context
from coordinator.web.kit.emblem import CARD_SIZE
from coordinator.web.kit.security_headers import policy_with_media
from coordinator.web.public.embeds import embed_url, oembed_url

blueprint = Blueprint("public", __name__)

CACHE_CONTROL = "public, no-cache"  # a cache revalidates each time: a recall or a correction takes effect at once


def _released_item(code: str) -> tuple[FeedItem, str]:
    """The bulletin and the department's name. Raises ``NotFound`` for what is not released."""
    context = app_context().job_context
    with context.database.read() as session:
        office = current_office(session)
        released = find_released(session, code, now=context.now())
        return feed_item(context, released, office, pictures_of(session, [released])), office.name


def _city_timestamp(moment: datetime) -> str:
    return moment.astimezone(CITY).isoformat(timespec="seconds")


@dataclass(frozen=True)
class BulletinPicture:
    """A picture of a bulletin: absolute address and text alternative."""

    url: str
    alt: str


def bulletin_pictures(item: FeedItem) -> tuple[BulletinPicture, ...]:
    """The cover, the pictures in a bulletin's text, and those of its media with their posters, each once, in their
    order."""
    pictures: dict[str, BulletinPicture] = {}
    if item.cover is not None:
        pictures[item.cover.url] = BulletinPicture(item.cover.url, item.cover.alt)
    for node in LexborHTMLParser(item.body_html).css("img[src]"):
        url = node.attributes.get("src") or ""
        if url.startswith(("http://", "https://")):
            pictures.setdefault(url, BulletinPicture(url, node.attributes.get("alt") or ""))
    for medium in item.media:
        shown = medium.poster if medium.kind != "picture" else medium
        if shown is not None:
            pictures.setdefault(shown.url, BulletinPicture(shown.url, shown.alt))
    return tuple(pictures.values())


def page_policy(item: FeedItem, pictures: Sequence[BulletinPicture]) -> str:
    """Return the content policy of a page that shows a bulletin with these pictures and plays its media."""
    return policy_with_media((one.url for one in pictures), (medium.url for medium in item.files))


def card_url(item: FeedItem) -> str:
    """Return the address of the picture that stands for a bulletin without one."""
    return f"{item.source.home_url}logo.png?card=1"


def share_links(item: FeedItem) -> list[tuple[str, str]]:
    """Return (name, address) of the ways to pass a bulletin on: plain links, so that nobody learns of a reader who
    follows none."""
    whole = f"{item.title}\n{item.url}"
    return [
        ("Facebook", f"https://www.facebook.com/sharer/sharer.php?{urlencode({'u': item.url})}"),
        ("X", f"https://x.com/intent/post?{urlencode({'url': item.url, 'text': item.title})}"),
        ("Telegram", f"https://t.me/share/url?{urlencode({'url': item.url, 'text': item.title})}"),
        (_("Thư điện tử"), f"mailto:?{urlencode({'subject': item.title, 'body': whole}, quote_via=quote)}"),
    ]


def json_ld(item: FeedItem, pictures: Sequence[BulletinPicture]) -> str:
    """The bulletin as schema.org ``NewsArticle``, escaped for a script element."""
    facts: dict[str, Any] = {
        "@context": "https://schema.org",
        "@type": "NewsArticle",
        "headline": item.title,
        "description": item.lead,
        "datePublished": _city_timestamp(item.released_at),
        "dateModified": _city_timestamp(item.updated_at),
        "inLanguage": item.language,
        "mainEntityOfPage": item.url,
        "articleSection": item.topic_name,
        "identifier": item.code,
        "author": {"@type": "GovernmentOrganization", "name": item.author},
        "publisher": {
            "@type": "GovernmentOrganization",
            "name": item.author,
            "url": item.source.home_url,
            "logo": {"@type": "ImageObject", "url": f"{item.source.home_url}logo.png", "width": 512, "height": 512},
        },
    }
    if item.note:
        facts["correction"] = item.note
    facts["image"] = [picture.url for picture in pictures] or [card_url(item)]
    for kind in ("video", "audio"):
        if played := [_played_object(item, medium) for medium in item.files if medium.kind == kind]:
            facts[kind] = played
    return json.dumps(facts, ensure_ascii=False).replace("<", "\\u003c")


def _played_object(item: FeedItem, medium: FeedMedium) -> dict[str, Any]:
    """A video or audio as schema.org ``VideoObject`` or ``AudioObject``, by the fields of Google's video guide."""
    facts: dict[str, Any] = {
        "@type": "VideoObject" if medium.kind == "video" else "AudioObject",
        "name": medium.alt or item.title,
        "description": item.lead or item.title,
        "contentUrl": medium.url,
        "encodingFormat": medium.mime,
        "uploadDate": _city_timestamp(item.updated_at),
        "duration": f"PT{medium.whole_seconds}S",
        "inLanguage": item.language,
        "transcript": medium.text,
    }
    if medium.width and medium.height:
        facts |= {"width": medium.width, "height": medium.height}
    facts["thumbnailUrl"] = [medium.poster.url if medium.poster is not None else card_url(item)]
    if medium.captions_url:
        facts["caption"] = {
            "@type": "MediaObject", "contentUrl": medium.captions_url, "encodingFormat": "text/vtt", "inLanguage": "vi",
        }  # fmt: skip
    return facts


@blueprint.get("/bulletins/<code>")
def bulletin(code: str) -> ResponseReturnValue:
    """The bulletin's page; after a recall 410 with the notice."""
    item, office = _released_item(code)
    context = app_context().job_context
    if item.recalled:
        return (
            render_template("public/bulletin_recalled.html", item=item, office=office),
            410,
            {"Cache-Control": CACHE_CONTROL},
        )
    pictures = bulletin_pictures(item)
    page = render_template(
        "public/bulletin.html",
        item=item,
        office=office,
        body=body_with_media(item, item.cover.url if item.cover is not None else ""),
        pictures=pictures,
        ld=json_ld(item, pictures),
        published=_city_timestamp(item.released_at),
        modified=_city_timestamp(item.updated_at),
        card=card_url(item),
        card_size=CARD_SIZE,
        shares=share_links(item),
        oembed_urls=[(form, oembed_url(context, code, form)) for form in ("json", "xml")],
    )
    headers = {
        "Cache-Control": CACHE_CONTROL,
        "Link": f'<{item.url}>; rel="canonical", </webmention>; rel="webmention"',
        "Content-Security-Policy": page_policy(item, pictures),
    }
    return page, 200, headers


NINJS_VERSIONS = {ninjs.STANDARD["version"]: ninjs.render_item, ninjs_1.VERSION: ninjs_1.render_item}


@blueprint.get("/bulletins/<code>.json")
def bulletin_json(code: str) -> ResponseReturnValue:
    """The bulletin as ninjs 3.1, or 1.3 by ``version``; a recalled one as ``canceled``, 410. 422 for other versions."""
    version = request.args.get("version", ninjs.STANDARD["version"])
    if version not in NINJS_VERSIONS:
        expected = " or ".join(NINJS_VERSIONS)
        message = f"version: {version[:20]!r} is no version of ninjs here, expected {expected}\n"
        return Response(message, 422, {"Cache-Control": "no-store"}, content_type="text/plain; charset=utf-8")
    item, _ = _released_item(code)
    body = NINJS_VERSIONS[version](item)
    return Response(
        body, 410 if item.recalled else 200, {"Cache-Control": CACHE_CONTROL}, content_type=ninjs.MEDIA_TYPE
    )


@blueprint.get("/bulletins/<code>.txt")
def bulletin_text(code: str) -> ResponseReturnValue:
    """The bulletin as plain text, source line included; a recalled one as its notice, 410."""
    item, office = _released_item(code)
    page = render_template("public/bulletin.txt", item=item, office=office)
    return Response(
        page, 410 if item.recalled else 200, {"Cache-Control": CACHE_CONTROL}, content_type="text/plain; charset=utf-8"
    )


def kit_html(item: FeedItem) -> str:
    """The HTML for a partner's page: the text, the source line with its link, and the counter image."""
    body = body_with_media(item, item.cover.url if item.cover is not None else "")
    return render_template("public/copy_kit_html.html", item=item, body=body).strip()


@blueprint.get("/bulletins/<code>/republish")
def republish(code: str) -> ResponseReturnValue:
    """The copy kit: HTML and plain text to copy, pictures to download."""
    item, office = _released_item(code)
    if item.recalled:
        return (
            render_template("public/bulletin_recalled.html", item=item, office=office),
            410,
            {"Cache-Control": CACHE_CONTROL},
        )
    text = render_template("public/bulletin.txt", item=item, office=office)
    context, pictures = app_context().job_context, bulletin_pictures(item)
    frame = oembed.frame_html(embed_url(context, code), item.title, "100%", oembed.HEIGHT)
    page = render_template(
        "public/copy_kit.html",
        item=item,
        office=office,
        html=kit_html(item),
        shown=kit_html(replace(item, counter_url=None)),  # reading this page is no view of a copy
        text=text,
        pictures=pictures,
        frame=frame,
    )
    headers = {
        "Cache-Control": CACHE_CONTROL,
        "Content-Security-Policy": page_policy(item, pictures),
    }
    return page, 200, headers


@blueprint.get("/bulletins/<code>/republish.json")
def republish_json(code: str) -> ResponseReturnValue:
    """What the keys of the copy kit put on the clipboard: ``html`` and ``text``; after a recall 410 without them."""
    item, office = _released_item(code)
    headers = {"Cache-Control": CACHE_CONTROL}
    if item.recalled:
        return {"code": item.code, "recalled": True}, 410, headers
    text = render_template("public/bulletin.txt", item=item, office=office)
    return {"code": item.code, "title": item.title, "html": kit_html(item), "text": text}, 200, headers
