"""The web application: a list of what is configured, in order."""

import io
import logging
from functools import partial
from http import HTTPStatus
from urllib.parse import quote

from apiflask import APIFlask
from apiflask.exceptions import HTTPError
from flask import Flask, abort, redirect, render_template, request, url_for
from flask.globals import request_ctx
from flask.typing import ResponseReturnValue
from flask_login import current_user
from flask_wtf.csrf import CSRFError
from sqlalchemy.exc import OperationalError
from werkzeug.exceptions import HTTPException, RequestEntityTooLarge, TooManyRequests
from werkzeug.exceptions import NotFound as PathNotFound
from werkzeug.middleware.proxy_fix import ProxyFix

from campaigns import __version__
from campaigns import rows as _rows  # noqa: F401  # every mapped class is known before the first query
from campaigns.core.errors import CampaignError, Conflict, FieldError, Forbidden, Invalid, NotFound
from campaigns.partners.directory import PartnerMerged
from coordinator import request_ids
from coordinator.api import v1
from coordinator.api.auth import has_valid_key
from coordinator.api.fields import NUL
from coordinator.api.request_parsing import LARGEST_BODY, nul_refused
from coordinator.cli.doctor import check_installation
from coordinator.encryption import KeyRing
from coordinator.jobs.context import AppContext
from coordinator.storage.blobs import StoreError
from coordinator.web import blueprints
from coordinator.web.auth import oidc_sign_in, security, sessions
from coordinator.web.desk.core import health
from coordinator.web.kit import body_limits, security_headers
from coordinator.web.kit.body_limits import ANONYMOUS_BODY, MEDIA_BODY, MEDIA_PATH, SIGNED_IN_BODY
from coordinator.web.kit.templating import current_url, install_templating
from coordinator.web.kit.text.error_messages import (
    error_page,
    error_sentence,
    field_sentence,
    retry_after_sentence,
    session_ended_page,
    storage_unavailable_page,
)
from coordinator.web.portal.sign_in import PORTAL_PATH, has_visitor

log = logging.getLogger(__name__)


def create_app(app_context: AppContext) -> APIFlask:
    """Build the application over one context. Starts no clock and no thread, and opens no connection."""
    app = APIFlask(
        "coordinator.web",
        title="Lan Tỏa",
        version=__version__,
        json_errors=False,
        docs_path=None,
        spec_path=None,
        static_folder=None,  # type: ignore[arg-type]  # as in Flask: the blueprint of the design serves its own files
        template_folder="templates",
    )
    app.extensions["lantoa"] = app_context
    request_ids.configure(app)
    if app_context.settings.trusted_proxy:
        app.wsgi_app = ProxyFix(app.wsgi_app, x_for=1, x_proto=1, x_host=1)  # type: ignore[method-assign]  # as documented
    security_headers.configure(app, https=app_context.settings.base_url.startswith("https://"))
    body_limits.configure(app, _longest_body)
    _refuse_unreadable(app)
    _redirect_extra_slash(app)
    install_templating(
        app,
        now=app_context.now,
        reader=blueprints.signed_in_reader,
        counts=lambda: blueprints.waiting_counts(app_context),
        default_locale=app_context.settings.locale,
    )
    blueprints.register_public(app)
    blueprints.register_desk(app)
    blueprints.register_portal(app)
    security.configure(app, app_context, KeyRing.of_settings(app_context.settings))
    oidc_sign_in.configure(app, app_context)
    health.configure(app, partial(check_installation, app_context.settings))
    v1.register(app)
    _configure_errors(app)
    return app


PUBLIC_FORM_PATHS = frozenset({"/hub", "/webmention", "/login", "/login/passkey", "/login/forgotten", "/portal/enter"})


def _longest_body() -> int:
    """Return the size in bytes of the longest body that this request may have: more than a stranger's only for who is
    signed in or has a valid key. Reads no body."""
    if request.path in PUBLIC_FORM_PATHS or request.path.startswith(("/events/", "/static/")):
        return ANONYMOUS_BODY
    if request.path.startswith("/api/"):
        if not has_valid_key():
            return ANONYMOUS_BODY
        if request.mimetype != "multipart/form-data":
            return LARGEST_BODY
        return MEDIA_BODY if request.path == MEDIA_PATH else SIGNED_IN_BODY
    if request.path.startswith(PORTAL_PATH):
        return SIGNED_IN_BODY if has_visitor() else ANONYMOUS_BODY
    return SIGNED_IN_BODY if current_user.is_authenticated else ANONYMOUS_BODY


def _refuse_unreadable(app: Flask) -> None:
    """Refuse a request with a NUL character before it reaches a view: PostgreSQL cannot compare such a text.

    In a path the answer is 404, in a query or form 400 with the name of the field. Bodies of the API are checked by
    their own models.
    """

    @app.before_request
    def _() -> ResponseReturnValue | None:
        if "\0" in request.path:
            abort(HTTPStatus.NOT_FOUND)
        fields = list(request.args.lists())
        if not request.path.startswith("/api/"):
            fields += request.form.lists()
        wrong = [name for name, values in fields if any("\0" in text for text in (name, *values))]
        if not wrong:
            return None
        if request.path in PUBLIC_FORM_PATHS:
            abort(HTTPStatus.BAD_REQUEST)
        errors = [FieldError(name, NUL, "must not contain a NUL character") for name in wrong]
        if request.path.startswith("/api/"):
            return v1.problem_for(nul_refused(errors))
        return _invalid_address_page(Invalid(errors), HTTPStatus.BAD_REQUEST), HTTPStatus.BAD_REQUEST


