"""Security headers on every reply: one strict policy, no exceptions for our own pages."""

from flask import Flask, Response, request

POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; font-src 'self'; "
    "connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'; object-src 'none'"
)


def configure(app: Flask, *, https: bool) -> None:
    """Add the headers after each request; a view may set a stricter policy of its own, never a looser one."""

    @app.after_request
    def _(response: Response) -> Response:
        headers = response.headers
        headers.setdefault("Content-Security-Policy", POLICY)
        headers.setdefault("X-Content-Type-Options", "nosniff")
        headers.setdefault("Referrer-Policy", "strict-origin-when-cross-origin")
        headers.setdefault("Cross-Origin-Opener-Policy", "same-origin")
        headers.setdefault("Permissions-Policy", "camera=(), microphone=(), geolocation=(), payment=()")
        # Counter images and feeds are made to be loaded from other sites; nothing else is.
        shared = request.path.startswith(("/i/", "/feeds/", "/bulletins/", "/static/"))
        headers.setdefault("Cross-Origin-Resource-Policy", "cross-origin" if shared else "same-origin")
        if https:
            headers.setdefault("Strict-Transport-Security", "max-age=31536000")
        if "Cache-Control" not in headers and not shared:
            headers["Cache-Control"] = "no-store"
        return response
