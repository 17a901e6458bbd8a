"""The texts of mails, in the recipient's language. Names and addresses come from rows and are plain text."""

from collections.abc import Mapping

from coordinator.translation import N_, _, speaking

_FOOTER = N_("\n\nThư này do hệ thống Lan Tỏa tự gửi, không cần trả lời.\n{base}\n")
# By kind of mail: subject and text.
_LINKS: Mapping[str, tuple[str, str]] = {
    "invitation": (
        N_("Mời vào làm việc trên Lan Tỏa"),
        N_(
            "Chào {name},\n\n{by} mời bạn vào hệ thống Lan Tỏa. Mở đường dẫn sau để đặt mật khẩu:\n\n{link}\n\n"
            "Đường dẫn dùng được một lần, tới {until}. Đừng chuyển tiếp thư này."
        ),
    ),
    "password": (
        N_("Đặt mật khẩu mới trên Lan Tỏa"),
        N_(
            "Chào {name},\n\nMở đường dẫn sau để đặt mật khẩu mới:\n\n{link}\n\n"
            "Đường dẫn dùng được một lần, tới {until}. "
            "Nếu bạn không yêu cầu, cứ bỏ qua thư này: mật khẩu cũ vẫn dùng được."
        ),
    ),
    "editor": (
        N_("Mời vào cổng đối tác của {office}"),
        N_(
            "Chào {name},\n\n{by}, {office}, mời bạn vào cổng đối tác, thay mặt {partner}: lấy bản tin để đăng, "
            "báo bài đã đăng, xem kết quả và hỏi Sở.\n\n"
            "Trên máy bạn sẽ dùng để làm việc, mở đường dẫn sau rồi bấm “Vào cổng”:\n\n{link}\n\n"
            "Đường dẫn dùng được một lần, tới {until}. Vào rồi thì máy ấy được nhớ trong nhiều tuần, không cần mật "
            "khẩu. Đừng chuyển tiếp thư này: ai bấm trước thì người đó vào bằng tên bạn."
        ),
    ),
    "editor_again": (
        N_("Đường dẫn mới vào cổng đối tác của {office}"),
        N_(
            "Chào {name},\n\n{by}, {office}, gửi bạn một đường dẫn mới vào cổng đối tác, thay mặt {partner}. "
            "Trên máy bạn sẽ dùng, mở đường dẫn rồi bấm “Vào cổng”:\n\n{link}\n\n"
            "Đường dẫn dùng được một lần, tới {until}; đường dẫn gửi trước hết dùng. Đừng chuyển tiếp thư này."
        ),
    ),
}
_FINDING = (
    N_("{office}: một điều cần {partner} trả lời"),
    N_(
        "Chào {name},\n\n{office} vừa đưa lên cổng đối tác một điều liên quan tới {site}:\n\n{rule}\n\n"
        "Mời xem bằng chứng và trả lời{until}, ở trang:\n\n{link}\n\n{others}"
        "Vào cổng bằng khóa hoặc trên máy đã vào trước đây. Hết phiên thì xin Sở một đường dẫn mới."
    ),
)
_UNTIL = N_(", trước hết ngày {day}")
_OTHERS = N_("Trong cổng còn {count} điều khác chờ {partner} trả lời.\n\n")
_EVENTS: Mapping[str, str] = {
    "signed_in": N_("Đăng nhập từ trình duyệt chưa từng dùng"),
    "factor_set": N_("Đã thiết lập ứng dụng xác thực"),
    "factor_removed": N_("Đã bỏ ứng dụng xác thực"),
    "factor_reset": N_("Người quản trị đã đặt lại lớp thứ hai của bạn"),
    "codes_renewed": N_("Đã đổi mã khôi phục"),
    "passkey_added": N_("Đã thêm một khóa truy cập"),
    "passkey_removed": N_("Đã gỡ một khóa truy cập"),
    "password_changed": N_("Đã đổi mật khẩu"),
    "linked": N_("Đã nối với tài khoản của thành phố"),
    "role_asked": N_("Có vai trò mới, chờ một người thứ hai xác nhận"),
    "role_confirmed": N_("Một người thứ hai đã xác nhận vai trò"),
    "role_refused": N_("Vai trò không được xác nhận; tài khoản bị tắt"),
    "link_made": N_("Có người tạo một đường dẫn đặt lại mật khẩu"),
    "link_used": N_("Có người vào bằng đường dẫn do người khác tạo"),
    "unlinked": N_("Đã gỡ nối với tài khoản của thành phố"),
    "key_asked": N_("Có khóa mới có quyền duyệt, chờ một người thứ hai xác nhận"),
    "key_confirmed": N_("Một khóa có quyền duyệt đã được một người thứ hai xác nhận"),
}
_NOTICE = (
    N_("Lan Tỏa: {what}"),
    N_(
        "Chào {name},\n\n{what}.\nLúc {at}{more}.\n\nNếu đúng là bạn thì không phải làm gì. "
        "Nếu không, hãy báo ngay người quản trị và đổi mật khẩu: {base}/desk/account"
    ),
)
# By the event of a bulletin: subject and text.
_WORK: Mapping[str, tuple[str, str]] = {
    "to_approve": (
        N_("Chờ duyệt: {title}"),
        N_(
            "Chào {name},\n\n{by} gửi duyệt bản tin {code}, “{title}”, lúc {at}.\n\nĐọc và duyệt: {link}"
            "\n\nChọn loại thư muốn nhận: {base}/desk/account#thu"
        ),
    ),
    "returned": (
        N_("Trả lại để sửa: {title}"),
        N_(
            "Chào {name},\n\n{by} trả lại bản tin {code}, “{title}”, lúc {at}:\n\n“{note}”\n\nMở bản tin: {link}"
            "\n\nChọn loại thư muốn nhận: {base}/desk/account#thu"
        ),
    ),
}
_TASKS = (
    N_("Lan Tỏa: việc cần xử lý hôm nay"),
    N_(
        "Chào {name},\n\nĐang chờ bạn:\n\n{lines}\n\nMở trang Hôm nay: {base}/desk/"
        "\n\nChọn loại thư muốn nhận: {base}/desk/account#thu"
    ),
)
_TASK_LINES: Mapping[str, str] = {
    "bulletins": N_("- {count} bản tin chờ duyệt"),
    "returned": N_("- {count} bản tin của bạn được trả lại để sửa"),
    "deliveries": N_("- {count} lượt phát cần xử lý"),
    "republications": N_("- {count} bài đăng lại chờ xem xét"),
    "questions": N_("- {count} câu hỏi của đối tác chưa trả lời"),
    "channels": N_("- {count} kênh cần cấp quyền lại"),
}
# By the event of a channel: subject and text.
# Messages in a browser: a line, and a second one that is '' where it is a bulletin's title or the list of what waits.
_PUSHES: Mapping[str, tuple[str, str]] = {
    "to_approve": (N_("Chờ duyệt: {code}"), ""),
    "returned": (N_("Được trả lại để sửa: {code}"), ""),
    "tasks": (N_("Việc cần xử lý"), ""),
    "test": (N_("Tin báo thử"), N_("Trình duyệt này nhận được tin báo của Lan Tỏa.")),
}
_CHANNEL_ALARMS: Mapping[str, tuple[str, str]] = {
    "channel_failing": (
        N_("Lan Tỏa: {about} lỗi nhiều ngày"),
        N_(
            "Chào {name},\n\nKênh {about} lỗi đã nhiều ngày, không lượt phát nào tới được. "
            "Hệ thống vẫn thử, thưa dần.\nBáo lúc {at}; báo một lần cho tới khi kênh thông lại.\n\n"
            "Xem kênh: {base}/desk/channels/"
        ),
    ),
    "channel_recovered": (
        N_("Lan Tỏa: {about} đã thông"),
        N_(
            "Chào {name},\n\nKênh {about} đã nhận được bản tin trở lại, lúc {at}. "
            "Những lượt đang đợi được gửi tiếp theo thứ tự.\n\nXem kênh: {base}/desk/channels/"
        ),
    ),
}

