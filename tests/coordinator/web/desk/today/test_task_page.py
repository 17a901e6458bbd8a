"""The page of one task can do what its title says: the task itself, and to hand it on to somebody who may do it."""

from campaigns.people.staff import Actor, Role, add_person
from campaigns.release import workflow
from tests import factories
from tests.coordinator.web.desk.conftest import Desk
from tests.coordinator.web.desk.page_reader import Page
from tests.factories import APPROVER, DELIVERY_MODES, NOW

SECOND = Actor("thu@so.example", "Minh Thư", Role.APPROVER)


def corrected_alone(desk: Desk, actor: Actor) -> str:
    with desk.database.write() as session:
        add_person(
            session, "cli", email=SECOND.id, name=SECOND.name, role=SECOND.role or Role.APPROVER, password_hash="x",
            uniquifier="thu", now=NOW,
        )  # fmt: skip
        code = factories.published(session).code
        workflow.correct(session, actor, code, factories.text("Tên mới"), "sửa", DELIVERY_MODES, now=NOW)
    return code


def link(page: Page) -> str | None:
    found = page.tree.css_first("a[href*='/desk/tasks/decide'][href*=urgent]")
    return found.attributes["href"] if found is not None else None


def test_a_correction_with_one_signature_is_handed_to_who_may_read_it(desk: Desk) -> None:
    code = corrected_alone(desk, SECOND)
    desk.sign_in(Role.APPROVER)
    today = Page(desk.get("/desk"))
    assert today.has("Đính chính, một chữ ký: Tên mới")
    assert link(today) is None, "the only other approver is the one who signed"
    desk.sign_in(Role.WRITER)
    page = Page(desk.get(link(Page(desk.get("/desk"))) or ""))
    assert page.words("option") == ["Chọn một người", APPROVER.name]
    assert page.words(".head .button") == ["Xem"]
    assert code in str(page.tree.css_first(".head .button").attributes["href"])


def test_the_task_itself_can_be_done_from_its_page(desk: Desk) -> None:
    corrected_alone(desk, APPROVER)
    desk.sign_in(Role.ADMIN)
    page = Page(desk.get(link(Page(desk.get("/desk"))) or ""))
    assert page.words("option") == ["Chọn một người", SECOND.name]
