"""The part of a briefing on cases: what was handled in the period by the day of the decision, in sentences and tables.

No person is named: a document goes to many readers, the list of cases to those who handle them.
"""

from dataclasses import replace
from decimal import Decimal

from campaigns.compliance.cases.cases import DecisionForm
from campaigns.compliance.cases.figures import CaseFigures
from campaigns.reporting.briefings.figures import BriefingFigures
from coordinator.exports.documents.briefing import BriefingSection
from coordinator.exports.figure_labels import DECISION_FORM_LABELS
from coordinator.exports.format import vi_number
from coordinator.jobs.reporting.briefings.figure_tables import earlier_faults, faults
from coordinator.translation import _

FAULTS_IN_WORDS = 3  # faults in the sentence; the table has more
HEADING = "Xử lý vi phạm"
_MILLION, _BILLION = 10**6, 10**9


def money_words(amount: int) -> str:
    """An amount as it is said: ``gần 700 triệu đồng (698.500.000 đồng)``, to two figures; exact where it is one."""
    exact = f"{vi_number(amount)} đồng"
    if amount < _MILLION:
        return exact
    unit, name = (_BILLION, "tỷ") if amount >= _BILLION else (_MILLION, "triệu")
    if amount % unit == 0:
        return f"{vi_number(amount // unit)} {name} đồng"
    step = 10 ** (len(str(amount)) - 2)
    near = (amount + step // 2) // step * step
    if near >= _BILLION > amount:
        unit, name = _BILLION, "tỷ"
    value = Decimal(near) / unit
    about = f"{vi_number(value, 0 if value == value.to_integral_value() else 1)} {name} đồng"
    return about if near == amount else f"{'gần' if near > amount else 'hơn'} {about} ({exact})"


def handled_sentence(cases: CaseFigures, most: int = FAULTS_IN_WORDS) -> str:
    """The sentence on organisations and persons handled, the fines and the most frequent faults, ``most`` of them."""
    if not cases.subjects:
        return "Trong kỳ chưa có tổ chức, cá nhân nào bị xử lý."
    whom = "tổ chức" if not cases.persons else "cá nhân" if not cases.organisations else "tổ chức, cá nhân"
    handled = f"Trong kỳ đã xử lý {vi_number(cases.subjects)} {whom}"
    if cases.amount:
        handled += f" với tổng số tiền phạt {money_words(cases.amount)}"
    faults = ", ".join(row.name[:1].lower() + row.name[1:] for row in cases.faults[:most])
    return f"{handled}; lỗi vi phạm phổ biến: {faults}."


def case_section(figures: BriefingFigures) -> BriefingSection:
    """The section of the document."""
    cases = figures.management.cases
    sentences = [handled_sentence(cases)]
    if cases.subjects:
        both = f" ({vi_number(cases.organisations)} tổ chức, {vi_number(cases.persons)} cá nhân)"
        both = both if cases.persons and cases.organisations else ""
        named = [(_(DECISION_FORM_LABELS[DecisionForm(row.key)]).lower(), row.count) for row in cases.forms]
        forms = "; ".join(f"{name} {vi_number(count)}" for name, count in named)
        sentences.append(f"Theo hình thức{both}: {forms}.")
    if cases.amount and cases.paid != cases.amount:
        sentences.append(f"Số tiền phạt đã nộp: {vi_number(cases.paid)} đồng.")
    if cases.earlier:
        sentences.append(
            f"Trong đó {vi_number(len(cases.earlier))} lần xử lý theo quyết định trong kỳ về vi phạm của kỳ trước."
        )
    earlier = earlier_faults(cases)
    # Without the program's names of cases: the decision's number is the reference.
    earlier = replace(earlier, columns=earlier.columns[:-1], rows=[line[:-1] for line in earlier.lines()])
    tables = tuple(table for table in (faults(figures), earlier) if table.rows)
    return BriefingSection(HEADING, tuple(sentences), tables)
