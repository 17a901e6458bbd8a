"""The details of the page of health: each sentence of the command has one in the reader's language."""

import pytest

from coordinator.web.desk.core.health_details import HealthDetail, find_detail


@pytest.mark.parametrize(
    ("subject", "words", "detail"),
    [
        ("mail", "none; one-time links are shown to be copied",
         HealthDetail("Chưa khai máy chủ thư; đường dẫn một lần hiện ra để sao chép.", unused=True)),
        ("mail", "thu.example:587 answers", HealthDetail("thu.example:587 trả lời.")),
        ("certificate", "none: the address is not https",
         HealthDetail("Không có: địa chỉ không phải https.", unused=True)),
        ("certificate", "tin.example: good until 2027-01-02, 31 days",
         HealthDetail("Chứng thư của tin.example có hạn tới 2027-01-02, còn 31 ngày.")),
        ("copy", "none; set LANTOA_COPY_FOLDER", HealthDetail("Tắt; bật bằng LANTOA_COPY_FOLDER.", unused=True)),
        ("browser", "off; 17 counted copies were not seen by one; Chromium is there",
         HealthDetail("Tắt: 17 bài đã tính chưa xem bằng trình duyệt như người đọc thấy.", unused=True)),
        ("channels", "none yet", HealthDetail("Chưa có kênh nào.", unused=True)),
        ("channels", "2 active, 1 needs_authorisation: zalo (the token ran out); grant access again",
         HealthDetail("2 hoạt động, 1 cần cấp quyền lại.")),
        ("queue", "oldest due delivery is 0 s late; 84 wait for zalo (needs_authorisation)",
         HealthDetail("Lượt đến hạn lâu nhất trễ 0 giây. Chờ kênh không chạy: 84 lượt (zalo (needs_authorisation)).")),
        ("queue", "oldest due delivery is 900 s late; nobody sends: start lantoa serve, or work",
         HealthDetail("Lượt đến hạn lâu nhất trễ 900 giây, và không có tiến trình nào gửi.")),
        ("sources", "0 lists are watched, 0 fail repeatedly, 0 are silent",
         HealthDetail("Chưa theo dõi nguồn nào.", unused=True)),
        ("backup", "none was made yet", HealthDetail("Chưa có bản sao lưu nào.", unused=True)),
        ("a new subject", "anything", HealthDetail(None)),
        ("mail", "550 something that a server said", HealthDetail(None)),
    ],
)  # fmt: skip
def test_what_the_command_says_is_told_in_the_readers_language_and_off_is_not_good(
    subject: str, words: str, detail: HealthDetail
) -> None:
    assert find_detail(subject, words) == detail
