"""What checks found has a sentence in the reader's language beside the command's, and off is not good."""

import re
from collections.abc import Sequence
from pathlib import Path

import pytest

import coordinator
from coordinator.health_facts import SAID, SENTENCES, Fact, english, fact, said
from coordinator.translation import speaking
from coordinator.web.desk.core.health_details import DETAILS, UNUSED, detail, is_unused

COMMAND_ONLY = {SAID, "program_files", "program_files_missing", "configuration"}
PLACE = re.compile(r"%\((\w+)\)s")
ZALO = fact("channel_in_state", channel="zalo", state="needs_authorisation")


def test_every_code_has_both_sentences_and_the_pages_names_no_value_that_is_not_there() -> None:
    assert set(SENTENCES) - COMMAND_ONLY == set(DETAILS)
    assert set(DETAILS) >= UNUSED
    for code, text in DETAILS.items():
        assert set(PLACE.findall(text)) <= set(re.findall(r"\{(\w+)\}", SENTENCES[code])), code


def test_checks_find_what_has_a_sentence_and_every_sentence_is_found_by_a_check() -> None:
    root = Path(coordinator.__file__).parent
    sources = "".join((root / path).read_text() for path in ("cli/doctor.py", "jobs/checkpoints.py"))
    assert {code for code in SENTENCES if f'"{code}"' in sources} == set(SENTENCES) - {SAID}


@pytest.mark.parametrize(
    ("facts", "command", "page", "unused"),
    [
        ([fact("no_mail")], "none; one-time links are shown to be copied",
         "Chưa khai máy chủ thư; đường dẫn một lần hiện ra để sao chép.", True),
        ([fact("answers", place="thu.example:587")], "thu.example:587 answers", "thu.example:587 trả lời.", False),
        ([fact("certificate", place="tin.example", day="2027-01-02", days=31)],
         "tin.example: good until 2027-01-02, 31 days",
         "Chứng thư của tin.example có hạn tới 2027-01-02, còn 31 ngày.", False),
        ([fact("no_browser", count=17), fact("chromium")],
         "off; 17 counted copies were not seen by one; Chromium is there",
         "Tắt: 17 bài đã tính chưa xem bằng trình duyệt như người đọc thấy. Máy này đã có Chromium.", True),
        ([fact("channels_lost",
               states=[fact("channels_of_state", count=2, state="active"),
                       fact("channels_of_state", count=1, state="needs_authorisation")],
               channels=[fact("channel_error", channel="zalo", error="the token ran out")])],
         "2 active, 1 needs_authorisation: zalo (the token ran out); "
         "grant access again on the page Tài khoản chính thức",
         "2 hoạt động, 1 cần cấp quyền lại. Cần cấp quyền lại: zalo.", False),
        ([fact("queue", seconds=0), fact("channels_hold", count=84, channels=[ZALO])],
         "oldest due delivery is 0 s late; 84 wait for zalo (needs_authorisation)",
         "Lượt đến hạn lâu nhất trễ 0 giây. Chờ kênh không chạy: 84 lượt (zalo: cần cấp quyền lại).", False),
        ([fact("queue", seconds=900), fact("nobody_sends")],
         "oldest due delivery is 900 s late; nobody sends: start lantoa serve, or work",
         "Lượt đến hạn lâu nhất trễ 900 giây. Không có tiến trình nào gửi.", False),
        ([said("550 something that a server said")], "550 something that a server said", None, False),
    ],
)  # fmt: skip
def test_what_was_found_is_said_in_english_by_the_command_and_in_the_readers_language_on_the_page(
    facts: Sequence[Fact], command: str, page: str | None, unused: bool
) -> None:
    assert (english(facts), detail(facts), is_unused(facts)) == (command, page, unused)


def test_the_page_speaks_english_to_who_reads_english() -> None:
    with speaking("en"):
        assert detail([fact("no_deliveries_wait")]) == "No delivery waits for a person."
