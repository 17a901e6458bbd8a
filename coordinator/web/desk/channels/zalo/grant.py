"""Authorisation of a Zalo Official Account by OAuth: the redirect to Zalo and the callback with a one-time code."""

import hmac
import json
import secrets

from flask import Blueprint, redirect, request, url_for
from flask import session as browser_session
from flask.typing import ResponseReturnValue

from campaigns.channels import accounts
from campaigns.channels.channels import Channel, ChannelState, find_channel
from campaigns.channels.transport import TransportError
from campaigns.core.errors import Conflict
from campaigns.delivery import manual_actions
from campaigns.people.staff import Permission
from coordinator.channels.zalo.oauth import ZaloAccess, new_code_verifier, permission_url
from coordinator.channels.zalo.settings import ZaloSettings
from coordinator.encryption import DecryptionError
from coordinator.jobs.context import ChannelSecrets
from coordinator.translation import _
from coordinator.web.auth.security import app_context, current_actor, staff_required
from coordinator.web.desk.channels import responses
from coordinator.web.desk.channels.zalo import setup
from coordinator.web.kit.templating import flash_done, flash_trouble

blueprint = Blueprint("zalo", __name__)

_SESSION_KEY = "zalo_grant"


@blueprint.get("/<code>/grant")
@staff_required(Permission.CONFIGURE)
def begin(code: str) -> ResponseReturnValue:
    """Redirect the administrator to Zalo. The OAuth state is encrypted in the administrator's session.

    A link, because the content security policy allows forms, including redirects of their answers, to this site only.
    The channel is not changed here.
    """
    context = app_context().job_context
    with context.database.read() as session:
        settings = _settings(find_channel(session, code))
    verifier, state = new_code_verifier(), secrets.token_urlsafe(24)
    browser_session[_SESSION_KEY] = context.encryption.encrypt(
        {
            "grant": json.dumps(
                {"code": code, "verifier": verifier, "state": state, "back": request.args.get("back", "")}
            )
        }
    )
    return redirect(permission_url(settings, redirect_uri=_callback_url(), verifier=verifier, state=state))


@blueprint.get("/_zalo/callback")
@staff_required(Permission.CONFIGURE)
def callback() -> ResponseReturnValue:
    """Handle Zalo's callback: exchange the code and resume the channel."""
    context = app_context().job_context
    begun = _pending_grant()
    # Compared as bytes: the address may have any characters.
    if begun is None or not hmac.compare_digest(begun["state"].encode(), request.args.get("state", "").encode()):
        flash_trouble(_("Lần cấp quyền này không bắt đầu từ đây, hoặc đã quá lâu. Mở trang kênh và bấm Cấp quyền lại."))
        return redirect(url_for("channels.index"), 303)
    code = begun["code"]
    page = "channels.zalo_setup.finish" if begun.get("back") == setup.BACK else "channels.page"
    grant = request.args.get("code", "")
    if not grant:
        flash_trouble(_("Zalo không cấp quyền: người quản trị tài khoản đã từ chối hoặc đóng trang. Kênh giữ nguyên."))
        return redirect(url_for(page, code=code), 303)
    with context.database.read() as session:
        channel = find_channel(session, code)
        settings, ident = _settings(channel), channel.id
    access = ZaloAccess(settings, ChannelSecrets(context, ident), context.http_client, context.now)
    try:
        access.accept(code=grant, verifier=begun["verifier"], oa_id=request.args.get("oa_id", ""))
    except TransportError as error:
        flash_trouble(_("Chưa nhận được quyền từ Zalo.") + " " + responses.failure_message(error))
        return redirect(url_for(page, code=code), 303)
    with context.database.write() as session:
        channel = find_channel(session, code)
        # A channel that a person paused stays paused.
        if channel.state in {ChannelState.NEEDS_AUTHORISATION, ChannelState.FAILING}:
            manual_actions.resume_channel(session, current_actor(), channel, now=context.now())
        channel.last_error = ""
        accounts.read_now(session, ident, now=context.now())
        name = channel.name
    app_context().runner.nudge("delivery", code)
    app_context().runner.nudge("broadcast", code)
    app_context().runner.nudge("account_check", code)
    flash_done(
        _(
            "%(name)s đã có quyền đăng. Lượt đang đợi được gửi tiếp, không gửi trùng; lượt quá 24 giờ chờ quyết định.",
            name=name,
        )
    )
    return redirect(url_for(page, code=code), 303)


def _settings(channel: Channel) -> ZaloSettings:
    """Return the account's settings. Raises ``Conflict`` for a channel of another kind."""
    if channel.kind != "zalo":
        raise Conflict(f"{channel.code} is no Zalo channel", code="wrong_kind", channel=channel.code)
    return ZaloSettings.model_validate(dict(channel.settings))


def _callback_url() -> str:
    """Return the callback address to register with the Zalo application."""
    return app_context().settings.base_url + url_for("channels.zalo.callback")


def _events_url(code: str) -> str:
    """Return the webhook address for events of one account."""
    return app_context().settings.base_url + url_for("platform_events.zalo", code=code)


def _pending_grant() -> dict[str, str] | None:
    """Return the pending OAuth state from the session; valid for one callback."""
    encrypted = browser_session.pop(_SESSION_KEY, None)
    if encrypted is None:
        return None
    try:
        found: dict[str, str] = json.loads(app_context().job_context.encryption.decrypt(encrypted)["grant"])
    except (DecryptionError, KeyError, ValueError):
        return None
    return found


@blueprint.app_context_processor
def _callback_address() -> dict[str, object]:
    return {"zalo_callback": _callback_url, "zalo_events": _events_url}
