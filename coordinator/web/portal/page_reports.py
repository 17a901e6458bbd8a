"""Reports of a copy by a partner: the partner enters an address, the usual job checks its page at once, and the page
shows the result.
"""

import contextlib
import ipaddress
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from urllib.parse import urlsplit

import sqlalchemy as sa
from flask import Blueprint, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from campaigns.bulletins import visibility
from campaigns.bulletins.bulletins import Bulletin
from campaigns.core.errors import CampaignError, Conflict, Invalid, NotFound
from campaigns.discovery.sightings import Page
from campaigns.matching.matcher import Match
from campaigns.partners.directory import Company, SiteKind
from campaigns.people.office import current_office
from campaigns.republications import page_reports
from campaigns.republications.attribution.verdicts import Attribution
from campaigns.republications.evidence.uploads import uploads_of
from campaigns.republications.page_reports import (
    counted_page_of,
    find_report,
    is_waiting,
    latest_reports,
    report_page,
    reported_post,
    request_look,
)
from campaigns.republications.republications import Republication, RepublicationStatus
from campaigns.republications.review.corrections import corrections_of
from campaigns.republications.teasers import Teaser
from coordinator.imports.files.pdf import MAX_PAGES
from coordinator.imports.files.upload_inspection import MAX_BYTES
from coordinator.jobs.context import JobContext
from coordinator.jobs.republications.social_pictures import add_reported_picture
from coordinator.translation import _, language
from coordinator.web.auth.security import app_context
from coordinator.web.kit.files import upload_error_messages
from coordinator.web.kit.forms import fields
from coordinator.web.kit.forms.datetimes import form_datetime
from coordinator.web.kit.links import bookmarklet
from coordinator.web.kit.templating import flash_done, flash_trouble
from coordinator.web.kit.text import formats
from coordinator.web.kit.text.error_messages import error_sentence
from coordinator.web.portal import bulletins
from coordinator.web.portal.republications import CorrectionRow, correction_rows, paste_lines
from coordinator.web.portal.sign_in import current_visitor, partner_required


@dataclass(frozen=True)
class FoundCopyRow:
    """One bulletin on the page, and how it counts. ``read``: the page was checked against it; ``counted_url``:
    of a duplicate, the address that is counted.
    """

    id: str
    title: str
    bulletin: str
    status: RepublicationStatus
    match: Match
    share: float
    attribution: Attribution
    read: bool
    counted_url: str | None
    to_mend: Sequence[CorrectionRow]


@dataclass(frozen=True)
class PageReportView:
    """One reported page. ``trouble``: why it could not be read, '' when it was; ``teases``: bulletins that it only
    announces; ``wants_picture``: a post on a social network that waits for a second person, with ``pictures``.
    """

    id: str
    url: str
    site: str
    actor_name: str
    asked_at: datetime
    checked_at: datetime | None
    waiting: bool
    named: str | None
    trouble: str
    copies: Sequence[FoundCopyRow]
    teases: Sequence[str]
    wants_picture: bool
    pictures: int


@dataclass(frozen=True)
class PageReportRow:
    """One report in the list. ``statuses``: of each copy found on the page."""

    id: str
    url: str
    actor_name: str
    asked_at: datetime
    waiting: bool
    trouble: str
    statuses: Sequence[RepublicationStatus]


def page_report_view(context: JobContext, session: Session, company_id: int, ident: str) -> PageReportView:
    """Return one report of this partner. Raises ``NotFound``."""
    row, now = find_report(session, company_id, ident), context.now()
    page = counted_page_of(session, row)
    office = current_office(session).name
    waiting = is_waiting(page, row, now=now)
    post = reported_post(session, row)
    teases = (
        sa.select(Bulletin.code)
        .join(Teaser, Teaser.bulletin_id == Bulletin.id)
        .where(Teaser.page_id == page.id, visibility.visible(now, with_recalled=True))
    )
    return PageReportView(
        id=row.public,
        url=row.url,
        site=page.site.name,
        actor_name=row.actor_name,
        asked_at=row.asked_at,
        checked_at=page.checked_at,
        waiting=waiting,
        named=row.bulletin.code if row.bulletin is not None else None,
        trouble="" if waiting else reading_problem(page),
        copies=[_found_copy_row(context, copy, office) for copy in _copies_on_pages(session, [page.id], now)],
        teases=list(session.execute(teases).scalars()),
        wants_picture=post is not None,
        pictures=len(uploads_of(session, post)) if post is not None else 0,
    )


def latest_report_rows(context: JobContext, session: Session, company_id: int) -> list[PageReportRow]:
    """Return the partner's latest reports."""
    now = context.now()
    rows = [(row, counted_page_of(session, row)) for row in latest_reports(session, company_id)]
    found: dict[int, list[RepublicationStatus]] = {}
    for copy in _copies_on_pages(session, [page.id for _row, page in rows], now):
        found.setdefault(copy.page_id, []).append(copy.status)
    return [
        PageReportRow(
            row.public, row.url, row.actor_name, row.asked_at, waiting := is_waiting(page, row, now=now),
            "" if waiting else reading_problem(page), found.get(page.id, []),
        )
        for row, page in rows
    ]  # fmt: skip


