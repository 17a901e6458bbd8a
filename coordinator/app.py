"""The web application: a list of what is configured, in order."""

import io
import logging
from http import HTTPStatus

from apiflask import APIFlask
from apiflask.exceptions import HTTPError
from flask import Flask, abort, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user
from flask_wtf.csrf import CSRFError
from sqlalchemy.exc import OperationalError
from werkzeug.exceptions import HTTPException, RequestEntityTooLarge, TooManyRequests
from werkzeug.middleware.proxy_fix import ProxyFix

from campaigns import __version__
from campaigns import rows as _rows  # noqa: F401  # every mapped class is known before the first query
from campaigns.core.errors import CampaignError, Conflict, Forbidden, Invalid, NotFound
from campaigns.partners.directory import Merged
from coordinator.api import v1
from coordinator.api.reading import LARGEST_BODY
from coordinator.config import secret_key
from coordinator.jobs.workplace import Front
from coordinator.keeping.blobs import StoreError
from coordinator.web import desk_pages, headers, portal_pages, public_pages, security, sign_ins, sign_on
from coordinator.web.look import install_look, language
from coordinator.web.sentences import error_sentence, field_sentence, outlived_page, page_for, store_page, wait_words

log = logging.getLogger(__name__)


def create_app(front: Front) -> APIFlask:
    """The application over one front. Nothing is started: no clock, no thread, no connection."""
    app = APIFlask(
        "coordinator.web",
        title="Lan Tỏa",
        version=__version__,
        json_errors=False,
        docs_path=None,
        spec_path=None,
        static_folder=None,  # type: ignore[arg-type]  # as in Flask: the look serves its files itself
        template_folder="templates",
    )
    app.config["MAX_CONTENT_LENGTH"] = 20 * 1024 * 1024
    app.config["MAX_FORM_MEMORY_SIZE"] = 4 * 1024 * 1024
    app.extensions["lantoa"] = front
    if front.settings.trusted_proxy:
        app.wsgi_app = ProxyFix(app.wsgi_app, x_for=1, x_proto=1, x_host=1)  # type: ignore[method-assign]  # as documented
    headers.configure(app, https=front.settings.base_url.startswith("https://"))
    _refuse_unreadable(app)
    install_look(
        app,
        now=front.place.now,
        reader=desk_pages.reader,
        counts=lambda: desk_pages.waiting_of(front),
        default_locale=front.settings.locale,
    )
    public_pages.register(app)
    desk_pages.register(app)
    portal_pages.register(app)
    security.configure(app, front, secret_key(front.settings))
    sign_on.configure(app, front)
    v1.register(app)
    _configure_errors(app)
    return app


STRANGERS = frozenset({"/hub", "/webmention", "/login", "/login/passkey", "/login/forgotten", "/portal/enter"})
MOST_FROM_STRANGERS = 64 * 1024  # bytes; the longest good one is a subscription, with three addresses in it


def _refuse_unreadable(app: Flask) -> None:
    """No request with a NUL character in it reaches a view: PostgreSQL cannot even compare such a text.

    In a path it is 404, in a query or form 400. Bodies of the API are checked by their own models. The few forms that
    anybody may send are kept short, since a form is read whole.
    """

    @app.before_request
    def _() -> None:
        if request.path in STRANGERS or request.path.startswith("/events/"):
            request.max_content_length = MOST_FROM_STRANGERS
        elif request.path.startswith("/api/") and request.mimetype != "multipart/form-data":
            # Here, and not only where a body is read: whoever looks for a session reads it before.
            request.max_content_length = LARGEST_BODY
        if "\0" in request.path:
            abort(HTTPStatus.NOT_FOUND)
        fields = list(request.args.lists())
        if not request.path.startswith("/api/"):
            fields += request.form.lists()
        if any("\0" in text for name, values in fields for text in (name, *values)):
            abort(HTTPStatus.BAD_REQUEST)


# What a domain error is on a page; the API has its own table, as problems.
STATUS: tuple[tuple[type[CampaignError], HTTPStatus], ...] = (
    (NotFound, HTTPStatus.NOT_FOUND),
    (Forbidden, HTTPStatus.FORBIDDEN),
    (Conflict, HTTPStatus.CONFLICT),
    (Invalid, HTTPStatus.UNPROCESSABLE_ENTITY),
)


