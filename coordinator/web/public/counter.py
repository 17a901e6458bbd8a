"""The counter image: 43 bytes, constant work, no cookie, no request of ours, no address kept.

A request reads and writes no database: the load is remembered and counted a few seconds later, whatever the token is.
"""

import base64

from flask import Blueprint, Response, request
from flask.typing import ResponseReturnValue

from campaigns.tracking.views import Load
from coordinator.jobs.loads import LONGEST, is_program
from coordinator.web.security import front

blueprint = Blueprint("counter", __name__)

GIF = base64.b64decode("R0lGODlhAQABAIAAAP///wAAACH5BAEAAAAALAAAAAABAAEAAAICRAEAOw==")


@blueprint.get("/i/<token>.gif")
def image(token: str) -> ResponseReturnValue:
    """The image, whatever the token: whoever tries tokens learns nothing."""
    if request.method == "GET":
        place = front().place
        agent, referer = request.headers.get("User-Agent", "")[:LONGEST], request.headers.get("Referer", "")
        place.loads.add(
            Load(
                token=token[:64],
                at=place.now(),
                program=is_program(agent),
                referer=referer if len(referer) <= LONGEST else "",  # cut off, it would be another address
                address=request.remote_addr or "",
                agent=agent,
            )
        )
    headers = {"Cache-Control": "no-store", "Content-Length": str(len(GIF)), "Referrer-Policy": "no-referrer"}
    return Response(GIF, 200, headers, content_type="image/gif")
