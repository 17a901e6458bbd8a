"""What letters say, in the reader's language. Names and addresses come from rows and are nothing but text."""

from collections.abc import Mapping

_FOOT = {
    "vi": "\n\nThư này do hệ thống Lan Tỏa tự gửi, không cần trả lời.\n{base}\n",
    "en": "\n\nThis letter was sent by Lan Tỏa itself; nobody reads answers to it.\n{base}\n",
}
# By kind of letter: subject and text in each language.
_LINKS: Mapping[str, Mapping[str, tuple[str, str]]] = {
    "invitation": {
        "vi": (
            "Mời vào làm việc trên Lan Tỏa",
            "Chào {name},\n\n{by} mời bạn vào hệ thống Lan Tỏa. Mở đường dẫn sau để đặt mật khẩu:\n\n{link}\n\n"
            "Đường dẫn dùng được một lần, tới {until}. Đừng chuyển tiếp thư này.",
        ),
        "en": (
            "You are invited to Lan Tỏa",
            "Hello {name},\n\n{by} invites you to Lan Tỏa. Open this link to set a password:\n\n{link}\n\n"
            "It works once, until {until}. Please do not forward this letter.",
        ),
    },
    "password": {
        "vi": (
            "Đặt mật khẩu mới trên Lan Tỏa",
            "Chào {name},\n\nMở đường dẫn sau để đặt mật khẩu mới:\n\n{link}\n\n"
            "Đường dẫn dùng được một lần, tới {until}. "
            "Nếu bạn không yêu cầu, cứ bỏ qua thư này: mật khẩu cũ vẫn dùng được.",
        ),
        "en": (
            "A new password for Lan Tỏa",
            "Hello {name},\n\nOpen this link to set a new password:\n\n{link}\n\nIt works once, until {until}. "
            "If you did not ask for it, ignore this letter: your password has not changed.",
        ),
    },
    "editor": {
        "vi": (
            "Mời vào cổng đối tác của {office}",
            "Chào {name},\n\n{by}, {office}, mời bạn vào cổng đối tác, thay mặt {partner}: lấy bản tin để đăng, "
            "báo bài đã đăng, xem kết quả và hỏi Sở.\n\n"
            "Trên máy bạn sẽ dùng để làm việc, mở đường dẫn sau rồi bấm “Vào cổng”:\n\n{link}\n\n"
            "Đường dẫn dùng được một lần, tới {until}. Vào rồi thì máy ấy được nhớ trong nhiều tuần, không cần mật "
            "khẩu. Đừng chuyển tiếp thư này: ai bấm trước thì người đó vào bằng tên bạn.",
        ),
        "en": (
            "You are invited to the partner portal of {office}",
            "Hello {name},\n\n{by} of {office} invites you to the partner portal on behalf of {partner}: bulletins to "
            "publish, reporting what you published, results, and questions.\n\nOn the machine you will work at, open "
            "this link and press “Enter”:\n\n{link}\n\nIt works once, until {until}. That machine is then remembered "
            "for weeks; there is no password. Please do not forward this letter: whoever presses first comes in under "
            "your name.",
        ),
    },
    "editor_again": {
        "vi": (
            "Đường dẫn mới vào cổng đối tác của {office}",
            "Chào {name},\n\n{by}, {office}, gửi bạn một đường dẫn mới vào cổng đối tác, thay mặt {partner}. "
            "Trên máy bạn sẽ dùng, mở đường dẫn rồi bấm “Vào cổng”:\n\n{link}\n\n"
            "Đường dẫn dùng được một lần, tới {until}; đường dẫn gửi trước hết dùng. Đừng chuyển tiếp thư này.",
        ),
        "en": (
            "A new link into the partner portal of {office}",
            "Hello {name},\n\n{by} of {office} sends you a new link into the partner portal on behalf of {partner}. On "
            "the machine you will work at, open it and press “Enter”:\n\n{link}\n\nIt works once, until {until}; the "
            "link sent before no longer works. Please do not forward this letter.",
        ),
    },
}
_FINDING = {
    "vi": (
        "{office}: một điều cần {partner} trả lời",
        "Chào {name},\n\n{office} vừa đưa lên cổng đối tác một điều liên quan tới {site}:\n\n{rule}\n\n"
        "Mời xem bằng chứng và trả lời{until}, ở trang:\n\n{link}\n\n"
        "Vào cổng bằng khóa hoặc trên máy đã vào trước đây. Hết phiên thì xin Sở một đường dẫn mới.",
    ),
    "en": (
        "{office}: something for {partner} to answer",
        "Hello {name},\n\n{office} has put something about {site} into the partner portal:\n\n{rule}\n\n"
        "Please look at the evidence and answer{until}, at:\n\n{link}\n\n"
        "Enter with your key or on the machine you entered with before. If the visit has ended, ask for a new link.",
    ),
}
_UNTIL = {"vi": ", trước hết ngày {day}", "en": ", by the end of {day}"}
_HAPPENED: Mapping[str, tuple[str, str]] = {
    "signed_in": ("Đăng nhập từ trình duyệt chưa từng dùng", "A sign-in from a browser not used before"),
    "factor_set": ("Đã thiết lập ứng dụng xác thực", "An authenticator app was set up"),
    "factor_removed": ("Đã bỏ ứng dụng xác thực", "The authenticator app was removed"),
    "factor_reset": ("Người quản trị đã đặt lại lớp thứ hai của bạn", "An administrator reset your second factor"),
    "codes_renewed": ("Đã đổi mã khôi phục", "The recovery codes were renewed"),
    "passkey_added": ("Đã thêm một khóa truy cập", "A passkey was added"),
    "passkey_removed": ("Đã gỡ một khóa truy cập", "A passkey was removed"),
    "password_changed": ("Đã đổi mật khẩu", "The password was changed"),
    "linked": ("Đã nối với tài khoản của thành phố", "Linked with the city's account"),
}
_NOTICE = {
    "vi": (
        "Lan Tỏa: {what}",
        "Chào {name},\n\n{what}.\nLúc {at}{more}.\n\nNếu đúng là bạn thì không phải làm gì. "
        "Nếu không, hãy báo ngay người quản trị và đổi mật khẩu: {base}/desk/account",
    ),
    "en": (
        "Lan Tỏa: {what}",
        "Hello {name},\n\n{what}.\nAt {at}{more}.\n\nIf it was you, there is nothing to do. "
        "If not, tell your administrator at once and change your password: {base}/desk/account",
    ),
}
# By what happened: subject and text in each language.
_ALARMS: Mapping[str, Mapping[str, tuple[str, str]]] = {
    "channel_failing": {
        "vi": (
            "Lan Tỏa: {about} lỗi nhiều ngày",
            "Chào {name},\n\nKênh {about} lỗi đã nhiều ngày, không lượt phát nào tới được. "
            "Hệ thống vẫn thử, thưa dần.\nBáo lúc {at}; báo một lần cho tới khi kênh thông lại.\n\n"
            "Xem kênh: {base}/desk/channels/",
        ),
        "en": (
            "Lan Tỏa: {about} has failed for days",
            "Hello {name},\n\nThe channel {about} has failed for days; no delivery arrived. It is still tried, ever "
            "more rarely.\nTold at {at}; told once until something arrives.\n\nSee it: {base}/desk/channels/",
        ),
    },
    "channel_recovered": {
        "vi": (
            "Lan Tỏa: {about} đã thông",
            "Chào {name},\n\nKênh {about} đã nhận được bản tin trở lại, lúc {at}. "
            "Những lượt đang đợi được gửi tiếp theo thứ tự.\n\nXem kênh: {base}/desk/channels/",
        ),
        "en": (
            "Lan Tỏa: {about} works again",
            "Hello {name},\n\nThe channel {about} took a bulletin again, at {at}. What waits is sent in its order."
            "\n\nSee it: {base}/desk/channels/",
        ),
    },
}

