"""The settings of a signed webhook."""

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Annotated, ClassVar

from pydantic import AfterValidator, SecretStr

from coordinator.channels.settings import FieldLabel, HttpAddress, KindSettings
from coordinator.channels.webhook import signing
from coordinator.translation import N_


def webhook_secret(value: SecretStr) -> SecretStr:
    """Return a secret in the form of Standard Webhooks. Raises ``ValueError``."""
    signing.key_bytes(value.get_secret_value())
    return value


class WebhookSettings(KindSettings):
    """An endpoint of a partner that accepts signed messages."""

    generated_secrets: ClassVar[Mapping[str, Callable[[], str]]] = {"secret": signing.new_secret}

    url: Annotated[
        HttpAddress,
        FieldLabel(
            N_("Địa chỉ nhận"),
            N_("Máy chủ của đối tác nhận tin tại đây; chỉ trả lời 2xx mới tính là đã nhận."),
            expected=N_("Nhập địa chỉ bắt đầu bằng http:// hoặc https://, không có tên đăng nhập và phần sau dấu #"),
        ),
    ]
    secret: Annotated[
        SecretStr | None,
        AfterValidator(lambda value: value if value is None else webhook_secret(value)),
        FieldLabel(
            N_("Khóa ký"),
            N_("Bắt đầu bằng whsec_. Để trống thì hệ thống tạo khóa mới và hiện một lần."),
            expected=N_("Khóa ký bắt đầu bằng whsec_ và theo sau là 24 đến 64 byte dạng base64"),
        ),
    ] = None
    whole_text: Annotated[
        bool,
        FieldLabel(
            N_("Gửi kèm toàn văn"),
            N_("Bật khi đối tác muốn nhận toàn văn trong tin báo; tắt thì đối tác tự lấy toàn văn theo đường dẫn."),
            expected=N_("Chọn một trong các mục có sẵn"),
            rare=True,
        ),
    ] = False

    @classmethod
    def merge_secrets(cls, kept: Mapping[str, str], given: Mapping[str, str], *, now: datetime) -> dict[str, str]:
        """Return the secrets after a change; a former secret signs beside the new one for
        ``signing.OLD_SECRET_GRACE``."""
        merged = {**kept, **given}
        if "secret" in kept and merged["secret"] != kept["secret"]:
            merged["previous_secret"] = kept["secret"]
            merged["previous_until"] = (now + signing.OLD_SECRET_GRACE).isoformat()
        return merged
