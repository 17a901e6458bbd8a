"""Labels of findings for staff and partners: sentences, steps, rule parameters, checks."""

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

from campaigns.compliance.findings import Finding, StepKind
from campaigns.compliance.rule_parameters import Checker, ImprintItem
from campaigns.compliance.rules import Rule
from coordinator.translation import N_, _, language
from coordinator.web.kit.text import formats

# Titles of the rules as shipped; what an administrator typed is shown as it is.
_SHIPPED_TITLES = frozenset(
    (
        N_("Thông tin bắt buộc trên trang chủ"),
        N_("Nêu tên nguồn"),
        N_("Đường dẫn tới bản tin gốc"),
        N_("Thời gian và tác giả"),
        N_("Không đăng trước giờ được phép"),
        N_("Đăng nguyên văn"),
        N_("Đúng phạm vi giấy phép"),
        N_("Có văn bản chấp thuận"),
        N_("Giấy phép còn hiệu lực"),
        N_("Gỡ bài của bản tin đã thu hồi"),
        N_("Đủ nguồn tin"),
        N_("Không có chỗ bình luận"),
        N_("Tên không gây nhầm với báo chí"),
    )
)


def rule_title(title: str) -> str:
    """Return a rule's title, one that was shipped in the reader's language."""
    return _(title) if title in _SHIPPED_TITLES else title


def item_name(item: ImprintItem) -> str:
    """Return the label of an item that a front page must show."""
    return {
        ImprintItem.NAME: _("tên tổ chức quản lý"),
        ImprintItem.PARENT: _("cơ quan chủ quản"),
        ImprintItem.ADDRESS: _("địa chỉ liên lạc"),
        ImprintItem.PHONE: _("số điện thoại"),
        ImprintItem.EMAIL: _("thư điện tử"),
        ImprintItem.RESPONSIBLE: _("người chịu trách nhiệm nội dung"),
        ImprintItem.LICENCE_NUMBER: _("số giấy phép còn hiệu lực"),
        ImprintItem.LICENCE_ISSUER: _("cơ quan cấp phép"),
        ImprintItem.LICENCE_DATE: _("ngày cấp phép"),
    }[item]


def finding_sentence(row: Finding) -> str:
    """Return what is suspected or concluded, as a sentence."""
    return fault_sentence(row.fault, row.facts)


def fault_sentence(code: str, facts: Mapping[str, Any]) -> str:
    """Return a fault's code and values as a sentence; a code without a message is shown as it is."""
    say = _SENTENCES.get(code)
    return say(facts) if say is not None else code


def _number_text(value: Any) -> str:
    return formats.number(value, language())


def _minutes(facts: Mapping[str, Any], name: str) -> str:
    return formats.duration(int(facts[name]) * 60, language())


def _day(facts: Mapping[str, Any], name: str) -> str:
    return formats.day(date.fromisoformat(facts[name])) if facts.get(name) else "–"


def _time_of(facts: Mapping[str, Any], name: str) -> str:
    return formats.full_moment(datetime.fromisoformat(facts[name]))


def _imprint(facts: Mapping[str, Any]) -> str:
    lacks = ", ".join(item_name(ImprintItem(fact)) for fact in facts["missing"])
    if facts.get("registered"):
        return _(
            "Trang chủ thiếu hoặc ghi khác sổ cấp phép: %(lacks)s. Trang ghi giấy phép %(shown)s, sổ ghi "
            "%(registered)s.",
            lacks=lacks, shown=facts["shown"], registered=", ".join(facts["registered"]),
        )  # fmt: skip
    return _("Trang chủ thiếu hoặc ghi khác sổ cấp phép: %(lacks)s.", lacks=lacks)


def _too_soon(facts: Mapping[str, Any]) -> str:
    values = {"appeared": _time_of(facts, "appeared")}
    values |= {name: _minutes(facts, name) for name in ("minutes", "wanted")}
    if facts.get("agreement"):
        return _(
            "Bài đăng lúc %(appeared)s, mới %(minutes)s sau giờ phát hành; văn bản chấp thuận %(number)s đòi ít nhất "
            "%(wanted)s.",
            number=facts["agreement"], **values,
        )  # fmt: skip
    return _("Bài đăng lúc %(appeared)s, mới %(minutes)s sau giờ phát hành; quy tắc đòi ít nhất %(wanted)s.", **values)


