"""Signing in: the library's flows over our own rows, cookies only where somebody works, roles at every view."""

import secrets
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from functools import wraps
from typing import Any, ParamSpec, TypeVar, cast

from flask import Flask, Request, Response, abort, current_app, redirect, request, session, url_for
from flask.ctx import AppContext
from flask.globals import app_ctx
from flask.sessions import SecureCookieSessionInterface, SessionMixin
from flask.typing import ResponseReturnValue
from flask_login import current_user
from flask_security import (
    RoleMixin,
    Security,
    SQLAlchemyUserDatastore,
    UserMixin,
)
from flask_wtf import CSRFProtect
from sqlalchemy.orm import Mapped, Session, relationship, scoped_session
from werkzeug.wrappers import Response as WerkzeugResponse

from campaigns.people.factors import must_set_factor
from campaigns.people.passkeys import add_passkey
from campaigns.people.sign_ins import LONGEST
from campaigns.people.staff import Actor, May, Person, Role, anybody
from coordinator.db import Database
from coordinator.jobs.workplace import Front
from coordinator.web import factors, passkeys, sign_ins, tries
from coordinator.web.notices import tell
from coordinator.web.passkeys import Credential

# Paths where nobody is signed in: no session is opened there, so no cookie is read, set or varied on.
PUBLIC = ("/bulletins/", "/feeds/", "/calendars/", "/i/", "/hub", "/webmention", "/unsubscribe/", "/events/",
          "/open-data/", "/sent/",
          "/sitemap-news.xml",
          "/healthz", "/readyz", "/metrics", "/api/", "/static/", "/robots.txt", "/favicon.ico")  # fmt: skip

# How long ago somebody may have proved who they are, before a dangerous page asks again; and for its form.
FRESH = timedelta(minutes=15)
FRESH_TO_SEND = timedelta(hours=1)
# Where somebody may go who must set a second factor up first.
OPEN_WITHOUT_FACTOR = frozenset({"account", "account.factor", "account.sign_ins", "security"})
LIMITED: dict[str, tries.Bounds] = {
    "security.login": tries.by_account,
    "security.verify": tries.by_address,
    "security.two_factor_token_validation": tries.by_second_step,
    "security.mf_recovery": tries.by_second_step,
    "setup.begin": tries.by_address,
    "account.change_password": tries.by_address,
    "account.factor.save": tries.by_address,
    "joining.page": tries.by_address,
    "portal.enter": tries.by_address,
    "portal.joining.page": tries.by_address,
}

# Pages of the library for who is signed in, and whether they ask for the password again.
AT_THE_DESK = {
    "security.verify": False, "security.wan_verify": False, "security.wan_verify_response": False,
    "security.wan_register": True, "security.wan_register_response": True,
}  # fmt: skip

P = ParamSpec("P")
R = TypeVar("R")


class RoleName(RoleMixin):
    """A role as the sign-in library wants to see one."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.permissions: list[str] = []


class Account(Person, UserMixin):  # type: ignore[misc]  # the library wants a handle of everybody; ours is made late
    """A member of staff who can sign in: the same row, with the library's behaviour."""

    webauthn: Mapped[list[Credential]] = relationship(  # type: ignore[assignment]  # of our own kind
        Credential, order_by=Credential.id, passive_deletes=True
    )

    @property
    def roles(self) -> list[RoleName]:  # type: ignore[override]  # one role a person, shown to the library as a list
        """The person's one role."""
        return [RoleName(self.role.value)]


class Accounts(SQLAlchemyUserDatastore):
    """Looks people up; ends the transaction after a mere look-up, so that no hashing runs inside a write lock."""

    def find_user(self, case_insensitive: bool = False, **kwargs: Any) -> UserMixin | None:
        """The account with this attribute, or None."""
        user = super().find_user(case_insensitive, **kwargs)
        session = self.db.session
        if user is not None:
            _ = user.webauthn  # read now: asked for later, it would open another transaction
        if not (session.new or session.dirty or session.deleted):
            session.commit()
        return user

    def create_webauthn(self, user: UserMixin, **values: Any) -> None:  # type: ignore[override]  # handed on by name
        """Keep a key that was just made, by the rules of the house."""
        account = cast(Account, user)
        values.pop("usage")
        add_passkey(self.db.session(), account.actor, account, Credential(**values), now=front().place.now())
        tell(front(), self.db.session(), account, "passkey_added", str(values["name"]))


