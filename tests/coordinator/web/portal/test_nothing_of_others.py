"""For any data of two partners, no page and no file served to one contains anything of the other."""

import io
import random
import shutil
import subprocess
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import timedelta
from secrets import token_hex

import pytest
import sqlalchemy as sa
from selectolax.lexbor import LexborHTMLParser
from sqlalchemy.orm import Session

from campaigns.bulletins.bulletins import Bulletin
from campaigns.channels.portal_webhook import record_test
from campaigns.compliance import finding_workflow
from campaigns.compliance.rule_parameters import Fault
from campaigns.partners.directory import Company, CompanyContent, Site, SiteContent, SiteKind, add_company, add_site
from campaigns.partners.editor_access import make_editor_link
from campaigns.partners.editors import add_editor
from campaigns.people.keys import add_key
from campaigns.republications.attribution.verdicts import Attribution
from campaigns.republications.page_reports import claim_page, report_page
from campaigns.republications.republications import Republication, RepublicationLife, RepublicationStatus
from campaigns.republications.review.partner_answers import PartnerAnswerKind, record_answer
from tests import factories
from tests.campaigns.compliance.made_findings import proposed
from tests.conftest import need
from tests.coordinator.web.desk.conftest import Desk
from tests.coordinator.web.desk.copies import Copy, add_copy
from tests.coordinator.web.routes import routes
from tests.factories import ADMIN

