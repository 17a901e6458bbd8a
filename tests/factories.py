"""Things tests need, with sensible defaults; each takes a session and what matters to the test."""

import itertools
from collections.abc import Sequence
from datetime import UTC, date, datetime
from typing import Any

from sqlalchemy.orm import Session

from campaigns.bulletins import drafts
from campaigns.bulletins.bulletins import Bulletin
from campaigns.bulletins.drafts import BulletinText
from campaigns.channels.channels import Channel, add_channel
from campaigns.delivery.outbox import DeliveryModes
from campaigns.partners.directory import Company, CompanyContent, Site, SiteContent, SiteKind, add_company, add_site
from campaigns.people.staff import Actor, Role
from campaigns.planning.campaigns import Campaign, CampaignContent, TargetContent, save_campaign
from campaigns.release import workflow

NOW = datetime(2026, 11, 24, 1, 0, tzinfo=UTC)  # 08:00 in the city
DELIVERY_MODES = DeliveryModes(pulled=["feed", "lotus"], manual=["manual"])

WRITER = Actor("an@so.example", "Minh An", Role.WRITER)
APPROVER = Actor("bao@so.example", "Quốc Bảo", Role.APPROVER)
ANALYST = Actor("chi@so.example", "Lan Chi", Role.ANALYST)
ADMIN = Actor("dung@so.example", "Tiến Dũng", Role.ADMIN)

_numbers = itertools.count(1)


def text(
    title: str = "Lịch tiêm nhắc vắc-xin sởi tại 30 phường, xã", body: str = "", lead: str = "Tiêm miễn phí."
) -> BulletinText:
    """A text to save; the body is plain paragraphs."""
    plain = (
        body or "Từ ngày 24 đến 28/11, trạm y tế 30 phường, xã mở thêm buổi tiêm chiều cho trẻ từ 18 tháng đến 5 tuổi."
    )
    html = "".join(f"<p>{part}</p>" for part in plain.split("\n\n"))
    return BulletinText(title, lead, html, plain)


def draft(
    session: Session, *, writer: Actor = WRITER, topic: str = "dich-benh", now: datetime = NOW, **more: Any
) -> Bulletin:
    """A draft of the day."""
    body = more.pop("body", "")
    title = more.pop("title", None) or f"Bản tin thử số {next(_numbers)}"
    return drafts.create(session, writer, text(title, body), topic=topic, now=now, **more)


def approved(session: Session, *, now: datetime = NOW, **more: Any) -> Bulletin:
    """A bulletin that one wrote and another approved."""
    bulletin = draft(session, now=now, **more)
    workflow.submit(session, WRITER, bulletin.code, now=now)
    revision = bulletin.revision(bulletin.latest)
    return workflow.approve(session, APPROVER, bulletin.code, revision.hash, DELIVERY_MODES, now=now)


def published(session: Session, *, now: datetime = NOW, **more: Any) -> Bulletin:
    """A bulletin that is out."""
    bulletin = approved(session, now=now, **more)
    return workflow.publish(session, APPROVER, bulletin.code, DELIVERY_MODES, now=now)


def planned(
    session: Session,
    starts_on: date,
    ends_on: date,
    *targets: TargetContent,
    code: str = "kh-174",
    campaign: Campaign | None = None,
    topics: Sequence[str] = ("dich-benh",),
    plan_number: str = "174-KH/UBND",
    name: str = "Lan tỏa",
    now: datetime = NOW,
) -> Campaign:
    """A campaign with these days and targets; or ``campaign`` with them."""
    content = CampaignContent(
        plan_number=plan_number, name=name, starts_on=starts_on, ends_on=ends_on, topics=topics, targets=targets
    )
    return save_campaign(session, "test", campaign, code, content, now=now)


def channel(
    session: Session,
    kind: str = "webhook",
    *,
    company: Company | None = None,
    topics: Sequence[str] | None = None,
    settings: dict[str, Any] | None = None,
    encrypted_secrets: str | None = None,
    now: datetime = NOW,
) -> Channel:
    """A channel of some kind."""
    return add_channel(
        session, ADMIN, code=None, kind=kind, name=f"Kênh {next(_numbers)}", company=company, topics=topics,
        settings=settings or {}, encrypted_secrets=encrypted_secrets, now=now,
    )  # fmt: skip


def company(session: Session, name: str | None = None, *, now: datetime = NOW) -> Company:
    """A partner."""
    return add_company(session, "test", CompanyContent(name=name or f"Công ty Thử {next(_numbers)}"), now=now)


def site(
    session: Session, owner: Company | None = None, url: str | None = None, *, now: datetime = NOW, **more: Any
) -> Site:
    """A site of a partner."""
    address = url or f"https://trang{next(_numbers)}.example/"
    content = SiteContent(name=address, url=address, kind=SiteKind.AGGREGATOR, **more)
    return add_site(session, "test", owner or company(session), content, now=now)


def secret_of(key: str) -> str:
    """The secret of a shown key, ``lt_<public>_<secret>``: 43 characters that may themselves hold or end in ``_``."""
    secret = key.removesuffix(".ics").split("_", 2)[2]
    assert len(secret) == 43, key
    return secret