def _copies_on_pages(session: Session, pages: Sequence[int], now: datetime) -> Sequence[Republication]:
    out = sa.select(Bulletin.id).where(visibility.visible(now, with_recalled=True))
    query = sa.select(Republication).where(Republication.page_id.in_(pages), Republication.bulletin_id.in_(out))
    return session.execute(query.order_by(Republication.share.desc(), Republication.id)).scalars().all()


def _found_copy_row(context: JobContext, row: Republication, office: str) -> FoundCopyRow:
    bulletin = row.bulletin
    paste = paste_lines(
        office, context.addresses.bulletin(bulletin.code), context.addresses.counter(bulletin.counter_token)
    )
    return FoundCopyRow(
        row.public,
        bulletin.revision(bulletin.released or bulletin.latest).title,
        bulletin.code,
        row.status,
        row.match,
        row.share,
        row.attribution,
        row.checked_at is not None,
        row.duplicate_of.url if row.duplicate_of is not None else None,
        correction_rows(row, corrections_of(row), paste),
    )


def reading_problem(page: Page) -> str:
    """Return why a page could not be read, and what the partner can do; '' when it was read or not yet fetched."""
    text = page.error.lower()
    if page.behind_sign_in:
        return _("Trang này phải đăng nhập mới xem được, máy không đọc. Cán bộ của Sở xác nhận bằng ảnh chụp.")
    if page.missing_since is not None and page.status in {404, 410}:
        return _("Địa chỉ này trả lời %(status)s: không có bài. Kiểm tra địa chỉ, hoặc bài đã đăng công khai chưa.",
                 status=page.status)  # fmt: skip
    if not page.error:
        return ""
    for words, sentence in (
        ("robots.txt", _("Tệp robots.txt của trang không cho máy đọc. Mời cho phép máy của Sở, rồi bấm Xem lại.")),
        ("not a public one", _("Tên miền này trỏ tới địa chỉ nội bộ; máy của Sở không gọi tới đó.")),
        ("is not called", _("Địa chỉ này dùng cổng lạ; máy của Sở không gọi tới đó.")),
        ("another site", _("Địa chỉ này dẫn sang một trang khác. Mời báo địa chỉ thật của bài.")),
        ("the address answers", _("Địa chỉ này không phải trang bài viết. Mời báo địa chỉ của bài.")),
        ("larger than", _("Trang quá lớn nên máy không đọc hết. Mời báo địa chỉ của riêng bài.")),
    ):
        if words in text:
            return sentence
    if page.status in {401, 403, 429}:
        return _("Trang không cho máy đọc (%(status)s). Mời mở trang cho máy của Sở, rồi bấm Xem lại.",
                 status=page.status)  # fmt: skip
    if page.status is not None and page.status >= 400:
        return _("Máy chủ của trang trả lời lỗi %(status)s. Máy sẽ tự thử lại.", status=page.status)
    return _("Chưa mở được trang từ bên ngoài. Máy sẽ tự thử lại; mời kiểm tra địa chỉ.")


blueprint = Blueprint("reporting", __name__, url_prefix="/report")

MAX_BULLETINS_OFFERED = 50  # newest bulletins offered; older ones are recognised or typed


@blueprint.route("", methods=["GET", "POST"])
@partner_required
def new() -> ResponseReturnValue:
    """Accept an address; the next page shows what is found there."""
    visitor, context = current_visitor(), app_context().job_context
    errors: dict[str, str] = {}
    if request.method == "POST":
        try:
            published_at = _posted_at()
            with context.database.write() as session:
                made = report_page(
                    session,
                    visitor.actor,
                    visitor.company_id,
                    fields.text("url"),
                    fields.text("bulletin"),
                    published_at=published_at,
                    now=context.now(),
                )
                ident, asked = made.row.public, made.asked
        except CampaignError as error:
            errors = fields.error_messages(error)
            if isinstance(error, Invalid) and any(error.code == "not_your_site" for error in error.errors):
                errors["url"] = _foreign_address_sentence(fields.text("url"))
        else:
            if asked:
                app_context().runner.nudge("page_check")
            if (body := _picture()) and (why := _add_picture(ident, body)):
                flash_trouble(why)
            return redirect(url_for("portal.reporting.show", ident=ident), 303)
    with context.database.read() as session:
        sites = [
            (site.name, site.url, site.kind is SiteKind.SOCIAL)
            for site in session.get_one(Company, visitor.company_id).sites
        ]
        offered = _bulletin_options(session)
        latest = latest_report_rows(context, session, visitor.company_id)
    given = request.form if request.method == "POST" else request.args
    names = ("url", "bulletin", "day", "time")
    values = {name: given.get(name, "")[: page_reports.LONGEST_ADDRESS] for name in names}
    values["url"] = values["url"] or _shared_address(request.args.get("text", ""))
    base = app_context().settings.base_url.rstrip("/")
    page = render_template(
        "portal/page_report_new.html",
        visitor=visitor,
        errors=errors,
        values=values,
        sites=sites,
        offered=offered,
        latest=latest,
        most=formats.file_size(MAX_BYTES, language()),
        social=any(social for _name, _url, social in sites),
        bookmarklet=bookmarklet(f"{base}{url_for('portal.reporting.new')}"),
    )
    return (page, 422) if errors else page