ZIPPED = {"application/zip", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"}
TOPICS = ("dich-benh", "kinh-te-xa-hoi", "an-ninh-quoc-phong")


@dataclass
class Side:
    """One partner: its mark in texts, the values for its addresses, and its key. ``canaries``: words that only it may
    read; ``ids``: values in addresses, by the variable's name."""

    company: int
    secret: str
    canaries: set[str] = field(default_factory=set)
    ids: dict[str, set[str]] = field(default_factory=dict)

    def mark(self, name: str, *values: str) -> None:
        self.ids.setdefault(name, set()).update(values)
        self.canaries.update(values)


def furnished(session: Session, desk: Desk, word: str, bulletins: list[Bulletin], chance: random.Random) -> Side:
    """Add a partner with random rows of every kind, all of them marked with its word."""
    now = desk.office.now()
    company = add_company(session, "test", CompanyContent(name=f"Công ty {word}"), code=f"ma-{word}", now=now)
    editor = add_editor(session, ADMIN, company, email=f"{word}@{word}.vn", name=f"Người {word}", now=now)
    side = Side(company.id, make_editor_link(session, ADMIN, editor, now=now).secret)
    side.canaries |= {f"ma-{word}", f"Công ty {word}", f"{word}@{word}.vn", f"Người {word}", f"{word}.example"}
    for number in range(chance.randint(1, 2)):
        url = f"https://trang{number}.{word}.example/"
        add_site(
            session,
            "test",
            company,
            SiteContent(name=f"Trang {word} {number}", url=url, kind=SiteKind.AGGREGATOR),
            now=now,
        )
    for _ in range(chance.randint(1, 3)):
        key = add_key(session, "test", name=f"Khóa {word}", company_id=company.id, now=now).row
        side.mark("public", key.public)
    for _ in range(chance.randint(1, 2)):
        settings = {"url": f"https://nhan.{word}.example/hook"}
        push = factories.channel(session, company=company, settings=settings, topics=chance.sample(TOPICS, 2), now=now)
        record_test(session, editor.actor, push, status=200, detail=word, now=now)
        side.mark("code", push.code)
    sites = session.execute(sa.select(Site).where(Site.company_id == company.id)).scalars().all()
    for bulletin in chance.sample(bulletins, 3):
        site = chance.choice(sites)
        copy = Copy(
            site.name,
            f"{site.url}{bulletin.code}-{word}",
            chance.choice(list(RepublicationStatus)),
            chance.choice(list(RepublicationLife)),
            chance.choice(list(Attribution)),
        )
        ident = add_copy(session, bulletin, copy)
        side.mark("ident", ident)
        row = session.execute(sa.select(Republication).where(Republication.public == ident)).scalar_one()
        row.stale, row.stale_since = chance.random() < 0.5, now
        record_answer(session, editor.actor, row, chance.choice(list(PartnerAnswerKind)), f"Lời của {word}", now=now)
        claim_page(
            session, editor.actor.id, bulletin.code, f"{site.url}bao-{bulletin.code}", company_id=company.id, now=now
        )
        report = report_page(session, editor.actor, company.id, f"{site.url}tin-{bulletin.code}", now=now).row
        side.mark("ident", report.public)
    for code in ("R1", "R8", "R13"):
        fault = Fault("comments", {"what": f"khung {word}"}, excerpt=f"đoạn {word}")
        found = proposed(session, code, chance.choice(sites), fault=fault)
        side.mark("finding", found.public)
        finding_workflow.conclude_finding(
            session, ADMIN, found.public, 0, confirm=chance.random() < 0.8, note=f"Kết luận {word}", now=now
        )
        if found.shown_at is not None:
            finding_workflow.reply_to_finding(
                session, editor.actor, company.id, found.public, f"Lời của {word}", token_hex(8), now=now
            )
    side.canaries |= {f"Khóa {word}", f"Trang {word}", f"Lời của {word}", f"khung {word}", f"đoạn {word}"}
    side.canaries.add(f"Kết luận {word}")
    return side


@pytest.fixture(params=[1, 2, 3])
def sides(desk: Desk, request: pytest.FixtureRequest) -> tuple[Side, Side]:
    """Add two partners with random rows; the first may read only one topic."""
    chance = random.Random(request.param)
    with desk.database.write() as session:
        then = desk.office.now() - timedelta(hours=2)
        bulletins = [
            factories.published(
                session, title=f"Bản tin {number}", topic=TOPICS[number % 3], now=then + timedelta(minutes=number)
            )
            for number in range(6)
        ]
        mine = furnished(session, desk, "saokhue", bulletins, chance)
        theirs = furnished(session, desk, "donghoi", bulletins, chance)
        company = session.get_one(Company, mine.company)
        factories.channel(session, "feed", company=company, topics=["dich-benh"], now=then)
        closed = [bulletin.code for bulletin in bulletins if bulletin.topic.code != "dich-benh"]
    theirs.ids["bulletin"] = set(closed)
    with desk.database.write() as session:
        # Deliveries are created for bulletins that are released after the channels exist.
        factories.published(session, title="Bản tin sau", now=desk.office.now())
    desk.office.clock.forward(seconds=1)
    return mine, theirs


def printed(body: bytes) -> str:
    """Return the text of a PDF."""
    if shutil.which("pdftotext") is None:
        need("pdftotext", "install the package poppler-utils")
    process = subprocess.run(["pdftotext", "-layout", "-", "-"], input=body, capture_output=True, check=True)
    return process.stdout.decode()


def served(desk: Desk) -> Iterator[tuple[str, str]]:
    """Return every page and file that the portal links to, as text."""
    waiting, seen = ["/portal"], {"/portal"}
    while waiting:
        path = waiting.pop()
        with desk.client.get(path) as answer:
            assert answer.status_code in {200, 410}, (path, answer.status)
            if answer.mimetype == "application/pdf":
                yield path, printed(answer.data)
                continue
            if answer.mimetype in ZIPPED:
                with zipfile.ZipFile(io.BytesIO(answer.data)) as file:
                    yield path, "".join(file.read(name).decode("utf-8", "replace") for name in file.namelist())
                continue
            yield path, answer.text
            links = [node.attributes["href"] or "" for node in LexborHTMLParser(answer.text).css("a[href]")]
        for link in links:
            if link.startswith("/portal") and link not in seen:
                seen.add(link)
                waiting.append(link)


def test_no_page_and_no_file_carries_anything_of_another_partner(desk: Desk, sides: tuple[Side, Side]) -> None:
    mine, theirs = sides
    assert desk.post(f"/portal/join/{mine.secret}").status_code == 303
    found = dict(served(desk))
    assert len(found) > 20
    text = "".join(found.values())
    assert all(ident in text for ident in mine.ids["ident"]), "the walk meets what is its own"
    leaks = {(path, word) for path, text in found.items() for word in theirs.canaries if word in text}
    assert leaks == set()


def test_everything_of_another_partner_answers_that_there_is_none(desk: Desk, sides: tuple[Side, Side]) -> None:
    mine, theirs = sides
    assert desk.post(f"/portal/join/{mine.secret}").status_code == 303
    asked = 0
    for route in routes(desk.app, {"code": "CODE", "ident": "IDENT", "public": "PUBLIC"}):
        names = set(route.rule.arguments)
        # The file of a partner's own results has a format in its address and no id.
        if not route.endpoint.startswith("portal.") or names <= {"form"} or route.endpoint == "portal.joining.page":
            continue
        if route.endpoint.startswith("portal.manual."):  # guides, the same for every partner
            continue
        (name,) = names
        kind = "bulletin" if route.endpoint.startswith("portal.bulletins.") else name
        kind = "finding" if route.endpoint.startswith("portal.findings.") else kind
        for ident in theirs.ids[kind] | {"nothing"}:
            path = route.path.replace(name.upper(), ident)
            for method in (route.rule.methods or set()) - {"HEAD", "OPTIONS"}:
                form = {"answer": "note", "text": "x"}
                answer = desk.client.get(path) if method == "GET" else desk.post(path, form)
                asked += 1
                assert answer.status_code == 404, (method, path)
                assert not [word for word in theirs.canaries - {ident} if word in answer.text]
    assert asked > 25
