"""What a person prepares for a channel of this kind."""

from coordinator.channels.setup_guide import SetupGuide, SetupStep
from coordinator.translation import N_

GUIDE = SetupGuide(
    glyph="mail",
    minutes=2,
    needed=(
        N_("Địa chỉ thư nhận bản tin"),
        N_("Máy chủ thư đã được người vận hành khai"),
    ),
    steps=(
        SetupStep(N_("Hỏi người nhận"), N_("Người nhận đồng ý nhận bản tin qua thư; mỗi thư có đường dẫn ngừng nhận.")),
        SetupStep(N_("Có nhiều địa chỉ"), N_("Dùng “Thêm nhiều địa chỉ thư một lúc” ở trang chọn loại kênh.")),
    ),
    test=N_("Thử ngay đăng nhập máy chủ thư; không gửi thư nào."),
)
