"""The document is valid, says everything, and the API keeps to it."""

import json
import re
from collections.abc import Iterator
from html.parser import HTMLParser
from typing import Any

import pytest
import schemathesis
import schemathesis.checks
from hypothesis import HealthCheck, Phase, given, settings

from campaigns.channels.transport import DeliveryAct
from coordinator.api.documentation.examples import BODIES
from coordinator.api.documentation.webhooks import message_schema
from coordinator.channels.webhook.transport import bulletin_body
from coordinator.db import Database
from tests.coordinator.api.harness import ApiHarness
from tests.coordinator.channels.fakes import message


@pytest.fixture
def database(sqlite: Database) -> Database:
    """The kind of database makes no difference here."""
    return sqlite


def spec(world: ApiHarness) -> dict[str, Any]:
    answer = world.app.test_client().get("/api/v1/openapi.json")
    assert answer.content_type == "application/json"
    document: dict[str, Any] = json.loads(answer.get_data())
    return document


def operations(document: dict[str, Any]) -> Iterator[tuple[str, str, dict[str, Any]]]:
    for path, methods in document["paths"].items():
        for method, operation in methods.items():
            yield path, method, operation


def test_it_is_openapi_3_1(world: ApiHarness) -> None:
    document = spec(world)
    assert document["openapi"] == "3.1.0"
    from openapi_spec_validator import OpenAPIV31SpecValidator  # a second of grammars, in each process that collects

    OpenAPIV31SpecValidator(document).validate()


def test_it_names_every_path_of_the_api_and_no_page(world: ApiHarness) -> None:
    document = spec(world)
    rules = {
        (re.sub(r"<(\w+:)?(\w+)>", r"{\2}", rule.rule), method.lower())
        for rule in world.app.url_map.iter_rules()
        if rule.endpoint.startswith("api.")
        for method in (rule.methods or set()) - {"HEAD", "OPTIONS"}
    }
    assert {(path, method) for path, method, _ in operations(document)} == rules


def test_every_operation_says_in_a_sentence_what_it_does(world: ApiHarness) -> None:
    short = []
    for path, method, operation in operations(spec(world)):
        parts = dict.fromkeys((operation.get("summary", ""), operation.get("description", "")))
        assert not any(part[:1].islower() for part in parts), (method, path, parts)
        text = " ".join(parts)
        named = {method, *re.findall(r"[a-z]+", path)}
        said = [word for word in re.findall(r"[a-z]+", text.lower()) if word not in named]
        if len(text.split()) < 6 or len(set(said)) < 5:
            short.append((method, path, text))
    assert short == []


def test_every_operation_says_what_can_go_wrong(world: ApiHarness) -> None:
    for path, method, operation in operations(spec(world)):
        answers = operation["responses"]
        assert {"401", "403", "503"} <= answers.keys(), path
        if "requestBody" in operation:
            assert {"400", "413", "415", "422"} <= answers.keys(), path
        if method in {"post", "patch"}:
            assert "409" in answers, path
        if method == "post":
            assert "Idempotency-Key" in {item["name"] for item in operation["parameters"]}
        for status, answer in answers.items():
            if status >= "400":
                assert list(answer["content"]) == ["application/problem+json"], (path, status)
                assert answer["description"]
        assert operation["summary"], path
    assert len({operation["operationId"] for _, _, operation in operations(spec(world))}) == len(
        list(operations(spec(world)))
    )


def test_a_body_is_needed_except_where_it_may_be_left_out(world: ApiHarness) -> None:
    optional = {
        path
        for path, _, values in operations(spec(world))
        if "requestBody" in values and not values["requestBody"]["required"]
    }
    assert optional == {"/api/v1/bulletins/{code}/publish"}


def test_there_is_one_schema_a_name_and_each_part_is_described(world: ApiHarness) -> None:
    document = spec(world)
    assert not [name for name in document["components"]["schemas"] if "." in name]
    assert [tag for tag in document["tags"] if not tag["description"]] == []
    assert document["info"]["license"]["identifier"] == "Apache-2.0"
    assert [server["url"] for server in document["servers"]] == [world.app_context.settings.base_url]
    for path, method, operation in operations(document):
        assert operation["description"], path
        assert "X-Request-Id" in operation["responses"]["401"]["headers"]
        if "201" in operation["responses"]:
            assert "Location" in operation["responses"]["201"]["headers"], (method, path)


