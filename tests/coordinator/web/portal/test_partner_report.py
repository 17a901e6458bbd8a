"""A partner's own report in the portal: its own figures and copies, with links only within the portal."""

from campaigns.people.keys import add_key
from campaigns.reporting.table_reports.partner_report import LEAST_COPIES
from tests import factories
from tests.campaigns.reporting.sample_republications import make_republication
from tests.coordinator.web.desk.conftest import Desk
from tests.coordinator.web.desk.page_reader import Page


def test_a_partner_sees_its_own_results_and_nobody_elses(desk: Desk) -> None:
    now = desk.office.now()
    with desk.database.write() as session:
        mine, other = factories.company(session, "Nhịp Sông"), factories.company(session, "Báo Khác")
        bulletin = factories.published(session)
        rows = [make_republication(session, bulletin, factories.site(session, mine)) for _ in range(LEAST_COPIES)]
        theirs = make_republication(session, bulletin, factories.site(session, other))
        key = add_key(session, "test", name="x", company_id=mine.id, now=now).text
        ids, foreign = [row.public for row in rows], theirs.public
    desk.post("/portal/enter", {"key": key})
    html = desk.get("/portal/results?period=2026-11")
    page = Page(html)
    assert page.heading == "Kết quả của Nhịp Sông"
    figures = {row[0]: row[1] for row in page.rows("Số liệu trong kỳ")}
    assert figures["Bài được tính"] == str(LEAST_COPIES)
    assert figures["Tỷ lệ dẫn nguồn đủ"].startswith("100,0% ")
    assert all(f"/portal/copies/{ident}" in html for ident in ids)
    assert foreign not in html
    assert "Báo Khác" not in html
    assert "/desk/" not in html
    for form in ("pdf", "xlsx"):
        answer = desk.client.get(f"/portal/results/file.{form}?period=2026-11")
        assert answer.status_code == 200
        assert "attachment" in answer.headers["Content-Disposition"]
    empty = Page(desk.get("/portal/results?period=2020"))
    assert empty.has("Chưa có bài nào được tính trong kỳ.")
    assert empty.has(f"chưa đủ {LEAST_COPIES} bài để tính tỷ lệ")
