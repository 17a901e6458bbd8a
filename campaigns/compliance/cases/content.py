"""What is entered about a case and about a decision, and whether it can be so.

The checks are one for the forms, the API and the spreadsheet: each error names its field.
"""

import datetime as dt
import hashlib
from dataclasses import dataclass, replace
from typing import Annotated

from annotated_types import MaxLen
from sqlalchemy import select
from sqlalchemy.orm import Session

from campaigns.compliance.cases import cases
from campaigns.compliance.cases.amounts import amount_errors
from campaigns.compliance.cases.cases import DOCUMENT_FORMS, Case, CaseDecision, CaseOrigin, DecisionForm, SubjectKind
from campaigns.core.clock import FIRST_YEAR, city_day
from campaigns.core.contents import Code, from_attributes, limit_errors
from campaigns.core.errors import FieldError, Invalid
from campaigns.core.vietnamese import fold, nfc
from campaigns.partners.directory import COMPANY_IN_USE, Company, Site, host_key, site_of, tax_code_errors
from campaigns.partners.normalisation import company_key


@dataclass(frozen=True)
class CaseContent:
    """An entry. ``partner``: the code of a known partner; without one, an organisation has its ``name`` and
    ``tax_code``. ``site``: the code, host or address of a registered site. Fields that were not given are None or ''.
    """

    subject_kind: SubjectKind | None = None
    partner: Code = ""
    name: Annotated[str, MaxLen(cases.LONGEST_SUBJECT)] = ""
    tax_code: Code = ""
    mark: Annotated[str, MaxLen(cases.LONGEST_MARK)] = ""
    site: Annotated[str, MaxLen(cases.LONGEST_ADDRESS)] = ""
    account_url: Annotated[str, MaxLen(cases.LONGEST_ADDRESS)] = ""
    origin: CaseOrigin | None = None
    what: Annotated[str, MaxLen(cases.LONGEST_WHAT)] = ""
    fault: Annotated[str, MaxLen(cases.LONGEST_FAULT)] = ""
    fault_on: dt.date | None = None
    basis: Annotated[str, MaxLen(cases.LONGEST_BASIS)] = ""


@dataclass(frozen=True)
class DecisionContent:
    """A decision as it is entered. ``amount``: đồng; ``paid_on``: when the fine was paid, None while it is not."""

    form: DecisionForm | None = None
    number: Annotated[str, MaxLen(cases.LONGEST_NUMBER)] = ""
    authority: Annotated[str, MaxLen(cases.LONGEST_AUTHORITY)] = ""
    on: dt.date | None = None
    amount: int | None = None
    paid_on: dt.date | None = None
    note: Annotated[str, MaxLen(cases.LONGEST_NOTE)] = ""


def case_content_of(case: Case) -> CaseContent:
    """The content of a case, to be changed in part."""
    return from_attributes(
        CaseContent,
        case,
        partner=case.company.code if case.company is not None else "",
        name=case.subject_name,
        site=case.site.code if case.site is not None else "",
    )


def decision_content_of(row: CaseDecision) -> DecisionContent:
    """The content of a decision, to be changed in part."""
    return from_attributes(DecisionContent, row, on=row.on_day)


@dataclass(frozen=True, slots=True)
class CheckedCase:
    """A content without errors, its texts in their stored form, with the rows it names."""

    content: CaseContent
    company: Company | None
    site: Site | None

    @property
    def subject_key(self) -> str:
        """Equal for entries about one subject that is no known partner."""
        given = self.content
        if given.subject_kind is SubjectKind.PERSON:
            return f"person:{fold(given.name)}|{fold(given.mark)}"
        return f"tax:{given.tax_code}"

    @property
    def fingerprint(self) -> str:
        """Equal for the same entry made twice."""
        given, whom = self.content, f"company:{self.company.id}" if self.company is not None else self.subject_key
        parts = (whom, fold(given.fault), str(given.fault_on), fold(given.what), given.site, fold(given.account_url))
        return hashlib.sha256("\n".join(parts).encode()).hexdigest()

    @property
    def folded(self) -> str:
        """The text that is searched."""
        given, company = self.content, self.company
        name, tax_code = (company.name, company.tax_code or "") if company else (given.name, given.tax_code)
        return fold(f"{name} {tax_code} {given.mark} {given.fault} {given.what} {given.account_url}")


