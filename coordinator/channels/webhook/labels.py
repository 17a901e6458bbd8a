"""What a person prepares for a channel of this kind."""

from coordinator.channels.setup_guide import SetupGuide, SetupStep
from coordinator.translation import N_

GUIDE = SetupGuide(
    glyph="link",
    minutes=10,
    needed=(
        N_("Một địa chỉ https của máy chủ bên nhận, nhận được POST"),
        N_("Người kỹ thuật của bên nhận"),
    ),
    steps=(
        SetupStep(N_("Hỏi địa chỉ nhận"), N_("Địa chỉ cuối cùng, không chuyển hướng, gọi được từ Internet.")),
        SetupStep(
            N_("Trao khóa ký"),
            N_("Lưu xong hệ thống hiện khóa ký đúng một lần; gửi cho bên nhận qua kênh riêng, không qua thư."),
        ),
        SetupStep(
            N_("Bên nhận kiểm chữ ký"), N_("Theo chuẩn Standard Webhooks; cổng đối tác có sẵn mẫu và lần gọi thử.")
        ),
    ),
    test=N_("Thử ngay gửi một tin thử có chữ ký và cho biết bên nhận trả lời gì."),
)
