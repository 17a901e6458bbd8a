"""The door against an ordinary server: redirects, conditions, headers, and whether a request was sent."""

import socket
import threading
import time

import pytest

from coordinator.http.client import HttpClient
from coordinator.http.errors import RequestError, RequestErrorKind
from tests.coordinator.hostile_server import HostileServer


def test_a_page_is_fetched_with_our_name_and_contact_and_without_a_cookie(server: HostileServer) -> None:
    http_client = HttpClient(
        user_agent="LanToa/1.0", contact="https://lantoa.test/", allow_hosts=frozenset({"127.0.0.1"}), pace=0
    )
    answer = http_client.get(server.url("/"))
    assert (answer.status, answer.body, answer.url) == (200, b"fine", server.url("/"))
    assert (answer.redirects, answer.permanent) == ((), False)
    assert server.calls[0].headers["user-agent"] == "LanToa/1.0 (+https://lantoa.test/)"
    assert "cookie" not in server.calls[0].headers


def test_a_cookie_is_never_given_back(server: HostileServer, http_client: HttpClient) -> None:
    http_client.get(server.url("/cookie"))
    assert http_client.get(server.url("/cookie")).body == b"no cookie"


def test_the_environment_names_no_proxy_and_no_password(
    server: HostileServer, http_client: HttpClient, monkeypatch: pytest.MonkeyPatch, tmp_path: object
) -> None:
    netrc = f"{tmp_path}/netrc"
    with open(netrc, "w") as file:
        file.write("machine 127.0.0.1 login somebody password secret\n")
    monkeypatch.setenv("NETRC", netrc)
    for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY"):
        monkeypatch.setenv(name, "http://127.0.0.1:9/")
    assert http_client.get(server.url("/")).status == 200
    assert "authorization" not in server.calls[0].headers


def test_what_was_fetched_before_is_not_sent_again(server: HostileServer, http_client: HttpClient) -> None:
    first = http_client.get(server.url("/conditional"))
    assert (first.body, first.not_modified) == (b"first", False)
    again = http_client.get(
        server.url("/conditional"), etag=first.headers["etag"], last_modified=first.headers["last-modified"]
    )
    assert again.not_modified
    assert again.body == b""
    assert server.calls[1].headers["if-modified-since"] == "Tue, 24 Nov 2026 00:00:00 GMT"


def test_a_stored_validator_cannot_smuggle_a_header(server: HostileServer, http_client: HttpClient) -> None:
    http_client.get(server.url("/"), etag='"a"\r\nX-Evil: 1', last_modified="ngày mai", accept="text/html")
    assert {"x-evil", "if-none-match", "if-modified-since"}.isdisjoint(server.calls[0].headers)
    assert server.calls[0].headers["accept"] == "text/html"


def test_redirects_are_followed_and_remembered(server: HostileServer, http_client: HttpClient) -> None:
    first = server.redirect("/first", "/second?a=1", "301 Moved Permanently")
    second = server.redirect("/second", server.url("/"), "308 Permanent Redirect")
    answer = http_client.get(first)
    assert answer.url == server.url("/")
    assert answer.redirects == (first, second + "?a=1")
    assert answer.permanent


@pytest.mark.parametrize("status", ["302 Found", "303 See Other", "307 Temporary Redirect"])
def test_one_passing_redirect_makes_the_way_not_permanent(
    server: HostileServer, http_client: HttpClient, status: str
) -> None:
    first = server.redirect("/first", "/second", "301 Moved Permanently")
    server.redirect("/second", "/", status)
    answer = http_client.get(first)
    assert answer.body == b"fine"
    assert not answer.permanent


def test_the_number_of_redirects_is_the_callers(server: HostileServer, http_client: HttpClient) -> None:
    first = server.redirect("/first", "/")
    with pytest.raises(RequestError) as exception_info:
        http_client.get(first, max_redirects=0)
    assert exception_info.value.kind is RequestErrorKind.TOO_MANY_REDIRECTS
    assert http_client.get(first, max_redirects=1).status == 200


def test_a_redirect_without_a_place_is_an_answer(server: HostileServer, http_client: HttpClient) -> None:
    server.ways["/nowhere"] = lambda call: call.answer(b"hm", "302 Found")
    assert http_client.get(server.url("/nowhere")).status == 302


@pytest.mark.parametrize("status", ["301 Moved", "302 Found", "303 See Other", "307 Temporary", "308 Permanent"])
def test_a_post_is_never_sent_on_to_another_place(server: HostileServer, http_client: HttpClient, status: str) -> None:
    url = server.redirect("/moved", "/", status)
    answer = http_client.post(url, body=b"secret", headers={"webhook-signature": "v1,abc", "Authorization": "Bearer x"})
    assert answer.status == int(status[:3])
    assert answer.headers["location"] == "/"
    assert len(server.calls) == 1


@pytest.mark.parametrize("method", ["PUT", "DELETE", "PATCH", "POST", "GET"])
def test_any_method_goes_through_with_its_body_and_headers(
    server: HostileServer, http_client: HttpClient, method: str
) -> None:
    answer = http_client.request(method, server.url("/"), body=b'{"a":1}', headers={"Content-Type": "application/json"})
    assert answer.body == b"fine"
    call = server.calls[0]
    assert (call.method, call.body, call.headers["content-type"]) == (method, b'{"a":1}', "application/json")


