"""The layouts and macros, rendered by an application without the desk's features."""

import re
from collections import Counter
from collections.abc import Iterator
from datetime import UTC, date, datetime

import pytest
from flask import Flask, render_template_string
from flask.testing import FlaskClient
from lxml import html
from lxml.html import HtmlElement

from campaigns.core.errors import Conflict, FieldError
from campaigns.people.staff import Role
from coordinator import catalogues
from coordinator.web import browser
from coordinator.web.kit import navigation, security_headers
from coordinator.web.kit.assets import StaticAssets, icon, icon_names
from coordinator.web.kit.navigation import WaitingCount
from coordinator.web.kit.templating import Reader, install_templating
from tests.coordinator.web.kit.gallery import NAMES, NOW, at, gallery


@pytest.fixture(scope="module", autouse=True)
def _english() -> None:
    catalogues.compile_all()


@pytest.fixture(scope="module")
def app() -> Flask:
    made = gallery()
    made.testing = True
    return made


@pytest.fixture
def client(app: Flask) -> FlaskClient:
    return app.test_client()


def page(client: FlaskClient, path: str) -> HtmlElement:
    return html.fromstring(client.get(path).get_data(as_text=True))


@pytest.fixture(params=NAMES)
def drawn(request: pytest.FixtureRequest, client: FlaskClient) -> HtmlElement:
    reply = client.get(f"/{request.param}")
    assert reply.status_code == 200
    return html.fromstring(reply.get_data(as_text=True))


def test_nothing_is_inline(drawn: HtmlElement) -> None:
    assert not drawn.xpath("//@style | //style | //script[not(@src)]")
    assert not [name for element in drawn.iter() for name in element.attrib if name.startswith(("on", "hx-on"))]


def test_nothing_comes_from_another_host(drawn: HtmlElement) -> None:
    files = "//script/@src | //link[@rel!='manifest']/@href | //img/@src | //*[local-name()='use']/@href"
    for address in drawn.xpath(files):
        assert address.startswith("/static/")
    for manifest in drawn.xpath("//link[@rel='manifest']/@href"):
        assert manifest.startswith("/")
        assert not manifest.startswith("//")


def test_a_page_has_one_heading_and_the_landmarks_a_reader_jumps_by(drawn: HtmlElement) -> None:
    assert len(drawn.xpath("//h1")) == 1
    assert drawn.xpath("//h1")[0].text_content().strip() in drawn.xpath("//title/text()")[0]
    assert len(drawn.xpath("//main[@id='noi-dung']")) == 1
    assert drawn.xpath("//body/a[1]/@href") == ["#noi-dung"]
    assert len(drawn.xpath("//header[not(ancestor::main)]")) == 1


def test_ids_are_unique_and_what_points_at_one_finds_it(drawn: HtmlElement) -> None:
    ids = Counter(drawn.xpath("//@id"))
    assert [name for name, times in ids.items() if times > 1] == []
    pointed = set(drawn.xpath("//label/@for"))
    for attribute in ("aria-labelledby", "aria-describedby"):
        pointed |= {name for value in drawn.xpath(f"//@{attribute}") for name in value.split()}
    pointed |= {link[1:] for link in drawn.xpath("//a/@href") if link.startswith("#") and len(link) > 1}
    assert pointed - set(ids) == set()


def test_every_input_has_a_label(drawn: HtmlElement) -> None:
    labelled = set(drawn.xpath("//label/@for"))
    for control in drawn.xpath("//input[not(@type='hidden')] | //select | //textarea"):
        assert control.get("id") in labelled or control.xpath("ancestor::label")


def test_every_posted_form_carries_its_token_and_leaves_checking_to_the_server(drawn: HtmlElement) -> None:
    for form in drawn.xpath("//form[@method='post']"):
        assert len(form.xpath(".//input[@name='csrf_token']")) == 1
        assert not form.xpath(".//*[@required]") or form.get("novalidate") is not None


def test_a_chart_has_its_table_below(client: FlaskClient) -> None:
    drawn = page(client, "/progress")
    figures = drawn.xpath("//figure")
    assert figures
    for figure in figures:
        assert len(figure.xpath(".//details[@class='data']//tbody/tr")) == 3


def test_the_policy_goes_with_every_page(client: FlaskClient) -> None:
    for name in (*NAMES, "nowhere"):
        assert client.get(f"/{name}").headers["Content-Security-Policy"] == security_headers.CONTENT_SECURITY_POLICY


