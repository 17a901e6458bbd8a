"""Field types of request and response schemas, and the two base classes of all schemas."""

import datetime as dt
import re
from typing import Annotated, Any, TypeVar
from urllib.parse import urlsplit

from pydantic import (
    AfterValidator,
    AwareDatetime,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    PlainSerializer,
    WithJsonSchema,
)
from pydantic_core import PydanticCustomError

from campaigns.core.clock import CITY, FIRST_YEAR, LAST_YEAR
from campaigns.core.vietnamese import nfc

AnyDate = TypeVar("AnyDate", bound=dt.date)

NUL = "nul"  # the code of the error of a text with a NUL character
MAX_TEXT = 2000  # characters of an address, code or secret
_MOMENT = re.compile(r"\d{4}-\d{2}-\d{2}[Tt ]\d{2}:\d{2}(:\d{2}(\.\d+)?)?([Zz]|[+-]\d{2}:?\d{2})", re.ASCII)
_DAY = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)


class RequestBody(BaseModel):
    """Base class of request schemas. An unknown field is an error that names it."""

    model_config = ConfigDict(extra="forbid", hide_input_in_errors=True, populate_by_name=True)


class ContentBody(RequestBody):
    """Base class of request schemas that inherit a content of the domain. Values have the JSON types of its fields: a
    day is a text, and no number stands for one. Texts are normalised to Unicode NFC before they are validated."""

    model_config = ConfigDict(strict=True)


class ResponseBody(BaseModel):
    """Base class of response schemas. One may inherit a content of the domain."""

    model_config = ConfigDict(populate_by_name=True)


Row = TypeVar("Row", bound=BaseModel)


def row_of(kind: type[Row], source: object, /, **others: object) -> Row:
    """The row from whatever has its fields as attributes; ``others``: those that it has not, or not so. What is stored
    is shown as it is: a text that was entered before it had a limit is no error."""
    values: dict[str, Any] = {name: getattr(source, name) for name in kind.model_fields if name not in others}
    return kind.model_construct(None, **values, **others)


def _storable(value: str) -> str:
    if "\x00" in value:
        raise PydanticCustomError(NUL, "must not contain a NUL character")
    if any("\ud800" <= character <= "\udfff" for character in value):
        raise ValueError("must not contain half of a surrogate pair")
    return value


def _setting_value(value: Any) -> Any:
    if not isinstance(value, str | bool | int | float | None):
        raise ValueError("expected a text, a number, true, false or null")
    if isinstance(value, str) and len(value) > MAX_TEXT:
        raise ValueError(f"expected at most {MAX_TEXT} characters")
    return _storable(value) if isinstance(value, str) else value


def _moment_text(value: Any) -> Any:
    # Pydantic would read a number as seconds since 1970.
    if isinstance(value, str) and not _MOMENT.fullmatch(value.strip()):
        raise ValueError("expected a time with an offset, 2026-11-24T07:30:00+07:00")
    if not isinstance(value, str | dt.datetime):
        raise ValueError("expected a time as text, 2026-11-24T07:30:00+07:00")
    return value.strip() if isinstance(value, str) else value


def _day_text(value: Any) -> Any:
    if isinstance(value, str) and _DAY.fullmatch(value):
        return value
    if type(value) is dt.date:
        return value
    raise ValueError("expected a date, 2026-11-24")


def _sane_year(value: AnyDate) -> AnyDate:
    if not FIRST_YEAR <= value.year <= LAST_YEAR:
        raise ValueError(f"expected a year between {FIRST_YEAR} and {LAST_YEAR}")
    return value


def _web_address(value: str) -> str:
    try:
        parts = urlsplit(value)
    except ValueError:
        parts = urlsplit("")
    if parts.scheme not in {"http", "https"} or not parts.hostname:
        raise ValueError("expected an http or https address")
    return value


def city_time(moment: dt.datetime) -> str:
    """A time in RFC 3339 with the city's offset, the format of all times in answers."""
    return moment.astimezone(CITY).isoformat()


_NO_NUL: dict[str, Any] = {"pattern": r"^[^\x00]*$"}

# Text without normalisation: addresses, codes, secrets.
ExactText = Annotated[str, AfterValidator(_storable), Field(max_length=MAX_TEXT, json_schema_extra=_NO_NUL)]
WebAddress = Annotated[ExactText, AfterValidator(_web_address)]
# Text for people, normalised to Unicode NFC.
ComposedText = Annotated[str, AfterValidator(_storable), AfterValidator(nfc), Field(json_schema_extra=_NO_NUL)]
Code = Annotated[str, AfterValidator(_storable), Field(max_length=100, json_schema_extra=_NO_NUL)]
ShortText = Annotated[ComposedText, Field(max_length=500)]
Paragraph = Annotated[ComposedText, Field(max_length=5000)]
Markup = Annotated[ComposedText, Field(max_length=1_000_000)]
Moment = Annotated[AwareDatetime, AfterValidator(_sane_year), BeforeValidator(_moment_text)]
Day = Annotated[dt.date, AfterValidator(_sane_year), BeforeValidator(_day_text)]
StrictBool = Annotated[bool, Field(strict=True)]
Number = Annotated[float, Field(strict=True, allow_inf_nan=False, ge=-1e12, le=1e12)]
Count = Annotated[int, Field(strict=True, ge=0, le=2_000_000_000)]
Addresses = Annotated[list[Annotated[ExactText, Field(max_length=1000)]], Field(max_length=100)]
Codes = Annotated[list[Code], Field(max_length=1000)]

# A value of a channel's settings; one type, because an error in a union names its members.
SettingValue = Annotated[
    Any,
    AfterValidator(_setting_value),
    WithJsonSchema({"type": ["string", "boolean", "number", "null"], "maxLength": MAX_TEXT, **_NO_NUL}),
]

# A time in answers.
Time = Annotated[dt.datetime, PlainSerializer(city_time, return_type=str, when_used="json")]