# By code of a spell: what is wrong, and what is right again; in each language.
_SPELLS: Mapping[str, Mapping[str, tuple[str, str]]] = {
    "no_clock": {
        "vi": ("Không có tiến trình đồng hồ nào chạy", "Đồng hồ đã chạy lại"),
        "en": ("No clock process is running", "A clock is running again"),
    },
    "deliveries_late": {
        "vi": ("Lượt phát trễ quá 5 phút", "Lượt phát đã đúng giờ trở lại"),
        "en": ("Deliveries are more than 5 minutes late", "Deliveries are on time again"),
    },
    "deliveries_dead": {
        "vi": ("Có lượt phát không gửi được, cần người xử lý", "Không còn lượt phát nào hỏng"),
        "en": ("Deliveries could not be made and need somebody", "No delivery is given up any more"),
    },
    "channel_unauthorised": {
        "vi": ("Kênh cần được cấp quyền lại", "Kênh đã được cấp quyền"),
        "en": ("A channel needs its authorisation granted again", "The channel has its authorisation"),
    },
    "sites_failing": {
        "vi": ("Nhiều trang đối tác cùng không đọc được", "Các trang đối tác đã đọc lại được"),
        "en": ("Many partner sites cannot be read at once", "Partner sites can be read again"),
    },
    "target_behind": {
        "vi": ("Chỉ tiêu đang chậm, theo dự báo sẽ không đạt", "Chỉ tiêu đã theo kịp"),
        "en": ("A target fell behind: by the forecast it will not be reached", "A target is on course again"),
    },
    "milestone_missed": {
        "vi": ("Lỡ một mốc của kế hoạch", "Mốc từng lỡ nay đã đạt"),
        "en": ("A milestone was missed", "A milestone that was missed is reached now"),
    },
    "reports_unsent": {
        "vi": ("Có báo cáo định kỳ không gửi đi được", "Báo cáo định kỳ đã gửi được hết"),
        "en": ("Scheduled reports could not be mailed", "No scheduled report is left unsent"),
    },
    "disk_nearly_full": {
        "vi": ("Đĩa chứa dữ liệu sắp đầy", "Đĩa chứa dữ liệu đã có chỗ"),
        "en": ("The disk with the data is nearly full", "The disk with the data has room again"),
    },
}
_SPELL = {
    "vi": (
        "Lan Tỏa: {what}",
        "Chào {name},\n\n{what}{more}.\nLúc {at}.\n\nXem trang Hôm nay, hoặc chạy lantoa doctor.",
    ),
    "en": ("Lan Tỏa: {what}", "Hello {name},\n\n{what}{more}.\nAt {at}.\n\nSee the page Today, or run lantoa doctor."),
}
_OVER = "_over"  # ends the name of what is told when a spell is over


