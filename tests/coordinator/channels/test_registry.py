"""The table of kinds, and the check of what administrators enter."""

import re
from collections.abc import Mapping
from datetime import timedelta
from pathlib import Path

import pytest

from campaigns.bulletins.media import MediaItem, MediaKind
from campaigns.channels.transport import ChannelSettings
from campaigns.core.errors import Invalid
from campaigns.core.intervals import NORMAL
from campaigns.core.ledger import LONGEST_LEASE
from campaigns.delivery.media_limits import Fit
from campaigns.delivery.outbox import DeliveryMode
from coordinator.channels import registry
from coordinator.channels.http_calls import upload_seconds
from coordinator.channels.webhook import signing
from tests.coordinator.channels.fakes import MORNING, MemorySecrets, loopback_client

ZALO = {
    "app_id": "1234567890123456789",
    "oa_id": "4567890123456789012",
    "app_secret": "s3cret-of-the-app",
    "author": "Sở Thông tin Thủ đô",
    "cover_url": "https://tin.thudo.example/bia.png",
}


def problems(kind: str, values: Mapping[str, object], **more: object) -> dict[str, str]:
    with pytest.raises(Invalid) as refused:
        registry.check_settings(kind, values, **more)  # type: ignore[arg-type]  # ``kept`` alone is ever passed
    return {error.field: error.code for error in refused.value.errors}


def test_the_kinds_of_this_product_are_the_documented_ones() -> None:
    accounts = {"zalo", "mastodon", "telegram", "facebook", "manual", "lotus"}
    sites = {"email", "webhook", "wordpress", "feed", "websub"}
    assert set(registry.KINDS) == accounts | sites | {"memory"}
    assert {name for name, row in registry.KINDS.items() if not row.offered} == {"memory"}


def test_an_unknown_kind_is_named() -> None:
    assert problems("fax", {}) == {"kind": "unknown_kind"}
    with pytest.raises(Invalid):
        registry.build_transport("fax", ChannelSettings("x"), MemorySecrets(), loopback_client())
    with pytest.raises(Invalid):
        registry.setting_fields("fax")


def test_a_webhook_without_a_secret_gets_a_new_one() -> None:
    plain, secrets = registry.check_settings("webhook", {"url": "https://doi-tac.example/nhan"})
    assert plain == {"url": "https://doi-tac.example/nhan", "whole_text": False}
    assert len(signing.key_bytes(secrets["secret"])) == 32


def test_a_webhook_that_has_a_secret_keeps_it() -> None:
    _, secrets = registry.check_settings("webhook", {"url": "https://doi-tac.example/nhan"}, kept=["secret"])
    assert secrets == {}


def test_a_given_secret_is_kept_apart_from_the_plain_settings() -> None:
    secret = signing.new_secret()
    plain, secrets = registry.check_settings("webhook", {"url": "https://doi-tac.example/nhan", "secret": secret})
    assert "secret" not in plain
    assert secrets == {"secret": secret}


def test_a_bad_secret_is_refused_and_not_repeated() -> None:
    with pytest.raises(Invalid) as refused:
        registry.check_settings("webhook", {"url": "https://a.example/", "secret": "hunter2hunter2"})
    assert [error.field for error in refused.value.errors] == ["settings.secret"]
    assert "hunter2" not in str(refused.value)
    assert refused.value.__cause__ is None


def test_every_bad_field_is_reported_at_once() -> None:
    found = problems("zalo", {"app_id": "abc", "cover_url": "ftp://x/y", "comments": "perhaps", "colour": "red"})
    assert found == {
        "settings.app_id": "invalid",
        "settings.oa_id": "required",
        "settings.app_secret": "required",
        "settings.author": "required",
        "settings.cover_url": "invalid",
        "settings.comments": "invalid",
        "settings.colour": "unknown_setting",
    }


@pytest.mark.parametrize(
    "url",
    [
        "doi-tac.example/nhan",
        "ftp://doi-tac.example/",
        "https://",
        "https://user:pw@doi-tac.example/",
        "https://doi-tac.example/#here",
        "https://doi-tac.example/a b",
        "https://doi-tac.example:99999/",
        "https://[::1/",
        "https://doi-tac.example/" + "x" * 1000,
        "javascript:alert(1)",
    ],
)
def test_an_address_that_nothing_could_be_sent_to_is_refused(url: str) -> None:
    assert problems("webhook", {"url": url}) == {"settings.url": "invalid"}


def test_numbers_and_empty_fields_of_forms_are_understood() -> None:
    values = {**ZALO, "app_id": 1234567890123456789, "refresh_token": "", "comments": ""}
    plain, secrets = registry.check_settings("zalo", values)
    assert plain["app_id"] == "1234567890123456789"
    assert plain["comments"] == "hide"
    assert secrets == {"app_secret": "s3cret-of-the-app"}


def test_the_real_zalo_addresses_are_the_default_and_can_be_replaced() -> None:
    plain, _ = registry.check_settings("zalo", ZALO)
    assert (plain["api_base"], plain["oauth_base"]) == ("https://openapi.zalo.me", "https://oauth.zaloapp.com")
    plain, _ = registry.check_settings("zalo", {**ZALO, "api_base": "http://127.0.0.1:9/"})
    assert plain["api_base"] == "http://127.0.0.1:9"


def test_a_kept_secret_need_not_be_given_again() -> None:
    values = {name: value for name, value in ZALO.items() if name != "app_secret"}
    assert problems("zalo", values) == {"settings.app_secret": "required"}
    _, secrets = registry.check_settings("zalo", values, kept={"app_secret"})
    assert secrets == {}


