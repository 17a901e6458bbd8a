"""The contract of every kind of channel, run over the whole registry."""

import inspect
from collections.abc import Mapping
from dataclasses import fields
from importlib import import_module
from typing import Any

import pytest

from campaigns.channels import transport as transport_port
from campaigns.channels.transport import ChannelNeed, ChannelSettings, DeliveryAct, Receipt, Transport, TransportError
from campaigns.delivery.outbox import DeliveryMode
from coordinator.channels import registry
from coordinator.http.errors import RequestError, RequestErrorKind
from coordinator.http.responses import HttpResponse
from tests.coordinator.channels.fakes import MORNING, Clock, MemorySecrets, ScriptedHttpClient, message, reply

SECRETS: Mapping[str, Mapping[str, str]] = {
    "facebook": {"page_token": "canary-page-token-of-facebook"},
    "mastodon": {"access_token": "canary-access-token-of-mastodon"},
    "telegram": {"bot_token": "12345678:canary-canary-canary-canary-canary"},
    "webhook": {"secret": "whsec_Q2FuYXJ5Q2FuYXJ5Q2FuYXJ5Q2FuYXJ5Q2FuYXJ5"},
    "websub": {},
    "wordpress": {"password": "CanaryPassw0rdCanaryPass"},
    "zalo": {
        "app_secret": "canary-app-secret",
        "access_token": "canary-access-token",
        "refresh_token": "canary-refresh-token",
        "webhook_secret": "canary-webhook-secret",
    },
}
EXPIRY = "2026-11-25T01:00:00+00:00"
VALUES: Mapping[str, Mapping[str, Any]] = {
    "email": {"address": "toasoan@bao.example"},
    "facebook": {"page_id": "1029384756"},
    "mastodon": {"server_url": "https://mxh.example", "account": "so"},
    "telegram": {"chat": "@so_tttt"},
    "webhook": {"url": "https://doi-tac.example/nhan"},
    "websub": {"hub_url": "https://hub.example/"},
    "wordpress": {"site_url": "https://doi-tac.example", "user": "so"},
    "zalo": {
        "app_id": "123",
        "oa_id": "456",
        "author": "Sở Thông tin Thủ đô",
        "cover_url": "https://tin.thudo.example/bia.png",
    },
}
# What is asked before the call that does it: nothing of it could do harm.
BEFORE: Mapping[str, Mapping[DeliveryAct, tuple[HttpResponse, ...]]] = {
    "mastodon": {DeliveryAct.PUBLISH: (reply(200, b"{}"),), DeliveryAct.CORRECT: (reply(200, b"{}"),)},
    "wordpress": {
        DeliveryAct.PUBLISH: (reply(200), reply(200, b"[]")),
        DeliveryAct.CORRECT: (reply(200),),
        DeliveryAct.RECALL: (reply(200),),
    },
}
KINDS = sorted(registry.KINDS)
PUSHED = [kind for kind in KINDS if registry.delivery_modes().mode_of(kind) is DeliveryMode.PUSHED]
# What goes out by mail has the mail server's contract, tried in ``test_email``.
NETWORKED = [kind for kind in PUSHED if kind != "memory" and not registry.KINDS[kind].capabilities.mailed]


def build(kind: str, *answers: HttpResponse | Exception) -> tuple[Transport, ScriptedHttpClient]:
    http_client = ScriptedHttpClient(list(answers))
    settings = ChannelSettings("kenh-thu", VALUES.get(kind, {}))
    vault = MemorySecrets(expires_at=EXPIRY, **SECRETS.get(kind, {}))
    return registry.build_transport(kind, settings, vault, http_client, now=Clock()), http_client


def act_message(act: DeliveryAct) -> transport_port.Message:
    return message(act) if act is DeliveryAct.PUBLISH else message(act, remote_id="41", note="Sai ngày")


@pytest.mark.parametrize("kind", KINDS)
def test_the_adapter_named_in_the_table_is_a_transport_with_the_tables_capabilities(kind: str) -> None:
    adapter, _ = build(kind)
    module, _, name = registry.KINDS[kind].path.partition(":")
    assert type(adapter) is getattr(import_module(module), name)
    assert isinstance(adapter, Transport)
    assert adapter.capabilities == registry.KINDS[kind].capabilities


@pytest.mark.parametrize("kind", KINDS)
def test_capabilities_promise_exactly_what_the_adapter_has(kind: str) -> None:
    adapter, _ = build(kind)
    can = adapter.capabilities
    assert isinstance(adapter, transport_port.SupportsFind) == can.lookup
    assert isinstance(adapter, transport_port.SupportsPoll) == can.asynchronous
    assert isinstance(adapter, transport_port.SupportsCounts) == can.counts
    assert isinstance(adapter, transport_port.SupportsBroadcast) == can.broadcasts
    assert isinstance(adapter, transport_port.SupportsAccount) == can.account
    assert isinstance(adapter, transport_port.SupportsTest) == (kind in PUSHED)
    assert not (can.pulled and can.manual)


@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_and_every_setting_has_a_label(kind: str) -> None:
    row = registry.KINDS[kind]
    assert row.label
    assert row.description
    for setting in registry.setting_fields(kind):
        assert setting.label.label
        assert set(setting.label.choices) <= set(setting.choices)


