"""Labels of channels: kinds, settings, limits, and messages about invalid settings."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from campaigns.channels.rate_limits import RateLimit
from campaigns.core.errors import FieldError
from coordinator.channels import registry
from coordinator.translation import _, language
from coordinator.web.kit.text import formats


@dataclass(frozen=True)
class SettingField:
    """One setting in the form."""

    name: str
    label: str
    hint: str
    secret: bool
    required: bool
    value: object
    options: tuple[tuple[str, str], ...]
    switch: bool
    long: bool
    rare: bool


def breaker_message(opened: int, until: datetime | None, now: datetime) -> str:
    """Return the state of a channel's circuit breaker as a sentence; "" while it is closed."""
    if not opened:
        return ""
    if until is not None and until > now:
        at = formats.time_of_day(until, seconds=until - now < timedelta(minutes=1))
        return str(_("Tạm nghỉ gọi tới %(at)s, rồi thử một tin.", at=at))
    return str(_("Đã nghỉ xong: thử một tin, tới được thì gửi tiếp."))


def limits_summary(limit: RateLimit) -> str:
    """Return the limits of a channel in a few words."""
    burst, at_once = formats.number(limit.burst, language()), formats.number(limit.at_once, language())
    if limit.rate is None:
        return str(_("không giới hạn, %(at_once)s lượt cùng lúc", at_once=at_once))
    return str(
        _(
            "%(rate)s lượt mỗi phút, gửi liền nhiều nhất %(burst)s, %(at_once)s lượt cùng lúc",
            rate=formats.number(limit.rate, language()),
            burst=burst,
            at_once=at_once,
        )
    )


def setting_fields(
    kind: str, values: Mapping[str, object], stored_secrets: frozenset[str] = frozenset()
) -> list[SettingField]:
    """Return the settings of a kind with ``values``; ``stored_secrets`` names the stored secrets."""
    found = []
    for field in registry.setting_fields(kind):
        label = field.label
        hint = _(label.hint) if label.hint else ""
        stored = field.name in stored_secrets
        if stored:
            hint = " ".join((hint, _("Đã có; để trống thì giữ nguyên."))).strip()
        value = "" if field.secret else values.get(field.name, field.default)
        found.append(
            SettingField(
                name=field.name,
                label=_(label.label),
                hint=hint,
                secret=field.secret,
                required=field.required and not stored,
                value="" if value is None or str(value) == "PydanticUndefined" else value,
                options=tuple((choice, _(label.choices.get(choice, choice))) for choice in field.choices),
                switch=isinstance(field.default, bool),
                long=field.name == "instructions",
                rare=label.rare,
            )
        )
    return found


def setting_value_label(setting: SettingField) -> object:
    """Return a setting's value as its form shows it: a choice by its label, a switch as yes or no."""
    if setting.switch:
        return _("có") if setting.value else _("không")
    return dict(setting.options).get(str(setting.value), setting.value)


def setting_error_message(kind: str, error: FieldError) -> str | None:
    """Return the error of one setting of a kind; None where a general message applies."""
    if error.code != "invalid" or not error.field.startswith("settings."):
        return None
    name = error.field.removeprefix("settings.")
    expected = next((field.label.expected for field in registry.setting_fields(kind) if field.name == name), "")
    return _(expected) if expected else _("Giá trị chưa đúng: %(detail)s", detail=error.message)
