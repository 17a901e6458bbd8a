"""The bill of materials as CycloneDX 1.6 in JSON: of the lock, for the Python that runs, and of the browser libraries.

The same files give the same bytes: there is no random serial number and no time of making in it.
"""

import configparser
import json
import re
import sys
from typing import Any

import campaigns
from supply.components import ROOT, Component, browser_components, python_components

_DIRECT = re.compile(r"^[A-Za-z0-9._-]+")
EXTRAS = ("scale", "s3", "timestamp", "push")  # of the image


def sbom_text() -> str:
    """Return the document. Raises ``SupplyError``."""
    here = f"{sys.version_info.major}.{sys.version_info.minor}"
    components = [*python_components([here]), *browser_components()]
    purls = {component.purl: component for component in components}
    root = f"pkg:generic/lantoa@{campaigns.__version__}"
    document = {
        "$schema": "http://cyclonedx.org/schema/bom-1.6.schema.json",
        "bomFormat": "CycloneDX",
        "specVersion": "1.6",
        "version": 1,
        "metadata": {
            "component": {
                "type": "application",
                "bom-ref": root,
                "name": "lantoa",
                "version": campaigns.__version__,
                "licenses": [{"license": {"id": "Apache-2.0"}}],
                "purl": root,
            }
        },
        "components": [_component(component) for component in purls.values()],
        "dependencies": [
            {"ref": root, "dependsOn": sorted(purl for purl, component in purls.items() if _is_direct(component))}
        ],
        # The dependencies of the components on each other are not stated.
        "compositions": [{"aggregate": "incomplete", "dependencies": [root]}],
    }
    return json.dumps(document, ensure_ascii=False, indent=1) + "\n"


def _component(component: Component) -> dict[str, Any]:
    licence: dict[str, Any] = {"license": {"name": component.licence}}
    if component.is_spdx:
        licence = {"expression": component.licence}
    return {
        "type": "library",
        "bom-ref": component.purl,
        "name": component.name,
        "version": component.version,
        "hashes": [{"alg": algorithm, "content": digest} for algorithm, digest in component.hashes],
        "licenses": [licence],
        "purl": component.purl,
    }


def _is_direct(component: Component) -> bool:
    if component.kind == "npm":
        names = json.loads((ROOT / "package.json").read_text("utf-8"))["dependencies"]
        return component.name in names
    return component.name in direct_requirements()


def direct_requirements() -> dict[str, str]:
    """Return the requirements of ``setup.cfg`` that the image installs, by their names in the lock."""
    setup = configparser.ConfigParser()
    setup.read(ROOT / "setup.cfg", encoding="utf-8")
    lines = setup["options"]["install_requires"].strip().splitlines()
    for extra in EXTRAS:
        lines += setup["options.extras_require"][extra].strip().splitlines()
    found = {}
    for line in lines:
        matched = _DIRECT.match(line)
        if matched is not None:
            found[re.sub(r"[-_.]+", "-", matched[0]).lower()] = line
    return found
