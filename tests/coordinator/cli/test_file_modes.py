"""The data folder is closed to other accounts of the machine from the first start, and ``doctor`` tells where not."""

import stat
from pathlib import Path

from tests.coordinator.cli.conftest import Machine
from tests.coordinator.cli.test_doctor import line
from tests.coordinator.installation import Installation, until

ANY_UMASK = ("sh", "-c", 'umask 000; exec "$@"', "sh")


def _modes(folder: Path) -> dict[str, str]:
    paths = [folder, *folder.rglob("*")]
    return {path.name: f"{stat.S_IMODE(path.stat().st_mode):o}" for path in paths}


def test_a_first_start_under_any_umask_makes_files_for_its_own_account_only(tmp_path: Path) -> None:
    with Installation(tmp_path / "data", before=ANY_UMASK) as here:
        here.serve()
        until("the web answers", here.alive)
        made = _modes(here.folder)
        backup = here.start("backup", str(tmp_path / "now.zip"))
        assert backup.wait(timeout=60) == 0
    assert {"data", "lantoa.db", "lantoa.db-wal", "lantoa.db-shm", "secret.key", "serve.lock"} <= set(made)
    assert (made.pop("data"), made.pop("alive", "700")) == ("700", "700")  # the folder of heartbeats, once it is there
    assert set(made.values()) == {"600"}, made
    assert _modes(tmp_path)["now.zip"] == "600"


def test_doctor_names_what_other_accounts_may_open_and_the_command_that_closes_it(lantoa: Machine) -> None:
    lantoa.well("db", "upgrade")
    assert line(lantoa, "files") == f"ok   {lantoa.data} is readable to this account only"
    lantoa.data.chmod(0o750)
    (lantoa.data / "lantoa.db").chmod(0o644)
    shown = line(lantoa, "files")
    assert shown.startswith(f"BAD  other accounts may open {lantoa.data}, {lantoa.data / 'lantoa.db'}; ")
    assert shown.endswith(f"run: chmod -R go= {lantoa.data}")
    assert lantoa("doctor").status == 1
