"""Forms whose fields follow from the types of a content. Labels, hints and the order are in the template."""

import dataclasses
from collections.abc import Sequence
from datetime import date
from enum import Enum
from typing import Annotated, Any, get_args, get_origin

from campaigns.core.contents import AnyContent, Content, field_types, without_none
from coordinator.web.kit.forms.field_types import (
    DateField,
    EnumField,
    FlagField,
    InputField,
    LinesField,
    NumberField,
    TextField,
    WholeNumberField,
)
from coordinator.web.kit.forms.page_form import PageForm

_FIELDS: dict[Any, type[InputField]] = {
    str: TextField, date: DateField, bool: FlagField, int: WholeNumberField, float: NumberField, Sequence: LinesField,
}  # fmt: skip


class ContentForm(PageForm):
    """The form of a content."""

    def content(self, kind: type[Content]) -> Content:
        """What was submitted, once ``validate`` has passed; an empty field has the content's own default."""
        values = {name: self[name].data for name in field_types(kind)}
        return kind(**{name: value for name, value in values.items() if value is not None})


def form_of(kind: type[AnyContent], /, **others: InputField) -> type[ContentForm]:
    """A form class with a field for each field of a content: required where the content has no default. ``others``:
    fields beside them, or in place of one that its type would give."""
    required = {field.name: field.default is dataclasses.MISSING for field in dataclasses.fields(kind)}
    made = {name: _field(of, required[name]) for name, of in field_types(kind).items() if name not in others}
    return type(f"{kind.__name__}Form", (ContentForm,), {**others, **made})


def _field(kind: Any, required: bool) -> InputField:
    plain = without_none(kind)
    plain = get_args(plain)[0] if get_origin(plain) is Annotated else plain
    plain = get_origin(plain) or plain
    if isinstance(plain, type) and issubclass(plain, Enum):
        return EnumField(plain, required=required)
    return _FIELDS[plain](required=required)
