"""Posts on social networks: many addresses pasted at once, each completed with its bulletin and picture, then reported.

A person's lines are kept on the server until they are reported or removed, so that a page that is closed, a line with
an error or an account that is registered first loses nothing.
"""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field

import sqlalchemy as sa
from flask import Blueprint, Response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from campaigns.bulletins.bulletins import Bulletin
from campaigns.core.errors import CampaignError, FieldError, Invalid
from campaigns.partners.directory import Site, find_company
from campaigns.partners.social_addresses import SocialNetwork, network_name, network_of_key, read_address
from campaigns.people.staff import Permission
from campaigns.reporting.republication_filter import RepublicationFilter
from campaigns.republications.evidence.uploads import EvidenceUploadKind
from campaigns.republications.republications import RepublicationStatus
from campaigns.republications.review.review_reasons import ReviewReason
from campaigns.republications.social import reporting
from campaigns.republications.social.pasted_lines import MOST_LINES
from campaigns.republications.social.posts import PICTURE_ATTRIBUTIONS, SocialPost, find_line, open_lines
from campaigns.republications.social.reporting import LineProblem, LineView, account_address
from campaigns.search.autocomplete import ACCOUNTS_ON, PickableKind
from coordinator.imports.files.pdf import MAX_PAGES
from coordinator.imports.files.upload_inspection import MAX_BYTES
from coordinator.jobs.republications.social_pictures import put_picture
from coordinator.translation import _, counted, language
from coordinator.web.auth.security import app_context, current_actor, staff_required
from coordinator.web.desk.republications import review_queue
from coordinator.web.desk.republications.uploaded_evidence import MEDIA, picture_attributions
from coordinator.web.kit.files import download_response, stored_body, upload_error_messages
from coordinator.web.kit.forms import autocomplete, fields
from coordinator.web.kit.forms.autocomplete import PickField
from coordinator.web.kit.forms.datetimes import parse_time
from coordinator.web.kit.links import bookmarklet
from coordinator.web.kit.templating import flash_done, flash_trouble
from coordinator.web.kit.text import formats
from coordinator.web.kit.text.error_messages import error_sentence

blueprint = Blueprint("social", __name__, url_prefix="/_social")

_IN_QUEUE = RepublicationFilter(doubt=ReviewReason.SOCIAL_POST)


@dataclass(frozen=True)
class KnownCopy:
    """The copy that has the address of a line already."""

    id: str
    status: RepublicationStatus


@dataclass(frozen=True)
class LineRow:
    """A line as the page shows it. ``network``: its name; ``account``: what the address names; ``missing``: sentences
    on what it lacks; ``offers_register``: its page or account can be registered."""

    id: str
    number: int
    url: str
    network: str
    account: str
    site: str
    asks_site: bool
    bulletin: PickField
    site_field: PickField | None
    suggested: bool
    day: str
    time: str
    words: str
    attribution: str
    picture: str | None
    is_pdf: bool
    known: KnownCopy | None
    missing: Sequence[str]
    offers_register: bool
    ready: bool
    short: bool
    error: str = ""


@dataclass
class _Saved:
    """What the form of the lines sent that could not be saved as it is, by the line's id."""

    bulletins: dict[str, PickField] = field(default_factory=dict)
    sites: dict[str, PickField] = field(default_factory=dict)
    errors: dict[str, str] = field(default_factory=dict)


@blueprint.get("")
@staff_required()
def index() -> ResponseReturnValue:
    """Show the form to paste into, and the person's open lines. ``url``, ``title``, ``text``: from the bookmarklet or
    the share menu of a phone."""
    url, title, text = (fields.query_text(name, 2000) for name in ("url", "title", "text"))
    return _render(typed=shared_line(url, title, text))


def shared_line(url: str, title: str, text: str) -> str:
    """Return the line for the form of what a browser or phone shares: phones often put the address into the text."""
    words = f"{url} {text}".split()
    address = next((word for word in words if word.startswith(("https://", "http://"))), "")
    if not address:
        return ""
    rest = title.strip() or text.replace(address, " ")
    return " ".join(f"{address} {rest}".split())[:1000]


