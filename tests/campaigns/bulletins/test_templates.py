"""Templates of bulletins: written, filled for a day, and what is barred by them and left to be filled in."""

from datetime import date, timedelta

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session

from campaigns.bulletins import drafts, placeholders, templates
from campaigns.bulletins.drafts import BulletinText
from campaigns.bulletins.presentation import Presentation, Variant
from campaigns.bulletins.templates import TemplateContent
from campaigns.channels.channels import ChannelState
from campaigns.core import journal
from campaigns.core.errors import Conflict, Forbidden, Invalid
from campaigns.people.staff import Actor, Role
from campaigns.planning.campaigns import find_topic
from campaigns.release import urgent_releases, workflow
from campaigns.release.single_signature_releases import ReviewOutcome
from coordinator.db import Database
from tests import factories
from tests.factories import ADMIN, APPROVER, DELIVERY_MODES, NOW, WRITER

DAY = date(2026, 11, 24)
HEAD = Actor("hoa@so.example", "Thu Hoa", Role.APPROVER)
BODY = '<p>Tuần {tuần}: {điền: số ca mắc} ca, xem <a href="https://so.example/">số {số}</a>.</p>'


@pytest.fixture
def database(sqlite: Database) -> Database:
    """The kind of database makes no difference here."""
    return sqlite


def a_text(title: str = "Dịch bệnh đến {Ngày}, {THU}", body: str = BODY, plain: str = "") -> BulletinText:
    plain = plain or "Tuần {tuần}: {điền: số ca mắc} ca, xem số {số}."
    return BulletinText(title, "Sapo {năm}", body, plain)


def wanted(text: BulletinText | None = None, **more: object) -> TemplateContent:
    values: dict[str, object] = {"name": "Dịch bệnh tuần", "text": text or a_text(), "topic": "dich-benh", **more}
    return TemplateContent(**values)  # type: ignore[arg-type]  # the test's values


def begun(session: Session, writer: Actor = WRITER, author: Actor = APPROVER) -> str:
    """A bulletin that one begins, with words of its own, from a template of another."""
    template = templates.create_template(session, author, wanted(), now=NOW)
    bulletin = factories.draft(session, writer=writer)
    templates.mark_begun(session, bulletin, template)
    return bulletin.code


def test_the_day_fills_what_is_the_days_and_leaves_what_is_the_writers(session: Session) -> None:
    template = templates.create_template(session, WRITER, wanted(), now=NOW)
    start = templates.start_from(session, template, DAY)
    assert start.text.title == "Dịch bệnh đến 24/11/2026, Thứ Ba"
    assert start.text.lead == "Sapo 2026"
    assert start.text.body_html == BODY.replace("{tuần}", "48")
    assert templates.start_from(session, template, None).text.title == "Dịch bệnh đến {Ngày}, {THU}"
    bulletin = drafts.create(session, WRITER, start.text, topic="dich-benh", now=NOW)
    with pytest.raises(Invalid) as refused:
        workflow.submit(session, WRITER, bulletin.code, now=NOW)
    assert [(error.field, error.code, error.expected) for error in refused.value.errors] == [
        ("body_html", "placeholder_left", "{điền: số ca mắc}, {số}")
    ]


def test_what_is_left_in_any_part_of_a_text_is_named_by_its_field() -> None:
    text = BulletinText(
        "Số {số}", "", '<p>Nội dung <img src="/a" alt="Biểu đồ tháng {tháng}"></p>', "Nội dung",
        Presentation(None, {"zalo": Variant(lead="Đến {ngày}")}),
    )  # fmt: skip
    assert {error.field for error in drafts.readiness_errors(text)} == {"title", "body_html", "variants.zalo.lead"}
    assert drafts.readiness_errors(BulletinText("Hệ {x | x > 0}", "", "<p>{a}</p>", "{a}")) == []  # braces are text
    percent = '<p><a href="https://so.example/%7Bs%E1%BB%91%7D">tệp</a></p>'
    assert placeholders.in_addresses(percent) == ["{số}"]


@pytest.mark.parametrize(
    ("bad", "field", "code"),
    [
        ({"name": "  "}, "name", "required"),
        ({"text": a_text("Tin {giờ}")}, "title", "placeholder"),
        (
            {"text": a_text(body='<p><a href="https://so.example/{ngày}">tệp</a></p>', plain="tệp")},
            "body_html",
            "placeholder_link",
        ),
        ({"text": a_text(body="<p>{<strong>số</strong>}</p>", plain="{số}")}, "body_html", "placeholder_split"),
        ({"source_url": "https://so.example/{số}"}, "source_url", "placeholder_link"),
        ({"topic": "khong-co"}, "topic", "unknown_topic"),
        ({"channels": ("khong-co",)}, "channels.0", "unknown_channel"),
    ],
)
def test_what_a_template_cannot_be_is_named_by_its_field(
    session: Session, bad: dict[str, object], field: str, code: str
) -> None:
    with pytest.raises(Invalid) as refused:
        templates.create_template(session, WRITER, wanted(**bad), now=NOW)
    assert [(error.field, error.code) for error in refused.value.errors] == [(field, code)]


