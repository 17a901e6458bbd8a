"""Sending a channel again what it lost: from when until when, what that comes to, and then the act."""

from datetime import datetime

from flask import Blueprint, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from campaigns.core.clock import CITY
from campaigns.core.errors import Conflict, FieldError, Invalid
from campaigns.people.staff import May
from campaigns.publishing import replaying
from campaigns.publishing.channels import Channel, find_channel
from campaigns.publishing.replaying import Replay
from campaigns.publishing.transport import Capabilities
from coordinator.channels import registry
from coordinator.web import formats
from coordinator.web.desk import inputs
from coordinator.web.look import language, say_done, say_trouble
from coordinator.web.saying import _
from coordinator.web.security import actor, front, staff
from coordinator.web.sentences import error_sentence

blueprint = Blueprint("replay", __name__)

FORM = "%Y-%m-%dT%H:%M"  # as browsers send and show a moment


@blueprint.get("/<code>/replay")
@staff(May.CONFIGURE)
def ask(code: str) -> ResponseReturnValue:
    """Ask for a span of time; with one, say what would be sent."""
    place = front().place
    errors: dict[str, str] = {}
    span, told = None, None
    with place.database.read() as session:
        channel = find_channel(session, code)
        if request.args.get("since") or request.args.get("until"):
            try:
                span = _span(request.args.get("since", ""), request.args.get("until", ""))
                told = replaying.foretell(session, channel, _can(channel), *span)
            except Invalid as invalid:
                errors = inputs.said(invalid)
            except Conflict as conflict:
                errors = {"form": error_sentence(conflict, language())}
        shown = _shown(channel, told, span, errors)
    return (shown, 422) if errors else shown


@blueprint.post("/<code>/replay")
@staff(May.CONFIGURE)
def act(code: str) -> ResponseReturnValue:
    """Send it again, with the keys of then."""
    place = front().place
    since, until = _span(inputs.text("since"), inputs.text("until"))
    with place.database.write() as session:
        channel = find_channel(session, code)
        name = channel.name
        try:
            told = replaying.replay(session, actor(), channel, _can(channel), since, until, now=place.now())
        except Conflict as conflict:
            say_trouble(error_sentence(conflict, language()))
            return redirect(url_for("channels.page", code=code), 303)
    front().runner.nudge("deliver", code)
    count = formats.number(len(told.deliveries), language())
    say_done(_("Đang gửi lại %(count)s lượt tới %(name)s, với khóa cũ.", count=count, name=name))
    return redirect(url_for("channels.page", code=code), 303)


def replayable(kind: str) -> bool:
    """Whether a kind's channels can be sent again what they had, without posting anything twice."""
    row = registry.KINDS.get(kind)
    return row is not None and not (row.capabilities.once or row.capabilities.pulled or row.capabilities.manual)


def _can(channel: Channel) -> Capabilities:
    return registry.kind_of(channel.kind).capabilities


def _span(since: str, until: str) -> tuple[datetime, datetime]:
    """Two moments of the city. Raises ``Invalid``."""
    found, errors = [], []
    for name, typed in (("since", since), ("until", until)):
        try:
            found.append(datetime.fromisoformat(typed.strip()).replace(tzinfo=CITY))
        except ValueError:
            errors.append(FieldError(name, "moment", f"{typed!r} is not a day and a time such as 2026-11-24T07:00"))
    if errors:
        raise Invalid(errors)
    return found[0], found[1]


def _shown(
    channel: Channel, told: Replay | None, span: tuple[datetime, datetime] | None, errors: dict[str, str]
) -> str:
    return render_template(
        "channels/replay.html",
        channel=channel,
        told=told,
        since=span[0].strftime(FORM) if span else request.args.get("since", ""),
        until=span[1].strftime(FORM) if span else request.args.get("until", ""),
        asks=not _can(channel).idempotent,
        errors=errors,
    )
