"""The figures of a briefing beside the republications: the register, partners, own accounts, and what was handled.

They concern the whole period and, except for the accounts, every bulletin and partner, whatever the campaign.
"""

from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy.orm import Session

from campaigns.compliance.cases.figures import CaseFigures, EarlierFaultDecision, HandledCount, case_figures
from campaigns.core.clock import Period
from campaigns.messages.message_figures import MessageFigures, message_figures
from campaigns.partners.directory import SiteKind
from campaigns.partners.register_figures import RegisterFigures, RegisterRow, register_figures
from campaigns.reporting.briefings.account_figures import AccountFigures, AccountRow, account_figures
from campaigns.reporting.rollups.rollup_query import TallyScope

REGISTER_COUNTS = ("licences", "companies", "new", "changed", "expired", "withdrawn", "ending")
_MESSAGE_COUNTS = (
    "notices", "partners", "sent", "read", "to_confirm", "confirmed", "questions", "answered", "typical"
)  # fmt: skip
_HANDLED = ("organisations", "persons", "decisions", "amount", "paid")


@dataclass(frozen=True)
class ManagementFigures:
    """``register_before``: the register of the previous period, as it is known at the same moment."""

    register: RegisterFigures
    register_before: RegisterFigures
    messages: MessageFigures
    accounts: AccountFigures
    cases: CaseFigures


def management_figures(session: Session, scope: TallyScope, before: Period, now: datetime) -> ManagementFigures:
    """Return the figures of a scope's period, now or as of its time; ``before``: the previous period."""
    moment = scope.as_of.moment if scope.as_of is not None else None
    return ManagementFigures(
        register_figures(session, scope.period, moment=moment, now=now),
        register_figures(session, before, moment=moment, now=now),
        message_figures(session, scope.period, moment=moment),
        account_figures(session, scope),
        case_figures(session, scope.period, moment),
    )


def to_json(figures: ManagementFigures) -> dict[str, Any]:
    """Return the figures as JSON values, by section."""
    return {
        "register": _register_values(figures.register),
        "register_before": _register_values(figures.register_before),
        "messages": asdict(figures.messages),
        "accounts": {
            "bulletins": figures.accounts.bulletins,
            "rows": [
                {"key": row.code, "name": row.name, "bulletins": row.bulletins} for row in figures.accounts.accounts
            ],
        },
        "cases": _case_values(figures.cases),
    }


def from_json(kept: Mapping[str, Any]) -> ManagementFigures:
    """Return the figures from the values of ``to_json``."""
    accounts = kept["accounts"]
    return ManagementFigures(
        _register_from(kept["register"]),
        _register_from(kept["register_before"]),
        MessageFigures(**kept["messages"]),
        AccountFigures(
            accounts["bulletins"],
            tuple(AccountRow(row["key"], row["name"], row["bulletins"]) for row in accounts["rows"]),
        ),
        _cases_from(kept["cases"]),
    )


def figures_by_place(values: Mapping[str, Any]) -> Iterator[tuple[tuple[str, str, str], tuple[float | None, str]]]:
    """Return every figure of ``to_json`` by section, row and figure, with the row's name."""
    for part in ("register", "register_before"):
        yield (part, "", "companies"), (values[part]["companies"], "")
        for row in values[part]["rows"]:
            for name in REGISTER_COUNTS:
                yield (part, row["kind"], name), (row[name], row["kind"])
    for name in _MESSAGE_COUNTS:
        yield ("messages", "", name), (values["messages"][name], "")
    yield ("accounts", "", "bulletins"), (values["accounts"]["bulletins"], "")
    for row in values["accounts"]["rows"]:
        yield ("accounts", row["key"], "bulletins"), (row["bulletins"], row["name"])
    for name in _HANDLED:
        yield ("cases", "", name), (values["cases"][name], "")
    for part in ("forms", "faults"):
        for item in values["cases"][part]:
            yield (f"cases.{part}", item["key"], "count"), (item["count"], item["name"])


def _register_values(figures: RegisterFigures) -> dict[str, Any]:
    return {
        "day": figures.day.isoformat(),
        "companies": figures.companies,
        "rows": [
            {"kind": row.kind.value, **{name: getattr(row, name) for name in REGISTER_COUNTS}} for row in figures.rows
        ],
    }


def _register_from(kept: Mapping[str, Any]) -> RegisterFigures:
    rows = tuple(RegisterRow(SiteKind(row["kind"]), *(row[name] for name in REGISTER_COUNTS)) for row in kept["rows"])
    return RegisterFigures(date.fromisoformat(kept["day"]), kept["companies"], rows)


def _case_values(cases: CaseFigures) -> dict[str, Any]:
    days = ("on", "fault_on")
    earlier = [{**asdict(row), **{name: getattr(row, name).isoformat() for name in days}} for row in cases.earlier]
    return {**asdict(cases), "earlier": earlier}


def _cases_from(kept: Mapping[str, Any]) -> CaseFigures:
    earlier = tuple(
        EarlierFaultDecision(
            **{**item, "on": date.fromisoformat(item["on"]), "fault_on": date.fromisoformat(item["fault_on"])}
        )
        for item in kept["earlier"]
    )
    forms, faults = (tuple(HandledCount(**item) for item in kept[name]) for name in ("forms", "faults"))
    return CaseFigures(**{name: kept[name] for name in _HANDLED}, forms=forms, faults=faults, earlier=earlier)
