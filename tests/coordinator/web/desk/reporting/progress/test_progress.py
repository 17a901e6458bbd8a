"""Progress: every figure equals the tallies, is shown beside its target, and links to its rows."""

import csv
import io
from urllib.parse import urlsplit

import pytest
import sqlalchemy as sa
from python_calamine import CalamineWorkbook

from campaigns.core.clock import parse_period
from campaigns.matching.matcher import RULE_VERSION, Match
from campaigns.partners.directory import Company
from campaigns.people.staff import Role
from campaigns.planning.campaigns import TargetContent, find_campaign
from campaigns.reporting import tallies
from campaigns.reporting.tallies import TallyScope
from campaigns.republications.attribution.verdicts import Attribution
from campaigns.republications.republications import Republication, RepublicationLife, RepublicationStatus
from tests import factories
from tests.campaigns.reporting.sample_republications import make_republication, make_republications
from tests.conftest import KeptRows
from tests.coordinator.web.desk.conftest import Desk
from tests.coordinator.web.desk.page_reader import Page
from tests.factories import planned

QUARTER = parse_period("2026-Q4")


@pytest.fixture
def plan(desk: Desk, kept_rows: KeptRows) -> Desk:
    """A campaign over the quarter with targets, and sixty copies of every kind."""
    kept_rows.fill(desk.database, lambda: _make(desk))
    desk.sign_in(Role.ANALYST)
    return desk


def _make(desk: Desk) -> None:
    with desk.database.write() as session:
        make_republications(session, 5)
        factories.channel(session, "manual")
        planned(
            session,
            QUARTER.first,
            QUARTER.last,
            TargetContent("republications", 12_500),
            TargetContent("republications", 4, "dich-benh"),
            TargetContent("bulletins", 330),
            TargetContent("attribution_rate", 95),
            topics=["dich-benh", "kinh-te-xa-hoi", "an-ninh-quoc-phong"],
            name="Lan tỏa thông tin chính thống",
        )


def test_on_the_first_day_no_status_is_shown_and_no_week_is_called_low(desk: Desk) -> None:
    with desk.database.write() as session:
        planned(
            session,
            QUARTER.first,
            QUARTER.last,
            TargetContent("republications", 200),
            name="Lan tỏa thông tin chính thống",
        )
    desk.sign_in(Role.ANALYST)
    page = Page(desk.get("/desk/progress/?campaign=kh-174"))
    assert page.has("Chưa đủ để đánh giá")
    assert page.has("Cần 6 lượt mỗi ngày trong 37 ngày nữa.")
    assert not page.has("Đúng tiến độ")
    assert not page.has("Dự báo 31/12:")
    assert not page.has("nhịp cần")


def totals(desk: Desk, **more: int) -> tallies.TallyRow:
    with desk.database.read() as session:
        return tallies.totals(session, TallyScope(QUARTER, 1, **more))


def test_the_headline_is_what_the_tallies_confirm_against_the_campaigns_target(plan: Desk) -> None:
    page = Page(plan.get("/desk/progress/"))
    assert page.heading == "Kế hoạch 174-KH/UBND"
    assert page.words(".tally.big") == [str(totals(plan).confirmed)]
    assert page.has("trên chỉ tiêu 12.500")
    assert page.pairs()["Quy tắc tính, phiên bản"] == RULE_VERSION
    assert page.has("10:00, 24/11/2026 (GMT+7)")
    # 55 of 92 days have passed with a handful of copies: far behind a linear course.
    assert page.has("Chậm")
    assert page.pairs()["Bản tin đã phát"] == "3 / 330"


