"""The OpenAPI 3.1 document as JSON, and a page that lists the operations without scripts.

The document is generated from the views and completed with what the library cannot derive.
"""

import copy
import json
from functools import lru_cache
from typing import Any

from apiflask import APIBlueprint, APIFlask
from flask import Blueprint, Response, render_template_string

from campaigns import __version__
from coordinator.api import bulletins, campaigns, channels, deliveries, files, receipts
from coordinator.api.compliance import cases, findings
from coordinator.api.idempotency import HEADER, LONGEST_KEY, REPLAYED
from coordinator.api.messages import notices, questions
from coordinator.api.partners import agreements, companies, licences, sites
from coordinator.api.people import office
from coordinator.api.problems import SCHEMA, TYPE
from coordinator.api.release import bulletin_actions, series
from coordinator.api.reporting import briefings, history, progress
from coordinator.api.republications import routes
from coordinator.api.request_parsing import OPTIONAL

PREFIX = "/api/v1"

NOUNS: tuple[APIBlueprint, ...] = (
    bulletins.bp, bulletin_actions.bp, deliveries.bp, channels.bp, campaigns.bp, companies.bp, sites.bp, licences.bp,
    agreements.bp, routes.bp, cases.bp, progress.bp, receipts.bp, history.bp, office.bp, series.bp, notices.bp,
    questions.bp, findings.bp, briefings.bp,
)  # fmt: skip

_ABOUT = """\
Bulletins, their way to channels and partners, and what came of them.

Give a key with every request: `Authorization: Bearer lt_…`. A key belongs to a role (`writer`, `approver`, `analyst`,
`admin`) or to a partner, which sees and does only its own. Times carry an offset; answers use the city's, `+07:00`.
Lists take `limit` (1–200) and `cursor`, and answer `items` and `next`, the address of the next page or null.
A POST may carry an `Idempotency-Key`: for 24 hours the same request gets the same answer, marked
`Idempotency-Replayed: true`, and acts once; another request under the same key is a 409. Only what succeeded is kept.
Errors are problems (RFC 9457) with a stable `code`; a field that is unknown, missing or wrong is named in `errors`."""

_TAG_TEXTS = {
    "400": "the body is not JSON",
    "401": "no key, or one that is no good",
    "403": "the key's role may not do this",
    "404": "there is no such thing, or it is not yours",
    "409": "not in a state for this, or somebody was faster, or an Idempotency-Key used again",
    "413": "the body is too large",
    "415": "the body is of another type than asked for",
    "422": "fields that cannot be taken, each named in `errors`",
    "503": "the database or the store of kept files does not take this now; try again after `Retry-After` seconds",
}
# 403 is documented for every operation, because roles may change.
_ALWAYS = ("401", "403", "503")


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
    app = APIFlask(__name__, title="Lan Tỏa", version=__version__, json_errors=False, spec_path=None, docs_path=None)
    app.config.update(OPENAPI_VERSION="3.1.0", AUTO_SERVERS=False, AUTO_OPERATION_ID=False, DESCRIPTION=_ABOUT)
    app.register_blueprint(blueprint())
    with app.app_context():
        spec = app.spec
    assert isinstance(spec, dict)  # noqa: S101  # a string only when YAML was asked for
    return _finish(spec)


def document() -> dict[str, Any]:
    """A copy of the document, which the caller may change."""
    return copy.deepcopy(_generated_spec())


def _finish(spec: dict[str, Any]) -> dict[str, Any]:
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
    }
    spec["security"] = [{"key": []}]
    spec["tags"] = [{"name": name} for name in dict.fromkeys(str(noun.tag) for noun in NOUNS)]
    for path, operations in spec["paths"].items():
        for method, operation in operations.items():
            _complete(path, method, operation)
    return spec


