"""What a new installation still lacks before its first bulletin is out and counted, by what the database says."""

from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from flask import url_for
from sqlalchemy.orm import Session

from campaigns.core.journal import Entry
from campaigns.partners.directory import Company
from campaigns.people.office import DEFAULT_NAME, Office, the_office
from campaigns.people.staff import Actor, May, Person
from campaigns.planning.campaigns import Campaign, Topic
from campaigns.publishing.bulletins import Bulletin
from campaigns.publishing.channels import Channel
from coordinator.web.desk.elsewhere import page_of
from coordinator.web.saying import _


@dataclass(frozen=True)
class Step:
    """One step: done or not, and where it is done (None = not this reader's to do)."""

    done: bool
    text: str
    why: str
    url: str | None


def any_bulletin(session: Session) -> bool:
    """Whether anything was ever written here."""
    return _any(session, sa.select(Bulletin.id))


def guide_hidden(session: Session) -> bool:
    """Whether an administrator has put the guide away."""
    hidden = sa.select(Office.guide_hidden_at).where(Office.id == 1)
    return session.execute(hidden).scalar_one_or_none() is not None


def first_steps(session: Session, who: Actor) -> list[Step]:
    """The steps, in the order that makes sense."""
    configures, plans, writes = who.may(May.CONFIGURE), who.may(May.PLAN), who.may(May.WRITE)
    office = the_office(session)
    people = session.execute(sa.select(sa.func.count()).select_from(Person)).scalar_one()
    return [
        Step(
            office.name != DEFAULT_NAME and bool(office.place),
            _("Điền tên và địa danh của cơ quan"),
            _("Đứng trên mọi bản tin, nguồn tin và báo cáo; các tên nêu nguồn cũng khai ở đó."),
            page_of("admin.office.page") if configures else None,
        ),
        Step(
            people > 1,
            _("Mời đồng nghiệp"),
            _("Người viết không tự duyệt bản tin của mình, nên cần ít nhất hai người."),
            page_of("admin.people.new") if configures else None,
        ),
        Step(
            _any(session, sa.select(Topic.id).where(Topic.retired_at.is_(None))),
            _("Có chuyên đề để chọn"),
            _("Ba chuyên đề có sẵn; thêm, đổi tên hoặc ngừng dùng cho đúng việc của cơ quan."),
            page_of("admin.topics.index") if plans else None,
        ),
        Step(
            _any(session, sa.select(Campaign.id)),
            _("Lập kế hoạch truyền thông"),
            _("Số kế hoạch, thời gian, chuyên đề và chỉ tiêu; tiến độ được tính theo đó."),
            page_of("admin.campaigns.new") if plans else None,
        ),
        Step(
            _any(session, sa.select(Company.id)),
            _("Nhập đối tác và giấy phép"),
            _("Từ tệp Excel hoặc từng đối tác một; máy sẽ tìm bài đăng lại trên các trang này."),
            page_of("partners.register.begin") if configures else None,
        ),
        Step(
            _channel_tried(session),
            _("Nối một kênh và thử"),
            _("Zalo, nguồn tin riêng, webhook; thử một lần được thì bản tin phát hành sẽ tự tới."),
            page_of("channels.index") if configures else None,
        ),
        Step(
            any_bulletin(session),
            _("Soạn bản tin đầu tiên"),
            _("Viết, gửi duyệt, phát hành rồi xem bản tin đi tới đâu."),
            url_for("bulletins.new") if writes else None,
        ),
    ]


def _channel_tried(session: Session) -> bool:
    """A channel that something has gone through, that answered when it was tried, or that is only ever read from."""
    tried = sa.select(Entry.seq).where(
        Entry.subject_kind == "channel", Entry.act == "channel.tried", Entry.details.contains('"good":true')
    )
    sent = sa.select(Channel.id).where(sa.or_(Channel.last_success_at.is_not(None), Channel.kind == "feed"))
    return _any(session, sent) or _any(session, tried)


def _any(session: Session, query: sa.Select[Any]) -> bool:
    return session.execute(query.limit(1)).first() is not None
