"""What a person prepares for a channel of this kind."""

from coordinator.channels.setup_guide import OwnAddress, SetupGuide, SetupStep
from coordinator.translation import N_

GUIDE = SetupGuide(
    glyph="spread",
    minutes=3,
    needed=(
        N_("Đối tác đã có trong danh sách đối tác"),
        N_("Một người của đối tác nhận khóa qua kênh riêng"),
    ),
    steps=(
        SetupStep(
            N_("Thêm đối tác và trang của đối tác"),
            N_("Chưa có thì thêm ở Đối tác và giấy phép; kênh này phải thuộc một đối tác."),
        ),
        SetupStep(
            N_("Tạo khóa ở trang của đối tác"),
            N_("Khóa hiện đúng một lần. Tạo khóa đầu tiên thì kênh này tự có, không cần thêm ở đây nữa."),
            picture="feed_key",
        ),
        SetupStep(
            N_("Gửi địa chỉ và khóa cho đối tác"),
            N_("Đối tác cho phần mềm đọc địa chỉ đó vài phút một lần; thay chữ KHÓA bằng khóa."),
            picture="feed_address",
        ),
    ),
    test=N_("Không gửi gì đi nên không có nút thử: lần đầu đối tác đọc được thì kênh ghi giờ lấy tin."),
    gives=OwnAddress.FEEDS,
)
