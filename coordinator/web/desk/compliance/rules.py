"""Administration of compliance rules: every version of each, and a form that adds a version."""

from dataclasses import dataclass
from typing import Any

from flask import Blueprint, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from wtforms import FormField

from campaigns.compliance.rule_parameters import PARAMETERS, Checker, ImprintItem, Parameter, ParameterShape
from campaigns.compliance.rules import (
    LONGEST_TEXT,
    Rule,
    RuleSeverity,
    add_version,
    all_rules,
    rule_in_force,
    versions_of,
)
from campaigns.core.clock import city_day
from campaigns.core.errors import CampaignError
from campaigns.people.staff import Permission
from coordinator.translation import _, language
from coordinator.web.auth.security import app_context, current_actor, staff_required
from coordinator.web.kit.forms.field_types import (
    CleanLinesField,
    CleanTextField,
    DateField,
    EnumField,
    FlagField,
    InputField,
    ManyField,
    VersionField,
    WholeNumberField,
)
from coordinator.web.kit.forms.page_form import PageForm
from coordinator.web.kit.templating import flash_done
from coordinator.web.kit.text import formats
from coordinator.web.kit.text.finding_labels import checker_name, fine_sentence, item_name, parameter_name, rule_title
from coordinator.web.kit.text.state_labels import value_label

blueprint = Blueprint("rules", __name__, url_prefix="/rules")


@dataclass(frozen=True)
class RuleRow:
    """One rule as of today. ``now``: the version in force, None where it is not checked."""

    code: str
    title: str
    how: str
    now: Rule | None
    versions: int


def parameter_form(checker: Checker) -> type[PageForm]:
    """Return the part of a rule's form that holds the parameters of its checker, each read by its shape."""
    return type(
        "ParameterForm", (PageForm,), {parameter.name: _parameter_field(parameter) for parameter in PARAMETERS[checker]}
    )


def _parameter_field(parameter: Parameter) -> InputField:
    match parameter.shape:
        case ParameterShape.FLAG:
            return FlagField()
        case ParameterShape.COUNT:
            return WholeNumberField(code="parameter", required=True)
        case ParameterShape.ITEMS:
            return ManyField()
        case ParameterShape.WORDS:
            return CleanLinesField()


def rule_form(checker: Checker) -> type[PageForm]:
    """Return the form of a new version of a rule. ``seen``: the version that was the newest when it was opened."""

    class RuleForm(PageForm):
        seen = VersionField()
        heading = CleanTextField(required=True)
        text = CleanTextField(required=True)
        basis = CleanTextField(required=True)
        in_force_from = DateField(required=True)
        in_force_to = DateField()
        asked = FlagField()
        parameters = FormField(parameter_form(checker), separator=".")
        severity = EnumField(RuleSeverity)
        fine_from = WholeNumberField(code="amount")
        fine_to = WholeNumberField(code="amount")
        note = CleanTextField()

    return RuleForm


@blueprint.get("/")
@staff_required(Permission.CONFIGURE)
def index() -> ResponseReturnValue:
    """Show all rules."""
    context = app_context().job_context
    with context.database.read() as session:
        rules = all_rules(session)
    today = city_day(context.now())
    lines = []
    for code in dict.fromkeys(rule.code for rule in rules):
        own = [rule for rule in rules if rule.code == code]
        lines.append(
            RuleRow(
                code,
                rule_title(own[-1].title),
                checker_name(own[-1].checker),
                rule_in_force(rules, code, today),
                len(own),
            )
        )
    return render_template("desk/compliance/rules.html", lines=lines)


@blueprint.route("/<code>", methods=["GET", "POST"])
@staff_required(Permission.CONFIGURE)
def show(code: str) -> ResponseReturnValue:
    """Show one rule: its versions, and the form for a new one."""
    context = app_context().job_context
    with context.database.read() as session:
        versions = versions_of(session, code)
    newest = versions[0]
    form = rule_form(newest.checker).of_request(_stored_values(newest))
    if request.method == "POST" and form.validate():
        try:
            with context.database.write() as session:
                made = add_version(
                    session,
                    current_actor(),
                    code,
                    form.seen.data,
                    title=form.heading.data,
                    text=form.text.data,
                    basis=form.basis.data,
                    in_force_from=form.in_force_from.data,
                    in_force_to=form.in_force_to.data,
                    parameters=form.parameters.data,
                    severity=form.severity.data,
                    asked=form.asked.data,
                    fine_from=form.fine_from.data,
                    fine_to=form.fine_to.data,
                    note=form.note.data,
                    now=context.now(),
                )
                version = made.version
        except CampaignError as error:
            form.add_errors(error)
            with context.database.read() as session:  # another version may be the newest now
                versions = versions_of(session, code)
        else:
            flash_done(
                _(
                    "Đã thêm phiên bản %(version)s của %(code)s. Nghi vấn đã nêu giữ nguyên bản cũ.",
                    version=version,
                    code=code,
                )
            )
            return redirect(url_for("admin.rules.show", code=code), 303)
    page = render_template(
        "desk/compliance/rule.html",
        code=code,
        newest=versions[0],
        versions=[(rule, fine_sentence(rule), _parameter_labels(rule)) for rule in versions],
        current=rule_in_force(versions, code, city_day(context.now())),
        form=form,
        parameter_name=parameter_name,
        items=[(item.value, item_name(item)) for item in ImprintItem],
        severities=[(severity.value, value_label("severity", severity)) for severity in RuleSeverity],
        how=checker_name(newest.checker),
        longest=LONGEST_TEXT,
    )
    return page, form.status


def _stored_values(newest: Rule) -> dict[str, Any]:
    """Return the values of the newest version, in force from today."""
    parameters = PARAMETERS[newest.checker]
    return {
        "heading": newest.title,
        "text": newest.text,
        "basis": newest.basis,
        "in_force_from": city_day(app_context().job_context.now()),
        "asked": newest.asked,
        "parameters": {
            parameter.name: newest.parameters.get(parameter.name, parameter.usual) for parameter in parameters
        },
        "severity": newest.severity,
        "fine_from": newest.fine_from,
        "fine_to": newest.fine_to,
    }


def _parameter_labels(rule: Rule) -> list[tuple[str, str]]:
    """Return a version's parameters as labels."""
    found = []
    for parameter in PARAMETERS[rule.checker]:
        value = rule.parameters.get(parameter.name, parameter.usual)
        match parameter.shape:
            case ParameterShape.FLAG:
                words = _("có") if value else _("không")
            case ParameterShape.COUNT:
                words = formats.number(value, language())
            case ParameterShape.ITEMS:
                words = ", ".join(item_name(ImprintItem(name)) for name in value)
            case ParameterShape.WORDS:
                words = ", ".join(value)
        found.append((parameter_name(parameter.name), str(words)))
    return found
