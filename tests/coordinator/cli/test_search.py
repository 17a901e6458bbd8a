"""``lantoa search``: the index is compared with the rows and rebuilt, also by restore."""

import json

from campaigns.search.index import IndexedKind
from campaigns.search.query import parse_query
from campaigns.search.results import find_hits
from tests.coordinator.cli.conftest import Machine
from tests.coordinator.cli.test_database import edit, publish


def found(machine: Machine, typed: str) -> int:
    database = machine.database
    with database.read() as session:
        total = find_hits(session, IndexedKind.BULLETIN, parse_query(typed), most=5).total
    database.dispose()
    return total


def test_a_fresh_index_is_whole_and_a_hand_in_the_database_is_reported(lantoa: Machine) -> None:
    publish(lantoa)
    lantoa.well("db", "upgrade")  # which makes an index whole that never was
    assert lantoa.well("search", "verify") == "index whole: 2 subjects\n"
    edit(lantoa, "UPDATE revisions SET title = 'Tên khác hẳn' WHERE id = 1")
    done = lantoa("search", "verify")
    assert (done.status, done.out.splitlines()[0]) == (1, "bulletin 1\tstale")
    (first,) = json.loads(lantoa("search", "verify", "--json").out)["first"]
    assert (first["kind"], first["wrong"]) == ("bulletin", "stale")
    assert found(lantoa, "tên khác hẳn") == 0
    assert lantoa.well("search", "rebuild") == "indexed: 2 subjects\n"
    assert lantoa.well("search", "verify") == "index whole: 2 subjects\n"
    assert found(lantoa, "tên khác hẳn") == 1


def test_a_restored_installation_finds_what_the_other_had(lantoa: Machine) -> None:
    publish(lantoa)
    lantoa.well("backup", "kept.zip")
    other = Machine(lantoa.folder)
    other.data = lantoa.folder / "other"
    other.well("restore", "kept.zip")
    assert other.well("search", "verify") == "index whole: 2 subjects\n"
    assert found(other, "bản tin thử") == 2
