"""Static files under an address with the hash of the whole folder, so that browsers may cache them for a year, and the
icons.

One hash covers all files, because style sheets name their fonts by relative address.
"""

import hashlib
import re
from functools import lru_cache
from pathlib import Path

from flask import Flask, Response, current_app, g, request, send_from_directory, url_for
from markupsafe import Markup

from coordinator.web.kit.compression import compress_file

STATIC = Path(__file__).parents[1] / "static"
CACHE_SECONDS = 365 * 24 * 3600  # seconds; the longest time that caches honour
ASSET_ENDPOINT = "asset"
ASSETS_EXTENSION = "lantoa.assets"


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

    def serve(self, version: str, name: str) -> Response:
        """Serve a file. A page from before an upgrade requests the old hash and gets the present
        file without caching.
        """
        response = send_from_directory(self.folder, name, max_age=0, conditional=False)
        if version == self.version and not current_app.debug:
            response.cache_control.no_cache = None
            response.cache_control.public = True
            response.cache_control.max_age = CACHE_SECONDS
            response.cache_control.immutable = True
        compress_file(response, self.folder / name)
        response.make_conditional(request)
        if response.status_code == 304:
            response.close()  # the file that is not sent
        return response


def install_assets(app: Flask, assets: StaticAssets | None = None) -> StaticAssets:
    """Serve the static folder at ``/static/<hash>/…`` and give templates ``asset(name)``.

    The application has ``static_folder=None``: Flask's own route would serve the same files without the hash.
    """
    assets = assets or StaticAssets()
    app.extensions[ASSETS_EXTENSION] = assets
    app.add_url_rule("/static/<version>/<path:name>", ASSET_ENDPOINT, assets.serve)
    app.add_template_global(assets.url, "asset")
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
