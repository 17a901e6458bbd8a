"""Which addresses are never called, on the text of a URL and at the moment of connecting."""

import socket

import pytest
from hypothesis import given
from hypothesis import strategies as st

from coordinator.http.addresses import AllowList, is_public_ip, parse_target, redirect_url
from coordinator.http.client import HttpClient
from coordinator.http.errors import RequestError, RequestErrorKind
from tests.coordinator.hostile_server import HostileServer
from tests.coordinator.malformed_answers import TRAPS, trap

NOBODY = AllowList(frozenset())

# A small internet: what each name resolves to. Other names do not exist.
NAMES = {
    "good.test": ["93.184.216.34"],
    "private.test": ["10.1.2.3"],
    "half.test": ["93.184.216.34", "127.0.0.1"],
    "six.test": ["2606:2800:220:1:248:1893:25c8:1946", "::1"],
    "mapped.test": ["::ffff:10.0.0.1"],
    "nat64.test": ["64:ff9b::a00:1"],
    "sixtofour.test": ["2002:a00:1::1"],
    "metadata.test": ["169.254.169.254"],
    "zero.test": ["0.0.0.0"],
    "strange.test": ["not an address"],
    "localhost": ["127.0.0.1", "::1"],
}


def resolve(host: str, port: int) -> list[str]:
    """The small internet's name service."""
    try:
        return NAMES[host.rstrip(".")]
    except KeyError:
        raise socket.gaierror(socket.EAI_NONAME, "Name or service not known") from None


@pytest.fixture
def dialled(monkeypatch: pytest.MonkeyPatch, server: HostileServer) -> list[tuple[str, int]]:
    """Every address a connection is made to, in order; the connections really go to the hostile server."""
    made: list[tuple[str, int]] = []
    genuine = socket.create_connection

    def create_connection(address: tuple[str, int], timeout: float) -> socket.socket:
        made.append(address)
        return genuine(("127.0.0.1", server.port), timeout)

    monkeypatch.setattr(socket, "create_connection", create_connection)
    return made


HOSTILE = [
    # private, loopback, link-local, shared, reserved
    "http://127.0.0.1/",
    "http://127.8.9.10/",
    "http://10.0.0.1/",
    "http://172.16.5.4/",
    "http://192.168.1.1/",
    "http://169.254.169.254/latest/meta-data/",
    "http://100.64.0.1/",
    "http://0.0.0.0/",
    "http://192.0.0.8/",
    "http://198.18.0.1/",
    "http://224.0.0.1/",
    "http://240.0.0.1/",
    "http://255.255.255.255/",
    "http://192.88.99.1/",
    "https://127.0.0.1/",
    # IPv6, alone and wrapping IPv4
    "http://[::1]/",
    "http://[::]/",
    "http://[::127.0.0.1]/",
    "http://[::ffff:127.0.0.1]/",
    "http://[::ffff:7f00:1]/",
    "http://[64:ff9b::7f00:1]/",
    "http://[64:ff9b:1::7f00:1]/",
    "http://[2002:7f00:1::]/",
    "http://[2001:0:53aa:64c:0:0:80ff:fffe]/",
    "http://[fe80::1]/",
    "http://[fe80::1%25eth0]/",
    "http://[fec0::1]/",
    "http://[fc00::1]/",
    "http://[fd12:3456:789a::1]/",
    "http://[ff02::1]/",
    # numbers in disguise
    "http://2130706433/",
    "http://0x7f000001/",
    "http://0x7f.0.0.1/",
    "http://0177.0.0.1/",
    "http://017700000001/",
    "http://127.1/",
    "http://127.0.0.1./",
    "http://10.0.0.010/",
    "http://１２７.０.０.１/",
    "http://①②⑦.⓪.⓪.①/",
    "http://0x/",
    # names
    "http://localhost/",
    "http://LOCALHOST/",
    "http://localhost./",
    "http://private.test/",
    "http://half.test/",
    "http://six.test/",
    "http://mapped.test/",
    "http://nat64.test/",
    "http://sixtofour.test/",
    "http://metadata.test/",
    "http://zero.test/",
    "http://strange.test/",
    "http://nowhere.test/",
    # two parsers, two hosts
    "http://good.test@127.0.0.1/",
    "http://127.0.0.1@good.test/",
    "http://user:word@good.test/",
    "http://@good.test/",
    "http://127.0.0.1\\@good.test/",
    "http://good.test\\@127.0.0.1/",
    "http:\\\\good.test/",
    "http://good.test#@127.0.0.1/\\",
    "http://good.test\t.evil.test/",
    "http://good.test\r\nHost: evil.test/",
    "http://good.test /",
    " http://good.test/",
    "http://good.test\u00a0/",
    "http://good%2etest/",
    "http://127.0.0.1%00.good.test/",
    "http:good.test/",
    "http:///good.test/",
    "http:////good.test/",
    "//good.test/",
    "http://",
    "http://:80/",
    "http://[good.test]/",
    "http://[::1/",
    "http://good.test:80:80/",
    # other ports and schemes
    "http://good.test:22/",
    "http://good.test:8080/",
    "http://good.test:0/",
    "http://good.test:65536/",
    "http://good.test:-80/",
    "http://good.test:eighty/",
    "https://good.test:6379/",
    "ftp://good.test/",
    "file:///etc/passwd",
    "gopher://good.test/",
    "javascript:alert(1)",
    "data:text/html,hello",
    "unix:///run/docker.sock",
    "http+unix://socket/",
    "",
    "good.test",
    "http://good.test/" + "x" * 5000,
    "http://" + "a" * 64 + ".test/",
    "http://" + "a." * 200 + "test/",
    "http://.good.test/",
    "http://*.good.test/",
]


