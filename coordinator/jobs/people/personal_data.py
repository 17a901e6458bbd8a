"""Requests about a person's data: what is held, as JSON or a workbook, and its erasure.

A request names an e-mail address (staff, partners' editors, receivers of reports), ``partner:CODE`` (the contact of a
partner, who has no account) or ``case:ID`` (the person whom a case is about).
"""

import json
from collections import Counter
from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from datetime import date, datetime
from enum import Enum
from typing import Any

from sqlalchemy.orm import Session

from campaigns import rows as _rows  # noqa: F401  # tables are looked up by name
from campaigns.compliance.cases.erasure import cases_of_person, decisions_on, erase_case_person
from campaigns.core import journal
from campaigns.core.clock import CITY
from campaigns.core.contents import from_attributes
from campaigns.core.errors import FieldError, Invalid, NotFound
from campaigns.partners.directory import CompanyContent, change_company, find_company
from campaigns.people.personal_data.columns import KeptBecause
from campaigns.people.personal_data.erasure import Erasure, check_reason, erase_person
from campaigns.people.personal_data.export import HeldAct, HeldEntry, HeldRow, collect_data, count_data
from campaigns.people.staff import Actor, Permission
from coordinator.exports.format import vi_date, vi_datetime
from coordinator.exports.tables import CellValue, Column, Table
from coordinator.exports.xlsx import write_xlsx
from coordinator.translation import N_, _, language

