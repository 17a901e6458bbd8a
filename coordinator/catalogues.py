"""The English catalogue: ``python -m coordinator.catalogues compile`` at set-up, ``… update`` after new messages; and
``… pot``, a template for other languages.

Vietnamese sentences in the code are the message ids, so Vietnamese needs no catalogue.
"""

import argparse
import sys
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

from babel.messages.catalog import Catalog
from babel.messages.extract import extract_from_dir
from babel.messages.frontend import parse_mapping_cfg
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po, write_po

from campaigns import __version__
from coordinator.translation import CATALOGUES

ENGLISH = CATALOGUES / "en" / "LC_MESSAGES" / "messages.po"
TEMPLATE = CATALOGUES / "messages.pot"
FIRST_DAY = datetime(2026, 11, 24, tzinfo=UTC)
KEYWORDS = {
    "_": None,
    "N_": None,
    "NN_": (1, 2),
    "ngettext": (1, 2),
    "counted": (1, 1),
    "pgettext": ((1, "c"), 2),
    "NP_": ((1, "c"), 2),
}


def collect() -> Catalog:
    """Collect every message of the package's code and templates, with the files that contain it."""
    with (CATALOGUES / "babel.cfg").open(encoding="utf-8") as file:
        methods, options = parse_mapping_cfg(file)  # type: ignore[no-untyped-call]  # Babel has not annotated it
    entries = extract_from_dir(CATALOGUES.parent, methods, options, keywords=KEYWORDS, strip_comment_tags=True)
    found = Catalog(project="lantoa", charset="utf-8")
    for name, _line, message, comments, context in sorted(entries, key=lambda entry: (entry[0], entry[1])):
        # Without line numbers, so that the catalogue changes only when a message does.
        found.add(message, None, [(name, 0)], auto_comments=comments, context=context)
    return found


def update(path: Path = ENGLISH) -> int:
    """Update the catalogue from the code and keep its translations; returns the number of messages without English."""
    if path.exists():
        with path.open("rb") as file:
            catalog = read_po(file, locale="en", domain="messages")
    else:
        catalog = Catalog(
            locale="en",
            project="Lan Tỏa",
            version=__version__,
            header_comment="# English sentences of Lan Tỏa.",
            msgid_bugs_address="README.md",
            last_translator="Lan Tỏa",
            language_team="Lan Tỏa",
            revision_date=FIRST_DAY,
            fuzzy=False,
        )
    # A fuzzy match would be a wrong translation without a warning.
    catalog.update(collect(), no_fuzzy_matching=True, update_header_comment=False)
    catalog.obsolete.clear()
    # A creation date would change the file at every run.
    catalog.creation_date = FIRST_DAY
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("wb") as file:
        write_po(file, catalog, width=120, sort_output=True, omit_header=False, include_lineno=False)
    return len(without_english(catalog))


def write_template(path: Path = TEMPLATE) -> int:
    """Write the template of all messages, for a translator of another language; returns their number."""
    catalog = collect()
    catalog.version, catalog.creation_date = __version__, FIRST_DAY
    with path.open("wb") as file:
        write_po(file, catalog, width=120, sort_output=True, include_lineno=False)
    return len(catalog)


def without_english(catalog: Catalog) -> list[str]:
    """Return the messages that have no translation, lack one of their plural forms, or are marked as fuzzy, which the
    compiled catalogue leaves out."""
    missing = []
    for message in catalog:
        forms = [message.string] if isinstance(message.string, str) else list(message.string or [""])
        if message.id and (message.fuzzy or not all(forms)):
            missing.append(message.id if isinstance(message.id, str) else message.id[0])
    return missing


def compile_all(folder: Path = CATALOGUES) -> int:
    """Compile each ``.po`` file to the ``.mo`` file that is read at run time; returns their number."""
    catalogues = sorted(folder.glob("*/LC_MESSAGES/*.po"))
    for path in catalogues:
        with path.open("rb") as source:
            catalog = read_po(source, locale=path.parent.parent.name)
        with path.with_suffix(".mo").open("wb") as target:
            write_mo(target, catalog)
    return len(catalogues)


def main(arguments: Sequence[str] | None = None) -> int:
    """Update or compile the catalogue. The exit status is 0; a broken catalogue raises."""
    parser = argparse.ArgumentParser(prog="python -m coordinator.catalogues", description=main.__doc__)
    parser.add_argument("act", choices=("update", "compile", "pot"))
    act = parser.parse_args(arguments).act
    if act == "pot":
        sys.stdout.write(f"{TEMPLATE.name}: {write_template()} messages\n")
        return 0
    if act == "update":
        sys.stdout.write(f"{ENGLISH.name}: {update()} sentences without English\n")
    sys.stdout.write(f"{compile_all()} catalogues compiled\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
