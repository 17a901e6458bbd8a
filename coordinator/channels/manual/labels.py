"""What a person prepares for a channel of this kind."""

from coordinator.channels.setup_guide import SetupGuide, SetupStep
from coordinator.translation import N_

GUIDE = SetupGuide(
    glyph="person",
    minutes=1,
    needed=(N_("Tài khoản mà người trực đăng nhập được"),),
    steps=(
        SetupStep(
            N_("Đặt tên kênh"), N_("Bản tin phát hành thì việc đăng hiện ở Lượt phát, có sẵn nội dung để sao chép.")
        ),
        SetupStep(N_("Đăng xong thì ghi lại"), N_("Dán địa chỉ bài đã đăng; lượt phát thành đã tới.")),
    ),
    test=N_("Không có gì để thử: người đăng chính là kênh."),
)
