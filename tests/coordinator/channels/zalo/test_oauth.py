"""Access to the account: PKCE, single-use refresh tokens, and what happens when a renewal goes wrong."""

import threading
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from urllib.parse import parse_qs, urlencode, urlsplit

import pytest
import requests

from campaigns.channels.transport import ChannelNeed, TransportError
from coordinator.channels.zalo import oauth
from coordinator.channels.zalo.oauth import ZaloAccess
from coordinator.channels.zalo.settings import ZaloSettings
from coordinator.demo.loopback_services import SandboxServer
from coordinator.demo.sandbox_zalo import SandboxZalo, ZaloFault
from coordinator.demo.sandbox_zalo_account import SandboxAccount
from tests.coordinator.channels.fakes import Clock, MemorySecrets, UnlockedSecrets, loopback_client

TOKENS = "/v4/oa/access_token"


@dataclass(frozen=True)
class World:
    """One sandbox, one channel, one clock for both."""

    zalo: SandboxZalo
    settings: ZaloSettings
    vault: MemorySecrets
    clock: Clock

    def access(self) -> ZaloAccess:
        return ZaloAccess(self.settings, self.vault, loopback_client(), self.clock)

    def is_good(self, token: str) -> bool:
        answer = requests.get(f"{self.settings.api_base}/v2.0/oa/getoa", headers={"access_token": token}, timeout=30)
        return bool(answer.json()["error"] == 0)


@pytest.fixture
def world() -> Iterator[World]:
    clock = Clock()
    zalo = SandboxZalo(SandboxAccount(now=clock))
    with SandboxServer(zalo.app) as base:
        settings = ZaloSettings(
            app_id=zalo.account.app_id,
            oa_id=zalo.account.oa_id,
            author="Sở",
            cover_url="https://tin.thudo.example/bia.png",
            api_base=base,
            oauth_base=base,
        )
        yield World(zalo, settings, MemorySecrets(app_secret=zalo.account.app_secret), clock)


def granted(world: World) -> World:
    access, refresh = world.zalo.account.issue()
    expires = world.clock() + timedelta(seconds=world.zalo.account.lasts)
    world.vault.save(
        {
            **world.vault.load(),
            "access_token": access,
            "refresh_token": refresh,
            "expires_at": expires.isoformat(),
            "lasts": str(world.zalo.account.lasts),
        }
    )
    world.vault.saves.clear()
    return world


def test_the_challenge_of_the_published_example_comes_out_to_the_letter() -> None:
    verifier = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk"
    assert oauth.code_challenge(verifier) == "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM"


def test_a_verifier_has_43_characters_and_is_new_each_time() -> None:
    first, second = oauth.new_code_verifier(), oauth.new_code_verifier()
    assert len(first) == len(second) == 43
    assert first != second
    assert set(first) <= set("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_")


def test_an_administrator_grants_access_in_the_browser(world: World) -> None:
    verifier = oauth.new_code_verifier()
    url = oauth.permission_url(
        world.settings, redirect_uri="http://localhost:8800/channels/zalo/callback?x=1", verifier=verifier, state="s-1"
    )
    page = requests.get(url, timeout=30)
    assert "SANDBOX – not Zalo" in page.text
    query = {name: values[0] for name, values in parse_qs(urlsplit(url).query).items()}
    assert set(query) == {"app_id", "redirect_uri", "code_challenge", "state"}
    agreed = requests.post(url, data=query, timeout=30, allow_redirects=False)
    back = parse_qs(urlsplit(agreed.headers["Location"]).query)
    assert back["state"] == ["s-1"]
    assert back["x"] == ["1"]
    access = world.access()
    access.accept(code=back["code"][0], verifier=verifier, oa_id=back["oa_id"][0])
    assert world.is_good(access.token())
    assert access.standing().expires_at == world.clock() + timedelta(seconds=90_000)


def test_another_account_than_the_configured_one_is_refused_before_the_code_is_used(world: World) -> None:
    code = world.zalo.account.grant("whatever")
    with pytest.raises(TransportError) as refused:
        world.access().accept(code=code, verifier="v", oa_id="999")
    assert refused.value.permanent
    assert refused.value.needs is ChannelNeed.AUTHORISATION
    assert world.zalo.calls == []


def test_a_wrong_verifier_is_refused_and_nothing_is_kept(world: World) -> None:
    code = world.zalo.account.grant(oauth.code_challenge("the-right-one"))
    with pytest.raises(TransportError) as refused:
        world.access().accept(code=code, verifier="the-wrong-one", oa_id=world.settings.oa_id)
    assert refused.value.needs is ChannelNeed.AUTHORISATION
    assert world.vault.saves == []


def test_without_a_grant_an_administrator_is_asked_for_one(world: World) -> None:
    with pytest.raises(TransportError) as refused:
        world.access().token()
    assert refused.value.needs is ChannelNeed.AUTHORISATION
    assert world.zalo.calls == []


def test_a_refresh_token_alone_is_enough_to_begin_with(world: World) -> None:
    _, refresh = world.zalo.account.issue()
    world.vault.save({**world.vault.load(), "refresh_token": refresh})
    assert world.is_good(world.access().token())


