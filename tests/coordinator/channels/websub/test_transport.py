"""An external hub gets a ping for every public feed, in both spellings; its refusal is a failed delivery."""

from urllib.parse import parse_qs

import pytest

from campaigns.channels.transport import ChannelSettings, DeliveryAct, TransportError
from coordinator.channels import registry
from coordinator.feeds.formats import FORMATS
from coordinator.http.responses import HttpResponse
from tests.coordinator.channels.fakes import Clock, MemorySecrets, ScriptedHttpClient, message, reply

HUB = "https://hub.example/"


def _send(*answers: HttpResponse) -> ScriptedHttpClient:
    http_client = ScriptedHttpClient(list(answers))
    channel = registry.build_transport(
        "websub", ChannelSettings("hub", {"hub_url": HUB}), MemorySecrets(), http_client, now=Clock()
    )
    channel.send(message(DeliveryAct.PUBLISH))
    return http_client


def test_every_feed_is_named_in_both_spellings() -> None:
    http_client = _send(*[reply(204) for _ in FORMATS])
    forms = [parse_qs((call.body or b"").decode()) for call in http_client.sent]
    assert [form["hub.mode"] for form in forms] == [["publish"]] * len(FORMATS)
    assert all(form["hub.url"] == form["hub.topic"] for form in forms)
    assert {form["hub.url"][0].rsplit("/", 1)[1] for form in forms} == set(FORMATS)
    assert {call.url for call in http_client.sent} == {HUB}


@pytest.mark.parametrize(("status", "permanent"), [(503, False), (404, True), (302, False)])
def test_a_hub_that_refuses_fails_the_delivery(status: int, permanent: bool) -> None:
    with pytest.raises(TransportError) as failed:
        _send(reply(status))
    assert failed.value.status == status
    assert failed.value.permanent is permanent
    assert not failed.value.outcome_unknown
