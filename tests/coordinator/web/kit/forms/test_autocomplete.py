"""Autocomplete fields: complete without a script, and of the same size for ten partners or thousands."""

from urllib.parse import parse_qs, urlsplit

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session

from campaigns.channels.channels import Channel
from campaigns.messages.notices import Notice, NoticeReceiver, NoticeState
from campaigns.partners.directory import Company, SiteKind
from campaigns.partners.licences import LicenceContent, add_licence
from campaigns.people.keys import AccessKey
from campaigns.people.staff import Role
from campaigns.planning.campaigns import Topic
from campaigns.search.autocomplete import MOST
from coordinator.web.kit.forms import autocomplete
from tests import factories
from tests.coordinator.web.desk.conftest import Desk
from tests.coordinator.web.desk.page_reader import Page
from tests.factories import ADMIN, NOW

HX = {"HX-Request": "true"}
LISTS = (
    "/desk/republications?status=all", "/desk/republications/_review", "/desk/search?q=cong", "/desk/notices/_new",
    "/desk/admin/keys/", "/desk/admin/keys/_new", "/desk/channels/", "/desk/channels/_new/webhook", "/desk/progress/",
    "/desk/progress/partner", "/desk/progress/site", "/desk/partners/", "/desk/partners/_claims", "/desk/deliveries",
    "/desk/bulletins/new", "/desk/calendar/series/_new",
)  # fmt: skip


def fill(session: Session, many: int) -> None:
    """Add that many partners, each with a site, a channel and a key."""
    for _ in range(many):
        number = next(factories._numbers)
        company = factories.company(session, f"Công ty Truyền thông Số {number}")
        factories.site(session, company, f"https://so{number}.example/")
        factories.channel(session, company=company)
        session.add(
            AccessKey(
                public=f"k{number:05d}",
                name=f"Khoá {number}",
                secret_hash="0" * 64,
                company_id=company.id,
                created_at=NOW,
            )
        )
    session.flush()


@pytest.fixture
def office(desk: Desk) -> Desk:
    """More partners than a select shows; the names of two begin alike, one has a domain with another name."""
    with desk.database.write() as session:
        fill(session, autocomplete.FIRST_OFFERS + 1)
        factories.company(session, "Công ty Hồng Hà")
        factories.company(session, "Công ty Hồng Hà Media")
        factories.site(session, factories.company(session, "Tập đoàn Sông Đà"), "https://thuydien.example/")
    desk.sign_in(Role.ADMIN)
    return desk


def box(html: str, name: str = "partner") -> dict[str, str | None]:
    """Return the three values of a field, as the page sends them."""
    tree = Page(html).tree
    found: dict[str, str | None] = {}
    for part in ("", ".q", ".was"):
        node = tree.css_first(f"input[name='{name}{part}']")
        found[part] = node.attributes.get("value") or "" if node is not None else None
    return found


def radios(html: str, name: str = "partner", kind: str = "radio") -> list[str]:
    """Return the codes offered as candidates."""
    nodes = Page(html).tree.css(f".candidates input[type='{kind}'][name='{name}']")
    return [str(node.attributes["value"]) for node in nodes]


def test_what_is_typed_is_offered_with_what_tells_it_from_its_likes(office: Desk) -> None:
    answer = office.client.get("/desk/pick/partner?partner.q=song d", headers=HX)
    page = Page(answer.text)
    assert [node.attributes["data-code"] for node in page.tree.css("[role=option]")] == ["tap-doan-song-da"]
    assert page.words("[role=option]") == ["Tập đoàn Sông Đà thuydien.example"]
    assert page.words("[data-status]") == ["1 gợi ý; bấm mũi tên xuống để chọn."]
    assert "HX-Request" in answer.headers["Vary"]
    nothing = Page(office.client.get("/desk/pick/partner?partner.q=zzz", headers=HX).text)
    assert (nothing.words("[role=option]"), nothing.words("[data-status]")) == ([], ["Không thấy đối tác nào."])


def test_no_more_are_offered_than_one_reads(office: Desk) -> None:
    page = Page(office.client.get("/desk/pick/partner?q=cong ty", headers=HX).text)
    assert len(page.words("[role=option]")) == MOST
    assert page.has("Còn nơi khác nữa; gõ thêm chữ để thu hẹp.")


def test_asked_for_as_a_page_it_is_the_search_and_of_nothing_else_there_is_none(office: Desk) -> None:
    assert office.client.get("/desk/pick/site?q=thuy").location == "/desk/search?q=thuy"
    assert office.client.get("/desk/pick/secret?q=a", headers=HX).status_code == 404


