"""The kinds of channels: one literal table. A new kind is one folder and one row here."""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from importlib import import_module
from types import MappingProxyType
from typing import Any, cast

from pydantic import SecretStr, ValidationError

from campaigns.bulletins.media import MediaItem
from campaigns.channels.rate_limits import RateLimit
from campaigns.channels.transport import Capabilities, ChannelSettings, Secrets, Transport
from campaigns.core.clock import utc_now
from campaigns.core.errors import FieldError, Invalid
from campaigns.delivery import media_limits
from campaigns.delivery.media_limits import Fit, MediaFit
from campaigns.delivery.outbox import DeliveryModes
from coordinator.channels import capabilities as channel_capabilities
from coordinator.channels import settings as channel_settings
from coordinator.channels.email.settings import EmailSettings
from coordinator.channels.email.transport import MailSender
from coordinator.channels.error_message import ErrorMessage
from coordinator.channels.facebook.settings import FacebookSettings
from coordinator.channels.feed.settings import FeedSettings
from coordinator.channels.http_calls import HttpRequester
from coordinator.channels.lotus.settings import LotusSettings
from coordinator.channels.manual.settings import ManualSettings
from coordinator.channels.mastodon.settings import MastodonSettings
from coordinator.channels.memory.settings import MemorySettings
from coordinator.channels.telegram.settings import TelegramSettings
from coordinator.channels.webhook.settings import WebhookSettings
from coordinator.channels.websub.settings import WebsubSettings
from coordinator.channels.wordpress.settings import WordpressSettings
from coordinator.channels.zalo import labels as zalo_labels
from coordinator.channels.zalo import settings as zalo_settings
from coordinator.translation import N_, _


@dataclass(frozen=True)
class ChannelKind:
    """One row. ``label`` and ``description`` (how it works, in a sentence) are messages, translated when shown.
    ``path``: ``module:Class`` of the adapter. ``offered``: administrators may add one. ``error_message``: the message
    for one of the kind's own errors, None for any other error."""

    label: str
    description: str
    settings: type[channel_settings.KindSettings]
    path: str
    capabilities: Capabilities
    offered: bool = True
    error_message: Callable[[str], ErrorMessage | None] | None = None


KINDS: Mapping[str, ChannelKind] = MappingProxyType(
    {
        "webhook": ChannelKind(
            N_("Webhook có chữ ký"),
            N_("Gửi ngay tới máy chủ của bên nhận, có chữ ký; thử lại khi chưa được."),
            WebhookSettings,
            "coordinator.channels.webhook.transport:WebhookTransport",
            channel_capabilities.WEBHOOK,
        ),
        "zalo": ChannelKind(
            N_("Zalo Official Account"),
            N_("Gửi bài rồi hỏi lại cho tới khi bài lên; cần quản trị tài khoản cấp quyền."),
            zalo_settings.ZaloSettings,
            "coordinator.channels.zalo.transport:ZaloTransport",
            channel_capabilities.ZALO,
            error_message=zalo_labels.error_message,
        ),
        "wordpress": ChannelKind(
            N_("Trang WordPress của đối tác"),
            N_("Đưa bài vào WordPress của đối tác bằng tài khoản đối tác cấp; đính chính và gỡ bài tại chỗ."),
            WordpressSettings,
            "coordinator.channels.wordpress.transport:WordpressTransport",
            channel_capabilities.WORDPRESS,
        ),
        "mastodon": ChannelKind(
            N_("Tài khoản Mastodon"),
            N_("Đăng bài lên tài khoản; xem bài đã có chưa rồi mới đăng lại; đếm được lượt thích, chia sẻ."),
            MastodonSettings,
            "coordinator.channels.mastodon.transport:MastodonTransport",
            channel_capabilities.MASTODON,
        ),
        "telegram": ChannelKind(
            N_("Kênh Telegram"),
            N_("Bot của Sở đăng vào kênh; câu trả lời bị mất thì người trực xem kênh rồi xác nhận."),
            TelegramSettings,
            "coordinator.channels.telegram.transport:TelegramTransport",
            channel_capabilities.TELEGRAM,
        ),
        "facebook": ChannelKind(
            N_("Trang Facebook (thử nghiệm)"),
            N_("Thử nghiệm: viết theo tài liệu, chưa chạy với Facebook thật. Thử kỹ trên một trang phụ trước."),
            FacebookSettings,
            "coordinator.channels.facebook.transport:FacebookTransport",
            channel_capabilities.FACEBOOK,
        ),
        "email": ChannelKind(
            N_("Thư điện tử"),
            N_("Mỗi kênh một địa chỉ thư; người nhận tự ngừng nhận được; thư không theo dõi ai đọc."),
            EmailSettings,
            "coordinator.channels.email.transport:EmailTransport",
            channel_capabilities.EMAIL,
        ),
        "lotus": ChannelKind(
            N_("Nền tảng kiểu Lotus (tự lấy tin)"),
            N_("Nền tảng tự lấy tin bằng khóa riêng và đăng lên trang của cơ quan ở đó; không gửi gì đi."),
            LotusSettings,
            "coordinator.channels.lotus.transport:LotusTransport",
            channel_capabilities.LOTUS,
        ),
        "feed": ChannelKind(
            N_("Nguồn tin cho đối tác"),
            N_("Không gửi gì đi: bên nhận tự lấy tin bằng khóa riêng, nhật ký lấy tin là bằng chứng."),
            FeedSettings,
            "coordinator.channels.feed.transport:FeedTransport",
            channel_capabilities.FEED,
        ),
        "websub": ChannelKind(
            N_("Hub WebSub bên ngoài"),
            N_("Báo ngay cho máy chủ của bên nhận; thử lại khi chưa được."),
            WebsubSettings,
            "coordinator.channels.websub.transport:WebsubTransport",
            channel_capabilities.WEBSUB,
        ),
        "manual": ChannelKind(
            N_("Đăng thủ công"),
            N_("Người trực tự đăng; bàn làm việc đưa sẵn nội dung và hỏi lại địa chỉ bài."),
            ManualSettings,
            "coordinator.channels.manual.transport:ManualTransport",
            channel_capabilities.MANUAL,
        ),
        "memory": ChannelKind(
            N_("Bộ nhớ (chỉ để thử)"),
            N_("Báo ngay cho máy chủ của bên nhận; thử lại khi chưa được."),
            MemorySettings,
            "coordinator.channels.memory.transport:MemoryTransport",
            channel_capabilities.MEMORY,
            offered=False,
        ),
    }
)