_SENTENCES: Mapping[str, Any] = {
    "imprint": _imprint,
    "unnamed": lambda _facts: _("Bài không nêu tên nguồn nào của Sở."),
    "other_source": lambda facts: _("Bài ghi nguồn là “%(name)s”, không phải Sở.", name=facts["name"]),
    "no_link": lambda _facts: _("Bài không có đường dẫn tới bản tin gốc."),
    "home_page_only": lambda _facts: _("Đường dẫn chỉ tới trang chủ của Sở, không tới bản tin."),
    "url_text_only": lambda _facts: _("Địa chỉ bản tin ghi bằng chữ, bấm không mở được."),
    "not_at_end": lambda _facts: _("Có đường dẫn tới bản tin nhưng không đặt ở cuối bài."),
    "no_time": lambda _facts: _("Bài không ghi thời gian đăng."),
    "no_author": lambda _facts: _("Bài không ghi tác giả."),
    "no_time_no_author": lambda _facts: _("Bài không ghi thời gian đăng và tác giả."),
    "before_release": lambda facts: _(
        "Bài đăng lúc %(appeared)s, trước giờ phát hành %(minutes)s.",
        appeared=_time_of(facts, "appeared"), minutes=_minutes(facts, "minutes"),
    ),
    "too_soon": _too_soon,
    "not_verbatim": lambda facts: _(
        "Trang có %(share)s số chữ của bản tin, chưa đủ toàn văn.",
        share=formats.percent(facts["share"], language()),
    ),
    "out_of_scope": lambda facts: _(
        "Chuyên đề “%(topic)s” nằm ngoài phạm vi giấy phép %(number)s (%(scope)s).",
        topic=facts["topic"], number=facts["number"], scope=facts["scope"],
    ),
    "no_agreement": lambda _facts: _("Trang đăng bản tin khi chưa có văn bản chấp thuận nào trong sổ."),
    "agreement_ended": lambda facts: _(
        "Trang đăng bản tin khi văn bản chấp thuận %(number)s đã hết hiệu lực từ %(ended)s.",
        number=facts["number"], ended=_day(facts, "ended"),
    ),
    "agreement_other_topic": lambda facts: _(
        "Văn bản chấp thuận %(number)s không gồm chuyên đề “%(topic)s”.", number=facts["number"], topic=facts["topic"]
    ),
    "no_licence": lambda _facts: _("Trang không có giấy phép nào trong sổ."),
    "licence_ended": lambda facts: _(
        "Trang đăng bản tin khi giấy phép %(number)s đã hết hạn từ %(ended)s.",
        number=facts["number"], ended=_day(facts, "ended"),
    ),
    "still_up": lambda facts: _(
        "Bản tin đã thu hồi lúc %(recalled)s, %(minutes)s sau bài vẫn còn; quy tắc cho %(wanted)s.",
        recalled=_time_of(facts, "recalled"), minutes=_minutes(facts, "minutes"), wanted=_minutes(facts, "wanted"),
    ),
    "few_sources": lambda facts: _(
        "Trang chủ chỉ dẫn tin từ %(count)s nguồn (%(found)s); quy tắc đòi ít nhất %(wanted)s.",
        count=_number_text(len(facts["found"])), found=", ".join(facts["found"]), wanted=_number_text(facts["wanted"]),
    ),
    "comments": lambda facts: _("Trang có chỗ để người đọc bình luận: %(what)s.", what=facts["what"]),
    "press_name": lambda facts: _(
        "Tên “%(name)s” bắt đầu bằng “%(word)s”, dễ nhầm với cơ quan báo chí.", name=facts["name"], word=facts["word"]
    ),
}  # fmt: skip


# What a finding is about, where its facts are not at hand.
_FAULT_NAMES: Mapping[str, str] = {
    "imprint": N_("Trang chủ thiếu hoặc ghi khác sổ cấp phép"),
    "unnamed": N_("Không nêu tên nguồn của Sở"),
    "other_source": N_("Ghi nguồn khác, không phải Sở"),
    "no_link": N_("Không có đường dẫn tới bản tin gốc"),
    "home_page_only": N_("Đường dẫn chỉ tới trang chủ của Sở"),
    "url_text_only": N_("Địa chỉ bản tin ghi bằng chữ, không bấm được"),
    "not_at_end": N_("Đường dẫn không đặt ở cuối bài"),
    "no_time": N_("Không ghi thời gian đăng"),
    "no_author": N_("Không ghi tác giả"),
    "no_time_no_author": N_("Không ghi thời gian đăng và tác giả"),
    "before_release": N_("Đăng trước giờ phát hành"),
    "too_soon": N_("Đăng sớm hơn giờ được phép"),
    "not_verbatim": N_("Chưa đủ toàn văn"),
    "out_of_scope": N_("Ngoài phạm vi giấy phép"),
    "no_agreement": N_("Chưa có văn bản chấp thuận"),
    "agreement_ended": N_("Văn bản chấp thuận đã hết hiệu lực"),
    "agreement_other_topic": N_("Văn bản chấp thuận không gồm chuyên đề"),
    "no_licence": N_("Không có giấy phép trong sổ"),
    "licence_ended": N_("Giấy phép đã hết hạn"),
    "still_up": N_("Chưa gỡ bài của bản tin đã thu hồi"),
    "few_sources": N_("Chưa đủ nguồn tin"),
    "comments": N_("Có chỗ bình luận"),
    "press_name": N_("Tên dễ nhầm với cơ quan báo chí"),
}


