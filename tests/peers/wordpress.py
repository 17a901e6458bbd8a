"""WordPress as Debian ships it, with a database of its own, behind PHP's built-in server on a free port of loopback.

It is looked for where the package ``wordpress`` puts it, and in the folder that ``LANTOA_TEST_WORDPRESS`` names: the
packages ``wordpress``, ``wordpress-theme-twentytwentyfive`` and ``php-getid3`` unpacked there, for machines that shall
not be given the web server which the package asks for.
"""

import getpass
import os
import shutil
import signal
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import requests

from tests.conftest import need
from tests.coordinator.installation import free_port, until

PLACES = ("/usr/share/wordpress", "usr/share/wordpress")
NEEDED = ("php", "mariadbd", "mariadb-install-db", "mariadb")
MODULES = ("mysqli", "mbstring", "xml", "SimpleXML")
SETUP = Path(__file__).with_name("wordpress.php")

CONFIG = """<?php
define('DB_NAME', 'wordpress');
define('DB_USER', 'wordpress');
define('DB_PASSWORD', 'wordpress');
define('DB_HOST', 'localhost:{socket}');
define('DB_CHARSET', 'utf8mb4');
define('DB_COLLATE', '');
$table_prefix = 'wp_';
define('WP_HOME', '{url}');
define('WP_SITEURL', '{url}');
// Application passwords without TLS are allowed on a machine of its developer.
define('WP_ENVIRONMENT_TYPE', 'local');
// It asks nobody outside for anything.
define('WP_HTTP_BLOCK_EXTERNAL', true);
define('DISABLE_WP_CRON', true);
define('AUTOMATIC_UPDATER_DISABLED', true);
define('WP_DEBUG', false);
{keys}
if (!defined('ABSPATH')) define('ABSPATH', __DIR__ . '/');
require_once ABSPATH . 'wp-settings.php';
"""
KEYS = ("AUTH", "SECURE_AUTH", "LOGGED_IN", "NONCE")


@dataclass(frozen=True)
class Post:
    """What WordPress says of a post: its number and its address."""

    id: int
    url: str


class WordPress:
    """A site of a partner, written to through its REST interface as an editor's program would."""

    user = "toasoan"

    def __init__(self, url: str, password: str) -> None:
        self.url, self.password = url, password

    def _asks(self, method: str, path: str, **given: Any) -> Any:
        answer = requests.request(
            method, f"{self.url}/wp-json/wp/v2{path}", auth=(self.user, self.password), timeout=30, **given
        )
        assert answer.status_code in {200, 201}, (path, answer.status_code, answer.text[:500])
        return answer.json()

    def publish(self, title: str, html: str, at: datetime | None = None, **fields: Any) -> Post:
        """A post, out at once. ``at``: the time it is dated, which must not be ahead of the machine's."""
        dated = {} if at is None else {"date_gmt": at.strftime("%Y-%m-%dT%H:%M:%S")}
        made = self._asks(
            "POST", "/posts", json={"title": title, "content": html, "status": "publish", **dated, **fields}
        )
        return Post(made["id"], made["link"])

    def all_posts(self) -> list[dict[str, Any]]:
        """Every post outside the bin, as its editors see it."""
        found: list[dict[str, Any]] = self._asks("GET", "/posts", params={"status": "any", "context": "edit"})
        return found

    def picture(self, number: int) -> dict[str, Any]:
        """An uploaded picture."""
        found: dict[str, Any] = self._asks("GET", f"/media/{number}")
        return found

    def edit(self, post: Post, **fields: Any) -> None:
        """Change a post that is out."""
        self._asks("POST", f"/posts/{post.id}", json=fields)

    def trash(self, post: Post) -> None:
        """Take a post down, as an editor does: it goes to the bin and its address answers 404."""
        self._asks("DELETE", f"/posts/{post.id}")

    def remove(self, post: Post) -> None:
        """Delete a post for good, from the bin too."""
        self._asks("DELETE", f"/posts/{post.id}", params={"force": "true"})


def _tree() -> Path:
    """Where WordPress lies on this machine."""
    given = os.environ.get("LANTOA_TEST_WORDPRESS")
    candidates = [Path(PLACES[0])] if given is None else [Path(given) / PLACES[1], Path(given)]
    found = next((candidate for candidate in candidates if (candidate / "wp-load.php").is_file()), None)
    if found is None:
        need("WordPress", "install the package wordpress, or name its unpacked folder in LANTOA_TEST_WORDPRESS")
    for name in NEEDED:
        if shutil.which(name, path=f"{os.environ.get('PATH', '')}:/usr/sbin:/usr/bin") is None:
            need("WordPress", f"its tests use {name}: install the packages php-cli, php-mysql and mariadb-server")
    loaded = subprocess.run(["php", "-m"], capture_output=True, text=True, check=True, timeout=30).stdout.split()
    if missing := set(MODULES) - set(loaded):
        need("WordPress", f"PHP has no {', '.join(sorted(missing))}: install php-mysql, php-mbstring and php-xml")
    return found


