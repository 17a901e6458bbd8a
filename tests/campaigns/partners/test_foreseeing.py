"""What a check foresees is what the writing then does."""

import random
from datetime import date

import pytest
from sqlalchemy.orm import Session

from campaigns.partners.directory import SiteKind
from campaigns.partners.enrolling import enrol
from campaigns.partners.foreseeing import foresee
from campaigns.partners.register import RegisterEntry
from coordinator.db import Database
from tests.factories import NOW


def entries(chance: random.Random, count: int) -> list[RegisterEntry]:
    """Entries that share names, tax codes, numbers and domains, in every way a sheet and a directory may disagree."""
    return [
        RegisterEntry(
            company_name=f"Công ty {chance.choice('ABCDEF')}",
            tax_code=chance.choice([None, None, "0100112437", "0100109106"]),
            licence_number=f"{chance.randrange(12)}/GP-TTĐT",
            kind=SiteKind.AGGREGATOR,
            issuer="Sở",
            issued_on=date(2024, 1, 1),
            expires_on=None,
            domains=tuple(f"{name}.example.vn" for name in chance.sample("abcdefghij", chance.randrange(1, 4))),
            pages=(),
            scope=(),
            status=chance.choice(["", "", "", "Thu hồi"]),
            row=row,
        )
        for row in range(2, count + 2)
    ]


def both(session: Session, sheet: list[RegisterEntry]) -> None:
    foreseen = foresee(session, sheet, now=NOW)
    done = enrol(session, "test", "reg_1", sheet, now=NOW)
    assert [(one.row, one.field, one.code, one.message) for one in foreseen.rejected] == [
        (one.row, one.field, one.code, one.message) for one in done.rejected
    ]
    assert (foreseen.companies, foreseen.licences, foreseen.sites, foreseen.unchanged) == (
        done.companies, done.licences, done.sites, done.unchanged,
    )  # fmt: skip


@pytest.mark.parametrize("seed", range(6))
def test_a_check_foresees_what_writing_does_on_an_empty_and_on_a_filled_directory(sqlite: Database, seed: int) -> None:
    chance = random.Random(seed)
    with sqlite.write() as session:
        for _sheet in range(3):
            both(session, entries(chance, 25))