def test_a_new_webhook_secret_leaves_the_former_in_force_for_a_day() -> None:
    merged = registry.merge_secrets("webhook", {"secret": "old"}, {"secret": "new"}, now=MORNING)
    assert merged == {
        "secret": "new",
        "previous_secret": "old",
        "previous_until": (MORNING + timedelta(hours=24)).isoformat(),
    }
    assert registry.merge_secrets("webhook", {"secret": "old"}, {}, now=MORNING) == {"secret": "old"}
    assert registry.merge_secrets("webhook", {}, {"secret": "new"}, now=MORNING) == {"secret": "new"}


def test_a_new_zalo_grant_ends_the_use_of_the_former_access_token() -> None:
    kept = {"app_secret": "a", "access_token": "t", "expires_at": "x", "refresh_token": "r1"}
    merged = registry.merge_secrets("zalo", kept, {"refresh_token": "r2"}, now=MORNING)
    assert merged == {"app_secret": "a", "refresh_token": "r2"}
    assert registry.merge_secrets("zalo", kept, {"app_secret": "b"}, now=MORNING) == {**kept, "app_secret": "b"}


def test_the_outbox_learns_which_kinds_fetch_and_which_are_served_by_hand() -> None:
    delivery_modes = registry.delivery_modes()
    assert {kind: delivery_modes.mode_of(kind) for kind in registry.KINDS} == {
        "email": DeliveryMode.PUSHED,
        "facebook": DeliveryMode.PUSHED,
        "mastodon": DeliveryMode.PUSHED,
        "telegram": DeliveryMode.PUSHED,
        "webhook": DeliveryMode.PUSHED,
        "websub": DeliveryMode.PUSHED,
        "wordpress": DeliveryMode.PUSHED,
        "zalo": DeliveryMode.PUSHED,
        "lotus": DeliveryMode.PULLED,
        "feed": DeliveryMode.PULLED,
        "manual": DeliveryMode.MANUAL,
        "memory": DeliveryMode.PUSHED,
    }


def test_a_form_can_be_drawn_from_the_table() -> None:
    fields = {field.name: field for field in registry.setting_fields("zalo")}
    assert fields["app_secret"].secret
    assert fields["app_secret"].required
    assert fields["refresh_token"].secret
    assert not fields["refresh_token"].required
    assert fields["comments"].choices == ("show", "hide")
    assert fields["api_base"].choices == ()
    assert fields["author"].label.label == "Tác giả"
    assert fields["cover_url"].required
    assert fields["escape_text"].default is True


def test_stored_settings_that_are_no_longer_right_are_reported_by_field() -> None:
    with pytest.raises(Invalid) as refused:
        registry.build_transport(
            "webhook", ChannelSettings("doi-tac", {"adress": "x"}), MemorySecrets(), loopback_client()
        )
    assert {error.field for error in refused.value.errors} == {"settings.url", "settings.adress"}


@pytest.mark.parametrize(
    ("kind", "settings", "page"),
    [
        ("zalo", ZALO | {"oa_id": "123"}, "https://zalo.me/123"),
        ("facebook", {"page_id": "77"}, "https://www.facebook.com/77"),
        ("telegram", {"chat": "@tin_thanh_pho"}, "https://t.me/tin_thanh_pho"),
        ("telegram", {"chat": "-1001234567890"}, ""),
        ("mastodon", {"server_url": "https://mang.example/", "account": "so"}, "https://mang.example/@so"),
        ("lotus", {"profile_url": "https://lotus.example/so"}, "https://lotus.example/so"),
        ("lotus", {}, ""),
        ("manual", {"page_url": "https://trang.example/"}, "https://trang.example/"),
        ("webhook", {"url": "https://nhan.example/"}, ""),
        ("zalo", {"oa_id": "no longer valid"}, ""),
    ],
)
def test_readers_are_led_to_the_page_of_an_account(kind: str, settings: dict[str, str], page: str) -> None:
    assert registry.public_page(kind, settings) == page


def test_what_a_kind_does_not_take_of_a_bulletins_media_is_told_with_a_command() -> None:
    video = MediaItem(
        ident="a" * 32, kind=MediaKind.VIDEO, sha256="a" * 64, mime="video/mp4", length=60_000_000, seconds=200.0
    )
    (zalo,) = registry.media_misfits([video], "zalo")
    assert (zalo.fit, zalo.excess) == (Fit.TOO_LARGE, 10_000_000)
    assert zalo.command.startswith("ffmpeg -i in.mp4 ")
    assert registry.media_misfits([video], "webhook") == ()
    (mail,) = registry.media_misfits([video], "email")
    assert (mail.fit, mail.command) == (Fit.NOT_TAKEN, "")


def test_every_kind_that_is_offered_is_in_the_table_of_media_with_its_largest_file() -> None:
    page = (Path(__file__).parents[3] / "docs" / "reference" / "media-limits.md").read_text(encoding="utf-8")
    rows = {name: row for row in page.splitlines() if row.startswith("| `") for name in re.findall(r"`(\w+)`", row)}
    for kind, row in registry.KINDS.items():
        if not row.offered:
            continue
        assert kind in rows
        for limit in row.capabilities.media:
            assert limit.most_bytes is not None
            assert f"{limit.most_bytes // 1_000_000} MB" in rows[kind], (kind, limit.kind)


def test_an_upload_of_the_largest_file_ends_within_the_longest_lease() -> None:
    largest = max(limit.most_bytes or 0 for row in registry.KINDS.values() for limit in row.capabilities.media)
    assert timedelta(seconds=upload_seconds(largest)) + NORMAL.lease < LONGEST_LEASE
