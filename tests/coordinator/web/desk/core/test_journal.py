"""The journal at the desk: every entry has a label, the list can be downloaded, and changes show the former values."""

import ast
import json
import re
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlencode

import pytest
import sqlalchemy as sa

import campaigns
import coordinator
import coordinator.web.desk
from campaigns.compliance.cases.cases import CaseOrigin, DecisionForm
from campaigns.compliance.findings import StepKind
from campaigns.core import journal
from campaigns.core.checkpoints import make_checkpoint
from campaigns.core.contents import field_types
from campaigns.core.import_runs import ImportKind
from campaigns.core.journal import JournalEntry
from campaigns.core.vietnamese import fold
from campaigns.delivery.broadcasts import BroadcastState
from campaigns.partners.agreements import AgreementContent
from campaigns.partners.directory import CompanyContent, SiteContent
from campaigns.partners.editor_access import begin_visit
from campaigns.partners.editors import add_editor
from campaigns.partners.licences import LicenceContent
from campaigns.people.keys import add_key
from campaigns.people.office import OfficeNameContent, SignerContent
from campaigns.people.staff import Person, Role
from campaigns.planning.campaigns import CampaignContent
from campaigns.reporting.word_templates import TemplateKind
from campaigns.republications.republications import RepublicationStatus
from campaigns.republications.review.corrections import Correction
from campaigns.republications.review.decisions import DECISION_REASONS
from campaigns.republications.review.partner_answers import PartnerAnswerKind
from coordinator.channels.registry import KINDS
from coordinator.imports.tables.xlsx import read_workbook
from coordinator.translation import VIETNAMESE, speaking
from coordinator.web.desk.core import journal as journal_page
from coordinator.web.desk.core.journal_labels import (
    ACTS,
    DETAIL_KINDS,
    DETAILS,
    STATE_DETAILS,
    SUBJECT_DETAIL_KINDS,
    SUBJECTS,
    act_label,
    detail_label,
    detail_value,
)
from coordinator.web.kit.text.state_labels import STATE_LABELS, VALUE_LABELS
from tests import factories
from tests.coordinator.web.desk.conftest import STAFF, Desk
from tests.coordinator.web.desk.page_reader import Page
from tests.factories import NOW, planned


@pytest.fixture
def admin(desk: Desk) -> Desk:
    desk.sign_in(Role.ADMIN)
    return desk


def test_every_kind_of_thing_that_is_written_down_has_words() -> None:
    kinds = set()
    for package in (campaigns, coordinator):
        for path in Path(package.__path__[0]).rglob("*.py"):
            for node in ast.walk(ast.parse(path.read_text("utf-8"))):
                if isinstance(node, ast.Call) and ast.unparse(node.func) == "journal.record" and len(node.args) > 3:
                    kind = node.args[3]
                    if ast.unparse(kind) == "run.kind.value":
                        kinds |= {one.value for one in ImportKind}
                        continue
                    assert isinstance(kind, ast.Constant), f"{path}:{node.lineno} has no constant kind"
                    kinds.add(kind.value)
    assert {"bulletin", "series", "hours"} <= kinds
    assert kinds - set(SUBJECTS) == set()


def test_what_the_filters_let_through_is_taken_home_as_a_sheet(admin: Desk) -> None:
    with admin.database.write() as session:
        factories.company(session, "Nhịp Sông")
        factories.company(session, "Phố Cổ")
    answer = admin.client.get("/desk/admin/journal/download.xlsx?kind=partner&subject=nhip")
    assert answer.headers["Content-Disposition"].endswith('filename="nhat-ky.xlsx"')
    sheets = [worksheet for worksheet in read_workbook(answer.data) if worksheet.name == "Nhật ký"]
    text = "\n".join(" | ".join(row) for sheet in sheets for row in sheet.rows)
    assert "Thêm đối tác | Đối tác | nhip-song" in text
    assert "Tên: Nhịp Sông" in text
    assert "partner.added" in text
    assert "pho-co" not in text