def test_every_chart_has_its_numbers_below_and_they_add_up(plan: Desk) -> None:
    page = Page(plan.get("/desk/progress/"))
    confirmed = totals(plan).confirmed
    timing, sites = Page(plan.get("/desk/progress/timing")), Page(plan.get("/desk/progress/site"))
    weeks = timing.rows("Lượt đã xác nhận theo tuần và chuyên đề")
    assert sum(int(row[-1]) for row in weeks) == confirmed
    course = page.rows("Đã xác nhận và đường chia đều")
    assert course[-1][0] == "31/12, dự báo"
    steps = dict(sites.rows("Số lượt ở từng bậc bằng chứng"))
    assert int(steps["Đã xác nhận"]) == confirmed
    assert int(steps["Được báo hoặc tự tìm thấy"]) == totals(plan).found
    days = timing.rows("Lượt đã xác nhận từng ngày")
    assert sum(int(cell) for row in days for cell in row[1:] if cell != "–") <= confirmed


def test_a_topic_stands_against_its_own_target(plan: Desk) -> None:
    rows = {row[0]: row for row in Page(plan.get("/desk/progress/")).rows("Chỉ tiêu và kết quả theo chuyên đề")}
    confirmed = totals(plan, topic_id=1).confirmed
    assert rows["Dịch bệnh"][1] == str(confirmed)
    assert rows["Dịch bệnh"][2] == "4"
    # The first bulletin of the plan was released today, so that it is late for no day before.
    assert rows["Dịch bệnh"][-1] == ("Đã đạt" if confirmed >= 4 else "Đúng tiến độ")
    assert rows["Kinh tế - xã hội"][2] == "–"


def test_a_shorter_period_counts_only_its_days_and_claims_no_target(plan: Desk) -> None:
    page = Page(plan.get("/desk/progress/?period=2026-11"))
    with plan.database.read() as session:
        november = tallies.totals(session, TallyScope(parse_period("2026-11"), 1))
    assert page.words(".tally.big") == [str(november.confirmed)]
    assert not page.has("trên chỉ tiêu")
    assert page.has("Kế hoạch không đặt chỉ tiêu riêng cho đúng các ngày này.")


def shown_behind(desk: Desk, href: str) -> int:
    """Return the number of rows of the list at this address."""
    page = Page(desk.get(href))
    tab = page.words("[aria-current=page]")
    (current,) = (words for words in tab if "(" in words)
    return int(current.rpartition("(")[2].rstrip(")").replace(".", ""))


@pytest.mark.parametrize(
    "query",
    [
        "campaign=all",
        "campaign=all&period=2026-11&topic=dich-benh",
        "campaign=kh-174",
        "campaign=all&partner={partner}",
    ],
)
def test_a_figure_that_leads_somewhere_leads_to_exactly_its_rows(plan: Desk, query: str) -> None:
    with plan.database.read() as session:
        partner = session.execute(sa.select(Company.code)).scalars().first()
    page = Page(plan.get(f"/desk/progress/?{query.format(partner=partner)}"))
    (figure,) = page.words(".tally.big")
    links = [node.attributes["href"] or "" for node in page.tree.css(".tally.big a")]
    assert links
    for href in links:
        assert shown_behind(plan, href) == int(figure)
    attributions = Page(plan.get(f"/desk/progress/partner?{query.format(partner=partner)}")).tree.css(".att dd a")
    assert attributions
    for node in attributions:
        assert shown_behind(plan, node.attributes["href"] or "") == int(node.text())


def test_partial_copies_stand_below_the_headline_and_lead_to_their_rows(plan: Desk) -> None:
    with plan.database.write() as session:
        counted = session.execute(
            sa.select(Republication.id).where(Republication.status == RepublicationStatus.CONFIRMED)
        ).scalars()
        session.execute(sa.update(Republication).values(match=Match.FULL))
        session.execute(
            sa.update(Republication).where(Republication.id.in_(list(counted)[:2])).values(match=Match.PARTIAL)
        )
    page = Page(plan.get("/desk/progress/?campaign=all"))
    assert page.pairs()["Đăng một phần, từ 25% nội dung"] == "2"
    (link,) = [node for node in page.tree.css("a") if "match=partial" in (node.attributes["href"] or "")]
    assert (link.text(), shown_behind(plan, link.attributes["href"] or "")) == ("2", 2)


def test_every_bulletins_figures_lead_down(plan: Desk) -> None:
    page = Page(plan.get("/desk/progress/?campaign=all"))
    assert page.tree.css(".tally.big a")
    assert page.tree.css("td a")


