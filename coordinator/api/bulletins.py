"""Bulletins: written and read."""

from datetime import datetime

import sqlalchemy as sa
from apiflask import APIBlueprint
from flask import Response
from sqlalchemy.orm import Session, joinedload

from campaigns.core.errors import NotFound
from campaigns.core.vietnamese import fold
from campaigns.partners.directory import Company
from campaigns.people.staff import May
from campaigns.planning.campaigns import Campaign
from campaigns.publishing import release
from campaigns.publishing.bulletins import Bulletin, Revision, State, find_bulletin
from campaigns.publishing.release import Audience, Released
from coordinator.api import bulletin_rows, paging
from coordinator.api.auth import caller, front, staff
from coordinator.api.bulletin_rows import BulletinChange, BulletinList, BulletinQuery, BulletinRow, NewBulletin
from coordinator.api.idempotency import Keep, answer, once
from coordinator.api.reading import asks, takes
from coordinator.channels import registry
from coordinator.jobs import acts

Texts = sa.Select[Bulletin, Revision]

bp = APIBlueprint("bulletins", __name__, tag="Bulletins")

# What outsiders see once it is out, else what is planned or newest: as bulletin_rows.shown_number, in SQL.
_SHOWN = sa.func.coalesce(Bulletin.pending, Bulletin.released, Bulletin.latest)


@bp.get("/bulletins")
@asks(BulletinQuery)
@bp.output(BulletinList)
def bulletins(query: BulletinQuery) -> Response:
    """Bulletins, newest first.

    Staff see every bulletin; a partner's key those that are released and that its topics entitle it to.
    """
    place = front().place
    now = place.now()
    with place.database.read() as session:
        if caller().is_partner:
            rows, listing = _released(session, query, now)
            show = bulletin_rows.for_partner
        else:
            caller().require(May.READ)
            rows, listing = _all(session, query, now)
            show = bulletin_rows.for_staff
        items = [show(bulletin, revision, place.addresses, now) for bulletin, revision in rows]
    return answer(BulletinList(items=items, **listing))


@bp.post("/bulletins")
@takes(NewBulletin)
@bp.output(BulletinRow, 201)
def write(body: NewBulletin) -> Response:
    """Write a draft."""
    actor = staff(May.WRITE)
    text = bulletin_rows.new_text(body)

    def act(keep: Keep) -> None:
        acts.create(
            front(),
            actor,
            text,
            topic=body.topic,
            campaign=body.campaign,
            source_url=body.source_url,
            channels=body.channels,
            also=kept(keep, 201),
        )

    return once(act)


@bp.get("/bulletins/<code>")
@bp.output(BulletinRow)
def bulletin(code: str) -> Response:
    """One bulletin.

    A partner's key finds it once it is released, in the text that is out, and never before.
    """
    place = front().place
    now = place.now()
    with place.database.read() as session:
        if caller().is_partner:
            found = session.execute(
                release.released(entitlement(session), now=now).where(Bulletin.code == code)
            ).one_or_none()
            if found is None:
                raise NotFound(f"there is no bulletin {code}", bulletin=code)
            return answer(bulletin_rows.for_partner(found[0], found[1], place.addresses, now))
        caller().require(May.READ)
        return answer(row_of(find_bulletin(session, code), now))


@bp.patch("/bulletins/<code>")
@takes(BulletinChange)
@bp.output(BulletinRow)
def revise(code: str, body: BulletinChange) -> Response:
    """Save another revision of a bulletin that is not out yet.

    Any approval is void and any schedule cancelled; the bulletin is a draft again.
    """
    actor = staff(May.WRITE)
    with front().place.database.read() as session:
        found = find_bulletin(session, code)
        before = found.revision(found.latest)
        text = bulletin_rows.changed_text(body, before)
    cleared = {name for name in ("campaign", "source_url", "channels") if name in body.model_fields_set}

    keep = Keep.unkept()
    acts.revise(
        front(),
        actor,
        code,
        text,
        topic=body.topic,
        campaign=body.campaign,
        source_url=body.source_url,
        channels=body.channels,
        cleared=cleared,
        # Without a number of its own the change is made of the text just read, and must not cover a newer one.
        expected=body.revision if body.revision is not None else before.number,
        also=kept(keep),
    )
    return keep.response()