WHY_KEPT: Mapping[KeptBecause, str] = {
    KeptBecause.JOURNAL: N_("Nhật ký giữ nguyên: các mục nối nhau bằng mã băm để chứng minh việc đã làm."),
    KeptBecause.FROZEN: N_("Báo cáo đã chốt là văn bản của cơ quan, không sửa được."),
    KeptBecause.DOCUMENT: N_(
        "Tệp đã nộp làm bằng chứng, nhận biết bằng mã băm; không hiện nữa, bản gốc còn trong kho."
    ),
    KeptBecause.OFFICE: N_("Tên người ký trên văn bản của cơ quan."),
    KeptBecause.PUBLISHED: N_("Bên khác đã công bố dưới tên này."),
    KeptBecause.WORDING: N_("Lời trao đổi công việc; nội dung có thể nhắc đến người."),
    KeptBecause.BACKUP: N_("Bản sao lưu có từ trước, hết khi cơ quan xóa bản đó."),
}
TABLE_LABELS: Mapping[str, str] = {
    "account_messages": N_("Tin báo về tài khoản và bản tin"),
    "agreement_scans": N_("Bản quét văn bản chấp thuận"),
    "approvals": N_("Duyệt bản tin"),
    "briefing_versions": N_("Báo cáo đã chốt"),
    "briefings": N_("Báo cáo định kỳ quý"),
    "broadcasts": N_("Phát tới người quan tâm"),
    "bulletin_comments": N_("Ý kiến trao đổi về bản tin"),
    "bulletin_template_versions": N_("Mẫu bản tin"),
    "bulletins": N_("Bản tin"),
    "case_decisions": N_("Quyết định xử lý"),
    "case_files": N_("Bằng chứng của vụ việc"),
    "cases": N_("Vụ việc"),
    "companies": N_("Người liên hệ của đối tác"),
    "compliance_rules": N_("Quy tắc tuân thủ"),
    "decisions": N_("Kết luận về bài đăng lại"),
    "editors": N_("Người của đối tác vào cổng"),
    "evidence_uploads": N_("Ảnh và tệp làm bằng chứng"),
    "external_identities": N_("Tài khoản của thành phố"),
    "finding_steps": N_("Việc về nghi vấn"),
    "findings": N_("Nghi vấn"),
    "import_runs": N_("Lần nhập tệp"),
    "inspections": N_("Kiểm tra trang"),
    "journal": N_("Nhật ký"),
    "keys": N_("Khóa của chương trình"),
    "not_duplicates": N_("Ghi nhận hai đối tác khác nhau"),
    "media_files": N_("Video, âm thanh, tài liệu của bản tin"),
    "media_uploads": N_("Tệp đang tải lên"),
    "video_addresses": N_("Địa chỉ video của bản tin trên nền tảng khác"),
    "notice_editions": N_("Bản thông báo"),
    "notice_read_receipts": N_("Đọc, xác nhận thông báo"),
    "notices": N_("Thông báo"),
    "one_time_links": N_("Đường dẫn một lần"),
    "page_reports": N_("Báo bài của đối tác"),
    "partner_answers": N_("Trả lời của đối tác"),
    "passkeys": N_("Khóa đăng nhập (passkey)"),
    "people": N_("Tài khoản"),
    "personal_mails": N_("Thư riêng"),
    "push_messages": N_("Tin báo gửi tới trình duyệt"),
    "push_subscriptions": N_("Trình duyệt nhận tin báo"),
    "pictures": N_("Ảnh của bản tin"),
    "question_messages": N_("Lời trong câu hỏi"),
    "report_mails": N_("Thư báo cáo"),
    "report_runs": N_("Báo cáo theo lịch"),
    "republications": N_("Bài đăng lại"),
    "revisions": N_("Phiên bản của bản tin"),
    "role_rules": N_("Quy tắc vai trò"),
    "saved_filters": N_("Bộ lọc đã lưu"),
    "schedule_receivers": N_("Nơi nhận báo cáo"),
    "schedules": N_("Lịch gửi báo cáo"),
    "sessions": N_("Phiên đăng nhập"),
    "sightings": N_("Lần thấy bài đăng lại"),
    "social_posts": N_("Bài trên mạng xã hội"),
    "surveys": N_("Tìm nguồn của trang"),
    "task_decisions": N_("Giao việc, bỏ qua việc"),
    "urgent_releases": N_("Phát gấp"),
    "webmention_blocks": N_("Chặn nơi gửi"),
    "word_templates": N_("Mẫu Word"),
    "working_copies": N_("Bản đang viết"),
}
FIELD_LABELS: Mapping[str, str] = {
    "account_url": N_("Địa chỉ tài khoản"),
    "active": N_("Được đăng nhập"),
    "address": N_("Địa chỉ thư"),
    "amount": N_("Số tiền"),
    "asked_at": N_("Lúc yêu cầu"),
    "at": N_("Lúc"),
    "authority": N_("Cơ quan ra quyết định"),
    "basis": N_("Căn cứ"),
    "began_at": N_("Bắt đầu"),
    "by": N_("Người làm"),
    "contact": N_("Người liên hệ"),
    "created_at": N_("Lúc tạo"),
    "device": N_("Thiết bị"),
    "email": N_("Địa chỉ thư"),
    "ended_at": N_("Kết thúc"),
    "entered_at": N_("Lúc ghi"),
    "expires_at": N_("Hết hạn"),
    "fault": N_("Lỗi vi phạm"),
    "fault_on": N_("Ngày vi phạm"),
    "form": N_("Hình thức"),
    "host": N_("Nơi gửi tin"),
    "issuer": N_("Nơi cấp tài khoản"),
    "kind": N_("Loại"),
    "last_success_at": N_("Gửi tới lần cuối"),
    "lastuse_datetime": N_("Dùng lần cuối"),
    "left_at": N_("Ngừng nhận lúc"),
    "linked_at": N_("Lúc nối"),
    "locale": N_("Ngôn ngữ"),
    "made_at": N_("Lúc tạo"),
    "mark": N_("Dấu hiệu phân biệt"),
    "name": N_("Tên"),
    "note": N_("Ghi chú"),
    "number": N_("Số"),
    "on_day": N_("Ngày quyết định"),
    "more": N_("Chi tiết"),
    "paid_on": N_("Ngày nộp phạt"),
    "public": N_("Mã, số"),
    "read_at": N_("Lúc đọc"),
    "role": N_("Vai trò"),
    "seen_at": N_("Dùng lần cuối"),
    "sent_at": N_("Lúc gửi"),
    "subject": N_("Số tài khoản ở nơi cấp"),
    "subject_name": N_("Tên"),
    "tax_code": N_("Mã số thuế"),
    "theme": N_("Giao diện"),
    "used_at": N_("Lúc dùng"),
    "version": N_("Bản"),
    "way": N_("Cách đăng nhập"),
    "what": N_("Nội dung"),
    "withdrawn_at": N_("Lúc rút"),
    "withdrawn_reason": N_("Lý do rút"),
}
# The person's part in an act, by its column.
PART_LABELS: Mapping[str, str] = {
    "actor": N_("Người làm"),
    "added_by": N_("Người thêm"),
    "approver": N_("Người duyệt"),
    "asked_by": N_("Người yêu cầu"),
    "author": N_("Người viết"),
    "by": N_("Người làm"),
    "confirmed_by": N_("Người xác nhận"),
    "decided_by": N_("Người kết luận"),
    "edited_by": N_("Người sửa"),
    "ended_by": N_("Người kết thúc"),
    "entered_by": N_("Người ghi"),
    "invited_by": N_("Người mời"),
    "made_by": N_("Người tạo"),
    "read_by": N_("Người đọc"),
    "recorded_by": N_("Người ghi"),
    "removed_by": N_("Người gỡ"),
    "reviewer": N_("Người đọc lại"),
    "settled_by": N_("Người kết luận"),
    "signer": N_("Người ký"),
    "source": N_("Người báo"),
    "unconfirmed_by": N_("Người yêu cầu"),
    "undone_by": N_("Người rút lại"),
    "was_decided_by": N_("Người kết luận trước đó"),
    "withdrawn_by": N_("Người rút"),
    "writer": N_("Người viết"),
    "written_by": N_("Người viết"),
    "resolved_by": N_("Người đánh dấu đã xong"),
    "to": N_("Giao cho"),
}
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
LONGEST_CELL = 32_000  # characters of a cell in Excel


