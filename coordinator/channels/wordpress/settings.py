"""The settings of a partner's WordPress site."""

import re
from typing import Annotated, ClassVar, Literal

from pydantic import AfterValidator, Field, SecretStr

from coordinator.channels.settings import BaseAddress, Digits, FieldLabel, KindSettings, matching
from coordinator.translation import N_

_APPLICATION_PASSWORD = re.compile(r"[A-Za-z0-9]{24}")


def application_password(value: SecretStr) -> SecretStr:
    """Return an application password without the spaces that WordPress shows in it. Raises ``ValueError``."""
    bare = "".join(value.get_secret_value().split())
    if not _APPLICATION_PASSWORD.fullmatch(bare):
        raise ValueError("expected an application password: 24 letters and digits, as WordPress shows it once")
    return SecretStr(bare)


class WordpressSettings(KindSettings):
    """A partner's WordPress site, with the account of one of its users."""

    required_secrets: ClassVar[tuple[str, ...]] = ("password",)

    site_url: Annotated[
        BaseAddress,
        FieldLabel(
            N_("Địa chỉ trang"),
            N_("Trang chủ của WordPress, như trình duyệt hiện ra."),
            expected=N_("Nhập địa chỉ bắt đầu bằng http:// hoặc https://, không có tên đăng nhập và phần sau dấu #"),
        ),
    ]
    user: Annotated[
        str,
        Field(min_length=1, max_length=60),
        matching(r"[^:]+", "a user name without a colon"),
        FieldLabel(
            N_("Tên người dùng"),
            N_("Tài khoản mà trang cấp cho Sở; vai trò Cộng tác viên là đủ để gửi bài chờ duyệt."),
            expected=N_("Tên người dùng không có dấu hai chấm, dài tối đa 60 ký tự"),
        ),
    ]
    password: Annotated[
        SecretStr | None,
        AfterValidator(lambda value: value if value is None else application_password(value)),
        FieldLabel(
            N_("Mật khẩu ứng dụng"),
            N_("Tạo trong WordPress: Người dùng → Hồ sơ → Mật khẩu ứng dụng. Không phải mật khẩu đăng nhập."),
            expected=N_(
                "Mật khẩu ứng dụng gồm 24 chữ và số, WordPress hiện một lần khi tạo; không phải mật khẩu đăng nhập"
            ),
        ),
    ] = None
    status: Annotated[
        Literal["pending", "draft", "publish"],
        FieldLabel(
            N_("Bài mới được đưa lên ở trạng thái"),
            N_("Chỉ chọn đăng ngay khi đối tác đã đồng ý bằng văn bản."),
            expected=N_("Chọn một trong các mục có sẵn"),
            choices={
                "pending": N_("Chờ người của đối tác duyệt"),
                "draft": N_("Bản nháp của đối tác"),
                "publish": N_("Đăng ngay"),
            },
        ),
    ] = "pending"
    category: Annotated[
        Digits | None,
        FieldLabel(
            N_("Số của chuyên mục"),
            N_("Không bắt buộc; thấy được trong địa chỉ khi sửa chuyên mục (tag_ID)."),
            expected=N_("Chỉ gồm chữ số"),
        ),
    ] = None
