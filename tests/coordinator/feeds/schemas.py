"""The parts of two standards that our documents rely on, as JSON Schemas of our own, stricter than the standards.

Names and types follow IPTC ninjs 3.1 and JSON Feed 1.1. No other property is allowed where the standard allows none.
"""

from typing import Any

TEXT: dict[str, Any] = {"type": "string"}
URI: dict[str, Any] = {"type": "string", "pattern": "^(https?://|tag:)[^ <>]+$"}
MOMENT: dict[str, Any] = {"type": "string", "pattern": r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{6})?\+07:00$"}
COUNT: dict[str, Any] = {"type": "integer", "minimum": 0}


def record(required: str, **properties: Any) -> dict[str, Any]:
    return {
        "type": "object",
        "required": required.split(),
        "properties": properties,
        "additionalProperties": False,
    }


def several(kind: dict[str, Any], least: int = 1) -> dict[str, Any]:
    return {"type": "array", "items": kind, "minItems": least}


_VALUE = record("role value", role=TEXT, contentType=TEXT, value=TEXT)
_STANDARD = record("name version schema", name={"const": "ninjs"}, version={"const": "3.1"}, schema=URI)
_RENDITION = record(
    "name href contentType", name=TEXT, href=URI, contentType=TEXT, width=COUNT, height=COUNT, sizeInBytes=COUNT,
    duration=COUNT,
)  # fmt: skip
_MEDIUM_TYPE = {"enum": ["picture", "video", "audio", "text"]}
_ASSOCIATED: dict[str, Any] = {
    "name": TEXT, "rel": TEXT, "uri": URI, "type": _MEDIUM_TYPE, "pubStatus": {"const": "usable"},
    "renditions": several(_RENDITION), "descriptions": several(_VALUE), "bodies": several(_VALUE),
}  # fmt: skip
_PART = record("name uri", **_ASSOCIATED)
_MEDIUM = record("name uri", **_ASSOCIATED, associations=several(_PART))
NINJS = record(
    "uri standard type version firstCreated versionCreated pubStatus language altIds infoSources",
    uri=URI, standard=_STANDARD, type={"const": "text"}, profile=TEXT, version=TEXT,
    representationType={"enum": ["full", "partial"]}, firstCreated=MOMENT, versionCreated=MOMENT, language=TEXT,
    pubStatus={"enum": ["usable", "withheld", "canceled"]}, slugline=TEXT, title=TEXT, by=TEXT, edNote=TEXT,
    headlines=several(_VALUE), descriptions=several(_VALUE),
    bodies=several(record("value", role=TEXT, contentType=TEXT, value=TEXT, charCount=COUNT, wordCount=COUNT)),
    subjects=several(record("name", rel=TEXT, name=TEXT, literal=TEXT, uri=URI)), copyrightHolder=TEXT, usageTerms=TEXT,
    altIds=several(record("role value", role=TEXT, value=TEXT)),
    infoSources=several(record("name", role=TEXT, name=TEXT, uri=URI)),
    renditions=several(_RENDITION), associations=several(_MEDIUM),
)  # fmt: skip
NINJS_FEED = record(
    "standard id title updated publisher self hub next items",
    standard=_STANDARD, id=URI, title=TEXT, description=TEXT, language=TEXT, updated=MOMENT,
    publisher=record("name url", name=TEXT, url=URI), self=URI, hub={"anyOf": [URI, {"type": "null"}]},
    next={"anyOf": [URI, {"type": "null"}]}, items=several(NINJS, 0),
)  # fmt: skip
UTC_MOMENT: dict[str, Any] = {"type": "string", "pattern": r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{6})?Z$"}


def by_name(kind: dict[str, Any]) -> dict[str, Any]:
    """Objects under names of their own, as ninjs 1 has where later versions have lists."""
    return {"type": "object", "additionalProperties": kind, "minProperties": 1}


_RENDITION_1 = record(
    "href mimetype", href=URI, mimetype=TEXT, width=COUNT, height=COUNT, sizeinbytes=COUNT, duration=COUNT,
)  # fmt: skip
_ASSOCIATED_1: dict[str, Any] = {
    "uri": URI, "type": _MEDIUM_TYPE, "description_text": TEXT, "body_text": TEXT, "renditions": by_name(_RENDITION_1),
}  # fmt: skip
_PART_1 = record("uri type renditions", **_ASSOCIATED_1)
_MEDIUM_1 = record("uri type renditions", **_ASSOCIATED_1, associations=by_name(_PART_1))
NINJS_1 = record(
    "uri type version versioncreated pubstatus language",
    uri=URI, type={"const": "text"}, mimetype={"const": "text/html"}, version=TEXT, firstcreated=UTC_MOMENT,
    versioncreated=UTC_MOMENT, language=TEXT, slugline=TEXT, altids=by_name(TEXT), ednote=TEXT,
    pubstatus={"enum": ["usable", "withheld", "canceled"]}, representationtype={"enum": ["complete", "incomplete"]},
    headline=TEXT, byline=TEXT, description_text=TEXT, body_html=TEXT, body_text=TEXT,
    subject=several(record("name", name=TEXT, code=TEXT, rel=TEXT)), copyrightholder=TEXT, usageterms=TEXT,
    associations=by_name(_MEDIUM_1),
)  # fmt: skip
_AUTHORS = several({"type": "object", "minProperties": 1, "properties": {"name": TEXT, "url": URI, "avatar": URI}})
_OURS: dict[str, Any] = {"type": "object", "required": ["code", "revision", "topic", "republish_url", "ninjs_url"]}
_ATTACHMENT = record(
    "url mime_type", url=URI, mime_type=TEXT, title=TEXT, size_in_bytes=COUNT, duration_in_seconds=COUNT,
)  # fmt: skip
JSON_FEED = record(
    "version title feed_url home_page_url items",
    version={"const": "https://jsonfeed.org/version/1.1"}, title=TEXT, home_page_url=URI, feed_url=URI,
    description=TEXT, next_url=URI, icon=URI, authors=_AUTHORS, language=TEXT,
    hubs=several(record("type url", type=TEXT, url=URI)),
    items=several(
        record(
            "id url content_html", id=URI, url=URI, title=TEXT, content_html=TEXT, content_text=TEXT, summary=TEXT,
            image=URI, date_published=MOMENT, date_modified=MOMENT, authors=_AUTHORS, tags=several(TEXT), language=TEXT,
            _lantoa=_OURS,
            attachments=several(_ATTACHMENT),
        ),
        0,
    ),
)  # fmt: skip


def check(document: Any, schema: dict[str, Any]) -> None:
    """Raises ``jsonschema.ValidationError`` when the document does not fit."""
    import jsonschema  # type: ignore[import-untyped]  # a second of grammars, in each process that collects tests

    jsonschema.Draft202012Validator(schema).validate(document)
