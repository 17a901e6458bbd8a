"""The forms of a case and of a decision."""

from dataclasses import replace

from wtforms.validators import ValidationError

from campaigns.compliance.cases.amounts import parse_amount
from campaigns.compliance.cases.cases import CaseOrigin, DecisionForm, SubjectKind
from campaigns.compliance.cases.content import CaseContent, DecisionContent
from campaigns.core.contents import field_types
from campaigns.core.errors import Invalid
from campaigns.search.autocomplete import PickableKind
from coordinator.web.kit.forms import fields
from coordinator.web.kit.forms.content_form import ContentForm
from coordinator.web.kit.forms.field_types import (
    CleanTextField,
    DateField,
    EnumField,
    InputField,
    PickField,
    TextField,
    VersionField,
)
from coordinator.web.kit.text import formats


class AmountField(InputField):
    """An amount in đồng; None when empty. An amount in words is an error that says how to write it."""

    data: int | None

    def process_formdata(self, valuelist: list[str]) -> None:
        """Read the submitted amount."""
        del valuelist
        self.data = None
        try:
            self.data = parse_amount(self.typed, self.name)
        except Invalid as invalid:
            raise ValidationError(*fields.field_error_messages(list(invalid.errors)).values()) from None

    def _value(self) -> str:
        return self.typed if self.raw_data is not None or self.data is None else formats.number(self.data, "vi")


class DecisionFormPage(ContentForm):
    """The fields of a decision. ``turn``: the version of its case; ``form`` is empty while there is none."""

    turn = VersionField()
    form = TextField()
    number = CleanTextField()
    authority = CleanTextField()
    on = DateField()
    amount = AmountField()
    paid_on = DateField()
    note = CleanTextField()
    reason = CleanTextField()

    @property
    def decision(self) -> DecisionContent:
        """The decision as it was entered."""
        form = {member.value: member for member in DecisionForm}.get(self.form.data)
        return replace(self.content(DecisionContent), form=form)


class CaseFormPage(DecisionFormPage):
    """The fields of a case, with those of its decision when it is entered."""

    subject_kind = EnumField(SubjectKind)
    partner = PickField(PickableKind.PARTNER)
    name = CleanTextField()
    tax_code = CleanTextField()
    mark = CleanTextField()
    site = CleanTextField()
    account_url = CleanTextField()
    origin = EnumField(CaseOrigin)
    fault = CleanTextField(required=True)
    fault_on = DateField(required=True)
    what = CleanTextField(required=True)
    basis = CleanTextField()
    file = TextField()

    @property
    def case(self) -> CaseContent:
        """The case as it was entered; fields of the other kind of subject do not count."""
        given = self.content(CaseContent)
        return replace(given, tax_code="") if given.partner else given

    @property
    def given_decision(self) -> DecisionContent | None:
        """The decision, None when every field of it is empty."""
        return self.decision if any(self[name].typed for name in field_types(DecisionContent)) else None
