"""Unsubscribing from bulletins by mail: by one click in the mail program (RFC 8058), or on a page."""

from flask import Blueprint, render_template
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from campaigns.channels.channels import Channel, ChannelState, find_channel, set_state
from campaigns.core.errors import NotFound
from campaigns.delivery import outbox
from campaigns.people.office import current_office
from coordinator.web.auth.security import app_context

blueprint = Blueprint("leaving", __name__)

MAIL_KIND = "email"


def _channel_code(token: str) -> str:
    """The channel of an unsubscribe link. Raises ``NotFound`` for a link that was not made here."""
    code, _, mark = token.partition(".")
    if not app_context().job_context.encryption.signed(f"leave {code}", mark):
        raise NotFound("this link is not one of ours")
    return code


def _unsubscribe_page(channel: Channel, office: str) -> str:
    address = str(channel.settings.get("address", ""))
    name, _, host = address.partition("@")
    return render_template(
        "public/unsubscribe.html",
        address=f"{name[:1]}…@{host}",  # the mail may have been forwarded: the reader need not learn the address
        left=channel.state is ChannelState.RETIRED,
        office=office,
    )


@blueprint.get("/unsubscribe/<token>")
def ask(token: str) -> ResponseReturnValue:
    """A page with one button, so that a mail program that opens every link changes nothing."""
    code = _channel_code(token)
    with app_context().job_context.database.read() as session:
        return _unsubscribe_page(_find_mail_channel(session, code), current_office(session).name)


@blueprint.post("/unsubscribe/<token>")
def leave(token: str) -> ResponseReturnValue:
    """Unsubscribe, by button or by a mail program. The body is not read; the request is idempotent."""
    code = _channel_code(token)
    context = app_context().job_context
    with context.database.write() as session:
        channel = _find_mail_channel(session, code)
        outbox.skip_open(session, channel, now=context.now())
        set_state(session, channel, ChannelState.RETIRED, "the receiver has stopped it", now=context.now())
        return _unsubscribe_page(channel, current_office(session).name)


def _find_mail_channel(session: Session, code: str) -> Channel:
    channel = find_channel(session, code)
    if channel.kind != MAIL_KIND:
        raise NotFound("this link is not one of ours")
    return channel