def test_a_token_with_hours_to_go_is_used_as_it_is(world: World) -> None:
    granted(world)
    world.clock.move(hours=18, minutes=59)
    world.access().token()
    assert world.zalo.calls == []


def test_a_token_with_six_hours_left_is_renewed_and_the_pair_is_saved_first(world: World) -> None:
    granted(world)
    before = world.vault.load()
    world.clock.move(hours=19)
    token = world.access().token()
    (saved,) = world.vault.saves
    assert saved["access_token"] == token
    assert saved["refresh_token"] != before["refresh_token"]
    assert saved["previous_refresh_token"] == before["refresh_token"]
    assert datetime.fromisoformat(saved["expires_at"]) == world.clock() + timedelta(seconds=90_000)
    assert world.vault.held == 1
    assert world.is_good(token)


def test_a_short_lived_token_is_renewed_half_way_and_not_at_every_call(world: World) -> None:
    world.zalo.account.lasts = 3600
    granted(world)
    world.clock.move(minutes=29)
    world.access().token()
    assert world.zalo.calls == []
    world.clock.move(minutes=1)
    world.access().token()
    assert world.zalo.calls == [TOKENS]


def test_a_pair_is_saved_before_it_is_handed_out(world: World) -> None:
    granted(world)
    world.clock.move(hours=20)

    class FailingVault(MemorySecrets):
        def save(self, secrets: object) -> None:
            raise OSError("disk full")

    access = ZaloAccess(world.settings, FailingVault(**world.vault.load()), loopback_client(), world.clock)
    with pytest.raises(OSError, match="disk full"):
        access.token()


@pytest.mark.parametrize("kind", ["status", "lost", "cut", "garbage"])
def test_while_the_old_token_works_a_failed_renewal_is_only_a_warning(world: World, kind: str) -> None:
    granted(world)
    before = world.vault.load()["access_token"]
    world.clock.move(hours=20)
    world.zalo.faults.append(ZaloFault(TOKENS, kind))
    access = world.access()
    assert access.token() == before
    assert "could not be renewed" in access.warning
    assert world.vault.saves == []


def test_a_lost_answer_that_burnt_the_refresh_token_ends_in_a_request_for_a_new_grant(world: World) -> None:
    granted(world)
    world.clock.move(hours=26)
    world.zalo.faults.append(ZaloFault(TOKENS, "cut"))
    with pytest.raises(TransportError) as lost:
        world.access().token()
    assert lost.value.needs is ChannelNeed.NOTHING
    assert not lost.value.permanent
    assert not lost.value.outcome_unknown
    with pytest.raises(TransportError) as burnt:
        world.access().token()
    assert burnt.value.needs is ChannelNeed.AUTHORISATION


def test_too_many_requests_while_renewing_are_not_taken_for_a_withdrawn_grant(world: World) -> None:
    granted(world)
    world.clock.move(hours=26)
    world.zalo.faults.append(ZaloFault(TOKENS, "error", code=-32))
    with pytest.raises(TransportError) as busy:
        world.access().token()
    assert busy.value.needs is ChannelNeed.NOTHING
    assert busy.value.retry_after == 60


def test_the_refusal_never_repeats_a_secret(world: World) -> None:
    granted(world)
    world.zalo.account.revoke()
    world.clock.move(hours=26)
    with pytest.raises(TransportError) as refused:
        world.access().token()
    assert refused.value.needs is ChannelNeed.AUTHORISATION
    for name in ("app_secret", "access_token", "refresh_token"):
        assert world.vault.load()[name] not in f"{refused.value} {refused.value.__cause__!r}"


def test_of_many_workers_one_renews_and_all_get_the_same_token(world: World) -> None:
    granted(world)
    world.clock.move(hours=20)
    tokens: list[str] = []
    ready = threading.Barrier(8)

    def work() -> None:
        ready.wait(timeout=30)
        tokens.append(world.access().token())

    threads = [threading.Thread(target=work) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=20)
    assert len(tokens) == 8
    assert len(set(tokens)) == 1
    assert world.zalo.calls == [TOKENS]


def test_without_a_lock_a_worker_that_lost_the_race_takes_the_winners_pair(world: World) -> None:
    granted(world)
    world.clock.move(hours=26)
    winner = world.access()

    class RacedVault(UnlockedSecrets):
        """Between our reading and our asking, another worker renews."""

        def load(self) -> dict[str, str]:
            kept = dict(super().load())
            if not world.zalo.calls and threading.current_thread() is threading.main_thread():
                racer = threading.Thread(target=winner.token)
                racer.start()
                racer.join(timeout=10)
            return kept

    # The first reading already sees the old pair and lets the winner pass.
    loser = ZaloAccess(world.settings, RacedVault(world.vault), loopback_client(), world.clock)
    assert loser.token() == world.vault.load()["access_token"]


def test_moving_the_settings_to_the_sandbox_changes_the_addresses_alone(world: World) -> None:
    real = world.settings.model_copy(update={"oauth_base": "https://oauth.zaloapp.com"})
    url = oauth.permission_url(real, redirect_uri="https://a.example/cb", verifier="v" * 43, state="s")
    assert url.startswith("https://oauth.zaloapp.com/v4/oa/permission?")
    assert urlencode({"redirect_uri": "https://a.example/cb"}) in url
    assert replace(world, settings=real).settings.app_id == world.settings.app_id
