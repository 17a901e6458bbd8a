"""What an administrator may set on a Zalo Official Account."""

from typing import Annotated, ClassVar, Literal

from pydantic import AfterValidator, Field, SecretStr

from coordinator.channels.account_settings import bare_secret
from coordinator.channels.settings import Address, Base, Digits, KindSettings, Wording

Path = Annotated[str, Field(pattern=r"^(?:/[A-Za-z0-9._-]+){1,8}$")]


class ZaloSettings(KindSettings):
    """One Zalo Official Account, reached through one Zalo application."""

    required_secrets: ClassVar[tuple[str, ...]] = ("app_secret",)

    app_id: Annotated[Digits, Wording("ID ứng dụng", "Application ID")]
    oa_id: Annotated[
        Digits,
        Wording(
            "ID Official Account",
            "Official Account ID",
            "Chỉ tài khoản này mới được chấp nhận khi cấp quyền.",
            "Only this account is accepted when access is granted.",
        ),
    ]
    app_secret: Annotated[
        SecretStr | None, AfterValidator(bare_secret), Wording("Khóa bí mật của ứng dụng", "Application secret")
    ] = None
    refresh_token: Annotated[
        SecretStr | None,
        AfterValidator(bare_secret),
        Wording(
            "Refresh token",
            "Refresh token",
            "Không bắt buộc: thay cho bước cấp quyền bằng trình duyệt. Dùng được một lần.",
            "Optional: takes the place of granting access in the browser. Good for one use.",
        ),
    ] = None
    author: Annotated[
        str,
        Field(min_length=1, max_length=50),
        Wording("Tác giả", "Author", "Hiện dưới tiêu đề bài viết, tối đa 50 ký tự.", "Shown under the title, ≤ 50."),
    ]
    cover_url: Annotated[
        Address,
        Wording(
            "Ảnh bìa mặc định",
            "Default cover picture",
            "Zalo phải tải được ảnh này từ Internet; dùng khi bản tin không có ảnh. Tối đa 1 MB.",
            "Zalo must be able to fetch it from the Internet; used for bulletins without a picture. At most 1 MB.",
        ),
    ]
    comments: Annotated[Literal["show", "hide"], Wording("Bình luận", "Comments")] = "hide"
    escape_text: Annotated[
        bool,
        Wording(
            "Mã hóa ký tự < > &",
            "Escape < > &",
            "Bật khi Zalo hiểu nội dung như HTML; tắt nếu bài viết hiện ra «&amp;».",
            "On while Zalo reads text as HTML; switch off if articles show a literal “&amp;”.",
        ),
    ] = True
    broadcasts_a_day: Annotated[
        int,
        Field(ge=0, le=20),
        Wording(
            "Số lần phát tới người quan tâm mỗi ngày",
            "Broadcasts a day",
            "Hạn mức của cơ quan, không phải của Zalo; 0 là không phát.",
            "The department's own limit, not Zalo's; 0 means none.",
        ),
    ] = 1
    broadcasts_a_month: Annotated[
        int,
        Field(ge=0, le=200),
        Wording(
            "Số lần phát tới người quan tâm mỗi tháng",
            "Broadcasts a month",
            "Zalo thường cho một người nhận 4 tin mỗi tháng; xem gói dịch vụ của tài khoản trước khi tăng.",
            "A follower usually gets 4 a month at most; look at the account's package before raising it.",
        ),
    ] = 4
    target_gender: Annotated[Literal["0", "1", "2"], Wording("Phát tới giới tính", "Broadcast to gender")] = "0"
    target_ages: Annotated[
        str,
        Field(pattern=r"^(?:[0-7](?:,[0-7])*)?$"),
        Wording(
            "Phát tới nhóm tuổi",
            "Broadcast to ages",
            "Để trống là mọi lứa tuổi. Số cách nhau bằng dấu phẩy: 0 dưới 13, 1 13–17, 2 18–24, 3 25–34, 4 35–44, "
            "5 45–54, 6 55–64, 7 từ 65.",
            "Empty = all. With commas: 0 under 13, 1 13–17, 2 18–24, 3 25–34, 4 35–44, 5 45–54, 6 55–64, 7 65+.",
        ),
    ] = ""
    target_locations: Annotated[
        str,
        Field(pattern=r"^(?:[0-2](?:,[0-2])*)?$"),
        Wording(
            "Phát tới vùng miền",
            "Broadcast to regions",
            "Để trống là cả nước. 0 miền Bắc, 1 miền Trung, 2 miền Nam.",
            "Empty = all. 0 North, 1 Central, 2 South.",
        ),
    ] = ""
    target_cities: Annotated[
        str,
        Field(pattern=r"^(?:[0-9]{1,2}(?:,[0-9]{1,2}){0,62})?$"),
        Wording(
            "Phát tới tỉnh, thành",
            "Broadcast to cities",
            "Để trống là mọi nơi; có số thì thay cho vùng miền. Hà Nội 9, TP Hồ Chí Minh 4, Đà Nẵng 20.",
            "Empty = everywhere; takes the place of regions. Hà Nội 9, Hồ Chí Minh City 4, Đà Nẵng 20.",
        ),
    ] = ""
    target_platforms: Annotated[
        str,
        Field(pattern=r"^(?:[1-3](?:,[1-3])*)?$"),
        Wording(
            "Phát tới loại máy",
            "Broadcast to platforms",
            "Để trống là mọi máy. 1 iOS, 2 Android, 3 Windows Phone.",
            "Empty = all. 1 iOS, 2 Android, 3 Windows Phone.",
        ),
    ] = ""
    webhook_secret: Annotated[
        SecretStr | None,
        AfterValidator(bare_secret),
        Wording(
            "Khóa bí mật webhook (OA Secret Key)",
            "Webhook secret (OA Secret Key)",
            "Ở mục Webhook của ứng dụng Zalo; khác khóa bí mật của ứng dụng. Để trống thì không nhận sự kiện từ Zalo.",
            "Under Webhook of the Zalo application; not the application secret. Without it no events are taken.",
        ),
    ] = None
    broadcast_path: Annotated[
        Path,
        Wording(
            "Đường dẫn phát tới người quan tâm",
            "Path of broadcasts",
            "Chỉ đổi khi Zalo báo đã đóng đường dẫn này.",
            "To be changed only when Zalo has shut this one down.",
        ),
    ] = "/v2.0/oa/message"
    quota_path: Annotated[
        Path,
        Wording(
            "Đường dẫn đọc hạn mức",
            "Path of quotas",
            "Chỉ đổi khi Zalo báo đã đóng đường dẫn này.",
            "To be changed only when Zalo has shut this one down.",
        ),
    ] = "/v2.0/oa/quota/message"
    api_base: Annotated[Base, Wording("Địa chỉ API", "API address")] = "https://openapi.zalo.me"
    oauth_base: Annotated[Base, Wording("Địa chỉ cấp quyền", "Authorisation address")] = "https://oauth.zaloapp.com"