def test_a_journal_too_long_for_a_sheet_is_reported_and_not_cut(admin: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(journal_page, "MOST_TAKEN", 1)
    with admin.database.write() as session:
        factories.company(session, "Nhịp Sông")
        factories.company(session, "Phố Cổ")
    answer = admin.client.get("/desk/admin/journal/download.xlsx?kind=partner")
    assert answer.headers["Location"] == "/desk/admin/journal/?kind=partner"
    assert Page(admin.get(answer.headers["Location"])).has("Thu hẹp ngày hoặc việc rồi tải lại")


def test_a_change_of_the_department_is_written_down_with_what_stood_there_before(admin: Desk) -> None:
    form = {"name": "Sở A", "parent": "UBND", "place": "Hà Nội", "source_names": "", "not_us": ""}
    admin.post("/desk/admin/office/", form)
    admin.post("/desk/admin/office/", form | {"place": "Huế"})
    with admin.database.read() as session:
        last = session.execute(
            sa.select(JournalEntry).where(JournalEntry.act == "office.saved").order_by(JournalEntry.seq.desc())
        ).scalars()
        details = json.loads(next(iter(last)).details)
    assert (details["place"], details["before"]) == ("Huế", {"place": "Hà Nội"})


def test_names_that_count_are_reported_as_they_come_and_go(admin: Desk) -> None:
    form = {"name": "Sở A", "parent": "UBND", "place": "Hà Nội", "source_names": "Cổng A", "not_us": ""}
    admin.post("/desk/admin/office/", form)
    admin.post("/desk/admin/office/", form | {"source_names": "Tin A\nA News"})
    link = Page(admin.get("/desk/admin/office/")).link("Các lần đổi trong nhật ký")
    newest, _first = Page(admin.get(link)).rows("Các mục nhật ký")
    assert newest[3] == "Đổi các tên được tính là nêu nguồn"
    for words in ("Thêm tên Tin A; A News", "Bỏ tên Cổng A"):
        assert words in newest[4]


def test_people_are_shown_by_their_names_and_found_by_name_or_address(admin: Desk) -> None:
    writer = STAFF[Role.WRITER]
    with admin.database.write() as session:
        bulletin = factories.draft(session)
        owner = factories.company(session, "Nhịp Sông")
        editor = add_editor(session, STAFF[Role.ADMIN], owner, email="lan@nhipsong.vn", name="Ngọc Lan", now=NOW)
        begin_visit(session, editor, device="Chrome", now=NOW)
        key = add_key(session, "test", name="Máy chủ Nhịp", role=None, company_id=owner.id, now=NOW).row
        journal.record(session, key.actor.id, "receipt.given", "bulletin", bulletin.code, now=NOW)
    rows = {row[3]: row for row in Page(admin.get("/desk/admin/journal/")).rows("Các mục nhật ký")}
    assert rows["Soạn bản tin"][2] == writer.name
    assert f"Tài khoản {writer.id}" in rows["Soạn bản tin"][4]
    assert rows["Đối tác vào cổng"][2] == "Ngọc Lan, Nhịp Sông"
    assert rows["Đối tác báo đã nhận"][2] == "Khóa “Máy chủ Nhịp”"
    for asked in (writer.id, writer.name.lower(), fold(writer.name)):
        found = Page(admin.get(f"/desk/admin/journal/?{urlencode({'actor': asked})}")).rows("Các mục nhật ký")
        assert found, asked
        assert {row[2] for row in found} == {writer.name}
    # A renamed object is shown under its present name: the journal stores its code.
    admin.post(f"/desk/admin/people/{writer.id}", {"name": "Hà Mới", "role": "writer", "active": "1"})
    (renamed, *_rest) = Page(admin.get("/desk/admin/journal/")).rows("Các mục nhật ký")
    assert (renamed[3], f"Trước đó {writer.name}" in renamed[4]) == ("Đổi tên hiển thị", True)
    (row,) = Page(admin.get("/desk/admin/journal/?act=bulletin.written")).rows("Các mục nhật ký")
    assert row[2] == "Hà Mới"


def test_the_journal_is_read_newest_first_and_filtered(admin: Desk) -> None:
    with admin.database.write() as session:
        factories.published(session)
        factories.company(session, "Nhịp Sông")
    page = Page(admin.get("/desk/admin/journal/"))
    numbers = [int(row[0]) for row in page.rows("Các mục nhật ký")]
    assert numbers == sorted(numbers, reverse=True)
    (row,) = Page(admin.get("/desk/admin/journal/?act=bulletin.approved")).rows("Các mục nhật ký")
    assert row[3] == "Duyệt bản tin"
    (row,) = Page(admin.get("/desk/admin/journal/?kind=partner&subject=nhip")).rows("Các mục nhật ký")
    assert row[4].startswith("Đối tác nhip-song")
    assert Page(admin.get("/desk/admin/journal/?from=2026-11-25")).rows("Các mục nhật ký") == []
    assert len(Page(admin.get("/desk/admin/journal/?to=2026-11-24")).rows("Các mục nhật ký")) == len(numbers)
    assert Page(admin.get("/desk/admin/journal/?actor=%25")).rows("Các mục nhật ký") == []


def test_a_long_journal_has_pages(admin: Desk) -> None:
    with admin.database.write() as session:
        for number in range(60):
            factories.company(session, f"Công ty {number}")
    first = Page(admin.get("/desk/admin/journal/?kind=partner"))
    assert len(first.rows("Các mục nhật ký")) == 50
    second = Page(admin.get(first.link("Sau")))
    assert len(second.rows("Các mục nhật ký")) == 10
    assert second.has("51–60 trong 60")


def whole(admin: Desk) -> None:
    """Entries, and one for each person, whom the fixture adds past the journal."""
    with admin.database.write() as session:
        factories.published(session)
        for email in session.execute(sa.select(Person.email)).scalars():
            journal.record(session, "cli", "person.added", "person", email, {"role": Role.ADMIN}, now=NOW)


def test_a_checkpoint_that_was_pasted_is_compared_with_the_journal(admin: Desk) -> None:
    whole(admin)
    with admin.database.read() as session:
        kept = str(make_checkpoint(session, now=NOW))
    shown = Page(admin.get("/desk/admin/journal/"))
    assert shown.has(kept.split()[2])
    whole(admin)
    admin.post("/desk/admin/journal/verify", {"checkpoint": f" {kept} "})
    assert Page(admin.get("/desk/admin/journal/")).has(f"Nhật ký còn đủ tới mục {kept.split()[1]} của mốc ngày")
    for wrong in ("x", kept.replace(" 2026-", " 2025-")):
        admin.post("/desk/admin/journal/verify", {"checkpoint": wrong})
        (text,) = Page(admin.get("/desk/admin/journal/")).words("[role=alert]")
        assert "không phải là mốc kiểm tra" in text
    with admin.database.write() as session:
        session.execute(sa.text("DELETE FROM journal"))
        session.execute(sa.text("DELETE FROM journal_head"))
    whole(admin)
    admin.post("/desk/admin/journal/verify", {"checkpoint": kept})
    (text,) = Page(admin.get("/desk/admin/journal/")).words("[role=alert]")
    assert f"gãy từ mục số {kept.split()[1]}" in text


def test_verifying_tells_a_whole_chain_from_a_broken_one(admin: Desk) -> None:
    whole(admin)
    with admin.database.read() as session:  # entries are numbered as they are committed
        last = session.execute(sa.select(sa.func.max(JournalEntry.seq))).scalar_one()
    admin.post("/desk/admin/journal/verify")
    assert Page(admin.get("/desk/admin/journal/")).has(f"Nhật ký nguyên vẹn: {last} mục")
    with admin.database.write() as session:
        session.execute(sa.text("UPDATE journal SET actor = 'ai đó' WHERE seq = 2"))
    admin.post("/desk/admin/journal/verify")
    (text,) = Page(admin.get("/desk/admin/journal/")).words("[role=alert]")
    assert "gãy từ mục số 2" in text


def product_sources() -> Iterator[tuple[Path, ast.Module]]:
    """Yield every module of the product, parsed."""
    for package in (campaigns, coordinator):
        for path in Path(package.__path__[0]).rglob("*.py"):
            yield path, ast.parse(path.read_text("utf-8"))


def record_calls(tree: ast.AST) -> list[ast.Call]:
    """Return the calls that add an entry to the journal."""
    calls = [node for node in ast.walk(tree) if isinstance(node, ast.Call)]
    return [call for call in calls if ast.unparse(call.func) == "journal.record" and len(call.args) > 3]


def texts_in(node: ast.AST) -> set[str]:
    """Return the text constants below a node."""
    return {part.value for part in ast.walk(node) if isinstance(part, ast.Constant) and isinstance(part.value, str)}


UNFINISHED = {BroadcastState.DUE, BroadcastState.SENDING}
BROADCAST_ACTS = {"asked", "cancelled", "settled"} | {state.value for state in set(BroadcastState) - UNFINISHED}
# Acts whose last word is the value of an enum, by the f-string that makes them.
MADE_ACTS = {
    "f'finding.{kind.value}'": {f"finding.{kind.value}" for kind in StepKind if not kind.value.startswith("seen_")},
    "f'broadcast.{what}'": {f"broadcast.{what}" for what in BROADCAST_ACTS},
    "f'{of}.template_changed'": {f"{kind}.template_changed" for kind in TemplateKind},
    "f'{run.kind.value}.agreed'": {f"{kind.value}.agreed" for kind in ImportKind},
    "f'{run.kind.value}.imported'": {f"{kind.value}.imported" for kind in ImportKind},
    "f'{run.kind.value}.undone'": {f"{kind.value}.undone" for kind in ImportKind},
    "f'{run.kind.value}.called_off'": {f"{kind.value}.called_off" for kind in ImportKind},
    "f'{of}.template_dropped'": {f"{kind}.template_dropped" for kind in TemplateKind},
}


def recorded_acts() -> set[str]:
    """Return every act that the product records. An act in a variable is among the constants of its module."""
    shape = re.compile(r"[a-z_]+\.[a-z_]+")
    found, prefixes = set(), set(SUBJECTS) | {act.partition(".")[0] for act in ACTS}
    for path, tree in product_sources():
        calls = record_calls(tree)
        for call in calls:
            act = call.args[2]
            if isinstance(act, ast.JoinedStr):
                assert ast.unparse(act) in MADE_ACTS, f"{path}:{act.lineno} makes acts that this test does not know"
                found |= MADE_ACTS[ast.unparse(act)]
            elif not isinstance(act, ast.Name):
                found |= texts_in(act)
        if path.is_relative_to(Path(campaigns.__path__[0])) or calls:
            named = {text for text in texts_in(tree) if shape.fullmatch(text) and text.partition(".")[0] in prefixes}
            found |= {text for text in named if not text.endswith(".id")}  # columns that others refer to
    return found


def recorded_details() -> dict[str, str]:
    """Return the name of every detail that the product records, with the place of one of them."""
    found = {}
    for path, tree in product_sources():
        functions = [node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef)]
        for function in functions:
            for call in record_calls(function):
                for given in call.args[5:6]:
                    for mapping in _mappings_of(given, function, functions):
                        for key in mapping.keys:
                            if isinstance(key, ast.Constant) and isinstance(key.value, str):
                                found[key.value] = f"{path}:{call.lineno}"
    return found


