"""The forms of channels: adding and changing a channel with the settings of its kind, and its rate limits. Stored
secrets are never shown.
"""

from collections.abc import Collection, Mapping, Sequence
from typing import Any, Self

from flask import Blueprint, abort, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from campaigns.channels import channels, rate_limits
from campaigns.channels.channels import Channel, ChannelState, find_channel
from campaigns.core.errors import CampaignError, FieldError, Invalid
from campaigns.partners.directory import find_company
from campaigns.people.staff import Permission
from campaigns.search.autocomplete import PickableKind
from coordinator.channels import registry
from coordinator.translation import _
from coordinator.web.auth.security import app_context, current_actor, staff_required
from coordinator.web.desk.channels import labels, wizard
from coordinator.web.kit import one_time_secret
from coordinator.web.kit.forms import fields
from coordinator.web.kit.forms.field_types import (
    FlagField,
    InputField,
    ManyField,
    OptionalTextField,
    PickField,
    TextField,
    WholeNumberField,
)
from coordinator.web.kit.forms.page_form import PageForm
from coordinator.web.kit.lists import report_scope
from coordinator.web.kit.templating import flash_done

blueprint = Blueprint("forms", __name__)


class TopicChoice:
    """The part of a form that chooses topics (``desk/channels/topic_fields.html``)."""

    every: FlagField
    topics: ManyField

    @property
    def chosen_topics(self) -> list[str] | None:
        """The selected topics, None = every topic."""
        return None if self.every.data else self.topics.data


class ChannelForm(TopicChoice, PageForm):
    """The form of a channel: the fields of every kind, and a field for each setting of its own kind."""

    name: TextField
    partner: PickField
    renew_secret: FlagField
    code: OptionalTextField

    @classmethod
    def of_settings(cls, stored: Mapping[str, object], settings: Sequence[labels.SettingField]) -> Self:
        """Return the form as submitted, else with the stored values. ``settings``: those of the kind, in order."""

        def setting_fields(*, rare: bool) -> dict[str, InputField]:
            return {f"settings.{row.name}": _setting_field(row) for row in settings if row.rare is rare}

        made = {
            "name": TextField(required=True),
            "partner": PickField(PickableKind.PARTNER),
            **setting_fields(rare=False),
            "renew_secret": FlagField(),
            "every": FlagField(),
            "topics": ManyField(),
            **setting_fields(rare=True),
            "code": OptionalTextField(),
        }
        values = {f"settings.{field.name}": field.value for field in settings}
        form_class: Any = type(cls.__name__, (cls,), made)
        form: Self = form_class.of_request({**stored, **values})
        return form

    @property
    def settings(self) -> dict[str, Any]:
        """The settings as typed, by their names."""
        return {
            name.removeprefix("settings."): value for name, value in self.data.items() if name.startswith("settings.")
        }

    def add_setting_errors(self, kind: str, error: CampaignError) -> None:
        """Put each error at its field; one of a setting says what the kind expects there."""
        messages = fields.error_messages(error)
        for field_error in error.errors if isinstance(error, Invalid) else ():
            if sentence := labels.setting_error_message(kind, field_error):
                messages[field_error.field] = sentence
        self.add_messages(messages)


def _setting_field(setting: labels.SettingField) -> InputField:
    return FlagField() if setting.switch else TextField(required=setting.required and not setting.options)


@blueprint.get("/_new")
@staff_required(Permission.CONFIGURE)
def choose() -> ResponseReturnValue:
    """Show the kinds of channel to add."""
    partner = request.args.get("partner", "")
    return render_template("desk/channels/kinds.html", kinds=wizard.kind_choices(partner), partner=partner)


@blueprint.route("/_new/<kind>", methods=["GET", "POST"])
@staff_required(Permission.CONFIGURE)
def new(kind: str) -> ResponseReturnValue:
    """Add a channel of one kind."""
    if kind not in registry.KINDS or not registry.KINDS[kind].offered:
        abort(404)
    settings = labels.setting_fields(kind, {})
    form = ChannelForm.of_settings({"partner": request.args.get("partner"), "every": True}, settings)
    if request.method == "POST" and form.validate():
        try:
            code = add_channel_of(form, kind)
        except CampaignError as error:
            form.add_setting_errors(kind, error)
        else:
            return redirect(url_for("channels.page", code=code), 303)
    return _render_form(form, kind, settings, None)


@blueprint.route("/<code>/edit", methods=["GET", "POST"])
@staff_required(Permission.CONFIGURE)
def edit(code: str) -> ResponseReturnValue:
    """Change a channel; its kind and its partner cannot be changed."""
    context = app_context().job_context
    with context.database.read() as session:
        row = find_channel(session, code)
        known = {"code": row.code, "name": row.name, "partner": row.company.name if row.company else None}
        kind = row.kind
        settings = labels.setting_fields(
            kind, row.settings, frozenset(context.encryption.decrypt(row.encrypted_secrets))
        )
        stored = {"name": row.name, "every": row.topics is None, "topics": row.topics}
        form = ChannelForm.of_settings(stored, settings)
    if request.method == "POST" and form.validate():
        try:
            return _change_channel(form, code)
        except CampaignError as error:
            form.add_setting_errors(kind, error)
    return _render_form(form, kind, settings, known)


