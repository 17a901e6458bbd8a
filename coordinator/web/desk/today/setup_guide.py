"""The set-up steps that a new installation still lacks, from the state of the database."""

from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from flask import url_for
from sqlalchemy.orm import Session

from campaigns.bulletins.bulletins import Bulletin
from campaigns.channels.channels import Channel
from campaigns.core.journal import JournalEntry
from campaigns.partners.directory import Company
from campaigns.people.default_name import DEFAULT_NAME
from campaigns.people.office import Office, current_office
from campaigns.people.staff import Actor, Permission, Person
from campaigns.planning.campaigns import Campaign, Topic
from coordinator.translation import _
from coordinator.web.kit.links import page_url


@dataclass(frozen=True)
class SetupStep:
    """One step: whether it is done, and its page (None = this reader's role does not allow it)."""

    done: bool
    text: str
    why: str
    url: str | None


def has_bulletin(session: Session) -> bool:
    """Whether any bulletin was ever written."""
    return _any(session, sa.select(Bulletin.id))


def guide_hidden(session: Session) -> bool:
    """Whether an administrator has hidden the guide."""
    hidden = sa.select(Office.guide_hidden_at).where(Office.id == 1)
    return session.execute(hidden).scalar_one_or_none() is not None


def setup_steps(session: Session, actor: Actor) -> list[SetupStep]:
    """Return the steps in their usual order."""
    configures, plans, writes = actor.may(Permission.CONFIGURE), actor.may(Permission.PLAN), actor.may(Permission.WRITE)
    office = current_office(session)
    # Number of people, for the set-up steps.
    people = session.execute(sa.select(sa.func.count()).select_from(Person)).scalar_one()
    return [
        SetupStep(
            office.name != DEFAULT_NAME and bool(office.place),
            _("Điền tên và địa danh của cơ quan"),
            _("Đứng trên mọi bản tin, nguồn tin và báo cáo; các tên nêu nguồn cũng khai ở đó."),
            page_url("admin.office.page") if configures else None,
        ),
        SetupStep(
            people > 1,
            _("Mời đồng nghiệp"),
            _("Người viết không tự duyệt bản tin của mình, nên cần ít nhất hai người."),
            page_url("admin.people.new") if configures else None,
        ),
        SetupStep(
            _any(session, sa.select(Topic.id).where(Topic.retired_at.is_(None))),
            _("Có chuyên đề để chọn"),
            _("Ba chuyên đề có sẵn; thêm, đổi tên hoặc ngừng dùng cho đúng việc của cơ quan."),
            page_url("admin.topics.index") if plans else None,
        ),
        SetupStep(
            _any(session, sa.select(Campaign.id)),
            _("Lập kế hoạch truyền thông"),
            _("Số kế hoạch, thời gian, chuyên đề và chỉ tiêu; tiến độ được tính theo đó."),
            page_url("admin.campaigns.new") if plans else None,
        ),
        SetupStep(
            _any(session, sa.select(Company.id)),
            _("Nhập đối tác và giấy phép"),
            _("Từ tệp Excel hoặc từng đối tác một; máy sẽ tìm bài đăng lại trên các trang này."),
            page_url("partners.register.begin") if configures else None,
        ),
        SetupStep(
            _channel_tried(session),
            _("Nối một kênh và thử"),
            _("Zalo, nguồn tin riêng, webhook; thử một lần được thì bản tin phát hành sẽ tự tới."),
            page_url("channels.index") if configures else None,
        ),
        SetupStep(
            has_bulletin(session),
            _("Soạn bản tin đầu tiên"),
            _("Viết, gửi duyệt, phát hành rồi xem bản tin đi tới đâu."),
            url_for("bulletins.new") if writes else None,
        ),
    ]


def _channel_tried(session: Session) -> bool:
    """Whether any channel has delivered, passed a test, or is a feed, which the receiver fetches."""
    tried = sa.select(JournalEntry.seq).where(
        JournalEntry.subject_kind == "channel",
        JournalEntry.act == "channel.tried",
        JournalEntry.details.contains('"good":true'),
    )
    sent = sa.select(Channel.id).where(sa.or_(Channel.last_success_at.is_not(None), Channel.kind == "feed"))
    return _any(session, sent) or _any(session, tried)


def _any(session: Session, query: sa.Select[Any]) -> bool:
    return session.execute(query.limit(1)).first() is not None