def _ended(process: subprocess.Popen[bytes]) -> None:
    """A process and all it started, gone."""
    if process.poll() is None:
        os.killpg(process.pid, signal.SIGTERM)
        try:
            process.wait(timeout=20)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()


@contextmanager
def _database(folder: Path, log: Any) -> Iterator[Path]:
    """A MariaDB server that only a socket in ``folder`` leads to; yields the socket."""
    data, socket = folder / "db", folder / "s"
    environment = os.environ | {"PATH": f"{os.environ.get('PATH', '')}:/usr/sbin:/usr/bin"}
    subprocess.run(
        ["mariadb-install-db", "--no-defaults", f"--user={getpass.getuser()}", f"--datadir={data}", "--skip-test-db",
         "--auth-root-authentication-method=normal"],
        env=environment, stdout=log, stderr=log, check=True, timeout=600,
    )  # fmt: skip
    # Nothing here outlives the tests, so nothing waits for the disk.
    server = subprocess.Popen(
        ["mariadbd", "--no-defaults", f"--user={getpass.getuser()}", f"--datadir={data}", f"--socket={socket}",
         f"--pid-file={folder / 'pid'}", "--skip-networking", "--innodb-flush-log-at-trx-commit=0",
         "--innodb-doublewrite=0", "--innodb-buffer-pool-size=32M"],
        env=environment, stdout=log, stderr=log, start_new_session=True,
    )  # fmt: skip
    try:

        def says(sql: str) -> bool:
            done = subprocess.run(
                ["mariadb", "--no-defaults", f"--socket={socket}", "--user=root", "--execute", sql],
                env=environment, stdout=log, stderr=log, check=False, timeout=60,
            )  # fmt: skip
            return done.returncode == 0

        until("MariaDB answers", lambda: says("SELECT 1"))
        assert says(
            "CREATE DATABASE wordpress CHARACTER SET utf8mb4;"
            "CREATE USER wordpress@localhost IDENTIFIED BY 'wordpress';"
            "GRANT ALL ON wordpress.* TO wordpress@localhost"
        )
        yield socket
    finally:
        _ended(server)


def _left_out(folder: str, names: list[str]) -> list[str]:
    """What is not copied: the machine's own configuration, and links to packages that are not there. The others are,
    relative ones too, which ``ignore_dangling_symlinks`` looks for from another folder."""
    return [name for name in names if name == "wp-config.php" or not Path(folder, name).exists()]


@contextmanager
def running() -> Iterator[WordPress]:
    """A new, empty WordPress, gone with everything of it at the end of the block."""
    tree = _tree()
    # Not below pytest's own folder: the path of a socket may have 107 characters and no more.
    with tempfile.TemporaryDirectory(prefix="lantoa-wp-", ignore_cleanup_errors=True) as made:
        folder, port = Path(made), free_port()
        url, root = f"http://127.0.0.1:{port}", folder / "www"
        with (folder / "log").open("ab") as log, _database(folder, log) as socket:
            shutil.copytree(tree, root, ignore=_left_out)
            keys = "\n".join(
                f"define('{name}_{kind}', 'lan toa tests {name}');" for name in KEYS for kind in ("KEY", "SALT")
            )
            (root / "wp-config.php").write_text(
                CONFIG.replace("{socket}", str(socket)).replace("{url}", url).replace("{keys}", keys), encoding="utf-8"
            )
            process = subprocess.run(
                ["php", str(SETUP), str(root), url], capture_output=True, text=True, check=False, timeout=600
            )
            assert process.returncode == 0, process.stdout[-2000:] + process.stderr[-2000:]
            server = subprocess.Popen(
                ["php", "-S", f"127.0.0.1:{port}", "-t", str(root)],
                env=os.environ | {"PHP_CLI_SERVER_WORKERS": "4"},
                stdout=log, stderr=log, start_new_session=True,
            )  # fmt: skip
            try:
                site = WordPress(url, process.stdout.strip().splitlines()[-1])
                until("WordPress answers", lambda: _answers(url))
                yield site
            finally:
                _ended(server)


def _answers(url: str) -> bool:
    try:
        return requests.get(url, timeout=10).status_code == 200
    except requests.RequestException:
        return False
