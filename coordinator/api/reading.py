"""Reading requests: a JSON body or a query into a shape, with an error for every bad field."""

from collections.abc import Callable
from functools import wraps
from http import HTTPStatus
from typing import Any, TypeVar

from apiflask.scaffold import APIScaffold
from flask import request
from pydantic import BaseModel, ValidationError
from werkzeug.exceptions import BadRequest

from campaigns.core.errors import FieldError, Invalid
from coordinator.api.problems import Refused

LARGEST_BODY = 4 * 1024 * 1024  # bytes; the longest bulletin with its markup is far below
OPTIONAL = "x-body-optional"  # marks an operation for the document; taken out of it again

Shape = TypeVar("Shape", bound=BaseModel)
View = Callable[..., Any]

# Pydantic's own words for what our errors call otherwise.
_CODES = {"missing": "required", "extra_forbidden": "unknown_field", "value_error": "invalid"}


def takes(shape: type[BaseModel], *, optional: bool = False) -> Callable[[View], View]:
    """The view takes ``body``, a ``shape`` read from JSON; with ``optional`` an absent body is an empty one.

    Raises ``Refused`` (400) for broken JSON, (415) for another media type, ``Invalid`` for fields.
    """

    def decorate(view: View) -> View:
        # The library's decorator describes the body in the document; reading is done here, because its own takes any
        # content type, takes ``null`` for an empty object and answers deep nesting with a 500.
        described = APIScaffold().input(shape)(view)
        if optional:
            described = APIScaffold().doc(extensions={OPTIONAL: True})(described)

        @wraps(described)
        def taking(*args: Any, **kwargs: Any) -> Any:
            return view(*args, body=fit(shape, _json(optional), "body"), **kwargs)

        return taking

    return decorate


def asks(shape: type[BaseModel]) -> Callable[[View], View]:
    """The view takes ``query``, a ``shape`` read from the address. A parameter given twice is an error."""

    def decorate(view: View) -> View:
        described = APIScaffold().input(shape, location="query")(view)

        @wraps(described)
        def asking(*args: Any, **kwargs: Any) -> Any:
            twice = [name for name, values in request.args.lists() if len(values) > 1]
            if twice:
                raise Invalid([FieldError(name, "repeated", "give this parameter once") for name in twice])
            return view(*args, query=fit(shape, request.args.to_dict(), "query"), **kwargs)

        return asking

    return decorate


def _json(optional: bool) -> Any:
    request.max_content_length = LARGEST_BODY
    data = request.get_data()
    if not data and optional:
        return {}
    if request.content_type is not None and not request.is_json:
        raise Refused(
            HTTPStatus.UNSUPPORTED_MEDIA_TYPE, "not_json", f"expected application/json, not {request.mimetype}"
        )
    try:
        return request.get_json(force=True)
    except (BadRequest, RecursionError):
        error = FieldError("body", "json", "this is not JSON" if data else "a JSON body is needed")
        raise Refused(HTTPStatus.BAD_REQUEST, "broken_json", "the body is not JSON", errors=[error]) from None


def fit(shape: type[Shape], data: Any, whole: str) -> Shape:
    """Data made a ``shape``. Raises ``Invalid`` naming every bad field; ``whole`` names the data as such."""
    try:
        return shape.model_validate(data)
    except ValidationError as refused:
        listed = refused.errors(include_url=False, include_input=False, include_context=False)
        raise Invalid([_field_error(one["type"], one["loc"], one["msg"], whole) for one in listed]) from None


def _field_error(what: str, where: tuple[int | str, ...], message: str, whole: str) -> FieldError:
    field = ".".join(str(part) for part in where) or whole
    if what == "extra_forbidden":
        message = "there is no such field"
    elif what == "missing":
        message = "this field is needed"
    return FieldError(field, _CODES.get(what, what), message.removeprefix("Value error, "))