@pytest.mark.parametrize("url", HOSTILE)
def test_a_hostile_address_is_never_connected_to(dialled: list[tuple[str, int]], url: str) -> None:
    with pytest.raises(RequestError) as exception_info:
        HttpClient(user_agent="LanToa/1.0", resolver=resolve).get(url, deadline=5)
    assert dialled == []
    assert exception_info.value.sent is False
    assert exception_info.value.kind in {
        RequestErrorKind.BAD_URL,
        RequestErrorKind.REFUSED_ADDRESS,
        RequestErrorKind.UNREACHABLE,
    }


@pytest.mark.parametrize(
    "url",
    [
        "http://good.test/",
        "http://GOOD.test/",
        "http://good.test:80/a?b=c#d",
        "http://good.test./",
        "http://good.test:443/",
    ],
)
def test_a_good_address_is_still_called(dialled: list[tuple[str, int]], server: HostileServer, url: str) -> None:
    server.ways["/a"] = server.ways["/"]
    assert HttpClient(user_agent="LanToa/1.0", resolver=resolve).get(url).body == b"fine"
    assert [number for number, _ in dialled] == ["93.184.216.34"]
    assert server.calls[0].headers["host"].lower().startswith("good.test")


def test_a_public_number_is_called_as_it_stands(dialled: list[tuple[str, int]]) -> None:
    HttpClient(user_agent="LanToa/1.0", resolver=resolve).get("http://93.184.216.34/")
    assert dialled == [("93.184.216.34", 80)]


def test_a_name_that_changes_its_answer_is_connected_where_it_was_checked(dialled: list[tuple[str, int]]) -> None:
    answers = iter([["93.184.216.34"], ["127.0.0.1"], ["127.0.0.1"]])
    http_client = HttpClient(user_agent="LanToa/1.0", resolver=lambda host, port: next(answers), pace=0)
    assert http_client.get("http://rebinding.test/").status == 200
    assert dialled == [("93.184.216.34", 80)]
    with pytest.raises(RequestError) as exception_info:
        http_client.get("http://rebinding.test/")
    assert exception_info.value.kind is RequestErrorKind.REFUSED_ADDRESS
    assert len(dialled) == 1


@pytest.mark.parametrize(
    "location",
    [
        "http://127.0.0.1/",
        "http://private.test/",
        "//metadata.test/",
        "http://good.test:22/",
        "http://a@good.test/",
        "file:///etc/passwd",
        "http://[::1]/",
    ],
)
def test_a_redirect_to_a_hostile_address_is_not_followed(
    dialled: list[tuple[str, int]], server: HostileServer, location: str
) -> None:
    server.redirect("/", location)
    with pytest.raises(RequestError):
        HttpClient(user_agent="LanToa/1.0", resolver=resolve).get("http://good.test/")
    assert len(dialled) == 1


