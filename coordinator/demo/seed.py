"""The initial data of the demo: department, staff, campaign, partners with their licences, channels."""

import io
import secrets
from dataclasses import dataclass
from datetime import date, timedelta
from importlib.resources import files

import docx
from PIL import Image, ImageDraw
from sqlalchemy.orm import Session

from campaigns.channels.channels import add_channel
from campaigns.core.clock import city_day
from campaigns.discovery.site_sources import sync_sources
from campaigns.partners.agreements import AgreementContent, add_agreement
from campaigns.partners.directory import CompanyContent, SiteContent, SiteKind, add_company, add_site
from campaigns.partners.licences import LicenceContent, add_licence
from campaigns.people.keys import add_key
from campaigns.people.office import OfficeContent, save_office
from campaigns.people.staff import Actor, Role, add_person
from campaigns.planning.campaigns import CampaignContent, TargetContent, save_campaign
from coordinator.channels import registry
from coordinator.demo.loopback_services import OFFICE, LoopbackServices
from coordinator.demo.partner_site import PartnerSite
from coordinator.jobs.context import AppContext
from coordinator.web.auth.passwords import hash_password

CAMPAIGN = "ke-hoach-174"
TOPICS = ("dich-benh", "kinh-te-xa-hoi", "an-ninh-quoc-phong")
PEOPLE = (
    ("thu.hang@so.example", "Thu Hằng", Role.WRITER),
    ("quoc.bao@so.example", "Quốc Bảo", Role.APPROVER),
    ("minh.an@so.example", "Minh An", Role.ANALYST),
    ("quan.tri@so.example", "Quản trị", Role.ADMIN),
)


@dataclass(frozen=True)
class DemoStaff:
    """The acting staff, and the password that all of them have in the demo."""

    writer: Actor
    approver: Actor
    admin: Actor
    password: str


def seed_installation(app: AppContext, world: LoopbackServices, target: int) -> DemoStaff:
    """Fill an empty installation. ``target``: the quota of republications."""
    password = secrets.token_urlsafe(9)
    digest = hash_password(password)
    context = app.job_context
    now = context.now()
    with context.database.write() as session:
        people = [
            add_person(
                session, "demo", email=email, name=name, role=role, password_hash=digest,
                uniquifier=secrets.token_hex(16), now=now,
            ).actor
            for email, name, role in PEOPLE
        ]  # fmt: skip
        writer, approver, _, admin = people
        content = OfficeContent(
            name=OFFICE, parent="Ủy ban nhân dân thành phố", place="Thành phố",
            address="Số 12 đường Bến Cũ, phường Trung Tâm", phone="024 5555 0100", email="banbientap@so.example",
            responsible="Phó Giám đốc Đỗ Thanh Hà", source_names=["Sở TT thành phố", "Sở Thông tin TP"],
            not_us=["Sở Thông tin tỉnh"],
        )  # fmt: skip
        save_office(session, admin.id, content, now=now)
        today = city_day(now)
        save_campaign(
            session,
            admin.id,
            None,
            CAMPAIGN,
            CampaignContent(
                plan_number="174-KH/UBND",
                name="Lan tỏa thông tin chính thống",
                starts_on=today,
                ends_on=today + timedelta(days=6),
                topics=TOPICS,
                targets=[
                    TargetContent("republications", target),
                    TargetContent("bulletins", 6),
                    TargetContent("attribution_rate", 80),
                ],
            ),
            now=now,
        )
        for partner in world.partners:
            _add_partner(session, admin, app, partner)
        _add_accounts(session, admin, app, world)
    return DemoStaff(writer, approver, admin, password)


