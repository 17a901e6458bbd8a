"""Partners that may be one company: the list of them, and two beside each other before they become one."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from flask import Blueprint, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from campaigns.core.errors import CampaignError, Conflict, FieldError, Invalid, NotFound
from campaigns.partners import duplicates, hanging, merging
from campaigns.partners.cells import same_tax_payer
from campaigns.partners.directory import Company, find_company
from campaigns.people.staff import May
from campaigns.searching.picking import Thing
from coordinator.web import formats
from coordinator.web.desk import inputs, listing, picking
from coordinator.web.look import language, say_done, say_trouble
from coordinator.web.saying import _
from coordinator.web.security import actor, front, staff
from coordinator.web.sentences import error_sentence

blueprint = Blueprint("merging", __name__)

NAMED = 6  # of the sites, licences … of one partner that a cell of the comparison names


@dataclass(frozen=True)
class Side:
    """One of the two. ``figures``: rows by table; ``named``: what hangs on it by its own names; ``goes``: what would go
    over from it, in words."""

    code: str
    name: str
    tax_code: str
    contact: str
    closed: bool
    figures: Mapping[str, int]
    named: Mapping[str, Sequence[str]]
    goes: str


@dataclass(frozen=True)
class Line:
    """One line of the comparison: what is compared, and what either has."""

    what: str
    one: str
    other: str


@dataclass(frozen=True)
class Both:
    """Two partners beside each other. ``shared``: people who are in the portal for both; ``seen``: what a form made
    from this says it was made from; ``other_tax``: both have a tax code, and not the same payer's."""

    one: Side
    other: Side
    lines: Sequence[Line]
    shared: int
    people: int
    keys: int
    other_tax: bool
    seen: str


@blueprint.get("/_duplicates")
@staff(May.CONFIGURE)
def index() -> ResponseReturnValue:
    """Every two that may be one, with what either has; and those that are held apart."""
    with front().place.database.read() as session:
        part = listing.cut(duplicates.proposals(session))
        numbers = sorted({number for pair in part.rows for number in pair.numbers})
        figures = hanging.counted(session, numbers) if numbers else {}
        apart = duplicates.held_apart(session)
    return render_template("partners/duplicates.html", part=part, figures=figures, apart=apart)


@blueprint.post("/_duplicates")
@staff(May.CONFIGURE)
def decide() -> ResponseReturnValue:
    """Say that two are not the same, or take it back."""
    place = front().place
    back = inputs.text("apart") == "0"
    act = duplicates.let_go if back else duplicates.hold_apart
    try:
        with place.database.write() as session:
            one, other = (find_company(session, inputs.text(name)) for name in ("one", "other"))
            names = {"one": one.name, "other": other.name}
            act(session, actor(), one, other, now=place.now())
    except NotFound:
        raise
    except CampaignError as error:
        say_trouble(error_sentence(error, language()))
    else:
        if back:
            say_done(_("Đã rút ghi nhận về %(one)s và %(other)s.", **names))
        else:
            say_done(_("Đã ghi nhận %(one)s và %(other)s là hai đối tác khác nhau.", **names))
    return redirect(url_for("partners.merging.index"), 303)


@blueprint.route("/<code>/merge", methods=["GET", "POST"])
@staff(May.CONFIGURE, fresh=True)
def merge(code: str) -> ResponseReturnValue:
    """Choose the other, see both beside each other with what would follow, and make them one."""
    errors: dict[str, str] = {}
    status = 200
    if request.method == "POST":
        try:
            return _done(code)
        except NotFound:
            raise
        except CampaignError as error:
            errors = inputs.said(error)
            status = 409 if isinstance(error, Conflict) else 422
    given = request.form if request.method == "POST" else request.args
    with front().place.database.read() as session:
        company = find_company(session, code)
        pick = picking.one(session, Thing.PARTNER, "other", given)
        if pick.code == code:
            errors |= inputs.said(merging.same_partner(code))
        both = _both(session, company, find_company(session, pick.code)) if pick.code not in {"", code} else None
        partner = {"code": company.code, "name": company.name}
    if request.method == "GET" and not errors and (moved := picking.settled(pick)) is not None:
        return moved
    values = {name: given.get(name, "") for name in ("keep", "name", "tax_code")}
    shown = render_template(
        "partners/merge.html", partner=partner, pick=pick, both=both, values=values, errors=errors
    )  # fmt: skip
    return shown, status