@dataclass(frozen=True)
class SettingField:
    """One setting, for a form or the API's documentation. ``choices`` is empty where any text is allowed."""

    name: str
    label: channel_settings.FieldLabel
    secret: bool
    required: bool
    default: object
    choices: tuple[str, ...] = ()


def channel_kind(kind: str) -> ChannelKind:
    """Return the row of a kind. Raises ``Invalid`` on the field ``kind`` when there is none."""
    row = KINDS.get(kind)
    if row is None:
        raise Invalid(
            [FieldError("kind", "unknown_kind", f"there is no kind {kind!r}; expected {_joined_names(KINDS)}")]
        )
    return row


def kind_name(kind: str) -> str:
    """Return a kind's label in the reader's language; the kind itself where the table no longer has it."""
    row = KINDS.get(kind)
    return kind if row is None else _(row.label)


def error_message(error: str) -> ErrorMessage | None:
    """Return the message for an adapter's error where its kind has one; None for any other error."""
    messages = (row.error_message(error) for row in KINDS.values() if row.error_message is not None)
    return next((message for message in messages if message is not None), None)


def capabilities_of(kind: str, settings: Mapping[str, Any]) -> Capabilities:
    """Return the capabilities of a channel: those of its kind, with the limits that its settings set. Stored settings
    that are no longer valid set none. Raises ``Invalid`` for an unknown kind."""
    row = channel_kind(kind)
    try:
        return row.settings.model_validate(dict(settings)).adjusted(row.capabilities)
    except ValidationError:
        return row.capabilities


def media_misfits(
    items: Sequence[MediaItem], kind: str, settings: Mapping[str, Any] | None = None
) -> tuple[MediaFit, ...]:
    """Return the judgement of those media of a bulletin that a channel does not get as files, each with the command
    that makes a file which fits, where there is one. ``settings``: the channel's, which may set limits. Raises
    ``Invalid`` for an unknown kind."""
    fits = media_limits.media_fits(items, capabilities_of(kind, settings or {}))
    return tuple(fit for fit in fits if fit.fit is not Fit.FITS)


def public_page(kind: str, settings: Mapping[str, Any]) -> str:
    """Return where readers see a channel's account; '' where there is no such page, or stored settings are no longer
    valid. Raises ``Invalid`` for an unknown kind."""
    try:
        return channel_kind(kind).settings.model_validate(dict(settings)).public_page()
    except ValidationError:
        return ""