class SessionHolder:
    """What the datastore calls its ``db``: one session an application context, a reader for reading requests."""

    def __init__(self, database: Database) -> None:
        def make() -> Session:
            # Who comes back from the city's sign-in comes by a GET, and is signed in by it.
            safe = bool(request) and request.method in {"GET", "HEAD", "OPTIONS"} and request.endpoint != "sign_on.back"
            return database.readers() if safe else database.writers()

        def context() -> int:
            # By application context: the request's own is gone before its teardown runs.
            return id(cast("AppContext", app_ctx._get_current_object()))  # type: ignore[attr-defined]  # a proxy

        self.session: scoped_session[Session] = scoped_session(make, scopefunc=context)  # type: ignore[arg-type]  # any callable will do


class NoSession(dict[str, Any], SessionMixin):
    """A session that is thrown away, for paths where nobody is signed in."""


class DeskSessions(SecureCookieSessionInterface):
    """The usual signed cookie for the desk, nothing at all for public paths and the API."""

    def open_session(self, app: Flask, request: Request) -> Any:
        """A throw-away session on public paths."""
        if request.path.startswith(PUBLIC):
            return NoSession()
        return super().open_session(app, request)

    def save_session(self, app: Flask, session: SessionMixin, response: Response) -> None:
        """Nothing to save on public paths, nor with a reply that is the same for everybody (a picture that is out)."""
        if not isinstance(session, NoSession) and not response.cache_control.public:
            super().save_session(app, session, response)


