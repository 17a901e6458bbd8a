"""What a person prepares for a channel of this kind."""

from coordinator.channels.setup_guide import SetupGuide, SetupStep
from coordinator.translation import N_

GUIDE = SetupGuide(
    glyph="bell",
    minutes=5,
    needed=(N_("Địa chỉ hub WebSub của bên nhận"),),
    steps=(
        SetupStep(N_("Hỏi địa chỉ hub"), N_("Bên nhận cho địa chỉ https của hub mà bên nhận đăng ký.")),
        SetupStep(
            N_("Bên nhận đăng ký nguồn tin"), N_("Bên nhận đăng ký với hub địa chỉ nguồn tin công khai của hệ thống.")
        ),
    ),
    test=N_("Thử ngay hỏi địa chỉ hub, không báo gì, và cho biết hub trả lời gì."),
)