def delivery_modes() -> DeliveryModes:
    """Return the delivery mode and rate limit of each kind, for the outbox."""
    return DeliveryModes(
        pulled=[name for name, row in KINDS.items() if row.capabilities.pulled],
        manual=[name for name, row in KINDS.items() if row.capabilities.manual],
        pull_beside=[name for name, row in KINDS.items() if row.capabilities.pull_beside],
        limits={name: RateLimit(row.capabilities.rate, row.capabilities.burst) for name, row in KINDS.items()},
    )


def build_transport(
    kind: str,
    settings: ChannelSettings,
    vault: Secrets,
    http_client: HttpRequester,
    *,
    mail: MailSender | None = None,
    now: Callable[[], datetime] = utc_now,
) -> Transport:
    """Build the adapter of one channel. ``now`` is called when a protocol needs the time of an attempt; ``mail`` sends
    the messages of kinds that are mailed.

    Raises ``Invalid`` for an unknown kind or for stored settings that are no longer valid.
    """
    row = channel_kind(kind)
    values = _validated_settings(row, settings.values)
    module, _, name = row.path.partition(":")
    adapter = getattr(import_module(module), name)
    way = mail if row.capabilities.mailed else http_client
    return cast(Transport, adapter(settings.code, values, vault, way, now))


def check_settings(
    kind: str, values: Mapping[str, Any], *, kept: Collection[str] = ()
) -> tuple[dict[str, Any], dict[str, str]]:
    """Check entered settings; returns the plain settings to store and the secrets to encrypt.

    ``kept``: names of the stored secrets, which need not be entered again. Only secrets that were entered or generated
    here (a webhook's) are returned; ``merge_secrets`` adds the stored ones. Raises ``Invalid`` with an error for every
    invalid field, named ``settings.<field>``; no message repeats a value.
    """
    row = channel_kind(kind)
    model = _validated_settings(
        row, values, missing=[name for name in row.settings.required_secrets if name not in kept]
    )
    secrets = {
        name: value.get_secret_value()
        for name in row.settings.secret_names()
        if isinstance(value := getattr(model, name), SecretStr)
    }
    for name, generate in row.settings.generated_secrets.items():
        if name not in secrets and name not in kept:
            secrets[name] = generate()
    plain = model.model_dump(mode="json", exclude=set(row.settings.secret_names()), exclude_none=True)
    return plain, secrets


def generated_secret(kind: str, secrets: Mapping[str, str], given: Mapping[str, Any]) -> str | None:
    """Return the secret that ``check_settings`` generated because ``given`` has none, to be shown once; None if none
    was."""
    names = channel_kind(kind).settings.generated_secrets
    return next((secrets[name] for name in names if name in secrets and not given.get(name)), None)


def merge_secrets(kind: str, kept: Mapping[str, str], given: Mapping[str, str], *, now: datetime) -> dict[str, str]:
    """Return the secrets of a channel after a change, by the rules of its kind. Raises ``Invalid`` for an unknown
    kind."""
    return channel_kind(kind).settings.merge_secrets(kept, given, now=now)


def setting_fields(kind: str) -> tuple[SettingField, ...]:
    """Return the settings of a kind in the order of a form. Raises ``Invalid`` for an unknown kind."""
    row = channel_kind(kind)
    secret_names = row.settings.secret_names()
    return tuple(
        SettingField(
            name=name,
            label=next(entry for entry in info.metadata if isinstance(entry, channel_settings.FieldLabel)),
            secret=name in secret_names,
            required=info.is_required() or name in row.settings.required_secrets,
            default=info.get_default(),
            choices=tuple(getattr(info.annotation, "__args__", ())) if _is_choice(info.annotation) else (),
        )
        for name, info in row.settings.model_fields.items()
    )


def _is_choice(annotation: object) -> bool:
    return all(isinstance(choice, str) for choice in getattr(annotation, "__args__", (None,)))


def _validated_settings(
    row: ChannelKind, values: Mapping[str, Any], missing: Collection[str] = ()
) -> channel_settings.KindSettings:
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
        raise Invalid(errors) from None  # the library's error contains the values
    if errors:
        raise Invalid(errors)
    return model


def _field_error(row: ChannelKind, what: str, where: tuple[int | str, ...], message: str) -> FieldError:
    name = ".".join(["settings", *(str(part) for part in where)])
    if what == "missing":
        return FieldError(name, "required", "this setting is needed")
    if what == "extra_forbidden":
        return FieldError(
            name, "unknown_setting", f"no such setting; expected {_joined_names(row.settings.model_fields)}"
        )
    return FieldError(name, "invalid", message.removeprefix("Value error, "))


def _joined_names(names: Collection[str]) -> str:
    return ", ".join(names) or "none"