# By code of an incident: the texts of its beginning and its end.
_INCIDENTS: Mapping[str, tuple[str, str]] = {
    "no_clock": (
        N_("Không có tiến trình đồng hồ nào chạy"),
        N_("Đồng hồ đã chạy lại"),
    ),
    "deliveries_late": (
        N_("Lượt phát trễ quá 5 phút"),
        N_("Lượt phát đã đúng giờ trở lại"),
    ),
    "deliveries_dead": (
        N_("Có lượt phát không gửi được, cần xử lý"),
        N_("Không còn lượt phát nào hỏng"),
    ),
    "channel_unauthorised": (
        N_("Kênh cần được cấp quyền lại"),
        N_("Kênh đã được cấp quyền"),
    ),
    "sites_failing": (
        N_("Nhiều trang đối tác cùng không đọc được"),
        N_("Các trang đối tác đã đọc lại được"),
    ),
    "target_behind": (
        N_("Chỉ tiêu đang chậm, theo dự báo sẽ không đạt"),
        N_("Chỉ tiêu đã theo kịp"),
    ),
    "milestone_missed": (
        N_("Lỡ một mốc của kế hoạch"),
        N_("Mốc từng lỡ nay đã đạt"),
    ),
    "reports_unsent": (
        N_("Có báo cáo định kỳ không gửi đi được"),
        N_("Báo cáo định kỳ đã gửi được hết"),
    ),
    "work_given_up": (
        N_("Có việc làm tắt tiến trình hai lần nên đã dừng, cần quyết định"),
        N_("Không còn việc nào đã dừng"),
    ),
    "no_backup": (
        N_("Đã quá một tuần chưa sao lưu"),
        N_("Đã sao lưu trở lại"),
    ),
    "journal_set_back": (
        N_("Nhật ký đã bị đặt lại về trước mục đã ghi nhận ngoài cơ sở dữ liệu"),
        N_("Nhật ký lại khớp với mục đã ghi nhận"),
    ),
    "unit_failed": (
        N_("Một tiến trình hoặc lần sao lưu đã dừng vì lỗi"),
        N_("Tiến trình hoặc sao lưu từng lỗi nay đã chạy lại"),
    ),
    "disk_nearly_full": (
        N_("Đĩa chứa dữ liệu sắp đầy"),
        N_("Đĩa chứa dữ liệu đã có chỗ"),
    ),
}
_INCIDENT = (
    N_("Lan Tỏa: {what}"),
    N_("Chào {name},\n\n{what}{more}.\nLúc {at}.\n\nXem trang Hôm nay, hoặc chạy lantoa doctor."),
)
_OVER = "_over"  # the suffix of an incident's code when the incident is over


