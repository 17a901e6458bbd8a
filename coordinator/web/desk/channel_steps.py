"""What is left to do until a new channel carries its first bulletin, step by step."""

import json
from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy.orm import Session

from campaigns.core import journal
from campaigns.publishing.channels import ChannelState
from coordinator.channels import registry
from coordinator.web.desk.channel_rows import ChannelRow
from coordinator.web.saying import _


@dataclass(frozen=True)
class Step:
    """One step. ``text``: what to do, or what was done."""

    text: str
    done: bool


def steps_of(session: Session, channel: ChannelRow) -> Sequence[Step]:
    """The steps of a channel that nothing has been delivered to yet; none for one that works, or is no longer used, and
    for kinds whose receiver comes by itself, which have steps of their own."""
    if channel.delivered or channel.pulled or channel.state is ChannelState.RETIRED:
        return ()
    found = [Step(_("Khai thiết lập"), done=True)]
    if channel.kind == "zalo":
        granted = channel.state is not ChannelState.NEEDS_AUTHORISATION
        found.append(Step(_("Bấm Cấp quyền, đăng nhập Zalo bằng tài khoản quản trị Official Account"), granted))
    row = registry.KINDS.get(channel.kind)
    if row is not None and not row.capabilities.manual:
        good = any(
            entry.act == "channel.tried" and json.loads(entry.details).get("good")
            for entry in journal.history(session, "channel", channel.code)
        )
        found.append(Step(_("Bấm Thử ngay và đọc câu trả lời; chưa đăng gì cả"), good))
    found.append(Step(_("Phát một bản tin có chuyên đề mà kênh nhận, rồi xem lượt phát"), done=False))
    return found
