"""The city's registers at their real size with a thousand faults planted: each is named or read right."""

import random
from collections import Counter
from collections.abc import Callable, Mapping, Sequence

import pytest
import sqlalchemy as sa

from campaigns.core.import_runs import ImportKind
from campaigns.partners.directory import Company, Site, host_key
from campaigns.partners.licences import Licence
from campaigns.partners.normalisation import company_key
from coordinator.db import Database
from coordinator.jobs.core.import_runs import ImportReport, import_file
from tests.coordinator.imports.tables import register_files
from tests.coordinator.imports.tables.cell_faults import ALONE, HARMLESS, REFUSED, Cell
from tests.coordinator.imports.tables.fault_injection import Register, plant_faults
from tests.coordinator.imports.tables.sample_register import AGGREGATORS, SOCIALS, TrueRecord, city_register

Written = tuple[bytes, Mapping[int, int]]

ONES, OTHERS = city_register(2026)
# name of the file, what is true, refused and harmless faults, how it is written, what such a file can hold
BOOKS = (
    ("so-trang.xlsx", ONES, 360, 220, register_files.office_workbook, register_files.anything),
    ("so-mxh.xlsx", OTHERS, 260, 160, register_files.plain_workbook, register_files.anything),
)
TEXTS = (
    ("so-trang.csv", ONES, 300, 180, register_files.separated, register_files.text_only),
    ("so-mxh.json", OTHERS, 220, 150, register_files.public, register_files.text_only),
)
Case = tuple[str, Sequence[TrueRecord], int, int, Callable[[Register], Written], Callable[[Cell], bool]]


def planted(case: Case) -> Register:
    name, truths, refused, harmless, _write, fits = case
    return plant_faults(truths, random.Random(name), refused, harmless, fits)


def imported(database: Database, case: Case, register: Register) -> tuple[ImportReport, Mapping[int, int]]:
    name, *_rest, write, _fits = case
    body, numbers = write(register)
    return import_file(database, ImportKind.REGISTER, "test", name, body), numbers


def rows_of(database: Database) -> list[int]:
    with database.read() as session:
        tables = (Company, Licence, Site)
        return [session.execute(sa.select(sa.func.count()).select_from(table)).scalar_one() for table in tables]


def test_the_registers_are_of_the_real_size_and_a_thousand_faults_of_every_kind_are_in_them() -> None:
    assert (len({record.company for record in ONES}), len(ONES)) == AGGREGATORS
    assert (len({record.company for record in OTHERS}), len(OTHERS)) == SOCIALS
    faults = [fault for case in BOOKS for fault in planted(case).planted]
    assert len(faults) == 1000
    names = {(fault.name, fault.field) for fault in faults}
    every = {(kind.name, kind.field) for kind in (*REFUSED, *HARMLESS)} | {(name, at[0]) for name, at in ALONE.items()}
    assert every - names == set()
    assert len({(fault.place, fault.field) for fault in planted(BOOKS[0]).planted}) == len(planted(BOOKS[0]).planted)


@pytest.mark.parametrize("case", [*BOOKS, *TEXTS], ids=lambda case: case[0])
def test_every_fault_is_named_by_row_and_field_and_no_sound_row_is(sqlite: Database, case: Case) -> None:
    register = planted(case)
    done, numbers = imported(sqlite, case, register)
    found = Counter((row.row, row.field, row.code) for row in done.rejected)
    wanted = {(numbers[place], field, code) for place, field, code in register.refused()}
    assert sorted(set(found) - wanted - signed(case, numbers)) == []
    assert sorted(wanted - set(found)) == []
    assert all(row.message for row in done.rejected)
    assert rows_of(sqlite) == [0, 0, 0], "nothing is half-imported"


def signed(case: Case, numbers: Mapping[int, int]) -> set[tuple[int, str, str]]:
    """The office's workbook ends in a line for a signature, in a known column: it is no licence, and reported."""
    if case[0] != "so-trang.xlsx":
        return set()
    fields = (
        ("company_name", "required"), ("licence_number", "required"), ("kind", "required"), ("issued_on", "required"),
        ("domains", "required"), ("tax_code", "tax_code"),
    )  # fmt: skip
    return {(max(numbers.values()) + 3, field, code) for field, code in fields}


@pytest.mark.parametrize("case", [*BOOKS, *TEXTS], ids=lambda case: case[0])
def test_the_same_file_mended_is_imported_whole_and_says_what_is_true(sqlite: Database, case: Case) -> None:
    register = planted(case).mended()
    assert register.planted, "the harmless faults stay"
    # The line for a signature is no row of the register, and is left out of the corrected file.
    done, numbers = imported(sqlite, case, register)
    assert {(row.row, row.field, row.code) for row in done.rejected} == signed(case, numbers)
    if done.rejected:
        name, *_rest, write, _fits = case
        done = import_file(sqlite, ImportKind.REGISTER, "test", name, write(register)[0], skip_bad=True)
    truths = case[1]
    assert (done.outcome.counts["licences"], done.outcome.good, done.outcome.counts["unchanged"]) == (
        len(truths),
        len(truths),
        0,
    )
    assert done.outcome.counts["companies"] == len({record.company for record in truths})
    with sqlite.read() as session:
        held = {licence.number: licence for licence in session.execute(sa.select(Licence)).scalars()}
        for truth in truths:
            licence = held[truth.number]
            hosts = [host_key(f"http://{domain}") for domain in truth.domains]
            assert (licence.issued_on, licence.expires_on) == (truth.issued_on, truth.expires_on), truth
            assert (licence.kind, licence.domains) == (truth.kind, hosts)
            assert (licence.issuer, licence.scope) == (truth.issuer, list(truth.scope))
            assert company_key(licence.company.name) == company_key(truth.company)
            assert licence.company.tax_code == truth.tax_code
        assert len(held) == len(truths)
    assert rows_of(sqlite)[2] == sum(len(record.domains) for record in truths)


def test_both_registers_together_come_to_one_directory_and_a_second_time_to_nothing_new(database: Database) -> None:
    companies = {record.company for record in (*ONES, *OTHERS)}
    for _time in range(2):
        for case in (TEXTS[0], TEXTS[1]):
            done, _numbers = imported(database, case, planted(case).mended())
            assert done.rejected == ()
    assert (done.outcome.counts["licences"], done.outcome.counts["unchanged"]) == (0, len(OTHERS))
    assert rows_of(database)[:2] == [len(companies), len(ONES) + len(OTHERS)]