def _render(
    *, typed: str = "", errors: dict[str, str] | None = None, saved: _Saved | None = None, status: int = 200
) -> ResponseReturnValue:
    context = app_context().job_context
    with context.database.read() as session:
        views = reporting.line_views(session, open_lines(session, current_actor().id), now=context.now())
        rows = _rows(session, views, saved or _Saved())
        for_all = autocomplete.single_field(session, PickableKind.BULLETIN, "bulletin", request.form)
        waiting = review_queue.queue_counts(session, _IN_QUEUE).doubts[ReviewReason.SOCIAL_POST]
    base = app_context().settings.base_url.rstrip("/")
    page = render_template(
        "desk/republications/social/index.html",
        rows=rows,
        ready=sum(row.ready for row in rows),
        without=sum(row.picture is None for row in rows),
        attributions=picture_attributions(),
        typed=typed,
        errors=errors or {},
        for_all=for_all,
        waiting=waiting,
        queue=url_for("republications.review.queue", **_IN_QUEUE.to_args()),
        may_review=current_actor().may(Permission.REVIEW),
        most=formats.file_size(MAX_BYTES, language()),
        pages=MAX_PAGES,
        bookmarklet=bookmarklet(f"{base}{url_for('republications.social.index')}"),
    )
    return page, status


def _rows(session: Session, views: Sequence[LineView], saved: _Saved) -> list[LineRow]:
    networks = _networks_with_accounts(session) if any(_asks_site(view) for view in views) else set()
    return [_row(session, number, view, saved, networks) for number, view in enumerate(views, 1)]


def _networks_with_accounts(session: Session) -> set[SocialNetwork]:
    """The networks of which at least one account is registered."""
    return {
        network
        for network in SocialNetwork
        if session.scalar(sa.select(Site.id).where(Site.host.startswith(f"{network.value}/")).limit(1)) is not None
    }


def _asks_site(view: LineView) -> bool:
    """Whether a person chooses the page or account: the address does not name it, or names it by a number or name that
    is not registered."""
    social = read_address(view.row.url)
    if social is None or not social.canonical:
        return False
    return not social.account or view.can_be_registered or view.row.site is not None


def _row(session: Session, number: int, view: LineView, saved: _Saved, networks: Collection[SocialNetwork]) -> LineRow:
    row = view.row
    social = read_address(row.url)
    name = f"bulletin.{row.public}"
    bulletin = saved.bulletins.get(row.public) or (
        PickField(PickableKind.BULLETIN, name, view.bulletin.code, view.bulletin.title, view.bulletin.title)
        if view.bulletin is not None
        else PickField(PickableKind.BULLETIN, name)
    )
    site_field = None
    if social is not None and _asks_site(view) and social.network in networks:
        site_name = f"site.{row.public}"
        site_field = saved.sites.get(row.public) or autocomplete.single_field(
            session,
            ACCOUNTS_ON[social.network],
            site_name,
            {site_name: view.site.code if view.site is not None else ""},
        )
    error = saved.errors.get(row.public, "")
    return LineRow(
        id=row.public,
        number=number,
        url=row.url,
        network=network_name(social.account_key or f"{social.network.value}/") if social is not None else "",
        account=social.account if social is not None else "",
        site=view.site.name if view.site is not None else "",
        asks_site=_asks_site(view),
        bulletin=bulletin,
        site_field=site_field,
        suggested=view.suggested and row.public not in saved.bulletins,
        day=row.day.isoformat(),
        time=row.time.strftime("%H:%M") if row.time is not None else "",
        short=view.is_short,
        words=row.words,
        attribution=row.attribution.value,
        picture=url_for("republications.social.picture", line=row.public, v=(row.body_hash or "")[:8])
        if row.has_picture
        else None,
        is_pdf=row.kind == EvidenceUploadKind.PDF.value,
        known=KnownCopy(view.known.public, view.known.status) if view.known is not None else None,
        missing=[problem_sentence(problem) for problem in view.problems],
        offers_register=view.can_be_registered and current_actor().may(Permission.REVIEW),
        ready=not view.problems and not error,
        error=error,
    )


