"""Parsing of requests: a JSON body or a query becomes a schema instance, with an error for every bad field."""

import json
import math
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from functools import wraps
from http import HTTPStatus
from typing import Any, TypeVar

from apiflask.scaffold import APIScaffold
from flask import request
from pydantic import BaseModel, TypeAdapter, ValidationError

from campaigns.core.errors import FieldError, Invalid
from campaigns.core.vietnamese import nfc
from coordinator.api.fields import NUL, ContentBody, RequestBody
from coordinator.api.problems import RequestRefused

LARGEST_BODY = 4 * 1024 * 1024  # bytes; the longest bulletin with its markup is far shorter
MOST_ERRORS = 200  # of one request that are named
OPTIONAL = "x-body-optional"  # marks an operation; removed from the finished document
PARTIAL = "x-body-partial"  # marks an operation whose body need not name every field; likewise

# Messages in place of Pydantic's own, which name fields and JSON values as Python does.
_MESSAGES = {
    "missing": "this field is needed",
    "extra_forbidden": "there is no such field",
    "model_type": "expected an object",
    "model_attributes_type": "expected an object",
    "dict_type": "expected an object",
    "none_required": "expected null",
    "string_pattern_mismatch": "this text has not the form that the document of the API describes",
}

Shape = TypeVar("Shape", bound=BaseModel)
View = Callable[..., Any]

# Error types of Pydantic and the codes of our errors.
_CODES = {
    "missing": "required",
    "extra_forbidden": "unknown_field",
    "value_error": "invalid",
    "model_type": "object_type",
    "model_attributes_type": "object_type",
    "dict_type": "object_type",
    "string_too_long": "too_long",
}


def with_body(shape: type[BaseModel], *, optional: bool = False) -> Callable[[View], View]:
    """Give the view ``body``, a ``shape`` parsed from JSON; with ``optional`` an absent body is an empty one.

    Raises ``RequestRefused`` (400) for broken JSON and for a NUL character in a text, (415) for another media type,
    ``Invalid`` for fields, also for one that an object has twice.
    """

    def decorate(view: View) -> View:
        # The library's decorator documents the body; it is parsed here, because the library's own parser accepts any
        # content type, reads ``null`` as an empty object and answers deep nesting with a 500.
        described = APIScaffold().input(shape)(view)
        if optional:
            described = APIScaffold().doc(extensions={OPTIONAL: True})(described)

        @wraps(described)
        def taking(*args: Any, **kwargs: Any) -> Any:
            return view(*args, body=validated(shape, _json(optional), "body"), **kwargs)

        taking.takes_body = True  # type: ignore[attr-defined]
        return taking

    return decorate


def with_changes(shape: type[BaseModel]) -> Callable[[View], View]:
    """Give the view ``changes``, a JSON object with some fields of a ``shape``, which it lays over what is stored with
    ``changed``. Raises as ``with_body`` for what is no JSON object."""

    def decorate(view: View) -> View:
        described = APIScaffold().doc(extensions={PARTIAL: True})(APIScaffold().input(shape)(view))

        @wraps(described)
        def taking(*args: Any, **kwargs: Any) -> Any:
            changes = _json(optional=False)
            if not isinstance(changes, dict):
                raise Invalid([FieldError("body", "object_type", "expected an object")])
            return view(*args, changes=changes, **kwargs)

        taking.takes_body = True  # type: ignore[attr-defined]
        return taking

    return decorate


def with_query(shape: type[BaseModel]) -> Callable[[View], View]:
    """Give the view ``query``, a ``shape`` parsed from the query string. A repeated parameter is an error."""

    def decorate(view: View) -> View:
        described = APIScaffold().input(shape, location="query")(view)

        @wraps(described)
        def asking(*args: Any, **kwargs: Any) -> Any:
            refuse_repeated({name: len(values) for name, values in request.args.lists()}, "parameter")
            return view(*args, query=validated(shape, request.args.to_dict(), "query"), **kwargs)

        asking.takes_query = True  # type: ignore[attr-defined]
        return asking

    return decorate


def refuse_unknown_query(view: View | None) -> None:
    """Raise ``Invalid`` naming the parameters of a request whose view takes none."""
    if request.args and view is not None and not getattr(view, "takes_query", False):
        raise Invalid(
            [FieldError(name, "unknown_field", "there is no such field") for name in [*request.args][:MOST_ERRORS]]
        )


def refuse_unknown_body(view: View | None) -> None:
    """Raise what ``with_body`` raises for a body whose view takes none: each of its fields is unknown."""
    if view is not None and not getattr(view, "takes_body", False):
        validated(RequestBody, _json(optional=True), "body")


def refuse_unused(body: BaseModel, names: Iterable[str], what: str) -> None:
    """Raise ``Invalid`` naming those of these fields that the body gives although ``what`` it asks for has none."""
    given = [name for name in names if getattr(body, name) not in (None, "", [], False)]
    if given:
        raise Invalid([FieldError(name, "unused", f"{what} has no such field") for name in given])


