"""The settings of a mail recipient."""

import re
from typing import Annotated

from pydantic import AfterValidator

from coordinator.channels.settings import FieldLabel, KindSettings
from coordinator.translation import N_

_MAIL = re.compile(r"[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]{1,64}@[A-Za-z0-9](?:[A-Za-z0-9.-]*[A-Za-z0-9])?\.[A-Za-z]{2,63}")


def mail_address(value: str) -> str:
    """Return ``value`` if it is one mail address. Raises ``ValueError``."""
    if not _MAIL.fullmatch(value) or len(value) > 254:
        raise ValueError("expected one mail address such as toasoan@bao.example")
    return value


class EmailSettings(KindSettings):
    """A recipient of bulletins by mail."""

    address: Annotated[
        str,
        AfterValidator(mail_address),
        FieldLabel(
            N_("Địa chỉ thư"),
            N_("Mỗi kênh một địa chỉ; người nhận tự ngừng nhận được bằng đường dẫn cuối thư."),
            expected=N_("Nhập một địa chỉ thư, ví dụ toasoan@bao.example"),
        ),
    ]