def problem_sentence(problem: LineProblem) -> str:
    """Return what a line lacks, and what to do."""
    return {
        LineProblem.NOT_A_POST: _("Đây là địa chỉ của trang hoặc kênh, không phải của một bài. Mở bài rồi dán lại."),
        LineProblem.UNKNOWN_SITE: _("Trang hoặc tài khoản này chưa có trong danh bạ. Đăng ký một lần là dùng được.")
        if current_actor().may(Permission.REVIEW)
        else _(
            "Trang hoặc tài khoản này chưa có trong danh bạ. Nhờ người phân tích, người duyệt hoặc quản trị đăng ký."
        ),
        LineProblem.NO_ACCOUNT: _("Địa chỉ không cho biết bài ở trang nào. Chọn trang hoặc tài khoản."),
        LineProblem.NO_BULLETIN: _("Chưa rõ bản tin nào. Chọn bản tin, hoặc ghi mấy chữ đầu của bài để được gợi ý."),
        LineProblem.NO_PICTURE: _("Chưa có ảnh chụp."),
        LineProblem.BEFORE_RELEASE: _("Ngày của bài trước ngày phát hành bản tin. Xem lại ngày hoặc bản tin."),
        LineProblem.FUTURE: _("Ngày này chưa tới."),
    }[problem]


@blueprint.post("")
@staff_required()
def paste() -> ResponseReturnValue:
    """Take pasted lines. Those that are not understood come back in the form, each named."""
    context = app_context().job_context
    typed = fields.clean_text("lines")
    if not typed:
        return _render(errors={"lines": _("Dán ít nhất một địa chỉ.")}, status=422)
    with context.database.read() as session:
        chosen = autocomplete.single_field(session, PickableKind.BULLETIN, "bulletin", request.form)
    if chosen.error:
        return _render(typed=typed, errors={"bulletin": chosen.error}, status=422)
    with context.database.write() as session:
        bulletin = _bulletin(session, chosen.code)
        result = reporting.paste_lines(session, current_actor(), typed, bulletin=bulletin, now=context.now())
        added = len(result.added)
    if added:
        flash_done(counted("Đã thêm %(num)s địa chỉ.", added))
    for line in result.repeated:
        flash_trouble(_("Dòng %(number)s: địa chỉ này đã có ở dưới. %(url)s", number=line.number, url=line.url))
    if not result.refused:
        return redirect(url_for("republications.social.index"), 303)
    errors = {f"lines-{line.number}": _refusal(line.code, line.number, line.text) for line in result.refused}
    kept = "\n".join(line.text for line in result.refused)
    # The errors are at the one box of lines, which holds only those that are left.
    return _render(typed=kept, errors={"lines": " ".join(errors.values())}, status=422)


def _refusal(code: str, number: int, text: str) -> str:
    short = text if len(text) <= 80 else f"{text[:79]}…"
    words = {
        "no_address": _("Dòng %(number)s không có địa chỉ: “%(text)s”.", number=number, text=short),
        "bad_time": _("Dòng %(number)s có giờ không đúng: “%(text)s”.", number=number, text=short),
        "bad_day": _("Dòng %(number)s có ngày không đúng: “%(text)s”.", number=number, text=short),
        "too_long": _("Dòng %(number)s có địa chỉ quá dài.", number=number),
        "too_many": _("Dòng %(number)s chưa nhận: mỗi lần tối đa %(most)s dòng.", number=number, most=MOST_LINES),
    }
    return words[code]


def _bulletin(session: Session, code: str) -> Bulletin | None:
    if not code:
        return None
    return session.execute(sa.select(Bulletin).where(Bulletin.code == code)).scalar_one_or_none()


