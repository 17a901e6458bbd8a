"""How fast and how much at once a channel is sent to."""

from flask import Blueprint, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from campaigns.core.errors import FieldError, Invalid
from campaigns.people.staff import May
from campaigns.publishing import channels as rows
from campaigns.publishing import rates
from campaigns.publishing.channels import find_channel
from coordinator.channels import registry
from coordinator.web.desk import inputs
from coordinator.web.look import say_done
from coordinator.web.saying import _
from coordinator.web.security import actor, front, staff

blueprint = Blueprint("limits", __name__)

NAMES = ("rate", "burst", "at_once")


@blueprint.route("/<code>/limits", methods=["GET", "POST"])
@staff(May.CONFIGURE)
def change(code: str) -> ResponseReturnValue:
    """Show the limits and what is usual for the kind; save others."""
    place = front().place
    errors: dict[str, str] = {}
    if request.method == "POST":
        try:
            return _save(code)
        except Invalid as invalid:
            errors = {name.removeprefix("limits."): words for name, words in inputs.said(invalid).items()}
    with place.database.read() as session:
        channel = find_channel(session, code)
        stored = {name: getattr(channel, name) for name in NAMES}
    values = {name: inputs.text(name) if request.method == "POST" else stored[name] or "" for name in NAMES}
    shown = render_template(
        "channels/limits.html",
        channel=channel,
        values=values,
        usual=place.natures.limits_of(channel.kind),
        parallel=registry.kind_of(channel.kind).capabilities.parallel,
        most=rates.MOST_AT_ONCE,
        errors=errors,
    )
    return (shown, 422) if errors else shown


def _save(code: str) -> ResponseReturnValue:
    place = front().place
    wrong: list[FieldError] = []
    rate, burst, at_once = (_whole(name, wrong) for name in NAMES)
    if wrong:
        raise Invalid(wrong)
    with place.database.write() as session:
        channel = find_channel(session, code)
        rows.set_limits(
            session, actor(), channel, rate=rate, burst=burst, at_once=at_once,
            parallel=registry.kind_of(channel.kind).capabilities.parallel, now=place.now(),
        )  # fmt: skip
    front().runner.nudge("deliver", code)
    say_done(_("Đã lưu nhịp gửi."))
    return redirect(url_for("channels.page", code=code), 303)


def _whole(name: str, wrong: list[FieldError]) -> int | None:
    """A whole number, None where the field is empty."""
    typed = inputs.text(name)
    if not typed:
        return None
    found = inputs.figure(typed)
    if found is None or found != int(found):
        wrong.append(FieldError(f"limits.{name}", "whole", f"{typed!r} is not a whole number"))
        return None
    return int(found)