@pytest.mark.parametrize("by", ["partner", "site", "topic", "channel", "day"])
def test_every_way_of_counting_has_its_lines(plan: Desk, by: str) -> None:
    page = Page(plan.get(f"/desk/progress/{by}"))
    with plan.database.read() as session:
        rows = tallies.rows(session, TallyScope(QUARTER, 1), by)
    shown = page.rows(page.words("caption")[0])
    assert len(shown) == min(len(rows), 50)


def test_lines_are_sorted_as_the_address_says(plan: Desk) -> None:
    caption = "Số liệu theo trang"
    falling = [int(row[2]) for row in Page(plan.get("/desk/progress/site?sort=-confirmed")).rows(caption)]
    rising = [int(row[2]) for row in Page(plan.get("/desk/progress/site?sort=confirmed")).rows(caption)]
    assert falling == sorted(falling, reverse=True)
    assert rising == sorted(falling)
    assert len(set(falling)) > 1


def test_an_order_by_something_that_is_no_column_is_the_usual_one(plan: Desk) -> None:
    usual = Page(plan.get("/desk/progress/site")).rows("Số liệu theo trang")
    assert Page(plan.get("/desk/progress/site?sort=__class__")).rows("Số liệu theo trang") == usual


def test_the_csv_has_the_lines_of_the_page(plan: Desk) -> None:
    answer = plan.client.get("/desk/progress/download/partner.csv")
    assert answer.headers["Content-Disposition"] == 'attachment; filename="tien-do-kh-174-2026-Q4-partner.csv"'
    lines = list(csv.reader(io.StringIO(answer.data.decode("utf-8-sig"))))
    assert lines[0][:2] == ["Mã", "Đối tác"]
    assert sum(int(line[4]) for line in lines[1:]) == totals(plan).confirmed


@pytest.mark.parametrize("query", ["", "?topic=dich-benh"])
def test_the_workbook_is_whole_or_says_what_it_is_narrowed_to(plan: Desk, query: str) -> None:
    answer = plan.client.get(f"/desk/progress/download/partner.xlsx{query}")
    book = CalamineWorkbook.from_object(io.BytesIO(answer.data))
    cells = [str(cell) for row in book.get_sheet_by_index(0).to_python() for cell in row]
    assert ("Chỉ tiêu" in " ".join(book.sheet_names)) == (query == "")
    assert ("Dịch bệnh" in cells) == (query != "")


def test_attribution_is_distinguished_and_lost_copies_stay_counted(desk: Desk) -> None:
    with desk.database.write() as session:
        bulletin, site = factories.published(session), factories.site(session)
        make_republication(session, bulletin, site)
        make_republication(session, bulletin, site, life=RepublicationLife.GONE, attribution=Attribution.NAMED_ONLY)
        make_republication(session, bulletin, site, status=RepublicationStatus.REVIEW)
    desk.sign_in(Role.WRITER)
    page = Page(desk.get("/desk/progress/?campaign=all"))
    assert page.words(".tally.big") == ["2"]
    assert page.pairs()["Đã gỡ, vẫn tính"] == "1"
    partners = Page(desk.get("/desk/progress/partner?campaign=all"))
    assert partners.words(".att dt") == ["Có đường dẫn ở cuối", "Chỉ nêu tên"]
    assert partners.words(".att dd") == ["1 50%", "1 50%"]


def test_an_empty_installation_has_a_page_too(desk: Desk) -> None:
    desk.sign_in(Role.ADMIN)
    page = Page(desk.get("/desk/progress/"))
    assert page.words(".tally.big") == ["0"]
    assert page.has("Chưa có kế hoạch truyền thông.")


def test_a_period_of_nonsense_is_refused_in_words(plan: Desk) -> None:
    assert Page(plan.get("/desk/progress/?period=hom+nay", 422)).heading == "Còn chỗ phải sửa"
    assert plan.client.get("/desk/progress/?campaign=kh-0").status_code == 404
    assert plan.client.get("/desk/progress/?topic=la").status_code == 404
    assert plan.client.get("/desk/progress/nobody").status_code == 404


