"""Reporting posts on social networks: lines are pasted, completed, and reported as claims with their pictures."""

import datetime as dt
import re
from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from campaigns.bulletins.bulletins import Bulletin
from campaigns.core import journal
from campaigns.core.base import public_id
from campaigns.core.clock import city_day
from campaigns.core.errors import Conflict, FieldError, Invalid
from campaigns.discovery.sightings import SightingMethod
from campaigns.discovery.urls import canonical_url
from campaigns.partners.directory import Company, Site, SiteContent, SiteKind, add_site, site_of
from campaigns.partners.social_addresses import read_address
from campaigns.people.staff import Actor, Permission
from campaigns.republications.address_claims import claim_address
from campaigns.republications.attribution.verdicts import Attribution
from campaigns.republications.evidence.uploads import EvidenceUpload, EvidenceUploadKind, StoredFile
from campaigns.republications.republications import Republication, RepublicationStatus
from campaigns.republications.social.pasted_lines import LONGEST_WORDS, PastedLine, RefusedLine, read_lines
from campaigns.republications.social.posts import (
    PICTURE_ATTRIBUTIONS,
    SocialPost,
    find_line,
    is_social_report,
    open_lines,
)
from campaigns.republications.social.suggestions import (
    KnownBulletin,
    moment_in_picture,
    released_bulletins,
    suggest_bulletin,
    words_in_picture,
)

MOST_OPEN = 400  # lines of one person that wait to be completed


class LineProblem(Enum):
    """What a line lacks before it can be reported."""

    NOT_A_POST = "not_a_post"  # the address of a page or of the network, not of a post
    UNKNOWN_SITE = "unknown_site"  # nothing that is registered has this address
    NO_ACCOUNT = "no_account"  # the address does not name its page or account; a person chooses it
    NO_BULLETIN = "no_bulletin"
    NO_PICTURE = "no_picture"
    BEFORE_RELEASE = "before_release"  # the bulletin was released after the day of the post
    FUTURE = "future"  # the day of the post is ahead


@dataclass(frozen=True)
class LineView:
    """A line as it stands. ``site``: registered for its address, or chosen. ``bulletin``: chosen, or else suggested.
    ``known``: the copy that has this address already, of this bulletin where one is known. ``problems``: what it
    lacks."""

    row: SocialPost
    site: Site | None
    bulletin: KnownBulletin | None
    suggested: bool
    known: Republication | None
    problems: tuple[LineProblem, ...]

    @property
    def is_short(self) -> bool:
        """Whether the address is a short link, which does not tell what it leads to."""
        social = read_address(self.row.url)
        return social is not None and social.short

    @property
    def can_be_registered(self) -> bool:
        """Whether the page, account or host of the address can be registered as it is."""
        return LineProblem.UNKNOWN_SITE in self.problems


@dataclass(frozen=True)
class PasteResult:
    """What became of a paste: the lines added, those not understood, and those whose address waits already."""

    added: Sequence[SocialPost]
    refused: Sequence[RefusedLine]
    repeated: Sequence[PastedLine]


def canonical_address(url: str) -> str:
    """The form by which two lines are the same address. Raises ``Invalid``."""
    social = read_address(url)
    return social.canonical if social is not None and social.canonical else canonical_url(url)


def paste_lines(
    session: Session, actor: Actor, text: str, *, bulletin: Bulletin | None = None, now: dt.datetime
) -> PasteResult:
    """Record the lines of a pasted text as a person's open lines. ``bulletin``: of all of them."""
    actor.require(Permission.READ)
    today = city_day(now)
    taken, refused = read_lines(text, today)
    waiting = open_lines(session, actor.id)
    known = {row.address for row in waiting}
    capacity = MOST_OPEN - len(waiting)
    added: list[SocialPost] = []
    repeated: list[PastedLine] = []
    for line in taken:
        try:
            address = canonical_address(line.url)
        except Invalid:
            refused.append(RefusedLine(line.number, line.url, "no_address"))
            continue
        social = read_address(line.url)
        # Posts in a group without addresses of their own have the same address.
        if address in known and (social is None or social.post):
            repeated.append(line)
            continue
        if len(added) >= capacity:
            refused.append(RefusedLine(line.number, line.url, "too_many"))
            continue
        known.add(address)
        row = SocialPost(
            public=public_id("soc"), actor=actor.id, actor_name=actor.name, at=now, url=line.url, address=address,
            bulletin_id=bulletin.id if bulletin is not None else None, day=line.day or today, time=line.time,
            words=line.words, attribution=line.attribution, file_name="",
        )  # fmt: skip
        session.add(row)
        added.append(row)
    session.flush()
    return PasteResult(added, sorted(refused, key=lambda line: line.number), repeated)