def test_an_english_page_says_its_own_words_in_english(client: FlaskClient) -> None:
    drawn = page(client, "/today?lang=en")
    assert drawn.xpath("/html/@lang") == ["en"]
    side = drawn.xpath("//nav[@class='side']")[0].text_content()
    assert "Republications" in side
    assert "Bài đăng lại" not in side
    assert "Awaiting approval" in drawn.text_content()
    assert "7,412" in drawn.text_content()


def test_the_language_asked_for_is_kept_for_the_visit(client: FlaskClient) -> None:
    client.get("/today?lang=en")
    assert page(client, "/edit").xpath("/html/@lang") == ["en"]
    client.get("/today?lang=vi")
    assert page(client, "/edit").xpath("/html/@lang") == ["vi"]


def test_the_browsers_own_language_and_an_unknown_one_change_nothing(client: FlaskClient) -> None:
    english_system = {"Accept-Language": "en-US,en;q=0.9"}
    assert b'<html lang="vi"' in client.get("/today", headers=english_system).data
    assert b'<html lang="vi"' in client.get("/today?lang=xx").data


def test_the_side_shows_where_one_is_and_what_waits(client: FlaskClient) -> None:
    side = page(client, "/desk/desk/today").xpath("//nav[@class='side']")[0]
    assert side.xpath(".//a[@aria-current='page']")[0].text_content().strip() == "Hôm nay"
    counts = {
        link.xpath("string(text())").strip() or link.text_content().strip(): link for link in side.xpath(".//a[span]")
    }
    assert len([link for link in counts.values() if link.xpath("span/span[contains(@class, 'count')]")]) == 2
    assert side.xpath(".//span[@class='count due']")[0].text_content() == "3 cần xử lý"
    assert side.xpath(".//span[@class='count']")[0].text_content() == "18 chờ xem xét"
    assert len(page(client, "/desk/desk/today").xpath("//nav[@class='tabs']/a")) == 5


def test_a_place_the_application_lacks_or_the_role_may_not_enter_is_left_out(app: Flask) -> None:
    with app.test_request_context("/today"):
        unknown = navigation.NavigationItem("Ở đâu", "sun", "nowhere.index")
        assert list(navigation.navigation_entries([unknown], Role.ADMIN)) == []
        for role, seen in ((Role.ADMIN, True), (Role.WRITER, False), (None, False)):
            assert (
                "Quản trị" in [one.label for one in navigation.navigation_entries(navigation.MANAGEMENT_MENU, role)]
            ) is seen


def test_no_work_waiting_shows_no_count(app: Flask) -> None:
    with app.test_request_context("/today"):
        entries = navigation.navigation_entries(navigation.PIPELINE_MENU, Role.ADMIN, {"deliveries": WaitingCount(0)})
        assert [entry.count for entry in entries] == [None] * 6


def test_what_was_done_is_reported_once_with_its_way_back(client: FlaskClient) -> None:
    assert page(client, "/sign-in?done=1").xpath("//*[@data-toast]")
    toast = page(client, "/today?done=1").xpath("//*[@data-toast]")[0]
    assert toast.get("role") == "status"
    assert "vẫn 08:00" in toast.text_content()
    assert toast.xpath(".//form/@action") == ["/undo"]
    assert not page(client, "/today").xpath("//*[@data-toast]")


def test_trouble_is_never_in_the_corner(client: FlaskClient) -> None:
    drawn = page(client, "/today?trouble=1")
    assert not drawn.xpath("//*[@data-toast]")
    assert "Chưa gửi được." in drawn.xpath("//main//*[@role='alert']")[0].text_content()


@pytest.mark.parametrize("theme", ["dark", "light"])
def test_a_persons_theme_is_set_and_only_a_known_one(theme: str) -> None:
    assert page(gallery(theme).test_client(), "/today").xpath("/html/@data-theme") == [theme]
    assert page(gallery("pink").test_client(), "/today").xpath("/html/@data-theme") == []


def test_an_error_page_says_what_happened_and_leads_back(client: FlaskClient) -> None:
    reply = client.get("/nowhere")
    drawn = html.fromstring(reply.get_data(as_text=True))
    assert reply.status_code == 404
    assert drawn.xpath("//h1")[0].text_content() == "Không có trang này"
    assert "/desk/desk/today" in drawn.xpath("//main//a/@href")


def draw(app: Flask, source: str, path: str = "/today", **values: object) -> str:
    with app.test_request_context(path):
        return render_template_string('{% import "parts/ui.html" as ui %}' + source, **values).strip()


def test_a_pill_of_an_unknown_state_is_an_error_and_not_an_empty_mark(app: Flask) -> None:
    assert 'class="pill wait ask"' in draw(app, '{{ ui.pill("delivery", "unknown") }}')
    with pytest.raises(LookupError):
        draw(app, '{{ ui.pill("delivery", "lost") }}')


