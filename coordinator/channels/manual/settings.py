"""The settings of an account that a person posts to."""

from typing import Annotated

from pydantic import Field

from coordinator.channels.settings import FieldLabel, HttpAddress, KindSettings
from coordinator.translation import N_


class ManualSettings(KindSettings):
    """An account that a person posts to: the desk shows the text to copy and asks for the address of the post."""

    page_url: Annotated[
        HttpAddress | None,
        FieldLabel(
            N_("Trang đăng bài"),
            N_("Mở trang này để đăng."),
            expected=N_("Nhập địa chỉ bắt đầu bằng http:// hoặc https://, không có tên đăng nhập và phần sau dấu #"),
        ),
    ] = None
    instructions: Annotated[
        str | None,
        Field(max_length=2000),
        FieldLabel(N_("Hướng dẫn đăng"), N_("Hiện bên cạnh nội dung cần đăng."), expected=N_("Nhập tối đa 2000 ký tự")),
    ] = None

    def public_page(self) -> str:
        """Return the page that is posted to, where it was given."""
        return self.page_url or ""