def validator(document: dict[str, Any], name: str) -> Any:
    """The validator of one schema of the document."""
    from jsonschema import Draft202012Validator  # type: ignore[import-untyped]  # grammars that take a second to load

    return Draft202012Validator({"$ref": f"#/components/schemas/{name}", "components": document["components"]})


def test_every_example_is_a_body_of_its_operation(world: ApiHarness) -> None:
    document = spec(world)
    shapes = {
        operation["operationId"]: operation["requestBody"]["content"]["application/json"]
        for _, _, operation in operations(document)
        if "application/json" in operation.get("requestBody", {}).get("content", {})
    }
    for name, body in BODIES.items():
        assert shapes[name]["examples"]["usual"]["value"] == body
        validator(document, shapes[name]["schema"]["$ref"].rsplit("/", 1)[1]).validate(body)


def test_an_empty_text_is_refused_where_the_document_says_so(world: ApiHarness) -> None:
    document = spec(world)
    schemas = document["components"]["schemas"]
    tried = 0
    for path, method, operation in operations(document):
        body = BODIES.get(operation["operationId"])
        if body is None or method != "post" or "{" in path or "batch" in path:
            continue
        shape = schemas[operation["requestBody"]["content"]["application/json"]["schema"]["$ref"].rsplit("/", 1)[1]]
        for field in shape["required"]:
            if shape["properties"][field].get("minLength") == 1:
                who = "tinven" if path.endswith(("/republications", "/receipts", "/questions")) else "admin"
                answer = world.caller(who).post(path, body | {field: ""})
                assert answer.status_code == 422, (path, field, answer.text)
                tried += 1
    assert tried > 20


def test_a_message_to_a_partner_is_as_the_document_describes_it(world: ApiHarness) -> None:
    document = spec(world)
    assert set(document["webhooks"]) == {
        "bulletin.published", "bulletin.corrected", "bulletin.recalled", "endpoint.test",
    }  # fmt: skip
    sent = [json.loads(bulletin_body(message(act, note="Sai ngày."))) for act in DeliveryAct]
    channel = world.webhook()
    world.caller("admin").post(f"/channels/{channel['code']}/test")
    sent += [json.loads(body or b"") for _, _, body, _ in world.http_client.asked]
    assert {body["type"] for body in sent} == set(document["webhooks"])
    for body in sent:
        validator(document, message_schema(body["type"])).validate(body)


def test_answers_name_the_request_the_next_page_and_what_was_made(world: ApiHarness) -> None:
    admin = world.caller("admin")
    plain = admin.get("/topics?limit=1")
    assert plain.headers["Link"] == f'<{plain.get_json()["next"]}>; rel="next"'
    assert "Link" not in admin.get("/topics").headers
    ids = {world.app.test_client().get("/api/v1/topics").headers["X-Request-Id"] for _ in range(2)}
    assert {len(ident) for ident in ids} == {32}
    assert len(ids) == 2
    asked = admin.get("/nothing", headers={"X-Request-Id": "ca-7.vd_1"})
    assert asked.headers["X-Request-Id"] == asked.get_json()["request_id"] == "ca-7.vd_1"
    for odd in ("a b", "x" * 65, "ơ"):
        assert admin.get("/topics", headers={"X-Request-Id": odd.encode()}).headers["X-Request-Id"] != odd
    for path in ("/licences", "/agreements"):
        made = admin.post(path, BODIES[f"post_{path[1:]}"] | {"partner": "tinven"})
        assert admin.get(made.headers["Location"]).get_json()["number"] == made.get_json()["number"]


def test_keys_are_a_bearer_scheme_everywhere(world: ApiHarness) -> None:
    document = spec(world)
    assert document["security"] == [{"key": []}]
    assert document["components"]["securitySchemes"]["key"]["scheme"] == "bearer"


