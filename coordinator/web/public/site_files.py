"""The files that programs look for at a site: sitemaps, robots.txt, security.txt, icon, logo and web app manifests."""

import hashlib
from datetime import timedelta
from typing import Any

from flask import Blueprint, Response, abort, current_app, request, url_for
from flask.typing import ResponseReturnValue

from campaigns.bulletins.archive import archive_addresses, count_addresses
from campaigns.bulletins.visibility import PUBLIC, last_change, released_recently
from campaigns.core.clock import CITY, city_day, day_start
from campaigns.people.office import current_office
from coordinator.feeds import archive_sitemap, sitemap
from coordinator.translation import _, language
from coordinator.web.auth.security import app_context
from coordinator.web.kit.assets import asset_url
from coordinator.web.kit.emblem import favicon, logo_png
from coordinator.web.public.front import CACHE_CONTROL, conditional_page, feed_items, fill

blueprint = Blueprint("site_files", __name__)

# A file of 50,000 addresses takes seconds to make: shared caches may keep it for an hour.
SITEMAP_CACHE_CONTROL = "public, max-age=3600"
PICTURE_CACHE_CONTROL = "public, max-age=86400"
SECURITY_TEXT_LASTS = timedelta(days=180)  # RFC 9116, 2.5.5: less than a year is recommended


@blueprint.get("/sitemap-news.xml")
def news_sitemap() -> ResponseReturnValue:
    """The bulletins released in the last 48 hours, at most 1,000."""
    context = app_context().job_context
    with context.database.read() as session:
        released = released_recently(session, sitemap.NEWS_SPAN, sitemap.MAX_ADDRESSES, now=context.now())
        items = feed_items(context, session, released)
    return Response(sitemap.render(items), 200, {"Cache-Control": CACHE_CONTROL}, content_type=sitemap.MEDIA_TYPE)


@blueprint.get("/sitemap.xml")
def whole_sitemap() -> ResponseReturnValue:
    """Every visible bulletin; the index of ``/sitemap-<number>.xml`` where there are more than one file holds."""
    return _sitemap_response(None)


@blueprint.get("/sitemap-<int:number>.xml")
def part_of_sitemap(number: int) -> ResponseReturnValue:
    """One file of a sitemap that one file does not hold; 404 beyond the last."""
    return _sitemap_response(number)


def _sitemap_response(number: int | None) -> Response:
    context = app_context().job_context
    now, size = context.now(), archive_sitemap.MAX_ADDRESSES
    with context.database.read() as session:
        response = conditional_page(
            [], last_change(session, PUBLIC, now=now), now=now, cache_control=SITEMAP_CACHE_CONTROL
        )
        response.content_type = archive_sitemap.MEDIA_TYPE
        if response.status_code != 200:
            return response
        files = -(-count_addresses(session, now=now) // size)
        if number is None and files > 1:
            base = context.addresses.base
            return fill(response, archive_sitemap.render_index(f"{base}/sitemap-{part}.xml" for part in _upto(files)))
        if number is not None and not 1 <= number <= files:
            abort(404)
        rows = archive_addresses(session, size, ((number or 1) - 1) * size, now=now)
    return fill(
        response, archive_sitemap.render((context.addresses.bulletin(row.code), row.changed_at) for row in rows)
    )


def _upto(last: int) -> range:
    return range(1, last + 1)


@blueprint.get("/robots.txt")
def robots() -> ResponseReturnValue:
    """Crawlers may read bulletins and feeds, and nothing behind a sign-in."""
    base = app_context().job_context.addresses.base
    lines = [
        "User-agent: *",
        "Allow: /bulletins/",
        "Allow: /feeds/",
        "Disallow: /desk",
        "Disallow: /login",
        "Disallow: /portal",
        "Disallow: /api/",
        "",
        f"Sitemap: {base}/sitemap.xml",
        f"Sitemap: {base}/sitemap-news.xml",
        "",
    ]
    return Response("\n".join(lines), content_type="text/plain; charset=utf-8")


@blueprint.get("/.well-known/security.txt")
def security_text() -> ResponseReturnValue:
    """Where to report a weakness (RFC 9116): the department's mail address, or its front page while none is entered."""
    context = app_context().job_context
    now, base = context.now(), context.addresses.base
    with context.database.read() as session:
        email = current_office(session).email
    # Of the day, so that the file changes once a day and caches hold.
    expires = (day_start(city_day(now)) + SECURITY_TEXT_LASTS).astimezone(CITY)
    lines = [
        f"Contact: mailto:{email}" if email else f"Contact: {base}/",
        f"Expires: {expires.isoformat(timespec='seconds')}",
        "Preferred-Languages: vi, en",
        f"Canonical: {base}/.well-known/security.txt",
        "",
    ]
    response = Response("\n".join(lines), content_type="text/plain; charset=utf-8")
    response.headers["Cache-Control"] = PICTURE_CACHE_CONTROL
    return response


@blueprint.get("/favicon.ico")
def icon() -> ResponseReturnValue:
    """The department's mark for browsers that ask for no other address."""
    return _picture(favicon(), "image/x-icon")


@blueprint.get("/logo.png")
def logo() -> ResponseReturnValue:
    """The department's mark, square; with ``card=1`` as wide as link previews, for a bulletin without a picture."""
    return _picture(logo_png(card=request.args.get("card") == "1"), "image/png")


def _picture(body: bytes, media_type: str) -> Response:
    response = Response(body, content_type=media_type)
    response.headers["Cache-Control"] = PICTURE_CACHE_CONTROL
    response.set_etag(hashlib.sha256(body).hexdigest()[:24])
    response.make_conditional(request)
    return response


def _manifest(name: str, scope: str, start: str, share: str) -> dict[str, Any]:
    return {
        "id": scope,
        "name": name,
        "short_name": "Lan Tỏa",
        "lang": language(),
        "start_url": start,
        "scope": scope,
        "display": "standalone",
        "icons": [{"src": asset_url("mark.svg"), "type": "image/svg+xml", "sizes": "any"}],
        "share_target": {
            "action": share,
            "method": "GET",
            "params": {"title": "title", "text": "text", "url": "url"},
        },
    }


@blueprint.get("/manifests/<place>.webmanifest")
def manifest(place: str) -> ResponseReturnValue:
    """Return the web app manifest of ``desk`` or ``portal``; 404 for any other.

    A phone that installed one offers it in its share menu. Public, since a browser requests it without cookies; what is
    shared arrives in a form behind the sign-in.
    """
    if place == "desk":
        share = url_for("republications.social.index")
        found = _manifest("Lan Tỏa", "/desk", url_for("desk.today"), share)
    elif place == "portal":
        found = _manifest(
            _("Lan Tỏa, cổng đối tác"), "/portal", url_for("portal.home"), url_for("portal.reporting.new")
        )
    else:
        abort(404)
    answer = Response(current_app.json.dumps(found), content_type="application/manifest+json")
    answer.headers["Cache-Control"] = "public, max-age=86400"
    return answer
