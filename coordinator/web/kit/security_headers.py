"""Security headers on every response: one strict policy. The only external content allowed is a bulletin's own
pictures and media.
"""

import re
from collections.abc import Iterable

from flask import Flask, Response, request

CONTENT_SECURITY_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; media-src 'self'; font-src 'self'; "
    "connect-src 'self'; manifest-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'; "
    "object-src 'none'"
)
# Policy for content of others: no scripts, forms or loads; it may be framed by pages of this site only.
UNTRUSTED_CONTENT_HEADERS = {
    "Content-Security-Policy": "sandbox; default-src 'none'; base-uri 'none'; form-action 'none'; "
    "frame-ancestors 'self'",
    "X-Content-Type-Options": "nosniff",
    "X-DNS-Prefetch-Control": "off",
    "Referrer-Policy": "no-referrer",
    "Cache-Control": "no-store",
}
_ORIGIN = re.compile(r"(https?://[a-z0-9.-]+(?::[0-9]{1,5})?)(?:[/?#]|$)")


def policy_with_media(pictures: Iterable[str], files: Iterable[str] = ()) -> str:
    """Return the policy for a page with a bulletin's pictures, video, audio and captions: it names each origin.

    An address whose origin cannot be written in the policy (non-ASCII host) is omitted.
    """
    policy = CONTENT_SECURITY_POLICY.replace("img-src 'self' data:", f"img-src 'self' data:{_origins(pictures)}")
    return policy.replace("media-src 'self'", f"media-src 'self'{_origins(files)}")


def _origins(addresses: Iterable[str]) -> str:
    found = (_ORIGIN.match(address.lower()) for address in addresses)
    return "".join(f" {origin}" for origin in dict.fromkeys(match[1] for match in found if match))


def framable_policy(pictures: Iterable[str], files: Iterable[str] = ()) -> str:
    """Return the policy for a page that any site may frame: with these pictures and files, without scripts and
    forms."""
    policy = policy_with_media(pictures, files).replace("frame-ancestors 'none'", "frame-ancestors *")
    return policy.replace("script-src 'self'", "script-src 'none'").replace("form-action 'self'", "form-action 'none'")


def policy_with_own_frames() -> str:
    """Return the policy for a page that shows a frame of this site."""
    return f"{CONTENT_SECURITY_POLICY}; frame-src 'self'"


# What scripts of any other site may read: public texts and data, which are the same for everybody. A partner's feeds,
# whose key is in the address, are not among them: a page that reads them would hand the key to each of its visitors.
READABLE_ELSEWHERE = frozenset(
    {
        "api_docs.index", "api_docs.openapi", "api_docs.versions", "embeds.answer", "feeds.public_feed",
        "feeds.public_list", "open_tables.table", "pictures.media", "public.bulletin_json", "public.bulletin_text",
        "public.republish_json",
    }
)  # fmt: skip


def _allow_reading_elsewhere(response: Response) -> None:
    """Let scripts of other sites read (https://fetch.spec.whatwg.org/#http-cors-protocol), never with cookies or a
    key."""
    headers = response.headers
    headers["Access-Control-Allow-Origin"] = "*"
    headers["Cross-Origin-Resource-Policy"] = "cross-origin"
    headers["Access-Control-Expose-Headers"] = "ETag, Last-Modified, Link"
    if request.method == "OPTIONS":  # asked before a request that tells what its sender has
        headers["Access-Control-Allow-Methods"] = "GET, HEAD"
        headers["Access-Control-Allow-Headers"] = "If-None-Match, If-Modified-Since"
        headers["Access-Control-Max-Age"] = "86400"


def configure(app: Flask, *, https: bool) -> None:
    """Add the headers after each request, unless a view has set its own policy."""

    @app.after_request
    def _(response: Response) -> Response:
        headers = response.headers
        headers.setdefault("Content-Security-Policy", CONTENT_SECURITY_POLICY)
        headers.setdefault("X-Content-Type-Options", "nosniff")
        headers.setdefault("Referrer-Policy", "strict-origin-when-cross-origin")
        headers.setdefault("Cross-Origin-Opener-Policy", "same-origin")
        headers.setdefault("Permissions-Policy", "camera=(), microphone=(), geolocation=(), payment=()")
        if request.endpoint in READABLE_ELSEWHERE and request.authorization is None:
            _allow_reading_elsewhere(response)
        # Counter images and feeds are loaded by other sites; nothing else is.
        shared = request.path.startswith(
            ("/i/", "/feeds/", "/bulletins/", "/widget", "/oembed", "/logo.png", "/pictures/", "/media/", "/static/")
        )
        headers.setdefault("Cross-Origin-Resource-Policy", "cross-origin" if shared else "same-origin")
        if https:
            headers.setdefault("Strict-Transport-Security", "max-age=31536000")
        # A 404 before release must not be cached past the release.
        if "Cache-Control" not in headers and (not shared or response.status_code >= 400):
            headers["Cache-Control"] = "no-store"
        return response
