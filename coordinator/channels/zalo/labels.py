"""Messages for Zalo's error codes, for staff: what happened and what to do."""

from collections.abc import Mapping

from coordinator.channels.error_message import ErrorMessage
from coordinator.channels.setup_guide import SetupGuide
from coordinator.channels.zalo.errors import ErrorMeaning, meaning_of
from coordinator.translation import N_, _

# The parts of a quota's name, as Zalo's answers have them: the product, whose quota, and of what time.
_QUOTA_WORDS: Mapping[str, str] = {
    "promotion": N_("tin truyền thông"),
    "transaction": N_("tin giao dịch"),
    "cs": N_("tin tư vấn"),
    "consultation": N_("tin tư vấn"),
    "sub_quota": N_("trong gói dịch vụ"),
    "purchase_quota": N_("mua thêm"),
    "reward_quota": N_("được tặng"),
    "daily": N_("mỗi ngày"),
    "monthly": N_("mỗi tháng"),
}


def quota_label(name: str) -> str:
    """Return the words for the name of a quota; parts of it that are not known stay as Zalo wrote them."""
    return ", ".join(_(_QUOTA_WORDS[part]) if part in _QUOTA_WORDS else part for part in name.split()) or "–"


# By meaning: what happened, and what to do.
MESSAGES: Mapping[ErrorMeaning, tuple[str, str]] = {
    ErrorMeaning.TOO_FAST: (
        N_("Zalo xin chậm lại: ứng dụng gọi quá nhiều lần trong một phút."),
        N_("Máy tự gửi lại sau một phút; không phải làm gì."),
    ),
    ErrorMeaning.PROCESSING: (
        N_("Zalo còn đang xử lý bài."),
        N_("Máy tự hỏi lại cho tới khi bài lên; không phải làm gì."),
    ),
    ErrorMeaning.TOKEN: (
        N_("Tài khoản đã hết quyền đăng."),
        N_("Người quản trị mở trang kênh và bấm Cấp quyền lại; lượt phát sẽ tự đi tiếp với khóa cũ."),
    ),
    ErrorMeaning.QUOTA: (
        N_("Tài khoản đã dùng hết số bài của ngày hôm nay."),
        N_("Chờ tới khi Zalo tính lại hạn mức. Nếu hay gặp, xem lại gói dịch vụ của Official Account."),
    ),
    ErrorMeaning.RECIPIENTS_QUOTA: (
        N_("Người quan tâm đã nhận đủ số tin mà Zalo cho phép gửi tới một người."),
        N_("Chờ tới khi Zalo tính lại hạn mức; bài viết trên trang tài khoản không bị ảnh hưởng."),
    ),
    ErrorMeaning.REQUEST: (
        N_("Zalo không nhận bài này: có phần chưa đúng quy cách."),
        N_("Xem lời của Zalo ở phần Diễn biến, thường là ảnh bìa hoặc độ dài; sửa bản tin hoặc ảnh rồi gửi lại."),
    ),
    ErrorMeaning.PICTURES: (
        N_("Zalo không tạo bài, thường vì không tải được ảnh."),
        N_(
            "Máy tự gửi lại một lần với ảnh bìa mặc định của kênh. Nếu vẫn chưa được: mở thiết lập kênh, kiểm tra "
            "ảnh bìa mặc định có mở được từ Internet và không quá 1 MB, rồi gửi lại."
        ),
    ),
    ErrorMeaning.ENTITLEMENT: (
        N_("Ứng dụng hoặc tài khoản chưa được nền tảng cho phép."),
        N_(
            "Người quản trị kiểm tra Official Account còn hoạt động, đã xác minh, đúng loại, đủ gói dịch vụ và ứng "
            "dụng được cấp quyền bài viết; xong thì gửi lại."
        ),
    ),
    ErrorMeaning.RECIPIENT: (
        N_("Zalo từ chối vì phía người nhận: không quan tâm tài khoản, hoặc đã chặn."),
        N_("Không ảnh hưởng tới bài viết trên trang tài khoản; không cần gửi lại."),
    ),
    ErrorMeaning.SHUT_DOWN: (
        N_("Zalo đã đóng giao diện mà phần mềm đang gọi."),
        N_("Báo bộ phận kỹ thuật: địa chỉ giao diện của kênh phải đổi, hoặc phần mềm phải nâng cấp."),
    ),
    ErrorMeaning.NIGHT: (
        N_("Nền tảng không nhận bài vào ban đêm."),
        N_("Máy tự gửi lúc 06:00; không phải làm gì."),
    ),
    ErrorMeaning.STANDARDS: (
        N_("Nền tảng cho rằng bài trái quy định của nền tảng."),
        N_("Người biên tập xem lại bài theo quy định của nền tảng."),
    ),
    ErrorMeaning.WINDOW: (
        N_("Đã quá 48 giờ kể từ lần người dùng nhắn cuối nên Zalo không cho gửi."),
        N_("Không cần gửi lại; bài viết trên trang tài khoản không bị ảnh hưởng."),
    ),
    ErrorMeaning.REPLIES: (
        N_("Đã dùng hết số tin trả lời mà Zalo cho phép."),
        N_("Không cần gửi lại; bài viết trên trang tài khoản không bị ảnh hưởng."),
    ),
    ErrorMeaning.UNLINKED: (
        N_("Official Account chưa liên kết với tài khoản Zalo Cloud."),
        N_("Người quản trị liên kết tài khoản Zalo Cloud rồi gửi lại."),
    ),
    ErrorMeaning.MONEY: (
        N_("Tài khoản Zalo Cloud đã hết tiền."),
        N_("Nạp tiền vào tài khoản Zalo Cloud rồi gửi lại."),
    ),
    ErrorMeaning.PROOF: (
        N_("Ứng dụng Zalo đang đòi appsecret_proof, phần mềm không gửi kèm."),
        N_("Tắt appsecret_proof trong phần cài đặt của ứng dụng tại developers.zalo.me rồi gửi lại."),
    ),
}


def error_message(error: str) -> ErrorMessage | None:
    """Return the message for an error with one of Zalo's codes, also an undocumented one; None without a code."""
    found = meaning_of(error)
    if found is None:
        return None
    code, meaning = found
    if meaning is None:
        return ErrorMessage(
            code,
            _("Zalo trả lời một mã lỗi chưa rõ nghĩa (%(code)s).", code=code),
            _("Mở trang tài khoản xem bài đã lên chưa, và gửi mã lỗi này cho bộ phận kỹ thuật."),
        )
    text, advice = MESSAGES[meaning]
    return ErrorMessage(code, _(text), _(advice))


GUIDE = SetupGuide(
    glyph="talk",
    minutes=15,
    needed=(
        N_("Quyền quản trị Zalo Official Account của cơ quan"),
        N_("Một ứng dụng đã liên kết với tài khoản đó tại developers.zalo.me"),
    ),
    steps=(),
    test=N_("Hỏi Zalo về tài khoản; chưa đăng gì cả."),
)