def _add_partner(session: Session, admin: Actor, app: AppContext, partner: PartnerSite) -> None:
    """Add a partner as in a register, with the channel by which it receives bulletins."""
    now = app.job_context.now()
    today = city_day(now)
    company = add_company(session, admin.id, CompanyContent(name=partner.owner), code=partner.code, now=now)
    listed = {f"{partner.profile.listed_in}s": [f"{partner.url}{_LISTS[partner.profile.listed_in]}"]}
    content = SiteContent(
        name=partner.name, url=f"{partner.url}/", kind=SiteKind.AGGREGATOR, feeds=listed.get("feeds", ()),
        sitemaps=listed.get("sitemaps", ()), listings=listed.get("listings", ()),
    )  # fmt: skip
    site = add_site(session, admin.id, company, content, code=partner.code, now=now)
    sync_sources(session, site, now=now)
    licence = LicenceContent(
        kind=SiteKind.AGGREGATOR, issuer="Sở Thông tin và Truyền thông thành phố",
        issued_on=today - timedelta(days=400), expires_on=today + timedelta(days=900), domains=[site.host],
        scope=list(TOPICS),
    )  # fmt: skip
    add_licence(session, admin.id, company, partner.licence, licence, now=now)
    agreement = AgreementContent(starts_on=date(today.year, 1, 1), ends_on=date(today.year, 12, 31))
    add_agreement(session, admin.id, company, f"{partner.licence.split('/')[0]}/VB-CT", agreement, now=now)
    if partner.profile.feed is None:
        plain, secret = registry.check_settings("webhook", {"url": f"{partner.url}/hook"})
        partner.secret = secret["secret"]
        add_channel(
            session, admin, code=None, kind="webhook", name=f"{partner.name} (đẩy)", company=company, topics=None,
            settings=plain, encrypted_secrets=app.job_context.encryption.encrypt(secret), now=now,
        )  # fmt: skip
        return
    add_channel(
        session, admin, code=None, kind="feed", name=f"{partner.name} (tự lấy)", company=company, topics=None,
        settings={}, encrypted_secrets=None, now=now,
    )  # fmt: skip
    key = add_key(session, admin.id, name=f"Nguồn tin của {partner.name}", company_id=company.id, now=now)
    partner.key = key.text
    partner.pull_url = app.job_context.addresses.feed(partner.profile.feed, key.text)


_LISTS = {"feed": "/rss.xml", "sitemap": "/sitemap-news.xml", "listing": "/"}


def _add_accounts(session: Session, admin: Actor, app: AppContext, world: LoopbackServices) -> None:
    """Add the department's own accounts: the Zalo sandbox, and a platform that reads the feed."""
    now = app.job_context.now()
    _, refresh = world.zalo.account.issue()
    plain, secret = registry.check_settings(
        "zalo",
        {
            "app_id": world.zalo.account.app_id,
            "oa_id": world.zalo.account.oa_id,
            "app_secret": world.zalo.account.app_secret,
            "refresh_token": refresh,
            "author": OFFICE,
            "cover_url": "https://anh.so.example/bia-ban-tin.jpg",
            "api_base": world.zalo_url,
            "oauth_base": world.zalo_url,
        },
    )
    add_channel(
        session, admin, code="zalo", kind="zalo", name="Zalo Thông tin thành phố (sandbox)", company=None, topics=None,
        settings=plain, encrypted_secrets=app.job_context.encryption.encrypt(secret), now=now,
    )  # fmt: skip
    platform = add_company(
        session, admin.id, CompanyContent(name="Mạng xã hội kiểu Lotus (sandbox)"), code="mxh-kieu-lotus", now=now
    )
    add_channel(
        session, admin, code="lotus", kind="lotus", name="Trang trên mạng kiểu Lotus", company=platform, topics=None,
        settings={}, encrypted_secrets=None, now=now,
    )  # fmt: skip
    key = add_key(session, admin.id, name="Trang kiểu Lotus", company_id=platform.id, now=now)
    world.open_lotus(app.job_context.addresses.feed("atom.xml", key.text))


def word_file() -> bytes:
    """One of the sample texts as a Word file, generated so that no binary file is in the repository."""
    lines = (files("coordinator.demo") / "sample" / "binh-on-gia.md").read_text(encoding="utf-8").splitlines()
    document = docx.Document()
    document.add_heading(lines[0].removeprefix("# "), level=1)
    for line in lines[1:]:
        if line.strip():
            document.add_paragraph(line)
    out = io.BytesIO()
    document.save(out)
    return out.getvalue()


def cover_file() -> bytes:
    """A lead picture, drawn so that no binary file is in the repository: walls, a lane, and covered jars."""
    picture = Image.new("RGB", (1280, 720), "#e8dcc3")
    draw = ImageDraw.Draw(picture)
    draw.rectangle((0, 0, 1280, 240), fill="#bcd4e6")
    draw.polygon([(0, 90), (470, 240), (470, 520), (0, 720)], fill="#c98f5f")
    draw.polygon([(1280, 90), (810, 240), (810, 520), (1280, 720)], fill="#b5764a")
    draw.polygon([(470, 520), (810, 520), (1280, 720), (0, 720)], fill="#8d8478")
    for left in (520, 620, 720):
        draw.ellipse((left, 430, left + 80, 540), fill="#6b3f2a")
        draw.ellipse((left - 6, 424, left + 86, 452), fill="#3f5a3c")
    out = io.BytesIO()
    picture.save(out, "JPEG", quality=88)
    return out.getvalue()
