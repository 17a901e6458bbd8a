"""What a person prepares for a channel of this kind."""

from coordinator.channels.setup_guide import SetupGuide, SetupStep
from coordinator.translation import N_

GUIDE = SetupGuide(
    glyph="doc",
    minutes=10,
    needed=(
        N_("Trang WordPress của đối tác, địa chỉ https"),
        N_("Một người dùng mà đối tác lập cho cơ quan ở đó"),
    ),
    steps=(
        SetupStep(
            N_("Đối tác lập người dùng"),
            N_("Vai trò Cộng tác viên là đủ để đưa bài chờ duyệt; vai trò Tác giả đưa được cả ảnh."),
        ),
        SetupStep(
            N_("Tạo mật khẩu ứng dụng"),
            N_(
                "Đăng nhập bằng người dùng đó: Người dùng → Hồ sơ → Mật khẩu ứng dụng, đặt tên “Bản tin”, bấm "
                "Thêm. WordPress hiện 24 chữ và số đúng một lần."
            ),
        ),
        SetupStep(
            N_("Sao chép địa chỉ trang chủ"),
            N_("Đúng như trình duyệt hiện sau mọi lần chuyển hướng; mật khẩu chỉ được gửi tới trang này."),
        ),
    ),
    test=N_("Hệ thống đăng nhập thử, cho biết tên người dùng và có đưa ảnh được không; chưa đăng gì cả."),
)
