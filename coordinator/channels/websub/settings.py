"""The settings of an external WebSub hub."""

from typing import Annotated

from coordinator.channels.settings import FieldLabel, HttpAddress, KindSettings
from coordinator.translation import N_


class WebsubSettings(KindSettings):
    """An external WebSub hub."""

    hub_url: Annotated[
        HttpAddress,
        FieldLabel(
            N_("Địa chỉ hub"),
            N_("Hub bên ngoài được báo mỗi khi nguồn tin công khai thay đổi."),
            expected=N_("Nhập địa chỉ bắt đầu bằng http:// hoặc https://, không có tên đăng nhập và phần sau dấu #"),
        ),
    ]
