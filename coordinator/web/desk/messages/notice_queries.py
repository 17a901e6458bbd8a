"""Queries of the notices: the list, one notice with its receivers, their labels, and the receivers as a file."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from campaigns.core.contents import from_attributes
from campaigns.core.listing import PAGE_SIZE, ListPage, ListQuery, page_of
from campaigns.messages import notice_readers, notices
from campaigns.messages.notice_readers import ReceiverStatus
from campaigns.messages.notices import (
    AudienceSizes,
    Notice,
    NoticeAudience,
    NoticeCount,
    NoticeEdition,
    NoticeState,
    PartnerGroup,
    find_notice,
)
from campaigns.partners.expiries import EXPIRES_SOON
from campaigns.planning.campaigns import Topic
from campaigns.republications.silent_partners import SILENT_DAYS
from coordinator.exports.tables import Column, Table, TableRow
from coordinator.exports.xlsx import write_xlsx
from coordinator.jobs.reporting.rendered_report import FORMATS
from coordinator.translation import _, language
from coordinator.web.kit.lists.pagination import page_number
from coordinator.web.kit.text import formats


@dataclass(frozen=True)
class NoticeRow:
    """One notice in the list. ``done``: number of receivers with nothing left to do."""

    public: str
    title: str
    state: NoticeState
    audience: NoticeAudience
    topic: str
    deadline: date | None
    must_confirm: bool
    edition: int
    at: datetime
    receivers: int
    done: int
    late: int


@dataclass(frozen=True)
class NoticeView:
    """One notice with its earlier editions and its receivers: those of the page, or all. ``read`` and ``confirmed``:
    number of all receivers, for the edition in force.
    """

    line: NoticeRow
    body_html: str
    note: str
    version: int
    written_by: str
    published_at: datetime | None
    withdrawn_at: datetime | None
    editions: Sequence[NoticeEdition]
    read: int
    confirmed: int
    part: ListPage[ReceiverStatus]

    @property
    def receivers(self) -> Sequence[ReceiverStatus]:
        """Return the receivers that are shown."""
        return self.part.rows


def list_notices(session: Session, *, now: datetime) -> ListPage[NoticeRow]:
    """Return one page of all notices, the latest changed first."""
    order = (Notice.changed_at.desc(), Notice.id.desc())
    page = ListQuery(Notice, sa.select(Notice), (), order).page(session, page_number())
    rows = [notice for (notice,) in page.rows]
    counted = notices.notice_counts(session, rows, now=now)
    topics = _topic_names(session)
    return page.with_rows([_notice_row(notice, counted[notice.id], topics) for notice in rows])


def notice_view(session: Session, public: str, *, whole: bool = False, now: datetime) -> NoticeView:
    """Return one notice with a page of its receivers; ``whole``: with all of them, for a file. Raises ``NotFound``."""
    row = find_notice(session, public)
    count = notices.notice_counts(session, [row], now=now)[row.id]

    def read(most: int, skip: int) -> Sequence[ReceiverStatus]:
        return notice_readers.receiver_statuses(session, row, most=most, skip=skip, now=now)

    size = max(count.receivers, 1) if whole else PAGE_SIZE
    editions = sa.select(NoticeEdition).where(NoticeEdition.notice_id == row.id).order_by(NoticeEdition.number.desc())
    return NoticeView(
        line=_notice_row(row, count, _topic_names(session)),
        body_html=row.body_html,
        note=row.note,
        version=row.version,
        written_by=row.written_by_name,
        published_at=row.published_at,
        withdrawn_at=row.withdrawn_at,
        editions=session.execute(editions).scalars().all(),
        read=count.read,
        confirmed=count.confirmed,
        part=page_of(read, count.receivers, 1 if whole else page_number(), size),
    )


def _topic_names(session: Session) -> dict[int, str]:
    return {row[0]: row[1] for row in session.execute(sa.select(Topic.id, Topic.name))}


def _notice_row(row: Notice, count: NoticeCount, topics: dict[int, str]) -> NoticeRow:
    return from_attributes(
        NoticeRow,
        row,
        topic=topics.get(row.topic_id or 0, ""),
        at=row.edition_at or row.changed_at,
        receivers=count.receivers,
        done=count.confirmed if row.must_confirm else count.read,
        late=count.late,
    )


def audience_label(audience: NoticeAudience, topic: str) -> str:
    """Return the label of a notice's audience."""
    return {
        NoticeAudience.ALL: _("Mọi đối tác"),
        NoticeAudience.CHOSEN: _("Một số đối tác"),
        NoticeAudience.TOPIC: _("Nơi nhận chuyên đề %(topic)s", topic=topic),
    }[audience]