def _mappings_of(given: ast.expr, function: ast.FunctionDef, functions: list[ast.FunctionDef]) -> Iterator[ast.Dict]:
    """Yield the dictionaries in an argument, in what its variable is set to, and in what its function returns."""
    sources: list[ast.AST] = [given]
    if isinstance(given, ast.Name):
        for node in ast.walk(function):
            targets = node.targets if isinstance(node, ast.Assign) else [getattr(node, "target", None)]
            value = getattr(node, "value", None)
            if isinstance(node, ast.Assign | ast.AnnAssign | ast.AugAssign | ast.NamedExpr) and value is not None:
                for target in targets:
                    if isinstance(target, ast.Name) and target.id == given.id:
                        sources.append(value)
                    if isinstance(target, ast.Subscript) and ast.unparse(target.value) == given.id:
                        sources.append(ast.Dict([target.slice], [value]))
    called = {ast.unparse(node.func) for source in sources for node in ast.walk(source) if isinstance(node, ast.Call)}
    sources += [known for known in functions if known.name in called and known is not function]
    for source in sources:
        yield from (node for node in ast.walk(source) if isinstance(node, ast.Dict))


def test_every_act_that_is_recorded_has_a_label() -> None:
    acts = recorded_acts()
    assert {"bulletin.approved", "person.password_set", "hours.saved", "finding.handed", "register.imported"} <= acts
    made = {
        f"republication.{status.value}" for status in RepublicationStatus
    }  # the act of a verdict is named by what it came to
    assert (acts | made) - set(ACTS) == set()
    with speaking("en"):
        english = {code: act_label(code) for code in ACTS}
    assert [code for code in ACTS if act_label(code) == english[code]] == []