@pytest.mark.parametrize("where", TRAPS, ids=range(len(TRAPS)))
def test_a_redirect_to_where_no_site_may_lead_is_not_followed(server: HostileServer, where: str) -> None:
    place = frozenset({f"127.0.0.1:{server.port}"})
    http_client = HttpClient(
        user_agent="LanToa/1.0", allow_hosts=place, resolver=lambda _host, _port: ["10.1.2.3"], pace=0
    )
    server.ways["/luc-nao-cung-tra-loi"] = lambda call: call.answer(b"", "404 Not Found")
    try:
        answer = http_client.get(trap(server, "/trap", where), deadline=10)
    except RequestError:
        pass
    else:
        assert answer.status in {302, 404}  # no address at all, or one of the same site
    asked = {call.headers["host"] for call in server.calls}
    assert asked == {f"127.0.0.1:{server.port}"}


def test_an_allowed_host_and_port_is_called_and_its_neighbours_are_not(server: HostileServer) -> None:
    http_client = HttpClient(user_agent="LanToa/1.0", allow_hosts=frozenset({f"127.0.0.1:{server.port}"}), pace=0)
    assert http_client.get(server.url("/")).status == 200
    for url in (f"http://127.0.0.1:{server.port + 1}/", f"http://127.0.0.2:{server.port}/", "http://127.0.0.1/"):
        with pytest.raises(RequestError) as exception_info:
            http_client.get(url)
        assert exception_info.value.kind is RequestErrorKind.REFUSED_ADDRESS


def test_an_allow_list_knows_hosts_ports_and_brackets_and_no_subdomains() -> None:
    allowed = AllowList(frozenset({"Site.test", "[::1]:8080", "10.0.0.1:81", "fd00::1"}))
    assert allowed.covers("site.test", 9999)
    assert allowed.covers("SITE.test.", 80)
    assert allowed.covers("::1", 8080)
    assert allowed.covers("fd00::1", 5)
    assert not allowed.covers("::1", 8081)
    assert not allowed.covers("10.0.0.1", 80)
    assert not allowed.covers("a.site.test", 80)


def test_an_international_host_is_called_by_its_ascii_form() -> None:
    assert parse_target("https://bücher.test/tin", NOBODY).host == "xn--bcher-kva.test"


def test_a_fragment_is_not_sent() -> None:
    assert parse_target("https://good.test/a#b", NOBODY).url == "https://good.test/a"


@pytest.mark.parametrize(
    ("location", "leads_to"),
    [
        ("/b", "https://good.test/b"),
        ("b", "https://good.test/a/b"),
        ("//other.test/b", "https://other.test/b"),
        ("?q=1", "https://good.test/a/?q=1"),
        (" /b c ", "https://good.test/b%20c"),
        ("/hà".encode().decode("latin-1"), "https://good.test/hà"),
    ],
)
def test_a_location_is_resolved_against_the_page(location: str, leads_to: str) -> None:
    assert redirect_url("https://good.test/a/", location) == leads_to


@given(st.ip_addresses(v=4))
def test_an_ipv4_address_wrapped_in_ipv6_is_never_public(address: object) -> None:
    number = int(address)  # type: ignore[call-overload]  # hypothesis types its addresses loosely
    tail = f"{number >> 16:x}:{number & 0xFFFF:x}"
    for wrapped in (f"::ffff:{tail}", f"::{tail}", f"64:ff9b::{tail}", f"2002:{tail}::1", f"2001:0:1:2:3:4:{tail}"):
        assert not is_public_ip(wrapped)


@given(st.ip_addresses())
def test_nothing_is_public_that_the_registries_do_not_call_global(address: object) -> None:
    if is_public_ip(str(address)):
        assert address.is_global  # type: ignore[attr-defined]  # as above


def test_an_ipv6_address_is_called_with_its_port(dialled: list[tuple[str, int]], server: HostileServer) -> None:
    HttpClient(user_agent="LanToa/1.0").get("http://[2606:2800:220:1::7]/")
    assert dialled == [("2606:2800:220:1::7", 80)]
    assert server.calls[0].headers["host"] == "[2606:2800:220:1::7]"
