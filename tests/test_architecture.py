"""The architecture holds: layers, one list of features, names of folders, packaging."""

import ast
import configparser
import re
import subprocess
import tomllib
from collections import Counter
from pathlib import Path

import pytest

from campaigns import __version__

ROOT = Path(__file__).parent.parent
MOST_MODULES = 15  # in a folder; a folder with more gets sub-packages
UNWANTED = {"utils", "util", "helpers", "helper", "common", "misc", "models", "services"}


def _tracked(pattern: str) -> list[Path]:
    found = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard", pattern],
        cwd=ROOT, capture_output=True, text=True, check=True,
    )  # fmt: skip
    return [ROOT / name for name in found.stdout.splitlines() if (ROOT / name).exists()]


SOURCES = _tracked("*.py")
PACKAGES = [path for path in SOURCES if path.relative_to(ROOT).parts[0] in {"campaigns", "coordinator", "migrations"}]


def test_a_module_is_named_by_what_it_owns() -> None:
    assert [str(path) for path in PACKAGES if path.stem in UNWANTED or path.parent.name in UNWANTED] == []


def test_a_folder_holds_few_modules() -> None:
    folders = Counter(path.parent.relative_to(ROOT).as_posix() for path in PACKAGES if path.name != "__init__.py")
    assert {folder: modules for folder, modules in folders.items() if modules > MOST_MODULES} == {}


FEATURES = {
    "planning", "channels", "bulletins", "delivery", "release", "matching", "discovery", "republications", "partners",
    "compliance", "messages", "reporting", "search", "people", "core",
}  # fmt: skip


def test_the_domain_has_one_folder_a_feature() -> None:
    folders = {path.parent.name for path in (ROOT / "campaigns").glob("*/__init__.py")}
    assert folders == FEATURES


@pytest.mark.parametrize("layer", ["coordinator/jobs", "coordinator/api", "coordinator/web/desk", "tests/campaigns"])
def test_every_layer_uses_the_same_names_of_features(layer: str) -> None:
    folders = {path.parent.name for path in (ROOT / layer).glob("*/__init__.py")}
    # The page of the day gathers tasks of every feature; the API's document is of all of them.
    assert folders - FEATURES <= {"today", "help", "manual", "documentation"}


def test_every_package_says_what_belongs_in_it() -> None:
    silent = [
        str(path.relative_to(ROOT))
        for path in PACKAGES
        if path.name == "__init__.py" and not ast.get_docstring(ast.parse(path.read_text(encoding="utf-8")))
    ]
    assert silent == []


def test_every_package_is_listed_for_the_wheel() -> None:
    setup = configparser.ConfigParser()
    setup.read(ROOT / "setup.cfg", encoding="utf-8")
    listed = set(setup["options"]["packages"].split())
    there = {
        path.parent.relative_to(ROOT).as_posix().replace("/", ".").replace("migrations", "coordinator.migrations", 1)
        for path in PACKAGES
        if path.name == "__init__.py"
    }
    assert listed == there | {"coordinator.manual"}  # the guides, from the folder docs


def test_pyproject_and_setup_cfg_say_the_same_of_the_project() -> None:
    setup = configparser.ConfigParser()
    setup.read(ROOT / "setup.cfg", encoding="utf-8")
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]

    def lines(text: str) -> list[str]:
        return [line for line in text.splitlines() if line]

    for name in ("name", "description", "license"):
        assert project[name] == setup["metadata"][name]
    assert project["version"] == __version__
    assert project["readme"] == setup["metadata"]["long_description"].removeprefix("file: ")
    assert project["classifiers"] == lines(setup["metadata"]["classifiers"])
    assert project["requires-python"] == setup["options"]["python_requires"]
    assert project["dependencies"] == lines(setup["options"]["install_requires"])
    extras = {name: lines(given) for name, given in setup["options.extras_require"].items()}
    assert project["optional-dependencies"] == extras
    scripts = [f"{name} = {place}" for name, place in project["scripts"].items()]
    assert scripts == lines(setup["options.entry_points"]["console_scripts"])


def test_the_layers_hold() -> None:
    linted = subprocess.run(
        [ROOT / ".venv/bin/lint-imports"] if (ROOT / ".venv/bin/lint-imports").exists() else ["lint-imports"],
        cwd=ROOT, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert linted.returncode == 0, linted.stdout[-3000:]


@pytest.mark.parametrize("package", ["campaigns"])
def test_the_domain_asks_no_machine_for_time_files_or_settings(package: str) -> None:
    wanted = re.compile(r"^(os|pathlib|time|socket|subprocess|threading|tempfile|shutil)$")
    found = []
    for path in PACKAGES:
        if path.relative_to(ROOT).parts[0] != package:
            continue
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            names = [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
            if isinstance(node, ast.ImportFrom) and node.module:
                names.append(node.module)
            found += [f"{path.relative_to(ROOT)}: {name}" for name in names if wanted.match(name.split(".")[0])]
    assert found == []


def test_only_the_job_loop_the_last_handler_and_the_reader_of_files_catch_everything() -> None:
    # The reader is a process of its own: whatever a library raises over a brought file is its answer.
    allowed = {"coordinator/jobs/job_loop.py", "coordinator/app.py", "coordinator/sandbox.py"}
    found = set()
    for path in PACKAGES:
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.ExceptHandler):
                kinds = node.type.elts if isinstance(node.type, ast.Tuple) else [node.type]
                if any(kind is None or (isinstance(kind, ast.Name) and kind.id == "Exception") for kind in kinds):
                    found.add(path.relative_to(ROOT).as_posix())
    assert found <= allowed


# Names of what proves that somebody knows a secret. ``==`` takes longer the more characters are right.
PROOFS = re.compile(r"_?(mac|seal|signature|secret|token|setup_code|hash_of|hash_token|sign|event_signature)")


def _name(node: ast.expr) -> str:
    """The last name of an operand or of the function that returns it."""
    match node:
        case ast.Call(func=function):
            return _name(function)
        case ast.Attribute(attr=name) | ast.Name(id=name):
            return name
    return ""


def _is_column(node: ast.expr) -> bool:
    """Whether this is a column of a row's class; a row is looked up by the hash of a secret, in an index."""
    return (
        isinstance(node, ast.Attribute)
        and isinstance(node.value, ast.Name)
        and (node.value.id == "kind" or node.value.id[0].isupper())
    )


def test_proofs_of_a_secret_are_compared_in_constant_time() -> None:
    found = []
    for path in PACKAGES:
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.Compare) and isinstance(node.ops[0], ast.Eq | ast.NotEq):
                operands = [node.left, *node.comparators]
                if any(_is_column(operand) or isinstance(operand, ast.Constant) for operand in operands):
                    continue
                if any(PROOFS.fullmatch(_name(operand)) for operand in operands):
                    found.append(f"{path.relative_to(ROOT)}:{node.lineno} {ast.unparse(node)}")
    assert found == []
