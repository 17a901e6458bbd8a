"""The kinds of channels there are: one literal table. A new kind is one module and one row here."""

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from importlib import import_module
from types import MappingProxyType
from typing import Any, cast

from pydantic import SecretStr, ValidationError

from campaigns.core.clock import utc_now
from campaigns.core.errors import FieldError, Invalid
from campaigns.publishing.outbox import Natures
from campaigns.publishing.rates import Limits
from campaigns.publishing.transport import Capabilities, ChannelSettings, Transport, Vault
from coordinator.channels import account_settings as account_forms
from coordinator.channels import capabilities as can
from coordinator.channels import settings as forms
from coordinator.channels import signing
from coordinator.channels import site_settings as site_forms
from coordinator.channels import zalo_settings as zalo_forms
from coordinator.channels.calls import Door
from coordinator.channels.email import Mailing


@dataclass(frozen=True)
class Kind:
    """One row. ``path``: ``module:Class`` of the adapter. ``offered``: administrators may add one."""

    label_vi: str
    label_en: str
    settings: type[forms.KindSettings]
    path: str
    capabilities: Capabilities
    offered: bool = True


KINDS: Mapping[str, Kind] = MappingProxyType(
    {
        "webhook": Kind(
            "Webhook có chữ ký",
            "Signed webhook",
            forms.WebhookSettings,
            "coordinator.channels.webhook:WebhookTransport",
            can.WEBHOOK,
        ),
        "zalo": Kind(
            "Zalo Official Account",
            "Zalo Official Account",
            zalo_forms.ZaloSettings,
            "coordinator.channels.zalo:ZaloTransport",
            can.ZALO,
        ),
        "wordpress": Kind(
            "Trang WordPress của đối tác",
            "Partner's WordPress site",
            site_forms.WordpressSettings,
            "coordinator.channels.wordpress:WordpressTransport",
            can.WORDPRESS,
        ),
        "mastodon": Kind(
            "Tài khoản Mastodon",
            "Mastodon account",
            account_forms.MastodonSettings,
            "coordinator.channels.mastodon:MastodonTransport",
            can.MASTODON,
        ),
        "telegram": Kind(
            "Kênh Telegram",
            "Telegram channel",
            account_forms.TelegramSettings,
            "coordinator.channels.telegram:TelegramTransport",
            can.TELEGRAM,
        ),
        "facebook": Kind(
            "Trang Facebook (thử nghiệm)",
            "Facebook Page (experimental)",
            account_forms.FacebookSettings,
            "coordinator.channels.facebook:FacebookTransport",
            can.FACEBOOK,
        ),
        "email": Kind(
            "Thư điện tử",
            "Mail",
            account_forms.EmailSettings,
            "coordinator.channels.email:EmailTransport",
            can.EMAIL,
        ),
        "lotus": Kind(
            "Nền tảng kiểu Lotus (tự lấy tin)",
            "Lotus-style platform (reads our feed)",
            forms.LotusSettings,
            "coordinator.channels.lotus:LotusTransport",
            can.LOTUS,
        ),
        "feed": Kind(
            "Nguồn tin cho đối tác",
            "Partner's feed",
            forms.FeedSettings,
            "coordinator.channels.feed:FeedTransport",
            can.FEED,
        ),
        "websub": Kind(
            "Hub WebSub bên ngoài",
            "Outside WebSub hub",
            forms.WebsubSettings,
            "coordinator.channels.websub:WebsubTransport",
            can.WEBSUB,
        ),
        "manual": Kind(
            "Đăng thủ công",
            "Posted by a person",
            forms.ManualSettings,
            "coordinator.channels.manual:ManualTransport",
            can.MANUAL,
        ),
        "memory": Kind(
            "Bộ nhớ (chỉ để thử)",
            "Memory (for tests)",
            forms.MemorySettings,
            "coordinator.channels.memory:MemoryTransport",
            can.MEMORY,
            offered=False,
        ),
    }
)


@dataclass(frozen=True)
class Field:
    """One setting as a form or the API's documentation shows it. ``choices`` is empty where any text may stand."""

    name: str
    wording: forms.Wording
    secret: bool
    required: bool
    default: object
    choices: tuple[str, ...] = ()


def kind_of(kind: str) -> Kind:
    """The row of a kind. Raises ``Invalid`` on the field ``kind`` when there is none."""
    row = KINDS.get(kind)
    if row is None:
        raise Invalid([FieldError("kind", "unknown_kind", f"there is no kind {kind!r}; expected {_listed(KINDS)}")])
    return row


def natures() -> Natures:
    """How each kind is reached and how fast it is sent to, as the outbox wants to know it."""
    return Natures(
        pulled=[name for name, row in KINDS.items() if row.capabilities.pulled],
        manual=[name for name, row in KINDS.items() if row.capabilities.manual],
        caught=[name for name, row in KINDS.items() if row.capabilities.pull_beside],
        limits={name: Limits(row.capabilities.rate, row.capabilities.burst) for name, row in KINDS.items()},
    )


