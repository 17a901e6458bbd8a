"""What channels say of something that went well, in plain words: on a delivery's story and after trying a channel."""

import re
from collections.abc import Callable, Sequence

from coordinator.web.saying import _

# What adapters say, recognised by a few of their words; every one that fits is told, in this order. Functions, because
# the sentences are looked up in the language of whoever reads the page.
_OF_POSTS: Sequence[tuple[str, Callable[[], str]]] = (
    (
        r"found (?:by its slug|among the account's posts|on the account's list)",
        lambda: _("Lần trước bài đã lên: máy tìm thấy bài nên không đăng lại."),
    ),
    (
        r"waits there as pending",
        lambda: _("Bài nằm ở trang của đối tác, chờ người của họ duyệt; chưa ai ngoài họ xem được."),
    ),
    (r"waits there as draft", lambda: _("Bài nằm trong mục bản nháp của đối tác; chưa ai ngoài họ xem được.")),
    (r"waits there as trash", lambda: _("Bài đang nằm trong thùng rác của đối tác.")),
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
# The same of what they say when a channel is tried.
_OF_TRIES: Sequence[tuple[str, Callable[[re.Match[str]], str]]] = (
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
        r"(?P<who>@\S*) may post in (?P<where>.*)",
        lambda it: _("%(who)s được đăng ở %(where)s.", who=it["who"], where=it["where"]),
    ),
)  # fmt: skip


def told_by(detail: str) -> str:
    """An adapter's words on a receipt, as sentences; '' where none of them is known."""
    posts = [sentence() for words, sentence in _OF_POSTS if re.search(words, detail)]
    tried = [sentence(found) for words, sentence in _OF_TRIES if (found := re.match(words, detail)) is not None]
    return " ".join(posts + tried)
