"""What an administrator may set on the department's own accounts elsewhere."""

import re
from typing import Annotated, ClassVar, Literal

from pydantic import AfterValidator, Field, SecretStr

from coordinator.channels.settings import Base, Digits, KindSettings, Wording

_MAIL = re.compile(r"[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]{1,64}@[A-Za-z0-9](?:[A-Za-z0-9.-]*[A-Za-z0-9])?\.[A-Za-z]{2,63}")
_BOT_TOKEN = re.compile(r"[0-9]{5,20}:[A-Za-z0-9_-]{30,60}")


def bare_token(value: SecretStr) -> SecretStr:
    """A token without the spaces it was pasted with. Raises ``ValueError`` for one that has some inside."""
    bare = value.get_secret_value().strip()
    if not bare or any(character.isspace() for character in bare):
        raise ValueError("expected a token without spaces")
    return SecretStr(bare)


def bare_secret(value: SecretStr | None) -> SecretStr | None:
    """The same for one that may be absent. Raises ``ValueError``."""
    return None if value is None else bare_token(value)


def bot_token(value: SecretStr) -> SecretStr:
    """A bot's token as BotFather gives it. Raises ``ValueError``."""
    bare = bare_token(value)
    if not _BOT_TOKEN.fullmatch(bare.get_secret_value()):
        raise ValueError("expected a bot's token: a number, a colon, and letters and digits, as @BotFather gives it")
    return bare


class MastodonSettings(KindSettings):
    """An account on a server that speaks Mastodon's interface."""

    required_secrets: ClassVar[tuple[str, ...]] = ("access_token",)

    server_url: Annotated[
        Base,
        Wording("Địa chỉ máy chủ", "Server", "Ví dụ https://mang-xa-hoi.example.", "Such as https://social.example."),
    ]
    account: Annotated[
        str,
        Field(pattern=r"^[A-Za-z0-9_][A-Za-z0-9_.-]{0,99}$"),
        Wording(
            "Tên tài khoản",
            "Account",
            "Không có @ và tên máy chủ; chỉ tài khoản này được chấp nhận.",
            "Without @ and server; only this account is accepted.",
        ),
    ]
    access_token: Annotated[
        SecretStr | None,
        AfterValidator(bare_secret),
        Wording(
            "Mã truy cập",
            "Access token",
            "Lấy tại Tùy chọn → Phát triển → Ứng dụng mới, quyền read và write.",
            "From Preferences → Development → New application, scopes read and write.",
        ),
    ] = None
    visibility: Annotated[
        Literal["public", "unlisted"],
        Wording(
            "Ai thấy bài",
            "Who sees posts",
            "Công khai: có trên dòng thời gian chung. Không liệt kê: ai có đường dẫn hoặc theo dõi mới thấy.",
            "Public: on the server's timelines. Unlisted: for followers and whoever has the address.",
        ),
    ] = "public"


def mail_address(value: str) -> str:
    """``value`` if it is one mail address. Raises ``ValueError``."""
    if not _MAIL.fullmatch(value) or len(value) > 254:
        raise ValueError("expected one mail address such as toasoan@bao.example")
    return value


class EmailSettings(KindSettings):
    """Somebody who gets bulletins by mail."""

    address: Annotated[
        str,
        AfterValidator(mail_address),
        Wording(
            "Địa chỉ thư",
            "Mail address",
            "Mỗi kênh một địa chỉ; người nhận tự thôi nhận được bằng đường dẫn cuối thư.",
            "One address a channel; whoever gets it can stop it by the link below each letter.",
        ),
    ]


class TelegramSettings(KindSettings):
    """A Telegram channel of the department, posted to by its bot."""

    required_secrets: ClassVar[tuple[str, ...]] = ("bot_token",)

    chat: Annotated[
        str,
        Field(pattern=r"^(?:@[A-Za-z][A-Za-z0-9_]{3,31}|-100[0-9]{5,16})$"),
        Wording(
            "Kênh",
            "Channel",
            "Dạng @ten_kenh, hoặc số bắt đầu bằng -100 với kênh riêng.",
            "As @channel_name, or the number beginning with -100 of a private channel.",
        ),
    ]
    bot_token: Annotated[
        SecretStr | None,
        AfterValidator(lambda value: value if value is None else bot_token(value)),
        Wording(
            "Mã của bot",
            "Bot's token",
            "@BotFather cấp khi tạo bot; bot phải là quản trị viên của kênh và được đăng bài.",
            "Given by @BotFather; the bot must be an administrator of the channel that may post.",
        ),
    ] = None
    silent: Annotated[
        bool,
        Wording(
            "Đăng không kèm chuông báo",
            "Post without a sound",
            "Người theo dõi vẫn nhận bài nhưng máy không kêu.",
            "Followers get the post, their phones stay quiet.",
        ),
    ] = False
    api_base: Annotated[Base, Wording("Địa chỉ API", "API address")] = "https://api.telegram.org"


class FacebookSettings(KindSettings):
    """A Facebook Page of the department."""

    required_secrets: ClassVar[tuple[str, ...]] = ("page_token",)

    page_id: Annotated[
        Digits,
        Wording(
            "ID trang",
            "Page ID",
            "Dãy số ở mục Giới thiệu → Tính minh bạch của trang; chỉ trang này được chấp nhận.",
            "The number under About → Page transparency; only this Page is accepted.",
        ),
    ]
    page_token: Annotated[
        SecretStr | None,
        AfterValidator(bare_secret),
        Wording(
            "Mã truy cập của trang",
            "Page access token",
            "Của trang, không phải của người; quyền pages_manage_posts và pages_read_engagement.",
            "The Page's, not a person's; permissions pages_manage_posts and pages_read_engagement.",
        ),
    ] = None
    version: Annotated[
        str,
        Field(pattern=r"^v[0-9]{1,3}\.[0-9]{1,2}$"),
        Wording(
            "Phiên bản giao diện",
            "Version of the interface",
            "Facebook ngừng mỗi phiên bản sau chừng hai năm; đổi khi họ báo.",
            "Facebook ends each version after about two years; change it when they say so.",
        ),
    ] = "v25.0"
    api_base: Annotated[Base, Wording("Địa chỉ API", "API address")] = "https://graph.facebook.com"
