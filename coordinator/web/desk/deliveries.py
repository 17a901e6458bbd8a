"""Deliveries at the desk: what went where, what waits for a person, and what that person does about it."""

from flask import Blueprint, abort, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from campaigns.core.errors import Conflict, Invalid
from campaigns.people.staff import May
from campaigns.publishing.outbox import DeliveryState
from coordinator.jobs import acts
from coordinator.web.desk import broadcasting, delivery_rows, inputs, picking
from coordinator.web.desk.delivery_rows import Asked
from coordinator.web.desk.delivery_story import Story, story
from coordinator.web.desk.elsewhere import bulletin_page, channel_page
from coordinator.web.desk.listing import page_number
from coordinator.web.desk.picking import Thing
from coordinator.web.look import language, say_done, say_trouble
from coordinator.web.saying import _
from coordinator.web.security import actor, front, staff
from coordinator.web.sentences import error_sentence
from coordinator.web.wording import name_for

blueprint = Blueprint("deliveries", __name__, url_prefix="/desk/deliveries")
blueprint.register_blueprint(broadcasting.blueprint)

OUTCOMES = ("arrived", "again", "drop")


def _rights() -> dict[str, bool]:
    """Which buttons this reader's role may press."""
    who = actor()
    return {
        "retry": who.may(May.APPROVE) or who.may(May.CONFIGURE),
        "settle": who.may(May.APPROVE) or who.may(May.REVIEW),
        "configure": who.may(May.CONFIGURE),
    }


@blueprint.get("")
@staff()
def index() -> ResponseReturnValue:
    """The list. Without any filter it opens on what waits for a person, while something does."""
    place = front().place
    now = place.now()
    with place.database.read() as session:
        channel = picking.one(session, Thing.CHANNEL, "channel", request.args)
        if (moved := picking.settled(channel)) is not None:
            return moved
        asked = Asked.of(picking.chosen(channel))
        waiting = delivery_rows.count(session, Asked(needs=True), place.natures, now=now)
        if waiting and "view" not in request.args and not asked.narrowed:
            asked = Asked(needs=True)
        part = delivery_rows.rows(session, asked, place.natures, page_number(), now=now)
    return render_template(
        "deliveries/index.html",
        part=part, asked=asked, waiting=waiting, channel=channel, may=_rights(), channel_page=channel_page,
        states=[(state.value, name_for("delivery", state, language())) for state in DeliveryState],
    )  # fmt: skip


@blueprint.get("/<ident>")
@staff()
def show(ident: str) -> ResponseReturnValue:
    """One delivery with its story and what can be done."""
    return _page(ident)


def _page(ident: str, errors: dict[str, str] | None = None, status: int = 200) -> ResponseReturnValue:
    place = front().place
    with place.database.read() as session:
        told = story(session, place, ident, language())
        followers = broadcasting.panel(session, place, actor(), ident)
    typed = {"outcome": inputs.text("outcome") or _usual(told), "url": inputs.text("url")}
    page = render_template(
        "deliveries/show.html",
        one=told, followers=followers, errors=errors or {}, typed=typed, may=_rights(),
        bulletin_page=bulletin_page(told.bulletin), channel_page=channel_page(told.channel_code),
    )  # fmt: skip
    return page, status


def _usual(told: Story) -> str:
    # A person at a manual channel has most often just posted; of an unknown delivery nothing is presumed.
    return "arrived" if told.by_hand is not None else ""


@blueprint.post("/<ident>/retry")
@staff()
def retry(ident: str) -> ResponseReturnValue:
    """Try again now, with the same key."""
    if not _rights()["retry"]:
        abort(403)
    try:
        acts.retry_delivery(front(), actor(), ident)
    except Conflict as conflict:
        say_trouble(error_sentence(conflict, language()))
    else:
        say_done(_("Đang gửi lại với khóa cũ."))
    return redirect(url_for("deliveries.show", ident=ident), 303)


@blueprint.post("/<ident>/settle")
@staff()
def settle(ident: str) -> ResponseReturnValue:
    """Say what became of it: it is there (with its address), it is not and goes out again, or it is given up."""
    if not _rights()["settle"]:
        abort(403)
    outcome = inputs.text("outcome")
    if outcome not in OUTCOMES:
        return _page(ident, {"outcome": _("Chọn một kết luận")}, 422)
    try:
        acts.resolve_delivery(
            front(),
            actor(),
            ident,
            arrived=outcome == "arrived",
            url=inputs.optional("url") if outcome == "arrived" else None,
            again=outcome == "again",
        )
    except Invalid as invalid:
        return _page(ident, inputs.said(invalid), 422)
    except Conflict as conflict:
        say_trouble(error_sentence(conflict, language()))
        return redirect(url_for("deliveries.show", ident=ident), 303)
    say_done(
        {
            "arrived": _("Đã ghi nhận là đã đăng."),
            "again": _("Đang gửi lại."),
            "drop": _("Đã ghi nhận là không đăng."),
        }[outcome]
    )
    return redirect(url_for("deliveries.show", ident=ident), 303)
