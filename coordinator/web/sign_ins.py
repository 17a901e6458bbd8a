"""The desk's sessions: the cookie names a row, and the row says whether somebody is still signed in."""

import re
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from urllib.parse import urlsplit

import sqlalchemy as sa
from flask import Flask, g, request, session
from flask_login import user_logged_in, user_logged_out
from flask_security.utils import set_request_attr
from sqlalchemy.orm import Session, scoped_session

from campaigns.people import sign_ins
from campaigns.people.sign_ins import SignIn, Way, Why
from campaigns.people.staff import Person
from coordinator.jobs.workplace import Front
from coordinator.web import tries
from coordinator.web.look import say_trouble
from coordinator.web.notices import tell
from coordinator.web.saying import _

TOKEN = "sign_in"  # noqa: S105  # the cookie's name for it
WAYS = {
    "security.two_factor_token_validation": Way.CODE,
    "security.mf_recovery": Way.RECOVERY,
    "joining.page": Way.LINK,
    "security.wan_signin_response": Way.PASSKEY,
    "sign_on.back": Way.SSO,
}
_BROWSERS = (
    ("Zalo", r"\bZalo\b"), ("Edge", r"\bEdg(?:A|iOS)?/"), ("Opera", r"\bOPR/"), ("Cốc Cốc", r"\bcoc_coc_browser/"),
    ("Firefox", r"\bFirefox/|\bFxiOS/"), ("Chrome", r"Chrom(?:e|ium)/|\bCriOS/"), ("Safari", r"\bSafari/"),
)  # fmt: skip
_SYSTEMS = (
    ("Android", r"\bAndroid\b"), ("iPhone", r"\biPhone\b"), ("iPad", r"\biPad\b"), ("Windows", r"\bWindows\b"),
    ("macOS", r"\bMacintosh\b"), ("Linux", r"\bLinux\b"),
)  # fmt: skip


@dataclass(frozen=True)
class Here:
    """The sign-in that the request at hand belongs to."""

    public: str
    way: Way
    began_at: datetime


def device_words(agent: str) -> str:
    """A browser and a system in a word each ("Chrome · Windows"); '' when the agent names neither."""
    found = (next((name for name, shape in table if re.search(shape, agent)), "") for table in (_BROWSERS, _SYSTEMS))
    return " · ".join(word for word in found if word)


def here() -> Here | None:
    """The sign-in of this request; None for somebody who is not signed in."""
    found: Here | None = g.get("lantoa_sign_in")
    return found


def say_why() -> None:
    """Tell somebody whose cookie no longer signs them in why that is, once, on the page where they come in again."""
    why: Why | None = g.get("lantoa_lapsed")
    if why in {Why.IDLE, Why.LONG}:
        say_trouble(_("Phiên làm việc đã hết giờ. Đăng nhập lại để làm tiếp đúng chỗ đang dở."))
    elif why in {Why.REVOKED, Why.CHANGED}:
        say_trouble(_("Phiên này đã được kết thúc từ nơi khác, hoặc vì đã đổi mật khẩu. Mời đăng nhập lại."))


def way_back() -> str:
    """Where to go on after signing in: this page, or the page whose form was sent, so that it can be sent again."""
    if request.method in {"GET", "HEAD"}:
        return request.full_path.rstrip("?")
    came = urlsplit(request.referrer or "")
    if came.netloc == request.host and came.path.startswith("/"):
        return f"{came.path}?{came.query}" if came.query else came.path
    return "/"


def configure(app: Flask, front: Front, holder: scoped_session[Session], account: type[Person]) -> None:
    """Let the cookie's token find its row on every request, and make or end the row at signing in and out."""

    def load(user_id: str) -> Person | None:
        token = session.get(TOKEN)
        if not user_id or not token:
            return None
        query = (
            sa.select(account, SignIn)
            .join(SignIn, SignIn.person_id == account.id)
            .where(SignIn.mark == sign_ins.mark_of(str(token)))
        )
        found = holder.execute(query).one_or_none()
        # Ended here, so that nothing slow runs inside it and the note below may write.
        holder.commit()
        if found is None:
            return None
        person, row = found
        now = front.place.now()
        if (why := sign_ins.over(row, front.settings.idle, now=now)) is not None:
            g.lantoa_lapsed = why
            session.pop(TOKEN)
            return None
        if not person.active or person.fs_uniquifier != user_id:
            return None
        if _is_use() and sign_ins.worth_noting(row, now=now):
            with front.place.database.write() as writing:
                sign_ins.note_use(writing, row.id, now=now)
        g.lantoa_sign_in = Here(row.public, row.way, row.began_at)
        set_request_attr("fs_authn_via", "session")
        set_request_attr("fs_paa", session.get("fs_paa", 0))
        return person

    app.login_manager.user_loader(load)  # type: ignore[attr-defined]  # set by the sign-in library

    def came_in(_app: Flask, user: Any) -> None:
        # There is one way to stay signed in, and it is the row; a second cookie would live past its end.
        session.pop("_remember", None)
        session.permanent = True
        way = WAYS.get(request.endpoint or "", Way.PASSWORD)
        words = device_words(request.user_agent.string)
        begun = sign_ins.begin(holder(), user, way=way, device=words, now=front.place.now())
        if way is not Way.LINK and not tries.is_known(user.email):
            tell(front, holder(), user, "signed_in", words)
        holder.commit()
        session[TOKEN] = begun.token
        g.lantoa_sign_in = Here(begun.row.public, begun.row.way, begun.row.began_at)

    def went_out(_app: Flask, user: Any) -> None:
        del user  # the library passes it by this name
        token = session.pop(TOKEN, None)
        if token:
            with front.place.database.write() as writing:
                sign_ins.leave(writing, str(token), now=front.place.now())

    user_logged_in.connect(came_in, app, weak=False)
    user_logged_out.connect(went_out, app, weak=False)


def _is_use() -> bool:
    """Whether a person did this: a page that asks for news by itself keeps nobody signed in."""
    return request.headers.get("HX-Trigger-Name") is not None or request.headers.get("HX-Request") is None
