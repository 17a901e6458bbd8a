"""Security headers on every reply: one strict policy. Of elsewhere only a bulletin's own pictures are let in."""

import re
from collections.abc import Iterable

from flask import Flask, Response, request

POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; font-src 'self'; "
    "connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'; object-src 'none'"
)
# For what others made: it runs nothing, sends nothing, loads nothing, and may be framed by our own pages alone.
INERT = {
    "Content-Security-Policy": "sandbox; default-src 'none'; base-uri 'none'; form-action 'none'; "
    "frame-ancestors 'self'",
    "X-Content-Type-Options": "nosniff",
    "X-DNS-Prefetch-Control": "off",
    "Referrer-Policy": "no-referrer",
    "Cache-Control": "no-store",
}
_ORIGIN = re.compile(r"(https?://[a-z0-9.-]+(?::[0-9]{1,5})?)(?:[/?#]|$)")


def policy_with_pictures(addresses: Iterable[str]) -> str:
    """The policy for a page that shows a bulletin's own pictures: each origin by its name and no other.

    An address whose origin could not stand in the policy as it is (a name in other letters) is left out.
    """
    found = (_ORIGIN.match(address.lower()) for address in addresses)
    allowed = "".join(f" {origin}" for origin in dict.fromkeys(one[1] for one in found if one))
    return POLICY.replace("img-src 'self' data:", f"img-src 'self' data:{allowed}")


def configure(app: Flask, *, https: bool) -> None:
    """Add the headers after each request, unless a view has set its own: a stricter one or that with its pictures."""

    @app.after_request
    def _(response: Response) -> Response:
        headers = response.headers
        headers.setdefault("Content-Security-Policy", POLICY)
        headers.setdefault("X-Content-Type-Options", "nosniff")
        headers.setdefault("Referrer-Policy", "strict-origin-when-cross-origin")
        headers.setdefault("Cross-Origin-Opener-Policy", "same-origin")
        headers.setdefault("Permissions-Policy", "camera=(), microphone=(), geolocation=(), payment=()")
        # Counter images and feeds are made to be loaded from other sites; nothing else is.
        shared = request.path.startswith(("/i/", "/feeds/", "/bulletins/", "/pictures/", "/static/"))
        headers.setdefault("Cross-Origin-Resource-Policy", "cross-origin" if shared else "same-origin")
        if https:
            headers.setdefault("Strict-Transport-Security", "max-age=31536000")
        # A page that is not there yet (404) must not stay in anybody's cache past its release.
        if "Cache-Control" not in headers and (not shared or response.status_code >= 400):
            headers["Cache-Control"] = "no-store"
        return response
