"""What stands in the way of a delivery, in plain words, and what somebody can do about it."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import Enum

from campaigns.publishing.channels import ChannelState
from campaigns.publishing.outbox import HELD, DeliveryState
from campaigns.publishing.transport import Act
from coordinator.web import formats
from coordinator.web.desk.zalo_words import told_by_zalo
from coordinator.web.saying import _


class Help(Enum):
    """The one act that helps."""

    NOTHING = "nothing"  # it goes on by itself, or nothing is left to do
    RETRY = "retry"  # try again now, with the same key
    SETTLE = "settle"  # say what became of it
    POST = "post"  # post it by hand and give the address
    CHANNEL = "channel"  # the channel has to be mended first


@dataclass(frozen=True)
class Facts:
    """What is known: how the delivery stands and why, the last try's status and words, and how its channel stands.

    ``act``: what is asked of the receiver; ``manual``: a person serves the channel; ``released``: outsiders may see
    the bulletin by now; ``rests_until``: nobody calls the channel before, for it did not answer many times in a row.
    """

    state: DeliveryState
    reason: str = ""
    status: int | None = None
    error: str = ""
    channel: ChannelState = ChannelState.ACTIVE
    manual: bool = False
    pulled: bool = False
    released: bool = True
    act: Act = Act.PUBLISH
    rests_until: datetime | None = None


@dataclass(frozen=True)
class Trouble:
    """One sentence that says what is so, one that says what to do, and the act that helps."""

    words: str
    advice: str = ""
    help: Help = Help.NOTHING


def trouble_of(facts: Facts) -> Trouble | None:
    """What to tell of a delivery; None when all is as it should be."""
    match facts.state:
        case DeliveryState.DELIVERED | DeliveryState.SENDING:
            return None
        case DeliveryState.CANCELLED | DeliveryState.SKIPPED:
            return Trouble(_dropped(facts.reason))
        case DeliveryState.UNKNOWN:
            return Trouble(
                _("Không rõ bài đã đăng hay chưa: %(why)s", why=_lowered(answer_of(facts))),
                _("Mở kênh xem đã có bài chưa rồi ghi kết luận. Máy không tự gửi lại, để khỏi đăng hai lần."),
                Help.SETTLE,
            )
        case DeliveryState.DEAD:
            return _given_up(facts)
        case DeliveryState.DUE if facts.reason in HELD:
            return _too_late(facts)
        case _:
            return _held_up(facts) or _waiting(facts)


def _waiting(facts: Facts) -> Trouble | None:
    if facts.rests_until is not None:
        at = formats.time_of_day(facts.rests_until)
        return Trouble(
            _("Kênh không trả lời nhiều lần liền. Tạm nghỉ gọi tới %(at)s, rồi thử một tin.", at=at),
            _("Lượt này đợi, không mất lần thử nào; kênh thông thì tự đi."),
        )
    if facts.state is DeliveryState.RETRYING:
        told = told_by_zalo(facts.error)
        usual = _("Máy sẽ tự thử lại. Nếu đã xử lý xong nguyên nhân thì thử lại ngay.")
        return Trouble(answer_of(facts), told.advice if told is not None else usual, Help.RETRY)
    if facts.manual and facts.released:
        return Trouble(_("Kênh này do người đăng."), _by_hand(facts.act), Help.POST)
    if facts.manual:
        return Trouble(_("Chưa tới giờ phát hành."), _("Không đăng trước giờ này."))
    if facts.pulled and facts.released:
        return Trouble(_("Chờ đối tác tự lấy tin qua nguồn tin của họ."))
    return None


def _by_hand(act: Act) -> str:
    match act:
        case Act.PUBLISH:
            return _("Chép nội dung, đăng lên kênh rồi dán địa chỉ bài vào đây.")
        case Act.CORRECT:
            return _("Sửa bài đã đăng trên kênh theo bản mới rồi ghi vào đây.")
        case Act.RECALL:
            return _("Gỡ bài đã đăng trên kênh rồi ghi vào đây.")


def _held_up(facts: Facts) -> Trouble | None:
    """A channel that does not work holds everything that waits for it."""
    if facts.channel is ChannelState.NEEDS_AUTHORISATION:
        return Trouble(
            _("Tài khoản đã hết quyền đăng."),
            _("Người quản trị cấp quyền lại; lượt phát sẽ tự đi tiếp với khóa cũ."),
            Help.CHANNEL,
        )
    if facts.channel is ChannelState.PAUSED:
        return Trouble(_("Kênh đang tạm dừng."), _("Cho kênh chạy lại thì lượt phát sẽ tự đi."), Help.CHANNEL)
    if facts.channel is ChannelState.RETIRED:
        return Trouble(_("Kênh đã thôi dùng."), _("Lượt phát này sẽ không đi nữa."))
    return None


def _too_late(facts: Facts) -> Trouble:
    words = {
        "late": _("Đã quá 12 giờ kể từ giờ phát, mà thư đã gửi thì không lấy lại được."),
        "day_passed": _("Bản tin định kỳ này là của một ngày đã qua."),
    }[facts.reason]
    return Trouble(words, _("Máy không tự gửi tin cũ. Bạn quyết định gửi ngay hay bỏ."), Help.SETTLE)


def _given_up(facts: Facts) -> Trouble:
    if facts.reason == "not_sent":
        return Trouble(_("Đã có người ghi nhận là không đăng."))
    if facts.reason == "settings":
        return Trouble(_("Thiết lập của kênh không còn đúng."), _("Sửa thiết lập của kênh, rồi thử lại."), Help.RETRY)
    if facts.reason == "endpoint_gone" or facts.status == 410:
        return Trouble(
            _("Máy nhận báo địa chỉ này không còn nữa."),
            _("Hỏi đối tác địa chỉ mới rồi lập kênh mới; kênh cũ đã thôi dùng."),
            Help.CHANNEL,
        )
    if facts.reason == "tries_used_up":
        return Trouble(
            _("Đã thử hết số lần: %(why)s", why=_lowered(answer_of(facts))),
            _("Hỏi bên nhận đã thông chưa, rồi thử lại."),
            Help.RETRY,
        )
    return Trouble(answer_of(facts), _remedy(facts), Help.RETRY)


def _dropped(reason: str) -> str:
    return {
        "overtaken": _("Có bản đính chính mới hơn thay cho lượt này."),
        "recalled": _("Bản tin đã được thu hồi trước khi lượt này đi."),
        "channel_retired": _("Kênh đã thôi dùng khi lượt này còn đang đợi."),
        "never_received": _("Kênh này chưa nhận bản tin nên không có gì để thu hồi."),
    }.get(reason, _("Không còn cần gửi."))


# What adapters say without a status of HTTP, recognised by a few of their words.
_TIMEOUT = ("did not answer", "timed out", "deadline", "answer was lost")
_CRASH = ("ended in the middle", "program failed")
# That the post of an earlier text is gone: in our own words, WordPress's and Mastodon's.
_REMOVED = ("no longer there", "rest_post_invalid_id", "record not found")
# What adapters say beside a status that by itself would be told of the channel's address or key.
_SAID: Sequence[tuple[tuple[str, ...], Callable[[], str]]] = (
    (_REMOVED, lambda: _("Bài không còn ở đó: bên nhận đã gỡ nên không sửa được.")),
    (("takes us for nobody",), lambda: _("Trang không nhận ra tên người dùng hoặc mật khẩu ứng dụng.")),
    (("something in front of the site",), lambda: _("Có tường lửa trước trang đang chặn ta (403).")),
    (
        ("something that is not", "something that is no "),
        lambda: _("Bên nhận trả lời bằng thứ khác, thường là một trang web, nên không rõ đã nhận."),
    ),
)


def answer_of(facts: Facts) -> str:
    """What the other side did, in a sentence."""
    status, said = facts.status, facts.error.lower()
    if (told := told_by_zalo(facts.error)) is not None:
        return told.words
    if facts.reason == "needs_authorisation" or "access must be granted" in said:
        return _("Tài khoản đã hết quyền đăng.")
    if "quota" in said:
        return _("Tài khoản đã dùng hết số bài của ngày hôm nay.")
    if "at night" in said:
        return _("Nền tảng không nhận bài vào ban đêm.")
    if any(words in said for words in _CRASH):
        return _("Máy gửi dừng giữa chừng.")
    if "never said what became" in said:
        return _("Kênh đã nhận nhưng không báo kết quả xử lý.")
    for words, sentence in _SAID:
        if any(one in said for one in words):
            return sentence()
    if status is not None and status >= 300:
        return _of_status(status)
    if any(words in said for words in _TIMEOUT):
        return _("Máy nhận không trả lời kịp.")
    if "not a public one" in said or "is not called" in said:
        return _("Địa chỉ của kênh là địa chỉ nội bộ, không được gọi tới.")
    if "picture cannot be read" in said:
        return _("Không đọc được ảnh của bản tin.")
    if "violate" in said:
        return _("Nền tảng cho rằng bài trái quy định của họ.")
    if "not entitled" in said or "shut down" in said:
        return _("Ứng dụng hoặc tài khoản chưa được nền tảng cho phép.")
    if "secret" in said or "signed" in said:
        return _("Kênh thiếu khóa bí mật nên không ký được.")
    if facts.state is DeliveryState.DEAD and facts.reason == "refused":
        return _("Kênh từ chối bài này.")
    return _("Không liên lạc được với máy nhận.")


def _of_status(status: int) -> str:
    if status in {401, 403}:
        return _("Máy nhận không chấp nhận chữ ký hoặc khóa của ta (%(status)s).", status=status)
    if status in {404, 405}:
        return _("Địa chỉ nhận của kênh không đúng (%(status)s).", status=status)
    if status == 413:
        return _("Máy nhận cho rằng bản tin quá lớn (413).")
    if status in {408, 425, 429}:
        return _("Máy nhận xin chậm lại (%(status)s).", status=status)
    if status < 400:
        return _("Máy nhận chuyển sang địa chỉ khác, ta không đi theo (%(status)s).", status=status)
    if status < 500:
        return _("Máy nhận từ chối nội dung (%(status)s).", status=status)
    return _("Máy nhận đang gặp lỗi (%(status)s).", status=status)


def _remedy(facts: Facts) -> str:
    if (told := told_by_zalo(facts.error)) is not None:
        return told.advice
    if any(words in facts.error.lower() for words in _REMOVED):
        return _("Hỏi bên nhận vì sao đã gỡ. Nếu họ khôi phục bài thì thử lại.")
    if facts.status in {401, 403}:
        return _("Đối chiếu khóa bí mật của kênh với bên nhận, rồi thử lại.")
    if facts.status in {404, 405}:
        return _("Sửa địa chỉ của kênh, rồi thử lại.")
    if "violate" in facts.error.lower():
        return _("Người biên tập xem lại bài theo quy định của nền tảng.")
    return _("Xem nguyên văn lỗi, xử lý nguyên nhân rồi thử lại.")


def _lowered(sentence: str) -> str:
    """A sentence to stand behind a colon."""
    return sentence[:1].lower() + sentence[1:]