def test_a_change_is_another_version_and_a_name_is_none(session: Session) -> None:
    template = templates.create_template(session, WRITER, wanted(), now=NOW)
    public = template.public
    templates.rename_template(session, APPROVER, public, "Bản tin dịch", now=NOW)
    assert (template.name, template.latest) == ("Bản tin dịch", 1)
    same = templates.change_template(session, APPROVER, public, wanted(name="Bản tin dịch"), expected=1, now=NOW)
    assert same.latest == 1
    other = wanted(a_text("Dịch bệnh tuần {tuần}"), name="Bản tin dịch")
    templates.change_template(session, APPROVER, public, other, expected=1, now=NOW)
    with pytest.raises(Conflict, match="somebody else"):
        templates.change_template(session, WRITER, public, wanted(), expected=1, now=NOW)
    with pytest.raises(Invalid, match="another template"):
        templates.create_template(session, WRITER, wanted(name="BAN TIN DICH"), now=NOW)
    templates.archive_template(session, WRITER, public, now=NOW)
    with pytest.raises(Conflict, match="archived"):
        templates.start_from(session, template, DAY)
    templates.create_template(session, WRITER, wanted(name="Bản tin dịch"), now=NOW)
    with pytest.raises(Invalid, match="another template"):
        templates.restore_template(session, WRITER, public, now=NOW)
    session.commit()
    acts = [entry.act for entry in journal.history(session, "template", public)]
    assert sorted(acts) == ["template.archived", "template.changed", "template.renamed", "template.written"]
    with pytest.raises(Forbidden):
        templates.create_template(session, factories.ANALYST, wanted(name="Khác"), now=NOW)


def test_a_retired_topic_and_channels_out_of_use_are_left_to_the_writer(session: Session) -> None:
    kept, gone = factories.channel(session, "zalo"), factories.channel(session, "zalo")
    template = templates.create_template(session, WRITER, wanted(channels=(kept.code, gone.code)), now=NOW)
    gone.state = ChannelState.RETIRED
    topic = find_topic(session, "dich-benh")
    assert topic is not None
    topic.retired_at = NOW
    session.flush()
    start = templates.start_from(session, template, DAY)
    assert (start.topic, start.channels, start.dropped) == (None, (kept.code,), (gone.code,))
    same = wanted(a_text("Dịch bệnh {ngày}"), channels=(kept.code,))
    assert templates.change_template(session, WRITER, template.public, same, now=NOW).latest == 2  # its topic is kept


def test_who_wrote_the_template_approves_no_bulletin_begun_from_it_until_it_was_released(session: Session) -> None:
    code = begun(session)
    workflow.submit(session, WRITER, code, now=NOW)
    bulletin = workflow.find_bulletin(session, code)
    named = bulletin.revision(1).hash
    with pytest.raises(Forbidden) as refused:
        workflow.approve(session, APPROVER, code, named, DELIVERY_MODES, now=NOW)
    assert refused.value.code == "own_bulletin"
    # A template that is named later replaces none that was recorded.
    templates.mark_begun(session, bulletin, templates.create_template(session, HEAD, wanted(name="Khác"), now=NOW))
    assert workflow.barred_from_approval(session, bulletin).keys() == {WRITER.id, APPROVER.id}
    workflow.approve(session, HEAD, code, named, DELIVERY_MODES, now=NOW)
    workflow.publish(session, HEAD, code, DELIVERY_MODES, now=NOW)
    later = NOW + timedelta(hours=1)
    with pytest.raises(Invalid, match="still to be filled in"):
        workflow.correct(session, WRITER, code, factories.text("Tin {số}"), "Sửa", DELIVERY_MODES, now=later)
    workflow.correct(session, WRITER, code, factories.text("Đã sửa"), "Sửa", DELIVERY_MODES, now=later)
    corrected = bulletin.revision(bulletin.pending or 0)
    workflow.approve(session, APPROVER, code, corrected.hash, DELIVERY_MODES, now=later)


def test_who_wrote_the_template_is_no_second_person_of_an_urgent_release(session: Session) -> None:
    code = begun(session, author=HEAD)
    bulletin = workflow.find_bulletin(session, code)
    named = bulletin.revision(1).hash
    urgent_releases.publish_urgent(session, APPROVER, code, named, "Bão đổ bộ", DELIVERY_MODES, now=NOW)
    with pytest.raises(Forbidden):
        urgent_releases.review_urgent(session, HEAD, code, ReviewOutcome.IN_ORDER, "", now=NOW)
    assert not session.execute(sa.select(templates.BulletinTemplate.archived_at)).scalar_one()
    assert ADMIN.id not in workflow.barred_from_approval(session, bulletin)
