"""The discovery sources of partner sites: the state of each, and which need a person."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

import sqlalchemy as sa
from sqlalchemy.orm import Session

from campaigns.core.contents import from_attributes
from campaigns.discovery.site_sources import Source, SourceKind, SourceTrouble
from campaigns.discovery.source_intervals import ALARM_AFTER
from campaigns.partners.directory import Company, Site
from coordinator.translation import _


def trouble_message(trouble: SourceTrouble) -> tuple[str, str]:
    """Return the problem of a source and the advice; both empty when there is none."""
    return {
        SourceTrouble.NONE: ("", ""),
        SourceTrouble.UNREACHABLE: (
            _("Không kết nối được máy chủ"),
            _("Mở thử bằng trình duyệt; nếu trang đã đổi tên miền thì khai lại."),
        ),
        SourceTrouble.SLOW: (_("Máy chủ trả lời quá chậm"), _("Thường tự hết; nếu kéo dài, báo đối tác.")),
        SourceTrouble.REFUSED: (_("Trang không cho hệ thống vào"), _("Nhờ đối tác mở cho địa chỉ và tên LanToa.")),
        SourceTrouble.MISSING: (_("Nguồn không còn ở địa chỉ này"), _("Bấm “Tìm nguồn” để tìm địa chỉ mới.")),
        SourceTrouble.BUSY: (_("Trang đề nghị hỏi thưa hơn"), _("Hệ thống đã giãn ra; không cần làm gì.")),
        SourceTrouble.BROKEN: (_("Trang đang có lỗi"), _("Thường tự hết; nếu kéo dài, báo đối tác.")),
        SourceTrouble.ROBOTS: (
            _("robots.txt của trang không cho đọc"),
            _("Nhờ đối tác cho phép LanToa, hoặc khai nguồn khác."),
        ),
        SourceTrouble.UNREADABLE: (
            _("Nội dung không đúng loại nguồn đã khai"),
            _("Kiểm tra lại địa chỉ, hoặc bấm “Tìm nguồn”."),
        ),
        SourceTrouble.TOO_LARGE: (_("Nguồn quá lớn"), _("Khai một nguồn nhỏ hơn, chẳng hạn sơ đồ tin tức.")),
        SourceTrouble.MOVED: (_("Nguồn chuyển hướng lòng vòng"), _("Kiểm tra lại địa chỉ, hoặc bấm “Tìm nguồn”.")),
        SourceTrouble.PROTOCOL: (
            _("Kết nối bị lỗi hoặc chứng thư không hợp lệ"),
            _("Báo đối tác kiểm tra chứng thư và máy chủ."),
        ),
        SourceTrouble.PROGRAM: (
            _("Lỗi của chính hệ thống này"),
            _("Báo người quản trị kỹ thuật, kèm dòng nguyên văn."),
        ),
    }[trouble]


@dataclass(frozen=True)
class SourceRow:
    """One feed, sitemap, listing or search for display. ``ended``: no longer watched."""

    kind: SourceKind
    url: str
    looked_at: datetime | None
    succeeded_at: datetime | None
    named_at: datetime | None
    due_at: datetime | None
    failures: int
    error: str
    trouble: SourceTrouble
    failing_since: datetime | None
    silent_since: datetime | None
    daily: float

    @property
    def ended(self) -> bool:
        """Whether the source is no longer checked."""
        return self.due_at is None

    @property
    def what(self) -> str:
        """Return the problem, in the reader's language."""
        return trouble_message(self.trouble)[0]

    @property
    def advice(self) -> str:
        """Return the advice, in the reader's language."""
        return trouble_message(self.trouble)[1]

    @property
    def every(self) -> timedelta | None:
        """Return the interval between the last check and the next."""
        return self.due_at - self.looked_at if self.due_at and self.looked_at else None


@dataclass(frozen=True)
class SourceAlarm:
    """A watched source that has failed for a day or been silent for long, with its site and partner."""

    partner: str
    site: str
    site_code: str
    kind: SourceKind
    since: datetime
    silent: bool
    trouble: SourceTrouble


def site_sources(session: Session, sites: Sequence[int]) -> Mapping[int, list[SourceRow]]:
    """Return the sources of several sites by the site's row, watched ones first."""
    query = sa.select(Source).where(Source.site_id.in_(sites)).order_by(Source.due_at.is_(None), Source.kind, Source.id)
    found: dict[int, list[SourceRow]] = {ident: [] for ident in sites}
    for row in session.execute(query).scalars():
        found[row.site_id].append(from_attributes(SourceRow, row))
    return found


def failing_by_company(session: Session) -> dict[int, int]:
    """Return how many watched sources of each company failed at the last check, or are silent."""
    query = (
        # Counts failing sources, not copies.
        sa.select(Site.company_id, sa.func.count())
        .join(Source, Source.site_id == Site.id)
        .where(sa.or_(Source.error != "", Source.silent_since.is_not(None)), Source.due_at.is_not(None))
        .group_by(Site.company_id)
    )
    return {row[0]: int(row[1]) for row in session.execute(query)}


def source_alarms(session: Session, limit: int, *, now: datetime) -> list[SourceAlarm]:
    """Return watched sources of active sites that have failed for a day or been silent for long, the longest first."""
    since = sa.func.coalesce(Source.failing_since, Source.silent_since)
    query = (
        sa.select(
            Company.code, Site.name, Site.code, Source.kind, since, Source.failing_since.is_(None), Source.trouble
        )
        .select_from(Source)
        .join(Site, Site.id == Source.site_id)
        .join(Company, Company.id == Site.company_id)
        .where(
            Source.due_at.is_not(None),
            Site.active,
            sa.or_(Source.failing_since <= now - ALARM_AFTER, Source.silent_since.is_not(None)),
        )
        .order_by(since)
        .limit(limit)
    )
    return [SourceAlarm(*row) for row in session.execute(query)]
