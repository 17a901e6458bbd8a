"""The list of partners that may be one company, and the page that compares two of them and merges them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from flask import Blueprint, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from campaigns.core.errors import CampaignError, Conflict, FieldError, Invalid, NotFound
from campaigns.partners import merge_rules, partner_merge, similar_partners
from campaigns.partners.directory import Company, find_company
from campaigns.partners.register.cells import same_tax_payer
from campaigns.people.staff import Permission
from campaigns.search.autocomplete import PickableKind
from coordinator.translation import _, language
from coordinator.web.auth.security import app_context, current_actor, staff_required
from coordinator.web.kit.forms import autocomplete, fields
from coordinator.web.kit.lists import pagination
from coordinator.web.kit.templating import flash_done, flash_trouble
from coordinator.web.kit.text import formats
from coordinator.web.kit.text.error_messages import error_sentence

blueprint = Blueprint("merging", __name__)

MOST_NAMES = 6  # sites, licences … of one partner named in a cell of the comparison


@dataclass(frozen=True)
class MergeSide:
    """One of the two partners. ``figures``: number of rows by table; ``named``: the names of its rows by table;
    ``goes``: a sentence with what would be moved from it."""

    code: str
    name: str
    tax_code: str
    contact: str
    closed: bool
    figures: Mapping[str, int]
    named: Mapping[str, Sequence[str]]
    goes: str


@dataclass(frozen=True)
class ComparisonRow:
    """One row of the comparison: its heading and the value of each partner."""

    heading: str
    first: str
    other: str


@dataclass(frozen=True)
class MergeView:
    """Two partners side by side. ``shared``: number of editors of both; ``seen``: the version tag of the pair;
    ``other_tax``: both have a tax code, of different companies."""

    first: MergeSide
    other: MergeSide
    lines: Sequence[ComparisonRow]
    shared: int
    people: int
    keys: int
    other_tax: bool
    seen: str


@blueprint.get("/_duplicates")
@staff_required(Permission.CONFIGURE)
def index() -> ResponseReturnValue:
    """The pairs that may be one company, and those marked as distinct."""
    with app_context().job_context.database.read() as session:
        part = pagination.paginate(similar_partners.duplicate_proposals(session))
        company_ids = sorted({company_id for pair in part.rows for company_id in pair.ids})
        figures = merge_rules.count_rows(session, company_ids) if company_ids else {}
        apart = similar_partners.distinct_pairs(session)
    return render_template("desk/partners/duplicates.html", part=part, figures=figures, apart=apart)


@blueprint.post("/_duplicates")
@staff_required(Permission.CONFIGURE)
def decide() -> ResponseReturnValue:
    """Mark a pair as distinct, or remove the mark."""
    context = app_context().job_context
    back = fields.text("apart") == "0"
    act = similar_partners.unmark_distinct if back else similar_partners.mark_distinct
    try:
        with context.database.write() as session:
            company, other = (find_company(session, fields.text(name)) for name in ("one", "other"))
            names = {"one": company.name, "other": other.name}
            act(session, current_actor(), company, other, now=context.now())
    except NotFound:
        raise
    except CampaignError as error:
        flash_trouble(error_sentence(error))
    else:
        if back:
            flash_done(_("Đã rút ghi nhận về %(one)s và %(other)s.", **names))
        else:
            flash_done(_("Đã ghi nhận %(one)s và %(other)s là hai đối tác khác nhau.", **names))
    return redirect(url_for("partners.merging.index"), 303)


@blueprint.route("/<code>/merge", methods=["GET", "POST"])
@staff_required(Permission.CONFIGURE, fresh=True)
def merge(code: str) -> ResponseReturnValue:
    """Choose the other partner, compare both, and merge them."""
    errors: dict[str, str] = {}
    status = 200
    if request.method == "POST":
        try:
            return _merge_and_redirect(code)
        except NotFound:
            raise
        except CampaignError as error:
            errors = fields.error_messages(error)
            status = 409 if isinstance(error, Conflict) else 422
    given = request.form if request.method == "POST" else request.args
    with app_context().job_context.database.read() as session:
        company = find_company(session, code)
        pick = autocomplete.single_field(session, PickableKind.PARTNER, "other", given)
        if pick.code == code:
            errors |= fields.error_messages(partner_merge.same_partner_error(code))
        both = _merge_view(session, company, find_company(session, pick.code)) if pick.code not in {"", code} else None
        partner = {"code": company.code, "name": company.name}
    if request.method == "GET" and not errors and (moved := autocomplete.resolved_url(pick)) is not None:
        return moved
    values = {name: given.get(name, "") for name in ("keep", "name", "tax_code")}
    page = render_template(
        "desk/partners/merge.html", partner=partner, pick=pick, both=both, values=values, errors=errors
    )  # fmt: skip
    return page, status


def _merge_and_redirect(code: str) -> ResponseReturnValue:
    """Merge as the form says, and redirect to the kept partner."""
    context = app_context().job_context
    keep, other = fields.text("keep"), fields.text("other")
    if keep not in {code, other}:
        raise Invalid([FieldError("keep", "required", "say which of the two stays")])
    drop = other if keep == code else code
    with context.database.write() as session:
        # The form gives the code of the partner whose name, or tax code, is kept.
        sides = {partner_code: find_company(session, partner_code) for partner_code in (code, other)}
        name, tax = (sides.get(fields.text(field), sides[code]) for field in ("name", "tax_code"))
        moved = partner_merge.merge(
            session,
            current_actor(),
            keep=keep,
            drop=drop,
            name=name.name,
            tax_code=tax.tax_code or "",
            seen=fields.text("seen"),
            now=context.now(),
        )
    rows = formats.number(sum(moved.rows.values()), language())
    flash_done(
        _("Đã gộp %(code)s vào %(name)s: %(rows)s dòng đã chuyển.", code=moved.dropped, name=moved.name, rows=rows)
    )
    return redirect(url_for("partners.page", code=moved.kept), 303)


def _merge_view(session: Session, company: Company, other: Company) -> MergeView:
    """Both partners side by side, with a constant number of queries."""
    figures = merge_rules.count_rows(session, [company.id, other.id])
    rows = merge_rules.named_rows(session, [company.id, other.id])
    sides = [_merge_side(company, figures[company.id], _known_names(rows[company.id])) for company in (company, other)]
    first, second = sides
    shared = len(set(first.named["editors"]) & set(second.named["editors"]))
    return MergeView(
        first=first,
        other=second,
        lines=_comparison_rows(first, second),
        shared=shared,
        people=first.figures["editors"] + second.figures["editors"] - shared,
        keys=first.figures["keys"] + second.figures["keys"],
        other_tax=bool(company.tax_code and other.tax_code) and not same_tax_payer(company.tax_code, other.tax_code),
        seen=partner_merge.version_tag_of(company, other, rows),
    )


def _known_names(tables: Mapping[str, Sequence[Sequence[object]]]) -> dict[str, list[str]]:
    """The names of the rows of a partner as people know them: a site by its host."""
    return {name: [str(row[1] if name == "sites" else row[0]) for row in rows] for name, rows in tables.items()}


def _merge_side(company: Company, figures: Mapping[str, int], named: Mapping[str, Sequence[str]]) -> MergeSide:
    counted = [f"{_number(figures[name])} {word}" for name, word in _table_labels() if figures[name]]
    return MergeSide(
        code=company.code,
        name=company.name,
        tax_code=company.tax_code or "",
        contact=company.contact,
        closed=company.portal_closed_at is not None,
        figures=figures,
        named=named,
        goes=", ".join(counted) or _("chưa có gì"),
    )


def _number(count: int) -> str:
    return formats.number(count, language())


def _table_labels() -> list[tuple[str, str]]:
    """The labels of a partner's rows, by table, after a number in a sentence."""
    return [
        ("copies", _("bài đăng lại")),
        ("sites", _("trang")),
        ("licences", _("giấy phép")),
        ("agreements", _("văn bản chấp thuận")),
        ("channels", _("kênh")),
        ("keys", _("khóa")),
        ("editors", _("người vào cổng")),
        ("findings", _("nghi vấn")),
        ("questions", _("câu hỏi")),
        ("notice_receivers", _("thông báo gửi riêng")),
        ("notice_read_receipts", _("lần đọc thông báo")),
        ("page_reports", _("trang đã báo")),
        ("feed_fetches", _("lần lấy tin")),
    ]


