"""The settings of a partner's feed."""

from typing import Annotated

from pydantic import Field

from coordinator.channels.settings import FieldLabel, KindSettings
from coordinator.translation import N_


class FeedSettings(KindSettings):
    """A partner that reads its own feed; what it is entitled to is set on its key and topics."""

    contact: Annotated[
        str | None,
        Field(max_length=200),
        FieldLabel(
            N_("Đầu mối kỹ thuật"), N_("Gọi ai khi đối tác ngừng lấy tin."), expected=N_("Nhập tối đa 200 ký tự")
        ),
    ] = None
