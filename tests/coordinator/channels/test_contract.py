"""What every kind of channel keeps to, whatever it speaks: run over the whole table."""

import inspect
from collections.abc import Mapping
from dataclasses import fields
from importlib import import_module
from typing import Any

import pytest

from campaigns.publishing import transport as port
from campaigns.publishing.outbox import ChannelNature
from campaigns.publishing.transport import Act, ChannelSettings, Needs, Receipt, Transport, TransportError
from coordinator.channels import registry
from coordinator.http import Answer, DoorError, DoorErrorKind
from tests.coordinator.channels.fakes import MORNING, Clock, KeptVault, ScriptedDoor, message, reply

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
BEFORE: Mapping[str, Mapping[Act, tuple[Answer, ...]]] = {
    "mastodon": {Act.PUBLISH: (reply(200, b"{}"),), Act.CORRECT: (reply(200, b"{}"),)},
    "wordpress": {
        Act.PUBLISH: (reply(200), reply(200, b"[]")),
        Act.CORRECT: (reply(200),),
        Act.RECALL: (reply(200),),
    },
}
KINDS = sorted(registry.KINDS)
PUSHED = [kind for kind in KINDS if registry.natures().of(kind) is ChannelNature.PUSHED]
# What goes out by mail has the mail server's contract, tried in ``test_email``.
NETWORKED = [kind for kind in PUSHED if kind != "memory" and not registry.KINDS[kind].capabilities.mailed]


def build(kind: str, *answers: Answer | Exception) -> tuple[Transport, ScriptedDoor]:
    door = ScriptedDoor(list(answers))
    settings = ChannelSettings("kenh-thu", VALUES.get(kind, {}))
    vault = KeptVault(expires_at=EXPIRY, **SECRETS.get(kind, {}))
    return registry.build(kind, settings, vault, door, now=Clock()), door


def act_message(act: Act) -> port.Message:
    return message(act) if act is Act.PUBLISH else message(act, remote_id="41", note="Sai ngày")


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
    assert isinstance(adapter, port.Finds) == can.lookup
    assert isinstance(adapter, port.Polls) == can.asynchronous
    assert isinstance(adapter, port.Tells) == can.counts
    assert isinstance(adapter, port.Broadcasts) == can.broadcasts
    assert isinstance(adapter, port.Accounts) == can.account
    assert isinstance(adapter, port.Tests) == (kind in PUSHED)
    assert not (can.pulled and can.manual)


@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_has_a_label_in_both_languages_and_words_for_every_setting(kind: str) -> None:
    row = registry.KINDS[kind]
    assert row.label_vi
    assert row.label_en
    for setting in registry.fields_of(kind):
        assert setting.wording.vi
        assert setting.wording.en
        assert bool(setting.wording.hint_vi) == bool(setting.wording.hint_en)


@pytest.mark.parametrize("kind", KINDS)
def test_building_an_adapter_calls_nobody(kind: str) -> None:
    _, door = build(kind)
    assert door.sent == []


@pytest.mark.parametrize("kind", [kind for kind in KINDS if kind not in PUSHED])
@pytest.mark.parametrize("act", list(Act))
def test_what_nothing_is_pushed_to_refuses_to_send(kind: str, act: Act) -> None:
    adapter, door = build(kind)
    with pytest.raises(TransportError) as refused:
        adapter.send(act_message(act))
    assert refused.value.permanent
    assert not refused.value.outcome_unknown
    assert door.sent == []


@pytest.mark.parametrize("kind", NETWORKED)
@pytest.mark.parametrize("act", list(Act))
def test_a_call_that_never_left_is_not_in_doubt(kind: str, act: Act) -> None:
    adapter, _ = build(kind, DoorError("connection refused", kind=DoorErrorKind.UNREACHABLE))
    with pytest.raises(TransportError) as failed:
        adapter.send(act_message(act))
    assert not failed.value.permanent
    assert not failed.value.outcome_unknown


@pytest.mark.parametrize("kind", NETWORKED)
@pytest.mark.parametrize("act", list(Act))
def test_a_lost_answer_is_in_doubt_only_where_a_repeat_could_do_harm(kind: str, act: Act) -> None:
    before = BEFORE.get(kind, {}).get(act, ())
    adapter, _ = build(kind, *before, DoorError("timed out", kind=DoorErrorKind.TIMEOUT, sent=True))
    with pytest.raises(TransportError) as failed:
        adapter.send(act_message(act))
    assert failed.value.outcome_unknown == (act is Act.PUBLISH and not adapter.capabilities.idempotent)


@pytest.mark.parametrize("kind", NETWORKED)
def test_a_broken_server_is_a_failure_that_may_pass(kind: str) -> None:
    adapter, _ = build(kind, reply(500, b"oops"))
    with pytest.raises(TransportError) as failed:
        adapter.send(message())
    assert not failed.value.permanent
    assert failed.value.status == 500
    assert failed.value.needs is Needs.NOTHING


@pytest.mark.parametrize("kind", NETWORKED)
@pytest.mark.parametrize("status", [302, 400, 404, 500])
def test_no_error_and_no_repr_shows_a_secret(kind: str, status: int) -> None:
    echo = " ".join(SECRETS[kind].values()).encode()
    told = b'{"error": -201, "message": "' + echo + b'"}'
    before = BEFORE.get(kind, {}).get(Act.PUBLISH, ())
    for answer in (reply(status, echo), reply(200 if kind == "zalo" else status, told)):
        adapter, _ = build(kind, *before, answer)
        with pytest.raises(TransportError) as failed:
            adapter.send(message())
        shown = f"{failed.value} {failed.value!r} {failed.value.__cause__!r} {adapter!r}"
        assert not [name for name, secret in SECRETS[kind].items() if secret in shown]


@pytest.mark.parametrize("kind", NETWORKED)
def test_secrets_travel_in_headers_and_bodies_but_never_in_addresses(kind: str) -> None:
    if kind == "telegram":  # its interface has the bot's token in every address, and nowhere else
        adapter, door = build(kind, reply(500))
        with pytest.raises(TransportError):
            adapter.send(message())
        assert [SECRETS[kind]["bot_token"] in sent.url for sent in door.sent] == [True]
        assert not any(SECRETS[kind]["bot_token"].encode() in (sent.body or b"") for sent in door.sent)
        return
    adapter, door = build(kind, reply(500))
    with pytest.raises(TransportError):
        adapter.send(message())
    assert door.sent
    for sent in door.sent:
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
    assert isinstance(adapter, port.Finds)
    assert adapter.find(message(), MORNING) == receipt
