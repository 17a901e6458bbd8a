"""Findings in the portal: nothing before a person shows it, then the evidence, the rule and an answer."""

import sqlalchemy as sa

from campaigns.compliance import finding_workflow
from campaigns.compliance.findings import Finding, FindingStep, StepKind
from campaigns.partners.directory import Site
from tests.campaigns.compliance.made_findings import proposed
from tests.coordinator.web.portal.conftest import Portal
from tests.coordinator.web.portal.editors import enter_as_editor
from tests.factories import ANALYST, NOW

LIST = "Các mục"


def suspected(portal: Portal, site: str = "Nhịp Sông", code: str = "R1") -> str:
    """Add a finding about the site of this name that its partner does not see yet."""
    with portal.desk.database.write() as session:
        found = session.execute(sa.select(Site).where(Site.name == site)).scalar_one()
        return proposed(session, code, found).public


def show(portal: Portal, public: str) -> None:
    with portal.desk.database.write() as session:
        turn = session.execute(sa.select(Finding.turn).where(Finding.public == public)).scalar_one()
        finding_workflow.show_to_partner(session, ANALYST, public, turn, NOW.date(), now=portal.desk.office.now())


def confirm(portal: Portal, public: str) -> None:
    with portal.desk.database.write() as session:
        turn = session.execute(sa.select(Finding.turn).where(Finding.public == public)).scalar_one()
        finding_workflow.conclude_finding(
            session, ANALYST, public, turn, confirm=True, note="Đúng như đã xem", now=portal.desk.office.now()
        )


def reply(portal: Portal, public: str, text: str, mark: str = "m1") -> int:
    return portal.desk.post(f"/portal/findings/{public}/reply", {"text": text, "mark": mark}).status_code


def test_a_suspicion_is_not_there_until_a_person_shows_it(portal: Portal) -> None:
    public = suspected(portal)
    portal.enter()
    assert portal.page("/findings").rows(LIST) == []
    portal.page(f"/findings/{public}", 404)
    assert reply(portal, public, "x") == 404
    show(portal, public)
    (line,) = portal.page("/findings").rows(LIST)
    assert line[0].startswith("Thông tin bắt buộc trên trang chủ")
    assert line[2:] == ["Nghi vấn", "24/11/2026"]
    page = portal.page(f"/findings/{public}")
    assert page.has("Đây mới là nghi vấn.")
    assert page.has("Nghị định 147/2024/NĐ-CP")
    assert page.has("ab" * 32)


def test_its_answer_stands_beside_the_evidence_once_and_nobody_at_the_desk_is_named(portal: Portal) -> None:
    public = suspected(portal)
    show(portal, public)
    assert enter_as_editor(portal).status_code == 303
    assert "Điều Sở hỏi 1 chờ đơn vị" in " ".join(portal.page("/tasks").words(".portal-pages a"))
    assert "Trả lời 1 điều Sở hỏi" in portal.page("/tasks").words(".task h3")
    assert reply(portal, public, "Đã sửa <sáng nay>.") == 303
    assert reply(portal, public, "Đã sửa <sáng nay>.") == 303
    confirm(portal, public)
    html = portal.desk.get(f"/portal/findings/{public}")
    assert html.count("Đã sửa &lt;sáng nay&gt;.") == 1
    assert "Đúng như đã xem" in html
    assert "Ngọc Lan" in html
    assert ANALYST.name not in html
    assert "chờ đơn vị" not in " ".join(portal.page("/tasks").words(".portal-pages a"))
    with portal.desk.database.read() as session:
        step = session.execute(sa.select(FindingStep).where(FindingStep.happened == StepKind.REPLIED)).scalar_one()
        assert (step.actor_name.startswith("Ngọc Lan"), step.ours) == (True, False)


def test_an_empty_answer_is_reported_at_its_field(portal: Portal) -> None:
    public = suspected(portal)
    show(portal, public)
    portal.enter()
    assert reply(portal, public, "  ") == 422
    assert reply(portal, public, "x" * 4001) == 422


def test_what_is_taken_back_is_hidden_again_and_what_is_closed_takes_no_answer(portal: Portal) -> None:
    public = suspected(portal)
    show(portal, public)
    portal.enter()
    with portal.desk.database.write() as session:
        finding_workflow.undo_last_act(session, ANALYST, public, 1, now=portal.desk.office.now())
    portal.page(f"/findings/{public}", 404)
    confirm(portal, public)
    with portal.desk.database.write() as session:
        turn = session.execute(sa.select(Finding.turn).where(Finding.public == public)).scalar_one()
        finding_workflow.record_mended(session, ANALYST, public, turn, "Đã xem lại", now=portal.desk.office.now())
    assert portal.page(f"/findings/{public}").has("Mục này đã khép lại.")
    assert reply(portal, public, "Muộn rồi") == 422


def test_another_partners_finding_is_as_if_there_were_none(portal: Portal) -> None:
    theirs = suspected(portal, "Công Tin Sáng")
    confirm(portal, theirs)
    mine = suspected(portal)
    confirm(portal, mine)
    portal.enter()
    rows = portal.page("/findings").rows(LIST)
    assert [line[1] for line in rows] == ["Nhịp Sông"]
    portal.page(f"/findings/{theirs}", 404)
    assert reply(portal, theirs, "x") == 404
    assert portal.desk.client.get(f"/desk/compliance/{mine}").status_code in {302, 303}
