"""The reference page of the API at ``/api/v1/docs``: made from the document, without scripts; its search is
a plain form."""

import json
import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from flask import Blueprint, Response, render_template_string, request
from markupsafe import Markup

from campaigns.core.vietnamese import fold
from coordinator.api.auth import app_context
from coordinator.api.documentation.openapi import PREFIX, document, schemas_used_by

LONGEST_SEARCH = 100  # characters of a search that are read

_PAGE = """<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>{% if words %}{{ words }} · {% endif %}Lan Tỏa: API v1</title>
<link rel="stylesheet" href="{{ prefix }}/docs.css">
</head>
<body>
<main>
<h1>Lan Tỏa: API v1</h1>
<p>The same as a machine reads it: <a href="{{ prefix }}/openapi.json">OpenAPI 3.1</a>.</p>
<form action="{{ prefix }}/docs" method="get" role="search">
<label for="q">Search operations, fields and webhooks</label>
<input id="q" name="q" type="search" value="{{ words }}" maxlength="100" placeholder="republications claim">
<button>Search</button>
</form>
{% if words %}<p role="status">{{ found }} {{ "operation" if found == 1 else "operations" }} with “{{ words }}”.
<a href="{{ prefix }}/docs">Show all</a></p>
{% else %}{% for part in about %}<p>{{ part }}</p>{% endfor %}{% endif %}
<nav aria-label="Operations"><ul>
{% for group in groups %}<li><a href="#{{ group.name|lower }}">{{ group.name }}</a></li>{% endfor %}
{% if shapes %}<li><a href="#shapes">Bodies and rows</a></li>{% endif %}
</ul></nav>
{% for group in groups %}
<section id="{{ group.name|lower }}">
<h2>{{ group.name }}</h2>
<p>{{ group.about }}</p>
{% for op in group.operations %}
<article id="{{ op.id }}">
<h3><code>{{ op.method }} {{ op.path }}</code></h3>
<p>{{ op.about }}</p>
{% if op.parameters %}<table>
<thead><tr><th scope="col">Parameter</th><th scope="col">In</th><th scope="col">Values</th></tr></thead>
<tbody>{% for row in op.parameters %}
<tr><td><code>{{ row.name }}</code></td><td>{{ row.place }}</td>
<td>{{ row["values"] }}{% if row.about %}: {{ row.about }}{% endif %}</td></tr>{% endfor %}
</tbody></table>{% endif %}
{% if op.body %}<p>Body: <a href="#{{ op.body }}"><code>{{ op.body }}</code></a>{{ op.optional }}</p>{% endif %}
{% if op.example %}<pre tabindex="0" aria-label="Example of a body"><code>{{ op.example }}</code></pre>{% endif %}
<p>Answers: {% for status, shape in op.answers %}<code>{{ status }}</code>{% if shape %}
 <a href="#{{ shape }}"><code>{{ shape }}</code></a>{% endif %}{{ ", " if not loop.last }}{% endfor %}.</p>
</article>
{% endfor %}
</section>
{% endfor %}
{% if shapes %}
<section id="shapes">
<h2>Bodies and rows</h2>
{% for shape in shapes %}
<article id="{{ shape.name }}">
<h3><code>{{ shape.name }}</code></h3>
{% if shape.about %}<p>{{ shape.about }}</p>{% endif %}
{% if shape.fields %}<table>
<thead><tr><th scope="col">Field</th><th scope="col">Values</th><th scope="col">Needed</th></tr></thead>
<tbody>{% for row in shape.fields %}
<tr><td><code>{{ row.name }}</code></td>
<td>{{ row["values"] }}{% if row.about %}: {{ row.about }}{% endif %}</td>
<td>{{ row.needed }}</td></tr>{% endfor %}
</tbody></table>{% else %}<p>{{ shape["values"] }}</p>{% endif %}
</article>
{% endfor %}
</section>
{% endif %}
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
td:nth-child(2){overflow-wrap:break-word}
code{font-family:ui-monospace,monospace}
table{border-collapse:collapse;width:100%}
th,td{padding:.25rem .75rem .25rem 0;text-align:left;vertical-align:top;border-bottom:1px solid #e3e7eb}
pre{overflow:auto;padding:.75rem;background:#f2f4f6;font-size:.875rem}
form{display:flex;flex-wrap:wrap;gap:.5rem;align-items:end;margin:1rem 0}
label{flex-basis:100%;font-weight:600}
input,button{font:inherit;padding:.375rem .75rem;border:1px solid #6b7680;border-radius:.25rem}
input,button{color:inherit;background:transparent}
input{flex:1 1 16rem}
nav ul{display:flex;flex-wrap:wrap;gap:.5rem 1rem;padding:0;list-style:none}
a{color:#0b5394}
a:focus-visible,input:focus-visible,button:focus-visible{outline:3px solid #0b5394;outline-offset:2px}
@media(prefers-color-scheme:dark){pre{background:#20262c}body{color:#e6e9ec;background:#14181c}a{color:#8ec5ff}th,td,h2{border-color:#39424b}}
@media(max-width:30rem){main{padding:1rem}td:nth-child(2){overflow-wrap:anywhere}}
"""


@dataclass(frozen=True)
class _Operation:
    """One operation or webhook as the page shows it. ``text``: what a search reads, folded; ``names``: its schemas."""

    id: str
    method: str
    path: str
    about: Markup
    parameters: list[dict[str, Any]]
    body: str
    optional: str
    example: str
    answers: list[tuple[str, str]]
    text: str
    names: set[str]


@dataclass(frozen=True)
class _Group:
    name: str
    about: Markup
    operations: list[_Operation] = field(default_factory=list)


