"""The documentation says what is there: links lead somewhere, and nothing that exists is left out."""

import ast
import configparser
import json
import re
import subprocess
from collections.abc import Iterator
from dataclasses import asdict
from functools import cache
from importlib.metadata import metadata
from pathlib import Path

import click
import pytest
from babel.messages.pofile import read_po
from packaging.requirements import Requirement

from campaigns.matching.matcher import DEFAULT_THRESHOLDS
from coordinator import catalogues, composition, schema
from coordinator.app import create_app
from coordinator.channels.registry import KINDS
from coordinator.cli.main import lantoa
from coordinator.config import Settings
from coordinator.db import Database
from coordinator.jobs.context import AppContext, NullRunner

ROOT = Path(__file__).parent.parent
DOCS = ROOT / "docs"
_ROOT_PAGES = ("README.md", "CONTRIBUTING.md", "CHANGELOG.md", "SECURITY.md")
PAGES = sorted([*DOCS.rglob("*.md"), *(ROOT / name for name in _ROOT_PAGES)])

_FENCE = re.compile(r"^(```|~~~).*?^\1", re.MULTILINE | re.DOTALL)
_LINK = re.compile(r"\[[^\]]*\]\(([^)\s]+)\)")
_WORD = re.compile(r"[^\w\- ]")


def _prose(page: Path) -> str:
    return re.sub(r"`[^`\n]*`", "", _FENCE.sub("", page.read_text(encoding="utf-8")))


def _anchors(page: Path) -> set[str]:
    heads = re.findall(r"^#+ (.+)$", _FENCE.sub("", page.read_text(encoding="utf-8")), re.MULTILINE)
    return {_WORD.sub("", head.lower()).replace(" ", "-") for head in heads}


def _commands(group: click.Group, above: str = "lantoa") -> Iterator[tuple[str, click.Command]]:
    context = click.Context(group)
    for name in sorted(group.list_commands(context)):
        command = group.get_command(context, name)
        assert command is not None
        if isinstance(command, click.Group):
            yield from _commands(command, f"{above} {name}")
        else:
            yield f"{above} {name}", command


def _requirements() -> list[Requirement]:
    setup = configparser.ConfigParser()
    setup.read(ROOT / "setup.cfg", encoding="utf-8")
    lists = [setup["options"]["install_requires"], *setup["options.extras_require"].values()]
    return [Requirement(line) for text in lists for line in text.splitlines() if line]


def test_every_link_leads_to_a_page_and_a_heading_that_are_there() -> None:
    broken = []
    for page in PAGES:
        for target in _LINK.findall(_prose(page)):
            if re.match(r"[a-z]+:", target):
                continue
            path, _, anchor = target.partition("#")
            where = (page.parent / path).resolve() if path else page
            if not where.exists() or (anchor and where.suffix == ".md" and anchor not in _anchors(where)):
                broken.append((str(page.relative_to(ROOT)), target))
    assert broken == []


def test_every_page_of_the_documentation_is_linked_from_another() -> None:
    linked = {
        (page.parent / target.partition("#")[0]).resolve()
        for page in PAGES
        for target in _LINK.findall(_prose(page))
        if not re.match(r"[a-z]+:", target)
    }
    alone = [str(page.relative_to(ROOT)) for page in DOCS.rglob("*.md") if page.resolve() not in linked]
    assert not alone


def test_every_setting_is_in_the_reference_with_its_default() -> None:
    rows = dict(re.findall(r"^\| `(\w+)` \| ([^|]+) \|", (DOCS / "reference/settings.md").read_text("utf-8"), re.M))
    assert set(rows) == set(Settings.model_fields)
    for name, field in Settings.model_fields.items():
        default = getattr(field.default, "get_secret_value", lambda value=field.default: value)()
        shown = {"": "empty", "var": "./var", "False": "false"}.get(str(default), str(default))
        assert rows[name].strip(" `") == shown, name


