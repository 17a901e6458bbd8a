"""Templates at the desk: kept, changed, archived, and bulletins begun from them."""

from datetime import date

import pytest
import sqlalchemy as sa

from campaigns.bulletins import templates
from campaigns.bulletins.bulletins import Bulletin, BulletinState, find_bulletin
from campaigns.bulletins.templates import BulletinTemplate, TemplateContent, TemplateVersion
from campaigns.channels.channels import ChannelState
from campaigns.people.staff import Role
from campaigns.planning.campaigns import find_topic
from campaigns.release import series
from campaigns.release.series import SeriesContent
from tests import factories
from tests.coordinator.web.desk.conftest import BEGINNING, Desk
from tests.coordinator.web.desk.page_reader import Page
from tests.factories import APPROVER, WRITER

TEMPLATES, NEW = "/desk/templates", "/desk/bulletins/new"
FORM = {
    "name": "Dịch bệnh tuần", "title": "Dịch bệnh tuần {tuần}, đến {ngày}", "lead": "",
    "body_html": "Có {số} ca mắc mới.", "body_as": "text",
    "topic": "dich-benh", "source_url": "", "reach": "all", "do": "save",
}  # fmt: skip


@pytest.fixture
def writer(desk: Desk) -> Desk:
    desk.sign_in(Role.WRITER)
    return desk


def kept(desk: Desk, author: object = APPROVER, **more: object) -> str:
    with desk.database.write() as session:
        text = factories.text("Dịch bệnh tuần {tuần}, đến {ngày}", "Có {số} ca mắc mới.")
        wanted = TemplateContent("Dịch bệnh tuần", text, "dich-benh", **more)  # type: ignore[arg-type]
        return templates.create_template(session, author, wanted, now=BEGINNING).public  # type: ignore[arg-type]


def test_a_template_is_kept_changed_archived_and_used_again(writer: Desk) -> None:
    assert Page(writer.get(TEMPLATES)).has("Chưa có mẫu nào.")
    assert writer.post(f"{TEMPLATES}/_new", FORM).location == TEMPLATES
    page = Page(writer.get(TEMPLATES))
    ((_name, topic, *_rest),) = page.rows("Mẫu bản tin")
    assert (page.has("Đã lưu mẫu “Dịch bệnh tuần”."), topic) == (True, "Dịch bệnh")
    address = page.link("Dịch bệnh tuần")
    page = Page(writer.get(address))
    assert (page.value("title"), page.value("body_html")) == (FORM["title"], FORM["body_html"])
    changed = FORM | {"lead": "Số liệu tuần {tuần}.", "expected": page.value("expected")}
    assert writer.post(address, changed).status_code == 303
    again = writer.post(address, changed | {"lead": "Khác."})
    assert again.status_code == 409
    assert Page(again.text).has("vừa được người khác sửa")
    assert Page(again.text).value("lead") == "Khác."
    assert writer.post(f"{address}/archive").status_code == 303
    assert Page(writer.get(TEMPLATES)).has("Chưa có mẫu nào.")
    public = address.rpartition("/")[2]
    assert Page(writer.get(f"{NEW}?template={public}")).has("đã lưu trữ")
    writer.post(f"{address}/archive", {"do": "restore"})
    assert "Dịch bệnh tuần" in Page(writer.get(f"{TEMPLATES}?q=dich benh")).rows("Mẫu bản tin")[0][0]
    with writer.database.read() as session:
        assert session.execute(sa.select(sa.func.count()).select_from(TemplateVersion)).scalar_one() == 2


def test_a_bad_template_names_every_place_and_keeps_what_was_typed(writer: Desk) -> None:
    bad = FORM | {
        "name": "", "title": "Tin {giờ}", "body_as": "html", "topic": "",
        "body_html": '<p><a href="https://so.example/{ngày}">Tệp</a></p>',
    }  # fmt: skip
    answer = writer.post(f"{TEMPLATES}/_new", bad)
    assert answer.status_code == 422
    assert set(Page(answer.text).errors()) == {"name", "title", "body-html", "topic"}
    assert Page(answer.text).value("title") == "Tin {giờ}"
    with writer.database.read() as session:
        assert session.execute(sa.select(BulletinTemplate)).first() is None


