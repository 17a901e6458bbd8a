"""The page of a bulletin's copies, and the same rows as a file."""

from typing import Any

from flask import Response, render_template, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from campaigns.publishing.bulletins import Bulletin, find_bulletin
from campaigns.reporting.reach import reach_of
from campaigns.searching.picking import Thing
from campaigns.tracking.attribution import Attribution
from campaigns.tracking.republications import Life, Status
from coordinator.exports.csv import write_csv
from coordinator.exports.tables import Column, Row, Table
from coordinator.web.desk import listing, picking
from coordinator.web.desk.bulletin_copies import (
    CURRENT,
    OLD,
    SORTS,
    Asked,
    CopyLine,
    announcing,
    by_status,
    every_copy,
    ordered,
    wanted,
)
from coordinator.web.desk.life_words import why_words
from coordinator.web.look import language
from coordinator.web.saying import _
from coordinator.web.security import front, staff
from coordinator.web.wording import name_for

USUAL = "appeared"
TEASERS = 200  # listed at most, beside the copies
KEPT = ("status", "life", "attribution", "partner", "text")


def _lines(session: Session, bulletin: Bulletin, asked: Asked) -> tuple[list[CopyLine], list[CopyLine]]:
    """Every copy, and those asked for in the order asked for."""
    everything = every_copy(session, bulletin)
    column, descending = listing.order(SORTS, USUAL)
    return everything, ordered(wanted(everything, asked), column, descending=descending)


@staff()
def copies(code: str) -> ResponseReturnValue:
    """Every copy of one bulletin."""
    place = front().place
    with place.database.read() as session:
        partner = picking.one(session, Thing.PARTNER, "partner", request.args)
        if (moved := picking.settled(partner)) is not None:
            return moved
        asked = Asked.of(picking.chosen(partner))
        bulletin = find_bulletin(session, code)
        everything, lines = _lines(session, bulletin, asked)
        reach = reach_of(session, [bulletin.id])[bulletin.id]
        known = [line for line in everything if line.status is not Status.REJECTED]
        shown = bulletin.revision(bulletin.released or bulletin.latest)
        teasers = announcing(session, bulletin, TEASERS)
        title, recalled, released = shown.title, bulletin.recalled_at, bulletin.released
    return render_template(
        "bulletins/copies.html",
        code=code, title=title, recalled=recalled, released=released, asked=asked, reach=reach,
        teasers=teasers,
        behind=sum(line.behind_since is not None for line in known),
        chained=sum(line.taken_from is not None for line in known),
        counts=by_status(everything, asked), total=len(wanted(everything, Asked(
            life=asked.life, attribution=asked.attribution, partner=asked.partner, text=asked.text))),
        part=listing.cut(lines), usual=USUAL, why=why_words,
        lives=[(one.value, name_for("life", one, language())) for one in Life],
        attributions=[(one.value, name_for("attribution", one, language())) for one in Attribution],
        partner=partner,
        texts=[(OLD, _("Bản cũ hoặc đã thu hồi")), (CURRENT, _("Đúng bản hiện hành"))],
        as_of=place.now(),
        csv_url=url_for("bulletins.copies_csv", **{"code": code, **_asked_again()}),
    )  # fmt: skip


def _asked_again() -> dict[str, Any]:
    """The filters and the order of this address, for another of the same rows."""
    return {name: request.args[name] for name in (*KEPT, "sort") if request.args.get(name)}


@staff()
def download(code: str) -> ResponseReturnValue:
    """The same rows, all of them, as CSV."""
    place = front().place
    with place.database.read() as session:
        bulletin = find_bulletin(session, code)
        _everything, lines = _lines(session, bulletin, Asked.of(request.args))
    table = Table(
        f"Bài lan tỏa của {code}",
        (
            Column("site", "Trang"), Column("company", "Đối tác"), Column("headline", "Tiêu đề trên trang"),
            Column("title_kept", "Giữ tiêu đề"), Column("author", "Tác giả ghi trên trang"),
            Column("url", "Địa chỉ", "link"), Column("appeared_at", "Đăng lúc", "datetime"),
            Column("delay", "Trễ (giây)", "number"), Column("status", "Trạng thái"), Column("life", "Trên trang"),
            Column("level", "Mức bằng chứng"), Column("share", "Phần văn bản", "percent"),
            Column("match", "Khớp"), Column("revision", "Bản sửa họ đăng", "number"),
            Column("attribution", "Dẫn nguồn"), Column("behind_since", "Giữ bản cũ từ", "datetime"),
            Column("followed_at", "Đã sửa theo lúc", "datetime"), Column("gone_at", "Đã gỡ lúc", "datetime"),
            Column("why", "Vì sao coi là không còn"), Column("taken_from", "Lấy lại từ"),
            Column("siblings", "Bài khác cùng công ty", "number"), Column("checked_at", "Xem lần cuối", "datetime"),
            Column("id", "Mã"),
        ),
        [_cells(line) for line in lines],
    )  # fmt: skip
    return Response(
        write_csv(table),
        content_type="text/csv; charset=utf-8",
        headers={"Content-Disposition": f'attachment; filename="{code}-bai-lan-toa.csv"', "Cache-Control": "no-store"},
    )


def _cells(line: CopyLine) -> Row:
    def word(kind: str, value: object) -> str:
        return name_for(kind, value, "vi")

    return {
        "site": line.site,
        "company": line.company,
        "headline": line.headline,
        "title_kept": ("có" if line.title_kept else "không") if line.read else None,
        "author": line.author,
        "url": line.url,
        "appeared_at": line.appeared_at,
        "delay": round(line.delay.total_seconds()) if line.delay is not None else None,
        "status": word("republication", line.status),
        "life": word("life", line.life),
        "level": word("evidence", line.level),
        "share": line.share if line.read else None,
        "match": word("match", line.match) if line.read else None,
        "revision": line.revision,
        "attribution": word("attribution", line.attribution) if line.read else None,
        "behind_since": line.behind_since,
        "followed_at": line.followed_at,
        "gone_at": line.gone_at,
        "why": "; ".join(line.missing_why),
        "taken_from": line.taken_from.site if line.taken_from is not None else None,
        "siblings": line.siblings,
        "checked_at": line.checked_at,
        "id": line.id,
    }