def test_every_detail_that_is_recorded_has_a_label() -> None:
    # A journal entry takes these contents over field by field, but for the fields named here.
    taken = {
        AgreementContent: {"note"}, CampaignContent: set(), CompanyContent: {"contact"}, LicenceContent: set(),
        OfficeNameContent: set(), SignerContent: {"name"}, SiteContent: set(),
    }  # fmt: skip
    details = recorded_details()
    for content, left_out in taken.items():
        details |= dict.fromkeys(set(field_types(content)) - left_out, content.__name__)
    assert {"plan_number", "why", "release_at", "before", "seconds", "forms"} <= details.keys()
    assert {name: place for name, place in details.items() if name not in DETAILS} == {}
    with speaking("en"):
        english = {name: detail_label(name) for name in DETAILS}
    assert [name for name in DETAILS if detail_label(name) == english[name]] == ["sha256"]


def test_a_detail_that_is_a_code_is_shown_by_its_label_and_free_text_as_it_is(admin: Desk) -> None:
    details = {
        "before": "review", "status": "duplicate", "match": "partial", "attribution": "linked_at_end", "level": "live",
        "note": "review", "title": "full", "role": "analyst",
    }  # fmt: skip
    with admin.database.write() as session:
        journal.record(session, "system", "republication.undone", "republication", "rep_1", details, now=NOW)
        journal.record(session, "system", "channel.state", "channel", "kenh", {"state": "failing"}, now=NOW)
        journal.record(session, "system", "topic.changed", "topic", "y-te", {"before": "review"}, now=NOW)
        journal.record(session, "system", "site.added", "site", "trang", {"kind": "aggregator"}, now=NOW)
    text = " ".join(cell for row in Page(admin.get("/desk/admin/journal/")).rows("Các mục nhật ký") for cell in row)
    for shown in (
        "Trước đó Chờ xem xét", "Trạng thái Địa chỉ trùng", "Mức khớp Đăng một phần", "Dẫn nguồn Có đường dẫn ở cuối",
        "Mức bằng chứng Còn trên trang", "Ghi chú review", "Tiêu đề full", "Vai trò Người phân tích",
        "Tình trạng Đang lỗi", "Trước đó review", "Loại Trang thông tin điện tử tổng hợp",
    ):  # fmt: skip
        assert shown in text, (shown, text)


