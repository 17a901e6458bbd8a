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

from coordinator.db import Database
from tests.coordinator.api.harness import ApiHarness


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


def test_keys_are_a_bearer_scheme_everywhere(world: ApiHarness) -> None:
    document = spec(world)
    assert document["security"] == [{"key": []}]
    assert document["components"]["securitySchemes"]["key"]["scheme"] == "bearer"


def test_the_rows_carry_the_fields_that_others_rely_on(world: ApiHarness) -> None:
    schemas = spec(world)["components"]["schemas"]
    promised = {
        "BulletinRow": "code state revision revision_hash title lead body_html topic url release_at",
        "DeliveryList.DeliveryRow": "id channel state key revision attempts url",
        "DeliveryList.AttemptRow": "at outcome status error",
        "RepublicationRow": "id bulletin site partner url canonical_url status life level match share attribution "
        "published_at first_seen_at reasons",
        "ProgressReport": "as_of campaign period targets rows",
        "ProgressReport.TargetProgressRow": "metric topic quota actual forecast status",
        "ProgressReport.ProgressRow": "key name delivered confirmed review rejected gone attributed",
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


# A body of the right shape may still name a topic that is none; what the domain refuses is no fault of the document.
LEFT_OUT = [schemathesis.checks.positive_data_acceptance]


@pytest.mark.parametrize("who", ["admin", "tinven"])
@pytest.mark.slow
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
