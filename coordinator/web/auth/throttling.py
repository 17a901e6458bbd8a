"""Rate limits of forms that a secret opens: the number of attempts by account and by address, and the waiting time.

A browser that an account signed in with before has a cookie that says so and is counted separately: guesses at a
colleague's password, also from the office's own address, do not lock out the people who work there.

Here are the limited views, their limits and the cookie; the rows and the rule of counting are in
``campaigns.people.throttling``.
"""

import hashlib
import hmac
import math
import secrets
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from flask import Flask, Response, current_app, g, make_response, request, session
from flask_login import user_logged_in
from itsdangerous import BadSignature, URLSafeTimedSerializer
from werkzeug.exceptions import TooManyRequests

from campaigns.people.throttling import AttemptLimit, count_attempt, take_back_attempt
from coordinator.encryption import derived_key
from coordinator.jobs.context import AppContext

KNOWN_BROWSER_COOKIE = "lantoa_known"  # the cookie of a browser that an account signed in with
KNOWN_BROWSER_LIFETIME = timedelta(days=180)
MAX_ACCOUNTS_PER_BROWSER = 5  # accounts that share one browser

FORM_LIMIT = (10, timedelta(minutes=10))  # one account at one address, or one browser
ACCOUNT_LIMIT = (30, timedelta(minutes=30))  # from all addresses that the account never signed in from
ADDRESS_LIMIT = (60, timedelta(minutes=10))  # at all accounts: an office signs in within minutes
MAIL_LIMIT = (3, timedelta(hours=1))
CODE_LIMIT = (10, timedelta(minutes=30))  # six digits are soon guessed from many addresses


@dataclass
class Throttle:
    """The rate limits of one application. ``enabled``: off in tests of permissions."""

    app_context: AppContext
    key: bytes
    enabled: bool = True

    def bound(self, kind: str, value: str, rate: tuple[int, timedelta]) -> AttemptLimit:
        """Return a limit whose subject is stored only as a keyed hash."""
        mark = hmac.digest(self.key, f"{kind}:{value}".encode(), hashlib.sha256).hex()
        return AttemptLimit(mark, *rate)


LimitRule = Callable[[Throttle], list[AttemptLimit]]


def by_address(guard: Throttle) -> list[AttemptLimit]:
    """Return the limit of one form by address."""
    return [guard.bound(f"form:{request.endpoint}", _client_address(), FORM_LIMIT)]


def by_account(guard: Throttle) -> list[AttemptLimit]:
    """Return the limits of sign-in: the account, the address, and both together; or the browser, if the account knows
    it."""
    account = request.form.get("email", "").strip().lower()[:200]
    browser = _known_browser(guard)
    if browser is not None and is_known_browser(account):
        return [guard.bound("browser", f"{browser['id']} {account}", FORM_LIMIT)]
    return [
        guard.bound("pair", f"{account} {_client_address()}", FORM_LIMIT),
        guard.bound("account", account, ACCOUNT_LIMIT),
        guard.bound("address", _client_address(), ADDRESS_LIMIT),
    ]


def by_second_step(guard: Throttle) -> list[AttemptLimit]:
    """Return the limit of one person's codes, from all addresses."""
    return [*by_address(guard), guard.bound("factor", str(session.get("tf_user_id", "")), CODE_LIMIT)]


def _is_redirect(answer: Response) -> bool:
    """Whether a form was accepted; a rejected one is shown again."""
    return answer.status_code // 100 == 3


def by_mail_recipient(guard: Throttle) -> list[AttemptLimit]:
    """Return the limits of mails to one person, and of requests from one address."""
    email = request.form.get("email", "").strip().lower()[:200]
    return [*by_address(guard), guard.bound("letter", email, MAIL_LIMIT)]


def is_accepted(answer: Response) -> bool:
    """Whether the request of a script was accepted."""
    return answer.status_code < 400


def is_known_browser(account: str) -> bool:
    """Whether this account signed in with this browser before."""
    guard: Throttle = current_app.extensions["lantoa.tries"]
    browser = _known_browser(guard)
    return browser is not None and _account_mark(guard, account) in browser["who"]


def limit_posts(
    app: Flask, endpoint: str, bounds: LimitRule = by_address, succeeded: Callable[[Response], bool] = _is_redirect
) -> None:
    """Limit the failed POSTs of one view. An attempt is counted before it is made, and taken back if it succeeds."""
    view = app.view_functions[endpoint]

    def limited(**values: Any) -> Response:
        guard: Throttle = current_app.extensions["lantoa.tries"]
        if request.method != "POST" or not guard.enabled:
            return make_response(view(**values))
        asked, database = bounds(guard), guard.app_context.job_context.database
        with database.write() as writing:
            wait = count_attempt(writing, asked, now=guard.app_context.job_context.now())
        if wait is not None:
            raise TooManyRequests(retry_after=max(1, math.ceil(wait.total_seconds())))
        answer = make_response(view(**values))
        if succeeded(answer):
            _end_read_transaction()
            with database.write() as writing:
                take_back_attempt(writing, asked, now=guard.app_context.job_context.now())
        return answer

    limited.__dict__.update(view.__dict__)
    app.view_functions[endpoint] = limited


def configure(app: Flask, app_context: AppContext, key: str) -> None:
    """Set the limits up, and mark a browser in which an account signs in."""
    guard = Throttle(app_context, derived_key("tries", key))
    app.extensions["lantoa.tries"] = guard
    secure = app_context.settings.base_url.startswith("https://")

    def came_in(_app: Flask, user: Any) -> None:
        browser = _known_browser(guard) or {"id": secrets.token_hex(8), "who": []}
        mine = _account_mark(guard, user.email)
        g.lantoa_known = {
            **browser,
            "who": [mine, *(item for item in browser["who"] if item != mine)][:MAX_ACCOUNTS_PER_BROWSER],
        }

    user_logged_in.connect(came_in, app, weak=False)

    @app.after_request
    def _(answer: Response) -> Response:
        if (known := g.pop("lantoa_known", None)) is not None:
            text = _signer(guard).dumps(known)
            answer.set_cookie(
                KNOWN_BROWSER_COOKIE,
                str(text),
                max_age=KNOWN_BROWSER_LIFETIME,
                path="/login",
                secure=secure,
                httponly=True,
                samesite="Lax",
            )
        return answer


def _client_address() -> str:
    return request.remote_addr or "unknown"


def _account_mark(guard: Throttle, account: str) -> str:
    return guard.bound("who", account, FORM_LIMIT).mark[:16]


def _known_browser(guard: Throttle) -> dict[str, Any] | None:
    try:
        found: dict[str, Any] = _signer(guard).loads(
            request.cookies.get(KNOWN_BROWSER_COOKIE, ""), max_age=int(KNOWN_BROWSER_LIFETIME.total_seconds())
        )
    except BadSignature:
        return None
    return found


def _signer(guard: Throttle) -> URLSafeTimedSerializer:
    return URLSafeTimedSerializer(guard.key, salt="browser")


def _end_read_transaction() -> None:
    """End the transaction that the view left open after a read: on SQLite it would block the next writer."""
    holder = current_app.extensions["lantoa.accounts"].db.session
    if not (holder.new or holder.dirty or holder.deleted):
        holder.commit()
