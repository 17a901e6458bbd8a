"""The size of the project by feature: lines of code of the product and of its tests, without blank lines, comments and
docstrings.

A feature is a folder or a module of its name in any layer; what belongs to no feature is counted under its layer.
"""

import ast
import io
import tokenize
from collections import Counter
from pathlib import Path

from supply.components import ROOT

FEATURES = frozenset(
    path.name for path in (ROOT / "campaigns").iterdir() if path.is_dir() and not path.name.startswith("_")
)
_NO_CODE = frozenset(
    {tokenize.COMMENT, tokenize.NL, tokenize.NEWLINE, tokenize.INDENT, tokenize.DEDENT, tokenize.ENDMARKER}
)


def size_text() -> str:
    """Return the table: a line for each feature and layer with its lines of code, of tests, and modules."""
    code: Counter[str] = Counter()
    tests: Counter[str] = Counter()
    modules: Counter[str] = Counter()
    for package, lines in (("campaigns", code), ("coordinator", code), ("tests", tests)):
        for path in sorted((ROOT / package).rglob("*.py")):
            owner = _owner(path.relative_to(ROOT))
            lines[owner] += code_lines(path.read_text("utf-8"))
            modules[owner] += lines is code
    names = sorted(code | tests, key=lambda name: (name not in FEATURES, name))
    rows = [f"{name:<28}{code[name]:>9,}{tests[name]:>9,}{modules[name]:>9,}" for name in names]
    head = f"{'feature or layer':<28}{'code':>9}{'tests':>9}{'modules':>9}"
    total = f"{'total':<28}{code.total():>9,}{tests.total():>9,}{modules.total():>9,}"
    return "\n".join([head, *rows, total, ""])


def _owner(path: Path) -> str:
    """The feature of a module, or the layer where it belongs to none."""
    parts = [part.removesuffix(".py").removeprefix("test_") for part in path.parts]
    found = next((part for part in parts[1:] if part in FEATURES), None)
    layer = path.parts[1:-1] if path.parts[0] == "tests" else path.parts[:-1]
    return found or "/".join(layer[:2]) or "tests"


def code_lines(source: str) -> int:
    """Return the number of lines that hold code."""
    lines: set[int] = set()
    for token in tokenize.generate_tokens(io.StringIO(source).readline):
        if token.type not in _NO_CODE:
            lines.update(range(token.start[0], token.end[0] + 1))
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef) and ast.get_docstring(
            node, clean=False
        ):
            lines.difference_update(range(node.body[0].lineno, (node.body[0].end_lineno or 0) + 1))
    return len(lines)
