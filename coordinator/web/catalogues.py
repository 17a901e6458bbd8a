"""The English catalogue: ``python -m coordinator.web.catalogues compile`` at set-up, ``… update`` after new sentences.

Vietnamese sentences in the code are the message ids, so Vietnamese needs no catalogue of ours. A catalogue of the
sign-in library's messages (``vi/LC_MESSAGES/flask_security.po``) is compiled with the rest where there is one.
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

WEB = Path(__file__).parent
TRANSLATIONS = WEB / "translations"
ENGLISH = TRANSLATIONS / "en" / "LC_MESSAGES" / "messages.po"
FIRST_DAY = datetime(2026, 11, 24, tzinfo=UTC)
KEYWORDS = {"_": None, "_l": None, "gettext": None, "lazy_gettext": None, "ngettext": (1, 2)}


def collect() -> Catalog:
    """Every sentence marked for translation in the pages' code and templates, with where it stands."""
    with (TRANSLATIONS / "babel.cfg").open(encoding="utf-8") as file:
        methods, options = parse_mapping_cfg(file)  # type: ignore[no-untyped-call]  # Babel has not annotated it
    found = Catalog(project="lantoa", charset="utf-8")
    # The words of papers are said in the reader's language too, though papers are made without any page.
    entries = [
        (f"{prefix}{entry[0]}", *entry[1:])
        for folder, prefix in ((WEB, ""), (WEB.parent / "papers", "papers/"))
        for entry in extract_from_dir(folder, methods, options, keywords=KEYWORDS, strip_comment_tags=True)
    ]
    for name, _line, message, comments, context in sorted(entries, key=lambda entry: (entry[0], entry[1])):
        # Without line numbers, so that the catalogue changes only when a sentence does.
        found.add(message, None, [(name, 0)], auto_comments=comments, context=context)
    return found


def update(path: Path = ENGLISH) -> int:
    """Bring the catalogue up to date with the code, keeping what is translated; how many sentences have no English."""
    if path.exists():
        with path.open("rb") as file:
            catalog = read_po(file, locale="en", domain="messages")
    else:
        catalog = Catalog(
            locale="en",
            project="Lan Tỏa",
            version=__version__,
            header_comment="# English sentences of Lan Tỏa's pages.",
            msgid_bugs_address="README.md",
            last_translator="Lan Tỏa",
            language_team="Lan Tỏa",
            revision_date=FIRST_DAY,
            fuzzy=False,
        )
    # A near match is a wrong sentence that nobody notices; an untranslated one is seen at once.
    catalog.update(collect(), no_fuzzy_matching=True, update_header_comment=False)
    catalog.obsolete.clear()
    # The day of collecting says nothing that the history does not, and would change the file every time.
    catalog.creation_date = FIRST_DAY
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("wb") as file:
        write_po(file, catalog, width=120, sort_output=True, omit_header=False, include_lineno=False)
    return len(without_english(catalog))


def without_english(catalog: Catalog) -> list[str]:
    """The sentences that have no translation, or lack one of their plural forms."""
    missing = []
    for message in catalog:
        forms = [message.string] if isinstance(message.string, str) else list(message.string or [""])
        if message.id and not all(forms):
            missing.append(message.id if isinstance(message.id, str) else message.id[0])
    return missing


def compile_all(folder: Path = TRANSLATIONS) -> int:
    """Compile each ``.po`` to the ``.mo`` beside it that Flask-Babel reads; how many."""
    catalogues = sorted(folder.glob("*/LC_MESSAGES/*.po"))
    for path in catalogues:
        with path.open("rb") as source:
            catalog = read_po(source, locale=path.parent.parent.name)
        with path.with_suffix(".mo").open("wb") as target:
            write_mo(target, catalog)
    return len(catalogues)


def main(arguments: Sequence[str] | None = None) -> int:
    """Update or compile; the exit status is always 0, a broken catalogue raises."""
    parser = argparse.ArgumentParser(prog="python -m coordinator.web.catalogues", description=main.__doc__)
    parser.add_argument("act", choices=("update", "compile"))
    if parser.parse_args(arguments).act == "update":
        sys.stdout.write(f"{ENGLISH.name}: {update()} sentences without English\n")
    sys.stdout.write(f"{compile_all()} catalogues compiled\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
