"""NOTICE: everything that is shipped or installed with Lan Tỏa and is not ours, and its licence."""

from supply.components import ROOT, Component, browser_components, python_components

NOTICE = ROOT / "NOTICE"

_HEAD = """Lan Tỏa
Licensed under the Apache License, Version 2.0; see LICENSE.

Lan Tỏa stands on the work below, which is other people's and under licences of its own. None of it is changed. The
full texts come with the packages: of a Python package in the folder NAME-VERSION.dist-info beside it, of a browser
library in coordinator/web/static/lib/NAME/LICENSE once it is fetched.

Licences are named as the packages declare them. This file is made by `make notice` from requirements.lock and
package-lock.json; a test holds it equal to them. What only tests and developers use is not in it.
"""
_PYTHON = "Python packages (requirements.lock, on Linux)"
_BROWSER = "In the browser (package-lock.json): libraries, and what their files are made of"


def notice_text() -> str:
    """Return the text of NOTICE. Raises ``SupplyError``."""
    parts = [_HEAD, _section(_PYTHON, python_components()), _section(_BROWSER, browser_components())]
    return "\n".join(parts)


def _section(title: str, components: list[Component]) -> str:
    by_licence: dict[str, list[Component]] = {}
    for component in components:
        by_licence.setdefault(component.licence, []).append(component)
    lines = [title, "=" * len(title), ""]
    for licence in sorted(by_licence, key=str.casefold):
        lines.append(licence)
        lines += [f"  {component.name} {component.version}" for component in by_licence[licence]]
        lines.append("")
    return "\n".join(lines)