def test_nobody_gets_names_without_sign_in(desk: Desk) -> None:
    answer = desk.client.get("/desk/pick/partner?q=cong", headers=HX)
    assert (answer.status_code, urlsplit(answer.location).path) == (302, "/login")


@pytest.mark.parametrize(
    ("path", "kept"),
    [
        ("/desk/republications", "status=all&q=a"),
        ("/desk/progress/", "period=2026"),
        ("/desk/search", "q=a&kind=bulletin"),
        ("/desk/channels/", "state=active"),
    ],
)
def test_one_match_is_taken_into_the_address_and_the_rest_of_it_is_kept(office: Desk, path: str, kept: str) -> None:
    answer = office.client.get(f"{path}?{kept}&partner=&partner.q=song+da&partner.was=")
    assert answer.status_code == 303
    assert parse_qs(urlsplit(answer.location).query) == {**parse_qs(kept), "partner": ["tap-doan-song-da"]}
    shown = office.get(answer.location)
    assert box(shown) == {"": "tap-doan-song-da", ".q": "Tập đoàn Sông Đà", ".was": "Tập đoàn Sông Đà"}


def test_an_address_with_strange_names_in_it_leads_nowhere_else(office: Desk) -> None:
    answer = office.client.get("/desk/republications?partner.q=song+da&_scheme=x&_external=1&endpoint=y&_anchor=z")
    assert (answer.status_code, urlsplit(answer.location)[:3]) == (303, ("", "", "/desk/republications"))


def test_a_choice_sent_again_is_the_same_and_an_emptied_box_is_none(office: Desk) -> None:
    kept = "partner=tap-doan-song-da&partner.was=T%E1%BA%ADp+%C4%91o%C3%A0n+S%C3%B4ng+%C4%90%C3%A0"
    same = office.client.get(f"/desk/republications?{kept}&partner.q=T%E1%BA%ADp+%C4%91o%C3%A0n+S%C3%B4ng+%C4%90%C3%A0")
    assert same.location == "/desk/republications?partner=tap-doan-song-da"
    assert office.client.get(f"/desk/republications?{kept}&partner.q=").location == "/desk/republications"


def test_several_are_offered_to_choose_from_and_the_chosen_one_is_taken(office: Desk) -> None:
    html = office.get("/desk/republications?status=all&q=dịch&partner.q=hong+ha&partner.was=")
    assert radios(html) == ["cong-ty-hong-ha-media", "cong-ty-hong-ha"]
    page = Page(html)
    assert page.words(".asked .error") == ["“hong ha” hợp với 2 nơi. Chọn một, hoặc gõ thêm chữ."]
    assert page.tree.css_first("main .filters input[name=q]").attributes["value"] == "dịch"  # type: ignore[union-attr]
    # The values that a browser sends with the second one chosen.
    chosen = "partner=cong-ty-hong-ha&partner.q=hong+ha&partner.was=hong+ha"
    assert (
        office.client.get(f"/desk/republications?{chosen}").location == "/desk/republications?partner=cong-ty-hong-ha"
    )


def test_nothing_found_is_reported_with_what_was_looked_for_and_filters_nothing(office: Desk) -> None:
    for path in ("/desk/republications?status=all", "/desk/progress/?", "/desk/progress/partner?", "/desk/search?"):
        html = office.get(f"{path}&partner=tap-doan-song-da&partner.q=<b>zz&partner.was=")
        assert "Không thấy đối tác nào cho “&lt;b&gt;zz”." in html
        assert box(html)[""] == ""
    both = office.get("/desk/republications?site.q=zz&partner.q=yy")
    assert len(Page(both).words(".asked .error")) == 2


def test_a_site_is_picked_beside_its_partner(office: Desk) -> None:
    answer = office.client.get("/desk/republications?site.q=thuydien&partner.q=song+da")
    assert parse_qs(urlsplit(answer.location).query) == {"site": ["thuydien-example"], "partner": ["tap-doan-song-da"]}


def test_few_partners_are_a_list_that_needs_no_typing(desk: Desk) -> None:
    with desk.database.write() as session:
        factories.company(session, "Nhịp Sông")
    desk.sign_in(Role.ANALYST)
    page = Page(desk.get("/desk/republications"))
    assert page.words("select[name=partner] option") == ["Mọi đối tác", "Nhịp Sông"]
    assert page.tree.css_first("input[name='partner.q']") is None


