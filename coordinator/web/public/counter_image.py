"""The counter image: 43 bytes, constant work, no cookie, no outgoing request, no stored IP address.

A request does not use the database: the load is buffered and counted a few seconds later, whatever the token is.
"""

import base64

from flask import Blueprint, Response, request
from flask.typing import ResponseReturnValue

from campaigns.republications.sample_partner import PATH
from campaigns.republications.views import ImageLoad
from coordinator.jobs.view_buffers import LONGEST_HEADER, is_bot
from coordinator.web.auth.security import app_context

blueprint = Blueprint("counter", __name__)

GIF = base64.b64decode("R0lGODlhAQABAIAAAP///wAAACH5BAEAAAAALAAAAAABAAEAAAICRAEAOw==")


@blueprint.get("/i/<token>.gif")
def image(token: str) -> ResponseReturnValue:
    """The image for every token, so that trying tokens reveals nothing."""
    context, referer = app_context().job_context, request.headers.get("Referer", "")
    # Who reads the sample partner's site is at the desk, and reads no partner's copy.
    if request.method == "GET" and not referer.startswith(f"{context.addresses.base}{PATH}"):
        agent = request.headers.get("User-Agent", "")[:LONGEST_HEADER]
        context.view_buffer.add(
            ImageLoad(
                token=token[:64],
                at=context.now(),
                program=is_bot(agent),
                referer=referer if len(referer) <= LONGEST_HEADER else "",  # shortened, it would be another address
                address=request.remote_addr or "",
                agent=agent,
            )
        )
    headers = {"Cache-Control": "no-store", "Content-Length": str(len(GIF)), "Referrer-Policy": "no-referrer"}
    return Response(GIF, 200, headers, content_type="image/gif")
