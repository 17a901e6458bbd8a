"""Rate limits of forms that a secret opens, so that nobody locks another person out.

Refused for some minutes is a pair alone: one name in one network (IPv4 /24, IPv6 /64), or one browser that the account
signed in with before, which has a cookie that says so. A name that is guessed at from many networks, and a network in
which many names are guessed at, refuse nobody: a new browser there is then let in by the password together with a
second factor, or by a link that is mailed (``needs_proof``), and the answer to every other attempt is the same, whether
the name exists, whether the password was right.

Here are the limited views, their limits and the cookie; the rows and the rule of counting are in
``campaigns.people.throttling``.
"""

import hashlib
import hmac
import ipaddress
import math
import secrets
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from flask import Flask, Response, current_app, g, make_response, request, session
from flask_login import user_logged_in
from itsdangerous import BadSignature, URLSafeTimedSerializer
from sqlalchemy.orm import Session
from werkzeug.exceptions import TooManyRequests

from campaigns.people.throttling import AttemptLimit, count_attempt, take_back_attempt
from coordinator.encryption import derived_key
from coordinator.jobs.context import AppContext

KNOWN_BROWSER_COOKIE = "lantoa_known"  # the cookie of a browser that an account signed in with
KNOWN_BROWSER_LIFETIME = timedelta(days=180)
MAX_ACCOUNTS_PER_BROWSER = 5  # accounts that share one browser

FORM_LIMIT = (10, timedelta(minutes=10))  # one name in one network, or one browser
ACCOUNT_LIMIT = (30, timedelta(minutes=30))  # one name from all new browsers; then a proof is needed
NETWORK_LIMIT = (60, timedelta(minutes=10))  # names that failed before in one network; then a proof is needed
FAILED_BEFORE = (1, timedelta(days=1))  # a name's first failure of a day in a network does not count for the network
MAIL_LIMIT = (3, timedelta(hours=1))  # one address, requested in one network
ALL_MAIL_LIMIT = (12, timedelta(hours=1))  # one address; a mail that was sent works longer than the wait for the next
CODE_LIMIT = (10, timedelta(minutes=30))  # six digits are soon guessed from many networks


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


def by_visitor(guard: Throttle) -> list[AttemptLimit]:
    """Return the limit of one form: of the person who is signed in, of a known browser, else of the network; and of one
    secret of an address alone."""
    browser, person = _known_browser(guard), session.get("_user_id")
    visitor = f"person {person}" if person else f"browser {browser['id']}" if browser else _network()
    return [guard.bound(f"form:{request.path}", visitor, FORM_LIMIT)]


def by_account(guard: Throttle) -> list[AttemptLimit]:
    """Return the limit of sign-in: the name in this network; or the browser, if the account knows it."""
    account = _typed_name()
    browser = _known_browser(guard)
    if browser is not None and is_known_browser(account):
        return [guard.bound("browser", f"{browser['id']} {account}", FORM_LIMIT)]
    return [guard.bound("pair", f"{account} {_network()}", FORM_LIMIT)]


def by_partner_key(guard: Throttle) -> list[AttemptLimit]:
    """Return the limit of a partner's key in this network, by the part of it that is no secret."""
    public = request.form.get("key", "").strip()[:40].rpartition("_")[0]
    return [guard.bound("key", f"{public} {_network()}", FORM_LIMIT)]


def by_second_step(guard: Throttle) -> list[AttemptLimit]:
    """Return the limits of the codes of one person: from all new browsers together, or from a browser that the account
    knows."""
    browser, person = _known_browser(guard), str(session.get("tf_user_id", ""))
    marks = browser["who"] if browser is not None else []
    if browser is not None and _account_mark(guard, person) in marks:
        return [guard.bound("factor", f"{person} {browser['id']}", CODE_LIMIT)]
    return [guard.bound("factor", person, CODE_LIMIT)]


def needs_proof() -> bool:
    """Whether the password alone does not open this sign-in: its name or its network was guessed at too often."""
    return bool(g.get("lantoa_needs_proof"))