def test_a_form_without_partners_says_what_to_do_first(desk: Desk) -> None:
    desk.sign_in(Role.ADMIN)
    for path in ("/desk/admin/keys/_new", "/desk/channels/_new/webhook"):
        assert Page(desk.get(path)).has("Nhập sổ giấy phép hoặc thêm từng đối tác trước.")
    assert Page(desk.get("/desk/notices/_new")).has("Chưa có đối tác nào nên chưa ai nhận được thông báo.")


KEY = {"name": "Khóa thử", "holder": "partner", "partner.was": ""}


def test_a_key_is_made_for_the_partner_that_was_typed(office: Desk) -> None:
    answer = office.post("/desk/admin/keys/_new", KEY | {"partner.q": "thuydien.example"})
    assert answer.location == "/desk/partners/tap-doan-song-da"
    with office.database.read() as session:
        (owner,) = session.execute(
            sa.select(Company.code)
            .join(AccessKey, AccessKey.company_id == Company.id)
            .where(AccessKey.name == "Khóa thử")
        ).one()
    assert owner == "tap-doan-song-da"


def test_a_key_for_nobody_and_for_several_is_not_made_and_the_form_is_kept(office: Desk) -> None:
    several = office.post("/desk/admin/keys/_new", KEY | {"partner.q": "hồng hà"})
    assert (several.status_code, len(radios(several.text))) == (422, 2)
    page = Page(several.text)
    assert (page.value("name"), set(page.errors())) == ("Khóa thử", {"partner"})
    taken = KEY | {"partner": "cong-ty-hong-ha", "partner.q": "hồng hà", "partner.was": "hồng hà"}
    assert office.post("/desk/admin/keys/_new", taken).location == "/desk/partners/cong-ty-hong-ha"
    for nobody in ({}, {"partner.q": "zzz"}):
        answer = office.post("/desk/admin/keys/_new", KEY | nobody)
        assert (answer.status_code, set(Page(answer.text).errors())) == (422, {"partner"})


def test_a_channel_is_added_for_the_partner_that_was_typed(office: Desk) -> None:
    form = {"name": "Máy nhận", "settings.url": "https://thuydien.example/nhan", "every": "1", "partner.was": ""}
    wrong = office.post("/desk/channels/_new/webhook", form | {"partner.q": "zzz"})
    assert (wrong.status_code, set(Page(wrong.text).errors())) == (422, {"partner"})
    assert office.post("/desk/channels/_new/webhook", form | {"partner.q": "song da"}).status_code == 303
    with office.database.read() as session:
        owner = session.execute(sa.select(Channel).where(Channel.name == "Máy nhận")).scalar_one().company
        assert owner is not None
        assert owner.code == "tap-doan-song-da"


NOTICE = {"mark": "m1", "heading": "Mời họp", "words": "Mời họp chiều mai.", "body_as": "text", "audience": "chosen"}


def receivers(desk: Desk) -> set[str]:
    with desk.database.read() as session:
        query = sa.select(Company.code).join(NoticeReceiver, NoticeReceiver.company_id == Company.id)
        return set(session.execute(query).scalars())


def test_receivers_are_added_one_by_one_without_saving_and_then_saved(office: Desk) -> None:
    response = office.post(
        "/desk/notices/_new", NOTICE | {"audience": "all", "partners.q": "song da", "add": "partners"}
    )
    assert response.status_code == 200
    page = Page(response.text)
    ticked = [node.attributes["value"] for node in page.tree.css("input[name=partners][checked]")]
    assert ticked == ["tap-doan-song-da"]
    assert page.tree.css_first("input[name=audience][value=chosen][checked]") is not None
    assert (page.value("heading"), page.value("words")) == ("Mời họp", "Mời họp chiều mai.")
    two = office.post("/desk/notices/_new", NOTICE | {"partners": ticked, "partners.q": "hong ha", "add": "partners"})
    assert two.status_code == 422
    assert radios(two.text, "partners", "checkbox") == ["cong-ty-hong-ha-media", "cong-ty-hong-ha"]
    with office.database.read() as session:
        assert session.execute(sa.select(sa.func.count()).select_from(Notice)).scalar_one() == 0
    again = {"partners": [*ticked, "cong-ty-hong-ha"], "partners.q": "hong ha", "partners.was": "hong ha"}
    three = office.post("/desk/notices/_new", NOTICE | again | {"add": "partners"})
    assert (three.status_code, radios(three.text, "partners", "checkbox")) == (200, [])
    saved = office.post("/desk/notices/_new", NOTICE | again)
    assert saved.status_code == 303
    assert receivers(office) == {"tap-doan-song-da", "cong-ty-hong-ha"}
    edit = Page(office.get(f"{saved.location}/edit"))
    assert {node.attributes["value"] for node in edit.tree.css("input[name=partners][checked]")} == receivers(office)


