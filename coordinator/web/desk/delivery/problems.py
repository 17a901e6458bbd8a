"""The problem of a delivery, in plain words, and the action that solves it."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import Enum

from campaigns.channels.channels import ChannelState
from campaigns.channels.transport import DeliveryAct
from campaigns.delivery.outbox import HOLD_REASONS, DeliveryState
from coordinator.channels import registry
from coordinator.translation import _
from coordinator.web.kit.text import formats


class ProblemAction(Enum):
    """The one action that helps."""

    NOTHING = "nothing"  # the delivery continues by itself, or nothing is left to do
    RETRY = "retry"  # try again now, with the same key
    SETTLE = "settle"  # record the outcome
    POST = "post"  # post it by hand and enter the address
    CHANNEL = "channel"  # the channel has to be repaired first


@dataclass(frozen=True)
class DeliveryFacts:
    """What is known: the delivery's state and reason, the last attempt's status and response, and the channel's state.

    ``act``: the action requested of the receiver; ``manual``: a person posts to the channel; ``released``: the bulletin
    is public; ``rests_until``: the channel is not called before, after many failures in a row; ``void``: why its text
    must not be sent again, as ``outbox.void_reason``.
    """

    state: DeliveryState
    reason: str = ""
    status: int | None = None
    error: str = ""
    channel: ChannelState = ChannelState.ACTIVE
    manual: bool = False
    pulled: bool = False
    released: bool = True
    act: DeliveryAct = DeliveryAct.PUBLISH
    rests_until: datetime | None = None
    void: str = ""


@dataclass(frozen=True)
class DeliveryProblem:
    """A sentence on the problem, a sentence on what to do, and the action that helps."""

    words: str
    advice: str = ""
    help: ProblemAction = ProblemAction.NOTHING


def find_problem(facts: DeliveryFacts) -> DeliveryProblem | None:
    """Return the problem of a delivery; None when there is none."""
    match facts.state:
        case DeliveryState.DELIVERED | DeliveryState.SENDING:
            return None
        case DeliveryState.CANCELLED | DeliveryState.SKIPPED:
            return DeliveryProblem(_dropped(facts.reason))
        case DeliveryState.UNKNOWN:
            return DeliveryProblem(
                _("Không rõ bài đã đăng hay chưa: %(why)s", why=_lowered(answer_message(facts))),
                _("Mở kênh xem đã có bài chưa rồi ghi kết luận. Máy không tự gửi lại, để khỏi đăng hai lần."),
                ProblemAction.SETTLE,
            )
        case DeliveryState.DEAD:
            return _given_up(facts)
        case DeliveryState.DUE if facts.reason in HOLD_REASONS:
            return _too_late(facts)
        case _:
            return _held_up(facts) or _waiting(facts)


def _waiting(facts: DeliveryFacts) -> DeliveryProblem | None:
    if facts.rests_until is not None:
        at = formats.time_of_day(facts.rests_until)
        return DeliveryProblem(
            _("Kênh không trả lời nhiều lần liền. Tạm nghỉ gọi tới %(at)s, rồi thử một tin.", at=at),
            _("Lượt này đợi, không mất lần thử nào; kênh thông thì tự đi."),
        )
    if facts.state is DeliveryState.RETRYING:
        message = registry.error_message(facts.error)
        usual = _("Máy sẽ tự thử lại. Nếu đã xử lý xong nguyên nhân thì thử lại ngay.")
        return DeliveryProblem(
            answer_message(facts), message.advice if message is not None else usual, ProblemAction.RETRY
        )
    if facts.manual and facts.released:
        return DeliveryProblem(_("Kênh này do người đăng."), _by_hand(facts.act), ProblemAction.POST)
    if facts.manual:
        return DeliveryProblem(_("Chưa tới giờ phát hành."), _("Không đăng trước giờ này."))
    if facts.pulled and facts.released:
        return DeliveryProblem(_("Chờ đối tác tự lấy tin qua nguồn tin riêng."))
    return None


def _by_hand(act: DeliveryAct) -> str:
    match act:
        case DeliveryAct.PUBLISH:
            return _("Sao chép nội dung, đăng lên kênh rồi dán địa chỉ bài vào đây.")
        case DeliveryAct.CORRECT:
            return _("Sửa bài đã đăng trên kênh theo bản mới rồi ghi vào đây.")
        case DeliveryAct.RECALL:
            return _("Gỡ bài đã đăng trên kênh rồi ghi vào đây.")


def _held_up(facts: DeliveryFacts) -> DeliveryProblem | None:
    """Return the problem of a delivery that waits for a channel which does not work."""
    if facts.channel is ChannelState.NEEDS_AUTHORISATION:
        return DeliveryProblem(
            _("Tài khoản đã hết quyền đăng."),
            _("Người quản trị cấp quyền lại; lượt phát sẽ tự đi tiếp với khóa cũ."),
            ProblemAction.CHANNEL,
        )
    if facts.channel is ChannelState.PAUSED:
        return DeliveryProblem(
            _("Kênh đang tạm dừng."), _("Cho kênh chạy lại thì lượt phát sẽ tự đi."), ProblemAction.CHANNEL
        )
    if facts.channel is ChannelState.RETIRED:
        return DeliveryProblem(_("Kênh đã ngừng sử dụng."), _("Lượt phát này sẽ không đi nữa."))
    return None


def _too_late(facts: DeliveryFacts) -> DeliveryProblem:
    words = {
        "late": _("Đã quá 12 giờ kể từ giờ phát, mà thư đã gửi thì không lấy lại được."),
        "overdue": _("Đã quá 24 giờ kể từ lúc lẽ ra được gửi."),
        "day_passed": _("Bản tin định kỳ này là của một ngày đã qua."),
    }[facts.reason]
    return DeliveryProblem(words, _("Máy không tự gửi tin cũ. Bạn quyết định gửi ngay hay bỏ."), ProblemAction.SETTLE)


def _given_up(facts: DeliveryFacts) -> DeliveryProblem:
    if facts.reason == "not_sent":
        return DeliveryProblem(_("Đã có người ghi nhận là không đăng."))
    if facts.void == "recalled":
        return DeliveryProblem(_("Bản tin đã thu hồi, nên lượt không tới này không gửi lại và không cần ai xử lý."))
    if facts.void:
        return DeliveryProblem(_("Đã có bản đính chính mới hơn, nên lượt không tới này không gửi lại."))
    if facts.reason == "settings":
        return DeliveryProblem(
            _("Thiết lập của kênh không còn đúng."), _("Sửa thiết lập của kênh, rồi thử lại."), ProblemAction.RETRY
        )
    if facts.reason == "endpoint_gone" or facts.status == 410:
        return DeliveryProblem(
            _("Máy nhận báo địa chỉ này không còn nữa."),
            _("Hỏi đối tác địa chỉ mới rồi lập kênh mới; kênh cũ đã ngừng sử dụng."),
            ProblemAction.CHANNEL,
        )
    if facts.reason == "tries_used_up":
        return DeliveryProblem(
            _("Đã thử hết số lần: %(why)s", why=_lowered(answer_message(facts))),
            _("Hỏi bên nhận đã thông chưa, rồi thử lại."),
            ProblemAction.RETRY,
        )
    return DeliveryProblem(answer_message(facts), _remedy(facts), ProblemAction.RETRY)


def _dropped(reason: str) -> str:
    return {
        "overtaken": _("Có bản đính chính mới hơn thay cho lượt này."),
        "recalled": _("Bản tin đã được thu hồi trước khi lượt này đi."),
        "not_wanted": _("Đã quá hạn khi kênh chạy lại, và có người quyết định không gửi."),
        "channel_retired": _("Kênh đã ngừng sử dụng khi lượt này còn đang đợi."),
        "never_received": _("Kênh này chưa nhận bản tin nên không có gì để thu hồi."),
    }.get(reason, _("Không còn cần gửi."))


# Error messages of adapters without an HTTP status, recognised by parts of their text.
_TIMEOUT = ("did not answer", "timed out", "deadline", "answer was lost")
_CRASH = ("ended in the middle", "program failed", "ended twice")
# Messages that say that the earlier post is gone: our own, WordPress's and Mastodon's.
_REMOVED = ("no longer there", "rest_post_invalid_id", "record not found")
# Messages that override the meaning of the HTTP status, which alone would suggest a wrong address or key.
_ANSWER_MESSAGES: Sequence[tuple[tuple[str, ...], Callable[[], str]]] = (
    (_REMOVED, lambda: _("Bài không còn ở đó: bên nhận đã gỡ nên không sửa được.")),
    (("takes us for nobody",), lambda: _("Trang không nhận ra tên người dùng hoặc mật khẩu ứng dụng.")),
    (("something in front of the site",), lambda: _("Tường lửa trước trang đang chặn hệ thống (403).")),
    (
        ("something that is not", "something that is no "),
        lambda: _("Bên nhận trả lời bằng thứ khác, thường là một trang web, nên không rõ đã nhận."),
    ),
)


def answer_message(facts: DeliveryFacts) -> str:
    """Return the receiver's response as a sentence."""
    status, text = facts.status, facts.error.lower()
    if (message := registry.error_message(facts.error)) is not None:
        return message.text
    if facts.reason == "needs_authorisation" or "access must be granted" in text:
        return _("Tài khoản đã hết quyền đăng.")
    if "quota" in text:
        return _("Tài khoản đã dùng hết số bài của ngày hôm nay.")
    if "at night" in text:
        return _("Nền tảng không nhận bài vào ban đêm.")
    if any(words in text for words in _CRASH):
        return _("Máy gửi dừng giữa chừng.")
    if "never said what became" in text:
        return _("Kênh đã nhận nhưng không báo kết quả xử lý.")
    for words, sentence in _ANSWER_MESSAGES:
        if any(word in text for word in words):
            return sentence()
    if status is not None and status >= 300:
        return _status_message(status)
    if any(words in text for words in _TIMEOUT):
        return _("Máy nhận không trả lời kịp.")
    if "not a public one" in text or "is not called" in text:
        return _("Địa chỉ của kênh là địa chỉ nội bộ, không được gọi tới.")
    if "picture cannot be read" in text:
        return _("Không đọc được ảnh của bản tin.")
    if "violate" in text:
        return _("Nền tảng cho rằng bài trái quy định của nền tảng.")
    if "not entitled" in text or "shut down" in text:
        return _("Ứng dụng hoặc tài khoản chưa được nền tảng cho phép.")
    if "secret" in text or "signed" in text:
        return _("Kênh thiếu khóa bí mật nên không ký được.")
    if facts.state is DeliveryState.DEAD and facts.reason == "refused":
        return _("Kênh từ chối bài này.")
    return _("Không liên lạc được với máy nhận.")


