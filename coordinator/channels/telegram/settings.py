"""The settings of a Telegram channel."""

import re
from typing import Annotated, ClassVar, Literal

from pydantic import AfterValidator, SecretStr

from coordinator.channels.settings import BaseAddress, FieldLabel, KindSettings, matching, stripped_token
from coordinator.translation import N_

_BOT_TOKEN = re.compile(r"[0-9]{5,20}:[A-Za-z0-9_-]{30,60}")


def bot_token(value: SecretStr) -> SecretStr:
    """Return a bot's token in BotFather's form. Raises ``ValueError``."""
    bare = stripped_token(value)
    if not _BOT_TOKEN.fullmatch(bare.get_secret_value()):
        raise ValueError("expected a bot's token: a number, a colon, and letters and digits, as @BotFather gives it")
    return bare


class TelegramSettings(KindSettings):
    """A Telegram channel of the department, to which its bot posts."""

    required_secrets: ClassVar[tuple[str, ...]] = ("bot_token",)

    chat: Annotated[
        str,
        matching(r"@[A-Za-z][A-Za-z0-9_]{3,31}|-100[0-9]{5,16}", "a channel such as @ten_kenh, or its number, -100…"),
        FieldLabel(
            N_("Kênh"),
            N_("Dạng @ten_kenh, hoặc số bắt đầu bằng -100 với kênh riêng."),
            expected=N_("Nhập dạng @ten_kenh, hoặc số bắt đầu bằng -100"),
        ),
    ]
    bot_token: Annotated[
        SecretStr | None,
        AfterValidator(lambda value: value if value is None else bot_token(value)),
        FieldLabel(
            N_("Mã của bot"),
            N_("@BotFather cấp khi tạo bot; bot phải là quản trị viên của kênh và được đăng bài."),
            expected=N_("Mã của bot gồm một dãy số, dấu hai chấm, rồi chữ và số, đúng như @BotFather đưa"),
        ),
    ] = None
    picture: Annotated[
        Literal["fit", "always", "preview"],
        FieldLabel(
            N_("Ảnh bìa"),
            N_(
                "Telegram cho lời dưới ảnh nhiều nhất 1.024 ký tự. Bài dài hơn thì gửi cả bài, ảnh hiện ở khung xem "
                "trước của trang bản tin; hoặc rút gọn để luôn kèm ảnh."
            ),
            expected=N_("Chọn một trong các mục có sẵn"),
            choices={
                "fit": N_("Kèm ảnh khi bài vừa 1.024 ký tự"),
                "always": N_("Luôn kèm ảnh, bài dài thì rút gọn"),
                "preview": N_("Không kèm ảnh, chỉ khung xem trước"),
            },
        ),
    ] = "fit"
    silent: Annotated[
        bool,
        FieldLabel(
            N_("Đăng không kèm chuông báo"),
            N_("Người theo dõi vẫn nhận bài nhưng máy không kêu."),
            expected=N_("Chọn một trong các mục có sẵn"),
        ),
    ] = False
    api_base: Annotated[
        BaseAddress,
        FieldLabel(
            N_("Địa chỉ API"),
            expected=N_("Nhập địa chỉ bắt đầu bằng http:// hoặc https://, không có tên đăng nhập và phần sau dấu #"),
            rare=True,
        ),
    ] = "https://api.telegram.org"

    def public_page(self) -> str:
        """Return the page of a channel with a name; a private one, known by its number, has none."""
        return f"https://t.me/{self.chat.removeprefix('@')}" if self.chat.startswith("@") else ""