def test_what_is_left_in_the_box_is_saved_with_the_rest_or_asked_about(office: Desk) -> None:
    asked = office.post("/desk/notices/_new", NOTICE | {"partners.q": "zzz"})
    assert (asked.status_code, set(Page(asked.text).errors())) == (422, {"partners"})
    assert office.post("/desk/notices/_new", NOTICE | {"partners.q": "song da"}).status_code == 303
    assert receivers(office) == {"tap-doan-song-da"}


def test_the_key_that_sends_a_form_saves_it_although_the_first_button_adds(office: Desk) -> None:
    answer = office.post("/desk/notices/_new", NOTICE | {"audience": "all", "partners.q": "", "add": "partners"})
    assert answer.status_code == 303
    with office.database.read() as session:
        assert session.execute(sa.select(Notice.audience)).scalar_one().value == "all"


def test_what_is_left_in_the_box_of_a_notice_for_all_is_no_matter(office: Desk) -> None:
    assert office.post("/desk/notices/_new", NOTICE | {"audience": "all", "partners.q": "zzz"}).status_code == 303
    assert receivers(office) == set()


def test_many_are_named_by_a_group_and_stay_when_the_draft_is_changed(office: Desk) -> None:
    with office.database.write() as session:
        for company in session.execute(sa.select(Company)).scalars().all():
            add_licence(
                session,
                ADMIN.id,
                company,
                f"{company.id}/GP",
                LicenceContent(kind=SiteKind.AGGREGATOR, issuer="Sở", issued_on=NOW.date()),
                now=NOW,
            )
    saved = office.post("/desk/notices/_new", NOTICE | {"groups": ["aggregator"]})
    assert saved.status_code == 303
    everybody = receivers(office)
    assert len(everybody) == autocomplete.FIRST_OFFERS + 4
    page = Page(office.get(saved.location))
    assert page.has(f"Nếu phát bây giờ, {len(everybody)} đối tác thấy.")
    assert len(page.rows("Nơi nhận")) == 50
    assert len(Page(office.get(f"{saved.location}?page=2")).rows("Nơi nhận")) == len(everybody) - 50
    edit = Page(office.get(f"{saved.location}/edit"))
    assert edit.has(f"Giữ {len(everybody)} đối tác đã chọn")
    form = NOTICE | {"version": edit.value("version"), "named": edit.value("named"), "heading": "Mời họp gấp"}
    assert office.post(f"{saved.location}/edit", form | {"keep": "y"}).status_code == 303
    assert receivers(office) == everybody
    edit = Page(office.get(f"{saved.location}/edit"))
    form |= {"version": edit.value("version"), "partners": ["cong-ty-hong-ha"]}
    assert office.post(f"{saved.location}/edit", form).status_code == 303
    assert receivers(office) == {"cong-ty-hong-ha"}
    with office.database.read() as session:
        assert session.execute(sa.select(Notice.state)).scalar_one() is NoticeState.DRAFT


def test_a_text_for_single_channels_takes_them_by_what_is_typed(office: Desk) -> None:
    with office.database.write() as session:
        owner = session.execute(sa.select(Company).where(Company.code == "tap-doan-song-da")).scalar_one()
        code = factories.channel(session, company=owner).code
        topic = session.execute(sa.select(Topic.code).limit(1)).scalar_one()
    form = {
        "title": "Lịch tiêm",
        "lead": "Tiêm.",
        "body_html": "Mời đưa trẻ đi tiêm.",
        "body_as": "text",
        "topic": topic,
    }
    added = office.post("/desk/bulletins/new", form | {"reach": "all", "channels.q": "song da", "add": "channels"})
    assert added.status_code == 200
    page = Page(added.text)
    assert [node.attributes["value"] for node in page.tree.css("input[name=channels][checked]")] == [code]
    assert page.tree.css_first("input[name=reach][value=chosen][checked]") is not None
    wrong = office.post("/desk/bulletins/new", form | {"reach": "chosen", "channels.q": "zzz"})
    assert (wrong.status_code, set(Page(wrong.text).errors())) == (422, {"channels"})
    saved = office.post("/desk/bulletins/new", form | {"reach": "chosen", "channels.q": "song da"})
    assert saved.status_code == 303
    edit = Page(office.get(f"{saved.location}/edit"))
    assert [node.attributes["value"] for node in edit.tree.css("input[name=channels][checked]")] == [code]


