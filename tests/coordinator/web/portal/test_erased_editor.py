"""A partner's editor, by HTTP from the invitation to the erasure: nothing but the journal names them afterwards."""

import json

import sqlalchemy as sa

from campaigns.core import journal
from campaigns.core.journal import JournalEntry
from campaigns.messages import questions
from campaigns.people.staff import Role
from coordinator.db import Database
from tests.coordinator.hostile_server import HostileServer
from tests.coordinator.web.desk.conftest import Desk
from tests.coordinator.web.desk.page_reader import Page
from tests.coordinator.web.portal.conftest import Portal
from tests.coordinator.web.portal.editors import COMPANY_CODE, editor_link, invited_editor
from tests.coordinator.web.portal.test_findings import show, suspected
from tests.coordinator.web.portal.test_notices import WANTED, out
from tests.coordinator.web.portal.test_webhook import server
from tests.factories import NOW, WRITER

__all__ = ["server"]  # another module's fixture

ADDRESS, NAME = "chim.yen@nhipsong.vn", "Phùng Chim Hoàng Yến"
PERSONAL_DATA = "/desk/admin/personal-data"


def _where_named(database: Database) -> set[str]:
    """Every table in which the address or the name stands, also written without marks, full-text indexes included."""
    words = (ADDRESS, NAME, "phung chim hoang yen", "chim.yen")
    found = set()
    with database.engine.connect() as raw:
        tables = raw.execute(sa.text("SELECT name FROM sqlite_master WHERE type = 'table'")).scalars().all()
        for table in tables:
            for row in raw.execute(sa.text(f'SELECT * FROM "{table}"')):
                text = " ".join(
                    value.decode("utf-8", "replace") if isinstance(value, bytes) else str(value) for value in row
                ).casefold()
                if any(word.casefold() in text for word in words):
                    found.add(table)
    return found


def _browse(portal: Portal, role: Role | None = None) -> None:
    """Continue in another browser, as a member of staff or as nobody yet."""
    portal.desk.client = portal.desk.app.test_client()
    if role is not None:
        portal.desk.sign_in(role)


def _work(portal: Portal, server: HostileServer, finding: str, notice: str) -> None:
    """What an editor does in the portal."""
    desk: Desk = portal.desk
    done = [
        desk.post(f"/portal/notices/{notice}/confirm", {"edition": "1"}),
        portal.answer(portal.mine, "disagree", "Đường dẫn ở cuối bài.", "named_only"),
        desk.post(f"/portal/findings/{finding}/reply", {"text": "Đã sửa trang chủ.", "mark": "m1"}),
        desk.post("/portal/push/address", {"url": server.url("/hook")}),
        desk.post("/portal/report", {"url": "https://nhipsong.example/tin-moi-2026"}),
    ]
    question = {"about": "general", "heading": "Dòng nguồn", "text": "Đặt ở đâu?", "mark": "m"}
    asked = desk.post("/portal/questions/_new", question).headers["Location"]
    with desk.database.write() as session:
        questions.answer_question(session, WRITER, asked.rpartition("/")[2], "Ở cuối bài.", "a", 1, now=NOW)
    done.append(desk.post(f"{asked}/add", {"text": "Cả bài ảnh?", "mark": "m2"}))
    done.append(desk.post(f"{asked}/close"))
    assert {answer.status_code for answer in done} <= {200, 303}, [answer.status for answer in done]


def test_an_erased_editor_is_named_by_the_journal_alone(portal: Portal, server: HostileServer) -> None:
    who = {"email": ADDRESS, "name": NAME}
    finding, notice = suspected(portal), out(portal, WANTED)
    show(portal, finding)
    public = invited_editor(portal, **who)
    page = f"/desk/partners/{COMPANY_CODE}/editors/{public}"
    desk = portal.desk
    for _ in range(2):  # two visits, both open
        _browse(portal)
        desk.post(editor_link(portal, **who))
    _work(portal, server, finding, notice)
    editor = desk.client
    editor_link(portal, **who)  # one that is never used
    # An editor reaches nobody's data, neither by the pages nor with the partner's key.
    for form in ({"who": ADDRESS}, {"who": ADDRESS, "reason": "tôi muốn"}):
        for act in ("export", "erase"):
            assert desk.post(f"{PERSONAL_DATA}/{act}", form).status_code in {302, 403}
    assert editor.get(f"/desk/admin/personal-data?who={ADDRESS}").status_code == 302
    _browse(portal, Role.ADMIN)
    asked = {"who": ADDRESS, "reason": "Đơn của người này, công văn 12"}
    assert desk.post(f"{PERSONAL_DATA}/erase", asked).status_code == 422  # still lets in
    assert desk.post(page, {"name": NAME}).status_code == 303
    held = json.loads(desk.post(f"{PERSONAL_DATA}/export", {"who": ADDRESS, "form": "json"}).text)
    tables = {row["table"] for row in held["rows"]} | {act["table"] for act in held["acts"]}
    assert tables >= {
        "editors", "sessions", "one_time_links", "notice_read_receipts", "partner_answers", "finding_steps",
        "question_messages", "page_reports",
    }  # fmt: skip
    assert _where_named(desk.database) - {"journal"} <= tables | {"search_documents"}
    before = len(held["entries"])
    done = desk.post(f"{PERSONAL_DATA}/erase", asked)
    assert done.status_code == 200
    assert ADDRESS not in done.text
    assert _where_named(desk.database) == {"journal"}
    with desk.database.read() as session:
        assert journal.verify(session) is None
        acts = session.execute(sa.select(JournalEntry.act).where(JournalEntry.actor == f"editor:{ADDRESS}")).scalars()
        assert {"partner.entered", "republication.answered", "notice.confirmed"} <= set(acts)
    assert before > 0
    # The erased are shown out, and no page of the desk or of the portal names them.
    assert editor.get("/portal").status_code == 302
    for path in (
        f"/desk/partners/{COMPANY_CODE}", page, f"/desk/notices/{notice}", f"/desk/republications/{portal.mine}",
        "/desk/questions", "/desk/admin/mails",
    ):  # fmt: skip
        answer = desk.client.get(path)
        assert answer.status_code in {200, 404}, path
        assert NAME not in answer.text, path
        assert ADDRESS not in answer.text, path
    assert Page(desk.get(f"/desk/notices/{notice}")).rows("Nơi nhận")
