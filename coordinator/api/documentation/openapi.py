"""The OpenAPI 3.1 document: generated from the views, and completed with what the library cannot derive."""

import copy
import json
from collections.abc import Iterable, Iterator
from functools import lru_cache
from typing import Any

from apiflask import APIBlueprint, APIFlask

from campaigns import __version__
from coordinator.api import channels, delivery, files, planning, receipts
from coordinator.api.bulletins import bulletins, media, pictures, templates
from coordinator.api.call_limits import LIMIT, REMAINING, RESET
from coordinator.api.compliance import cases, findings
from coordinator.api.documentation import webhooks
from coordinator.api.documentation.examples import BODIES
from coordinator.api.idempotency import HEADER, LONGEST_KEY, REPLAYED
from coordinator.api.messages import notices, questions
from coordinator.api.partners import agreements, companies, licences, sites
from coordinator.api.people import office
from coordinator.api.problems import SCHEMA, TYPE
from coordinator.api.release import bulletin_actions, series
from coordinator.api.reporting import briefings, history, progress
from coordinator.api.republications import routes
from coordinator.api.request_parsing import OPTIONAL, PARTIAL
from coordinator.request_ids import HEADER as REQUEST_ID

PREFIX = "/api/v1"

NOUNS: tuple[APIBlueprint, ...] = (
    bulletins.bp, bulletin_actions.bp, templates.bp, pictures.bp, media.bp, delivery.bp, channels.bp, planning.bp,
    companies.bp, sites.bp, licences.bp,
    agreements.bp, routes.bp, cases.bp, progress.bp, receipts.bp, history.bp, office.bp, series.bp, notices.bp,
    questions.bp, findings.bp, briefings.bp,
)  # fmt: skip

_ABOUT = """\
Bulletins, their way to channels and partners, and what came of them.

Give a key with every request: `Authorization: Bearer lt_…`. A key belongs to a role (`writer`, `approver`, `analyst`,
`admin`) or to a partner, which sees and does only its own. Times carry an offset; answers use the city's, `+07:00`.
Lists take `limit` (1–200) and `cursor`, and answer `items` and `next`, the address of the next page or null, which is
in `Link: rel="next"` too.
A POST may carry an `Idempotency-Key`: for 24 hours the same request gets the same answer, marked
`Idempotency-Replayed: true`, and acts once; another request under the same key is a 409. Only what succeeded is kept.
Errors are problems (RFC 9457) with a stable `code`; a field that is unknown, missing or wrong is named in `errors`.
Every answer has an `X-Request-Id`, which is in our log too: name it when you ask about a request. One that you send
(1–64 letters, digits, `.`, `_`, `-`) is kept. A key may make some ten thousand calls a minute: `RateLimit-Limit`,
`RateLimit-Remaining` and `RateLimit-Reset` (seconds) say how many are left; beyond them is a 429 with `Retry-After`."""

_TAGS = {
    "Bulletins": "Official texts with a code: write, submit, approve, publish, correct, recall.",
    "Templates": "Texts with placeholders that bulletins are begun from.",
    "Media": "Video, audio, documents and captions, and the pictures of bulletins, with their words.",
    "Pictures": "The library of pictures with their descriptions, for covers and texts.",
    "Deliveries": "One revision on its way to one channel, with its attempts.",
    "Channels": "Official accounts and partners' endpoints that bulletins are sent to.",
    "Campaigns": "Communication plans with their topics, targets and milestones.",
    "Partners": "Companies, their sites, licences and agreements.",
    "Republications": "Bulletins on partners' sites: claims, evidence, decisions, answers.",
    "Cases": "What was found at a partner or a person, and what came of it.",
    "Progress": "Target, actual and forecast; figures by partner, site, topic, channel and day.",
    "Receipts": "What a partner did with a delivery, told by the partner.",
    "History": "Bulletins and copies from before the product was in use, kept apart as reported.",
    "Office": "The department: name, spellings, letterheads, signers.",
    "Series": "Recurring bulletins and their days.",
    "Notices": "Notices to partners, and who has read them.",
    "Questions": "Questions of partners and their answers.",
    "Findings": "What a rule suspects, and what people decided.",
    "Briefings": "Reports of a period, frozen with their figures.",
    "Webhooks": "What is posted to a partner's endpoint: signed after Standard Webhooks 1.0.",
}

