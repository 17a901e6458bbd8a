"""Sending the deliveries of a period to a channel again: choose the period, confirm the number of deliveries, send."""

from datetime import datetime

from flask import Blueprint, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from campaigns.channels.channels import Channel, find_channel
from campaigns.channels.transport import Capabilities
from campaigns.core.errors import Conflict, FieldError, Invalid
from campaigns.delivery import manual_actions
from campaigns.delivery.manual_actions import Replay
from campaigns.people.staff import Permission
from coordinator.channels import registry
from coordinator.translation import _, language
from coordinator.web.auth.security import app_context, current_actor, staff_required
from coordinator.web.kit.forms import fields
from coordinator.web.kit.forms.datetimes import parse_moment, typed_moment
from coordinator.web.kit.templating import flash_done, flash_trouble
from coordinator.web.kit.text import formats
from coordinator.web.kit.text.error_messages import error_sentence

blueprint = Blueprint("replay", __name__)


@blueprint.get("/<code>/replay")
@staff_required(Permission.CONFIGURE)
def ask(code: str) -> ResponseReturnValue:
    """Ask for a period; with one, show what would be sent."""
    context = app_context().job_context
    errors: dict[str, str] = {}
    span, replay = None, None
    with context.database.read() as session:
        channel = find_channel(session, code)
        if request.args.get("since") or request.args.get("until"):
            try:
                span = _parse_span(request.args.get("since", ""), request.args.get("until", ""))
                replay = manual_actions.preview_replay(session, channel, _capabilities(channel), *span)
            except Invalid as invalid:
                errors = fields.error_messages(invalid)
            except Conflict as conflict:
                errors = {"form": error_sentence(conflict)}
        page = _render_page(channel, replay, span, errors)
    return (page, 422) if errors else page


@blueprint.post("/<code>/replay")
@staff_required(Permission.CONFIGURE)
def send(code: str) -> ResponseReturnValue:
    """Send again with the former idempotency keys."""
    context = app_context().job_context
    since, until = _parse_span(fields.text("since"), fields.text("until"))
    with context.database.write() as session:
        channel = find_channel(session, code)
        name = channel.name
        try:
            replay = manual_actions.replay_deliveries(
                session, current_actor(), channel, _capabilities(channel), since, until, now=context.now()
            )
        except Conflict as conflict:
            flash_trouble(error_sentence(conflict))
            return redirect(url_for("channels.page", code=code), 303)
    app_context().runner.nudge("delivery", code)
    count = formats.number(len(replay.deliveries), language())
    flash_done(_("Đang gửi lại %(count)s lượt tới %(name)s, với khóa cũ.", count=count, name=name))
    return redirect(url_for("channels.page", code=code), 303)


def can_replay(kind: str) -> bool:
    """Whether channels of a kind can receive a delivery again without a second post."""
    row = registry.KINDS.get(kind)
    return row is not None and not (row.capabilities.once or row.capabilities.pulled or row.capabilities.manual)


def _capabilities(channel: Channel) -> Capabilities:
    return registry.channel_kind(channel.kind).capabilities


def _parse_span(since: str, until: str) -> tuple[datetime, datetime]:
    """Return the two times of the period, in the city's zone. Raises ``Invalid``."""
    found, errors = [], []
    for name, typed in (("since", since), ("until", until)):
        try:
            found.append(parse_moment(typed))
        except ValueError:
            errors.append(FieldError(name, "moment", f"{typed!r} is not a day and a time such as 24/11/2026 07:00"))
    if errors:
        raise Invalid(errors)
    return found[0], found[1]


def _render_page(
    channel: Channel, replay: Replay | None, span: tuple[datetime, datetime] | None, errors: dict[str, str]
) -> str:
    return render_template(
        "desk/channels/replay.html",
        channel=channel,
        replay=replay,
        since=typed_moment(span[0]) if span else request.args.get("since", ""),
        until=typed_moment(span[1]) if span else request.args.get("until", ""),
        asks=not _capabilities(channel).idempotent,
        errors=errors,
    )
