"""The sentences of the day's page, each said only where it is so."""

import pytest

from coordinator.web.desk.today.routes import nothing_to_do_note, sending_note


@pytest.mark.parametrize(
    ("facts", "words"),
    [
        ({}, "Không có lượt phát lỗi"),
        ({"tasks": 3}, "Không có lượt phát lỗi; còn việc bên dưới"),
        ({"retrying": 1}, "1 lượt phát lỗi, đang thử lại"),
        ({"retrying": 1, "tasks": 2}, "1 lượt phát lỗi, đang thử lại"),
        ({"delayed": 84, "tasks": 1}, "84 lượt phát đang trễ"),
        ({"delayed": 84, "retrying": 2}, "84 lượt phát đang trễ"),
        ({"troubled": 1200, "delayed": 84, "retrying": 2, "tasks": 9}, "1.200 lượt phát đợi người"),
    ],
)
def test_nothing_is_said_to_go_well_while_something_fails_waits_or_is_late(facts: dict[str, int], words: str) -> None:
    assert sending_note(**facts) == words


@pytest.mark.parametrize(
    ("waiting", "skipped", "words"),
    [
        (0, 0, "Không có gì cần xử lý."),
        (2, 0, "Không có việc nào khác; 2 bản tin chờ bạn duyệt."),
        (2, 1, "Không có việc nào khác; 2 bản tin chờ bạn duyệt."),
        (0, 1, "Không còn gì cần xử lý; 1 việc đã bỏ qua."),
    ],
)
def test_an_empty_list_of_tasks_says_what_there_is_beside_it(waiting: int, skipped: int, words: str) -> None:
    assert nothing_to_do_note(waiting=waiting, skipped=skipped) == words