def row_of(found: Bulletin, now: datetime) -> BulletinRow:
    """The staff's row of a bulletin, while its session is open."""
    revision = found.revision(bulletin_rows.shown_number(found))
    return bulletin_rows.for_staff(found, revision, front().place.addresses, now)


def kept(keep: Keep, status: int = 200) -> acts.Also:
    """What an act on a bulletin runs last: keep the bulletin's row as the answer."""

    def also(session: Session, found: Bulletin) -> None:
        session.flush()
        location = f"/api/v1/bulletins/{found.code}" if status == 201 else ""
        keep(session, row_of(found, front().place.now()), status, location=location)

    return also


def entitlement(session: Session) -> Audience:
    """What the calling partner may read."""
    pulled = [name for name, kind in registry.KINDS.items() if kind.capabilities.pulled]
    company = session.get_one(Company, caller().require_partner())
    return release.audience_of(session, company, pulled)


def _filtered(query: Texts, asked: BulletinQuery, now: datetime) -> Texts:
    if asked.topic is not None:
        query = query.where(Bulletin.topic.has(code=asked.topic))
    if asked.campaign is not None:
        query = query.where(Bulletin.campaign.has(Campaign.code == asked.campaign))
    due = sa.and_(Bulletin.state == State.SCHEDULED, Bulletin.release_at <= now)
    if asked.state is State.PUBLISHED:
        query = query.where(sa.or_(Bulletin.state == State.PUBLISHED, due))
    elif asked.state is not None:
        query = query.where(Bulletin.state == asked.state, sa.not_(due))
    return query.options(joinedload(Bulletin.campaign))


def _all(
    session: Session, asked: BulletinQuery, now: datetime
) -> tuple[list[tuple[Bulletin, Revision]], dict[str, str | None]]:
    query = sa.select(Bulletin, Revision).join(
        Revision, sa.and_(Revision.bulletin_id == Bulletin.id, Revision.number == _SHOWN)
    )
    for word in fold(asked.q or "").split():
        query = query.where(Bulletin.search.contains(word, autoescape=True))
    if (last := paging.after_id(asked)) is not None:
        query = query.where(Bulletin.id < last)
    query = _filtered(query, asked, now).order_by(Bulletin.id.desc()).limit(asked.limit + 1)
    rows = [(row[0], row[1]) for row in session.execute(query)]
    page, listing = paging.cut(rows, asked, lambda row: {"id": str(row[0].id)})
    return list(page), listing


def _released(
    session: Session, asked: BulletinQuery, now: datetime
) -> tuple[list[tuple[Bulletin, Revision]], dict[str, str | None]]:
    query = release.released(entitlement(session), now=now)
    for word in fold(asked.q or "").split():
        # The searched column holds the newest text, which may be a correction nobody outside has seen.
        newest_is_out = Bulletin.latest == Bulletin.released
        query = query.where(
            sa.or_(
                sa.and_(newest_is_out, Bulletin.search.contains(word, autoescape=True)),
                sa.func.lower(Bulletin.code).contains(word, autoescape=True),
            )
        )
    if (where := paging.position(asked)) is not None:
        at, ident = datetime.fromisoformat(where["at"]), int(where["id"])
        query = query.where(sa.or_(Bulletin.changed_at < at, sa.and_(Bulletin.changed_at == at, Bulletin.id < ident)))
    query = _filtered(query, asked, now).order_by(Bulletin.changed_at.desc(), Bulletin.id.desc())
    rows = [(row[0], row[1]) for row in session.execute(query.limit(asked.limit + 1))]
    page, listing = paging.cut(
        rows, asked, lambda row: {"at": Released(*row).changed_at.isoformat(), "id": str(row[0].id)}
    )
    return list(page), listing