class RegisterLookup:
    """Finds the partners and sites that entries name; many entries are looked up with the same few queries."""

    def __init__(self, session: Session) -> None:
        self._session = session
        self._by_name: dict[str, list[int]] | None = None
        self._by_tax_code: dict[str, list[int]] = {}
        self._sites: dict[str, Site | None] = {}

    def company(self, code: str) -> Company | None:
        """The partner that a code stands for today."""
        row = self._session.execute(select(Company).where(Company.code == code)).scalar_one_or_none()
        if row is not None and row.merged_into_id is not None:
            return self._session.get_one(Company, row.merged_into_id)
        return row

    def company_named(self, name: str, tax_code: str) -> Company | None:
        """The one partner in use with this tax code, else, without a tax code, the one of this name."""
        if self._by_name is None:
            self._by_name = {}
            query = select(Company.id, Company.name, Company.tax_code).where(COMPANY_IN_USE)
            for ident, known, code in self._session.execute(query):
                self._by_name.setdefault(company_key(known), []).append(ident)
                self._by_tax_code.setdefault(code or "", []).append(ident)
        same = self._by_tax_code.get(tax_code, []) if tax_code else self._by_name.get(company_key(name), [])
        return self._session.get_one(Company, same[0]) if len(same) == 1 else None

    def site(self, text: str) -> Site | None:
        """The registered site with this code, host or address."""
        if text not in self._sites:
            row = self._session.execute(select(Site).where(Site.code == text)).scalar_one_or_none()
            self._sites[text] = row or site_of(self._session, text if "://" in text else f"https://{text}")
        return self._sites[text]


def check_case(
    session: Session, given: CaseContent, register: RegisterLookup | None = None, *, now: dt.datetime
) -> CheckedCase:
    """The content in its stored form. ``register``: a lookup shared by many entries. Raises ``Invalid`` naming each bad
    field."""
    register = register or RegisterLookup(session)
    given = _tidied(given)
    errors = _text_errors(given)
    company, subject_errors = _subject(register, given)
    errors += subject_errors
    site = None
    if given.site and (site := register.site(given.site)) is None:
        errors.append(FieldError("site", "unknown_site", f"no registered site is {given.site[:80]!r}"))
    if given.account_url:
        try:
            host_key(given.account_url)
        except Invalid:
            errors.append(FieldError("account_url", "url", f"{given.account_url[:80]!r} is not an address"))
    if given.origin is None:
        errors.append(FieldError("origin", "required", "say how it came up: rule, inspection or complaint"))
    if given.fault_on is None:
        errors.append(FieldError("fault_on", "required", "a case needs the day of its fault"))
    else:
        errors += past_day_errors("fault_on", given.fault_on, now)
    if errors:
        raise Invalid(errors)
    if company is not None:
        given = replace(given, partner=company.code, name=company.name, tax_code=company.tax_code or "")
    return CheckedCase(replace(given, site=site.code if site is not None else ""), company, site)


def _tidied(given: CaseContent) -> CaseContent:
    def line(text: str) -> str:
        return nfc(" ".join(text.split()))

    return replace(
        given,
        partner=given.partner.strip(),
        name=line(given.name),
        tax_code="".join(given.tax_code.split()) if given.subject_kind is not SubjectKind.PERSON else "",
        mark=line(given.mark) if given.subject_kind is SubjectKind.PERSON else "",
        site=given.site.strip(),
        account_url=given.account_url.strip(),
        what=nfc(given.what.strip()),
        fault=line(given.fault),
        basis=line(given.basis),
    )


def _text_errors(given: CaseContent) -> list[FieldError]:
    errors = []
    if not given.what:
        errors.append(FieldError("what", "required", "say what was found"))
    if not given.fault:
        errors.append(FieldError("fault", "required", "name the fault in a few words"))
    return errors + limit_errors(given)