def test_an_icon_is_hidden_from_readers_and_an_unknown_one_is_an_error(app: Flask) -> None:
    with app.test_request_context():
        assert 'aria-hidden="true"' in icon("check", "good")
        assert 'class="i good-ink"' in icon("check", "good")
        with pytest.raises(LookupError, match="no icon 'unicorn'"):
            icon("unicorn")
    assert len(icon_names()) > 40


def test_text_from_people_is_escaped_in_every_macro(app: Flask) -> None:
    evil = '<script>alert("x")</script>'
    source = """
      {{ ui.notice(evil) }}{{ ui.button(evil, name="a", value=evil) }}{{ ui.mark("good", "check", evil) }}
      {{ ui.field("t", evil, evil, error=evil, hint=evil) }}{{ ui.field("u", evil, evil, rows=2) }}
      {{ ui.field("v", "V", evil, options=[(evil, evil)]) }}
      {{ ui.pairs([(evil, evil)]) }}{{ ui.empty("doc", evil) }}{{ ui.changes([("+", evil)]) }}
      {{ ui.checks([{"verdict": "ok", "text": evil, "note": evil}]) }}{{ ui.summary({"a": evil}, evil) }}
      {% call ui.sheet(evil, sub=evil, foot=evil, more=(evil, evil)) %}{{ evil }}{% endcall %}
      {% call(r) ui.table(evil, [{"text": evil}], [evil]) %}{{ ui.th(r) }}{{ ui.td(r, evil) }}{% endcall %}
      {{ ui.day_timeline([{"at": now, "title": evil, "notes": [evil]}]) }}
      {{ ui.chart(evil, "", [evil], [[evil, evil]]) }}
    """
    assert "<script" not in draw(app, source, evil=evil, now=NOW)


def test_a_field_with_an_error_says_so_to_readers_and_keeps_the_text(app: Flask) -> None:
    drawn = html.fromstring(draw(app, '{{ ui.field("a.0.b_c", "Tên", "x", error="Nhập tên", hint="Họ và tên") }}'))
    control = drawn.xpath("//input")[0]
    assert (control.get("id"), control.get("name"), control.get("value")) == ("a-0-b-c", "a.0.b_c", "x")
    assert control.get("aria-invalid") == "true"
    assert control.get("aria-describedby").split() == ["a-0-b-c-e", "a-0-b-c-h"]


def test_a_password_is_never_written_back(app: Flask) -> None:
    assert "secret" not in draw(app, '{{ ui.field("p", "Mật khẩu", "secret", type="password") }}')


def test_a_button_that_is_off_gives_the_reason(app: Flask) -> None:
    drawn = draw(app, '{{ ui.button("Phát", href="/x", why_not="Chưa duyệt") }}')
    assert "disabled" in drawn
    assert "Chưa duyệt" in drawn
    assert "<a" not in drawn


def test_a_column_is_sorted_by_a_link_that_keeps_the_filter_and_starts_at_the_top(app: Flask) -> None:
    source = '{% call(r) ui.table("T", [{"text": "Tên", "sort": "name"}], [1]) %}{{ ui.th(r) }}{% endcall %}'
    plain = html.fromstring(draw(app, source, "/today?q=a&page=3"))
    assert plain.xpath("//th/a/@href") == ["/today?q=a&sort=name"]
    sorted_up = html.fromstring(draw(app, source, "/today?q=a&sort=name"))
    assert sorted_up.xpath("//th/@aria-sort") == ["ascending"]
    assert sorted_up.xpath("//th/a/@href") == ["/today?q=a&sort=-name"]


def test_a_cell_is_as_wide_on_a_phone_as_its_words_need(app: Flask) -> None:
    source = '{% import "parts/ui.html" as ui %}{{ ui.td(words, "Lý do") }}'
    widths = {
        words: html.fragment_fromstring(draw(app, source, words=words)).get("class", "")
        for words in ("Nhẹ", "Sai sự thật, đã sửa", "Trang chủ thiếu điện thoại, địa chỉ, tên người chịu trách nhiệm")
    }
    assert list(widths.values()) == ["", "all", "all long"]


def test_the_word_of_a_constant_is_in_the_language_of_each_reader(app: Flask) -> None:
    template = app.jinja_env.from_string('{{ "valid"|name_of("validity") }}')
    words = []
    for lang in ("vi", "en"):
        with app.test_request_context(f"/today?lang={lang}"):
            words.append(template.render())
    assert words == ["Còn hiệu lực", "In force"]


