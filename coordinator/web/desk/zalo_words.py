"""What Zalo's error codes say to the people at the desk: what is so, and what somebody can do about it."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from coordinator.channels.zalo_errors import Sense, sense_told
from coordinator.web.saying import _


@dataclass(frozen=True)
class Told:
    """``words``: what is so; ``advice``: what helps; ``code``: Zalo's own."""

    code: int
    words: str
    advice: str


# Functions, because the words are looked up in the language of whoever reads the page.
_SENSES: Mapping[Sense, Callable[[], tuple[str, str]]] = {
    Sense.TOO_FAST: lambda: (
        _("Zalo xin chậm lại: ứng dụng gọi quá nhiều lần trong một phút."),
        _("Máy tự gửi lại sau một phút; không phải làm gì."),
    ),
    Sense.PROCESSING: lambda: (
        _("Zalo còn đang xử lý bài."),
        _("Máy tự hỏi lại cho tới khi bài lên; không phải làm gì."),
    ),
    Sense.TOKEN: lambda: (
        _("Tài khoản đã hết quyền đăng."),
        _("Người quản trị mở trang kênh và bấm Cấp quyền lại; lượt phát sẽ tự đi tiếp với khóa cũ."),
    ),
    Sense.QUOTA: lambda: (
        _("Tài khoản đã dùng hết số bài của ngày hôm nay."),
        _("Chờ tới khi Zalo tính lại hạn mức. Nếu hay gặp, xem lại gói dịch vụ của Official Account."),
    ),
    Sense.RECIPIENTS_QUOTA: lambda: (
        _("Người quan tâm đã nhận đủ số tin mà Zalo cho phép gửi tới một người."),
        _("Chờ tới khi Zalo tính lại hạn mức; bài viết trên trang tài khoản không bị ảnh hưởng."),
    ),
    Sense.REQUEST: lambda: (
        _("Zalo không nhận bài này: có phần chưa đúng quy cách."),
        _("Xem lời của Zalo ở phần Diễn biến, thường là ảnh bìa hoặc độ dài; sửa bản tin hoặc ảnh rồi gửi lại."),
    ),
    Sense.ENTITLEMENT: lambda: (
        _("Ứng dụng hoặc tài khoản chưa được nền tảng cho phép."),
        _(
            "Người quản trị kiểm tra Official Account còn hoạt động, đã xác minh, đúng loại, đủ gói dịch vụ và ứng "
            "dụng được cấp quyền bài viết; xong thì gửi lại."
        ),
    ),
    Sense.RECIPIENT: lambda: (
        _("Zalo từ chối vì phía người nhận: không quan tâm tài khoản, hoặc đã chặn."),
        _("Không ảnh hưởng tới bài viết trên trang tài khoản; không cần gửi lại."),
    ),
    Sense.SHUT_DOWN: lambda: (
        _("Zalo đã đóng giao diện mà phần mềm đang gọi."),
        _("Báo bộ phận kỹ thuật: địa chỉ giao diện của kênh phải đổi, hoặc phần mềm phải nâng cấp."),
    ),
    Sense.NIGHT: lambda: (
        _("Nền tảng không nhận bài vào ban đêm."),
        _("Máy tự gửi lúc 06:00; không phải làm gì."),
    ),
    Sense.STANDARDS: lambda: (
        _("Nền tảng cho rằng bài trái quy định của họ."),
        _("Người biên tập xem lại bài theo quy định của nền tảng."),
    ),
    Sense.WINDOW: lambda: (
        _("Đã quá 48 giờ kể từ lần người dùng nhắn cuối nên Zalo không cho gửi."),
        _("Không cần gửi lại; bài viết trên trang tài khoản không bị ảnh hưởng."),
    ),
    Sense.REPLIES: lambda: (
        _("Đã dùng hết số tin trả lời mà Zalo cho phép."),
        _("Không cần gửi lại; bài viết trên trang tài khoản không bị ảnh hưởng."),
    ),
    Sense.UNLINKED: lambda: (
        _("Official Account chưa liên kết với tài khoản Zalo Cloud."),
        _("Người quản trị liên kết tài khoản Zalo Cloud rồi gửi lại."),
    ),
    Sense.MONEY: lambda: (
        _("Tài khoản Zalo Cloud đã hết tiền."),
        _("Nạp tiền vào tài khoản Zalo Cloud rồi gửi lại."),
    ),
    Sense.PROOF: lambda: (
        _("Ứng dụng Zalo đang đòi appsecret_proof, phần mềm không gửi kèm."),
        _("Tắt appsecret_proof trong phần cài đặt của ứng dụng tại developers.zalo.me rồi gửi lại."),
    ),
}


def told_by_zalo(error: str) -> Told | None:
    """What an error with one of Zalo's codes says; None for one without. A code nobody documents says so."""
    found = sense_told(error)
    if found is None:
        return None
    code, sense = found
    if sense is None:
        return Told(
            code,
            _("Zalo trả lời một mã lỗi chưa rõ nghĩa (%(code)s).", code=code),
            _("Mở trang tài khoản xem bài đã lên chưa, và gửi mã lỗi này cho bộ phận kỹ thuật."),
        )
    words, advice = _SENSES[sense]()
    return Told(code, words, advice)
