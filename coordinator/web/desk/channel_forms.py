"""Adding and changing channels: the settings of their kind, and secrets that go in and never come out."""

from collections.abc import Collection, Mapping, Sequence
from typing import Any

from flask import Blueprint, abort, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from campaigns.core.errors import CampaignError, FieldError, Invalid
from campaigns.partners.directory import Company, find_company
from campaigns.people.staff import May
from campaigns.publishing import channels as rows
from campaigns.publishing.channels import Channel, ChannelState, find_channel
from campaigns.searching.picking import Thing
from coordinator.channels import registry
from coordinator.web.desk import channel_words, choosing, inputs, once, picking
from coordinator.web.desk.choosing import Named
from coordinator.web.look import say_done
from coordinator.web.saying import _
from coordinator.web.security import actor, front, staff

blueprint = Blueprint("forms", __name__)

EVERY = "every"  # the box that lifts the filter of topics


@blueprint.get("/_new")
@staff(May.CONFIGURE)
def choose() -> ResponseReturnValue:
    """Which kind of channel to add."""
    return render_template(
        "channels/kinds.html", kinds=channel_words.kinds_offered(), partner=request.args.get("partner", "")
    )


@blueprint.route("/_new/<kind>", methods=["GET", "POST"])
@staff(May.CONFIGURE)
def new(kind: str) -> ResponseReturnValue:
    """Add a channel of one kind."""
    if kind not in registry.KINDS or not registry.KINDS[kind].offered:
        abort(404)
    errors: dict[str, str] = {}
    if request.method == "POST":
        try:
            return _add(kind)
        except CampaignError as error:
            errors = _said(error)
    place = front().place
    with place.database.read() as session:
        values = request.form if request.method == "POST" else request.args
        partner, topics = picking.one(session, Thing.PARTNER, "partner", values), choosing.topics(session)
    if partner.error:
        errors["partner"] = partner.error
    shown = render_template(
        "channels/form.html",
        channel=None,
        kind=kind,
        kind_name=channel_words.kind_name(kind),
        settings=channel_words.settings_of(kind, _typed(kind) if request.method == "POST" else {}),
        values={
            "name": request.form.get("name", ""),
            "code": request.form.get("code", ""),
        },
        partner=partner,
        **topics_shown(topics, None),
        errors=errors,
    )
    return (shown, 422) if errors else shown


@blueprint.route("/<code>/edit", methods=["GET", "POST"])
@staff(May.CONFIGURE)
def edit(code: str) -> ResponseReturnValue:
    """Change a channel; its kind and its partner stay."""
    place = front().place
    errors: dict[str, str] = {}
    with place.database.read() as session:
        row = find_channel(session, code)
        known = {"code": row.code, "name": row.name, "partner": row.company.name if row.company else None}
        kind, stored, taken = row.kind, dict(row.settings), row.topics
        kept = frozenset(place.seal.open(row.sealed))
        topics = choosing.topics(session)
    if request.method == "POST":
        try:
            return _change(code)
        except CampaignError as error:
            errors = _said(error)
    values = _typed(kind) if request.method == "POST" else stored
    shown = render_template(
        "channels/form.html",
        channel=known,
        kind=kind,
        kind_name=channel_words.kind_name(kind),
        settings=channel_words.settings_of(kind, values, kept),
        values={"name": request.form.get("name", known["name"])},
        partner=None,
        **topics_shown(topics, taken),
        errors=errors,
    )
    return (shown, 422) if errors else shown


def _add(kind: str) -> ResponseReturnValue:
    place = front().place
    typed = _typed(kind)
    plain, secrets = _checked(kind, typed)
    made = secrets.get("secret") if kind == "webhook" and not typed.get("secret") else None
    with place.database.write() as session:
        channel = rows.add_channel(
            session,
            actor(),
            code=inputs.optional("code"),
            kind=kind,
            name=inputs.text("name"),
            company=_partner(session),
            topics=chosen_topics(),
            settings=plain,
            sealed=place.seal.close(secrets) if secrets else None,
            now=place.now(),
        )
        if kind == "zalo" and "refresh_token" not in secrets:
            # Nothing can be sent before an administrator of the account has agreed: say so from the start.
            why = "access has not been granted yet"
            rows.set_state(session, channel, ChannelState.NEEDS_AUTHORISATION, why, now=place.now())
        code, name = channel.code, channel.name
    if made is not None:
        _show_once(code, made)
    say_done(_("Đã thêm kênh %(name)s.", name=name))
    return redirect(url_for("channels.page", code=code), 303)


