"""``lantoa report`` in its five formats, each read by another library."""

import csv
import json
import shutil
import subprocess
from datetime import date

import docx
import pytest
import python_calamine
import sqlalchemy as sa

from campaigns.core.clock import city_day, parse_period, utc_now
from campaigns.discovery.sightings import SightingMethod, record_sighting
from campaigns.people.office import OfficeContent, SignerContent, add_signer, save_office
from campaigns.planning.campaigns import TargetContent, find_campaign
from campaigns.reporting.briefings import briefing_text, versions
from campaigns.reporting.rollups import tally_history
from campaigns.republications.republications import EvidenceLevel, Republication, claim_copy
from tests import factories
from tests.conftest import need
from tests.coordinator.cli.conftest import Machine
from tests.factories import ADMIN, ANALYST, planned

FORMATS = ("csv", "xlsx", "json", "docx", "pdf")


@pytest.fixture
def worked(lantoa: Machine) -> Machine:
    """An installation with a campaign, two partners and one copy that waits to be checked."""
    database, now = lantoa.database, utc_now()
    with database.write() as session:
        planned(
            session,
            city_day(now),
            city_day(now),
            TargetContent("republications", 12500),
            TargetContent("bulletins", 330),
            code="ke-hoach-174",
            name="Lan tỏa thông tin",
            now=now,
        )
        owner = factories.company(session, "Công ty Nhịp Sông", now=now)
        site = factories.site(session, owner, "https://nhip.example/", now=now)
        bulletin = factories.published(session, campaign="ke-hoach-174", now=now)
        page, _ = record_sighting(
            session, site, "https://nhip.example/1", SightingMethod.REPORTED, "test", bulletin=bulletin, now=now
        )
        claim_copy(session, "test", bulletin, page, EvidenceLevel.REPORTED, day=city_day(now), now=now)
    database.dispose()
    return lantoa


def text_of(path: str, form: str) -> str:
    """What another program reads in the file."""
    if form == "csv":
        with open(path, encoding="utf-8-sig", newline="") as file:
            return "\n".join(" ".join(row) for row in csv.reader(file))
    if form == "xlsx":
        book = python_calamine.CalamineWorkbook.from_path(path)
        sheets = (book.get_sheet_by_name(name) for name in book.sheet_names)
        return "\n".join(" ".join(map(str, row)) for sheet in sheets for row in sheet.to_python())
    if form == "json":
        with open(path, encoding="utf-8") as file:
            return json.dumps(json.load(file), ensure_ascii=False)
    if form == "docx":
        document = docx.Document(path)
        cells = [cell.text for table in document.tables for row in table.rows for cell in row.cells]
        return "\n".join([*(part.text for part in document.paragraphs), *cells])
    program = shutil.which("pdftotext")
    if program is None:
        need("pdftotext", "install the package poppler-utils")
    done = subprocess.run([str(program), path, "-"], capture_output=True, text=True, check=True)
    return " ".join(done.stdout.split())


@pytest.mark.parametrize("form", FORMATS)
def test_a_report_is_written_whole_and_others_can_read_it(worked: Machine, form: str) -> None:
    period = f"{city_day(utc_now()):%Y-%m}"
    words = ("report", period, "--campaign", "ke-hoach-174", "--format", form, "--out", f"bc.{form}")
    path = worked.folder / f"bc.{form}"
    assert worked.well(*words) == f"bc.{form}: {path.stat().st_size} bytes\n"
    text = text_of(str(path), form)
    assert "Công ty Nhịp Sông" in text
    if form != "csv":
        assert "12500" in text or "12.500" in text
    if form == "json":
        assert json.loads(text)["as_of"].endswith("+07:00")
    if form in {"docx", "pdf"}:
        assert "174-KH/UBND" in text


def test_an_unknown_campaign_is_reported_and_no_file_is_left(lantoa: Machine) -> None:
    words = ("report", "2026-Q4", "--campaign", "khong-co", "--format", "csv", "--out", "x.csv")
    assert "khong-co" in lantoa.refused(*words)
    assert not (lantoa.folder / "x.csv").exists()


@pytest.mark.parametrize("moment", ["9999-12-31", "9999-12-31T23:59:59+00:00", "0001-01-01", "hôm qua"])
def test_a_moment_that_is_none_is_refused_in_words(lantoa: Machine, moment: str) -> None:
    said = lantoa.refused("report", "2026-Q4", "--format", "csv", "--out", "x.csv", "--as-of", moment)
    assert f"{moment!r} is not a moment" in said


