"""The settings of a Mastodon account."""

from typing import Annotated, ClassVar, Literal

from pydantic import AfterValidator, Field, SecretStr

from coordinator.channels.settings import BaseAddress, FieldLabel, KindSettings, matching, stripped_optional_token
from coordinator.translation import N_


class MastodonSettings(KindSettings):
    """An account on a server with the Mastodon API."""

    required_secrets: ClassVar[tuple[str, ...]] = ("access_token",)

    server_url: Annotated[
        BaseAddress,
        FieldLabel(
            N_("Địa chỉ máy chủ"),
            N_("Ví dụ https://mang-xa-hoi.example."),
            expected=N_("Nhập địa chỉ bắt đầu bằng http:// hoặc https://, không có tên đăng nhập và phần sau dấu #"),
        ),
    ]
    account: Annotated[
        str,
        matching(r"[A-Za-z0-9_][A-Za-z0-9_.-]{0,99}", "the name of an account, without @ and server"),
        FieldLabel(
            N_("Tên tài khoản"),
            N_("Không có @ và tên máy chủ; chỉ tài khoản này được chấp nhận."),
            expected=N_("Chỉ gồm chữ không dấu, số, dấu chấm, gạch nối, gạch dưới; không có @ và tên máy chủ"),
        ),
    ]
    access_token: Annotated[
        SecretStr | None,
        AfterValidator(stripped_optional_token),
        FieldLabel(
            N_("Mã truy cập"),
            N_("Lấy tại Tùy chọn → Phát triển → Ứng dụng mới, quyền read và write."),
            expected=N_("Mã truy cập không có khoảng trắng ở giữa; hãy dán lại nguyên mã"),
        ),
    ] = None
    visibility: Annotated[
        Literal["public", "unlisted"],
        FieldLabel(
            N_("Ai thấy bài"),
            N_("Công khai: có trên dòng thời gian chung. Không liệt kê: ai có đường dẫn hoặc theo dõi mới thấy."),
            expected=N_("Chọn một trong các mục có sẵn"),
            choices={"public": N_("Công khai"), "unlisted": N_("Không liệt kê")},
        ),
    ] = "public"
    picture_wait: Annotated[
        int,
        Field(ge=0, le=30),
        FieldLabel(
            N_("Chờ máy chủ xử lý ảnh (giây)"),
            N_("Nhiều máy chủ nhận ảnh rồi mới xử lý; quá thời gian này thì bài lên không kèm ảnh."),
            expected=N_("Nhập một số nguyên từ 0 đến 30"),
            rare=True,
        ),
    ] = 20

    def public_page(self) -> str:
        """Return the page of the account."""
        return f"{self.server_url.removesuffix('/')}/@{self.account}"