def test_the_rows_carry_the_fields_that_others_rely_on(world: ApiHarness) -> None:
    schemas = spec(world)["components"]["schemas"]
    promised = {
        "BulletinRow": "code state revision revision_hash title lead body_html topic url release_at",
        "DeliveryRow": "id channel state key revision attempts url",
        "AttemptRow": "at outcome status error",
        "RepublicationRow": "id bulletin site partner url canonical_url status life level match share attribution "
        "published_at first_seen_at reasons",
        "ProgressReport": "as_of campaign period targets rows",
        "TargetProgressRow": "metric topic quota actual forecast status",
        "ProgressRow": "key name delivered confirmed review rejected gone attributed",
        "LicenceRow": "partner number kind issuer issued_on expires_on domains scope",
        "SiteRow": "code partner name url kind feeds sitemaps",
        "PartnerRow": "code name tax_code",
        "ChannelRow": "code kind name partner topics settings",
        "CampaignRow": "plan_number name starts_on ends_on topics targets",
    }
    for name, fields in promised.items():
        assert set(fields.split()) <= schemas[name]["properties"].keys(), name


class _Page(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))


def test_the_page_shows_every_operation_without_script_or_foreign_file(world: ApiHarness) -> None:
    answer = world.app.test_client().get("/api/v1/docs")
    page = _Page()
    page.feed(answer.text)
    names = [tag for tag, _ in page.tags]
    assert names.count("h1") == 1
    assert not {"script", "style", "img", "iframe"} & set(names)
    assert not any("style" in attrs or any(name.startswith("on") for name in attrs) for _, attrs in page.tags)
    links = [attrs["href"] or "" for tag, attrs in page.tags if tag in {"a", "link"}]
    assert all(link.startswith(("/api/v1/", "#")) for link in links)
    ids = [attrs["id"] for _, attrs in page.tags if "id" in attrs]
    assert len(ids) == len(set(ids))
    assert {link[1:] for link in links if link.startswith("#")} <= set(ids)
    for path, _, _ in operations(spec(world)):
        assert path in answer.text
    assert world.app.test_client().get("/api/v1/docs.css").content_type.startswith("text/css")


def test_the_page_is_searched_without_a_script(world: ApiHarness) -> None:
    client = world.app.test_client()
    found = client.get("/api/v1/docs?q=cong+KHAI+BAI").text
    assert "0 operations with" in found
    claim = client.get("/api/v1/docs", query_string={"q": "post republications claim"}).text
    assert "POST /api/v1/republications/batch" in claim
    assert "POST /api/v1/campaigns" not in claim
    page = _Page()
    page.feed(claim)
    ids = {attrs.get("id") for _, attrs in page.tags}
    assert {
        (attrs["href"] or "")[1:] for tag, attrs in page.tags if tag == "a" and (attrs["href"] or "")[0] == "#"
    } <= ids
    assert "<script>" not in client.get("/api/v1/docs", query_string={"q": '"><script>'}).text
    assert client.get("/api/v1/docs", query_string={"q": "webhook-signature"}).text.count("<article") >= 4


# A body of the right shape may still name a topic that is none; what the domain refuses is no fault of the document.
LEFT_OUT = [schemathesis.checks.positive_data_acceptance]


@pytest.mark.parametrize("who", ["admin", "tinven"])
def test_generated_requests_get_no_answer_that_the_document_does_not_foresee(world: ApiHarness, who: str) -> None:
    schema = schemathesis.openapi.from_wsgi("/api/v1/openapi.json", world.app)
    headers = {"Authorization": f"Bearer {world.caller(who).key}"}
    tried = 0
    for found in schema.get_all_operations():
        operation = found.ok()

        @settings(
            max_examples=8,
            deadline=None,
            database=None,
            derandomize=True,
            suppress_health_check=list(HealthCheck),
            phases=[Phase.generate],
        )
        @given(case=operation.as_strategy())
        def request(case: Any) -> None:
            case.call_and_validate(headers=headers, excluded_checks=LEFT_OUT)

        request()
        tried += 1
    assert tried == len(list(operations(spec(world))))
