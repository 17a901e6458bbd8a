"""Import of cases from a spreadsheet."""

from campaigns.compliance.cases.columns import CHOICES, COLUMNS
from campaigns.core.import_runs import ImportKind
from campaigns.people.staff import Permission
from coordinator.imports.tables.workbooks import write_template
from coordinator.web.desk.core.table_imports import ImportPages, import_blueprint

PAGES = ImportPages(
    kind=ImportKind.CASES,
    endpoint="compliance.cases.table",
    path="/_import",
    templates="desk/compliance/cases/import",
    columns={"": COLUMNS},
    write_template=lambda: write_template({"Vụ việc": COLUMNS}, CHOICES),
    template_name="mau-vu-viec.xlsx",
    permission=Permission.REVIEW,
)
blueprint = import_blueprint("table", PAGES)
