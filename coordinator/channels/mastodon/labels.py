"""What a person prepares for a channel of this kind."""

from coordinator.channels.setup_guide import SetupGuide, SetupStep
from coordinator.translation import N_

GUIDE = SetupGuide(
    glyph="horn",
    minutes=5,
    needed=(N_("Tài khoản Mastodon của cơ quan"),),
    steps=(
        SetupStep(
            N_("Mở phần Phát triển"), N_("Đăng nhập bằng tài khoản của cơ quan: Tùy chọn → Phát triển → Ứng dụng mới.")
        ),
        SetupStep(N_("Chọn quyền"), N_("Đánh dấu read và write, bấm Gửi.")),
        SetupStep(
            N_("Sao chép mã truy cập"),
            N_("Mở ứng dụng vừa tạo, sao chép “Mã truy cập của bạn”. Ai có mã này đăng được thay cơ quan."),
        ),
    ),
    test=N_("Hệ thống hỏi máy chủ mã này là của tài khoản nào và bài được dài bao nhiêu; chưa đăng gì cả."),
)
