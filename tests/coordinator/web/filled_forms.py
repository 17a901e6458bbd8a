"""The forms of the desk's pages, filled as a person would: what each address is sent when somebody presses its button.

Pages are visited as every role from the day's page on, by their links; of each route a few addresses. The first form
that a page shows for a route is kept, with the values that the page gives and plausible ones where it gives none.
"""

from collections import Counter, deque
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from urllib.parse import urljoin, urlsplit

from flask import Flask
from flask.testing import FlaskClient
from lxml import html
from werkzeug.exceptions import HTTPException

_OF_ONE_ROUTE = 2  # addresses that are visited
_START = "/desk"
_BY_TYPE = {
    "email": "ai@so.example",
    "number": "1", "url": "https://trang.example/bai", "color": "#336699",
}  # fmt: skip
_BY_EXAMPLE = {"dd/mm/yyyy": "01/12/2026", "hh:mm": "07:00"}  # what a field of a day or time says is expected
_BY_NAME = {
    "body_html": "<p>Lời.</p>",
    "lines": "https://trang.example/bai",
    "source_url": "",
    "url": "https://trang.example/bai",
}


@dataclass(frozen=True)
class FilledForm:
    """A form with an address of one object and its values."""

    path: str
    values: Mapping[str, list[str]]


def filled_forms(app: Flask, clients: Iterable[FlaskClient]) -> dict[str, FilledForm]:
    """A form for each rule of a POST that a page of the desk shows to anybody, by the rule. No page may fail."""
    found: dict[str, FilledForm] = {}
    for client in clients:
        for page in _pages(app, client):
            for form in page.forms:
                path = urlsplit(urljoin(page.base_url or "", form.action or "")).path
                if form.method == "POST" and (rule := _rule(app, path, "POST")) is not None:
                    found.setdefault(rule, FilledForm(path, _values(form)))
                for button in form.xpath(".//button[@formaction]"):
                    path = urlsplit(urljoin(page.base_url or "", button.get("formaction"))).path
                    if (rule := _rule(app, path, "POST")) is not None:
                        found.setdefault(rule, FilledForm(path, _values(form)))
    return found


def form_on_page(client: FlaskClient, path: str) -> dict[str, list[str]] | None:
    """The values of the form that a page shows for its own address; None where it shows none."""
    with client.get(path) as answer:
        if answer.status_code != 200:
            return None
        page = html.document_fromstring(answer.text, base_url=f"http://localhost{path}")
    for form in page.forms:
        if form.method == "POST" and urlsplit(urljoin(page.base_url or "", form.action or path)).path == path:
            return _values(form)
    return None


def _pages(app: Flask, client: FlaskClient) -> Iterator[html.HtmlElement]:
    waiting, seen, visited = deque([_START]), {_START}, Counter[str]()
    while waiting:
        path = waiting.popleft()
        rule = _rule(app, path, "GET")
        if rule is None or visited[rule] >= _OF_ONE_ROUTE:
            continue
        visited[rule] += 1
        with client.get(path) as answer:
            assert answer.status_code < 500, (path, answer.status)
            if answer.status_code != 200 or not (answer.content_type or "").startswith("text/html"):
                continue
            page = html.document_fromstring(answer.text, base_url=f"http://localhost{path}")
        for link in page.xpath("//a/@href"):
            to = urlsplit(urljoin(f"http://localhost{path}", link))
            if to.hostname == "localhost" and to.path.startswith(_START) and to.path not in seen:
                seen.add(to.path)
                waiting.append(to.path)
        yield page


def _rule(app: Flask, path: str, method: str) -> str | None:
    try:
        rule, _values = app.url_map.bind("localhost").match(path, method=method, return_rule=True)
    except HTTPException:
        return None
    return rule.rule if rule.rule.startswith(_START) else None


def _values(form: html.FormElement) -> dict[str, list[str]]:
    values: dict[str, list[str]] = {}
    for name, value in form.form_values():
        if name != "csrf_token":
            values.setdefault(name, []).append(value)
    for element in form.inputs:
        name = element.get("name")
        if not name or any(values.get(name, ())) or element.get("disabled") is not None:
            continue
        if element.tag == "select":
            given = next((option for option in element.value_options if option), None)
        elif element.tag == "textarea":
            given = _BY_NAME.get(name, "Lời.")
        else:
            kind = (element.get("type") or "text").lower()
            if kind in {"submit", "button", "file", "hidden", "checkbox"}:
                continue
            given = (
                element.get("value")
                if kind == "radio"
                else (
                    _BY_EXAMPLE.get(element.get("placeholder") or "") or _BY_TYPE.get(kind) or _BY_NAME.get(name, "Tên")
                )
            )
        if given:
            values[name] = [given]
    for button in form.xpath(".//button[@name]")[:1]:
        values.setdefault(button.get("name"), [button.get("value") or ""])
    return values
