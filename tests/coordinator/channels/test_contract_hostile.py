"""Every kind that calls a partner, against one on loopback that misbehaves: what a delivery then comes to.

One table of faults and one of partners (``peers``): a kind that is added gets all of it. What a fault must lead to
depends only on what the kind can do: repeat with the same key, look up, or neither.
"""

import socket
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import timedelta
from email.utils import format_datetime
from pathlib import Path
from typing import Any, cast

import pytest

from campaigns.channels.channels import ChannelState
from campaigns.channels.transport import ChannelNeed, ChannelSettings, SupportsFind, Transport, TransportError
from campaigns.core.clock import utc_now
from campaigns.core.intervals import NORMAL
from campaigns.delivery import retry_policy
from campaigns.delivery.outbox import DeliveryState
from coordinator.channels import registry
from coordinator.http.client import HttpClient
from coordinator.http.responses import HttpResponse
from tests.coordinator.channels.fakes import MORNING, MemorySecrets, loopback_client, message
from tests.coordinator.channels.peers import PEERS, Fault, Partner, say
from tests.coordinator.channels.test_contract import EXPIRY, NETWORKED, SECRETS
from tests.coordinator.hostile_server import WAYS, Call
from tests.coordinator.http.test_tls import TLSServer, certificate

pytestmark = pytest.mark.long

HURRY = 2.0  # seconds for a whole call that nobody will ever answer, in place of the adapters' own deadlines
NEVER = [WAYS[path] for path in ("/silence", "/drip-body", "/drip-headers")]
RETRY, UNKNOWN, DEAD = DeliveryState.RETRYING, DeliveryState.UNKNOWN, DeliveryState.DEAD


class HurriedHttpClient:
    """The product's own door to loopback, with less patience."""

    def __init__(self) -> None:
        self._http_client = loopback_client()

    def request(
        self,
        method: str,
        url: str,
        *,
        body: bytes | None = None,
        headers: Mapping[str, str] | None = None,
        deadline: float,
        cap: int,
    ) -> HttpResponse:
        return self._http_client.request(
            method, url, body=body, headers=headers, deadline=min(deadline, HURRY), cap=cap
        )


@dataclass(frozen=True)
class Case:
    """One fault. ``doubt``: nobody can tell whether the message arrived. ``after``: it did. ``least``: seconds that the
    next try waits at least."""

    fault: Fault
    doubt: bool
    after: bool = False
    least: float = 0.0


def _status(status: int, item: Any = None, **fields: object) -> Fault:
    return lambda call: say(call, status, item, **fields)


def _busy_until(call: Call) -> None:
    say(call, 429, None, Retry_After=format_datetime(utc_now() + timedelta(minutes=5), usegmt=True))


def _html(call: Call) -> None:
    call.answer("<html>Đăng nhập Wi-Fi</html>".encode(), Content_Type="text/html", Connection="close")


CASES: Mapping[str, Case] = {
    "the answer is lost, nothing was done": Case(WAYS["/hang-up"], doubt=True),
    "the answer is lost, it was done": Case(WAYS["/hang-up"], doubt=True, after=True),
    "no answer by the deadline, it was done": Case(WAYS["/silence"], doubt=True, after=True),
    "the connection is reset, it was done": Case(WAYS["/reset"], doubt=True, after=True),
    "half an answer, it was done": Case(WAYS["/half"], doubt=True, after=True),
    "the answer drips, it was done": Case(WAYS["/drip-body"], doubt=True, after=True),
    "its headers drip, it was done": Case(WAYS["/drip-headers"], doubt=True, after=True),
    "it speaks no HTTP": Case(WAYS["/nonsense"], doubt=True),
    "500": Case(_status(500), doubt=True),
    "503": Case(_status(503), doubt=True),
    "503 with seconds": Case(_status(503, Retry_After=120), doubt=True, least=120),
    "429": Case(_status(429), doubt=False),
    "429 with seconds": Case(_status(429, Retry_After=120), doubt=False, least=120),
    "429 with a date": Case(_busy_until, doubt=False, least=290),
}


