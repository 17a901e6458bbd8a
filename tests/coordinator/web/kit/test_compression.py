"""Static files are sent as gzip to browsers that accept it, and are revalidated as they were sent."""

import gzip

import pytest
from flask import Flask
from flask.testing import FlaskClient

from coordinator.web.kit.assets import STATIC, install_assets


@pytest.fixture
def client() -> FlaskClient:
    app = Flask("test", static_folder=None)
    install_assets(app)
    return app.test_client()


def address(client: FlaskClient, name: str) -> str:
    return f"/static/{client.application.extensions['lantoa.assets'].version}/{name}"


@pytest.mark.parametrize("name", ["css/desk.css", "icons.svg"])
def test_a_text_is_sent_as_gzip_where_it_is_accepted(client: FlaskClient, name: str) -> None:
    plain = client.get(address(client, name), buffered=True)
    packed = client.get(address(client, name), headers={"Accept-Encoding": "gzip, br"}, buffered=True)
    whole = (STATIC / name).read_bytes()
    assert (plain.data, plain.content_encoding) == (whole, None)
    assert (gzip.decompress(packed.data), packed.content_encoding) == (whole, "gzip")
    assert len(packed.data) < len(whole) / 2
    assert packed.content_length == len(packed.data)
    assert plain.headers["Vary"] == packed.headers["Vary"] == "Accept-Encoding"
    assert plain.headers["ETag"] != packed.headers["ETag"]
    assert packed.mimetype == plain.mimetype
    assert packed.cache_control.immutable


def test_what_was_sent_is_revalidated(client: FlaskClient) -> None:
    for headers in ({}, {"Accept-Encoding": "gzip"}):
        first = client.get(address(client, "css/desk.css"), headers=headers, buffered=True)
        again = client.get(address(client, "css/desk.css"), headers={**headers, "If-None-Match": first.headers["ETag"]})
        assert (again.status_code, again.data) == (304, b"")


def test_a_font_is_sent_as_it_is(client: FlaskClient) -> None:
    name = next(path for path in sorted((STATIC / "lib").rglob("*.woff2"))).relative_to(STATIC).as_posix()
    answer = client.get(address(client, name), headers={"Accept-Encoding": "gzip"}, buffered=True)
    assert answer.content_encoding is None
    assert answer.data == (STATIC / name).read_bytes()


def test_a_reader_that_refuses_gzip_gets_the_file_as_it_is(client: FlaskClient) -> None:
    answer = client.get(
        address(client, "css/desk.css"), headers={"Accept-Encoding": "gzip;q=0, identity"}, buffered=True
    )
    assert answer.content_encoding is None


def test_the_style_sheets_of_a_page_are_sent_as_one(client: FlaskClient) -> None:
    with client.application.test_request_context():
        url = client.application.jinja_env.globals["style_sheet"](" tokens desk  tokens\nnarrow ")  # type: ignore[operator]
    assert url == address(client, "css/tokens+desk+narrow.css")
    whole = b"\n".join((STATIC / f"css/{name}.css").read_bytes() for name in ("tokens", "desk", "narrow"))
    plain = client.get(url)
    packed = client.get(url, headers={"Accept-Encoding": "gzip"})
    assert (plain.data, gzip.decompress(packed.data), packed.content_encoding) == (whole, whole, "gzip")
    assert plain.mimetype == packed.mimetype == "text/css"
    assert packed.cache_control.immutable
    assert plain.headers["ETag"] != packed.headers["ETag"]
    again = client.get(url, headers={"Accept-Encoding": "gzip", "If-None-Match": packed.headers["ETag"]})
    assert again.status_code == 304


@pytest.mark.parametrize("names", ["tokens+tokens", "tokens+none", "tokens+../js", "tokens+", "desk+..%2F..%2Fapp"])
def test_a_style_sheet_of_other_files_or_of_one_twice_does_not_exist(client: FlaskClient, names: str) -> None:
    assert client.get(address(client, f"css/{names}.css")).status_code == 404


def test_a_style_sheet_that_does_not_exist_is_an_error_in_the_template(client: FlaskClient) -> None:
    with client.application.test_request_context(), pytest.raises(LookupError, match=r"css/none\.css"):
        client.application.jinja_env.globals["style_sheet"]("tokens none")  # type: ignore[operator]