@pytest.mark.parametrize("kind", KINDS)
def test_building_an_adapter_calls_nobody(kind: str) -> None:
    _, http_client = build(kind)
    assert http_client.sent == []


@pytest.mark.parametrize("kind", [kind for kind in KINDS if kind not in PUSHED])
@pytest.mark.parametrize("act", list(DeliveryAct))
def test_what_nothing_is_pushed_to_refuses_to_send(kind: str, act: DeliveryAct) -> None:
    adapter, http_client = build(kind)
    with pytest.raises(TransportError) as refused:
        adapter.send(act_message(act))
    assert refused.value.permanent
    assert not refused.value.outcome_unknown
    assert http_client.sent == []


@pytest.mark.parametrize("kind", NETWORKED)
@pytest.mark.parametrize("act", list(DeliveryAct))
def test_a_call_that_never_left_is_not_in_doubt(kind: str, act: DeliveryAct) -> None:
    adapter, _ = build(kind, RequestError("connection refused", kind=RequestErrorKind.UNREACHABLE))
    with pytest.raises(TransportError) as failed:
        adapter.send(act_message(act))
    assert not failed.value.permanent
    assert not failed.value.outcome_unknown


@pytest.mark.parametrize("kind", NETWORKED)
@pytest.mark.parametrize("act", list(DeliveryAct))
def test_a_lost_answer_is_in_doubt_only_where_a_repeat_could_do_harm(kind: str, act: DeliveryAct) -> None:
    before = BEFORE.get(kind, {}).get(act, ())
    adapter, _ = build(kind, *before, RequestError("timed out", kind=RequestErrorKind.TIMEOUT, sent=True))
    with pytest.raises(TransportError) as failed:
        adapter.send(act_message(act))
    assert failed.value.outcome_unknown == (act is DeliveryAct.PUBLISH and not adapter.capabilities.idempotent)


@pytest.mark.parametrize("kind", NETWORKED)
def test_a_broken_server_is_a_failure_that_may_pass(kind: str) -> None:
    adapter, _ = build(kind, reply(500, b"oops"))
    with pytest.raises(TransportError) as failed:
        adapter.send(message())
    assert not failed.value.permanent
    assert failed.value.status == 500
    assert failed.value.needs is ChannelNeed.NOTHING


@pytest.mark.parametrize("kind", NETWORKED)
@pytest.mark.parametrize("status", [302, 400, 404, 500])
def test_no_error_and_no_repr_shows_a_secret(kind: str, status: int) -> None:
    echo = " ".join(SECRETS[kind].values()).encode()
    data = b'{"error": -201, "message": "' + echo + b'"}'
    before = BEFORE.get(kind, {}).get(DeliveryAct.PUBLISH, ())
    for answer in (reply(status, echo), reply(200 if kind == "zalo" else status, data)):
        adapter, _ = build(kind, *before, answer)
        with pytest.raises(TransportError) as failed:
            adapter.send(message())
        shown = f"{failed.value} {failed.value!r} {failed.value.__cause__!r} {adapter!r}"
        assert not [name for name, secret in SECRETS[kind].items() if secret in shown]


@pytest.mark.parametrize("kind", NETWORKED)
def test_secrets_travel_in_headers_and_bodies_but_never_in_addresses(kind: str) -> None:
    if kind == "telegram":  # its interface has the bot's token in every address, and nowhere else
        adapter, http_client = build(kind, reply(500))
        with pytest.raises(TransportError):
            adapter.send(message())
        assert [SECRETS[kind]["bot_token"] in sent.url for sent in http_client.sent] == [True]
        assert not any(SECRETS[kind]["bot_token"].encode() in (sent.body or b"") for sent in http_client.sent)
        return
    adapter, http_client = build(kind, reply(500))
    with pytest.raises(TransportError):
        adapter.send(message())
    assert http_client.sent
    for sent in http_client.sent:
        assert not any(secret in sent.url for secret in SECRETS[kind].values())


@pytest.mark.parametrize("kind", KINDS)
def test_settings_hide_their_secrets(kind: str) -> None:
    secret_names = registry.KINDS[kind].settings.secret_names()
    given = {name: SECRETS[kind][name] for name in secret_names}
    model = registry.KINDS[kind].settings.model_validate({**VALUES.get(kind, {}), **given})
    assert not any(secret in f"{model!r} {model}" for secret in given.values())
    plain, secrets = registry.check_settings(kind, {**VALUES.get(kind, {}), **given})
    assert not set(plain) & set(secret_names)
    assert secrets == given


@pytest.mark.parametrize("kind", KINDS)
def test_adapters_take_what_they_are_given_and_keep_no_clock_or_client_of_their_own(kind: str) -> None:
    module = import_module(registry.KINDS[kind].path.partition(":")[0])
    source = inspect.getsource(module)
    assert "requests" not in source.split()
    assert "datetime.now" not in source


def test_a_receipt_of_memory_tells_all_it_can() -> None:
    adapter, _ = build("memory")
    receipt = adapter.send(message())
    assert {field.name for field in fields(Receipt) if getattr(receipt, field.name)} == {"done", "remote_id", "url"}
    assert isinstance(adapter, transport_port.SupportsFind)
    assert adapter.find(message(), MORNING) == receipt