def _done(code: str) -> ResponseReturnValue:
    """Merge as the form says, and go to the one that stays."""
    place = front().place
    keep, other = inputs.text("keep"), inputs.text("other")
    if keep not in {code, other}:
        raise Invalid([FieldError("keep", "required", "say which of the two stays")])
    drop = other if keep == code else code
    with place.database.write() as session:
        # Names and tax codes are one side's or the other's, as the page offered them.
        sides = {one: find_company(session, one) for one in (code, other)}
        name, tax = (sides.get(inputs.text(field), sides[code]) for field in ("name", "tax_code"))
        moved = merging.merge(
            session,
            actor(),
            keep=keep,
            drop=drop,
            name=name.name,
            tax_code=tax.tax_code or "",
            seen=inputs.text("seen"),
            now=place.now(),
        )
    rows = formats.number(sum(moved.rows.values()), language())
    say_done(
        _("Đã gộp %(code)s vào %(name)s: %(rows)s dòng đã chuyển.", code=moved.dropped, name=moved.name, rows=rows)
    )
    return redirect(url_for("partners.page", code=moved.kept), 303)


def _both(session: Session, one: Company, other: Company) -> Both:
    """Both as they are, in as many statements whatever hangs on them."""
    figures = hanging.counted(session, [one.id, other.id])
    told = hanging.told(session, [one.id, other.id])
    sides = [_side(company, figures[company.id], _named(told[company.id])) for company in (one, other)]
    first, second = sides
    shared = len(set(first.named["editors"]) & set(second.named["editors"]))
    return Both(
        one=first,
        other=second,
        lines=_lines(first, second),
        shared=shared,
        people=first.figures["editors"] + second.figures["editors"] - shared,
        keys=first.figures["keys"] + second.figures["keys"],
        other_tax=bool(one.tax_code and other.tax_code) and not same_tax_payer(one.tax_code, other.tax_code),
        seen=merging.seal_of(one, other, told),
    )


def _named(told: Mapping[str, Sequence[Sequence[object]]]) -> dict[str, list[str]]:
    """What hangs on one by the names that people know: a site by its host."""
    return {name: [str(row[1] if name == "sites" else row[0]) for row in rows] for name, rows in told.items()}


def _side(company: Company, figures: Mapping[str, int], named: Mapping[str, Sequence[str]]) -> Side:
    told = [f"{_number(figures[name])} {word}" for name, word in _words() if figures[name]]
    return Side(
        code=company.code,
        name=company.name,
        tax_code=company.tax_code or "",
        contact=company.contact,
        closed=company.portal_closed_at is not None,
        figures=figures,
        named=named,
        goes=", ".join(told) or _("chưa có gì"),
    )


def _number(count: int) -> str:
    return formats.number(count, language())


def _words() -> list[tuple[str, str]]:
    """What may hang on a partner, by table, as a sentence counts it."""
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
        ("notice_readings", _("lần đọc thông báo")),
        ("page_reports", _("trang đã báo")),
        ("feed_fetches", _("lần lấy tin")),
    ]


def _lines(one: Side, other: Side) -> list[Line]:
    """The comparison, line by line; what neither has is left out, but for what a person decides by."""
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
        "notice_readings": _("Lần đọc thông báo"),
        "page_reports": _("Trang đã báo"),
        "feed_fetches": _("Lần lấy tin"),
    }
    lines = [
        Line(_("Mã"), one.code, other.code),
        Line(_("Mã số thuế"), one.tax_code or "–", other.tax_code or "–"),
        Line(_("Liên hệ"), one.contact or "–", other.contact or "–"),
    ]
    by_name = {"sites", "licences", "agreements", "channels", "editors"}
    for name, word in heads.items():
        if one.figures[name] or other.figures[name] or name in {"sites", "licences"}:
            cells = [_cell(side, name) if name in by_name else _number(side.figures[name]) for side in (one, other)]
            lines.append(Line(word, *cells))
    return lines


def _cell(side: Side, name: str) -> str:
    """How many there are, and which the first are."""
    named = side.named[name]
    if not named:
        return "0"
    more = _(" và %(count)s nữa", count=_number(len(named) - NAMED)) if len(named) > NAMED else ""
    return f"{_number(len(named))}: {', '.join(named[:NAMED])}{more}"
