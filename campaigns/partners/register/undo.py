"""Take back an import of the register while nothing rests on it."""

import sqlalchemy as sa
from sqlalchemy.orm import Session, aliased

from campaigns.core.base import Base, delete_rows, in_batches
from campaigns.core.import_runs import ImportRun
from campaigns.core.imports.row_uses import ImportedRows
from campaigns.partners.directory import Company, Site
from campaigns.partners.licences import Licence, LicenceVersion


def register_rows(run: str) -> tuple[ImportedRows, ...]:
    """The rows that an import wrote. Every act on a licence is a version of it. An inspection that is planned for a
    new site and has not begun does not rest on it; tables of features above ``partners`` are known by their names."""
    inspections = Base.metadata.tables["inspections"].c
    begun = sa.or_(
        inspections.done_at.is_not(None), inspections.lease_until.is_not(None), inspections.asked_by != ""
    )  # fmt: skip
    others = {
        "licences": Licence.came_by.is_distinct_from(run),
        "licence_versions": LicenceVersion.licence_id.not_in(sa.select(Licence.id).where(Licence.came_by == run)),
        "sites": Site.came_by.is_distinct_from(run),
    }
    own = aliased(LicenceVersion)
    since = sa.exists().where(own.licence_id == LicenceVersion.licence_id, own.came_by == run)
    changes = sa.and_(LicenceVersion.came_by.is_distinct_from(run), since.where(own.id < LicenceVersion.id))
    written = Licence.id.in_(sa.select(own.licence_id).where(own.came_by == run))
    return (
        ImportedRows(Company, Company.came_by == run, "partner", Company.name, Company.code, others),
        ImportedRows(Licence, written, "licence", Licence.number, None, {"licence_versions": changes}),
        ImportedRows(Site, Site.came_by == run, "site", Site.host, Site.code, {"inspections": begun}),
    )


def undo_register(session: Session, run: ImportRun) -> dict[str, int]:
    """Delete the partners, licences and sites that an import added, and give the licences that it widened their former
    domains; return how many, as the import counted them. Nothing may rest on them (``row_uses``)."""
    former = run.before or {}
    for numbers in in_batches(sorted(former)):
        for licence in session.execute(sa.select(Licence).where(Licence.number.in_(numbers))).scalars():
            licence.domains = former[licence.number]
    session.flush()
    planned = Base.metadata.tables["inspections"]
    sites = sa.select(Site.id).where(Site.came_by == run.public)
    session.connection().execute(sa.delete(planned).where(planned.c.site_id.in_(sites)))
    removed_sites = delete_rows(session, Site, Site.came_by == run.public)
    delete_rows(session, LicenceVersion, LicenceVersion.came_by == run.public)
    licences = delete_rows(session, Licence, Licence.came_by == run.public)
    companies = delete_rows(session, Company, Company.came_by == run.public)
    session.expire_all()
    return {"companies": companies, "licences": licences + len(former), "sites": removed_sites}
