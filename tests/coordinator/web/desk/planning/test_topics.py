"""Topics: a renamed topic keeps its addresses, a retired one stays on published bulletins."""

from datetime import date

import pytest

from campaigns.bulletins import drafts
from campaigns.bulletins.drafts import BulletinText
from campaigns.core import journal
from campaigns.core.errors import Conflict, Invalid
from campaigns.people.staff import Role
from campaigns.planning.campaigns import add_topic, find_topic
from campaigns.release import series, topics, workflow
from campaigns.release.series import SeriesContent
from tests import factories
from tests.coordinator.web.desk.conftest import Desk
from tests.coordinator.web.desk.page_reader import Page
from tests.factories import ADMIN, NOW, WRITER

INDEX = "/desk/admin/topics/"


@pytest.fixture
def planning(desk: Desk) -> Desk:
    with desk.database.write() as session:
        add_topic(session, "test", code="giao-thong", name="Giao thông", now=NOW)
    desk.sign_in(Role.ADMIN)
    return desk


def test_another_name_leaves_the_code_and_what_is_out_under_it(planning: Desk) -> None:
    with planning.database.write() as session:
        factories.published(session, topic="giao-thong")
    answer = planning.post(f"{INDEX}giao-thong", {"do": "rename", "name": "Giao thông, vận tải"})
    assert answer.headers["Location"] == INDEX
    page = Page(planning.get(INDEX))
    assert page.has("nay tên là Giao thông, vận tải; mã và số liệu giữ nguyên")
    row = next(row for row in page.rows("Các chuyên đề") if row[1] == "giao-thong")
    assert row[2] == "1"
    assert "giao-thong" in planning.client.get("/feeds/feed.json?topic=giao-thong").text
    with planning.database.read() as session:
        last = list(journal.history(session, "topic", "giao-thong"))[-1]
    assert (last.act, last.details) == ("topic.renamed", '{"before":"Giao thông","name":"Giao thông, vận tải"}')


@pytest.mark.parametrize(("name", "why"), [(" ", "Nhập tên"), ("GIAO THONG", "mang tên này"), ("x" * 121, "")])
def test_a_name_that_cannot_be_taken_is_refused_in_words(planning: Desk, name: str, why: str) -> None:
    with planning.database.write() as session:
        add_topic(session, "test", code="y-te", name="Y tế", now=NOW)
    planning.post(f"{INDEX}y-te", {"do": "rename", "name": name})
    assert Page(planning.get(INDEX)).has(f"Chưa đổi tên: {why}" if why != "mang tên này" else why)
    with planning.database.read() as session:
        topic = find_topic(session, "y-te")
        assert topic is not None
        assert topic.name == "Y tế"


def test_a_retired_topic_takes_nothing_new_and_keeps_what_it_has(planning: Desk) -> None:
    with planning.database.write() as session:
        old = factories.draft(session, topic="giao-thong").code
    planning.post(f"{INDEX}giao-thong", {"do": "retire"})
    assert Page(planning.get(INDEX)).has("ngừng dùng")
    text = BulletinText("Cấm đường đêm nay", "", "<p>Từ 22 giờ.</p>", "Từ 22 giờ.")
    with planning.database.write() as session, pytest.raises(Invalid) as refused:
        drafts.create(session, WRITER, text, topic="giao-thong", now=NOW)
    assert [error.code for error in refused.value.errors] == ["retired_topic"]
    with planning.database.write() as session:
        workflow.revise(session, WRITER, old, text, now=NOW)
    planning.sign_in(Role.WRITER)
    assert 'value="giao-thong"' not in planning.get("/desk/bulletins/new")
    assert 'value="giao-thong"' in planning.get(f"/desk/bulletins/{old}/edit")
    planning.sign_in(Role.ADMIN)
    planning.post(f"{INDEX}giao-thong", {"do": "restore"})
    with planning.database.write() as session:
        drafts.create(session, WRITER, text, topic="giao-thong", now=NOW)


def test_a_topic_with_a_series_going_on_is_not_retired(planning: Desk) -> None:
    wanted = SeriesContent(
        title="Điểm tin {ngày}", topic="giao-thong", weekdays=frozenset(range(7)), minute=390, skips_holidays=False,
        channels=None,
    )  # fmt: skip
    with planning.database.write() as session:
        series.begin_series(
            session, WRITER, name="Điểm tin", starts_on=date(2026, 12, 1), ends_on=None, wanted=wanted, now=NOW
        )
    with planning.database.write() as session, pytest.raises(Conflict, match="Điểm tin"):
        topics.retire_topic(session, ADMIN, "giao-thong", now=NOW)
    planning.post(f"{INDEX}giao-thong", {"do": "retire"})
    assert Page(planning.get(INDEX)).has("Loạt bản tin định kỳ Điểm tin còn chạy với chuyên đề này")


def test_who_does_not_plan_changes_no_topic(planning: Desk) -> None:
    planning.sign_in(Role.WRITER)
    assert planning.post(f"{INDEX}giao-thong", {"do": "retire"}).status_code == 403
