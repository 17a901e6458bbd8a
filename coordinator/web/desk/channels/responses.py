"""Responses of channels as sentences: receipts of successful deliveries, and failures of a channel test with advice.
The original response comes last.
"""

import re
from collections.abc import Callable, Sequence

from campaigns.channels.transport import ChannelNeed, TransportError
from coordinator.channels import registry
from coordinator.translation import _

# Adapters' receipts, recognised by parts of their text; every match is shown, in this order. The values are functions,
# because the sentences are translated when the page is shown.
_POST_MESSAGES: Sequence[tuple[str, Callable[[], str]]] = (
    (
        r"found (?:by its slug|among the account's posts|on the account's list)",
        lambda: _("Lần trước bài đã lên: máy tìm thấy bài nên không đăng lại."),
    ),
    (
        r"waits there as pending",
        lambda: _("Bài nằm ở trang của đối tác, chờ biên tập viên ở đó duyệt; bên ngoài chưa xem được."),
    ),
    (r"waits there as draft", lambda: _("Bài nằm trong mục bản nháp của đối tác; bên ngoài chưa xem được.")),
    (r"waits there as trash", lambda: _("Bài đang nằm trong thùng rác của đối tác.")),
    (
        r"the cover is not at a public address",
        lambda: _("Ảnh bìa của bản tin ở địa chỉ nội bộ, Zalo không tải được: dùng ảnh bìa mặc định của kênh."),
    ),
    (
        r"pictures in the text are not at a public address",
        lambda: _("Ảnh trong bài ở địa chỉ nội bộ nên không lên."),
    ),
    (
        r"without the bulletin's pictures",
        lambda: _("Nơi nhận không nhận ảnh của bản tin: bài lên với ảnh bìa mặc định của kênh, không kèm ảnh khác."),
    ),
    (r"without its picture", lambda: _("Bài lên không kèm ảnh.")),
    (
        r"was not there any more|the site had removed the post|not among the newest|no longer on the list",
        lambda: _("Bài đã không còn ở đó từ trước."),
    ),
    (r"was in the bin already", lambda: _("Bài đã nằm trong thùng rác từ trước.")),
    (r"this server deletes no posts", lambda: _("Máy chủ này không cho xóa bài: lời báo thu hồi thay vào chỗ bài.")),
    (r"its picture is still there", lambda: _("Ảnh của bài vẫn còn ở đó: đăng nhập tài khoản và gỡ ảnh bằng tay.")),
    (r"the article was taken down", lambda: _("Bài đã được gỡ.")),
    (r"the mail server has taken it", lambda: _("Máy chủ thư đã nhận thư.")),
)
# Receipts of a channel test.
_TEST_MESSAGES: Sequence[tuple[str, Callable[[re.Match[str]], str]]] = (
    (
        r"signed in as (?P<who>.*); may write, pictures too",
        lambda it: _("Vào được với tên %(who)s; được gửi bài và ảnh.", who=it["who"]),
    ),
    (
        r"signed in as (?P<who>.*); may write, no pictures",
        lambda it: _("Vào được với tên %(who)s; được gửi bài, không được tải ảnh lên.", who=it["who"]),
    ),
    (
        r"(?P<who>.*): (?P<count>\d+) followers, posts of up to (?P<most>\d+) characters",
        lambda it: _(
            "Tài khoản %(who)s, %(count)s người theo dõi; một bài dài nhất %(most)s ký tự.",
            who=it["who"], count=it["count"], most=it["most"],
        ),
    ),
    (
        r"(?P<who>.*): verified, (?P<count>\d+) followers",
        lambda it: _("Tài khoản %(who)s, đã xác minh, %(count)s người quan tâm.", who=it["who"], count=it["count"]),
    ),
    (
        r"(?P<who>.*): not verified, (?P<count>\d+) followers",
        lambda it: _(
            "Tài khoản %(who)s chưa được Zalo xác minh, %(count)s người quan tâm.", who=it["who"], count=it["count"]
        ),
    ),
    (
        r"(?P<who>@\S*) may post in (?P<where>.*)",
        lambda it: _("%(who)s được đăng ở %(where)s.", who=it["who"], where=it["where"]),
    ),
)  # fmt: skip


def receipt_message(detail: str) -> str:
    """Return an adapter's receipt as sentences; '' where none of it is known."""
    posts = [sentence() for words, sentence in _POST_MESSAGES if re.search(words, detail)]
    tried = [sentence(found) for words, sentence in _TEST_MESSAGES if (found := re.match(words, detail)) is not None]
    return " ".join(posts + tried)


Message = Callable[[], str]

# Failure messages of adapters and of the HTTP client, recognised by parts of their text; the first match is shown. The
# values are functions, because the sentences are translated when the page is shown.
_FAILURE_MESSAGES: Sequence[tuple[tuple[str, ...], Message]] = (
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
        lambda: _(
            "Chứng thư bảo mật của bên nhận không đúng với tên máy chủ, hoặc đã hết hạn. Báo cho bên nhận; chưa gửi gì."
        ),
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
        lambda: _(
            "Bên nhận không trả lời kịp. Thử lại sau; nếu vẫn vậy thì hỏi bên nhận xem máy chủ có chặn Sở không."
        ),
    ),
)


def failure_message(error: TransportError) -> str:
    """Return a failure as a sentence with advice, followed by the original response."""
    return " ".join((failure_advice(error), _("Nguyên văn: %(detail)s", detail=str(error))))


def failure_advice(error: TransportError) -> str:
    """Return the advice alone."""
    text, status = str(error).lower(), error.status
    if (message := registry.error_message(str(error))) is not None:
        return f"{message.text} {message.advice}"
    if status is not None and 300 <= status < 400:
        return _("Địa chỉ nhận chuyển hướng (%(status)s); hãy khai đúng địa chỉ cuối.", status=status)
    for words, sentence in _FAILURE_MESSAGES:
        if any(word in text for word in words):
            return sentence()
    if error.needs is ChannelNeed.AUTHORISATION:
        return _(
            "Bên nhận không nhận mã hoặc quyền mà kênh đang có: lấy mã mới, bấm Sửa và dán lại; kênh được cấp quyền "
            "qua trình duyệt thì cấp quyền lại."
        )
    if error.needs is ChannelNeed.RETIREMENT or status == 410:
        return _("Bên nhận báo địa chỉ này đã ngừng sử dụng (410). Hỏi bên nhận địa chỉ mới.")
    if error.retry_after is not None or status == 429:
        return _("Bên nhận đề nghị chờ rồi thử lại.")
    if status is None:
        return _("Không nối được tới bên nhận. Kiểm tra địa chỉ, chứng thư và đường truyền của bên nhận.")
    if status in {401, 403}:
        return _("Bên nhận từ chối chữ ký hoặc quyền (%(status)s). Kiểm tra khóa ở cả hai bên.", status=status)
    if status == 404:
        return _("Địa chỉ nhận không có ở máy chủ bên nhận (404).")
    if status >= 500:
        return _("Máy chủ của bên nhận đang lỗi (%(status)s). Thử lại sau, hoặc báo cho bên nhận.", status=status)
    return _("Bên nhận trả lời %(status)s, không phải đã nhận.", status=status)


def success_caution(detail: str) -> str:
    """Return a caution about a successful test; '' where there is none."""
    if "a web page" in detail:
        return _("Nhưng câu trả lời là một trang web (HTML): xem lại đây có đúng là địa chỉ nhận tin không.")
    return ""
