"""What a new installation still lacks before its first bulletin can go out and be counted."""

from dataclasses import dataclass

import sqlalchemy as sa
from flask import url_for
from flask_babel import gettext as _
from sqlalchemy.orm import Session

from campaigns.partners.directory import Company
from campaigns.people.staff import Actor, May, Person
from campaigns.planning.campaigns import Campaign
from campaigns.publishing.bulletins import Bulletin
from campaigns.publishing.channels import Channel
from coordinator.web.desk.elsewhere import page_of


@dataclass(frozen=True)
class Step:
    """One step: done or not, and where it is done (None = not this reader's to do)."""

    done: bool
    text: str
    why: str
    url: str | None


def any_bulletin(session: Session) -> bool:
    """Whether anything was ever written here."""
    return session.execute(sa.select(Bulletin.id).limit(1)).first() is not None


def first_steps(session: Session, who: Actor) -> list[Step]:
    """The five steps, in the order that makes sense."""

    def more_than(count: int, table: type[Person | Campaign | Company | Channel | Bulletin]) -> bool:
        return session.execute(sa.select(sa.func.count()).select_from(table)).scalar_one() > count

    configures, plans, writes = who.may(May.CONFIGURE), who.may(May.PLAN), who.may(May.WRITE)
    return [
        Step(
            more_than(1, Person),
            _("Thêm đồng nghiệp"),
            _("Người viết không tự duyệt bản tin của mình, nên cần ít nhất hai người."),
            page_of("admin.people.new") if configures else None,
        ),
        Step(
            more_than(0, Campaign),
            _("Lập kế hoạch truyền thông"),
            _("Số kế hoạch, thời gian, chuyên đề và chỉ tiêu; tiến độ được tính theo đó."),
            page_of("admin.campaigns.new") if plans and configures else None,
        ),
        Step(
            more_than(0, Company),
            _("Nhập đối tác và giấy phép"),
            _("Từ tệp Excel hoặc từng đối tác một; máy sẽ tìm bài đăng lại trên các trang này."),
            page_of("partners.index"),
        ),
        Step(
            more_than(0, Channel),
            _("Nối tài khoản chính thức và kênh đối tác"),
            _("Zalo, nguồn tin riêng, webhook; bản tin phát hành sẽ tự tới."),
            page_of("channels.index"),
        ),
        Step(
            more_than(0, Bulletin),
            _("Soạn bản tin đầu tiên"),
            _("Viết, gửi duyệt, phát hành rồi xem bản tin đi tới đâu."),
            url_for("bulletins.new") if writes else None,
        ),
    ]
