"""The settings of a Facebook Page."""

from typing import Annotated, ClassVar

from pydantic import AfterValidator, SecretStr

from coordinator.channels.settings import (
    BaseAddress,
    Digits,
    FieldLabel,
    KindSettings,
    matching,
    stripped_optional_token,
)
from coordinator.translation import N_


class FacebookSettings(KindSettings):
    """A Facebook Page of the department."""

    required_secrets: ClassVar[tuple[str, ...]] = ("page_token",)

    page_id: Annotated[
        Digits,
        FieldLabel(
            N_("ID trang"),
            N_("Dãy số ở mục Giới thiệu → Tính minh bạch của trang; chỉ trang này được chấp nhận."),
            expected=N_("Chỉ gồm chữ số"),
        ),
    ]
    page_token: Annotated[
        SecretStr | None,
        AfterValidator(stripped_optional_token),
        FieldLabel(
            N_("Mã truy cập của trang"),
            N_("Của trang, không phải của người; quyền pages_manage_posts và pages_read_engagement."),
            expected=N_("Khóa không có khoảng trắng hay xuống dòng ở giữa; hãy dán lại nguyên khóa"),
        ),
    ] = None
    version: Annotated[
        str,
        matching(r"v[0-9]{1,3}\.[0-9]{1,2}", "a version such as v27.0"),
        FieldLabel(
            N_("Phiên bản giao diện"),
            N_("Facebook ngừng mỗi phiên bản sau chừng hai năm; đổi khi có thông báo của Facebook."),
            expected=N_("Nhập dạng v27.0"),
            rare=True,
        ),
    ] = "v27.0"
    views_metrics: Annotated[
        str,
        matching(
            r"[a-z][a-z0-9_]{2,59}(?:,[a-z][a-z0-9_]{2,59}){0,4}",
            "up to five names of figures with commas between them",
        ),
        FieldLabel(
            N_("Số liệu lượt xem"),
            N_(
                "Tên số liệu của Facebook, cách nhau bằng dấu phẩy; lấy số liệu đầu tiên Facebook còn trả lời. Các tên "
                "cũ post_impressions… đã bị bỏ."
            ),
            expected=N_("Chỉ gồm chữ thường không dấu, số, gạch dưới; nhiều nhất 5 tên, cách nhau bằng dấu phẩy"),
            rare=True,
        ),
    ] = "post_media_view"
    post_picture: Annotated[
        bool,
        FieldLabel(
            N_("Đăng ảnh bìa kèm bài"),
            N_("Tắt thì Facebook tự lấy ảnh từ trang của bản tin."),
            expected=N_("Chọn một trong các mục có sẵn"),
        ),
    ] = True
    api_base: Annotated[
        BaseAddress,
        FieldLabel(
            N_("Địa chỉ API"),
            expected=N_("Nhập địa chỉ bắt đầu bằng http:// hoặc https://, không có tên đăng nhập và phần sau dấu #"),
            rare=True,
        ),
    ] = "https://graph.facebook.com"

    def public_page(self) -> str:
        """Return the address of the Page."""
        return f"https://www.facebook.com/{self.page_id}"