_TAG_TEXTS = {
    "400": "the body is not JSON",
    "401": "no key, or one that is no good",
    "403": "the key's role may not do this",
    "404": "there is no such thing, or it is not yours",
    "409": "not in a state for this, or somebody was faster, or an Idempotency-Key used again",
    "412": "`If-Match` or `If-Unmodified-Since`; name what you read in the body instead",
    "413": "the body is too large",
    "415": "the body is of another type than asked for",
    "422": "fields that cannot be taken, each named in `errors`",
    "429": "this key made more calls in a minute than it may; try again after `Retry-After` seconds",
    "503": "the database or the store of kept files does not take this now; try again after `Retry-After` seconds",
}
_CALLS_LEFT: dict[str, Any] = {
    LIMIT: {"schema": {"type": "integer"}, "description": "calls a minute that the key may make"},
    REMAINING: {"schema": {"type": "integer"}, "description": "calls that are left of them"},
    RESET: {"schema": {"type": "integer"}, "description": "seconds until all are there again"},
}
# 403 is documented for every operation, because roles may change.
_ALWAYS = ("401", "403", "422", "429", "503")


def blueprint() -> APIBlueprint:
    """The blueprint of all resources under one prefix. Created anew for each application."""
    parent = APIBlueprint("api", __name__, url_prefix=PREFIX)
    for noun in NOUNS:
        parent.register_blueprint(noun)
    return parent


@lru_cache(maxsize=1)
def _generated_spec() -> dict[str, Any]:
    # A separate application with the API alone: pages are not part of the document, and the library fails on blueprints
    # of other libraries.
    app = APIFlask(__name__, title="Lantoa API", version=__version__, json_errors=False, spec_path=None, docs_path=None)
    app.config.update(OPENAPI_VERSION="3.1.0", AUTO_SERVERS=False, AUTO_OPERATION_ID=False, DESCRIPTION=_ABOUT)
    app.register_blueprint(blueprint())
    with app.app_context():
        spec = app.spec
    assert isinstance(spec, dict)  # noqa: S101  # a string only when YAML was asked for
    return _finish(spec)


def document(server: str = "/") -> dict[str, Any]:
    """A copy of the document, which the caller may change. ``server``: the address that the paths stand below."""
    spec = copy.deepcopy(_generated_spec())
    spec["servers"] = [{"url": server.rstrip("/") or "/", "description": "this department"}]
    return spec


def schemas_used_by(names: set[str], schemas: dict[str, Any]) -> set[str]:
    """The schemas of these names, and those that they refer to."""
    found: set[str] = set()
    ahead = set(names)
    while ahead:
        name = ahead.pop()
        found.add(name)
        ahead |= {other for other in schemas if f'"{_REFERENCE}{other}"' in json.dumps(schemas[name])} - found
    return found


def _finish(spec: dict[str, Any]) -> dict[str, Any]:
    spec = _with_one_schema_a_name(spec)
    spec["info"] |= {
        "summary": "Lan Tỏa: a city's official bulletins, and what came of them",
        "license": {"name": "Apache-2.0", "identifier": "Apache-2.0"},
    }
    components = spec.setdefault("components", {})
    components["securitySchemes"] = {
        "key": {"type": "http", "scheme": "bearer", "description": "A key from `lantoa key add` or the desk."}
    }
    components["schemas"] = {
        name: schema
        for name, schema in components.get("schemas", {}).items()
        if name not in {"ValidationError", "HTTPError"}
    } | {
        "Problem": SCHEMA,
        "VouchForm": routes.UPLOAD_FORM,
        "PictureForm": routes.PICTURE_FORM,
        "CaseFileForm": cases.FILE_FORM,
        "LibraryPictureForm": pictures.PICTURE_UPLOAD,
        "MediaForm": media.MEDIA_UPLOAD,
        **webhooks.schemas(),
    }
    spec["security"] = [{"key": []}]
    tags = [*dict.fromkeys(str(noun.tag) for noun in NOUNS), "Webhooks"]
    spec["tags"] = [{"name": name, "description": _TAGS[name]} for name in tags]
    bodies = set()
    for path, operations in spec["paths"].items():
        for method, operation in operations.items():
            partial = operation.pop(PARTIAL, False)
            _complete(path, method, operation)
            names = {_ref_name(content["schema"]) for content in _body_contents(operation)}
            for name in names if partial else ():
                _allow_absent(components["schemas"][name])
            bodies |= names
    asked = schemas_used_by(bodies, components["schemas"])
    for name, schema in components["schemas"].items():
        _complete_body(schema) if name in asked else _complete_row(schema)
    spec["webhooks"] = webhooks.webhooks()
    return spec


