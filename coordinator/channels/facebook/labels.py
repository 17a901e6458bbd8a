"""What a person prepares for a channel of this kind."""

from coordinator.channels.setup_guide import SetupGuide, SetupStep
from coordinator.translation import N_

GUIDE = SetupGuide(
    glyph="people",
    minutes=20,
    needed=(
        N_("Quyền tạo nội dung trên Trang Facebook của cơ quan"),
        N_("Một ứng dụng tại developers.facebook.com đã được Facebook duyệt quyền đăng bài lên Trang"),
    ),
    steps=(
        SetupStep(
            N_("Xem ứng dụng đã được duyệt chưa"),
            N_(
                "Vào developers.facebook.com, Ứng dụng của tôi: cần các quyền pages_manage_posts, "
                "pages_read_engagement và pages_show_list. Chưa được duyệt thì dùng loại Đăng thủ công."
            ),
        ),
        SetupStep(
            N_("Lấy mã truy cập của chính Trang"),
            N_(
                "Nên lấy bằng người dùng hệ thống của doanh nghiệp: mã của một cá nhân hết hiệu lực khi người đó rời "
                "đi. Danh sách tài khoản của người dùng hệ thống nêu mã và số của từng Trang."
            ),
            picture="facebook_token",
        ),
        SetupStep(N_("Sao chép số của Trang"), N_("Trang → Giới thiệu → Thông tin về Trang.")),
    ),
    test=N_("Hệ thống hỏi Facebook mã này là của Trang nào; chưa đăng gì cả."),
)
