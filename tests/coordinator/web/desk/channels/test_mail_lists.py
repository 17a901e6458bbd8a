"""Many mail addresses at once: all of a list are added, or none and every invalid line is reported."""

import pytest
import sqlalchemy as sa

from campaigns.channels.channels import Channel, ChannelState
from campaigns.people.staff import Role
from coordinator.web.desk.channels.mail_lists import MOST_ADDRESSES, MailListEntry, parse_list
from tests.coordinator.web.desk.conftest import Desk
from tests.coordinator.web.desk.page_reader import Page

ADDRESS = "/desk/channels/_many/email"


def add(desk: Desk, typed: str, status: int, **more: str) -> str:
    answer = desk.post(ADDRESS, {"list": typed, "every": "1"} | more)
    assert answer.status_code == status, answer.text
    return str(answer.text)


def channels(desk: Desk) -> list[tuple[str, str, list[str] | None]]:
    with desk.database.read() as session:
        found = session.execute(sa.select(Channel).order_by(Channel.id)).scalars()
        return [(channel.name, channel.settings["address"], channel.topics) for channel in found]


@pytest.mark.parametrize(
    ("line", "name", "address"),
    [
        ("Báo Nhịp Sông <toasoan@nhip-song.example>", "Báo Nhịp Sông", "toasoan@nhip-song.example"),
        ('"Báo Nhịp Sông" <a@b.example>;', "Báo Nhịp Sông", "a@b.example"),
        ("Báo Nhịp Sông\ta@b.example", "Báo Nhịp Sông", "a@b.example"),
        ("a@b.example\tBáo  Nhịp Sông", "Báo Nhịp Sông", "a@b.example"),
        ("a@b.example, Báo Nhịp Sông", "Báo Nhịp Sông", "a@b.example"),
        ("  a@b.example ", "a@b.example", "a@b.example"),
        ("Báo Nhịp Sông", "Báo Nhịp Sông", ""),
    ],
)
def test_a_name_and_an_address_are_distinguished_however_they_are_written(line: str, name: str, address: str) -> None:
    assert parse_list(f"\n{line}\n\n") == [MailListEntry(2, name, address)]


def test_a_list_becomes_a_channel_each_with_the_chosen_topics(desk: Desk) -> None:
    desk.sign_in(Role.ADMIN)
    typed = "Nhịp Sông <a@nhip-song.example>\r\n\r\nb@pho-tin.example\tPhố Tin"
    desk.post(ADDRESS, {"list": typed, "topics": "dich-benh"})
    assert channels(desk) == [
        ("Nhịp Sông", "a@nhip-song.example", ["dich-benh"]),
        ("Phố Tin", "b@pho-tin.example", ["dich-benh"]),
    ]


def test_every_wrong_line_is_named_and_none_is_added(desk: Desk) -> None:
    desk.sign_in(Role.ADMIN)
    add(desk, "Đang nhận <co@bao.example>\nĐã thôi <thoi@bao.example>", 303)
    with desk.database.write() as session:
        gone = session.execute(sa.select(Channel).where(Channel.name == "Đã thôi")).scalar_one()
        gone.state = ChannelState.RETIRED
    typed = "moi@bao.example\nkhông có gì\nx@\nCO@bao.example\nthoi@bao.example\nMOI@bao.example\na@b"
    page = Page(add(desk, typed, 422))
    lines = [node.text() for node in page.tree.css(".summary li")]
    assert [line.partition(":")[0] for line in lines] == [f"Dòng {number}" for number in range(2, 8)]
    text = " ".join(lines)
    for words in ("không có địa chỉ thư", "không phải địa chỉ thư", "đang nhận rồi", "đã ngừng nhận", "đã có ở dòng 1"):
        assert words in text
    assert page.value("list") == typed
    assert len(channels(desk)) == 2


def test_an_empty_list_and_one_that_is_too_long_are_reported(desk: Desk) -> None:
    desk.sign_in(Role.ADMIN)
    assert "mỗi dòng một địa chỉ" in add(desk, " \n ", 422)
    assert "nhiều nhất 500" in add(
        desk, "\n".join(f"a{number}@bao.example" for number in range(MOST_ADDRESSES + 1)), 422
    )
    assert channels(desk) == []