def _comparison_rows(side: MergeSide, other: MergeSide) -> list[ComparisonRow]:
    """Return the rows of the comparison; rows without a value are omitted, except sites and licences."""
    heads = {
        "sites": _("Trang"),
        "licences": _("Giấy phép"),
        "agreements": _("Văn bản chấp thuận"),
        "channels": _("Kênh phát"),
        "keys": _("Khóa"),
        "editors": _("Người vào cổng"),
        "copies": _("Bài đăng lại"),
        "findings": _("Nghi vấn"),
        "questions": _("Câu hỏi"),
        "notice_receivers": _("Thông báo gửi riêng"),
        "notice_read_receipts": _("Lần đọc thông báo"),
        "page_reports": _("Trang đã báo"),
        "feed_fetches": _("Lần lấy tin"),
    }
    lines = [
        ComparisonRow(_("Mã"), side.code, other.code),
        ComparisonRow(_("Mã số thuế"), side.tax_code or "–", other.tax_code or "–"),
        ComparisonRow(_("Liên hệ"), side.contact or "–", other.contact or "–"),
    ]
    by_name = {"sites", "licences", "agreements", "channels", "editors"}
    for name, word in heads.items():
        if side.figures[name] or other.figures[name] or name in {"sites", "licences"}:
            cells = [_cell(side, name) if name in by_name else _number(side.figures[name]) for side in (side, other)]
            lines.append(ComparisonRow(word, *cells))
    return lines


def _cell(side: MergeSide, name: str) -> str:
    """The number of rows and the names of the first ones."""
    named = side.named[name]
    if not named:
        return "0"
    more = _(" và %(count)s nữa", count=_number(len(named) - MOST_NAMES)) if len(named) > MOST_NAMES else ""
    return f"{_number(len(named))}: {', '.join(named[:MOST_NAMES])}{more}"