def test_every_command_is_in_the_reference_with_its_options() -> None:
    lines = (DOCS / "reference/command-line.md").read_text("utf-8").splitlines()
    missing = []
    for name, command in _commands(lantoa):
        rows = [line for line in lines if f"| `{name} " in line] or [line for line in lines if f"| `{name}` " in line]
        assert len(rows) == 1, name
        missing += [
            (name, flag)
            for option in command.params
            if isinstance(option, click.Option)
            for flag in option.opts
            if flag.startswith("--") and flag not in rows[0]
        ]
    assert missing == []


def test_every_threshold_of_matching_is_in_the_explanation_with_its_value() -> None:
    page = (DOCS / "explanation/counting.md").read_text("utf-8")
    rows = dict(re.findall(r"^\| `(\w+)` \| ([\d.]+) \|", page, re.MULTILINE))
    assert {name: float(value) for name, value in rows.items()} == asdict(DEFAULT_THRESHOLDS)


@pytest.fixture(scope="module")
def addresses(tmp_path_factory: pytest.TempPathFactory) -> list[str]:
    """Every address that is served, as its rule is written, without what libraries add."""
    settings = Settings.read(data_dir=tmp_path_factory.mktemp("rules"))
    with Database.from_settings(settings) as database:
        schema.upgrade(database)
        app = AppContext(composition.job_context(settings, database), NullRunner(), settings)
        rules = create_app(app).url_map.iter_rules()
    return sorted({re.sub(r"<\w+:", "<", rule.rule) for rule in rules if rule.endpoint != "security.static"})


def test_every_address_of_the_api_is_in_the_reference(addresses: list[str]) -> None:
    page = (DOCS / "reference/api.md").read_text("utf-8")
    own = [rule.removeprefix("/api/v1") for rule in addresses if rule.startswith("/api/v1/")]
    paths = [rule for rule in own if not rule.startswith(("/docs", "/openapi"))]
    assert "/republications/<ident>" in paths
    assert [path for path in paths if f"`{path}`" not in page] == []


def test_every_public_address_is_in_the_reference(addresses: list[str]) -> None:
    page = (DOCS / "reference/http.md").read_text("utf-8")
    public = [rule for rule in addresses if not rule.startswith(("/api/", "/desk/", "/static/")) and rule != "/"]
    named = {"/bulletins/<code>.json", "/feeds/<key>/<name>", "/feeds/<name>"}
    assert named <= set(public)
    assert [rule for rule in public if rule != "/feeds/<name>" and f"`{rule}`" not in page] == []


def test_every_dependency_has_its_paragraph_and_no_paragraph_is_left_over() -> None:
    package = json.loads((ROOT / "package.json").read_text("utf-8"))
    wanted = {*(item.name for item in _requirements()), *package["dependencies"], *package["devDependencies"]}
    values = re.findall(r"^- \*\*(.+?)\*\*", (DOCS / "explanation/dependencies.md").read_text("utf-8"), re.MULTILINE)
    assert sorted(values, key=str.lower) == sorted(wanted, key=str.lower)


def test_every_kind_of_channel_that_is_offered_has_a_guide() -> None:
    guides = {page.stem for page in (DOCS / "how-to/channels").glob("*.md")}
    # A partner's feed is documented together with the platforms that read one.
    assert {kind for kind, row in KINDS.items() if row.offered} - guides <= {"feed"}


def test_every_decision_is_in_the_list_with_its_title() -> None:
    folder = DOCS / "explanation/decisions"
    listed = dict(re.findall(r"^\| \[\d{4}\]\((.+?)\) \| (.+) \|$", (folder / "README.md").read_text("utf-8"), re.M))
    notes = {page.name: page.read_text("utf-8").splitlines()[0][7:] for page in folder.glob("0*.md")}
    assert listed == notes