def _change(code: str) -> ResponseReturnValue:
    place = front().place
    with place.database.write() as session:
        row = find_channel(session, code)
        plain, sealed, made = _changed_settings(row)
        topics = chosen_topics()
        rows.change_channel(
            session,
            actor(),
            row,
            name=inputs.text("name"),
            topics=topics,
            all_topics_again=topics is None,
            settings=plain,
            sealed=sealed,
            now=place.now(),
        )
    if made is not None:
        _show_once(code, made)
    say_done(_("Đã lưu kênh."))
    return redirect(url_for("channels.page", code=code), 303)


def _changed_settings(row: Channel) -> tuple[dict[str, Any], str | None, str | None]:
    """The plain settings and the sealed secrets after a change, and a webhook's secret if a new one was asked for."""
    place = front().place
    kept = place.seal.open(row.sealed)
    renew = row.kind == "webhook" and "renew_secret" in request.form
    typed = _typed(row.kind)
    have = set(kept) - ({"secret"} if renew else set())
    plain, given = _checked(row.kind, typed, have)
    made = given.get("secret") if renew and not typed.get("secret") else None
    if not given:
        return plain, None, None
    return plain, place.seal.close(registry.merge_secrets(row.kind, kept, given, now=place.now())), made


def _checked(kind: str, typed: Mapping[str, Any], kept: Collection[str] = ()) -> tuple[dict[str, Any], dict[str, str]]:
    """The settings checked together with the name, so that the form comes back once with everything that is wrong."""
    nameless = [] if inputs.text("name") else [FieldError("name", "required", "a channel needs a name")]
    try:
        checked = registry.check_settings(kind, typed, kept=kept)
    except Invalid as invalid:
        raise Invalid([*nameless, *invalid.errors]) from None
    if nameless:
        raise Invalid(nameless)
    return checked


def _show_once(code: str, secret: str) -> None:
    once.keep(once.Secret(_("Khóa ký webhook"), secret, url_for("channels.page", code=code)))


def _typed(kind: str) -> dict[str, Any]:
    """The settings as typed. A switch that is off sends nothing, so it is read by its presence."""
    return {
        one.name: (f"settings.{one.name}" in request.form)
        if isinstance(one.default, bool)
        else inputs.text(f"settings.{one.name}")
        for one in registry.fields_of(kind)
    }


def chosen_topics() -> list[str] | None:
    """The topics that were ticked, None = every one."""
    return None if EVERY in request.form else request.form.getlist("topics")


def topics_shown(topics: Sequence[Named], taken: list[str] | None) -> dict[str, Any]:
    """What ``channels/topics.html`` needs. ``taken``: those of a stored channel, None = every one."""
    posted = request.method == "POST"
    return {
        "topics": [(one.code, one.name) for one in topics],
        "chosen": request.form.getlist("topics") if posted else (taken or []),
        "every": EVERY in request.form if posted else taken is None,
    }


def _partner(session: Session) -> Company | None:
    """Whose the new channel is, None = the department's. Raises ``Invalid`` for what was typed and not understood."""
    pick = picking.one(session, Thing.PARTNER, "partner", request.form)
    if pick.error:
        raise Invalid([FieldError("partner", "required", pick.error)])
    return find_company(session, pick.code) if pick.code else None


def _said(error: CampaignError) -> dict[str, str]:
    found = inputs.said(error)
    if isinstance(error, Invalid):
        for one in error.errors:
            if sentence := channel_words.setting_sentence(one):
                found[one.field] = sentence
    return found
