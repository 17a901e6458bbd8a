"""Sign-in of staff: the library's flows over our own rows, cookies only on pages for staff, and permissions on every
view."""

import secrets
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from functools import wraps
from typing import Any, ParamSpec, TypeVar, cast

from flask import Flask, Request, Response, abort, current_app, redirect, request, session, url_for
from flask.ctx import AppContext as FlaskAppContext
from flask.globals import app_ctx
from flask.sessions import SecureCookieSessionInterface, SessionMixin
from flask.typing import ResponseReturnValue
from flask_login import current_user
from flask_security import (
    LoginForm,
    RoleMixin,
    Security,
    SQLAlchemyUserDatastore,
    UserMixin,
)
from flask_wtf import CSRFProtect
from sqlalchemy.orm import Mapped, Session, relationship, scoped_session
from werkzeug.wrappers import Response as WerkzeugResponse

from campaigns.people.sessions import STAFF_LONGEST
from campaigns.people.sign_in_factors import add_passkey, has_factor, must_set_factor
from campaigns.people.staff import Actor, Permission, Person, Role, has_staff
from coordinator.db import Database
from coordinator.encryption import KeyRing
from coordinator.jobs.context import AppContext
from coordinator.web.auth import passkeys, second_factor, sessions, throttling
from coordinator.web.auth.passkeys import PasskeyCredential
from coordinator.web.kit.notification_mail import queue_notification

# Paths without sign-in: no session is opened there, so no cookie is read, set or varied on.
PUBLIC_PATHS = ("/bulletins", "/feeds/", "/calendars/", "/i/", "/hub", "/webmention", "/unsubscribe/", "/events/",
          "/open-data/", "/sent/", "/manifests/", "/sample/", "/desk/push-worker.js",
          "/sitemap", "/oembed", "/widget", "/republishing", "/accessibility", "/.well-known/", "/logo.png",
          "/healthz", "/readyz", "/metrics", "/api/", "/static/", "/robots.txt", "/favicon.ico")  # fmt: skip


def is_public_path(path: str) -> bool:
    """Whether a path is the same for everybody: no session is read or written there."""
    return path == "/" or path.startswith(PUBLIC_PATHS)


# Maximum age of the authentication for a sensitive page, and for its form.
FRESH_FOR = timedelta(minutes=15)
FRESH_TO_SEND_FOR = timedelta(hours=1)
# Pages allowed to a person who must set a second factor up first.
BLUEPRINTS_OPEN_WITHOUT_FACTOR = frozenset({"account", "account.factor", "account.sign_ins", "security"})
THROTTLED_FORMS: dict[str, throttling.LimitRule] = {
    "security.login": throttling.by_account,
    "security.verify": throttling.by_visitor,
    "security.two_factor_token_validation": throttling.by_second_step,
    "security.mf_recovery": throttling.by_second_step,
    "setup.begin": throttling.by_visitor,
    "account.change_password": throttling.by_visitor,
    "account.factor.save": throttling.by_visitor,
    "joining.page": throttling.by_visitor,
    "portal.enter": throttling.by_partner_key,
    "portal.joining.page": throttling.by_visitor,
}

# Pages of the library for a signed-in person, and whether they require a recent password.
GUARDED_LIBRARY_VIEWS = {
    "security.verify": False, "security.wan_verify": False, "security.wan_verify_response": False,
    "security.wan_register": True, "security.wan_register_response": True,
}  # fmt: skip

P = ParamSpec("P")
R = TypeVar("R")


class RoleName(RoleMixin):
    """A role with the interface that the sign-in library expects."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.permissions: list[str] = []


class Account(Person, UserMixin):  # type: ignore[misc]  # the library wants a handle of everybody; ours is made late
    """A member of staff with the interface that the sign-in library expects."""

    webauthn: Mapped[list[PasskeyCredential]] = relationship(  # type: ignore[assignment]  # of our own kind
        PasskeyCredential, order_by=PasskeyCredential.id, passive_deletes=True
    )

    @property
    def roles(self) -> list[RoleName]:  # type: ignore[override]  # one role a person, shown to the library as a list
        """Return the person's one role."""
        return [RoleName(self.role.value)]


class AccountStore(SQLAlchemyUserDatastore):
    """Looks accounts up. A read-only look-up ends its transaction, so that no hashing runs inside a write lock."""

    def find_user(self, case_insensitive: bool = False, **kwargs: Any) -> UserMixin | None:
        """Return the account with this attribute, or None."""
        user = super().find_user(case_insensitive, **kwargs)
        session = self.db.session
        if user is not None:
            _ = user.webauthn  # read now, because a later read would open another transaction
        if not (session.new or session.dirty or session.deleted):
            session.commit()
        return user

    def create_webauthn(self, user: UserMixin, **values: Any) -> None:  # type: ignore[override]  # handed on by name
        """Store a new passkey, by this application's rules."""
        account = cast(Account, user)
        values.pop("usage")
        add_passkey(
            self.db.session(), account.actor, account, PasskeyCredential(**values), now=app_context().job_context.now()
        )
        queue_notification(app_context(), self.db.session(), account, "passkey_added", str(values["name"]))