@pytest.mark.parametrize("period", ["2026-Q4", "2026", "2026-11-24", "2026-10-01..2026-12-31"])
def test_every_way_to_name_a_period_is_taken(lantoa: Machine, period: str) -> None:
    lantoa.well("report", period, "--format", "csv", "--out", "x.csv")
    assert (lantoa.folder / "x.csv").stat().st_size > 0


@pytest.mark.parametrize("period", ["1900", "1900-Q1", "1900-01", "1900-01-01", "2199", "2199-12-31"])
def test_the_first_and_the_last_period_that_is_accepted_has_a_report(lantoa: Machine, period: str) -> None:
    """The figures of the period before are shown beside it, also where that one could not be asked for."""
    lantoa.well("report", period, "--format", "json", "--out", "r.json")
    assert json.loads((lantoa.folder / "r.json").read_text("utf-8"))


@pytest.mark.parametrize("period", ["1899", "1899-12-31", "2200-Q1"])
def test_a_year_out_of_range_is_refused_with_the_range(lantoa: Machine, period: str) -> None:
    line = lantoa.refused("report", period, "--format", "json", "--out", "r.json")
    assert f"'{period}' " in line
    assert "between 1900 and 2199" in line


@pytest.mark.promise("Count and report")
def test_a_frozen_briefing_is_listed_derived_anew_and_had_again_by_its_moment(worked: Machine) -> None:
    now = utc_now()
    database = worked.database
    with database.write() as session:
        campaign = find_campaign(session, "ke-hoach-174")
        row = briefing_text.begin_briefing(session, ANALYST, campaign, parse_period(str(city_day(now).year)), now=now)
        version = versions.freeze_version(session, ANALYST, row.public, now=now)
        found = version.frozen_figures.totals.found
        for republication in session.execute(sa.select(Republication)).scalars():
            republication.counted_on = date(2001, 1, 1)
    database.dispose()
    (line,) = json.loads(worked.well("briefings", "list", "--json"))
    assert (line["campaign"], line["version"]) == ("ke-hoach-174", 1)
    assert "1 versions derived anew, 0 differ" in worked.well("briefings", "verify")
    words = ("report", line["period"], "--campaign", "ke-hoach-174", "--format", "json", "--out", "bc.json")
    worked.well(*words, "--as-of", line["as_of"])
    assert json.loads((worked.folder / "bc.json").read_text())["totals"]["found"] == found == 1
    worked.well(*words)
    assert json.loads((worked.folder / "bc.json").read_text())["totals"]["found"] == 0
    for wrong, text in (("hôm qua", "is not a moment"), ("2100-01-01", "is ahead")):
        assert text in worked.refused(*words, "--as-of", wrong)
    with database.write() as session:
        session.execute(sa.delete(tally_history.tally_history).where(tally_history.tally_history.c.kind == "copy"))
    database.dispose()
    assert "1 versions derived anew, 1 differ" in worked("briefings", "verify").out


def test_one_page_is_a_word_file_or_a_pdf_and_nothing_else(worked: Machine) -> None:
    asked = ("report", "2026", "--campaign", "ke-hoach-174", "--one-page", "--format")
    worked.well(*asked, "docx", "--out", "a.docx")
    assert "TÓM TẮT" in text_of(str(worked.folder / "a.docx"), "docx").splitlines()
    worked.well(*asked, "pdf", "--out", "a.pdf")
    assert "TÓM TẮT" in text_of(str(worked.folder / "a.pdf"), "pdf")
    assert "one page is written as docx or pdf, not as csv" in worked.refused(*asked, "csv", "--out", "a.csv")
    assert not (worked.folder / "a.csv").exists()


def test_a_report_made_at_once_ends_with_the_offices_recipients_and_signer(worked: Machine) -> None:
    now = utc_now()
    with worked.database as database, database.write() as session:
        save_office(
            session,
            "test",
            OfficeContent(name="Sở Thử", parent="UBND", place="Hà Nội"),
            recipients=["Như trên", "Lưu: VT, TTBC (3)"],
            now=now,
        )
        add_signer(
            session, ADMIN, SignerContent(authority="GIÁM ĐỐC", name="Trần Minh An", since=city_day(now)), now=now
        )
    for period in (str(city_day(now).year), str(city_day(now).year - 1)):  # of the year before he signs it now
        worked.well("report", period, "--format", "docx", "--out", "a.docx")
        text = text_of(str(worked.folder / "a.docx"), "docx")
        assert "Nơi nhận:\n- Như trên;\n- Lưu: VT, TTBC (3)." in text
        assert "GIÁM ĐỐC" in text
        assert "Trần Minh An" in text