@blueprint.post("/lines")
@staff_required()
def save() -> ResponseReturnValue:
    """Save all lines as entered, then what the button says: report the complete ones, remove one, register an
    account."""
    saved = _Saved()
    _take_files(saved)
    context = app_context().job_context
    actor = current_actor()
    reported: list[str] = []
    with context.database.write() as session:
        rows = {row.public: row for row in open_lines(session, actor.id)}
        for row in rows.values():
            _save_line(session, row, saved)
        removed = rows.pop(fields.text("remove"), None)
        if removed is not None:
            reporting.remove_line(session, removed)
        if fields.text("do") == "report":
            reported = _report_all(session, list(rows.values()), saved)
    if reported:
        app_context().runner.nudge("page_check")
        flash_done(
            counted(
                "Đã ghi nhận %(num)s bài. Người khác xem ảnh rồi xác nhận.",
                len(reported),
            )
        )
    register = fields.text("register")
    if register in rows and not saved.errors:
        return redirect(url_for("republications.social.register", line=register), 303)
    if saved.errors:
        return _render(saved=saved, errors=_by_line(saved.errors, rows), status=422)
    return redirect(url_for("republications.social.index", _anchor="cac-dong" if rows else None), 303)


def _by_line(errors: dict[str, str], rows: Iterable[str]) -> dict[str, str]:
    order = {public: number for number, public in enumerate(rows, 1)}
    return {
        f"dong-{public}": _("Dòng %(number)s: %(why)s", number=order.get(public, 0), why=text)
        for public, text in errors.items()
    }


def _take_files(saved: _Saved) -> None:
    """Store the pictures sent with the form, each outside of the transaction that saves the lines."""
    for name, upload in request.files.items(multi=True):
        if not upload.filename:
            continue
        line = name.removeprefix("file.") if name.startswith("file.") else ""
        body = upload.stream.read(MAX_BYTES + 1)
        try:
            put_picture(app_context().job_context, current_actor(), body, upload.filename, line)
        except CampaignError as error:
            sentence = _file_sentence(error, upload.filename)
            if line:
                saved.errors[line] = sentence
            else:
                flash_trouble(sentence)


def _file_sentence(error: CampaignError, name: str) -> str:
    words = upload_error_messages(MAX_BYTES, MAX_PAGES) | {
        "unknown_type": _("Chỉ nhận ảnh PNG, JPEG, WebP và tệp PDF, xét theo nội dung chứ không theo tên tệp."),
        "no_line": _("Mọi dòng đã có ảnh; không còn dòng nào chờ ảnh này."),
    }
    code = error.errors[0].code if isinstance(error, Invalid) else error.code
    return f"{name}: {words.get(code) or error_sentence(error)}"


def _save_line(session: Session, row: SocialPost, saved: _Saved) -> None:
    if f"day.{row.public}" not in request.form:
        return  # pasted in another window since this page was made
    wrong: list[FieldError] = []
    day = fields.parse_day(fields.text(f"day.{row.public}"), "day", wrong)
    if wrong:
        saved.errors[row.public] = fields.field_error_messages(wrong)["day"]
    typed = fields.text(f"time.{row.public}")
    time = parse_time(typed)
    if typed and time is None:
        saved.errors.setdefault(row.public, _("Giờ đăng ghi theo giờ:phút, ví dụ 08:30."))
    chosen = autocomplete.single_field(session, PickableKind.BULLETIN, f"bulletin.{row.public}", request.form)
    bulletin = _bulletin(session, chosen.code)
    if chosen.error or (chosen.code and bulletin is None):
        saved.bulletins[row.public] = chosen
        saved.errors.setdefault(row.public, chosen.error or _("Không có bản tin nào đã phát hành mang mã này."))
    site = row.site
    social = read_address(row.url)
    if social is not None and {f"site.{row.public}", f"site.{row.public}.q"} & request.form.keys():
        picked = autocomplete.single_field(session, ACCOUNTS_ON[social.network], f"site.{row.public}", request.form)
        query = sa.select(Site).where(Site.code == picked.code)
        site = session.execute(query).scalar_one_or_none() if picked.code else None
        if picked.error:
            saved.sites[row.public] = picked
            saved.errors.setdefault(row.public, picked.error)
        elif site is not None and network_of_key(site.host) is not social.network:
            saved.errors.setdefault(row.public, _("Trang này không phải trang hoặc tài khoản trên mạng của bài."))
            site = None
    said = {way.value: way for way in PICTURE_ATTRIBUTIONS}.get(fields.text(f"attribution.{row.public}"))
    words = fields.clean_text(f"words.{row.public}")
    reporting.change_line(session, row, bulletin=bulletin, site=site, day=day, time=time, words=words, attribution=said)


