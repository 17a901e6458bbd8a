"""The settings of a Lotus-style platform."""

from typing import Annotated

from coordinator.channels.settings import FieldLabel, HttpAddress, KindSettings
from coordinator.translation import N_


class LotusSettings(KindSettings):
    """A platform that reads the feed of its key and has no API for posts."""

    profile_url: Annotated[
        HttpAddress | None,
        FieldLabel(
            N_("Trang của cơ quan trên nền tảng"),
            N_("Nơi người đọc xem bài; chỉ để mở nhanh từ trang quản trị."),
            expected=N_("Nhập địa chỉ bắt đầu bằng http:// hoặc https://, không có tên đăng nhập và phần sau dấu #"),
        ),
    ] = None

    def public_page(self) -> str:
        """Return the department's page on the platform, where it was given."""
        return self.profile_url or ""
