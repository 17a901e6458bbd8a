"""Who gets bulletins by mail stops getting them: by one click in the mail program (RFC 8058), or on a page."""

from flask import Blueprint, render_template
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from campaigns.core.errors import NotFound
from campaigns.people.office import the_office
from campaigns.publishing import outbox
from campaigns.publishing.channels import Channel, ChannelState, find_channel, set_state
from coordinator.web.security import front

blueprint = Blueprint("leaving", __name__)

MAILED = "email"


def _code_in(token: str) -> str:
    """The channel that a link below a letter is for. Raises ``NotFound`` for one that was not made here."""
    code, _, mark = token.partition(".")
    if mark != front().place.seal.mark(f"leave {code}"):
        raise NotFound("this link is not one of ours")
    return code


def _page(channel: Channel, office: str) -> str:
    address = str(channel.settings.get("address", ""))
    name, _, host = address.partition("@")
    return render_template(
        "public/leaving.html",
        shown=f"{name[:1]}…@{host}",  # whoever was forwarded the letter need not learn whose it was
        left=channel.state is ChannelState.RETIRED,
        office=office,
    )


@blueprint.get("/unsubscribe/<token>")
def ask(token: str) -> ResponseReturnValue:
    """A page with one button. Mail programs that look at every link change nothing."""
    code = _code_in(token)
    with front().place.database.read() as session:
        return _page(_mailed(session, code), the_office(session).name)


@blueprint.post("/unsubscribe/<token>")
def leave(token: str) -> ResponseReturnValue:
    """Stop it. The body is not read, so that it is the same by button and by a mail program; twice is once."""
    code = _code_in(token)
    place = front().place
    with place.database.write() as session:
        channel = _mailed(session, code)
        outbox.skip_open(session, channel, now=place.now())
        set_state(session, channel, ChannelState.RETIRED, "whoever gets it has stopped it", now=place.now())
        return _page(channel, the_office(session).name)


def _mailed(session: Session, code: str) -> Channel:
    channel = find_channel(session, code)
    if channel.kind != MAILED:
        raise NotFound("this link is not one of ours")
    return channel