def _report_all(session: Session, rows: Sequence[SocialPost], saved: _Saved) -> list[str]:
    """Report every complete line whose bulletin a person has seen; the others stay."""
    reported = []
    now = app_context().job_context.now()
    # In the order of the sites, each of which is locked, so that two people who report cannot deadlock.
    views = reporting.line_views(session, rows, now=now)
    for view in sorted(views, key=lambda view: (view.site.id if view.site is not None else 0, view.row.id)):
        if view.problems or view.suggested or view.row.public in saved.errors:
            continue
        try:
            with session.begin_nested():
                reported.append(reporting.report_line(session, current_actor(), view.row, view, now=now).public)
        except CampaignError as error:
            saved.errors[view.row.public] = error_sentence(error)
    return reported


@blueprint.post("/files")
@staff_required()
def files() -> ResponseReturnValue:
    """Take one dropped or pasted picture, for the line that is named or for the next without one. The script of the
    page sends them one by one. 204, or 422 with the reason as text."""
    upload = request.files.get("file")
    body = upload.stream.read(MAX_BYTES + 1) if upload is not None else b""
    name = (upload.filename if upload is not None else "") or "anh.png"
    try:
        put_picture(app_context().job_context, current_actor(), body, name, fields.text("line"))
    except CampaignError as error:
        return Response(_file_sentence(error, name), 422, content_type="text/plain; charset=utf-8")
    return Response(status=204)


@blueprint.get("/<line>/picture")
@staff_required()
def picture(line: str) -> ResponseReturnValue:
    """Return the picture of one's own open line, as a download."""
    with app_context().job_context.database.read() as session:
        row = find_line(session, current_actor().id, line)
        key, kind = row.body_key, row.kind
    if key is None or kind is None:
        return Response(status=404)
    return download_response(stored_body(key), MEDIA[EvidenceUploadKind(kind)], f"{line}.{kind}")


@blueprint.route("/<line>/register", methods=["GET", "POST"])
@staff_required(Permission.REVIEW)
def register(line: str) -> ResponseReturnValue:
    """Register the page, account or host of a line at a partner; the lines are kept."""
    context = app_context().job_context
    errors: dict[str, str] = {}
    if request.method == "POST":
        try:
            with context.database.write() as session:
                row = find_line(session, current_actor().id, line)
                company = autocomplete.single_field(session, PickableKind.PARTNER, "partner", request.form)
                if not company.code:
                    why = company.error or _("Chọn đối tác có trang này.")
                    errors["partner"] = why
                else:
                    partner = find_company(session, company.code)
                    name = fields.clean_text("name")
                    site = reporting.register_account(session, current_actor(), row, partner, name, now=context.now())
                    done = _("Đã đăng ký %(name)s.", name=site.name)
        except CampaignError as error:
            errors = fields.error_messages(error)
        if not errors:
            flash_done(done)
            return redirect(url_for("republications.social.index", _anchor="cac-dong"), 303)
    with context.database.read() as session:
        row = find_line(session, current_actor().id, line)
        social = read_address(row.url)
        company = autocomplete.single_field(session, PickableKind.PARTNER, "partner", request.form)
        address = account_address(row.url)
    usual = (
        f"{social.account.rpartition('/')[2]} ({network_name(social.account_key)})"
        if social is not None
        else address.partition("://")[2].strip("/")
    )
    page = render_template(
        "desk/republications/social/register.html",
        line=line,
        address=address,
        partner=company,
        name=request.form.get("name", usual),
        errors=errors,
    )
    return page, 422 if errors else 200