def over(code: str) -> str:
    """What is told when the spell of this code is over."""
    return code + _OVER


def alarm(what: str, locale: str, *, about: str, **values: str) -> tuple[str, str]:
    """Subject and text of an alarm. ``what``: of a channel, or the code of a spell, or ``over`` of it; ``about``: of
    what, if there are several; ``values``: name, at, base. A spell without words is told by its code."""
    if what in _ALARMS:
        subject, text = _ALARMS[what][locale]
        return " ".join(subject.format(about=about).split()), (text + _FOOT[locale]).format(about=about, **values)
    words = _SPELLS.get(what.removesuffix(_OVER))
    told = words[locale][what.endswith(_OVER)] if words is not None else what
    given = {**values, "what": told, "more": f" · {about}" if about else ""}
    head, text = _SPELL[locale]
    return " ".join(head.format(**given).split()), (text + _FOOT[locale]).format(**given)


def link_letter(kind: str, locale: str, **values: str) -> tuple[str, str]:
    """Subject and text of a letter with a one-time link; ``values``: name, by, link, until, base, and for an editor
    office and partner."""
    subject, text = _LINKS[kind][locale]
    return " ".join(subject.format(**values).split()), (text + _FOOT[locale]).format(**values)


def finding_letter(locale: str, until: str, **values: str) -> tuple[str, str]:
    """Subject and text of a letter that asks a partner to answer a finding. ``until``: the day, '' without one;
    ``values``: name, office, partner, site, rule, link, base."""
    subject, text = _FINDING[locale]
    given = {**values, "until": _UNTIL[locale].format(day=until) if until else ""}
    return " ".join(subject.format(**given).split()), (text + _FOOT[locale]).format(**given)


def notice(what: str, locale: str, more: str = "", **values: str) -> tuple[str, str]:
    """Subject and text of a notice; ``more``: the device or the name of the key, ``values``: name, at, base."""
    words = _HAPPENED[what][locale == "en"]
    subject, text = _NOTICE[locale]
    given = {**values, "what": words, "more": f" · {more}" if more else ""}
    return subject.format(**given), (text + _FOOT[locale]).format(**given)


def notices() -> frozenset[str]:
    """What may be told of."""
    return frozenset(_HAPPENED)
