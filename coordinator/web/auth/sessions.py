"""The sessions of staff: the cookie holds a token, and the row with its hash says whether the session is open."""

import re
from typing import Any
from urllib.parse import urlsplit

import sqlalchemy as sa
from flask import Flask, g, request, session
from flask_login import user_logged_in, user_logged_out
from flask_security.utils import set_request_attr
from sqlalchemy.orm import Session, scoped_session

from campaigns.people import sessions
from campaigns.people.sessions import SessionEnd, SignInMethod, UserSession
from campaigns.people.staff import Person
from coordinator.jobs.context import AppContext
from coordinator.translation import _
from coordinator.web.auth import throttling
from coordinator.web.kit.notification_mail import queue_notification
from coordinator.web.kit.templating import flash_trouble

SESSION_TOKEN_KEY = "sign_in"  # noqa: S105  # the cookie's name for it
SIGN_IN_WAYS = {
    "security.two_factor_token_validation": SignInMethod.CODE,
    "security.mf_recovery": SignInMethod.RECOVERY,
    "joining.page": SignInMethod.LINK,
    "security.wan_signin_response": SignInMethod.PASSKEY,
    "sign_on.back": SignInMethod.SSO,
}
_BROWSERS = (
    ("Zalo", r"\bZalo\b"), ("Edge", r"\bEdg(?:A|iOS)?/"), ("Opera", r"\bOPR/"), ("Cốc Cốc", r"\bcoc_coc_browser/"),
    ("Firefox", r"\bFirefox/|\bFxiOS/"), ("Chrome", r"Chrom(?:e|ium)/|\bCriOS/"), ("Safari", r"\bSafari/"),
)  # fmt: skip
_SYSTEMS = (
    ("Android", r"\bAndroid\b"), ("iPhone", r"\biPhone\b"), ("iPad", r"\biPad\b"), ("Windows", r"\bWindows\b"),
    ("macOS", r"\bMacintosh\b"), ("Linux", r"\bLinux\b"),
)  # fmt: skip


def device_name(agent: str) -> str:
    """The browser and the system of a user agent ("Chrome · Windows"); '' when it names neither."""
    found = (next((name for name, shape in table if re.search(shape, agent)), "") for table in (_BROWSERS, _SYSTEMS))
    return " · ".join(word for word in found if word)


def current_session() -> str | None:
    """The public id of this request's session; None when nobody is signed in."""
    public: str | None = g.get("lantoa_session")
    return public


def is_human_request() -> bool:
    """Whether a person made this request; one that a page makes by itself, to refresh a part, extends no session."""
    return request.headers.get("HX-Trigger-Name") is not None or request.headers.get("HX-Request") is None


def flash_why_signed_out() -> None:
    """Show once, on the sign-in page, why the session of this request has ended."""
    why: SessionEnd | None = g.get("lantoa_lapsed")
    if why in {SessionEnd.IDLE, SessionEnd.LONG}:
        flash_trouble(_("Phiên làm việc đã hết giờ. Đăng nhập lại để làm tiếp đúng chỗ đang dở."))
    elif why in {SessionEnd.REVOKED, SessionEnd.CHANGED}:
        flash_trouble(_("Phiên này đã được kết thúc từ nơi khác, hoặc vì đã đổi mật khẩu. Mời đăng nhập lại."))


def return_path() -> str:
    """The path to return to after signing in: this page, or the page whose form was sent."""
    if request.method in {"GET", "HEAD"}:
        return request.full_path.rstrip("?")
    came = urlsplit(request.referrer or "")
    if came.netloc == request.host and came.path.startswith("/"):
        return f"{came.path}?{came.query}" if came.query else came.path
    return "/desk"


def configure(app: Flask, app_context: AppContext, holder: scoped_session[Session], account: type[Person]) -> None:
    """Load the session of every request by the token of its cookie, start one at sign-in and end it at sign-out."""

    def load(user_id: str) -> Person | None:
        token = session.get(SESSION_TOKEN_KEY)
        if not user_id or not token:
            return None
        query = (
            sa.select(account, UserSession)
            .join(UserSession, UserSession.person_id == account.id)
            .where(UserSession.token_hash == sessions.hash_token(str(token)))
        )
        found = holder.execute(query).one_or_none()
        # The transaction ends here, so that nothing slow runs inside it and the use can be recorded below.
        holder.commit()
        if found is None:
            return None
        person, row = found
        now = app_context.job_context.now()
        if (why := sessions.end_reason(row, sessions.staff_limits(app_context.settings.idle), now=now)) is not None:
            g.lantoa_lapsed = why
            session.pop(SESSION_TOKEN_KEY)
            return None
        if not person.active or person.fs_uniquifier != user_id:
            return None
        if is_human_request() and sessions.use_is_due(row, now=now):
            with app_context.job_context.database.write() as writing:
                sessions.record_use(writing, row.id, now=now)
        g.lantoa_session = row.public
        set_request_attr("fs_authn_via", "session")
        set_request_attr("fs_paa", session.get("fs_paa", 0))
        return person

    app.login_manager.user_loader(load)  # type: ignore[attr-defined]  # set by the sign-in library

    def on_sign_in(_app: Flask, user: Any) -> None:
        # Only the row keeps a person signed in; the library's second cookie would outlive it.
        session.pop("_remember", None)
        session.permanent = True
        way = SIGN_IN_WAYS.get(request.endpoint or "", SignInMethod.PASSWORD)
        device = device_name(request.user_agent.string)
        begun = sessions.begin_sign_in(holder(), user, way=way, device=device, now=app_context.job_context.now())
        if way is not SignInMethod.LINK and not throttling.is_known_browser(user.email):
            queue_notification(app_context, holder(), user, "signed_in", device)
        holder.commit()
        session[SESSION_TOKEN_KEY] = begun.token
        g.lantoa_session = begun.row.public

    def on_sign_out(_app: Flask, user: Any) -> None:
        del user  # the library passes it by this name
        token = session.pop(SESSION_TOKEN_KEY, None)
        if token:
            with app_context.job_context.database.write() as writing:
                sessions.leave_session(writing, str(token), now=app_context.job_context.now())

    user_logged_in.connect(on_sign_in, app, weak=False)
    user_logged_out.connect(on_sign_out, app, weak=False)