def _complete(path: str, method: str, operation: dict[str, Any]) -> None:
    operation["operationId"] = f"{method}_{path.removeprefix(PREFIX).strip('/').translate(_PLAIN)}"
    optional = operation.pop(OPTIONAL, False)
    if form := operation.pop(files.UPLOAD, ""):
        schema = {"$ref": f"#/components/schemas/{form}"}
        operation["requestBody"] = {"content": {"multipart/form-data": {"schema": schema}}}
    answers = operation["responses"]
    if operation.pop(files.FILE, False):
        schema = {"type": "string", "contentMediaType": "application/octet-stream"}
        answers["200"] = {"description": "the file", "content": {"application/octet-stream": {"schema": schema}}}
    wanted = set(_ALWAYS)
    if "requestBody" in operation:
        operation["requestBody"]["required"] = not optional
        wanted |= {"400", "413", "415", "422"}
    if any(parameter["in"] == "query" for parameter in operation["parameters"]):
        wanted |= {"422"}
    if "{" in path or path.endswith("/progress"):
        wanted |= {"404"}
    if method in {"post", "patch"}:
        wanted |= {"409"}
    if method == "post":
        wanted |= {"422"}
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
    if "401" in answers:
        answers["401"]["headers"] = {"WWW-Authenticate": {"schema": {"type": "string"}}}


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


_PAGE = """<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Lan Tỏa: API v1</title>
<link rel="stylesheet" href="{{ prefix }}/docs.css">
</head>
<body>
<main>
<h1>Lan Tỏa: API v1</h1>
<p>The same as a machine reads it: <a href="{{ prefix }}/openapi.json">OpenAPI 3.1</a>.</p>
{% for part in about %}<p>{{ part }}</p>{% endfor %}
<nav aria-label="Operations"><ul>
{% for name in groups %}<li><a href="#{{ name|lower }}">{{ name }}</a></li>{% endfor %}
<li><a href="#shapes">Bodies and rows</a></li>
</ul></nav>
{% for name, operations in groups.items() %}
<section id="{{ name|lower }}">
<h2>{{ name }}</h2>
{% for op in operations %}
<article id="{{ op.id }}">
<h3><code>{{ op.method }} {{ op.path }}</code></h3>
<p>{{ op.summary }}{% if op.description %} {{ op.description }}{% endif %}</p>
{% if op.parameters %}<table>
<thead><tr><th scope="col">Parameter</th><th scope="col">In</th><th scope="col">Values</th></tr></thead>
<tbody>{% for row in op.parameters %}
<tr><td><code>{{ row.name }}</code></td><td>{{ row.place }}</td><td>{{ row["values"] }}</td></tr>{% endfor %}
</tbody></table>{% endif %}
{% if op.body %}<p>Body: <a href="#{{ op.body }}"><code>{{ op.body }}</code></a>{{ op.optional }}</p>{% endif %}
<p>Answers: {% for status, shape in op.answers %}<code>{{ status }}</code>{% if shape %}
 <a href="#{{ shape }}"><code>{{ shape }}</code></a>{% endif %}{{ ", " if not loop.last }}{% endfor %}.</p>
</article>
{% endfor %}
</section>
{% endfor %}
<section id="shapes">
<h2>Bodies and rows</h2>
{% for shape in shapes %}
<article id="{{ shape.name }}">
<h3><code>{{ shape.name }}</code></h3>
{% if shape.description %}<p>{{ shape.description }}</p>{% endif %}
{% if shape.fields %}<table>
<thead><tr><th scope="col">Field</th><th scope="col">Values</th><th scope="col">Needed</th></tr></thead>
<tbody>{% for row in shape.fields %}
<tr><td><code>{{ row.name }}</code></td>
<td>{{ row["values"] }}{% if row.description %}: {{ row.description }}{% endif %}</td>
<td>{{ row.needed }}</td></tr>{% endfor %}
</tbody></table>{% else %}<p>{{ shape["values"] }}</p>{% endif %}
</article>
{% endfor %}
</section>
</main>
</body>
</html>
"""