def _count_for_proof(guard: Throttle, writing: Session, *, now: datetime) -> list[AttemptLimit]:
    """Count a sign-in from a new browser for its name and its network; returns what was counted. An attempt beyond a
    limit is not counted, but needs a proof."""
    account, network = _typed_name(), _network()
    if is_known_browser(account):
        return []
    counted = []
    name = guard.bound("account", account, ACCOUNT_LIMIT)
    first = guard.bound("failed", f"{account} {network}", FAILED_BEFORE)
    spread = guard.bound("network", network, NETWORK_LIMIT)
    if count_attempt(writing, [name], now=now) is None:
        counted.append(name)
    else:
        g.lantoa_needs_proof = True
    if count_attempt(writing, [first], now=now) is None:
        counted.append(first)
    elif count_attempt(writing, [spread], now=now) is None:
        counted.append(spread)
    else:
        g.lantoa_needs_proof = True
    return counted


def _is_redirect(answer: Response) -> bool:
    """Whether a form was accepted; a rejected one is shown again."""
    return answer.status_code // 100 == 3


def by_mail_recipient(guard: Throttle) -> list[AttemptLimit]:
    """Return the limits of mails to one address: requested in this network, and in all."""
    email = _typed_name()
    return [
        guard.bound("letter", f"{email} {_network()}", MAIL_LIMIT), guard.bound("letters", email, ALL_MAIL_LIMIT),
    ]  # fmt: skip


def is_accepted(answer: Response) -> bool:
    """Whether the request of a script was accepted."""
    return answer.status_code < 400


def is_known_browser(account: str) -> bool:
    """Whether this account signed in with this browser before."""
    guard: Throttle = current_app.extensions["lantoa.tries"]
    browser = _known_browser(guard)
    return browser is not None and _account_mark(guard, account) in browser["who"]


def know_browser(*names: str) -> None:
    """Let this browser be one that an account signed in with, under its address and the name of its second step; a
    mailed link shows as much as a sign-in."""
    guard: Throttle = current_app.extensions["lantoa.tries"]
    browser = _known_browser(guard) or {"id": secrets.token_hex(8), "who": []}
    mine = [_account_mark(guard, name) for name in names]
    others = [item for item in browser["who"] if item not in mine]
    g.lantoa_known = {**browser, "who": [*mine, *others][: 2 * MAX_ACCOUNTS_PER_BROWSER]}


def limit_posts(
    app: Flask, endpoint: str, bounds: LimitRule = by_visitor, succeeded: Callable[[Response], bool] = _is_redirect
) -> None:
    """Limit the failed POSTs of one view. An attempt is counted before it is made, and taken back if it succeeds."""
    view = app.view_functions[endpoint]

    def limited(**values: Any) -> Response:
        guard: Throttle = current_app.extensions["lantoa.tries"]
        if request.method != "POST" or not guard.enabled:
            return make_response(view(**values))
        asked, database = bounds(guard), guard.app_context.job_context.database
        now = guard.app_context.job_context.now()
        with database.write() as writing:
            wait = count_attempt(writing, asked, now=now)
            if wait is None and bounds is by_account:
                asked = [*asked, *_count_for_proof(guard, writing, now=now)]
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
        know_browser(user.email, user.fs_uniquifier)

    user_logged_in.connect(came_in, app, weak=False)

    @app.context_processor
    def _() -> dict[str, Any]:
        mail_works = app_context.job_context.mail is not None
        return {"needs_proof": needs_proof() if request else False, "mail_works": mail_works}

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


def _network() -> str:
    """The network of the client: IPv4 /24, IPv6 /64, which is what one household or server has."""
    try:
        address = ipaddress.ip_address((request.remote_addr or "").partition("%")[0])
    except ValueError:
        return "unknown"
    if isinstance(address, ipaddress.IPv6Address):
        mapped = address.ipv4_mapped
        if mapped is None:
            return str(ipaddress.ip_network((int(address), 64), strict=False))
        address = mapped
    return str(ipaddress.ip_network((int(address), 24), strict=False))


def _typed_name() -> str:
    return request.form.get("email", "").strip().lower()[:200]


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
