"""The API's own pages: the document as JSON and as a list of operations that any browser shows without a script."""

import json
from typing import Any

from flask import Blueprint, Response, render_template_string

from coordinator.api.document import PREFIX, document

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
{% for one in operations %}
<article id="{{ one.id }}">
<h3><code>{{ one.method }} {{ one.path }}</code></h3>
<p>{{ one.summary }}{% if one.description %} {{ one.description }}{% endif %}</p>
{% if one.parameters %}<table>
<thead><tr><th scope="col">Parameter</th><th scope="col">In</th><th scope="col">Values</th></tr></thead>
<tbody>{% for row in one.parameters %}
<tr><td><code>{{ row.name }}</code></td><td>{{ row.place }}</td><td>{{ row["values"] }}</td></tr>{% endfor %}
</tbody></table>{% endif %}
{% if one.body %}<p>Body: <a href="#{{ one.body }}"><code>{{ one.body }}</code></a>{{ one.optional }}</p>{% endif %}
<p>Answers: {% for status, shape in one.answers %}<code>{{ status }}</code>{% if shape %}
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
<tr><td><code>{{ row.name }}</code></td><td>{{ row["values"] }}</td><td>{{ row.needed }}</td></tr>{% endfor %}
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


def pages() -> Blueprint:
    """Open to everybody: they say nothing that the product's public source does not."""
    bp = Blueprint("api_docs", __name__, url_prefix=PREFIX)

    @bp.get("/openapi.json")
    def openapi() -> Response:
        text = json.dumps(document(), ensure_ascii=False)
        return Response(text, content_type="application/json")

    @bp.get("/docs")
    def docs() -> str:
        spec = document()
        shapes = [_shape(name, schema) for name, schema in sorted(spec["components"]["schemas"].items())]
        about = spec["info"]["description"].split("\n\n")
        return render_template_string(_PAGE, prefix=PREFIX, about=about, groups=_groups(spec), shapes=shapes)

    @bp.get("/docs.css")
    def style() -> Response:
        return Response(_STYLE, content_type="text/css; charset=utf-8")

    return bp


def _groups(spec: dict[str, Any]) -> dict[str, list[dict[str, Any]]]:
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
                        {"name": one["name"], "place": one["in"], "values": _values(one["schema"])}
                        for one in operation["parameters"]
                    ],
                    "body": _name(next(iter(body["content"].values()))["schema"]) if body else "",
                    "optional": "" if body is None or body["required"] else " (may be left out)",
                    "answers": [
                        (status, _name(content["schema"]))
                        for status, answer in sorted(operation["responses"].items())
                        for content in answer["content"].values()
                    ],
                }
            )
    return groups


def _shape(name: str, schema: dict[str, Any]) -> dict[str, Any]:
    needed = schema.get("required", [])
    return {
        "name": name,
        "description": schema.get("description", ""),
        "values": _values(schema),
        "fields": [
            {"name": field, "values": _values(one), "needed": "yes" if field in needed else ""}
            for field, one in schema.get("properties", {}).items()
        ],
    }


def _name(schema: dict[str, Any]) -> str:
    return str(schema.get("$ref", "")).rpartition("/")[2]


def _values(schema: dict[str, Any]) -> str:
    """What may stand in a field, in a few words."""
    if "$ref" in schema:
        return _name(schema)
    if "anyOf" in schema:
        return " or ".join(dict.fromkeys(_values(one) for one in schema["anyOf"]))
    if "enum" in schema:
        return ", ".join(str(one) for one in schema["enum"])
    if schema.get("type") == "array":
        return f"list of {_values(schema.get('items', {}))}"
    words = str(schema.get("format") or schema.get("type") or "anything")
    bounds = [f"{word} {schema[key]}" for key, word in _BOUNDS.items() if key in schema]
    return f"{words} ({', '.join(bounds)})" if bounds else words


_BOUNDS = {"minimum": "from", "maximum": "to", "maxLength": "characters up to", "default": "usually"}
