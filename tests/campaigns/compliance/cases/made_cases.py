"""Factories of entries: a case about an organisation or a person, and decisions."""

from datetime import date
from typing import Any

from campaigns.compliance.cases.cases import CaseOrigin, DecisionForm, SubjectKind
from campaigns.compliance.cases.content import CaseContent, DecisionContent
from campaigns.core.clock import city_day
from tests.factories import NOW

DAY = city_day(NOW)


def organisation(name: str = "Công ty Sao Mai", tax_code: str = "0101234567", **more: Any) -> CaseContent:
    """An entry about an organisation that is no known partner, unless ``partner`` is given."""
    values = {
        "subject_kind": SubjectKind.ORGANISATION, "name": name, "tax_code": tax_code, "origin": CaseOrigin.INSPECTION,
        "what": "Không lưu dữ liệu thành viên", "fault": "Không lưu trữ dữ liệu thành viên",
        "fault_on": date(2026, 10, 5), "basis": "Điều 100 Nghị định 15/2020/NĐ-CP",
    }  # fmt: skip
    return CaseContent(**{**values, **more})


def person(name: str = "Nguyễn Thị Hoa", **more: Any) -> CaseContent:
    """An entry about a person."""
    values = {
        "subject_kind": SubjectKind.PERSON, "name": name, "origin": CaseOrigin.COMPLAINT,
        "what": "Đăng tin sai về dịch bệnh", "fault": "Cung cấp thông tin sai sự thật", "fault_on": date(2026, 10, 5),
        "account_url": "https://mxh.example/hoa",
    }  # fmt: skip
    return CaseContent(**{**values, **more})


def fine(number: str = "12/QĐ-XPHC", amount: int | None = 15_000_000, **more: Any) -> DecisionContent:
    """A decision on a fine."""
    values: dict[str, Any] = {"authority": "Thanh tra Sở", "on": date(2026, 11, 10)}
    return DecisionContent(DecisionForm.FINE, number, amount=amount, **{**values, **more})


def reminder(number: str = "7/STTTT-TTr", on: date = date(2026, 11, 2)) -> DecisionContent:
    """An official letter."""
    return DecisionContent(DecisionForm.REMINDER, number, on=on)