def docs_pages() -> Blueprint:
    """The document and its page. They need no key: the product's source is public."""
    bp = Blueprint("api_docs", __name__, url_prefix=PREFIX)

    @bp.get("/openapi.json")
    def openapi() -> Response:
        text = json.dumps(document(app_context().settings.base_url), ensure_ascii=False)
        return Response(text, content_type="application/json")

    @bp.get("/", strict_slashes=False)
    def index() -> Response:
        base = app_context().settings.base_url
        links = {"documentation": f"{base}{PREFIX}/docs", "openapi": f"{base}{PREFIX}/openapi.json"}
        return Response(json.dumps(links), content_type="application/json")

    @bp.get("/docs")
    def docs() -> str:
        spec = document()
        words = " ".join(request.args.get("q", "")[:LONGEST_SEARCH].split())
        groups = _groups(spec, fold(words).split())
        shown = {name for group in groups for operation in group.operations for name in operation.names}
        schemas = spec["components"]["schemas"]
        wanted = schemas_used_by(shown, schemas) if words else schemas
        return render_template_string(
            _PAGE,
            prefix=PREFIX,
            words=words,
            found=sum(len(group.operations) for group in groups),
            about=[_marked(part) for part in spec["info"]["description"].split("\n\n")],
            groups=groups,
            shapes=[_shape(name, schemas[name]) for name in sorted(wanted)],
        )

    @bp.get("/docs.css")
    def style() -> Response:
        return Response(_STYLE, content_type="text/css; charset=utf-8")

    return bp


def _groups(spec: dict[str, Any], words: list[str]) -> list[_Group]:
    """The operations and webhooks that have all the words, by tag; a tag without any is left out."""
    groups = {tag["name"]: _Group(tag["name"], _marked(tag["description"])) for tag in spec["tags"]}
    for path, methods in [*spec["paths"].items(), *spec["webhooks"].items()]:
        for method, operation in methods.items():
            shown = _operation(method.upper(), path, operation, spec["components"]["schemas"])
            if all(word in shown.text for word in words):
                groups[operation["tags"][0]].operations.append(shown)
    return [group for group in groups.values() if group.operations]


def _operation(method: str, path: str, operation: dict[str, Any], schemas: dict[str, Any]) -> _Operation:
    body = operation.get("requestBody")
    content = next(iter(body["content"].values())) if body else {}
    summary, description = operation["summary"], operation["description"]
    about = description if description == summary else f"{summary} {description}"
    answers = [
        (status, _schema_name(content["schema"]))
        for status, answer in sorted(operation["responses"].items())
        for content in answer.get("content", {"": {"schema": {}}}).values()
    ]
    named = _schema_name(content.get("schema", {}))
    names = {name for name in (named, *(shape for _, shape in answers)) if name}
    fields = [name for shape in names - {"Problem"} for name in schemas[shape].get("properties", {})]
    read = (operation["operationId"], method, path, operation["tags"][0], about, *names, *fields,
            *(parameter["name"] for parameter in operation["parameters"]))  # fmt: skip
    example = content.get("examples", {}).get("usual", {}).get("value")
    return _Operation(
        id=operation["operationId"],
        method=method,
        path=path,
        about=_marked(about),
        parameters=[
            {
                "name": parameter["name"],
                "place": parameter["in"],
                "values": _values(parameter["schema"]),
                "about": _marked(parameter.get("description", "")),
            }
            for parameter in operation["parameters"]
        ],
        body=named,
        optional="" if body is None or body["required"] else " (may be left out)",
        example=json.dumps(example, ensure_ascii=False, indent=2) if example else "",
        answers=answers,
        text=fold(" ".join(read)),
        names=names,
    )


def _shape(name: str, schema: dict[str, Any]) -> dict[str, Any]:
    needed = schema.get("required", [])
    return {
        "name": name,
        "about": _marked(schema.get("description", "")),
        "values": _values(schema),
        "fields": [
            {
                "name": field_name,
                "values": _values(shape),
                "about": _marked(shape.get("description", "")),
                "needed": "yes" if field_name in needed else "",
            }
            for field_name, shape in schema.get("properties", {}).items()
        ],
    }


def _marked(text: str) -> Markup:
    """A text of the document with ``code`` in backticks marked up."""
    parts = re.split(r"`+([^`]+)`+", text)
    return _joined("", (Markup("<code>{}</code>").format(part) if at % 2 else part for at, part in enumerate(parts)))


def _joined(separator: str, parts: Iterable[str]) -> Markup:
    return Markup(separator).join(parts)  # noqa: S704  # the separators are ours; ``join`` escapes the parts


def _schema_name(schema: dict[str, Any]) -> str:
    return str(schema.get("$ref", "")).rpartition("/")[2]


def _values(schema: dict[str, Any]) -> Markup:
    """A short description of the values of a field, with links to other schemas."""
    if name := _schema_name(schema):
        return Markup('<a href="#{0}">{0}</a>').format(name)
    if "anyOf" in schema:
        return _joined(" or ", dict.fromkeys(_values(option) for option in schema["anyOf"]))
    if "enum" in schema:
        return _joined(", ", (str(value) for value in schema["enum"]))
    if "const" in schema:
        return Markup("<code>{}</code>").format(schema["const"])
    if schema.get("type") == "array":
        return Markup("list of {}").format(_values(schema.get("items", {})))
    kind = schema.get("format") or schema.get("type") or "anything"
    words = " or ".join(kind) if isinstance(kind, list) else str(kind)
    bounds = [f"{word} {schema[key]}" for key, word in _BOUNDS.items() if key in schema]
    return _joined("", [f"{words} ({', '.join(bounds)})" if bounds else words])


_BOUNDS = {
    "minimum": "from",
    "maximum": "to",
    "minLength": "characters from",
    "maxLength": "characters up to",
    "maxItems": "items up to",
    "default": "usually",
}
