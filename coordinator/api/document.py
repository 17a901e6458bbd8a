"""The OpenAPI 3.1 document: drawn from the views, completed by what the library cannot say."""

import copy
from functools import lru_cache
from typing import Any

from apiflask import APIBlueprint, APIFlask

from campaigns import __version__
from coordinator.api import (
    agreements,
    answering,
    bulletins,
    campaigns,
    channels,
    deliveries,
    licences,
    partners,
    progress,
    receipts,
    republications,
    sites,
    surveys,
    vouching,
    workflow,
)
from coordinator.api.idempotency import HEADER, LONGEST_KEY, REPLAYED
from coordinator.api.problems import SCHEMA, TYPE
from coordinator.api.reading import OPTIONAL

PREFIX = "/api/v1"

NOUNS: tuple[APIBlueprint, ...] = (
    bulletins.bp, workflow.bp, deliveries.bp, channels.bp, campaigns.bp, partners.bp, sites.bp, licences.bp,
    agreements.bp, republications.bp, progress.bp, receipts.bp,
)  # fmt: skip

_ABOUT = """\
Bulletins, their way to channels and partners, and what came of them.

Give a key with every request: `Authorization: Bearer lt_…`. A key belongs to a role (`writer`, `approver`, `analyst`,
`admin`) or to a partner, which sees and does only its own. Times carry an offset; answers use the city's, `+07:00`.
Lists take `limit` (1–200) and `cursor`, and answer `items` and `next`, the address of the next page or null.
A POST may carry an `Idempotency-Key`: for 24 hours the same request gets the same answer, marked
`Idempotency-Replayed: true`, and acts once; another request under the same key is a 409. Only what succeeded is kept.
Errors are problems (RFC 9457) with a stable `code`; a field that is unknown, missing or wrong is named in `errors`."""

_SAYS = {
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
# Modules whose views belong to another's noun: imported for that.
_BESIDE = (answering, surveys, vouching)
# Operations that a partner's key may not use at all, or that no key lacks, still say 403: roles may change.
_ALWAYS = ("401", "403", "503")


def blueprint() -> APIBlueprint:
    """The nouns under one prefix. Made anew for each application."""
    parent = APIBlueprint("api", __name__, url_prefix=PREFIX)
    for noun in NOUNS:
        parent.register_blueprint(noun)
    return parent


@lru_cache(maxsize=1)
def _drawn() -> dict[str, Any]:
    # An application of its own, with nothing but the API: pages are none of the document's business, and the library
    # stumbles over blueprints of other makes.
    app = APIFlask(__name__, title="Lan Tỏa", version=__version__, json_errors=False, spec_path=None, docs_path=None)
    app.config.update(OPENAPI_VERSION="3.1.0", AUTO_SERVERS=False, AUTO_OPERATION_ID=False, DESCRIPTION=_ABOUT)
    app.register_blueprint(blueprint())
    with app.app_context():
        spec = app.spec
    assert isinstance(spec, dict)  # noqa: S101  # a string only when YAML was asked for
    return _finish(spec)


def document() -> dict[str, Any]:
    """The whole document, to be changed freely by the caller."""
    return copy.deepcopy(_drawn())


def _finish(spec: dict[str, Any]) -> dict[str, Any]:
    components = spec.setdefault("components", {})
    components["securitySchemes"] = {
        "key": {"type": "http", "scheme": "bearer", "description": "A key from `lantoa key add` or the desk."}
    }
    components["schemas"] = {
        name: schema
        for name, schema in components.get("schemas", {}).items()
        if name not in {"ValidationError", "HTTPError"}
    } | {"Problem": SCHEMA, "VouchForm": vouching.FORM}
    spec["security"] = [{"key": []}]
    spec["tags"] = [{"name": name} for name in dict.fromkeys(str(noun.tag) for noun in NOUNS)]
    for path, operations in spec["paths"].items():
        for method, operation in operations.items():
            _complete(path, method, operation)
    return spec


def _complete(path: str, method: str, operation: dict[str, Any]) -> None:
    operation["operationId"] = f"{method}_{path.removeprefix(PREFIX).strip('/').translate(_PLAIN)}"
    optional = operation.pop(OPTIONAL, False)
    if form := operation.pop(vouching.UPLOAD, ""):
        schema = {"$ref": f"#/components/schemas/{form}"}
        operation["requestBody"] = {"content": {"multipart/form-data": {"schema": schema}}}
    answers = operation["responses"]
    if operation.pop(agreements.FILE, False):
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
        if said := parameter["schema"].pop("description", None):
            parameter["description"] = said
    for status in sorted({*wanted, *(status for status in answers if status >= "400")}):
        answers[status] = {
            "description": answers.get(status, {}).get("description") if status not in _SAYS else _SAYS[status],
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
    """A parameter's schema without null: what is absent from an address is simply not there."""
    kinds = [kind for kind in schema.get("anyOf", []) if kind != {"type": "null"}]
    if len(kinds) != 1:
        return {name: value for name, value in schema.items() if name not in {"title"}}
    rest = {name: value for name, value in schema.items() if name not in {"anyOf", "default", "title"}}
    return {**kinds[0], **rest}
