"""Whether the files that are fetched and compiled at set-up are there: browser libraries with their checksums, and the
English catalogue."""

from coordinator.config import SettingsError
from coordinator.translation import CATALOGUES
from coordinator.web import browser

REMEDY = "install lantoa again, or in a checkout run: make run"


def missing_files() -> list[str]:
    """The names of files that are missing, or are not the ones of the committed checksums; empty when all is right."""
    lib = browser.LIB.relative_to(browser.WEB)
    found = [f"{lib}/{name}" for name in browser.unready(browser.read_sums())]
    return found + [
        f"translations/{language}/LC_MESSAGES/messages.mo"
        for language in ("en",)
        if not (CATALOGUES / language / "LC_MESSAGES" / "messages.mo").is_file()
    ]


def check_files() -> None:
    """Raise ``SettingsError`` naming the first file that is not right: pages would come without editor, calendar
    and type, or with scripts that nobody vetted."""
    found = missing_files()
    if found:
        more = f" and {len(found) - 1} more" if len(found) > 1 else ""
        raise SettingsError(f"{found[0]}{more}: missing or not the vetted file; {REMEDY}")