def line_views(session: Session, rows: Sequence[SocialPost], *, now: dt.datetime) -> list[LineView]:
    """These lines as they stand, with the bulletin that is suggested where none is chosen."""
    if not rows:
        return []
    known = released_bulletins(session, min(row.day for row in rows), now=now)
    return [_line_view(session, row, known, now=now) for row in rows]


def _line_view(session: Session, row: SocialPost, known: Sequence[KnownBulletin], *, now: dt.datetime) -> LineView:
    social = read_address(row.url)
    # What is registered now is asked each time: it may have been registered since the line was pasted.
    site = site_of(session, row.url) or row.site
    bulletin = next((found for found in known if found.ident == row.bulletin_id), None)
    if bulletin is None and row.bulletin is not None:
        bulletin = _as_known(row.bulletin)
    suggested = bulletin is None
    if bulletin is None:
        bulletin = suggest_bulletin(known, row.words, row.file_name, row.day)
    copy = _known_copy(session, row.address, bulletin)
    if site is None and copy is not None:
        site = copy.site  # another form of the address, with the account's number, of a post that is known
    return LineView(
        row, site, bulletin, suggested and bulletin is not None, copy,
        tuple(_problems(row, social is not None and not (social.post or social.canonical), site, bulletin, now=now)),
    )  # fmt: skip


def _as_known(bulletin: Bulletin) -> KnownBulletin | None:
    if bulletin.released is None or bulletin.released_on is None:
        return None
    title = bulletin.revision(bulletin.released).title
    return KnownBulletin(bulletin.id, bulletin.code, title, bulletin.released_on, frozenset())


def _known_copy(session: Session, address: str, bulletin: KnownBulletin | None) -> Republication | None:
    query = sa.select(Republication).where(
        Republication.canonical_url == address, Republication.status != RepublicationStatus.REJECTED
    )
    social = read_address(address)
    if bulletin is not None and social is not None and not social.post:
        query = query.where(Republication.bulletin_id == bulletin.ident)  # a group has the posts of many bulletins
    return session.execute(query.order_by(Republication.id).limit(1)).scalar_one_or_none()


def _problems(
    row: SocialPost, no_post: bool, site: Site | None, bulletin: KnownBulletin | None, *, now: dt.datetime
) -> list[LineProblem]:
    found = []
    if no_post:
        found.append(LineProblem.NOT_A_POST)
    elif site is None:
        social = read_address(row.url)
        found.append(LineProblem.NO_ACCOUNT if social is not None and not social.account else LineProblem.UNKNOWN_SITE)
    if bulletin is None:
        found.append(LineProblem.NO_BULLETIN)
    elif row.day < bulletin.released_on:
        found.append(LineProblem.BEFORE_RELEASE)
    if row.day > city_day(now) or (row.posted_at is not None and row.posted_at > now):
        found.append(LineProblem.FUTURE)
    if not row.has_picture and (site is None or site.kind is SiteKind.SOCIAL):
        found.append(LineProblem.NO_PICTURE)
    return found


