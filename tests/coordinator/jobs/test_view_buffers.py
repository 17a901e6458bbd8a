"""Which agents are programs."""

import pytest

from coordinator.jobs.view_buffers import is_bot

BROWSER = "Mozilla/5.0 (Linux; Android 15) AppleWebKit/537.36 Chrome/140.0 Mobile Safari/537.36"


@pytest.mark.parametrize(
    "agent",
    [
        "", " ", "Googlebot/2.1", "curl/8.9", "Wget/1.25", "python-requests/2.32", "facebookexternalhit/1.1", "Java/17",
        "Mozilla/5.0 (compatible; bingbot/2.0)", "HeadlessChrome/140", "WhatsApp Preview", "Uptime-Monitor",
        "coccocbot-web/1.0", "Mozilla/5.0 (compatible; GPTBot/1.2)",
    ],
)  # fmt: skip
def test_programs_that_say_so_are_no_readers(agent: str) -> None:
    assert is_bot(agent)


@pytest.mark.parametrize(
    "agent",
    [
        BROWSER, "Mozilla/5.0 (Linux; Android 13; CUBOT P80) Chrome/140.0", "Zalo android/23",
        "Mozilla/5.0 (Windows NT 10.0) coc_coc_browser/120 Chrome/114",
        "Mozilla/5.0 (Linux; Android 14) [FBAN/FB4A;FBAV/480.0]",
    ],
)  # fmt: skip
def test_readers_are_no_programs(agent: str) -> None:
    assert not is_bot(agent)
