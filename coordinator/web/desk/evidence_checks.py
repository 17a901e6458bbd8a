"""How a copy names its source, as a short list of checked points. Pure but for the language."""

from dataclasses import dataclass

from campaigns.tracking.attribution import AT_END, NAMES_US, Attribution
from coordinator.web import formats
from coordinator.web.look import language
from coordinator.web.saying import _


@dataclass(frozen=True)
class Check:
    """One point: ``verdict`` is ``ok``, ``warn``, ``bad`` or ``none``."""

    verdict: str
    text: str
    note: str = ""


@dataclass(frozen=True)
class Named:
    """What the latest evidence says of the source."""

    attribution: Attribution
    source_name: str | None
    source_link: str | None
    link_position: float | None
    source_text: str
    source_where: str
    title_kept: bool


def checks(named: Named) -> list[Check]:
    """Name, place, link and headline."""
    return [_name(named), _place(named), _link(named), _headline(named)]


def tagline(named: Named) -> str:
    """What stands above the source line: ``Dòng nguồn, ở 98% bài``."""
    if named.link_position is None:
        return _("Dòng nguồn")
    return _("Dòng nguồn, ở %(place)s bài", place=formats.percent(named.link_position, language(), 0))


def _name(named: Named) -> Check:
    quoted = f"“{named.source_name}”" if named.source_name else ""
    if named.attribution is Attribution.NAMED_OTHER_SOURCE:
        return Check("bad", _("Ghi tên nguồn khác"), quoted)
    if named.source_name and named.attribution in NAMES_US:
        return Check("ok", _("Nêu đúng tên nguồn"), quoted)
    if named.attribution in NAMES_US:
        return Check("warn", _("Không nêu tên nguồn bằng chữ"), _("chỉ có địa chỉ hoặc đường dẫn"))
    return Check("bad", _("Không nêu tên nguồn"))


def _place(named: Named) -> Check:
    if named.attribution is Attribution.NONE:
        return Check("none", _("Không có dòng nguồn"), _("không thấy ở đầu hay cuối đoạn khớp"))
    if named.link_position is None:
        where = named.source_where or _("chỗ không xác định được")
        return Check("none", _("Chỗ ghi nguồn"), where)
    at = formats.percent(named.link_position, language(), 0)
    if named.link_position >= AT_END:
        return Check("ok", _("Đặt ở cuối bài"), _("ở %(place)s bài", place=at))
    return Check("warn", _("Không đặt ở cuối bài"), _("ở %(place)s bài", place=at))


def _link(named: Named) -> Check:
    text = _("Có đường dẫn tới bản gốc")
    match named.attribution:
        case Attribution.LINKED_AT_END:
            return Check("ok", text, named.source_link or "")
        case Attribution.LINKED_ELSEWHERE:
            return Check("ok", text, _("nhưng không ở cuối bài"))
        case Attribution.HOME_PAGE_ONLY:
            return Check("bad", text, _("đường dẫn chỉ tới trang chủ"))
        case Attribution.URL_TEXT_ONLY:
            return Check("warn", text, _("ghi địa chỉ bằng chữ, bấm không được"))
        case Attribution.NAMED_OTHER_SOURCE:
            return Check("bad", text, _("nguồn được ghi là nơi khác"))
        case _:
            return Check("bad", text, _("không có"))


def _headline(named: Named) -> Check:
    if named.title_kept:
        return Check("ok", _("Giữ nguyên tiêu đề"))
    return Check("none", _("Tiêu đề đã đổi"), _("ghi để biết, không tính là lỗi"))
