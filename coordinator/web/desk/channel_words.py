"""What channels are called and what went wrong with them, for people: kinds, settings, refusals."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from campaigns.core.errors import FieldError
from campaigns.publishing.rates import Limits
from coordinator.channels import registry
from coordinator.channels.registry import Field
from coordinator.web import formats
from coordinator.web.look import language
from coordinator.web.saying import _

# Where a kind has more settings than an administrator has to understand, these come under "more".
RARE = frozenset(
    {"escape_text", "api_base", "oauth_base", "comments", "broadcast_path", "quota_path", "version"}
    | {f"target_{what}" for what in ("gender", "ages", "locations", "cities", "platforms")}
)


@dataclass(frozen=True)
class Setting:
    """One setting as the form shows it. ``kept``: a secret is there already, and stays if nothing is typed."""

    name: str
    label: str
    hint: str
    secret: bool
    required: bool
    kept: bool
    value: object
    options: tuple[tuple[str, str], ...]
    switch: bool
    long: bool
    rare: bool


def kind_name(kind: str) -> str:
    """A kind's label in the reader's language; the kind itself for one that is no longer in the table."""
    row = registry.KINDS.get(kind)
    if row is None:
        return kind
    return row.label_en if language() == "en" else row.label_vi


def resting(opened: int, until: datetime | None, now: datetime) -> str:
    """What a channel's breaker means, in a sentence; "" while it is closed."""
    if not opened:
        return ""
    if until is not None and until > now:
        at = formats.time_of_day(until, seconds=until - now < timedelta(minutes=1))
        return str(_("Tạm nghỉ gọi tới %(at)s, rồi thử một tin.", at=at))
    return str(_("Đã nghỉ xong: thử một tin, tới được thì gửi tiếp."))


def limits(told: Limits) -> str:
    """The limits of a channel in a few words."""
    burst, at_once = formats.number(told.burst, language()), formats.number(told.at_once, language())
    if told.rate is None:
        return str(_("không giới hạn, %(at_once)s lượt cùng lúc", at_once=at_once))
    return str(
        _(
            "%(rate)s lượt mỗi phút, gửi liền nhiều nhất %(burst)s, %(at_once)s lượt cùng lúc",
            rate=formats.number(told.rate, language()),
            burst=burst,
            at_once=at_once,
        )
    )


def kinds_offered() -> list[tuple[str, str, str]]:
    """(kind, label, how it works) of the kinds an administrator may add."""
    return [(kind, kind_name(kind), _nature(kind)) for kind, row in registry.KINDS.items() if row.offered]


def _nature(kind: str) -> str:
    can = registry.KINDS[kind].capabilities
    if can.manual:
        return str(_("Người trực tự đăng; bàn làm việc đưa sẵn nội dung và hỏi lại địa chỉ bài."))
    if kind == "lotus":
        return str(_("Nền tảng tự lấy tin bằng khóa riêng và đăng lên trang của cơ quan ở đó; không gửi gì đi."))
    if can.pulled:
        return str(_("Không gửi gì đi: bên nhận tự lấy tin bằng khóa riêng, nhật ký lấy tin là bằng chứng."))
    if can.asynchronous:
        return str(_("Gửi bài rồi hỏi lại cho tới khi bài lên; cần quản trị tài khoản cấp quyền."))
    if kind == "email":
        return str(_("Mỗi kênh một địa chỉ thư; người nhận tự thôi nhận được; thư không theo dõi ai đọc."))
    if kind == "facebook":
        return str(_("Thử nghiệm: viết theo tài liệu, chưa chạy với Facebook thật. Thử kỹ trên một trang phụ trước."))
    if kind == "mastodon":
        return str(_("Đăng bài lên tài khoản; xem bài đã có chưa rồi mới đăng lại; đếm được lượt thích, chia sẻ."))
    if kind == "telegram":
        return str(_("Bot của Sở đăng vào kênh; câu trả lời bị mất thì người trực xem kênh rồi xác nhận."))
    if kind == "wordpress":
        return str(_("Đưa bài vào WordPress của đối tác bằng tài khoản họ cấp; đính chính và gỡ bài tại chỗ."))
    if kind == "webhook":
        return str(_("Gửi ngay tới máy chủ của bên nhận, có chữ ký; thử lại khi chưa được."))
    return str(_("Báo ngay cho máy chủ của bên nhận; thử lại khi chưa được."))


