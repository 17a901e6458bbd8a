"""The base of the desk's forms: WTForms with this application's sentences, and domain errors at the fields they name.

The CSRF token of a form is checked before its route runs (``coordinator/web/auth/security.py``), so that no form has a
CSRF field. A form class says which fields a page has and how each is read; the domain validates the record, and
``add_errors`` puts what it raises at the fields. Labels and hints are in the template.
"""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any, ClassVar, Self

from flask import request
from wtforms import Field, FieldList, Form, FormField
from wtforms.meta import DefaultMeta

from campaigns.core.errors import CampaignError, FieldError
from coordinator.translation import _
from coordinator.web.kit.forms import fields
from coordinator.web.kit.text.error_messages import FIELD_ERROR_MESSAGES

# Sentences of WTForms by the error of ours that means the same; any other sentence is INVALID.
INVALID = "input"
ERROR_OF: Mapping[str, str] = {
    "This field is required.": "required",
    "Field cannot be longer than %(max)d character.": "too_long",
    "Field must be between %(min)d and %(max)d characters long.": "too_long",
    "Number must be at least %(min)s.": "range",
    "Number must be at most %(max)s.": "range",
    "Number must be between %(min)s and %(max)s.": "range",
    "Invalid email address.": "email",
    "Invalid URL.": "url",
    "Not a valid choice.": "choice",
    "Invalid Choice: could not coerce.": "choice",
    "Invalid choice(s): one or more data inputs could not be coerced.": "choice",
    "'%(value)s' is not a valid choice for this field.": "choice",
    "Not a valid date value.": "day",
    "Not a valid time value.": "time",
    "Not a valid datetime value.": "moment",
    "Not a valid integer value.": "whole",
    "Not a valid decimal value.": "figure",
    "Not a valid float value.": "figure",
}


class Sentences:
    """The translations object of WTForms: its built-in messages as sentences of this application."""

    def gettext(self, message: str) -> str:
        """Return the sentence for a built-in message; a text that is no sentence, such as a label, stays as it is."""
        if not message.endswith("."):
            return message
        return _(FIELD_ERROR_MESSAGES[ERROR_OF.get(message, INVALID)])

    def ngettext(self, singular: str, plural: str, number: int) -> str:
        """Return the sentence for a built-in message with a number."""
        del plural, number  # the sentences name no number
        return self.gettext(singular)


class PageForm(Form):
    """A form of a page. ``error_names``: the field of a domain error where the form has another name for it."""

    error_names: ClassVar[Mapping[str, str]] = {}

    class Meta(DefaultMeta):
        """WTForms without its own CSRF field, in the reader's language."""

        def get_translations(self, form: object) -> Sentences:
            """Return the sentences; WTForms asks for them once a form."""
            del form
            return Sentences()

    def __init__(self, *args: Any, **values: Any) -> None:
        self.other_errors: dict[str, str] = {}
        super().__init__(*args, **values)

    @classmethod
    def of_request(cls, stored: object = None) -> Self:
        """Return the form as submitted; for a request without a submission, with the ``stored`` values: those of a
        mapping, or the attributes of a row.
        """
        submitted = request.form if request.method == "POST" else None
        return cls(submitted, data=stored) if isinstance(stored, Mapping) else cls(submitted, stored)

    def add_errors(self, error: CampaignError, *more: FieldError) -> None:
        """Put each error at its field: of a line (``feeds.2``) at its textarea, of a cell (``targets.1.quota``) at that
        cell. An error of no field stands under ``form``.
        """
        self.add_messages(fields.error_messages(error, more))

    def add_field_errors(self, errors: Iterable[FieldError]) -> None:
        """Put errors that were found outside of the domain at their fields."""
        self.add_messages(fields.field_error_messages(list(errors)))

    def add_messages(self, messages: Mapping[str, str]) -> None:
        """Put sentences at the fields that they are named for."""
        known = {field.name: field for field in bound_fields(self)}
        for name, sentence in messages.items():
            field = known.get(self.error_names.get(name, name))
            if field is None:
                self.other_errors.setdefault(name, sentence)
            else:
                field.errors = [*field.errors, sentence]

    @property
    def messages(self) -> dict[str, str]:
        """The first error of each field, in the order of the page, then those of no field: for ``ui.summary``."""
        found: dict[str, str] = {}
        for field in bound_fields(self):
            if field.errors:
                found[field.name] = field.errors[0]
            # A part of a field that is no field of the form, such as ``variants.zalo.title``.
            parts = (name for name in self.other_errors if name.startswith(f"{field.name}."))
            found.update({name: self.other_errors[name] for name in parts})
        return found | self.other_errors

    @property
    def status(self) -> int:
        """The HTTP status of the page with this form."""
        return 422 if self.messages else 200


def bound_fields(form: Iterable[Field]) -> Iterator[Field]:
    """Yield the fields of a form in the order of the page, those of its tables row by row."""
    for field in form:
        if isinstance(field, FieldList | FormField):
            yield from bound_fields(field)
        else:
            yield field
