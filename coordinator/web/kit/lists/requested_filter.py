"""The filter that a page's address asks for. What the page does not understand is an error (422), never ignored."""

from collections.abc import Collection, Mapping
from typing import TypeVar

from flask import request

from campaigns.core.errors import FieldError, Invalid
from campaigns.core.listing import ListFilter, unaccepted_value
from coordinator.web.kit.forms.autocomplete import TYPED, WAS

SHARED_NAMES = ("page", "sort", "lang")  # of every list

Filter = TypeVar("Filter", bound=ListFilter)


def requested_filter(
    kind: type[Filter],
    args: Mapping[str, str] | None = None,
    *,
    only: Collection[str] = (),
    beside: Collection[str] = (),
    choices: Mapping[str, Collection[str]] | None = None,
) -> Filter:
    """Return the filter of this page's address.

    ``args``: the address's values with resolved fields, where there are such; ``only``: the fields that the list has;
    ``beside``: names that the page reads besides the filter; ``choices``: the values of free codes that it offers.
    Raises ``Invalid`` naming every value and every name that is not understood.
    """
    args = request.args if args is None else args
    errors = _unknown_names((*kind.names(only), *beside))
    for name, offered in (choices or {}).items():
        text = args.get(name, "").strip()
        if text and text not in offered:
            errors.append(unaccepted_value(name, text, offered))
    try:
        filters = kind.from_args(args, only)
    except Invalid as invalid:
        raise Invalid([*invalid.errors, *errors]) from None
    if errors:
        raise Invalid(errors)
    return filters


def refuse_unknown_names(*names: str) -> None:
    """Raise ``Invalid`` naming every value of this page's address whose name is none of these."""
    if errors := _unknown_names(names):
        raise Invalid(errors)


def _unknown_names(names: Collection[str]) -> list[FieldError]:
    expected = ", ".join(dict.fromkeys(names))
    known = {*names, *(name + part for name in names for part in (TYPED, WAS)), *SHARED_NAMES}
    return [
        FieldError(name, "filter_name", f"this page has no {name[:80]!r}; expected {expected}", expected)
        for name, text in request.args.items()
        if text.strip() and name not in known
    ]