def audience_size_label(name: str, partners: int) -> str:
    """``Dịch bệnh (1.250 đối tác)``."""
    return _("%(name)s (%(count)s đối tác)", name=name, count=formats.number(partners, language()))


def audience_choices(sizes: AudienceSizes) -> list[tuple[str, str]]:
    """Return the groups that may be selected, each with its size."""
    ending = EXPIRES_SOON.days
    words = {
        PartnerGroup.AGGREGATOR: _("Có giấy phép trang tổng hợp còn hiệu lực"),
        PartnerGroup.SOCIAL: _("Có giấy phép mạng xã hội còn hiệu lực"),
        PartnerGroup.ENDING: _("Có giấy phép hết hạn trong %(days)s ngày tới", days=ending),
        PartnerGroup.SILENT: _(
            "Im lặng: đã nhận bản tin nhưng %(days)s ngày qua không có bài nào được xác nhận", days=SILENT_DAYS
        ),
    }
    return [(group.value, audience_size_label(words[group], sizes.groups[group])) for group in PartnerGroup]


def reader_status_label(status: ReceiverStatus) -> str:
    """Return the label of a receiver's state for the edition in force."""
    notice = status.notice
    if notice.confirmed:
        return _("Đã xác nhận")
    if notice.late:
        return _("Quá hạn, đã đọc, chưa xác nhận") if notice.read else _("Quá hạn, chưa đọc")
    if notice.read:
        return _("Đã đọc, chưa xác nhận") if notice.notice.must_confirm else _("Đã đọc")
    return _("Mới đọc bản trước") if status.earlier else _("Chưa đọc")


FILE_FORMATS: Mapping[str, str] = {form: FORMATS[form] for form in ("csv", "xlsx")}
FILE_COLUMNS = (
    Column("partner", "Đối tác"), Column("code", "Mã"), Column("contact", "Liên hệ"), Column("standing", "Tình trạng"),
    Column("read_at", "Đọc lúc", "datetime"), Column("read_by", "Người đọc"),
    Column("confirmed_at", "Xác nhận lúc", "datetime"), Column("confirmed_by", "Người xác nhận"),
    Column("earlier", "Mới đọc bản số", "number"),
)  # fmt: skip


def readers_table(view: NoticeView) -> Table:
    """Return the receivers as a table, late ones first as on the page."""
    return Table(view.line.title, FILE_COLUMNS, [_file_row(view, number) for number in range(len(view.receivers))])


def write_readers_workbook(view: NoticeView, *, now: datetime) -> bytes:
    """Write the receivers as ``xlsx``, with the notice above them."""
    facts = [
        ("Thông báo", view.line.title),
        ("Gửi", audience_label(view.line.audience, view.line.topic)),
        ("Bản số", str(view.line.edition)),
        ("Hạn", view.line.deadline.strftime("%d/%m/%Y") if view.line.deadline else "không có"),
        ("Nơi nhận", str(view.line.receivers)),
        ("Đã đọc", str(view.read)),
        ("Đã xác nhận", str(view.confirmed) if view.line.must_confirm else "không yêu cầu"),
    ]
    return write_xlsx("Thông báo gửi đối tác", [readers_table(view)], facts, made_at=now)


def _file_row(view: NoticeView, number: int) -> TableRow:
    line = view.receivers[number]
    reading = line.notice.reading
    return {
        "partner": line.name,
        "code": line.code,
        "contact": line.contact,
        "standing": reader_status_label(line),
        "read_at": reading.read_at if reading else None,
        "read_by": reading.read_by_name if reading else None,
        "confirmed_at": reading.confirmed_at if reading else None,
        "confirmed_by": reading.confirmed_by_name if reading else None,
        "earlier": line.earlier,
    }
