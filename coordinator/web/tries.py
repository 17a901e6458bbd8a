"""Guards before forms that a secret opens: so many tries by account and by address, and how long to wait after that.

A browser that somebody signed in with before keeps a mark that says so, and is counted by itself: whoever guesses at a
colleague's password, or fires from the office's own address, does not shut out the people who work there.
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

from campaigns.people.tries import Bound, attempt, forgive
from coordinator.jobs.workplace import Front
from coordinator.sealing import key_for

KNOWN = "lantoa_known"  # the cookie of a browser that somebody came in with
KNOWN_FOR = timedelta(days=180)
MOST_KNOWN = 5  # people who share one browser

FEW = (10, timedelta(minutes=10))  # one person at one address, or one browser
OF_ONE_ACCOUNT = (30, timedelta(minutes=30))  # from all addresses together that the person never came in from
FROM_ONE_ADDRESS = (60, timedelta(minutes=10))  # at all accounts: an office comes to work within minutes
LETTERS = (3, timedelta(hours=1))
CODES = (10, timedelta(minutes=30))  # six figures are soon guessed from many addresses


@dataclass
class Guard:
    """The guard of one application. ``enabled``: off where it is asked who may, not how often."""

    front: Front
    key: bytes
    enabled: bool = True

    def bound(self, kind: str, value: str, rate: tuple[int, timedelta]) -> Bound:
        """A bound on something that is kept as a keyed hash alone."""
        mark = hmac.digest(self.key, f"{kind}:{value}".encode(), hashlib.sha256).hex()
        return Bound(mark, *rate)


Bounds = Callable[[Guard], list[Bound]]


def by_address(guard: Guard) -> list[Bound]:
    """One form, one address."""
    return [guard.bound(f"form:{request.endpoint}", _address(), FEW)]


def by_account(guard: Guard) -> list[Bound]:
    """The sign-in form: the account, the address, and both together; or the browser, when the account knows it."""
    account = request.form.get("email", "").strip().lower()[:200]
    browser = _browser(guard)
    if browser is not None and is_known(account):
        return [guard.bound("browser", f"{browser['id']} {account}", FEW)]
    return [
        guard.bound("pair", f"{account} {_address()}", FEW),
        guard.bound("account", account, OF_ONE_ACCOUNT),
        guard.bound("address", _address(), FROM_ONE_ADDRESS),
    ]


def by_second_step(guard: Guard) -> list[Bound]:
    """Codes of one person, from anywhere."""
    return [*by_address(guard), guard.bound("factor", str(session.get("tf_user_id", "")), CODES)]


def _led_on(answer: Response) -> bool:
    """Whether a form was taken; what is refused is shown again."""
    return answer.status_code // 100 == 3


def by_letter(guard: Guard) -> list[Bound]:
    """So many letters to one person, whoever asks, and so many askings from one address."""
    email = request.form.get("email", "").strip().lower()[:200]
    return [*by_address(guard), guard.bound("letter", email, LETTERS)]


def taken(answer: Response) -> bool:
    """The same of a view that a script talks to."""
    return answer.status_code < 400


def is_known(account: str) -> bool:
    """Whether somebody signed in to this account with this browser before."""
    guard: Guard = current_app.extensions["lantoa.tries"]
    browser = _browser(guard)
    return browser is not None and _who(guard, account) in browser["who"]


def limit_posts(
    app: Flask, endpoint: str, bounds: Bounds = by_address, succeeded: Callable[[Response], bool] = _led_on
) -> None:
    """Limit the POSTs of one view that do not succeed. A try is noted before it is made, and taken back if good."""
    view = app.view_functions[endpoint]

    def limited(**values: Any) -> Response:
        guard: Guard = current_app.extensions["lantoa.tries"]
        if request.method != "POST" or not guard.enabled:
            return make_response(view(**values))
        asked, database = bounds(guard), guard.front.place.database
        with database.write() as writing:
            wait = attempt(writing, asked, now=guard.front.place.now())
        if wait is not None:
            raise TooManyRequests(retry_after=max(1, math.ceil(wait.total_seconds())))
        answer = make_response(view(**values))
        if succeeded(answer):
            _end_reading()
            with database.write() as writing:
                forgive(writing, asked, now=guard.front.place.now())
        return answer

    limited.__dict__.update(view.__dict__)
    app.view_functions[endpoint] = limited


def configure(app: Flask, front: Front, key: str) -> None:
    """Set the guard up, and let a browser remember that somebody came in with it."""
    guard = Guard(front, key_for("tries", key))
    app.extensions["lantoa.tries"] = guard
    secure = front.settings.base_url.startswith("https://")

    def came_in(_app: Flask, user: Any) -> None:
        browser = _browser(guard) or {"id": secrets.token_hex(8), "who": []}
        mine = _who(guard, user.email)
        g.lantoa_known = {**browser, "who": [mine, *(one for one in browser["who"] if one != mine)][:MOST_KNOWN]}

    user_logged_in.connect(came_in, app, weak=False)

    @app.after_request
    def _(answer: Response) -> Response:
        if (known := g.pop("lantoa_known", None)) is not None:
            text = _signer(guard).dumps(known)
            answer.set_cookie(
                KNOWN, str(text), max_age=KNOWN_FOR, path="/login", secure=secure, httponly=True, samesite="Lax"
            )
        return answer


def _address() -> str:
    return request.remote_addr or "unknown"


def _who(guard: Guard, account: str) -> str:
    return guard.bound("who", account, FEW).mark[:16]


def _browser(guard: Guard) -> dict[str, Any] | None:
    try:
        found: dict[str, Any] = _signer(guard).loads(
            request.cookies.get(KNOWN, ""), max_age=int(KNOWN_FOR.total_seconds())
        )
    except BadSignature:
        return None
    return found


def _signer(guard: Guard) -> URLSafeTimedSerializer:
    return URLSafeTimedSerializer(guard.key, salt="browser")


def _end_reading() -> None:
    """End what the view may have left open after a mere look-up: on SQLite it would keep the next writer waiting."""
    holder = current_app.extensions["lantoa.accounts"].db.session
    if not (holder.new or holder.dirty or holder.deleted):
        holder.commit()