def test_no_tracked_text_names_a_place_on_somebodys_machine_or_a_package_registry() -> None:
    listing = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, check=False)
    if listing.returncode != 0:
        pytest.skip("no git: not a work tree")
    # Put together here, so that this file does not hold them itself.
    places = ["/" + "work/", "/" + "root/", "/" + "home/", "/" + "tmp/", "~" + "/."]
    hosts = ["pypi" + ".org", "pythonhosted" + ".org", "npmjs" + ".org", "deb" + ".debian.org"]
    found = []
    for name in listing.stdout.decode().split("\0"):
        path = ROOT / name
        if not name or not path.is_file() or path.suffix in {".png", ".woff2", ".gif", ".docx", ".xlsx"}:
            continue
        # The one folder for what outlives a restart that every system has.
        text = path.read_text(encoding="utf-8", errors="ignore").replace("/var/" + "tmp/", "")
        found += [f"{name}: {word}" for word in (*places, *hosts) if word in text]
    assert not found


LIFE = ROOT / "docs/explanation/life-of-a-bulletin.md"


def _definitions(path: Path) -> set[str]:
    body = ast.parse(path.read_text(encoding="utf-8")).body
    return {node.name for node in body if isinstance(node, ast.FunctionDef | ast.ClassDef)}


@cache
def _files_of_the_code() -> list[str]:
    folders = ("benchmarks", "campaigns", "coordinator", "migrations", "tests")
    return [f"/{path.relative_to(ROOT)}" for folder in folders for path in (ROOT / folder).rglob("*.py")]


def test_every_file_of_the_code_that_is_named_is_there() -> None:
    files = _files_of_the_code()
    missing = [
        (str(page.relative_to(ROOT)), name)
        for page in PAGES
        for name in re.findall(r"`([\w/.-]+\.py)`", page.read_text(encoding="utf-8"))
        if not any(file.endswith(f"/{name}") for file in files)
    ]
    assert missing == []


def test_the_life_of_a_bulletin_names_files_and_functions_that_exist() -> None:
    text = LIFE.read_text(encoding="utf-8")
    steps = re.findall(r"^\| \d+ \w+ \| `([\w/.]+)` \| `(\w+)` \|", text, re.MULTILINE)
    assert len(steps) == 10
    named = [*steps, *((file, name) for name, file in re.findall(r"`(\w+)` in\s+`([\w/.]+\.py)`", text))]
    assert len(named) > len(steps)
    missing = [
        (file, name) for file, name in named if not (ROOT / file).is_file() or name not in _definitions(ROOT / file)
    ]
    assert missing == []
    assert [path for path in re.findall(r"`([\w/]+\.py)`", text) if not (ROOT / path).is_file()] == []


def test_every_promise_names_a_test_that_is_there() -> None:
    named = re.findall(r"`(tests/[\w/]+\.py)::(\w+)`", (DOCS / "explanation/security.md").read_text("utf-8"))
    assert named
    missing = [f"{path}::{name}" for path, name in named if f"def {name}(" not in (ROOT / path).read_text("utf-8")]
    assert not missing


# Names on pages of other companies, words in files, and words that are only stressed.
_NOT_OURS = {
    "Danh sách và bảng thành từng dòng", "Dịch bệnh", "Hồ sơ", "Lan Tỏa",
    "Luật Bảo vệ dữ liệu cá nhân số 91/2025/QH15", "Máy tính", "Số hiệu", "Tạm đình chỉ", "Địa chỉ bài đăng",
    "Nghị định 13/2023/NĐ-CP", "Nghị định 356/2025/NĐ-CP", "OA Secret Key", "Official Account", "Phát triển",
    "Refresh Token", "SANDBOX – not Zalo", "Thiết lập chung", "Thêm vào màn hình chính", "Trang chưa đăng ký",
    "Tùy chọn", "Tương thích nhất", "Tổng số", "Xác thực domain", "appsecret_proof", "https công khai",
    "Không ghi tên hay địa chỉ của người được xóa", "Khôi phục một bản như vậy thì phải xóa lại",
    "mã làm mới quyền", "một chữ ký", "một lần", "một người khác", "ngày của quyết định", "nằm trong", "xác minh",
    "Xem kết quả", "đúng quy định", "đường Láng", "đường dẫn một lần", "đối tác im lặng", "ảnh bìa mặc định",
    "Ứng dụng mới",
}  # fmt: skip
_VALUE = re.compile(r"%\(\w+\)s|\{\w+\}")
_COUNT = re.compile(r" \(%\(\w+\)s\)$")
_ON_SCRIPTS = re.compile(r'says\(\s*"([^"]+)"')


