"""Import of the licence register from a sheet."""

from campaigns.core.import_runs import ImportKind
from campaigns.partners.register.columns import COLUMNS
from coordinator.imports.tables.workbooks import write_register_template
from coordinator.web.desk.core.table_imports import ImportPages, import_blueprint

PAGES = ImportPages(
    kind=ImportKind.REGISTER,
    endpoint="partners.register",
    path="/_register",
    templates="desk/partners/register",
    columns={"": COLUMNS},
    write_template=write_register_template,
    template_name="mau-so-giay-phep.xlsx",
)
HEADINGS = PAGES.headings
blueprint = import_blueprint("register", PAGES)