def test_every_detail_of_a_kind_has_a_label_and_every_kind_exists() -> None:
    assert set(DETAIL_KINDS) | STATE_DETAILS | {name for _subject, name in SUBJECT_DETAIL_KINDS} <= DETAILS.keys()
    kinds = {*DETAIL_KINDS.values(), *SUBJECT_DETAIL_KINDS.values()}
    assert kinds <= {*STATE_LABELS, *VALUE_LABELS}


def test_no_page_of_the_journal_shows_a_detail_by_the_name_in_the_code(admin: Desk) -> None:
    with admin.database.write() as session:
        factories.published(session)
        planned(session, NOW.date(), NOW.date(), code="ke-hoach-9", plan_number="9-KH/UBND", name="Thử")
    page = Page(admin.get("/desk/admin/journal/"))
    text = " ".join(cell for row in page.rows("Các mục nhật ký") for cell in row)
    assert "Số kế hoạch 9-KH/UBND" in text
    assert not re.search(r"\b[a-z]+_[a-z_]+\b", text)


CODED = (
    ("republication.confirmed", "republication", "reason", DECISION_REASONS),
    ("republication.answered", "republication", "answer", [kind.value for kind in PartnerAnswerKind]),
    ("republication.answered", "republication", "finding", [kind.value for kind in Correction]),
    ("finding.undone", "finding", "act", [kind.value for kind in StepKind]),
    ("case.entered", "case", "form", [form.value for form in DecisionForm]),
    ("case.entered", "case", "origin", [origin.value for origin in CaseOrigin]),
    ("channel.added", "channel", "kind", KINDS),
)


def test_no_detail_is_shown_as_a_code(admin: Desk) -> None:
    with admin.database.write() as session:
        for act, subject, name, codes in CODED:
            for code in codes:
                journal.record(session, "cli", act, subject, f"{name}-{code}", {name: code}, now=NOW)
    with speaking(VIETNAMESE):
        for _act, subject, name, codes in CODED:
            for code in codes:
                assert detail_value(subject, name, code) != code, (subject, name, code)
        assert detail_value("finding", "act", "of_an_earlier_release") == "of_an_earlier_release"
    found = Page(admin.get("/desk/admin/journal/?act=finding.undone&subject=act-handed"))
    (row,) = found.rows("Các mục nhật ký")
    assert "handed" not in row[4].replace("act-handed", "")