def _status_message(status: int) -> str:
    if status in {401, 403}:
        return _("Máy nhận không chấp nhận chữ ký hoặc khóa của Sở (%(status)s).", status=status)
    if status in {404, 405}:
        return _("Địa chỉ nhận của kênh không đúng (%(status)s).", status=status)
    if status == 413:
        return _("Máy nhận cho rằng bản tin quá lớn (413).")
    if status in {408, 425, 429}:
        return _("Máy nhận xin chậm lại (%(status)s).", status=status)
    if status < 400:
        return _("Máy nhận chuyển sang địa chỉ khác, hệ thống không đi theo (%(status)s).", status=status)
    if status < 500:
        return _("Máy nhận từ chối nội dung (%(status)s).", status=status)
    return _("Máy nhận đang gặp lỗi (%(status)s).", status=status)


def _remedy(facts: DeliveryFacts) -> str:
    if (message := registry.error_message(facts.error)) is not None:
        return message.advice
    if any(words in facts.error.lower() for words in _REMOVED):
        return _("Hỏi bên nhận vì sao đã gỡ. Bài được khôi phục thì thử lại.")
    if facts.status in {401, 403}:
        return _("Đối chiếu khóa bí mật của kênh với bên nhận, rồi thử lại.")
    if facts.status in {404, 405}:
        return _("Sửa địa chỉ của kênh, rồi thử lại.")
    if "violate" in facts.error.lower():
        return _("Người biên tập xem lại bài theo quy định của nền tảng.")
    return _("Xem nguyên văn lỗi, xử lý nguyên nhân rồi thử lại.")


def _lowered(sentence: str) -> str:
    """Return the sentence with a lower-case start, to follow a colon."""
    return sentence[:1].lower() + sentence[1:]
