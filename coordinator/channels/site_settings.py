"""What an administrator may set on partners' sites that are written to through an interface of their own."""

import re
from typing import Annotated, ClassVar, Literal

from pydantic import AfterValidator, Field, SecretStr

from coordinator.channels.settings import Base, Digits, KindSettings, Wording

_APPLICATION_PASSWORD = re.compile(r"[A-Za-z0-9]{24}")


def application_password(value: SecretStr) -> SecretStr:
    """A password as WordPress shows it, without the spaces it is shown with. Raises ``ValueError``."""
    bare = "".join(value.get_secret_value().split())
    if not _APPLICATION_PASSWORD.fullmatch(bare):
        raise ValueError("expected an application password: 24 letters and digits, as WordPress shows it once")
    return SecretStr(bare)


class WordpressSettings(KindSettings):
    """A partner's WordPress, written to as one of its users."""

    required_secrets: ClassVar[tuple[str, ...]] = ("password",)

    site_url: Annotated[
        Base,
        Wording(
            "Địa chỉ trang",
            "Address of the site",
            "Trang chủ của WordPress, như trình duyệt hiện ra.",
            "The front page of the WordPress site, as browsers show it.",
        ),
    ]
    user: Annotated[
        str,
        Field(min_length=1, max_length=60, pattern=r"^[^:]+$"),
        Wording(
            "Tên người dùng",
            "User name",
            "Tài khoản mà trang cấp cho Sở; vai trò Cộng tác viên là đủ để gửi bài chờ duyệt.",
            "The account the site gave to the department; a Contributor may hand in posts for review.",
        ),
    ]
    password: Annotated[
        SecretStr | None,
        AfterValidator(lambda value: value if value is None else application_password(value)),
        Wording(
            "Mật khẩu ứng dụng",
            "Application password",
            "Tạo trong WordPress: Người dùng → Hồ sơ → Mật khẩu ứng dụng. Không phải mật khẩu đăng nhập.",
            "Made in WordPress under Users → Profile → Application Passwords. Not the password for signing in.",
        ),
    ] = None
    status: Annotated[
        Literal["pending", "draft", "publish"],
        Wording(
            "Bài mới được đưa lên ở trạng thái",
            "New posts are",
            "Chỉ chọn đăng ngay khi đối tác đã đồng ý bằng văn bản.",
            "Published at once only where the partner has agreed to it in writing.",
        ),
    ] = "pending"
    category: Annotated[
        Digits | None,
        Wording(
            "Số của chuyên mục",
            "Number of the category",
            "Không bắt buộc; thấy được trong địa chỉ khi sửa chuyên mục (tag_ID).",
            "Optional; shown in the address while a category is edited (tag_ID).",
        ),
    ] = None