def test_a_bulletin_is_begun_from_a_template_and_asks_for_what_is_left(writer: Desk) -> None:
    public = kept(writer)
    page = Page(writer.get(f"{NEW}?template={public}&release=01/12/2026"))
    assert page.value("title") == "Dịch bệnh tuần 49, đến 01/12/2026"
    assert page.has("Còn phải điền: {số}; chưa điền thì chưa gửi duyệt được.")
    form = {name: page.value(name) for name in ("title", "lead", "body_html", "topic", "campaign", "template")}
    form |= {"draft": page.value("draft"), "reach": "all", "do": "submit", "body_as": "text"}
    refused = writer.post(NEW, form)
    assert refused.status_code == 422
    assert Page(refused.text).errors() == {"body-html": "Còn chỗ trống chưa điền: {số}"}
    assert Page(refused.text).value("template") == public
    saved = writer.post(NEW, form | {"body_html": "Có 12 ca mắc mới."})
    with writer.database.read() as session:
        bulletin = find_bulletin(session, (saved.location or "").rpartition("/")[2])
        assert (bulletin.state, bulletin.template_version_id is not None) == (BulletinState.SUBMITTED, True)
        code = bulletin.code
    writer.sign_in(Role.APPROVER)
    assert Page(writer.get(f"/desk/bulletins/{code}")).has("Bạn đã viết mẫu của bản tin này nên không duyệt được")
    page = Page(writer.get(f"{TEMPLATES}/_new?bulletin={code}"))
    assert (page.value("title"), page.value("body_html")) == ("Dịch bệnh tuần 49, đến 01/12/2026", "Có 12 ca mắc mới.")


def test_a_day_that_is_none_a_retired_topic_and_a_channel_out_of_use_are_said(writer: Desk) -> None:
    with writer.database.write() as session:
        code = factories.channel(session, "zalo").code
    public = kept(writer, channels=(code,))
    with writer.database.write() as session:
        session.execute(sa.text("UPDATE channels SET state = :state"), {"state": ChannelState.RETIRED.value})
        topic = find_topic(session, "dich-benh")
        assert topic is not None
        topic.retired_at = BEGINNING
    page = Page(writer.get(f"{NEW}?template={public}&release=32/13/2026"))
    assert page.value("title") == "Dịch bệnh tuần {tuần}, đến {ngày}"
    assert page.has("Chưa chọn ngày phát nên chưa điền chỗ trống nào.")
    assert page.has("Chuyên đề “Dịch bệnh” của mẫu đã ngừng dùng")
    assert page.has("Nơi nhận của mẫu đã ngừng sử dụng")
    assert Page(writer.get(f"{NEW}?template=tpl_khong_co")).value("title") == ""


def test_a_series_day_offers_the_templates_of_its_topic_and_keeps_its_title(writer: Desk) -> None:
    public = kept(writer)
    with writer.database.write() as session:
        wanted = SeriesContent("Điểm tin tuần {tuần}", "dich-benh", None, frozenset(range(7)), 480, False)
        begun = series.begin_series(
            session, WRITER, name="Điểm tin", starts_on=date(2026, 11, 24), ends_on=None, wanted=wanted, now=BEGINNING
        ).public
    page = Page(writer.get(f"/desk/calendar/series/{begun}/2026-12-01"))
    page = Page(writer.get(page.link("Dịch bệnh tuần")))
    assert (page.value("title"), page.value("body_html")) == ("Điểm tin tuần 49", "Có {số} ca mắc mới.")
    assert page.value("template") == public


def test_readers_see_templates_and_change_none(desk: Desk) -> None:
    public = kept(desk)
    desk.sign_in(Role.ANALYST)
    page = Page(desk.get(TEMPLATES))
    assert page.has("Dịch bệnh tuần")
    assert page.words("form[action='/desk/bulletins/new']") == []
    assert desk.post(f"{TEMPLATES}/{public}/archive").status_code == 403
    with desk.database.read() as session:
        assert session.execute(sa.select(Bulletin)).first() is None  # a template is no bulletin