@blueprint.get("/<ident>")
@partner_required
def show(ident: str) -> ResponseReturnValue:
    """Show the result, or that it is pending: the page polls, and has a link without JavaScript."""
    visitor, context = current_visitor(), app_context().job_context
    with context.database.read() as session:
        view = page_report_view(context, session, visitor.company_id, ident)
    return render_template("portal/page_report.html", visitor=visitor, report=view)


@blueprint.post("/<ident>/again")
@partner_required
def again(ident: str) -> ResponseReturnValue:
    """Queue another check, after the partner changed the page."""
    visitor, context = current_visitor(), app_context().job_context
    with context.database.write() as session:
        asked = request_look(session, find_report(session, visitor.company_id, ident), now=context.now())
    if asked:
        app_context().runner.nudge("page_check")
        flash_done(_("Máy đang xem lại trang."))
    else:
        flash_trouble(_("Máy vừa xem trang này chưa đầy một phút trước; kết quả dưới đây còn mới."))
    return redirect(url_for("portal.reporting.show", ident=ident), 303)


@blueprint.post("/<ident>/picture")
@partner_required
def picture(ident: str) -> ResponseReturnValue:
    """Add a picture of a reported post on a social network."""
    if why := _add_picture(ident, _picture()):
        flash_trouble(why)
    else:
        flash_done(_("Đã nhận ảnh. Cán bộ của Sở xem rồi kết luận."))
    return redirect(url_for("portal.reporting.show", ident=ident), 303)


def _picture() -> bytes:
    upload = request.files.get("file")
    return upload.stream.read(MAX_BYTES + 1) if upload is not None and upload.filename else b""


def _add_picture(ident: str, body: bytes) -> str:
    """Add a picture to the post of a report; returns why it was not taken, '' when it was."""
    visitor, context = current_visitor(), app_context().job_context
    try:
        add_reported_picture(context, visitor.actor, visitor.company_id, ident, body)
    except NotFound:
        raise
    except Invalid as error:
        words = upload_error_messages(MAX_BYTES, MAX_PAGES) | {
            "unknown_type": _("Chỉ nhận ảnh PNG, JPEG, WebP và tệp PDF, xét theo nội dung chứ không theo tên tệp."),
        }
        return words.get(error.errors[0].code) or error_sentence(error)
    except Conflict:
        return str(_("Ảnh chỉ cần cho bài trên mạng xã hội đang chờ cán bộ xem."))
    return ""


def _posted_at() -> datetime | None:
    """The time of a post as entered, None without one. Raises ``Invalid`` for a time alone, or one that is none."""
    if not fields.text("time"):
        return None
    return form_datetime()


def _shared_address(text: str) -> str:
    """Return the address in what a phone shares, which is often put into the text."""
    return next((word for word in text.split() if word.startswith(("https://", "http://"))), "")


def _bulletin_options(session: Session) -> list[tuple[str, str]]:
    context = app_context().job_context
    audience = bulletins.partner_audience(context, session, current_visitor().company_id)
    newest = visibility.newest_released(
        session, audience, limit=MAX_BULLETINS_OFFERED, with_recalled=False, now=context.now()
    )
    return [(released.bulletin.code, f"{released.bulletin.code} – {released.revision.title}") for released in newest]


def _foreign_address_sentence(url: str) -> str:
    """Return where an address outside of the partner's sites belongs, as far as that is public."""
    host = ""
    with contextlib.suppress(ValueError):
        host = (urlsplit(url).hostname or "").lower()
    if not host or not url.startswith(("http://", "https://")):
        return str(_("Nhập địa chỉ đầy đủ của bài, bắt đầu bằng http:// hoặc https://"))
    inner = host == "localhost" or host.endswith((".localhost", ".local", ".internal")) or "." not in host
    with contextlib.suppress(ValueError):
        inner = inner or not ipaddress.ip_address(host).is_global
    if inner:
        return str(_("Đây là địa chỉ nội bộ, người đọc bên ngoài không mở được. Mời báo địa chỉ công khai của bài."))
    return str(
        _("%(host)s không phải trang của đơn vị trong danh bạ của Sở. Trang mới thì báo người liên hệ ở Sở.", host=host)
    )