def settings_of(kind: str, values: Mapping[str, object], kept: frozenset[str] = frozenset()) -> list[Setting]:
    """The settings of a kind, filled with ``values``; ``kept`` names the secrets there are."""
    english = language() == "en"
    found = []
    for field in registry.fields_of(kind):
        words = field.wording
        label = words.en if english else words.vi
        hint = (words.hint_en if english else words.hint_vi) or ""
        have = field.name in kept
        if have:
            hint = f"{hint} {_('Đã có; để trống thì giữ nguyên.')}".strip()
        value = "" if field.secret else values.get(field.name, field.default)
        found.append(
            Setting(
                name=field.name,
                label=label,
                hint=hint,
                secret=field.secret,
                required=field.required and not have,
                kept=have,
                value="" if value is None or str(value) == "PydanticUndefined" else value,
                options=tuple((choice, _choice(choice)) for choice in field.choices),
                switch=isinstance(field.default, bool),
                long=field.name == "instructions",
                rare=field.name in RARE,
            )
        )
    return found


def value_shown(setting: Setting) -> object:
    """What a setting is, as its form calls it: a choice by its words, a switch as yes or no."""
    if setting.switch:
        return _("có") if setting.value else _("không")
    return dict(setting.options).get(str(setting.value), setting.value)


def _choice(choice: str) -> str:
    words = {
        "show": _("Cho bình luận"),
        "hide": _("Không cho bình luận"),
        "pending": _("Chờ người của đối tác duyệt"),
        "draft": _("Bản nháp của đối tác"),
        "publish": _("Đăng ngay"),
        "public": _("Công khai"),
        "unlisted": _("Không liệt kê"),
        "0": _("Tất cả"),
        "1": _("Nam"),
        "2": _("Nữ"),
    }
    return str(words.get(choice, choice))


_BARE = "Khóa không có khoảng trắng hay xuống dòng ở giữa; hãy dán lại nguyên khóa"
_LISTED = "Chỉ gồm các số nêu bên dưới, cách nhau bằng dấu phẩy, không có khoảng trắng"
_PATH = "Đường dẫn bắt đầu bằng /, chỉ gồm chữ không dấu, số, dấu chấm và gạch"
_EXPECTED = {
    "app_secret": _BARE,
    "page_token": _BARE,
    "version": "Nhập dạng v25.0",
    "refresh_token": _BARE,
    "webhook_secret": _BARE,
    "author": "Nhập từ 1 đến 50 ký tự",
    "broadcasts_a_day": "Nhập một số nguyên từ 0 đến 20",
    "broadcasts_a_month": "Nhập một số nguyên từ 0 đến 200",
    "target_ages": _LISTED,
    "target_locations": _LISTED,
    "target_cities": _LISTED,
    "target_platforms": _LISTED,
    "broadcast_path": _PATH,
    "quota_path": _PATH,
    "contact": "Nhập tối đa 200 ký tự",
    "instructions": "Nhập tối đa 2000 ký tự",
    **dict.fromkeys(
        ("comments", "status", "visibility", "target_gender", "escape_text", "silent"), "Chọn một trong các mục có sẵn"
    ),
    "address": "Nhập một địa chỉ thư, ví dụ toasoan@bao.example",
    "account": "Chỉ gồm chữ không dấu, số, dấu chấm, gạch nối, gạch dưới; không có @ và tên máy chủ",
    "access_token": "Mã truy cập không có khoảng trắng ở giữa; hãy dán lại nguyên mã",
    "bot_token": "Mã của bot gồm một dãy số, dấu hai chấm, rồi chữ và số, đúng như @BotFather đưa",
    "chat": "Nhập dạng @ten_kenh, hoặc số bắt đầu bằng -100",
    "password": "Mật khẩu ứng dụng gồm 24 chữ và số, WordPress hiện một lần khi tạo; không phải mật khẩu đăng nhập",
    "user": "Tên người dùng không có dấu hai chấm, dài tối đa 60 ký tự",
}


def setting_sentence(error: FieldError) -> str | None:
    """What is wrong with one setting, where the general sentences would say too little; None where they do."""
    if error.code != "invalid" or not error.field.startswith("settings."):
        return None
    if language() == "en":
        return error.message
    name = error.field.removeprefix("settings.")
    if name.endswith("_id") or name == "category":
        return "Chỉ gồm chữ số"
    if name in _EXPECTED:
        return _EXPECTED[name]
    if name == "secret":
        return "Khóa ký bắt đầu bằng whsec_ và theo sau là 24 đến 64 byte dạng base64"
    if name.endswith(("url", "_base")):
        return "Nhập địa chỉ bắt đầu bằng http:// hoặc https://, không có tên đăng nhập và phần sau dấu #"
    return f"Giá trị chưa đúng: {error.message}"


__all__ = ["Field", "Setting", "kind_name", "kinds_offered", "setting_sentence", "settings_of"]