def test_every_vietnamese_name_of_a_page_or_button_in_a_guide_is_one_of_the_product() -> None:
    """Names in guides are in italics or bold; "…" in one stands for any words."""
    scripts = "".join(path.read_text("utf-8") for path in (ROOT / "coordinator/web/static/js").glob("*.js"))
    with catalogues.ENGLISH.open("rb") as file:
        entries = [entry.id for entry in read_po(file) if entry.id]
    sentences = {text for ids in entries for text in ([ids] if isinstance(ids, str) else ids)}
    spoken = {_plain(text) for text in [*sentences, *_ON_SCRIPTS.findall(scripts)]}
    whole = "\n".join(sorted(spoken))
    forms = [
        re.compile(".+".join(map(re.escape, parts)))
        for parts in (_VALUE.split(text) for text in spoken)
        if len(parts) > 1 and len("".join(parts)) >= 8
    ]
    unknown = {}
    guides = [path for folder in ("vi", "how-to", "tutorial") for path in sorted((DOCS / folder).rglob("*.md"))]
    for path in guides:
        prose = re.sub(r"`[^`]*`", "", _FENCE.sub("", path.read_text("utf-8")))
        for named in re.findall(r"(?<![*\w])\*\*?([^*\n][^*]*?)\*\*?(?![*\w])", prose):
            for raw in " ".join(named.split()).split(" → "):
                name = _plain(raw)
                quoted = ".*".join(map(re.escape, re.split(" ?… ?", raw)))
                if not (
                    raw.endswith(".")  # a sentence
                    or (path.parent.name != "vi" and raw.isascii())  # stressed English
                    or name in spoken | _NOT_OURS
                    or ("…" in raw and re.search(f"^{quoted}$", whole, re.MULTILINE))
                    or any(form.fullmatch(name) for form in forms)
                ):
                    unknown[name] = path.name
    assert unknown == {}


def _plain(text: str) -> str:
    return _COUNT.sub("", " ".join(text.split()).rstrip("….: "))


def test_every_package_that_has_a_paragraph_exists_under_that_name() -> None:
    page = (DOCS / "explanation/dependencies.md").read_text("utf-8")
    before, browser = page.split("## In the browser")
    locked = json.loads((ROOT / "package-lock.json").read_text("utf-8"))["packages"]
    assert [name for name in _packages_of(browser) if f"node_modules/{name}" not in locked] == []
    docs = {"myst-parser", "sphinx"}  # of the extra for the site of the guides, which no test installs
    elsewhere = {item.name for item in _requirements() if item.marker is not None and not item.marker.evaluate()}
    for name in set(_packages_of(before)) - docs - elsewhere:
        assert _canonical(metadata(name)["Name"]) == _canonical(name)  # raises for one that is not installed


def _packages_of(page: str) -> list[str]:
    return re.findall(r"^- \*\*([^*]+)\*\*", page, re.MULTILINE)


def _canonical(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


def test_every_row_of_what_is_in_it_has_a_promise_that_is_tested() -> None:
    part = (ROOT / "README.md").read_text("utf-8").split("## What is in it")[1].split("## ")[0]
    rows = re.findall(r"^- \*\*(.+?)\*\*", part, re.MULTILINE)
    tests = "".join(path.read_text("utf-8") for path in (ROOT / "tests").rglob("test_*.py"))
    assert set(re.findall(r'^@pytest\.mark\.promise\("(.+)"\)$', tests, re.MULTILINE)) == set(rows)
