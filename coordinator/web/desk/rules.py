"""Rules of compliance in administration: every version of each, and a form that puts another one beside them."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from flask import Blueprint, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from campaigns.compliance.parameters import PARAMETERS, Checker, Item, Parameter, Shape
from campaigns.compliance.rules import LONGEST_TEXT, Rule, Severity, add_version, all_rules, in_force, versions_of
from campaigns.core.clock import city_day
from campaigns.core.errors import CampaignError, FieldError, Invalid
from campaigns.people.staff import May
from coordinator.web import formats, typed
from coordinator.web.desk import inputs
from coordinator.web.finding_words import checker_name, fine_words, item_name, parameter_name
from coordinator.web.look import language, say_done
from coordinator.web.saying import _
from coordinator.web.security import actor, front, staff
from coordinator.web.wording import name_for

blueprint = Blueprint("rules", __name__, url_prefix="/rules")
FIELDS = ("heading", "text", "basis", "in_force_from", "in_force_to", "severity", "fine_from", "fine_to", "note")


@dataclass(frozen=True)
class RuleLine:
    """One rule as it is today. ``now``: the version in force, None where it is not asked."""

    code: str
    title: str
    how: str
    now: Rule | None
    versions: int


@dataclass(frozen=True)
class Setting:
    """One parameter on the form: ``value`` as its field shows it, ``options`` where there are some to tick."""

    name: str
    label: str
    shape: str
    value: Any
    options: Sequence[tuple[str, str]] = ()
    error: str = ""


@blueprint.get("/")
@staff(May.CONFIGURE)
def index() -> ResponseReturnValue:
    """The thirteen rules."""
    place = front().place
    with place.database.read() as session:
        rules = all_rules(session)
    today = city_day(place.now())
    lines = []
    for code in dict.fromkeys(one.code for one in rules):
        own = [one for one in rules if one.code == code]
        lines.append(
            RuleLine(code, own[-1].title, checker_name(own[-1].checker), in_force(rules, code, today), len(own))
        )
    return render_template("admin/rules.html", lines=lines)


@blueprint.route("/<code>", methods=["GET", "POST"])
@staff(May.CONFIGURE)
def show(code: str) -> ResponseReturnValue:
    """One rule: its versions, and the form for another."""
    place = front().place
    errors: dict[str, str] = {}
    if request.method == "POST":
        try:
            with place.database.write() as session:
                made = _add(code, versions_of(session, code)[0].checker, session)
                version = made.version
        except CampaignError as error:
            errors = inputs.said(error)
        else:
            say_done(
                _(
                    "Đã thêm bản %(version)s của %(code)s. Nghi vấn đã nêu giữ nguyên bản cũ.",
                    version=version,
                    code=code,
                )
            )
            return redirect(url_for("admin.rules.show", code=code), 303)
    with place.database.read() as session:
        versions = versions_of(session, code)
    newest = versions[0]
    page = render_template(
        "admin/rule.html",
        code=code,
        newest=newest,
        versions=[(one, fine_words(one), _told(one)) for one in versions],
        current=in_force(versions, code, city_day(place.now())),
        values=_values(newest),
        settings=[_setting(one, newest, errors) for one in PARAMETERS[newest.checker]],
        severities=[(one.value, name_for("severity", one, language())) for one in Severity],
        asked=bool(request.form.get("asked")) if request.method == "POST" else newest.asked,
        errors=errors,
        how=checker_name(newest.checker),
        longest=LONGEST_TEXT,
    )
    return (page, 422) if errors else page


def _add(code: str, checker: Checker, session: Session) -> Rule:
    errors: list[FieldError] = []
    begins = inputs.day("in_force_from", errors, required=True)
    ends = inputs.day("in_force_to", errors)
    least, most = (_amount(name, errors) for name in ("fine_from", "fine_to"))
    severity = {one.value: one for one in Severity}.get(inputs.text("severity"))
    if severity is None:
        errors.append(FieldError("severity", "required", "a rule has a severity"))
    given = {one.name: _given(one) for one in PARAMETERS[checker]}
    if errors or begins is None or severity is None:
        raise Invalid(errors)
    return add_version(
        session, actor(), code, typed.number("seen"), title=typed.words("heading"), text=typed.words("text"),
        basis=typed.words("basis"), in_force_from=begins, in_force_to=ends, parameters=given, severity=severity,
        asked=bool(request.form.get("asked")), fine_from=least, fine_to=most, note=typed.words("note"),
        now=front().place.now(),
    )  # fmt: skip


def _amount(name: str, errors: list[FieldError]) -> int | None:
    words = inputs.text(name)
    figure = inputs.figure(words) if words else None
    if words and (figure is None or figure != int(figure)):
        errors.append(FieldError(name, "amount", f"{words!r} is not an amount in đồng"))
        return None
    return int(figure) if figure is not None else None


def _given(one: Parameter) -> Any:
    """A parameter as its field was sent; what cannot be read goes on as it is, to be refused by its name."""
    field = f"parameters.{one.name}"
    match one.shape:
        case Shape.FLAG:
            return bool(request.form.get(field))
        case Shape.COUNT:
            figure = inputs.figure(inputs.text(field))
            return int(figure) if figure is not None and figure == int(figure) else inputs.text(field)
        case Shape.SHARE:
            figure = inputs.figure(inputs.text(field))
            return figure / 100 if figure is not None else inputs.text(field)
        case Shape.ITEMS:
            return request.form.getlist(field)
        case Shape.WORDS:
            return typed.words(field).split("\n") if typed.words(field) else []


def _values(newest: Rule) -> dict[str, str]:
    """What the form holds: as it was sent, else the newest version, from today."""
    if request.method == "POST":
        return {name: typed.words(name) for name in FIELDS}
    return {
        "heading": newest.title,
        "text": newest.text,
        "basis": newest.basis,
        "in_force_from": city_day(front().place.now()).isoformat(),
        "in_force_to": "",
        "severity": newest.severity.value,
        "fine_from": _written(newest.fine_from),
        "fine_to": _written(newest.fine_to),
        "note": "",
    }


def _written(amount: int | None) -> str:
    return formats.number(amount, language()) if amount is not None else ""


def _setting(one: Parameter, newest: Rule, errors: dict[str, str]) -> Setting:
    value = _given(one) if request.method == "POST" else newest.parameters.get(one.name, one.usual)
    options: Sequence[tuple[str, str]] = ()
    if one.shape is Shape.ITEMS:
        options = [(name, item_name(Item(name))) for name in one.options]
    elif one.shape is Shape.WORDS:
        value = "\n".join(value)
    elif one.shape is Shape.SHARE and isinstance(value, float):
        value = formats.number(round(value * 100, 4), language(), 2)
    error = errors.get(f"parameters.{one.name}", "")
    return Setting(f"parameters.{one.name}", parameter_name(one.name), one.shape.value, value, options, error)


def _told(rule: Rule) -> list[tuple[str, str]]:
    """A version's parameters in words."""
    found = []
    for one in PARAMETERS[rule.checker]:
        value = rule.parameters.get(one.name, one.usual)
        match one.shape:
            case Shape.FLAG:
                words = _("có") if value else _("không")
            case Shape.SHARE:
                words = formats.percent(value, language())
            case Shape.COUNT:
                words = formats.number(value, language())
            case Shape.ITEMS:
                words = ", ".join(item_name(Item(name)) for name in value)
            case Shape.WORDS:
                words = ", ".join(value)
        found.append((parameter_name(one.name), str(words)))
    return found