def refuse_precondition() -> None:
    """Raise ``RequestRefused`` (412) for an act under a condition that no answer of ours can meet: none has an
    ``ETag`` or a ``Last-Modified``. Whoever sends one does not want to overwrite a newer version."""
    given = [name for name in ("If-Match", "If-Unmodified-Since") if request.headers.get(name, "*") != "*"]
    if given and request.method not in {"GET", "HEAD", "OPTIONS"}:
        errors = [
            FieldError(name, "precondition", "name what you read in the body: revision, version or turn")
            for name in given
        ]
        raise RequestRefused(
            HTTPStatus.PRECONDITION_FAILED, "precondition", "answers of this API have no entity tags", errors=errors
        )


def _json(optional: bool) -> Any:
    request.max_content_length = LARGEST_BODY
    data = request.get_data()
    if not data and optional:
        return {}
    if request.content_type is not None and not request.is_json:
        raise RequestRefused(
            HTTPStatus.UNSUPPORTED_MEDIA_TYPE, "not_json", f"expected application/json, not {request.mimetype}"
        )
    try:
        return json.loads(data, parse_constant=_refuse_number, parse_float=_finite_number, object_pairs_hook=_members)
    except (ValueError, RecursionError):
        error = FieldError("body", "json", "this is not JSON" if data else "a JSON body is needed")
        raise RequestRefused(HTTPStatus.BAD_REQUEST, "broken_json", "the body is not JSON", errors=[error]) from None


def _members(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    # RFC 8259, section 4: of a name that an object has twice, readers take the first or the last.
    members = dict(pairs)
    if len(members) < len(pairs):
        refuse_repeated(Counter(name for name, _value in pairs), "field")
    return members


def refuse_repeated(times: Mapping[str, int], what: str) -> None:
    """Raise ``Invalid`` naming each name that was given more than once; ``what`` says what it names."""
    twice = [name for name, count in times.items() if count > 1]
    if twice:
        raise Invalid([FieldError(name, "repeated", f"give this {what} once") for name in twice[:MOST_ERRORS]])


def _refuse_number(text: str) -> float:
    # RFC 8259, section 6: NaN and Infinity are no JSON.
    raise ValueError(f"{text} is not JSON")


def _finite_number(text: str) -> float:
    number = float(text)
    return number if math.isfinite(number) else _refuse_number(text)


def validated(shape: type[Shape], data: Any, whole: str) -> Shape:
    """Data validated as a ``shape``. Raises ``Invalid`` naming bad fields, at most ``MOST_ERRORS``; ``whole`` names
    the data as a whole.

    Raises ``RequestRefused`` (400), with the same errors, when a text contains a NUL character: no text does.
    """
    try:
        if not issubclass(shape, ContentBody):
            return shape.model_validate(data)
        # Only as JSON a strict schema takes texts as days and enums.
        return shape.model_validate_json(json.dumps(_composed(data, "")))
    except ValidationError as refused:
        listed = refused.errors(include_url=False, include_input=False, include_context=False)
        errors = [_field_error(error["type"], error["loc"], error["msg"], whole) for error in listed[:MOST_ERRORS]]
        if any(error["type"] == NUL for error in listed):
            raise nul_refused(errors) from None
        raise Invalid(errors) from None


def changed(shape: type[Shape], stored: object, changes: Mapping[str, Any], /, **others: object) -> Shape:
    """What is stored, with the fields that a body gives laid over it, validated as a whole; ``others``: fields that are
    not stored, with what they are when they are absent. Raises as ``validated``."""
    whole = {name: getattr(stored, name) for name in shape.model_fields if name not in others} | others
    return validated(shape, {**TypeAdapter(dict[str, Any]).dump_python(whole, mode="json"), **changes}, "body")


def _composed(value: Any, where: str) -> Any:
    """A value of JSON with its texts in Unicode NFC. Raises ``Invalid`` for half of a surrogate pair and
    ``RequestRefused`` (400) for a NUL character, naming the field."""
    if isinstance(value, dict):
        return {name: _composed(one, f"{where}.{name}") for name, one in value.items()}
    if isinstance(value, list):
        return [_composed(one, f"{where}.{place}") for place, one in enumerate(value)]
    if not isinstance(value, str):
        return value
    name = where.removeprefix(".")
    if "\x00" in value:
        raise nul_refused([FieldError(name, NUL, "must not contain a NUL character")])
    if any("\ud800" <= character <= "\udfff" for character in value):
        raise Invalid([FieldError(name, "invalid", "must not contain half of a surrogate pair")])
    return nfc(value)


@contextmanager
def fields_named(names: Mapping[str, str]) -> Iterator[None]:
    """Raise ``Invalid`` of the block with the body's names of fields: ``names`` maps those of the domain to them."""
    try:
        yield
    except Invalid as invalid:
        raise Invalid([replace(error, field=names.get(error.field, error.field)) for error in invalid.errors]) from (
            invalid
        )


def nul_refused(errors: Sequence[FieldError]) -> RequestRefused:
    """The refusal of a request with a NUL character, which PostgreSQL cannot store or compare."""
    return RequestRefused(HTTPStatus.BAD_REQUEST, NUL, "a text contains a NUL character", errors=errors)


def _field_error(what: str, where: tuple[int | str, ...], message: str, whole: str) -> FieldError:
    field = ".".join(str(part) for part in where) or whole
    return FieldError(field, _CODES.get(what, what), _MESSAGES.get(what) or message.removeprefix("Value error, "))