class SignInForm(LoginForm):
    """The form of name and password. Where the name or the network was guessed at too often, the password opens a
    second step, but no session by itself."""

    def validate(self, **kwargs: Any) -> bool:
        """Validate as the library does; the answer is the same for a wrong password and for a right one that is not
        enough."""
        good = bool(super().validate(**kwargs))
        if good and throttling.needs_proof() and not has_factor(cast(Account, self.user)):
            self.password.errors.append("a second factor or a mailed link is needed")
            return False
        return good


class RequestSessions:
    """The ``db`` of the datastore: one session per application context, read-only for requests that only read."""

    def __init__(self, database: Database) -> None:
        def make() -> Session:
            # The redirect from the city's sign-in is a GET that signs the person in.
            safe = bool(request) and request.method in {"GET", "HEAD", "OPTIONS"} and request.endpoint != "sign_on.back"
            return database.readers() if safe else database.writers()

        def context() -> int:
            # By application context, because the request context ends before its teardown runs.
            return id(cast("FlaskAppContext", app_ctx._get_current_object()))  # type: ignore[attr-defined]  # a proxy

        self.session: scoped_session[Session] = scoped_session(make, scopefunc=context)  # type: ignore[arg-type]  # any callable will do


class DiscardedSession(dict[str, Any], SessionMixin):
    """A session that is discarded, for paths without sign-in."""


class DeskSessionInterface(SecureCookieSessionInterface):
    """The usual signed cookie for the desk; no session for public paths and the API."""

    def open_session(self, app: Flask, request: Request) -> Any:
        """Return a discarded session on public paths."""
        if is_public_path(request.path):
            return DiscardedSession()
        return super().open_session(app, request)

    def save_session(self, app: Flask, session: SessionMixin, response: Response) -> None:
        """Save nothing on public paths, nor with a response that is the same for everybody (a public picture)."""
        if not isinstance(session, DiscardedSession) and not response.cache_control.public:
            super().save_session(app, session, response)


def configure(app: Flask, context: AppContext, ring: KeyRing) -> None:
    """Set up sign-in, CSRF protection, sessions and rate limits."""
    key, *former = ring.by_id.values()
    app.secret_key = key
    app.config["SECRET_KEY_FALLBACKS"] = former
    app.session_interface = DeskSessionInterface()
    secure = context.settings.base_url.startswith("https://")
    app.config.update(
        SESSION_COOKIE_NAME="lantoa",
        SESSION_COOKIE_HTTPONLY=True,
        SESSION_COOKIE_SAMESITE="Lax",
        SESSION_COOKIE_SECURE=secure,
        PERMANENT_SESSION_LIFETIME=STAFF_LONGEST,
        SECURITY_PASSWORD_HASH="argon2",  # noqa: S106  # the name of a scheme
        # argon2 salts each password; another key would bind every password to this installation's secret.
        SECURITY_PASSWORD_SINGLE_HASH={"argon2", "plaintext"},
        SECURITY_PASSWORD_SALT="unused",  # noqa: S106  # the library wants one, but only hashes twice with others
        SECURITY_PASSWORD_LENGTH_MIN=10,
        SECURITY_JOIN_USER_ROLES=False,
        SECURITY_TRACKABLE=False,
        SECURITY_CACHE_CONTROL={},  # our header says no-store on every page of the desk
        SECURITY_FRESHNESS=FRESH_FOR,
        SECURITY_VERIFY_URL="/login/again",
        SECURITY_VERIFY_TEMPLATE="auth/confirm_password.html",
        SECURITY_POST_VERIFY_VIEW="/desk",
        **second_factor.library_settings(ring),
        **passkeys.library_settings(),
        SECURITY_REGISTERABLE=False,
        SECURITY_RECOVERABLE=False,
        SECURITY_CHANGEABLE=False,
        SECURITY_SEND_REGISTER_EMAIL=False,
        SECURITY_LOGIN_URL="/login",
        SECURITY_LOGOUT_URL="/logout",
        SECURITY_LOGOUT_METHODS=["POST"],
        SECURITY_POST_LOGIN_VIEW="/desk",
        SECURITY_POST_LOGOUT_VIEW="/login",
        SECURITY_LOGIN_USER_TEMPLATE="auth/login.html",
        SECURITY_RETURN_GENERIC_RESPONSES=True,
        SECURITY_CSRF_PROTECT_MECHANISMS=["session", "basic"],
        SECURITY_CSRF_IGNORE_UNAUTH_ENDPOINTS=False,
        SECURITY_DATETIME_FACTORY=lambda: datetime.now(UTC),
        WTF_CSRF_CHECK_DEFAULT=False,
        WTF_CSRF_TIME_LIMIT=None,
    )
    csrf = CSRFProtect(app)

    @app.before_request
    def _() -> None:
        # A request that matches no route is left to answer 404 or 405; the library's sign-in form checks itself, so
        # that a person who waited too long there gets its message. Signing out is not checked by the library.
        if request.routing_exception is not None or is_public_path(request.path):
            return
        if request.endpoint != "security.login":
            csrf.protect()

    holder = RequestSessions(context.job_context.database)
    accounts = AccountStore(holder, Account, RoleName, PasskeyCredential)
    security = Security(
        app,
        accounts,
        totp_cls=second_factor.TotpCodes,
        login_form=SignInForm,
        mf_recovery_form=second_factor.RecoveryCodeForm,
        webauthn_util_cls=passkeys.PasskeyCeremony,
        wan_signin_response_form=passkeys.PasskeyAnswerForm,
    )
    security.two_factor_plugins.register_tf_impl(app, "webauthn", passkeys.PasskeySecondStep)
    app.extensions["lantoa.accounts"] = accounts
    second_factor.configure(app)
    passkeys.configure(app, context)
    sessions.configure(app, context, holder.session, Account)

    @app.teardown_appcontext
    def _(_error: BaseException | None) -> None:
        holder.session.remove()

    @security.unauthn_handler
    def _(mechanisms: list[str] | None = None, headers: dict[str, str] | None = None) -> WerkzeugResponse:
        del mechanisms, headers  # the library passes them under these names; there is one way to sign in
        return redirect(url_for("security.login", next=sessions.return_path()))

    throttling.configure(app, context, key)
    for endpoint in passkeys.ANSWER_ENDPOINTS:
        passkeys.accept_each_challenge_once(app, context, endpoint)
    # The library's pages for a signed-in person use the same decorator as every page of the desk.
    for endpoint, fresh in GUARDED_LIBRARY_VIEWS.items():
        app.view_functions[endpoint] = staff_required(fresh=fresh)(app.view_functions[endpoint])  # type: ignore[arg-type]  # a view
    for endpoint in passkeys.ANSWER_ENDPOINTS:
        throttling.limit_posts(app, endpoint, succeeded=throttling.is_accepted)
    # Each mail counts, whatever its outcome.
    throttling.limit_posts(app, "forgotten.page", throttling.by_mail_recipient, succeeded=lambda _answer: False)
    for endpoint, bounds in THROTTLED_FORMS.items():
        throttling.limit_posts(app, endpoint, bounds)