@dataclass(frozen=True)
class PersonalData:
    """What is held about the person of a request."""

    who: str
    made_at: datetime
    rows: tuple[HeldRow, ...]
    acts: tuple[HeldAct, ...] = ()
    entries: tuple[HeldEntry, ...] = ()


def held_counts(session: Session, actor: Actor, who: str) -> Mapping[str, int]:
    """Return the number of rows about the person of a request, by table. Raises ``Forbidden``, ``Invalid``,
    ``NotFound``, ``Conflict``."""
    actor.require(Permission.CONFIGURE)
    kind, name = _parse(who)
    if kind == "address":
        counts = count_data(session, name)
    elif kind == "case":
        counts = Counter(row.table for row in _case_rows(session, name))
    else:
        counts = {"companies": 1} if find_company(session, name).contact else {}
    if not counts:
        raise NotFound(f"nothing is held under {name}", code="nobody_there")
    return counts


def export_data(session: Session, actor: Actor, who: str, *, now: datetime) -> PersonalData:
    """Collect what is held, and record in the journal that it was read. Raises ``Forbidden``, ``Invalid``,
    ``NotFound``, ``Conflict``."""
    actor.require(Permission.CONFIGURE)
    kind, name = _parse(who)
    if kind == "partner":
        company = find_company(session, name)
        if not company.contact:
            raise NotFound(f"partner {name} has no contact", code="nobody_there")
        data = PersonalData(who, now, (HeldRow("companies", {"name": company.name, "contact": company.contact}),))
        journal.record(session, actor.id, "person.exported", "partner", company.code, now=now)
    elif kind == "case":
        data = PersonalData(who, now, _case_rows(session, name))
        journal.record(session, actor.id, "person.exported", "case", name, now=now)
    else:
        held = collect_data(session, name)
        if held.is_empty:
            raise NotFound(f"nothing is held under {name}", code="nobody_there")
        data = PersonalData(name, now, held.rows, held.acts, held.entries)
        journal.record(session, actor.id, "person.exported", "person", name, now=now)
    return data


