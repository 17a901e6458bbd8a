"""What a person prepares for a channel of this kind."""

from coordinator.channels.setup_guide import SetupGuide, SetupStep
from coordinator.translation import N_

GUIDE = SetupGuide(
    glyph="send",
    minutes=5,
    needed=(
        N_("Kênh Telegram của cơ quan"),
        N_("Tài khoản Telegram của người quản trị kênh"),
    ),
    steps=(
        SetupStep(
            N_("Tạo bot"), N_("Mở @BotFather trong Telegram, gõ /newbot, đặt tên. Nó trả về một dãy khóa của bot.")
        ),
        SetupStep(N_("Cho bot vào kênh"), N_("Kênh → Quản trị viên → Thêm: chọn bot, bật quyền đăng, sửa và xóa tin.")),
        SetupStep(N_("Sao chép tên kênh"), N_("Dạng @ten_kenh; kênh riêng thì dùng số bắt đầu bằng -100.")),
    ),
    test=N_("Hệ thống hỏi Telegram bot là ai và có quyền đăng không; chưa đăng gì cả."),
)
