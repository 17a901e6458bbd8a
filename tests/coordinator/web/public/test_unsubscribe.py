"""Unsubscribing from bulletins by mail: by a button, by one click of a mail program, and only for oneself."""

import pytest

from campaigns.channels.channels import ChannelState, add_channel, find_channel
from tests.coordinator.web.application import RunningApplication
from tests.factories import ADMIN

KINDS = {"email": {"address": "toasoan@bao.example"}, "manual": {}}


@pytest.fixture
def link(outside: RunningApplication) -> str:
    """Return the channel of the link in a mail."""
    with outside.database.write() as session:
        for kind, settings in KINDS.items():
            add_channel(
                session, ADMIN, code=f"kenh-{kind}", kind=kind, name="Tòa soạn", company=None, topics=None,
                settings=settings, encrypted_secrets=None, now=outside.office.now(),
            )  # fmt: skip
    return f"/unsubscribe/kenh-email.{outside.app_context.job_context.encryption.sign('leave kenh-email')}"


def state(outside: RunningApplication) -> ChannelState:
    with outside.database.read() as session:
        return find_channel(session, "kenh-email").state


def test_looking_at_the_link_changes_nothing_and_tells_no_whole_address(outside: RunningApplication, link: str) -> None:
    shown = outside.get(link)
    assert "t…@bao.example" in shown.text
    assert "toasoan" not in shown.text
    assert "Set-Cookie" not in shown.headers
    assert state(outside) is ChannelState.ACTIVE


def test_one_click_of_a_mail_program_is_enough_and_twice_is_once(outside: RunningApplication, link: str) -> None:
    for _ in range(2):
        answer = outside.client.post(link, data={"List-Unsubscribe": "One-Click"})
        assert answer.status_code == 200
        assert "sẽ không nhận thêm thư nào" in answer.text
    assert state(outside) is ChannelState.RETIRED
    assert "Đã ngừng gửi" in outside.get(link).text


@pytest.mark.parametrize("token", ["kenh-email.0123456789abcdef", "kenh-email", "khong-co.abc", "."])
def test_a_link_that_was_not_made_here_is_none(outside: RunningApplication, link: str, token: str) -> None:
    assert outside.client.post(f"/unsubscribe/{token}").status_code == 404
    assert state(outside) is ChannelState.ACTIVE


def test_only_what_is_mailed_can_be_left(outside: RunningApplication, link: str) -> None:
    other = outside.app_context.job_context.encryption.sign("leave kenh-manual")
    assert outside.client.post(f"/unsubscribe/kenh-manual.{other}").status_code == 404
