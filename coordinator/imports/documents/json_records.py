"""JSON as texts: our own API's bodies, ninjs items, JSON Feed items; one object or a list of them."""

import json
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Final

from campaigns.core.errors import FieldError, Invalid
from coordinator.imports.decoding import UnreadableDocument, check_size, decode
from coordinator.imports.documents.imported_text import (
    ImportedText,
    ImportedTexts,
    RejectedText,
    make_text,
    one_line,
    rejected_texts,
    visible_text,
)
from coordinator.imports.text.html_reader import read_fragment
from coordinator.imports.text.plain_text import text_to_html
from coordinator.imports.text.web_addresses import usable_address

MAX_JSON_BYTES: Final = 20_000_000  # bytes; some thousand bulletins
MAX_TEXTS: Final = 20_000  # of one file: two years of fifty bulletins a day
_LIST_NAMES: Final = ("bulletins", "items", "data", "results")
# Our field -> its names in other formats; the first that is present counts.
_NAMES: Final = {
    "title": ("title", "headline", "headlines"),
    "lead": ("lead", "sapo", "description_text", "descriptions", "summary"),
    "body_html": ("body_html", "body_xhtml", "content_html"),
    "body_text": ("body_text", "content_text"),
    "source_url": ("source_url", "external_url", "url", "uri", "canonical"),
    "topic": ("topic",),
    "campaign": ("campaign",),
    "published_at": ("published_at", "date_published", "firstPublished", "versionCreated", "versioncreated"),
}


def load_json(data: bytes, most: int) -> Any:
    """The value in a JSON file. Raises ``UnreadableDocument`` naming line and column of what is not JSON."""
    check_size(data, most)
    try:
        return json.loads(decode(data))
    except json.JSONDecodeError as error:
        message = f"line {error.lineno}, column {error.colno}: this is not JSON ({error.msg})"
        raise UnreadableDocument(message, code="json", line=error.lineno) from error
    except (RecursionError, ValueError) as error:  # absurd nesting; a number of thousands of digits
        raise UnreadableDocument("the JSON is nested or sized absurdly", code="json") from error


def objects(value: Any, lists: Sequence[str]) -> list[Any]:
    """The records of a JSON document: a list, the list under one of the names ``lists``, or one object."""
    if isinstance(value, list):
        return value
    if isinstance(value, dict):
        for name in lists:
            inside = value.get(name)
            if isinstance(inside, list):
                return inside
            if isinstance(inside, dict):  # {"data": {"items": […]}}
                return objects(inside, lists)
        return [value]
    raise UnreadableDocument("the JSON holds neither an object nor a list of objects", code="json_shape")


def read_json(data: bytes) -> ImportedTexts:
    """Every text in a JSON file, and every reason why one was not taken. Raises ``UnreadableDocument``."""
    records = objects(load_json(data, MAX_JSON_BYTES), _LIST_NAMES)
    check_text_count(len(records))
    texts: list[ImportedText] = []
    rejected: list[RejectedText] = []
    for row, record in enumerate(records, start=1):
        try:
            texts.append(_imported_text(record, row))
        except Invalid as invalid:
            rejected += rejected_texts(row, invalid)
    return ImportedTexts(tuple(texts), tuple(rejected))


def check_text_count(count: int) -> None:
    """Raise ``UnreadableDocument`` for more than ``MAX_TEXTS``."""
    if count > MAX_TEXTS:
        raise UnreadableDocument(
            f"the file has {count:,} texts; at most {MAX_TEXTS:,} are taken, divide it",
            code="too_many_texts", most=MAX_TEXTS,
        )  # fmt: skip


def _imported_text(record: Any, row: int) -> ImportedText:
    if not isinstance(record, dict):
        raise Invalid([FieldError("", "object", f"expected an object with title and body, found {_kind(record)}")])
    errors: list[FieldError] = []
    fields = {field: _field(record, field, errors) for field in _NAMES}
    if not fields["body_html"]:
        fields["body_html"] = text_to_html(fields["body_text"]) if fields["body_text"] else _body(record)
    published_at = _timestamp(fields["published_at"], errors)
    source_url = usable_address(fields["source_url"], None) if fields["source_url"] else None
    if record.get("source_url") and source_url is None:
        message = f"{fields['source_url']!r} is not an http or https address"
        errors.append(FieldError("source_url", "url", message))
    try:
        content = read_fragment(fields["body_html"], base=source_url)
        text = make_text(
            content,
            title=fields["title"],
            lead=_plain_lead(fields["lead"]),
            source_url=source_url,
            topic=one_line(fields["topic"]) or None,
            campaign=one_line(fields["campaign"]) or None,
            published_at=published_at,
            row=row,
        )
    except Invalid as invalid:
        named = {error.field for error in errors}
        raise Invalid([*errors, *(error for error in invalid.errors if error.field not in named)]) from None
    if errors:
        raise Invalid(errors)
    return text


def _plain_lead(lead: str) -> str:
    return visible_text(lead) if "</" in lead or "<br" in lead else lead


def _kind(value: Any) -> str:
    return {list: "a list", str: "a text", bool: "true or false", type(None): "null"}.get(type(value), "a number")


def _field(record: Mapping[str, Any], field: str, errors: list[FieldError]) -> str:
    for name in _NAMES[field]:
        value = record.get(name)
        if value is None or value == "":
            continue
        if isinstance(value, list) and field in {"title", "lead"}:  # ninjs 2 and 3: [{"role": …, "value": …}]
            value = next((part.get("value") for part in value if isinstance(part, dict) and part.get("value")), None)
            if value is None:
                continue
        if not isinstance(value, str):
            errors.append(FieldError(field, "text", f"{name} must be a text, found {_kind(value)}"))
            return ""
        return value
    return ""


def _body(record: Mapping[str, Any]) -> str:
    """The body of a ninjs 2 or 3 item: the HTML one of its bodies, else the first."""
    bodies = record.get("bodies")
    texts: list[str] = []
    for body in bodies if isinstance(bodies, list) else []:
        value = body.get("value") if isinstance(body, dict) else None
        if not isinstance(value, str) or not value.strip():
            continue
        if "html" in str(body.get("contentType", body.get("contenttype", ""))).lower():
            return value
        texts.append(text_to_html(value))
    return texts[0] if texts else ""


def _timestamp(value: str, errors: list[FieldError]) -> datetime | None:
    if not value:
        return None
    try:
        moment = datetime.fromisoformat(value)
    except ValueError:
        moment = None
    if moment is None or moment.tzinfo is None:
        message = f"{value!r} is not a moment with an offset, such as 2026-11-24T07:30:00+07:00"
        errors.append(FieldError("published_at", "moment", message))
        return None
    return moment