def _redirect_extra_slash(app: Flask) -> None:
    """Redirect a page's address that is missing only for the slash at its end to the one without it."""

    @app.before_request
    def _() -> ResponseReturnValue | None:
        path = request.path.rstrip("/")
        readable = request.method in {"GET", "HEAD"} and isinstance(request.routing_exception, PathNotFound)
        # A path with two slashes at its beginning would be read as another host.
        if not readable or path == request.path or not path or path.startswith(("//", "/api/")):
            return None
        adapter = request_ctx.url_adapter
        if adapter is None or not adapter.test(path, "GET"):
            return None
        query = request.query_string.decode("ascii", "replace")
        return redirect(
            request.script_root + quote(path) + (f"?{query}" if query else ""), HTTPStatus.PERMANENT_REDIRECT
        )


# The HTTP status of a domain error on a page; the API has its own table (``problems``).
STATUS_BY_ERROR: tuple[tuple[type[CampaignError], HTTPStatus], ...] = (
    (NotFound, HTTPStatus.NOT_FOUND),
    (Forbidden, HTTPStatus.FORBIDDEN),
    (Conflict, HTTPStatus.CONFLICT),
    (Invalid, HTTPStatus.UNPROCESSABLE_ENTITY),
)


def _return_address() -> str:
    """Return the address where an expired form can be opened again: the sign-in page before it, or the form itself."""
    if request.path.startswith("/portal"):
        return url_for("portal.home")
    return (
        sessions.return_path()
        if current_user.is_authenticated
        else url_for("security.login", next=sessions.return_path())
    )


def _invalid_address_page(error: Invalid, code: HTTPStatus = HTTPStatus.UNPROCESSABLE_ENTITY) -> str:
    """Render a page that lists the errors of an address beside its names and values; for a GET request with a link to
    the same page without those values."""
    status, asked = code.value, request.args
    wrong = [(_shown_field(error.field), field_sentence(error)) for error in error.errors]
    fields = {error.field for error in error.errors}
    back = None
    if request.method in {"GET", "HEAD"} and request.endpoint is not None and fields <= asked.keys():
        back = current_url(**dict.fromkeys(fields))
    words = error_page(status)
    return render_template("errors/page.html", status=status, words=words, advice=None, wrong=wrong, without=back)


def _shown_field(name: str) -> str:
    """Return a field as an address or form has it; "" for one of the domain alone."""
    shown = f"{name}={request.args[name]}" if name in request.args else name if name in request.form else ""
    return shown[:80].replace("\0", "\N{SYMBOL FOR NULL}")


def _merged_address(merged: PartnerMerged) -> str | None:
    """Return the address of the requested page for the partner that the requested one was merged into."""
    values = request.view_args or {}
    if request.endpoint is None or values.get("code") != merged.partner:
        return None
    # The query is appended as it is: names typed into the address must not become arguments of ``url_for``.
    query = request.query_string.decode("ascii", "replace")
    return url_for(request.endpoint, **{**values, "code": merged.into}) + (f"?{query}" if query else "")


def _configure_errors(app: Flask) -> None:
    """Render errors as pages; requests under /api/ are left to the API's handlers."""
    on_api = v1.problem_for

    def page(status: int, error: CampaignError | None = None, advice: str | None = None) -> str:
        advice = error_sentence(error) if error is not None else advice
        return render_template("errors/page.html", status=status, words=error_page(status), advice=advice)

    @app.errorhandler(HTTPException)
    def _(error: HTTPException) -> ResponseReturnValue:
        if request.path.startswith("/api/"):
            return on_api(error)
        if error.response is not None:
            return error.response
        if isinstance(error, RequestEntityTooLarge):
            # The sign-in library looks for a token in JSON bodies while this page is rendered and would raise the same
            # error again. A body that was refused for its size is therefore treated as empty from here on.
            request.stream = io.BytesIO()
        if isinstance(error, CSRFError):
            words = session_ended_page(signed_in=current_user.is_authenticated)
            return render_template(
                "errors/page.html", status=400, words=words, advice=None, back=_return_address()
            ), 400
        status = error.code or 500
        advice = retry_after_sentence(error.retry_after) if isinstance(error, TooManyRequests) else None
        kept = [(name, value) for name, value in error.get_headers() if name not in {"Content-Type", "Content-Length"}]
        return page(status, advice=advice), status, kept

    @app.errorhandler(HTTPError)
    def _(error: HTTPError) -> ResponseReturnValue:
        return on_api(error)

    @app.errorhandler(CampaignError)
    def _(error: CampaignError) -> ResponseReturnValue:
        if request.path.startswith("/api/"):
            return on_api(error)
        if isinstance(error, PartnerMerged):
            if request.method in {"GET", "HEAD"} and (there := _merged_address(error)) is not None:
                return redirect(there, HTTPStatus.MOVED_PERMANENTLY)
            return page(HTTPStatus.CONFLICT.value, error), HTTPStatus.CONFLICT.value
        status = next((status for kind, status in STATUS_BY_ERROR if isinstance(error, kind)), HTTPStatus.BAD_REQUEST)
        if isinstance(error, Invalid):
            return _invalid_address_page(error), status.value
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
        words = storage_unavailable_page()
        return render_template("errors/page.html", status=503, words=words, advice=None), 503, {"Retry-After": "30"}

    @app.errorhandler(Exception)
    def _(error: Exception) -> ResponseReturnValue:
        log.exception("unforeseen error at %s %s", request.method, request.path)
        if request.path.startswith("/api/"):
            return on_api(error)
        return page(500), 500
