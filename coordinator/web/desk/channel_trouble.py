"""Why trying a channel failed, in a sentence on what to do; the other side's own words come last."""

from collections.abc import Callable, Sequence

from campaigns.publishing.transport import Needs, TransportError
from coordinator.web.desk.zalo_words import told_by_zalo
from coordinator.web.saying import _

Words = Callable[[], str]

# What adapters and the door say, recognised by a few of their words; the first that fits is told. Functions, because
# the sentences are looked up in the language of whoever reads the page.
_SAID: Sequence[tuple[tuple[str, ...], Words]] = (
    (
        ("not a public one", "is not called"),
        lambda: _(
            "Địa chỉ này nằm trong mạng nội bộ hoặc dùng cổng lạ, nên hệ thống không gọi tới. Khai địa chỉ công khai "
            "trên Internet; nếu thật sự cần địa chỉ nội bộ, người vận hành thêm nó vào LANTOA_ALLOW_HOSTS."
        ),
    ),
    (
        ("no such host",),
        lambda: _("Không có máy chủ nào mang tên này. Xem lại từng chữ của địa chỉ."),
    ),
    (
        ("certificate",),
        lambda: _("Chứng thư bảo mật của họ không đúng với tên máy chủ, hoặc đã hết hạn. Báo cho họ; ta không gửi gì."),
    ),
    (
        ("answer is not valid http", "address must", "address holds", "not a host name", "no usable host"),
        lambda: _("Ở địa chỉ này không phải máy chủ web. Xem lại http hay https, tên máy chủ và cổng."),
    ),
    (
        ("the access is for account", "the access is ", "but this channel is"),
        lambda: _(
            "Quyền đang có là của một tài khoản khác, không phải tài khoản khai ở kênh này. Đăng nhập đúng tài khoản "
            "rồi lấy mã hoặc cấp quyền lại."
        ),
    ),
    (
        ("takes us for nobody",),
        lambda: _("Trang không nhận ra tên người dùng hoặc mật khẩu ứng dụng. Tạo mật khẩu ứng dụng mới rồi dán lại."),
    ),
    (
        ("may not do this there", "may not post in"),  # WordPress and Facebook; Telegram
        lambda: _("Tài khoản vào được nhưng thiếu quyền đăng. Nhờ người quản trị bên đó cấp thêm quyền."),
    ),
    (
        ("chat not found", "not a channel", "has another number now"),
        lambda: _("Bot không thấy kênh này. Xem lại tên kênh, và bot đã là quản trị viên của kênh chưa."),
    ),
    (
        (
            "something that is not",
            "something that is no",
            "not in the form",
            "was not json",
            "answered a web page",
        ),
        lambda: _(
            "Bên đó trả lời bằng thứ khác, thường là một trang web, chứ không phải giao diện cần gọi. Xem lại địa chỉ; "
            "cũng có thể tường lửa hoặc trang đăng nhập đang chắn giữa đường."
        ),
    ),
    (
        ("has no application secret", "has no application password", "has no signing secret", "cannot be signed"),
        lambda: _("Kênh thiếu khóa bí mật. Bấm Sửa và nhập khóa."),
    ),
    (
        ("access has not been granted", "has no access token", "has no bot token"),
        lambda: _("Kênh chưa được cấp quyền lần nào."),
    ),
    (
        ("no mail server",),
        lambda: _("Hệ thống chưa có máy chủ thư. Người vận hành khai LANTOA_MAIL_SERVER."),
    ),
    (
        ("no complete answer in time", "took no connection in time"),
        lambda: _("Bên nhận không trả lời kịp. Thử lại sau; nếu vẫn vậy thì hỏi họ máy chủ có chặn ta không."),
    ),
)


def trouble(error: TransportError) -> str:
    """What a channel answered, in a sentence on what to do; the answer's own words come last."""
    return f"{advice(error)} {_('Nguyên văn: %(detail)s', detail=str(error))}"


def advice(error: TransportError) -> str:
    """The sentence alone."""
    said, status = str(error).lower(), error.status
    if (told := told_by_zalo(str(error))) is not None:
        return f"{told.words} {told.advice}"
    if status is not None and 300 <= status < 400:
        return _("Địa chỉ nhận chuyển hướng (%(status)s); hãy khai đúng địa chỉ cuối.", status=status)
    for words, sentence in _SAID:
        if any(one in said for one in words):
            return sentence()
    if error.needs is Needs.AUTHORISATION:
        return _(
            "Bên nhận không nhận mã hoặc quyền mà kênh đang có: lấy mã mới, bấm Sửa và dán lại; kênh được cấp quyền "
            "qua trình duyệt thì cấp quyền lại."
        )
    if error.needs is Needs.RETIREMENT or status == 410:
        return _("Bên nhận báo địa chỉ này đã thôi dùng (410). Hỏi họ địa chỉ mới.")
    if error.retry_after is not None or status == 429:
        return _("Bên nhận đề nghị chờ rồi thử lại.")
    if status is None:
        return _("Không nối được tới bên nhận. Kiểm tra địa chỉ, chứng thư và đường truyền của họ.")
    if status in {401, 403}:
        return _("Bên nhận từ chối chữ ký hoặc quyền (%(status)s). Kiểm tra khóa ở cả hai bên.", status=status)
    if status == 404:
        return _("Địa chỉ nhận không có ở máy chủ của họ (404).")
    if status >= 500:
        return _("Máy chủ của bên nhận đang lỗi (%(status)s). Thử lại sau, hoặc báo cho họ.", status=status)
    return _("Bên nhận trả lời %(status)s, không phải đã nhận.", status=status)


def caution(detail: str) -> str:
    """What to think of although trying went well; '' where there is nothing."""
    if "a web page" in detail:
        return _("Nhưng câu trả lời là một trang web (HTML): xem lại đây có đúng là địa chỉ nhận tin của họ không.")
    return ""