def test_every_kind_that_calls_somebody_has_its_partner() -> None:
    assert sorted(PEERS) == NETWORKED, "a kind that calls somebody has its partner in peers.PEERS"


@pytest.fixture(scope="module")
def pem(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return certificate(tmp_path_factory.mktemp("tls"))


@pytest.fixture(scope="module")
def stranger(pem: Path) -> Iterator[TLSServer]:
    """A server whose certificate vouches for itself."""
    server = TLSServer(pem)
    yield server
    server.listener.close()


def build(kind: str, base: str, partner: Partner | None = None) -> Transport:
    vault = MemorySecrets(expires_at=EXPIRY, **SECRETS[kind])
    settings = ChannelSettings("kenh-thu", PEERS[kind].settings(base))
    # Deadlines are those of real use, since a busy machine may answer slowly.
    never = base.startswith("https:") or (partner is not None and partner.fault in NEVER)
    http_client = HurriedHttpClient() if never else loopback_client()
    return registry.build_transport(
        kind, settings, vault, http_client, now=partner.clock if partner else lambda: MORNING
    )


def failed(adapter: Transport) -> TransportError:
    with pytest.raises(TransportError) as exception_info:
        adapter.send(message())
    return exception_info.value


def decided(adapter: Transport, error: TransportError) -> retry_policy.RetryDecision:
    return retry_policy.decide_after_failure(error, adapter.capabilities, 1, NORMAL, spread=0.5, now=MORNING)


@pytest.mark.parametrize("kind", NETWORKED)
def test_a_polite_partner_takes_the_message(kind: str) -> None:
    with Partner(kind) as partner:
        receipt = build(kind, partner.base, partner).send(message())
        assert partner.shelf.made
    assert receipt.done or receipt.token


@pytest.mark.parametrize("case", CASES)
@pytest.mark.parametrize("kind", NETWORKED)
def test_a_fault_leads_to_what_the_kinds_abilities_say(kind: str, case: str) -> None:
    wanted = CASES[case]
    with Partner(kind, wanted.fault, after=wanted.after) as partner:
        adapter = build(kind, partner.base, partner)
        decision = decided(adapter, failed(adapter))
    can = adapter.capabilities
    in_doubt = wanted.doubt and not can.idempotent
    assert decision.state is (UNKNOWN if in_doubt and can.once else RETRY)
    assert decision.look_first is (in_doubt and can.lookup)
    assert decision.channel is None
    if decision.due_at is not None:
        assert decision.due_at - MORNING >= timedelta(seconds=wanted.least)
    counted = [call for call in partner.server.calls if partner.peer.counts(call)]
    assert len(counted) == 1, "an adapter repeats nothing by itself"


@pytest.mark.parametrize("arrived", [False, True])
@pytest.mark.parametrize("kind", [kind for kind in NETWORKED if registry.KINDS[kind].capabilities.lookup])
def test_what_is_in_doubt_is_found_if_and_only_if_it_arrived(kind: str, arrived: bool) -> None:
    with Partner(kind, WAYS["/hang-up"], after=arrived) as partner:
        adapter = build(kind, partner.base, partner)
        failed(adapter)
        found = cast(SupportsFind, adapter).find(message(), MORNING)
    assert (found is not None) is arrived
    assert len(partner.shelf.made) == arrived


@pytest.mark.parametrize("kind", [kind for kind in NETWORKED if registry.KINDS[kind].capabilities.idempotent])
def test_a_repeat_carries_the_same_bytes(kind: str) -> None:
    with Partner(kind, _status(500), after=True) as partner:
        for _ in range(2):
            failed(build(kind, partner.base, partner))
    first, second = partner.shelf.made
    assert first == second


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
@pytest.mark.parametrize("kind", NETWORKED)
def test_a_redirect_is_a_failure_and_is_never_followed(kind: str, status: int) -> None:
    with Partner(kind) as elsewhere:
        with Partner(kind, _status(status, Location=f"{elsewhere.base}/nhan")) as partner:
            adapter = build(kind, partner.base, partner)
            error = failed(adapter)
        assert elsewhere.calls == []
    assert error.status == status
    assert decided(adapter, error).state in {RETRY, DEAD}


@pytest.mark.parametrize("kind", NETWORKED)
def test_a_yes_in_html_is_a_yes_only_where_the_status_is_the_answer(kind: str) -> None:
    with Partner(kind, _html, after=True) as partner:
        adapter = build(kind, partner.base, partner)
        if adapter.capabilities.idempotent:  # those interfaces define any 2xx as received
            assert adapter.send(message()).done
            return
        decision = decided(adapter, failed(adapter))
    assert decision.state is (RETRY if adapter.capabilities.lookup else UNKNOWN)
    assert decision.look_first is adapter.capabilities.lookup


@pytest.mark.parametrize("kind", [kind for kind in PEERS if PEERS[kind].refused is not None])
def test_a_200_that_says_no_is_a_no_for_good(kind: str) -> None:
    with Partner(kind, _status(200, PEERS[kind].refused)) as partner:
        adapter = build(kind, partner.base, partner)
        decision = decided(adapter, failed(adapter))
    assert decision.state is DEAD
    assert decision.reason == "refused"


@pytest.mark.parametrize("kind", NETWORKED)
def test_a_withdrawn_access_waits_for_a_person_where_access_is_granted(kind: str) -> None:
    with Partner(kind, _status(*PEERS[kind].revoked)) as partner:
        adapter = build(kind, partner.base, partner)
        error = failed(adapter)
    assert error.needs is PEERS[kind].needs
    assert not error.outcome_unknown
    decision = decided(adapter, error)
    if error.needs is ChannelNeed.AUTHORISATION:
        assert decision.state is RETRY
        assert decision.channel is ChannelState.NEEDS_AUTHORISATION
    else:
        assert decision.state is DEAD


@pytest.mark.parametrize("kind", NETWORKED)
def test_nobody_at_home_is_not_in_doubt(kind: str) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
    adapter = build(kind, f"http://127.0.0.1:{port}")
    decision = decided(adapter, failed(adapter))
    assert decision.state is RETRY
    assert not decision.look_first


@pytest.mark.parametrize("kind", NETWORKED)
def test_a_certificate_nobody_vouches_for_gets_no_byte_of_the_message(kind: str, stranger: TLSServer) -> None:
    before = len(stranger.requests)
    adapter = build(kind, f"https://127.0.0.1:{stranger.port}")
    decision = decided(adapter, failed(adapter))
    assert decision.state is RETRY
    assert not decision.look_first
    assert len(stranger.requests) == before


@pytest.mark.parametrize("kind", NETWORKED)
def test_a_partner_that_speaks_no_tls_gets_no_byte_of_the_message(kind: str) -> None:
    with Partner(kind) as partner:
        adapter = build(kind, partner.base.replace("http://", "https://"))
        decision = decided(adapter, failed(adapter))
    assert decision.state is RETRY
    assert not decision.look_first
    assert partner.shelf.made == []


@pytest.mark.parametrize("kind", NETWORKED)
def test_a_private_address_is_never_called(kind: str) -> None:
    with Partner(kind) as partner:
        settings = ChannelSettings("kenh-thu", PEERS[kind].settings(partner.base))
        vault = MemorySecrets(expires_at=EXPIRY, **SECRETS[kind])
        shut = HttpClient(user_agent="LanToa-tests", pace=0.0)
        adapter = registry.build_transport(kind, settings, vault, shut, now=partner.clock)
        error = failed(adapter)
    assert error.permanent
    assert not error.outcome_unknown
    assert partner.calls == []
