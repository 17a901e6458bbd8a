"""What a person prepares for a channel of this kind."""

from coordinator.channels.setup_guide import OwnAddress, SetupGuide, SetupStep
from coordinator.translation import N_

GUIDE = SetupGuide(
    glyph="flag",
    minutes=5,
    needed=(
        N_("Trang của cơ quan trên nền tảng"),
        N_("Đối tác là nền tảng đó, đã có trong danh sách"),
    ),
    steps=(
        SetupStep(N_("Thêm nền tảng làm đối tác"), N_("Ở Đối tác và giấy phép; kênh này phải thuộc đối tác đó.")),
        SetupStep(
            N_("Lưu kênh này, rồi tạo khóa ở trang của đối tác"),
            N_("Tạo khóa trước thì đối tác có thêm một kênh nguồn tin. Khóa chỉ hiện một lần; gửi riêng cho nền tảng."),
        ),
        SetupStep(
            N_("Nền tảng đọc nguồn tin"),
            N_("Nền tảng cho máy đọc địa chỉ dưới đây và đăng lên trang của cơ quan; thay chữ KHÓA bằng khóa."),
        ),
    ),
    test=N_("Không gửi gì đi nên không có nút thử: lần đầu nền tảng đọc được thì kênh ghi giờ lấy tin."),
    gives=OwnAddress.FEEDS,
)