def over_code(code: str) -> str:
    """Return the code of the alarm that reports the end of this incident."""
    return code + _OVER


def alarm_texts(what: str, locale: str, *, about: str, **values: str) -> tuple[str, str]:
    """Return subject and text of an alarm.

    ``what``: a channel's alarm, the code of an incident, or its ``over_code``; ``about``: the subject where there may
    be several; ``values``: name, at, base. An incident without a text is named by its code.
    """
    with speaking(locale):
        if what in _CHANNEL_ALARMS:
            return _filled(_CHANNEL_ALARMS[what], about=about, **values)
        texts = _INCIDENTS.get(what.removesuffix(_OVER))
        event = _(texts[what.endswith(_OVER)]) if texts is not None else what
        return _filled(_INCIDENT, what=event, more=f" · {about}" if about else "", **values)


def link_texts(kind: str, locale: str, **values: str) -> tuple[str, str]:
    """Return subject and text of a mail with a one-time link; ``values``: name, by, link, until, base, and for an
    editor office and partner."""
    with speaking(locale):
        return _filled(_LINKS[kind], **values)


def finding_texts(locale: str, until: str, others: int, **values: str) -> tuple[str, str]:
    """Return subject and text of a mail that asks a partner to answer a finding. ``until``: the day, '' without one;
    ``others``: how many other findings wait for an answer of the partner; ``values``: name, office, partner, site,
    rule, link, base."""
    with speaking(locale):
        more = _(_OTHERS).format(count=others, partner=values["partner"]) if others else ""
        return _filled(_FINDING, until=_(_UNTIL).format(day=until) if until else "", others=more, **values)


def notification_texts(what: str, locale: str, more: str = "", **values: str) -> tuple[str, str]:
    """Return subject and text of a notice about an account; ``more``: the device or the name of the key, ``values``:
    name, at, base."""
    with speaking(locale):
        return _filled(_NOTICE, what=_(_EVENTS[what]), more=f" · {more}" if more else "", **values)


def work_texts(what: str, locale: str, **values: str) -> tuple[str, str]:
    """Return subject and text of a mail about a bulletin; ``values``: name, by, code, title, note, at, link, base."""
    with speaking(locale):
        return _filled(_WORK[what], **values)


def task_lines(counts: Mapping[str, int], locale: str) -> str:
    """Return what waits, a line for each kind. ``counts``: by a key of ``_TASK_LINES``, none zero."""
    with speaking(locale):
        return "\n".join(_(_TASK_LINES[key]).format(count=count) for key, count in counts.items())


def push_texts(what: str, locale: str, **values: str) -> tuple[str, str]:
    """Return the two lines of a message in a browser, the second '' where the caller writes it; ``values``: code."""
    with speaking(locale):
        first, second = _PUSHES[what]
        return _(first).format(**values), _(second) if second else ""


def task_texts(counts: Mapping[str, int], locale: str, **values: str) -> tuple[str, str]:
    """Return subject and text of the morning's mail. ``counts``: by a key of ``_TASK_LINES``, none zero; ``values``:
    name, base."""
    with speaking(locale):
        lines = task_lines(counts, locale)
        return _filled(_TASKS, lines=lines, **values)


def incident_codes() -> frozenset[str]:
    """Return the codes of incidents that have a text."""
    return frozenset(_INCIDENTS)


def _filled(texts: tuple[str, str], **values: str) -> tuple[str, str]:
    """Return the subject on one line, and the text with its footer."""
    subject, text = texts
    return " ".join(_(subject).format(**values).split()), (_(text) + _(_FOOTER)).format(**values)