def test_a_reader_who_may_not_report_sees_no_button_for_it(plan: Desk) -> None:
    assert Page(plan.get("/desk/progress/")).link("Lập báo cáo").startswith("/desk/reports/")
    plan.sign_in(Role.WRITER)
    assert "Lập báo cáo" not in plan.get("/desk/progress/")


def test_in_english_nothing_breaks_and_numbers_are_english(plan: Desk) -> None:
    page = Page(plan.get("/desk/progress/?lang=en"))
    assert page.has("12,500")


def test_strangers_are_asked_to_sign_in(desk: Desk) -> None:
    with desk.database.write() as session:
        factories.company(session)
    answer = desk.client.get("/desk/progress/")
    assert (answer.status_code, urlsplit(answer.headers["Location"]).path) == (302, "/login")


def test_a_year_ahead_has_no_days_yet(plan: Desk) -> None:
    assert Page(plan.get("/desk/progress/?period=2027")).words(".tally.big") == ["0"]
    page = Page(plan.get("/desk/progress/timing?period=2027"))
    assert page.rows("Lượt đã xác nhận từng ngày") == []


TABS = {
    "Tổng quan": "/desk/progress/", "Đối tác": "/desk/progress/partner", "Kênh và trang": "/desk/progress/site",
    "Thời gian": "/desk/progress/timing", "Dự tính theo phương án": "/desk/progress/scenario",
}  # fmt: skip


def test_every_tab_keeps_the_choice_and_leads_to_all_others(plan: Desk) -> None:
    query = "campaign=kh-174&period=2026-11&topic=dich-benh"
    for name, path in TABS.items():
        page = Page(plan.get(f"{path}?{query}"))
        links = {node.text(): node.attributes for node in page.tree.css(".tabnav a")}
        assert {text: link["href"] for text, link in links.items()} == {
            text: f"{other}?{query}" for text, other in TABS.items()
        }
        assert [text for text, link in links.items() if "aria-current" in link] == [name]
        assert page.tree.css_first("form.filters").attributes["action"] == path


def test_a_breakdown_says_which_tab_it_belongs_to(plan: Desk) -> None:
    for by, tab in {"topic": "Tổng quan", "day": "Thời gian", "channel": "Kênh và trang"}.items():
        assert Page(plan.get(f"/desk/progress/{by}")).words(".tabnav [aria-current]") == [tab]
    assert Page(plan.get("/desk/progress/channel")).words(".seg a") == ["Trang", "Kênh"]


@pytest.mark.parametrize("tab", ["timing", "scenario", "partner"])
def test_no_tab_shows_a_period_of_nonsense(plan: Desk, tab: str) -> None:
    assert plan.client.get(f"/desk/progress/{tab}?period=hom+nay").status_code == 422
    assert plan.client.get(f"/desk/progress/{tab}?campaign=kh-0").status_code == 404


def test_the_overview_counts_the_copies_of_the_period_by_site_once_and_asks_for_no_delays(plan: Desk) -> None:
    with plan.database.write() as session:
        planned(
            session,
            QUARTER.first,
            QUARTER.last,
            TargetContent("republications", 12_500),
            TargetContent("partners", 40),
            campaign=find_campaign(session, "kh-174"),
            topics=["dich-benh", "kinh-te-xa-hoi"],
        )
    seen: list[str] = []

    def note(_connection: object, _cursor: object, statement: str, *_: object) -> None:
        seen.append(statement)

    sa.event.listen(plan.database.engine, "before_cursor_execute", note)
    try:
        plan.get("/desk/progress/")
    finally:
        sa.event.remove(plan.database.engine, "before_cursor_execute", note)
    by_site = [text for text in seen if "GROUP BY republications.site_id" in text]
    assert len(by_site) == 1, "for partners, sites, the last two weeks and the target of partners"
    assert not [text for text in seen if "waited" in text]