def fault_name(code: str) -> str:
    """What a finding is about, in a few words. Raises ``ValueError`` for an unknown code."""
    if code not in _FAULT_NAMES:
        raise ValueError(f"{code!r} is no fault")
    return _(_FAULT_NAMES[code])


def fault_codes_with_name() -> frozenset[str]:
    """The codes of faults that have a name."""
    return frozenset(_FAULT_NAMES)


def fault_codes_with_sentence() -> frozenset[str]:
    """Return the fault codes that have a sentence."""
    return frozenset(_SENTENCES)


def step_name(what: StepKind) -> str:
    """Return the label of one step of a finding's history."""
    return {
        StepKind.PROPOSED: _("Quy tắc nêu nghi vấn"),
        StepKind.SEEN_AGAIN: _("Lại thấy như vậy trên trang"),
        StepKind.SEEN_MENDED: _("Lần xem sau thấy trang đã đúng"),
        StepKind.SHOWN: _("Cho đối tác xem và hỏi ý kiến"),
        StepKind.REPLIED: _("Đối tác trả lời"),
        StepKind.READ: _("Đã đọc lời đối tác"),
        StepKind.CONFIRMED: _("Kết luận: đúng như nghi vấn"),
        StepKind.DISMISSED: _("Bỏ qua nghi vấn"),
        StepKind.REMINDED: _("Nhắc bằng công văn"),
        StepKind.MENDED: _("Đã khắc phục, khép lại"),
        StepKind.HANDED: _("Chuyển thanh tra"),
        StepKind.DECIDED: _("Có quyết định xử lý, khép lại"),
        StepKind.UNDONE: _("Hoàn tác"),
    }[what]


def step_note(what: StepKind, details: Mapping[str, Any]) -> str:
    """Return the note of a step, '' when the page shows it elsewhere."""
    if what is StepKind.UNDONE:
        return step_name(StepKind(details["act"]))
    values = []
    if "number" in details:
        values.append(_("số %(number)s, ngày %(day)s", number=details["number"], day=_day(details, "on")))
    if details.get("amount") is not None:
        values.append(_("%(amount)s đồng", amount=_number_text(details["amount"])))
    if "until" in details:
        values.append(_("hạn trả lời %(day)s", day=_day(details, "until")))
    return "; ".join(values)


def fine_sentence(rule: Rule) -> str:
    """Return the legal penalty, '' when none is recorded."""
    if rule.fine_from is None and rule.fine_to is None:
        return ""
    if rule.fine_from is None or rule.fine_to is None:
        return _("%(amount)s đồng", amount=_number_text(rule.fine_to if rule.fine_from is None else rule.fine_from))
    return _("%(least)s–%(most)s đồng", least=_number_text(rule.fine_from), most=_number_text(rule.fine_to))


def parameter_name(name: str) -> str:
    """Return the label of a parameter."""
    return {
        "items": _("Những mục trang chủ phải ghi"),
        "at_end": _("Đường dẫn phải đặt ở cuối bài"),
        "time": _("Phải ghi thời gian đăng"),
        "author": _("Phải ghi tác giả"),
        "delay_minutes": _("Sớm nhất sau giờ phát hành (phút); 0 là chỉ theo văn bản chấp thuận"),
        "agreement_waives": _("Có văn bản chấp thuận thì được đăng ngay sau giờ phát hành"),
        "none_at_all": _("Nêu cả trang không có giấy phép nào trong sổ"),
        "minutes": _("Phải gỡ trong (phút)"),
        "least": _("Số nguồn ít nhất"),
        "name_begins": _("Tên trang không bắt đầu bằng (mỗi dòng một từ)"),
        "host_begins": _("Tên miền không bắt đầu bằng (mỗi dòng một từ)"),
        "host_except": _("Trừ tên miền bắt đầu bằng (mỗi dòng một từ)"),
    }[name]


def checker_name(checker: Checker) -> str:
    """Return the label of what a rule checks."""
    if checker in {Checker.IMPRINT, Checker.SOURCES, Checker.NAME}:
        return _("Xem trang chủ của trang, theo lịch hoặc khi có người bấm.")
    if checker is Checker.NO_COMMENTS:
        return _("Xem trang chủ và một bài đăng lại của Sở trên trang.")
    if checker in {Checker.IN_SCOPE, Checker.AGREED, Checker.LICENSED}:
        return _("Đối chiếu mỗi bài đăng lại với sổ giấy phép và văn bản chấp thuận của ngày bài xuất hiện.")
    if checker is Checker.TAKEN_DOWN:
        return _("Xem lại trang của mỗi bản tin đã thu hồi.")
    return _("Xem bản chụp của mỗi bài đăng lại.")
