"""Updates of the day's page: only the part that changes, nothing without a change, with a constant number of
statements."""

from datetime import timedelta

import sqlalchemy as sa

from campaigns.delivery.outbox import Delivery, DeliveryState
from campaigns.people.staff import Role
from campaigns.release import workflow
from tests import factories
from tests.campaigns.reporting.sample_republications import make_republication
from tests.coordinator.web.desk.conftest import BEGINNING, Desk
from tests.coordinator.web.desk.page_reader import Page
from tests.factories import APPROVER, DELIVERY_MODES, WRITER

HX = {"HX-Request": "true"}


def seen(html: str) -> str:
    """Return the digest in the page's part."""
    node = Page(html).tree.css_first("#hom-nay")
    assert node is not None
    return (node.attributes["hx-vals"] or "").split('"')[3]


def test_the_part_is_the_page_without_its_frame(desk: Desk) -> None:
    with desk.database.write() as session:
        factories.published(session, title="Lịch tiêm")
    desk.sign_in(Role.APPROVER)
    whole = desk.get("/desk")
    part = desk.client.get("/desk", headers=HX)
    assert "HX-Request" in part.headers["Vary"]
    assert "HX-Reswap" not in part.headers
    assert "<html" not in part.text
    assert Page(part.text).words("#hom-nay h2") == Page(whole).words("#hom-nay h2")
    assert Page(part.text).words("#tin-moi") == ["Trang vừa cập nhật. Cần xử lý: 0."]
    assert seen(part.text) == seen(whole)


def test_nothing_is_exchanged_but_the_time_while_nothing_has_changed(desk: Desk) -> None:
    with desk.database.write() as session:
        factories.channel(session)
        factories.published(session)
    desk.sign_in(Role.APPROVER)
    before = seen(desk.get("/desk"))
    desk.office.clock.forward(seconds=20)
    still = desk.client.get(f"/desk?seen={before}", headers=HX)
    assert still.headers["HX-Reswap"] == "none"
    assert Page(still.text).tree.css_first("#hom-nay") is None
    assert Page(still.text).words("#cap-nhat time") == ["10:00"]
    with desk.database.write() as session:
        session.execute(sa.update(Delivery).values(state=DeliveryState.UNKNOWN))
    changed = desk.client.get(f"/desk?seen={before}", headers=HX)
    assert "HX-Reswap" not in changed.headers
    assert Page(changed.text).pairs()["Cần xử lý"] == "1"


def test_the_menus_counts_come_with_the_day_and_stand_in_the_page_without_a_script(desk: Desk) -> None:
    with desk.database.write() as session:
        factories.published(session)
        code = factories.draft(session).code
    desk.sign_in(Role.APPROVER)
    whole = Page(desk.get("/desk"))
    assert whole.words("#dem-ben-bulletins") == whole.words("#dem-don-bulletins") == [""]
    before = seen(desk.get("/desk"))
    with desk.database.write() as session:
        workflow.submit(session, WRITER, code, now=BEGINNING)
    for part in (desk.client.get("/desk", headers=HX), desk.client.get(f"/desk?seen={before}", headers=HX)):
        for where in ("ben", "don"):
            node = Page(part.text).tree.css_first(f"#dem-{where}-bulletins")
            assert node is not None
            assert node.attributes["hx-swap-oob"] == "true"
            assert " ".join(node.text().split()) == "1 chờ duyệt"
    assert Page(desk.get("/desk")).words("#dem-ben-bulletins") == ["1 chờ duyệt"]


def test_what_another_reader_may_do_is_another_standing(desk: Desk) -> None:
    with desk.database.write() as session:
        bulletin = factories.draft(session)
        workflow.submit(session, WRITER, bulletin.code, now=factories.NOW)
    desk.sign_in(Role.APPROVER)
    approver = seen(desk.get("/desk"))
    desk.sign_in(Role.WRITER)
    assert seen(desk.get("/desk")) != approver


def test_the_number_of_statements_does_not_grow_with_the_day(desk: Desk) -> None:
    def work(number: int) -> None:
        with desk.database.write() as session:
            for _ in range(number):
                company = factories.company(session)
                factories.channel(session, company=company)
                site = factories.site(session, company)
                bulletin = factories.published(session)
                make_republication(session, bulletin, site)
                at = BEGINNING + timedelta(hours=2)
                later = factories.approved(session)
                workflow.publish(session, APPROVER, later.code, DELIVERY_MODES, at=at, now=factories.NOW)
                waiting = factories.draft(session)
                workflow.submit(session, WRITER, waiting.code, now=factories.NOW)
            session.execute(sa.update(Delivery).values(state=DeliveryState.UNKNOWN))

    desk.sign_in(Role.APPROVER)
    work(2)
    few = desk.statements("/desk")
    work(12)
    assert desk.statements("/desk") == few
