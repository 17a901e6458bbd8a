"""Static files under an address that holds the hash of the whole folder, so browsers may keep them for a year.

One hash for all, not one a file: style sheets name their fonts by relative address, and those must change together.
"""

import hashlib
from pathlib import Path

from flask import Flask, Response, current_app, g, send_from_directory, url_for

STATIC = Path(__file__).parent / "static"
FOREVER = 365 * 24 * 3600  # seconds; the longest time caches honour
ENDPOINT = "asset"
EXTENSION = "lantoa.assets"


class Assets:
    """The static folder as it was when the application was made."""

    def __init__(self, folder: Path = STATIC) -> None:
        self.folder = folder
        self.names = frozenset(str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file())
        whole = hashlib.sha256()
        for name in sorted(self.names):
            whole.update(name.encode() + b"\0" + hashlib.sha256((folder / name).read_bytes()).digest())
        self.version = whole.hexdigest()[:12]

    def url(self, name: str) -> str:
        """The address of a file of ours. Raises ``LookupError`` for one that does not exist.

        A library's file may be absent (set-up has not run): its address then answers 404 and the pages do without it.
        """
        if name not in self.names and not name.startswith("lib/"):
            raise LookupError(f"no static file {name!r}")
        # Asked for by every icon: built once a request.
        known: dict[str, str] = g.setdefault("asset_urls", {})
        if name not in known:
            known[name] = url_for(ENDPOINT, version=self.version, name=name)
        return known[name]

    def serve(self, version: str, name: str) -> Response:
        """A file. A page from before an upgrade asks under the old hash and gets today's file, not to be kept."""
        response = send_from_directory(self.folder, name, max_age=0)
        if version == self.version and not current_app.debug:
            response.cache_control.no_cache = None
            response.cache_control.public = True
            response.cache_control.max_age = FOREVER
            response.cache_control.immutable = True
        return response


def install_assets(app: Flask, assets: Assets | None = None) -> Assets:
    """Serve the static folder at ``/static/<hash>/…`` and give templates ``asset(name)``.

    The application is made with ``static_folder=None``: Flask's own route would serve the same files without the hash.
    """
    assets = assets or Assets()
    app.extensions[EXTENSION] = assets
    app.add_url_rule("/static/<version>/<path:name>", ENDPOINT, assets.serve)
    app.add_template_global(assets.url, "asset")
    return assets


def asset_url(name: str) -> str:
    """The address of a static file of the current application; see ``Assets.url``."""
    assets: Assets = current_app.extensions[EXTENSION]
    return assets.url(name)