_STYLE = """body{margin:0;font:1rem/1.5 system-ui,sans-serif;color:#1a1f24;background:#fff}
main{max-width:60rem;margin:0 auto;padding:1.5rem}
h2{margin-top:2.5rem;border-bottom:1px solid #c8ced4}
article{margin:1.5rem 0}
h3{margin:0;font-size:1rem}
code,td,p{overflow-wrap:anywhere}
code{font-family:ui-monospace,monospace}
table{border-collapse:collapse;width:100%}
th,td{padding:.25rem .75rem .25rem 0;text-align:left;vertical-align:top;border-bottom:1px solid #e3e7eb}
nav ul{display:flex;flex-wrap:wrap;gap:.5rem 1rem;padding:0;list-style:none}
a{color:#0b5394}
a:focus-visible{outline:3px solid #0b5394;outline-offset:2px}
@media(prefers-color-scheme:dark){body{color:#e6e9ec;background:#14181c}a{color:#8ec5ff}th,td,h2{border-color:#39424b}}
@media(max-width:30rem){main{padding:1rem}}
"""


def docs_pages() -> Blueprint:
    """The document and its page. They need no key: the product's source is public."""
    bp = Blueprint("api_docs", __name__, url_prefix=PREFIX)

    @bp.get("/openapi.json")
    def openapi() -> Response:
        text = json.dumps(document(), ensure_ascii=False)
        return Response(text, content_type="application/json")

    @bp.get("/docs")
    def docs() -> str:
        spec = document()
        shapes = [_schema_html(name, schema) for name, schema in sorted(spec["components"]["schemas"].items())]
        about = spec["info"]["description"].split("\n\n")
        return render_template_string(_PAGE, prefix=PREFIX, about=about, groups=_operation_groups(spec), shapes=shapes)

    @bp.get("/docs.css")
    def style() -> Response:
        return Response(_STYLE, content_type="text/css; charset=utf-8")

    return bp


def _operation_groups(spec: dict[str, Any]) -> dict[str, list[dict[str, Any]]]:
    groups: dict[str, list[dict[str, Any]]] = {tag["name"]: [] for tag in spec["tags"]}
    for path, operations in spec["paths"].items():
        for method, operation in operations.items():
            body = operation.get("requestBody")
            groups[operation["tags"][0]].append(
                {
                    "id": operation["operationId"],
                    "method": method.upper(),
                    "path": path,
                    "summary": operation.get("summary", ""),
                    "description": operation.get("description", ""),
                    "parameters": [
                        {
                            "name": parameter["name"],
                            "place": parameter["in"],
                            "values": _value_words(parameter["schema"]),
                        }
                        for parameter in operation["parameters"]
                    ],
                    "body": _schema_name(next(iter(body["content"].values()))["schema"]) if body else "",
                    "optional": "" if body is None or body["required"] else " (may be left out)",
                    "answers": [
                        (status, _schema_name(content["schema"]))
                        for status, answer in sorted(operation["responses"].items())
                        for content in answer["content"].values()
                    ],
                }
            )
    return groups


def _schema_html(name: str, schema: dict[str, Any]) -> dict[str, Any]:
    needed = schema.get("required", [])
    return {
        "name": name,
        "description": schema.get("description", ""),
        "values": _value_words(schema),
        "fields": [
            {
                "name": field,
                "values": _value_words(field_schema),
                "description": field_schema.get("description", ""),
                "needed": "yes" if field in needed else "",
            }
            for field, field_schema in schema.get("properties", {}).items()
        ],
    }


def _schema_name(schema: dict[str, Any]) -> str:
    return str(schema.get("$ref", "")).rpartition("/")[2]


def _value_words(schema: dict[str, Any]) -> str:
    """A short description of the values of a field."""
    if "$ref" in schema:
        return _schema_name(schema)
    if "anyOf" in schema:
        return " or ".join(dict.fromkeys(_value_words(option) for option in schema["anyOf"]))
    if "enum" in schema:
        return ", ".join(str(value) for value in schema["enum"])
    if schema.get("type") == "array":
        return f"list of {_value_words(schema.get('items', {}))}"
    words = str(schema.get("format") or schema.get("type") or "anything")
    bounds = [f"{word} {schema[key]}" for key, word in _BOUNDS.items() if key in schema]
    return f"{words} ({', '.join(bounds)})" if bounds else words


_BOUNDS = {"minimum": "from", "maximum": "to", "maxLength": "characters up to", "default": "usually"}
