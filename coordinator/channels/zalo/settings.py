"""The settings of a Zalo Official Account."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from typing import Annotated, ClassVar, Literal

from pydantic import AfterValidator, Field, SecretStr

from campaigns.channels.transport import Capabilities
from coordinator.channels import capabilities
from coordinator.channels.settings import (
    BaseAddress,
    Digits,
    FieldLabel,
    KindSettings,
    PublicAddress,
    matching,
    stripped_optional_token,
)
from coordinator.translation import N_

PathSetting = Annotated[
    str, matching(r"(?:/[A-Za-z0-9._-]+){1,8}", "a path of letters, digits, dots and dashes that begins with /")
]


class ZaloSettings(KindSettings):
    """One Zalo Official Account, reached through one Zalo application."""

    required_secrets: ClassVar[tuple[str, ...]] = ("app_secret",)

    app_id: Annotated[Digits, FieldLabel(N_("ID ứng dụng"), expected=N_("Chỉ gồm chữ số"))]
    oa_id: Annotated[
        Digits,
        FieldLabel(
            N_("ID Official Account"),
            N_("Chỉ tài khoản này mới được chấp nhận khi cấp quyền."),
            expected=N_("Chỉ gồm chữ số"),
        ),
    ]
    app_secret: Annotated[
        SecretStr | None,
        AfterValidator(stripped_optional_token),
        FieldLabel(
            N_("Khóa bí mật của ứng dụng"),
            expected=N_("Khóa không có khoảng trắng hay xuống dòng ở giữa; hãy dán lại nguyên khóa"),
        ),
    ] = None
    refresh_token: Annotated[
        SecretStr | None,
        AfterValidator(stripped_optional_token),
        FieldLabel(
            N_("Mã làm mới quyền"),
            N_(
                "Trang của Zalo ghi là Refresh Token. Không bắt buộc: thay cho bước cấp quyền bằng trình duyệt. Dùng "
                "được một lần."
            ),
            expected=N_("Mã không có khoảng trắng hay xuống dòng ở giữa; hãy dán lại nguyên mã"),
            rare=True,
        ),
    ] = None
    author: Annotated[
        str,
        Field(min_length=1, max_length=50),
        FieldLabel(
            N_("Tác giả"), N_("Hiện dưới tiêu đề bài viết, tối đa 50 ký tự."), expected=N_("Nhập từ 1 đến 50 ký tự")
        ),
    ]
    cover_url: Annotated[
        PublicAddress,
        FieldLabel(
            N_("Ảnh bìa mặc định"),
            N_(
                "Zalo phải tải được ảnh này từ Internet; dùng khi bản tin không có ảnh, hoặc Zalo không nhận ảnh của "
                "bản tin. Tối đa 1 MB."
            ),
            expected=N_(
                "Nhập địa chỉ http:// hoặc https:// mở được từ Internet; Zalo không tải được ảnh ở localhost hay mạng "
                "nội bộ"
            ),
        ),
    ]
    comments: Annotated[
        Literal["show", "hide"],
        FieldLabel(
            N_("Bình luận"),
            expected=N_("Chọn một trong các mục có sẵn"),
            choices={"show": N_("Cho bình luận"), "hide": N_("Không cho bình luận")},
            rare=True,
        ),
    ] = "hide"
    escape_text: Annotated[
        bool,
        FieldLabel(
            N_("Mã hóa ký tự < > &"),
            N_("Bật khi Zalo hiểu nội dung như HTML; tắt nếu bài viết hiện ra «&amp;»."),
            expected=N_("Chọn một trong các mục có sẵn"),
            rare=True,
        ),
    ] = True
    title_length: Annotated[
        int,
        Field(ge=20, le=capabilities.ZALO_MAX_TITLE),
        FieldLabel(
            N_("Tiêu đề dài nhất"),
            N_("Số ký tự. Zalo ghi 150, nhưng có tài khoản bị từ chối khi tiêu đề dài đúng 150."),
            expected=N_("Nhập một số nguyên từ 20 đến 150"),
            rare=True,
        ),
    ] = capabilities.ZALO_TITLE_LENGTH
    lead_length: Annotated[
        int,
        Field(ge=20, le=capabilities.ZALO_MAX_LEAD),
        FieldLabel(
            N_("Sapo dài nhất"),
            N_("Số ký tự. Zalo ghi 300, nhưng có tài khoản bị từ chối khi sapo dài đúng 300."),
            expected=N_("Nhập một số nguyên từ 20 đến 300"),
            rare=True,
        ),
    ] = capabilities.ZALO_LEAD_LENGTH
    pictures_in_text: Annotated[
        bool,
        FieldLabel(
            N_("Đưa ảnh và video trong bài lên Zalo"),
            N_("Tắt thì bài trên Zalo chỉ có chữ và ảnh bìa."),
            expected=N_("Chọn một trong các mục có sẵn"),
            rare=True,
        ),
    ] = True
    resend_without_pictures: Annotated[
        bool,
        FieldLabel(
            N_("Zalo không nhận ảnh thì gửi lại một lần với ảnh bìa mặc định"),
            N_("Zalo báo −200 khi không tạo được bài vì ảnh. Tắt thì lượt phát chờ người kết luận."),
            expected=N_("Chọn một trong các mục có sẵn"),
            rare=True,
        ),
    ] = True
    broadcasts_a_day: Annotated[
        int,
        Field(ge=0, le=20),
        FieldLabel(
            N_("Số lần phát tới người quan tâm mỗi ngày"),
            N_("Hạn mức của cơ quan, không phải của Zalo; 0 là không phát."),
            expected=N_("Nhập một số nguyên từ 0 đến 20"),
        ),
    ] = 1
    broadcasts_a_month: Annotated[
        int,
        Field(ge=0, le=200),
        FieldLabel(
            N_("Số lần phát tới người quan tâm mỗi tháng"),
            N_("Zalo thường cho một người nhận 4 tin mỗi tháng; xem gói dịch vụ của tài khoản trước khi tăng."),
            expected=N_("Nhập một số nguyên từ 0 đến 200"),
        ),
    ] = 4
    target_gender: Annotated[
        Literal["0", "1", "2"],
        FieldLabel(
            N_("Phát tới giới tính"),
            expected=N_("Chọn một trong các mục có sẵn"),
            choices={"0": N_("Tất cả"), "1": N_("Nam"), "2": N_("Nữ")},
            rare=True,
        ),
    ] = "0"
    target_ages: Annotated[
        str,
        matching(r"(?:[0-7](?:,[0-7])*)?", "numbers from 0 to 7 with commas between them"),
        FieldLabel(
            N_("Phát tới nhóm tuổi"),
            N_(
                "Để trống là mọi lứa tuổi. Số cách nhau bằng dấu phẩy: 0 dưới 13, 1 13–17, 2 18–24, 3 25–34, 4 35–44, "
                "5 45–54, 6 55–64, 7 từ 65."
            ),
            expected=N_("Chỉ gồm các số nêu bên dưới, cách nhau bằng dấu phẩy, không có khoảng trắng"),
            rare=True,
        ),
    ] = ""
    target_locations: Annotated[
        str,
        matching(r"(?:[0-2](?:,[0-2])*)?", "numbers from 0 to 2 with commas between them"),
        FieldLabel(
            N_("Phát tới vùng miền"),
            N_("Để trống là cả nước. 0 miền Bắc, 1 miền Trung, 2 miền Nam."),
            expected=N_("Chỉ gồm các số nêu bên dưới, cách nhau bằng dấu phẩy, không có khoảng trắng"),
            rare=True,
        ),
    ] = ""
    target_cities: Annotated[
        str,
        matching(r"(?:[0-9]{1,2}(?:,[0-9]{1,2}){0,62})?", "numbers of two digits with commas between them"),
        FieldLabel(
            N_("Phát tới tỉnh, thành"),
            N_("Để trống là mọi nơi; có số thì thay cho vùng miền. Hà Nội 9, TP Hồ Chí Minh 4, Đà Nẵng 20."),
            expected=N_("Chỉ gồm các số nêu bên dưới, cách nhau bằng dấu phẩy, không có khoảng trắng"),
            rare=True,
        ),
    ] = ""
    target_platforms: Annotated[
        str,
        matching(r"(?:[1-3](?:,[1-3])*)?", "numbers from 1 to 3 with commas between them"),
        FieldLabel(
            N_("Phát tới loại máy"),
            N_("Để trống là mọi máy. 1 iOS, 2 Android, 3 Windows Phone."),
            expected=N_("Chỉ gồm các số nêu bên dưới, cách nhau bằng dấu phẩy, không có khoảng trắng"),
            rare=True,
        ),
    ] = ""
    webhook_secret: Annotated[
        SecretStr | None,
        AfterValidator(stripped_optional_token),
        FieldLabel(
            N_("Khóa bí mật webhook (OA Secret Key)"),
            N_(
                "Ở mục Webhook của ứng dụng Zalo; khác khóa bí mật của ứng dụng. Để "
                "trống thì không nhận sự kiện từ Zalo."
            ),
            expected=N_("Khóa không có khoảng trắng hay xuống dòng ở giữa; hãy dán lại nguyên khóa"),
        ),
    ] = None
    broadcast_path: Annotated[
        PathSetting,
        FieldLabel(
            N_("Đường dẫn phát tới người quan tâm"),
            N_("Chỉ đổi khi Zalo báo đã đóng đường dẫn này."),
            expected=N_("Đường dẫn bắt đầu bằng /, chỉ gồm chữ không dấu, số, dấu chấm và gạch"),
            rare=True,
        ),
    ] = "/v2.0/oa/message"
    quota_path: Annotated[
        PathSetting,
        FieldLabel(
            N_("Đường dẫn đọc hạn mức"),
            N_("Chỉ đổi khi Zalo báo đã đóng đường dẫn này."),
            expected=N_("Đường dẫn bắt đầu bằng /, chỉ gồm chữ không dấu, số, dấu chấm và gạch"),
            rare=True,
        ),
    ] = "/v3.0/oa/quota/message"
    quota_owner: Annotated[
        str,
        matching(r"[A-Za-z0-9_]{1,30}", "letters, digits and underscores, at most 30"),
        FieldLabel(
            N_("Hạn mức của ai (quota_owner)"),
            N_("OA là của Official Account, App là của ứng dụng."),
            expected=N_("Chỉ gồm chữ không dấu, số và gạch dưới, tối đa 30 ký tự"),
            rare=True,
        ),
    ] = "OA"
    quota_product: Annotated[
        str,
        matching(r"[A-Za-z0-9_]{0,30}", "letters, digits and underscores, at most 30"),
        FieldLabel(
            N_("Loại tin của hạn mức (product_type)"),
            N_("Để trống là mọi loại Zalo trả lời; cs là tin tư vấn, transaction là tin giao dịch."),
            expected=N_("Chỉ gồm chữ không dấu, số và gạch dưới, tối đa 30 ký tự"),
            rare=True,
        ),
    ] = ""
    older_quota_path: Annotated[
        PathSetting,
        FieldLabel(
            N_("Đường dẫn đọc hạn mức kiểu cũ"),
            N_("Dùng khi đường dẫn trên không trả lời được."),
            expected=N_("Đường dẫn bắt đầu bằng /, chỉ gồm chữ không dấu, số, dấu chấm và gạch"),
            rare=True,
        ),
    ] = "/v2.0/oa/quota/message"
    api_base: Annotated[
        BaseAddress,
        FieldLabel(
            N_("Địa chỉ API"),
            expected=N_("Nhập địa chỉ bắt đầu bằng http:// hoặc https://, không có tên đăng nhập và phần sau dấu #"),
            rare=True,
        ),
    ] = "https://openapi.zalo.me"
    oauth_base: Annotated[
        BaseAddress,
        FieldLabel(
            N_("Địa chỉ cấp quyền"),
            expected=N_("Nhập địa chỉ bắt đầu bằng http:// hoặc https://, không có tên đăng nhập và phần sau dấu #"),
            rare=True,
        ),
    ] = "https://oauth.zaloapp.com"

    def adjusted(self, usual: Capabilities) -> Capabilities:
        """Return the capabilities with what is set for this account: limits of title and lead, pictures in the text."""
        return replace(
            usual, max_title=self.title_length, max_lead=self.lead_length, item_pictures=self.pictures_in_text
        )

    def public_page(self) -> str:
        """Return the page of the Official Account."""
        return f"https://zalo.me/{self.oa_id}"

    @classmethod
    def merge_secrets(cls, kept: Mapping[str, str], given: Mapping[str, str], *, now: datetime) -> dict[str, str]:
        """Return the secrets after a change. A new refresh token removes the access token, which belonged to the former
        grant; the new token is exchanged at the next call."""
        merged = {**kept, **given}
        if merged.get("refresh_token") != kept.get("refresh_token"):
            for name in ("access_token", "expires_at"):
                merged.pop(name, None)
        return merged