def configure(app: Flask, front: Front, key: str) -> None:
    """Set up sign-in, CSRF protection, sessions and rate limits."""
    app.secret_key = key
    app.session_interface = DeskSessions()
    secure = front.settings.base_url.startswith("https://")
    app.config.update(
        SESSION_COOKIE_NAME="lantoa",
        SESSION_COOKIE_HTTPONLY=True,
        SESSION_COOKIE_SAMESITE="Lax",
        SESSION_COOKIE_SECURE=secure,
        PERMANENT_SESSION_LIFETIME=LONGEST,
        SECURITY_PASSWORD_HASH="argon2",  # noqa: S106  # the name of a scheme
        # argon2 salts each password by itself; a second key would tie every password to this installation's secret.
        SECURITY_PASSWORD_SINGLE_HASH={"argon2", "plaintext"},
        SECURITY_PASSWORD_SALT="unused",  # noqa: S106  # the library wants one, but only hashes twice with others
        SECURITY_PASSWORD_LENGTH_MIN=10,
        SECURITY_JOIN_USER_ROLES=False,
        SECURITY_TRACKABLE=False,
        SECURITY_CACHE_CONTROL={},  # ours says no-store, on every page of the desk
        SECURITY_FRESHNESS=FRESH,
        SECURITY_VERIFY_URL="/login/again",
        SECURITY_VERIFY_TEMPLATE="security/again.html",
        SECURITY_POST_VERIFY_VIEW="/",
        **factors.settings(key),
        **passkeys.settings(),
        SECURITY_REGISTERABLE=False,
        SECURITY_RECOVERABLE=False,
        SECURITY_CHANGEABLE=False,
        SECURITY_SEND_REGISTER_EMAIL=False,
        SECURITY_LOGIN_URL="/login",
        SECURITY_LOGOUT_URL="/logout",
        SECURITY_LOGOUT_METHODS=["POST"],
        SECURITY_POST_LOGIN_VIEW="/",
        SECURITY_POST_LOGOUT_VIEW="/login",
        SECURITY_LOGIN_USER_TEMPLATE="security/login.html",
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
        # that who waited too long there is told so. Its way out does not check.
        if request.routing_exception is not None or request.path.startswith(PUBLIC):
            return
        if request.endpoint != "security.login":
            csrf.protect()

    holder = SessionHolder(front.place.database)
    accounts = Accounts(holder, Account, RoleName, Credential)
    security = Security(
        app,
        accounts,
        totp_cls=factors.Codes,
        mf_recovery_form=factors.RecoveryForm,
        webauthn_util_cls=passkeys.Ceremony,
        wan_signin_response_form=passkeys.AnswerForm,
    )
    security.two_factor_plugins.register_tf_impl(app, "webauthn", passkeys.SecondStep)
    app.extensions["lantoa.accounts"] = accounts
    factors.configure(app)
    passkeys.configure(app, front)
    sign_ins.configure(app, front, holder.session, Account)

    @app.teardown_appcontext
    def _(_error: BaseException | None) -> None:
        holder.session.remove()

    @security.unauthn_handler
    def _(mechanisms: list[str] | None = None, headers: dict[str, str] | None = None) -> WerkzeugResponse:
        del mechanisms, headers  # the library passes them by these names; there is one way in
        return redirect(url_for("security.login", next=sign_ins.way_back()))

    tries.configure(app, front, key)
    for endpoint in passkeys.ANSWERS:
        passkeys.answered_once(app, front, endpoint)
    # The library's pages for who is signed in stand behind the same guard as every page of the desk.
    for endpoint, fresh in AT_THE_DESK.items():
        app.view_functions[endpoint] = staff(fresh=fresh)(app.view_functions[endpoint])  # type: ignore[arg-type]  # a view
    for endpoint in passkeys.ANSWERS:
        tries.limit_posts(app, endpoint, succeeded=tries.taken)
    tries.limit_posts(
        app, "forgotten.page", tries.by_letter, succeeded=lambda _answer: False
    )  # it is the letter that weighs
    for endpoint, bounds in LIMITED.items():
        tries.limit_posts(app, endpoint, bounds)


def front() -> Front:
    """What the composition root handed to the pages."""
    found: Front = current_app.extensions["lantoa"]
    return found


def me() -> Account:
    """The person signed in. Only inside a view that ``staff`` guards."""
    return cast(Account, current_user._get_current_object())


def actor() -> Actor:
    """The person signed in, as the domain sees them."""
    return me().actor


def staff(
    may: May = May.READ, *, fresh: bool = False
) -> Callable[[Callable[P, R]], Callable[P, R | ResponseReturnValue]]:
    """A view for staff whose role allows ``may``: others are asked to sign in, or told that it is not theirs (403).

    While there is nobody at all, every desk page leads to set-up; whoever must have a second factor and has none is led
    to it. ``fresh``: for what must not be done from a machine left alone; it asks for the password again.
    """

    def guard(view: Callable[P, R]) -> Callable[P, R | ResponseReturnValue]:
        @wraps(view)
        def inner(*args: P.args, **kwargs: P.kwargs) -> R | ResponseReturnValue:
            if not current_user.is_authenticated:
                with front().place.database.read() as session:
                    empty = not anybody(session)
                if empty:
                    return redirect(url_for("setup.begin"))
                sign_ins.say_why()
                return redirect(url_for("security.login", next=sign_ins.way_back()))
            if not actor().may(may):
                abort(403)
            if must_set_factor(me(), front().settings.obliged) and request.blueprint not in OPEN_WITHOUT_FACTOR:
                return redirect(url_for("account.factor.index"))
            if fresh and not _is_fresh():
                return redirect(url_for("security.verify", next=sign_ins.way_back()))
            return view(*args, **kwargs)

        inner.__dict__["lantoa_may"] = may
        inner.__dict__["lantoa_fresh"] = fresh
        return inner

    return guard


def _is_fresh() -> bool:
    """Whether the person proved who they are lately. A form that was opened in time may be sent somewhat later."""
    proved = float(session.get("fs_paa", 0))
    within = FRESH if request.method in {"GET", "HEAD"} else FRESH_TO_SEND
    return time.time() - proved < within.total_seconds()


def new_uniquifier() -> str:
    """What a session is bound to; changing it ends every session of the person."""
    return secrets.token_hex(16)


__all__ = ["Account", "Role", "actor", "configure", "front", "me", "new_uniquifier", "staff"]