def test_a_list_with_nothing_in_it_says_what_it_is_for(app: Flask) -> None:
    source = '{% call(r) ui.table("T", [{"text": "Tên"}], [], otherwise=ui.empty("doc", "Chưa có.")) %}{% endcall %}'
    drawn = draw(app, source)
    assert "Chưa có." in drawn
    assert "<table" not in drawn


def test_a_moment_carries_its_exact_time_for_machines(app: Flask) -> None:
    drawn = draw(
        app,
        '{{ m|moment }} {{ m|moment("full") }} {{ d|moment }} {{ none|moment }}',
        m=at("08:00"),
        d=date(2026, 11, 13),
    )
    assert drawn == (
        '<time datetime="2026-11-24T08:00:00+07:00">08:00</time> '
        '<time datetime="2026-11-24T08:00:00+07:00">08:00, 24/11/2026</time> '
        '<time datetime="2026-11-13">13/11/2026</time> –'
    )


def test_an_error_of_the_domain_reads_as_a_sentence(app: Flask) -> None:
    errors = [Conflict("x", code="last_admin"), FieldError("title", "required", "x"), "đã nói"]
    text = draw(app, "{{ e[0]|sentence }}|{{ e[1]|sentence }}|{{ e[2]|sentence }}", e=errors)
    assert text.split("|")[1:] == ["Nhập tiêu đề bản tin", "đã nói"]


def test_the_levels_of_evidence_count_what_is_done_and_not_what_is_half(app: Flask) -> None:
    drawn = draw(
        app, '{{ ui.evidence_steps({"fetched": {"state": "done"}, "attributed": {"state": "part"}}, person=true) }}'
    )
    assert 'aria-label="Thang bằng chứng: 1 trên 8 bậc"' in drawn
    assert "Người xác nhận" in drawn


def test_static_files_may_be_kept_for_a_year_under_their_hash_alone(client: FlaskClient) -> None:
    assets = StaticAssets()
    with client.get(f"/static/{assets.version}/css/desk.css") as kept:
        assert "immutable" in kept.headers["Cache-Control"]
        assert "max-age=31536000" in kept.headers["Cache-Control"]
        assert "Set-Cookie" not in kept.headers
    with client.get("/static/0123456789ab/css/desk.css") as older:
        assert older.status_code == 200
        assert "immutable" not in older.headers["Cache-Control"]
    assert client.get(f"/static/{assets.version}/../look.py").status_code == 404


def test_the_hash_follows_any_change_in_the_folder(tmp_path) -> None:
    (tmp_path / "a.css").write_text("a {}")
    before = StaticAssets(tmp_path).version
    assert StaticAssets(tmp_path).version == before
    (tmp_path / "a.css").write_text("b {}")
    assert StaticAssets(tmp_path).version != before


def test_a_static_file_that_does_not_exist_is_an_error_in_the_template(app: Flask) -> None:
    with pytest.raises(LookupError, match="no static file"):
        draw(app, '{{ asset("css/none.css") }}')
    assert draw(app, '{{ asset("lib/any.js") }}').endswith("/lib/any.js")


def test_every_style_sheet_reaches_only_files_that_are_there_or_will_be_fetched() -> None:
    assets = StaticAssets()
    expected = assets.names | {f"lib/{file.target}" for file in browser.FILES}
    for name in assets.names:
        if name.startswith("css/"):
            for address in re.findall(r'url\("([^"]+)"\)', (assets.folder / name).read_text("utf-8")):
                assert address.startswith("data:") or address.replace("../", "") in expected


def test_a_person_reads_in_their_own_language() -> None:
    app = Flask("coordinator.web", static_folder=None)
    app.secret_key = "x"
    someone = Reader("An", "an@example.vn", Role.WRITER, locale="en")
    install_templating(app, now=lambda: datetime(2026, 11, 24, tzinfo=UTC), reader=lambda: someone)
    with app.test_request_context("/"):
        assert render_template_string("{{ language() }} {{ 1250|number }}") == "en 1,250"
    with app.test_request_context("/?lang=vi"):
        assert render_template_string("{{ language() }} {{ 1250|number }}") == "vi 1.250"


def _macro_names() -> Iterator[str]:
    folder = StaticAssets().folder.parent / "templates" / "parts"
    yield from re.findall(r"{% set (\w+) =", (folder / "ui.html").read_text("utf-8"))


def test_every_macro_is_named_in_the_page_that_explains_them() -> None:
    explained = (StaticAssets().folder.parents[2] / "docs" / "explanation" / "look.md").read_text("utf-8")
    assert [name for name in _macro_names() if not re.search(rf"\b{name}\b", explained)] == []
