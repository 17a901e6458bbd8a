"""What an administrator may set on each kind of channel: one model a kind. A field of type ``SecretStr`` is a secret.

Every field carries its wording for pages in both languages; an unknown field is an error, an empty one is absent.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated, Any, ClassVar
from urllib.parse import urlsplit

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, SecretStr, model_validator

from coordinator.channels import signing

LONGEST_ADDRESS = 1000  # characters; what the tables keep


@dataclass(frozen=True)
class Wording:
    """How a form names a field, and the hint below it."""

    vi: str
    en: str
    hint_vi: str = ""
    hint_en: str = ""


def http_address(value: str) -> str:
    """``value`` if it is an absolute http or https address without credentials or fragment. Raises ``ValueError``."""
    if any(character.isspace() for character in value) or len(value) > LONGEST_ADDRESS:
        raise ValueError(f"expected an http or https address without spaces, at most {LONGEST_ADDRESS} characters")
    try:
        parts = urlsplit(value)
        parts.port  # noqa: B018  # reading it is what checks it
    except ValueError:
        raise ValueError("expected an http or https address") from None
    if parts.scheme not in {"http", "https"} or not parts.hostname:
        raise ValueError("expected an http or https address")
    if "@" in parts.netloc:
        raise ValueError("an address must not contain a user name or password")
    if parts.fragment:
        raise ValueError("an address must not have a part after #")
    return value


def base_address(value: str) -> str:
    """An http or https address to which paths are added: no query, no slash at the end."""
    checked = http_address(value)
    if urlsplit(checked).query:
        raise ValueError("expected an address without a query")
    return checked.rstrip("/")


def webhook_secret(value: SecretStr) -> SecretStr:
    """A secret of Standard Webhooks. Raises ``ValueError``."""
    signing.key_of(value.get_secret_value())
    return value


Address = Annotated[str, AfterValidator(http_address)]
Base = Annotated[str, AfterValidator(base_address)]
Digits = Annotated[str, Field(pattern=r"^[0-9]{1,25}$")]


class KindSettings(BaseModel):
    """Common to all kinds. ``required_secrets`` must be given unless the channel already keeps them."""

    model_config = ConfigDict(
        extra="forbid", frozen=True, str_strip_whitespace=True, coerce_numbers_to_str=True, hide_input_in_errors=True
    )
    required_secrets: ClassVar[tuple[str, ...]] = ()

    @model_validator(mode="before")
    @classmethod
    def _empty_is_absent(cls, values: Any) -> Any:
        if not isinstance(values, Mapping):
            return values
        return {name: value for name, value in values.items() if value is not None and value != ""}

    @classmethod
    def secret_names(cls) -> tuple[str, ...]:
        """The fields that are kept sealed and never shown again."""
        return tuple(name for name, field in cls.model_fields.items() if "SecretStr" in str(field.annotation))


class WebhookSettings(KindSettings):
    """An endpoint of a partner that takes signed messages."""

    url: Annotated[
        Address,
        Wording(
            "Địa chỉ nhận",
            "Receiving address",
            "Máy chủ của đối tác nhận tin tại đây; chỉ trả lời 2xx mới tính là đã nhận.",
            "The partner's server takes messages here; only a 2xx answer counts as received.",
        ),
    ]
    secret: Annotated[
        SecretStr | None,
        AfterValidator(lambda value: value if value is None else webhook_secret(value)),
        Wording(
            "Khóa ký",
            "Signing secret",
            "Bắt đầu bằng whsec_. Để trống thì hệ thống tạo khóa mới và hiện một lần.",
            "Begins with whsec_. Leave empty to have one made; it is shown once.",
        ),
    ] = None


class WebsubSettings(KindSettings):
    """A WebSub hub outside."""

    hub_url: Annotated[
        Address,
        Wording(
            "Địa chỉ hub",
            "Hub's address",
            "Hub bên ngoài được báo mỗi khi nguồn tin công khai thay đổi.",
            "The outside hub that is told whenever the public feeds change.",
        ),
    ]


class LotusSettings(KindSettings):
    """A platform that reads the feed of its key, as Lotus-style ones do; it has no interface of its own to call."""

    profile_url: Annotated[
        Address | None,
        Wording(
            "Trang của cơ quan trên nền tảng",
            "The department's page there",
            "Nơi người đọc xem bài; chỉ để mở nhanh từ trang quản trị.",
            "Where readers see the posts; a link for staff, nothing is sent to it.",
        ),
    ] = None


class FeedSettings(KindSettings):
    """A partner that reads its own feed; what it is entitled to is set on its key and topics."""

    contact: Annotated[
        str | None,
        Field(max_length=200),
        Wording(
            "Đầu mối kỹ thuật",
            "Technical contact",
            "Gọi ai khi đối tác ngừng lấy tin.",
            "Whom to call when the partner stops fetching.",
        ),
    ] = None


class ManualSettings(KindSettings):
    """An account served by a person: the desk shows what to copy and asks for the address of the post."""

    page_url: Annotated[
        Address | None,
        Wording("Trang đăng bài", "Where to post", "Mở trang này để đăng.", "The page that is opened for posting."),
    ] = None
    instructions: Annotated[
        str | None,
        Field(max_length=2000),
        Wording("Hướng dẫn đăng", "How to post", "Hiện bên cạnh nội dung cần đăng.", "Shown beside the text to post."),
    ] = None


class MemorySettings(KindSettings):
    """Nothing to set."""
