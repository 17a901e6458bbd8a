"""Static files under an address with the hash of the whole folder, so that browsers may cache them for a year; the
one style sheet of a page; and the icons.

One hash covers all files, because style sheets name their fonts by relative address.
"""

import hashlib
import re
from collections.abc import Iterable
from functools import lru_cache
from pathlib import Path

from flask import Flask, Response, current_app, g, request, send_from_directory, url_for
from markupsafe import Markup

from coordinator.web.kit.compression import compress_file, set_body

STATIC = Path(__file__).parents[1] / "static"
CACHE_SECONDS = 365 * 24 * 3600  # seconds; the longest time that caches honour
ASSET_ENDPOINT = "asset"
ASSETS_EXTENSION = "lantoa.assets"
_SHEET_NAME = re.compile(r"(?:[a-z-]+\.)?[a-z-]+")  # of a library, or of ours
SHEET_SEPARATOR = "+"  # between the names in the address of a page's style sheet


class StaticAssets:
    """The static folder as of the start of the application."""

    def __init__(self, folder: Path = STATIC) -> None:
        self.folder = folder
        self.names = frozenset(str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file())
        whole = hashlib.sha256()
        for name in sorted(self.names):
            whole.update(name.encode() + b"\0" + hashlib.sha256((folder / name).read_bytes()).digest())
        self.version = whole.hexdigest()[:12]

    def url(self, name: str) -> str:
        """Return the address of a static file. Raises ``LookupError`` for one that does not exist.

        A library's file may be absent (set-up has not run): its address then answers 404 and the pages work without it.
        """
        if name not in self.names and not name.startswith("lib/"):
            raise LookupError(f"no static file {name!r}")
        # Every icon uses this address: it is built once per request.
        known: dict[str, str] = g.setdefault("asset_urls", {})
        if name not in known:
            known[name] = url_for(ASSET_ENDPOINT, version=self.version, name=name)
        return known[name]

    def style_sheet_url(self, names: str) -> str:
        """Return the address of one style sheet made of several: names as in ``sheet_files``, separated by white space.
        A name that stands twice counts where it stands first. Raises ``LookupError`` for one that does not exist.
        """
        wanted = tuple(dict.fromkeys(names.split()))
        for file in sheet_files(wanted):
            if file not in self.names and not file.startswith("lib/"):
                raise LookupError(f"no style sheet {file!r}")
        return url_for(ASSET_ENDPOINT, version=self.version, name=f"css/{SHEET_SEPARATOR.join(wanted)}.css")

    def serve(self, version: str, name: str) -> Response:
        """Serve a file, or the style sheet of a page. A page from before an upgrade requests the old hash and gets the
        present file without caching.
        """
        response = self._style_sheet(name) or send_from_directory(self.folder, name, max_age=0, conditional=False)
        if version == self.version and not current_app.debug:
            response.cache_control.no_cache = None
            response.cache_control.public = True
            response.cache_control.max_age = CACHE_SECONDS
            response.cache_control.immutable = True
        if response.direct_passthrough:
            compress_file(response, self.folder / name)
        response.make_conditional(request)
        if response.status_code == 304:
            response.close()  # the file that is not sent
        return response

    def _style_sheet(self, name: str) -> Response | None:
        """Return the sheets of a page in one; None where the name is a file's, or names what does not exist."""
        parts = name.removeprefix("css/").removesuffix(".css").split(SHEET_SEPARATOR)
        if not all(_SHEET_NAME.fullmatch(part) for part in parts):
            return None
        if len(parts) < 2 or len(set(parts)) < len(parts):  # each at most once, so that an answer's size has a bound
            return None
        files = sheet_files(parts)
        if not self.names.issuperset(file for file in files if not file.startswith("lib/")):
            return None
        files = tuple(file for file in files if file in self.names)
        response = Response(mimetype="text/css")
        response.vary.add("Accept-Encoding")
        set_body(response, b"\n".join((self.folder / file).read_bytes() for file in files))
        response.add_etag()
        return response


def sheet_files(names: Iterable[str]) -> tuple[str, ...]:
    """Return the files of style sheets: ``desk`` is ``css/desk.css``, ``fullcalendar.theme`` is
    ``lib/fullcalendar/theme.css``.
    """
    split = [name.rpartition(".") for name in names]
    return tuple(f"lib/{library}/{sheet}.css" if library else f"css/{sheet}.css" for library, _dot, sheet in split)


def install_assets(app: Flask, assets: StaticAssets | None = None) -> StaticAssets:
    """Serve the static folder at ``/static/<hash>/…`` and give templates ``asset(name)`` and
    ``style_sheet(names)``.

    The application has ``static_folder=None``: Flask's own route would serve the same files without the hash.
    """
    assets = assets or StaticAssets()
    app.extensions[ASSETS_EXTENSION] = assets
    app.add_url_rule("/static/<version>/<path:name>", ASSET_ENDPOINT, assets.serve)
    app.add_template_global(assets.url, "asset")
    app.add_template_global(assets.style_sheet_url, "style_sheet")
    return assets


def asset_url(name: str) -> str:
    """Return the address of a static file of the current application; see ``StaticAssets.url``."""
    assets: StaticAssets = current_app.extensions[ASSETS_EXTENSION]
    return assets.url(name)


ICON_SPRITE = "icons.svg"


@lru_cache
def icon_names(folder: Path = STATIC) -> frozenset[str]:
    """Return every name that ``icon`` accepts."""
    return frozenset(re.findall(r'<symbol id="i-([a-z]+)"', (folder / ICON_SPRITE).read_text("utf-8")))


def icon(name: str, ink: str = "") -> Markup:
    """Return the icon of that name, in the colour of its text or in ``ink`` (``good wait bad move``: class ``…-ink``).

    Raises ``LookupError`` for a name that is not in the file, because an empty square would go unnoticed.
    """
    return _icon_markup(name, ink, asset_url(ICON_SPRITE))


@lru_cache(maxsize=512)
def _icon_markup(name: str, ink: str, sprite: str) -> Markup:
    if name not in icon_names():
        raise LookupError(f"no icon {name!r}")
    tone = f" {ink if ink in ('', 'faint') else ink + '-ink'}".rstrip()
    return Markup('<svg class="i{}" viewBox="0 0 20 20" aria-hidden="true"><use href="{}#i-{}"/></svg>').format(
        tone, sprite, name
    )