def _with_one_schema_a_name(spec: dict[str, Any]) -> dict[str, Any]:
    """The document with each schema once: the library writes ``BulletinList.BulletinRow`` beside ``BulletinRow``, and
    generators of clients take neither the dot nor two of a name."""
    found: dict[str, Any] = {}
    for name, schema in spec["components"]["schemas"].items():
        short, plain = name.rpartition(".")[2], _with_short_references(schema)
        assert found.setdefault(short, plain) == plain, f"two schemas are named {short}"  # noqa: S101  # a bug
    short_spec: dict[str, Any] = _with_short_references(spec)
    short_spec["components"]["schemas"] = found
    return short_spec


def _with_short_references(part: Any) -> Any:
    if isinstance(part, list):
        return [_with_short_references(item) for item in part]
    if not isinstance(part, dict):
        return part
    return {
        key: f"{_REFERENCE}{value.removeprefix(_REFERENCE).rpartition('.')[2]}"
        if key == "$ref"
        else _with_short_references(value)
        for key, value in part.items()
    }


_REFERENCE = "#/components/schemas/"


def _ref_name(schema: dict[str, Any]) -> str:
    return str(schema.get("$ref", "")).removeprefix(_REFERENCE)


def _body_contents(operation: dict[str, Any]) -> list[dict[str, Any]]:
    return list(operation.get("requestBody", {}).get("content", {}).values())


def _complete_body(schema: dict[str, Any]) -> None:
    """Say what is asked of every body: a text that has to be given is not empty, and none has a NUL character."""
    for shape in _texts(schema.get("properties", {}).values()):
        shape.setdefault("pattern", r"^[^\x00]*$")
    for field in schema.get("required", ()):
        for shape in _texts([schema["properties"][field]], inside=False):
            shape.setdefault("minLength", 1)


def _complete_row(schema: dict[str, Any]) -> None:
    """Say of an answer what holds for every row: a field with a default in its content is there all the same, and one
    that was stored before it had a limit may be longer."""
    for name, field in schema.get("properties", {}).items():
        _drop_lengths(field)
        if field.get("default") is not None:
            del field["default"]
            schema.setdefault("required", []).append(name)


def _drop_lengths(shape: dict[str, Any]) -> None:
    shape.pop("maxLength", None)
    shape.pop("maxItems", None)
    for inner in [*shape.get("anyOf", ()), *([shape["items"]] if "items" in shape else ())]:
        _drop_lengths(inner)


def _texts(shapes: Iterable[dict[str, Any]], *, inside: bool = True) -> Iterator[dict[str, Any]]:
    """The schemas of free texts among these and, with ``inside``, in their items and choices."""
    for shape in shapes:
        if shape.get("type") == "string" and not {"enum", "format", "contentMediaType"} & shape.keys():
            yield shape
        if inside:
            yield from _texts([*shape.get("anyOf", ()), *([shape["items"]] if "items" in shape else ())])


def _allow_absent(schema: dict[str, Any]) -> None:
    """Say of a body that is laid over what is stored that each field may be absent, and then stays as it is."""
    schema.pop("required", None)
    for shape in schema["properties"].values():
        shape.pop("default", None)


def _describe(operation: dict[str, Any]) -> None:
    """Make the first sentence the summary and the others the description; one alone is both. The library ends the
    summary where the docstring's first line ends."""
    words = " ".join(f"{operation['summary']} {operation.get('description', '')}".replace("``", "`").split())
    summary, _, rest = words.partition(". ")
    operation["summary"] = summary if summary.endswith(".") else f"{summary}."
    operation["description"] = rest or operation["summary"]