def change_line(
    session: Session,
    row: SocialPost,
    *,
    bulletin: Bulletin | None,
    site: Site | None,
    day: dt.date | None,
    time: dt.time | None,
    words: str,
    attribution: Attribution | None,
) -> None:
    """Record what a person entered in a line; a day and an attribution that are None stay as they are, a time that is
    None is not known."""
    row.bulletin_id, row.bulletin = (bulletin.id, bulletin) if bulletin is not None else (None, None)
    row.site_id, row.site = (site.id, site) if site is not None else (None, None)
    row.day, row.time, row.words = day or row.day, time, words.strip()[:LONGEST_WORDS]
    row.attribution = attribution or row.attribution
    session.flush()


def keep_picture(session: Session, row: SocialPost, kept: StoredFile, file_name: str) -> None:
    """Put a stored picture to a line, in place of a former one."""
    row.kind, row.measure, row.size = kept.kind.value, kept.measure, kept.size
    row.body_hash, row.body_key, row.original_hash = kept.body_hash, kept.body_key, kept.original_hash
    row.file_name = file_name[-300:]
    session.flush()


def propose_from_text(session: Session, row: SocialPost, text: str, *, now: dt.datetime) -> None:
    """Put what the text in the picture of a line tells into what nobody has entered: the words by which its bulletin is
    suggested, and the day and time where the day is still that of the paste. The person sees and changes them."""
    moment = moment_in_picture(text, city_day(now))
    if moment is not None and row.time is None and row.day == city_day(row.at):
        row.day, row.time = moment
    if not row.words and row.bulletin_id is None:
        known = released_bulletins(session, row.day, now=now)
        row.words = words_in_picture(known, text, row.day)[:LONGEST_WORDS]
    session.flush()


def line_for_file(rows: Sequence[SocialPost], file_name: str) -> SocialPost | None:
    """The line that a dropped file is for: the one whose post its name has, else the first without a picture."""
    without = [row for row in rows if not row.has_picture]
    for row in without:
        social = read_address(row.url)
        if social is not None and len(social.post) > 4 and re.search(re.escape(social.post), file_name):
            return row
    return without[0] if without else None


def remove_line(session: Session, row: SocialPost) -> None:
    """Remove an open line."""
    session.delete(row)
    session.flush()


def register_account(
    session: Session, actor: Actor, row: SocialPost, company: Company, name: str, *, now: dt.datetime
) -> Site:
    """Register the page or account that a line's address names, or its host, as a social site of a company. Every other
    line of it then has its site. Raises ``Forbidden``, ``Invalid``, ``Conflict`` as ``add_site`` does."""
    actor.require(Permission.REVIEW)
    content = SiteContent(name=name, url=account_address(row.url), kind=SiteKind.SOCIAL)
    return add_site(session, actor.id, company, content, now=now)


def account_address(url: str) -> str:
    """The address of the page or account that a post's address names; that of the host for other addresses."""
    social = read_address(url)
    if social is None or not social.account:
        scheme, _, rest = url.partition("://")
        return f"{scheme}://{rest.partition('/')[0].partition('?')[0]}/"
    return f"https://www.{social.account_key}" if social.network.value != "zalo.me" else f"https://{social.account_key}"


def report_line(session: Session, actor: Actor, row: SocialPost, view: LineView, *, now: dt.datetime) -> Republication:
    """Report a completed line: a claim that a second person decides on, with its picture as evidence.

    A line on a site with pages that programs read is a usual claim. Raises ``Invalid`` naming what it lacks.
    """
    if view.problems or view.site is None or view.bulletin is None:
        raise Invalid([FieldError(_FIELD_OF[problem], problem.value, problem.value) for problem in view.problems])
    bulletin = session.get_one(Bulletin, view.bulletin.ident)
    copy, _new = claim_address(
        session,
        actor.id,
        bulletin,
        view.site,
        row.url,
        SightingMethod.REPORTED,
        actor.id,
        claimed_at=row.posted_at,
        day=row.day,
        now=now,
    )
    row.bulletin_id, row.site_id, row.republication_id, row.reported_at = bulletin.id, copy.site_id, copy.id, now
    if row.words and not copy.headline and copy.checked_at is None:
        copy.headline = row.words
    details: dict[str, Any] = {"url": row.url, "day": row.day, "bulletin": bulletin.code, "site": view.site.code}
    if row.time is not None:
        details["time"] = row.time.isoformat("minutes")
    if row.attribution is not Attribution.NOT_SEEN:
        details["attribution"] = row.attribution
    if row.has_picture:
        row.exhibit = _keep_as_evidence(session, actor, row, copy, now)
        details |= {"exhibit": row.exhibit, "sha256": row.body_hash}
    session.flush()
    journal.record(session, actor.id, "republication.seen", "republication", copy.public, details, now=now)
    return copy