def erase_data(session: Session, actor: Actor, who: str, reason: str, *, now: datetime) -> Erasure:
    """Erase the person of a request. Raises ``Forbidden``, ``Invalid``, ``NotFound``, ``Conflict``."""
    kind, name = _parse(who)
    if kind == "case":
        return erase_case_person(session, actor, name, reason, now=now)
    if kind == "address":
        return erase_person(session, actor, name, reason, now=now)
    reason = check_reason(actor, reason)
    company = find_company(session, name)
    if not company.contact:
        raise NotFound(f"partner {name} has no contact", code="nobody_there")
    change_company(session, actor.id, company, replace(from_attributes(CompanyContent, company), contact=""), now=now)
    journal.record(session, actor.id, "partner.contact_erased", "partner", company.code, {"reason": reason}, now=now)
    return Erasure("", {"companies": 1}, {})


def _parse(who: str) -> tuple[str, str]:
    who = who.strip()
    kind, colon, name = who.partition(":")
    if colon and kind in {"partner", "case"} and name.strip():
        return kind, name.strip()
    if "@" not in who:
        raise Invalid([FieldError("who", "who", f"{who!r} is no e-mail address, partner:CODE or case:ID")])
    return "address", who.lower()


def _case_rows(session: Session, public: str) -> tuple[HeldRow, ...]:
    cases = cases_of_person(session, public)
    shown = ("public", "subject_name", "mark", "tax_code", "account_url", "what", "fault", "fault_on", "basis",
             "entered_at", "withdrawn_at", "withdrawn_reason")  # fmt: skip
    decided = ("public", "version", "form", "number", "authority", "on_day", "amount", "paid_on", "note", "ended_at")
    return (
        *(HeldRow("cases", {name: getattr(case, name) for name in shown}) for case in cases),
        *(HeldRow("case_decisions", {name: getattr(row, name) for name in decided})
          for row in decisions_on(session, cases)),
    )  # fmt: skip


def as_json(data: PersonalData) -> bytes:
    """Return the data for programs: times as RFC 3339."""
    return json.dumps(asdict(data), ensure_ascii=False, indent=2, default=_plain).encode()


def _plain(value: Any) -> Any:
    if isinstance(value, datetime):
        return value.astimezone(CITY).isoformat(timespec="seconds")
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, Enum):
        return value.value
    raise TypeError(f"{value!r} has no form in JSON")


def as_workbook(data: PersonalData) -> bytes:
    """Return the data for people: a sheet of what is the person's alone, one of acts, one of the journal."""
    rows = [
        (table_label(row.table), _(FIELD_LABELS[name]), _cell(value))
        for row in data.rows
        for name, value in row.fields.items()
        if value is not None
    ]
    held = Table(
        _("Dữ liệu của người này"),
        (Column("table", _("Ở đâu")), Column("field", _("Trường")), Column("value", _("Giá trị"))),
        rows,
    )
    acts = Table(
        _("Việc đã làm"),
        (Column("table", _("Ở đâu")), Column("column", _("Với tư cách")), Column("subject", _("Mã, số")),
         Column("at", _("Lúc"), "datetime"), Column("words", _("Lời đã ghi"))),
        [(table_label(act.table), _(PART_LABELS[act.column]), act.subject, act.at, act.words[:LONGEST_CELL])
         for act in data.acts],
    )  # fmt: skip
    entries = Table(
        _("Nhật ký"),
        (Column("seq", _("Số"), "number"), Column("at", _("Lúc"), "datetime"), Column("actor", _("Ai")),
         Column("act", _("Mã việc")), Column("subject", _("Mã, số"))),
        [(entry.seq, entry.at, entry.actor, entry.act, entry.subject) for entry in data.entries],
    )  # fmt: skip
    facts = [(_("Ai"), data.who)]
    tables = [table for table in (held, acts, entries) if table.rows]
    return write_xlsx(_("Dữ liệu cá nhân đang giữ"), tables, facts, data.made_at, language())


def _cell(value: Any) -> CellValue:
    if isinstance(value, bool):
        return _("có") if value else _("không")
    if isinstance(value, datetime):
        return vi_datetime(value, language())
    if isinstance(value, date):
        return vi_date(value, language())
    if isinstance(value, int):
        return value
    return str(value.value if isinstance(value, Enum) else value)[:LONGEST_CELL]


def table_label(table: str) -> str:
    """Return the name of a table for people."""
    return _(TABLE_LABELS[table])
