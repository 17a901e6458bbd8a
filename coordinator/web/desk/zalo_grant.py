"""Granting access to a Zalo Official Account: out to Zalo, and back with a code that is good once."""

import hmac
import json
import secrets

from flask import Blueprint, redirect, request, url_for
from flask import session as visit
from flask.typing import ResponseReturnValue

from campaigns.core.errors import Conflict
from campaigns.people.staff import May
from campaigns.publishing import accounts, delivery_acts
from campaigns.publishing.channels import Channel, ChannelState, find_channel
from campaigns.publishing.transport import TransportError
from coordinator.channels.zalo_oauth import ZaloAccess, new_verifier, permission_url
from coordinator.channels.zalo_settings import ZaloSettings
from coordinator.jobs.workplace import ChannelVault
from coordinator.sealing import SealError
from coordinator.web.desk import channel_trouble
from coordinator.web.look import say_done, say_trouble
from coordinator.web.saying import _
from coordinator.web.security import actor, front, staff

blueprint = Blueprint("zalo", __name__)

_NAME = "zalo_grant"


@blueprint.get("/<code>/grant")
@staff(May.CONFIGURE)
def begin(code: str) -> ResponseReturnValue:
    """Send the administrator to Zalo. What proves the way back is kept, sealed, in their own session.

    A link and not a form: our policy lets forms lead to this site only, redirects of their answers included. Nothing of
    the channel changes here.
    """
    place = front().place
    with place.database.read() as session:
        settings = _settings(find_channel(session, code))
    verifier, state = new_verifier(), secrets.token_urlsafe(24)
    visit[_NAME] = place.seal.close({"grant": json.dumps({"code": code, "verifier": verifier, "state": state})})
    return redirect(permission_url(settings, redirect_uri=_back(), verifier=verifier, state=state))


@blueprint.get("/_zalo/callback")
@staff(May.CONFIGURE)
def callback() -> ResponseReturnValue:
    """Zalo sent the administrator back: exchange the code, and let the channel go on."""
    place = front().place
    begun = _begun()
    if begun is None or not hmac.compare_digest(begun["state"], request.args.get("state", "")):
        say_trouble(_("Lần cấp quyền này không bắt đầu từ đây, hoặc đã quá lâu. Mở trang kênh và bấm Cấp quyền lại."))
        return redirect(url_for("channels.index"), 303)
    code = begun["code"]
    grant = request.args.get("code", "")
    if not grant:
        say_trouble(_("Zalo không cấp quyền: người quản trị tài khoản đã từ chối hoặc đóng trang. Kênh giữ nguyên."))
        return redirect(url_for("channels.page", code=code), 303)
    with place.database.read() as session:
        channel = find_channel(session, code)
        settings, ident = _settings(channel), channel.id
    access = ZaloAccess(settings, ChannelVault(place, ident), place.door, place.now)
    try:
        access.accept(code=grant, verifier=begun["verifier"], oa_id=request.args.get("oa_id", ""))
    except TransportError as error:
        say_trouble(_("Chưa nhận được quyền từ Zalo.") + " " + channel_trouble.trouble(error))
        return redirect(url_for("channels.page", code=code), 303)
    with place.database.write() as session:
        channel = find_channel(session, code)
        # One that a person paused stays paused: they had their reason.
        if channel.state in {ChannelState.NEEDS_AUTHORISATION, ChannelState.FAILING}:
            delivery_acts.resume(session, actor(), channel, now=place.now())
        channel.last_error = ""
        accounts.read_now(session, ident, now=place.now())
        name = channel.name
    front().runner.nudge("deliver", code)
    front().runner.nudge("broadcast", code)
    front().runner.nudge("account", code)
    say_done(_("%(name)s đã có quyền đăng. Các lượt đang đợi được gửi tiếp, không gửi trùng.", name=name))
    return redirect(url_for("channels.page", code=code), 303)


def _settings(channel: Channel) -> ZaloSettings:
    """The account's settings. Raises ``Conflict`` for a channel of another kind."""
    if channel.kind != "zalo":
        raise Conflict(f"{channel.code} is no Zalo channel", code="wrong_kind", channel=channel.code)
    return ZaloSettings.model_validate(dict(channel.settings))


def _back() -> str:
    """The address that must be registered with the Zalo application."""
    return front().settings.base_url + url_for("channels.zalo.callback")


def _events(code: str) -> str:
    """The address at which Zalo tells of events of one account."""
    return front().settings.base_url + url_for("platform_events.zalo", code=code)


def _begun() -> dict[str, str] | None:
    """What was kept when the administrator left for Zalo; good for one return."""
    sealed = visit.pop(_NAME, None)
    if sealed is None:
        return None
    try:
        found: dict[str, str] = json.loads(front().place.seal.open(sealed)["grant"])
    except (SealError, KeyError, ValueError):
        return None
    return found


@blueprint.app_context_processor
def _callback_address() -> dict[str, object]:
    return {"zalo_callback": _back, "zalo_events": _events}