def _render_form(
    form: ChannelForm, kind: str, settings: Sequence[labels.SettingField], channel: Mapping[str, str | None] | None
) -> ResponseReturnValue:
    with app_context().job_context.database.read() as session:
        topics = report_scope.topic_choices(session)
    page = render_template(
        "desk/channels/form.html",
        channel=channel,
        kind=kind,
        kind_name=registry.kind_name(kind),
        settings=settings,
        form=form,
        topics=topics,
        steps=wizard.wizard_steps(wizard.ENTER, kind, request.args.get("partner", "")) if channel is None else (),
    )
    return page, form.status


def add_channel_of(form: ChannelForm, kind: str) -> str:
    """Add the channel of a form; returns its code. Raises ``CampaignError`` for what the form cannot have checked."""
    context = app_context().job_context
    plain, secrets = _validated_settings(form, kind)
    made = registry.generated_secret(kind, secrets, form.settings)
    with context.database.write() as session:
        channel = channels.add_channel(
            session,
            current_actor(),
            code=form.code.data,
            kind=kind,
            name=form.name.data,
            company=find_company(session, form.partner.data) if form.partner.data else None,
            topics=form.chosen_topics,
            settings=plain,
            encrypted_secrets=context.encryption.encrypt(secrets) if secrets else None,
            now=context.now(),
        )
        if kind == "zalo" and "refresh_token" not in secrets:
            # Nothing can be sent before an administrator of the account has authorised the channel.
            why = "access has not been granted yet"
            channels.set_state(session, channel, ChannelState.NEEDS_AUTHORISATION, why, now=context.now())
        code, name = channel.code, channel.name
    if made is not None:
        _show_once(code, made)
    flash_done(_("Đã thêm kênh %(name)s.", name=name))
    return code


def _change_channel(form: ChannelForm, code: str) -> ResponseReturnValue:
    context = app_context().job_context
    with context.database.write() as session:
        row = find_channel(session, code)
        plain, encrypted_secrets, made = _changed_settings(form, row)
        topics = form.chosen_topics
        channels.change_channel(
            session,
            current_actor(),
            row,
            name=form.name.data,
            topics=topics,
            all_topics_again=topics is None,
            settings=plain,
            encrypted_secrets=encrypted_secrets,
            now=context.now(),
        )
    if made is not None:
        _show_once(code, made)
    flash_done(_("Đã lưu kênh."))
    return redirect(url_for("channels.page", code=code), 303)


def _changed_settings(form: ChannelForm, row: Channel) -> tuple[dict[str, Any], str | None, str | None]:
    """Return the plain settings and encrypted secrets after a change, and a webhook's new secret if
    one was requested.
    """
    context = app_context().job_context
    kept = context.encryption.decrypt(row.encrypted_secrets)
    renewed = registry.channel_kind(row.kind).settings.generated_secrets.keys() if form.renew_secret.data else set()
    plain, given = _validated_settings(form, row.kind, set(kept) - renewed)
    made = registry.generated_secret(row.kind, given, form.settings)
    if not given:
        return plain, None, None
    return plain, context.encryption.encrypt(registry.merge_secrets(row.kind, kept, given, now=context.now())), made


def _validated_settings(
    form: ChannelForm, kind: str, kept: Collection[str] = ()
) -> tuple[dict[str, Any], dict[str, str]]:
    """Validate the settings together with the name, so that the form reports all errors at once."""
    nameless = [] if form.name.data else [FieldError("name", "required", "a channel needs a name")]
    try:
        checked = registry.check_settings(kind, form.settings, kept=kept)
    except Invalid as invalid:
        raise Invalid([*nameless, *invalid.errors]) from None
    if nameless:
        raise Invalid(nameless)
    return checked


def _show_once(code: str, secret: str) -> None:
    one_time_secret.keep(
        one_time_secret.OneTimeSecret(_("Khóa ký webhook"), secret, url_for("channels.page", code=code))
    )


limits_blueprint = Blueprint("limits", __name__)

LIMIT_FIELDS = ("rate", "burst", "at_once")


class LimitsForm(PageForm):
    """The form of a channel's rate limits; an empty field is the default of the kind."""

    error_names = {f"limits.{name}": name for name in LIMIT_FIELDS}

    rate = WholeNumberField()
    burst = WholeNumberField()
    at_once = WholeNumberField()


@limits_blueprint.route("/<code>/limits", methods=["GET", "POST"])
@staff_required(Permission.CONFIGURE)
def change(code: str) -> ResponseReturnValue:
    """Show the rate limits and the defaults of the kind, or save new limits."""
    context = app_context().job_context
    with context.database.read() as session:
        channel = find_channel(session, code)
        form = LimitsForm.of_request(channel)
    parallel = registry.channel_kind(channel.kind).capabilities.parallel
    if request.method == "POST" and form.validate():
        try:
            with context.database.write() as session:
                channels.set_limits(
                    session, current_actor(), find_channel(session, code), **form.data, parallel=parallel,
                    now=context.now(),
                )  # fmt: skip
        except Invalid as invalid:
            form.add_errors(invalid)
        else:
            app_context().runner.nudge("delivery", code)
            flash_done(_("Đã lưu nhịp gửi."))
            return redirect(url_for("channels.page", code=code), 303)
    page = render_template(
        "desk/channels/limits.html",
        channel=channel,
        form=form,
        usual=context.delivery_modes.limits_of(channel.kind),
        parallel=parallel,
        most=rate_limits.MOST_AT_ONCE,
    )
    return page, form.status