def build(
    kind: str,
    settings: ChannelSettings,
    vault: Vault,
    door: Door,
    *,
    mail: Mailing | None = None,
    now: Callable[[], datetime] = utc_now,
) -> Transport:
    """The adapter of one channel. ``now`` is asked when a protocol needs the time of an attempt; ``mail`` is the way
    out of kinds that are mailed, which need it.

    Raises ``Invalid`` for an unknown kind or for stored settings that are no longer right.
    """
    row = kind_of(kind)
    values = _read(row, settings.values)
    module, _, name = row.path.partition(":")
    adapter = getattr(import_module(module), name)
    way = mail if row.capabilities.mailed else door
    return cast(Transport, adapter(settings.code, values, vault, way, now))


def check_settings(
    kind: str, values: Mapping[str, Any], *, kept: Collection[str] = ()
) -> tuple[dict[str, Any], dict[str, str]]:
    """Check what somebody entered: the plain settings to store, and the secrets to seal.

    ``kept``: names of the secrets the channel has already, which need not be given again. Only secrets that were given,
    or made here (a webhook's), are returned; ``merge_secrets`` joins them to the kept ones. Raises ``Invalid`` with an
    error for every bad field, named ``settings.<field>``; no message repeats a value.
    """
    row = kind_of(kind)
    model = _read(row, values, missing=[name for name in row.settings.required_secrets if name not in kept])
    secrets = {
        name: value.get_secret_value()
        for name in row.settings.secret_names()
        if isinstance(value := getattr(model, name), SecretStr)
    }
    if kind == "webhook" and "secret" not in secrets and "secret" not in kept:
        secrets["secret"] = signing.new_secret()
    plain = model.model_dump(mode="json", exclude=set(row.settings.secret_names()), exclude_none=True)
    return plain, secrets


def merge_secrets(kind: str, kept: Mapping[str, str], given: Mapping[str, str], *, now: datetime) -> dict[str, str]:
    """The secrets a channel has after a change.

    A webhook's former secret goes on signing beside the new one for ``signing.OVERLAP``.
    """
    merged = {**kept, **given}
    if kind == "webhook" and "secret" in kept and merged["secret"] != kept["secret"]:
        merged["previous_secret"] = kept["secret"]
        merged["previous_until"] = (now + signing.OVERLAP).isoformat()
    if kind == "zalo" and given.get("refresh_token", kept.get("refresh_token")) != kept.get("refresh_token"):
        # The access token belonged to the former grant; the new refresh token is exchanged at the next call.
        for name in ("access_token", "expires_at"):
            merged.pop(name, None)
    return merged


def fields_of(kind: str) -> tuple[Field, ...]:
    """The settings of a kind in the order a form shows them. Raises ``Invalid`` for an unknown kind."""
    row = kind_of(kind)
    secret_names = row.settings.secret_names()
    return tuple(
        Field(
            name=name,
            wording=next(entry for entry in info.metadata if isinstance(entry, forms.Wording)),
            secret=name in secret_names,
            required=info.is_required() or name in row.settings.required_secrets,
            default=info.get_default(),
            choices=tuple(getattr(info.annotation, "__args__", ())) if _is_choice(info.annotation) else (),
        )
        for name, info in row.settings.model_fields.items()
    )


def _is_choice(annotation: object) -> bool:
    return all(isinstance(choice, str) for choice in getattr(annotation, "__args__", (None,)))


def _read(row: Kind, values: Mapping[str, Any], missing: Collection[str] = ()) -> forms.KindSettings:
    errors = [
        FieldError(f"settings.{name}", "required", "this secret is needed and none is kept")
        for name in missing
        if values.get(name) in (None, "")
    ]
    try:
        model = row.settings.model_validate(dict(values))
    except ValidationError as refused:
        for error in refused.errors(include_url=False, include_input=False, include_context=False):
            errors.append(_field_error(row, error["type"], error["loc"], error["msg"]))
        raise Invalid(errors) from None  # the library's own error would carry the values along
    if errors:
        raise Invalid(errors)
    return model


def _field_error(row: Kind, what: str, where: tuple[int | str, ...], message: str) -> FieldError:
    name = ".".join(["settings", *(str(part) for part in where)])
    if what == "missing":
        return FieldError(name, "required", "this setting is needed")
    if what == "extra_forbidden":
        return FieldError(name, "unknown_setting", f"no such setting; expected {_listed(row.settings.model_fields)}")
    return FieldError(name, "invalid", message.removeprefix("Value error, "))


def _listed(names: Collection[str]) -> str:
    return ", ".join(names) or "none"