def _complete(path: str, method: str, operation: dict[str, Any]) -> None:
    operation["operationId"] = f"{method}_{path.removeprefix(PREFIX).strip('/').translate(_PLAIN)}"
    optional = operation.pop(OPTIONAL, False)
    if form := operation.pop(files.UPLOAD, ""):
        schema = {"$ref": f"#/components/schemas/{form}"}
        operation["requestBody"] = {"content": {"multipart/form-data": {"schema": schema}}}
    if example := BODIES.get(operation["operationId"]):
        (content,) = _body_contents(operation)
        content["examples"] = {"usual": {"value": example}}
    _describe(operation)
    answers = operation["responses"]
    if operation.pop(files.FILE, False):
        schema = {"type": "string", "contentMediaType": "application/octet-stream"}
        answers["200"] = {"description": "the file", "content": {"application/octet-stream": {"schema": schema}}}
    wanted = set(_ALWAYS)
    if "requestBody" in operation:
        operation["requestBody"]["required"] = not optional
        wanted |= {"400", "413", "415", "422"}
    if "{" in path or path.endswith("/progress"):
        wanted |= {"404"}
    if method in {"post", "patch"}:
        wanted |= {"409", "412"}
    if method == "post":
        operation["parameters"].append(_key_parameter())
        for status, answer in answers.items():
            if status < "300":
                answer.setdefault("headers", {})[REPLAYED] = {
                    "schema": {"type": "string"},
                    "description": "`true` on an answer given before",
                }
    for parameter in operation["parameters"]:
        parameter["schema"] = _plain(parameter["schema"])
        if description := parameter["schema"].pop("description", None):
            parameter["description"] = description
    for status in sorted({*wanted, *(status for status in answers if status >= "400")}):
        answers[status] = {
            "description": answers.get(status, {}).get("description")
            if status not in _TAG_TEXTS
            else _TAG_TEXTS[status],
            "content": {TYPE: {"schema": {"$ref": "#/components/schemas/Problem"}}},
        }
    answers["401"]["headers"] = {"WWW-Authenticate": {"schema": {"type": "string"}}}
    answers["429"]["headers"] = {"Retry-After": {"schema": {"type": "string"}, "description": "seconds"}}
    answers["503"]["headers"] = {"Retry-After": {"schema": {"type": "string"}, "description": "seconds"}}
    if "201" in answers:
        answers["201"].setdefault("headers", {})["Location"] = {
            "schema": {"type": "string", "format": "uri-reference"},
            "description": "the address of what was made",
        }
    if method == "get" and any(parameter["name"] == "cursor" for parameter in operation["parameters"]):
        answers["200"].setdefault("headers", {})["Link"] = {
            "schema": {"type": "string"},
            "description": '`<address>; rel="next"`, where there is a next page',
        }
    for answer in answers.values():
        answer.setdefault("headers", {})[REQUEST_ID] = {
            "schema": {"type": "string"},
            "description": "names this request in the log",
        }
    for status, answer in answers.items():
        if status != "401":  # which knows no key
            answer["headers"] |= _CALLS_LEFT


_PLAIN = str.maketrans({"/": "_", "{": None, "}": None, "-": "_"})


def _key_parameter() -> dict[str, Any]:
    return {
        "name": HEADER,
        "in": "header",
        "required": False,
        "description": "repeat a request under the same key without acting twice",
        "schema": {"type": "string", "minLength": 1, "maxLength": LONGEST_KEY, "pattern": "^[!-~]([ -~]*[!-~])?$"},
    }


def _plain(schema: dict[str, Any]) -> dict[str, Any]:
    """A parameter's schema without null: a query parameter is absent, never null."""
    kinds = [kind for kind in schema.get("anyOf", []) if kind != {"type": "null"}]
    if len(kinds) != 1:
        return {name: value for name, value in schema.items() if name not in {"title"}}
    rest = {name: value for name, value in schema.items() if name not in {"anyOf", "default", "title"}}
    return {**kinds[0], **rest}
