"""What channels are called and what went wrong with them, for people: kinds, settings, refusals."""

from collections.abc import Mapping
from dataclasses import dataclass

from flask_babel import gettext as _

from campaigns.core.errors import FieldError
from campaigns.publishing.transport import Needs, TransportError
from coordinator.channels import registry
from coordinator.channels.registry import Field
from coordinator.web.look import language

# Where a kind has more settings than an administrator has to understand, these come under "more".
RARE = frozenset({"escape_text", "api_base", "oauth_base", "comments"})


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
    }
    return str(words.get(choice, choice))


_EXPECTED = {
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


def trouble(error: TransportError) -> str:
    """What a channel answered, in a sentence on what to do; the answer's own words come last."""
    return f"{_advice(error)} {_('Nguyên văn: %(detail)s', detail=str(error))}"


def _advice(error: TransportError) -> str:
    status = error.status
    if error.needs is Needs.AUTHORISATION:
        return str(_("Kênh cần được cấp quyền lại."))
    if error.needs is Needs.RETIREMENT or status == 410:
        return str(_("Bên nhận báo địa chỉ này đã thôi dùng (410). Hỏi họ địa chỉ mới."))
    if error.retry_after is not None or status == 429:
        return str(_("Bên nhận đề nghị chờ rồi thử lại."))
    if status is None:
        return str(_("Không nối được tới bên nhận. Kiểm tra địa chỉ, chứng thư và đường truyền của họ."))
    if status in {401, 403}:
        return str(_("Bên nhận từ chối chữ ký hoặc quyền (%(status)s). Kiểm tra khóa ở cả hai bên.", status=status))
    if status == 404:
        return str(_("Địa chỉ nhận không có ở máy chủ của họ (404)."))
    if 300 <= status < 400:
        return str(_("Địa chỉ nhận chuyển hướng (%(status)s); hãy khai đúng địa chỉ cuối.", status=status))
    if status >= 500:
        return str(_("Máy chủ của bên nhận đang lỗi (%(status)s). Thử lại sau, hoặc báo cho họ.", status=status))
    return str(_("Bên nhận trả lời %(status)s, không phải đã nhận.", status=status))


__all__ = ["Field", "Setting", "kind_name", "kinds_offered", "setting_sentence", "settings_of", "trouble"]