def _back() -> str:
    """Where a form that outlived its session is to be had again: over the door it belongs to, or at once."""
    if request.path.startswith("/portal"):
        return url_for("portal.home")
    return sign_ins.way_back() if current_user.is_authenticated else url_for("security.login", next=sign_ins.way_back())


def _mendable(error: Invalid) -> str:
    """A page that says everything wrong with an address, beside what stands in it; and, where nothing was sent, the
    way to the same page without that."""
    status, asked = HTTPStatus.UNPROCESSABLE_ENTITY.value, request.args
    wrong = [(asked.get(one.field, "")[:80], field_sentence(one, language())) for one in error.errors]
    fields = {one.field for one in error.errors}
    back = None
    if request.method in {"GET", "HEAD"} and request.endpoint is not None and fields <= asked.keys():
        rest = {name: value for name, value in asked.to_dict(flat=False).items() if name not in fields}
        back = url_for(request.endpoint, **{**(request.view_args or {}), **rest})
    words = page_for(status, language())
    return render_template("errors/page.html", status=status, words=words, advice=None, wrong=wrong, without=back)


def _now_of(merged: Merged) -> str | None:
    """The address of the page asked for, of the partner that one was merged into."""
    values = request.view_args or {}
    if request.endpoint is None or values.get("code") != merged.partner:
        return None
    return url_for(request.endpoint, **{**values, **request.args.to_dict(flat=False), "code": merged.into})


def _configure_errors(app: Flask) -> None:
    """Errors as pages; requests under /api/ are left to the API's handlers."""
    on_api = v1.problem_for

    def page(status: int, error: CampaignError | None = None, advice: str | None = None) -> str:
        advice = error_sentence(error, language()) if error is not None else advice
        return render_template("errors/page.html", status=status, words=page_for(status, language()), advice=advice)

    @app.errorhandler(HTTPException)
    def _(error: HTTPException) -> ResponseReturnValue:
        if request.path.startswith("/api/"):
            return on_api(error)
        if error.response is not None:
            return error.response
        if isinstance(error, RequestEntityTooLarge):
            # The sign-in library looks for a token in JSON bodies while this page is made, and would meet the same
            # error again. What was refused for its size is taken as empty from here on.
            request.stream = io.BytesIO()
        if isinstance(error, CSRFError):
            words = outlived_page(language(), signed_in=current_user.is_authenticated)
            return render_template("errors/page.html", status=400, words=words, advice=None, back=_back()), 400
        status = error.code or 500
        advice = wait_words(error.retry_after, language()) if isinstance(error, TooManyRequests) else None
        kept = [(name, value) for name, value in error.get_headers() if name not in {"Content-Type", "Content-Length"}]
        return page(status, advice=advice), status, kept

    @app.errorhandler(HTTPError)
    def _(error: HTTPError) -> ResponseReturnValue:
        return on_api(error)

    @app.errorhandler(CampaignError)
    def _(error: CampaignError) -> ResponseReturnValue:
        if request.path.startswith("/api/"):
            return on_api(error)
        if isinstance(error, Merged):
            if request.method in {"GET", "HEAD"} and (there := _now_of(error)) is not None:
                return redirect(there, HTTPStatus.MOVED_PERMANENTLY)
            return page(HTTPStatus.CONFLICT.value, error), HTTPStatus.CONFLICT.value
        status = next((status for kind, status in STATUS if isinstance(error, kind)), HTTPStatus.BAD_REQUEST)
        if isinstance(error, Invalid):
            return _mendable(error), status.value
        return page(status.value, error), status.value

    @app.errorhandler(OperationalError)
    def _(error: OperationalError) -> ResponseReturnValue:
        log.error("database: %s", error.orig)
        if request.path.startswith("/api/"):
            return on_api(error)
        return page(503), 503, {"Retry-After": "5"}

    @app.errorhandler(StoreError)
    def _(error: StoreError) -> ResponseReturnValue:
        log.error("kept files: %s", error)
        if request.path.startswith("/api/"):
            return on_api(error)
        words = store_page(language())
        return render_template("errors/page.html", status=503, words=words, advice=None), 503, {"Retry-After": "30"}

    @app.errorhandler(Exception)
    def _(error: Exception) -> ResponseReturnValue:
        log.exception("unforeseen error at %s %s", request.method, request.path)
        if request.path.startswith("/api/"):
            return on_api(error)
        return page(500), 500
