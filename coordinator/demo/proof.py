"""What the demo's world does to be found out, and what the product makes of it: claims, loads of the counter image,
copies taken from one another, removals. Each figure stands beside what the world knows."""

import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from typing import Any

import requests
import sqlalchemy as sa
from sqlalchemy.orm import Session

from campaigns.core.clock import city_day, quarter_of
from campaigns.partners.directory import Company, Site
from campaigns.publishing.bulletins import find_bulletin
from campaigns.reporting import claims, removals, viewing
from campaigns.tracking import absence
from campaigns.tracking.republications import Republication
from campaigns.tracking.sightings import Page
from coordinator.demo.partner import PartnerSite
from coordinator.web.formats import duration

# Forms of one address in which a partner's own statistics might tell it; all are one page.
FORMS = ("{}", "{}?utm_source=zalo&utm_medium=oa", "{}?zarsrc=30", "{}?fbclid=abc123", "{}#binh-luan")
CHROME = "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0 Safari/537.36"
FIREFOX = "Mozilla/5.0 (X11; Linux x86_64; rv:143.0) Gecko/20100101 Firefox/143.0"
ROBOT = "Googlebot/2.1 (+http://www.google.com/bot.html)"
LOADS = (CHROME, CHROME, FIREFOX, ROBOT)  # the second within 30 seconds of the first
READERS = 2  # of those loads, the ones that are views


def claim(honest: PartnerSite, liar: PartnerSite, code: str, other: str, api: str) -> None:
    """One partner reports its copy of ``code`` under every form of its address; another reports an article of its own
    as a copy of ``other``. ``api``: the address of version 1."""
    copy = f"{honest.url}{honest.posts[code].path}"
    for form in FORMS:
        honest.report(code, form.format(copy), api)
    if liar.own is not None:
        liar.report(other, f"{liar.url}{liar.own.path}", api)


def read(partner: PartnerSite, code: str) -> None:
    """Readers and a robot open the partner's copy, whose page shows the counter image of the copy kit."""
    post = partner.posts[code]
    kit = requests.get(f"{post.link}/republish", timeout=10).text
    found = re.search(r"https?://[^\s\"'&]+/i/[\w-]+\.gif", kit)
    if found is None:
        raise ValueError("the copy kit shows no counter image")
    for agent in LOADS:
        headers = {"User-Agent": agent, "Referer": f"{partner.url}{post.path}"}
        requests.get(found[0], headers=headers, timeout=10)


def counted(session: Session, *, now: datetime) -> dict[str, dict[str, int]]:
    """By partner's code: what the product found out, under the names of ``Known.counts``."""
    behind = Counter(one.company_code for one in _behind_a_correction(session, now))
    told = {one.code: one.claims for one in claims.by_partner(session, quarter_of(city_day(now)))}
    copies = sa.select(Company.code, sa.func.count()).join(Site, Site.company_id == Company.id)
    taken = copies.join(Republication, Republication.site_id == Site.id).where(Republication.taken_from_id.is_not(None))
    second = copies.join(Page, Page.site_id == Site.id).where(Page.alias_of_id.is_not(None))
    taken_by, second_by = (_numbers(session, query.group_by(Company.code)) for query in (taken, second))
    return {
        code: {
            "behind": behind[code],
            "taken_from_partner": taken_by.get(code, 0),
            "second_addresses": second_by.get(code, 0),
            "claims": told[code].made if code in told else 0,
            "false_claims": told[code].rejected if code in told else 0,
        }
        for code in session.execute(sa.select(Company.code)).scalars().all()
    }


def _behind_a_correction(session: Session, now: datetime) -> list[removals.Behind]:
    return [one for one in removals.behind(session, now=now, over=timedelta(0)) if not one.recalled]


def _numbers(session: Session, query: sa.Select[str, int]) -> Mapping[str, int]:
    return {row[0]: int(row[1]) for row in session.execute(query)}


@dataclass(frozen=True)
class Removed:
    """How a partner took a recalled bulletin down: seconds from the recall until it was gone, and until a look did not
    find it; None while it is up. ``why``: the sign by which that look knew."""

    partner: str
    took: float | None
    seen: float | None
    why: str


@dataclass(frozen=True)
class Proof:
    """What belongs to no partner's row of the table. ``views``: every load of the image, and those that are readers."""

    removals: tuple[Removed, ...]
    views: dict[str, int]

    @property
    def equal(self) -> bool:
        """Whether the product found out what was done, in an order that can be."""
        seen = all(one.took is not None and one.seen is not None and one.took <= one.seen for one in self.removals)
        # Whoever looks at a partner's page in the meantime is a reader too.
        return seen and self.views["raw"] >= len(LOADS) and self.views["guarded"] >= READERS

    def as_json(self) -> dict[str, Any]:
        """For ``demo.json``."""
        return {**asdict(self), "known_views": {"raw": len(LOADS), "guarded": READERS}, "equal": self.equal}


def proof(session: Session, partners: Sequence[PartnerSite], recalled: str, read_: str) -> Proof:
    """How it stands now. ``recalled``: the bulletin that was recalled; ``read_``: the one whose image was loaded."""
    lines = viewing.of_bulletin(session, find_bulletin(session, read_).id)
    views = {"raw": sum(one.raw for one in lines), "guarded": sum(one.guarded for one in lines)}
    return Proof(tuple(_removed(session, partner, recalled) for partner in partners), views)


def _removed(session: Session, partner: PartnerSite, code: str) -> Removed:
    bulletin = find_bulletin(session, code)
    row = session.execute(
        sa.select(Republication)
        .join(Site, Site.id == Republication.site_id)
        .where(Republication.bulletin_id == bulletin.id, Site.code == partner.code)
    ).scalar_one()
    gone_at, recalled_at = partner.posts[code].gone_at, bulletin.recalled_at
    took = (gone_at - recalled_at).total_seconds() if gone_at is not None and recalled_at is not None else None
    first = row.missing_since
    seen = (first - recalled_at).total_seconds() if first is not None and recalled_at is not None else None
    return Removed(partner.code, took, seen, absence.kind_of(row.missing_why))


def sentences(session: Session, partners: Sequence[PartnerSite], found: Proof, *, now: datetime) -> Iterator[str]:
    """The proof for the terminal, one sentence a line."""
    names = {one.code: one.name for one in partners}
    for one in found.removals:
        if one.took is not None and one.seen is not None:
            yield f"{names[one.partner]} gỡ sau {_lasting(one.took)}, ta thấy sau {_lasting(one.seen)} ({one.why})"
    for behind in _behind_a_correction(session, now):
        yield f"{behind.site} còn bản {behind.revision} của {behind.bulletin}; bản hiện hành là {behind.released}"
    taken = sa.select(Republication).where(Republication.taken_from_id.is_not(None)).order_by(Republication.id)
    for row in session.execute(taken).scalars():
        if row.taken_from is not None:
            yield f"{row.site.name} lấy {row.bulletin.code} từ bài của {row.taken_from.site.name}"
    yield f"ảnh đếm: {found.views['raw']} lần tải, {found.views['guarded']} lượt xem; không cộng vào lượt lan tỏa"


def _lasting(seconds: float) -> str:
    return duration(round(seconds))