def test_every_status_is_an_answer(server: HostileServer, http_client: HttpClient) -> None:
    for status in ("201 Created", "404 Not Found", "410 Gone", "429 Too Many Requests", "500 Oops"):
        server.text("/status", "words", status, Retry_After=7)
        answer = http_client.request("POST", server.url("/status"), body=b"x")
        assert (answer.status, answer.text(), answer.retry_after) == (int(status[:3]), "words", 7)


def test_a_wrong_charset_in_the_header_does_not_garble_the_text(server: HostileServer, http_client: HttpClient) -> None:
    assert http_client.get(server.url("/wrong-charset")).text() == "Hà Nội đẩy mạnh tiêm chủng"


def test_a_body_of_exactly_the_cap_is_read(server: HostileServer, http_client: HttpClient) -> None:
    server.text("/ten", "0123456789")
    assert http_client.get(server.url("/ten"), cap=10).body == b"0123456789"
    with pytest.raises(RequestError) as exception_info:
        http_client.get(server.url("/ten"), cap=9)
    assert exception_info.value.kind is RequestErrorKind.TOO_LARGE


def test_a_refused_connection_was_not_sent() -> None:
    with socket.create_server(("127.0.0.1", 0)) as closed:
        port = closed.getsockname()[1]
    http_client = HttpClient(user_agent="LanToa/1.0", allow_hosts=frozenset({"127.0.0.1"}))
    with pytest.raises(RequestError) as exception_info:
        http_client.post(f"http://127.0.0.1:{port}/", body=b"x", headers={})
    assert (exception_info.value.kind, exception_info.value.sent) == (RequestErrorKind.UNREACHABLE, False)


def test_an_unknown_host_was_not_sent() -> None:
    def nobody(host: str, port: int) -> list[str]:
        raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")

    with pytest.raises(RequestError) as exception_info:
        HttpClient(user_agent="LanToa/1.0", resolver=nobody).post("https://nowhere.test/", body=b"x", headers={})
    assert (exception_info.value.kind, exception_info.value.sent) == (RequestErrorKind.UNREACHABLE, False)


def test_a_name_service_that_does_not_answer_ends_by_the_deadline() -> None:
    asked = threading.Event()

    def slow(host: str, port: int) -> list[str]:
        asked.wait(30)
        return []

    began = time.monotonic()
    with pytest.raises(RequestError) as exception_info:
        HttpClient(user_agent="LanToa/1.0", resolver=slow).get("https://slow.test/", deadline=0.5)
    assert time.monotonic() - began < 5
    asked.set()
    assert (exception_info.value.kind, exception_info.value.sent) == (RequestErrorKind.TIMEOUT, False)


def test_a_dead_address_does_not_use_up_the_time_of_a_living_one(server: HostileServer) -> None:
    http_client = HttpClient(
        user_agent="LanToa/1.0",
        allow_hosts=frozenset({f"twice.test:{server.port}"}),
        resolver=lambda host, port: ["::1", "127.0.0.1"],  # nobody listens on the first
    )
    assert http_client.get(f"http://twice.test:{server.port}/").body == b"fine"


def test_an_error_names_the_host_and_none_of_the_secrets(server: HostileServer, http_client: HttpClient) -> None:
    with pytest.raises(RequestError) as exception_info:
        http_client.post(
            server.url("/silence?token=s3cret"), body=b"s3cret", headers={"Authorization": "s3cret"}, deadline=0.3
        )
    assert "127.0.0.1" in str(exception_info.value)
    assert "s3cret" not in str(exception_info.value)


def test_many_threads_share_one_door(server: HostileServer, http_client: HttpClient) -> None:
    bodies: list[bytes] = []
    threads = [threading.Thread(target=lambda: bodies.append(http_client.get(server.url("/")).body)) for _ in range(12)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert bodies == [b"fine"] * 12


def test_a_page_of_our_own_is_fetched_wherever_it_is_and_nothing_else_with_it(server: HostileServer) -> None:
    server.text("/sample/a", "bài")
    server.text("/robots.txt", "User-agent: *\nDisallow: /")
    server.text("/sample/away", "", "302 Found", Location=server.url("/metrics"))
    client = HttpClient(user_agent="LanToa/1.0", pace=0, own_page=lambda url: url.startswith(server.url("/sample/")))
    assert client.get(server.url("/sample/a"), robots=True).text() == "bài"
    for refused in ("/metrics", "/sample/away", "/robots.txt"):  # a redirect leads nowhere else
        with pytest.raises(RequestError) as error:
            client.get(server.url(refused), robots=True)
        assert error.value.kind is RequestErrorKind.REFUSED_ADDRESS
    with pytest.raises(RequestError):
        client.post(server.url("/sample/a"), body=b"x", headers={})
    with pytest.raises(RequestError):
        client.vet(server.url("/sample/a"))
    assert [call.path for call in server.calls] == ["/sample/a", "/sample/away"]