def test_a_series_for_single_channels_takes_them_by_what_is_typed(office: Desk) -> None:
    form = {
        "name": "Điểm tin", "title": "Điểm tin sáng", "topic": "dich-benh", "time": "06:30", "weekdays": ["0", "1"],
        "starts_on": "2026-11-30", "reach": "chosen",
    }  # fmt: skip
    added = office.post("/desk/calendar/series/_new", form | {"channels.q": "kenh", "add": "channels"})
    assert len(radios(added.text, "channels", "checkbox")) == MOST
    code = radios(added.text, "channels", "checkbox")[0]
    assert Page(added.text).value("title") == "Điểm tin sáng"
    added = office.post(
        "/desk/calendar/series/_new", form | {"channels": [code], "channels.q": code, "add": "channels"}
    )
    assert added.status_code == 200
    assert office.post("/desk/calendar/series/_new", form | {"channels.q": code}).status_code == 303


def size(desk: Desk, path: str) -> int:
    return len(desk.get(path))


def test_no_page_grows_with_the_number_of_partners(office: Desk) -> None:
    few = {path: size(office, path) for path in LISTS}
    with office.database.write() as session:
        fill(session, 200)
    for path, before in few.items():
        assert size(office, path) < before * 1.05 + 1500, path


def test_a_field_takes_as_many_statements_whatever_is_typed_in_it(office: Desk) -> None:
    seen: list[str] = []
    sa.event.listen(office.database.engine, "before_cursor_execute", lambda *entry: seen.append(entry[2]))
    for typed in ("c", "cong ty", "song da", "thuydien.example", "zzz yyy", "147/GP-TTĐT"):
        seen.clear()
        office.client.get("/desk/pick/partner", query_string={"partner.q": typed}, headers=HX)
        assert len(seen) <= 25, (typed, seen)


def test_who_receives_is_shown_a_part_at_a_time_and_counted_whole(office: Desk) -> None:
    with office.database.write() as session:
        code = factories.draft(session).code
        count = session.execute(sa.select(sa.func.count()).select_from(Channel)).scalar_one()
    page = Page(office.get(f"/desk/bulletins/{code}/receivers"))
    assert (count, page.pairs()["Nhận"]) == (autocomplete.FIRST_OFFERS + 1, f"{count} nơi")
    assert len(page.rows("Nhận")) == 50
    more = next(node for node in page.tree.css("main a") if node.text().startswith(f"Xem cả {count} nơi"))
    whole = Page(office.get(more.attributes["href"] or ""))
    assert len(whole.rows("Nhận")) == 50
    assert len(Page(office.get(f"{more.attributes['href']}&page=2")).rows("Nhận")) == count - 50


def test_partners_channels_come_in_pages_and_are_narrowed_by_their_partner(office: Desk) -> None:
    with office.database.write() as session:
        own = factories.channel(session, "zalo").name
        owner = session.execute(sa.select(Company).where(Company.code == "tap-doan-song-da")).scalar_one()
        name = factories.channel(session, company=owner).name
    page = Page(office.get("/desk/channels/"))
    assert (len(page.rows("Kênh của cơ quan")), len(page.rows("Kênh của đối tác"))) == (1, 50)
    assert page.rows("Kênh của cơ quan")[0][0].startswith(own)
    assert (
        len(Page(office.get("/desk/channels/?page=2")).rows("Kênh của đối tác")) == autocomplete.FIRST_OFFERS + 2 - 50
    )
    (only,) = Page(office.get("/desk/channels/?partner=tap-doan-song-da")).rows("Kênh của đối tác")
    assert only[0].startswith(name)


def test_keys_come_in_pages_and_ended_ones_are_counted_apart(office: Desk) -> None:
    with office.database.write() as session:
        first = session.execute(sa.select(AccessKey).order_by(AccessKey.id)).scalars().first()
        assert first is not None
        first.revoked_at = NOW
    page = Page(office.get("/desk/admin/keys/"))
    assert len(page.rows("Danh sách khóa")) == 50
    assert page.has("1–50 trong 50")
    assert page.has("Xem cả 1 khóa đã hết hiệu lực")
    assert len(Page(office.get("/desk/admin/keys/?ended=1&page=2")).rows("Danh sách khóa")) == 1


def test_the_list_of_a_thousand_partners_is_in_the_order_of_their_names(office: Desk) -> None:
    names = [row[0] for row in Page(office.get("/desk/partners/?sort=name")).rows("Danh sách đối tác")]
    assert names[:2] == ["Công ty Hồng Hà", "Công ty Hồng Hà Media"]
    (found,) = Page(office.get("/desk/partners/?q=thuydien")).rows("Danh sách đối tác")
    assert found[0] == "Tập đoàn Sông Đà"