def add_picture(
    session: Session,
    actor: Actor,
    copy: Republication,
    kept: StoredFile,
    note: str,
    *,
    attribution: Attribution = Attribution.NOT_SEEN,
    now: dt.datetime,
) -> SocialPost:
    """Add a picture to a post that was reported without one, with what it shows of the source. Raises ``Conflict``
    (``no_social_post``) for any other copy, and for one that is decided, and ``Invalid`` for another ``attribution``
    than ``PICTURE_ATTRIBUTIONS``."""
    if attribution not in PICTURE_ATTRIBUTIONS:
        expected = ", ".join(way.value for way in PICTURE_ATTRIBUTIONS)
        raise Invalid([FieldError("attribution", "choice", f"a picture shows one of {expected}")])
    if not is_social_report(copy) or copy.status is not RepublicationStatus.REVIEW:
        raise Conflict(f"{copy.public} is no post on a social network that waits for a person", code="no_social_post")
    row = SocialPost(
        public=public_id("soc"), actor=actor.id, actor_name=actor.name, at=now, url=copy.url,
        address=copy.canonical_url, site_id=copy.site_id, bulletin_id=copy.bulletin_id, day=copy.counted_on,
        words=note.strip()[:LONGEST_WORDS], file_name="", attribution=attribution, republication_id=copy.id,
        reported_at=now,
    )  # fmt: skip
    session.add(row)
    keep_picture(session, row, kept, "")
    row.exhibit = _keep_as_evidence(session, actor, row, copy, now)
    session.flush()
    details: dict[str, Any] = {"url": copy.url, "exhibit": row.exhibit, "sha256": row.body_hash}
    if attribution is not Attribution.NOT_SEEN:
        details["attribution"] = attribution
    journal.record(session, actor.id, "republication.seen", "republication", copy.public, details, now=now)
    return row


_FIELD_OF = {
    LineProblem.NOT_A_POST: "url",
    LineProblem.UNKNOWN_SITE: "url",
    LineProblem.NO_ACCOUNT: "site",
    LineProblem.NO_BULLETIN: "bulletin",
    LineProblem.NO_PICTURE: "file",
    LineProblem.BEFORE_RELEASE: "day",
    LineProblem.FUTURE: "day",
}


def _keep_as_evidence(session: Session, actor: Actor, row: SocialPost, copy: Republication, now: dt.datetime) -> str:
    same = sa.select(EvidenceUpload.public).where(
        EvidenceUpload.republication_id == copy.id, EvidenceUpload.original_hash == row.original_hash
    )
    if (known := session.execute(same).scalar_one_or_none()) is not None:
        return known
    exhibit = EvidenceUpload(
        public=public_id("exh"), republication_id=copy.id, at=now, seen_at=now, actor=actor.id, actor_name=actor.name,
        note=row.words or row.url, kind=EvidenceUploadKind(row.kind), measure=row.measure or "", size=row.size or 0,
        body_hash=row.body_hash or "", body_key=row.body_key or "", original_hash=row.original_hash or "",
    )  # fmt: skip
    session.add(exhibit)
    session.flush()
    return exhibit.public


__all__ = [
    "LineProblem",
    "LineView",
    "PasteResult",
    "SocialPost",
    "account_address",
    "add_picture",
    "canonical_address",
    "change_line",
    "find_line",
    "keep_picture",
    "line_for_file",
    "line_views",
    "open_lines",
    "paste_lines",
    "register_account",
    "remove_line",
    "report_line",
]
