"""The counter image: 43 bytes, constant work, no cookie, no request of ours, no address kept."""

import base64
import hashlib

from flask import Blueprint, Response, request
from flask.typing import ResponseReturnValue

from campaigns.core.clock import city_day
from campaigns.core.errors import Invalid
from campaigns.partners.directory import site_of
from campaigns.tracking.republications import Level, claim_copy
from campaigns.tracking.sightings import How, see
from campaigns.tracking.views import count_view, find_by_counter, visitor_mark
from coordinator.config import secret_key
from coordinator.web.security import front

blueprint = Blueprint("counter", __name__)

GIF = base64.b64decode("R0lGODlhAQABAIAAAP///wAAACH5BAEAAAAALAAAAAABAAEAAAICRAEAOw==")


@blueprint.get("/i/<token>.gif")
def image(token: str) -> ResponseReturnValue:
    """The image, whatever the token: whoever tries tokens learns nothing."""
    place = front().place
    now = place.now()
    agent, referer = request.headers.get("User-Agent", ""), request.headers.get("Referer", "")
    fresh = False
    with place.database.write() as session:
        bulletin = find_by_counter(session, token)
        if bulletin is not None and request.method == "GET":
            site = site_of(session, referer) if referer else None
            secret = hashlib.sha256(f"views {secret_key(front().settings)}".encode()).digest()
            mark = visitor_mark(secret, city_day(now), request.remote_addr or "", agent, bulletin.code)
            count_view(session, bulletin, host=site.host if site else "", visitor=mark, agent=agent, now=now)
            if site is not None and bulletin.release_at is not None and bulletin.release_at <= now:
                try:
                    page, fresh = see(session, site, referer, How.COUNTED_IMAGE, site.host, bulletin=bulletin, now=now)
                except Invalid:
                    page = None  # a referer that is no address only means that we do not learn the page
                if page is not None:
                    claim_copy(session, "counter", bulletin, page, Level.COUNTED_IMAGE, day=city_day(now), now=now)
    if fresh:
        front().runner.nudge("check")
    headers = {"Cache-Control": "no-store", "Content-Length": str(len(GIF)), "Referrer-Policy": "no-referrer"}
    return Response(GIF, 200, headers, content_type="image/gif")