def app_context() -> AppContext:
    """Return the context that the composition root gave to the application."""
    found: AppContext = current_app.extensions["lantoa"]
    return found


def current_account() -> Account:
    """Return the signed-in person. Only inside a view decorated with ``staff_required``."""
    return cast(Account, current_user._get_current_object())


def current_actor() -> Actor:
    """Return the signed-in person as the domain's actor."""
    return current_account().actor


def staff_required(
    may: Permission = Permission.READ, *, fresh: bool = False
) -> Callable[[Callable[P, R]], Callable[P, R | ResponseReturnValue]]:
    """Decorate a view for staff whose role has the permission ``may``: other requests are redirected to sign-in or
    answered with 403.

    While no account exists, every desk page redirects to set-up; a person who must have a second factor and has none is
    redirected to its set-up. ``fresh``: the action requires a recent password, in case the machine was left unattended.
    """

    def guard(view: Callable[P, R]) -> Callable[P, R | ResponseReturnValue]:
        @wraps(view)
        def inner(*args: P.args, **kwargs: P.kwargs) -> R | ResponseReturnValue:
            if not current_user.is_authenticated:
                with app_context().job_context.database.read() as session:
                    empty = not has_staff(session)
                if empty:
                    return redirect(url_for("setup.begin"))
                sessions.flash_why_signed_out()
                return redirect(url_for("security.login", next=sessions.return_path()))
            if not current_actor().may(may):
                abort(403)
            if (
                must_set_factor(current_account(), app_context().settings.obliged)
                and request.blueprint not in BLUEPRINTS_OPEN_WITHOUT_FACTOR
            ):
                return redirect(url_for("account.factor.index"))
            if fresh and not _is_recently_verified():
                return redirect(url_for("security.verify", next=sessions.return_path()))
            return view(*args, **kwargs)

        inner.__dict__["lantoa_may"] = may
        inner.__dict__["lantoa_fresh"] = fresh
        return inner

    return guard


def _is_recently_verified() -> bool:
    """Whether the person authenticated recently. A form that was opened in time may be submitted somewhat later."""
    proved = float(session.get("fs_paa", 0))
    within = FRESH_FOR if request.method in {"GET", "HEAD"} else FRESH_TO_SEND_FOR
    return time.time() - proved < within.total_seconds()


def new_uniquifier() -> str:
    """Return the value that sessions are bound to; changing it ends every session of the person."""
    return secrets.token_hex(16)


__all__ = [
    "Account",
    "Role",
    "app_context",
    "configure",
    "current_account",
    "current_actor",
    "new_uniquifier",
    "staff_required",
]