def _subject(register: RegisterLookup, given: CaseContent) -> tuple[Company | None, list[FieldError]]:
    """The known partner that a case is about, and the errors of its subject."""
    if given.subject_kind is None:
        return None, [FieldError("subject_kind", "required", "say whether it is an organisation or a person")]
    if given.subject_kind is SubjectKind.PERSON:
        errors = [] if given.name else [FieldError("name", "required", "a person needs a name")]
        if given.name and fold(given.name) in fold(given.fault):
            message = "the fault is counted and published: leave the person's name out of it"
            errors.append(FieldError("fault", "fault_names", message))
        if given.partner:
            errors.append(FieldError("partner", "person_partner", "a person is not a partner; expected no partner"))
        return None, errors
    if given.partner:
        if (company := register.company(given.partner)) is not None:
            return company, []
        return None, [FieldError("partner", "unknown_partner", f"there is no partner {given.partner[:80]!r}")]
    if not given.name:
        return None, [FieldError("name", "required", "name the organisation")]
    if errors := tax_code_errors(given.tax_code):
        return None, errors
    if (company := register.company_named(given.name, given.tax_code)) is not None:
        return company, []
    if not given.tax_code:
        message = f"no partner is named {given.name[:80]!r}; another organisation needs its tax code"
        return None, [FieldError("tax_code", "tax_code_needed", message)]
    return None, []


def past_day_errors(field: str, day: dt.date, now: dt.datetime) -> list[FieldError]:
    """The errors of a day that must not be ahead."""
    if day > city_day(now):
        return [FieldError(field, "not_past", f"{day:%d/%m/%Y} is still to come")]
    if day.year < FIRST_YEAR:
        return [FieldError(field, "year", f"expected a year from {FIRST_YEAR} on")]
    return []


def tidied_decision(given: DecisionContent) -> DecisionContent:
    """The content in its stored form."""
    number, authority = (nfc(" ".join(text.split())) for text in (given.number, given.authority))
    return replace(given, number=number, authority=authority, note=nfc(given.note.strip()))


def decision_errors(given: DecisionContent, fault_on: dt.date | None, *, now: dt.datetime) -> list[FieldError]:
    """The errors of a decision about a fault of a day. ``given``: as ``tidied_decision`` returns it."""
    errors = []
    if given.form is None:
        errors.append(FieldError("form", "required", "say what came of it"))
    if not given.number and given.form in {*DOCUMENT_FORMS, DecisionForm.REMINDER}:
        errors.append(FieldError("number", "required", "a document needs its number"))
    if not given.authority and given.form in DOCUMENT_FORMS:
        errors.append(FieldError("authority", "required", "a decision needs the authority that took it"))
    errors += limit_errors(given)
    if given.on is None:
        errors.append(FieldError("on", "required", "a decision needs its day"))
    else:
        wrong_day = past_day_errors("on", given.on, now)
        errors += wrong_day
        if not wrong_day and fault_on is not None and given.on < fault_on:
            errors.append(
                FieldError("on", "before_fault", f"{given.on:%d/%m/%Y} is before the fault, {fault_on:%d/%m/%Y}")
            )
    return errors + _money_errors(given, now)


def _money_errors(given: DecisionContent, now: dt.datetime) -> list[FieldError]:
    errors = []
    if given.form is DecisionForm.FINE and not given.amount:
        errors += [FieldError("amount", "fine_amount", "a fine needs its amount")] if given.amount is None else []
        errors += [FieldError("amount", "fine_amount", "a fine is more than 0 đồng")] if given.amount == 0 else []
    elif given.amount is not None:
        if given.form is not DecisionForm.FINE and given.form is not None:
            errors.append(FieldError("amount", "amount_no_fine", "only a fine has an amount"))
        errors += amount_errors(given.amount)
    if given.paid_on is not None:
        if given.form is not DecisionForm.FINE:
            errors.append(FieldError("paid_on", "paid_no_fine", "only a fine is paid"))
        elif given.on is not None and given.paid_on < given.on:
            errors.append(
                FieldError(
                    "paid_on", "paid_before", f"{given.paid_on:%d/%m/%Y} is before the decision, {given.on:%d/%m/%Y}"
                )
            )
        errors += past_day_errors("paid_on", given.paid_on, now)
    return errors


def document_key(given: DecisionContent) -> str | None:
    """Equal for one document of one authority in one year; None for what is no document of a named authority."""
    if given.form not in DOCUMENT_FORMS or given.on is None or not given.authority:
        return None
    return f"{fold(given.authority)}|{''.join(fold(given.number).split())}|{given.on.year}"
